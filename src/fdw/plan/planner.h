/*
 * planner.h
 *	  What plan.c, paths.c, pathkeys.c, upper*.c and cost.c share.
 */
#ifndef CASS_PLANNER_H
#define CASS_PLANNER_H

#include "postgres.h"

#include "foreign/fdwapi.h"

#include "conncache.h"
#include "estimate.h"
#include "pushdown.h"

/* What a path asks for beyond its clauses; fdw_private is a list of it. */
typedef struct CassPathInfo
{
	CassWish wish;
	bool probe;	 /* NULLs may come at the wrong end, see order.c */
	Node *limit; /* expressions of the query, or NULL */
	Node *offset;
	Expr *vector;		  /* of ANN, or NULL */
	CassRelInfo *grouped; /* of an upper path, or NULL */
} CassPathInfo;

/* ---- cost.c ---- */

/* Whether a primary key is given by =: it finds one row at most. */
extern bool cass_is_single_row(const CassRelInfo *info, const CassDecision *d);
/* Rows of the relation with its own clauses; sets rel->rows. */
extern void cass_estimate_rel(PlannerInfo *root, RelOptInfo *rel,
							  CassRelInfo *info);
/*
 * Rows of a decision that has the whole partition key: of one value a column
 * that other relations give.
 */
extern double cass_estimate_keyed(PlannerInfo *root, const CassRelInfo *info,
								  const CassDecision *d, List *clauses);
/* Cost of reading by the decision what its local checks make "rows" of. */
extern void cass_cost_scan(PlannerInfo *root, const CassRelInfo *info,
						   const CassDecision *d, double rows, Cost *startup,
						   Cost *total);
/*
 * Its parts: of waiting for an answer, of the requests when all wait together,
 * of the rows (added to what is there).
 */
extern Cost cass_cost_round_trip(const CassRelInfo *info);
extern double cass_cost_lookups(PlannerInfo *root, const CassRelInfo *info,
								const CassDecision *d);
extern void cass_cost_rows(PlannerInfo *root, const CassRelInfo *info,
						   const CassDecision *d, double rows, Cost *startup,
						   Cost *total);
/* Of a scan of the whole table that backends share; divisor: how many. */
extern void cass_cost_partial(PlannerInfo *root, const CassRelInfo *info,
							  const CassDecision *d, double divisor,
							  Cost *startup, Cost *total);
/* Cost of the server's aggregating, giving "groups" rows. */
extern void cass_cost_aggregate(PlannerInfo *root, const CassRelInfo *info,
								const CassDecision *d, double groups,
								Cost *startup, Cost *total);

/* ---- pathkeys.c ---- */

/*
 * How many of the pathkeys the rows of a scan come in, with what it then
 * asks for in info; 0: none.  Reasons are added to the relation's decision.
 */
extern int cass_match_pathkeys(PlannerInfo *root, CassRelInfo *info,
							   List *pathkeys, bool limit, CassPathInfo *path,
							   CassDecision **decision);
/* Pathkeys, each an order by itself, that merge joins could use. */
extern List *cass_merge_pathkeys(PlannerInfo *root, const CassRelInfo *info);
/*
 * For DISTINCT ON (partition key): the order of the rows of each partition,
 * out of the query's sort keys; false when it cannot be the server's.
 */
extern bool cass_match_partition_order(PlannerInfo *root, CassRelInfo *info,
									   List **order);
/*
 * Whether no row has NULL in the attribute: declared so, or left out by a
 * condition.
 */
extern bool cass_never_null(const CassRelInfo *info, int att);
/* The relation's column of a pathkey, as index into shape->atts, or -1. */
extern int cass_pathkey_column(const CassRelInfo *info, const PathKey *key);

/* ---- paths.c ---- */

/* A path of the base relation, by the decision that goes with it. */
extern ForeignPath *cass_create_path(PlannerInfo *root, CassRelInfo *info,
									 const CassDecision *d, double rows,
									 Cost startup, Cost total, List *pathkeys,
									 CassPathInfo *path);

/* ---- partial.c ---- */

/*
 * Whether each worker of a parallel query may run the decision as a whole:
 * look-ups.  Several times the whole table is no gain, and of tables that each
 * node has for itself one node is asked.
 */
extern bool cass_is_parallel_safe(const CassRelInfo *info,
								  const CassDecision *d);
/* A scan of the whole table that is shared by workers, where it may be. */
extern void cass_add_partial_path(PlannerInfo *root, CassRelInfo *info);

/* ---- primary_key.c: what the key tells the planner ---- */

/* As whom a base relation is read. */
extern Oid cass_rel_userid(const RelOptInfo *rel);
/* Whether the relation is a foreign table of this wrapper. */
extern bool cass_is_our_rel(const RelOptInfo *rel);
/* The key as a unique index of a relation, where SQL's equality is its own. */
extern void cass_add_key_index(PlannerInfo *root, RelOptInfo *rel,
							   const CassShape *shape);
/* The callback tells the wrapper's relations from others. */
extern void cass_primary_key_init(GetForeignRelSize_function rel_size);

/* ---- wanted.c ---- */

/*
 * Rows that are likely to be asked of the scan's path in the plan of the whole
 * query, which is chosen; 0: all.
 */
extern double cass_wanted_rows(PlannerInfo *root, const Path *scan);

/* ---- upper_group.c ---- */
extern void cass_add_group_paths(PlannerInfo *root, RelOptInfo *input_rel,
								 RelOptInfo *grouped_rel, void *extra,
								 bool partial);
/* ---- upper_limit.c ---- */
extern void cass_add_limit_paths(PlannerInfo *root, RelOptInfo *final_rel,
								 void *extra);
/* The same for a part of the query's one relation, under its Append. */
extern void cass_add_member_limit_path(PlannerInfo *root, CassRelInfo *info);
/* ---- upper_vector.c: a search for the nearest, or NULL ---- */
extern CassPathInfo *cass_match_vector(PlannerInfo *root, CassRelInfo *info,
									   double limit, CassDecision **decision);

/* ---- plan.c ---- */

/*
 * What the executor needs to look rows up by a decision, as
 * cass_scan_plan_to_list() has it; its expressions are appended to *exprs.
 */
extern List *cass_plan_lookup(PlannerInfo *root, const CassRelInfo *info,
							  const CassDecision *d, List **exprs);

/* ---- callbacks ---- */

extern void cassandraGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel,
									   Oid relid);
extern void cassandraGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel,
									 Oid relid);
extern bool cassandraIsForeignScanParallelSafe(PlannerInfo *root,
											   RelOptInfo *rel,
											   RangeTblEntry *rte);
extern ForeignScan *cassandraGetForeignPlan(PlannerInfo *root,
											RelOptInfo *baserel, Oid relid,
											ForeignPath *best_path,
											List *tlist, List *scan_clauses,
											Plan *outer_plan);
extern bool cassandraIsForeignPathAsyncCapable(ForeignPath *path);
extern void cassandraGetForeignUpperPaths(PlannerInfo *root,
										  UpperRelationKind stage,
										  RelOptInfo *input_rel,
										  RelOptInfo *output_rel, void *extra);

#endif /* CASS_PLANNER_H */
