/*
 * pool.h
 *	  The servers of a cluster and the connections to them.
 *
 * The pool dials, reads, writes, backs off and retires; it knows nothing of
 * requests and calls nobody above it.  What its owner has to hear of is
 * collected until he takes it (as curl_multi_info_read() has it): exchanges
 * that have ended, waiters that may go on, channels that became ready.
 *
 *	  pool.c	life, one step, what was collected
 *	  host.c	servers: found, named, backing off
 *	  channel.c	connections: dialled, ready, retired, closed
 *	  contact.c	contact points: names looked up
 *	  traffic.c	what is counted
 */
#ifndef CQL_POOL_H
#define CQL_POOL_H

#include "address.h"
#include "conn.h"
#include "map.h"
#include "monitor.h"
#include "resolve.h"
#include "waiter.h"

/* Connections to one host. */
#define CQL_MAX_CHANNELS 16

/* Addresses of one contact point that are tried. */
#define CQL_CONTACT_HOSTS 16

/* Microseconds before a host that failed is dialled again. */
#define CQL_BACKOFF_MIN INT64_C(50000)
#define CQL_BACKOFF_MAX INT64_C(10000000)

/*
 * A dial that failed after so many microseconds opens the circuit: the host is
 * not dialled for this time, which doubles, and then for a short try only.
 */
#define CQL_SLOW_DIAL INT64_C(200000)
#define CQL_CIRCUIT_MIN INT64_C(1000000)
#define CQL_PROBE_TIME INT64_C(500000)

/* Microseconds for which others are preferred to a host that was silent. */
#define CQL_SLOW_PAUSE INT64_C(2000000)

/* Microseconds after which a host that is being dialled gets company. */
#define CQL_DIAL_PATIENCE INT64_C(300000)

/* Hosts that must refuse the credentials until that is believed. */
#define CQL_REFUSALS 2

/* Bytes kept of why a host failed. */
#define CQL_FAILURE_TEXT 320

/* A connection to a host, as the pool keeps it. */
typedef struct cql_channel
{
	struct cql_pool *pool;
	struct cql_host *host;
	cql_conn *conn;
	cql_conn_config config; /* the connection's own copy */
	uint64_t serial;		/* never given twice */
	int fd;					/* registered descriptor, or -1 */
	bool writing;			/* registered for writing too */
	bool muted;				/* registered for no reading */
	bool ready;				/* requests may be sent */
	bool first;				/* no other was ready when it became so */
	bool retiring;			/* takes no new ones, closes once idle */
	bool unsure;			/* its peer is asked for a sign of life */
	bool closed;			/* to be freed once nothing is left to take */
	bool unsent;			/* something may be sent */
	uint32_t in_flight;		/* exchanges that somebody waits for */
	/* lists of what was collected */
	struct cql_channel *next_ended;
	struct cql_channel *next_ready;
	bool in_ended;
} cql_channel;

/*
 * A server, found by contact point or in system.peers.  Lives as long as the
 * pool, so that others may point to it.
 */
typedef struct cql_host
{
	cql_node node; /* what cql_cluster_node() shows */
	uint32_t slot; /* in pool->hosts; never changes */
	bool has_id;   /* node.host_id is known */
	bool listed;   /* among the nodes of the cluster */
	uint32_t told; /* the last reading of the topology that told of it */
	bool same_rack;
	bool spare; /* beyond max_nodes: for when no other is left */
	char *dc;
	char *rack;
	int64_t *tokens;
	uint32_t ntokens;
	cql_address address;	 /* to be dialled */
	const char *server_name; /* for TLS, or NULL */
	cql_channel *channels[CQL_MAX_CHANNELS];
	uint32_t nchannels;
	uint32_t nready;
	uint32_t in_flight;	 /* exchanges on all channels */
	uint32_t missed;	 /* requests it would have got if it were connected */
	uint8_t version;	 /* to be dialled with; 0: the pool's */
	uint32_t versions;	 /* others tried in a row */
	cql_waiters waiting; /* for a channel, or for free streams */
	/* health */
	uint32_t failures;	 /* dials failed in a row */
	int64_t retry_at;	 /* down until then */
	int64_t dialled_at;	 /* the dial going on began then */
	bool late;			 /* that has lasted for CQL_DIAL_PATIENCE */
	bool hung;			 /* the last one failed late, see CQL_SLOW_DIAL */
	bool silent;		 /* a request timed out; any byte ends that */
	int64_t slow_until;	 /* the same; a response to a request ends it */
	uint64_t failed_seq; /* see pool->seq */
	cql_code failed_code;
	char failure[CQL_FAILURE_TEXT];
	char release[24]; /* as it tells, or "" */
	cql_traffic traffic;
} cql_host;

/* A contact point of the configuration. */
typedef struct cql_contact
{
	const char *name;
	uint16_t port;
	char sni[CQL_MAX_SNI]; /* see cql_address; "" none */
	bool numeric;
	uint64_t resolved_seq; /* when it was last looked up; 0 never */
	cql_lookup *lookup;	   /* going on, or NULL */
	bool waiting;		   /* for it, until the deadline */
	int64_t deadline;
	bool hung;		  /* the last one did not end in time */
	int64_t retry_at; /* not looked up until then */
	cql_host *hosts[CQL_CONTACT_HOSTS];
	uint32_t nhosts;
	char failure[CQL_FAILURE_TEXT]; /* of the look-up, or "" */
} cql_contact;

/* One advertised address and where it is to be dialled. */
typedef struct cql_mapping
{
	cql_address from;
	cql_address to;
} cql_mapping;

/* Embedded in the cluster, which fills in the configuration. */
typedef struct cql_pool
{
	const cql_env *env;
	/* configuration; its memory is the owner's */
	cql_conn_config config;
	cql_contact *contacts;
	uint32_t ncontacts;
	cql_mapping *mappings;
	uint32_t nmappings;
	uint32_t channels_per_host;
	bool sni_host_id; /* nodes are behind proxies, the contact points */
	uint32_t start;	  /* the contact point tried first, modulo their number */
	cql_budget *budget; /* of received bytes */
	/* time */
	int64_t now;   /* of the step going on */
	int64_t until; /* cql_now() at which it ends */
	bool paused;   /* the budget is full: nothing is read */
	/* channels */
	int epfd;
	int alarmfd; /* a timer among its descriptors, -1 until it is needed */
	cql_channel **channels;
	uint32_t nchannels;
	uint32_t channels_cap;
	uint64_t serial;
	uint32_t nready;
	uint32_t ndialling;
	/* hosts */
	uint64_t seq;	  /* counts failures, to order events by */
	cql_host **hosts; /* by slot */
	uint32_t nhosts;
	cql_map by_address; /* of hosts; both from the network, so the map's */
	cql_map by_id;		/* keyed hash is needed */
	uint32_t random;
	cql_waiters resolving; /* wait for names */
	int64_t poll_at;	   /* when to look at look-ups, and */
	int64_t poll_wait;	   /* the time between */
	/* state */
	bool last_dial_failed;
	bool host_lost; /* a connection, or the first dial in a row, failed */
	int64_t slowest_dial; /* the longest that led to a ready channel */
	uint32_t refusals;	  /* of credentials in a row, as auth_error says */
	cql_error auth_error;
	uint8_t protocol; /* version of the last channel that became ready */
	bool has_tablets; /* a server may place keyspaces by them */
	cql_stats stats;  /* what channels add to; bytes: of those freed */
	cql_traffic traffic;
	/* collected */
	cql_channel *ended; /* channels with ended exchanges */
	cql_channel **ended_tail;
	cql_channel *became_ready;
	cql_waiters woken;
} cql_pool;

/* ---- pool.c ---- */

/* An empty one, whose memory is zeroed. */
extern void cql_pool_init(cql_pool *pool, const cql_env *env);
/* Opens the epoll descriptor; false with *err set, nothing is held then. */
extern bool cql_pool_open(cql_pool *pool, cql_error *err);
/*
 * Has the epoll descriptor turn readable at that time, if not before; false
 * where there is no descriptor left for it.
 */
extern bool cql_pool_alarm(cql_pool *pool, int64_t at);
/* Frees channels and hosts; what requests have in flight ends with it. */
extern void cql_pool_free(cql_pool *pool);
/* Reads what has come, and does what is due; until is when to stop. */
extern void cql_pool_step(cql_pool *pool, int64_t now, int64_t until);
/* Sends what waits to be sent. */
extern void cql_pool_flush(cql_pool *pool);
/* Frees the channels that are through. */
extern void cql_pool_reap(cql_pool *pool);
/* Begins or ends the pause in which nothing is read. */
extern void cql_pool_pause(cql_pool *pool, bool pause);
/* Time of the step is up: what is left is for the next one. */
extern bool cql_pool_step_is_over(const cql_pool *pool);
/* When cql_pool_step() has something to do: pool->now is now; -1 never. */
extern int64_t cql_pool_deadline(const cql_pool *pool);

/*
 * The next exchange that has ended, its channel in *channel (until the end of
 * the step), or NULL.  The taker frees it.
 */
extern cql_exchange *cql_pool_take(cql_pool *pool, cql_channel **channel);
/* The next channel that became ready, or NULL. */
extern cql_channel *cql_pool_take_ready(cql_pool *pool);
/* Of all channels that were ever there. */
extern void cql_pool_get_stats(const cql_pool *pool, cql_stats *stats);

/* ---- host.c ---- */

/* By dialled address; NULL when there is none such. */
extern cql_host *cql_host_find(cql_pool *pool, const cql_address *address);
extern cql_host *cql_host_find_id(cql_pool *pool, const uint8_t host_id[16]);
/* NULL without memory or past CQL_MAX_NODES. */
extern cql_host *cql_host_add(cql_pool *pool, const cql_address *address,
							  const char *server_name);
extern void cql_host_set_address(cql_pool *pool, cql_host *host,
								 const cql_address *address);
/* It is known by this id from now on. */
extern void cql_host_set_id(cql_pool *pool, cql_host *host,
							const uint8_t host_id[16]);
/* "from" turned out to be another address of "into": that takes its place. */
extern void cql_host_merge(cql_pool *pool, cql_host *from, cql_host *into);
/* Just its channels are the other one's. */
extern void cql_host_move_channels(cql_pool *pool, cql_host *from,
								   cql_host *to);
extern void cql_host_free(cql_pool *pool, cql_host *host);
/* Not to be used for now where there are others. */
extern bool cql_host_is_down(const cql_host *host, int64_t now);
/* It let a request time out: it is asked for a sign of life. */
extern void cql_host_suspect(cql_pool *pool, cql_host *host);
/* Nor dialled: its circuit is open. */
extern bool cql_host_is_open(const cql_host *host, int64_t now);
/* Whether that of any host or contact point is. */
extern bool cql_pool_is_open(const cql_pool *pool);
/* Nobody is left to be asked: all that hang are left alone for a while. */
extern void cql_pool_gave_up(cql_pool *pool);
/* How long a host is dialled. */
extern int64_t cql_host_dial_time(const cql_pool *pool, const cql_host *host);
/* A dial failed: backoff begins or grows, who waits may look elsewhere. */
extern void cql_host_failed(cql_pool *pool, cql_host *host,
							const cql_error *err);
/* Those who wait for it may go on: all, or as many as the streams allow. */
extern void cql_host_wake(cql_pool *pool, cql_host *host);
extern void cql_host_wake_some(cql_pool *pool, cql_host *host,
							   uint32_t streams);
/* Where an advertised address is to be dialled (address_map). */
extern void cql_pool_map_address(const cql_pool *pool, cql_address *address);

/* ---- channel.c ---- */

/*
 * Dials a host unless a dial is going on or it has its full number of
 * channels.  False when that failed at once (the host is marked then).
 */
extern bool cql_channel_dial(cql_pool *pool, cql_host *host);
/*
 * The ready one with the fewest in flight and so many free streams, or NULL.
 * sure: none that has been silent for long, until its peer gives a sign of
 * life, which it is asked for.
 */
extern cql_channel *cql_channel_pick(const cql_host *host, uint32_t streams,
									 bool sure);
extern cql_channel *cql_channel_find(cql_pool *pool, uint64_t serial);
/*
 * Queues the message whose body was written to cql_conn_begin(); NULL with
 * *err set.  The exchange comes back by cql_pool_take() unless abandoned.
 */
extern cql_exchange *cql_channel_send(cql_channel *channel, uint8_t opcode,
									  uint8_t flags, void *owner,
									  cql_error *err);
/* The host left the cluster: its channels close once they are idle. */
extern void cql_channels_retire(cql_pool *pool, cql_host *host);
/* Nobody waits for the exchange any more. */
extern void cql_channel_abandon(cql_channel *channel, cql_exchange *exchange);
/* For pool.c: moving bytes, and what follows from that. */
extern void cql_channel_step(cql_channel *channel);
extern void cql_channel_flush(cql_channel *channel);
extern void cql_channel_pause(cql_channel *channel);
extern void cql_channel_free(cql_channel *channel);

/* ---- contact.c ---- */

/*
 * Has the names looked up again that were not since "seq"; true while some are
 * not known yet: who wants them waits in pool->resolving.
 */
extern bool cql_contacts_resolve(cql_pool *pool, uint64_t seq);
/* Sees which look-ups have ended; when to do that, or -1. */
extern void cql_contacts_step(cql_pool *pool);
extern int64_t cql_contacts_deadline(const cql_pool *pool);

/* ---- traffic.c: counting what goes to the hosts and comes from them ---- */

/* An attempt was sent. */
extern void cql_traffic_sent(cql_channel *channel);
/* An exchange has ended; err is NULL where it brought a result. */
extern void cql_traffic_ended(const cql_channel *channel,
							  const cql_exchange *exchange,
							  const cql_error *err);
/* An attempt has had no response in its time. */
extern void cql_traffic_expired(cql_pool *pool, cql_host *host,
								int64_t timeout);
/* An attempt failed (on that host, or NULL), another one follows. */
extern void cql_traffic_retried(cql_pool *pool, cql_host *host);

#endif /* CQL_POOL_H */
