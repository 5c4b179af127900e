/*
 * request.h
 *	  The engine: requests, their attempts, and what they run on.
 *
 * A request copies what was asked (its kind does: src/cql/kind) and points to
 * a table of what its kind does; the engine calls through that, so it knows
 * none of them.  A request with something to do is in the cluster's run queue;
 * advancing it sends it, has it wait, or ends it.  It waits for one thing at a
 * time, in the list of that: a host, names, or another request.  Whatever it
 * waited for puts it back into the run queue, where it looks again.
 *
 *	  request.c	the way of a request: queue, retries, timers, ending
 *	  request_life.c	making, freeing, what holders ask
 *	  attempt.c	one way to a host and back
 *	  choose.c	which host
 *	  retry.c	whether a failed attempt is followed by another
 *	  slow.c	those that took long, for who watches them
 */
#ifndef CQL_REQUEST_H
#define CQL_REQUEST_H

#include "encode.h"
#include "error.h"
#include "pool.h"
#include "token_ring.h"
#include "statement_cache.h"
#include "timer.h"

/*
 * Microseconds before a request is tried again where replicas were late, away
 * or overloaded; they double.
 */
#define CQL_RETRY_PAUSE_MIN INT64_C(50000)
#define CQL_RETRY_PAUSE_MAX INT64_C(1000000)

/* Times a request is tried. */
#define CQL_DEFAULT_ATTEMPTS 3
#define CQL_MAX_ATTEMPTS 11

/* Attempts of a request that may be in flight at a time. */
#define CQL_MAX_COPIES 2

/* Messages that one request may have in flight on one channel. */
#define CQL_MAX_QUERIES 10

/* In flight on each channel before another one of its host is dialled. */
#define CQL_CHANNEL_BUSY 32

/* One way of a request to a host and back. */
typedef struct cql_attempt
{
	cql_request *request;
	cql_host *host;
	cql_channel *channel;	/* while in flight, else NULL */
	cql_exchange *exchange; /* NULL: the request has queries */
	cql_timer timer;		/* in flight: its time is up; else: it begins */
	int64_t began;
	cql_metadata_ref *rows; /* metadata it was sent with, or NULL */
	uint32_t preparation;	/* of its statement, as it was sent */
} cql_attempt;

/* A host where an attempt failed. */
typedef struct cql_tried
{
	cql_host *host;
	uint32_t times;
	int64_t spent;	 /* microseconds of attempts that were sent */
	bool excluded;	 /* it is not chosen again, */
	bool may_repeat; /* unless no other is left */
} cql_tried;

/* Several queries that make one request, all sent on one channel. */
typedef struct cql_queries
{
	uint32_t left;	 /* responses still missing */
	bool failed;	 /* one of them, as error says */
	uint64_t serial; /* of the channel */
	cql_exchange *exchanges[CQL_MAX_QUERIES];
	cql_result *results[CQL_MAX_QUERIES]; /* not read yet */
	cql_error error;
} cql_queries;

/* What an exchange brought. */
typedef struct cql_response
{
	const cql_exchange *exchange; /* to tell queries apart */
	cql_result *result;			  /* the taker's; NULL: err is set */
	bool sent;					  /* the server may have seen the request */
	cql_error err;
} cql_response;

/*
 * What requests of a kind do.  Functions may end the request, but for send and
 * free; NULL where there is nothing to do.
 */
typedef struct cql_request_kind
{
	const char *what; /* "executing the statement" */
	uint32_t streams; /* that must be free on the channel it is sent on */
	bool of_cluster;  /* asks about the cluster: any data centre will do */
	/* Sets the token where it can be known now. */
	void (*route)(cql_request *request);
	/* Whether it may be sent to the host; else it waits for what it needs. */
	bool (*ready)(cql_request *request, cql_host *host);
	/*
	 * Whether a second copy may be sent to the host at once; else what is
	 * missing there is asked for.
	 */
	bool (*copy_ready)(cql_request *request, cql_host *host);
	/* Writes it to the attempt's channel; false with *err set. */
	bool (*send)(cql_request *request, cql_attempt *attempt, cql_error *err);
	/* An exchange of the attempt has ended. */
	void (*response)(cql_request *request, cql_attempt *attempt,
					 cql_response *response);
	/* Goes on with responses that are there (CQL_PHASE_READ). */
	void (*read)(cql_request *request);
	/* One of our own has failed; who waits for it is told by the engine. */
	void (*failed)(cql_request *request, const cql_error *err);
	/* The caller has it run once more, as if it were new. */
	void (*again)(cql_request *request);
	/*
	 * Its CQL as the caller gave it, *len bytes of it; of a batch the first,
	 * with their number.
	 */
	const char *(*text)(const cql_request *request, size_t *len,
						uint32_t *nstatements);
	/* Frees what is the kind's. */
	void (*free)(cql_request *request);
} cql_request_kind;

/* What happens when the request is advanced. */
typedef enum cql_phase
{
	CQL_PHASE_CHOOSE, /* a host is chosen, and it is sent */
	CQL_PHASE_PAUSED, /* nothing: a timer has it choose again */
	CQL_PHASE_SENT,	  /* nothing: a response or a timer is waited for */
	CQL_PHASE_READ,	  /* responses are read */
	CQL_PHASE_FINISH, /* it is done once what was read beside it is there */
	CQL_PHASE_DONE,
	CQL_PHASE_FAILED
} cql_phase;

/* The first member of each kind's own struct. */
struct cql_request
{
	cql_waiter waiter;	 /* in the run queue, or in what it waits for; first */
	cql_waiters waiters; /* those who wait for this one */
	const cql_request_kind *kind;
	cql_cluster *cluster;
	cql_request *all_next; /* all requests of the cluster */
	cql_request *all_prev;
	cql_phase phase;
	bool internal; /* ours: freed as soon as it has ended */
	bool woken;	   /* it has waited for a host: no others come before it */
	bool idempotent;
	bool tracing;
	int64_t timeout;	/* of one attempt */
	int64_t copy_delay; /* then a second copy goes out; 0: none does */
	/* where to */
	const char *keyspace; /* whose replication routes it, or NULL */
	bool has_token;
	bool range; /* the token is the caller's: its replica is worth waiting */
	bool has_replicas; /* they were known when a host was last chosen */
	int64_t token;
	uint64_t start_seq;	 /* hosts that failed later are not dialled */
	cql_host *pinned;	 /* only this one, or NULL */
	cql_host *preferred; /* this one if it is still connected, or NULL */
	cql_host *host;		 /* the one chosen last, or NULL */
	cql_tried tried[CQL_MAX_ATTEMPTS];
	uint32_t ntried;
	/* attempts */
	cql_attempt attempts[CQL_MAX_COPIES];
	cql_queries *queries; /* its kind's, or NULL */
	int64_t began;		  /* its first step; 0: not yet */
	uint64_t bytes_sent;  /* in all attempts */
	uint32_t nsent;		  /* times it was sent */
	uint32_t failures;	  /* attempts that failed, sent or not */
	int64_t took;		  /* the last one that failed */
	bool unanswered;	  /* what an attempt did is not known */
	/* outcome */
	cql_error *error;
	cql_result *result;
};

typedef enum cql_topology_state
{
	CQL_TOPOLOGY_NONE, /* to be read on the next channel that gets ready */
	CQL_TOPOLOGY_LOADING,
	CQL_TOPOLOGY_KNOWN,
	CQL_TOPOLOGY_FAILED /* we go on with the contact points */
} cql_topology_state;

/* What requests run on; made, stepped and freed by src/cql/cluster. */
struct cql_cluster
{
	cql_env env;
	/* configuration; its strings live in arena */
	cql_arena arena;
	const char *config_dc;
	const char *rack;
	bool remote_dc;
	uint32_t max_attempts;
	uint32_t max_nodes; /* that connections are kept to; 0: all */
	uint32_t seed;		/* they are drawn by */
	int32_t schema_page_size;
	int64_t request_timeout;
	/* below */
	cql_pool pool;
	cql_ring ring;
	cql_statement_cache statements;
	/* requests */
	cql_waiters run; /* those with something to do */
	cql_timers timers;
	int64_t paused_since; /* time of requests stands still since then */
	cql_request *all;
	uint32_t nall;
	uint32_t nrequests; /* of all, the callers' */
	cql_stats stats;	/* what requests add to */
	/* nodes */
	cql_topology_state topology;
	bool topology_tried;		   /* it was read, or failed to be, once */
	int64_t topology_refresh;	   /* age at which it is read anew */
	int64_t topology_at;		   /* when that began last */
	uint32_t topology_readings;	   /* begun so far */
	cql_request *topology_reading; /* the request that does, or NULL */
	uint32_t nkeyspace_reads;	   /* going on */
	cql_host **nodes;			   /* routed to, in the token map's order */
	uint32_t nnodes;
	uint32_t nrack;	 /* the first ones: kept, and in our rack */
	uint32_t nkept;	 /* the first ones: local, and not beyond max_nodes */
	uint32_t nlocal; /* the first ones: local */
	uint32_t turn;	 /* of the round robin */
	char *taken_dc;	 /* the local one where config_dc is NULL, or NULL */
	int release;
	/* slow requests, see cql_cluster_watch_slow() */
	int64_t slow_duration;
	struct cql_slow_entry *slow;
	struct cql_slow_entry **slow_tail;
	uint32_t nslow;
	bool slow_told; /* the first one was handed out */
};

/* ---- making and freeing ---- */

/*
 * A request of size bytes, zeroed, with space bytes behind it, not queued yet;
 * its kind frees what it adds.  One of ours: NULL without memory.
 */
extern cql_request *cql_request_internal(cql_cluster *cluster,
										 const cql_request_kind *kind,
										 size_t size, size_t space);
/* The caller's, counted and bounded; NULL with *err set. */
extern cql_request *cql_request_accept(cql_cluster *cluster,
									   const cql_request_kind *kind,
									   size_t size, size_t space,
									   cql_error *err);
/* Frees it whatever its state. */
extern void cql_request_free(cql_request *request);

/* ---- running ---- */

/* Into the run queue, to be advanced in this step or the next. */
extern void cql_request_enqueue(cql_request *request, cql_phase phase);
extern void cql_request_advance(cql_request *request);
/* An exchange has ended; it is freed, and the request may be. */
extern void cql_request_respond(cql_exchange *exchange, cql_channel *channel);
/* A timer of a request or an attempt has run out. */
extern void cql_request_expired(cql_timer *timer);
/*
 * Has it wait for another one (NULL: there was no memory for that, it fails),
 * to go on with this phase.
 */
extern void cql_request_await(cql_request *request, cql_request *other,
							  cql_phase phase);
/* Those who wait for it go on; err is NULL, or why they cannot. */
extern void cql_request_wake(cql_request *request, const cql_error *err);

/* ---- attempts ---- */

/* It waits for responses from the channel until its time is up. */
extern void cql_attempt_begin(cql_attempt *attempt, cql_channel *channel);
/* Nothing of it is in flight any more. */
extern void cql_attempt_end(cql_attempt *attempt);
/* Gives up what is in flight, of one attempt or of all. */
extern void cql_attempt_abandon(cql_attempt *attempt);
extern void cql_request_abandon(cql_request *request);
extern bool cql_request_in_flight(const cql_request *request);
/* Queues the message written to the channel; NULL with *err set. */
extern cql_exchange *cql_attempt_send(cql_attempt *attempt, uint8_t opcode,
									  cql_error *err);
/* What an exchange brought that has ended. */
extern void cql_attempt_read(const cql_attempt *attempt,
							 const cql_channel *channel,
							 cql_exchange *exchange, cql_response *response);
/*
 * An attempt on the host failed: decides whether there is another one.  sent
 * tells whether the server may have seen it.
 */
extern void cql_request_attempt_failed(cql_request *request, cql_host *host,
									   const cql_error *err, bool sent);

/* ---- ending ---- */

/* It has what was asked for; ends at once, or once the nodes are known. */
extern void cql_request_done(cql_request *request);
extern void cql_request_fail(cql_request *request, const cql_error *err);
/* Fails it for what a host told; that is named in the error. */
extern void cql_request_fail_at(cql_request *request, const cql_host *host,
								cql_error *err);

/* ---- slow.c ---- */

/* A request has ended; err is NULL where it has a result. */
extern void cql_slow_ended(const cql_request *request, const cql_error *err);
extern void cql_slow_init(cql_cluster *cluster);
extern void cql_slow_free(cql_cluster *cluster);

#endif /* CQL_REQUEST_H */
