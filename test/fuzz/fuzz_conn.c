/*
 * fuzz_conn.c
 *	  Fuzz target: a detached connection, from OPTIONS on.
 *
 * First byte: options (see below).  Then operations, a byte each with their
 * arguments: bytes from the peer, raw or as a segment with right checksums,
 * requests, output taken, requests abandoned, answers taken, time passing.
 */
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "crc.h"
#include "walk.h"
#include "wire.h"

#define OPTION_V5 0x01
#define OPTION_LZ4 0x02
#define OPTION_CREDENTIALS 0x04
#define OPTION_READY 0x08 /* the handshake is done for the input */
#define OPTION_PINNED 0x10

#define MAX_HELD 64
#define SECOND INT64_C(1000000)

typedef struct run
{
	cql_conn_config config;
	cql_conn *conn;
	int64_t now;
	const uint8_t *pos;
	size_t left;
	cql_exchange *held[MAX_HELD]; /* submitted, neither taken nor given up */
	size_t nheld;
	uint32_t sum; /* of all bytes read, so that they are */
} run;

static void
require(bool ok)
{
	if (!ok)
		abort();
}

static uint8_t
next_byte(run *r)
{
	if (r->left == 0)
		return 0;
	r->left--;
	return *r->pos++;
}

/* Up to as many bytes as the next byte says; points into the input. */
static const uint8_t *
next_bytes(run *r, size_t *n)
{
	const uint8_t *data;

	*n = next_byte(r);
	if (*n > r->left)
		*n = r->left;
	data = r->pos;
	r->pos += *n;
	r->left -= *n;
	return data;
}

static void
check_counts(const run *r)
{
	uint32_t in_flight = cql_conn_in_flight(r->conn);
	uint32_t unused = cql_conn_free_streams(r->conn);

	require(in_flight <= CQL_MAX_STREAMS);
	require(cql_conn_orphans(r->conn) <= in_flight);
	require(unused == 0 || unused + in_flight == CQL_MAX_STREAMS);
	require(unused == 0 || cql_conn_get_state(r->conn) == CQL_CONN_READY);
	require((cql_conn_get_state(r->conn) == CQL_CONN_CLOSED) ==
			(cql_conn_error(r->conn)->code != CQL_OK));
}

/* One segment around the bytes, stored, with right checksums. */
static void
feed_segment(run *r)
{
	uint8_t segment[8 + 255 + 4];
	size_t header = r->config.lz4 ? 5 : 3;
	bool self_contained = next_byte(r) & 1;
	size_t n;
	const uint8_t *data = next_bytes(r, &n);
	uint64_t bits;
	uint32_t crc;
	size_t i;

	bits = n | (uint64_t) self_contained << (header == 5 ? 34 : 17);
	for (i = 0; i < header; i++)
		segment[i] = (uint8_t) (bits >> (8 * i));
	crc = cql_crc24(segment, header);
	for (i = 0; i < 3; i++)
		segment[header + i] = (uint8_t) (crc >> (8 * i));
	if (n > 0)
		memcpy(segment + header + 3, data, n);
	crc = cql_crc32(segment + header + 3, n);
	for (i = 0; i < 4; i++)
		segment[header + 3 + n + i] = (uint8_t) (crc >> (8 * i));
	cql_conn_feed(r->conn, segment, header + 3 + n + 4, r->now);
}

static void
feed_raw(run *r)
{
	size_t n;
	const uint8_t *data = next_bytes(r, &n);

	cql_conn_feed(r->conn, data, n, r->now);
}

static void
submit(run *r)
{
	size_t n;
	const uint8_t *data = next_bytes(r, &n);
	cql_buf *body;
	cql_exchange *exchange;
	cql_error err = {.code = CQL_OK};

	if (r->nheld == MAX_HELD)
		return;
	body = cql_conn_begin(r->conn);
	cql_buf_append(body, data, n);
	exchange = cql_conn_end(r->conn, CQL_OP_QUERY, 0, r, r->now, &err);
	require((exchange == NULL) == (err.code != CQL_OK));
	if (exchange != NULL)
		r->held[r->nheld++] = exchange;
}

static void
pull(run *r, size_t max)
{
	size_t len;
	const uint8_t *data = cql_conn_output(r->conn, &len);
	size_t i;

	require((data == NULL) == (len == 0));
	if (len > max)
		len = max;
	for (i = 0; i < len; i++)
		r->sum += data[i];
	cql_conn_consumed(r->conn, len);
}

static void
abandon(run *r)
{
	size_t i = next_byte(r);

	if (i >= r->nheld)
		return;
	cql_conn_abandon(r->conn, r->held[i]);
	r->held[i] = r->held[--r->nheld];
}

static void
take(run *r)
{
	cql_exchange *exchange;
	size_t i;

	while ((exchange = cql_conn_take(r->conn)) != NULL)
	{
		require(exchange->owner == r && exchange->conn == r->conn);
		require(exchange->state != CQL_EXCHANGE_PENDING);
		require(exchange->state == CQL_EXCHANGE_DONE ||
				cql_conn_get_state(r->conn) == CQL_CONN_CLOSED);
		require(exchange->state == CQL_EXCHANGE_FAILED || exchange->sent);
		for (i = 0; i < exchange->response.len; i++)
			r->sum += exchange->response.body[i];
		for (i = 0; r->held[i] != exchange; i++)
			require(i + 1 < r->nheld);
		r->held[i] = r->held[--r->nheld];
		cql_exchange_free(&walk_env, exchange);
	}
}

static void
pass_time(run *r)
{
	int64_t deadline;

	r->now += next_byte(r) * SECOND;
	cql_conn_step(r->conn, r->now);
	deadline = cql_conn_deadline(r->conn);
	/* What was due has been done. */
	require(deadline < 0 || deadline > r->now);
}

/* A server that says yes to everything. */
static void
shake_hands(run *r)
{
	uint8_t supported[] = {0x84, 0,	  0,   0,	CQL_OP_SUPPORTED,
						   0,	 0,	  0,   20,	0,
						   1,	 0,	  11,  'C', 'O',
						   'M',	 'P', 'R', 'E', 'S',
						   'S',	 'I', 'O', 'N', 0,
						   1,	 0,	  3,   'l', 'z',
						   '4'};
	uint8_t ready[] = {0x84, 0, 0, 0, CQL_OP_READY, 0, 0, 0, 0};

	supported[8] = sizeof(supported) - CQL_ENVELOPE_HEADER;
	supported[0] = ready[0] = (uint8_t) (0x80 | r->config.version);
	pull(r, SIZE_MAX);
	cql_conn_feed(r->conn, supported, sizeof(supported), r->now);
	pull(r, SIZE_MAX);
	cql_conn_feed(r->conn, ready, sizeof(ready), r->now);
	require(cql_conn_get_state(r->conn) == CQL_CONN_READY);
}

static void
operate(run *r)
{
	switch (next_byte(r) & 7)
	{
		case 0:
			feed_raw(r);
			break;
		case 1:
			feed_segment(r);
			break;
		case 2:
			submit(r);
			break;
		case 3:
			pull(r, SIZE_MAX);
			break;
		case 4:
			pull(r, next_byte(r));
			break;
		case 5:
			abandon(r);
			break;
		case 6:
			take(r);
			break;
		default:
			pass_time(r);
	}
	check_counts(r);
}

static void
start(run *r, uint8_t options, const uint8_t *data, size_t size)
{
	cql_error err;

	memset(r, 0, sizeof(*r));
	r->pos = data;
	r->left = size;
	r->now = SECOND;
	r->config.version = options & OPTION_V5 ? 5 : 4;
	r->config.lz4 = (options & OPTION_LZ4) != 0;
	r->config.pinned = (options & OPTION_PINNED) != 0;
	r->config.connect_timeout = 5 * SECOND;
	r->config.heartbeat_interval = 30 * SECOND;
	if (options & OPTION_CREDENTIALS)
	{
		r->config.username = "cassandra";
		r->config.password = "cassandra";
	}
	r->conn = cql_conn_open_detached(&walk_env, &r->config, r->now, &err);
	require(r->conn != NULL);
	if (options & OPTION_READY)
		shake_hands(r);
}

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	run r;
	cql_error err = {.code = CQL_ERR_LOST};

	if (size == 0)
		return 0;
	start(&r, data[0], data + 1, size - 1);
	while (r.left > 0)
		operate(&r);
	cql_conn_close(r.conn, &err);
	take(&r);
	require(r.nheld == 0);
	require(cql_conn_in_flight(r.conn) == 0);
	cql_conn_free(r.conn);
	return 0;
}
