/*
 * execute.c
 *	  A scan from its opening to its end, for whatever node of the executor.
 */
#include "scan.h"
#include "visible.h"
#include "write.h"

#include "utils/memutils.h"

/* ---- opening ---- */

static void
believe(CassScan *scan)
{
	int n;
	cql_use *uses = cass_plan_uses(scan->shape, scan->plan, &n);

	scan->belief = cass_belief_create(scan->shape, uses, n);
}

CassScan *
cass_scan_show(List *list)
{
	CassScan *scan = palloc0(sizeof(CassScan));

	scan->plan = cass_scan_plan_from_list(list);
	return scan;
}

CassScan *
cass_scan_open(PlanState *ps, List *list, List *exprs, TupleTableSlot *slot,
			   Oid userid)
{
	CassScan *scan = cass_scan_show(list);
	Oid relid = scan->plan->relid;

	scan->ps = ps;
	scan->slot = slot;
	scan->options = cass_options_for_table(relid, userid);
	/* First: a new cluster makes what was known of tables be read again. */
	scan->cluster = cass_get_cluster(GetForeignTable(relid)->serverid, userid);
	scan->userid = userid;
	scan->shape = cass_shape_get(relid, userid, scan->options);
	cass_plan_settle(scan->plan, scan->shape);
	believe(scan);
	scan->values = ExecInitExprList(exprs, ps);
	scan->context = AllocSetContextCreate(
		ps->state->es_query_cxt, "cassandra_fdw scan", ALLOCSET_DEFAULT_SIZES);
	cass_bindings_init(&scan->bind, scan->plan, scan->shape, scan->values,
					   scan->context);
	scan->expected = cass_scan_expected(scan, scan->plan, &scan->nexpected);
	scan->cells = palloc0(sizeof(cql_slice) * (scan->nexpected + 1));
	if (scan->plan->aggregate && scan->plan->ngroup == 0)
		scan->aggregates = scan->plan->outputs;
	return scan;
}

/*
 * Where conditions were folded nothing is asked, so no server tells that they
 * were folded by the types the table still has.  A parallel scan has none.
 */
void
cass_scan_confirm(CassScan *scan)
{
	if (scan->requests > 0 || scan->confirmed || scan->shared != NULL)
		return;
	cass_belief_confirm(scan->belief, scan->shape, scan->cluster);
	scan->confirmed = true;
}

/* ---- one execution ---- */

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

void
cass_scan_prepare(CassScan *scan)
{
	EState *estate = scan->ps->state;

	check_consistency(scan);
	scan->discreet = !cass_may_show_all(scan->shape->relid);
	cass_flush_writes(estate);
	cass_spool_scan(estate, scan->shape, scan->context);
	scan->started = true;
}

static void
start(CassScan *scan)
{
	MemoryContext old;

	cass_scan_prepare(scan);
	old = MemoryContextSwitchTo(scan->context);
	(void) cass_bind(&scan->bind, scan->ps->ps_ExprContext);
	cass_streams_start(scan);
	if (!scan->bind.exhausted && scan->plan->ordered && !scan->bind.no_limit)
		cass_order_start(scan);
	MemoryContextSwitchTo(old);
}

void
cass_scan_stop(CassScan *scan)
{
	cass_order_end(scan);
	MemoryContextReset(scan->context);
	scan->started = scan->emitted = scan->restart = false;
	scan->bind.each = NULL;
	scan->source = NULL;
	memset(&scan->ring, 0, sizeof(scan->ring));
	scan->reading = NULL;
	scan->row_pending = false;
	scan->nfailures = 0;
	scan->streams = NULL;
	scan->turn = 0;
	scan->unsplit = scan->narrow = false;
	scan->sums = NULL;
	scan->waiting = NULL;
	scan->nwaiting = 0;
	scan->merge = NULL;
	scan->probes = NULL;
}

void
cass_scan_close(CassScan *scan)
{
	if (scan->context == NULL)
		return;
	cass_order_end(scan);
	MemoryContextDelete(scan->context);
}

/* ---- rows ---- */

/* Reads all rows in any order and sorts them. */
static void
sort_rows(CassScan *scan)
{
	do
	{
		cass_scan_stop(scan);
		scan->bind.no_limit = true;
		start(scan);
		scan->bind.no_limit = false;
		cass_order_sort(scan);
	} while (scan->restart);
}

/* Starts, and starts again where the server refused something. */
static cql_slice *
first_row(CassScan *scan)
{
	cql_slice *cells;

	for (;;)
	{
		if (!scan->started)
			start(scan);
		cells = cass_scan_next(scan);
		if (!scan->restart)
			break;
		cass_scan_stop(scan);
	}
	if (scan->blocked)
		return NULL;
	if (cass_order_disturbed(scan, cells))
	{
		sort_rows(scan);
		return NULL;
	}
	if (cells == NULL)
		cass_scan_confirm(scan);
	return cells;
}

cql_slice *
cass_scan_cells(CassScan *scan)
{
	cql_slice *cells = NULL;

	scan->blocked = false;
	if (!scan->emitted)
		cells = first_row(scan);
	else if (scan->sort == NULL)
		cells = cass_scan_next(scan);
	if (!scan->blocked)
		scan->emitted = true;
	return cells;
}

/* The one row of a scan that is all aggregates. */
static void
fetch_aggregates(CassScan *scan)
{
	if (scan->emitted)
		return;
	scan->blocked = false;
	for (;;)
	{
		if (!scan->started)
			start(scan);
		if (cass_aggregate(scan))
		{
			if (scan->blocked)
				return;
			if (!scan->restart)
				break;
		}
		else
			scan->only_rows = true;
		cass_scan_stop(scan);
	}
	cass_scan_confirm(scan);
	scan->emitted = true;
}

void
cass_scan_fetch(CassScan *scan)
{
	cql_slice *cells;

	ExecClearTuple(scan->slot);
	if (scan->aggregates != NIL)
	{
		fetch_aggregates(scan);
		return;
	}
	cells = cass_scan_cells(scan);
	if (scan->sort != NULL)
		(void) cass_order_next(scan);
	else if (cells != NULL)
		cass_scan_decode(scan, cells, scan->slot);
}
