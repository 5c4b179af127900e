/*
 * frame.c
 *	  Decoder of envelopes (all versions) and of v5 segments.
 *
 * Called by the connection; no I/O.  Three layers: input holds what was
 * received; a segment's payload is looked at in place (or decompressed into
 * plain) once it is whole and its checksums agree; payload or, before v5,
 * input is copied into the body of the current envelope.
 */
#include "frame.h"

#include <string.h>

#include "crc.h"
#include "error.h"
#include "lz4frame.h"
#include "wire.h"

#define SEGMENT_PLAIN_HEADER 3
#define SEGMENT_LZ4_HEADER 5
#define SEGMENT_HEADER_CRC 3
#define SEGMENT_PAYLOAD_CRC 4
#define SEGMENT_LENGTH_BITS 17
#define SEGMENT_LENGTH_MASK 0x1FFFFu

/* Oldest version whose envelopes have nine bytes of header. */
#define OLDEST_VERSION 3
#define DIRECTION_BIT 0x80

/* A decoded segment header. */
typedef struct segment
{
	size_t header; /* bytes of it with its checksum */
	size_t length; /* of the payload on the wire */
	size_t plain;  /* decompressed, 0: not compressed */
	bool self_contained;
} segment;

void
cql_decoder_init(cql_decoder *dec, const cql_env *env)
{
	memset(dec, 0, sizeof(*dec));
	dec->env = env;
	cql_buf_init(&dec->input, env, CQL_DECODER_MAX_INPUT);
	cql_buf_init(&dec->plain, env, CQL_SEGMENT_MAX_PAYLOAD);
	cql_buf_init(&dec->body, env, 0);
}

void
cql_decoder_free(cql_decoder *dec)
{
	cql_buf_free(&dec->input);
	cql_buf_free(&dec->plain);
	cql_buf_free(&dec->body);
	cql_budget_subtract(dec->budget, dec->charge);
	dec->charge = 0;
}

void
cql_envelope_drop(const cql_env *env, cql_envelope *envelope)
{
	cql_free(env, envelope->body);
	envelope->body = NULL;
	cql_budget_subtract(envelope->budget, envelope->charge);
	envelope->charge = 0;
}

void
cql_decoder_rest(cql_decoder *dec)
{
	if (dec->failed || dec->payload_left > 0 || dec->taken < dec->input.len)
		return;
	cql_buf_free(&dec->input);
	cql_buf_free(&dec->plain);
	dec->taken = 0;
}

void
cql_decoder_set_segments(cql_decoder *dec)
{
	dec->segments = true;
}

/* Offset of the first byte of input that is still needed. */
static size_t
first_needed(const cql_decoder *dec)
{
	return dec->payload_left > 0 && !dec->in_plain ? dec->payload : dec->taken;
}

uint8_t *
cql_decoder_room(cql_decoder *dec, size_t min, size_t *room)
{
	uint8_t *start;
	size_t done = first_needed(dec);
	size_t left = dec->input.len - done;

	if (dec->input.failed)
		return NULL;

	/*
	 * Moving at most as many bytes as were done with since the last move
	 * keeps the moves linear in what was received.
	 */
	if (left == 0 || (left <= done && dec->input.cap - dec->input.len < min))
	{
		cql_buf_consume(&dec->input, done);
		dec->taken -= done;
		dec->payload -= dec->payload_left > 0 && !dec->in_plain ? done : 0;
	}
	start = cql_buf_reserve(&dec->input, min);
	if (start == NULL)
		return NULL;
	*room = dec->input.cap - dec->input.len;
	return start;
}

void
cql_decoder_received(cql_decoder *dec, size_t n)
{
	dec->input.len += n;
}

/* Ends decoding for good; returns -1. */
static int
fail(cql_decoder *dec, cql_error *err, cql_code code, const char *message)
{
	dec->failed = true;
	cql_error_set(err, code, "%s", message);
	return -1;
}

static int
fail_memory(cql_decoder *dec, cql_error *err)
{
	return fail(dec, err, CQL_ERR_NOMEM, "out of memory");
}

/* ---- segments ---- */

static uint64_t
load_little(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = (v << 8) | p[n];
	return v;
}

/* Reads the segment header at p: 1, 0 more bytes needed, -1 bad checksum. */
static int
read_segment_header(bool lz4, const uint8_t *p, size_t left, segment *seg)
{
	size_t n = lz4 ? SEGMENT_LZ4_HEADER : SEGMENT_PLAIN_HEADER;
	uint64_t bits;

	if (left < n + SEGMENT_HEADER_CRC)
		return 0;
	if (cql_crc24(p, n) != load_little(p + n, SEGMENT_HEADER_CRC))
		return -1;
	bits = load_little(p, n);
	seg->header = n + SEGMENT_HEADER_CRC;
	seg->length = bits & SEGMENT_LENGTH_MASK;
	bits >>= SEGMENT_LENGTH_BITS;
	seg->plain = 0;
	if (lz4)
	{
		seg->plain = bits & SEGMENT_LENGTH_MASK;
		bits >>= SEGMENT_LENGTH_BITS;
	}
	seg->self_contained = bits & 1;
	return 1;
}

/* The budget is charged with what the body takes. */
static void
charge(cql_decoder *dec)
{
	cql_budget_subtract(dec->budget, dec->charge);
	dec->charge = dec->body.cap;
	cql_budget_add(dec->budget, dec->charge);
}

/* Bytes of the body that have not come yet. */
static size_t
missing(const cql_decoder *dec)
{
	return dec->body_len - dec->body.len - dec->skipped;
}

/*
 * Room for n more bytes of the body.  A short rest is allocated at once, a
 * long one as it arrives (the buffer doubles up to the body's length).
 */
static uint8_t *
body_room(cql_decoder *dec, size_t n)
{
	size_t rest = missing(dec);
	uint8_t *room =
		cql_buf_reserve(&dec->body, rest <= CQL_DECODER_TRUSTED ? rest : n);

	charge(dec);
	return room;
}

/*
 * Decompresses a payload: straight into the body when all of it belongs
 * there, else into plain.
 */
static int
decompress(cql_decoder *dec, const segment *seg, const uint8_t *wire,
		   cql_error *err)
{
	bool direct = !seg->self_contained && !dec->skipping &&
				  dec->header_len == CQL_ENVELOPE_HEADER &&
				  seg->plain <= missing(dec);
	cql_buf *out = direct ? &dec->body : &dec->plain;
	uint8_t *room;

	if (direct)
		room = body_room(dec, seg->plain);
	else
	{
		cql_buf_reset(out);
		room = cql_buf_reserve(out, seg->plain);
	}
	if (room == NULL)
		return fail_memory(dec, err);
	if (!cql_lz4_block_decode(wire, seg->length, room, seg->plain))
		return fail(dec, err, CQL_ERR_PROTOCOL,
					"malformed LZ4 data in a segment");
	out->len += seg->plain;
	dec->in_plain = true;
	dec->payload = 0;
	dec->payload_left = direct ? 0 : seg->plain;
	return 1;
}

/*
 * Opens the next segment in input: 1, 0 more bytes needed, -1.  The segment is
 * taken from input at once; its bytes stay where they are until input is
 * received into again.
 */
static int
open_segment(cql_decoder *dec, cql_error *err)
{
	size_t left = dec->input.len - dec->taken;
	const uint8_t *p;
	segment seg;
	size_t size;
	int rc;

	if (left == 0)
		return 0;
	p = dec->input.data + dec->taken;
	rc = read_segment_header(dec->lz4, p, left, &seg);
	if (rc < 0)
		return fail(dec, err, CQL_ERR_PROTOCOL,
					"wrong checksum of a segment header");
	if (rc == 0)
		return 0;
	size = seg.header + seg.length + SEGMENT_PAYLOAD_CRC;
	if (left < size)
		return 0;
	p += seg.header;
	if (cql_crc32(p, seg.length) !=
		load_little(p + seg.length, SEGMENT_PAYLOAD_CRC))
		return fail(dec, err, CQL_ERR_PROTOCOL, "wrong checksum of a segment");
	if (seg.self_contained && dec->header_len > 0)
		return fail(dec, err, CQL_ERR_PROTOCOL,
					"a segment begins inside an envelope");
	dec->self_contained = seg.self_contained;
	dec->in_plain = false;
	dec->payload = dec->taken + seg.header;
	dec->payload_left = seg.length;
	if (seg.plain > 0 && decompress(dec, &seg, p, err) < 0)
		return -1;
	dec->taken += size;
	return 1;
}

/* ---- envelopes ---- */

/* The bytes that may be read now, *n of them; NULL when there are none. */
static const uint8_t *
readable(const cql_decoder *dec, size_t *n)
{
	*n = dec->segments ? dec->payload_left : dec->input.len - dec->taken;
	if (*n == 0)
		return NULL;
	if (!dec->segments)
		return dec->input.data + dec->taken;
	return (dec->in_plain ? dec->plain.data : dec->input.data) + dec->payload;
}

static void
skip(cql_decoder *dec, size_t n)
{
	if (dec->segments)
	{
		dec->payload += n;
		dec->payload_left -= n;
	}
	else
		dec->taken += n;
}

/* Checks a complete header and gets ready for its body. */
static int
begin_body(cql_decoder *dec, cql_error *err)
{
	int32_t len = (int32_t) cql_load_u32(dec->header + 5);

	if (!(dec->header[0] & DIRECTION_BIT))
		return fail(dec, err, CQL_ERR_PROTOCOL,
					"the answer is not a response envelope");
	if ((dec->header[0] & ~DIRECTION_BIT) < OLDEST_VERSION)
		return fail(dec, err, CQL_ERR_PROTOCOL,
					"the protocol version of the answer is too old");
	if (len < 0)
		return fail(dec, err, CQL_ERR_PROTOCOL,
					"negative length of an envelope");
	if ((uint32_t) len > CQL_MAX_BODY)
		return fail(dec, err, CQL_ERR_LIMIT,
					"an envelope is longer than the protocol allows");
	dec->body_len = (size_t) len;
	dec->skipping = !cql_budget_admits(dec->budget, dec->body_len);
	dec->skipped = 0;
	cql_buf_init(&dec->body, dec->env, dec->body_len);
	return 1;
}

/* Header bytes: 1 complete, 0 more needed, -1. */
static int
read_header(cql_decoder *dec, cql_error *err)
{
	size_t n;
	const uint8_t *data = readable(dec, &n);
	size_t want = CQL_ENVELOPE_HEADER - dec->header_len;

	if (n > want)
		n = want;
	if (n > 0)
		memcpy(dec->header + dec->header_len, data, n);
	skip(dec, n);
	dec->header_len += n;
	if (n < want)
		return 0;
	return begin_body(dec, err);
}

/* Body bytes: 1 complete, 0 more needed, -1. */
static int
read_body(cql_decoder *dec, cql_error *err)
{
	size_t n;
	const uint8_t *data = readable(dec, &n);
	size_t want = missing(dec);

	if (n > want)
		n = want;
	if (dec->skipping)
		dec->skipped += n;
	else if (n > 0)
	{
		if (body_room(dec, n) == NULL)
			return fail_memory(dec, err);
		cql_buf_append(&dec->body, data, n);
	}
	skip(dec, n);
	return n == want;
}

/*
 * Replaces a v4 body by what it decompresses to, *refused bytes where the
 * budget does not admit those.
 */
static int
decompress_body(cql_decoder *dec, size_t *refused, cql_error *err)
{
	cql_buf plain;
	size_t size = cql_lz4_body_size(dec->body.data, dec->body.len);

	if (dec->lz4 && !cql_budget_admits(dec->budget, size))
	{
		*refused = size;
		cql_buf_free(&dec->body);
		return 1;
	}

	cql_buf_init(&plain, dec->env, CQL_MAX_BODY);
	if (!dec->lz4 || !cql_lz4_body_decode(dec->body.data, dec->body.len,
										  CQL_MAX_BODY, &plain))
	{
		bool memory = plain.failed;

		cql_buf_free(&plain);
		if (memory)
			return fail_memory(dec, err);
		return fail(
			dec, err, CQL_ERR_PROTOCOL,
			dec->lz4 ? "malformed LZ4 data in an envelope"
					 : "an envelope is compressed though that was not agreed");
	}
	cql_buf_free(&dec->body);
	dec->body = plain;
	return 1;
}

/* Hands the complete envelope over and gets ready for the next one. */
static int
take_envelope(cql_decoder *dec, cql_envelope *env, cql_error *err)
{
	env->version = (uint8_t) (dec->header[0] & ~DIRECTION_BIT);
	env->flags = (uint8_t) (dec->header[1] & ~CQL_FLAG_COMPRESSED);
	env->stream = (int16_t) cql_load_u16(dec->header + 2);
	env->opcode = dec->header[4];
	env->refused = dec->skipping ? dec->body_len : 0;
	/* The flag is of v3 and v4 only; v5 compresses segments. */
	if ((dec->header[1] & CQL_FLAG_COMPRESSED) && env->version < 5 &&
		dec->body_len > 0 && !dec->skipping &&
		decompress_body(dec, &env->refused, err) < 0)
		return -1;
	if (dec->segments && !dec->self_contained && dec->payload_left > 0)
		return fail(dec, err, CQL_ERR_PROTOCOL,
					"a segment goes beyond its envelope");
	env->len = dec->body.len;
	dec->produced += env->len;
	env->body = dec->body.data;
	if (env->len == 0)
	{
		cql_buf_free(&dec->body);
		env->body = NULL;
	}
	charge(dec);
	env->budget = dec->budget;
	env->charge = dec->charge;
	dec->charge = 0;
	cql_buf_init(&dec->body, dec->env, 0);
	dec->header_len = 0;
	dec->body_len = 0;
	dec->skipping = false;
	dec->skipped = 0;
	return 1;
}

/* One step: 1 the envelope is complete, 0 more input needed, -1. */
static int
read_envelope(cql_decoder *dec, cql_error *err)
{
	if (dec->header_len < CQL_ENVELOPE_HEADER)
	{
		int rc = read_header(dec, err);

		if (rc <= 0)
			return rc;
	}
	return read_body(dec, err);
}

int
cql_decoder_next(cql_decoder *dec, cql_envelope *env, cql_error *err)
{
	int rc;

	if (dec->failed)
		return fail(dec, err, CQL_ERR_PROTOCOL,
					"the connection has failed before");
	for (;;)
	{
		/* A whole body may have been decompressed without being read. */
		if (!dec->segments || dec->payload_left > 0 ||
			dec->header_len == CQL_ENVELOPE_HEADER)
		{
			rc = read_envelope(dec, err);
			if (rc < 0)
				return -1;
			if (rc > 0)
				return take_envelope(dec, env, err);
			if (!dec->segments)
				return 0;
			if (dec->self_contained && dec->header_len > 0)
				return fail(dec, err, CQL_ERR_PROTOCOL,
							"an envelope goes beyond its segment");
		}
		rc = open_segment(dec, err);
		if (rc <= 0)
			return rc;
	}
}
