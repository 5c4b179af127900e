/*
 * queries.c
 *	  Several queries that make one request, all sent on one channel.
 */
#include "kind.h"

void
cql_queries_begin(cql_queries *queries, const cql_channel *channel)
{
	int i;

	for (i = 0; i < CQL_MAX_QUERIES; i++)
	{
		cql_result_free(queries->results[i]);
		queries->results[i] = NULL;
	}
	queries->left = 0;
	queries->failed = false;
	queries->serial = channel->serial;
}

bool
cql_queries_send(cql_queries *queries, uint32_t index, cql_attempt *attempt,
				 const char *cql, const cql_query_options *options,
				 cql_error *err)
{
	cql_conn *conn = attempt->channel->conn;
	cql_exchange *exchange;

	cql_encode_query(cql_conn_begin(conn), cql_conn_version(conn), cql,
					 options);
	exchange = cql_attempt_send(attempt, CQL_OP_QUERY, err);
	if (exchange == NULL)
		return false;
	queries->exchanges[index] = exchange;
	queries->left++;
	return true;
}

uint32_t
cql_queries_take(cql_queries *queries, const cql_response *response)
{
	uint32_t i = 0;

	while (i < CQL_MAX_QUERIES - 1 &&
		   queries->exchanges[i] != response->exchange)
		i++;
	queries->exchanges[i] = NULL;
	queries->results[i] = response->result;
	queries->left--;
	return i;
}

void
cql_queries_fail(cql_queries *queries, const cql_error *err)
{
	if (queries->failed)
		return;
	queries->failed = true;
	queries->error = *err;
}

void
cql_queries_go_on(cql_queries *queries, cql_attempt *attempt)
{
	if (queries->left == 0)
		cql_attempt_end(attempt);
	if (queries->left == 0 || !queries->failed)
		cql_request_enqueue(attempt->request, CQL_PHASE_READ);
}

bool
cql_queries_readable(cql_request *request)
{
	const cql_queries *queries = request->queries;
	cql_error err;

	if (!queries->failed)
		return true;
	if (queries->left > 0)
	{
		request->phase = CQL_PHASE_SENT;
		return false;
	}
	err = queries->error;
	cql_request_attempt_failed(request, request->host, &err, true);
	return false;
}

bool
cql_response_is_absent(const cql_response *response)
{
	return response->result == NULL && response->err.code == CQL_ERR_SERVER &&
		   response->err.server_code == CQL_SERVER_INVALID;
}
