/*
 * frame_encode.c
 *	  Envelopes and v5 segments to be sent.
 *
 * Called by the connection; no I/O.
 */
#include "frame.h"

#include <string.h>

#include "crc.h"
#include "lz4frame.h"
#include "wire.h"

#define SEGMENT_LENGTH_BITS 17
#define SEGMENT_MAX_OVERHEAD 12 /* 5 + 3 bytes of header, 4 of checksum */

size_t
cql_envelope_begin(cql_buf *buf)
{
	static const uint8_t blank[CQL_ENVELOPE_HEADER];
	size_t offset = buf->len;

	cql_buf_append(buf, blank, sizeof(blank));
	return offset;
}

void
cql_envelope_end(cql_buf *buf, size_t offset, uint8_t version, uint8_t flags,
				 int16_t stream, uint8_t opcode)
{
	uint8_t *header;
	size_t len;

	if (buf->failed)
		return;
	len = buf->len - offset - CQL_ENVELOPE_HEADER;
	if (len > CQL_MAX_BODY)
	{
		buf->failed = true;
		return;
	}
	header = buf->data + offset;
	header[0] = version;
	header[1] = flags;
	cql_store_u16(header + 2, (uint16_t) stream);
	header[4] = opcode;
	cql_store_u32(header + 5, (uint32_t) len);
}

/* Length of the whole envelope at p, or 0 when it is not all there. */
static size_t
envelope_size(const uint8_t *p, size_t left)
{
	size_t len;

	if (left < CQL_ENVELOPE_HEADER)
		return 0;
	len = cql_load_u32(p + 5);
	if (len > left - CQL_ENVELOPE_HEADER)
		return 0;
	return CQL_ENVELOPE_HEADER + len;
}

static void
store_little(uint8_t *p, uint64_t v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		p[i] = (uint8_t) v;
		v >>= 8;
	}
}

/*
 * One segment.  With LZ4 its header has two lengths; a payload that does not
 * shrink is stored, with its length in the first and 0 in the second.
 */
static void
put_segment(const uint8_t *payload, size_t len, bool self_contained, bool lz4,
			cql_buf *out)
{
	size_t start = out->len;
	size_t header = lz4 ? 5 : 3;
	uint64_t bits = (uint64_t) self_contained;
	size_t wire;
	uint8_t *p;

	if (cql_buf_reserve(out, len + SEGMENT_MAX_OVERHEAD) == NULL)
		return;
	out->len += header + 3;
	wire = lz4 ? cql_lz4_block_encode(payload, len, out) : 0;
	if (lz4)
		bits = bits << SEGMENT_LENGTH_BITS | (wire > 0 ? len : 0);
	if (wire == 0)
	{
		cql_buf_append(out, payload, len);
		wire = len;
	}
	if (out->failed)
		return;
	bits = bits << SEGMENT_LENGTH_BITS | wire;
	p = out->data + start;
	store_little(p, bits, header);
	store_little(p + header, cql_crc24(p, header), 3);
	store_little(p + header + 3 + wire, cql_crc32(p + header + 3, wire), 4);
	out->len += 4;
}

/* Bytes of leading envelopes that fit a segment together; 0: not even one. */
static size_t
fitting(const uint8_t *envelopes, size_t len)
{
	size_t total = 0;

	while (total < len)
	{
		size_t size = envelope_size(envelopes + total, len - total);

		if (size == 0 || total + size > CQL_SEGMENT_MAX_PAYLOAD)
			break;
		total += size;
	}
	return total;
}

bool
cql_segments_encode(const uint8_t *envelopes, size_t len, bool lz4,
					cql_buf *out)
{
	while (len > 0 && !out->failed)
	{
		size_t n = fitting(envelopes, len);
		size_t done = 0;

		if (n > 0)
		{
			put_segment(envelopes, n, true, lz4, out);
			done = n;
		}
		else
			n = envelope_size(envelopes, len);
		if (n == 0)
			return false;
		while (done < n && !out->failed)
		{
			size_t part = n - done;

			if (part > CQL_SEGMENT_MAX_PAYLOAD)
				part = CQL_SEGMENT_MAX_PAYLOAD;
			put_segment(envelopes + done, part, false, lz4, out);
			done += part;
		}
		envelopes += n;
		len -= n;
	}
	return !out->failed;
}

/* One v4 envelope, its body compressed where that helps. */
static void
put_envelope(const uint8_t *envelope, size_t size, bool lz4, cql_buf *out)
{
	const uint8_t *body = envelope + CQL_ENVELOPE_HEADER;
	size_t len = size - CQL_ENVELOPE_HEADER;
	size_t start = out->len;

	if (!lz4 || len < CQL_LZ4_MIN_BODY || envelope[4] == CQL_OP_STARTUP)
	{
		cql_buf_append(out, envelope, size);
		return;
	}
	cql_buf_append(out, envelope, CQL_ENVELOPE_HEADER);
	if (cql_lz4_body_encode(body, len, out))
	{
		uint8_t *header = out->data + start;

		header[1] |= CQL_FLAG_COMPRESSED;
		cql_store_u32(header + 5,
					  (uint32_t) (out->len - start - CQL_ENVELOPE_HEADER));
	}
	else
		cql_buf_append(out, body, len);
}

bool
cql_envelopes_encode(const uint8_t *envelopes, size_t len, bool lz4,
					 cql_buf *out)
{
	while (len > 0 && !out->failed)
	{
		size_t size = envelope_size(envelopes, len);

		if (size == 0)
			return false;
		put_envelope(envelopes, size, lz4, out);
		envelopes += size;
		len -= size;
	}
	return !out->failed;
}
