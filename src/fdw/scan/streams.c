/*
 * streams.c
 *	  The requests of a scan: a window of streams, each one page ahead.
 *
 * A scan by key has one stream a key.  A full scan begins as one stream; when
 * its first page is not the last and nobody asked for few rows only, that page
 * is dropped and the ring is read in token ranges, several at a time.
 */
#include "scan.h"

#define COUNTED_ROWS 20000 /* of a range that the server counts */

static const cql_slice first_page = {NULL, CQL_NULL};

/* ---- asking ---- */

/* Keeps the paging state: a page that times out is asked for again. */
static void
keep_state(CassScan *scan, CassStream *stream, cql_slice state)
{
	if (state.len > stream->state_size)
	{
		stream->state_size = Max(state.len, 256);
		stream->state = MemoryContextAlloc(scan->context, stream->state_size);
	}
	if (state.len > 0)
		memcpy(stream->state, state.data, state.len);
	stream->state_len = state.len;
}

/* Values that make the partition key: the first ones, in key order. */
static void
set_keys(const CassScan *scan, cql_params *params, uint16 *keys)
{
	uint32 n = scan->shape->table->npartition;
	uint32 i;

	if (scan->access != CQL_ACCESS_PARTITION || n > 64)
		return;
	for (i = 0; i < n; i++)
		keys[i] = i;
	params->keys = keys;
	params->nkeys = n;
}

/*
 * A page that holds as many rows as LIMIT asks for is no page to the server:
 * it forgets the paging state and begins anew (tried on 5.0.8 and 4.1.10).
 */
static int32
page_size(const CassScan *scan, cql_slice state)
{
	if (state.len >= 0 && scan->limit > 1 && scan->page_size >= scan->limit)
		return (int32) scan->limit - 1;
	return scan->page_size;
}

void
cass_stream_submit(CassScan *scan, CassStream *stream, cql_slice state)
{
	cql_params params;
	uint16 keys[64];

	memset(&params, 0, sizeof(params));
	params.cql = stream->cql;
	params.prepare = true;
	params.values = stream->values;
	params.nvalues = stream->nvalues;
	params.keyspace = scan->shape->table->keyspace;
	set_keys(scan, &params, keys);
	params.has_token = stream->has_range;
	params.token = stream->range.end;
	params.consistency = scan->vector.len >= 0
							 ? CQL_LOCAL_ONE
							 : scan->options->read_consistency;
	params.serial_consistency = -1;
	params.page_size = page_size(scan, state);
	params.paging_state = state;
	params.timeout = scan->options->request_timeout;
	params.idempotent = true;
	params.nexpected = scan->nexpected;
	params.expected =
		(const cql_type *const *) (stream->group != NULL
									   ? cass_by_rows_expected(
											 scan, &params.nexpected)
									   : scan->expected);
	params.bound = (const cql_type *const *) stream->types;
	params.nbound = stream->nvalues;
	params.belief = scan->belief;
	if (state.len < 0 || state.data != stream->state)
		keep_state(scan, stream, state);
	cass_request_execute(stream->handle, scan->cluster, &params);
	scan->requests++;
}

/* Values of a stream that reads a token range beside fixed conditions. */
static void
bind_range(CassScan *scan, CassStream *stream)
{
	cass_bind_fixed(scan, stream);
	cass_bind_token(scan, stream, stream->range.start);
	cass_bind_token(scan, stream, stream->range.end);
	if (scan->limit > 0)
		cass_bind_limit(scan, stream, scan->limit);
	stream->cql = scan->cql;
	stream->has_range = true;
}

static bool
next_range(CassScan *scan, CassStream *stream, bool *by_rows)
{
	CassRange *next;

	if (scan->next_range >= scan->nranges)
		return false;
	next = &scan->ranges[scan->next_range++];
	stream->range = next->range;
	stream->halved = next->halved;
	*by_rows = next->by_rows;
	bind_range(scan, stream);
	return true;
}

/*
 * Gives the stream its next key or range; false when there is none.  What is
 * to be checked here cannot have been combined.
 */
static bool
next_stream(CassScan *scan, CassStream *stream)
{
	bool by_rows = false;

	stream->consumed = false;
	stream->smaller = stream->halved = 0;
	stream->group = NULL;
	if (scan->ranges != NULL ? !next_range(scan, stream, &by_rows)
							 : !cass_bind_next(scan, stream))
		return false;
	if (scan->plan->aggregate &&
		(by_rows || scan->only_rows || scan->incomplete))
		cass_by_rows(scan, stream);
	return true;
}

/* Starts streams until the window is full; returns how many are active. */
static int
fill_window(CassScan *scan)
{
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
			cass_stream_submit(scan, stream, first_page);
		}
		active++;
	}
	scan->max_streams = Max(scan->max_streams, active);
	return active;
}

/* ---- page sizes ---- */

/* Rows that make about CASS_PAGE_BYTES. */
static int32
fitting_rows(const CassScan *scan, uint64 width)
{
	uint64 fit = CASS_PAGE_BYTES / Max(width, 1);

	fit = Min(fit, (uint64) scan->options->fetch_size);
	return (int32) Max(fit, 1);
}

/*
 * Grows to what fits; few rows wanted let it begin small.  Where a page has
 * room for all rows of a LIMIT Cassandra does not look at the paging state, so
 * later pages must not.
 */
static void
adapt_page_size(CassScan *scan, cql_result *result)
{
	uint64 rows = cql_result_nrows(result);
	int32 fit;

	if (rows == 0 || scan->merge != NULL || scan->shrunk)
		return;
	fit = fitting_rows(scan, cql_result_bytes(result) / rows);
	if (scan->plan->wanted > 0 && fit > scan->page_size * 4)
		fit = scan->page_size * 4;
	if (scan->limit > 0 && fit >= scan->limit)
		fit = (int32) Max(scan->limit - 1, 1);
	scan->page_size = fit;
}

static void
first_page_size(CassScan *scan)
{
	int32 size = scan->plan->width > 0 && scan->plan->rows > 0
					 ? fitting_rows(scan, scan->plan->width)
					 : Min(scan->options->fetch_size, CASS_FIRST_PAGE);

	if (scan->plan->wanted > 0 && scan->plan->wanted < size)
		size = Max((int32) scan->plan->wanted, 1);
	if (scan->limit > 0 && scan->limit < size)
		size = (int32) scan->limit;
	/* the server reads that many at a time while it counts */
	if (scan->plan->aggregate)
		size = scan->options->fetch_size;
	if (scan->plan->vector >= 0)
		size = Max(size, (int32) scan->limit + 1);
	scan->page_size = size;
	scan->shrunk = false;
}

/* ---- failures that other requests make good ---- */

static bool
is_timeout(const cql_error *error)
{
	return error->code == CQL_ERR_TIMEOUT ||
		   (error->code == CQL_ERR_SERVER &&
			error->server_code == CQL_SERVER_READ_TIMEOUT);
}

/*
 * A replica gave up: it stops reads that take too long or meet too many
 * tombstones, and not always says which.  It may manage less at a time.
 */
static bool
is_failure(const cql_error *error)
{
	return error->code == CQL_ERR_SERVER &&
		   error->server_code == CQL_SERVER_READ_FAILURE;
}

bool
cass_is_too_much(const cql_error *error)
{
	return is_timeout(error) || is_failure(error);
}

/* Guardrails and indexes that are not ready; the words are the server's. */
static bool
is_refusal(const cql_error *error)
{
	return error->code == CQL_ERR_SERVER &&
		   (error->server_code == CQL_SERVER_INVALID ||
			error->server_code == CQL_SERVER_CONFIG || is_failure(error));
}

/*
 * Halves a range of which nothing has been read, but not where its rows have
 * their turn: the other half comes last.  Each time that it takes too long
 * costs a time limit, each time that a replica gives up costs little.
 */
static bool
split_range(CassScan *scan, CassStream *stream, bool slow)
{
	uint64 width = (uint64) stream->range.end - (uint64) stream->range.start;
	CassRange *half;

	if (!stream->has_range || stream->consumed || width < 2 ||
		scan->plan->ring || scan->nsplits >= CASS_MAX_SPLITS ||
		stream->halved >= (slow ? CASS_MAX_HALVED : CASS_MAX_HALVED_FAILED))
		return false;
	/* the ranges have room for these, see cass_streams_split() */
	half = &scan->ranges[scan->nranges++];
	half->range.start = stream->range.start + (int64) (width / 2);
	half->range.end = stream->range.end;
	half->halved = ++stream->halved;
	half->by_rows = stream->group != NULL;
	scan->nsplits++;
	stream->range.end = half->range.start;
	bind_range(scan, stream);
	if (stream->group != NULL)
		cass_by_rows(scan, stream);
	cass_stream_submit(scan, stream, first_page);
	return true;
}

/* Aggregates the rows here, as long as nothing was told of them. */
static bool
take_rows(CassScan *scan, CassStream *stream)
{
	if (!scan->plan->aggregate || stream->group != NULL || stream->consumed)
		return false;
	stream->halved = 0;
	scan->page_size = Min(scan->page_size, CASS_FIRST_PAGE);
	cass_by_rows(scan, stream);
	cass_stream_submit(scan, stream, first_page);
	return true;
}

/* Asks for the same page in fewer rows; the nearest come in one page only. */
static bool
shrink_page(CassScan *scan, CassStream *stream)
{
	cql_slice state = {stream->state, stream->state_len};

	if (scan->vector.len >= 0 || stream->smaller >= CASS_MAX_SMALLER ||
		scan->page_size <= 1)
		return false;
	stream->smaller++;
	scan->page_size = Max(scan->page_size / 4, 1);
	scan->shrunk = true;
	cass_stream_submit(scan, stream, state);
	return true;
}

/* Asks for less in place of what took too long, or was too much. */
static bool
ask_for_less(CassScan *scan, CassStream *stream, bool slow)
{
	if (scan->unsplit && scan->plan->split && cass_streams_split(scan))
		return true;
	/* a count of half a range is worth few tries only: its rows come surely */
	if (stream->halved >= (slow ? 1 : CASS_MAX_HALVED) &&
		take_rows(scan, stream))
		return true;
	return split_range(scan, stream, slow) || take_rows(scan, stream) ||
		   shrink_page(scan, stream);
}

/*
 * What was refused before a row was given is begun anew without: lists whose
 * combinations are too many, a filter or an index, groups.
 */
static bool
do_without(CassScan *scan, const cql_error *error)
{
	if (scan->emitted || !is_refusal(error))
		return false;
	if (!is_failure(error) && scan->list_values > 1 &&
		cass_bind_has_lists(scan))
		scan->list_values = 1;
	else if (cass_bind_degrade(scan))
		scan->degraded = true;
	else if (!is_failure(error) && scan->plan->aggregate && !scan->only_rows)
		scan->only_rows = true;
	else
		return false;
	scan->restart = true;
	return true;
}

/*
 * Whether nothing more is to be hoped for where nothing answers.  Asking for
 * less may help a large scan, but only as long as it goes on; what a look-up
 * asks for first is little already.  Of what was to be counted, which is no
 * little, the rows may still come.
 */
static bool
is_hopeless(const CassScan *scan, const CassStream *stream,
			const cql_error *error)
{
	int64 all =
		scan->options->request_timeout * (scan->options->max_retries + 1);

	if (scan->plan->aggregate && stream->group == NULL)
		return false;
	if (error->code == CQL_ERR_TIMEOUT &&
		scan->access == CQL_ACCESS_PARTITION && !stream->consumed)
		return true;
	return cql_now() - scan->progress >= CASS_PATIENCE * all;
}

/* Whether something else was asked for in place of the failed request. */
static bool
recover(CassScan *scan, CassStream *stream)
{
	const cql_error *error = cql_request_error(stream->handle->request);
	bool slow = is_timeout(error);

	if (do_without(scan, error))
		return true;
	if (error->code == CQL_ERR_LIMIT && shrink_page(scan, stream))
		return true;
	if (slow && is_hopeless(scan, stream, error))
		return false;
	if (slow || (is_failure(error) && scan->nfailures++ < CASS_MAX_FAILURES))
		return ask_for_less(scan, stream, slow);
	cass_shape_failed(scan->shape, error);
	return false;
}

/* ---- waiting ---- */

static void
count_page(CassScan *scan, const CassRequest *page)
{
	ListCell *lc;
	MemoryContext old;

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
	if (scan->access == CQL_ACCESS_PARTITION)
	{
		i = cass_find_ended(scan->waiting, n);
		if (i >= 0)
			return i;
	}
	return cass_wait_any(scan->cluster, scan->waiting, n);
}

CassStream *
cass_streams_await(CassScan *scan, CassStream *streams, int n,
				   CassRequest *page)
{
	CassStream *stream = &streams[wait_for_one(scan, streams, n)];
	CassRequest *to = page != NULL ? page : stream->page;

	if (cql_request_get_state(stream->handle->request) == CQL_REQUEST_FAILED &&
		recover(scan, stream))
		return NULL;
	cass_request_reset(to);
	if (scan->plan->aggregate && stream->group == NULL)
		stream->handle->muted = "Aggregation query used without partition";
	to->result = cass_request_wait(stream->handle, scan->cluster, stream->cql);
	to->attempts = stream->handle->attempts;
	strlcpy(to->host, stream->handle->host, sizeof(to->host));
	stream->handle->result = NULL;
	/* an index may have been made, or what else is better for later plans */
	if (stream->handle->reprepared > 0)
		cass_shape_doubt(scan->shape);
	stream->consumed = true;
	count_page(scan, to);
	adapt_page_size(scan, to->result);
	return stream;
}

void
cass_stream_continue(CassScan *scan, CassStream *stream,
					 const CassRequest *page)
{
	cql_slice state = cql_result_paging_state(page->result);

	if (state.len < 0)
		return;
	cass_stream_submit(scan, stream, state);
	/* it is under way while this page is read */
	if (scan->access == CQL_ACCESS_PARTITION)
		cass_poll(scan->cluster);
}

/* ---- cutting the ring ---- */

/* About how many ranges: a page each, but not too many for one in flight. */
static uint32
wanted_ranges(const CassScan *scan, int window)
{
	double pages =
		scan->plan->rows /
		(scan->plan->aggregate ? COUNTED_ROWS : Max(scan->page_size, 1));

	if (scan->plan->rows <= 0)
		return window * 2;
	return (uint32) Min(Max(pages, 2), window * CASS_RANGES_PER_STREAM);
}

/* A token that the query itself restricts stays as it is. */
static bool
restricts_token(const CassScan *scan)
{
	int i;

	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		if (scan->plan->restrictions[i].token)
			return true;
	}
	return false;
}

bool
cass_streams_split(CassScan *scan)
{
	int window = Min(scan->options->scan_concurrency, CASS_MAX_WINDOW);
	cql_token_range *ranges;
	MemoryContext old;
	uint32 n, i;

	scan->unsplit = false;
	if (scan->shape->local_strategy || scan->access != CQL_ACCESS_SCAN ||
		cass_bind_count(scan) > 1 || restricts_token(scan) ||
		cql_cluster_ranges(scan->cluster, scan->shape->table->keyspace,
						   wanted_ranges(scan, window), &ranges,
						   &n) != CQL_OK ||
		n == 0)
		return false;
	old = MemoryContextSwitchTo(scan->context);
	scan->ranges = palloc0(sizeof(CassRange) * (n + CASS_MAX_SPLITS));
	for (i = 0; i < n; i++)
		scan->ranges[i].range = ranges[i];
	cass_env_free(ranges);
	scan->nranges = n;
	scan->next_range = 0;
	scan->turn = 0;
	scan->cql = cass_bind_text(scan, scan->plan, true, false);
	scan->window = Min(window, (int) n);
	scan->streams = palloc0(sizeof(CassStream) * window);
	MemoryContextSwitchTo(old);
	return true;
}

/*
 * Whether the first request would only find out that the table is large; one
 * that counts would count it all.
 */
static bool
begins_split(const CassScan *scan)
{
	if (scan->plan->aggregate)
		return scan->plan->rows < 0 || scan->plan->rows > COUNTED_ROWS;
	return scan->plan->rows > 4.0 * scan->page_size;
}

/* ---- the interface ---- */

void
cass_streams_start(CassScan *scan)
{
	scan->page = cass_request_create(scan->context);
	scan->progress = cql_now();
	first_page_size(scan);
	if (scan->exhausted)
		return;
	scan->cql = cass_bind_text(scan, scan->plan, false, false);
	scan->unsplit = scan->access == CQL_ACCESS_SCAN;
	scan->window = Min(CASS_LOOKUP_WINDOW, cass_bind_count(scan));
	scan->streams = palloc0(sizeof(CassStream) * scan->window);
	if (scan->unsplit && scan->plan->split && begins_split(scan))
		(void) cass_streams_split(scan);
}

/*
 * A page of any stream; in the order of the ring of the one whose turn it is.
 * Streams take ranges, which are in that order, in turn.
 */
static CassStream *
await_page(CassScan *scan)
{
	if (!scan->plan->ring)
		return cass_streams_await(scan, scan->streams, scan->window,
								  scan->page);
	return cass_streams_await(scan, &scan->streams[scan->turn], 1, scan->page);
}

/* Asks for the stream's next page; at its end it is the next one's turn. */
static void
go_on(CassScan *scan, CassStream *stream)
{
	cass_stream_continue(scan, stream, scan->page);
	if (stream->handle->request == NULL)
		scan->turn = (scan->turn + 1) % scan->window;
}

bool
cass_streams_next_page(CassScan *scan)
{
	while (!scan->restart && scan->streams != NULL && fill_window(scan) > 0)
	{
		CassStream *stream = await_page(scan);
		cql_result *result = scan->page->result;

		if (stream == NULL)
			continue;
		if (scan->unsplit && scan->plan->split &&
			cql_result_paging_state(result).len >= 0 &&
			cass_streams_split(scan))
		{
			cass_request_reset(scan->page);
			continue;
		}
		scan->unsplit = false;
		go_on(scan, stream);
		scan->page_stream = stream;
		/* the end of a stream ends a group, too */
		if (cql_result_nrows(result) > 0 || stream->group != NULL)
			return true;
	}
	return false;
}
