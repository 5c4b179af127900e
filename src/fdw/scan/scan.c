/*
 * scan.c
 *	  Executor callbacks of a scan: begin, next row, again, end.
 */
#include "scan.h"
#include "visible.h"
#include "write.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

static Oid
scan_userid(ForeignScanState *node)
{
	Oid userid = cass_scan_check_as_user(node);

	return OidIsValid(userid) ? userid : GetUserId();
}

/* The type that the server must give for an output. */
static const cql_type *
output_type(const CassScan *scan, const CassOutput *output)
{
	static const cql_type bigint = {.id = CQL_TYPE_BIGINT};

	if (output->kind == CASS_OUTPUT_COUNT)
		return &bigint;
	return scan->shape->atts[output->att].type;
}

/* Columns behind the outputs stand for the row, see deparse.c. */
const cql_type **
cass_scan_expected(const CassScan *scan, const CassScanPlan *plan, uint32 *n)
{
	const cql_type **expected =
		palloc0(sizeof(cql_type *) * (list_length(plan->outputs) + 1));
	ListCell *lc;

	*n = 0;
	foreach (lc, plan->outputs)
		expected[(*n)++] = output_type(scan, lfirst(lc));
	if (cass_has_extra_column(scan->shape, plan))
	{
		const cql_schema_table *table = scan->shape->table;
		int extra = plan->clustering ? table->npartition : 0;

		expected[(*n)++] = table->columns[extra].type;
	}
	return expected;
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

/* The row's key, as far as the scan has it. */
static void
add_key_context(const CassScan *scan)
{
	const cql_schema_table *table = scan->shape->table;
	CassShownKey shown;
	char *key;
	ListCell *lc;

	cass_shown_init(&shown, scan->shape->relid);
	foreach (lc, scan->decoding_outputs)
	{
		const CassOutput *output = lfirst(lc);
		const CassAttribute *att;
		char *text;

		if (output->kind != CASS_OUTPUT_COLUMN || output == scan->decoding)
			continue;
		att = &scan->shape->atts[output->att];
		if (att->column < 0 ||
			att->column >= (int) (table->npartition + table->nclustering))
			continue;
		text = cass_cell_text(att->type,
							  scan->decoding_cells[foreach_current_index(lc)]);
		if (text != NULL)
			cass_shown_add(&shown, output->att + 1, att->column_name, text);
	}
	key = cass_shown_text(&shown, "row ");
	if (key[0] != '\0')
		errcontext("%s", key);
}

/* Names the column whose value could not be converted, and its row. */
static void
decode_context(void *arg)
{
	CassScan *scan = arg;

	if (scan->decoding == NULL || scan->decoding->att < 0)
		return;
	cass_attribute_context(scan->shape, scan->decoding->att + 1);
	if (scan->decoding->kind == CASS_OUTPUT_COLUMN)
		add_key_context(scan);
}

static void
decode_row(CassScan *scan, List *outputs, const cql_slice *cells,
		   TupleTableSlot *slot)
{
	ErrorContextCallback callback;
	ListCell *lc;

	callback.callback = decode_context;
	callback.arg = scan;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	scan->decoding_cells = cells;
	scan->decoding_outputs = outputs;
	memset(slot->tts_isnull, true,
		   sizeof(bool) * slot->tts_tupleDescriptor->natts);
	foreach (lc, outputs)
	{
		const CassOutput *output = lfirst(lc);
		cql_slice cell = cells[foreach_current_index(lc)];
		bool *isnull = &slot->tts_isnull[output->slot];

		if (output->slot < 0)
			continue;
		scan->decoding = output;
		*isnull = false;
		slot->tts_values[output->slot] =
			output->kind == CASS_OUTPUT_COUNT
				? Int64GetDatum(cass_aggregate_count(scan, cell))
				: cass_decode(scan->shape->atts[output->att].codec, cell,
							  isnull);
	}
	scan->decoding = NULL;
	error_context_stack = callback.previous;
}

/* Whether the error that was thrown is about the value being decoded. */
static bool
is_about_value(const CassScan *scan)
{
	int category = ERRCODE_TO_CATEGORY(geterrcode());

	return scan->decoding != NULL && scan->decoding->att >= 0 &&
		   (category == ERRCODE_DATA_EXCEPTION ||
			category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION ||
			category == ERRCODE_TO_CATEGORY(ERRCODE_DATA_CORRUPTED));
}

/*
 * The same for somebody who may not see all columns: what input functions and
 * constraints say of a value may be the value itself.
 */
static void
decode_discreetly(CassScan *scan, List *outputs, const cql_slice *cells,
				  TupleTableSlot *slot)
{
	MemoryContext old = CurrentMemoryContext;
	int att;
	int code;

	PG_TRY();
	{
		decode_row(scan, outputs, cells, slot);
	}
	PG_CATCH();
	{
		if (!is_about_value(scan) ||
			cass_may_show(scan->shape->relid, scan->decoding->att + 1))
			PG_RE_THROW();
		att = scan->decoding->att;
		code = geterrcode();
		MemoryContextSwitchTo(old);
		FlushErrorState();
		ereport(ERROR,
				(errcode(code),
				 errmsg("a value of column \"%s\" of foreign table \"%s\" "
						"cannot be converted to type %s",
						get_attname(scan->shape->relid, att + 1, false),
						get_rel_name(scan->shape->relid),
						format_type_be(
							cass_codec_typid(scan->shape->atts[att].codec))),
				 errdetail("The value is not shown: the current user has no "
						   "right to select it."),
				 errhint("The column option \"on_unconvertible\" can turn "
						 "such values into NULL or the nearest value.")));
	}
	PG_END_TRY();
}

void
cass_scan_decode_outputs(CassScan *scan, List *outputs, const cql_slice *cells,
						 TupleTableSlot *slot)
{
	if (scan->discreet)
		decode_discreetly(scan, outputs, cells, slot);
	else
		decode_row(scan, outputs, cells, slot);
	ExecStoreVirtualTuple(slot);
}

void
cass_scan_decode(CassScan *scan, const cql_slice *cells, TupleTableSlot *slot)
{
	cass_scan_decode_outputs(scan, scan->plan->outputs, cells, slot);
	if (scan->identity != NULL)
		cass_identity_row(scan->identity, slot, cells);
}

/* The next row of the page at hand, or of those that follow. */
static cql_slice *
next_in_pages(CassScan *scan)
{
	for (;;)
	{
		cql_error error;
		int rc = 0;

		if (scan->page_stream != NULL && scan->page_stream->group != NULL)
		{
			cql_slice *cells = cass_by_rows_next(scan);

			if (cells != NULL)
				return cells;
		}
		else if (scan->page->result != NULL)
			rc = cql_result_next(scan->page->result, scan->cells, &error);
		if (rc < 0)
			cass_report_error(&error, scan->cql);
		if (rc > 0)
			return scan->cells;
		CHECK_FOR_INTERRUPTS();
		cass_request_reset(scan->page);
		if (!cass_streams_next_page(scan))
			return NULL;
	}
}

cql_slice *
cass_scan_next(CassScan *scan)
{
	cql_slice *cells =
		scan->merge != NULL ? cass_merge_next(scan) : next_in_pages(scan);

	if (cells != NULL)
		scan->rows++;
	return cells;
}

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
