/*
 * write_send.c
 *	  Requests of a window: sending, waiting, answers.
 *
 * The number in flight grows with the answers and shrinks when Cassandra says
 * that it has too much to do.
 */
#include "write_window.h"

#include "throttle.h"

/* ---- sending ---- */

static void
fill_params(const CassRow *row, cql_params *params)
{
	const CassTarget *target = row->target;

	memset(params, 0, sizeof(*params));
	params->keyspace = target->shape->table->keyspace;
	params->has_token = true;
	params->token = row->token;
	params->consistency = target->options->write_consistency;
	params->serial_consistency =
		row->dml->conditional ? target->options->serial_consistency : -1;
	params->paging_state.len = CQL_NULL;
	params->timeout = target->options->request_timeout;
	params->idempotent = cass_row_idempotent(row);
}

static cql_slice
values_of(const char *data, const CassRow *row)
{
	cql_slice encoded = {(const uint8 *) data + row->start, row->len};

	return encoded;
}

static void
fill_single(const char *data, const CassRow *row, cql_params *params)
{
	fill_params(row, params);
	params->cql = row->dml->cql;
	params->prepare = true;
	params->encoded = values_of(data, row);
	params->nvalues = row->dml->nmarkers;
	params->bound = row->dml->bound;
	params->nbound = row->dml->nmarkers;
	params->belief = row->dml->belief;
}

static void
send_rows(CassWindow *window, CassWindowRequest *req, const CassBatch *batch)
{
	const char *data = batch->chunk->data.data;
	cql_batch_entry *entries;
	cql_params params;
	int i;

	if (batch->nrows == 1)
	{
		fill_single(data, cass_batch_row(batch, 0), &params);
		cass_request_execute(req->handle, window->cluster, &params);
		return;
	}
	fill_params(cass_batch_row(batch, 0), &params);
	entries = palloc0(sizeof(cql_batch_entry) * batch->nrows);
	for (i = 0; i < batch->nrows; i++)
	{
		const CassRow *row = cass_batch_row(batch, i);

		entries[i].cql = row->dml->cql;
		entries[i].prepare = true;
		entries[i].encoded = values_of(data, row);
		entries[i].nvalues = row->dml->nmarkers;
		entries[i].bound = row->dml->bound;
		entries[i].belief = row->dml->belief;
	}
	cass_request_execute_batch(req->handle, window->cluster,
							   CQL_BATCH_UNLOGGED, entries, batch->nrows,
							   &params);
	pfree(entries);
	window->stats.batches++;
}

static CassWindowRequest *
free_request(CassWindow *window)
{
	CassWindowRequest *req = window->requests;

	while (req->batch != NULL)
		req++;
	if (req->handle == NULL)
		req->handle = cass_request_create(window->context);
	return req;
}

/* There is room in the window. */
static void
start_batch(CassWindow *window, CassBatch *batch)
{
	CassWindowRequest *req = free_request(window);

	cass_xact_note(window->nest, cass_batch_row(batch, 0)->target->relname,
				   batch->counted);
	send_rows(window, req, batch);
	req->batch = batch;
	req->tries = 0;
	req->again_at = 0;
	req->serial = ++window->serial;
	window->used++;
	window->stats.requests++;
	window->stats.max_in_flight =
		Max(window->stats.max_in_flight, window->used);
}

/* ---- answers ---- */

static void
end_batch(CassWindow *window, CassWindowRequest *req)
{
	cass_request_reset(req->handle);
	cass_batch_free(window, req->batch);
	req->batch = NULL;
	window->used--;
}

/* Doubles in the time of an answer at first, later adds one. */
static void
grow(CassWindow *window)
{
	if (window->limit >= window->nrequests)
		return;
	if (!window->slow_start && ++window->credit < window->limit)
		return;
	window->credit = 0;
	window->limit++;
}

/* The answer of a request that is done. */
static void
take(CassWindow *window, CassRequest *handle, const CassRow *row)
{
	bool failing = window->failing;

	window->failing = true; /* should it be the wrong one */
	if (row->dml->conditional)
		cass_request_take(handle);
	else
		cass_write_take(handle, row->dml->cql);
	window->failing = failing;
	/* the time it got from a coordinator is past */
	if (row->target->options->timestamps == CASS_TIMESTAMPS_SERVER)
		(void) cass_next_timestamp();
}

static void
acknowledge(CassWindow *window, CassWindowRequest *req)
{
	const CassBatch *batch = req->batch;
	const CassRow *row = cass_batch_row(batch, 0);

	take(window, req->handle, row);
	window->stats.acknowledged += batch->counted;
	if (batch->counted > 0)
		cass_progress_add(&window->told, window->context, CASS_PROGRESS_LOAD,
						  row->target->shape->relid, batch->counted, 0);
	window->stats.retries += req->handle->attempts - 1;
	grow(window);
	end_batch(window, req);
}

static void
look_at(CassWindow *window, CassWindowRequest *req)
{
	if (req->again_at > 0)
	{
		if (req->again_at > cql_now())
			return;
		req->again_at = 0;
		req->serial = ++window->serial;
		cql_request_again(req->handle->request);
		window->stats.retries++;
		return;
	}
	switch (cql_request_get_state(req->handle->request))
	{
		case CQL_REQUEST_DONE:
			acknowledge(window, req);
			break;
		case CQL_REQUEST_FAILED:
			if (!cass_send_failed(window, req))
				end_batch(window, req);
			break;
		default:
			break;
	}
}

static void
look_at_all(CassWindow *window)
{
	int left = window->used;
	int i;

	for (i = 0; i < window->nrequests && left > 0; i++)
	{
		if (window->requests[i].batch == NULL)
			continue;
		left--;
		look_at(window, &window->requests[i]);
	}
	while (!dlist_is_empty(&window->unsent) && window->used < window->limit)
		start_batch(window,
					dlist_container(CassBatch, node,
									dlist_pop_head_node(&window->unsent)));
}

void
cass_send_poll(CassWindow *window)
{
	if (window->used == 0)
		return;
	cass_poll(window->cluster);
	look_at_all(window);
}

/* For an answer, or until then. */
static void
wait_until(CassWindow *window, int64 deadline)
{
	int n = 0;
	int i;

	for (i = 0; i < window->nrequests && n < window->used; i++)
	{
		CassWindowRequest *req = &window->requests[i];

		if (req->batch == NULL)
			continue;
		window->waiting[n] = NULL;
		if (req->again_at == 0)
			window->waiting[n] = req->handle->request;
		else if (req->again_at < deadline)
			deadline = req->again_at;
		n++;
	}
	(void) cass_wait_until(window->cluster, window->waiting, n, deadline);
	look_at_all(window);
}

void
cass_send_wait(CassWindow *window)
{
	wait_until(window, PG_INT64_MAX);
}

/* ---- batches in ---- */

/* As long as the table's rate says. */
static void
await_turn(CassWindow *window, const CassTarget *target, int nrows,
		   double bytes)
{
	int64 begin;
	int64 end;

	cass_throttle_take(target->shape->serverid, CASS_THROTTLE_WRITE,
					   &target->options->write_throttle, nrows, bytes, &begin,
					   &end);
	while (cql_now() < begin)
		wait_until(window, begin);
}

static double
bytes_of(const CassBatch *batch)
{
	double bytes = 0;
	int i;

	for (i = 0; i < batch->nrows; i++)
		bytes += cass_batch_row(batch, i)->len;
	return bytes;
}

void
cass_send_batch(CassWindow *window, CassChunk *chunk, int first, int nrows)
{
	CassBatch *batch = cass_batch_create(window, chunk, first, nrows);

	await_turn(window, cass_batch_row(batch, 0)->target, nrows,
			   bytes_of(batch));
	while (window->used >= window->limit)
		cass_send_wait(window);
	start_batch(window, batch);
}

void
cass_send_drain(CassWindow *window)
{
	while (window->used > 0 || !dlist_is_empty(&window->unsent))
		cass_send_wait(window);
}

void
cass_send_single(CassWindow *window, const char *data, const CassRow *row)
{
	CassRequest *handle;
	cql_params params;

	if (window->single == NULL)
		window->single = cass_request_create(window->context);
	await_turn(window, row->target, 1, row->len);
	handle = window->single;
	fill_single(data, row, &params);
	cass_xact_note(window->nest, row->target->relname, 1);
	window->stats.requests++;
	cass_request_execute(handle, window->cluster, &params);
	(void) cass_wait_any(window->cluster, &handle->request, 1);
	if (cql_request_get_state(handle->request) == CQL_REQUEST_FAILED)
		cass_send_single_failed(window, data, row,
								cql_request_error(handle->request));
	take(window, handle, row);
}
