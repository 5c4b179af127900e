/*
 * value.h
 *	  Values of CQL: cells, types, identifiers, errors, and the environment
 *	  that all of the client lives in.
 *
 * The lowest of the headers that the layers above may include.  All functions
 * are pure but the two clocks.
 */
#ifndef CQL_VALUE_H
#define CQL_VALUE_H

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

/* ---- environment ---- */

/*
 * What the client needs of its host.  No function may throw or jump; alloc
 * and realloc return NULL when there is no memory, fd_acquire returns false
 * when no further descriptor may be opened.
 */
typedef struct cql_env
{
	void *ctx; /* passed to each function */
	void *(*alloc)(void *ctx, size_t size);
	void *(*realloc)(void *ctx, void *ptr, size_t size);
	void (*free)(void *ctx, void *ptr);
	bool (*fd_acquire)(void *ctx);
	void (*fd_release)(void *ctx);
} cql_env;

extern int64_t cql_now(void);
/* Microseconds since 1970. */
extern int64_t cql_wall_clock(void);

/* Bytes of "address:port", or "address:port/name" behind a proxy. */
#define CQL_MAX_HOST_TEXT 128

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
	CQL_ERR_DC,		  /* the local data center is none of the cluster */
	CQL_ERR_CONNECT,  /* no host could be reached; details: each */
	CQL_ERR_LOST,	  /* connection lost before the answer */
	CQL_ERR_TIMEOUT,  /* no answer within the request timeout */
	CQL_ERR_AUTH,	  /* authentication refused or impossible */
	CQL_ERR_UNASKED,  /* the server asks for no password, but must */
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
	bool traced;		  /* the server traced it, as tracing_id says */
	uint8_t tracing_id[16];
	char write_type[24];
	char host[CQL_MAX_HOST_TEXT]; /* "address:port" it came from */
	char message[1024];			  /* one line, server's or ours */
	char details[2048];			  /* failure reasons, each host tried, ... */
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
	bool unread;   /* custom: a type of the schema too large for us, equal to
					* any other */
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

/* Static descriptor of a type without parameters, or NULL. */
extern const cql_type *cql_type_scalar(cql_type_id id);
/* The same by CQL name ("text", "varchar"). */
extern const cql_type *cql_type_scalar_by_name(const char *name, size_t len);
/* CQL name of a type without parameters, or NULL. */
extern const char *cql_type_scalar_name(cql_type_id id);

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

/* ---- tokens ---- */

/* Murmur3 token of a routing key, protocol-side rule of Murmur3Partitioner. */
extern int64_t cql_murmur3_token(const uint8_t *key, size_t len);

/* ---- identifiers ---- */

/*
 * Writes an identifier as CQL needs it: quoted unless it is [a-z][a-z0-9_]*
 * and no reserved word; cut at size.  Returns the length it needs without the
 * final NUL (like snprintf).
 */
extern size_t cql_quote_identifier(char *buf, size_t size, const char *name);

#endif /* CQL_VALUE_H */
