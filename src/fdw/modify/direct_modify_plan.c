/*
 * direct_modify_plan.c
 *	  Which UPDATEs and DELETEs a foreign scan does by itself.
 *
 * Where the rows of the target come straight out of one scan, nothing above
 * it needs them: what they are found by and what is assigned is all that is
 * read, and not the whole row.
 */
#include "direct_modify.h"
#include "pushdown.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "optimizer/appendinfo.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"

/* What is planned. */
typedef struct DirectModifyPlanner
{
	PlannerInfo *root;
	Index rtindex;
	CmdType operation;
	const CassRelInfo *info;
	const CassShape *shape;
	ForeignScan *scan;
	CassScanPlan *plan; /* of the scan */
	CassTarget target;
	CassDirectModifyPlan direct;
	List *exprs; /* values assigned, or what is added or removed */
} DirectModifyPlanner;

/* ---- the plan's form as nodes ---- */

static List *
direct_plan_to_list(const CassDirectModifyPlan *d)
{
	List *numbers =
		list_make4_int((int) d->mode, d->count, d->decode, d->first);

	return list_concat(
		list_make4(numbers, d->attnums, d->changes, makeString(d->cql)),
		list_make2(d->equals, d->nullables));
}

CassDirectModifyPlan *
cass_direct_modify_plan_from_list(List *list)
{
	CassDirectModifyPlan *d = palloc0(sizeof(CassDirectModifyPlan));
	List *numbers = linitial(list);

	d->mode = (CassDirectModifyMode) linitial_int(numbers);
	d->count = lsecond_int(numbers);
	d->decode = lthird_int(numbers);
	d->first = lfourth_int(numbers);
	d->attnums = lsecond(list);
	d->changes = lthird(list);
	d->cql = strVal(lfourth(list));
	d->equals = list_nth(list, 4);
	d->nullables = list_nth(list, 5);
	return d;
}

/* ---- the scan ---- */

/* The scan whose rows the target's part of the plan gives, or NULL. */
static ForeignScan *
find_scan(const ModifyTable *plan, Index rtindex, int subplan_index)
{
	Plan *subplan = outerPlan(plan);

	if (subplan != NULL && IsA(subplan, Result) && subplan->lefttree != NULL &&
		IsA(subplan->lefttree, Append))
		subplan = subplan->lefttree;
	if (subplan != NULL && IsA(subplan, Append))
	{
		List *children = ((Append *) subplan)->appendplans;

		if (subplan_index >= list_length(children))
			return NULL;
		subplan = list_nth(children, subplan_index);
	}
	if (subplan == NULL || !IsA(subplan, ForeignScan) ||
		((ForeignScan *) subplan)->scan.scanrelid != rtindex)
		return NULL;
	return (ForeignScan *) subplan;
}

/* Whether a restriction is on key columns only, and no index answers it. */
static bool
is_on_key(const CassShape *shape, const cql_restriction *r)
{
	int i;

	if (r->token || r->index >= 0)
		return false;
	for (i = 0; i < r->ncolumns; i++)
	{
		if (r->columns[i] >= cass_nkeys(shape->table))
			return false;
	}
	return true;
}

/*
 * Whether a row that the statement has written can come again: where it is
 * looked for by several values of a column that may have been assigned.
 */
static bool
repeats(const CassScanPlan *plan)
{
	int i;

	for (i = 0; i < plan->nrestrictions; i++)
	{
		const cql_restriction *r = &plan->restrictions[i];

		if ((r->index >= 0 || r->filtering) &&
			(r->fanout || r->shape == CQL_SHAPE_IN))
			return true;
	}
	return false;
}

bool
cass_scan_may_repeat(const ForeignScan *scan)
{
	return scan->scan.scanrelid == 0 ||
		   repeats(cass_scan_plan_from_list(scan->fdw_private));
}

/* ---- which way ---- */

/*
 * Whether a DELETE may carry the scan's restrictions, which are less than a
 * whole key: one tombstone for what may be many rows.
 */
static bool
fits_range(const DirectModifyPlanner *p)
{
	const CassScanPlan *plan = p->plan;
	int nequal = 0;
	int i;

	if (p->operation != CMD_DELETE || p->shape->table->counter ||
		p->shape->is_virtual || p->info->options->conditional_writes ||
		p->info->options->timestamps != CASS_TIMESTAMPS_CLIENT ||
		plan->access != CQL_ACCESS_PARTITION || plan->filtering ||
		p->scan->scan.plan.qual != NIL)
		return false;
	for (i = 0; i < plan->nrestrictions; i++)
	{
		const cql_restriction *r = &plan->restrictions[i];

		if (!is_on_key(p->shape, r))
			return false;
		if (r->shape == CQL_SHAPE_EQ || r->shape == CQL_SHAPE_IN)
			nequal += r->ncolumns;
		else if (r->shape != CQL_SHAPE_RANGE)
			return false;
	}
	return nequal < cass_nkeys(p->shape->table);
}

/* Whether the restriction is one that IF repeats. */
static bool
is_condition(const DirectModifyPlanner *p, const CassDmlSpec *spec,
			 const cql_restriction *r)
{
	return !r->token && !r->tuple && r->ncolumns == 1 && !r->fanout &&
		   r->shape == CQL_SHAPE_EQ &&
		   list_member_int(spec->conditions,
						   cass_att_of_column(p->shape, r->columns[0]));
}

/* How many clauses of WHERE require the column to have a value. */
static int
count_clauses(const DirectModifyPlanner *p, int att)
{
	int n = 0;
	ListCell *lc;

	foreach (lc, (List *) cass_where_clauses(p->root, p->rtindex))
	{
		bool nullable;

		n += cass_fixed_column(lfirst(lc), p->rtindex, &nullable) == att + 1;
	}
	return n;
}

/*
 * Whether the clause is nothing but a condition that IF repeats: an equality
 * that CQL and SQL see alike, and whose value is the one that was pushed, as
 * there is no other.
 */
static bool
is_repeated(const DirectModifyPlanner *p, const CassDmlSpec *spec,
			Node *clause)
{
	bool nullable;
	int att = cass_fixed_column(clause, p->rtindex, &nullable) - 1;
	Oid collation = exprInputCollation(clause);

	return att >= 0 && !nullable && list_member_int(spec->conditions, att) &&
		   count_clauses(p, att) == 1 &&
		   cass_codec_keeps(p->shape->atts[att].codec) &&
		   (!OidIsValid(collation) ||
			get_collation_isdeterministic(collation));
}

static bool
are_repeated(const DirectModifyPlanner *p, const CassDmlSpec *spec)
{
	ListCell *lc;

	foreach (lc, p->scan->scan.plan.qual)
	{
		if (!is_repeated(p, spec, lfirst(lc)))
			return false;
	}
	return true;
}

/* Whether each request is for one whole key, and IF says all the rest. */
static bool
has_whole_keys(const DirectModifyPlanner *p, const CassDmlSpec *spec)
{
	const CassScanPlan *plan = p->plan;
	int nkeys = 0;
	int i;

	for (i = 0; i < plan->nrestrictions; i++)
	{
		const cql_restriction *r = &plan->restrictions[i];

		if (is_on_key(p->shape, r) && !r->tuple && !r->filtering &&
			(r->shape == CQL_SHAPE_EQ ||
			 (r->shape == CQL_SHAPE_IN && r->fanout)))
			nkeys++;
		else if (!is_condition(p, spec, r))
			return false;
	}
	return nkeys == cass_nkeys(p->shape->table) &&
		   plan->nrestrictions - nkeys == list_length(spec->conditions) &&
		   are_repeated(p, spec);
}

/*
 * A statement that finds its rows by IF reads none.  Static columns are there
 * or not without regard to the row.
 */
static bool
fits_conditional(const DirectModifyPlanner *p, const CassDmlSpec *spec)
{
	Bitmapset *used = NULL;

	pull_varattnos((Node *) p->exprs, p->rtindex, &used);
	return has_whole_keys(p, spec) && used == NULL &&
		   (p->operation == CMD_DELETE || !cass_all_static(spec));
}

/* ---- what is read and assigned ---- */

/* Expressions that belong to the plan above, or to another plan node. */
static bool
is_bound_above(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, SubPlan) || IsA(node, AlternativeSubPlan) ||
		IsA(node, PlaceHolderVar) ||
		(IsA(node, Param) && ((Param *) node)->paramkind == PARAM_MULTIEXPR))
		return true;
	return expression_tree_walker(node, is_bound_above, context);
}

static bool
is_key(const DirectModifyPlanner *p, int att)
{
	return p->shape->atts[att].column >= 0 &&
		   p->shape->atts[att].column < cass_nkeys(p->shape->table);
}

/* "id = id", of a key. */
static bool
keeps_key(const DirectModifyPlanner *p, int att, const Expr *expr)
{
	const Var *var = (const Var *) expr;

	return is_key(p, att) && IsA(expr, Var) &&
		   (Index) var->varno == p->rtindex && var->varattno == att + 1 &&
		   var->varlevelsup == 0;
}

/*
 * The attributes that are assigned, and what is evaluated for each of them.
 * False where that needs the plan above, or nothing is written.
 */
static bool
set_assignments(DirectModifyPlanner *p)
{
	bool any = false;
	List *tlist;
	List *attnums;
	ListCell *lt, *la;

	get_translated_update_targetlist(p->root, p->rtindex, &tlist, &attnums);
	if (is_bound_above((Node *) tlist, NULL))
		return false;
	cass_check_assigned(p->shape, attnums);
	cass_check_masked(tlist, p->shape, p->rtindex);
	forboth (lt, tlist, la, attnums)
	{
		int att = lfirst_int(la) - 1;
		Expr *expr = lfirst_node(TargetEntry, lt)->expr;
		Expr *operand = expr;
		CassChange change = CASS_CHANGE_ASSIGN;

		if (keeps_key(p, att, expr))
			continue;
		if (!is_key(p, att))
		{
			change = cass_change_of(p->shape, p->rtindex, att, expr, &operand);
			any = true;
		}
		p->direct.attnums = lappend_int(p->direct.attnums, att + 1);
		p->direct.changes = lappend_int(p->direct.changes, (int) change);
		p->exprs = lappend(p->exprs, operand);
	}
	return any;
}

/* The scan reads the key and what is needed of the rest. */
static void
set_outputs(DirectModifyPlanner *p)
{
	const CassShape *shape = p->shape;
	Bitmapset *used = NULL;
	bool whole;
	int i;

	pull_varattnos((Node *) p->scan->scan.plan.qual, p->rtindex, &used);
	pull_varattnos((Node *) p->exprs, p->rtindex, &used);
	whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	p->direct.decode = used != NULL || p->scan->scan.plan.qual != NIL;
	p->plan->outputs = NIL;
	for (i = 0; i < shape->natts; i++)
	{
		int column = shape->atts[i].column;
		CassOutput *output;

		if (shape->atts[i].dropped || shape->atts[i].type == NULL ||
			!(whole || (column >= 0 && column < cass_nkeys(shape->table)) ||
			  bms_is_member(i + 1 - FirstLowInvalidHeapAttributeNumber,
							used) ||
			  list_member_int(p->target.equals, i) ||
			  list_member_int(p->target.nullables, i)))
			continue;
		output = palloc0(sizeof(CassOutput));
		output->kind = CASS_OUTPUT_COLUMN;
		output->att = output->slot = i;
		p->plan->outputs = lappend(p->plan->outputs, output);
	}
	p->plan->cql = cass_deparse_plan(shape, p->plan);
}

/* ---- planning ---- */

/* Decides by rows or by condition; false where neither is possible. */
static bool
plan_rows(DirectModifyPlanner *p)
{
	Relation rel;
	CassDmlSpec spec;

	if (repeats(p->plan) ||
		(p->operation == CMD_UPDATE &&
		 (p->shape->table->counter || !set_assignments(p))))
		return false;
	rel = table_open(p->shape->relid, NoLock);
	cass_target_init(&p->target, p->info->shape, p->info->options, rel);
	table_close(rel, NoLock);
	cass_find_conditions(p->root, p->rtindex, false, &p->target);
	if (p->operation == CMD_UPDATE)
		cass_guard_static(&p->target, p->direct.attnums);
	p->direct.equals = p->target.equals;
	p->direct.nullables = p->target.nullables;
	spec = p->operation == CMD_UPDATE
			   ? cass_spec_update(&p->target, p->direct.attnums,
								  p->direct.changes)
			   : cass_spec_delete(&p->target, false);
	set_outputs(p);
	p->direct.mode = CASS_DIRECT_ROWS;
	if (spec.conditional && fits_conditional(p, &spec))
	{
		p->direct.mode = CASS_DIRECT_CONDITIONAL;
		p->scan->scan.plan.qual = NIL;
	}
	else if (p->operation == CMD_UPDATE)
		cass_check_static(p->root, p->rtindex, &p->target, &spec);
	p->direct.cql = cass_deparse_dml(&spec, p->operation)->cql;
	return true;
}

static bool
plan_direct(DirectModifyPlanner *p)
{
	const CassScanPlan *plan = p->plan;

	if (plan->aggregate || plan->ordered || plan->distinct ||
		plan->limit >= 0 || plan->offset >= 0 || plan->partition_limit > 0 ||
		plan->vector >= 0)
		return false;
	if (!fits_range(p))
		return plan_rows(p);
	p->direct.mode = CASS_DIRECT_RANGE;
	p->direct.cql = cass_deparse_delete_plan(p->shape, plan);
	return true;
}

bool
cassandraPlanDirectModify(PlannerInfo *root, ModifyTable *plan,
						  Index resultRelation, int subplan_index)
{
	DirectModifyPlanner p;
	ForeignScan *scan;

	memset(&p, 0, sizeof(p));
	if ((plan->operation != CMD_UPDATE && plan->operation != CMD_DELETE) ||
		plan->returningLists != NIL)
		return false;
	scan = p.scan = find_scan(plan, resultRelation, subplan_index);
	if (scan == NULL)
		return false;
	p.root = root;
	p.rtindex = resultRelation;
	p.operation = plan->operation;
	p.info = find_base_rel(root, resultRelation)->fdw_private;
	p.shape = p.info->shape;
	cass_check_writable(p.shape, p.info->options, p.operation);
	p.plan = cass_scan_plan_from_list(scan->fdw_private);
	if (!plan_direct(&p))
		return false;
	p.direct.count = plan->canSetTag;
	p.direct.first = list_length(scan->fdw_exprs);
	scan->operation = plan->operation;
	scan->resultRelation = resultRelation;
	scan->scan.plan.async_capable = false; /* it gives no rows */
	scan->fdw_exprs = list_concat_copy(scan->fdw_exprs, p.exprs);
	scan->fdw_private = lappend(cass_scan_plan_to_list(p.shape, p.plan),
								direct_plan_to_list(&p.direct));
	return true;
}
