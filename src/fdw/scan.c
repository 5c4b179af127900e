/*
 * scan.c
 *	  Executor callbacks of a scan: begin, next row, again, end.
 */
#include "scan.h"

#include "miscadmin.h"
#include "utils/memutils.h"

static Oid
scan_userid(ForeignScanState *node)
{
	Oid userid = cass_scan_check_as_user(node);

	return OidIsValid(userid) ? userid : GetUserId();
}

static void
set_expected(CassScan *scan)
{
	const cql_schema_table *table = scan->shape->table;
	ListCell *lc;
	int n = Max(list_length(scan->retrieved), 1);

	scan->expected = palloc0(sizeof(cql_type *) * n);
	scan->cells = palloc0(sizeof(cql_slice) * n);
	scan->nexpected = n;
	scan->expected[0] = table->columns[0].type;
	n = 0;
	foreach (lc, scan->retrieved)
		scan->expected[n++] = scan->shape->atts[lfirst_int(lc) - 1].type;
}

void
cassandraBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	CassScan *scan = palloc0(sizeof(CassScan));
	Oid relid = RelationGetRelid(node->ss.ss_currentRelation);
	List *shape = list_nth(plan->fdw_private, CASS_SCAN_SHAPE);

	node->fdw_state = scan;
	scan->retrieved = list_nth(plan->fdw_private, CASS_SCAN_RETRIEVED);
	scan->conditions = list_nth(plan->fdw_private, CASS_SCAN_CONDITIONS);
	scan->keyed = linitial_int(shape);
	scan->npoints = lsecond_int(shape);
	scan->range = lthird_int(shape);
	scan->split = lfourth_int(shape);
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	scan->options = cass_options_for_table(relid, scan_userid(node));
	scan->shape = cass_shape_get(relid, scan_userid(node), scan->options);
	scan->cluster = cass_get_cluster(scan->shape->serverid, scan_userid(node));
	scan->values = ExecInitExprList(plan->fdw_exprs, (PlanState *) node);
	scan->context =
		AllocSetContextCreate(node->ss.ps.state->es_query_cxt,
							  "cassandra_fdw scan", ALLOCSET_DEFAULT_SIZES);
	set_expected(scan);
}

static void
start(ForeignScanState *node, CassScan *scan)
{
	MemoryContext old = MemoryContextSwitchTo(scan->context);

	scan->started = true;
	scan->page = cass_request_create(scan->context);
	scan->page_size = Min(scan->options->fetch_size, CASS_FIRST_PAGE);
	scan->window = scan->keyed ? CASS_LOOKUP_WINDOW : 1;
	scan->streams = palloc0(sizeof(CassStream) * scan->window);
	scan->unsplit = !scan->keyed;
	scan->exhausted = !cass_bind(node, scan);
	MemoryContextSwitchTo(old);
}

/* Names the column whose value could not be converted. */
static void
decode_context(void *arg)
{
	CassScan *scan = arg;

	if (scan->decoding > 0)
		cass_attribute_context(scan->shape, scan->decoding);
}

static void
decode_row(CassScan *scan, TupleTableSlot *slot)
{
	ErrorContextCallback callback;
	ListCell *lc;
	int i = 0;

	callback.callback = decode_context;
	callback.arg = scan;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	memset(slot->tts_isnull, true,
		   sizeof(bool) * slot->tts_tupleDescriptor->natts);
	foreach (lc, scan->retrieved)
	{
		int att = lfirst_int(lc) - 1;

		scan->decoding = att + 1;
		slot->tts_values[att] =
			cass_decode(scan->shape->atts[att].codec, scan->cells[i++],
						&slot->tts_isnull[att]);
	}
	scan->decoding = 0;
	error_context_stack = callback.previous;
	ExecStoreVirtualTuple(slot);
}

TupleTableSlot *
cassandraIterateForeignScan(ForeignScanState *node)
{
	CassScan *scan = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	ExecClearTuple(slot);
	if (!scan->started)
	{
		cass_flush_writes(node->ss.ps.state);
		start(node, scan);
	}
	for (;;)
	{
		cql_error error;
		int rc = 0;

		if (scan->page->result != NULL)
			rc = cql_result_next(scan->page->result, scan->cells, &error);
		if (rc < 0)
			cass_report_error(&error, scan->cql);
		if (rc > 0)
			break;
		CHECK_FOR_INTERRUPTS();
		cass_request_reset(scan->page);
		if (!cass_streams_next_page(scan))
			return slot;
	}
	scan->rows++;
	decode_row(scan, slot);
	return slot;
}

void
cassandraReScanForeignScan(ForeignScanState *node)
{
	CassScan *scan = node->fdw_state;
	List *shape = list_nth(((ForeignScan *) node->ss.ps.plan)->fdw_private,
						   CASS_SCAN_SHAPE);

	if (!scan->started)
		return;
	MemoryContextReset(scan->context);
	scan->started = false;
	scan->domains = NULL;
	scan->ndomains = 0;
	scan->bound = NULL;
	scan->ranges = NULL;
	scan->nranges = scan->next_range = 0;
	scan->cql = NULL;
	scan->streams = NULL;
	scan->page = NULL;
	scan->split = lfourth_int(shape);
}

void
cassandraEndForeignScan(ForeignScanState *node)
{
	CassScan *scan = node->fdw_state;

	if (scan != NULL && scan->context != NULL)
		MemoryContextDelete(scan->context);
}
