/*
 * attempt.c
 *	  One way of a request to a host and back.
 */
#include <stdio.h>

#include "request.h"

/* ---- in flight ---- */

void
cql_attempt_begin(cql_attempt *attempt, cql_channel *channel)
{
	cql_request *request = attempt->request;
	cql_cluster *cluster = request->cluster;

	attempt->host = channel->host;
	attempt->channel = channel;
	attempt->began = cluster->pool.now;
	request->phase = CQL_PHASE_SENT;
	cql_timer_set(&cluster->timers, &attempt->timer,
				  attempt->began + request->timeout);
}

void
cql_attempt_end(cql_attempt *attempt)
{
	cql_timer_unset(&attempt->request->cluster->timers, &attempt->timer);
	attempt->channel = NULL;
	attempt->exchange = NULL;
}

static void
abandon_queries(cql_queries *queries, cql_channel *channel)
{
	int i;

	for (i = 0; i < CQL_MAX_QUERIES; i++)
	{
		if (queries->exchanges[i] != NULL)
			cql_channel_abandon(channel, queries->exchanges[i]);
		queries->exchanges[i] = NULL;
	}
}

void
cql_attempt_abandon(cql_attempt *attempt)
{
	if (attempt->exchange != NULL)
		cql_channel_abandon(attempt->channel, attempt->exchange);
	else if (attempt->channel != NULL && attempt->request->queries != NULL)
		abandon_queries(attempt->request->queries, attempt->channel);
	cql_attempt_end(attempt);
}

void
cql_request_abandon(cql_request *request)
{
	int i;

	for (i = 0; i < CQL_MAX_COPIES; i++)
		cql_attempt_abandon(&request->attempts[i]);
}

bool
cql_request_in_flight(const cql_request *request)
{
	int i;

	for (i = 0; i < CQL_MAX_COPIES; i++)
	{
		if (request->attempts[i].channel != NULL)
			return true;
	}
	return false;
}

cql_exchange *
cql_attempt_send(cql_attempt *attempt, uint8_t opcode, cql_error *err)
{
	uint8_t flags = attempt->request->tracing ? CQL_FLAG_TRACING : 0;
	cql_exchange *exchange =
		cql_channel_send(attempt->channel, opcode, flags, attempt, err);

	if (exchange != NULL)
		attempt->request->bytes_sent += exchange->size;
	return exchange;
}

/* ---- what it brought ---- */

/*
 * The connection closed before the response came.  Also what broke the rules
 * there, or TLS, may have been meant for any other stream.
 */
static void
lost_error(const cql_channel *channel, cql_error *err)
{
	*err = *cql_conn_error(channel->conn);
	if (err->code != CQL_ERR_NOMEM && err->code != CQL_ERR_LIMIT)
		err->code = CQL_ERR_LOST;
}

static void
error_message(const cql_channel *channel, const cql_envelope *envelope,
			  cql_error *err)
{
	cql_reader r;
	cql_prefix prefix;

	cql_reader_init(&r, envelope->body, envelope->len);
	if (cql_response_prefix(&r, envelope->flags, &prefix))
	{
		cql_response_error(&r, cql_conn_version(channel->conn), err, NULL);
		cql_response_told(&prefix, err);
	}
	else
		cql_error_set(err, CQL_ERR_PROTOCOL,
					  "malformed error message from the server");
}

void
cql_attempt_read(const cql_attempt *attempt, const cql_channel *channel,
				 cql_exchange *exchange, cql_response *response)
{
	const char *host = cql_conn_host(channel->conn);
	cql_envelope *envelope = &exchange->response;
	cql_error *err = &response->err;

	response->exchange = exchange;
	response->result = NULL;
	response->sent = exchange->sent;
	if (exchange->state == CQL_EXCHANGE_FAILED)
		lost_error(channel, err);
	else if (envelope->refused > 0)
		cql_result_refused(envelope->budget, envelope->refused, err);
	else if (envelope->opcode == CQL_OP_RESULT)
		response->result = cql_result_make(channel->pool->env, envelope,
										   attempt->rows, host, err);
	else if (envelope->opcode == CQL_OP_ERROR)
		error_message(channel, envelope, err);
	else
		cql_error_set(err, CQL_ERR_PROTOCOL,
					  "unexpected answer (opcode %d) to a request",
					  envelope->opcode);
	if (response->result == NULL && err->host[0] == '\0')
		(void) snprintf(err->host, sizeof(err->host), "%s", host);
	cql_traffic_ended(channel, exchange,
					  response->result == NULL ? err : NULL);
}
