/*
 * test_conn.c
 *	  A detached connection and what real servers sent: golden captures, bytes
 *	  one by one, the end at every offset, allocations that fail.
 */
#include "encode.h"
#include "error.h"
#include "peer.h"
#include "result.h"
#include "unit.h"
#include "vectors.h"

static const struct
{
	const char *name; /* of the captures */
	uint8_t version;
	bool lz4;
} kinds[] = {{"v4", 4, false},
			 {"v4_lz4", 4, true},
			 {"v5", 5, false},
			 {"v5_lz4", 5, true}};

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static cql_conn_config
config_of(size_t kind)
{
	cql_conn_config config;

	memset(&config, 0, sizeof(config));
	config.version = kinds[kind].version;
	config.lz4 = kinds[kind].lz4;
	config.connect_timeout = 5000000;
	return config;
}

/* Bytes of a capture "kind.name" in a direction; fails the case if absent. */
static cql_slice
capture(size_t kind, const char *name, char dir)
{
	static const cql_slice none = {NULL, 0};
	char full[128];
	size_t i;

	snprintf(full, sizeof(full), "%s.%s", kinds[kind].name, name);
	for (i = 0; i < VECTOR_COUNT(vector_captures); i++)
		if (vector_captures[i].dir == dir &&
			strcmp(vector_captures[i].name, full) == 0)
			return vector_captures[i].bytes;
	unit_about("capture %s", full);
	CHECK(!"the capture is there");
	return none;
}

/* What the server sent for a capture: raw segments in v5, envelopes in v4. */
static cql_slice
capture_answer(size_t kind, const char *name)
{
	char segments[128];

	if (kinds[kind].version < 5)
		return capture(kind, name, '<');
	snprintf(segments, sizeof(segments), "%s_server_segments", name);
	return capture(kind, segments, 'S');
}

static void
send_bytes(peer *p, cql_slice bytes)
{
	peer_feed(p, bytes.data, (size_t) bytes.len);
}

/* Up to READY, with the server's own answer to STARTUP. */
static void
shake(peer *p, const cql_env *env, size_t kind, const cql_conn_config *config,
	  size_t chunk)
{
	peer_start(p, env, config);
	if (p->conn == NULL)
		return;
	p->chunk = chunk;
	peer_pull(p, chunk == 0 ? SIZE_MAX : chunk);
	peer_supported(p, "3/v3,4/v4,5/v5,6/v6-beta", "snappy,lz4");
	peer_pull(p, chunk == 0 ? SIZE_MAX : chunk);
	send_bytes(p, capture(kind, "startup", '<'));
	p->segments = kinds[kind].version >= 5;
	p->lz4 = kinds[kind].lz4;
}

static const char query_text[] =
	"select a,b,ck,v,s from drvvec.m where a=1 and b='x' limit 2";

static cql_exchange *
submit(cql_conn *conn, void *owner, int64_t now, cql_error *err)
{
	cql_query_options options = {.consistency = CQL_ONE,
								 .serial_consistency = -1,
								 .paging_state = {NULL, CQL_NULL}};
	cql_buf *body = cql_conn_begin(conn);

	cql_encode_query(body, cql_conn_version(conn), query_text, &options);
	return cql_conn_end(conn, CQL_OP_QUERY, 0, owner, now, err);
}

/* The rows of the capture: (1, x, 0..1, ..., 9). */
static void
check_rows(cql_exchange *exchange)
{
	cql_envelope envelope = exchange->response;
	cql_result *result;
	cql_slice cells[5];
	cql_error err;
	int32_t row;

	exchange->response.body = NULL;
	result = cql_result_make(&unit_env, &envelope, NULL, "h", &err);
	REQUIRE(result != NULL);
	CHECK_INT(cql_result_nrows(result), 2);
	CHECK_INT(cql_result_metadata(result)->ncolumns, 5);
	for (row = 0; row < 2; row++)
	{
		CHECK_INT(cql_result_next(result, cells, &err), 1);
		CHECK_BYTES(cells[0].data, cells[0].len, "\0\0\0\1", 4);
		CHECK_BYTES(cells[1].data, cells[1].len, "x", 1);
		CHECK_INT(cql_load_u32(cells[2].data), row);
		CHECK_BYTES(cells[4].data, cells[4].len, "\0\0\0\11", 4);
	}
	CHECK_INT(cql_result_next(result, cells, &err), 0);
	cql_result_free(result);
}

static void
session_of(size_t kind, size_t chunk)
{
	cql_conn_config config = config_of(kind);
	peer p;
	cql_error err;
	cql_exchange *exchange;
	const uint8_t *out;
	size_t len;
	cql_slice request = capture(kind, "query_rows", '>');
	int owner;

	unit_about("%s in pieces of %zu", kinds[kind].name, chunk);
	shake(&p, &unit_env, kind, &config, chunk);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	exchange = submit(p.conn, &owner, p.now, &err);
	CHECK(exchange != NULL && exchange->state == CQL_EXCHANGE_PENDING);
	CHECK(cql_conn_take(p.conn) == NULL);
	/* Compressors differ in their output, so only plain bytes are golden. */
	out = cql_conn_output(p.conn, &len);
	if (!kinds[kind].lz4)
		CHECK_BYTES(out, len, request.data, (size_t) request.len);
	CHECK(!exchange->sent);
	peer_pull(&p, chunk == 0 ? SIZE_MAX : chunk);
	CHECK(exchange->sent);
	CHECK_INT(cql_conn_in_flight(p.conn), 1);
	send_bytes(&p, capture_answer(kind, "query_rows"));
	CHECK_INT(cql_conn_in_flight(p.conn), 0);
	CHECK(cql_conn_take(p.conn) == exchange);
	CHECK(cql_conn_take(p.conn) == NULL);
	CHECK_INT(exchange->state, CQL_EXCHANGE_DONE);
	CHECK(exchange->owner == &owner);
	CHECK_INT(exchange->response.opcode, CQL_OP_RESULT);
	check_rows(exchange);
	cql_exchange_free(&unit_env, exchange);
	peer_end(&p);
}

static void
test_captures(void)
{
	static const size_t chunks[] = {0, 1, 2, 3, 7, 64};
	size_t kind;
	size_t i;

	for (kind = 0; kind < NKINDS; kind++)
		for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
			session_of(kind, chunks[i]);
}

/* Every captured answer is a message on the stream that asked for it. */
static void
test_all_answers(void)
{
	static const char *const names[] = {"prepare",
										"execute_page1_skipmeta",
										"execute_page2_skipmeta",
										"execute_unprepared",
										"error_syntax",
										"error_invalid",
										"error_unavailable",
										"warning_tracing_flag",
										"use",
										"register",
										"already_exists"};
	size_t kind;
	size_t i;

	for (kind = 0; kind < NKINDS; kind++)
	{
		cql_conn_config config = config_of(kind);
		peer p;
		cql_error err;

		shake(&p, &unit_env, kind, &config, 0);
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		{
			cql_exchange *exchange = submit(p.conn, &p, p.now, &err);

			unit_about("%s.%s", kinds[kind].name, names[i]);
			CHECK_INT(exchange->stream, 0);
			peer_pull(&p, SIZE_MAX);
			send_bytes(&p, capture_answer(kind, names[i]));
			CHECK(cql_conn_take(p.conn) == exchange);
			CHECK_INT(exchange->state, CQL_EXCHANGE_DONE);
			cql_exchange_free(&unit_env, exchange);
		}
		CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
		peer_end(&p);
	}
}

/* The connection ends after "offset" bytes of the answers to two requests. */
static bool
cut_at(size_t kind, size_t offset)
{
	cql_conn_config config = config_of(kind);
	cql_slice answer = capture_answer(kind, "query_rows");
	size_t len = (size_t) answer.len;
	peer p;
	cql_error err;
	cql_exchange *exchanges[2];
	cql_exchange *exchange;
	int ndone = 0;
	int nfailed = 0;

	shake(&p, &unit_env, kind, &config, 0);
	exchanges[0] = submit(p.conn, &p, p.now, &err);
	exchanges[1] = submit(p.conn, &p, p.now, &err);
	CHECK(exchanges[0] != NULL && exchanges[1] != NULL);
	peer_pull(&p, SIZE_MAX);
	peer_feed(&p, answer.data, offset < len ? offset : len);
	cql_error_set(&err, CQL_ERR_LOST, "gone");
	cql_conn_close(p.conn, &err);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_CLOSED);
	while ((exchange = cql_conn_take(p.conn)) != NULL)
	{
		ndone += exchange->state == CQL_EXCHANGE_DONE;
		nfailed += exchange->state == CQL_EXCHANGE_FAILED;
		CHECK(exchange->sent);
		cql_exchange_free(&unit_env, exchange);
	}
	CHECK_INT(ndone, offset < len ? 0 : 1);
	CHECK_INT(nfailed, 2 - ndone);
	CHECK_INT(cql_conn_error(p.conn)->code, CQL_ERR_LOST);
	CHECK_STR(cql_conn_error(p.conn)->message, "gone");
	CHECK_STR(cql_conn_error(p.conn)->host, "detached");
	CHECK_INT(cql_conn_in_flight(p.conn), 0);
	/* Nothing more happens. */
	peer_feed(&p, answer.data, len);
	cql_conn_step(p.conn, p.now + 1);
	CHECK(submit(p.conn, &p, p.now, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_LIMIT);
	CHECK(cql_conn_take(p.conn) == NULL);
	peer_end(&p);
	return offset < len;
}

static void
test_cut(void)
{
	size_t kind;
	size_t offset;

	for (kind = 0; kind < NKINDS; kind++)
	{
		offset = 0;
		do
			unit_about("%s cut at %zu", kinds[kind].name, offset);
		while (cut_at(kind, offset++));
	}
}

/* A connection that is freed with everything still in it leaks nothing. */
static void
test_free_in_flight(void)
{
	size_t kind;

	for (kind = 0; kind < NKINDS; kind++)
	{
		cql_conn_config config = config_of(kind);
		cql_slice answer = capture_answer(kind, "query_rows");
		peer p;
		cql_error err;

		shake(&p, &unit_env, kind, &config, 0);
		CHECK(submit(p.conn, &p, p.now, &err) != NULL);
		peer_pull(&p, SIZE_MAX);
		send_bytes(&p, answer);
		CHECK(submit(p.conn, &p, p.now, &err) != NULL);
		peer_pull(&p, 1);
		peer_feed(&p, answer.data, (size_t) answer.len / 2);
		CHECK(submit(p.conn, &p, p.now, &err) != NULL);
		peer_end(&p);
	}
}

/* Flips each bit of an answer: an error or an answer, but never a hang. */
static void
test_flipped_bits(void)
{
	size_t kind;
	size_t bit;

	for (kind = 0; kind < NKINDS; kind++)
	{
		cql_conn_config config = config_of(kind);
		cql_slice answer = capture_answer(kind, "error_syntax");
		uint8_t bytes[256];

		REQUIRE((size_t) answer.len <= sizeof(bytes));
		for (bit = 0; bit < (size_t) answer.len * 8; bit++)
		{
			peer p;
			cql_error err;

			memcpy(bytes, answer.data, (size_t) answer.len);
			bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
			shake(&p, &unit_env, kind, &config, 0);
			CHECK(submit(p.conn, &p, p.now, &err) != NULL);
			peer_pull(&p, SIZE_MAX);
			peer_feed(&p, bytes, (size_t) answer.len);
			unit_about("%s bit %zu", kinds[kind].name, bit);
			/* Checksums leave no flip unnoticed, but may ask for more. */
			if (kinds[kind].version >= 5 &&
				cql_conn_get_state(p.conn) == CQL_CONN_CLOSED)
				CHECK_INT(cql_conn_error(p.conn)->code, CQL_ERR_PROTOCOL);
			else if (kinds[kind].version >= 5)
				CHECK_INT(cql_conn_in_flight(p.conn), 1);
			peer_end(&p);
		}
	}
}

static bool
attempt(void *arg)
{
	size_t kind = *(size_t *) arg;
	cql_conn_config config = config_of(kind);
	peer p;
	cql_error err;
	cql_exchange *exchange;
	bool done = false;

	shake(&p, &unit_env, kind, &config, 0);
	if (p.conn == NULL)
	{
		peer_end(&p);
		return false;
	}
	if (cql_conn_get_state(p.conn) == CQL_CONN_READY)
	{
		exchange = submit(p.conn, &p, p.now, &err);
		CHECK(exchange != NULL || err.code == CQL_ERR_NOMEM);
		peer_pull(&p, SIZE_MAX);
		if (exchange != NULL)
			send_bytes(&p, capture_answer(kind, "query_rows"));
		while ((exchange = cql_conn_take(p.conn)) != NULL)
		{
			done = exchange->state == CQL_EXCHANGE_DONE;
			cql_exchange_free(&unit_env, exchange);
		}
	}
	if (cql_conn_get_state(p.conn) == CQL_CONN_CLOSED)
		CHECK_INT(cql_conn_error(p.conn)->code, CQL_ERR_NOMEM);
	peer_end(&p);
	return done;
}

static void
test_allocations(void)
{
	size_t kind;

	for (kind = 0; kind < NKINDS; kind++)
		unit_sweep(attempt, &kind);
}

/* After a failed allocation for one request the next one goes through. */
static void
test_recovery(void)
{
	size_t kind = 2;
	cql_conn_config config = config_of(kind);
	peer p;
	cql_error err;
	cql_exchange *exchange;
	size_t nth;

	shake(&p, &unit_env, kind, &config, 0);
	for (nth = 1; nth <= 2; nth++)
	{
		unit_fail_from(nth);
		exchange = submit(p.conn, &p, p.now, &err);
		unit_fail_from(0);
		if (exchange == NULL)
			CHECK_INT(err.code, CQL_ERR_NOMEM);
		else
			break;
		CHECK_INT(cql_conn_in_flight(p.conn), 0);
		CHECK_STR(err.host, "detached");
	}
	if (exchange == NULL)
		exchange = submit(p.conn, &p, p.now, &err);
	REQUIRE(exchange != NULL);
	peer_pull(&p, SIZE_MAX);
	send_bytes(&p, capture_answer(kind, "query_rows"));
	CHECK(cql_conn_take(p.conn) == exchange);
	CHECK_INT(exchange->state, CQL_EXCHANGE_DONE);
	cql_exchange_free(&unit_env, exchange);
	peer_end(&p);
}

const unit_case unit_cases[] = {
	{"captures", test_captures},
	{"all captured answers", test_all_answers},
	{"cut at each offset", test_cut},
	{"freed in flight", test_free_in_flight},
	{"flipped bits", test_flipped_bits},
	{"allocations", test_allocations},
	{"recovery from lack of memory", test_recovery},
	{NULL, NULL}};
