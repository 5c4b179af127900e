/*
 * session.h
 *	  Structures that the session modules share: cluster, host, link, request.
 *
 * Internal to src/cql.  Included by cluster.c, config.c, contact.c, link.c,
 * host.c, request.c, ready.c, submit.c, send.c, answer.c, prepared.c,
 *routing.c, topology.c, schema_read.c and policy.c.
 *
 * Nothing calls back: a step moves bytes, ended exchanges change requests, and
 * a request with something to do waits in the cluster's run queue until the
 * loop of cql_cluster_step() advances it.  Links are freed in one place only,
 * at the end of a step.
 */
#ifndef CQL_SESSION_H
#define CQL_SESSION_H

#include "address.h"
#include "conn.h"
#include "encode.h"
#include "error.h"
#include "map.h"
#include "monitor.h"
#include "murmur3.h"
#include "prepared.h"
#include "resolve.h"
#include "response.h"
#include "result.h"
#include "schema_query.h"
#include "timer.h"
#include "tokenmap.h"

#define CQL_DEFAULT_ATTEMPTS 3 /* times a request is sent or tried */
#define CQL_MAX_ATTEMPTS 11
#define CQL_DIAL_AFTER                                                        \
	4 /* keyed requests a host misses before it is dialled */
#define CQL_MAX_LINKS 16 /* connections to one host */
#define CQL_LINK_BUSY                                                         \
	32 /* in flight on each link before another is dialled                    \
		*/
#define CQL_CONTACT_HOSTS                                                     \
	16 /* addresses of one contact point that are tried */
#define CQL_MAX_KEYSPACES 1024 /* whose replication is kept */
#define CQL_MAX_MULTI CQL_SCHEMA_NQUERIES
#define CQL_STEP_TIME                                                         \
	INT64_C(20000) /* microseconds after which a step ends, to go on in the   \
					  next */
#define CQL_BACKOFF_MIN                                                       \
	INT64_C(                                                                  \
		50000) /* microseconds before a host that failed is dialled again */
#define CQL_BACKOFF_MAX INT64_C(10000000)
#define CQL_CONNECT_TIMEOUT                                                   \
	INT64_C(5000000) /* defaults of a configuration                           \
					  */
#define CQL_SCHEMA_PAGE_SIZE 5000
#define CQL_REQUEST_TIMEOUT INT64_C(12000000)
#define CQL_SLOW_PAUSE                                                        \
	INT64_C(2000000) /* others are preferred to a host that let a request     \
						time out */
#define CQL_FAILURE_TEXT 320 /* bytes kept of why a host failed */

/* FIFO of requests; a request is in at most one. */
typedef struct cql_request_list
{
	cql_request *head;
	cql_request *tail;
} cql_request_list;

/* One connection of a host. */
typedef struct cql_link
{
	cql_cluster *cluster;
	struct cql_host *host;
	cql_conn *conn;
	cql_conn_config config; /* the connection's own copy */
	uint64_t serial;		/* what epoll knows it by */
	int fd;					/* registered descriptor, or -1 */
	bool writing;			/* registered for writing too */
	bool ready;				/* requests may be sent */
	bool retiring;			/* takes no new ones, closes once idle */
	bool dirty;				/* something may be sent */
	bool deaf;				/* registered for no reading */
	bool gone;				/* closed: to be freed at the end of the step */
	uint32_t live;			/* exchanges whose answers somebody wants */
} cql_link;

/*
 * A server, found by contact point or in system.peers.  Lives as long as the
 * cluster object, so that others may point to it.
 */
typedef struct cql_host
{
	cql_node pub;  /* what cql_cluster_node() shows */
	uint32_t slot; /* in cluster->hosts; never changes */
	bool known;	   /* host_id is */
	bool listed;   /* in cluster->nodes */
	bool same_rack;
	char *dc;
	char *rack;
	int64_t *tokens;
	uint32_t ntokens;
	cql_address address;	 /* to be dialled */
	const char *server_name; /* for TLS, or NULL */
	cql_link *links[CQL_MAX_LINKS];
	uint32_t nlinks;
	uint32_t nready;
	uint32_t live;			  /* exchanges on all links */
	uint32_t wanted;		  /* requests that would have gone here */
	uint8_t version;		  /* to be dialled with; 0: the cluster's */
	uint32_t versions;		  /* others tried in a row */
	cql_request_list waiting; /* for a link, or for a free stream */
	uint32_t failures;		  /* dials failed in a row */
	int64_t retry_at;		  /* down until then */
	int64_t slow_until;		  /* a request timed out; an answer ends it */
	uint64_t failed_seq;	  /* see cluster->seq */
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

/* What a request does. */
typedef enum cql_work
{
	CQL_WORK_QUERY,
	CQL_WORK_EXECUTE,
	CQL_WORK_BATCH,
	CQL_WORK_PREPARE,
	CQL_WORK_CHECK, /* of a belief; a PREPARE with one is this, too */
	CQL_WORK_SCHEMA,
	CQL_WORK_TOPOLOGY, /* the last two are our own */
	CQL_WORK_KEYSPACE
} cql_work;

typedef enum cql_phase
{
	CQL_PHASE_CHOOSE,  /* in the run queue: next is a node */
	CQL_PHASE_CONNECT, /* waits for a link or a stream of a host */
	CQL_PHASE_PREPARE, /* waits for a PREPARE, or a check of a belief */
	CQL_PHASE_ANSWER,  /* sent */
	CQL_PHASE_DIGEST,  /* in the run queue: answers are being read */
	CQL_PHASE_DONE,
	CQL_PHASE_FAILED
} cql_phase;

/* Several queries that make one request: all sent on one link. */
typedef struct cql_multi
{
	uint32_t left; /* answers still missing */
	bool more;	   /* schema: virtual keyspaces were asked for */
	bool failed;   /* one of them, as error says */
	cql_error error;
	uint64_t link;	/* serial of the one they were sent on */
	uint64_t bytes; /* of pages so far */
	cql_exchange *exchanges[CQL_MAX_MULTI];
	cql_result *results[CQL_MAX_MULTI]; /* not read yet */
	cql_schema_reader *schema;
	struct cql_topology_work *topology;
} cql_multi;

/* A statement of a batch, as copied. */
typedef struct cql_batch_item
{
	const char *cql; /* NULL: prepared */
	cql_statement *statement;
	const cql_slice *values;
	uint32_t nvalues;
	cql_slice encoded;			  /* the caller's */
	const cql_type *const *bound; /* the caller's, or NULL */
	uint32_t sent;				  /* what cql_statement_at() was then */
	bool checked;				  /* to be sent plain: its belief holds */
} cql_batch_item;

struct cql_request
{
	cql_cluster *cluster;
	cql_work work;
	cql_phase phase;
	bool internal; /* ours: freed as soon as it has ended */
	bool queued;   /* woken while waiting for a stream */
	bool held;	   /* until the keyspaces asked for are known */
	/* lists */
	cql_request_list *list; /* the one it is in, or NULL */
	cql_request *next;
	cql_request *prev;
	cql_request *all_next; /* all requests of the cluster */
	cql_request *all_prev;
	cql_timer timer;
	/* where to */
	uint64_t start_seq; /* hosts that failed later are not dialled */
	cql_host *pinned;	/* only this one, or NULL */
	cql_host *sticky;	/* this one if it is still connected, or NULL */
	cql_host *tried[CQL_MAX_ATTEMPTS];
	uint32_t ntried;
	bool may_repeat; /* tried hosts may be tried again */
	bool resolving;	 /* names of contact points are being looked up */
	bool has_token;
	bool by_range; /* the token is the caller's: worth waiting */
	bool routed;   /* its replicas were known when last asked for */
	int64_t token;
	/* attempts */
	cql_host *at;	/* host of the attempt going on, or NULL */
	cql_link *link; /* while in flight */
	cql_exchange *exchange;
	int64_t began;		 /* its first step */
	uint64_t bytes_sent; /* in all attempts */
	uint32_t attempts;	 /* times it was sent */
	uint32_t failures;	 /* attempts that failed, sent or not */
	bool unanswered;	 /* what an attempt did is not known */
	uint32_t reprepared; /* rounds of UNPREPARED */
	uint32_t sent;		 /* what cql_statement_at() was then */
	bool plain;			 /* sent as text: no server keeps the statement */
	bool checked;		 /* to be sent plain: its belief holds */
	cql_statement *statement;
	const cql_belief *belief;	 /* of a check */
	cql_metadata_ref *sent_with; /* metadata of the execution in flight */
	cql_multi *multi;
	/* PREPARE or check of ours: for this statement, on the pinned host */
	bool only_check;
	cql_request_list waiters;
	cql_request *prepare_next; /* in statement->prepares */
	/* outcome */
	cql_error *error;
	cql_result *result;
	cql_schema *schema;
	/* what was asked; memory behind the struct, freed with it */
	const char *cql;
	const char *keyspace;
	const char *table;				 /* of a schema read, or NULL */
	const cql_schema_filter *filter; /* likewise; the caller's */
	const char *node;
	cql_query_options options;
	const uint16_t *keys;
	uint32_t nkeys;
	int64_t timeout;
	bool idempotent;
	bool tracing;
	const cql_type *const *expected; /* the caller's, as the next */
	uint32_t nexpected;
	const cql_type *const *bound;
	uint32_t nbound;
	cql_batch_type batch_type;
	cql_batch_item *items;
	uint32_t nitems;
};

typedef enum cql_topology_state
{
	CQL_TOPOLOGY_NONE, /* to be read on the next link that gets ready */
	CQL_TOPOLOGY_LOADING,
	CQL_TOPOLOGY_KNOWN,
	CQL_TOPOLOGY_FAILED /* we go on with the contact points */
} cql_topology_state;

struct cql_cluster
{
	cql_env env;
	/* configuration; its strings live in arena */
	cql_arena arena;
	cql_conn_config conn_config;
	cql_contact *contacts;
	uint32_t ncontacts;
	cql_mapping *mappings;
	uint32_t nmappings;
	uint16_t port;
	const char *config_dc;
	const char *rack;
	bool remote_dc;
	bool sni_host_id; /* nodes are behind proxies, the contact points */
	uint32_t max_attempts;
	int32_t schema_page_size;
	int64_t request_timeout;
	uint32_t links_per_host;
	cql_budget *budget;	  /* of received bytes */
	bool paused;		  /* it is full: nothing is read */
	int64_t paused_since; /* then */
	/* loop */
	int epfd;
	int64_t now;   /* of the step going on */
	int64_t until; /* cql_now() at which it ends */
	cql_link **links;
	uint32_t nlinks;
	uint32_t links_cap;
	uint64_t link_serial;
	uint32_t nready;
	uint32_t ndialling;
	cql_timers timers;
	cql_request_list run;		/* requests with something to do */
	cql_request_list resolving; /* those that wait for names, */
	cql_request_list unplaced;	/* and for the data centres of nodes */
	int64_t poll_at;			/* when to look at look-ups, and */
	int64_t poll_wait;			/* the time between */
	cql_request *all;
	uint32_t nall;
	uint32_t nrequests; /* of all, the callers' */
	/* hosts */
	uint64_t seq;	  /* counts failures, to order events by */
	cql_host **hosts; /* by slot */
	uint32_t nhosts;
	cql_map by_address; /* of hosts, as cql_host_find() does */
	cql_map by_id;
	cql_host **nodes; /* routed to, in the token map's order */
	uint32_t nnodes;
	uint32_t nrack;	 /* the first ones: local and in our rack */
	uint32_t nlocal; /* the first ones: local */
	uint32_t turn;	 /* of the round robin */
	uint32_t random;
	char *taken_dc; /* the local one where config_dc is NULL, or NULL */
	bool last_dial_failed;
	bool auth_failed; /* credentials were refused, as auth_error says */
	cql_error auth_error;
	/* what the servers told */
	cql_topology_state topology;
	bool settled; /* topology was read, or failed to be, once */
	int release;
	uint8_t protocol;
	bool has_tablets; /* a server may place keyspaces by them */
	cql_tokenmap *tokenmap;
	cql_map keyspaces;		  /* name -> cql_keyspace */
	uint32_t nkeyspace_reads; /* going on */
	cql_prepared prepared;
	cql_buf scratch;
	cql_stats stats; /* of links already freed */
	cql_traffic traffic;
	int64_t
		slow_duration; /* see cql_cluster_watch_slow(); the rest slow.c's */
	struct cql_slow_entry *slow;
	struct cql_slow_entry **slow_tail;
	uint32_t nslow;
	bool slow_told; /* the first one was handed out */
};

/* Replication of a keyspace, as far as it was asked for. */
typedef struct cql_keyspace
{
	cql_replication
		*replication;		  /* NULL: cannot be routed, or not known yet */
	cql_placement *placement; /* of the token map; NULL: not asked for yet */
} cql_keyspace;

/* ---- config.c ---- */

/* Copies and checks the configuration; false with *err set. */
extern bool cql_cluster_configure(cql_cluster *cluster,
								  const cql_config *config, cql_error *err);
/* Where an advertised address is to be dialled (address_map). */
extern void cql_cluster_map_address(const cql_cluster *cluster,
									cql_address *address);

/* ---- cluster.c ---- */

extern void cql_cluster_log(cql_cluster *cluster, cql_log_level level,
							const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- host.c ---- */

/* By dialled address; NULL when there is none such. */
extern cql_host *cql_host_find(cql_cluster *cluster,
							   const cql_address *address);
extern cql_host *cql_host_find_id(cql_cluster *cluster,
								  const uint8_t host_id[16]);
/* NULL without memory or past CQL_MAX_NODES. */
extern cql_host *cql_host_add(cql_cluster *cluster, const cql_address *address,
							  const char *server_name);
extern void cql_host_set_address(cql_cluster *cluster, cql_host *host,
								 const cql_address *address);
/* It is known by this id from now on. */
extern void cql_host_set_id(cql_cluster *cluster, cql_host *host,
							const uint8_t host_id[16]);
/* Takes its address away, which another host has now. */
extern void cql_host_unset_address(cql_cluster *cluster, cql_host *host);
extern void cql_host_free(cql_cluster *cluster, cql_host *host);
/* Not to be used for now where there are others. */
extern bool cql_host_is_down(const cql_host *host, int64_t now);
/* The local data centre as configured or taken, or NULL. */
extern const char *cql_local_dc(const cql_cluster *cluster);
/* Whether it is known to be in another data centre, not to be asked. */
extern bool cql_host_is_far(const cql_cluster *cluster, const cql_host *host);
/* A dial failed: backoff begins or grows. */
extern void cql_host_failed(cql_cluster *cluster, cql_host *host,
							const cql_error *err);
/* Puts what waits for the host into the run queue, at most max. */
extern void cql_host_wake(cql_host *host, uint32_t max);

/* ---- contact.c ---- */

/*
 * A host of the contact points that has not failed since the request began, or
 * NULL.  Has names looked up where that is due; request->resolving tells that
 * some are not known yet.
 */
extern cql_host *cql_contact_next(cql_cluster *cluster, cql_request *request);
/* Sees which look-ups have ended; when to do that, or -1. */
extern void cql_contact_step(cql_cluster *cluster);
extern int64_t cql_contact_deadline(const cql_cluster *cluster);

/* ---- link.c ---- */

/*
 * Dials a host unless a dial is going on or it has its full number of links.
 * False when that failed at once (the host is marked then).
 */
extern bool cql_link_dial(cql_cluster *cluster, cql_host *host);
/* Ready link with the fewest in flight that has so many free streams, or NULL.
 */
extern cql_link *cql_link_pick(cql_host *host, uint32_t streams);
/* Tells epoll, and the connection, that the cluster's pause began or ended. */
extern void cql_link_pause(cql_link *link);
/* Moves bytes of a link and handles all that ended. */
extern void cql_link_step(cql_link *link);
/* Sends what waits on the link. */
extern void cql_link_flush(cql_link *link);
extern cql_link *cql_link_by_serial(cql_cluster *cluster, uint64_t serial);
/* An exchange of the link ended or was given up. */
extern void cql_link_settle(cql_link *link);
extern void cql_link_abandon(cql_link *link, cql_exchange *exchange);
/* Frees the links that are gone or have retired. */
extern void cql_link_reap(cql_cluster *cluster);
/* Adds the host's links to another host that turned out to be the same. */
extern void cql_link_move_all(cql_host *from, cql_host *to);
extern void cql_link_free(cql_link *link);

/* ---- request.c: the state machine ---- */

extern void cql_request_append(cql_request_list *list, cql_request *request);
extern void cql_request_unlink(cql_request *request);
/* Into the run queue, to be advanced in this step or the next. */
extern void cql_request_enqueue(cql_request *request, cql_phase phase);
extern void cql_request_advance(cql_request *request);
/* Time of the step is up: what is left is for the next one. */
extern bool cql_step_is_over(const cql_cluster *cluster);
/* Streams that must be free on a link for it. */
extern uint32_t cql_request_streams(const cql_request *request);
/* Ends it. */
extern void cql_request_done(cql_request *request);
extern void cql_request_fail(cql_request *request, const cql_error *err);
/*
 * An attempt failed: decides whether there is another one.  sent tells whether
 * the server may have seen it.
 */
extern void cql_request_attempt_failed(cql_request *request,
									   const cql_error *err, bool sent);
/* Begins again after it has failed. */
extern void cql_request_restart(cql_request *request);
/* Its timer ran out. */
extern void cql_request_expired(cql_request *request);
/* Gives up the exchanges in flight. */
extern void cql_request_abandon(cql_request *request);
/* Nothing of it is in flight any more. */
extern void cql_request_landed(cql_request *request);

/* ---- ready.c: what it needs on a host ---- */

/* Whether it may be sent to the host; else it waits for what is missing. */
extern bool cql_request_ready(cql_request *request, cql_host *host);
/* The server does not know its statements (any more). */
extern void cql_request_unprepared(cql_request *request);
/* Of what is sent as text: whether it waits for a belief to be checked. */
extern bool cql_request_check_first(cql_request *request, cql_host *host);

/* ---- submit.c: making and freeing requests ---- */

/*
 * A request of our own with space bytes behind it (*extra), not queued yet.
 * NULL without memory.
 */
extern cql_request *cql_request_internal(cql_cluster *cluster, cql_work work,
										 size_t space, void **extra);
/* Frees it whatever its state. */
extern void cql_request_free(cql_request *request);

/* ---- send.c ---- */

/* Writes the request to the link; false with *err set. */
extern bool cql_request_send(cql_request *request, cql_link *link,
							 cql_error *err);
/* Something of it was sent: it waits for the answer. */
extern void cql_request_sent(cql_request *request, cql_link *link);
/* One of the queries of a request that has several. */
extern bool cql_request_send_query(cql_request *request, cql_link *link,
								   uint32_t place, const char *cql,
								   const cql_slice *values, uint32_t nvalues,
								   cql_error *err);

/* ---- answer.c ---- */

/* A statement of the caller was executed on request->at. */
extern void cql_request_executed(cql_request *request);
/* An exchange of the request ended; it is freed, and the request may be. */
extern void cql_request_answered(cql_request *request, cql_link *link,
								 cql_exchange *exchange);
/* What its belief is about was read, as its schema: that is freed. */
extern void cql_request_checked(cql_request *request);
/*
 * What an exchange brought: a result, or NULL with *err set and *sent telling
 * whether the server may have seen it.  known is the metadata it was executed
 * with, or NULL.
 */
extern cql_result *cql_answer_take(cql_link *link, cql_exchange *exchange,
								   cql_metadata_ref *known, cql_error *err,
								   bool *sent);

/* ---- routing.c: tokens and replicas ---- */

/* Sets the request's token where it can be known now. */
extern void cql_routing_token(cql_request *request);
/* Replicas of the request's token: *n indexes of cluster->nodes. */
extern const uint32_t *cql_routing_replicas(const cql_request *request,
											uint32_t *n);
/* Another token map (or NULL) takes the place of the one there is. */
extern void cql_routing_new_ring(cql_cluster *cluster, cql_tokenmap *map);
/* Asks for a keyspace's replication unless that was done. */
extern void cql_routing_want(cql_cluster *cluster, const char *keyspace);
/*
 * Replication from rows of system_schema.keyspaces, or of the query that is to
 * be asked next: its text, or NULL where nothing is missing.
 */
extern const char *cql_routing_learn(cql_cluster *cluster,
									 const char *keyspace, cql_result *rows);
/* It may have changed. */
extern void cql_routing_forget(cql_cluster *cluster, const char *keyspace);
extern void cql_routing_forget_all(cql_cluster *cluster);
extern void cql_routing_free(cql_cluster *cluster);

/* ---- topology.c ---- */

/* Starts reading it on the host if that is due. */
extern void cql_topology_start(cql_cluster *cluster, cql_host *host);
extern bool cql_topology_send(cql_request *request, cql_link *link,
							  cql_error *err);
/* A table is not there: the next best is asked. */
extern void cql_topology_absent(cql_request *request, cql_link *link,
								uint32_t place);
/* All its answers are there: reads them, and frees the request at the end. */
extern void cql_topology_digest(cql_request *request);
extern void cql_topology_work_free(const cql_env *env,
								   struct cql_topology_work *work);
/* It failed as a whole. */
extern void cql_topology_failed(cql_request *request, const cql_error *err);
/*
 * Whether the request must not go to the host before it is known where that
 * is: a caller's statement where the local data centre was named.
 */
extern bool cql_topology_needed(const cql_request *request,
								const cql_host *host);
/* Has it wait until the topology was read, on that host if need be. */
extern void cql_topology_await(cql_request *request, cql_host *host);
/* No node is in the data centre that was named, and no other may be asked. */
extern bool cql_topology_misnamed(const cql_cluster *cluster);
/* Fails a request for that. */
extern void cql_topology_refuse(cql_request *request);

/* ---- schema_read.c ---- */

/* What a belief is about, on its host. */
extern bool cql_check_send(cql_request *request, cql_link *link,
						   cql_error *err);
extern bool cql_schema_send(cql_request *request, cql_link *link,
							cql_error *err);
/* Not every server has what this query asks. */
extern bool cql_schema_optional(uint32_t place);
/* Reads the pages that have come, and asks for more or ends the request. */
extern void cql_schema_digest(cql_request *request);

#endif /* CQL_SESSION_H */
