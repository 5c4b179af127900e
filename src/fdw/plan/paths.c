/*
 * paths.c
 *	  Paths of a foreign table: by its own clauses, in an order that is wanted,
 *	  by keys that other relations give.
 */
#include "planner.h"

#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"

ForeignPath *
cass_create_path(PlannerInfo *root, CassRelInfo *info, const CassDecision *d,
				 double rows, Cost startup, Cost total, List *pathkeys,
				 CassPathInfo *path)
{
	ForeignPath *created = cass_create_foreignscan_path(
		root, info->rel, rows, startup, total, pathkeys,
		info->rel->lateral_relids, list_make1(path));

	created->path.parallel_safe &= cass_is_parallel_safe(info, d);
	return created;
}

/* ---- keys of other relations ---- */

/* A path that takes key values from other relations, where they make a key. */
static void
add_parameterized(PlannerInfo *root, CassRelInfo *info, Relids outer,
				  List **done)
{
	RelOptInfo *rel = info->rel;
	ParamPathInfo *ppi;
	ForeignPath *path;
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
	ppi = get_baserel_parampathinfo(root, rel, outer);
	d = cass_decide(root, info,
					list_concat_copy(rel->baserestrictinfo, ppi->ppi_clauses),
					NULL);
	if (!d->keyed && d->plan.access != CQL_ACCESS_INDEX)
		return;
	/* all paths that take these values give so many rows */
	if (d->keyed)
		ppi->ppi_rows =
			Min(rel->rows,
				cass_estimate_keyed(root, info, d,
									list_concat_copy(rel->baserestrictinfo,
													 ppi->ppi_clauses)));
	cass_cost_scan(root, info, d, ppi->ppi_rows, &startup, &total);
	path = cass_create_foreignscan_path(
		root, rel, ppi->ppi_rows, startup, total, NIL, outer,
		list_make1(palloc0(sizeof(CassPathInfo))));
	path->path.parallel_safe &= cass_is_parallel_safe(info, d);
	add_path(rel, (Path *) path);
}

typedef struct ColumnArg
{
	AttrNumber attnum;
} ColumnArg;

static bool
is_column(PlannerInfo *root, RelOptInfo *rel, EquivalenceClass *ec,
		  EquivalenceMember *em, void *arg)
{
	Var *var = cass_get_comparand(rel, (Node *) em->em_expr);

	if (var == NULL)
		var = cass_get_stepped(root, rel, (Node *) em->em_expr);
	return var != NULL && var->varattno == ((ColumnArg *) arg)->attnum;
}

/* Columns whose values other relations may give: keys and indexed ones. */
static bool
may_be_joined(const CassRelInfo *info, uint32 column)
{
	uint32 i;

	if (column <
		info->shape->table->npartition + info->shape->table->nclustering)
		return true;
	for (i = 0; i < info->shape->table->nindexes; i++)
	{
		if (info->shape->table->indexes[i].column == (int) column)
			return true;
	}
	return false;
}

static List *
key_join_clauses(PlannerInfo *root, CassRelInfo *info)
{
	RelOptInfo *rel = info->rel;
	List *clauses = NIL;
	ListCell *lc;
	uint32 i;

	foreach (lc, rel->joininfo)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (join_clause_is_movable_to(rinfo, rel))
			clauses = lappend(clauses, rinfo);
	}
	for (i = 0; rel->has_eclass_joins && i < info->shape->table->ncolumns; i++)
	{
		ColumnArg arg;
		int att = cass_att_of_column(info->shape, i);

		if (att < 0 || !may_be_joined(info, i))
			continue;
		arg.attnum = att + 1;
		clauses = list_concat(clauses, generate_implied_equalities_for_column(
										   root, rel, is_column, &arg,
										   rel->lateral_referencers));
	}
	return clauses;
}

static void
add_parameterized_paths(PlannerInfo *root, CassRelInfo *info)
{
	RelOptInfo *rel = info->rel;
	Relids all = bms_copy(rel->lateral_relids);
	List *done = NIL;
	ListCell *lc;

	foreach (lc, key_join_clauses(root, info))
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		Relids outer = bms_difference(rinfo->clause_relids, rel->relids);

		outer = bms_union(outer, rel->lateral_relids);
		all = bms_union(all, outer);
		add_parameterized(root, info, outer, &done);
	}
	add_parameterized(root, info, all, &done);
}

/* ---- the relation alone ---- */

/* Many keys may cost more than reading the whole table. */
static void
add_scan_path(PlannerInfo *root, CassRelInfo *info)
{
	CassPathInfo *path;
	CassDecision *d;
	Cost startup, total;

	if (!info->decision->plan.fanout)
		return;
	path = palloc0(sizeof(CassPathInfo));
	path->wish.no_fanout = true;
	d = cass_decide(root, info, info->rel->baserestrictinfo, &path->wish);
	cass_cost_scan(root, info, d, info->rel->rows, &startup, &total);
	add_path(info->rel,
			 (Path *) cass_create_path(root, info, d, info->rel->rows, startup,
									   total, NIL, path));
}

static void
add_ordered_path(PlannerInfo *root, CassRelInfo *info, List *pathkeys)
{
	CassPathInfo *path = palloc0(sizeof(CassPathInfo));
	CassDecision *d;
	Cost startup, total;
	int n;

	if (pathkeys == NIL)
		return;
	n = cass_match_pathkeys(root, info, pathkeys, false, path, &d);
	if (n == 0)
		return;
	cass_cost_scan(root, info, d, info->rel->rows, &startup, &total);
	if (d->plan.merge)
		total += info->rel->rows * cpu_operator_cost * 4;
	add_path(info->rel, (Path *) cass_create_path(
							root, info, d, info->rel->rows, startup, total,
							list_copy_head(pathkeys, n), path));
}

/* The orders that the query, or a merge join, can use. */
static void
add_ordered_paths(PlannerInfo *root, CassRelInfo *info)
{
	ListCell *lc;

	add_ordered_path(root, info, root->query_pathkeys);
	foreach (lc, cass_merge_pathkeys(root, info))
		add_ordered_path(root, info, list_make1(lfirst(lc)));
}

void
cassandraGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel, Oid relid)
{
	CassRelInfo *info = baserel->fdw_private;
	Cost startup, total;

	cass_cost_scan(root, info, info->decision, baserel->rows, &startup,
				   &total);
	add_path(baserel, (Path *) cass_create_path(
						  root, info, info->decision, baserel->rows, startup,
						  total, NIL, palloc0(sizeof(CassPathInfo))));
	add_scan_path(root, info);
	add_ordered_paths(root, info);
	cass_add_member_limit_path(root, info);
	add_parameterized_paths(root, info);
	cass_add_partial_path(root, info);
}

/* Streams that are merged are waited for one by one. */
bool
cassandraIsForeignPathAsyncCapable(ForeignPath *path)
{
	const CassPathInfo *info = linitial(path->fdw_private);
	const CassRelInfo *rel =
		info->grouped != NULL ? info->grouped : path->path.parent->fdw_private;

	return rel->options->async_capable && info->wish.order == NIL;
}
