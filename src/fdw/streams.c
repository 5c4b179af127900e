/*
 * streams.c
 *	  The requests of a scan: a window of streams, each one page ahead.
 *
 * A scan by key has one stream a key.  A full scan begins as one stream; when
 * its first page is not the last and nobody asked for few rows only, that page
 * is dropped and the ring is read in token ranges, several at a time.
 */
#include "scan.h"

#include "port/pg_bswap.h"

static void
submit(CassScan *scan, CassStream *stream, cql_slice paging_state)
{
	cql_params params;
	uint16 keys[64];
	uint32 i;

	memset(&params, 0, sizeof(params));
	params.cql = stream->cql;
	params.prepare = true;
	params.values = stream->values;
	params.nvalues = stream->nvalues;
	params.keyspace = scan->shape->table->keyspace;
	if (scan->keyed && scan->shape->table->npartition <= lengthof(keys))
	{
		params.nkeys = scan->shape->table->npartition;
		for (i = 0; i < params.nkeys; i++)
			keys[i] = i;
		params.keys = keys;
	}
	params.has_token = stream->has_token;
	params.token = stream->token;
	params.consistency = scan->options->read_consistency;
	params.serial_consistency = -1;
	params.page_size = scan->page_size;
	params.paging_state = paging_state;
	params.timeout = scan->options->request_timeout;
	params.idempotent = true;
	params.expected = (const cql_type *const *) scan->expected;
	params.nexpected = scan->nexpected;
	params.bound = scan->bound;
	params.nbound = stream->nvalues;
	cass_request_execute(stream->handle, scan->cluster, &params);
	scan->requests++;
}

/* The next token range as a stream; false when all are started. */
static bool
next_range(CassScan *scan, CassStream *stream)
{
	const cql_token_range *range;
	uint64 bounds[2];
	uint8 *bytes;
	int i;

	if (scan->next_range >= scan->nranges)
		return false;
	range = &scan->ranges[scan->next_range++];
	bounds[0] = pg_hton64((uint64) range->start);
	bounds[1] = pg_hton64((uint64) range->end);
	bytes = MemoryContextAlloc(scan->context, sizeof(bounds));
	memcpy(bytes, bounds, sizeof(bounds));
	if (stream->values == NULL)
		stream->values =
			MemoryContextAlloc(scan->context, sizeof(cql_slice) * 2);
	for (i = 0; i < 2; i++)
	{
		stream->values[i].data = bytes + 8 * i;
		stream->values[i].len = 8;
	}
	stream->nvalues = 2;
	stream->cql = scan->cql;
	stream->has_token = true;
	stream->token = range->end;
	return true;
}

static bool
next_stream(CassScan *scan, CassStream *stream)
{
	return scan->ranges != NULL ? next_range(scan, stream)
								: cass_bind_next(scan, stream);
}

/* Starts streams until the window is full; returns how many are active. */
static int
fill_window(CassScan *scan)
{
	static const cql_slice first_page = {NULL, CQL_NULL};
	int active = 0;
	int i;

	for (i = 0; i < scan->window; i++)
	{
		CassStream *stream = &scan->streams[i];

		if (stream->handle == NULL)
			stream->handle = cass_request_create(scan->context);
		if (stream->handle->request == NULL)
		{
			if (!next_stream(scan, stream))
				continue;
			submit(scan, stream, first_page);
		}
		active++;
	}
	scan->max_streams = Max(scan->max_streams, active);
	return active;
}

/* Page size that makes about CASS_PAGE_BYTES, from what a page showed. */
static void
adapt_page_size(CassScan *scan, cql_result *result)
{
	uint64 rows = cql_result_nrows(result);
	uint64 bytes = cql_result_bytes(result);
	uint64 fit;

	if (rows == 0)
		return;
	fit = CASS_PAGE_BYTES / Max(bytes / rows, 1);
	scan->page_size =
		(int32) Max(Min(fit, (uint64) scan->options->fetch_size), 1);
}

/*
 * Waits for a stream's page and moves it to scan->page; asks for the page
 * after it before anybody reads this one.
 */
static CassStream *
await_page(CassScan *scan)
{
	cql_request *requests[Max(CASS_LOOKUP_WINDOW, 128)];
	CassStream *stream;
	cql_slice state;
	int i;

	for (i = 0; i < scan->window; i++)
		requests[i] = scan->streams[i].handle->request;
	i = cass_wait_any(scan->cluster, requests, scan->window);
	stream = &scan->streams[i];
	cass_request_reset(scan->page);
	if (cql_request_get_state(stream->handle->request) == CQL_REQUEST_FAILED)
		cass_shape_forget(scan->shape->serverid, scan->shape->table->keyspace);
	scan->page->result =
		cass_request_wait(stream->handle, scan->cluster, stream->cql);
	stream->handle->result = NULL;
	scan->pages++;
	scan->bytes += cql_result_bytes(scan->page->result);
	adapt_page_size(scan, scan->page->result);
	state = cql_result_paging_state(scan->page->result);
	if (state.len >= 0 && !(scan->unsplit && scan->split))
		submit(scan, stream, state);
	return stream;
}

/* Drops the first page and cuts the ring, where there is a token map. */
static void
split_scan(CassScan *scan, CassStream *stream)
{
	CassSelect select = {scan->shape, scan->retrieved, 0, -1, NULL, NULL,
						 true};
	cql_token_range *ranges;
	int window = scan->options->scan_concurrency;
	MemoryContext old;
	uint32 n;

	scan->split = false;
	if (scan->shape->local_strategy ||
		cql_cluster_ranges(scan->cluster, scan->shape->table->keyspace,
						   window * CASS_RANGES_PER_STREAM, &ranges,
						   &n) != CQL_OK ||
		n == 0)
	{
		submit(scan, stream, cql_result_paging_state(scan->page->result));
		return;
	}
	scan->ranges =
		MemoryContextAlloc(scan->context, sizeof(cql_token_range) * n);
	memcpy(scan->ranges, ranges, sizeof(cql_token_range) * n);
	cass_env_free(ranges);
	scan->nranges = n;
	scan->bound = NULL;
	old = MemoryContextSwitchTo(scan->context);
	scan->cql = cass_deparse_select(&select);
	MemoryContextSwitchTo(old);
	scan->window = window;
	scan->streams =
		MemoryContextAllocZero(scan->context, sizeof(CassStream) * window);
	cass_request_reset(scan->page);
}

bool
cass_streams_next_page(CassScan *scan)
{
	for (;;)
	{
		CassStream *stream;

		if (fill_window(scan) == 0)
			return false;
		stream = await_page(scan);
		if (scan->unsplit && scan->split &&
			cql_result_paging_state(scan->page->result).len >= 0)
		{
			split_scan(scan, stream);
			scan->unsplit = false;
			if (scan->ranges != NULL)
				continue;
		}
		scan->unsplit = false;
		if (cql_result_nrows(scan->page->result) > 0)
			return true;
	}
}
