/*
 * join_paths.c
 *	  Where a key join is possible, and what it costs.
 *
 * A foreign table whose whole partition key is given by the other side of a
 * join can be looked up for each of its rows.  That is a nested loop, but one
 * that need not wait for a row's answer before it asks for the next one's.
 */
#include "planner.h"

#include "guc.h"
#include "key_join.h"

#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "utils/selfuncs.h"

static set_join_pathlist_hook_type next_join_pathlist = NULL;

static const CustomPathMethods path_methods = {
	.CustomName = CASS_KEY_JOIN_NAME, .PlanCustomPath = cass_plan_key_join};

/* ---- whether ---- */

/*
 * Whether rows may be looked at again after they were locked, one at a time:
 * FOR UPDATE, or a local table that is written.  That is not for a join that
 * is ahead of its rows.
 */
static bool
may_be_rechecked(PlannerInfo *root)
{
	const Query *parse = root->parse;

	if (parse->rowMarks != NIL)
		return true;
	return parse->resultRelation != 0 && parse->commandType != CMD_INSERT &&
		   planner_rt_fetch(parse->resultRelation, root)->relkind !=
			   RELKIND_FOREIGN_TABLE;
}

static bool
is_join_type(JoinType jointype)
{
	return jointype == JOIN_INNER || jointype == JOIN_LEFT ||
		   jointype == JOIN_SEMI || jointype == JOIN_ANTI ||
		   jointype == JOIN_UNIQUE_OUTER;
}

static bool
is_possible(PlannerInfo *root, const RelOptInfo *joinrel,
			const RelOptInfo *innerrel, JoinType jointype)
{
	return IS_SIMPLE_REL(innerrel) && cass_is_our_rel(innerrel) &&
		   innerrel->fdw_private != NULL && is_join_type(jointype) &&
		   !root->hasPseudoConstantQuals &&
		   bms_is_empty(joinrel->lateral_relids) &&
		   bms_is_empty(innerrel->lateral_relids);
}

/* Some key column's value must be the other side's. */
static bool
takes_values(const CassDecision *d, int nown)
{
	ListCell *lc;

	foreach (lc, d->conditions)
	{
		const CassCondition *c = lfirst(lc);

		if (c->clause >= nown &&
			d->plan.conds[foreach_current_index(lc)].place != CQL_PLACE_LOCAL)
			return true;
	}
	return false;
}

/*
 * Clauses by which Cassandra would filter what it reads for a key: what is
 * filtered here makes fewer distinct look-ups.
 */
static List *
filtering_clauses(const CassDecision *d, List *joinclauses, int nown)
{
	List *clauses = NIL;
	ListCell *lc;

	foreach (lc, d->conditions)
	{
		const CassCondition *c = lfirst(lc);
		const cql_cond_plan *cond = &d->plan.conds[foreach_current_index(lc)];

		if (c->clause >= nown && cond->place != CQL_PLACE_LOCAL &&
			d->plan.restrictions[cond->restriction].filtering)
			clauses = list_append_unique_ptr(
				clauses, list_nth(joinclauses, c->clause - nown));
	}
	return clauses;
}

/* The join as it is decided, or NULL. */
static CassKeyJoin *
decide(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *innerrel,
	   JoinType jointype, const JoinPathExtraData *extra)
{
	const CassRelInfo *info = innerrel->fdw_private;
	List *own = innerrel->baserestrictinfo;
	CassKeyJoin *join = palloc0(sizeof(CassKeyJoin));
	CassDecision *d;
	ListCell *lc;

	join->inner = innerrel;
	join->jointype = jointype == JOIN_UNIQUE_OUTER ? JOIN_INNER : jointype;
	join->single =
		jointype == JOIN_SEMI || jointype == JOIN_ANTI || extra->inner_unique;
	foreach (lc, extra->restrictlist)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (IS_OUTER_JOIN(jointype) &&
			RINFO_IS_PUSHED_DOWN(rinfo, joinrel->relids))
			join->otherclauses = lappend(join->otherclauses, rinfo);
		else
			join->joinclauses = lappend(join->joinclauses, rinfo);
	}
	d = cass_decide(root, info, list_concat_copy(own, join->joinclauses),
					NULL);
	join->checked = filtering_clauses(d, join->joinclauses, list_length(own));
	if (join->checked != NIL)
		d = cass_decide(
			root, info,
			list_concat_copy(
				own, list_difference_ptr(join->joinclauses, join->checked)),
			NULL);
	if (!d->keyed || !takes_values(d, list_length(own)))
		return NULL;
	join->decision = d;
	return join;
}

/* ---- rows ---- */

/* All that the join says is given to Cassandra. */
static bool
is_all_remote(const CassKeyJoin *join)
{
	ListCell *lc;

	foreach (lc, join->joinclauses)
	{
		if (!list_member_ptr(join->decision->remote, lfirst(lc)))
			return false;
	}
	return true;
}

/*
 * By its whole key a row of the other side finds one, as by a foreign key.  Of
 * several columns the planner thinks as if their values came in all
 * combinations, and expects next to nothing.
 */
static void
expect_matches(RelOptInfo *joinrel, const RelOptInfo *outerrel,
			   const CassKeyJoin *join)
{
	const RelOptInfo *inner = join->inner;
	const CassRelInfo *info = inner->fdw_private;
	double rows = outerrel->rows * inner->rows / Max(inner->tuples, 1);
	ListCell *lc;

	if (cass_nkeys(info->shape->table) < 2 || rows <= joinrel->rows ||
		!cass_is_single_row(info, join->decision) || !is_all_remote(join))
		return;
	joinrel->rows = clamp_row_est(rows);
	foreach (lc, joinrel->pathlist)
	{
		Path *path = lfirst(lc);

		if (path->param_info == NULL)
			path->rows = joinrel->rows;
	}
}

/* ---- costs ---- */

/* What the look-ups ask for: as many as there are distinct combinations. */
static List *
value_exprs(const CassDecision *d)
{
	List *exprs = NIL;
	ListCell *lc, *lv;

	foreach (lc, d->conditions)
	{
		const CassCondition *c = lfirst(lc);

		if (d->plan.conds[foreach_current_index(lc)].place == CQL_PLACE_LOCAL)
			continue;
		foreach (lv, c->source->values)
		{
			Node *expr = (Node *) ((CassValue *) lfirst(lv))->expr;

			if (contain_var_clause(expr))
				exprs = list_append_unique(exprs, expr);
		}
	}
	return exprs;
}

/*
 * All look-ups wait together, but for the first few: rows are taken 1, 8, 64
 * at a time to begin with.
 */
static void
set_cost(PlannerInfo *root, const CassKeyJoin *join, const Path *outer,
		 Path *path)
{
	const CassRelInfo *info = join->inner->fdw_private;
	const CassDecision *d = join->decision;
	List *exprs = value_exprs(d);
	double keys = estimate_num_groups(root, exprs, outer->rows, NULL, NULL);
	double found = cass_estimate_keyed(
		root, info, d,
		list_concat_copy(join->inner->baserestrictinfo, join->joinclauses));
	Cost startup = 0, rows = 0;
	QualCost quals;

	cass_cost_rows(root, info, d, found, &startup, &rows);
	cost_qual_eval(&quals, join->otherclauses, root);
	startup += quals.startup + outer->startup_cost;
	path->startup_cost = startup + cass_cost_round_trip(info);
	path->total_cost =
		startup + (outer->total_cost - outer->startup_cost) +
		cass_cost_round_trip(info) * (1 + (keys > 1) + (keys > 9)) +
		keys * (cass_cost_lookups(root, info, d) + rows) +
		outer->rows *
			(cpu_tuple_cost + list_length(exprs) * cpu_operator_cost) +
		path->rows * (cpu_tuple_cost + quals.per_tuple);
}

/* ---- paths ---- */

static void
add_join_path(PlannerInfo *root, RelOptInfo *joinrel, CassKeyJoin *join,
			  Path *outer)
{
	CustomPath *path = makeNode(CustomPath);

	path->path.pathtype = T_CustomScan;
	path->path.parent = joinrel;
	path->path.pathtarget = joinrel->reltarget;
	path->path.rows = joinrel->rows;
	path->path.pathkeys =
		build_join_pathkeys(root, joinrel, join->jointype, outer->pathkeys);
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->custom_paths = list_make1(outer);
	path->custom_private = list_make1(join);
	path->methods = &path_methods;
	cass_inherit_disabled(&path->path, outer);
	set_cost(root, join, outer, &path->path);
	add_path(joinrel, &path->path);
}

static void
join_pathlist(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *outerrel,
			  RelOptInfo *innerrel, JoinType jointype,
			  JoinPathExtraData *extra)
{
	CassKeyJoin *join;
	ListCell *lc;

	if (next_join_pathlist != NULL)
		next_join_pathlist(root, joinrel, outerrel, innerrel, jointype, extra);
	if (!is_possible(root, joinrel, innerrel, jointype))
		return;
	join = decide(root, joinrel, innerrel, jointype, extra);
	if (join == NULL)
		return;
	if (jointype == JOIN_INNER)
		expect_matches(joinrel, outerrel, join);
	if (!cass_guc_enable_keyjoin || may_be_rechecked(root))
		return;
	if (jointype == JOIN_UNIQUE_OUTER)
	{
		Path *unique = (Path *) create_unique_path(
			root, outerrel, outerrel->cheapest_total_path, extra->sjinfo);

		if (unique != NULL && unique->param_info == NULL)
			add_join_path(root, joinrel, join, unique);
		return;
	}
	foreach (lc, outerrel->pathlist)
	{
		Path *outer = lfirst(lc);

		if (outer->param_info == NULL)
			add_join_path(root, joinrel, join, outer);
	}
}

void
cass_key_join_init(void)
{
	RegisterCustomScanMethods(&cass_key_join_methods);
	next_join_pathlist = set_join_pathlist_hook;
	set_join_pathlist_hook = join_pathlist;
}
