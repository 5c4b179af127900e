/*
 * encode.h
 *	  Bodies of request messages (v4 and v5 section 4.1).
 *
 * Each writes one body to buf; failure is the buffer's sticky flag.
 */
#ifndef CQL_ENCODE_H
#define CQL_ENCODE_H

#include "wire.h"

/* STARTUP: options are name/value pairs; CQL_VERSION is added. */
extern void cql_encode_startup(cql_buf *buf, const char *const (*options)[2],
							   uint32_t noptions);
extern void cql_encode_auth_response(cql_buf *buf, cql_slice token);
extern void cql_encode_prepare(cql_buf *buf, uint8_t version, const char *cql);

/* What QUERY and EXECUTE carry besides the statement. */
typedef struct cql_query_options
{
	int consistency;
	int serial_consistency; /* or -1 */
	const cql_slice *values;
	uint32_t nvalues;
	cql_slice encoded; /* the values in wire form; data NULL: as above */
	bool skip_metadata;
	int32_t page_size;		/* 0: none */
	cql_slice paging_state; /* CQL_NULL: none */
	bool has_timestamp;
	int64_t timestamp;
} cql_query_options;

extern void cql_encode_query(cql_buf *buf, uint8_t version, const char *cql,
							 const cql_query_options *options);
/* metadata_id is for v5 and ignored by v4. */
extern void cql_encode_execute(cql_buf *buf, uint8_t version, cql_slice id,
							   cql_slice metadata_id,
							   const cql_query_options *options);

/* A batch is written piecewise: begin, entries, end. */
extern void cql_encode_batch_begin(cql_buf *buf, uint8_t type, uint16_t n);
/*
 * id for a prepared statement, or text when id.len is CQL_NULL; the values in
 * wire form where encoded.data is not NULL.
 */
extern void cql_encode_batch_entry(cql_buf *buf, cql_slice id, const char *cql,
								   const cql_slice *values, uint32_t nvalues,
								   cql_slice encoded);
extern void cql_encode_batch_end(cql_buf *buf, uint8_t version,
								 const cql_query_options *options);

#endif /* CQL_ENCODE_H */
