/*
 * streams.c
 *	  The requests of a scan: a window of streams, each one page ahead.
 *
 * A scan by key has one stream a key, one of the whole table one a range of
 * the ring, see split.c.
 */
#include "scan.h"
#include "throttle.h"

/* Backends of a parallel scan have their shares of a rate. */
static void
throttle(CassScan *scan, const cql_result *page)
{
	CassRate rate = scan->options->read_throttle;

	if (scan->shared != NULL)
	{
		rate.rows /= scan->shared->nbackends;
		rate.bytes /= scan->shared->nbackends;
	}
	cass_throttle_read(scan->cluster, scan->shape->serverid, &rate,
					   cql_result_nrows(page),
					   (double) cql_result_bytes(page));
}

/* Of a parallel scan the leader tells what all have read. */
static void
tell_progress(CassScan *scan, uint64 rows)
{
	if (scan->plan->aggregate)
		return;
	if (scan->shared != NULL)
		rows = pg_atomic_add_fetch_u64(&scan->shared->received, (int64) rows) -
			   scan->told.rows;
	if (!IsParallelWorker())
		cass_progress_add(&scan->told, scan->context, CASS_PROGRESS_SCAN,
						  scan->shape->relid, rows, scan->plan->rows);
}

static void
count_page(CassScan *scan, const CassRequest *page)
{
	ListCell *lc;
	MemoryContext old;

	throttle(scan, page->result);
	tell_progress(scan, cql_result_nrows(page->result));
	scan->pages++;
	scan->progress = cql_now();
	scan->bytes += cql_result_bytes(page->result);
	scan->retries += page->attempts > 0 ? page->attempts - 1 : 0;
	foreach (lc, scan->hosts)
	{
		if (strcmp(lfirst(lc), page->host) == 0)
			return;
	}
	old = MemoryContextSwitchTo(MemoryContextGetParent(scan->context));
	scan->hosts = lappend(scan->hosts, pstrdup(page->host));
	MemoryContextSwitchTo(old);
}

/* Index of a stream whose request has ended; -1: none has, not to wait. */
static int
wait_for_one(CassScan *scan, CassStream *streams, int n)
{
	int i;

	if (n > scan->nwaiting)
	{
		scan->waiting =
			MemoryContextAlloc(scan->context, sizeof(cql_request *) * n);
		scan->nwaiting = n;
	}
	for (i = 0; i < n; i++)
		scan->waiting[i] =
			streams[i].handle == NULL ? NULL : streams[i].handle->request;
	/* answers that are here first: what they lead to goes out together */
	if (streams[0].query.nkeys > 0)
	{
		i = cass_find_ended(scan->waiting, n);
		if (i >= 0)
			return i;
	}
	return cass_wait_until(scan->cluster, scan->waiting, n,
						   scan->no_wait ? 0 : PG_INT64_MAX);
}

CassStream *
cass_streams_await(CassScan *scan, CassStream *streams, int n)
{
	int i = wait_for_one(scan, streams, n);
	CassStream *stream = &streams[i];

	scan->blocked = i < 0;
	if (i < 0)
		return NULL;
	if (cql_request_get_state(stream->handle->request) == CQL_REQUEST_FAILED &&
		cass_recover(scan, stream))
		return NULL;
	if (scan->plan->aggregate && stream->group == NULL)
		stream->handle->muted = "Aggregation query used without partition";
	(void) cass_request_wait(stream->handle, scan->cluster, stream->query.cql);
	cass_request_move(stream->handle, stream->page);
	/* an index may have been made, or what else is better for later plans */
	if (stream->handle->reprepared > 0)
		cass_shape_doubt(scan->shape);
	stream->consumed = true;
	count_page(scan, stream->page);
	cass_pager_adapt(&scan->pager, stream->page->result);
	return stream;
}

/* ---- the window ---- */

bool
cass_window_has_room(int window, int active)
{
	return active == 0 || window - active >= Max(window / 8, 1);
}

static bool
is_active(const CassStream *stream)
{
	return stream->handle != NULL && stream->handle->request != NULL;
}

/* Starts streams where the window has room; returns how many are active. */
static int
fill_window(CassScan *scan)
{
	int active = 0;
	int i;

	for (i = 0; i < scan->window; i++)
		active += is_active(&scan->streams[i]);
	if (!cass_window_has_room(scan->window, active))
		return active;
	for (i = 0; i < scan->window; i++)
	{
		CassStream *stream = &scan->streams[i];

		if (!is_active(stream) &&
			cass_stream_start(scan, scan->source, stream))
			active++;
	}
	scan->max_streams = Max(scan->max_streams, active);
	return active;
}

void
cass_streams_begin(CassScan *scan, CassRequestSource *source)
{
	scan->progress = cql_now();
	cass_page_size_init(scan);
	scan->source = source;
	scan->window = Min(CASS_LOOKUP_WINDOW, source->count(source));
	scan->streams = MemoryContextAllocZero(scan->context,
										   sizeof(CassStream) * scan->window);
}

void
cass_streams_start(CassScan *scan)
{
	if (scan->bind.exhausted)
		return;
	cass_key_source_init(&scan->keys, &scan->bind, false);
	cass_streams_begin(scan, &scan->keys.base);
	if (scan->bind.access == CQL_ACCESS_SCAN)
		cass_scan_begin_whole(scan);
}

/*
 * A page of any stream; in the order of the ring of the one whose turn it is.
 * Streams take ranges, which are in that order, in turn.
 */
static CassStream *
await_page(CassScan *scan)
{
	if (!scan->plan->ring)
		return cass_streams_await(scan, scan->streams, scan->window);
	return cass_streams_await(scan, &scan->streams[scan->turn], 1);
}

/* Asks for the stream's next page; at its end it is the next one's turn. */
static void
go_on(CassScan *scan, CassStream *stream)
{
	cass_stream_continue(scan, stream);
	if (stream->handle->request == NULL)
		scan->turn = (scan->turn + 1) % scan->window;
}

static bool
is_stopped(const CassScan *scan)
{
	return scan->shared != NULL && cass_shared_ring_is_stopped(scan->shared);
}

CassStream *
cass_streams_next(CassScan *scan)
{
	while (!scan->restart && scan->streams != NULL && !is_stopped(scan) &&
		   fill_window(scan) > 0)
	{
		CassStream *stream = await_page(scan);

		if (scan->blocked)
			return NULL;
		if (stream == NULL)
			continue;
		if (scan->unsplit && scan->plan->split &&
			cql_result_paging_state(stream->page->result).len >= 0 &&
			cass_scan_split(scan))
		{
			cass_request_reset(stream->page);
			continue;
		}
		scan->unsplit = false;
		if (scan->narrow)
			cass_scan_widen(scan, stream);
		go_on(scan, stream);
		/* the end of a stream ends a group, too */
		if (cql_result_nrows(stream->page->result) > 0 ||
			stream->group != NULL)
			return stream;
	}
	return NULL;
}

bool
cass_streams_are_ready(const CassScan *scan)
{
	int i;

	for (i = 0; scan->streams != NULL && i < scan->window; i++)
	{
		const CassRequest *handle = scan->streams[i].handle;

		if (handle != NULL && cass_find_ended(&handle->request, 1) >= 0)
			return true;
	}
	return false;
}
