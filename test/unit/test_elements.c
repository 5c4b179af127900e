/*
 * test_elements.c
 *	  Walking values: what was taken apart, put together again, is the same;
 *	  malformed values end with an error.
 */
#include <stdlib.h>

#include "samples.h"
#include "unit.h"
#include "vectors.h"

#define ARENA_MAX ((size_t) 1 << 20)
#define VALUE(text)                                                           \
	{                                                                         \
		(const uint8_t *) (text), sizeof(text) - 1                            \
	}

static void rebuild(const cql_type *type, cql_slice value, cql_buf *out);

/* An element as its container writes it, rebuilt itself. */
static void
rebuild_element(const cql_type *container, const cql_type *type,
				cql_slice cell, cql_buf *out)
{
	uint8_t vint[CQL_MAX_VINT];

	if (container->id != CQL_TYPE_VECTOR)
		cql_put_i32(out, cell.len);
	else if (cql_type_fixed_length(type) == 0)
		cql_buf_append(out, vint,
					   (size_t) cql_uvint_put(vint, (uint64_t) cell.len));
	if (cell.len >= 0)
		rebuild(type, cell, out);
}

static void
rebuild(const cql_type *type, cql_slice value, cql_buf *out)
{
	cql_elements it;
	cql_slice cell;
	const cql_type *sub;
	int more;

	if (type->nsub == 0)
	{
		CHECK(!cql_elements_start(&it, type, value));
		cql_buf_append(out, value.data, (size_t) value.len);
		return;
	}
	if (!CHECK(cql_elements_start(&it, type, value)))
		return;
	if (type->id == CQL_TYPE_LIST || type->id == CQL_TYPE_SET)
		cql_put_i32(out, (int32_t) it.left);
	else if (type->id == CQL_TYPE_MAP)
		cql_put_i32(out, (int32_t) it.left / 2);
	while ((more = cql_elements_next(&it, &cell, &sub)) > 0)
		rebuild_element(type, sub, cell, out);
	CHECK_INT(more, 0);
	CHECK_INT(cql_elements_next(&it, &cell, &sub), 0);
}

static void
test_vectors(void)
{
	size_t compound = 0;

	for (size_t i = 0; i < VECTOR_COUNT(vector_encodings); i++)
	{
		const vector_encoding *v = &vector_encodings[i];
		cql_arena arena;
		const cql_type *type;
		cql_buf out;

		if (v->refused || v->value.len < 0)
			continue;
		unit_about("%s %s", v->type, v->literal);
		cql_arena_init(&arena, &unit_env, ARENA_MAX);
		type =
			cql_type_from_cql(v->type, "drvvec", sample_udt, &arena, &arena);
		cql_buf_init(&out, &unit_env, CQL_MAX_BODY);
		if (CHECK(type != NULL))
		{
			rebuild(type, v->value, &out);
			CHECK_BYTES(out.data, out.len, v->value.data,
						(size_t) v->value.len);
			compound += type->nsub > 0;
		}
		cql_buf_free(&out);
		cql_arena_free(&arena);
	}
	CHECK(compound > 25);
}

/*
 * Walks a value and all in it: the number of pieces, or -1 as soon as one is
 * malformed.
 */
static int
walk(const cql_type *type, cql_slice value)
{
	cql_elements it;
	cql_slice cell;
	const cql_type *sub;
	int pieces = 1;
	int more;

	if (type->nsub == 0 || value.len < 0)
		return 1;
	if (!cql_elements_start(&it, type, value))
		return -1;
	while ((more = cql_elements_next(&it, &cell, &sub)) > 0)
	{
		int inner = walk(sub, cell);

		if (inner < 0)
			return -1;
		CHECK(cell.len < 0 ||
			  (cell.data >= value.data &&
			   cell.data + cell.len <= value.data + value.len));
		pieces += inner;
	}
	/* How it ended does not change. */
	CHECK_INT(cql_elements_next(&it, &cell, &sub), more);
	return more < 0 ? -1 : pieces;
}

static int
walk_text(const char *text, cql_slice value)
{
	cql_arena arena;
	const cql_type *type;
	uint8_t *copy =
		sample_copy(value.data, value.len > 0 ? (size_t) value.len : 0);
	cql_slice own = {copy, value.len};
	int pieces = -2;

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	type = cql_type_from_cql(text, "drvvec", sample_udt, &arena, &arena);
	if (CHECK(type != NULL))
		pieces = walk(type, own);
	cql_arena_free(&arena);
	free(copy);
	return pieces;
}

/* Cut anywhere, a value is malformed or, a UDT or tuple, has fewer fields. */
static void
test_truncated(void)
{
	for (size_t i = 0; i < VECTOR_COUNT(vector_encodings); i++)
	{
		const vector_encoding *v = &vector_encodings[i];

		if (v->refused || v->value.len <= 0)
			continue;
		for (int32_t cut = 0; cut < v->value.len; cut++)
		{
			cql_slice part = {v->value.data, cut};

			unit_about("%s %s cut at %d", v->type, v->literal, (int) cut);
			if (strstr(v->type, "vector") != NULL)
				CHECK_INT(walk_text(v->type, part), -1);
			else if (strchr(v->type, '<') != NULL && cut > 0 &&
					 strstr(v->type, "tuple") == NULL &&
					 strstr(v->type, "u1") == NULL)
				CHECK_INT(walk_text(v->type, part), -1);
			else
				CHECK(walk_text(v->type, part) >= -1);
		}
	}
}

static void
test_bit_flips(void)
{
	for (size_t i = 0; i < VECTOR_COUNT(vector_encodings); i++)
	{
		const vector_encoding *v = &vector_encodings[i];

		if (v->refused)
			continue;
		for (int32_t bit = 0; bit < 8 * v->value.len; bit++)
		{
			uint8_t *copy = sample_copy(v->value.data, (size_t) v->value.len);
			cql_slice flipped = {copy, v->value.len};

			unit_about("%s %s bit %d", v->type, v->literal, (int) bit);
			copy[bit / 8] ^= (uint8_t) (1 << bit % 8);
			CHECK(walk_text(v->type, flipped) >= -1);
			free(copy);
		}
	}
}

typedef struct walk_case
{
	const char *type;
	cql_slice value;
	int pieces; /* -1: malformed */
} walk_case;

static const walk_case walk_cases[] = {
	/* an empty value is an empty collection */
	{"list<int>", VALUE(""), 1},
	{"map<int, int>", VALUE(""), 1},
	{"list<int>", VALUE("\0\0\0\0"), 1},
	/* counts that cannot be */
	{"list<int>", VALUE("\377\377\377\377"), -1},
	{"list<int>", VALUE("\177\377\377\377\0\0\0\0"), -1},
	{"map<int, int>", VALUE("\0\0\0\1\0\0\0\0"), -1},
	{"map<int, int>", VALUE("\200\0\0\1\0\0\0\0\0\0\0\0"), -1},
	/* lengths that cannot be */
	{"list<text>", VALUE("\0\0\0\1\0\0\0\2a"), -1},
	{"list<text>", VALUE("\0\0\0\1\177\377\377\377a"), -1},
	/* nulls */
	{"list<text>", VALUE("\0\0\0\1\377\377\377\377"), 2},
	{"list<text>", VALUE("\0\0\0\1\377\377\377\376"), 2},
	/* something behind the last element */
	{"list<text>", VALUE("\0\0\0\1\0\0\0\1ab"), -1},
	{"tuple<int>", VALUE("\0\0\0\1ab"), -1},
	{"vector<text, 1>", VALUE("\1ab"), -1},
	/* fewer fields than the type has, or more */
	{"u1", VALUE(""), 4},
	{"u1", VALUE("\0\0\0\4\0\0\0\1"), 4},
	{"tuple<int, text>", VALUE("\0\0\0\4\0\0\0\1"), 3},
	{"u1",
	 VALUE("\0\0\0\4\0\0\0\1\377\377\377\377\377\377\377\377"
		   "\0\0\0\1x"),
	 4},
	{"u1", VALUE("\0\0\0\4\0\0\0\1\0"), -1},
	/* vectors */
	{"vector<int, 2>", VALUE("\0\0\0\1\0\0\0\2"), 3},
	{"vector<int, 2>", VALUE("\0\0\0\1"), -1},
	{"vector<int, 2>", VALUE("\0\0\0\1\0\0\0\2\0\0\0\3"), -1},
	{"vector<int, 2>", VALUE(""), -1},
	{"vector<text, 2>", VALUE("\1a"), -1},
	{"vector<text, 2>", VALUE("\0\0"), 3},
	{"vector<text, 1>", VALUE("\377\377\377\377\377\377\377\377\377"), -1},
	{"vector<text, 1>", VALUE("\360\177"), -1},
	{"vector<vector<text, 2>, 2>", VALUE("\4\1a\1b\2\0\0"), 7},
	{"vector<vector<text, 2>, 2>", VALUE("\3\1a\1b\2\0\0"), -1},
};

static void
test_odd_values(void)
{
	for (size_t i = 0; i < sizeof(walk_cases) / sizeof(walk_cases[0]); i++)
	{
		unit_about("case %zu: %s", i, walk_cases[i].type);
		CHECK_INT(walk_text(walk_cases[i].type, walk_cases[i].value),
				  walk_cases[i].pieces);
	}
}

/* Keys and values of a map in turn, with their types and positions. */
static void
test_map(void)
{
	static const cql_slice value =
		VALUE("\0\0\0\2\0\0\0\1a\0\0\0\4\0\0\0\1\0\0\0\1b\0\0\0\4\0\0\0\2");
	static const cql_slice null_value = {NULL, CQL_NULL};
	cql_arena arena;
	const cql_type *type;
	const cql_type *sub;
	cql_elements it;
	cql_slice cell;

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	type = cql_type_from_cql("map<text, int>", "k", NULL, NULL, &arena);
	CHECK(type != NULL && cql_elements_start(&it, type, value));
	for (uint32_t i = 0; i < 4; i++)
	{
		CHECK_INT(it.left, 4 - i);
		CHECK_INT(it.index, i);
		CHECK_INT(cql_elements_next(&it, &cell, &sub), 1);
		CHECK(sub->id == (i % 2 == 0 ? CQL_TYPE_TEXT : CQL_TYPE_INT));
		CHECK_INT(cell.len, i % 2 == 0 ? 1 : 4);
	}
	CHECK_INT(cql_elements_next(&it, &cell, &sub), 0);
	CHECK(!cql_elements_start(&it, type, null_value));
	CHECK(!cql_elements_start(&it, type->sub[1], value));
	cql_arena_free(&arena);
}

const unit_case unit_cases[] = {{"server's values", test_vectors},
								{"truncated", test_truncated},
								{"bit flips", test_bit_flips},
								{"odd values", test_odd_values},
								{"map", test_map},
								{NULL, NULL}};
