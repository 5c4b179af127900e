/*
 * join_plan.c
 *	  The plan of a key join.
 *
 * Its rows are those of the outer plan with what is needed of the foreign
 * table's behind; all of its expressions look at such a row.  Those of the
 * keys do before anything is known of the foreign table's part.
 */
#include "planner.h"

#include "key_join.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"

/* ---- the row's columns ---- */

/*
 * The same column or placeholder, whatever outer joins may have made NULL of
 * it where it is seen.
 */
static bool
is_same(const Node *a, const Node *b)
{
	if (IsA(a, Var) && IsA(b, Var))
		return ((Var *) a)->varno == ((Var *) b)->varno &&
			   ((Var *) a)->varattno == ((Var *) b)->varattno &&
			   ((Var *) a)->varlevelsup == ((Var *) b)->varlevelsup;
	if (IsA(a, PlaceHolderVar) && IsA(b, PlaceHolderVar))
		return ((PlaceHolderVar *) a)->phid == ((PlaceHolderVar *) b)->phid &&
			   ((PlaceHolderVar *) a)->phlevelsup ==
				   ((PlaceHolderVar *) b)->phlevelsup;
	return false;
}

static Node *
find_same(List *exprs, const Node *node)
{
	ListCell *lc;

	foreach (lc, exprs)
	{
		if (is_same(lfirst(lc), node))
			return lfirst(lc);
	}
	return NULL;
}

static List *
list_parts(Node *node)
{
	return pull_var_clause(node, PVC_RECURSE_AGGREGATES |
									 PVC_RECURSE_WINDOWFUNCS |
									 PVC_INCLUDE_PLACEHOLDERS);
}

/* What is needed of the foreign table's rows. */
static List *
inner_columns(const CassKeyJoin *join)
{
	List *columns = list_copy(join->inner->reltarget->exprs);
	ListCell *lc;

	foreach (lc, list_parts((Node *) extract_actual_clauses(
					 join->decision->local, false)))
	{
		const Var *var = lfirst(lc);

		if (IsA(var, Var) && (Index) var->varno == join->inner->relid &&
			find_same(columns, (Node *) var) == NULL)
			columns = lappend(columns, copyObject(lfirst(lc)));
	}
	return columns;
}

/*
 * What is seen of the join from above: columns and placeholders, and what
 * placeholders that are made of both sides look at.
 */
static List *
seen_parts(const RelOptInfo *rel)
{
	List *seen = list_parts((Node *) rel->reltarget->exprs);
	ListCell *lc;

	foreach (lc, seen)
	{
		const PlaceHolderVar *phv = lfirst(lc);

		if (IsA(phv, PlaceHolderVar))
			seen = list_concat(seen, list_parts((Node *) phv->phexpr));
	}
	return seen;
}

/*
 * Columns of the join's rows, as those above see them: by that name, so to
 * speak, its own expressions find them, too.
 */
static List *
make_columns(const RelOptInfo *rel, const CassKeyJoin *join, const Plan *outer)
{
	List *seen = seen_parts(rel);
	List *exprs = NIL;
	List *columns = NIL;
	ListCell *lc;

	foreach (lc, outer->targetlist)
		exprs = lappend(exprs, lfirst_node(TargetEntry, lc)->expr);
	exprs = list_concat(exprs, inner_columns(join));
	foreach (lc, exprs)
	{
		Node *same = find_same(seen, lfirst(lc));
		Expr *expr = copyObject(same != NULL ? (Expr *) same : lfirst(lc));

		columns =
			lappend(columns, makeTargetEntry(expr, list_length(columns) + 1,
											 NULL, false));
	}
	return columns;
}

/* Columns in an expression as they are called in the list. */
static Node *
rename_columns(Node *node, void *context)
{
	ListCell *lc;

	if (node == NULL)
		return NULL;
	if (IsA(node, Var) || IsA(node, PlaceHolderVar))
	{
		foreach (lc, (List *) context)
		{
			Node *expr = (Node *) lfirst_node(TargetEntry, lc)->expr;

			if (is_same(expr, node))
				return copyObject(expr);
		}
	}
	return expression_tree_mutator(node, rename_columns, context);
}

/* ---- conditions ---- */

/*
 * Adds the clauses behind those that must not be looked at after them: what
 * keeps rows from a user comes before what could tell him of them.
 */
static List *
by_security(List *rinfos)
{
	List *clauses = NIL;
	List *levels = NIL;
	ListCell *lc;

	foreach (lc, rinfos)
	{
		const RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		int place = list_length(levels);

		while (place > 0 &&
			   list_nth_int(levels, place - 1) > (int) rinfo->security_level)
			place--;
		levels =
			list_insert_nth_int(levels, place, (int) rinfo->security_level);
		clauses = list_insert_nth(clauses, place, (void *) rinfo->clause);
	}
	return clauses;
}

/* Where a condition can be looked at. */
static CassKeyJoinExprs
place_of(const CassKeyJoin *join, RestrictInfo *rinfo)
{
	if (list_member_ptr(join->inner->baserestrictinfo, rinfo))
		return CASS_KEY_JOIN_INNER;
	/* what is volatile has another value in each pair */
	if (bms_is_member(join->inner->relid, rinfo->clause_relids) ||
		contain_volatile_functions((Node *) rinfo->clause))
		return CASS_KEY_JOIN_QUALS;
	return CASS_KEY_JOIN_OUTER;
}

/* What Cassandra does not check, of one kind. */
static List *
local_clauses(const CassKeyJoin *join, CassKeyJoinExprs which)
{
	List *rinfos = NIL;
	ListCell *lc;

	foreach (lc, join->decision->local)
	{
		if (place_of(join, lfirst(lc)) == which)
			rinfos = lappend(rinfos, lfirst(lc));
	}
	if (which == CASS_KEY_JOIN_QUALS)
		rinfos = list_concat(rinfos, join->checked);
	return by_security(rinfos);
}

/* ---- the plan ---- */

/* Nobody is expected to stop before the last row. */
static bool
wants_all(const PlannerInfo *root)
{
	return root->tuple_fraction == 0 && root->limit_tuples <= 0;
}

Plan *
cass_plan_key_join(PlannerInfo *root, RelOptInfo *rel, CustomPath *best_path,
				   List *tlist, List *clauses, List *custom_plans)
{
	const CassKeyJoin *join = linitial(best_path->custom_private);
	const Plan *outer = linitial(custom_plans);
	CustomScan *scan = makeNode(CustomScan);
	List *columns = make_columns(rel, join, outer);
	List *values = NIL;
	List *lookup = cass_plan_lookup(root, join->inner->fdw_private,
									join->decision, &values);
	List *numbers;

	numbers = list_make5_int((int) join->jointype, join->single,
							 list_length(outer->targetlist),
							 (int) join->inner->userid, wants_all(root));
	scan->flags = best_path->flags;
	scan->methods = &cass_key_join_methods;
	scan->custom_plans = custom_plans;
	scan->custom_private = list_make2(lookup, numbers);
	scan->custom_scan_tlist = columns;
	scan->custom_exprs =
		list_make4(values, local_clauses(join, CASS_KEY_JOIN_OUTER),
				   local_clauses(join, CASS_KEY_JOIN_INNER),
				   local_clauses(join, CASS_KEY_JOIN_QUALS));
	scan->custom_exprs =
		(List *) rename_columns((Node *) scan->custom_exprs, columns);
	scan->scan.plan.qual = (List *) rename_columns(
		(Node *) by_security(join->otherclauses), columns);
	scan->scan.plan.targetlist = tlist;
	return &scan->scan.plan;
}
