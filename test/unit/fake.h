/*
 * fake.h
 *	  Servers on loopback sockets inside the test program, with a script.
 *
 * They speak v4 and v5 (plain segments), answer what a client asks to begin
 * with, and let the test's handler answer or swallow everything else.  The
 * clock is virtual: it jumps to the client's next timer when nothing moves.
 */
#ifndef TEST_FAKE_H
#define TEST_FAKE_H

#include "cql.h"
#include "frame.h"
#include "wire.h"

#define FAKE_MAX_NODES 1000
#define FAKE_MAX_CONNS 16

struct fake_node;

typedef struct fake_conn
{
	struct fake_node *node; /* that answers */
	int fd;					/* -1: free */
	struct ssl_st *tls;		/* or NULL */
	uint8_t version;
	bool framed;   /* v5 after READY */
	cql_buf input; /* as received */
	cql_buf plain; /* envelopes not yet handled */
} fake_conn;

typedef struct fake_request
{
	fake_conn *conn;
	uint8_t version;
	uint8_t flags;
	int16_t stream;
	uint8_t opcode;
	const uint8_t *body;
	size_t len;
} fake_request;

/* True: the request is dealt with (answered, or to be left unanswered). */
typedef bool (*fake_handler)(struct fake_node *node,
							 const fake_request *request);

typedef struct fake_node
{
	char address[64]; /* "127.0.77.1:port" */
	uint8_t ip[4];
	uint16_t id; /* host_id is sixteen times this, if it is below 256 */
	int fd;		 /* listening, or -1 */
	struct ssl_ctx_st *tls; /* a proxy: see fake_proxy.h */
	const char *dc;
	const char *rack;
	int64_t token;
	uint32_t more_tokens; /* see fake_token() */
	const char *release;
	uint8_t max_version; /* 4 or 5 */
	bool paused;		 /* neither accepts nor reads */
	bool silent;		 /* accepts, reads, never answers */
	uint8_t flags;		 /* of its answers */
	bool auth;			 /* refuses every password */
	bool mute;			 /* no word to a version it does not speak */
	bool hidden;		 /* the others do not tell of it */
	bool no_peers_v2;
	bool no_tokens;		   /* null in its row */
	bool tablets;		   /* ScyllaDB's, in all keyspaces but "vnodes" */
	uint32_t tablet_reads; /* times they were asked for */
	bool null_id;		   /* how its row in peers is odd */
	bool null_address;
	bool any_address;	/* 0.0.0.0 */
	uint8_t advertised; /* last byte of its address, if not its own */
	uint8_t generation; /* of the result metadata */
	uint16_t marker;	/* type of all markers */
	fake_handler handle;
	uint32_t accepted;
	uint32_t seen[32]; /* requests by opcode */
	fake_conn conns[FAKE_MAX_CONNS];
} fake_node;

extern const char *fake_factor; /* of keyspaces, "1" */
extern fake_node fake_nodes[FAKE_MAX_NODES];
extern int64_t fake_now;

/* Starts nodes 0 .. n-1 in dc1, rack r1, with evenly spread tokens. */
extern void fake_start(uint32_t n);
/* The same with so many tokens each, strewn over the ring. */
extern void fake_start_ring(uint32_t n, uint32_t ntokens);
/* A node's tokens: "token", and as many more as it has. */
extern int64_t fake_token(const fake_node *node, uint32_t i);
extern void fake_stop_all(void);
/* Closes the listening socket and all connections of a node. */
extern void fake_stop(fake_node *node);
/* Listens again. */
extern void fake_restart(fake_node *node);
/* Resets the connections of a node. */
extern void fake_reset(fake_node *node);

/* A cluster with nodes 0 .. ncontacts-1 as contact points. */
extern cql_config fake_config(uint32_t ncontacts);
/* One round of servers and client; false when nothing moved. */
extern bool fake_turn(cql_cluster *cluster);
/* Until the request has ended, or nothing can happen any more. */
extern cql_request_state fake_run(cql_cluster *cluster, cql_request *request);
/* Until nothing moves, without letting time pass. */
extern void fake_settle(cql_cluster *cluster);

/* Bytes as they are. */
extern void fake_send(fake_conn *conn, const void *data, size_t len);
extern void fake_answer(const fake_request *request, uint8_t opcode,
						const void *body, size_t len);
extern void fake_void(const fake_request *request);
/* ERROR with what follows code and message; extra may be NULL. */
extern void fake_error(const fake_request *request, int32_t code,
					   const char *message, const void *extra, size_t len);
/* UNPREPARED for the id of an EXECUTE. */
extern void fake_unprepared(const fake_request *request);
/* No row of one int column. */
extern void fake_no_row(const fake_request *request);
/* One row of one int column. */
extern void fake_row(const fake_request *request, int32_t value);
/* The first bound value of an EXECUTE as an int, or -1. */
extern int32_t fake_first_value(const fake_request *request);
/* The text of a QUERY or PREPARE is or contains this. */
extern bool fake_asks(const fake_request *request, const char *text);

/* ---- for the files of the fake nodes ---- */

extern uint32_t fake_count; /* of nodes started */
extern uint16_t fake_port;
extern void fake_put_int(cql_buf *body, int32_t value);
extern void fake_put_column(cql_buf *body, const char *name, uint16_t type);
/* host_id of a node. */
extern void fake_host_id(const fake_node *node, uint8_t id[16]);
/* Answers what is asked of system tables; false for anything else. */
extern bool fake_system_answer(const fake_request *request);

/* Parameters with the usual defaults. */
extern cql_params fake_params(const char *cql);

#endif /* TEST_FAKE_H */
