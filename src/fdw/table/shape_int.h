/*
 * shape_int.h
 *	  What shape*.c, schema_cache.c and estimate.c share.
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

/* A table's schema as it was read; kept while a shape is made of it. */
typedef struct CassSchemaEntry
{
	CassSchemaKey key;
	MemoryContext context; /* of the table, NULL: not read */
	cql_schema_table *table;
	bool local_strategy;
	bool is_virtual;
	bool stale;
	uint64 generation;		/* grows with each reading */
	int users;				/* foreign tables whose shape it made */
	char tag[CQL_TAG_SIZE]; /* of all of it when last read, or "" */
} CassSchemaEntry;

/* ---- schema_cache.c ---- */

extern void cass_schema_cache_init(void);
/* The entry, read where need be; *fresh is set when that was just now. */
extern CassSchemaEntry *cass_schema_get(Oid serverid, Oid userid,
										const char *keyspace,
										const char *table, bool *fresh);
/* Reads it again; ereports where keyspace or table do not exist. */
extern void cass_schema_refresh(CassSchemaEntry *entry);
/* The one a shape was made of, or NULL. */
extern CassSchemaEntry *cass_schema_of(const CassShape *shape);
/* Frees those that are stale and that nobody uses. */
extern void cass_schema_sweep(void);

/* ---- shape_cache.c ---- */

/* Plans of the foreign tables that it made the shapes of are made anew. */
extern void cass_shape_replan(const CassSchemaEntry *entry);

/* ---- shape.c ---- */

/* Fills a shape (its ids are set) in CurrentMemoryContext. */
extern CassSchemaEntry *cass_shape_fill(CassShape *shape,
										const CassOptions *options);

/* ---- shape_expression.c ---- */

/*
 * Fills an attribute that is an expression.  False where the expression does
 * not fit the table; with loud it is noted as missing then.
 */
extern bool cass_shape_expression(const CassShape *shape,
								  const char *expression,
								  Form_pg_attribute att, bool loud,
								  CassAttribute *out);

#endif /* CASS_SHAPE_INT_H */
