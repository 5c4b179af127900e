/*
 * plan.c
 *	  Planner callbacks: estimates, paths, the scan's plan.
 */
#include "pushdown.h"

#include <math.h>

#include "access/stratnum.h"
#include "access/sysattr.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"

/* Guesses where nobody ran ANALYZE, in rows and planner cost units. */
#define UNKNOWN_TUPLES 100000
#define STARTUP_COST 100.0
#define LOOKUP_COST 2.0
#define TUPLE_COST 0.05

typedef struct CassRelInfo
{
	CassOptions *options;
	CassShape *shape;
} CassRelInfo;

void
cassandraGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel, Oid relid)
{
	CassRelInfo *info = palloc0(sizeof(CassRelInfo));
	Oid userid = OidIsValid(baserel->userid) ? baserel->userid : GetUserId();

	info->options = cass_options_for_table(relid, userid);
	info->shape = cass_shape_get(relid, userid, info->options);
	baserel->fdw_private = info;
	if (baserel->tuples <= 0)
		baserel->tuples = UNKNOWN_TUPLES;
	set_baserel_size_estimates(root, baserel);
}

/* Requests that conditions by value make: the product of their counts. */
static double
count_lookups(PlannerInfo *root, const CassDecision *d)
{
	double n = 1;
	ListCell *lc;

	foreach (lc, d->conditions)
	{
		CassCondition *c = lfirst(lc);

		if (c->pushed && c->any)
			n *= Max(cass_array_length(root, (Node *) c->value), 1);
	}
	return n;
}

static void
estimate(PlannerInfo *root, RelOptInfo *baserel, const CassDecision *d,
		 double rows, Cost *startup, Cost *total)
{
	CassRelInfo *info = baserel->fdw_private;
	double tuple_cost = info->options->tuple_cost >= 0
							? info->options->tuple_cost
							: TUPLE_COST;
	double fetched = d->keyed ? rows : baserel->tuples;

	*startup = info->options->startup_cost >= 0 ? info->options->startup_cost
												: STARTUP_COST;
	if (d->keyed)
	{
		*startup = Min(*startup, LOOKUP_COST);
		*total = *startup + LOOKUP_COST * count_lookups(root, d);
	}
	else
		*total = *startup;
	*total += fetched * (tuple_cost + cpu_tuple_cost);
}

/* A path that takes key values from other relations, where they make a key. */
static void
add_parameterized(PlannerInfo *root, RelOptInfo *baserel, Relids outer,
				  List **done)
{
	CassRelInfo *info = baserel->fdw_private;
	ParamPathInfo *ppi;
	CassDecision *d;
	Cost startup, total;
	ListCell *lc;

	if (bms_is_empty(outer))
		return;
	foreach (lc, *done)
	{
		if (bms_equal(lfirst(lc), outer))
			return;
	}
	*done = lappend(*done, outer);
	ppi = get_baserel_parampathinfo(root, baserel, outer);
	d = cass_decide(
		root, baserel, info->shape,
		list_concat_copy(baserel->baserestrictinfo, ppi->ppi_clauses));
	if (!d->keyed)
		return;
	estimate(root, baserel, d, ppi->ppi_rows, &startup, &total);
	add_path(baserel, (Path *) cass_create_foreignscan_path(
						  root, baserel, ppi->ppi_rows, startup, total, NIL,
						  outer, NIL));
}

typedef struct ColumnArg
{
	AttrNumber attnum;
} ColumnArg;

static bool
is_column(PlannerInfo *root, RelOptInfo *rel, EquivalenceClass *ec,
		  EquivalenceMember *em, void *arg)
{
	Expr *expr = em->em_expr;

	while (IsA(expr, RelabelType))
		expr = ((RelabelType *) expr)->arg;
	return IsA(expr, Var) && (Index) ((Var *) expr)->varno == rel->relid &&
		   ((Var *) expr)->varattno == ((ColumnArg *) arg)->attnum;
}

/* Join clauses that give values to the partition key's columns. */
static List *
key_join_clauses(PlannerInfo *root, RelOptInfo *baserel)
{
	CassRelInfo *info = baserel->fdw_private;
	List *clauses = NIL;
	ListCell *lc;
	uint32 i;

	foreach (lc, baserel->joininfo)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (join_clause_is_movable_to(rinfo, baserel))
			clauses = lappend(clauses, rinfo);
	}
	for (i = 0; i < info->shape->table->npartition; i++)
	{
		ColumnArg arg;
		int att = cass_att_of_column(info->shape, i);

		if (att < 0 || !baserel->has_eclass_joins)
			continue;
		arg.attnum = att + 1;
		clauses = list_concat(clauses, generate_implied_equalities_for_column(
										   root, baserel, is_column, &arg,
										   baserel->lateral_referencers));
	}
	return clauses;
}

static void
add_parameterized_paths(PlannerInfo *root, RelOptInfo *baserel)
{
	Relids all = bms_copy(baserel->lateral_relids);
	List *done = NIL;
	ListCell *lc;

	foreach (lc, key_join_clauses(root, baserel))
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		Relids outer = bms_difference(rinfo->clause_relids, baserel->relids);

		outer = bms_union(outer, baserel->lateral_relids);
		all = bms_union(all, outer);
		add_parameterized(root, baserel, outer, &done);
	}
	add_parameterized(root, baserel, all, &done);
}

void
cassandraGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel, Oid relid)
{
	CassRelInfo *info = baserel->fdw_private;
	CassDecision *d =
		cass_decide(root, baserel, info->shape, baserel->baserestrictinfo);
	Cost startup, total;

	estimate(root, baserel, d, baserel->rows, &startup, &total);
	add_path(baserel, (Path *) cass_create_foreignscan_path(
						  root, baserel, baserel->rows, startup, total, NIL,
						  baserel->lateral_relids, NIL));
	add_parameterized_paths(root, baserel);
}

/* Attribute numbers the scan must fetch. */
static List *
retrieved_attributes(RelOptInfo *baserel, const CassShape *shape, List *local)
{
	Bitmapset *used = NULL;
	List *list = NIL;
	bool whole;
	ListCell *lc;
	int i;

	pull_varattnos((Node *) baserel->reltarget->exprs, baserel->relid, &used);
	foreach (lc, local)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, lc)->clause,
					   baserel->relid, &used);
	whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (i = 0; i < shape->natts; i++)
	{
		if (shape->atts[i].dropped || shape->atts[i].type == NULL)
			continue;
		if (whole ||
			bms_is_member(i + 1 - FirstLowInvalidHeapAttributeNumber, used))
			list = lappend_int(list, i + 1);
	}
	return list;
}

/* Text for EXPLAIN, with the operators of the first conditions. */
static char *
display_cql(const CassShape *shape, const CassDecision *d, List *retrieved)
{
	CassSelect select = {shape, retrieved, 0, -1, NULL, NULL, false};
	ListCell *lc;

	if (d->keyed)
		select.npoints = shape->table->npartition + d->npoints;
	if (d->range >= 0)
		select.range = shape->table->npartition + d->range;
	foreach (lc, d->conditions)
	{
		CassCondition *c = lfirst(lc);

		if (!c->pushed || shape->atts[c->att].column != select.range)
			continue;
		if (c->strategy == BTLessStrategyNumber)
			select.upper = "<";
		else if (c->strategy == BTLessEqualStrategyNumber)
			select.upper = "<=";
		else
			select.lower = c->strategy == BTGreaterStrategyNumber ? ">" : ">=";
	}
	return cass_deparse_select(&select);
}

static List *
make_strings(List *texts)
{
	List *strings = NIL;
	ListCell *lc;

	foreach (lc, texts)
		strings = lappend(strings, makeString(lfirst(lc)));
	return strings;
}

ForeignScan *
cassandraGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel, Oid relid,
						ForeignPath *best_path, List *tlist,
						List *scan_clauses, Plan *outer_plan)
{
	CassRelInfo *info = baserel->fdw_private;
	CassDecision *d = cass_decide(root, baserel, info->shape, scan_clauses);
	List *retrieved = retrieved_attributes(baserel, info->shape, d->local);
	List *conditions = NIL;
	List *values = NIL;
	List *shape;
	bool split = root->limit_tuples < 0 && root->tuple_fraction <= 0;
	ListCell *lc;

	foreach (lc, d->conditions)
	{
		CassCondition *c = lfirst(lc);

		if (!c->pushed)
			continue;
		conditions = lappend_int(conditions, c->att + 1);
		conditions = lappend_int(conditions, c->strategy);
		conditions = lappend_int(conditions, c->any);
		conditions = lappend_int(conditions, (int) c->valtype);
		values = lappend(values, c->value);
	}
	shape = list_make4_int(d->keyed, d->npoints, d->range, split);
	return make_foreignscan(
		tlist, extract_actual_clauses(d->local, false), baserel->relid, values,
		list_make5(retrieved, conditions, shape,
				   makeString(display_cql(info->shape, d, retrieved)),
				   make_strings(d->reasons)),
		NIL, extract_actual_clauses(d->remote, false), outer_plan);
}
