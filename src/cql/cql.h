/*
 * cql.h
 *	  Public interface of the embedded CQL native-protocol client.
 *
 * With value.h and schema.h the only header of src/cql that the layers above
 * may include.  The client knows nothing of PostgreSQL: it returns codes,
 * never throws, never waits.
 * The caller owns the event loop: it sleeps on cql_cluster_waitfd() for at
 * most cql_cluster_timeout(), then calls cql_cluster_step(), which does all
 * non-blocking I/O, and takes the requests that have ended.
 *
 * All times are microseconds of one monotonic clock that the caller reads
 * (cql_now() reads CLOCK_MONOTONIC for him); all durations are microseconds.
 */
#ifndef CQL_H
#define CQL_H

#include "schema.h"

/* ---- limits (each a hard maximum, none depends on what a peer says) ---- */
#define CQL_MAX_STREAMS 1024  /* requests in flight on a connection */
#define CQL_MAX_ORPHANS 256	  /* abandoned ones before it is replaced */
#define CQL_MAX_REPREPARE 2	  /* rounds of UNPREPARED, then it is not */
#define CQL_MAX_NODES 4096	  /* nodes of a cluster we keep */
#define CQL_MAX_CONTACTS 64	  /* contact points */
#define CQL_MAX_PREPARED 1024 /* statements in a cluster's cache */
#define CQL_MAX_QUEUE 65536	  /* requests a cluster accepts at a time */
#define CQL_RECEIVE_MEMORY                                                    \
	((size_t) 64 << 20) /* default of a configuration                         \
						 */

/* ---- results ---- */

typedef struct cql_column
{
	const char *keyspace;
	const char *table;
	const char *name;
	const cql_type *type;
} cql_column;

/* Columns of a result or bound values of a statement. */
typedef struct cql_metadata
{
	uint32_t ncolumns;
	const cql_column *columns;
	uint32_t nkeys;		  /* bound: how many make the partition key, */
	const uint16_t *keys; /* and their positions in key order */
} cql_metadata;

typedef struct cql_result cql_result;

typedef enum cql_result_kind
{
	CQL_RESULT_VOID = 1,
	CQL_RESULT_ROWS = 2,
	CQL_RESULT_SET_KEYSPACE = 3,
	CQL_RESULT_PREPARED = 4,
	CQL_RESULT_SCHEMA_CHANGE = 5
} cql_result_kind;

extern cql_result_kind cql_result_get_kind(const cql_result *result);
/* Columns of the rows; valid as long as the result.  Never NULL. */
extern const cql_metadata *cql_result_metadata(const cql_result *result);
/* Number of rows of this page. */
extern uint32_t cql_result_nrows(const cql_result *result);
/* Bytes of the page as decompressed. */
extern size_t cql_result_bytes(const cql_result *result);
/*
 * The next row's cells, in column order, into cells[0..ncolumns-1]; they point
 * into the result.  1 a row, 0 at the end, -1 malformed (err is set).
 */
extern int cql_result_next(cql_result *result, cql_slice *cells,
						   cql_error *err);
/* Begin again with the first row. */
extern void cql_result_rewind(cql_result *result);
/* Paging state for the next page, len CQL_NULL when this is the last one. */
extern cql_slice cql_result_paging_state(const cql_result *result);
/* "address:port" of the coordinator. */
extern const char *cql_result_host(const cql_result *result);
/* Server warnings; text i, or NULL past the last. */
extern const char *cql_result_warning(const cql_result *result, uint32_t i);
/* 16 bytes of the tracing session, or NULL. */
extern const uint8_t *cql_result_tracing_id(const cql_result *result);
/* Frees a result and everything that points into it; NULL is allowed. */
extern void cql_result_free(cql_result *result);

/* ---- configuration ---- */

typedef enum cql_sslmode
{
	CQL_SSL_DISABLE,	/* plain TCP */
	CQL_SSL_REQUIRE,	/* TLS; CA is checked only if a CA file is given */
	CQL_SSL_VERIFY_CA,	/* and the certificate's chain */
	CQL_SSL_VERIFY_FULL /* and its name */
} cql_sslmode;

/*
 * How to reach a cluster.  cql_cluster_create() copies what it needs.  Strings
 * may be NULL where a default is named.
 */
typedef struct cql_config
{
	const char *const
		*hosts; /* names or addresses, "host", "host:port" or "[v6]:port" */
	uint32_t nhosts;
	uint16_t port; /* default for hosts without one; 0: 9042 */
	/*
	 * The host tried first, and the node that has the first turn, modulo their
	 * numbers: a random number spreads sessions over them.
	 */
	uint32_t start;
	/*
	 * Where statements go, and nowhere else unless remote_dc; no node there is
	 * CQL_ERR_DC.  NULL: that of the first contact point reached.
	 */
	const char *local_dc;
	const char *rack; /* preferred rack in the local data centre, or NULL */
	bool remote_dc;	  /* ask other data centres when no local node is left */
	uint8_t protocol_version; /* 4, 5, or 0: negotiate */
	bool lz4;				  /* ask for LZ4 compression */
	cql_sslmode sslmode;
	/*
	 * Nodes are behind proxies, the contact points, that tell them by the
	 * name of TLS's server name indication: their host_id.  A contact point
	 * "host:port/name" is dialled with this name.
	 */
	bool sni_host_id;
	const char *sslrootcert; /* files in PEM, or NULL */
	const char *sslcert;
	const char *sslkey;
	const char *username; /* NULL: no credentials to offer */
	const char *password;
	/*
	 * An AWS region has user name and password taken for an access key's id
	 * and secret, which the server is shown as a signature (SigV4); else NULL.
	 */
	const char *aws_region;
	const char *aws_session_token; /* of temporary access keys, or NULL */
	bool password_required;		   /* refuse servers that ask for none */
	const char *application_name;  /* or NULL */
	int64_t connect_timeout;	   /* TCP + TLS + handshake of one host */
	int64_t request_timeout;	   /* of one attempt, unless params say */
	int64_t
		heartbeat_interval; /* idle time before an OPTIONS probe; 0: none */
	/* age at which nodes and replication are read anew; 0: a minute */
	int64_t topology_refresh;
	int32_t
		page_size; /* rows, of the pages that schemas are read in; 0: 5000 */
	uint32_t connections_per_node; /* 1 .. 16; 0: 1 */
	/*
	 * Nodes of the local data centre that connections are kept to, drawn by
	 * "start"; others are for when none of them is left.  0: all.
	 */
	uint32_t max_nodes;
	uint32_t max_attempts; /* times a request is tried, 1 .. 11; 0: 3 */
	size_t receive_memory; /* bytes of answers not freed yet that may be held;
							* 0: CQL_RECEIVE_MEMORY */
	/* pairs "advertised" -> "to be dialled"; "address[:port]" each */
	const char *const (*address_map)[2];
	uint32_t naddress_map;
} cql_config;

typedef struct cql_cluster cql_cluster;
typedef struct cql_request cql_request;

/*
 * Makes a cluster object; no I/O but reading the TLS files, no connection.
 * NULL with *err set on bad configuration or lack of memory.  env is copied.
 */
extern cql_cluster *cql_cluster_create(const cql_env *env,
									   const cql_config *config,
									   cql_error *err);
/* Closes everything; requests still held are freed with it. */
extern void cql_cluster_destroy(cql_cluster *cluster);
/* One epoll descriptor that turns readable when there is something to do. */
extern int cql_cluster_waitfd(const cql_cluster *cluster);
/* Microseconds until cql_cluster_step() must run again; 0 now, -1 no timer. */
extern int64_t cql_cluster_timeout(const cql_cluster *cluster, int64_t now);
/*
 * For a caller who sleeps on the descriptor among others and as long as they
 * want: it turns readable at that time, if not before.  False where there is
 * no descriptor left for the timer.
 */
extern bool cql_cluster_alarm(cql_cluster *cluster, int64_t at);
/* All non-blocking I/O, timers and state changes that are due. */
extern void cql_cluster_step(cql_cluster *cluster, int64_t now);
/*
 * The caller is going to wait for an answer, and none that has come is the
 * one: one more is read although receive_memory is used up.  Twice that is
 * never exceeded but by answers of less than a MiB; what would is an error.
 */
extern void cql_cluster_urge(cql_cluster *cluster);
/*
 * True once no host is connected any more and the last attempt failed, or
 * the configuration cannot work (bad credentials, no node in the local data
 * centre): the holder should not cache the cluster.
 */
extern bool cql_cluster_is_dead(const cql_cluster *cluster);
/* Version of the first node reached as major*100+minor (4.1 -> 401), 0
 * unknown. */
extern int cql_cluster_release(const cql_cluster *cluster);
/* Protocol version in use (4, 5), 0 before the first connection. */
extern int cql_cluster_protocol(const cql_cluster *cluster);

/* ---- requests ---- */

/*
 * A statement and how to run it.  Everything is copied by cql_execute() but
 * the belief and the expected and bound types: they must live until the
 * request is released.
 */
typedef struct cql_params
{
	const char *cql;		 /* text; names fully qualified (never USE) */
	bool prepare;			 /* through the prepared-statement cache */
	const cql_slice *values; /* bound values in marker order */
	uint32_t nvalues;
	/*
	 * Or the values in wire form, each its length and its bytes.  These are
	 * not copied: they must live until the request is released.
	 */
	cql_slice encoded;	  /* data NULL: values are used */
	const char *keyspace; /* whose replication routes it; NULL: any node */
	const uint16_t
		*keys;		/* values that make the partition key, in key order; */
	uint32_t nkeys; /* 0: PREPARE's pk_indices are used */
	bool has_token; /* route to the replicas of this token instead */
	int64_t token;
	const char *node; /* or to the node of this "address:port"; NULL: any */
	int consistency;  /* cql_consistency */
	int serial_consistency; /* or -1 */
	int32_t page_size;		/* rows; 0: unpaged */
	cql_slice paging_state; /* of the page before; len CQL_NULL: first page */
	bool has_timestamp;		/* client timestamp, microseconds since 1970 */
	int64_t timestamp;
	int64_t timeout; /* of one attempt; 0: the cluster's */
	/*
	 * An idempotent statement without an answer after this time is sent to
	 * another node as well; the first answer is taken.  0: never.
	 */
	int64_t speculative_delay;
	bool idempotent; /* may be sent again when the outcome is unknown */
	bool tracing;
	/*
	 * What the rows must look like: when expected is set and the server's
	 * columns differ in number or type, the request fails with
	 * CQL_ERR_CHANGED instead of giving shifted values.
	 */
	const cql_type *const *expected;
	uint32_t nexpected;
	/*
	 * What the values of a prepared statement were encoded as, in marker
	 * order: where the server's markers differ in number or type it fails
	 * likewise, so that no value is read as one of another type.  NULL: not
	 * checked, and so is a marker whose type is NULL.
	 */
	const cql_type *const *bound;
	uint32_t nbound;
	const cql_belief *belief; /* of a prepared statement, or NULL */
} cql_params;

/* One statement of a batch: text (prepared through the cache) and values. */
typedef struct cql_batch_entry
{
	const char *cql;
	bool prepare;
	const cql_slice *values;
	uint32_t nvalues;
	cql_slice encoded;			  /* as in cql_params */
	const cql_type *const *bound; /* likewise, nvalues of them */
	const cql_belief *belief;	  /* likewise */
} cql_batch_entry;

typedef enum cql_batch_type
{
	CQL_BATCH_LOGGED = 0,
	CQL_BATCH_UNLOGGED = 1,
	CQL_BATCH_COUNTER = 2
} cql_batch_type;

typedef enum cql_request_state
{
	CQL_REQUEST_PENDING, /* queued, connecting, preparing or in flight */
	CQL_REQUEST_DONE,	 /* its result waits to be taken */
	CQL_REQUEST_FAILED	 /* see cql_request_error() */
} cql_request_state;

/*
 * Queues a request; all sending happens in cql_cluster_step(), which puts what
 * was queued since the last one into few packets.  NULL with *err set only for
 * lack of memory, too many queued, or arguments out of range; all other
 * failures end the request.
 */
extern cql_request *cql_execute(cql_cluster *cluster, const cql_params *params,
								cql_error *err);
/* The same for a batch; params' cql, values, page and paging fields are
 * unused. */
extern cql_request *
cql_execute_batch(cql_cluster *cluster, cql_batch_type type,
				  const cql_batch_entry *entries, uint32_t nentries,
				  const cql_params *params, cql_error *err);
/* PREPARE only: the result has kind PREPARED, see cql_result_bound(). */
extern cql_request *cql_prepare(cql_cluster *cluster, const char *cql,
								int64_t timeout, cql_error *err);
/*
 * Whether a belief, which must live as long as the request, holds now: the
 * request ends DONE, or FAILED with CQL_ERR_CHANGED.
 */
extern cql_request *cql_belief_check(cql_cluster *cluster,
									 const cql_belief *belief, int64_t timeout,
									 cql_error *err);
/* Bound-value metadata of a PREPARED result. */
extern const cql_metadata *cql_result_bound(const cql_result *result);

extern cql_request_state cql_request_get_state(const cql_request *request);
/* Error of a failed request; valid until release. */
extern const cql_error *cql_request_error(const cql_request *request);
/* Moves the result out of a done request: the caller frees it. */
extern cql_result *cql_request_take(cql_request *request);
/*
 * Runs a failed request once more, as if it were new: for the caller who knows
 * that doing it twice is harmless, and waited.
 */
extern void cql_request_again(cql_request *request);
/* Attempts made so far (1: no retry). */
extern uint32_t cql_request_attempts(const cql_request *request);
/*
 * Times its statement had to be prepared anew because a server had forgotten
 * it: the server was restarted, its cache is full, or a table was altered or
 * made again.
 */
extern uint32_t cql_request_reprepared(const cql_request *request);
/*
 * Gives the handle back in any state; NULL is allowed.  One in flight is
 * orphaned: its stream stays reserved until the late answer has come.
 */
extern void cql_request_release(cql_request *request);

/* ---- topology ---- */

typedef struct cql_node
{
	uint8_t host_id[16];
	char address[CQL_MAX_HOST_TEXT]; /* "address:port" of the native protocol;
									  * a proxy's with "/name" behind it */
	const char *dc;
	const char *rack;
	bool local; /* in the local data centre */
	bool up;	/* connected, or not known to be down */
	uint32_t nconnections;
} cql_node;

/* Nodes known now; they are known after the first request has ended. */
extern uint32_t cql_cluster_nnodes(const cql_cluster *cluster);
extern const cql_node *cql_cluster_node(const cql_cluster *cluster,
										uint32_t i);

/*
 * A piece of the Murmur3 ring: tokens t with start < t <= end (start is
 * INT64_MIN for the first one, which no token equals).
 */
typedef struct cql_token_range
{
	int64_t start;
	int64_t end;
} cql_token_range;

/*
 * Cuts the whole ring into at least one and about "want" ranges, without gap
 * or overlap, in ring order starting at INT64_MIN and ending at INT64_MAX.
 * Where the ring has no more tokens than that, none lies across replicas; else
 * they end at tokens of the ring.  A range's requests are routed by
 * has_token = true, token = range.end.  *n = 0 when there is no token map
 * (partitioner not Murmur3, LocalStrategy, unknown keyspace): read it in one
 * stream.  The keyspace's replication must be known: a schema read or any
 * earlier request naming the keyspace did that.  The array is the caller's:
 * free through env->free.  Returns CQL_OK or CQL_ERR_NOMEM.
 */
extern cql_code cql_cluster_ranges(cql_cluster *cluster, const char *keyspace,
								   uint32_t want, cql_token_range **ranges,
								   uint32_t *n);
/*
 * Token of a partition key of n values, none of them null; false where the
 * ring is not (known to be) one of Murmur3Partitioner, a value is longer than
 * 65535 bytes, or there is no memory.
 */
extern bool cql_cluster_token(cql_cluster *cluster, const cql_slice *values,
							  uint32_t n, int64_t *token);
/*
 * True when both tokens have the same set of replicas in the keyspace (false
 * where it is unknown): whether rows may share a batch.
 */
extern bool cql_cluster_same_replicas(cql_cluster *cluster,
									  const char *keyspace, int64_t token1,
									  int64_t token2);

/* ---- reading a schema ---- */

/*
 * Reads tables, views, columns, types, indexes and masks of a keyspace: just
 * the named table, or all of them where table is NULL, those which the filter
 * (the caller's until the request is released, or NULL) leaves out by name
 * only.  The request ends DONE also when nothing was found (exists = false, or
 * ntables = 0).
 */
extern cql_request *cql_schema_read(cql_cluster *cluster, const char *keyspace,
									const char *table,
									const cql_schema_filter *filter,
									int64_t timeout, cql_error *err);
/* Moves the schema out of a done schema request: the caller frees it. */
extern cql_schema *cql_request_take_schema(cql_request *request);
/* ---- counters of a cluster, for EXPLAIN ANALYZE and the metrics ---- */

typedef struct cql_stats
{
	uint64_t requests; /* requests that reached a socket */
	uint64_t retries;
	uint64_t copies; /* sent for speculative_delay */
	uint64_t reprepared;
	uint64_t bytes_sent;
	uint64_t bytes_received;
	uint64_t connects;
	uint64_t orphans;
	bool password_in_clear; /* one went without TLS to another machine */
} cql_stats;

extern void cql_cluster_get_stats(const cql_cluster *cluster,
								  cql_stats *stats);

/* Name and version sent in STARTUP and shown by the library. */
#define CQL_DRIVER_NAME "cassandra_fdw"
#define CQL_DRIVER_VERSION "1.1.0"

#endif /* CQL_H */
