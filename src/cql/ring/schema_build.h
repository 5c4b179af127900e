/*
 * schema_build.h
 *	  Shared by schema.c (keyspace and tables) and schema_table.c (columns,
 *	  indexes, masks of one table).
 */
#ifndef CQL_SCHEMA_BUILD_H
#define CQL_SCHEMA_BUILD_H

#include "error.h"
#include "schema_query.h"
#include "schema_rows.h"

/* A schema and the memory it lives in; the schema comes first. */
typedef struct schema_owner
{
	cql_schema schema;
	cql_env env;
	cql_arena arena;
} schema_owner;

typedef struct schema_builder
{
	schema_owner *owner;
	cql_schema_table *tables;
	uint32_t ntables;
	cql_result *types_result; /* system_schema.types, or NULL */
	uint32_t depth;			  /* of UDTs being resolved */
	bool failed;			  /* malformed rows */
} schema_builder;

/* Fills in columns, keys, indexes and masks of a table. */
extern void cql_schema_build_table(schema_builder *b, cql_schema_table *table,
								   cql_result *const *results);

#endif /* CQL_SCHEMA_BUILD_H */
