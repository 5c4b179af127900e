/*
 * upper_limit.c
 *	  LIMIT: each request may stop after as many rows.
 *
 * The plan keeps its Limit node, which counts and skips; what goes to
 * Cassandra is a hint.  So are the nearest vectors: a Sort on top puts them
 * into their exact order.  Of a partitioned table, and under UNION ALL, each
 * part may stop after as many rows as the whole.
 */
#include "planner.h"

#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

#define LIMITED 0.9 /* cost of a request that may stop early */

/* A query of one relation, perhaps of its parts, that does nothing but select.
 */
static bool
only_selects(PlannerInfo *root)
{
	Query *parse = root->parse;

	return parse->commandType == CMD_SELECT && parse->rowMarks == NIL &&
		   parse->setOperations == NULL && !parse->hasAggs &&
		   parse->groupClause == NIL && parse->groupingSets == NIL &&
		   parse->distinctClause == NIL && !parse->hasWindowFuncs &&
		   !parse->hasTargetSRFs && parse->havingQual == NULL &&
		   bms_membership(root->all_baserels) == BMS_SINGLETON;
}

/* The one foreign table of a query that does nothing but select. */
static CassRelInfo *
get_only_relation(PlannerInfo *root)
{
	RelOptInfo *rel;

	if (!only_selects(root))
		return NULL;
	rel = find_base_rel(root, bms_singleton_member(root->all_baserels));
	if (rel->fdwroutine == NULL || rel->reloptkind != RELOPT_BASEREL ||
		rel->fdw_private == NULL || rel->lateral_relids != NULL)
		return NULL;
	return rel->fdw_private;
}

static bool
is_steady(Node *node)
{
	return node == NULL ||
		   (!contain_volatile_functions(node) && !contain_subplans(node));
}

/* Whether the query has a LIMIT that a scan can be told. */
static bool
has_limit(const Query *parse)
{
	return parse->limitCount != NULL &&
		   parse->limitOption == LIMIT_OPTION_COUNT &&
		   is_steady(parse->limitCount) && is_steady(parse->limitOffset);
}

/*
 * A scan in the order of the query that may stop at its LIMIT, with its cost
 * and rows; NULL where rows are dropped or sorted after it.
 */
static CassPathInfo *
match_limit(PlannerInfo *root, CassRelInfo *info, double limit,
			CassDecision **decision, Cost *startup, Cost *total, double *rows)
{
	CassPathInfo *path = palloc0(sizeof(CassPathInfo));
	int n = list_length(root->sort_pathkeys);
	CassDecision *d;

	path->wish.limit = true;
	if (n == 0)
		d = cass_decide(root, info, info->rel->baserestrictinfo, &path->wish);
	else if (cass_match_pathkeys(root, info, root->sort_pathkeys, true, path,
								 &d) < n)
		return NULL;
	if (!d->plan.limit)
		return NULL;
	path->limit = root->parse->limitCount;
	path->offset = root->parse->limitOffset;
	*rows = limit > 0 ? Min(info->rel->rows, limit) : info->rel->rows;
	/* cheaper than all rows, of which the plan takes as many */
	cass_cost_scan(root, info, d, info->rel->rows, startup, total);
	*total = *startup + (*total - *startup) * *rows / Max(info->rel->rows, 1);
	*startup *= LIMITED;
	*total *= LIMITED;
	*decision = d;
	return path;
}

/* Puts what the query computes, and its Limit, on top of a path. */
static void
add_limited(PlannerInfo *root, RelOptInfo *final_rel, Path *path,
			List *sort_pathkeys, const FinalPathExtraData *extra)
{
	Query *parse = root->parse;

	path = (Path *) create_projection_path(
		root, final_rel, path, root->upper_targets[UPPERREL_FINAL]);
	if (sort_pathkeys != NIL)
		path = (Path *) create_sort_path(root, final_rel, path, sort_pathkeys,
										 extra->limit_tuples);
	path = (Path *) create_limit_path(
		root, final_rel, path, parse->limitOffset, parse->limitCount,
		parse->limitOption, extra->offset_est, extra->count_est);
	add_path(final_rel, path);
}

static void
add_vector_path(PlannerInfo *root, CassRelInfo *info, RelOptInfo *final_rel,
				const FinalPathExtraData *extra)
{
	CassDecision *d;
	CassPathInfo *path =
		cass_match_vector(root, info, extra->limit_tuples, &d);
	Cost startup, total;

	if (path == NULL)
		return;
	path->limit = root->parse->limitCount;
	path->offset = root->parse->limitOffset;
	cass_cost_scan(root, info, d, extra->limit_tuples, &startup, &total);
	/* an approximate answer is what the user asked for by the index */
	total = startup = Min(startup, 1);
	add_limited(root, final_rel,
				(Path *) cass_create_path(root, info, d, extra->limit_tuples,
										  startup, total, NIL, path),
				root->sort_pathkeys, extra);
}

void
cass_add_limit_paths(PlannerInfo *root, RelOptInfo *final_rel, void *arg)
{
	FinalPathExtraData *extra = arg;
	CassRelInfo *info = get_only_relation(root);
	CassPathInfo *path;
	CassDecision *d;
	Cost startup, total;
	double rows;

	if (info == NULL || !extra->limit_needed || !has_limit(root->parse))
		return;
	add_vector_path(root, info, final_rel, extra);
	path = match_limit(root, info, extra->limit_tuples, &d, &startup, &total,
					   &rows);
	if (path != NULL)
		add_limited(root, final_rel,
					(Path *) cass_create_path(root, info, d, rows, startup,
											  total, root->sort_pathkeys,
											  path),
					NIL, extra);
}

void
cass_add_member_limit_path(PlannerInfo *root, CassRelInfo *info)
{
	CassPathInfo *path;
	CassDecision *d;
	Cost startup, total;
	double rows;

	if (info->rel->reloptkind != RELOPT_OTHER_MEMBER_REL ||
		info->rel->lateral_relids != NULL || !only_selects(root) ||
		!has_limit(root->parse))
		return;
	path = match_limit(root, info, root->limit_tuples, &d, &startup, &total,
					   &rows);
	if (path != NULL)
		add_path(info->rel,
				 (Path *) cass_create_path(root, info, d, rows, startup, total,
										   root->sort_pathkeys, path));
}
