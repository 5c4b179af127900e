/*
 * wire.c
 *	  Reader and writer of the protocol's notations (v5 section 3).
 *
 * Includes wire.h only; used by the message layer.
 */
#include "wire.h"

#include <string.h>

static const cql_slice empty_slice = {NULL, 0};
static const cql_slice null_slice = {NULL, CQL_NULL};

void
cql_reader_init(cql_reader *r, const void *data, size_t len)
{
	static const uint8_t nothing;

	/* An empty body may have no address; the reader must do arithmetic. */
	r->pos = data == NULL ? &nothing : data;
	r->end = r->pos + (data == NULL ? 0 : len);
	r->failed = false;
}

size_t
cql_reader_left(const cql_reader *r)
{
	return r->failed ? 0 : (size_t) (r->end - r->pos);
}

const uint8_t *
cql_get_raw(cql_reader *r, size_t n)
{
	const uint8_t *raw = r->pos;

	if (r->failed || n > (size_t) (r->end - r->pos))
	{
		r->failed = true;
		return NULL;
	}
	r->pos += n;
	return raw;
}

uint8_t
cql_get_u8(cql_reader *r)
{
	const uint8_t *p = cql_get_raw(r, 1);

	return p == NULL ? 0 : *p;
}

uint16_t
cql_get_u16(cql_reader *r)
{
	const uint8_t *p = cql_get_raw(r, 2);

	return p == NULL ? 0 : cql_load_u16(p);
}

int32_t
cql_get_i32(cql_reader *r)
{
	const uint8_t *p = cql_get_raw(r, 4);

	return p == NULL ? 0 : (int32_t) cql_load_u32(p);
}

/* The next len bytes; an empty slice (and failed) when they are not there. */
static cql_slice
get_slice(cql_reader *r, int32_t len)
{
	cql_slice slice = empty_slice;
	const uint8_t *raw;

	if (len < 0)
	{
		r->failed = true;
		return slice;
	}
	raw = cql_get_raw(r, (size_t) len);
	if (raw == NULL)
		return slice;
	slice.data = raw;
	slice.len = len;
	return slice;
}

cql_slice
cql_get_string(cql_reader *r)
{
	uint16_t len = cql_get_u16(r);

	return get_slice(r, len);
}

cql_slice
cql_get_long_string(cql_reader *r)
{
	int32_t len = cql_get_i32(r);

	return get_slice(r, len);
}

cql_slice
cql_get_bytes(cql_reader *r)
{
	int32_t len = cql_get_i32(r);

	if (len < 0)
		return null_slice;
	return get_slice(r, len);
}

uint32_t
cql_get_count(cql_reader *r, size_t min_size)
{
	int32_t count = cql_get_i32(r);

	if (min_size == 0)
		min_size = 1;
	if (count < 0 || (size_t) count > cql_reader_left(r) / min_size)
	{
		r->failed = true;
		return 0;
	}
	return (uint32_t) count;
}

void
cql_put_u8(cql_buf *buf, uint8_t v)
{
	cql_buf_append(buf, &v, 1);
}

void
cql_put_u16(cql_buf *buf, uint16_t v)
{
	uint8_t raw[2];

	cql_store_u16(raw, v);
	cql_buf_append(buf, raw, sizeof(raw));
}

void
cql_put_i32(cql_buf *buf, int32_t v)
{
	uint8_t raw[4];

	cql_store_u32(raw, (uint32_t) v);
	cql_buf_append(buf, raw, sizeof(raw));
}

void
cql_put_i64(cql_buf *buf, int64_t v)
{
	uint8_t raw[8];

	cql_store_u64(raw, (uint64_t) v);
	cql_buf_append(buf, raw, sizeof(raw));
}

void
cql_put_short_bytes(cql_buf *buf, const void *data, size_t len)
{
	if (len > UINT16_MAX)
	{
		buf->failed = true;
		return;
	}
	cql_put_u16(buf, (uint16_t) len);
	cql_buf_append(buf, data, len);
}

void
cql_put_string(cql_buf *buf, const char *text)
{
	cql_put_short_bytes(buf, text, strlen(text));
}

void
cql_put_long_string(cql_buf *buf, const char *text)
{
	size_t len = strlen(text);

	if (len > INT32_MAX)
	{
		buf->failed = true;
		return;
	}
	cql_put_i32(buf, (int32_t) len);
	cql_buf_append(buf, text, len);
}

void
cql_put_value(cql_buf *buf, cql_slice value)
{
	cql_put_i32(buf, value.len);
	if (value.len > 0)
		cql_buf_append(buf, value.data, (size_t) value.len);
}
