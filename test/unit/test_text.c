/*
 * test_text.c
 *	  Errors, maps, words of CQL, the clock.
 */
#include <stdlib.h>

#include "error.h"
#include "map.h"
#include "cql_text.h"
#include "unit.h"

/* ---- error ---- */

static void
test_error(void)
{
	cql_error err;
	char long_text[3000];

	memset(&err, 0xFF, sizeof(err));
	cql_error_set(&err, CQL_ERR_LIMIT, "%s %d", "limit", 7);
	CHECK_INT(err.code, CQL_ERR_LIMIT);
	CHECK_STR(err.message, "limit 7");
	CHECK_STR(err.details, "");
	CHECK_STR(err.host, "");
	CHECK_INT(err.server_code, -1);
	CHECK_INT(err.consistency, -1);
	CHECK_INT(err.received, -1);
	CHECK_INT(err.required, -1);
	CHECK_INT(err.failures, -1);
	CHECK_INT(err.data_present, -1);
	CHECK(!err.maybe_applied);
	cql_error_detail(&err, "a");
	cql_error_detail(&err, "b %d", 2);
	CHECK_STR(err.details, "a\nb 2");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	cql_error_detail(&err, "%s", long_text);
	CHECK_INT(strlen(err.details), sizeof(err.details) - 1);
	cql_error_detail(&err, "more");
	CHECK_INT(strlen(err.details), sizeof(err.details) - 1);
	cql_error_set(&err, CQL_ERR_TLS, "%s", long_text);
	CHECK_INT(strlen(err.message), sizeof(err.message) - 1);
	cql_error_set(NULL, CQL_ERR_TLS, "nobody reads it");
	cql_error_detail(NULL, "nobody reads it");
	cql_error_clear(NULL);
	cql_error_clear(&err);
	CHECK_INT(err.code, CQL_OK);
}

static void
check_text(const char *in, size_t len, size_t size, const char *expected)
{
	char *out = malloc(size + 1);

	cql_error_text(out, size, (const uint8_t *) in, len);
	CHECK_STR(out, expected);
	free(out);
}

static void
test_error_text(void)
{
	check_text("plain", 5, 80, "plain");
	check_text("a\nb\tc\x7f", 6, 80, "a?b?c?");
	check_text("x\0y", 3, 80, "x?y");
	check_text("\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\x98", 9, 80,
			   "\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\x98");
	check_text("\xff\xc0\x80", 3, 80, "???");
	check_text("\xed\xa0\x80", 3, 80, "???");
	check_text("\xf4\x90\x80\x80", 4, 80, "????");
	check_text("\xe0\x80\x80\xf0\x80\x80\x80", 7, 80, "???????");
	check_text("ab\xe2\x82", 4, 80, "ab??");
	check_text("abc", 3, 3, "ab");
	check_text("a\xe2\x82\xac", 4, 4, "a");
	check_text("a\xe2\x82\xac", 4, 5, "a\xe2\x82\xac");
	check_text("", 0, 1, "");
	check_text("abc", 3, 1, "");
	cql_error_text(NULL, 0, (const uint8_t *) "abc", 3);
}

/* ---- map ---- */

#define MANY 2000

static void
test_map(void)
{
	static int values[MANY];
	cql_map map;
	char key[32];
	size_t pos = 0;
	size_t seen = 0;
	int i;

	cql_map_init(&map, &unit_env);
	CHECK(cql_map_get(&map, "x", 1) == NULL);
	CHECK(cql_map_remove(&map, "x", 1) == NULL);
	for (i = 0; i < MANY; i++)
	{
		snprintf(key, sizeof(key), "key %d", i);
		CHECK(cql_map_set(&map, key, strlen(key), &values[i]));
	}
	CHECK_INT(map.count, MANY);
	for (i = 0; i < MANY; i += 3)
	{
		snprintf(key, sizeof(key), "key %d", i);
		CHECK(cql_map_remove(&map, key, strlen(key)) == &values[i]);
		CHECK(cql_map_remove(&map, key, strlen(key)) == NULL);
	}
	for (i = 0; i < MANY; i++)
	{
		snprintf(key, sizeof(key), "key %d", i);
		CHECK(cql_map_get(&map, key, strlen(key)) ==
			  (i % 3 == 0 ? NULL : &values[i]));
	}
	while (cql_map_next(&map, &pos) != NULL)
		seen++;
	CHECK_INT(seen, map.count);
	cql_map_free(&map);
}

static void
test_map_keys(void)
{
	int a;
	int b;
	cql_map map;

	cql_map_init(&map, &unit_env);
	CHECK(cql_map_set(&map, NULL, 0, &a));
	CHECK(cql_map_set(&map, "\0", 1, &b));
	CHECK(cql_map_get(&map, "", 0) == &a);
	CHECK(cql_map_get(&map, "\0", 1) == &b);
	CHECK(cql_map_get(&map, "\0\0", 2) == NULL);
	CHECK(cql_map_set(&map, "", 0, &b));
	CHECK(cql_map_get(&map, NULL, 0) == &b);
	CHECK_INT(map.count, 2);
	cql_map_free(&map);
}

static bool
fill_map(void *arg)
{
	cql_map map;
	char key[32];
	bool ok = true;
	int i;

	cql_map_init(&map, &unit_env);
	for (i = 0; i < 50; i++)
	{
		snprintf(key, sizeof(key), "%d", i);
		if (!cql_map_set(&map, key, strlen(key), arg))
			ok = false;
		else
			CHECK(cql_map_get(&map, key, strlen(key)) == arg);
	}
	cql_map_free(&map);
	return ok;
}

static void
test_map_memory(void)
{
	int value;

	unit_sweep(fill_map, &value);
}

/* ---- words ---- */

static void
check_quoted(const char *name, const char *expected)
{
	char buf[200];

	CHECK_INT(cql_quote_identifier(buf, sizeof(buf), name), strlen(expected));
	CHECK_STR(buf, expected);
}

static void
test_quote(void)
{
	static const char *const reserved[] = {
		"add",			"allow",		"alter",   "and",	   "apply",
		"asc",			"authorize",	"batch",   "begin",	   "by",
		"columnfamily", "create",		"default", "delete",   "desc",
		"describe",		"drop",			"entries", "execute",  "from",
		"full",			"grant",		"if",	   "in",	   "index",
		"infinity",		"insert",		"into",	   "is",	   "keyspace",
		"limit",		"materialized", "mbean",   "mbeans",   "modify",
		"nan",			"norecursive",	"not",	   "null",	   "of",
		"on",			"or",			"order",   "primary",  "rename",
		"replace",		"revoke",		"schema",  "select",   "set",
		"table",		"to",			"token",   "truncate", "unlogged",
		"unset",		"update",		"use",	   "using",	   "view",
		"where",		"with"};
	char expected[64];
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
	{
		snprintf(expected, sizeof(expected), "\"%s\"", reserved[i]);
		check_quoted(reserved[i], expected);
	}
	check_quoted("plain_name9", "plain_name9");
	check_quoted("selected", "selected");
	check_quoted("Mixed", "\"Mixed\"");
	check_quoted("_x", "\"_x\"");
	check_quoted("9x", "\"9x\"");
	check_quoted("a b", "\"a b\"");
	check_quoted("a\"b", "\"a\"\"b\"");
	check_quoted("\"", "\"\"\"\"");
	check_quoted("", "\"\"");
	check_quoted("gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"");
}

static void
test_quote_cut(void)
{
	char expected[] = "\"a\"\"b\"";
	size_t size;

	for (size = 0; size <= sizeof(expected); size++)
	{
		char *buf = malloc(size + 1);

		CHECK_INT(cql_quote_identifier(buf, size, "a\"b"), 6);
		if (size > 0)
		{
			size_t len = size - 1 < 6 ? size - 1 : 6;

			CHECK_INT(strlen(buf), len);
			CHECK(strncmp(buf, expected, len) == 0);
		}
		free(buf);
	}
}

static void
test_consistency(void)
{
	int i;

	for (i = CQL_ANY; i <= CQL_LOCAL_ONE; i++)
		CHECK_INT(cql_consistency_parse(cql_consistency_name(i)), i);
	CHECK_STR(cql_consistency_name(CQL_LOCAL_QUORUM), "LOCAL_QUORUM");
	CHECK(cql_consistency_name(-1) == NULL);
	CHECK(cql_consistency_name(CQL_LOCAL_ONE + 1) == NULL);
	CHECK_INT(cql_consistency_parse("each_Quorum"), CQL_EACH_QUORUM);
	CHECK_INT(cql_consistency_parse("QUORU"), -1);
	CHECK_INT(cql_consistency_parse(""), -1);
}

static void
check_kind(const char *cql, cql_text_kind kind, bool positional)
{
	bool found = !positional;

	CHECK_INT(cql_text_classify(cql, &found), kind);
	CHECK(found == positional);
}

static void
test_classify(void)
{
	check_kind("SELECT * FROM t", CQL_TEXT_READ, false);
	check_kind("select\nv from t where k=?", CQL_TEXT_READ, true);
	check_kind("List roles", CQL_TEXT_READ, false);
	check_kind("desc tables", CQL_TEXT_READ, false);
	check_kind("selected", CQL_TEXT_WRITE, false);
	check_kind("INSERT INTO t (k) VALUES (:k)", CQL_TEXT_WRITE, false);
	check_kind("begin batch select", CQL_TEXT_WRITE, false);
	check_kind("(select", CQL_TEXT_WRITE, false);
	check_kind("'' SELECT", CQL_TEXT_WRITE, false);
	check_kind("CREATE TABLE t (k int PRIMARY KEY)", CQL_TEXT_SCHEMA, false);
	check_kind("truncate ks.t", CQL_TEXT_SCHEMA, false);
	check_kind("use ks", CQL_TEXT_USE, false);
	check_kind(" -- a comment ?\n\t/* ? \n */ // x\r USE\"ks\"", CQL_TEXT_USE,
			   false);
	check_kind("user", CQL_TEXT_WRITE, false);
	check_kind("use_", CQL_TEXT_WRITE, false);
	check_kind("UPDATE t SET v = 'it''s ?' WHERE \"a?\" = $$ '? $$ -- ?",
			   CQL_TEXT_WRITE, false);
	check_kind("UPDATE t SET v = '' WHERE k = ?", CQL_TEXT_WRITE, true);
	check_kind("DELETE FROM t WHERE k = '?''' AND c = ?", CQL_TEXT_WRITE,
			   true);
	check_kind("SELECT a - ? / ? FROM t", CQL_TEXT_READ, true);
}

/* What does not end ends with the text. */
static void
test_classify_open(void)
{
	check_kind("", CQL_TEXT_WRITE, false);
	check_kind("   ", CQL_TEXT_WRITE, false);
	check_kind("/* SELECT ?", CQL_TEXT_WRITE, false);
	check_kind("/*/ ?", CQL_TEXT_WRITE, false);
	check_kind("-- SELECT ?", CQL_TEXT_WRITE, false);
	check_kind("SELECT '?", CQL_TEXT_READ, false);
	check_kind("SELECT $$?$", CQL_TEXT_READ, false);
	check_kind("SELECT \"?", CQL_TEXT_READ, false);
	check_kind("\xc2\xa0USE ks", CQL_TEXT_WRITE, false);
}

static void
check_mask(const char *cql, const char *masked)
{
	char text[256];

	(void) snprintf(text, sizeof(text), "%s", cql);
	cql_text_mask(text);
	CHECK_STR(text, masked);
}

static void
test_mask(void)
{
	check_mask("SELECT v FROM ks.t2 WHERE k = 'it''s' AND c > -1.5e3",
			   "SELECT v FROM ks.t2 WHERE k = ? AND c > -?");
	check_mask("INSERT INTO t (a, b) VALUES ($$x'y$$, 0xCAFE)",
			   "INSERT INTO t (a, b) VALUES (?, ?)");
	check_mask("id = f90a0b84-a1eb-4cef-acf4-f761f0183adf AND b",
			   "id = ? AND b");
	check_mask("id IN (690a0b84-a1eb-4cef-acf4-f761f0183adf,?)",
			   "id IN (?,?)");
	check_mask("f90a0b84 - a1eb", "f90a0b84 - a1eb");
	check_mask("SELECT \"a'1\" /* 'x' */ FROM t -- 7",
			   "SELECT \"a'1\" /* 'x' */ FROM t -- 7");
	check_mask("CREATE ROLE r WITH PASSWORD = 'secret",
			   "CREATE ROLE r WITH PASSWORD = ?");
	check_mask("{'a': 1, 'b': [2,3]}", "{?: ?, ?: [?,?]}");
	check_mask("", "");
}

static void
test_clock(void)
{
	int64_t before = cql_now();

	CHECK(before > 0);
	CHECK(cql_now() >= before);
}

const unit_case unit_cases[] = {{"error", test_error},
								{"error text", test_error_text},
								{"map", test_map},
								{"map keys", test_map_keys},
								{"map memory", test_map_memory},
								{"quote", test_quote},
								{"quote cut", test_quote_cut},
								{"consistency", test_consistency},
								{"classify", test_classify},
								{"classify open", test_classify_open},
								{"mask", test_mask},
								{"clock", test_clock},
								{NULL, NULL}};
