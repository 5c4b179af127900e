/*
 * answer.c
 *	  What servers answered, and what it means for the request.
 *
 * Called by link.c with each exchange that has ended.
 */
#include "traffic.h"

#include <stdio.h>
#include <string.h>

/* The connection closed before the answer came. */
static void
lost_error(const cql_link *link, cql_error *err)
{
	*err = *cql_conn_error(link->conn);
	if (err->code == CQL_ERR_CONNECT || err->code == CQL_ERR_TIMEOUT)
		err->code = CQL_ERR_LOST;
}

static void
error_message(const cql_link *link, const cql_exchange *exchange,
			  cql_error *err)
{
	cql_reader r;
	cql_prefix prefix;

	cql_reader_init(&r, exchange->response.body, exchange->response.len);
	if (cql_response_prefix(&r, exchange->response.flags, &prefix))
	{
		cql_response_error(&r, cql_conn_version(link->conn), err, NULL);
		cql_response_told(&prefix, err);
	}
	else
		cql_error_set(err, CQL_ERR_PROTOCOL,
					  "malformed error message from the server");
}

cql_result *
cql_answer_take(cql_link *link, cql_exchange *exchange,
				cql_metadata_ref *known, cql_error *err, bool *sent)
{
	const char *host = cql_conn_host(link->conn);
	cql_result *result = NULL;

	*sent = exchange->sent;
	if (exchange->state == CQL_EXCHANGE_FAILED)
		lost_error(link, err);
	else if (exchange->response.refused > 0)
		cql_result_refused(exchange->response.budget,
						   exchange->response.refused, err);
	else if (exchange->response.opcode == CQL_OP_RESULT)
		result = cql_result_make(&link->cluster->env, &exchange->response,
								 known, host, err);
	else if (exchange->response.opcode == CQL_OP_ERROR)
		error_message(link, exchange, err);
	else
		cql_error_set(err, CQL_ERR_PROTOCOL,
					  "unexpected answer (opcode %d) to a request",
					  exchange->response.opcode);
	if (result == NULL && err->host[0] == '\0')
		(void) snprintf(err->host, sizeof(err->host), "%s", host);
	cql_traffic_ended(link, exchange, result == NULL ? err : NULL);
	return result;
}

/*
 * Whether the types differ in nothing but the fields of user-defined types of
 * one name.
 */
static bool
was_altered(const cql_type *a, const cql_type *b)
{
	uint32_t i;

	if (a->id != b->id)
		return false;
	if (a->id == CQL_TYPE_UDT)
		return strcmp(a->name, b->name) == 0;
	if (a->nsub != b->nsub)
		return false;
	for (i = 0; i < a->nsub; i++)
	{
		if (!was_altered(a->sub[i], b->sub[i]))
			return false;
	}
	return true;
}

/* The columns are what the caller reads them as; false with *err set. */
static bool
check_expected(const cql_request *request, cql_error *err)
{
	const cql_metadata *meta = cql_result_metadata(request->result);
	char is[256];
	char was[256];
	uint32_t i;

	if (request->expected == NULL ||
		cql_result_get_kind(request->result) != CQL_RESULT_ROWS)
		return true;
	if (meta->ncolumns != request->nexpected)
	{
		cql_error_set(err, CQL_ERR_CHANGED,
					  "the result has %u columns where %u were expected",
					  meta->ncolumns, request->nexpected);
		return false;
	}
	for (i = 0; i < meta->ncolumns; i++)
	{
		if (cql_type_equal(meta->columns[i].type, request->expected[i]))
			continue;
		(void) cql_type_print(meta->columns[i].type, is, sizeof(is));
		(void) cql_type_print(request->expected[i], was, sizeof(was));
		if (was_altered(meta->columns[i].type, request->expected[i]))
			cql_error_set(err, CQL_ERR_CHANGED,
						  "a user-defined type in column \"%.200s\" of type "
						  "%s was altered",
						  meta->columns[i].name, was);
		else
			cql_error_set(
				err, CQL_ERR_CHANGED,
				"column \"%.200s\" is of type %s where %s was expected",
				meta->columns[i].name, is, was);
		return false;
	}
	return true;
}

/*
 * Rows that came without a prepared statement may be those of a table made
 * again since the belief was checked: it is once more.  What must not be done
 * twice is left alone, for the check itself may fail.
 */
static bool
check_again(cql_request *request)
{
	return request->plain && request->work == CQL_WORK_EXECUTE &&
		   request->idempotent &&
		   cql_result_get_kind(request->result) == CQL_RESULT_ROWS &&
		   cql_request_check_first(request, request->at);
}

void
cql_request_executed(cql_request *request)
{
	cql_event event;
	cql_error err;

	if (request->statement != NULL && !request->plain)
		cql_statement_changed(request->statement, request->result);
	if (cql_result_schema_change(request->result, &event))
		cql_routing_forget(request->cluster, event.keyspace);
	if (check_expected(request, &err))
	{
		cql_request_done(request);
		return;
	}
	(void) snprintf(err.host, sizeof(err.host), "%s",
					request->at->pub.address);
	cql_request_fail(request, &err);
}

static void
prepared(cql_request *request, cql_host *host)
{
	cql_error err;

	if (!cql_statement_learn(&request->cluster->env, request->statement,
							 request->result, host->slot, &err))
	{
		(void) snprintf(err.host, sizeof(err.host), "%s", host->pub.address);
		cql_request_fail(request, &err);
	}
	else if (!request->internal)
		cql_request_done(request);
	else
	{
		cql_statement_prepared(request, NULL);
		cql_request_free(request);
	}
}

/*
 * A check has its answers.  One that belongs to a PREPARE is made before it,
 * so that no text stands prepared for a table it was not made for, and after
 * it, for what happened in between.
 */
void
cql_request_checked(cql_request *request)
{
	cql_host *host = request->at;
	cql_error err;
	bool holds = cql_belief_holds(request->belief, request->schema, &err);

	cql_schema_free(request->schema);
	request->schema = NULL;
	if (!holds)
	{
		(void) snprintf(err.host, sizeof(err.host), "%s", host->pub.address);
		cql_request_fail(request, &err);
	}
	else if (!request->internal)
		cql_request_done(request);
	else if (request->only_check)
	{
		cql_statement_prepared(request, NULL);
		cql_request_free(request);
	}
	else if (request->result != NULL)
		prepared(request, host);
	else
	{
		request->work = CQL_WORK_PREPARE;
		cql_request_enqueue(request, CQL_PHASE_CHOOSE);
	}
}

/* Replication of a keyspace came, or what of it does not lie on the ring. */
static void
keyspace_told(cql_request *request)
{
	request->cql = cql_routing_learn(request->cluster, request->keyspace,
									 request->result);
	if (request->cql == NULL)
	{
		cql_request_free(request);
		return;
	}
	cql_result_free(request->result);
	request->result = NULL;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
}

static void
succeeded(cql_request *request, cql_host *host)
{
	switch (request->work)
	{
		case CQL_WORK_PREPARE:
			if (request->belief == NULL)
			{
				prepared(request, host);
				break;
			}
			request->work = CQL_WORK_CHECK;
			cql_request_enqueue(request, CQL_PHASE_CHOOSE);
			break;
		case CQL_WORK_KEYSPACE:
			keyspace_told(request);
			break;
		default:
			if (!check_again(request))
				cql_request_executed(request);
			break;
	}
}

static void
answered_single(cql_request *request, cql_link *link, cql_exchange *exchange)
{
	cql_error err;
	bool sent;

	cql_request_landed(request);
	request->result =
		cql_answer_take(link, exchange, request->sent_with, &err, &sent);
	if (request->result != NULL)
		succeeded(request, link->host);
	else if (err.code == CQL_ERR_SERVER &&
			 err.server_code == CQL_SERVER_UNPREPARED &&
			 request->reprepared <= CQL_MAX_REPREPARE + 1 &&
			 (request->statement != NULL || request->nitems > 0))
		cql_request_unprepared(request);
	else
		cql_request_attempt_failed(request, &err, sent);
}

/* The place of an exchange in a request that has several. */
static uint32_t
place_of(cql_request *request, const cql_exchange *exchange)
{
	uint32_t i = 0;

	while (i < CQL_MAX_MULTI - 1 && request->multi->exchanges[i] != exchange)
		i++;
	request->multi->exchanges[i] = NULL;
	request->multi->left--;
	return i;
}

/* One more answer of several; the first error that matters is kept. */
static void
answered_multi(cql_request *request, cql_link *link, cql_exchange *exchange)
{
	cql_multi *multi = request->multi;
	uint32_t place = place_of(request, exchange);
	cql_error err;
	bool sent;
	bool absent;

	multi->results[place] = cql_answer_take(link, exchange, NULL, &err, &sent);
	absent = multi->results[place] == NULL && err.code == CQL_ERR_SERVER &&
			 err.server_code == CQL_SERVER_INVALID;
	if (absent && request->work == CQL_WORK_TOPOLOGY)
		cql_topology_absent(request, link, place);
	if (multi->results[place] == NULL && !multi->failed &&
		!(absent &&
		  (request->work == CQL_WORK_TOPOLOGY || cql_schema_optional(place))))
	{
		multi->failed = true;
		multi->error = err;
	}
	if (multi->left == 0)
		cql_request_landed(request);
	if (multi->left == 0 || !multi->failed)
		cql_request_enqueue(request, CQL_PHASE_DIGEST);
}

void
cql_request_answered(cql_request *request, cql_link *link,
					 cql_exchange *exchange)
{
	const cql_env *env = &link->cluster->env;

	cql_link_settle(link);
	if (exchange->state == CQL_EXCHANGE_DONE)
		link->host->slow_until = 0;
	if (cql_request_streams(request) > 1)
		answered_multi(request, link, exchange);
	else
		answered_single(request, link, exchange);
	cql_exchange_free(env, exchange);
}
