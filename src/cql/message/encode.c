/*
 * encode.c
 *	  Bodies of request messages.
 *
 * Pure: writes to a cql_buf only.  Called by conn.c (handshake) and by the
 * request layer.
 */
#include "encode.h"

/* Flags of QUERY, EXECUTE and BATCH parameters, v5 section 4.1.4. */
#define FLAG_VALUES 0x01
#define FLAG_SKIP_METADATA 0x02
#define FLAG_PAGE_SIZE 0x04
#define FLAG_PAGING_STATE 0x08
#define FLAG_SERIAL_CONSISTENCY 0x10
#define FLAG_TIMESTAMP 0x20

#define CQL_LANGUAGE_VERSION "3.0.0"

/* Kinds of a statement in a batch, v5 section 4.1.7. */
#define BATCH_TEXT 0
#define BATCH_PREPARED 1

/* The [short] count of a list; more than it holds sets failed. */
static void
put_count(cql_buf *buf, uint32_t n)
{
	if (n > UINT16_MAX)
		buf->failed = true;
	cql_put_u16(buf, (uint16_t) n);
}

void
cql_encode_startup(cql_buf *buf, const char *const (*options)[2],
				   uint32_t noptions)
{
	put_count(buf, noptions + 1);
	cql_put_string(buf, "CQL_VERSION");
	cql_put_string(buf, CQL_LANGUAGE_VERSION);
	for (uint32_t i = 0; i < noptions; i++)
	{
		cql_put_string(buf, options[i][0]);
		cql_put_string(buf, options[i][1]);
	}
}

void
cql_encode_auth_response(cql_buf *buf, cql_slice token)
{
	cql_put_value(buf, token);
}

void
cql_encode_prepare(cql_buf *buf, uint8_t version, const char *cql)
{
	cql_put_long_string(buf, cql);
	if (version >= 5)
		cql_put_i32(buf, 0); /* flags: no keyspace, names are qualified */
}

static void
put_values(cql_buf *buf, const cql_slice *values, uint32_t nvalues,
		   cql_slice encoded)
{
	put_count(buf, nvalues);
	if (encoded.data != NULL)
	{
		cql_buf_append(buf, encoded.data, (size_t) encoded.len);
		return;
	}
	for (uint32_t i = 0; i < nvalues; i++)
		cql_put_value(buf, values[i]);
}

/* Flags are one byte in v4, four in v5. */
static void
put_flags(cql_buf *buf, uint8_t version, uint32_t flags)
{
	if (version >= 5)
		cql_put_i32(buf, (int32_t) flags);
	else
		cql_put_u8(buf, (uint8_t) flags);
}

/* What BATCH shares with QUERY and EXECUTE, behind the paging fields. */
static void
put_serial_and_timestamp(cql_buf *buf, const cql_query_options *options)
{
	if (options->serial_consistency >= 0)
		cql_put_u16(buf, (uint16_t) options->serial_consistency);
	if (options->has_timestamp)
		cql_put_i64(buf, options->timestamp);
}

static uint32_t
common_flags(const cql_query_options *options)
{
	uint32_t flags = 0;

	if (options->serial_consistency >= 0)
		flags |= FLAG_SERIAL_CONSISTENCY;
	if (options->has_timestamp)
		flags |= FLAG_TIMESTAMP;
	return flags;
}

static void
put_options(cql_buf *buf, uint8_t version, const cql_query_options *options)
{
	uint32_t flags = common_flags(options);

	if (options->nvalues > 0)
		flags |= FLAG_VALUES;
	if (options->skip_metadata)
		flags |= FLAG_SKIP_METADATA;
	if (options->page_size > 0)
		flags |= FLAG_PAGE_SIZE;
	if (options->paging_state.len >= 0)
		flags |= FLAG_PAGING_STATE;

	cql_put_u16(buf, (uint16_t) options->consistency);
	put_flags(buf, version, flags);
	if (flags & FLAG_VALUES)
		put_values(buf, options->values, options->nvalues, options->encoded);
	if (flags & FLAG_PAGE_SIZE)
		cql_put_i32(buf, options->page_size);
	if (flags & FLAG_PAGING_STATE)
		cql_put_value(buf, options->paging_state);
	put_serial_and_timestamp(buf, options);
}

void
cql_encode_query(cql_buf *buf, uint8_t version, const char *cql,
				 const cql_query_options *options)
{
	cql_put_long_string(buf, cql);
	put_options(buf, version, options);
}

/* [short bytes]; a null or overlong one sets failed. */
static void
put_id(cql_buf *buf, cql_slice id)
{
	if (id.len < 0)
		buf->failed = true;
	else
		cql_put_short_bytes(buf, id.data, (size_t) id.len);
}

void
cql_encode_execute(cql_buf *buf, uint8_t version, cql_slice id,
				   cql_slice metadata_id, const cql_query_options *options)
{
	put_id(buf, id);
	if (version >= 5)
		put_id(buf, metadata_id);
	put_options(buf, version, options);
}

void
cql_encode_batch_begin(cql_buf *buf, uint8_t type, uint16_t n)
{
	cql_put_u8(buf, type);
	cql_put_u16(buf, n);
}

void
cql_encode_batch_entry(cql_buf *buf, cql_slice id, const char *cql,
					   const cql_slice *values, uint32_t nvalues,
					   cql_slice encoded)
{
	if (id.len >= 0)
	{
		cql_put_u8(buf, BATCH_PREPARED);
		put_id(buf, id);
	}
	else
	{
		cql_put_u8(buf, BATCH_TEXT);
		cql_put_long_string(buf, cql);
	}
	put_values(buf, values, nvalues, encoded);
}

void
cql_encode_batch_end(cql_buf *buf, uint8_t version,
					 const cql_query_options *options)
{
	cql_put_u16(buf, (uint16_t) options->consistency);
	put_flags(buf, version, common_flags(options));
	put_serial_and_timestamp(buf, options);
}
