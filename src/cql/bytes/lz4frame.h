/*
 * lz4frame.h
 *	  LZ4 blocks as the protocol uses them: v4 bodies and v5 segments.
 */
#ifndef CQL_LZ4FRAME_H
#define CQL_LZ4FRAME_H

#include "buf.h"

/*
 * Raw LZ4 block to exactly outlen bytes at out.  False when malformed or of
 * another length.
 */
extern bool cql_lz4_block_decode(const uint8_t *in, size_t inlen, uint8_t *out,
								 size_t outlen);
/*
 * Raw LZ4 block of in appended to out; returns its length, or 0 when it would
 * not be smaller than inlen (nothing is appended then) or on failure.
 */
extern size_t cql_lz4_block_encode(const uint8_t *in, size_t inlen,
								   cql_buf *out);
/*
 * v4 body: 4-byte big-endian uncompressed length, then a block.  The length
 * is checked against max and against what LZ4 can reach from inlen (255 to 1)
 * before anything is allocated.  Appends to out; false on malformed input or
 * failure of out.
 */
/*
 * What a v4 body says it decompresses to; 0 where that cannot be, by its own
 * length.
 */
extern size_t cql_lz4_body_size(const uint8_t *in, size_t inlen);
extern bool cql_lz4_body_decode(const uint8_t *in, size_t inlen, size_t max,
								cql_buf *out);
/* False, nothing appended, when it would not be smaller; or on failure. */
extern bool cql_lz4_body_encode(const uint8_t *in, size_t inlen, cql_buf *out);

#endif /* CQL_LZ4FRAME_H */
