/*
 * test_stream.c
 *	  Exchanges on streams: many at a time, abandoned ones, exhaustion,
 *	  answers nobody asked for, output, heartbeats.
 */
#include "error.h"
#include "peer.h"
#include "unit.h"

#define SECOND INT64_C(1000000)

static cql_conn_config
default_config(void)
{
	cql_conn_config config;

	memset(&config, 0, sizeof(config));
	config.version = 5;
	config.connect_timeout = 5 * SECOND;
	config.heartbeat_interval = 30 * SECOND;
	return config;
}

static const cql_conn_config *
plain_config(void)
{
	static cql_conn_config config;

	config = default_config();
	return &config;
}

static void
start(peer *p, const cql_conn_config *config)
{
	peer_start(p, &unit_env, config);
	p->lz4 = config->lz4 && config->version >= 5;
	peer_handshake(p);
}

/* A request whose body is len bytes of a text. */
static cql_exchange *
submit(peer *p, const void *body, size_t len, void *owner, cql_error *err)
{
	cql_buf *buf = cql_conn_begin(p->conn);

	cql_buf_append(buf, body, len);
	return cql_conn_end(p->conn, CQL_OP_QUERY, 0, owner, p->now, err);
}

static cql_exchange *
submit_number(peer *p, uint32_t number, void *owner)
{
	uint8_t body[4];
	cql_error err;

	cql_store_u32(body, number);
	return submit(p, body, sizeof(body), owner, &err);
}

static void
check_closed(peer *p, cql_code code, const char *words)
{
	const cql_error *err = cql_conn_error(p->conn);

	CHECK_INT(cql_conn_get_state(p->conn), CQL_CONN_CLOSED);
	CHECK_INT(err->code, code);
	unit_about("\"%s\" should have \"%s\"", err->message, words);
	CHECK(strstr(err->message, words) != NULL);
	unit_about("%s", "");
}

/* All streams at once, answered in another order. */
static void
all_streams(bool lz4)
{
	static uint32_t numbers[CQL_MAX_STREAMS];
	cql_conn_config config = default_config();
	peer p;
	peer_request request;
	cql_error err;
	cql_exchange *exchange;
	uint32_t i;
	uint32_t seen = 0;

	config.lz4 = lz4;
	start(&p, &config);
	p.nsegments = 0;
	for (i = 0; i < CQL_MAX_STREAMS; i++)
	{
		numbers[i] = i * 3;
		CHECK_INT(cql_conn_free_streams(p.conn), CQL_MAX_STREAMS - i);
		CHECK(submit_number(&p, numbers[i], &numbers[i]) != NULL);
	}
	CHECK_INT(cql_conn_free_streams(p.conn), 0);
	CHECK_INT(cql_conn_in_flight(p.conn), CQL_MAX_STREAMS);
	CHECK(submit(&p, "x", 1, &p, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_LIMIT);
	/* Small envelopes share a segment: 13 bytes each. */
	peer_pull(&p, SIZE_MAX);
	CHECK_INT(p.nsegments, 1);
	while (peer_next(&p, &request))
	{
		int16_t stream = request.stream ^ 1;

		CHECK_INT(request.stream, seen);
		CHECK_INT(cql_load_u32(request.body), seen * 3);
		cql_store_u32((uint8_t *) (uintptr_t) request.body,
					  (uint32_t) stream * 3);
		peer_answer(&p, stream, CQL_OP_RESULT, request.body, 4);
		seen++;
	}
	CHECK_INT(seen, CQL_MAX_STREAMS);
	for (i = 0; (exchange = cql_conn_take(p.conn)) != NULL; i++)
	{
		CHECK_INT(*(uint32_t *) exchange->owner,
				  cql_load_u32(exchange->response.body));
		CHECK_INT(exchange->stream, i ^ 1);
		cql_exchange_free(&unit_env, exchange);
	}
	CHECK_INT(i, CQL_MAX_STREAMS);
	CHECK_INT(cql_conn_free_streams(p.conn), CQL_MAX_STREAMS);
	peer_end(&p);
}

static void
test_all_streams(void)
{
	all_streams(false);
	all_streams(true);
}

static void
test_orphans(void)
{
	peer p;
	cql_exchange *a;
	cql_exchange *b;
	int owner;

	start(&p, plain_config());
	a = submit_number(&p, 1, &owner);
	b = submit_number(&p, 2, &owner);
	peer_pull(&p, SIZE_MAX);
	cql_conn_abandon(p.conn, a);
	CHECK_INT(cql_conn_orphans(p.conn), 1);
	CHECK_INT(cql_conn_in_flight(p.conn), 2);
	/* Its stream is not used anew before the answer has come. */
	CHECK_INT(submit_number(&p, 3, &owner)->stream, 2);
	peer_pull(&p, SIZE_MAX);
	peer_answer(&p, 0, CQL_OP_RESULT, "late", 4);
	CHECK_INT(cql_conn_orphans(p.conn), 0);
	CHECK(cql_conn_take(p.conn) == NULL);
	CHECK_INT(submit_number(&p, 4, &owner)->stream, 0);
	/* One that has ended but was not taken is dropped, too. */
	peer_answer(&p, 1, CQL_OP_RESULT, "answer", 6);
	CHECK_INT(b->state, CQL_EXCHANGE_DONE);
	cql_conn_abandon(p.conn, b);
	CHECK_INT(cql_conn_orphans(p.conn), 0);
	CHECK(cql_conn_take(p.conn) == NULL);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	peer_end(&p);
}

/* Orphans are forgotten with the connection; the others are told. */
static void
test_orphans_at_close(void)
{
	peer p;
	cql_exchange *exchange;
	cql_exchange *orphan;
	cql_error err;
	int owner;

	start(&p, plain_config());
	orphan = submit_number(&p, 1, &owner);
	exchange = submit_number(&p, 2, &owner);
	cql_conn_abandon(p.conn, orphan);
	cql_error_set(&err, CQL_ERR_LOST, "why");
	cql_conn_close(p.conn, &err);
	CHECK_INT(cql_conn_orphans(p.conn), 0);
	CHECK(cql_conn_take(p.conn) == exchange);
	CHECK_INT(exchange->state, CQL_EXCHANGE_FAILED);
	CHECK(!exchange->sent);
	CHECK(exchange->owner == &owner);
	cql_exchange_free(&unit_env, exchange);
	CHECK(cql_conn_take(p.conn) == NULL);
	/* The first reason stays. */
	cql_error_set(&err, CQL_ERR_PROTOCOL, "another");
	cql_conn_close(p.conn, &err);
	CHECK_STR(cql_conn_error(p.conn)->message, "why");
	peer_end(&p);
}

static void
unasked(int16_t stream, uint8_t version, bool submitted, bool sent)
{
	peer p;
	int owner;

	start(&p, plain_config());
	if (submitted)
		CHECK(submit_number(&p, 1, &owner) != NULL);
	if (sent)
		peer_pull(&p, SIZE_MAX);
	p.version = version;
	peer_answer(&p, stream, CQL_OP_RESULT, "x", 1);
	check_closed(&p, CQL_ERR_PROTOCOL, "without a request");
	peer_end(&p);
}

static void
test_unasked(void)
{
	unasked(0, 5, false, false);
	unasked(1, 5, true, true);
	unasked(0, 5, true, false);
	unasked(0, 4, true, true);
	unasked(CQL_MAX_STREAMS, 5, true, true);
	unasked(CQL_MAX_STREAMS + 1, 5, true, true);
	unasked(INT16_MAX, 5, true, true);
	unasked(-1, 5, true, true);
	unasked(-2, 5, true, true);
	unasked(INT16_MIN, 5, true, true);
}

/* A second answer on a stream is one nobody asked for. */
static void
test_twice(void)
{
	peer p;
	cql_exchange *exchange;
	int owner;

	start(&p, plain_config());
	exchange = submit_number(&p, 1, &owner);
	peer_pull(&p, SIZE_MAX);
	peer_answer(&p, 0, CQL_OP_RESULT, "x", 1);
	peer_answer(&p, 0, CQL_OP_RESULT, "y", 1);
	check_closed(&p, CQL_ERR_PROTOCOL, "without a request");
	CHECK(cql_conn_take(p.conn) == exchange);
	CHECK_INT(exchange->state, CQL_EXCHANGE_DONE);
	CHECK_BYTES(exchange->response.body, exchange->response.len, "x", 1);
	cql_exchange_free(&unit_env, exchange);
	peer_end(&p);
}

static void
test_reported_error(void)
{
	peer p;
	cql_exchange *exchange;
	int owner;

	start(&p, plain_config());
	peer_error(&p, 0, CQL_SERVER_PROTOCOL, "your CRC is wrong");
	check_closed(&p, CQL_ERR_PROTOCOL, "your CRC is wrong");
	peer_end(&p);
	/* nor is it about the request that has that stream */
	start(&p, plain_config());
	exchange = submit_number(&p, 1, &owner);
	peer_pull(&p, SIZE_MAX);
	peer_error(&p, 0, CQL_SERVER_PROTOCOL, "your CRC is wrong");
	check_closed(&p, CQL_ERR_PROTOCOL, "your CRC is wrong");
	CHECK(cql_conn_take(p.conn) == exchange);
	CHECK_INT(exchange->state, CQL_EXCHANGE_FAILED);
	cql_exchange_free(&unit_env, exchange);
	peer_end(&p);
}

static void
test_events(void)
{
	peer p;
	int owner;

	start(&p, plain_config());
	CHECK(submit_number(&p, 1, &owner) != NULL);
	peer_pull(&p, SIZE_MAX);
	peer_answer(&p, -1, CQL_OP_EVENT, "\0\1x", 3);
	peer_answer(&p, -1, CQL_OP_EVENT, NULL, 0);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	CHECK(cql_conn_take(p.conn) == NULL);
	CHECK_INT(cql_conn_in_flight(p.conn), 1);
	peer_end(&p);
}

/* Requests that cannot be written leave the others as they were. */
static void
test_refused(void)
{
	cql_conn_config config = default_config();
	peer p;
	peer_request request;
	cql_error err;
	cql_buf *body;
	int owner;

	/* not READY */
	peer_start(&p, &unit_env, &config);
	CHECK(submit(&p, "x", 1, &owner, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_LIMIT);
	peer_handshake(&p);
	CHECK(!peer_next(&p, &request));
	/* a body that failed, between two that did not */
	CHECK(submit_number(&p, 1, &owner) != NULL);
	body = cql_conn_begin(p.conn);
	cql_buf_append(body, "half a body", 11);
	body->failed = true;
	CHECK(cql_conn_end(p.conn, CQL_OP_QUERY, 0, &owner, p.now, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_NOMEM);
	CHECK(submit_number(&p, 2, &owner) != NULL);
	CHECK(peer_next(&p, &request));
	CHECK_INT(cql_load_u32(request.body), 1);
	CHECK(peer_next(&p, &request));
	CHECK_INT(cql_load_u32(request.body), 2);
	CHECK_INT(request.stream, 1);
	CHECK(!peer_next(&p, &request));
	CHECK_INT(cql_conn_in_flight(p.conn), 2);
	peer_end(&p);
}

/* A body far over a segment's size, sent and answered, in odd pieces. */
static void
large(uint8_t version, bool lz4)
{
	const size_t len = 1000003;
	cql_conn_config config = default_config();
	uint8_t *body = cql_alloc(&peer_env, len);
	peer p;
	peer_request request;
	cql_exchange *exchange;
	cql_error err;
	size_t i;

	for (i = 0; i < len; i++)
		body[i] = (uint8_t) (i * i >> 7);
	config.version = version;
	config.lz4 = lz4 && version >= 5;
	start(&p, &config);
	CHECK(submit(&p, "before", 6, &p, &err) != NULL);
	exchange = submit(&p, body, len, &p, &err);
	CHECK(exchange != NULL);
	CHECK(submit(&p, "after", 5, &p, &err) != NULL);
	peer_pull(&p, 4093);
	CHECK(peer_next(&p, &request));
	CHECK_BYTES(request.body, request.len, "before", 6);
	CHECK(peer_next(&p, &request));
	CHECK_BYTES(request.body, request.len, body, len);
	CHECK(peer_next(&p, &request));
	CHECK_BYTES(request.body, request.len, "after", 5);
	p.chunk = 10007;
	peer_answer(&p, 1, CQL_OP_RESULT, body, len);
	CHECK(cql_conn_take(p.conn) == exchange);
	CHECK_BYTES(exchange->response.body, exchange->response.len, body, len);
	cql_exchange_free(&unit_env, exchange);
	CHECK(cql_conn_bytes_sent(p.conn) > (lz4 ? 0 : len));
	CHECK(cql_conn_bytes_received(p.conn) > (lz4 ? 0 : len));
	peer_end(&p);
	cql_free(&peer_env, body);
}

static void
test_large(void)
{
	large(5, false);
	large(5, true);
	large(4, false);
}

/* While much waits to be sent, no streams are offered. */
static void
test_output_limit(void)
{
	const size_t len = 1 << 20;
	uint8_t *body = cql_alloc0(&peer_env, len);
	peer p;
	cql_error err;
	size_t n = 0;

	start(&p, plain_config());
	while (cql_conn_free_streams(p.conn) > 0 && n < 100)
	{
		CHECK(submit(&p, body, len, &p, &err) != NULL);
		n++;
	}
	CHECK(n >= 8 && n <= 16);
	CHECK_INT(cql_conn_in_flight(p.conn), n);
	peer_pull(&p, SIZE_MAX);
	CHECK_INT(cql_conn_free_streams(p.conn), CQL_MAX_STREAMS - n);
	/* What the large requests needed is given back. */
	CHECK(unit_live_bytes() < 256 * 1024);
	peer_end(&p);
	cql_free(&peer_env, body);
}

/* The heartbeat's request, or no request at all. */
static void
check_probe(peer *p, bool expected)
{
	peer_request request;

	if (CHECK_INT(peer_next(p, &request), expected) && expected)
	{
		CHECK_INT(request.opcode, CQL_OP_OPTIONS);
		CHECK_INT(request.stream, CQL_MAX_STREAMS);
		CHECK_INT(request.len, 0);
	}
}

static void
step_to(peer *p, int64_t now)
{
	p->now = now;
	cql_conn_step(p->conn, now);
}

/* Its stream is CQL_MAX_STREAMS, apart from those of exchanges. */
static void
answer_probe(peer *p)
{
	p->version = 5;
	peer_answer(p, CQL_MAX_STREAMS, CQL_OP_SUPPORTED, "\0\0", 2);
}

static void
test_heartbeat(void)
{
	peer p;
	peer_request request;
	int64_t t;
	int owner;

	start(&p, plain_config());
	t = p.now;
	/* idle: nothing to watch over */
	CHECK_INT(cql_conn_deadline(p.conn), -1);
	step_to(&p, t += 100 * SECOND);
	check_probe(&p, false);
	/* used after a long silence: a probe goes with the request */
	CHECK(submit_number(&p, 1, &owner) != NULL);
	CHECK(peer_next(&p, &request));
	CHECK_INT(request.opcode, CQL_OP_QUERY);
	check_probe(&p, true);
	CHECK_INT(cql_conn_deadline(p.conn), t + 5 * SECOND);
	answer_probe(&p);
	/* in flight: a probe when silence has lasted for the interval */
	CHECK_INT(cql_conn_deadline(p.conn), t + 30 * SECOND);
	step_to(&p, t + 30 * SECOND - 1);
	check_probe(&p, false);
	step_to(&p, t += 30 * SECOND);
	check_probe(&p, true);
	/* just one at a time; any bytes are a sign of life */
	CHECK(submit_number(&p, 2, &owner) != NULL);
	CHECK(peer_next(&p, &request) && request.opcode == CQL_OP_QUERY);
	check_probe(&p, false);
	p.now = t + 4 * SECOND;
	peer_answer(&p, 0, CQL_OP_RESULT, "x", 1);
	CHECK_INT(cql_conn_deadline(p.conn), t + 9 * SECOND);
	step_to(&p, t + 9 * SECOND - 1);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	/* silence: given up */
	step_to(&p, t + 9 * SECOND);
	check_closed(&p, CQL_ERR_LOST, "does not answer");
	peer_end(&p);
}

static void
test_heartbeat_answered(void)
{
	peer p;
	int64_t t;
	int owner;
	int i;

	start(&p, plain_config());
	t = p.now;
	CHECK(submit_number(&p, 1, &owner) != NULL);
	peer_pull(&p, SIZE_MAX);
	p.read = p.seen.len;
	for (i = 0; i < 10; i++)
	{
		CHECK_INT(cql_conn_deadline(p.conn), t + 30 * SECOND);
		step_to(&p, t += 30 * SECOND);
		check_probe(&p, true);
		step_to(&p, t += SECOND);
		answer_probe(&p);
	}
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	/* An error is an answer as well. */
	step_to(&p, t += 30 * SECOND);
	check_probe(&p, true);
	peer_error(&p, CQL_MAX_STREAMS, CQL_SERVER_OVERLOADED, "busy");
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	/* One that was not asked for is not. */
	answer_probe(&p);
	check_closed(&p, CQL_ERR_PROTOCOL, "without a request");
	peer_end(&p);
}

static void
test_no_heartbeat(void)
{
	cql_conn_config config = default_config();
	peer p;
	peer_request request;
	int owner;

	config.heartbeat_interval = 0;
	start(&p, &config);
	CHECK(submit_number(&p, 1, &owner) != NULL);
	CHECK(peer_next(&p, &request));
	CHECK_INT(cql_conn_deadline(p.conn), -1);
	step_to(&p, p.now + 1000000 * SECOND);
	CHECK(submit_number(&p, 2, &owner) != NULL);
	CHECK(peer_next(&p, &request));
	check_probe(&p, false);
	peer_end(&p);
	/* A short interval is also the time for an answer. */
	config.heartbeat_interval = SECOND;
	start(&p, &config);
	CHECK(submit_number(&p, 1, &owner) != NULL);
	CHECK(peer_next(&p, &request));
	step_to(&p, p.now + SECOND);
	check_probe(&p, true);
	CHECK_INT(cql_conn_deadline(p.conn), p.now + SECOND);
	peer_end(&p);
}

const unit_case unit_cases[] = {
	{"all streams", test_all_streams},
	{"orphans", test_orphans},
	{"orphans at close", test_orphans_at_close},
	{"answers nobody asked for", test_unasked},
	{"two answers", test_twice},
	{"reported error", test_reported_error},
	{"events", test_events},
	{"refused requests", test_refused},
	{"large bodies", test_large},
	{"output limit", test_output_limit},
	{"heartbeat", test_heartbeat},
	{"heartbeat answered", test_heartbeat_answered},
	{"no heartbeat", test_no_heartbeat},
	{NULL, NULL}};
