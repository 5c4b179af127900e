/*
 * response.h
 *	  Decoding of response messages other than rows (v4 and v5 section 4.2).
 */
#ifndef CQL_RESPONSE_H
#define CQL_RESPONSE_H

#include "frame.h"
#include "wire.h"

/* Parts in front of the message, v5 section 2.4.2: flags say which. */
typedef struct cql_prefix
{
	const uint8_t *tracing_id; /* 16 bytes, or NULL; points into the body */
	uint32_t nwarnings;
	const uint8_t *warnings; /* nwarnings [string]s, checked, */
	size_t warnings_len;	 /* their bytes */
} cql_prefix;

/* Positions r behind the prefix; false on malformed input. */
extern bool cql_response_prefix(cql_reader *r, uint8_t flags,
								cql_prefix *prefix);

/*
 * The body of an ERROR message (behind its prefix) into *err: code
 * CQL_ERR_SERVER (CQL_ERR_AUTH for bad credentials), numbers, reasons by node
 * in details.  Malformed bodies give CQL_ERR_PROTOCOL.  For 0x2500 *unprepared
 * (may be NULL) is the statement id, pointing into the body.
 */
extern void cql_response_error(cql_reader *r, uint8_t version, cql_error *err,
							   cql_slice *unprepared);

/*
 * Adds to the error what the prefix of its message told: the tracing session,
 * and warnings as details.
 */
extern void cql_response_told(const cql_prefix *prefix, cql_error *err);

/*
 * SUPPORTED: one value list, "," joined, of the option ("COMPRESSION",
 * "PROTOCOL_VERSIONS"); false when absent or malformed.
 */
extern bool cql_response_supported(cql_reader *r, const char *option,
								   char *out, size_t size);
/* True when the word is one of the ","-joined list. */
extern bool cql_response_list_has(const char *list, const char *word);
/* AUTHENTICATE: class name. */
extern bool cql_response_authenticate(cql_reader *r, char *out, size_t size);

/*
 * Versions named by an ERROR about the protocol version ("3/v3, 4/v4, ..."):
 * the highest of 4 and 5 in the text, or 0.
 */
extern int cql_response_error_version(const char *message);

/* What a SCHEMA_CHANGE tells (v5 section 4.2.5.5). */
typedef struct cql_schema_change
{
	char change[24]; /* CREATED, UPDATED, DROPPED */
	char target[16]; /* KEYSPACE, TABLE, TYPE, ... */
	char keyspace[256];
	char name[256]; /* table or type */
} cql_schema_change;

extern bool cql_response_schema_change(cql_reader *r,
									   cql_schema_change *change);
/* Numeric text of an address of 4 or 16 bytes; "?" for other lengths. */
extern void cql_response_address(const uint8_t *address, size_t len, char *out,
								 size_t size);

#endif /* CQL_RESPONSE_H */
