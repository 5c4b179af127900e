/*
 * ready.c
 *	  What a request needs on its host before it is sent: prepared statements,
 *	  values of their types, and beliefs that hold.
 *
 * A statement that servers forget again and again (their caches are full, or
 * the schema changes all the time) is sent as text after a few rounds, so a
 * prepared statement never fails what could be run without.
 */
#include "session.h"

#include <stdio.h>

/* ---- statements that servers have forgotten ---- */

/* Nothing was executed, so this needs no idempotence. */
void
cql_request_unprepared(cql_request *request)
{
	uint32_t slot = request->at->slot;
	uint32_t i;

	if (++request->reprepared > CQL_MAX_REPREPARE)
		request->plain = true;
	if (request->statement != NULL)
		cql_statement_forget_at(request->statement, slot, request->sent);
	for (i = 0; i < request->nitems; i++)
	{
		if (request->items[i].statement != NULL)
			cql_statement_forget_at(request->items[i].statement, slot,
									request->items[i].sent);
	}
	request->cluster->stats.reprepared++;
	request->sticky = request->at;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
}

/* Until the PREPARE or check has ended; NULL: there was no memory for it. */
static void
await(cql_request *request, cql_host *host, cql_request *prepare)
{
	cql_error err;

	if (prepare == NULL)
	{
		cql_error_set(&err, CQL_ERR_NOMEM, "out of memory");
		cql_request_fail(request, &err);
		return;
	}
	request->phase = CQL_PHASE_PREPARE;
	request->sticky = host;
	cql_request_append(&prepare->waiters, request);
}

static uint32_t
count_statements(const cql_request *request)
{
	return request->work == CQL_WORK_EXECUTE ? 1 : request->nitems;
}

static cql_statement *
statement_of(const cql_request *request, uint32_t i)
{
	return request->work == CQL_WORK_EXECUTE ? request->statement
											 : request->items[i].statement;
}

/*
 * Starts the PREPAREs that the host still needs for the request and waits for
 * one of them; true when all is there.
 */
static bool
is_prepared(cql_request *request, cql_host *host)
{
	cql_request *prepare = NULL;
	bool missing = false;
	uint32_t i;

	for (i = 0; i < count_statements(request); i++)
	{
		cql_statement *statement = statement_of(request, i);
		uint32_t at;

		if (statement == NULL)
			continue;
		at = cql_statement_at(statement, host->slot);
		if (request->work == CQL_WORK_EXECUTE)
			request->sent = at;
		else
			request->items[i].sent = at;
		if (at != 0)
			continue;
		missing = true;
		prepare = cql_statement_prepare(request->cluster, statement, host,
										request->timeout);
		if (prepare == NULL)
			break;
	}
	if (missing)
		await(request, host, prepare);
	return !missing;
}

/* ---- what is sent as text ---- */

bool
cql_request_check_first(cql_request *request, cql_host *host)
{
	uint32_t i;

	for (i = 0; i < count_statements(request); i++)
	{
		cql_statement *statement = statement_of(request, i);
		bool checked = request->work == CQL_WORK_EXECUTE
						   ? request->checked
						   : request->items[i].checked;

		if (statement == NULL || statement->belief == NULL || checked)
			continue;
		await(request, host,
			  cql_statement_check(request->cluster, statement, host,
								  request->timeout));
		return true;
	}
	return false;
}

/* ---- types of the values ---- */

/* The markers are of the types the values were encoded as; or *err is set. */
static bool
check_markers(const cql_statement *statement, const cql_type *const *bound,
			  uint32_t nbound, cql_error *err)
{
	const cql_metadata *meta;
	char is[256];
	char was[256];
	uint32_t i;

	if (bound == NULL || statement == NULL || statement->bound == NULL)
		return true;
	meta = &statement->bound->meta;
	if (meta->ncolumns != nbound)
	{
		cql_error_set(err, CQL_ERR_CHANGED,
					  "the statement has %u markers where %u were expected",
					  meta->ncolumns, nbound);
		return false;
	}
	for (i = 0; i < meta->ncolumns; i++)
	{
		if (bound[i] == NULL ||
			cql_type_equal(meta->columns[i].type, bound[i]))
			continue;
		cql_error_set(err, CQL_ERR_CHANGED,
					  "column \"%.200s\" is of type %s, the value of type %s",
					  meta->columns[i].name,
					  cql_type_print(meta->columns[i].type, is, sizeof(is)),
					  cql_type_print(bound[i], was, sizeof(was)));
		return false;
	}
	return true;
}

/* Those of the request, or of a batch's statements: many are the same. */
static bool
check_bound(const cql_request *request, cql_error *err)
{
	const cql_batch_item *before = NULL;
	uint32_t i;

	if (request->work == CQL_WORK_EXECUTE)
		return check_markers(request->statement, request->bound,
							 request->nbound, err);
	for (i = 0; i < request->nitems; i++)
	{
		const cql_batch_item *item = &request->items[i];

		if (before != NULL && before->statement == item->statement &&
			before->bound == item->bound)
			continue;
		if (!check_markers(item->statement, item->bound, item->nvalues, err))
			return false;
		before = item;
	}
	return true;
}

/*
 * The values do not fit.  What we know of the statement may be older than what
 * the caller knows of the table: it is prepared once more before this fails.
 */
static void
bound_differs(cql_request *request, cql_host *host, cql_error *err)
{
	if (request->reprepared == 0)
	{
		cql_request_unprepared(request);
		return;
	}
	(void) snprintf(err->host, sizeof(err->host), "%s", host->pub.address);
	cql_request_fail(request, err);
}

bool
cql_request_ready(cql_request *request, cql_host *host)
{
	cql_error err;

	if (request->work != CQL_WORK_EXECUTE && request->work != CQL_WORK_BATCH)
		return true;
	if (request->plain ? cql_request_check_first(request, host)
					   : !is_prepared(request, host))
		return false;
	if (check_bound(request, &err))
		return true;
	bound_differs(request, host, &err);
	return false;
}
