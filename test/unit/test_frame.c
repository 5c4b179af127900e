/*
 * test_frame.c
 *	  Envelopes and segments: vectors, chunks of every size, damage, limits.
 */
#include <stdlib.h>

#include "frames.h"

/* The encoder gives just these; the decoder refuses requests in them. */
static void
test_segment_vectors(void)
{
	size_t i;

	for (i = 0; i < VECTOR_COUNT(vector_segments_plain); i++)
	{
		const vector_segment *v = &vector_segments_plain[i];
		cql_buf out;

		if (!v->self_contained || v->payload.len == 0)
			continue;
		unit_about("%s", v->name);
		cql_buf_init(&out, &unit_env, 1000);
		CHECK(cql_segments_encode(v->payload.data, (size_t) v->payload.len,
								  false, &out));
		CHECK_BYTES(out.data, out.len, v->segment.data,
					(size_t) v->segment.len);
		frames_check_error(true, false, &out, CQL_ERR_PROTOCOL);
		cql_buf_free(&out);
	}
}

/* Payloads of any vector, seen as the body of an envelope. */
static void
check_payloads(const vector_segment *table, size_t n, bool lz4)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		const vector_segment *v = &table[i];
		cql_buf header;
		cql_buf wire;
		decoded d;

		unit_about("%s", v->name);
		cql_buf_init(&header, &unit_env, 9);
		cql_buf_init(&wire, &unit_env, 1u << 20);
		frames_put_header(&header, 5, 0, v->payload.len);
		frames_put_segment(&wire, lz4, false, header.data, header.len, 0);
		cql_buf_append(&wire, v->segment.data, (size_t) v->segment.len);
		frames_decode(&d, true, lz4, wire.data, wire.len);
		if (v->self_contained && v->payload.len > 0)
			CHECK_INT(d.rc, -1);
		else
		{
			CHECK_INT(d.rc, 0);
			CHECK_INT(d.n, 1);
			CHECK_BYTES(d.envelopes[0].body, d.envelopes[0].len,
						v->payload.data, (size_t) v->payload.len);
		}
		frames_forget(&d);
		cql_buf_free(&header);
		cql_buf_free(&wire);
	}
}

static void
test_segment_payloads(void)
{
	check_payloads(vector_segments_plain, VECTOR_COUNT(vector_segments_plain),
				   false);
	check_payloads(vector_segments_lz4, VECTOR_COUNT(vector_segments_lz4),
				   true);
}

static void
test_v4_lz4_vector(void)
{
	cql_buf out;

	cql_buf_init(&out, &unit_env, 1000);
	CHECK(cql_lz4_body_decode(vector_v4_body.data, (size_t) vector_v4_body.len,
							  1000, &out));
	CHECK_BYTES(out.data, out.len, vector_v4_plain.data,
				(size_t) vector_v4_plain.len);
	cql_buf_free(&out);
}

/* What the server sent, in every way of cutting it. */
static void
test_captures(void)
{
	size_t i;
	size_t seen = 0;

	for (i = 0; i < VECTOR_COUNT(vector_captures); i++)
	{
		const vector_capture *v = &vector_captures[i];
		bool segments = v->dir == 'S';
		bool lz4 = strstr(v->name, "lz4") != NULL;
		decoded d;

		/* Some are the body alone. */
		if (v->dir == '>' || (v->dir == '<' && v->bytes.data[0] < 0x80))
			continue;
		unit_about("%s", v->name);
		frames_decode(&d, segments, lz4, v->bytes.data, (size_t) v->bytes.len);
		CHECK_INT(d.rc, 0);
		CHECK_INT(d.n, 1);
		frames_forget(&d);
		frames_check_chunks(segments, lz4, v->bytes.data,
							(size_t) v->bytes.len);
		seen++;
	}
	CHECK(seen > 60);
}

/* The segments of a dialogue hold the envelopes that were captured. */
static void
test_capture_pairs(void)
{
	size_t i;

	for (i = 0; i + 1 < VECTOR_COUNT(vector_captures); i++)
	{
		const vector_capture *v = &vector_captures[i];
		const vector_capture *next = v + 1;
		decoded plain;
		decoded framed;

		if (v->dir != '<' || next->dir != 'S')
			continue;
		unit_about("%s", v->name);
		frames_decode(&plain, false, false, v->bytes.data,
					  (size_t) v->bytes.len);
		frames_decode(&framed, true, strstr(v->name, "lz4") != NULL,
					  next->bytes.data, (size_t) next->bytes.len);
		frames_check_same(&plain, &framed);
		frames_forget(&plain);
		frames_forget(&framed);
	}
}

/* ---- round trips ---- */

/* Bodies of these lengths there and back, in chunks of several sizes. */
static void
round_trip(bool segments, bool lz4, const size_t *lengths, size_t n)
{
	static const size_t chunks[] = {1 << 30, 100003, 4096, 1021};
	cql_buf plain;
	cql_buf wire;
	size_t i;
	size_t c;

	cql_buf_init(&plain, &unit_env, 1u << 28);
	cql_buf_init(&wire, &unit_env, 1u << 28);
	for (i = 0; i < n; i++)
		frames_put_response(&plain, segments ? 5 : 4, (int16_t) i, lengths[i]);
	if (segments)
		CHECK(cql_segments_encode(plain.data, plain.len, lz4, &wire));
	else
		CHECK(cql_envelopes_encode(plain.data, plain.len, lz4, &wire));
	for (c = 0; c < sizeof(chunks) / sizeof(chunks[0]); c++)
	{
		decoded d;

		unit_about("chunks of %zu", chunks[c]);
		frames_decode_chunks(&d, segments, lz4, wire.data, wire.len, chunks[c],
							 chunks[c]);
		CHECK_INT(d.rc, 0);
		CHECK_INT(d.n, n);
		for (i = 0; i < d.n; i++)
			frames_check_response(&d.envelopes[i], (int16_t) i, lengths[i]);
		frames_forget(&d);
	}
	cql_buf_free(&plain);
	cql_buf_free(&wire);
}

static void
test_round_trips(void)
{
	/* Around the largest payload, with and without the header. */
	static const size_t lengths[] = {
		0, 1,	   63,	   64, 131061, 131062,	131063, 5, 131071, 131072,
		0, 262142, 300000, 17, 3,	   2500000, 1,		0, 0};
	size_t n = sizeof(lengths) / sizeof(lengths[0]);
	int i;

	for (i = 0; i < 4; i++)
		round_trip(i & 1, i & 2, lengths, n);
}

static void
test_shared_segment(void)
{
	cql_buf plain;
	cql_buf wire;
	int i;

	cql_buf_init(&plain, &unit_env, 1u << 20);
	cql_buf_init(&wire, &unit_env, 1u << 20);
	for (i = 0; i < 40; i++)
		frames_put_response(&plain, 5, (int16_t) i, 20);
	CHECK(cql_segments_encode(plain.data, plain.len, false, &wire));
	/* One segment: 10 bytes more than the envelopes. */
	CHECK_INT(wire.len, plain.len + 10);
	frames_check_chunks(true, false, wire.data, wire.len);
	/* Cut short, the bytes are not whole envelopes. */
	CHECK(!cql_segments_encode(plain.data, plain.len - 1, false, &wire));
	CHECK(!cql_envelopes_encode(plain.data, plain.len - 1, false, &wire));
	CHECK(!cql_segments_encode(plain.data, 8, false, &wire));
	CHECK(cql_segments_encode(plain.data, 0, false, &wire));
	cql_buf_free(&plain);
	cql_buf_free(&wire);
}

/* Incompressible payloads are stored; small and STARTUP bodies stay plain. */
static void
test_not_compressed(void)
{
	cql_buf plain;
	cql_buf wire;
	size_t offset;
	uint32_t seed = 1;
	int i;

	cql_buf_init(&plain, &unit_env, 1u << 20);
	cql_buf_init(&wire, &unit_env, 1u << 20);
	offset = cql_envelope_begin(&plain);
	for (i = 0; i < 200; i++)
	{
		seed = seed * 1103515245 + 12345;
		cql_put_u8(&plain, (uint8_t) (seed >> 16));
	}
	cql_envelope_end(&plain, offset, 0x84, 0, 1, CQL_OP_RESULT);
	CHECK(cql_envelopes_encode(plain.data, plain.len, true, &wire));
	CHECK_BYTES(wire.data, wire.len, plain.data, plain.len);
	cql_buf_reset(&wire);
	CHECK(cql_segments_encode(plain.data, plain.len, true, &wire));
	CHECK_INT(wire.len, plain.len + 12);
	cql_buf_reset(&wire);
	cql_buf_reset(&plain);
	frames_put_response(&plain, 4, 1, CQL_LZ4_MIN_BODY - 1);
	frames_put_response(&plain, 4, 1, 1000);
	plain.data[plain.len - 1000 - 5] = CQL_OP_STARTUP;
	CHECK(cql_envelopes_encode(plain.data, plain.len, true, &wire));
	CHECK_BYTES(wire.data, wire.len, plain.data, plain.len);
	cql_buf_free(&plain);
	cql_buf_free(&wire);
}

/* ---- what a peer must not send ---- */

/* Any bit of a segment turned is noticed, or leaves it incomplete. */
static void
check_damage(bool lz4)
{
	cql_buf plain;
	cql_buf wire;
	size_t bit;

	cql_buf_init(&plain, &unit_env, 1000);
	cql_buf_init(&wire, &unit_env, 1000);
	frames_put_response(&plain, 5, 1, 80);
	CHECK(cql_segments_encode(plain.data, plain.len, lz4, &wire));
	for (bit = 0; bit < wire.len * 8; bit++)
	{
		unit_about("bit %zu", bit);
		wire.data[bit / 8] ^= (uint8_t) (1 << (bit % 8));
		frames_check_error(true, lz4, &wire, CQL_ERR_PROTOCOL);
		wire.data[bit / 8] ^= (uint8_t) (1 << (bit % 8));
	}
	cql_buf_free(&plain);
	cql_buf_free(&wire);
}

static void
test_damage(void)
{
	check_damage(false);
	check_damage(true);
}

static void
test_bad_headers(void)
{
	static const struct
	{
		const char *bytes;
		cql_code code;
	} cases[] = {
		{"\x84\x00\x00\x00\x08\xff\xff\xff\xff", CQL_ERR_PROTOCOL},
		{"\x84\x00\x00\x00\x08\x80\x00\x00\x00", CQL_ERR_PROTOCOL},
		{"\x84\x00\x00\x00\x08\x10\x00\x00\x01", CQL_ERR_LIMIT},
		{"\x84\x00\x00\x00\x08\x7f\xff\xff\xff", CQL_ERR_LIMIT},
		{"\x04\x00\x00\x00\x08\x00\x00\x00\x00", CQL_ERR_PROTOCOL},
		{"\x82\x00\x00\x00\x08\x00\x00\x00\x00", CQL_ERR_PROTOCOL},
		{"\x84\x01\x00\x00\x08\x00\x00\x00\x04"
		 "1234",
		 CQL_ERR_PROTOCOL},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cql_buf wire;

		unit_about("case %zu", i);
		cql_buf_init(&wire, &unit_env, 100);
		cql_buf_append(&wire, cases[i].bytes, i == 6 ? 13 : 9);
		frames_check_error(false, false, &wire, cases[i].code);
		cql_buf_free(&wire);
	}
}

/* The longest length is believed only as far as bytes arrive. */
static void
test_huge_claim(void)
{
	cql_decoder dec;
	cql_buf wire;
	decoded d;

	memset(&d, 0, sizeof(d));
	cql_buf_init(&wire, &unit_env, 1u << 20);
	frames_put_header(&wire, 4, 0, (int32_t) CQL_MAX_BODY);
	frames_start(&dec, false, false);
	CHECK(frames_feed(&dec, wire.data, wire.len));
	unit_fail_from(0);
	frames_drain(&dec, &d);
	CHECK_INT(d.rc, 0);
	CHECK(frames_feed(&dec, vector_zeros, 1000));
	frames_drain(&dec, &d);
	CHECK_INT(d.rc, 0);
	CHECK(unit_live_bytes() < 10000);
	cql_decoder_free(&dec);
	cql_buf_free(&wire);
}

/* v4 bodies that claim more than LZ4 can give, or than they do give. */
static void
test_bad_lz4_bodies(void)
{
	static const int32_t claims[] = {-1, INT32_MAX, 256 * 255, 63, 65, 1};
	size_t i;

	for (i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
	{
		cql_buf wire;

		unit_about("length %d", claims[i]);
		cql_buf_init(&wire, &unit_env, 1000);
		frames_put_header(&wire, 4, CQL_FLAG_COMPRESSED, vector_v4_body.len);
		cql_put_i32(&wire, claims[i]);
		cql_buf_append(&wire, vector_v4_body.data + 4,
					   (size_t) vector_v4_body.len - 4);
		unit_fail_from(0);
		frames_check_error(false, true, &wire, CQL_ERR_PROTOCOL);
		CHECK(unit_peak_bytes() < unit_live_bytes() + 10000);
		cql_buf_free(&wire);
	}
}

static void
test_short_lz4_bodies(void)
{
	static const uint8_t body[4] = {0, 0, 0, 0};
	int32_t len;

	for (len = 0; len <= 4; len++)
	{
		cql_buf wire;
		decoded d;

		unit_about("%d bytes", len);
		cql_buf_init(&wire, &unit_env, 1000);
		frames_put_header(&wire, 4, CQL_FLAG_COMPRESSED, len);
		cql_buf_append(&wire, body, (size_t) len);
		frames_decode(&d, false, true, wire.data, wire.len);
		if (len == 0 || len == 4)
		{
			/* No body, and the uncompressed length of nothing. */
			CHECK_INT(d.rc, 0);
			CHECK_INT(d.n, 1);
			CHECK_INT(d.envelopes[0].len, 0);
			CHECK(d.envelopes[0].body == NULL);
			CHECK_INT(d.envelopes[0].flags, 0);
		}
		else
			CHECK_INT(d.rc, -1);
		frames_forget(&d);
		cql_buf_free(&wire);
	}
}

/* Envelopes and segments must end together where the protocol says so. */
static void
test_boundaries(void)
{
	cql_buf plain;
	cql_buf wire;

	cql_buf_init(&plain, &unit_env, 1000);
	cql_buf_init(&wire, &unit_env, 1000);
	frames_put_response(&plain, 5, 1, 20);
	/* Self-contained, but not whole. */
	frames_put_segment(&wire, false, true, plain.data, plain.len - 1, 0);
	frames_check_error(true, false, &wire, CQL_ERR_PROTOCOL);
	cql_buf_reset(&wire);
	frames_put_segment(&wire, false, true, plain.data, 8, 0);
	frames_check_error(true, false, &wire, CQL_ERR_PROTOCOL);
	/* A part, followed by a self-contained segment. */
	cql_buf_reset(&wire);
	frames_put_segment(&wire, false, false, plain.data, 12, 0);
	frames_put_segment(&wire, false, true, plain.data, plain.len, 0);
	frames_check_error(true, false, &wire, CQL_ERR_PROTOCOL);
	/* A part with more than its envelope. */
	cql_buf_reset(&wire);
	frames_put_response(&plain, 5, 1, 20);
	frames_put_segment(&wire, false, false, plain.data, plain.len, 0);
	frames_check_error(true, false, &wire, CQL_ERR_PROTOCOL);
	/* Malformed LZ4 under a right checksum. */
	cql_buf_reset(&wire);
	frames_put_segment(&wire, true, true, plain.data, plain.len, 1000);
	frames_check_error(true, true, &wire, CQL_ERR_PROTOCOL);
	cql_buf_free(&plain);
	cql_buf_free(&wire);
}

/* The compressed flag means nothing in v5; empty segments are no harm. */
static void
test_tolerated(void)
{
	cql_buf plain;
	cql_buf wire;
	decoded d;

	cql_buf_init(&plain, &unit_env, 1000);
	cql_buf_init(&wire, &unit_env, 1000);
	frames_put_header(&plain, 5, CQL_FLAG_COMPRESSED | CQL_FLAG_WARNING, 2);
	cql_put_u16(&plain, 0);
	frames_put_segment(&wire, false, true, NULL, 0, 0);
	frames_put_segment(&wire, false, true, plain.data, plain.len, 0);
	frames_put_segment(&wire, false, false, plain.data, 3, 0);
	frames_put_segment(&wire, false, false, NULL, 0, 0);
	frames_put_segment(&wire, false, false, plain.data + 3, plain.len - 3, 0);
	frames_decode(&d, true, false, wire.data, wire.len);
	CHECK_INT(d.rc, 0);
	CHECK_INT(d.n, 2);
	CHECK_INT(d.envelopes[0].flags, CQL_FLAG_WARNING);
	CHECK_INT(d.envelopes[1].len, 2);
	frames_forget(&d);
	frames_check_chunks(true, false, wire.data, wire.len);
	cql_buf_free(&plain);
	cql_buf_free(&wire);
}

/* The answer to STARTUP and the first segments may come in one read. */
static void
test_switch(void)
{
	cql_decoder dec;
	cql_buf plain;
	cql_buf wire;
	decoded d;

	memset(&d, 0, sizeof(d));
	cql_buf_init(&plain, &unit_env, 1000);
	cql_buf_init(&wire, &unit_env, 1000);
	frames_put_response(&plain, 5, 1, 30);
	frames_put_response(&wire, 5, 0, 0);
	CHECK(cql_segments_encode(plain.data, plain.len, false, &wire));
	frames_start(&dec, false, false);
	CHECK(frames_feed(&dec, wire.data, wire.len));
	d.rc = cql_decoder_next(&dec, &d.envelopes[0], &d.err);
	REQUIRE(d.rc == 1);
	d.n = 1;
	cql_decoder_set_segments(&dec);
	frames_drain(&dec, &d);
	CHECK_INT(d.rc, 0);
	CHECK_INT(d.n, 2);
	frames_check_response(&d.envelopes[1], 1, 30);
	frames_forget(&d);
	cql_decoder_free(&dec);
	cql_buf_free(&plain);
	cql_buf_free(&wire);
}

/* Receiving goes on while envelopes of a segment are still to be taken. */
static void
test_interleaved(void)
{
	cql_decoder dec;
	cql_buf plain;
	cql_buf wire;
	decoded d;
	size_t i;
	size_t sent = 0;

	memset(&d, 0, sizeof(d));
	cql_buf_init(&plain, &unit_env, 1u << 20);
	cql_buf_init(&wire, &unit_env, 1u << 20);
	for (i = 0; i < 50; i++)
	{
		frames_put_response(&plain, 5, (int16_t) i, 500);
		if (i % 10 == 9)
		{
			CHECK(cql_segments_encode(plain.data, plain.len, false, &wire));
			cql_buf_reset(&plain);
		}
	}
	frames_start(&dec, true, false);
	while (d.n < 50)
	{
		size_t n = wire.len - sent < 701 ? wire.len - sent : 701;

		REQUIRE(frames_feed(&dec, wire.data + sent, n));
		sent += n;
		d.rc = cql_decoder_next(&dec, &d.envelopes[d.n], &d.err);
		REQUIRE(d.rc >= 0);
		d.n += (size_t) d.rc;
	}
	for (i = 0; i < 50; i++)
		frames_check_response(&d.envelopes[i], (int16_t) i, 500);
	frames_forget(&d);
	cql_decoder_free(&dec);
	cql_buf_free(&plain);
	cql_buf_free(&wire);
}

/* After an error nothing more comes; bytes nobody takes are bounded. */
static void
test_sticky(void)
{
	cql_decoder dec;
	cql_envelope envelope;
	cql_error err;
	cql_buf wire;
	size_t room;

	cql_buf_init(&wire, &unit_env, 1000);
	frames_put_header(&wire, 4, 0, -1);
	frames_put_response(&wire, 4, 1, 10);
	frames_start(&dec, false, false);
	CHECK(frames_feed(&dec, wire.data, wire.len));
	CHECK_INT(cql_decoder_next(&dec, &envelope, &err), -1);
	CHECK_INT(cql_decoder_next(&dec, &envelope, &err), -1);
	CHECK(cql_decoder_room(&dec, CQL_DECODER_MAX_INPUT + 1, &room) == NULL);
	CHECK(cql_decoder_room(&dec, 1, &room) == NULL);
	cql_decoder_free(&dec);
	cql_buf_free(&wire);
}

/* A body of the largest size is taken, one byte more is not: see headers. */
static void
test_body_limit(void)
{
	cql_buf buf;
	size_t offset;

	cql_buf_init(&buf, &unit_env, (size_t) CQL_MAX_BODY * 2);
	offset = cql_envelope_begin(&buf);
	REQUIRE(cql_buf_reserve(&buf, CQL_MAX_BODY + 1) != NULL);
	buf.len += CQL_MAX_BODY;
	cql_envelope_end(&buf, offset, 4, 0, 1, CQL_OP_QUERY);
	CHECK(!buf.failed);
	CHECK_INT(cql_load_u32(buf.data + 5), CQL_MAX_BODY);
	buf.len++;
	cql_envelope_end(&buf, offset, 4, 0, 1, CQL_OP_QUERY);
	CHECK(buf.failed);
	cql_buf_free(&buf);
}

/* ---- memory ---- */

typedef struct sweep
{
	bool segments;
	bool lz4;
} sweep;

static bool
exchange(void *arg)
{
	const sweep *how = arg;
	cql_buf plain;
	cql_buf wire;
	cql_decoder dec;
	decoded d;
	bool ok;

	memset(&d, 0, sizeof(d));
	cql_buf_init(&plain, &unit_env, 1u << 24);
	cql_buf_init(&wire, &unit_env, 1u << 24);
	frames_put_response(&plain, how->segments ? 5 : 4, 1, 100);
	frames_put_response(&plain, how->segments ? 5 : 4, 2, 1500000);
	ok = !plain.failed;
	if (ok && how->segments)
		ok = cql_segments_encode(plain.data, plain.len, how->lz4, &wire);
	else if (ok)
		ok = cql_envelopes_encode(plain.data, plain.len, how->lz4, &wire);
	frames_start(&dec, how->segments, how->lz4);
	if (ok)
		ok = frames_feed(&dec, wire.data, wire.len);
	if (ok)
		frames_drain(&dec, &d);
	if (d.rc < 0)
		CHECK_INT(d.err.code, CQL_ERR_NOMEM);
	ok = ok && d.rc == 0 && d.n == 2;
	frames_forget(&d);
	cql_decoder_free(&dec);
	cql_buf_free(&plain);
	cql_buf_free(&wire);
	return ok;
}

static void
test_memory(void)
{
	int i;

	for (i = 0; i < 4; i++)
	{
		sweep how = {i & 1, i & 2};

		unit_sweep(exchange, &how);
	}
}

const unit_case unit_cases[] = {{"segment vectors", test_segment_vectors},
								{"segment payloads", test_segment_payloads},
								{"v4 lz4 vector", test_v4_lz4_vector},
								{"captures", test_captures},
								{"capture pairs", test_capture_pairs},
								{"round trips", test_round_trips},
								{"shared segment", test_shared_segment},
								{"not compressed", test_not_compressed},
								{"damage", test_damage},
								{"bad headers", test_bad_headers},
								{"huge claim", test_huge_claim},
								{"bad lz4 bodies", test_bad_lz4_bodies},
								{"short lz4 bodies", test_short_lz4_bodies},
								{"boundaries", test_boundaries},
								{"tolerated", test_tolerated},
								{"switch to segments", test_switch},
								{"interleaved", test_interleaved},
								{"sticky", test_sticky},
								{"body limit", test_body_limit},
								{"memory", test_memory},
								{NULL, NULL}};
