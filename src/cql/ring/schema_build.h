/*
 * schema_build.h
 *	  Shared by schema.c (the queries, keyspace and tables), schema_table.c
 *	  (columns, indexes, masks of one table) and schema_type.c (UDTs).
 */
#ifndef CQL_SCHEMA_BUILD_H
#define CQL_SCHEMA_BUILD_H

#include "error.h"
#include "map.h"
#include "schema_query.h"
#include "system_rows.h"

/* A schema and the memory it lives in; the schema comes first. */
typedef struct schema_owner
{
	cql_schema schema;
	cql_env env;
	cql_arena arena;
} schema_owner;

typedef struct schema_column
{
	struct schema_column *next;
	cql_schema_column column; /* without its type */
} schema_column;

typedef struct schema_index
{
	struct schema_index *next;
	cql_schema_index index; /* without its column */
	const char *target;
} schema_index;

typedef struct schema_mask
{
	struct schema_mask *next;
	const char *column;
} schema_mask;

/* What the rows that were read tell of one table. */
typedef struct schema_group
{
	const char *name;
	schema_column *columns; /* newest first, as the others */
	uint32_t ncolumns;
	schema_index *indexes;
	uint32_t nindexes;
	schema_mask *masks;
} schema_group;

/* A row of tables or views. */
typedef struct schema_entry
{
	struct schema_entry *next;
	cql_schema_table table;
} schema_entry;

struct cql_schema_reader
{
	cql_env env;
	schema_owner *owner; /* NULL: given away */
	const char *only;	 /* the one table asked for, or NULL */
	const cql_schema_filter *filter;
	cql_map filtered; /* the filter's names */
	cql_rows rows;	  /* of the page being read */
	cql_map groups;	  /* name -> schema_group */
	schema_group *last;
	cql_map types;	/* name -> UDT */
	uint32_t depth; /* of UDTs being resolved */
	schema_entry *entries;
	uint32_t nentries;
	cql_schema_table *tables;	/* of the schema; NULL: not made yet */
	cql_schema_column *columns; /* of the table being made, or NULL */
	uint32_t done;				/* tables made */
	uint32_t typed;				/* columns of the next one with types */
};

/* ---- schema_table.c ---- */

/* A row of columns, indexes or masks joins its table's group. */
extern void cql_schema_take_column(cql_schema_reader *reader,
								   schema_group *group);
extern void cql_schema_take_index(cql_schema_reader *reader,
								  schema_group *group);
extern void cql_schema_take_mask(cql_schema_reader *reader,
								 schema_group *group);
/*
 * Fills in columns, keys, indexes and masks of a table; false when time is up
 * before (or memory is).
 */
extern bool cql_schema_build_table(cql_schema_reader *reader,
								   cql_schema_table *table, int64_t until);

/* ---- schema_type.c ---- */

/* A row of types. */
extern void cql_schema_take_type(cql_schema_reader *reader);
/* The type of a system_schema text; custom where it cannot be read. */
extern const cql_type *cql_schema_type(cql_schema_reader *reader,
									   const char *text);

#endif /* CQL_SCHEMA_BUILD_H */
