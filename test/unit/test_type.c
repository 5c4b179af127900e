/*
 * test_type.c
 *	  Type descriptors: from the wire, class strings and CQL, and printed.
 */
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "unit.h"
#include "vectors.h"

#define ARENA_MAX ((size_t) 8 << 20)
#define WIRE(text)                                                            \
	{                                                                         \
		(const uint8_t *) (text), sizeof(text) - 1                            \
	}

static const cql_type *
from_wire(const uint8_t *data, size_t len, cql_arena *arena)
{
	cql_reader r;
	const cql_type *type;

	cql_reader_init(&r, data, len);
	type = cql_type_from_wire(&r, arena);
	CHECK(type != NULL || r.failed || arena->failed);
	CHECK(type == NULL || cql_reader_left(&r) == 0);
	return type;
}

static const cql_type *
from_class(const char *text, cql_arena *arena)
{
	return cql_type_from_class(text, strlen(text), arena);
}

static const cql_type *
from_cql(const char *text, cql_arena *arena)
{
	return cql_type_from_cql(text, "drvvec", sample_udt, arena, arena);
}

/* What the server calls a type in metadata and in system_schema is the same.
 */
static void
test_wire_and_cql_agree(void)
{
	for (size_t i = 0; i < VECTOR_COUNT(vector_encodings); i++)
	{
		const vector_encoding *v = &vector_encodings[i];
		cql_arena arena;
		const cql_type *wire;
		const cql_type *cql;

		if (v->refused)
			continue;
		unit_about("%s", v->type);
		cql_arena_init(&arena, &unit_env, ARENA_MAX);
		wire = from_wire(v->option.data, (size_t) v->option.len, &arena);
		cql = from_cql(v->type, &arena);
		CHECK(wire != NULL && cql != NULL && cql_type_equal(wire, cql));
		cql_arena_free(&arena);
	}
}

static void
test_wire_truncated(void)
{
	for (size_t i = 0; i < VECTOR_COUNT(vector_encodings); i++)
	{
		const vector_encoding *v = &vector_encodings[i];

		for (size_t cut = 0; (int32_t) cut < v->option.len; cut++)
		{
			cql_arena arena;
			uint8_t *part = sample_copy(v->option.data, cut);

			unit_about("%s cut at %zu", v->type, cut);
			cql_arena_init(&arena, &unit_env, ARENA_MAX);
			CHECK(from_wire(part, cut, &arena) == NULL);
			CHECK(!arena.failed);
			cql_arena_free(&arena);
			free(part);
		}
	}
}

/* A count that the bytes cannot hold is refused before it is allocated for. */
static void
test_wire_malformed(void)
{
	static const cql_slice options[] = {
		WIRE("\x00\x31\xff\xff\x00\x09"), /* tuple */
		WIRE("\x00\x30\x00\x01k\x00\x01u\xff\xff\x00\x01"
			 "a\x00\x09"),
		WIRE("\x00\x0a"),								/* text of v1 */
		WIRE("\x00\x16"),								/* no such option */
		WIRE("\x00\x30\x00\x02k\x00\x00\x01u\x00\x00"), /* NUL in a name */
		WIRE("\x00\x00\x00\x02"
			 "A\x00"), /* NUL in a class */
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
	{
		cql_arena arena;
		uint8_t *data = sample_copy(options[i].data, (size_t) options[i].len);

		unit_about("option %zu", i);
		cql_arena_init(&arena, &unit_env, ARENA_MAX);
		CHECK(from_wire(data, (size_t) options[i].len, &arena) == NULL);
		CHECK(arena.used < 4096);
		cql_arena_free(&arena);
		free(data);
	}
}

/* depth - 1 lists around an int, on the wire. */
static const cql_type *
nested_option(uint32_t depth, cql_arena *arena)
{
	uint8_t data[2 * 256];

	for (uint32_t i = 0; i < depth; i++)
		cql_store_u16(data + 2 * i,
					  i + 1 < depth ? CQL_TYPE_LIST : CQL_TYPE_INT);
	return from_wire(data, 2 * depth, arena);
}

/* The same as text: open and close around each. */
static char *
nested_text(uint32_t depth, const char *open, const char *leaf,
			const char *close)
{
	char *text = calloc(1, 32 * (depth + 1));

	for (uint32_t i = 1; i < depth; i++)
		strcat(text, open);
	strcat(text, leaf);
	for (uint32_t i = 1; i < depth; i++)
		strcat(text, close);
	return text;
}

static void
check_depth(uint32_t depth, bool good)
{
	char *class_text = nested_text(depth, "ListType(", "Int32Type", ")");
	char *cql_text = nested_text(depth, "frozen<", "int", ">");
	char *udt_text = nested_text(depth - 2, "list<", "u1", ">");
	cql_arena arena;

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	CHECK((nested_option(depth, &arena) != NULL) == good);
	CHECK((from_class(class_text, &arena) != NULL) == good);
	CHECK((from_cql(cql_text, &arena) != NULL) == good);
	CHECK((from_cql(udt_text, &arena) != NULL) == good);
	CHECK(!arena.failed);
	cql_arena_free(&arena);
	free(class_text);
	free(cql_text);
	free(udt_text);
}

static void
test_depth(void)
{
	check_depth(CQL_MAX_TYPE_DEPTH, true);
	check_depth(CQL_MAX_TYPE_DEPTH + 1, false);
	check_depth(200, false);
}

/* Each of these types has two of the one before: 2^30 nodes as a tree. */
static bool
doubling(void *ctx, const char *name, const cql_type **found)
{
	cql_arena *arena = ctx;
	const cql_type *type = cql_type_scalar(CQL_TYPE_INT);

	for (int i = 0; i < atoi(name + 1); i++)
	{
		cql_type *pair = cql_type_make(arena, CQL_TYPE_TUPLE, 2);

		cql_type_set_sub(pair, 0, type);
		cql_type_set_sub(pair, 1, type);
		type = pair;
	}
	*found = type;
	return true;
}

static void
test_nodes(void)
{
	cql_arena arena;

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	CHECK(cql_type_from_cql("u10", "k", doubling, &arena, &arena) != NULL);
	CHECK(cql_type_from_cql("u30", "k", doubling, &arena, &arena) == NULL);
	CHECK(!arena.failed);
	cql_arena_free(&arena);
}

typedef struct spelling
{
	const char *text;
	const char *printed; /* NULL: malformed */
} spelling;

static const spelling class_spellings[] = {
	{"org.apache.cassandra.db.marshal.UTF8Type", "text"},
	{" UTF8Type ", "text"},
	{"DateType", "timestamp"},
	{"org.apache.cassandra.db.marshal.DurationType", "duration"},
	{"ReversedType(org.apache.cassandra.db.marshal.TimestampType)",
	 "timestamp"},
	{"ListType(FrozenType(MapType(AsciiType , Int32Type)))",
	 "list<frozen<map<ascii, int>>>"},
	{"org.apache.cassandra.db.marshal.VectorType("
	 "org.apache.cassandra.db.marshal.FloatType , 3)",
	 "vector<float, 3>"},
	{"FrozenType(FrozenType(SetType(UUIDType)))", "frozen<set<uuid>>"},
	{"TupleType(Int32Type,SetType(LongType),BytesType)",
	 "tuple<int, set<bigint>, blob>"},
	{"UserType(ks,41,61:Int32Type)", "\"A\""},
	{"UserType(ks,7531)", "u1"},
	{"UserType(ks,696e74,61:Int32Type)", "\"int\""},
	{"CompositeType(UTF8Type,Int32Type)",
	 "'CompositeType(UTF8Type,Int32Type)'"},
	{"DynamicCompositeType(a=>BytesType,b=>UTF8Type)",
	 "'DynamicCompositeType(a=>BytesType,b=>UTF8Type)'"},
	{"com.example.Own", "'com.example.Own'"},
	{"ListType(com.example.Own(x,(y)))", "list<'com.example.Own(x,(y))'>"},
	{"UTF8Type()", "'UTF8Type()'"},
	{"", NULL},
	{"(", NULL},
	{"UTF8Type x", NULL},
	{"ListType(", NULL},
	{"ListType()", NULL},
	{"ListType(Int32Type", NULL},
	{"ListType(Int32Type,Int32Type)", NULL},
	{"MapType(Int32Type)", NULL},
	{"com.example.Own(x", NULL},
	{"TupleType(Int32Type,)", NULL},
	{"VectorType(FloatType)", NULL},
	{"VectorType(FloatType, 0)", NULL},
	{"VectorType(FloatType, -1)", NULL},
	{"VectorType(FloatType, 3x)", NULL},
	{"VectorType(FloatType, 99999999999999999999)", NULL},
	{"VectorType(VectorType(FloatType, 100000), 100000)", NULL},
	{"UserType(ks)", NULL},
	{"UserType(ks,7,61:Int32Type)", NULL},
	{"UserType(ks,zz,61:Int32Type)", NULL},
	{"UserType(ks,0075,61:Int32Type)", NULL},
	{"UserType(ks,7531,61)", NULL},
	{"UserType(,7531,61:Int32Type)", NULL},
};

static const spelling cql_spellings[] = {
	{"varchar", "text"},
	{"INT", "int"},
	{" map < text , frozen<list<int>> > ", "map<text, frozen<list<int>>>"},
	{"frozen<tuple<int, text>>", "frozen<tuple<int, text>>"},
	{"tuple<u1, vector<smallint, 2>>", "tuple<u1, vector<smallint, 2>>"},
	{"frozen<u1>", "frozen<u1>"},
	{"drvvec.u1", "u1"},
	{"other.u1", "u1"},
	{"U1", "u1"},
	{"\"U1\"", "\"U1\""},
	{"\"a\"\"b,>\"", "\"a\"\"b,>\""},
	{"tuple<\"a,b\", int>", "tuple<\"a,b\", int>"},
	{"list", "list"},
	{"'org.apache.cassandra.db.marshal.UTF8Type'", "text"},
	{"'com.example.It''s'", "'com.example.It''s'"},
	{"list<'com.example.Own'>", "list<'com.example.Own'>"},
	{"", NULL},
	{"int x", NULL},
	{"list<", NULL},
	{"list<>", NULL},
	{"list<int", NULL},
	{"list<int, int>", NULL},
	{"map<int>", NULL},
	{"int<int>", NULL},
	{"tuple<>", NULL},
	{"tuple<int,>", NULL},
	{"vector<float>", NULL},
	{"vector<float, 0>", NULL},
	{"vector<float, -1>", NULL},
	{"vector<float, 99999999999999999999>", NULL},
	{"\"open", NULL},
	{"\"\"", NULL},
	{"'open", NULL},
	{"a.", NULL},
	{">", NULL},
};

static void
check_spelling(const spelling *s,
			   const cql_type *(*parse)(const char *text, cql_arena *arena))
{
	cql_arena arena;
	const cql_type *type;
	char printed[256];

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	type = parse(s->text, &arena);
	CHECK_STR(type == NULL ? "malformed"
						   : cql_type_print(type, printed, sizeof(printed)),
			  s->printed == NULL ? "malformed" : s->printed);
	CHECK(!arena.failed);
	cql_arena_free(&arena);
}

static void
test_class_strings(void)
{
	for (size_t i = 0; i < sizeof(class_spellings) / sizeof(spelling); i++)
		check_spelling(&class_spellings[i], from_class);
}

static void
test_cql_text(void)
{
	for (size_t i = 0; i < sizeof(cql_spellings) / sizeof(spelling); i++)
		check_spelling(&cql_spellings[i], from_cql);
}

/* Types that the schema names otherwise than results do. */
static void
test_two_names(void)
{
	static const char *const names[][2] = {
		{"empty", "org.apache.cassandra.db.marshal.EmptyType"},
		{"timeuuid", "org.apache.cassandra.db.marshal.LegacyTimeUUIDType"},
		{"timestamp", "org.apache.cassandra.db.marshal.DateType"}};
	cql_arena arena;
	size_t i;

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		const cql_type *schema = from_cql(names[i][0], &arena);
		const cql_type *wire =
			cql_type_from_class(names[i][1], strlen(names[i][1]), &arena);

		unit_about("%s", names[i][0]);
		if (wire == NULL)
			wire =
				cql_type_make_custom(&arena, names[i][1], strlen(names[i][1]));
		CHECK(cql_type_equal(schema, wire));
	}
	cql_arena_free(&arena);
}

static void
test_udt_class(void)
{
	cql_arena arena;
	const cql_type *type;
	const cql_type *same;

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	type = from_class("UserType(drvvec,7531,61:Int32Type,62:UTF8Type,"
					  "63:FrozenType(ListType(Int32Type)))",
					  &arena);
	CHECK(type != NULL && type->id == CQL_TYPE_UDT && type->nsub == 3);
	CHECK_STR(type->keyspace, "drvvec");
	CHECK_STR(type->name, "u1");
	CHECK_STR(type->fields[2], "c");
	CHECK(type->sub[2]->frozen);
	CHECK(sample_udt(&arena, "u1", &same) && cql_type_equal(type, same));
	type = from_class("ReversedType(Int32Type)", &arena);
	CHECK(type->reversed && type->id == CQL_TYPE_INT);
	CHECK(!cql_type_scalar(CQL_TYPE_INT)->reversed);
	cql_arena_free(&arena);
}

/* A custom class on the wire that cannot be read does not lose the rest. */
static void
test_odd_custom(void)
{
	static const uint8_t option[] = {0, 0, 0, 5, 'A', '(', 'B', '(', '('};
	cql_arena arena;
	const cql_type *type;

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	type = from_wire(option, sizeof(option), &arena);
	CHECK(type != NULL && type->id == CQL_TYPE_CUSTOM);
	CHECK_STR(type->name, "A(B((");
	cql_arena_free(&arena);
}

static void
test_print_cut(void)
{
	cql_arena arena;
	const cql_type *type;
	char whole[64];

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	type = from_cql("map<text, frozen<\"Odd Name\">>", &arena);
	cql_type_print(type, whole, sizeof(whole));
	CHECK_STR(whole, "map<text, frozen<\"Odd Name\">>");
	for (size_t size = 0; size <= strlen(whole) + 1; size++)
	{
		char *cut = malloc(size > 0 ? size : 1);

		CHECK(cql_type_print(type, cut, size) == cut);
		CHECK(size == 0 || strlen(cut) == size - 1);
		CHECK(size == 0 || strncmp(cut, whole, size - 1) == 0);
		free(cut);
	}
	cql_arena_free(&arena);
}

static void
test_equal(void)
{
	static const char *const texts[] = {"int",
										"bigint",
										"list<int>",
										"set<int>",
										"list<text>",
										"map<int, text>",
										"tuple<int>",
										"tuple<int, int>",
										"vector<int, 2>",
										"vector<int, 3>",
										"u1",
										"'a'",
										"'b'",
										"other.u1",
										"drvvec.u2"};
	size_t n = sizeof(texts) / sizeof(texts[0]);
	cql_arena arena;

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	for (size_t i = 0; i < n; i++)
	{
		for (size_t j = 0; j < n; j++)
			CHECK(cql_type_equal(from_cql(texts[i], &arena),
								 from_cql(texts[j], &arena)) == (i == j));
	}
	CHECK(cql_type_equal(from_cql("frozen<list<int>>", &arena),
						 from_cql("list<int>", &arena)));
	CHECK(!cql_type_equal(from_class("UserType(k,75,61:Int32Type)", &arena),
						  from_class("UserType(k,75,62:Int32Type)", &arena)));
	cql_arena_free(&arena);
}

static void
test_fixed_length(void)
{
	static const struct
	{
		const char *text;
		uint32_t length;
	} cases[] = {{"boolean", 1},
				 {"int", 4},
				 {"bigint", 8},
				 {"float", 4},
				 {"double", 8},
				 {"uuid", 16},
				 {"timeuuid", 16},
				 {"timestamp", 8},
				 {"tinyint", 0},
				 {"smallint", 0},
				 {"date", 0},
				 {"time", 0},
				 {"inet", 0},
				 {"varint", 0},
				 {"decimal", 0},
				 {"duration", 0},
				 {"text", 0},
				 {"blob", 0},
				 {"list<int>", 0},
				 {"tuple<int>", 0},
				 {"vector<float, 3>", 12},
				 {"vector<vector<uuid, 2>, 3>", 96},
				 {"vector<text, 3>", 0},
				 {"vector<vector<text, 2>, 3>", 0}};
	cql_arena arena;

	cql_arena_init(&arena, &unit_env, ARENA_MAX);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(cql_type_fixed_length(from_cql(cases[i].text, &arena)) ==
			  cases[i].length);
	cql_arena_free(&arena);
}

static bool
parse_everything(void *arg)
{
	static const cql_slice option = WIRE("\x00\x30\x00\x01k\x00\x01u"
										 "\x00\x01\x00\x01"
										 "a\x00\x31\x00\x01"
										 "\x00\x00\x00\x06"
										 "b.O(x)");
	const size_t *max = arg;
	cql_arena arena;
	const cql_type *type;

	cql_arena_init(&arena, &unit_env, *max);
	type = from_cql("map<text, tuple<u1, 'a.B', \"X\">>", &arena);
	if (type != NULL)
		type = from_class("UserType(k,75,61:VectorType(TupleType(FrozenType("
						  "ReversedType(SetType(x.Y)))), 2))",
						  &arena);
	if (type != NULL)
		type = from_wire(option.data, (size_t) option.len, &arena);
	CHECK((type == NULL) == arena.failed);
	cql_arena_free(&arena);
	return type != NULL;
}

static void
test_no_memory(void)
{
	size_t max = ARENA_MAX;

	unit_sweep(parse_everything, &max);
	/* Small types share a block: the arena's limit fails at each place. */
	for (max = 0; !parse_everything(&max) && max < 65536; max += 16)
		CHECK_INT(unit_live_blocks(), 0);
	CHECK(max > 0 && max < 65536);
}

const unit_case unit_cases[] = {
	{"wire and CQL agree", test_wire_and_cql_agree},
	{"wire truncated", test_wire_truncated},
	{"wire malformed", test_wire_malformed},
	{"depth", test_depth},
	{"number of nodes", test_nodes},
	{"class strings", test_class_strings},
	{"CQL text", test_cql_text},
	{"two names of a type", test_two_names},
	{"UDT class", test_udt_class},
	{"odd custom class", test_odd_custom},
	{"print cut", test_print_cut},
	{"equal", test_equal},
	{"fixed length", test_fixed_length},
	{"no memory", test_no_memory},
	{NULL, NULL}};
