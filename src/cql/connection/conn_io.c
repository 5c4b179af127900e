/*
 * conn_io.c
 *	  Bytes of a connection in and out: decoding, framing, TLS, the socket.
 *
 * Includes conn_int.h and sock.h; conn.c and the pool call it.
 */
#include "conn_int.h"

#include <stdio.h>
#include <string.h>

#include "sock.h"

void
cql_conn_io_init(cql_conn *conn)
{
	cql_decoder_init(&conn->decoder, conn->env);
	conn->decoder.budget = conn->config->budget;
	cql_buf_init(&conn->pending, conn->env, CONN_OUTPUT_MAX);
	cql_buf_init(&conn->plain, conn->env, CONN_OUTPUT_MAX);
	cql_buf_init(&conn->wire, conn->env, CONN_OUTPUT_MAX);
}

/* The handshake's buffers held a password. */
static void
wipe(cql_buf *buf)
{
	if (buf->data != NULL && buf->cap <= CONN_KEEP_BYTES)
		explicit_bzero(buf->data, buf->cap);
	cql_buf_free(buf);
}

void
cql_conn_io_free(cql_conn *conn)
{
	cql_tls_free(conn->tls);
	cql_free(conn->env, conn->ciphertext);
	cql_decoder_free(&conn->decoder);
	wipe(&conn->pending);
	wipe(&conn->plain);
	wipe(&conn->wire);
}

/*
 * Gives buffers back when nothing is under way: a session may have hundreds of
 * connections, few of them in use.
 */
static void
rest(cql_conn *conn)
{
	if (conn->nfree < CQL_MAX_STREAMS || conn->state != CQL_CONN_READY)
		return;
	cql_decoder_rest(&conn->decoder);
	cql_free(conn->env, conn->ciphertext);
	conn->ciphertext = NULL;
	if (conn->pending.len > 0 || conn->wire.len > 0)
		return;
	wipe(&conn->pending);
	wipe(&conn->plain);
	wipe(&conn->wire);
}

/* ---- out ---- */

void
cql_conn_queue(cql_conn *conn, uint8_t flags, int16_t stream, uint8_t opcode)
{
	cql_envelope_end(&conn->pending, conn->body_offset, conn->version, flags,
					 stream, opcode);
	if (conn->pending.failed)
		cql_conn_no_memory(conn);
}

size_t
cql_conn_queued(const cql_conn *conn)
{
	return conn->pending.len + (conn->wire.len - conn->wire_sent);
}

/* Empties a buffer, giving back what one large request made it grow to. */
static void
empty(cql_buf *buf)
{
	if (buf->cap > CONN_KEEP_BYTES)
		cql_buf_free(buf);
	else
		cql_buf_reset(buf);
}

/* The pending envelopes as the peer wants them, or NULL. */
static cql_buf *
frame(cql_conn *conn)
{
	/* OPTIONS and STARTUP are never compressed. */
	bool lz4 = conn->lz4 && conn->state >= CQL_CONN_AUTH;
	bool framed;

	if (!conn->segments && !lz4)
		return &conn->pending;
	if (conn->segments)
		framed = cql_segments_encode(conn->pending.data, conn->pending.len,
									 lz4, &conn->plain);
	else
		framed = cql_envelopes_encode(conn->pending.data, conn->pending.len,
									  lz4, &conn->plain);
	empty(&conn->pending);
	return framed ? &conn->plain : NULL;
}

static void
tls_failed(cql_conn *conn, const cql_error *why)
{
	cql_error err = *why;
	/* TLS 1.3 servers judge our certificate after our handshake's end. */
	bool handshake =
		conn->state == CQL_CONN_TLS || conn->state == CQL_CONN_OPTIONS;
	int oserr;

	if (why->code != CQL_ERR_TLS)
	{
		cql_conn_close(conn, why);
		return;
	}
	(void) snprintf(err.message, sizeof(err.message), "%s %s failed: %.800s",
					handshake ? "TLS handshake with" : "TLS connection to",
					conn->host, why->message);
	/* The peer may learn why from the alert, if it can go at once. */
	if (conn->wire.len == conn->wire_sent &&
		cql_tls_output(conn->tls, &conn->wire) &&
		conn->wire.len > conn->wire_sent)
		(void) cql_sock_send(conn->fd, conn->wire.data + conn->wire_sent,
							 conn->wire.len - conn->wire_sent, &oserr);
	cql_conn_close(conn, &err);
}

/* Framed bytes to the (empty) wire buffer, which they may change places with.
 */
static void
put_on_wire(cql_conn *conn, cql_buf *framed)
{
	cql_error err;
	cql_buf other;

	if (conn->tls == NULL)
	{
		other = conn->wire;
		conn->wire = *framed;
		*framed = other;
		return;
	}
	if (!cql_tls_write(conn->tls, framed->data, framed->len, &err))
		tls_failed(conn, &err);
	else if (!cql_tls_output(conn->tls, &conn->wire))
		cql_conn_no_memory(conn);
	empty(framed);
}

/* Has bytes in wire if there are any to send; false when there are none. */
static bool
load_wire(cql_conn *conn)
{
	cql_buf *framed;

	if (conn->tls != NULL && !cql_tls_output(conn->tls, &conn->wire))
	{
		cql_conn_no_memory(conn);
		return false;
	}
	if (conn->wire.len > conn->wire_sent)
		return true;
	if (conn->pending.len == 0)
		return false;
	framed = frame(conn);
	if (framed == NULL)
	{
		cql_conn_no_memory(conn);
		return false;
	}
	conn->nwired = conn->nunsent;
	put_on_wire(conn, framed);
	return conn->state != CQL_CONN_CLOSED && conn->wire.len > 0;
}

const uint8_t *
cql_conn_output(cql_conn *conn, size_t *len)
{
	*len = 0;
	if (conn->state == CQL_CONN_CLOSED || !load_wire(conn))
		return NULL;
	*len = conn->wire.len - conn->wire_sent;
	return conn->wire.data + conn->wire_sent;
}

void
cql_conn_consumed(cql_conn *conn, size_t len)
{
	if (len == 0 || len > conn->wire.len - conn->wire_sent)
		return;
	conn->wire_sent += len;
	conn->bytes_sent += len;
	cql_streams_sent(conn);
	if (conn->wire_sent < conn->wire.len)
		return;
	empty(&conn->wire);
	conn->wire_sent = 0;
}

void
cql_conn_send(cql_conn *conn)
{
	const uint8_t *data;
	size_t len;
	ssize_t n;
	int oserr;

	if (conn->fd < 0 || conn->state == CQL_CONN_CONNECTING)
		return;
	conn->send_blocked = false;
	while ((data = cql_conn_output(conn, &len)) != NULL)
	{
		n = cql_sock_send(conn->fd, data, len, &oserr);
		if (n < 0)
		{
			/* The peer's last words may explain why it closed. */
			cql_conn_receive(conn);
			cql_conn_broken(conn, strerror(oserr));
			return;
		}
		cql_conn_consumed(conn, (size_t) n);
		if ((size_t) n < len)
		{
			conn->send_blocked = true;
			return;
		}
	}
}

/* ---- in ---- */

/* Takes apart what has been received. */
static void
decode(cql_conn *conn)
{
	cql_envelope envelope;
	cql_error err;
	int rc;

	while (conn->state != CQL_CONN_CLOSED)
	{
		rc = cql_decoder_next(&conn->decoder, &envelope, &err);
		if (rc == 0)
			return;
		if (rc < 0 && err.code == CQL_ERR_NOMEM)
			cql_conn_no_memory(conn);
		else if (rc < 0)
			cql_conn_fail(conn, err.code, "%s broke the protocol: %s",
						  conn->host, err.message);
		else if (conn->state == CQL_CONN_READY)
			cql_conn_answer(conn, &envelope);
		else
		{
			cql_conn_handshake(conn, &envelope);
			cql_envelope_drop(conn->env, &envelope);
		}
	}
}

void
cql_conn_feed(cql_conn *conn, const uint8_t *data, size_t len, int64_t now)
{
	uint8_t *room;
	size_t size;

	conn->now = now;
	if (len > 0)
		conn->last_received = now;
	while (len > 0 && conn->state != CQL_CONN_CLOSED)
	{
		room = cql_decoder_room(&conn->decoder, 1, &size);
		if (room == NULL)
		{
			cql_conn_no_memory(conn);
			return;
		}
		if (size > len)
			size = len;
		memcpy(room, data, size);
		cql_decoder_received(&conn->decoder, size);
		conn->bytes_received += size;
		data += size;
		len -= size;
		decode(conn);
	}
}

static void
note_received(cql_conn *conn, ssize_t n)
{
	conn->bytes_received += (uint64_t) n;
	conn->last_received = conn->now;
}

static void
receive_failed(cql_conn *conn, int oserr)
{
	/* A port that wants TLS closes when it is spoken to without. */
	bool hint = conn->state == CQL_CONN_OPTIONS && conn->tls == NULL;

	if (oserr != 0)
		cql_conn_broken(conn, strerror(oserr));
	else if (hint)
		cql_conn_broken(
			conn, "the server closed the connection (does it expect TLS?)");
	else
		cql_conn_broken(conn, "the server closed the connection");
}

/*
 * One recv() of at most max bytes into the decoder; bytes, or 0 when there is
 * nothing more now.
 */
static size_t
receive_plain(cql_conn *conn, size_t max)
{
	size_t size;
	uint8_t *room = cql_decoder_room(&conn->decoder, CONN_RECV_BYTES, &size);
	ssize_t n;
	int oserr;

	if (room == NULL)
	{
		cql_conn_no_memory(conn);
		return 0;
	}
	if (size > max)
		size = max;
	n = cql_sock_recv(conn->fd, room, size, &oserr);
	if (n < 0)
		receive_failed(conn, oserr);
	if (n <= 0)
		return 0;
	note_received(conn, n);
	cql_decoder_received(&conn->decoder, (size_t) n);
	decode(conn);
	/* A short read has emptied the socket: spare the call that says so. */
	return (size_t) n == size ? size : 0;
}

/*
 * Everything OpenSSL has: what stays in it would never be seen, as the socket
 * is quiet.
 */
static void
drain_tls(cql_conn *conn)
{
	cql_error err;
	uint8_t *room;
	size_t size;
	int n = 1;

	while (n > 0 && conn->state != CQL_CONN_CLOSED)
	{
		room = cql_decoder_room(&conn->decoder, CONN_RECV_BYTES, &size);
		if (room == NULL)
		{
			cql_conn_no_memory(conn);
			return;
		}
		n = cql_tls_read(conn->tls, room, size, &err);
		if (n > 0)
			cql_decoder_received(&conn->decoder, (size_t) n);
		decode(conn);
	}
	if (n == -1 && conn->state != CQL_CONN_CLOSED)
		tls_failed(conn, &err);
	else if (n == -2)
		receive_failed(conn, 0);
}

/* The same through TLS. */
static size_t
receive_tls(cql_conn *conn, size_t max)
{
	size_t size = max < CONN_RECV_BYTES ? max : CONN_RECV_BYTES;
	cql_error err;
	ssize_t n;
	int oserr;

	if (conn->ciphertext == NULL)
		conn->ciphertext = cql_alloc(conn->env, CONN_RECV_BYTES);
	if (conn->ciphertext == NULL)
	{
		cql_conn_no_memory(conn);
		return 0;
	}
	n = cql_sock_recv(conn->fd, conn->ciphertext, size, &oserr);
	if (n < 0)
		receive_failed(conn, oserr);
	if (n <= 0)
		return 0;
	note_received(conn, n);
	if (!cql_tls_feed(conn->tls, conn->ciphertext, (size_t) n, &err))
	{
		tls_failed(conn, &err);
		return 0;
	}
	if (conn->state == CQL_CONN_TLS)
		cql_conn_shake(conn);
	if (conn->state > CQL_CONN_TLS && conn->state != CQL_CONN_CLOSED)
		drain_tls(conn);
	return (size_t) n == size ? size : 0;
}

void
cql_conn_shake(cql_conn *conn)
{
	cql_error err;
	int rc = cql_tls_handshake(conn->tls, &err);

	if (rc < 0)
		tls_failed(conn, &err);
	else if (!cql_tls_output(conn->tls, &conn->wire))
		cql_conn_no_memory(conn);
	else if (rc == 1)
		cql_conn_greet(conn);
}

/*
 * Whether enough was taken in: the budget is used up, or would be but for
 * somebody who waits, and an answer has come since.
 */
static bool
has_enough(const cql_conn *conn)
{
	const cql_budget *budget = conn->config->budget;

	if (conn->state != CQL_CONN_READY || budget == NULL)
		return false;
	return conn->paused || cql_budget_is_full(budget) ||
		   (budget->used >= budget->max && conn->ended != NULL);
}

void
cql_conn_receive(cql_conn *conn)
{
	size_t left = CONN_STEP_BYTES;
	size_t n = 1;

	conn->more_input &= conn->paused;
	while (n > 0 && left > 0 && conn->fd >= 0 &&
		   conn->state != CQL_CONN_CONNECTING && !has_enough(conn))
	{
		uint64_t before = conn->decoder.produced;
		uint64_t plain;

		n = conn->tls == NULL ? receive_plain(conn, left)
							  : receive_tls(conn, left);
		/* What it decompresses to is work, too. */
		plain = conn->decoder.produced - before;
		left -= n > plain ? n : plain < left ? plain : left;
	}
	conn->more_input |=
		n > 0 && conn->fd >= 0 && (left == 0 || has_enough(conn));
	rest(conn);
}
