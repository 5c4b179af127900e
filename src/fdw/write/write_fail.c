/*
 * write_fail.c
 *	  What follows from a failed write: again, in smaller pieces, or an error.
 *
 * The client has tried what may be tried at once on other hosts.  Here is what
 * takes time: a cluster that has too much to do is asked for less, later.
 */
#include "write_window.h"

#include "utils/lsyscache.h"

#define TRIES_OVERLOADED 20			  /* nothing was applied, just wait */
#define TRIES_TIMEOUT 5				  /* a coordinator has waited each time */
#define PAUSE_FIRST INT64CONST(50000) /* microseconds, doubled each time */
#define PAUSE_MOST INT64CONST(2000000)
#define DRAIN_TIME INT64CONST(5000000) /* for the others before an error */

/* How often a failure is worth waiting for. */
static int
tries_worth(const cql_error *error, bool idempotent)
{
	if (error->code != CQL_ERR_SERVER || !idempotent)
		return 0;
	switch (error->server_code)
	{
		case CQL_SERVER_OVERLOADED:
		case CQL_SERVER_BOOTSTRAPPING:
			return TRIES_OVERLOADED;
		case CQL_SERVER_WRITE_TIMEOUT:
			return TRIES_TIMEOUT;
		default:
			return 0;
	}
}

/* Halves the window, once for all that was sent before it was halved. */
static void
shrink(CassWindow *window, const CassWindowRequest *req)
{
	if (req->serial <= window->shrunk_at)
		return;
	window->limit = Max(window->limit / 2, 1);
	window->slow_start = false;
	window->credit = 0;
	window->shrunk_at = window->serial;
}

/* Limits of batches, of mutations and of messages: each has its own words. */
static bool
too_large(const cql_error *error)
{
	return error->code == CQL_ERR_NOMEM || error->code == CQL_ERR_LIMIT ||
		   (error->code == CQL_ERR_SERVER &&
			(strstr(error->message, "Batch too large") != NULL ||
			 strstr(error->message, "oversized mutation") != NULL ||
			 strstr(error->message, "CQL Message of size") != NULL ||
			 strstr(error->message, "Request is too big") != NULL));
}

/* Its halves wait for a place in the window. */
static void
cut(CassWindow *window, const CassBatch *batch)
{
	int half = batch->nrows / 2;
	int i;

	window->largest_batch = Min(window->largest_batch, half);
	cass_xact_refused(window->nest, batch->counted);
	for (i = 0; i < 2; i++)
	{
		CassBatch *piece =
			cass_batch_create(window, batch->chunk, batch->first + i * half,
							  i == 0 ? half : batch->nrows - half);

		dlist_push_tail(&window->unsent, &piece->node);
	}
}

/* ---- the answer ---- */

void
cass_write_take(CassRequest *handle, const char *cql)
{
	cass_request_take(handle);
	if (cql_result_get_kind(handle->result) != CQL_RESULT_VOID)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("Cassandra did not tell that rows were written"),
				 errdetail("It answered an unconditional write as if that "
						   "were conditional or a query."),
				 errcontext("CQL statement: %s", cass_from_cql(cql))));
}

/* ---- the error ---- */

static bool
may_be_applied(const cql_error *error)
{
	return error->maybe_applied || error->unanswered ||
		   error->code == CQL_ERR_LOST || error->code == CQL_ERR_TIMEOUT ||
		   (error->code == CQL_ERR_SERVER &&
			error->server_code == CQL_SERVER_TRUNCATE);
}

cql_result *
cass_write_wait(CassRequest *handle, cql_cluster *cluster, const char *cql)
{
	cass_xact_note_statement();
	(void) cass_wait_any(cluster, &handle->request, 1);
	if (cql_request_get_state(handle->request) == CQL_REQUEST_FAILED &&
		!may_be_applied(cql_request_error(handle->request)))
		cass_xact_refused_statement();
	(void) cass_request_wait(handle, cluster, cql);
	(void) cass_next_timestamp();
	return handle->result;
}

/*
 * Waits a while for the other requests, so that the session's next statement
 * does not meet them.  Returns how many rows may have been applied besides
 * those acknowledged.
 */
static uint64
drain(CassWindow *window, const CassWindowRequest *failed)
{
	int64 deadline = cql_now() + DRAIN_TIME;
	uint64 unknown = 0;
	int i;

	for (i = 0; i < window->nrequests; i++)
	{
		CassWindowRequest *req = &window->requests[i];
		cql_request *request;

		if (req->batch == NULL || req == failed)
			continue;
		request = req->handle->request;
		if (req->again_at == 0)
			(void) cass_wait_until(window->cluster, &request, 1, deadline);
		if (cql_request_get_state(request) == CQL_REQUEST_DONE)
			window->stats.acknowledged += req->batch->counted;
		else if (cql_request_get_state(request) == CQL_REQUEST_PENDING ||
				 may_be_applied(cql_request_error(request)))
			unknown += req->batch->counted;
		else
			cass_xact_refused(window->nest, req->batch->counted);
	}
	return unknown;
}

/* The row of a batch that came first. */
static const CassRow *
first_row(const CassBatch *batch)
{
	const CassRow *first = NULL;
	int i;

	for (i = 0; i < batch->nrows; i++)
	{
		const CassRow *row = cass_batch_row(batch, i);

		if (first == NULL || row->start < first->start)
			first = row;
	}
	return first;
}

/* What most of a row that is too large is. */
static void
append_largest(StringInfo text, const CassRow *row, const char *data)
{
	int bytes;
	int att = cass_row_largest(row, data, &bytes);

	if (att >= 0)
		appendStringInfo(
			text, "\nIts largest value, of column \"%s\", has %d bytes.",
			get_attname(row->target->shape->relid, att + 1, false), bytes);
}

/* Cassandra's words for a row that is too large may name its key. */
static void
hide_key(const CassTarget *target, cql_error *error)
{
	char *keys = strstr(error->message, " Top keys are:");

	if (keys != NULL && !cass_may_show_key(target))
		*keys = '\0';
}

/* Which row could not be written, and what became of the others. */
static char *
rows_text(const CassWindow *window, const CassRow *row, const char *data,
		  const cql_error *error, int others, uint64 unknown)
{
	bool range = row->dml->range;
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(
		&text, "Row%s%s of foreign table \"%s\"", range ? "s" : "",
		cass_row_key(row, data, range ? " with " : " "), row->target->relname);
	if (others > 0)
		appendStringInfo(&text, ", in a batch with %d more, ", others);
	else
		appendStringInfoChar(&text, ' ');
	appendStringInfo(&text, "could not be %s.", range ? "deleted" : "written");
	if (too_large(error) && others == 0)
		append_largest(&text, row, data);
	if (!range)
		appendStringInfo(
			&text,
			"\nRows of the statement acknowledged before: " UINT64_FORMAT
			"; others that may have been applied: " UINT64_FORMAT ".",
			window->stats.acknowledged, unknown);
	return text.data;
}

bool
cass_send_failed(CassWindow *window, CassWindowRequest *req)
{
	cql_error error = *cql_request_error(req->handle->request);
	const CassBatch *batch = req->batch;
	const CassRow *row = first_row(batch);
	uint64 unknown;

	if (req->tries < tries_worth(&error, cass_row_idempotent(row)))
	{
		shrink(window, req);
		req->again_at =
			cql_now() + Min(PAUSE_FIRST << Min(req->tries, 10), PAUSE_MOST);
		req->tries++;
		return true;
	}
	if (too_large(&error) && batch->nrows > 1)
	{
		cut(window, batch);
		return false;
	}
	window->failing = true;
	unknown = drain(window, req);
	if (may_be_applied(&error))
		unknown += batch->counted;
	else
		cass_xact_refused(window->nest, batch->counted);
	cass_shape_failed(row->target->shape, &error);
	hide_key(row->target, &error);
	cass_report_write_error(&error, row->dml->cql,
							rows_text(window, row, batch->chunk->data.data,
									  &error, batch->nrows - 1, unknown));
}

void
cass_send_single_failed(CassWindow *window, const char *data,
						const CassRow *row, const cql_error *failure)
{
	cql_error error = *failure;

	window->failing = true;
	if (!may_be_applied(&error))
		cass_xact_refused(window->nest, 1);
	cass_shape_failed(row->target->shape, &error);
	hide_key(row->target, &error);
	cass_report_write_error(&error, row->dml->cql,
							rows_text(window, row, data, &error, 0,
									  may_be_applied(&error) ? 1 : 0));
}
