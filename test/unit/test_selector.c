/*
 * test_selector.c
 *	  Selectors: what is printed, of what type, and what is refused.  The
 *	  printed ones have been tried on a server by the topic "expression".
 */
#include "alloc.h"
#include "selector_int.h"
#include "type.h"
#include "unit.h"

static cql_arena arena;

/* The table that the cases are about. */
static const struct
{
	const char *name;
	const char *type;
	cql_column_kind kind;
} table_columns[] = {
	{"id", "int", CQL_PARTITION_KEY},
	{"part", "text", CQL_PARTITION_KEY},
	{"c", "timestamp", CQL_CLUSTERING},
	{"st", "text", CQL_STATIC},
	{"a", "address", CQL_REGULAR},
	{"d", "decimal", CQL_REGULAR},
	{"email", "text", CQL_REGULAR},
	{"fa", "frozen<address>", CQL_REGULAR},
	{"l", "list<int>", CQL_REGULAR},
	{"fl", "frozen<list<int>>", CQL_REGULAR},
	{"m", "map<text, int>", CQL_REGULAR},
	{"mu", "map<text, frozen<address>>", CQL_REGULAR},
	{"n", "bigint", CQL_REGULAR},
	{"s", "set<text>", CQL_REGULAR},
	{"v", "vector<float, 3>", CQL_REGULAR},
	{"Mixed", "text", CQL_REGULAR},
	{"quo\"te", "int", CQL_REGULAR},
	{"order", "int", CQL_REGULAR},
};

#define NCOLUMNS (sizeof(table_columns) / sizeof(table_columns[0]))

static bool
lookup_udt(void *ctx, const char *name, const cql_type **found)
{
	cql_type *type;

	*found = NULL;
	if (ctx != &arena || strcmp(name, "address") != 0)
		return true;
	type = cql_type_make_udt(&arena, "k", "address", 2);
	cql_type_set_sub(type, 0, cql_type_scalar(CQL_TYPE_TEXT));
	cql_type_set_field(type, 0, "street");
	cql_type_set_sub(type, 1, cql_type_scalar(CQL_TYPE_INT));
	cql_type_set_field(type, 1, "Zip");
	*found = type;
	return true;
}

static void
make_table(cql_schema_table *table, cql_schema_column columns[NCOLUMNS])
{
	memset(table, 0, sizeof(*table));
	memset(columns, 0, sizeof(columns[0]) * NCOLUMNS);
	cql_arena_init(&arena, &unit_env, (size_t) 1 << 20);
	for (size_t i = 0; i < NCOLUMNS; i++)
	{
		columns[i].name = table_columns[i].name;
		columns[i].kind = table_columns[i].kind;
		columns[i].type = cql_type_from_cql(table_columns[i].type, "k",
											lookup_udt, &arena, &arena);
	}
	table->keyspace = "k";
	table->name = "t";
	table->columns = columns;
	table->ncolumns = NCOLUMNS;
	table->npartition = 2;
	table->nclustering = 1;
}

/* ---- what is read ---- */

static const struct
{
	const char *in;
	const char *out; /* NULL: as in */
	const char *type;
} good[] = {
	{"email", NULL, "text"},
	{" EMAIL ", "email", "text"},
	{"\"email\"", "email", "text"},
	{"\"Mixed\"", NULL, "text"},
	{"\"quo\"\"te\"", NULL, "int"},
	{"order", "\"order\"", "int"},
	{"a.street", NULL, "text"},
	{"a . \"Zip\"", "a.\"Zip\"", "int"},
	{"mu['it''s'].street", NULL, "text"},
	{"m[ 'k' ]", "m['k']", "int"},
	{"s['x']", NULL, "text"},
	{"fa", NULL, "frozen<address>"},
	{"writetime(email)", NULL, "bigint"},
	{"WriteTime( st )", "writetime(st)", "bigint"},
	{"ttl(\"Mixed\")", NULL, "int"},
	{"ttl(m)", NULL, "list<int>"},
	{"writetime(m)", NULL, "list<bigint>"},
	{"writetime(a)", NULL, "list<bigint>"},
	{"writetime(fa)", NULL, "bigint"},
	{"writetime(fl)", NULL, "bigint"},
	{"writetime(v)", NULL, "bigint"},
	{"writetime(m['k'])", NULL, "bigint"},
	{"writetime(a.street)", NULL, "bigint"},
	{"maxwritetime(m)", NULL, "bigint"},
	{"token(id, part)", NULL, "bigint"},
	{"system.token(id,part)", "token(id, part)", "bigint"},
	{"cast(n as TEXT)", "CAST(n AS text)", "text"},
	{"CAST(n AS varchar)", "CAST(n AS text)", "text"},
	{"CAST(CAST(n AS text) AS ascii)", NULL, "ascii"},
	{"cast(k2.f(n, 'x') as int)", "CAST(k2.f(n, 'x') AS int)", "int"},
	{"cast(f() as int)", "CAST(k.f() AS int)", "int"},
	{"cast(\"F\"(n) as int)", "CAST(k.\"F\"(n) AS int)", "int"},
	{"to_json(cast(f(n) as int))", "to_json(CAST(k.f(n) AS int))", "text"},
	{"toJson(f(n))", "tojson(k.f(n))", "text"},
	{"now()", NULL, "timeuuid"},
	{"toTimestamp(now())", "totimestamp(now())", "timestamp"},
	{"system.abs(n)", "abs(n)", "bigint"},
	{"abs(-5)", NULL, "int"},
	{"round(d)", NULL, "decimal"},
	{"map_keys(m)", NULL, "set<text>"},
	{"map_values(mu)", NULL, "list<frozen<address>>"},
	{"collection_max(map_keys(m))", NULL, "text"},
	{"collection_count(m)", NULL, "int"},
	{"similarity_cosine(v, [1, -2.5,3e-1])",
	 "similarity_cosine(v, [1, -2.5, 3e-1])", "float"},
	{"mask_inner(email, 1, 1, '#')", NULL, "text"},
	{"intAsBlob(id)", "intasblob(id)", "blob"},
	{"blob_as_bigint(bigint_as_blob(n))", NULL, "bigint"},
	{"1", "(int)1", "int"},
	{"-2147483648", "(int)-2147483648", "int"},
	{"2147483648", "(bigint)2147483648", "bigint"},
	{"-9223372036854775809", "(varint)-9223372036854775809", "varint"},
	{"0001", "(int)0001", "int"},
	{"1.5", "(double)1.5", "double"},
	{"1e3", "(double)1e3", "double"},
	{"'x'", "(text)'x'", "text"},
	{"''", "(text)''", "text"},
	{"true", "(boolean)true", "boolean"},
	{"0xCAFE", "(blob)0xCAFE", "blob"},
	{"50554d6e-29bb-11e5-b345-feff819cdc9f",
	 "(uuid)50554d6e-29bb-11e5-b345-feff819cdc9f", "uuid"},
	{"(timestamp) '2020-01-01'", "(timestamp)'2020-01-01'", "timestamp"},
};

static void
check_good(const cql_schema_table *table, const char *in, const char *text,
		   const char *type_text)
{
	cql_selector out;
	char type[200];

	unit_about("%s", in);
	if (!CHECK(cql_selector_parse(in, table, &out)))
	{
		CHECK_STR(out.message, "");
		return;
	}
	CHECK_STR(out.text, text);
	CHECK_INT(out.code, CQL_SELECTOR_OK);
	CHECK_STR(cql_type_print(out.type, type, sizeof(type)), type_text);
}

static void
test_good(void)
{
	cql_schema_table table;
	cql_schema_column columns[NCOLUMNS];

	make_table(&table, columns);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		const char *text = good[i].out != NULL ? good[i].out : good[i].in;

		check_good(&table, good[i].in, text, good[i].type);
		/* what is printed is read the same */
		check_good(&table, text, text, good[i].type);
	}
	cql_arena_free(&arena);
}

/* Without a table only what no table can mend is refused. */
static void
test_grammar(void)
{
	cql_selector out;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		unit_about("%s", good[i].in);
		CHECK(cql_selector_parse(good[i].in, NULL, &out));
	}
	CHECK(cql_selector_parse("emial.x['k'].y", NULL, &out));
	CHECK(cql_selector_parse("abs(map_keys(x))", NULL, &out));
	CHECK(cql_selector_parse("now()['k'].y", NULL, &out));
	CHECK(cql_selector_parse("writetime(id)", NULL, &out));
	CHECK(cql_selector_parse("token(a, b, c)", NULL, &out));
	CHECK(cql_selector_parse("f(x)", NULL, &out));
	CHECK(!cql_selector_parse("email, id", NULL, &out));
	CHECK_INT(out.code, CQL_SELECTOR_SYNTAX);
	CHECK(!cql_selector_parse("count(*)", NULL, &out));
	CHECK_INT(out.code, CQL_SELECTOR_UNSUPPORTED);
	CHECK(!cql_selector_parse("CAST(x AS list<int>)", NULL, &out));
	CHECK_INT(out.code, CQL_SELECTOR_TYPE);
	CHECK(!cql_selector_parse("now(x)", NULL, &out));
	CHECK_INT(out.code, CQL_SELECTOR_TYPE);
}

static void
test_functions(void)
{
	cql_schema_table table;
	cql_schema_column columns[NCOLUMNS];
	cql_selector out;

	make_table(&table, columns);
	REQUIRE(
		cql_selector_parse("CAST(other.f(\"G\"(n)) AS int)", &table, &out));
	CHECK_INT(out.nfunctions, 2);
	CHECK_STR(out.functions[0].keyspace, "other");
	CHECK_STR(out.functions[0].name, "f");
	CHECK_STR(out.functions[1].keyspace, "k");
	CHECK_STR(out.functions[1].name, "G");
	REQUIRE(cql_selector_parse("to_json(n)", &table, &out));
	CHECK_INT(out.nfunctions, 0);
	REQUIRE(cql_selector_parse("maxwritetime(m)", &table, &out));
	CHECK(out.write_time);
	REQUIRE(cql_selector_parse("ttl(email)", &table, &out));
	CHECK(!out.write_time);
	REQUIRE(cql_selector_parse("CAST(writetime(n) AS int)", &table, &out));
	CHECK(!out.write_time);
	cql_arena_free(&arena);
}

/* ---- what is refused ---- */

static const struct
{
	const char *in;
	cql_selector_code code;
	const char *message;
} bad[] = {
	{"", CQL_SELECTOR_SYNTAX, "syntax error at end of expression"},
	{"email, id", CQL_SELECTOR_SYNTAX, "syntax error at or near \",\""},
	{"email FROM t", CQL_SELECTOR_SYNTAX, "syntax error at or near \"FROM\""},
	{"email; DROP TABLE t", CQL_SELECTOR_SYNTAX,
	 "syntax error at or near \";\""},
	{"email -- x", CQL_SELECTOR_SYNTAX, "syntax error at or near \"--\""},
	{"email AS x", CQL_SELECTOR_SYNTAX, "syntax error at or near \"AS\""},
	{"*", CQL_SELECTOR_SYNTAX, "syntax error at or near \"*\""},
	{"?", CQL_SELECTOR_SYNTAX, "syntax error at or near \"?\""},
	{"n + 1", CQL_SELECTOR_SYNTAX, "syntax error at or near \"+\""},
	{"\"email", CQL_SELECTOR_SYNTAX, "unterminated quoted name"},
	{"\"\"", CQL_SELECTOR_SYNTAX, "syntax error at end of expression"},
	{"'x", CQL_SELECTOR_SYNTAX, "unterminated quoted string"},
	{"m['k'", CQL_SELECTOR_SYNTAX, "syntax error at end of expression"},
	{"m[k]", CQL_SELECTOR_SYNTAX, "syntax error at or near \"k]\""},
	{"writetime(email", CQL_SELECTOR_SYNTAX,
	 "syntax error at end of expression"},
	{"writetime(n, email)", CQL_SELECTOR_SYNTAX,
	 "syntax error at or near \",\""},
	{"writetime('x')", CQL_SELECTOR_SYNTAX,
	 "syntax error at or near \"'x')\""},
	{"0xABC", CQL_SELECTOR_SYNTAX, "syntax error at or near \"0xABC\""},
	{"1x", CQL_SELECTOR_SYNTAX, "syntax error at or near \"1x\""},
	{"1.", CQL_SELECTOR_SYNTAX, "syntax error at or near \"1.\""},
	{"1e", CQL_SELECTOR_SYNTAX, "syntax error at or near \"1e\""},
	{"-", CQL_SELECTOR_SYNTAX, "syntax error at or near \"-\""},
	{"-n", CQL_SELECTOR_SYNTAX, "syntax error at or near \"-n\""},
	{"cast(n)", CQL_SELECTOR_SYNTAX, "syntax error at or near \")\""},
	{"cast(n as list<int>)", CQL_SELECTOR_TYPE,
	 "\"list\" is not a type to cast to"},
	{"cast(n as counter)", CQL_SELECTOR_TYPE,
	 "\"counter\" is not a type to cast to"},
	{"emial", CQL_SELECTOR_COLUMN,
	 "column \"emial\" does not exist in table \"k\".\"t\" of Cassandra"},
	{"mixed", CQL_SELECTOR_COLUMN,
	 "column \"mixed\" does not exist in table \"k\".\"t\" of Cassandra"},
	{"writetime(x)", CQL_SELECTOR_COLUMN,
	 "column \"x\" does not exist in table \"k\".\"t\" of Cassandra"},
	{"a.city", CQL_SELECTOR_COLUMN, "type \"address\" has no field \"city\""},
	{"email.city", CQL_SELECTOR_TYPE,
	 "\"city\" is not a field: what it is taken of is not of a user-defined "
	 "type"},
	{"l[0]", CQL_SELECTOR_TYPE,
	 "elements can be selected of maps and sets only"},
	{"writetime(id)", CQL_SELECTOR_UNSUPPORTED,
	 "writetime() cannot be applied to column \"id\", which is part of the "
	 "primary key"},
	{"ttl(c)", CQL_SELECTOR_UNSUPPORTED,
	 "ttl() cannot be applied to column \"c\", which is part of the primary "
	 "key"},
	{"token(id)", CQL_SELECTOR_TYPE,
	 "token() needs the columns of the partition key, all of them in their "
	 "order"},
	{"token(part, id)", CQL_SELECTOR_TYPE,
	 "token() needs the columns of the partition key, all of them in their "
	 "order"},
	{"token(id, part, c)", CQL_SELECTOR_TYPE,
	 "token() needs the columns of the partition key, all of them in their "
	 "order"},
	{"count(*)", CQL_SELECTOR_UNSUPPORTED, "count() is an aggregate"},
	{"max(n)", CQL_SELECTOR_UNSUPPORTED, "max() is an aggregate"},
	{"\"max\"(n)", CQL_SELECTOR_UNSUPPORTED, "max() is an aggregate"},
	{"cast(max(n) as int)", CQL_SELECTOR_UNSUPPORTED, "max() is an aggregate"},
	{"cast(system.sum(n) as int)", CQL_SELECTOR_UNSUPPORTED,
	 "sum() is an aggregate"},
	{"system.f(n)", CQL_SELECTOR_TYPE, "function system.f is not known"},
	{"f(n)", CQL_SELECTOR_TYPE,
	 "the result type of function \"f\" is not known"},
	{"abs(f(n))", CQL_SELECTOR_TYPE,
	 "function abs cannot be applied to its argument"},
	{"abs(n, n)", CQL_SELECTOR_TYPE,
	 "wrong number of arguments of function abs"},
	{"now(n)", CQL_SELECTOR_TYPE, "wrong number of arguments of function now"},
	{"map_keys(l)", CQL_SELECTOR_TYPE,
	 "function map_keys cannot be applied to its argument"},
	{"[1, 2]", CQL_SELECTOR_TYPE, "a list constant has no type of its own"},
	{"abs([1])", CQL_SELECTOR_TYPE,
	 "function abs cannot be applied to its argument"},
	{"cast(f(f(f(f(f(n))))) as int)", CQL_SELECTOR_LIMIT,
	 "expression calls too many functions"},
};

static void
test_bad(void)
{
	cql_schema_table table;
	cql_schema_column columns[NCOLUMNS];
	cql_selector out;

	make_table(&table, columns);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		unit_about("%s", bad[i].in);
		CHECK(!cql_selector_parse(bad[i].in, &table, &out));
		CHECK_INT(out.code, bad[i].code);
		CHECK_STR(out.message, bad[i].message);
	}
	CHECK(!cql_selector_parse("mixed", &table, &out));
	CHECK_STR(out.hint, "There is a column \"Mixed\": names with upper-case "
						"letters need double quotes.");
	table.kind = CQL_VIRTUAL_TABLE;
	CHECK(!cql_selector_parse("writetime(email)", &table, &out));
	CHECK_STR(out.message, "writetime() cannot be applied to virtual tables");
	CHECK(cql_selector_parse("CAST(email AS ascii)", &table, &out));
	cql_arena_free(&arena);
}

/* ---- limits ---- */

static void
fill(char *text, size_t size, const char *piece)
{
	size_t len = strlen(piece);

	for (size_t i = 0; i + 1 < size; i++)
		text[i] = piece[i % len];
	text[size - 1] = '\0';
}

static void
test_limits(void)
{
	static const char *const pieces[] = {"abs(",  "cast(", "[",	 "a",
										 "(int)", "1",	   "'x", "a.",
										 "f(",	  "\"\"",  "m[", "\""};
	cql_schema_table table;
	cql_schema_column columns[NCOLUMNS];
	cql_selector out;
	char text[2 * CQL_MAX_SELECTOR];

	make_table(&table, columns);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
	{
		for (size_t size = 1; size <= sizeof(text); size *= 2)
		{
			fill(text, size, pieces[i]);
			unit_about("%s, %zu bytes", pieces[i], size);
			if (cql_selector_parse(text, &table, &out))
				CHECK(strlen(out.text) < CQL_MAX_SELECTOR);
			else
				CHECK(out.message[0] != '\0');
		}
	}
	fill(text, CQL_MAX_SELECTOR + 1, "1");
	CHECK(!cql_selector_parse(text, &table, &out));
	CHECK_INT(out.code, CQL_SELECTOR_LIMIT);
	/* fits, but not with its type */
	fill(text, CQL_MAX_SELECTOR, "1");
	CHECK(!cql_selector_parse(text, &table, &out));
	CHECK_INT(out.code, CQL_SELECTOR_LIMIT);
	cql_arena_free(&arena);
}

const unit_case unit_cases[] = {{"selectors and their types", test_good},
								{"grammar alone", test_grammar},
								{"functions", test_functions},
								{"refused selectors", test_bad},
								{"limits", test_limits},
								{NULL, NULL}};
