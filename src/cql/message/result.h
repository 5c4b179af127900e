/*
 * result.h
 *	  RESULT messages: metadata, prepared statements, cell slices.
 *
 * A result owns the envelope body it was made from; cells point into it.
 */
#ifndef CQL_RESULT_H
#define CQL_RESULT_H

#include "cql.h"
#include "response.h"
#include "type.h"

/*
 * Metadata with its own memory, counted: a request in flight keeps the one it
 * was sent with, so a change in between cannot shift its cells.
 */
typedef struct cql_metadata_ref
{
	cql_metadata meta;
	cql_env env; /* a copy: it may outlive its cluster */
	cql_arena arena;
	uint32_t refs;
} cql_metadata_ref;

extern cql_metadata_ref *cql_metadata_retain(cql_metadata_ref *ref);
/* Frees with the last reference; NULL is allowed. */
extern void cql_metadata_release(cql_metadata_ref *ref);

/* What stands in front of the columns in the metadata of rows. */
typedef struct cql_rows_header
{
	uint32_t ncolumns;
	bool has_columns;		/* false: NO_METADATA */
	cql_slice paging_state; /* CQL_NULL on the last page */
	cql_slice metadata_id;	/* v5: of changed metadata, else CQL_NULL */
} cql_rows_header;

/*
 * Reads the metadata of rows: the header, and where columns are there *ref,
 * the caller's reference (else NULL).  CQL_OK, CQL_ERR_PROTOCOL, CQL_ERR_LIMIT
 * or CQL_ERR_NOMEM.
 */
extern cql_code cql_metadata_rows(const cql_env *env, cql_reader *r,
								  cql_rows_header *header,
								  cql_metadata_ref **ref);
/* The same for the bound values of a PREPARED result. */
extern cql_code cql_metadata_bound(const cql_env *env, cql_reader *r,
								   cql_metadata_ref **ref);
/* Metadata of no columns; NULL without memory. */
extern cql_metadata_ref *cql_metadata_empty(const cql_env *env);

/* What a PREPARED result says; slices point into the body. */
typedef struct cql_prepared_info
{
	cql_slice id;
	cql_slice metadata_id;	 /* v5; CQL_NULL in v4 */
	cql_metadata_ref *bound; /* values; one reference, the caller's */
	cql_metadata_ref *rows;	 /* columns; one reference, the caller's */
} cql_prepared_info;

/*
 * Makes a result of a RESULT envelope and takes its body (also on failure).
 * known is the metadata the request was executed with, used when the rows come
 * without theirs (NO_METADATA): their column count must agree, else
 * CQL_ERR_CHANGED.  NULL with *err set on malformed input or lack of memory.
 */
extern cql_result *cql_result_make(const cql_env *env, cql_envelope *envelope,
								   cql_metadata_ref *known, const char *host,
								   cql_error *err);
/* Sets *err for an answer of so many bytes that the budget does not admit. */
extern void cql_result_refused(const cql_budget *budget, size_t size,
							   cql_error *err);
/*
 * The new metadata and its id when the rows carried them (v5 flag 8; in v4
 * whenever metadata came); NULL otherwise.  The reference is borrowed.
 */
extern cql_metadata_ref *cql_result_new_metadata(const cql_result *result,
												 cql_slice *metadata_id);
/* Of a PREPARED result (else false); references are added for the caller. */
extern bool cql_result_prepared(const cql_result *result,
								cql_prepared_info *info);
/* Of a SCHEMA_CHANGE result (else false). */
extern bool cql_result_schema_change(const cql_result *result,
									 cql_schema_change *change);

#endif /* CQL_RESULT_H */
