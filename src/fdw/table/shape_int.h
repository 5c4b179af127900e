/*
 * shape_int.h
 *	  What shape.c, shape_cache.c and schema_cache.c share.
 */
#ifndef CASS_SHAPE_INT_H
#define CASS_SHAPE_INT_H

#include "shape.h"

#define CASS_MAX_NAME 256 /* of keyspace and table in a key */

typedef struct CassSchemaKey
{
	Oid serverid;
	Oid userid;
	char keyspace[CASS_MAX_NAME];
	char table[CASS_MAX_NAME];
} CassSchemaKey;

/* A table's schema as it was read; entries are never removed. */
typedef struct CassSchemaEntry
{
	CassSchemaKey key;
	MemoryContext context; /* of the table, NULL: not read */
	cql_schema_table *table;
	bool local_strategy;
	bool is_virtual;
	bool stale;
	uint64 generation; /* grows with each reading */
} CassSchemaEntry;

/* ---- schema_cache.c ---- */

extern void cass_schema_cache_init(void);
/* The entry, read where need be; *fresh is set when that was just now. */
extern CassSchemaEntry *cass_schema_get(Oid serverid, Oid userid,
										const char *keyspace,
										const char *table, bool *fresh);
/* Reads it again; ereports where keyspace or table do not exist. */
extern void cass_schema_refresh(CassSchemaEntry *entry);

/* ---- shape.c ---- */

/* Fills a shape (relid and serverid are set) in CurrentMemoryContext. */
extern CassSchemaEntry *cass_shape_fill(CassShape *shape, Oid userid,
										const CassOptions *options);

/* ---- shape_expression.c ---- */

/*
 * Fills an attribute that is an expression.  False where the expression does
 * not fit the table; ereports that with loud.
 */
extern bool cass_shape_expression(const CassShape *shape, Oid userid,
								  const char *expression,
								  Form_pg_attribute att, bool loud,
								  CassAttribute *out);

#endif /* CASS_SHAPE_INT_H */
