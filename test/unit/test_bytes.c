/*
 * test_bytes.c
 *	  Memory, arenas, buffers, wire notations, checksums, integers, tokens.
 */
#include <limits.h>
#include <stdlib.h>

#include "alloc.h"
#include "buf.h"
#include "crc.h"
#include "murmur3.h"
#include "unit.h"
#include "vectors.h"
#include "wire.h"

/* ---- alloc ---- */

static void
test_alloc(void)
{
	char *text = cql_strdup(&unit_env, "abc");
	uint8_t *zero = cql_alloc0(&unit_env, 100);
	void *none = cql_alloc(&unit_env, 0);
	int i;

	CHECK_STR(text, "abc");
	CHECK(none != NULL);
	for (i = 0; i < 100; i++)
		CHECK_INT(zero[i], 0);
	CHECK(cql_alloc_array(&unit_env, SIZE_MAX / 2, 3) == NULL);
	zero = cql_realloc(&unit_env, zero, 200);
	CHECK_INT(zero[99], 0);
	cql_free(&unit_env, text);
	cql_free(&unit_env, zero);
	cql_free(&unit_env, none);
	cql_free(&unit_env, NULL);
}

static void
test_arena(void)
{
	cql_arena arena;
	char *first;
	int i;

	cql_arena_init(&arena, &unit_env, 1u << 20);
	first = cql_arena_strdup(&arena, "first");
	for (i = 0; i < 1000; i++)
	{
		uint8_t *p = cql_arena_alloc(&arena, (size_t) i);

		REQUIRE(p != NULL);
		CHECK_INT((uintptr_t) p % _Alignof(max_align_t), 0);
		CHECK(i == 0 || (p[0] == 0 && p[i - 1] == 0));
		if (i > 0)
			memset(p, 0xFF, (size_t) i);
	}
	CHECK_STR(first, "first");
	CHECK_STR(cql_arena_text(&arena, "abcd", 2), "ab");
	CHECK_STR(cql_arena_text(&arena, NULL, 0), "");
	CHECK(cql_arena_alloc(&arena, 200000) != NULL);
	CHECK(!arena.failed);
	cql_arena_free(&arena);
}

static void
test_arena_limits(void)
{
	cql_arena arena;

	cql_arena_init(&arena, &unit_env, 64);
	CHECK(cql_arena_alloc(&arena, 64) != NULL);
	CHECK(cql_arena_alloc(&arena, 1) == NULL);
	CHECK(arena.failed);
	CHECK(cql_arena_alloc(&arena, 0) == NULL);
	cql_arena_free(&arena);
	CHECK(!arena.failed);
	CHECK(cql_arena_array(&arena, SIZE_MAX / 2, 4) == NULL);
	CHECK(arena.failed);
	cql_arena_free(&arena);
	CHECK(cql_arena_alloc(&arena, SIZE_MAX) == NULL);
	cql_arena_free(&arena);
	CHECK(cql_arena_text(&arena, "", SIZE_MAX) == NULL);
	cql_arena_free(&arena);
}

/* ---- buf ---- */

static void
test_buf(void)
{
	cql_buf buf;
	int i;

	cql_buf_init(&buf, &unit_env, 100000);
	for (i = 0; i < 10000; i++)
	{
		uint8_t b = (uint8_t) i;

		cql_buf_append(&buf, &b, 1);
	}
	CHECK_INT(buf.len, 10000);
	CHECK(unit_allocations() < 20);
	cql_buf_consume(&buf, 1);
	CHECK_INT(buf.data[0], 1);
	CHECK_INT(buf.len, 9999);
	cql_buf_consume(&buf, 9999);
	CHECK_INT(buf.len, 0);
	cql_buf_append(&buf, NULL, 0);
	CHECK(!buf.failed);
	cql_buf_free(&buf);
}

static void
test_buf_limit(void)
{
	static const uint8_t bytes[101];
	cql_buf buf;

	cql_buf_init(&buf, &unit_env, 100);
	cql_buf_append(&buf, bytes, 100);
	CHECK(!buf.failed);
	CHECK_INT(buf.cap, 100);
	cql_buf_append(&buf, bytes, 1);
	CHECK(buf.failed);
	CHECK_INT(buf.len, 100);
	CHECK(cql_buf_reserve(&buf, 0) == NULL);
	cql_buf_consume(&buf, 10);
	CHECK_INT(buf.len, 100);
	cql_buf_reset(&buf);
	CHECK(!buf.failed);
	cql_buf_append(&buf, bytes, 101);
	CHECK(buf.failed);
	cql_buf_reset(&buf);
	CHECK(cql_buf_reserve(&buf, SIZE_MAX) == NULL);
	cql_buf_free(&buf);
	cql_buf_init(&buf, &unit_env, 100);
	unit_fail_from(1);
	cql_buf_append(&buf, bytes, 1);
	CHECK(buf.failed);
	CHECK_INT(buf.len, 0);
	cql_buf_free(&buf);
}

/* ---- wire ---- */

static void
test_wire_round_trip(void)
{
	cql_buf buf;
	cql_reader r;
	cql_slice null = {NULL, CQL_NULL};
	cql_slice unset = {NULL, CQL_UNSET};
	cql_slice value = {(const uint8_t *) "val", 3};

	cql_buf_init(&buf, &unit_env, 1000);
	cql_put_u8(&buf, 0xFE);
	cql_put_u16(&buf, 0xFEDC);
	cql_put_i32(&buf, INT32_MIN);
	cql_put_i64(&buf, INT64_MIN);
	cql_put_string(&buf, "short");
	cql_put_long_string(&buf, "long");
	cql_put_value(&buf, null);
	cql_put_value(&buf, unset);
	cql_put_value(&buf, value);
	CHECK(!buf.failed);
	cql_reader_init(&r, buf.data, buf.len);
	CHECK_INT(cql_get_u8(&r), 0xFE);
	CHECK_INT(cql_get_u16(&r), 0xFEDC);
	CHECK_INT(cql_get_i32(&r), INT32_MIN);
	CHECK_BYTES(cql_get_raw(&r, 8), 8, "\x80\0\0\0\0\0\0\0", 8);
	value = cql_get_string(&r);
	CHECK_BYTES(value.data, (size_t) value.len, "short", 5);
	value = cql_get_long_string(&r);
	CHECK_BYTES(value.data, (size_t) value.len, "long", 4);
	CHECK_INT(cql_get_bytes(&r).len, CQL_NULL);
	CHECK_INT(cql_get_bytes(&r).len, CQL_NULL);
	value = cql_get_bytes(&r);
	CHECK_BYTES(value.data, (size_t) value.len, "val", 3);
	CHECK_INT(cql_reader_left(&r), 0);
	CHECK(!r.failed);
	cql_buf_free(&buf);
}

static void
test_wire_truncated(void)
{
	static const uint8_t bytes[] = {0, 0, 0, 9, 'a', 'b'};
	cql_reader r;
	size_t n;

	/* Exactly as many bytes as there are: the sanitizer sees more. */
	for (n = 0; n < 8; n++)
	{
		uint8_t *copy = malloc(n + 1);

		memset(copy, 0, n + 1);
		cql_reader_init(&r, copy, n);
		CHECK(cql_get_raw(&r, 8) == NULL);
		CHECK(r.failed);
		CHECK_INT(cql_reader_left(&r), 0);
		CHECK_INT(cql_get_u8(&r), 0);
		free(copy);
	}
	cql_reader_init(&r, bytes, sizeof(bytes));
	CHECK_INT(cql_get_bytes(&r).len, 0);
	CHECK(r.failed);
	cql_reader_init(&r, bytes, sizeof(bytes));
	CHECK_INT(cql_get_long_string(&r).len, 0);
	CHECK(r.failed);
	cql_reader_init(&r, bytes + 2, 4);
	CHECK_INT(cql_get_string(&r).len, 0);
	CHECK(r.failed);
	cql_reader_init(&r, NULL, 0);
	CHECK(cql_get_raw(&r, 0) != NULL);
	CHECK(!r.failed);
	CHECK(cql_get_raw(&r, 1) == NULL);
	CHECK(r.failed);
}

static void
test_wire_counts(void)
{
	static const uint8_t five[] = {0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
	static const uint8_t negative[] = {0xFF, 0xFF, 0xFF, 0xFF, 0, 0};
	static const uint8_t huge[] = {0x7F, 0xFF, 0xFF, 0xFF, 0, 0};
	cql_reader r;

	cql_reader_init(&r, five, sizeof(five));
	CHECK_INT(cql_get_count(&r, 2), 5);
	CHECK(!r.failed);
	cql_reader_init(&r, five, sizeof(five) - 1);
	CHECK_INT(cql_get_count(&r, 2), 0);
	CHECK(r.failed);
	cql_reader_init(&r, negative, sizeof(negative));
	CHECK_INT(cql_get_count(&r, 0), 0);
	CHECK(r.failed);
	cql_reader_init(&r, huge, sizeof(huge));
	CHECK_INT(cql_get_count(&r, 0), 0);
	CHECK(r.failed);
	cql_reader_init(&r, negative, sizeof(negative));
	CHECK_INT(cql_get_long_string(&r).len, 0);
	CHECK(r.failed);
}

static void
test_wire_limits(void)
{
	char *text = malloc(UINT16_MAX + 2);
	cql_buf buf;

	memset(text, 'x', UINT16_MAX + 1);
	text[UINT16_MAX + 1] = '\0';
	cql_buf_init(&buf, &unit_env, 1u << 20);
	cql_put_string(&buf, text + 1);
	CHECK(!buf.failed);
	CHECK_INT(buf.len, UINT16_MAX + 2);
	cql_put_string(&buf, text);
	CHECK(buf.failed);
	CHECK_INT(buf.len, UINT16_MAX + 2);
	cql_buf_free(&buf);
	free(text);
}

/* ---- checksums ---- */

static void
test_crc(void)
{
	size_t i;

	for (i = 0; i < VECTOR_COUNT(vector_crc24); i++)
	{
		const vector_crc *v = &vector_crc24[i];

		CHECK_INT(cql_crc24(v->input.data, (size_t) v->input.len), v->crc);
	}
	for (i = 0; i < VECTOR_COUNT(vector_crc32); i++)
	{
		const vector_crc *v = &vector_crc32[i];

		CHECK_INT(cql_crc32(v->input.data, (size_t) v->input.len), v->crc);
	}
}

/* The CRC32 of a prefix by the definition, a bit at a time. */
static uint32_t
slow_crc32(const uint8_t *data, size_t len)
{
	static const uint8_t seed[4] = {0xFA, 0x2D, 0x55, 0xCA};
	uint32_t crc = 0xFFFFFFFFu;
	size_t i;
	int bit;

	for (i = 0; i < sizeof(seed) + len; i++)
	{
		crc ^= i < sizeof(seed) ? seed[i] : data[i - sizeof(seed)];
		for (bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0);
	}
	return ~crc;
}

static void
test_crc_lengths(void)
{
	uint8_t data[64];
	size_t start;
	size_t len;

	for (len = 0; len < sizeof(data); len++)
		data[len] = (uint8_t) (len * 37 + 200);
	for (start = 0; start < 8; start++)
	{
		for (len = 0; start + len <= sizeof(data); len++)
			CHECK_INT(cql_crc32(data + start, len),
					  slow_crc32(data + start, len));
	}
}

/* ---- integers ---- */

static void
test_uvint(void)
{
	size_t i;
	uint64_t value;
	uint8_t out[CQL_MAX_VINT];

	for (i = 0; i < VECTOR_COUNT(vector_uvints); i++)
	{
		const vector_uvint *v = &vector_uvints[i];
		int n = cql_uvint_put(out, v->value);
		size_t len;

		unit_about("%llu", (unsigned long long) v->value);
		CHECK_BYTES(out, (size_t) n, v->bytes.data, (size_t) v->bytes.len);
		CHECK_INT(cql_uvint_get(v->bytes.data, (size_t) v->bytes.len, &value),
				  v->bytes.len);
		CHECK(value == v->value);
		for (len = 0; len < (size_t) v->bytes.len; len++)
			CHECK_INT(cql_uvint_get(v->bytes.data, len, &value), 0);
	}
}

static void
test_vint(void)
{
	size_t i;
	int64_t value;
	uint8_t out[CQL_MAX_VINT];

	for (i = 0; i < VECTOR_COUNT(vector_vints); i++)
	{
		const vector_vint *v = &vector_vints[i];
		int n = cql_vint_put(out, v->value);

		unit_about("%lld", (long long) v->value);
		CHECK_BYTES(out, (size_t) n, v->bytes.data, (size_t) v->bytes.len);
		CHECK_INT(cql_vint_get(v->bytes.data, (size_t) v->bytes.len, &value),
				  v->bytes.len);
		CHECK_INT(value, v->value);
	}
	value = 7;
	CHECK_INT(cql_vint_get(out, 0, &value), 0);
	CHECK_INT(value, 7);
}

static void
test_uvint_edges(void)
{
	int bit;

	for (bit = 0; bit < 64; bit++)
	{
		int delta;

		for (delta = -1; delta <= 1; delta++)
		{
			uint64_t value = ((uint64_t) 1 << bit) + (uint64_t) delta;
			uint64_t back = 0;
			uint8_t out[CQL_MAX_VINT];
			int n = cql_uvint_put(out, value);

			CHECK_INT(cql_uvint_get(out, (size_t) n, &back), n);
			CHECK(back == value);
		}
	}
}

/* ---- tokens ---- */

static void
test_murmur3(void)
{
	size_t i;

	for (i = 0; i < VECTOR_COUNT(vector_hashes); i++)
	{
		const vector_hash *v = &vector_hashes[i];

		unit_about("key %zu", i);
		CHECK_INT(cql_murmur3_hash(v->key.data, (size_t) v->key.len), v->hash);
		CHECK_INT(cql_murmur3_token(v->key.data, (size_t) v->key.len),
				  v->token);
	}
}

static void
test_routing_key(void)
{
	cql_buf buf;
	size_t i;

	cql_buf_init(&buf, &unit_env, 1u << 20);
	for (i = 0; i < VECTOR_COUNT(vector_tokens); i++)
	{
		const vector_token *v = &vector_tokens[i];

		cql_buf_reset(&buf);
		CHECK(cql_routing_key(v->components, v->n, &buf));
		CHECK_BYTES(buf.data, buf.len, v->key.data, (size_t) v->key.len);
		CHECK_INT(cql_murmur3_token(buf.data, buf.len), v->token);
	}
	cql_buf_free(&buf);
}

static void
test_routing_key_limits(void)
{
	cql_slice parts[2] = {{vector_zeros, UINT16_MAX}, {vector_zeros, 0}};
	cql_buf buf;

	cql_buf_init(&buf, &unit_env, 1u << 20);
	CHECK(cql_routing_key(parts, 1, &buf));
	CHECK_INT(buf.len, UINT16_MAX);
	cql_buf_reset(&buf);
	CHECK(cql_routing_key(parts, 2, &buf));
	CHECK_INT(buf.len, UINT16_MAX + 6);
	cql_buf_reset(&buf);
	parts[0].len++;
	CHECK(!cql_routing_key(parts, 1, &buf));
	CHECK(!cql_routing_key(parts, 2, &buf));
	parts[0].len = CQL_NULL;
	CHECK(!cql_routing_key(parts, 2, &buf));
	parts[0].len = CQL_UNSET;
	CHECK(!cql_routing_key(parts, 1, &buf));
	CHECK_INT(buf.len, 0);
	cql_buf_free(&buf);
}

const unit_case unit_cases[] = {
	{"alloc", test_alloc},
	{"arena", test_arena},
	{"arena limits", test_arena_limits},
	{"buf", test_buf},
	{"buf limit", test_buf_limit},
	{"wire round trip", test_wire_round_trip},
	{"wire truncated", test_wire_truncated},
	{"wire counts", test_wire_counts},
	{"wire limits", test_wire_limits},
	{"crc", test_crc},
	{"crc of every length", test_crc_lengths},
	{"uvint", test_uvint},
	{"vint", test_vint},
	{"uvint edges", test_uvint_edges},
	{"murmur3", test_murmur3},
	{"routing key", test_routing_key},
	{"routing key limits", test_routing_key_limits},
	{NULL, NULL}};
