/*
 * recover.c
 *	  Failures that other requests make good.
 *
 * A range that times out or that a replica gives up is halved, a page asked
 * for in fewer rows, what the server should have counted is counted here, and
 * what it refuses before the first row is begun anew without.
 */
#include "scan.h"

/* How often all attempts at a request may be in vain before a scan gives up.
 */
#define PATIENCE 2
#define MAX_HALVED 3  /* times a range is halved before its rows are read */
#define MAX_SMALLER 4 /* times a page that times out is made smaller */
#define MAX_FAILURES                                                          \
	256 /* reads that replicas gave up, and less was asked                    \
		 * for after */

static const cql_slice first_page = {NULL, CQL_NULL};

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

/* Not where rows have their turn: the other half comes last. */
static bool
split_range(CassScan *scan, CassStream *stream, bool slow)
{
	stream->query.by_rows = stream->group != NULL;
	if (stream->consumed || scan->plan->ring ||
		!cass_ring_halve(&scan->ring, &stream->query, slow))
		return false;
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
	stream->query.halved = 0;
	scan->pager.size = Min(scan->pager.size, CASS_FIRST_PAGE);
	cass_by_rows(scan, stream);
	cass_stream_submit(scan, stream, first_page);
	return true;
}

/* Asks for the same page in fewer rows; the nearest come in one page only. */
static bool
shrink_page(CassScan *scan, CassStream *stream)
{
	cql_slice state = {stream->state, stream->state_len};

	if (scan->bind.vector.len >= 0 || stream->smaller >= MAX_SMALLER ||
		!cass_pager_shrink(&scan->pager, 1))
		return false;
	stream->smaller++;
	cass_stream_submit(scan, stream, state);
	return true;
}

/* Asks for less in place of what took too long, or was too much. */
static bool
ask_for_less(CassScan *scan, CassStream *stream, bool slow)
{
	if (((scan->unsplit && scan->plan->split) ||
		 (scan->narrow && !stream->consumed)) &&
		cass_scan_split(scan))
		return true;
	/* a count of half a range is worth few tries only: its rows come surely */
	if (stream->query.halved >= (slow ? 1 : MAX_HALVED) &&
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
	if (!is_failure(error) && scan->bind.list_values > 1 &&
		cass_bind_has_lists(&scan->bind))
		scan->bind.list_values = 1;
	else if (cass_bind_degrade(&scan->bind))
		scan->bind.degraded = true;
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
	if (error->code == CQL_ERR_TIMEOUT && stream->query.nkeys > 0 &&
		!stream->consumed)
		return true;
	return cql_now() - scan->progress >= PATIENCE * all;
}

bool
cass_recover(CassScan *scan, CassStream *stream)
{
	const cql_error *error = cql_request_error(stream->handle->request);
	bool slow = is_timeout(error);

	if (do_without(scan, error))
		return true;
	if (error->code == CQL_ERR_LIMIT && shrink_page(scan, stream))
		return true;
	if (slow && is_hopeless(scan, stream, error))
		return false;
	if (slow || (is_failure(error) && scan->nfailures++ < MAX_FAILURES))
		return ask_for_less(scan, stream, slow);
	cass_shape_failed(scan->shape, error);
	return false;
}
