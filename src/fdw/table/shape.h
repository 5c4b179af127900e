/*
 * shape.h
 *	  A foreign table and the CQL table behind it.
 */
#ifndef CASS_SHAPE_H
#define CASS_SHAPE_H

#include "postgres.h"

#include "utils/rel.h"

#include "cass_types.h"
#include "cql.h"
#include "option.h"

/*
 * One attribute of the foreign table: a column of the CQL table, an expression
 * on it (read-only), or a TTL or timestamp that writes use (reads as NULL
 * unless it is an expression, too).
 */
typedef struct CassAttribute
{
	AttrNumber attnum;
	bool dropped;  /* or computed when read: nothing else is set */
	bool missing;  /* nothing in the CQL table is like it: not to be used */
	bool not_null; /* as declared, which nobody checks */
	char *column_name; /* CQL name, unquoted; NULL where column is -1 */
	CassUnconvertible unconvertible;
	int column;		/* index into table->columns, or -1 */
	char *selector; /* CQL of an expression, ready to print, or NULL */
	CassUsing using;
	const cql_type *type; /* of the column or expression, or NULL */
	CassCodec *codec;	  /* NULL where type is */
} CassAttribute;

typedef struct CassShape
{
	Oid relid;
	Oid serverid;
	Oid userid;
	const cql_schema_table *table; /* in the cache's memory */
	bool local_strategy;		   /* one node's own data: never split */
	bool is_virtual;			   /* what a node tells of itself */
	int natts;					   /* as the tuple descriptor */
	CassAttribute *atts;		   /* by attnum - 1 */
} CassShape;

/*
 * Shape of a foreign table, made once a backend and user, and again where the
 * foreign table, its server or the CQL table changes.  Not to be written to;
 * it lives as long as CurrentMemoryContext.  ereports 42P01, 3F000, 42703
 * with hints where names do not exist.
 */
extern CassShape *cass_shape_get(Oid relid, Oid userid,
								 const CassOptions *options);
/*
 * Forgets what is cached about a keyspace, or about all of a server where
 * keyspace is NULL, and has plans of its tables made anew.
 */
extern void cass_shape_forget(Oid serverid, const char *keyspace);
/* ereports where the attribute is missing in the CQL table. */
extern void cass_shape_require(const CassShape *shape, int att);
extern void cass_shape_init(void);
/* In an error context callback: names the column or expression. */
extern void cass_attribute_context(const CassShape *shape, AttrNumber attnum);
/* Deep copy into CurrentMemoryContext. */
extern cql_schema_table *cass_copy_table(const cql_schema_table *table);
/*
 * The schema of one table, or of a keyspace, read now; what the filter (NULL:
 * none) leaves out comes by name only.  Caller frees with cql_schema_free().
 */
extern cql_schema *cass_read_schema(cql_cluster *cluster, const char *keyspace,
									const char *table);
extern cql_schema *cass_read_keyspace(cql_cluster *cluster,
									  const char *keyspace,
									  const cql_schema_filter *filter);
/*
 * Whether the session knows a table of the server as a materialized view of
 * the base table.  Asks nobody: what is scanned has been read when its scan
 * was planned, as who may do that.
 */
extern bool cass_known_view(Oid serverid, const char *keyspace,
							const char *name, const char *base_table);

/* ---- shape_belief.c: whether a shape is still that of its table ---- */

/*
 * What a statement made for the shape believes, for its requests; NULL where
 * the table cannot change.  In CurrentMemoryContext, as the shape's memory.
 */
extern cql_belief *cass_belief_create(const CassShape *shape,
									  const cql_use *uses, int nuses);
/* Asks Cassandra; ereports where it does not hold any more. */
extern void cass_belief_confirm(const cql_belief *belief,
								const CassShape *shape, cql_cluster *cluster);
/*
 * Something may have changed that the statement at hand does not use: the
 * schema is read again at its next use.
 */
extern void cass_shape_doubt(const CassShape *shape);
/* A request failed: what is cached is dropped if the table may be another. */
extern void cass_shape_failed(const CassShape *shape, const cql_error *error);
/* ereports that a plan was made for another table, and drops what is cached.
 */
pg_noreturn extern void cass_shape_changed(const CassShape *shape);

/* Number of key columns: partition and clustering. */
static inline int
cass_nkeys(const cql_schema_table *table)
{
	return (int) (table->npartition + table->nclustering);
}

/* Whether the attribute (by index) is a static column. */
static inline bool
cass_is_static(const CassShape *shape, int att)
{
	int column = shape->atts[att].column;

	return column >= 0 && shape->table->columns[column].kind == CQL_STATIC;
}

#endif /* CASS_SHAPE_H */
