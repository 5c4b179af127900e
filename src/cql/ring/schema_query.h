/*
 * schema_query.h
 *	  What to ask system_schema, and the answer as a cql_schema.
 *
 * Pure: the session layer runs the queries.
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

/*
 * Builds the schema from the results (NULL for queries that were not run or
 * answered "unconfigured table"); results stay the caller's.  Columns of the
 * results are found by name.  A type that cannot be read degrades to
 * CQL_TYPE_CUSTOM for its column.  NULL with *err set without memory or on
 * malformed rows.
 */
extern cql_schema *
cql_schema_build(const cql_env *env, const char *keyspace,
				 cql_result *const results[CQL_SCHEMA_NQUERIES],
				 cql_error *err);

#endif /* CQL_SCHEMA_QUERY_H */
