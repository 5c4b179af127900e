/*
 * upper_group.c
 *	  count, min, max and GROUP BY of a key by the server.
 *
 * sum and avg never: Cassandra's wrap around and truncate.
 */
#include "planner.h"

#include "catalog/pg_aggregate.h"
#include "catalog/pg_namespace.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planner.h"
#include "optimizer/restrictinfo.h"
#include "optimizer/tlist.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

/* The aggregate's kind, or false where it is none of ours. */
static bool
get_kind(const Aggref *aggref, bool partial, CassOutputKind *kind)
{
	AggSplit split = partial ? AGGSPLIT_INITIAL_SERIAL : AGGSPLIT_SIMPLE;
	char *name;

	if (get_func_namespace(aggref->aggfnoid) != PG_CATALOG_NAMESPACE ||
		aggref->aggfilter != NULL || aggref->aggdistinct != NIL ||
		aggref->aggorder != NIL || aggref->aggdirectargs != NIL ||
		aggref->aggsplit != split || aggref->agglevelsup != 0)
		return false;
	name = get_func_name(aggref->aggfnoid);
	if (strcmp(name, "count") == 0)
		*kind = CASS_OUTPUT_COUNT;
	else if (strcmp(name, "min") == 0)
		*kind = CASS_OUTPUT_MIN;
	else if (strcmp(name, "max") == 0)
		*kind = CASS_OUTPUT_MAX;
	else
		return false;
	return true;
}

/* The argument is no null in any row, so that each row counts. */
static bool
never_null(const CassRelInfo *info, Node *node)
{
	Var *var = cass_get_column(info->rel, node);
	const cql_schema_table *table = info->shape->table;
	int column;

	if (IsA(node, Const))
		return !((Const *) node)->constisnull;
	if (var == NULL)
		return false;
	column = info->shape->atts[var->varattno - 1].column;
	/* a key of one column is refused where it has no length */
	return cass_never_null(info, var->varattno - 1) ||
		   (column == 0 && table->npartition == 1);
}

/* An aggregate as an output; NULL when the server's answer may be another. */
static CassOutput *
make_aggregate(const CassRelInfo *info, const Aggref *aggref)
{
	CassOutput *output = palloc0(sizeof(CassOutput));
	const CassCodec *codec;
	CassMinMax minmax;
	Node *arg;
	Var *var;

	if (!get_kind(aggref, info->partial, &output->kind))
		return NULL;
	output->att = -1;
	if (aggref->aggstar)
		return output->kind == CASS_OUTPUT_COUNT ? output : NULL;
	if (list_length(aggref->args) != 1)
		return NULL;
	arg = (Node *) ((TargetEntry *) linitial(aggref->args))->expr;
	if (output->kind == CASS_OUTPUT_COUNT && never_null(info, arg))
		return output;
	var = cass_get_column(info->rel, arg);
	if (var == NULL ||
		cass_column_refused(info->shape, var->varattno - 1) != NULL)
		return NULL;
	output->att = var->varattno - 1;
	codec = info->shape->atts[output->att].codec;
	if (cass_codec_type(codec)->nsub > 0)
		return NULL;
	if (output->kind == CASS_OUTPUT_COUNT)
		return cass_has_empty(codec) ? NULL : output;
	if (aggref->aggtype != var->vartype)
		return NULL;
	minmax = cass_minmax(
		codec, output->kind == CASS_OUTPUT_MAX,
		lookup_type_cache(var->vartype, TYPECACHE_BTREE_OPFAMILY)->btree_opf,
		aggref->inputcollid);
	/* of groups nobody could tell which one has to be read again */
	return minmax == CASS_MINMAX_EXACT ||
				   (minmax == CASS_MINMAX_UNLESS_EMPTY &&
					info->wish.group == NIL)
			   ? output
			   : NULL;
}

static CassOutput *
make_group_column(const CassRelInfo *info, const Var *var, const List *group)
{
	CassOutput *output;

	if (!list_member_int(group, var->varattno - 1))
		return NULL;
	output = palloc0(sizeof(CassOutput));
	output->kind = CASS_OUTPUT_COLUMN;
	output->att = var->varattno - 1;
	return output;
}

static bool
is_group_exact(const CassRelInfo *info, const Var *var)
{
	TypeCacheEntry *type =
		lookup_type_cache(var->vartype, TYPECACHE_BTREE_OPFAMILY);

	return cass_group_exact(info->shape->atts[var->varattno - 1].codec,
							type->btree_opf, var->varcollid);
}

/*
 * GROUP BY's columns as attributes in key order; false: not by keys.  Without
 * clustering columns a group is a row, and Cassandra cannot page it ("Invalid
 * value for the paging state", 5.0.8).
 */
static bool
get_group(PlannerInfo *root, const CassRelInfo *info, List **group)
{
	uint32 nkeys =
		info->shape->table->npartition + info->shape->table->nclustering;
	Bitmapset *columns = NULL;
	int column = -1;
	ListCell *lc;

	*group = NIL;
	if (root->parse->groupClause != NIL &&
		info->shape->table->nclustering == 0)
		return false;
	foreach (lc, root->parse->groupClause)
	{
		TargetEntry *entry =
			get_sortgroupclause_tle(lfirst(lc), root->parse->targetList);
		Var *var = IsA(entry->expr, Var)
					   ? cass_get_column(info->rel, (Node *) entry->expr)
					   : NULL;

		if (var == NULL ||
			cass_column_refused(info->shape, var->varattno - 1) != NULL ||
			!is_group_exact(info, var))
			return false;
		column = info->shape->atts[var->varattno - 1].column;
		if (column >= (int) nkeys)
			return false;
		columns = bms_add_member(columns, column);
	}
	column = -1;
	while ((column = bms_next_member(columns, column)) >= 0)
		*group = lappend_int(*group, cass_att_of_column(info->shape, column));
	return true;
}

/* Adds an expression's output; false when the server cannot give it. */
static bool
add_expression(CassRelInfo *grouped, Expr *expr)
{
	CassOutput *output = NULL;

	if (tlist_member(expr, grouped->tlist) != NULL)
		return true;
	if (IsA(expr, Aggref))
		output = make_aggregate(grouped, (Aggref *) expr);
	else if (IsA(expr, Var))
		output = make_group_column(grouped, (Var *) expr, grouped->wish.group);
	if (output == NULL)
		return false;
	output->slot = list_length(grouped->tlist);
	grouped->tlist = add_to_flat_tlist(grouped->tlist, list_make1(expr));
	grouped->outputs = lappend(grouped->outputs, output);
	return true;
}

/*
 * Outputs: first the group columns in key order, as deparse.c prints them,
 * then the aggregates that the target and HAVING need.
 */
static bool
make_group_outputs(PlannerInfo *root, CassRelInfo *grouped,
				   const PathTarget *target)
{
	int flags = PVC_INCLUDE_AGGREGATES | PVC_INCLUDE_PLACEHOLDERS;
	List *exprs = pull_var_clause((Node *) target->exprs, flags);
	ListCell *lc;

	exprs =
		list_concat(exprs, pull_var_clause((Node *) grouped->having, flags));
	foreach (lc, grouped->wish.group)
	{
		ListCell *le;

		foreach (le, root->parse->groupClause)
		{
			Expr *expr =
				get_sortgroupclause_tle(lfirst(le), root->parse->targetList)
					->expr;

			if (((Var *) expr)->varattno - 1 == lfirst_int(lc) &&
				!add_expression(grouped, expr))
				return false;
		}
	}
	foreach (lc, exprs)
	{
		if (!add_expression(grouped, lfirst(lc)))
			return false;
	}
	return true;
}

/*
 * What the server may refuse to filter by is checked here where its rows are
 * aggregated here: the columns of that stand behind the outputs.
 */
static void
add_checks(CassRelInfo *grouped)
{
	List *vars;
	ListCell *lc;

	grouped->checks = extract_actual_clauses(grouped->decision->local, false);
	grouped->checked = NIL;
	vars = pull_var_clause((Node *) grouped->checks, PVC_RECURSE_PLACEHOLDERS);
	grouped->tlist = add_to_flat_tlist(grouped->tlist, vars);
	foreach (lc, vars)
	{
		CassOutput *output = palloc0(sizeof(CassOutput));

		output->kind = CASS_OUTPUT_COLUMN;
		output->att = ((Var *) lfirst(lc))->varattno - 1;
		output->slot = tlist_member(lfirst(lc), grouped->tlist)->resno - 1;
		grouped->checked = lappend(grouped->checked, output);
	}
}

/* Columns are needed, but none that tells a row from its partition. */
static bool
selects_only_static(const CassRelInfo *grouped)
{
	bool any = false;
	ListCell *lc;

	foreach (lc, grouped->outputs)
	{
		CassOutput *output = lfirst(lc);
		cql_column_kind kind;

		if (output->att < 0)
			continue;
		kind = grouped->shape->table
				   ->columns[grouped->shape->atts[output->att].column]
				   .kind;
		if (kind != CQL_STATIC && kind != CQL_PARTITION_KEY)
			return false;
		any = true;
	}
	return any;
}

static CassRelInfo *
make_grouped(PlannerInfo *root, const CassRelInfo *base,
			 const PathTarget *target, Node *having, bool partial)
{
	CassRelInfo *grouped = palloc(sizeof(CassRelInfo));

	memcpy(grouped, base, sizeof(CassRelInfo));
	grouped->outputs = grouped->tlist = NIL;
	memset(&grouped->wish, 0, sizeof(CassWish));
	grouped->having = having == NULL ? NIL : (List *) having;
	grouped->partial = partial;
	grouped->wish.aggregate = CQL_AGG_COUNT;
	if (contain_subplans((Node *) target->exprs) ||
		contain_subplans((Node *) grouped->having) ||
		!get_group(root, grouped, &grouped->wish.group) ||
		!make_group_outputs(root, grouped, target) ||
		list_length(grouped->outputs) == list_length(grouped->wish.group))
		return NULL;
	grouped->decision = cass_decide(root, grouped, base->rel->baserestrictinfo,
									&grouped->wish);
	/* CQL refuses that beside a restricted clustering column */
	if (grouped->decision->plan.clustering && selects_only_static(grouped))
		return NULL;
	if (!grouped->decision->plan.aggregate)
		return NULL;
	add_checks(grouped);
	return grouped;
}

/*
 * A partition's part of what is put together above: count adds up, and the
 * least of the least is the least.  Not of groups, whose columns are the
 * parent's.
 */
static bool
is_part(PlannerInfo *root, const RelOptInfo *input_rel, bool partial)
{
	if (!partial)
		return input_rel->reloptkind == RELOPT_BASEREL;
	return input_rel->reloptkind == RELOPT_OTHER_MEMBER_REL &&
		   root->parse->groupClause == NIL;
}

void
cass_add_group_paths(PlannerInfo *root, RelOptInfo *input_rel,
					 RelOptInfo *grouped_rel, void *arg, bool partial)
{
	GroupPathExtraData *extra = arg;
	CassRelInfo *base = input_rel->fdw_private;
	CassRelInfo *grouped;
	CassPathInfo *path;
	ForeignPath *created;
	Cost startup, total;
	double groups = 1;

	if (!is_part(root, input_rel, partial) || base == NULL ||
		root->parse->groupingSets != NIL || !root->parse->hasAggs ||
		root->parse->rowMarks != NIL || root->parse->hasTargetSRFs ||
		input_rel->lateral_relids != NULL ||
		bms_membership(root->all_baserels) != BMS_SINGLETON)
		return;
	grouped = make_grouped(root, base, grouped_rel->reltarget,
						   partial ? NULL : extra->havingQual, partial);
	if (grouped == NULL)
		return;
	if (root->parse->groupClause != NIL)
		groups = estimate_num_groups(
			root,
			get_sortgrouplist_exprs(root->parse->groupClause,
									root->parse->targetList),
			input_rel->rows, NULL, NULL);
	path = palloc0(sizeof(CassPathInfo));
	path->wish = grouped->wish;
	path->grouped = grouped;
	cass_cost_aggregate(root, grouped, grouped->decision, groups, &startup,
						&total);
	created = cass_create_upper_path(root, grouped_rel, grouped_rel->reltarget,
									 groups, startup, total, list_make1(path));
	created->path.parallel_safe &=
		cass_is_parallel_safe(grouped, grouped->decision);
	add_path(grouped_rel, (Path *) created);
}
