/*
 * frames.c
 *	  Making, feeding and comparing envelopes and segments; for test_frame.c.
 */
#include <stdlib.h>

#include "frames.h"

void
frames_forget(decoded *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		cql_free(&unit_env, d->envelopes[i].body);
	d->n = 0;
}

/* Takes all envelopes there are now. */
void
frames_drain(cql_decoder *dec, decoded *d)
{
	while (d->n < MAX_ENVELOPES)
	{
		d->rc = cql_decoder_next(dec, &d->envelopes[d->n], &d->err);
		if (d->rc != 1)
			return;
		d->n++;
	}
}

/* Receives bytes; false without memory. */
bool
frames_feed(cql_decoder *dec, const uint8_t *data, size_t len)
{
	while (len > 0)
	{
		size_t room;
		uint8_t *into = cql_decoder_room(dec, 1, &room);

		if (into == NULL)
			return false;
		if (room > len)
			room = len;
		memcpy(into, data, room);
		cql_decoder_received(dec, room);
		data += room;
		len -= room;
	}
	return true;
}

void
frames_start(cql_decoder *dec, bool segments, bool lz4)
{
	cql_decoder_init(dec, &unit_env);
	dec->lz4 = lz4;
	if (segments)
		cql_decoder_set_segments(dec);
}

/* Decodes data given in chunks of the size (the first one of first bytes). */
void
frames_decode_chunks(decoded *d, bool segments, bool lz4, const uint8_t *data,
					 size_t len, size_t first, size_t chunk)
{
	cql_decoder dec;
	size_t n = first;

	memset(d, 0, sizeof(*d));
	frames_start(&dec, segments, lz4);
	while (len > 0 && d->rc == 0)
	{
		if (n > len)
			n = len;
		if (!frames_feed(&dec, data, n))
			d->rc = -1;
		else
			frames_drain(&dec, d);
		data += n;
		len -= n;
		n = chunk;
	}
	cql_decoder_free(&dec);
}

void
frames_decode(decoded *d, bool segments, bool lz4, const uint8_t *data,
			  size_t len)
{
	frames_decode_chunks(d, segments, lz4, data, len, len, len);
}

void
frames_check_same(const decoded *a, const decoded *b)
{
	size_t i;

	CHECK_INT(a->rc, b->rc);
	CHECK_INT(a->n, b->n);
	for (i = 0; i < a->n && i < b->n; i++)
	{
		const cql_envelope *x = &a->envelopes[i];
		const cql_envelope *y = &b->envelopes[i];

		CHECK_INT(x->version, y->version);
		CHECK_INT(x->flags, y->flags);
		CHECK_INT(x->stream, y->stream);
		CHECK_INT(x->opcode, y->opcode);
		CHECK_BYTES(x->body, x->len, y->body, y->len);
	}
}

/* The same result whatever the sizes of the chunks are. */
void
frames_check_chunks(bool segments, bool lz4, const uint8_t *data, size_t len)
{
	decoded whole;
	decoded parts;
	size_t split;

	frames_decode(&whole, segments, lz4, data, len);
	frames_decode_chunks(&parts, segments, lz4, data, len, 1, 1);
	frames_check_same(&whole, &parts);
	frames_forget(&parts);
	for (split = 1; split < len; split++)
	{
		frames_decode_chunks(&parts, segments, lz4, data, len, split, len);
		frames_check_same(&whole, &parts);
		frames_forget(&parts);
	}
	frames_forget(&whole);
}

/* An envelope of a response with len bytes of a pattern. */
void
frames_put_response(cql_buf *buf, uint8_t version, int16_t stream, size_t len)
{
	size_t offset = cql_envelope_begin(buf);
	uint8_t *body = cql_buf_reserve(buf, len);
	size_t i;

	if (body == NULL)
		return;
	for (i = 0; i < len; i++)
		body[i] = (uint8_t) (i / 7 * 31);
	buf->len += len;
	cql_envelope_end(buf, offset, version | 0x80, 0, stream, CQL_OP_RESULT);
}

void
frames_check_response(const cql_envelope *envelope, int16_t stream, size_t len)
{
	size_t i;

	CHECK_INT(envelope->stream, stream);
	CHECK_INT(envelope->opcode, CQL_OP_RESULT);
	REQUIRE(CHECK_INT(envelope->len, len));
	for (i = 0; i < len; i++)
	{
		if (envelope->body[i] != (uint8_t) (i / 7 * 31))
		{
			CHECK_INT(envelope->body[i], (uint8_t) (i / 7 * 31));
			return;
		}
	}
}

void
frames_put_little(cql_buf *buf, uint64_t value, size_t n)
{
	while (n-- > 0)
	{
		cql_put_u8(buf, (uint8_t) value);
		value >>= 8;
	}
}

/*
 * A segment of these bytes as they are, with right checksums; plain is the
 * second length of LZ4 headers.
 */
void
frames_put_segment(cql_buf *buf, bool lz4, bool self_contained,
				   const void *payload, size_t len, size_t plain)
{
	size_t header = lz4 ? 5 : 3;
	uint64_t bits = self_contained;
	size_t offset = buf->len;

	if (lz4)
		bits = bits << 17 | plain;
	frames_put_little(buf, bits << 17 | len, header);
	frames_put_little(buf, cql_crc24(buf->data + offset, header), 3);
	cql_buf_append(buf, payload, len);
	frames_put_little(buf, cql_crc32(payload, len), 4);
}

/* Header of a response whose body has len bytes. */
void
frames_put_header(cql_buf *buf, uint8_t version, uint8_t flags, int32_t len)
{
	cql_put_u8(buf, version | 0x80);
	cql_put_u8(buf, flags);
	cql_put_u16(buf, 7);
	cql_put_u8(buf, CQL_OP_RESULT);
	cql_put_i32(buf, len);
}

void
frames_check_error(bool segments, bool lz4, const cql_buf *wire, cql_code code)
{
	decoded d;

	frames_decode(&d, segments, lz4, wire->data, wire->len);
	CHECK_INT(d.rc, -1);
	CHECK_INT(d.err.code, code);
	CHECK(d.err.message[0] != '\0');
	frames_forget(&d);
}

/* ---- vectors ---- */
