/*
 * merge.c
 *	  Rows of several keys in one order: a heap of streams, by the cells.
 *
 * All streams begin before the first row is given, CASS_MAX_WINDOW of them in
 * flight; pages are small enough for all of them together.
 */
#include "scan.h"

#include "lib/binaryheap.h"
#include "miscadmin.h"

typedef struct CassMerge
{
	binaryheap *heap; /* of CassStream *, those with a row at hand */
	CassStream *streams;
	int nstreams;
	bool started;
	CassStream *current; /* its row was given last */
	int nkeys;
	int *keys;	 /* outputs compared, most significant first */
	bool ranked; /* rows have ranks, by the first of them */
} CassMerge;

/* Null, or a zero-length value of a type that has none: NULL to SQL. */
static bool
is_null(const CassScan *scan, const CassOrder *order, cql_slice cell)
{
	return cell.len < 0 ||
		   (cell.len == 0 &&
			cass_has_empty(scan->shape->atts[order->att].codec));
}

static int
compare_cells(const CassScan *scan, const CassOrder *order, cql_slice a,
			  cql_slice b)
{
	bool anull = is_null(scan, order, a);
	bool bnull = is_null(scan, order, b);
	int c;

	if (anull || bnull)
	{
		if (anull && bnull)
			return 0;
		return anull == order->nulls_first ? -1 : 1;
	}
	c = cass_compare_cells(scan->shape->atts[order->att].type, a, b);
	return order->descending ? -c : c;
}

/* Whether values compare as the signed numbers that their bytes are. */
static bool
is_number(const cql_type *type)
{
	switch (type->id)
	{
		case CQL_TYPE_TINYINT:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_INT:
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_TIMESTAMP:
		case CQL_TYPE_TIME:
			return true;
		default:
			return false;
	}
}

/*
 * A number for the row at hand: rows with a smaller one come earlier, those
 * with the same are compared.
 */
static int64
rank_of(const CassScan *scan, const CassStream *stream)
{
	const CassOrder *order = linitial(scan->plan->order);
	cql_slice cell = stream->cells[scan->merge->keys[0]];
	int64 rank;
	int i;

	if (!scan->merge->ranked)
		return 0;
	if (is_null(scan, order, cell))
		return order->nulls_first ? PG_INT64_MIN : PG_INT64_MAX;
	rank = cell.len == 0 ? PG_INT64_MIN : (int8) cell.data[0];
	for (i = 1; i < cell.len; i++)
		rank = (int64) ((uint64) rank << 8 | cell.data[i]);
	return order->descending ? ~rank : rank;
}

/* The heap gives the greatest first, so the order is turned round. */
static int
compare_streams(Datum a, Datum b, void *arg)
{
	CassScan *scan = arg;
	CassStream *s = (CassStream *) DatumGetPointer(a);
	CassStream *t = (CassStream *) DatumGetPointer(b);
	ListCell *lc;

	if (s->rank != t->rank)
		return s->rank < t->rank ? 1 : -1;
	foreach (lc, scan->plan->order)
	{
		int key = scan->merge->keys[foreach_current_index(lc)];
		int c = compare_cells(scan, lfirst(lc), s->cells[key], t->cells[key]);

		if (c != 0)
			return -c;
	}
	return t->number - s->number;
}

void
cass_merge_start(CassScan *scan, int nstreams)
{
	CassMerge *merge = palloc0(sizeof(CassMerge));
	int32 fit;
	ListCell *lc;

	merge->heap = binaryheap_allocate(nstreams, compare_streams, scan);
	merge->streams = palloc0(sizeof(CassStream) * nstreams);
	merge->nstreams = nstreams;
	merge->keys = palloc(sizeof(int) * (list_length(scan->plan->order) + 1));
	foreach (lc, scan->plan->order)
		merge->keys[merge->nkeys++] =
			cass_output_of(scan, ((CassOrder *) lfirst(lc))->att);
	merge->ranked = is_number(scan->expected[merge->keys[0]]);
	fit =
		CASS_MERGE_BYTES / Max(scan->plan->width, CASS_LEAST_WIDTH) / nstreams;
	scan->pager.size = Max(Min(scan->pager.size, fit), 1);
	scan->pager.constant = true;
	scan->merge = merge;
}

/* Moves the stream to its next row; false at its end. */
static bool
next_of_stream(CassScan *scan, CassStream *stream)
{
	while (!cass_request_row(stream->page, stream->cells, stream->query.cql))
	{
		if (stream->handle->request == NULL)
			return false;
		if (cass_streams_await(scan, stream, 1) != NULL)
			cass_stream_continue(scan, stream);
		else if (scan->restart)
			return false;
	}
	stream->rank = rank_of(scan, stream);
	return true;
}

/* Starts the next stream; false when all are. */
static bool
start_stream(CassScan *scan, int number)
{
	CassStream *stream = &scan->merge->streams[number];

	if (number >= scan->merge->nstreams ||
		!cass_stream_start(scan, scan->source, stream))
		return false;
	stream->number = number;
	stream->cells = palloc0(sizeof(cql_slice) * (scan->nexpected + 1));
	return true;
}

/* Runs all streams to their first rows. */
static void
start_streams(CassScan *scan)
{
	CassMerge *merge = scan->merge;
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	int started = 0;
	int done = 0;

	while (started < CASS_MAX_WINDOW && start_stream(scan, started))
		started++;
	scan->max_streams = started;
	for (; done < started && !scan->restart; done++)
	{
		CassStream *stream = &merge->streams[done];

		if (next_of_stream(scan, stream))
			binaryheap_add_unordered(merge->heap, PointerGetDatum(stream));
		else
			stream->cells = NULL;
		if (start_stream(scan, started))
			started++;
	}
	binaryheap_build(merge->heap);
	merge->started = true;
	MemoryContextSwitchTo(old);
}

cql_slice *
cass_merge_next(CassScan *scan)
{
	CassMerge *merge = scan->merge;

	CHECK_FOR_INTERRUPTS();
	if (!merge->started)
		start_streams(scan);
	else if (merge->current != NULL)
	{
		if (next_of_stream(scan, merge->current))
			binaryheap_replace_first(merge->heap,
									 PointerGetDatum(merge->current));
		else
			(void) binaryheap_remove_first(merge->heap);
	}
	if (scan->restart || binaryheap_empty(merge->heap))
	{
		merge->current = NULL;
		return NULL;
	}
	merge->current =
		(CassStream *) DatumGetPointer(binaryheap_first(merge->heap));
	return merge->current->cells;
}

bool
cass_merge_has_empty(const CassScan *scan, int output)
{
	const CassMerge *merge = scan->merge;
	int i;

	for (i = 0; i < merge->nstreams; i++)
	{
		if (merge->streams[i].cells != NULL &&
			merge->streams[i].cells[output].len == 0)
			return true;
	}
	return false;
}
