/*
 * lz4frame.c
 *	  LZ4 blocks as the protocol uses them: v4 bodies and v5 segments.
 *
 * The only user of liblz4; called by frame.c.
 */
#include "lz4frame.h"

#include <lz4.h>

#include "wire.h"

/* No LZ4 block expands to more than this many times its length. */
#define LZ4_MAX_RATIO 255
/* v4: the uncompressed length in front of the block. */
#define BODY_PREFIX 4

bool
cql_lz4_block_decode(const uint8_t *in, size_t inlen, uint8_t *out,
					 size_t outlen)
{
	int n;

	if (inlen > INT32_MAX || outlen > INT32_MAX)
		return false;
	n = LZ4_decompress_safe((const char *) in, (char *) out, (int) inlen,
							(int) outlen);
	return n >= 0 && (size_t) n == outlen;
}

size_t
cql_lz4_block_encode(const uint8_t *in, size_t inlen, cql_buf *out)
{
	uint8_t *room;
	int n;

	if (inlen < 2 || inlen > LZ4_MAX_INPUT_SIZE)
		return 0;
	room = cql_buf_reserve(out, inlen - 1);
	if (room == NULL)
		return 0;
	/* Room for less than the input: LZ4 gives up where it does not shrink. */
	n = LZ4_compress_default((const char *) in, (char *) room, (int) inlen,
							 (int) inlen - 1);
	if (n <= 0)
		return 0;
	out->len += (size_t) n;
	return (size_t) n;
}

size_t
cql_lz4_body_size(const uint8_t *in, size_t inlen)
{
	size_t outlen = inlen < BODY_PREFIX ? 0 : cql_load_u32(in);

	return outlen / LZ4_MAX_RATIO > inlen - BODY_PREFIX ? 0 : outlen;
}

bool
cql_lz4_body_decode(const uint8_t *in, size_t inlen, size_t max, cql_buf *out)
{
	size_t outlen;
	uint8_t *room;

	if (inlen < BODY_PREFIX)
		return false;
	outlen = cql_load_u32(in);
	if (outlen == 0)
		return true;
	in += BODY_PREFIX;
	inlen -= BODY_PREFIX;
	if (outlen > max || outlen / LZ4_MAX_RATIO > inlen)
		return false;
	room = cql_buf_reserve(out, outlen);
	if (room == NULL || !cql_lz4_block_decode(in, inlen, room, outlen))
		return false;
	out->len += outlen;
	return true;
}

bool
cql_lz4_body_encode(const uint8_t *in, size_t inlen, cql_buf *out)
{
	size_t start = out->len;

	if (inlen > INT32_MAX)
		return false;
	cql_put_i32(out, (int32_t) inlen);
	if (out->failed)
		return false;
	if (cql_lz4_block_encode(in, inlen, out) + BODY_PREFIX < inlen &&
		out->len > start + BODY_PREFIX)
		return true;
	out->len = start;
	return false;
}
