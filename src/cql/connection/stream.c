/*
 * stream.c
 *	  Exchanges on the streams of a connection, and heartbeats.
 *
 * Includes conn_int.h; conn.c and the pool call it.  A stream is
 * taken from the moment its request is queued until its answer has come,
 * whoever still waits for it: an id used anew too early would give one
 * request the answer of another.
 */
#include "conn_int.h"

#include <string.h>

#include "response.h"

void
cql_streams_init(cql_conn *conn)
{
	int16_t i;

	/* Low ids on top of the stack. */
	for (i = 0; i < CQL_MAX_STREAMS; i++)
		conn->free_streams[i] = (int16_t) (CQL_MAX_STREAMS - 1 - i);
	conn->nfree = CQL_MAX_STREAMS;
	conn->ended_tail = &conn->ended;
}

uint32_t
cql_conn_free_streams(const cql_conn *conn)
{
	if (conn->state != CQL_CONN_READY ||
		cql_conn_queued(conn) > CONN_QUEUE_BYTES)
		return 0;
	return conn->nfree;
}

uint32_t
cql_conn_in_flight(const cql_conn *conn)
{
	return CQL_MAX_STREAMS - conn->nfree;
}

uint32_t
cql_conn_orphans(const cql_conn *conn)
{
	return conn->norphans;
}

cql_buf *
cql_conn_begin(cql_conn *conn)
{
	conn->body_offset = cql_envelope_begin(&conn->pending);
	return &conn->pending;
}

/* Undoes begin; returns NULL for the caller to return. */
static cql_exchange *
refuse(cql_conn *conn, cql_error *err, cql_code code, const char *reason)
{
	conn->pending.failed = false;
	if (conn->pending.len > conn->body_offset)
		conn->pending.len = conn->body_offset;
	cql_error_set(err, code, "%s", reason);
	if (err != NULL)
		memcpy(err->host, conn->host, sizeof(conn->host));
	return NULL;
}

static cql_exchange *
new_exchange(cql_conn *conn, void *owner)
{
	cql_exchange *exchange = cql_alloc0(conn->env, sizeof(*exchange));

	if (exchange == NULL)
		return NULL;
	exchange->conn = conn;
	exchange->owner = owner;
	exchange->stream = conn->free_streams[--conn->nfree];
	exchange->state = CQL_EXCHANGE_PENDING;
	conn->exchanges[exchange->stream] = exchange;
	conn->unsent[conn->nunsent++] = exchange->stream;
	return exchange;
}

void
cql_conn_suspect(cql_conn *conn, int64_t now)
{
	if (conn->state != CQL_CONN_READY || conn->probing)
		return;
	conn->now = now;
	conn->body_offset = cql_envelope_begin(&conn->pending);
	cql_conn_queue(conn, 0, STREAM_PROBE, CQL_OP_OPTIONS);
	conn->probing = true;
	conn->probe_sent = now;
}

/* There has been no sign of life for longer than is taken for granted. */
static bool
is_silent(const cql_conn *conn, int64_t now)
{
	return conn->config->heartbeat_interval > 0 &&
		   now - conn->last_received >= conn->config->heartbeat_interval;
}

bool
cql_conn_is_sure(cql_conn *conn, int64_t now)
{
	if (is_silent(conn, now))
		cql_conn_suspect(conn, now);
	return !conn->probing;
}

cql_exchange *
cql_conn_end(cql_conn *conn, uint8_t opcode, uint8_t flags, void *owner,
			 int64_t now, cql_error *err)
{
	cql_exchange *exchange;

	conn->now = now;
	if (conn->pending.failed)
		return refuse(conn, err, CQL_ERR_NOMEM,
					  "out of memory, or the request is too large");
	if (conn->pending.len - conn->body_offset - CQL_ENVELOPE_HEADER >
		CQL_MAX_BODY)
		return refuse(conn, err, CQL_ERR_LIMIT, "request is too large");
	if (conn->state != CQL_CONN_READY || conn->nfree == 0)
		return refuse(conn, err, CQL_ERR_LIMIT,
					  "no stream is free on the connection");
	exchange = new_exchange(conn, owner);
	if (exchange == NULL)
		return refuse(conn, err, CQL_ERR_NOMEM, "out of memory");
	exchange->began = now;
	exchange->size = conn->pending.len - conn->body_offset;
	cql_envelope_end(&conn->pending, conn->body_offset, conn->version, flags,
					 exchange->stream, opcode);
	/* After a long silence the peer has to show that it is still there. */
	if (is_silent(conn, now))
		cql_conn_suspect(conn, now);
	return exchange;
}

/* Puts an exchange into the queue of ended ones, or frees an orphan. */
static void
end_exchange(cql_conn *conn, cql_exchange *exchange, cql_exchange_state state)
{
	exchange->state = state;
	if (exchange->owner == NULL)
	{
		conn->norphans--;
		cql_exchange_free(conn->env, exchange);
		return;
	}
	exchange->next = NULL;
	*conn->ended_tail = exchange;
	conn->ended_tail = &exchange->next;
}

cql_exchange *
cql_conn_take(cql_conn *conn)
{
	cql_exchange *exchange;

	while ((exchange = conn->ended) != NULL)
	{
		conn->ended = exchange->next;
		if (conn->ended == NULL)
			conn->ended_tail = &conn->ended;
		exchange->next = NULL;
		if (exchange->owner != NULL)
			return exchange;
		cql_exchange_free(conn->env, exchange); /* abandoned since */
	}
	return NULL;
}

void
cql_exchange_free(const cql_env *env, cql_exchange *exchange)
{
	if (exchange == NULL)
		return;
	cql_envelope_drop(env, &exchange->response);
	cql_free(env, exchange);
}

void
cql_conn_abandon(cql_conn *conn, cql_exchange *exchange)
{
	if (exchange->owner == NULL)
		return;
	exchange->owner = NULL;
	if (exchange->state == CQL_EXCHANGE_PENDING)
		conn->norphans++;
}

void
cql_streams_sent(cql_conn *conn)
{
	uint32_t i;

	for (i = 0; i < conn->nwired; i++)
		conn->exchanges[conn->unsent[i]]->sent = true;
	conn->nunsent -= conn->nwired;
	memmove(conn->unsent, conn->unsent + conn->nwired,
			conn->nunsent * sizeof(conn->unsent[0]));
	conn->nwired = 0;
}

void
cql_streams_fail(cql_conn *conn)
{
	int16_t i;

	for (i = 0; i < CQL_MAX_STREAMS; i++)
	{
		cql_exchange *exchange = conn->exchanges[i];

		conn->exchanges[i] = NULL;
		if (exchange != NULL)
			end_exchange(conn, exchange, CQL_EXCHANGE_FAILED);
	}
	conn->nunsent = 0;
	conn->nwired = 0;
	conn->nfree = CQL_MAX_STREAMS;
}

void
cql_streams_free(cql_conn *conn)
{
	cql_exchange *exchange;

	cql_streams_fail(conn);
	while ((exchange = conn->ended) != NULL)
	{
		conn->ended = exchange->next;
		cql_exchange_free(conn->env, exchange);
	}
	conn->ended_tail = &conn->ended;
}

/*
 * An answer to no request of ours.  The server reports what it could not read
 * that way, so an ERROR's own words are passed on.
 */
static void
unexpected(cql_conn *conn, const cql_envelope *envelope)
{
	cql_reader r;
	cql_prefix prefix;
	cql_error err;

	if (envelope->opcode != CQL_OP_ERROR)
	{
		cql_conn_fail(conn, CQL_ERR_PROTOCOL,
					  "%s sent an answer (v%d, stream %d) without a request",
					  conn->host, envelope->version, envelope->stream);
		return;
	}
	cql_reader_init(&r, envelope->body, envelope->len);
	(void) cql_response_prefix(&r, envelope->flags, &prefix);
	cql_response_error(&r, envelope->version, &err, NULL);
	cql_conn_fail(conn, CQL_ERR_PROTOCOL, "%s reported a protocol error: %s",
				  conn->host, err.message);
}

/*
 * Whether an ERROR is about what came before it on the connection, not about a
 * request: a server that could not read a segment knows no stream, says 0, and
 * closes.
 */
static bool
is_of_connection(const cql_conn *conn, const cql_envelope *envelope)
{
	return conn->segments && envelope->stream == 0 && envelope->flags == 0 &&
		   envelope->opcode == CQL_OP_ERROR && envelope->len >= 4 &&
		   cql_load_u32(envelope->body) == CQL_SERVER_PROTOCOL;
}

/* The exchange an envelope answers, its stream free again, or NULL. */
static cql_exchange *
find_exchange(cql_conn *conn, int16_t stream)
{
	cql_exchange *exchange;

	if (stream < 0 || stream >= CQL_MAX_STREAMS)
		return NULL;
	exchange = conn->exchanges[stream];
	if (exchange == NULL || !exchange->sent)
		return NULL;
	conn->exchanges[stream] = NULL;
	conn->free_streams[conn->nfree++] = stream;
	return exchange;
}

void
cql_conn_answer(cql_conn *conn, cql_envelope *envelope)
{
	cql_exchange *exchange = NULL;

	if (envelope->version == conn->version &&
		!is_of_connection(conn, envelope))
		exchange = find_exchange(conn, envelope->stream);
	if (exchange != NULL)
	{
		exchange->response = *envelope;
		end_exchange(conn, exchange, CQL_EXCHANGE_DONE);
		return;
	}
	if (envelope->stream == STREAM_PROBE && conn->probing)
		conn->probing = false;
	else if (envelope->stream != STREAM_EVENT ||
			 envelope->opcode != CQL_OP_EVENT)
		unexpected(conn, envelope);
	cql_envelope_drop(conn->env, envelope);
}

/* Time by which an answer to the heartbeat must have come. */
static int64_t
probe_deadline(const cql_conn *conn)
{
	int64_t timeout = conn->config->heartbeat_interval;
	int64_t since = conn->probe_sent;

	if (timeout > CONN_PROBE_TIMEOUT)
		timeout = CONN_PROBE_TIMEOUT;
	/* Any other byte is as good a sign of life. */
	if (since < conn->last_received)
		since = conn->last_received;
	return since + timeout;
}

int64_t
cql_conn_heartbeat_deadline(const cql_conn *conn)
{
	if (conn->config->heartbeat_interval <= 0)
		return -1;
	if (conn->probing)
		return probe_deadline(conn);
	if (cql_conn_in_flight(conn) == 0)
		return -1;
	return conn->last_received + conn->config->heartbeat_interval;
}

void
cql_conn_heartbeat(cql_conn *conn)
{
	int64_t deadline = cql_conn_heartbeat_deadline(conn);

	if (deadline < 0 || conn->now < deadline)
		return;
	if (conn->probing)
		cql_conn_broken(conn, "the server does not answer");
	else
		cql_conn_suspect(conn, conn->now);
}
