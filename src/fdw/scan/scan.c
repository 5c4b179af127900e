/*
 * scan.c
 *	  Executor callbacks of a scan: begin, next row, again, end.
 */
#include "scan.h"
#include "visible.h"
#include "write.h"

#include "miscadmin.h"
#include "utils/memutils.h"

static Oid
scan_userid(ForeignScanState *node)
{
	Oid userid = cass_scan_check_as_user(node);

	return OidIsValid(userid) ? userid : GetUserId();
}

static void
believe(CassScan *scan)
{
	int n;
	cql_use *uses = cass_plan_uses(scan->shape, scan->plan, &n);

	scan->belief = cass_belief_create(scan->shape, uses, n);
}

/*
 * Where conditions were folded nothing is asked, so no server tells that they
 * were folded by the types the table still has.
 */
void
cass_scan_confirm(CassScan *scan)
{
	if (scan->requests > 0 || scan->confirmed)
		return;
	cass_belief_confirm(scan->belief, scan->shape, scan->cluster);
	scan->confirmed = true;
}

void
cassandraBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	CassScan *scan = palloc0(sizeof(CassScan));
	Oid userid = scan_userid(node);

	node->fdw_state = scan;
	scan->plan = cass_scan_plan_from_list(plan->fdw_private);
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	scan->options = cass_options_for_table(scan->plan->relid, userid);
	/* First: a new cluster makes what was known of tables be read again. */
	scan->cluster =
		cass_get_cluster(GetForeignTable(scan->plan->relid)->serverid, userid);
	scan->userid = userid;
	scan->shape = cass_shape_get(scan->plan->relid, userid, scan->options);
	cass_plan_settle(scan->plan, scan->shape);
	believe(scan);
	scan->values = ExecInitExprList(plan->fdw_exprs, (PlanState *) node);
	scan->context =
		AllocSetContextCreate(node->ss.ps.state->es_query_cxt,
							  "cassandra_fdw scan", ALLOCSET_DEFAULT_SIZES);
	scan->expected = cass_scan_expected(scan, scan->plan, &scan->nexpected);
	scan->cells = palloc0(sizeof(cql_slice) * (scan->nexpected + 1));
	scan->node = node;
	scan->list_values = CASS_IN_VALUES;
	if (list_member_int(node->ss.ps.state->es_plannedstmt->resultRelations,
						plan->scan.scanrelid))
		scan->identity = cass_identity_create(node->ss.ps.state, scan->shape,
											  scan->plan->outputs);
	if (scan->plan->aggregate && scan->plan->ngroup == 0)
		scan->aggregates = scan->plan->outputs;
}

/*
 * Reads across partitions are not made in the order of conditional writes,
 * although the server takes the level for some of them.
 */
static void
check_consistency(const CassScan *scan)
{
	int level = scan->options->read_consistency;

	if ((level != CQL_SERIAL && level != CQL_LOCAL_SERIAL) ||
		scan->plan->access == CQL_ACCESS_PARTITION || scan->plan->vector >= 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("consistency level %s is for reads of single partitions",
					cql_consistency_name(level)),
			 errdetail("The query reads table \"%s\".\"%s\" without its "
					   "partition key.",
					   cass_from_cql(scan->shape->table->keyspace),
					   cass_from_cql(scan->shape->table->name)),
			 errhint("Give the whole partition key, or use another level such "
					 "as QUORUM.")));
}

static void
start(ForeignScanState *node, CassScan *scan)
{
	MemoryContext old;

	check_consistency(scan);
	scan->discreet = !cass_may_show_all(scan->shape->relid);
	cass_flush_writes(node->ss.ps.state);
	cass_spool_scan(node->ss.ps.state, scan->shape, scan->context);
	old = MemoryContextSwitchTo(scan->context);
	scan->started = true;
	scan->exhausted = !cass_bind(node, scan);
	cass_streams_start(scan);
	if (!scan->exhausted && scan->plan->ordered && !scan->unordered)
		cass_order_start(scan);
	MemoryContextSwitchTo(old);
}

/* Back to where nothing has been asked for. */
static void
stop(CassScan *scan)
{
	cass_order_end(scan);
	MemoryContextReset(scan->context);
	scan->started = scan->emitted = scan->restart = false;
	scan->bindings = NULL;
	scan->ranges = NULL;
	scan->page_stream = NULL;
	scan->row_pending = false;
	scan->nranges = scan->next_range = scan->nsplits = 0;
	scan->nfailures = 0;
	scan->cql = NULL;
	scan->streams = NULL;
	scan->turn = 0;
	scan->waiting = NULL;
	scan->nwaiting = 0;
	scan->merge = NULL;
	scan->probes = NULL;
	scan->page = NULL;
}

/* ---- rows ---- */

/* Reads all rows in any order and sorts them. */
static void
start_sort(ForeignScanState *node, CassScan *scan)
{
	stop(scan);
	scan->unordered = true;
	start(node, scan);
	scan->unordered = false;
	cass_order_sort(node, scan);
}

/* Starts, and starts again where the server refused something. */
static cql_slice *
first_row(ForeignScanState *node, CassScan *scan)
{
	cql_slice *cells;

	start(node, scan);
	cells = cass_scan_next(scan);
	while (scan->restart)
	{
		stop(scan);
		start(node, scan);
		cells = cass_scan_next(scan);
	}
	if (cass_order_disturbed(scan, cells))
	{
		do
			start_sort(node, scan);
		while (scan->restart);
		return NULL;
	}
	if (cells == NULL)
		cass_scan_confirm(scan);
	return cells;
}

/* The one row of a scan that is all aggregates. */
static TupleTableSlot *
aggregate(ForeignScanState *node, CassScan *scan, TupleTableSlot *slot)
{
	if (scan->emitted)
		return slot;
	for (;;)
	{
		start(node, scan);
		if (cass_aggregate(scan, slot))
		{
			if (!scan->restart)
				break;
		}
		else
			scan->only_rows = true;
		stop(scan);
	}
	cass_scan_confirm(scan);
	scan->emitted = true;
	return slot;
}

cql_slice *
cass_scan_cells(ForeignScanState *node, CassScan *scan)
{
	cql_slice *cells =
		scan->started ? cass_scan_next(scan) : first_row(node, scan);

	scan->emitted = true;
	return cells;
}

TupleTableSlot *
cassandraIterateForeignScan(ForeignScanState *node)
{
	CassScan *scan = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;
	cql_slice *cells;

	ExecClearTuple(slot);
	if (scan->aggregates != NIL)
		return aggregate(node, scan, slot);
	if (!scan->started)
		cells = first_row(node, scan);
	else
		cells = scan->sort != NULL ? NULL : cass_scan_next(scan);
	if (scan->sort != NULL)
		(void) cass_order_next(scan, slot);
	else if (cells != NULL)
		cass_scan_decode(scan, cells, slot);
	scan->emitted = true;
	return slot;
}

void
cassandraReScanForeignScan(ForeignScanState *node)
{
	CassScan *scan = node->fdw_state;

	if (scan->started)
		stop(scan);
}

void
cassandraEndForeignScan(ForeignScanState *node)
{
	CassScan *scan = node->fdw_state;

	if (scan == NULL || scan->context == NULL)
		return;
	cass_order_end(scan);
	MemoryContextDelete(scan->context);
}
