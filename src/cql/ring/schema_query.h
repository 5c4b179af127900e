/*
 * schema_query.h
 *	  What to ask system_schema, and the answer as a cql_schema.
 *
 * No I/O: schema_read.c runs the queries.
 */
#ifndef CQL_SCHEMA_QUERY_H
#define CQL_SCHEMA_QUERY_H

#include "result.h"

/* The queries of one schema read, in this order; not all exist everywhere. */
typedef enum cql_schema_query
{
	CQL_SCHEMA_KEYSPACE, /* system_schema.keyspaces */
	CQL_SCHEMA_TABLES,
	CQL_SCHEMA_VIEWS,
	CQL_SCHEMA_COLUMNS,
	CQL_SCHEMA_TYPES,
	CQL_SCHEMA_INDEXES,
	CQL_SCHEMA_MASKS,			 /* system_schema.column_masks, 5.0 */
	CQL_SCHEMA_VIRTUAL_KEYSPACE, /* system_virtual_schema, 4.0 */
	CQL_SCHEMA_VIRTUAL_TABLES,
	CQL_SCHEMA_VIRTUAL_COLUMNS,
	CQL_SCHEMA_NQUERIES
} cql_schema_query;

/*
 * Text of a query, its values being keyspace and, where *has_table is set,
 * table.  NULL where a server of this release (major*100+minor, 0 unknown)
 * lacks the table.
 */
extern const char *cql_schema_query_text(cql_schema_query query, int release,
										 bool by_table, bool *has_table);

/* Tables of one keyspace; more are refused. */
#define CQL_SCHEMA_MAX_TABLES 65536

/*
 * Reads rows of system tables, page by page, and makes a cql_schema of them.
 * What nobody asked for is dropped while reading.  No call works longer than
 * until its time: it says so, and goes on where it was at the next.
 */
typedef struct cql_schema_reader cql_schema_reader;

typedef enum cql_schema_progress
{
	CQL_SCHEMA_FAILED = -1,
	CQL_SCHEMA_UNFINISHED = 0, /* time is up */
	CQL_SCHEMA_FINISHED = 1
} cql_schema_progress;

/*
 * For just the named table, or (table NULL) for all of the keyspace: then of
 * those that the filter (NULL: none) leaves out just the names are kept.  The
 * filter stays the caller's and must outlive the reader.  NULL without memory.
 */
extern cql_schema_reader *
cql_schema_reader_create(const cql_env *env, const char *keyspace,
						 const char *table, const cql_schema_filter *filter);
extern void cql_schema_reader_free(cql_schema_reader *reader);
/*
 * Takes the rows of one page of a query; the same page again until it is
 * finished.  Columns are found by name.  Failed with *err set: malformed rows,
 * a limit, or no memory.
 */
extern cql_schema_progress cql_schema_take(cql_schema_reader *reader,
										   cql_schema_query query,
										   cql_result *page, int64_t until,
										   cql_error *err);
/* The keyspace has had a row. */
extern bool cql_schema_exists(const cql_schema_reader *reader);
/*
 * All pages were taken: makes the schema, which is the caller's once finished.
 * A type that cannot be read, or is too large, is CQL_TYPE_CUSTOM for its
 * column.
 */
extern cql_schema_progress cql_schema_end(cql_schema_reader *reader,
										  int64_t until, cql_schema **schema,
										  cql_error *err);

#endif /* CQL_SCHEMA_QUERY_H */
