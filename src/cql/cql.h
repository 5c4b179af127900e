/*
 * cql.h
 *	  Public interface of the embedded CQL native-protocol client.
 *
 * The only header of src/cql that the layers above may include.  The client
 * knows nothing of PostgreSQL: it returns codes, never throws, never waits.
 * The caller owns the event loop: it sleeps on cql_cluster_waitfd() for at
 * most cql_cluster_timeout(), then calls cql_cluster_step(), which does all
 * non-blocking I/O, and takes the requests that have ended.
 *
 * All times are microseconds of one monotonic clock that the caller reads
 * (cql_now() reads CLOCK_MONOTONIC for him); all durations are microseconds.
 */
#ifndef CQL_H
#define CQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- limits (each a hard maximum, none depends on what a peer says) ---- */
#define CQL_MAX_BODY                                                          \
	(256u << 20)			  /* bytes of one envelope body, as the protocol */
#define CQL_MAX_VALUES 65535u /* bound values of a statement */
#define CQL_MAX_COLUMNS 65535u	  /* columns of one result */
#define CQL_MAX_TYPE_DEPTH 32	  /* nesting of a type */
#define CQL_MAX_TYPE_NODES 65536u /* nodes of a type, as a tree */
#define CQL_MAX_STREAMS 1024	  /* requests in flight on a connection */
#define CQL_MAX_ORPHANS 256		  /* abandoned ones before it is replaced */
#define CQL_MAX_REPREPARE 2		  /* rounds of UNPREPARED per execution */
#define CQL_MAX_NODES 4096		  /* nodes of a cluster we keep */
#define CQL_MAX_CONTACTS 64		  /* contact points */
#define CQL_MAX_PREPARED 1024	  /* statements in a cluster's cache */
#define CQL_MAX_QUEUE 65536		  /* requests a cluster accepts at a time */

/* ---- environment ---- */

typedef enum cql_log_level
{
	CQL_LOG_DEBUG,
	CQL_LOG_WARNING
} cql_log_level;

/*
 * What the client needs of its host.  No function may throw or jump; alloc
 * and realloc return NULL when there is no memory, fd_acquire returns false
 * when no further descriptor may be opened.  log may be NULL, its text is
 * one line without newline and valid during the call only.
 */
typedef struct cql_env
{
	void *ctx; /* passed to each function */
	void *(*alloc)(void *ctx, size_t size);
	void *(*realloc)(void *ctx, void *ptr, size_t size);
	void (*free)(void *ctx, void *ptr);
	bool (*fd_acquire)(void *ctx);
	void (*fd_release)(void *ctx);
	void (*log)(void *ctx, cql_log_level level, const char *text);
} cql_env;

extern int64_t cql_now(void);

/* ---- slices: a value on the wire ---- */

#define CQL_NULL (-1)  /* slice length of a null */
#define CQL_UNSET (-2) /* slice length of "not set" (bound values only) */

/* Bytes owned by somebody else; len is a length, CQL_NULL or CQL_UNSET. */
typedef struct cql_slice
{
	const uint8_t *data;
	int32_t len;
} cql_slice;

/* ---- errors ---- */

typedef enum cql_code
{
	CQL_OK = 0,
	CQL_ERR_NOMEM,	  /* the environment gave no memory */
	CQL_ERR_LIMIT,	  /* one of our limits was reached */
	CQL_ERR_ARGUMENT, /* the caller's arguments or configuration */
	CQL_ERR_CONNECT,  /* no host could be reached; details: each */
	CQL_ERR_LOST,	  /* connection lost before the answer */
	CQL_ERR_TIMEOUT,  /* no answer within the request timeout */
	CQL_ERR_AUTH,	  /* authentication refused or impossible */
	CQL_ERR_TLS,	  /* handshake or verification failed */
	CQL_ERR_PROTOCOL, /* the peer does not keep to the protocol */
	CQL_ERR_CHANGED,  /* metadata differs from what was expected */
	CQL_ERR_SERVER	  /* an ERROR message: see server_code */
} cql_code;

/* Codes of the ERROR message, protocol v5 section 9. */
typedef enum cql_server_code
{
	CQL_SERVER_ERROR = 0x0000,
	CQL_SERVER_PROTOCOL = 0x000A,
	CQL_SERVER_BAD_CREDENTIALS = 0x0100,
	CQL_SERVER_UNAVAILABLE = 0x1000,
	CQL_SERVER_OVERLOADED = 0x1001,
	CQL_SERVER_BOOTSTRAPPING = 0x1002,
	CQL_SERVER_TRUNCATE = 0x1003,
	CQL_SERVER_WRITE_TIMEOUT = 0x1100,
	CQL_SERVER_READ_TIMEOUT = 0x1200,
	CQL_SERVER_READ_FAILURE = 0x1300,
	CQL_SERVER_FUNCTION_FAILURE = 0x1400,
	CQL_SERVER_WRITE_FAILURE = 0x1500,
	CQL_SERVER_CDC_WRITE_FAILURE = 0x1600,
	CQL_SERVER_CAS_UNKNOWN = 0x1700,
	CQL_SERVER_SYNTAX = 0x2000,
	CQL_SERVER_UNAUTHORIZED = 0x2100,
	CQL_SERVER_INVALID = 0x2200,
	CQL_SERVER_CONFIG = 0x2300,
	CQL_SERVER_ALREADY_EXISTS = 0x2400,
	CQL_SERVER_UNPREPARED = 0x2500
} cql_server_code;

/*
 * An error, self-contained: no pointers, copied by assignment.  Numbers that
 * the server did not give are -1, texts "" .
 */
typedef struct cql_error
{
	cql_code code;
	int32_t server_code;  /* of CQL_ERR_SERVER */
	int32_t consistency;  /* cql_consistency or -1 */
	int32_t received;	  /* answers received (or replicas alive) */
	int32_t required;	  /* answers required */
	int32_t failures;	  /* replicas that failed */
	int32_t data_present; /* 0, 1 or -1 */
	bool maybe_applied;	  /* a write that may have been applied */
	bool unanswered;	  /* an attempt, perhaps an earlier one, was sent and
						   * not answered: had it been a write, likewise */
	char write_type[24];
	char host[80];		/* "address:port" it came from */
	char message[1024]; /* one line, server's or ours */
	char details[2048]; /* failure reasons, each host tried, ... */
} cql_error;

/* ---- consistency levels, protocol section 3 [consistency] ---- */

typedef enum cql_consistency
{
	CQL_ANY = 0,
	CQL_ONE,
	CQL_TWO,
	CQL_THREE,
	CQL_QUORUM,
	CQL_ALL,
	CQL_LOCAL_QUORUM,
	CQL_EACH_QUORUM,
	CQL_SERIAL,
	CQL_LOCAL_SERIAL,
	CQL_LOCAL_ONE
} cql_consistency;

/* Upper-case name of a level ("LOCAL_QUORUM"), or NULL. */
extern const char *cql_consistency_name(int consistency);
/* Level of a name in any case, or -1. */
extern int cql_consistency_parse(const char *name);

/* ---- types ---- */

/* Type option ids, protocol v5 section 4.2.5.2; the last is ours. */
typedef enum cql_type_id
{
	CQL_TYPE_CUSTOM = 0x00,
	CQL_TYPE_ASCII = 0x01,
	CQL_TYPE_BIGINT = 0x02,
	CQL_TYPE_BLOB = 0x03,
	CQL_TYPE_BOOLEAN = 0x04,
	CQL_TYPE_COUNTER = 0x05,
	CQL_TYPE_DECIMAL = 0x06,
	CQL_TYPE_DOUBLE = 0x07,
	CQL_TYPE_FLOAT = 0x08,
	CQL_TYPE_INT = 0x09,
	CQL_TYPE_TIMESTAMP = 0x0B,
	CQL_TYPE_UUID = 0x0C,
	CQL_TYPE_TEXT = 0x0D,
	CQL_TYPE_VARINT = 0x0E,
	CQL_TYPE_TIMEUUID = 0x0F,
	CQL_TYPE_INET = 0x10,
	CQL_TYPE_DATE = 0x11,
	CQL_TYPE_TIME = 0x12,
	CQL_TYPE_SMALLINT = 0x13,
	CQL_TYPE_TINYINT = 0x14,
	CQL_TYPE_DURATION = 0x15,
	CQL_TYPE_LIST = 0x20,
	CQL_TYPE_MAP = 0x21,
	CQL_TYPE_SET = 0x22,
	CQL_TYPE_UDT = 0x30,
	CQL_TYPE_TUPLE = 0x31,
	CQL_TYPE_VECTOR = 0x10000
} cql_type_id;

/*
 * A type, a tree that lives in its metadata's or schema's memory.  sub[] is
 * the element (list, set, vector), key and value (map), components (tuple) or
 * fields (UDT, with their names in fields[]).
 */
typedef struct cql_type
{
	cql_type_id id;
	bool frozen;   /* known from schema and class strings only */
	bool reversed; /* ReversedType in a class string */
	uint32_t nsub;
	const struct cql_type *const *sub;
	const char *const *fields; /* UDT: nsub names */
	const char *keyspace;	   /* UDT */
	const char *name;		   /* UDT's name, custom's class */
	uint32_t dimension;		   /* vector */
} cql_type;

/*
 * The CQL spelling of a type ("frozen<map<text, int>>"), cut at size; returns
 * buf.  Quotes names that need it.
 */
extern char *cql_type_print(const cql_type *type, char *buf, size_t size);
/* Same type, deeply (names and fields too; frozen and reversed do not count).
 */
extern bool cql_type_equal(const cql_type *a, const cql_type *b);
/*
 * Length in bytes that every value of the type has inside a vector, or 0 where
 * it varies (facts: only boolean, int, bigint, float, double, uuid, timeuuid,
 * timestamp and vectors of those are fixed).
 */
extern uint32_t cql_type_fixed_length(const cql_type *type);

/* ---- walking values (pure functions; nothing is allocated) ---- */

/*
 * Iterates over the elements of a list, set, map (key, value, key, ...),
 * tuple, UDT or vector value.  Start: false where the value is null or cannot
 * be of this type (a zero-length one is an empty collection, a tuple or UDT
 * of nulls, but no vector).  Next: 1 an element (*cell points into the value,
 * len CQL_NULL where null; fields that a tuple or UDT value lacks come as
 * null, fields that a UDT value has beyond its type are left out), 0 at the
 * end, -1 malformed.  Depth is bounded by the type's.
 */
typedef struct cql_elements
{
	const cql_type *type;
	const uint8_t *pos;
	const uint8_t *end;
	uint32_t left;	/* elements not yet given */
	uint32_t index; /* of the next one */
	uint32_t fixed; /* fixed element length of a vector, or 0 */
} cql_elements;

extern bool cql_elements_start(cql_elements *it, const cql_type *type,
							   cql_slice value);
extern int cql_elements_next(cql_elements *it, cql_slice *cell,
							 const cql_type **type);

/*
 * Order of two non-null values of a type as Cassandra's comparator has it:
 * negative, 0, positive.  Zero-length values sort first.  Values that cannot
 * be of the type are compared bytewise, so the order stays total.
 */
extern int cql_compare(const cql_type *type, cql_slice a, cql_slice b);

/*
 * Variable-length integers of duration and vector, protocol section 3 [vint].
 * Get: bytes used, or 0 when the value does not end within len (*value is
 * untouched then).  Put: bytes written.
 */
#define CQL_MAX_VINT 9
extern int cql_vint_get(const uint8_t *data, size_t len, int64_t *value);
extern int cql_uvint_get(const uint8_t *data, size_t len, uint64_t *value);
extern int cql_vint_put(uint8_t out[CQL_MAX_VINT], int64_t value);
extern int cql_uvint_put(uint8_t out[CQL_MAX_VINT], uint64_t value);

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
	uint16_t port;		  /* default for hosts without one; 0: 9042 */
	const char *local_dc; /* NULL: that of the first contact point reached */
	const char *rack; /* preferred rack in the local data centre, or NULL */
	bool remote_dc;	  /* ask other data centres when no local node is left */
	uint8_t protocol_version; /* 4, 5, or 0: negotiate */
	bool lz4;				  /* ask for LZ4 compression */
	cql_sslmode sslmode;
	const char *sslrootcert; /* files in PEM, or NULL */
	const char *sslcert;
	const char *sslkey;
	const char *username; /* NULL: no credentials to offer */
	const char *password;
	const char *application_name; /* or NULL */
	int64_t connect_timeout;	  /* TCP + TLS + handshake of one host */
	int64_t request_timeout;	  /* of one attempt, unless params say */
	int64_t
		heartbeat_interval; /* idle time before an OPTIONS probe; 0: none */
	uint32_t connections_per_node; /* 1 .. 16; 0: 1 */
	uint32_t max_attempts; /* times a request is tried, 1 .. 11; 0: 3 */
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
/* All non-blocking I/O, timers and state changes that are due. */
extern void cql_cluster_step(cql_cluster *cluster, int64_t now);
/*
 * True once no host is connected any more and the last attempt failed, or
 * the configuration cannot work (bad credentials): the holder should not
 * cache the cluster.
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
 * the expected and bound types: they must live until the request is released.
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
	char address[80]; /* "address:port" of the native protocol */
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
 * or overlap, neighbours of the same replica merged, in ring order starting
 * at INT64_MIN and ending at INT64_MAX.  A range's requests are routed by
 * has_token = true, token = range.end.  *n = 0 when there is no token map
 * (partitioner not Murmur3, LocalStrategy, unknown keyspace): read it in one
 * stream.  The keyspace's replication must be known: a schema read or any
 * earlier request naming the keyspace did that.  The array is the caller's:
 * free through env->free.  Returns CQL_OK or CQL_ERR_NOMEM.
 */
extern cql_code cql_cluster_ranges(cql_cluster *cluster, const char *keyspace,
								   uint32_t want, cql_token_range **ranges,
								   uint32_t *n);
/* Murmur3 token of a routing key, protocol-side rule of Murmur3Partitioner. */
extern int64_t cql_murmur3_token(const uint8_t *key, size_t len);
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

/* ---- schema ---- */

typedef enum cql_column_kind
{
	CQL_PARTITION_KEY,
	CQL_CLUSTERING,
	CQL_STATIC,
	CQL_REGULAR
} cql_column_kind;

typedef struct cql_schema_column
{
	const char *name;
	const cql_type *type;  /* UDTs resolved; custom class where unknown */
	const char *type_text; /* as system_schema spells it */
	cql_column_kind kind;
	int position;	 /* within the partition or clustering key, else -1 */
	bool descending; /* clustering order */
	bool masked;	 /* has a masking function (5.0) */
} cql_schema_column;

typedef enum cql_index_kind
{
	CQL_INDEX_LEGACY, /* COMPOSITES or KEYS */
	CQL_INDEX_SASI,
	CQL_INDEX_SAI,
	CQL_INDEX_CUSTOM /* some other class */
} cql_index_kind;

typedef enum cql_index_target
{
	CQL_TARGET_COLUMN,
	CQL_TARGET_KEYS,
	CQL_TARGET_VALUES,
	CQL_TARGET_ENTRIES,
	CQL_TARGET_FULL
} cql_index_target;

typedef struct cql_schema_index
{
	const char *name;
	cql_index_kind kind;
	cql_index_target target;
	int column;				/* position in columns[], -1 unknown */
	const char *class_name; /* custom class or "" */
	const char *similarity; /* SAI vector: "cosine", "euclidean",
							   "dot_product"; else "" */
	const char *mode;		/* SASI: "PREFIX", "CONTAINS", "SPARSE"; else "" */
	bool case_sensitive;	/* SAI/SASI option; true by default */
	bool analyzed; /* SAI/SASI with an analyzer, normalize or ascii option */
} cql_schema_index;

typedef enum cql_table_kind
{
	CQL_TABLE,
	CQL_VIEW,
	CQL_VIRTUAL_TABLE
} cql_table_kind;

typedef struct cql_schema_table
{
	const char *keyspace;
	const char *name;
	cql_table_kind kind;
	const char *base_table; /* of a view, else NULL */
	uint8_t id[16];			/* table id; zero for virtual tables */
	bool counter;			/* a counter table */
	uint32_t ncolumns;
	const cql_schema_column
		*columns; /* partition key, clustering, then the others by name */
	uint32_t npartition;  /* the first npartition columns */
	uint32_t nclustering; /* the nclustering after them */
	uint32_t nindexes;
	const cql_schema_index *indexes;
} cql_schema_table;

/* Tables of one keyspace, and the keyspace's replication. */
typedef struct cql_schema
{
	const char *keyspace;
	bool exists;		 /* the keyspace does */
	bool is_virtual;	 /* system_virtual_schema */
	bool local_strategy; /* LocalStrategy or virtual: one node's own data */
	const char *replication_class; /* short name: "SimpleStrategy", ... */
	uint32_t ntables;
	const cql_schema_table *tables; /* sorted by name */
} cql_schema;

/*
 * Reads tables, views, columns, types, indexes and masks of a keyspace: just
 * the named table, or all of them where table is NULL.  The request ends DONE
 * also when nothing was found (exists = false, or ntables = 0).
 */
extern cql_request *cql_schema_read(cql_cluster *cluster, const char *keyspace,
									const char *table, int64_t timeout,
									cql_error *err);
/* Moves the schema out of a done schema request: the caller frees it. */
extern cql_schema *cql_request_take_schema(cql_request *request);
extern void cql_schema_free(cql_schema *schema);

/* ---- CQL text ---- */

/*
 * Writes an identifier as CQL needs it: quoted unless it is [a-z][a-z0-9_]*
 * and no reserved word; cut at size.  Returns the length it needs without the
 * final NUL (like snprintf).
 */
extern size_t cql_quote_identifier(char *buf, size_t size, const char *name);

/* What a statement does, by its first word. */
typedef enum cql_text_kind
{
	CQL_TEXT_READ,	 /* SELECT, LIST, DESCRIBE: changes nothing */
	CQL_TEXT_WRITE,	 /* whatever is none of the others */
	CQL_TEXT_SCHEMA, /* CREATE, ALTER, DROP, TRUNCATE: may take long */
	CQL_TEXT_USE	 /* would change the keyspace of the connection */
} cql_text_kind;

/*
 * The kind of a CQL text; *positional is set where it has markers "?" outside
 * of quotes and comments (all others are ":name" then).
 */
extern cql_text_kind cql_text_classify(const char *cql, bool *positional);

/* ---- counters of a cluster, for EXPLAIN ANALYZE and the metrics ---- */

typedef struct cql_stats
{
	uint64_t requests; /* requests that reached a socket */
	uint64_t retries;
	uint64_t reprepared;
	uint64_t bytes_sent;
	uint64_t bytes_received;
	uint64_t connects;
	uint64_t orphans;
} cql_stats;

extern void cql_cluster_get_stats(const cql_cluster *cluster,
								  cql_stats *stats);

/* Name and version sent in STARTUP and shown by the library. */
#define CQL_DRIVER_NAME "cassandra_fdw"
#define CQL_DRIVER_VERSION "1.0.0"

#include "cql_select.h"
#include "cql_selector.h"

#endif /* CQL_H */
