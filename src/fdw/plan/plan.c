/*
 * plan.c
 *	  Size of a relation, and the scan's plan out of a chosen path.
 */
#include "deparse.h"
#include "planner.h"
#include "system_columns.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"

#define LEAST_SELECTIVITY 1e-6 /* of what is checked here */
#define LENGTH_BYTES 4		   /* before each value on the wire */

/* ---- size ---- */

/* Size of the table: ANALYZE's, else what Cassandra knows or a guess. */
static void
set_size(RelOptInfo *rel, CassRelInfo *info, Oid userid)
{
	CassEstimate estimate;

	if (rel->tuples >= 0)
	{
		info->tuples = rel->tuples;
		info->partitions =
			rel->pages > 0 ? (double) rel->pages : Max(rel->tuples, 1);
		return;
	}
	/* one row at most: no request only to learn how large the table is */
	if (cass_is_single_row(info, info->decision))
	{
		rel->tuples = CASS_GUESS_ROWS;
		info->partitions = CASS_GUESS_ROWS;
		info->tuples = -1;
		return;
	}
	cass_estimate_table(info->shape, userid, &estimate);
	rel->tuples = estimate.rows;
	info->tuples = estimate.known ? estimate.rows : -1;
	info->partitions = estimate.partitions;
	info->width = estimate.width_known ? estimate.width : 0;
}

void
cassandraGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel, Oid relid)
{
	CassRelInfo *info = palloc0(sizeof(CassRelInfo));
	Oid userid = cass_rel_userid(baserel);
	cql_cluster *cluster;

	info->rel = baserel;
	info->options = cass_options_for_table(relid, userid);
	/* first: a new cluster makes what was known of tables be read again */
	cluster = cass_get_cluster(GetForeignTable(relid)->serverid, userid);
	info->shape = cass_shape_get(relid, userid, info->options);
	info->release = cql_cluster_release(cluster);
	baserel->fdw_private = info;
	cass_check_scan_system_columns(root, baserel, info->shape);
	info->nonnullable = find_nonnullable_vars(
		(Node *) extract_actual_clauses(baserel->baserestrictinfo, false));
	info->decision = cass_decide(root, info, baserel->baserestrictinfo, NULL);
	set_size(baserel, info, userid);
	cass_estimate_rel(root, baserel, info);
	/* ANALYZE stored partitions there: no pages of ours are in any cache */
	baserel->pages = 0;
	if (baserel->reloptkind != RELOPT_BASEREL)
		cass_add_key_index(root, baserel, info->shape);
}

/* ---- what a row consists of ---- */

static void
add_output(List **outputs, int att)
{
	CassOutput *output;
	ListCell *lc;

	foreach (lc, *outputs)
	{
		if (((CassOutput *) lfirst(lc))->att == att)
			return;
	}
	output = palloc0(sizeof(CassOutput));
	output->kind = CASS_OUTPUT_COLUMN;
	output->att = att;
	output->slot = att;
	*outputs = lappend(*outputs, output);
}

static Bitmapset *
add_attribute(Bitmapset *used, AttrNumber attnum)
{
	return bms_add_member(used, attnum - FirstLowInvalidHeapAttributeNumber);
}

/*
 * An UPDATE carries its target's row along whole, a DELETE for RETURNING; but
 * what is assigned replaces it, and others look at few columns of it.
 */
static Bitmapset *
add_carried(PlannerInfo *root, const CassRelInfo *info, Bitmapset *used)
{
	const Query *parse = root->parse;
	Index relid = info->rel->relid;
	ListCell *lc;

	/* an error of a check option shows all of the row */
	if ((int) relid != parse->resultRelation ||
		parse->withCheckOptions != NIL ||
		has_row_triggers(root, relid, parse->commandType) ||
		has_stored_generated_columns(root, relid))
		return add_attribute(used, InvalidAttrNumber);
	pull_varattnos((Node *) parse->returningList, relid, &used);
	/* what is added to a counter is told by the difference */
	foreach (lc, info->shape->table->counter ? root->update_colnos : NIL)
		used = add_attribute(used, lfirst_int(lc));
	return used;
}

/*
 * A lock's copy of the row is for the row's conditions to be looked at again,
 * when another session has changed a local row that it was joined with.
 */
static bool
is_lock_copy(PlannerInfo *root, const RelOptInfo *rel, const Var *var)
{
	return root->rowMarks != NIL && rel->reloptkind == RELOPT_BASEREL &&
		   (int) rel->relid != root->parse->resultRelation &&
		   cass_is_for_lock(root, rel->relid, var->varattno);
}

static Bitmapset *
used_attributes(PlannerInfo *root, const CassRelInfo *info, List *remote)
{
	Bitmapset *used = NULL;
	ListCell *lc;

	foreach (lc, info->rel->reltarget->exprs)
	{
		Var *var = lfirst(lc);

		/* whole rows that a query names have their table's type */
		if (IsA(var, Var) && var->varattno == InvalidAttrNumber &&
			var->vartype == RECORDOID)
			used = add_carried(root, info, used);
		else if (IsA(var, Var) && var->varattno == InvalidAttrNumber &&
				 is_lock_copy(root, info->rel, var))
			pull_varattnos((Node *) extract_actual_clauses(remote, false),
						   info->rel->relid, &used);
		else
			pull_varattnos((Node *) var, info->rel->relid, &used);
	}
	return used;
}

/* Columns that the scan must fetch, in the table's order. */
static List *
make_outputs(PlannerInfo *root, const CassRelInfo *info,
			 const CassPathInfo *path, const CassDecision *d)
{
	const CassShape *shape = info->shape;
	Bitmapset *used = used_attributes(root, info, d->remote);
	List *outputs = NIL;
	bool whole;
	ListCell *lc;
	int i;

	foreach (lc, d->local)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, lc)->clause,
					   info->rel->relid, &used);
	whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (i = 0; i < shape->natts; i++)
	{
		if (shape->atts[i].dropped ||
			!(whole ||
			  bms_is_member(i + 1 - FirstLowInvalidHeapAttributeNumber, used)))
			continue;
		cass_shape_require(shape, i);
		if (shape->atts[i].type != NULL)
			add_output(&outputs, i);
	}
	foreach (lc, path->wish.order)
		add_output(&outputs, ((CassOrder *) lfirst(lc))->att);
	return outputs;
}

/* ---- duplicates that nobody wants ---- */

/* A query of this relation alone, to whose rows nothing else happens. */
static bool
is_simple_query(PlannerInfo *root)
{
	Query *parse = root->parse;

	return parse->commandType == CMD_SELECT && parse->rowMarks == NIL &&
		   parse->setOperations == NULL && !parse->hasAggs &&
		   !parse->hasWindowFuncs && !parse->hasTargetSRFs &&
		   parse->groupingSets == NIL &&
		   bms_membership(root->all_baserels) == BMS_SINGLETON;
}

/*
 * Volatile functions, those of sub-selects too, which have been planned: their
 * plans are not part of the expression.
 */
static bool
has_volatile(Node *node, void *context)
{
	PlannerInfo *root = context;

	if (node == NULL)
		return false;
	if (IsA(node, SubPlan))
	{
		SubPlan *subplan = (SubPlan *) node;
		PlannerInfo *subroot =
			list_nth(root->glob->subroots, subplan->plan_id - 1);
		Node *query = (Node *) subroot->parse;

		if (contain_volatile_functions(query) || has_volatile(query, root))
			return true;
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, has_volatile, context, 0);
	return expression_tree_walker(node, has_volatile, context);
}

/*
 * DISTINCT and GROUP BY of partition key columns (and statics) only: one row a
 * partition is enough.  PostgreSQL still drops duplicates.
 */
static bool
wants_distinct(PlannerInfo *root, CassRelInfo *info, List *outputs,
			   CassWish *wish)
{
	ListCell *lc;
	uint32 i;

	/* a volatile value is another one in each row, so duplicates are none */
	if (!is_simple_query(root) || root->parse->hasDistinctOn ||
		(root->parse->distinctClause == NIL &&
		 root->parse->groupClause == NIL) ||
		info->rel->reltarget->exprs == NIL ||
		contain_volatile_functions((Node *) root->parse->targetList) ||
		has_volatile((Node *) root->parse->targetList, root))
		return false;
	foreach (lc, outputs)
	{
		CassOutput *output = lfirst(lc);

		/* the token is the key's, one a partition */
		if (cass_is_token(info->shape, output->att))
			continue;
		if (info->shape->atts[output->att].column < 0)
			return false;
		wish->group = lappend_int(wish->group, output->att);
	}
	for (i = 0; i < info->shape->table->npartition; i++)
	{
		int att = cass_att_of_column(info->shape, i);

		if (att < 0)
			return false;
		wish->group = list_append_unique_int(wish->group, att);
	}
	wish->aggregate = CQL_AGG_DISTINCT;
	return true;
}

/* DISTINCT ON names the partition key's columns, each of them. */
static bool
is_distinct_on_partition(PlannerInfo *root, const CassRelInfo *info)
{
	uint32 npartition = info->shape->table->npartition;
	uint32 found = 0;
	ListCell *lc;

	if (!is_simple_query(root) || !root->parse->hasDistinctOn ||
		root->parse->groupClause != NIL)
		return false;
	foreach (lc, root->distinct_pathkeys)
	{
		int att = cass_pathkey_column(info, lfirst(lc));

		if (att < 0 || info->shape->atts[att].column < 0 ||
			info->shape->atts[att].column >= (int) npartition)
			return false;
		found++;
	}
	return found == npartition;
}

/*
 * Fewer rows than the clauses find are enough for what PostgreSQL then makes
 * of them: tells the plan and gives the decision that includes it.  Rows that
 * come in the order of the ring do so still.
 */
static CassDecision *
reduce_rows(PlannerInfo *root, CassRelInfo *info, List *clauses,
			CassDecision *d, CassScanPlan *plan)
{
	CassWish wish;
	CassDecision *reduced;
	ListCell *lc;

	memset(&wish, 0, sizeof(wish));
	wish.ring = plan->ring;
	if (wants_distinct(root, info, plan->outputs, &wish))
	{
		reduced = cass_decide(root, info, clauses, &wish);
		if (!reduced->plan.aggregate || !reduced->plan.ordered)
			return d;
		plan->distinct = true;
		foreach (lc, wish.group)
			add_output(&plan->outputs, lfirst_int(lc));
		return reduced;
	}
	if (!plan->ring && is_distinct_on_partition(root, info) &&
		cass_match_partition_order(root, info, &wish.order))
	{
		wish.partition_limit = true;
		reduced = cass_decide(root, info, clauses, &wish);
		if (!reduced->plan.partition_limit || reduced->plan.reversed)
			return d;
		plan->partition_limit = 1;
		return reduced;
	}
	return d;
}

/* ---- the plan ---- */

/* Sources of conditions that went; their expressions go to exprs. */
static List *
make_sources(const CassDecision *d, List **exprs)
{
	List *sources = NIL;
	ListCell *lc, *lv;
	const CassSource *last = NULL;
	int last_restriction = -1;

	foreach (lc, d->conditions)
	{
		CassCondition *c = lfirst(lc);
		const cql_cond_plan *cond = &d->plan.conds[foreach_current_index(lc)];
		CassScanSource *source;

		if (cond->place == CQL_PLACE_LOCAL)
			continue;
		source = palloc0(sizeof(CassScanSource));
		source->kind = c->source->kind;
		source->restriction = cond->restriction;
		source->op = c->cond.op;
		source->strategy = c->source->strategy;
		source->atts = c->source->atts;
		source->steps = c->source->steps;
		source->first = list_length(*exprs);
		source->branches = c->source->branches ? c->clause : -1;
		/* two conditions of one restriction share the source's values */
		source->again =
			c->source == last && cond->restriction == last_restriction;
		last = c->source;
		last_restriction = cond->restriction;
		foreach (lv, source->again ? NIL : c->source->values)
		{
			CassValue *value = lfirst(lv);

			*exprs = lappend(*exprs, value->expr);
			source->types = lappend_oid(source->types, value->type);
			source->arrays = lappend_int(source->arrays, value->array);
		}
		sources = lappend(sources, source);
	}
	return sources;
}

static int
add_expression(List **exprs, Node *node)
{
	if (node == NULL)
		return -1;
	*exprs = lappend(*exprs, node);
	return list_length(*exprs) - 1;
}

/*
 * Rows that are likely to be read before the query has enough; 0: all.  What
 * is left out here must be read first.
 */
static double
wanted_rows(PlannerInfo *root, const CassRelInfo *info, const CassDecision *d,
			const Path *path)
{
	double wanted = cass_wanted_rows(root, path);

	if (wanted > 0 && d->local != NIL)
		wanted /= Max(clauselist_selectivity(root, d->local, info->rel->relid,
											 JOIN_INNER, NULL),
					  LEAST_SELECTIVITY);
	return wanted < info->rel->tuples ? wanted : 0;
}

/*
 * Bytes of a row as it comes, about; 0 where nobody knows: values of varying
 * length may be of any.
 */
static int
row_width(const CassRelInfo *info, List *outputs)
{
	double width = 0;
	ListCell *lc;

	foreach (lc, outputs)
	{
		AttrNumber attnum = ((CassOutput *) lfirst(lc))->att + 1;
		int32 of_value = get_attavgwidth(info->shape->relid, attnum);

		if (of_value <= 0)
			of_value = get_typlen(get_atttype(info->shape->relid, attnum));
		if (of_value <= 0)
			return info->width;
		width += of_value + LENGTH_BYTES;
	}
	return (int) Min(Max(width, 1), PG_INT32_MAX);
}

static void
set_table(CassScanPlan *plan, const CassRelInfo *info)
{
	plan->relid = info->shape->relid;
	plan->rows = info->tuples;
	plan->width = plan->aggregate ? 0 : row_width(info, plan->outputs);
}

static void
set_decision(CassScanPlan *plan, const CassDecision *d)
{
	plan->access = d->plan.access;
	plan->filtering = d->plan.filtering;
	plan->clustering = d->plan.clustering;
	plan->nrestrictions = d->plan.nrestrictions;
	plan->restrictions = d->plan.restrictions;
	plan->reasons = d->reasons;
	plan->rechecked = d->rechecked;
}

static void
set_wish(CassScanPlan *plan, const CassDecision *d, const CassPathInfo *path,
		 List **exprs)
{
	if (path->wish.order != NIL)
	{
		plan->ordered = true;
		plan->merge = d->plan.merge;
		plan->order = path->wish.order;
		plan->probe = path->probe;
	}
	plan->limit = plan->offset = plan->vector = -1;
	if (path->wish.limit && d->plan.limit)
	{
		plan->limit = add_expression(exprs, path->limit);
		plan->offset = add_expression(exprs, path->offset);
	}
	if (path->vector != NULL)
	{
		plan->vector = add_expression(exprs, (Node *) path->vector);
		plan->vector_att = path->wish.vector;
	}
}

/* Columns of the conditions for which an index would help, in words. */
static char *
condition_columns_text(const CassRelInfo *info)
{
	const CassShape *shape = info->shape;
	StringInfoData names;
	Bitmapset *used = NULL;
	int n = 0;
	int i;

	initStringInfo(&names);
	pull_varattnos(
		(Node *) extract_actual_clauses(info->rel->baserestrictinfo, false),
		info->rel->relid, &used);
	for (i = 0; i < shape->natts; i++)
	{
		if (!bms_is_member(i + 1 - FirstLowInvalidHeapAttributeNumber, used) ||
			shape->atts[i].column < (int) shape->table->npartition ||
			shape->table->columns[shape->atts[i].column].masked ||
			cass_is_indexed(shape, shape->atts[i].column))
			continue;
		appendStringInfo(&names, "%s\"%s\"", n++ > 0 ? ", " : "",
						 cass_from_cql(shape->atts[i].column_name));
	}
	if (n == 0)
		return NULL;
	return psprintf(n > 1 ? "one of columns %s" : "column %s", names.data);
}

/* Hints at what would avoid a scan of the whole table. */
static void
add_scan_hint(CassScanPlan *plan, const CassRelInfo *info)
{
	char *columns;

	if (plan->access != CQL_ACCESS_SCAN || plan->filtering ||
		info->rel->baserestrictinfo == NIL || plan->nrestrictions > 0)
		return;
	columns = condition_columns_text(info);
	plan->hint = psprintf("The whole table is read: restrict its partition "
						  "key (%s)%s%s%s.",
						  cass_partition_key_text(info->shape),
						  columns != NULL ? ", index " : "",
						  columns != NULL ? columns : "",
						  columns != NULL ? ", or keep a second table with it "
											"in its partition key"
										  : "");
}

ForeignScan *
cassandraGetForeignPlan(PlannerInfo *root, RelOptInfo *rel, Oid relid,
						ForeignPath *best_path, List *tlist,
						List *scan_clauses, Plan *outer_plan)
{
	CassPathInfo *path = linitial(best_path->fdw_private);
	CassRelInfo *info =
		path->grouped != NULL ? path->grouped : rel->fdw_private;
	CassScanPlan plan;
	CassDecision *d;
	List *exprs = NIL;
	List *quals;

	if (path->grouped != NULL)
		scan_clauses = info->rel->baserestrictinfo;
	memset(&plan, 0, sizeof(plan));
	d = cass_decide(root, info, scan_clauses, &path->wish);
	if (path->grouped != NULL)
	{
		plan.aggregate = true;
		plan.outputs = info->outputs;
		plan.ngroup = list_length(path->wish.group);
		quals = info->having;
	}
	else
	{
		plan.outputs = make_outputs(root, info, path, d);
		plan.ring = path->wish.ring;
		if (path->wish.order == NIL && path->vector == NULL &&
			!path->wish.limit)
			d = reduce_rows(root, info, scan_clauses, d, &plan);
		quals = extract_actual_clauses(d->local, false);
	}
	set_table(&plan, info);
	if (!plan.aggregate)
		plan.wanted = wanted_rows(root, info, d, &best_path->path);
	plan.split = plan.wanted == 0 && path->vector == NULL;
	set_decision(&plan, d);
	plan.sources = make_sources(d, &exprs);
	plan.checked = info->checked;
	plan.check = add_expression(
		&exprs, info->checks == NIL
					? NULL
					: (Node *) make_ands_explicit(info->checks));
	set_wish(&plan, d, path, &exprs);
	add_scan_hint(&plan, info);
	plan.cql = cass_deparse_plan(info->shape, &plan);
	return make_foreignscan(
		tlist, quals, path->grouped != NULL ? 0 : info->rel->relid, exprs,
		cass_scan_plan_to_list(info->shape, &plan),
		path->grouped != NULL ? info->tlist : NIL,
		path->grouped != NULL ? NIL : extract_actual_clauses(d->remote, false),
		outer_plan);
}

List *
cass_plan_lookup(PlannerInfo *root, const CassRelInfo *info,
				 const CassDecision *d, List **exprs)
{
	const CassPathInfo no_wish = {0};
	CassScanPlan plan;

	memset(&plan, 0, sizeof(plan));
	plan.outputs = make_outputs(root, info, &no_wish, d);
	set_table(&plan, info);
	set_decision(&plan, d);
	plan.sources = make_sources(d, exprs);
	plan.check = -1;
	set_wish(&plan, d, &no_wish, exprs);
	plan.cql = cass_deparse_plan(info->shape, &plan);
	return cass_scan_plan_to_list(info->shape, &plan);
}
