/*
 * pushdown.h
 *	  Which conditions of a query go to Cassandra, and in which form.
 *
 * A clause is taken apart into conditions as CQL knows them (clause.c and its
 * kin), cql_select_decide() says which of them a SELECT may carry, and
 * pushdown.c puts both into one CassDecision, which the planner reads; what
 * the executor is told is a CassScanPlan, see scan_plan.h.
 */
#ifndef CASS_PUSHDOWN_H
#define CASS_PUSHDOWN_H

#include "postgres.h"

#include "nodes/pathnodes.h"

#include "column.h"
#include "scan_plan.h"

#define CASS_MAX_CONDITIONS 512 /* of one scan; further ones stay local */

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
typedef struct CassCondition
{
	cql_cond cond;
	int clause; /* number of the clause it comes from */
	CassSource *source;
} CassCondition;

/* Taking clauses apart. */
typedef struct CassConditions
{
	PlannerInfo *root;
	RelOptInfo *rel;
	const CassShape *shape;
	const CassOptions *options;
	List *conditions; /* of CassCondition * */
	/* of the clause at hand */
	int clause;
	bool superset;		/* the clause is to be checked again */
	const char *reason; /* why it stays local, or NULL */
} CassConditions;

/*
 * Adds the conditions that a clause means; none when it stays local: reason
 * then says why.  They may mean more rows than the clause (superset).
 */
extern void cass_conditions_add(CassConditions *c, Expr *clause);

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
extern void cass_condition_create(CassConditions *c, cql_cond_op op,
								  bool exact, CassSource *source);
/* cass_bound_exactness() wherever the condition may come to stand. */
extern CassExactness cass_exactness(const CassShape *shape, int att,
									int strategy, Oid opfamily, Oid valtype,
									Oid collation, const char **reason);

/*
 * What a btree operator with the column (or its time) on its left means:
 * strategy, type of its right side and exactness; CASS_NEVER with c->reason,
 * which stays as it was where there is no such operator.
 */
extern CassExactness cass_judge_operator(CassConditions *c, int att, bool time,
										 Oid opno, Oid collation,
										 int *strategy, Oid *valtype);

/* ---- shared by clause*.c ---- */

/* The column also under a cast that keeps values apart, or in their order. */
extern Var *cass_get_comparand(RelOptInfo *rel, Node *node);
/* The column under functions of times, see clause_steps.c. */
extern Var *cass_get_stepped(PlannerInfo *root, RelOptInfo *rel, Node *node);
/* The timeuuid column whose time is taken, or NULL. */
extern Var *cass_get_timed_column(RelOptInfo *rel, Node *node);
/* clause_or.c */
extern void cass_conditions_add_or(CassConditions *c, BoolExpr *clause);
/* clause_row.c */
extern void cass_conditions_add_row(CassConditions *c, RowCompareExpr *clause);
/* clause_collection.c: false when the clause is not of its kinds. */
extern bool cass_conditions_add_collection(CassConditions *c, OpExpr *clause);
extern bool cass_conditions_add_any_element(CassConditions *c,
											ScalarArrayOpExpr *clause);
/* clause_text.c */
extern bool cass_conditions_add_like(CassConditions *c, OpExpr *clause);
/* clause_time.c */
extern bool cass_conditions_add_time(CassConditions *c, OpExpr *clause);
/* clause_steps.c */
extern bool cass_conditions_add_steps(CassConditions *c, OpExpr *clause);
extern bool cass_conditions_add_any_steps(CassConditions *c,
										  ScalarArrayOpExpr *clause);
/* The bounds, both included, that the source's strategy makes of a value. */
extern void cass_conditions_add_bounds(CassConditions *c, CassSource *source,
									   bool exact);

/* ---- the decision ---- */

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
	List *conditions; /* of CassCondition *, as plan.conds */
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
	bool sized;				/* the relation's rows are estimated */
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

#endif /* CASS_PUSHDOWN_H */
