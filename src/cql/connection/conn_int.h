/*
 * conn_int.h
 *	  What the files of the connection share.
 *
 *	  conn.c		life, state, time
 *	  handshake.c	OPTIONS to READY, one function a state
 *	  stream.c		exchanges on streams, heartbeats
 *	  conn_io.c		bytes in and out, plain or TLS
 */
#ifndef CQL_CONN_INT_H
#define CQL_CONN_INT_H

#include "auth.h"
#include "conn.h"
#include "error.h"
#include "wire.h"

/* Received in one step, and at a time. */
#define CONN_STEP_BYTES (4u << 20)
#define CONN_RECV_BYTES (64u << 10)
/* No new exchange while more than this waits to be sent. */
#define CONN_QUEUE_BYTES (8u << 20)
/* Hard maximum of an output buffer: that queue, one more body, framing. */
#define CONN_OUTPUT_MAX (CONN_QUEUE_BYTES + CQL_MAX_BODY + (16u << 20))
/* Buffers larger than this are given back when they have run empty. */
#define CONN_KEEP_BYTES (1u << 20)
/* An answer to a heartbeat must come within this time (or the interval). */
#define CONN_PROBE_TIMEOUT INT64_C(5000000)

#define STREAM_HANDSHAKE 0
/* Heartbeats have a stream besides those of exchanges. */
#define STREAM_PROBE ((int16_t) CQL_MAX_STREAMS)
#define STREAM_EVENT (-1)

struct cql_conn
{
	const cql_env *env;
	const cql_conn_config *config;
	char host[CQL_MAX_HOST_TEXT]; /* "address:port", for messages */
	cql_conn_state state;
	cql_error error;   /* why it is CLOSED */
	uint8_t version;   /* of our envelopes */
	int other_version; /* to try instead, or 0 */
	bool has_tablets;  /* SUPPORTED says so */
	cql_auth auth;
	bool in_clear;			/* no TLS, and the peer is on another machine */
	bool password_in_clear; /* and was sent a password */

	/* transport; a detached connection has none */
	int fd;
	cql_tls *tls;
	uint8_t *ciphertext; /* CONN_RECV_BYTES, while TLS is received */

	/* time */
	int64_t now; /* of the last call that knew it */
	int64_t opened;
	int64_t connect_deadline; /* or -1 */
	int64_t last_received;	  /* last sign of life */
	int64_t probe_sent;
	bool probing;

	/* input */
	cql_decoder decoder;
	bool more_input; /* the step's limit was reached */
	bool paused;
	uint64_t bytes_received;

	/* output: pending -> (segments, TLS) -> wire -> socket */
	cql_buf pending; /* whole envelopes */
	cql_buf plain;	 /* framed, before encryption */
	cql_buf wire;
	size_t wire_sent;	/* of wire */
	bool segments;		/* v5 after READY or AUTHENTICATE */
	bool lz4;			/* asked for in STARTUP */
	bool send_blocked;	/* the socket would not take more */
	size_t body_offset; /* of the exchange being written */
	uint64_t bytes_sent;

	/* streams */
	cql_exchange *exchanges[CQL_MAX_STREAMS];
	int16_t free_streams[CQL_MAX_STREAMS]; /* a stack */
	uint32_t nfree;
	uint32_t norphans;
	int16_t unsent[CQL_MAX_STREAMS]; /* in sending order */
	uint32_t nunsent;
	uint32_t nwired;	 /* the first of them are in wire */
	cql_exchange *ended; /* a queue, to be taken */
	cql_exchange **ended_tail;
};

/* ---- conn.c ---- */

/*
 * Closes for a reason of this code; the text says what happened and where
 * ("... HOST: reason").
 */
extern void cql_conn_fail(cql_conn *conn, cql_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Closes because the connection cannot go on: connecting, or lost. */
extern void cql_conn_broken(cql_conn *conn, const char *reason);
extern void cql_conn_no_memory(cql_conn *conn);

/* ---- handshake.c ---- */

/* TCP (and TLS) stand: OPTIONS is sent. */
extern void cql_conn_greet(cql_conn *conn);
/* An envelope before READY; its body stays the caller's. */
extern void cql_conn_handshake(cql_conn *conn, const cql_envelope *envelope);
/* Time is up before READY. */
extern void cql_conn_handshake_timeout(cql_conn *conn);

/* ---- stream.c ---- */

extern void cql_streams_init(cql_conn *conn);
/* An envelope in READY; takes its body. */
extern void cql_conn_answer(cql_conn *conn, cql_envelope *envelope);
/* All exchanges end FAILED, orphans are forgotten. */
extern void cql_streams_fail(cql_conn *conn);
/* Frees what nobody took. */
extern void cql_streams_free(cql_conn *conn);
/* The exchanges that are in wire may have reached the server. */
extern void cql_streams_sent(cql_conn *conn);
/* Heartbeats: when to look again (or -1), and looking. */
extern int64_t cql_conn_heartbeat_deadline(const cql_conn *conn);
extern void cql_conn_heartbeat(cql_conn *conn);

/* ---- conn_io.c ---- */

extern void cql_conn_io_init(cql_conn *conn);
extern void cql_conn_io_free(cql_conn *conn);
/* Goes on with the TLS handshake, and greets when it is through. */
extern void cql_conn_shake(cql_conn *conn);
/* Queues an envelope whose body begins at body_offset. */
extern void cql_conn_queue(cql_conn *conn, uint8_t flags, int16_t stream,
						   uint8_t opcode);
/* Does the I/O that is possible; may close the connection. */
extern void cql_conn_receive(cql_conn *conn);
extern void cql_conn_send(cql_conn *conn);
/* Bytes that wait to be sent, framed or not. */
extern size_t cql_conn_queued(const cql_conn *conn);

#endif /* CQL_CONN_INT_H */
