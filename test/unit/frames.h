/*
 * frames.h
 *	  Making, feeding and comparing envelopes and segments; for test_frame.c.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include "crc.h"
#include "frame.h"
#include "lz4frame.h"
#include "unit.h"
#include "vectors.h"
#include "wire.h"

#define MAX_ENVELOPES 64

/* What a decoder gave. */
typedef struct decoded
{
	cql_envelope envelopes[MAX_ENVELOPES];
	size_t n;
	int rc; /* of the last call of next */
	cql_error err;
} decoded;

extern void frames_forget(decoded *d);
extern void frames_drain(cql_decoder *dec, decoded *d);
extern bool frames_feed(cql_decoder *dec, const uint8_t *data, size_t len);
extern void frames_start(cql_decoder *dec, bool segments, bool lz4);
extern void frames_decode_chunks(decoded *d, bool segments, bool lz4,
								 const uint8_t *data, size_t len, size_t first,
								 size_t chunk);
extern void frames_decode(decoded *d, bool segments, bool lz4,
						  const uint8_t *data, size_t len);
extern void frames_check_same(const decoded *a, const decoded *b);
extern void frames_check_chunks(bool segments, bool lz4, const uint8_t *data,
								size_t len);
extern void frames_put_response(cql_buf *buf, uint8_t version, int16_t stream,
								size_t len);
extern void frames_check_response(const cql_envelope *envelope, int16_t stream,
								  size_t len);
extern void frames_put_little(cql_buf *buf, uint64_t value, size_t n);
extern void frames_put_segment(cql_buf *buf, bool lz4, bool self_contained,
							   const void *payload, size_t len, size_t plain);
extern void frames_put_header(cql_buf *buf, uint8_t version, uint8_t flags,
							  int32_t len);
extern void frames_check_error(bool segments, bool lz4, const cql_buf *wire,
							   cql_code code);

#endif /* FRAMES_H */
