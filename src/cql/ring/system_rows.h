/*
 * system_rows.h
 *	  Reading rows of system tables by column name.
 *
 * The one reader of such rows: of schemas, of nodes, of replication.
 */
#ifndef CQL_SYSTEM_ROWS_H
#define CQL_SYSTEM_ROWS_H

#include "result.h"

#define CQL_SYSTEM_MAX_COLUMNS 64 /* of a system table's row */

/* A cursor over a result, which may be NULL: then there are no rows. */
typedef struct cql_rows
{
	cql_result *result;
	uint32_t ncolumns;
	cql_slice cells[CQL_SYSTEM_MAX_COLUMNS];
	bool failed; /* malformed rows, or too many columns */
} cql_rows;

extern void cql_rows_init(cql_rows *rows, cql_result *result);
/* Next row; false at the end or when failed. */
extern bool cql_rows_next(cql_rows *rows);
/* Cell of a column, CQL_NULL where the column is missing; into the result. */
extern cql_slice cql_rows_cell(const cql_rows *rows, const char *column);
/* Its text, copied into the arena; "" for null. */
extern const char *cql_rows_text(const cql_rows *rows, const char *column,
								 cql_arena *arena);
/* Starts walking a collection cell; false where it is none. */
extern bool cql_rows_elements(const cql_rows *rows, const char *column,
							  cql_elements *it);
/* A text as one element of a set or list cell. */
extern bool cql_rows_has(const cql_rows *rows, const char *column,
						 const char *word);
/* Value of a key in a map<text,text> cell, CQL_NULL where there is none. */
extern cql_slice cql_rows_entry(const cql_rows *rows, const char *column,
								const char *key);
/* Whether the slice is this text. */
extern bool cql_slice_is(cql_slice slice, const char *text);

#endif /* CQL_SYSTEM_ROWS_H */
