/*
 * pushdown.h
 *	  Which conditions of a query go to Cassandra, and in which form.
 *
 * A clause is taken apart into conditions as CQL knows them (conjunct.c and
 * its kin), cql_select_decide() says which of them a SELECT may carry, and
 * pushdown.c puts both into one CassDecision.  Plan, deparse, scan and EXPLAIN
 * read that one.
 */
#ifndef CASS_PUSHDOWN_H
#define CASS_PUSHDOWN_H

#include "postgres.h"

#include "nodes/pathnodes.h"

#include "cass_bound.h"
#include "cql_select.h"
#include "shape.h"

#define CASS_MAX_CONDITIONS 512		/* of one scan; further ones stay local */
#define CASS_MAX_LIMIT PG_INT32_MAX /* CQL's LIMIT is an int */
#define CASS_SESSION_ZONE 0 /* of a step: no value, but the session's zone */

/* Where the values of conditions come from, and what they mean. */
typedef enum CassSourceKind
{
	CASS_SOURCE_COMPARE, /* column strategy value */
	CASS_SOURCE_POINTS,	 /* column = one of the values; arrays among them */
	CASS_SOURCE_ROW,	 /* (columns) strategy (values) */
	CASS_SOURCE_TIME,	 /* timeuuid_timestamp(column) strategy value */
	CASS_SOURCE_STEPS,	 /* steps(column) strategy value */
	CASS_SOURCE_HULL,	 /* column strategy value, of one of several */
	CASS_SOURCE_PREFIX,	 /* text that begins with the value */
	CASS_SOURCE_PATTERN, /* the value is the pattern of CQL's LIKE */
	CASS_SOURCE_ELEMENT, /* the value is in a collection */
	CASS_SOURCE_KEY,	 /* the value is a key of a map */
	CASS_SOURCE_ENTRY	 /* map[first value] = second value */
} CassSourceKind;

/* One value: an expression that is evaluated when the scan starts. */
typedef struct CassValue
{
	Expr *expr;
	Oid type;	/* of the value, or of the array's elements */
	bool array; /* POINTS: each element is a value */
} CassValue;

/*
 * The values of one SQL condition.  It may feed several conditions of CQL:
 * "time = t" is a lower and an upper bound there.
 */
typedef struct CassSource
{
	CassSourceKind kind;
	int strategy; /* btree strategy: COMPARE, ROW, TIME, STEPS */
	List *atts;	  /* Integer list: indexes into shape->atts */
	List *values; /* of CassValue *, ROW: one an attribute */
	/*
	 * STEPS: Integer list of three for each step, kind, unit and index of its
	 * time zone among the values (CASS_SESSION_ZONE: none).  HULL: the values'
	 * strategies; that of the source is the side of the bound.
	 */
	List *steps;
	/*
	 * POINTS of one OR: value i of each such source belongs to its branch i,
	 * so that not all combinations of the columns' values are wanted.
	 */
	bool branches;
} CassSource;

/* A condition of CQL: what cql_select is asked about. */
typedef struct CassConjunct
{
	cql_cond cond;
	int clause; /* number of the clause it comes from */
	CassSource *source;
} CassConjunct;

/* Taking clauses apart. */
typedef struct CassConjuncts
{
	PlannerInfo *root;
	RelOptInfo *rel;
	const CassShape *shape;
	const CassOptions *options;
	List *conjuncts; /* of CassConjunct * */
	/* of the clause at hand */
	int clause;
	bool superset;		/* the clause is to be checked again */
	const char *reason; /* why it stays local, or NULL */
} CassConjuncts;

/*
 * Adds the conditions that a clause means; none when it stays local: reason
 * then says why.  They may mean more rows than the clause (superset).
 */
extern void cass_conjuncts_add(CassConjuncts *c, Expr *clause);

/* ---- column.c: columns, and names as CQL has them ---- */

/* A name, quoted where it needs to be. */
extern void cass_append_name(StringInfo out, const char *name);
/* A column's name, or an expression's text. */
extern void cass_append_attribute(StringInfo out, const CassAttribute *att);
/* token() of the whole partition key. */
extern void cass_append_token(StringInfo out, const cql_schema_table *table);
/* Attribute (index) mapped to the table's column, or -1. */
extern int cass_att_of_column(const CassShape *shape, int column);
/* The partition key's columns, for messages. */
extern char *cass_partition_key_text(const CassShape *shape);
/* Whether there is an index on the table's column, of any kind. */
extern bool cass_is_indexed(const CassShape *shape, int column);
/* Whether the attribute stands for the token of the whole partition key. */
extern bool cass_is_token(const CassShape *shape, int att);
/* The column's place in the key, indexes not looked at but for SLICE. */
extern CassPlace cass_place_of(const CassShape *shape, int att);
/* Why no condition on the column is pushed, or NULL. */
extern const char *cass_column_refused(const CassShape *shape, int att);

/* ---- source.c: what conditions are made of ---- */

/* The relation's column under a relabeling, or NULL. */
extern Var *cass_get_column(RelOptInfo *rel, Node *node);
/* Values may come from anywhere but the relation, and must hold still. */
extern bool cass_is_value(PlannerInfo *root, RelOptInfo *rel, Node *node);
/* A function of this extension with this name. */
extern bool cass_is_own_function(Oid function, const char *name);
/* A source with no value yet. */
extern CassSource *cass_source_create(CassSourceKind kind, int strategy,
									  int att);
extern void cass_source_add(CassSource *source, Expr *expr, Oid type,
							bool array);
extern void cass_conjunct_create(CassConjuncts *c, cql_cond_op op, bool exact,
								 CassSource *source);
/* cass_bound_exactness() wherever the condition may come to stand. */
extern CassExactness cass_exactness(const CassShape *shape, int att,
									int strategy, Oid opfamily, Oid valtype,
									Oid collation, const char **reason);

/* ---- shared by conjunct*.c ---- */

/* The column also under a cast that keeps values apart, or in their order. */
extern Var *cass_get_comparand(RelOptInfo *rel, Node *node);
/* The column under functions of times, see conjunct_steps.c. */
extern Var *cass_get_stepped(PlannerInfo *root, RelOptInfo *rel, Node *node);
/* The timeuuid column whose time is taken, or NULL. */
extern Var *cass_get_timed_column(RelOptInfo *rel, Node *node);
/* conjunct_or.c */
extern void cass_conjuncts_add_or(CassConjuncts *c, BoolExpr *clause);
/* conjunct_row.c */
extern void cass_conjuncts_add_row(CassConjuncts *c, RowCompareExpr *clause);
/* conjunct_collection.c: false when the clause is not of its kinds. */
extern bool cass_conjuncts_add_collection(CassConjuncts *c, OpExpr *clause);
extern bool cass_conjuncts_add_any_element(CassConjuncts *c,
										   ScalarArrayOpExpr *clause);
/* conjunct_text.c */
extern bool cass_conjuncts_add_like(CassConjuncts *c, OpExpr *clause);
/* conjunct_time.c */
extern bool cass_conjuncts_add_time(CassConjuncts *c, OpExpr *clause);
/* conjunct_steps.c */
extern bool cass_conjuncts_add_steps(CassConjuncts *c, OpExpr *clause);
extern bool cass_conjuncts_add_any_steps(CassConjuncts *c,
										 ScalarArrayOpExpr *clause);
/* The bounds, both included, that the source's strategy makes of a value. */
extern void cass_conjuncts_add_bounds(CassConjuncts *c, CassSource *source,
									  bool exact);

/* ---- the decision ---- */

/* A column of the wanted order. */
typedef struct CassOrder
{
	int att;
	bool descending;
	bool nulls_first;
	Oid operator; /* the query's own, which need not be the type's default */
	Oid collation;
} CassOrder;

/* What is wanted besides the conditions. */
typedef struct CassWish
{
	List *order; /* of CassOrder *, most significant first */
	bool ring;	 /* the order of tokens, in place of these */
	bool limit;	 /* a LIMIT after that order */
	bool partition_limit;
	cql_aggregate aggregate;
	List *group;	/* Integer list: attributes */
	int vector;		/* attribute of ANN */
	bool no_fanout; /* no request a value: rather read the table */
} CassWish;

/* Everything that is decided; members of plan are in the same memory. */
typedef struct CassDecision
{
	List *conjuncts; /* of CassConjunct *, as plan.conds */
	cql_select_plan plan;
	bool keyed;		 /* whole partition key given by value */
	List *local;	 /* RestrictInfos PostgreSQL must check, in its order */
	List *remote;	 /* RestrictInfos Cassandra alone checks */
	List *reasons;	 /* of char *, why something stays local */
	List *rechecked; /* of char *: columns of what narrows and stays */
} CassDecision;

/* What is planned, in the fdw_private of a base relation. */
typedef struct CassRelInfo
{
	CassOptions *options;
	CassShape *shape;
	int release; /* cql_cluster_release() */
	RelOptInfo *rel;
	CassDecision *decision; /* with its own clauses and no wish */
	double partitions;		/* of the table, estimated */
	double tuples;			/* of the table, -1: a guess */
	int width;				/* of a row, bytes; 0 unknown */
	List *nonnullable;		/* see cass_is_nonnullable() */
	/* of a grouped relation */
	CassWish wish;
	List *outputs; /* of CassOutput * */
	List *tlist;   /* fdw_scan_tlist */
	List *having;
	bool partial;  /* a partition's part of aggregates */
	List *checks;  /* conditions to check where rows are aggregated here, */
	List *checked; /* of CassOutput *, and the columns that they need */
} CassRelInfo;

/* wish may be NULL; all is in CurrentMemoryContext. */
extern CassDecision *cass_decide(PlannerInfo *root, const CassRelInfo *info,
								 List *rinfos, const CassWish *wish);

/* ---- private.c: the decision as node trees, and back ---- */

/* What a row of the scan consists of. */
typedef enum CassOutputKind
{
	CASS_OUTPUT_COLUMN,
	CASS_OUTPUT_COUNT, /* att -1: count(*) */
	CASS_OUTPUT_MIN,
	CASS_OUTPUT_MAX
} CassOutputKind;

typedef struct CassOutput
{
	CassOutputKind kind;
	int att;  /* index into shape->atts, or -1 */
	int slot; /* index into the scan's tuple */
} CassOutput;

/* How a scan is to be run, beyond its restrictions. */
typedef struct CassScanPlan
{
	Oid relid;
	char *tag;	 /* of the table as far as it is used, see plan_uses.c */
	List *names; /* for each restriction a list of its columns' names */
	cql_access access;
	bool filtering;
	bool ordered;		 /* the plan counts on the order */
	bool merge;			 /* several requests are to be merged */
	bool ring;			 /* token ranges are read in their order */
	bool distinct;		 /* SELECT DISTINCT */
	bool clustering;	 /* a clustering column is restricted */
	bool split;			 /* all rows are likely to be wanted */
	bool aggregate;		 /* the outputs are aggregates */
	bool probe;			 /* NULLs may come at the wrong end: see order.c */
	int partition_limit; /* or 0 */
	double rows;		 /* estimate of the whole table, -1 unknown */
	int width;			 /* bytes a row, 0 unknown */
	double wanted;		 /* rows likely to be read, 0: all */
	int limit;			 /* expression of LIMIT in fdw_exprs, or -1 */
	int offset;			 /* of OFFSET, or -1 */
	int vector;			 /* expression of ANN's vector, or -1 */
	int vector_att;		 /* its column */
	int check;			 /* condition on rows that are aggregated here */
	int ngroup;			 /* leading outputs to GROUP BY */
	int nrestrictions;
	cql_restriction *restrictions;
	List *order;	 /* of CassOrder * */
	List *outputs;	 /* of CassOutput * */
	List *checked;	 /* of CassOutput *: columns of the check */
	List *sources;	 /* of CassScanSource * */
	char *cql;		 /* for EXPLAIN */
	List *reasons;	 /* of char * */
	List *rechecked; /* the same of what is pushed and checked again */
	char *hint;		 /* what would make the scan cheaper, or NULL */
} CassScanPlan;

/* A source of the plan: its expressions are in fdw_exprs. */
typedef struct CassScanSource
{
	CassSourceKind kind;
	int restriction;
	cql_cond_op op;
	int strategy;
	List *atts;
	List *types;  /* Oid list, as expressions */
	List *arrays; /* Integer list of bools, as expressions */
	List *steps;  /* as of a CassSource */
	int first;	  /* expression of its first value */
	bool again;	  /* its values are those of the source before it */
	int branches; /* clause of whose branches they are, or -1 */
} CassScanSource;

/*
 * Whether a key column stands behind the outputs: CQL has no empty list, and
 * none of static columns beside a restricted clustering column.
 */
extern bool cass_has_extra_column(const CassShape *shape,
								  const CassScanPlan *plan);
/* What a plan uses of the CQL table besides its key, n of them. */
extern cql_use *cass_plan_uses(const CassShape *shape,
							   const CassScanPlan *plan, int *n);
extern char *cass_plan_tag(const CassShape *shape, const CassScanPlan *plan);
/*
 * Columns of a plan as the table has them now; ereports, and has plans made
 * anew, where it is another as far as the plan uses it.
 */
extern void cass_plan_settle(CassScanPlan *plan, const CassShape *shape);

extern List *cass_scan_plan_to_list(const CassShape *shape,
									const CassScanPlan *plan);
extern CassScanPlan *cass_scan_plan_from_list(List *list);

/* ---- deparse.c ---- */

/* A restriction and the markers it has. */
typedef struct CassMarkers
{
	const cql_restriction *restriction;
	cql_shape shape;
	int ncolumns;	   /* a row may have been cut to its first column */
	const char *lower; /* ">" or ">=", or NULL */
	const char *upper; /* "<" or "<=", or NULL */
} CassMarkers;

/* What a SELECT says, for its text. */
typedef struct CassSelect
{
	const CassShape *shape;
	const CassScanPlan *plan;
	const CassMarkers *markers;
	int nmarkers;
	bool by_token;		  /* a piece of the ring */
	bool nearest;		  /* ORDER BY ... ANN OF ? */
	bool limit;			  /* LIMIT ? */
	bool filtering;		  /* ALLOW FILTERING */
	bool ascending_probe; /* the first row against the wanted order */
} CassSelect;

/*
 * Text with one marker a value: those of the restrictions in order, the two
 * tokens, ANN's vector, the limit.
 */
extern char *cass_deparse_select(const CassSelect *select);
/*
 * DELETE of what the restrictions say: a timestamp's marker comes before
 * theirs.
 */
extern char *cass_deparse_delete_range(const CassSelect *select);
extern char *cass_deparse_delete_plan(const CassShape *shape,
									  const CassScanPlan *plan);
/* Text of the plan, for EXPLAIN: operators as the conditions have them. */
extern char *cass_deparse_plan(const CassShape *shape,
							   const CassScanPlan *plan);

/* ---- system_columns.c: what rows of Cassandra do not have ---- */

/*
 * Whether nothing but a row lock wants the attribute (ctid, or the whole row)
 * of a relation that has one, or whose children share it.
 */
extern bool cass_is_for_lock(PlannerInfo *root, Index rtindex,
							 AttrNumber attnum);

/*
 * All three ereport, naming the primary key, where a system column other than
 * tableoid is referred to: by an expression on relation rtindex of a query, by
 * what is read of a relation whose targets and clauses are set, or by the WHEN
 * of a row trigger.
 */
extern void cass_check_system_columns(const CassShape *shape, Index rtindex,
									  Node *node);
extern void cass_check_scan_system_columns(PlannerInfo *root,
										   const RelOptInfo *rel,
										   const CassShape *shape);
extern void cass_check_trigger_system_columns(const CassShape *shape,
											  Relation rel, CmdType operation);

#endif /* CASS_PUSHDOWN_H */
