/*
 * peer.h
 *	  A server in memory for a detached connection: reads what the connection
 *	  sends, and answers.
 */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include "conn.h"
#include "wire.h"

/* malloc that does not fail, for what is not the client's. */
extern const cql_env peer_env;

/* One request the connection has sent; body points into the peer's memory. */
typedef struct peer_request
{
	uint8_t version;
	uint8_t flags;
	int16_t stream;
	uint8_t opcode;
	const uint8_t *body;
	size_t len;
} peer_request;

typedef struct peer
{
	cql_conn *conn;
	bool segments; /* both ways, v5 after READY or AUTHENTICATE */
	bool lz4;
	size_t chunk; /* bytes fed at a time; 0: all */
	int64_t now;
	uint8_t direction;	/* 0x80; else a malformed answer */
	uint8_t version;	/* of answers */
	uint32_t nsegments; /* seen */
	cql_buf raw;		/* as the connection sent it */
	cql_buf seen;		/* envelopes, unframed */
	size_t read;		/* of seen, handed out */
} peer;

/* A detached connection with this configuration and its peer. */
extern void peer_start(peer *p, const cql_env *env,
					   const cql_conn_config *config);
extern void peer_end(peer *p);
/* Takes all output of the connection, at most "step" bytes at a time. */
extern void peer_pull(peer *p, size_t step);
/* Next request; false when there is none. */
extern bool peer_next(peer *p, peer_request *request);
/* Feeds raw bytes, or an answer, framed as agreed. */
extern void peer_feed(peer *p, const void *data, size_t len);
extern void peer_answer(peer *p, int16_t stream, uint8_t opcode,
						const void *body, size_t len);
/* ERROR with just code and message. */
extern void peer_error(peer *p, int16_t stream, int32_t code,
					   const char *message);
/* SUPPORTED with these lists ("a,b"; NULL: the option is absent). */
extern void peer_supported(peer *p, const char *versions,
						   const char *compression);
/* AUTHENTICATE with this class; segments follow in v5. */
extern void peer_authenticate(peer *p, const char *authenticator);
/* READY; segments follow in v5. */
extern void peer_ready(peer *p);
/* From OPTIONS to READY as Cassandra 5.0 does it. */
extern void peer_handshake(peer *p);

#endif /* TEST_PEER_H */
