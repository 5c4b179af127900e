/*
 * wire.h
 *	  Reader and writer of the protocol's notations (v5 section 3).
 *
 * Big endian.  The reader has a sticky error: past the end, or after a bad
 * length, every getter returns zero or an empty slice and "failed" stays set,
 * so a parser checks once at the end (and before using a count as a bound).
 */
#ifndef CQL_WIRE_H
#define CQL_WIRE_H

#include "buf.h"

typedef struct cql_reader
{
	const uint8_t *pos;
	const uint8_t *end;
	bool failed;
} cql_reader;

extern void cql_reader_init(cql_reader *r, const void *data, size_t len);
extern size_t cql_reader_left(const cql_reader *r);
extern uint8_t cql_get_u8(cql_reader *r);
extern uint16_t cql_get_u16(cql_reader *r);
extern int32_t cql_get_i32(cql_reader *r);
/* n raw bytes, or NULL. */
extern const uint8_t *cql_get_raw(cql_reader *r, size_t n);
/* [string]/[short bytes]: u16 length. */
extern cql_slice cql_get_string(cql_reader *r);
/* [long string]: i32 length, negative is an error. */
extern cql_slice cql_get_long_string(cql_reader *r);
/* [bytes]: i32 length, any negative length gives CQL_NULL. */
extern cql_slice cql_get_bytes(cql_reader *r);
/*
 * A count of things that take at least min_size bytes each: fails when
 * negative or when that many cannot be left, so it may be used to allocate.
 */
extern uint32_t cql_get_count(cql_reader *r, size_t min_size);

/* Big-endian loads and stores on raw memory. */
static inline uint16_t
cql_load_u16(const uint8_t *p)
{
	return (uint16_t) ((uint16_t) (p[0] << 8) | p[1]);
}

static inline uint32_t
cql_load_u32(const uint8_t *p)
{
	return ((uint32_t) p[0] << 24) | ((uint32_t) p[1] << 16) |
		   ((uint32_t) p[2] << 8) | (uint32_t) p[3];
}

static inline uint64_t
cql_load_u64(const uint8_t *p)
{
	return ((uint64_t) cql_load_u32(p) << 32) | cql_load_u32(p + 4);
}

static inline void
cql_store_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t) (v >> 8);
	p[1] = (uint8_t) v;
}

static inline void
cql_store_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t) (v >> 24);
	p[1] = (uint8_t) (v >> 16);
	p[2] = (uint8_t) (v >> 8);
	p[3] = (uint8_t) v;
}

static inline void
cql_store_u64(uint8_t *p, uint64_t v)
{
	cql_store_u32(p, (uint32_t) (v >> 32));
	cql_store_u32(p + 4, (uint32_t) v);
}

/* Writers append to a cql_buf; failure is the buffer's sticky flag. */
extern void cql_put_u8(cql_buf *buf, uint8_t v);
extern void cql_put_u16(cql_buf *buf, uint16_t v);
extern void cql_put_i32(cql_buf *buf, int32_t v);
extern void cql_put_i64(cql_buf *buf, int64_t v);
/* [string]; longer than 65535 bytes sets failed. */
extern void cql_put_string(cql_buf *buf, const char *text);
extern void cql_put_short_bytes(cql_buf *buf, const void *data, size_t len);
extern void cql_put_long_string(cql_buf *buf, const char *text);
/* [value]: length (null and unset as such) and bytes. */
extern void cql_put_value(cql_buf *buf, cql_slice value);

#endif /* CQL_WIRE_H */
