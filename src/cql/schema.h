/*
 * schema.h
 *	  Tables of a keyspace, their columns, keys and indexes, as Cassandra
 *	  describes them.
 */
#ifndef CQL_SCHEMA_H
#define CQL_SCHEMA_H

#include "value.h"

typedef enum cql_column_kind
{
	CQL_PARTITION_KEY,
	CQL_CLUSTERING,
	CQL_STATIC,
	CQL_REGULAR
} cql_column_kind;

typedef struct cql_schema_column
{
	const char *name;
	const cql_type *type;  /* UDTs resolved; custom class where unknown */
	const char *type_text; /* as system_schema spells it */
	cql_column_kind kind;
	int position;	 /* within the partition or clustering key, else -1 */
	bool descending; /* clustering order */
	bool masked;	 /* has a masking function (5.0) */
} cql_schema_column;

typedef enum cql_index_kind
{
	CQL_INDEX_LEGACY, /* COMPOSITES or KEYS */
	CQL_INDEX_SASI,
	CQL_INDEX_SAI,
	CQL_INDEX_CUSTOM /* some other class */
} cql_index_kind;

typedef enum cql_index_target
{
	CQL_TARGET_COLUMN,
	CQL_TARGET_KEYS,
	CQL_TARGET_VALUES,
	CQL_TARGET_ENTRIES,
	CQL_TARGET_FULL
} cql_index_target;

typedef struct cql_schema_index
{
	const char *name;
	cql_index_kind kind;
	cql_index_target target;
	int column;				/* position in columns[], -1 unknown */
	const char *class_name; /* custom class or "" */
	const char *similarity; /* SAI vector: "cosine", "euclidean",
							   "dot_product"; else "" */
	const char *mode;		/* SASI: "PREFIX", "CONTAINS", "SPARSE"; else "" */
	bool case_sensitive;	/* SAI/SASI option; true by default */
	bool analyzed; /* SAI/SASI with an analyzer, normalize or ascii option */
} cql_schema_index;

typedef enum cql_table_kind
{
	CQL_TABLE,
	CQL_VIEW,
	CQL_VIRTUAL_TABLE
} cql_table_kind;

/* How rows of a table WITH COMPACT STORAGE are kept. */
typedef enum cql_compact
{
	CQL_COMPACT_NONE,	/* not so: what every other table is */
	CQL_COMPACT_STATIC, /* no clustering columns: as static columns */
	CQL_COMPACT_DENSE	/* at most one column that is in no key */
} cql_compact;

typedef struct cql_schema_table
{
	const char *keyspace;
	const char *name;
	cql_table_kind kind;
	const char *base_table; /* of a view, else NULL */
	uint8_t id[16];			/* table id; zero for virtual tables */
	bool counter;			/* a counter table */
	cql_compact compact;
	bool name_only; /* the filter left it out: no columns */
	uint32_t ncolumns;
	const cql_schema_column
		*columns; /* partition key, clustering, then the others by name */
	uint32_t npartition;  /* the first npartition columns */
	uint32_t nclustering; /* the nclustering after them */
	uint32_t nindexes;
	const cql_schema_index *indexes;
} cql_schema_table;

/* ---- what a caller believes about a table ---- */

#define CQL_TAG_SIZE 52

/* How a column is used, and so what of it must not change. */
typedef enum cql_use_kind
{
	CQL_USE_VALUE,	/* read, written or compared as part of a key */
	CQL_USE_FILTER, /* filtered by: and no index that analyzes it */
	CQL_USE_INDEX	/* found by an index: and its indexes */
} cql_use_kind;

typedef struct cql_use
{
	const char *name;
	cql_use_kind kind;
} cql_use;

/*
 * The table that a statement was made for.  The tag is part of the text that
 * is prepared; servers drop prepared statements of a table that is altered or
 * dropped, so one that still knows the text vouches for the belief.  The
 * client prepares such a text only after it has read the table's id and
 * columns on that server and they agree; else the request fails with
 * CQL_ERR_CHANGED, before anything was executed.
 */
typedef struct cql_belief
{
	const char *keyspace;
	const char *table;
	const cql_use *uses; /* besides the table's kind and its key */
	uint32_t nuses;
	char tag[CQL_TAG_SIZE];
} cql_belief;

/* Id and version of the table as far as it is used, as text. */
extern void cql_belief_tag(const cql_schema_table *table, const cql_use *uses,
						   uint32_t nuses, char tag[CQL_TAG_SIZE]);

/* ---- schemas ---- */

/* Tables of one keyspace, and the keyspace's replication. */
typedef struct cql_schema
{
	const char *keyspace;
	bool exists;		 /* the keyspace does */
	bool is_virtual;	 /* system_virtual_schema */
	bool local_strategy; /* LocalStrategy or virtual: one node's own data */
	const char *replication_class; /* short name: "SimpleStrategy", ... */
	uint32_t ntables;
	const cql_schema_table *tables; /* sorted by name */
} cql_schema;

/* Tables of a keyspace by name: just these, or all but these. */
typedef struct cql_schema_filter
{
	const char *const *names;
	uint32_t n;
	bool except;
	size_t cut; /* bytes of a table's name that are compared */
} cql_schema_filter;

extern void cql_schema_free(cql_schema *schema);

#endif /* CQL_SCHEMA_H */
