/*
 * conn.h
 *	  One connection: dialling, TLS, handshake, streams, and bytes in and out.
 *
 * A state enum with one function a state.  The protocol part does no I/O:
 * cql_conn_feed() takes bytes, cql_conn_output() gives them (unit tests and
 * fuzzers use just these); cql_conn_step() couples it with sock and tls.
 * Time is an argument everywhere.
 *
 * Requests are exchanges on streams.  An ended exchange waits in the
 * connection's list until its owner takes it; nothing is called back.
 */
#ifndef CQL_CONN_H
#define CQL_CONN_H

#include <sys/socket.h>

#include "frame.h"
#include "tls.h"

typedef enum cql_conn_state
{
	CQL_CONN_CONNECTING, /* TCP */
	CQL_CONN_TLS,		 /* TLS handshake */
	CQL_CONN_OPTIONS,	 /* OPTIONS sent: versions, compressions */
	CQL_CONN_STARTUP,
	CQL_CONN_AUTH,
	CQL_CONN_READY, /* exchanges may be submitted */
	CQL_CONN_CLOSED /* see cql_conn_error() */
} cql_conn_state;

typedef struct cql_conn cql_conn;

typedef enum cql_exchange_state
{
	CQL_EXCHANGE_PENDING, /* queued or in flight */
	CQL_EXCHANGE_DONE,	  /* response is there */
	CQL_EXCHANGE_FAILED	  /* connection closed first: cql_conn_error() */
} cql_exchange_state;

/* A request on a stream.  Owned by the connection until it is taken. */
typedef struct cql_exchange
{
	struct cql_exchange *next; /* in the list of ended ones */
	cql_conn *conn;
	void *owner; /* whoever submitted it (never NULL); NULL: orphaned */
	int16_t stream;
	cql_exchange_state state;
	bool sent;			   /* some bytes may have reached the server */
	int64_t began;		   /* when it was submitted */
	size_t size;		   /* bytes of its request */
	cql_envelope response; /* body is the taker's */
} cql_exchange;

/* Shared by the connections of a cluster; strings live in the cluster. */
typedef struct cql_conn_config
{
	cql_tls_context *tls; /* NULL: plain */
	const char
		*server_name; /* contact point's, for SNI and checking, or NULL */
	const char *sni;  /* in its place for SNI, or NULL */
	uint8_t version;  /* to open with: 4 or 5 */
	bool pinned;	  /* no other version is acceptable */
	bool guessed; /* no server has spoken it yet: half the time to answer */
	bool lz4;
	const char *username;
	const char *password;
	const char *aws_region; /* SigV4 in place of the password, or NULL */
	const char *aws_session_token; /* or NULL */
	bool password_required;		   /* READY without AUTHENTICATE is refused */
	const char *application_name;
	cql_budget *budget;		 /* of received bytes, or NULL; the cluster's */
	int64_t connect_timeout; /* until READY */
	int64_t heartbeat_interval;
} cql_conn_config;

/*
 * Starts dialling.  host_text ("address:port") is copied and appears in
 * errors.  NULL with *err set on lack of memory or descriptors; a refused
 * connection is reported by the state CLOSED.
 */
extern cql_conn *cql_conn_open(const cql_env *env,
							   const cql_conn_config *config,
							   const struct sockaddr *addr, socklen_t addrlen,
							   const char *host_text, int64_t now,
							   cql_error *err);
/*
 * A connection without a socket, in state OPTIONS, for tests: bytes go
 * through cql_conn_feed() and cql_conn_output() only.
 */
extern cql_conn *cql_conn_open_detached(const cql_env *env,
										const cql_conn_config *config,
										int64_t now, cql_error *err);
/* Closes the socket and frees all; exchanges not yet taken are freed too. */
extern void cql_conn_free(cql_conn *conn);

extern cql_conn_state cql_conn_get_state(const cql_conn *conn);
/* Why it is CLOSED. */
extern const cql_error *cql_conn_error(const cql_conn *conn);
extern const char *cql_conn_host(const cql_conn *conn);
/*
 * Closed because of its protocol version: the version to try next (4 or 5),
 * else 0.
 */
extern int cql_conn_other_version(const cql_conn *conn);
/* Version agreed on. */
extern uint8_t cql_conn_version(const cql_conn *conn);

/* The server may spread a keyspace by tablets (ScyllaDB), not by its ring. */
extern bool cql_conn_has_tablets(const cql_conn *conn);

/*
 * Socket (or -1 once CLOSED), to be watched level-triggered, and whether
 * writing must be waited for, besides reading.
 */
extern int cql_conn_fd(const cql_conn *conn);
extern bool cql_conn_wants_write(const cql_conn *conn);
/*
 * Time at which step must run even without I/O, or -1.  It has come already
 * where something is queued that was not yet offered to the socket.
 */
extern int64_t cql_conn_deadline(const cql_conn *conn);
/*
 * Does the I/O that is possible without waiting and everything that follows
 * from it: handshake, heartbeats, decoding, ending of exchanges.  Bounded: at
 * most about 4 MiB are read per call (more is left for the next; then
 * cql_conn_deadline() is now).
 */
extern void cql_conn_step(cql_conn *conn, int64_t now);
/*
 * Paused it reads nothing, once READY, and minds no silence.
 */
extern void cql_conn_pause(cql_conn *conn, bool pause, int64_t now);
/* Only sends what is queued, as far as the socket takes it (may close). */
extern void cql_conn_flush(cql_conn *conn, int64_t now);

extern void cql_conn_feed(cql_conn *conn, const uint8_t *data, size_t len,
						  int64_t now);
/* Bytes to be sent (valid until the next call); consumed says how many went.
 */
extern const uint8_t *cql_conn_output(cql_conn *conn, size_t *len);
extern void cql_conn_consumed(cql_conn *conn, size_t len);

/*
 * Streams that are free for new exchanges: 0 unless READY, and 0 while several
 * MiB wait to be sent.
 */
extern uint32_t cql_conn_free_streams(const cql_conn *conn);
/* Exchanges without an answer yet, orphans among them. */
extern uint32_t cql_conn_in_flight(const cql_conn *conn);
extern uint32_t cql_conn_orphans(const cql_conn *conn);
/*
 * Writes a request: begin returns the buffer to encode the body into, end
 * queues it and returns its exchange, or NULL with *err set (no stream, no
 * memory, body over CQL_MAX_BODY; nothing was queued then).  Only in READY;
 * nothing else may be called on the connection in between.
 */
extern cql_buf *cql_conn_begin(cql_conn *conn);
extern cql_exchange *cql_conn_end(cql_conn *conn, uint8_t opcode,
								  uint8_t flags, void *owner, int64_t now,
								  cql_error *err);
/*
 * Next ended exchange (DONE or FAILED), or NULL.  The taker owns it: frees it
 * with cql_exchange_free() after taking response.body.
 */
extern cql_exchange *cql_conn_take(cql_conn *conn);
extern void cql_exchange_free(const cql_env *env, cql_exchange *exchange);
/*
 * The owner lost interest, in whatever state the exchange is: the stream stays
 * reserved until the answer comes, which is then dropped.  The exchange must
 * not be touched afterwards.
 */
extern void cql_conn_abandon(cql_conn *conn, cql_exchange *exchange);
/*
 * Asks for a sign of life (OPTIONS) unless that is going on: where none comes
 * in time, the connection closes.
 */
extern void cql_conn_suspect(cql_conn *conn, int64_t now);
/*
 * Whether it is there for all that is known.  After a silence of the heartbeat
 * interval it is asked, and there is no certainty until it answers.
 */
extern bool cql_conn_is_sure(cql_conn *conn, int64_t now);
/* Close now, with this reason for exchanges in flight. */
extern void cql_conn_close(cql_conn *conn, const cql_error *why);

/* Bytes moved since it was opened. */
extern uint64_t cql_conn_bytes_sent(const cql_conn *conn);
extern uint64_t cql_conn_bytes_received(const cql_conn *conn);
/* A password was sent without TLS to an address that is not loopback. */
extern bool cql_conn_password_in_clear(const cql_conn *conn);

#endif /* CQL_CONN_H */
