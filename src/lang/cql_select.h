/*
 * cql_select.h
 *	  What CQL may say: given a table's keys and indexes, a list of simple
 *	  conditions and what else is wanted, which of it one kind of SELECT can
 *	  legally carry.
 *
 * A pure function: no I/O,
 * no memory of its own.  It decides legality only; whether a condition means
 * the same in CQL as in SQL is the caller's to know ("exact").
 */
#ifndef CQL_SELECT_H
#define CQL_SELECT_H

#include "schema.h"

/* Columns of one row comparison; more are not pushed. */
#define CQL_MAX_TUPLE 16
/* Bytes that the longest reason takes, with names cut at 64 bytes each. */
#define CQL_REASON_SIZE 512

/* ---- what is asked ---- */

/*
 * A condition as CQL would say it: the caller translates first, so that SQL's
 * float "= 0" comes as IN, "time = t" as GE and LE.
 */
typedef enum cql_cond_op
{
	CQL_COND_EQ,
	CQL_COND_IN, /* one of several values, or of an array */
	CQL_COND_LT,
	CQL_COND_LE,
	CQL_COND_GT,
	CQL_COND_GE,
	CQL_COND_CONTAINS,	   /* list, set: element; map: value */
	CQL_COND_CONTAINS_KEY, /* map */
	CQL_COND_MAP_ENTRY,	   /* map[key] = value */
	CQL_COND_LIKE_PREFIX,  /* 'abc%' */
	CQL_COND_LIKE_SUFFIX,  /* '%abc' */
	CQL_COND_LIKE_CONTAINS /* '%abc%' */
} cql_cond_op;

/*
 * One condition.  Several on a column are allowed: see cql_restriction.  With
 * ncolumns > 1 a row comparison (op EQ, IN or one of the four orders) in SQL's
 * meaning.  With token set, the token of the partition key (EQ or an order);
 * columns are then unused.
 */
typedef struct cql_cond
{
	cql_cond_op op;
	bool token;
	bool exact; /* else CQL returns more: to be rechecked */
	uint16_t ncolumns;
	uint16_t columns[CQL_MAX_TUPLE]; /* positions in table->columns */
	/* 1 + number of a condition that says more: not missed where it went */
	uint32_t follows_from;
} cql_cond;

typedef struct cql_order
{
	uint16_t column;
	bool descending;
} cql_order;

typedef enum cql_filtering
{
	CQL_FILTERING_NEVER,	 /* the server refuses ALLOW FILTERING */
	CQL_FILTERING_PARTITION, /* only inside partitions named by the query */
	CQL_FILTERING_ALWAYS
} cql_filtering;

/* What is computed by the server instead of returning the rows. */
typedef enum cql_aggregate
{
	CQL_AGG_NONE,
	CQL_AGG_COUNT, /* count(*), min(column), max(column): all the */
	/* same to CQL; with group columns, once a group */
	CQL_AGG_DISTINCT, /* distinct values of the group columns */
	CQL_AGG_ANN		  /* the nearest by a vector column */
} cql_aggregate;

typedef struct cql_select_input
{
	const cql_schema_table *table;
	int release; /* cql_cluster_release(); 0: unknown, newest */
	const cql_cond *conds;
	uint32_t nconds;
	bool fanout; /* the caller can make one request a value */
	cql_filtering filtering;
	const cql_order *order; /* wanted; most significant first */
	uint32_t norder;
	bool ring;			  /* wanted, in place of these: the order of tokens */
	bool limit;			  /* a LIMIT is wanted (after the order) */
	bool partition_limit; /* first rows of each partition are wanted */
	cql_aggregate aggregate;
	const uint16_t *group; /* columns, in any order; no duplicates */
	uint32_t ngroup;
	uint16_t vector; /* column of CQL_AGG_ANN */
} cql_select_input;

/* ---- what is answered ---- */

/* Why something stays local; columns and indexes are positions, -1 none. */
typedef enum cql_why
{
	CQL_WHY_NONE = 0, /* it went to the server */
	/* conditions */
	CQL_WHY_NO_INDEX,		   /* column not a key column and not indexed */
	CQL_WHY_PARTITION_PARTIAL, /* other, too, must be restricted by = or IN */
	CQL_WHY_PARTITION_RANGE,   /* partition key column: only = and IN */
	CQL_WHY_CLUSTERING_ALONE,  /* clustering column without partition key */
	CQL_WHY_CLUSTERING_GAP,	   /* other before it is not restricted */
	CQL_WHY_CLUSTERING_RANGE,  /* other before it is restricted by a range */
	CQL_WHY_TUPLE_COLUMNS,	   /* not consecutive clustering columns */
	CQL_WHY_TUPLE_START,	/* does not start at other, the first free one */
	CQL_WHY_MIXED,			/* other conditions on the same column */
	CQL_WHY_INDEX_OPERATOR, /* index does not serve the operator */
	CQL_WHY_INDEX_SINGLE,	/* only one index may be used, index is */
	CQL_WHY_INET_LIST,		/* the server changes addresses in lists */
	CQL_WHY_INDEX_STATIC,	/* a legacy one fails beside clustering columns */
	CQL_WHY_INDEX_ORDER,	/* an index excludes the wanted ORDER BY */
	CQL_WHY_INDEX_UNKNOWN,	/* index of an unknown class */
	CQL_WHY_FANOUT,			/* one request a value is not possible here */
	CQL_WHY_NOT_FROZEN,		/* = on a collection or UDT that is not frozen */
	CQL_WHY_NO_ORDER,		/* the type has no order: duration */
	CQL_WHY_VECTOR,			/* no conditions on vectors */
	CQL_WHY_MASKED,			/* masked column */
	CQL_WHY_OPERATOR,		/* the operator fits no column of the type */
	CQL_WHY_LIKE,			/* LIKE without a SASI index of that mode */
	CQL_WHY_RELEASE,		/* the server's version cannot */
	/* order, limits, aggregates */
	CQL_WHY_ORDER_PARTITION, /* partition key not restricted */
	CQL_WHY_ORDER_COLUMN,	 /* not a clustering column */
	CQL_WHY_ORDER_SEQUENCE,	 /* other comes before it */
	CQL_WHY_ORDER_DIRECTION, /* neither the declared order nor its reverse */
	CQL_WHY_LOCAL,			 /* a condition is checked locally */
	CQL_WHY_UNORDERED,		 /* the wanted order is made locally */
	CQL_WHY_GROUP_COLUMN,	 /* not a primary key column */
	CQL_WHY_GROUP_PARTITION, /* partition key not whole: other is missing */
	CQL_WHY_GROUP_PART,		 /* ends before other */
	CQL_WHY_GROUP_SEQUENCE,	 /* other comes before it */
	CQL_WHY_DISTINCT_COLUMN, /* neither partition key nor static */
	CQL_WHY_DISTINCT_COND,	 /* a condition that DISTINCT excludes */
	CQL_WHY_ANN_INDEX,		 /* no SAI index on the vector column */
	CQL_WHY_ANN_COND,		 /* a condition that is not indexed */
	CQL_WHY_ANN_LIMIT,		 /* no limit */
	CQL_WHY_COMBINATION		 /* not together with what else is wanted */
} cql_why;

typedef struct cql_reason
{
	cql_why why;
	int column;
	int other; /* another column */
	int index; /* in table->indexes */
} cql_reason;

typedef enum cql_place
{
	CQL_PLACE_LOCAL, /* not in the CQL */
	CQL_PLACE_WHERE, /* in the CQL, through its restriction */
	CQL_PLACE_FANOUT /* the same, and one request a value */
} cql_place;

/* What becomes of one condition. */
typedef struct cql_cond_plan
{
	cql_place place;
	int restriction;   /* in restrictions[], -1 where local */
	bool recheck;	   /* local and missed, or not exact: evaluate it again */
	cql_reason reason; /* why local; NONE where not, or not missed */
} cql_cond_plan;

typedef enum cql_shape
{
	CQL_SHAPE_EQ,			/* column = ?       (row: (a, b) = (?, ?)) */
	CQL_SHAPE_IN,			/* column IN ?      (row: (a, b) IN ?) */
	CQL_SHAPE_RANGE,		/* column > ? and/or column < ? */
	CQL_SHAPE_CONTAINS,		/* column CONTAINS ? */
	CQL_SHAPE_CONTAINS_KEY, /* column CONTAINS KEY ? */
	CQL_SHAPE_MAP_ENTRY,	/* column[?] = ? */
	CQL_SHAPE_LIKE			/* column LIKE ? */
} cql_shape;

/*
 * One restriction of the WHERE clause, to be printed in array order.  All
 * conditions on a column that are comparisons feed one restriction: the caller
 * intersects their values when they are known (nothing left: no request; the
 * greater of two lower bounds, ...) and gets at most what the shape holds: one
 * value for EQ, several for IN, a lower and/or an upper bound for RANGE (the
 * strictness of a bound is that of the winning condition).  A restriction with
 * fanout gets one value a request and is printed as "=".
 */
typedef struct cql_restriction
{
	bool token; /* token(partition key columns) */
	bool tuple; /* in parentheses, also around one column */
	uint16_t ncolumns;
	uint16_t columns[CQL_MAX_TUPLE];
	cql_shape shape;
	bool lower; /* RANGE: some condition is GT or GE */
	bool upper; /* RANGE: some condition is LT or LE */
	bool fanout;
	bool filtering; /* is why ALLOW FILTERING must be said */
	int index;		/* index that serves it, -1 none */
} cql_restriction;

typedef enum cql_access
{
	CQL_ACCESS_PARTITION, /* whole partition key fixed */
	CQL_ACCESS_INDEX,	  /* all partitions, through an index */
	CQL_ACCESS_SCAN		  /* all partitions, or a token range of them */
} cql_access;

typedef struct cql_select_plan
{
	cql_access access;
	bool fanout;				   /* some restriction has fanout */
	cql_cond_plan *conds;		   /* the caller's array of nconds entries */
	cql_restriction *restrictions; /* the caller's array of nconds entries */
	uint32_t nrestrictions;
	bool exact;		/* no condition needs a local check */
	bool filtering; /* ALLOW FILTERING must be said */
	int index;		/* an index in use, -1 none */
	/*
	 * A clustering column is restricted: the select list must not be of
	 * static columns only, CQL refuses that.
	 */
	bool clustering;
	/*
	 * Order.  When pushed, each request gives its rows in the wanted order:
	 * say nothing, or with reversed ORDER BY the first clustering column
	 * against its declared direction.  With merge, the requests of several
	 * partitions must be merged.  With the order of the ring: one request,
	 * or one for each token range, read in their order.
	 */
	bool ordered;
	bool reversed;
	bool merge;
	cql_reason order_reason;
	/* LIMIT n: each request may carry it; the caller still cuts the sum. */
	bool limit;
	cql_reason limit_reason;
	bool partition_limit;
	cql_reason partition_limit_reason;
	/*
	 * Aggregate, DISTINCT or ANN.  Each request may carry it: counts are to
	 * be added up, groups are never split between requests.  GROUP BY prints
	 * the group columns in key order, after the key columns before the last
	 * of them (those are fixed by =, and need not be printed).
	 */
	bool aggregate;
	cql_reason aggregate_reason;
} cql_select_plan;

/*
 * Decides.  plan->conds and plan->restrictions are set by the caller to arrays
 * of input->nconds entries each; all else is set here.  Positions in the input
 * must be valid; it cannot fail.
 */
extern void cql_select_decide(const cql_select_input *input,
							  cql_select_plan *plan);

/*
 * The reason in words a user can act on ("clustering column \"ts\" is
 * restricted but \"seq\" before it is not"), cut at size; returns buf.
 */
extern char *cql_reason_print(const cql_schema_table *table,
							  const cql_reason *reason, char *buf,
							  size_t size);

/*
 * The most bytes that a value may have to be surely found through the index:
 * longer ones are taken by the table but left out of the index (tried on
 * 5.0.8 and 4.1.10), so a condition with such a value must not be left to it.
 * Of a map's entry key and value count together: see cql_entry_size().
 */
extern uint32_t cql_index_max_value(const cql_schema_index *index);
/* What a map's entry takes in an index. */
extern uint32_t cql_entry_size(uint32_t key, uint32_t value);

#endif /* CQL_SELECT_H */
