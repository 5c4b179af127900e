/*
 * request_life.c
 *	  Making and freeing of requests, and what their holders ask them.
 */
#include <string.h>

#include "request.h"

/* ---- making and freeing ---- */

static cql_request *
request_new(cql_cluster *cluster, const cql_request_kind *kind, size_t size,
			size_t space)
{
	cql_request *request;
	int i;

	/* Two requests may be made in one step before more room can be. */
	if (!cql_timers_reserve(&cluster->timers,
							(cluster->nall + 2) * CQL_MAX_COPIES))
		return NULL;
	request = cql_alloc(&cluster->env, size + space);
	if (request == NULL)
		return NULL;
	memset(request, 0, size);
	request->cluster = cluster;
	request->kind = kind;
	request->start_seq = cluster->pool.seq;
	request->timeout = cluster->request_timeout;
	for (i = 0; i < CQL_MAX_COPIES; i++)
	{
		request->attempts[i].request = request;
		cql_timer_init(&request->attempts[i].timer, &request->attempts[i]);
	}
	request->all_next = cluster->all;
	if (cluster->all != NULL)
		cluster->all->all_prev = request;
	cluster->all = request;
	cluster->nall++;
	return request;
}

cql_request *
cql_request_internal(cql_cluster *cluster, const cql_request_kind *kind,
					 size_t size, size_t space)
{
	cql_request *request = request_new(cluster, kind, size, space);

	if (request == NULL)
		return NULL;
	request->internal = true;
	request->idempotent = true;
	return request;
}

cql_request *
cql_request_accept(cql_cluster *cluster, const cql_request_kind *kind,
				   size_t size, size_t space, cql_error *err)
{
	cql_request *request;

	if (cluster->nrequests >= CQL_MAX_QUEUE)
	{
		cql_error_set(err, CQL_ERR_LIMIT, "more than %d requests at a time",
					  CQL_MAX_QUEUE);
		return NULL;
	}
	if (space > CQL_MAX_BODY)
	{
		cql_error_set(err, CQL_ERR_LIMIT,
					  "a request of %zu bytes is over the protocol's limit",
					  space);
		return NULL;
	}
	request = request_new(cluster, kind, size, space);
	if (request == NULL)
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	else
		cluster->nrequests++;
	return request;
}

void
cql_request_free(cql_request *request)
{
	cql_cluster *cluster = request->cluster;
	int i;

	cql_request_abandon(request);
	cql_wait_end(&request->waiter);
	if (request->kind->free != NULL)
		request->kind->free(request);
	for (i = 0; i < CQL_MAX_COPIES; i++)
		cql_metadata_release(request->attempts[i].rows);
	for (i = 0; request->queries != NULL && i < CQL_MAX_QUERIES; i++)
		cql_result_free(request->queries->results[i]);
	cql_result_free(request->result);
	cql_free(&cluster->env, request->error);
	if (request->all_prev != NULL)
		request->all_prev->all_next = request->all_next;
	else
		cluster->all = request->all_next;
	if (request->all_next != NULL)
		request->all_next->all_prev = request->all_prev;
	cluster->nall--;
	if (!request->internal)
		cluster->nrequests--;
	cql_free(&cluster->env, request);
}

/* ---- what its holder asks ---- */

cql_request_state
cql_request_get_state(const cql_request *request)
{
	switch (request->phase)
	{
		case CQL_PHASE_DONE:
			return CQL_REQUEST_DONE;
		case CQL_PHASE_FAILED:
			return CQL_REQUEST_FAILED;
		default:
			return CQL_REQUEST_PENDING;
	}
}

const cql_error *
cql_request_error(const cql_request *request)
{
	static const cql_error no_memory_error = {.code = CQL_ERR_NOMEM,
											  .server_code = -1,
											  .consistency = -1,
											  .received = -1,
											  .required = -1,
											  .failures = -1,
											  .data_present = -1,
											  .message = "out of memory"};

	return request->error != NULL ? request->error : &no_memory_error;
}

cql_result *
cql_request_take(cql_request *request)
{
	cql_result *result = request->result;

	request->result = NULL;
	return result;
}

uint32_t
cql_request_attempts(const cql_request *request)
{
	return request->nsent;
}

void
cql_request_release(cql_request *request)
{
	if (request != NULL)
		cql_request_free(request);
}
