/*
 * order.c
 *	  The order that a plan counts on.
 *
 * Cassandra sorts zero-length values first.  To SQL most of them are NULL, so
 * with NULLS LAST in ascending and NULLS FIRST in descending order they come
 * at the wrong end.  They are rare: the first row in ascending order, of a
 * descending one a probe in the other direction, tells whether there are any.
 * If there are, all rows are read and sorted here.
 */
#include "scan.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/tuplesort.h"

#define MAX_MERGE 16384 /* streams of a merge; with more of them we sort */
#define MAX_PROBES 1024 /* likewise, all in flight at once */

/* One probe for each key: the row at the other end. */
static void
start_probes(CassScan *scan, int n)
{
	CassKeySource source;

	cass_key_source_init(&source, &scan->bind, true);
	scan->probes = palloc0(sizeof(CassStream) * n);
	scan->nprobes = 0;
	while (scan->nprobes < n &&
		   cass_stream_start(scan, &source.base, &scan->probes[scan->nprobes]))
		scan->nprobes++;
	source.base.rewind(&source.base);
}

void
cass_order_start(CassScan *scan)
{
	int n = scan->source->count(scan->source);
	CassOrder *first =
		scan->plan->order == NIL ? NULL : linitial(scan->plan->order);

	bool probed = scan->plan->probe && first != NULL && first->descending;

	scan->nprobes = 0;
	if (first == NULL)
		return;
	if (n > MAX_MERGE || (probed && n > MAX_PROBES))
	{
		scan->nprobes = -1;
		scan->bind.exhausted = true;
		return;
	}
	if (probed)
		start_probes(scan, n);
	if (n > 1)
		cass_merge_start(scan, n);
}

static bool
probes_find_empty(CassScan *scan, int output)
{
	int i;

	/* the first row is known: no condition is left out from here on */
	scan->emitted = true;
	for (i = 0; i < scan->nprobes; i++)
	{
		CassStream *probe = &scan->probes[i];
		cql_slice *cells = palloc(sizeof(cql_slice) * (scan->nexpected + 1));

		while (cass_streams_await(scan, probe, 1) == NULL)
			;
		if (cass_request_row(probe->page, cells, probe->query.cql) &&
			cells[output].len == 0)
			return true;
		pfree(cells);
	}
	return false;
}

bool
cass_order_disturbed(CassScan *scan, const cql_slice *cells)
{
	CassOrder *first;
	int output;

	if (!scan->plan->ordered || scan->plan->order == NIL)
		return false;
	if (scan->nprobes < 0)
		return true;
	if (!scan->plan->probe || cells == NULL)
		return false;
	first = linitial(scan->plan->order);
	output = cass_output_of(scan, first->att);
	if (first->descending)
		return probes_find_empty(scan, output);
	return scan->merge != NULL ? cass_merge_has_empty(scan, output)
							   : cells[output].len == 0;
}

/* ---- sorting ---- */

static Tuplesortstate *
begin_sort(const CassScan *scan)
{
	TupleDesc desc = scan->slot->tts_tupleDescriptor;
	int n = list_length(scan->plan->order);
	AttrNumber *columns = palloc(sizeof(AttrNumber) * n);
	Oid *operators = palloc(sizeof(Oid) * n);
	Oid *collations = palloc(sizeof(Oid) * n);
	bool *nulls_first = palloc(sizeof(bool) * n);
	ListCell *lc;

	foreach (lc, scan->plan->order)
	{
		CassOrder *order = lfirst(lc);
		int i = foreach_current_index(lc);

		columns[i] = order->att + 1;
		operators[i] = order->operator;
		collations[i] = order->collation;
		nulls_first[i] = order->nulls_first;
	}
	return tuplesort_begin_heap(desc, n, columns, operators, collations,
								nulls_first, work_mem, NULL, 0);
}

void
cass_order_sort(CassScan *scan)
{
	TupleTableSlot *slot = scan->slot;
	MemoryContext old = MemoryContextSwitchTo(scan->ps->state->es_query_cxt);
	MemoryContext row = AllocSetContextCreate(
		scan->context, "cassandra_fdw row", ALLOCSET_DEFAULT_SIZES);
	cql_slice *cells;

	scan->sort = begin_sort(scan);
	while ((cells = cass_scan_next(scan)) != NULL)
	{
		MemoryContextSwitchTo(row);
		cass_scan_decode(scan, cells, slot);
		tuplesort_puttupleslot(scan->sort, slot);
		ExecClearTuple(slot);
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(scan->ps->state->es_query_cxt);
	tuplesort_performsort(scan->sort);
	MemoryContextSwitchTo(old);
}

bool
cass_order_next(CassScan *scan)
{
	TupleTableSlot *slot = scan->slot;
	MemoryContext old;
	bool found;

	/* copied: the executor's slot is virtual */
	if (scan->sorted == NULL)
	{
		old = MemoryContextSwitchTo(MemoryContextGetParent(scan->context));
		scan->sorted = MakeSingleTupleTableSlot(slot->tts_tupleDescriptor,
												&TTSOpsMinimalTuple);
		MemoryContextSwitchTo(old);
	}
	found =
		tuplesort_gettupleslot(scan->sort, true, false, scan->sorted, NULL);
	if (found)
		ExecCopySlot(slot, scan->sorted);
	return found;
}

void
cass_order_end(CassScan *scan)
{
	if (scan->sorted != NULL)
		ExecDropSingleTupleTableSlot(scan->sorted);
	scan->sorted = NULL;
	if (scan->sort != NULL)
		tuplesort_end(scan->sort);
	scan->sort = NULL;
}
