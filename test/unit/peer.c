/*
 * peer.c
 *	  A server in memory for a detached connection.
 */
#include "peer.h"

#include <stdlib.h>

#include "error.h"
#include "lz4frame.h"
#include "unit.h"

static void *
peer_alloc(void *ctx, size_t size)
{
	(void) ctx;
	return malloc(size);
}

static void *
peer_realloc(void *ctx, void *ptr, size_t size)
{
	(void) ctx;
	return realloc(ptr, size);
}

static void
peer_free(void *ctx, void *ptr)
{
	(void) ctx;
	free(ptr);
}

const cql_env peer_env = {NULL,		 peer_alloc, peer_realloc,
						  peer_free, NULL,		 NULL};

void
peer_start(peer *p, const cql_env *env, const cql_conn_config *config)
{
	cql_error err;

	memset(p, 0, sizeof(*p));
	p->now = 1000000;
	p->direction = 0x80;
	p->version = config->version;
	cql_error_clear(&err);
	cql_buf_init(&p->raw, &peer_env, SIZE_MAX / 2);
	cql_buf_init(&p->seen, &peer_env, SIZE_MAX / 2);
	p->conn = cql_conn_open_detached(env, config, p->now, &err);
	CHECK_INT(err.code, p->conn == NULL ? CQL_ERR_NOMEM : CQL_OK);
}

void
peer_end(peer *p)
{
	cql_conn_free(p->conn);
	cql_buf_free(&p->raw);
	cql_buf_free(&p->seen);
}

/* Little-endian number of n bytes. */
static uint64_t
little(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* Unframes one segment at the start of raw; its size, or 0 when incomplete. */
static size_t
unframe(peer *p)
{
	size_t header = p->lz4 ? 5 : 3;
	uint64_t bits;
	size_t len;
	size_t plain;
	uint8_t *room;

	if (p->raw.len < header + 3)
		return 0;
	bits = little(p->raw.data, header);
	len = bits & 0x1ffff;
	plain = p->lz4 ? bits >> 17 & 0x1ffff : 0;
	if (p->raw.len < header + 3 + len + 4)
		return 0;
	if (plain == 0)
		cql_buf_append(&p->seen, p->raw.data + header + 3, len);
	else
	{
		room = cql_buf_reserve(&p->seen, plain);
		CHECK(
			cql_lz4_block_decode(p->raw.data + header + 3, len, room, plain));
		p->seen.len += plain;
	}
	p->nsegments++;
	return header + 3 + len + 4;
}

void
peer_pull(peer *p, size_t step)
{
	const uint8_t *data;
	size_t len;
	size_t n;

	while ((data = cql_conn_output(p->conn, &len)) != NULL)
	{
		if (len > step)
			len = step;
		cql_buf_append(&p->raw, data, len);
		cql_conn_consumed(p->conn, len);
	}
	if (!p->segments)
	{
		cql_buf_append(&p->seen, p->raw.data, p->raw.len);
		cql_buf_reset(&p->raw);
	}
	while (p->raw.len > 0 && (n = unframe(p)) > 0)
		cql_buf_consume(&p->raw, n);
	CHECK(p->raw.len == 0);
}

bool
peer_next(peer *p, peer_request *request)
{
	const uint8_t *header;

	peer_pull(p, SIZE_MAX);
	if (p->seen.len - p->read < CQL_ENVELOPE_HEADER)
		return false;
	header = p->seen.data + p->read;
	request->version = header[0];
	request->flags = header[1];
	request->stream = (int16_t) cql_load_u16(header + 2);
	request->opcode = header[4];
	request->len = cql_load_u32(header + 5);
	request->body = header + CQL_ENVELOPE_HEADER;
	p->read += CQL_ENVELOPE_HEADER + request->len;
	CHECK(p->read <= p->seen.len);
	return true;
}

void
peer_feed(peer *p, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t chunk = p->chunk == 0 ? len : p->chunk;
	size_t n;

	for (; len > 0; len -= n, bytes += n)
	{
		n = len < chunk ? len : chunk;
		cql_conn_feed(p->conn, bytes, n, p->now);
	}
}

void
peer_answer(peer *p, int16_t stream, uint8_t opcode, const void *body,
			size_t len)
{
	cql_buf envelope;
	cql_buf framed;
	size_t offset;

	cql_buf_init(&envelope, &peer_env, SIZE_MAX / 2);
	cql_buf_init(&framed, &peer_env, SIZE_MAX / 2);
	offset = cql_envelope_begin(&envelope);
	cql_buf_append(&envelope, body, len);
	cql_envelope_end(&envelope, offset, p->version, 0, stream, opcode);
	envelope.data[0] |= p->direction;
	if (p->segments)
		CHECK(
			cql_segments_encode(envelope.data, envelope.len, p->lz4, &framed));
	else
		cql_buf_append(&framed, envelope.data, envelope.len);
	peer_feed(p, framed.data, framed.len);
	cql_buf_free(&envelope);
	cql_buf_free(&framed);
}

void
peer_error(peer *p, int16_t stream, int32_t code, const char *message)
{
	cql_buf body;

	cql_buf_init(&body, &peer_env, 65536);
	cql_put_i32(&body, code);
	cql_put_string(&body, message);
	peer_answer(p, stream, CQL_OP_ERROR, body.data, body.len);
	cql_buf_free(&body);
}

/* [string] name and the [string list] of a ","-joined text. */
static void
put_option(cql_buf *body, const char *name, const char *list)
{
	char copy[256];
	char *item;
	char *rest = copy;
	size_t count;
	uint16_t n = 0;

	if (list == NULL)
		return;
	cql_put_string(body, name);
	count = body->len;
	cql_put_u16(body, 0);
	snprintf(copy, sizeof(copy), "%s", list);
	while ((item = strtok_r(rest, ",", &rest)) != NULL)
	{
		cql_put_string(body, item);
		n++;
	}
	cql_store_u16(body->data + count, n);
}

void
peer_supported(peer *p, const char *versions, const char *compression)
{
	cql_buf body;

	cql_buf_init(&body, &peer_env, 65536);
	cql_put_u16(&body,
				(uint16_t) (1 + (versions != NULL) + (compression != NULL)));
	put_option(&body, "PROTOCOL_VERSIONS", versions);
	put_option(&body, "COMPRESSION", compression);
	put_option(&body, "CQL_VERSION", "3.4.7");
	peer_answer(p, 0, CQL_OP_SUPPORTED, body.data, body.len);
	cql_buf_free(&body);
}

void
peer_authenticate(peer *p, const char *authenticator)
{
	cql_buf body;

	cql_buf_init(&body, &peer_env, 65536);
	cql_put_string(&body, authenticator);
	peer_answer(p, 0, CQL_OP_AUTHENTICATE, body.data, body.len);
	p->segments = p->version >= 5;
	cql_buf_free(&body);
}

void
peer_ready(peer *p)
{
	peer_answer(p, 0, CQL_OP_READY, NULL, 0);
	p->segments = p->version >= 5;
}

void
peer_handshake(peer *p)
{
	peer_request request;

	CHECK(peer_next(p, &request) && request.opcode == CQL_OP_OPTIONS);
	peer_supported(p, "3/v3,4/v4,5/v5,6/v6-beta", "snappy,lz4");
	CHECK(peer_next(p, &request) && request.opcode == CQL_OP_STARTUP);
	peer_ready(p);
	CHECK(cql_conn_get_state(p->conn) == CQL_CONN_READY);
}
