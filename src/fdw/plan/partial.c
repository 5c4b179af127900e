/*
 * partial.c
 *	  What workers of a parallel query may do: look-ups of their own, or a part
 *	  of a whole table.
 */
#include "planner.h"

#include "access/htup_details.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

#define LEADER_LESS 0.3 /* of a scan, for each worker it looks after */

bool
cass_is_parallel_safe(const CassRelInfo *info, const CassDecision *d)
{
	return d->keyed && !info->shape->local_strategy;
}

/*
 * Parts of an asynchronous Append are read by one backend, and a rate is that
 * of one.  PostgreSQL asks before anything is known of the relation.
 */
bool
cassandraIsForeignScanParallelSafe(PlannerInfo *root, RelOptInfo *rel,
								   RangeTblEntry *rte)
{
	const CassOptions *options =
		cass_options_for_table(rte->relid, cass_rel_userid(rel));

	return !options->async_capable && options->read_throttle.rows <= 0 &&
		   options->read_throttle.bytes <= 0;
}

/* ---- a scan that is shared ---- */

/*
 * Whether backends may read it in pieces of the ring that nothing else
 * divides. A table of unknown size may be a small one.
 */
static bool
may_share(const CassRelInfo *info)
{
	const cql_select_plan *plan = &info->decision->plan;

	return info->rel->consider_parallel && info->tuples >= 0 &&
		   bms_is_empty(info->rel->lateral_relids) &&
		   plan->access == CQL_ACCESS_SCAN && plan->nrestrictions == 0 &&
		   !info->shape->local_strategy && !info->shape->is_virtual;
}

/* Pages that the rows would take here, by which workers are counted. */
static double
table_pages(const CassRelInfo *info)
{
	return info->rel->tuples *
		   (info->rel->reltarget->width + SizeofHeapTupleHeader) / BLCKSZ;
}

/* How many backends read, as PostgreSQL counts them for its own tables. */
static double
count_backends(int workers)
{
	double leader =
		parallel_leader_participation ? 1 - LEADER_LESS * workers : 0;

	return workers + Max(leader, 0);
}

void
cass_add_partial_path(PlannerInfo *root, CassRelInfo *info)
{
	RelOptInfo *rel = info->rel;
	ForeignPath *path;
	Cost startup, total;
	double divisor;
	int workers;

	if (!may_share(info))
		return;
	workers = compute_parallel_worker(rel, table_pages(info), -1,
									  max_parallel_workers_per_gather);
	if (workers == 0)
		return;
	divisor = count_backends(workers);
	cass_cost_partial(root, info, info->decision, divisor, &startup, &total);
	path = cass_create_foreignscan_path(
		root, rel, clamp_row_est(rel->rows / divisor), startup, total, NIL,
		NULL, list_make1(palloc0(sizeof(CassPathInfo))));
	path->path.parallel_aware = true;
	path->path.parallel_workers = workers;
	add_partial_path(rel, (Path *) path);
}
