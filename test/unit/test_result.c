/*
 * test_result.c
 *	  RESULT messages: captures, paging, metadata, and malformed ones.
 */
#include <stdlib.h>

#include "result.h"
#include "samples.h"
#include "unit.h"
#include "vectors.h"

#define BYTES(text) (const uint8_t *) (text), sizeof(text) - 1
#define HOST "127.0.0.1:9042"

/* Head of rows of the table k.t with columns a int and b text, by flags. */
#define ROWS(flags) "\0\0\0\2\0\0\0" flags "\0\0\0\2"
#define COLUMNS "\0\1k\0\1t\0\1a\0\11\0\1b\0\15"
#define ONE_ROW "\0\0\0\1\0\0\0\4\0\0\0\7\0\0\0\2hi"

static cql_result *
make_flags(const void *body, size_t len, uint8_t version, uint8_t flags,
		   cql_metadata_ref *known, cql_error *err)
{
	cql_envelope envelope = {.version = version, .flags = flags, .len = len};
	cql_result *result;

	envelope.body = cql_alloc(&unit_env, len);
	if (envelope.body == NULL)
	{
		err->code = CQL_ERR_NOMEM;
		return NULL;
	}
	if (len > 0)
		memcpy(envelope.body, body, len);
	result = cql_result_make(&unit_env, &envelope, known, HOST, err);
	CHECK(envelope.body == NULL);
	return result;
}

static cql_result *
make(const void *body, size_t len, cql_error *err)
{
	return make_flags(body, len, 5, 0, NULL, err);
}

static cql_result *
captured(const char *name, cql_metadata_ref *known)
{
	cql_envelope envelope = sample_named(&unit_env, name);
	cql_error err;
	cql_result *result;

	CHECK_INT(envelope.opcode, CQL_OP_RESULT);
	result = cql_result_make(&unit_env, &envelope, known, HOST, &err);
	if (result == NULL)
	{
		fprintf(stderr, "%s: %s\n", name, err.message);
		abort();
	}
	return result;
}

/* The columns of the captured prepared statement: ck int, v list<int>. */
static cql_metadata_ref *
captured_columns(void)
{
	cql_result *result = captured("v5.prepare", NULL);
	cql_prepared_info info = {0};

	CHECK(cql_result_prepared(result, &info));
	cql_result_free(result);
	cql_metadata_release(info.bound);
	return info.rows;
}

/* Reads all rows with cells of just the right number; -1 when malformed. */
static int
count_rows(cql_result *result)
{
	uint32_t ncolumns = cql_result_metadata(result)->ncolumns;
	cql_slice *cells = malloc(ncolumns * sizeof(*cells) + 1);
	cql_error err;
	int nrows = 0;
	int more;

	while ((more = cql_result_next(result, cells, &err)) > 0)
	{
		nrows++;
		for (uint32_t i = 0; i < ncolumns; i++)
		{
			/* Read to the last byte, for the address sanitizer. */
			uint8_t *copy = sample_copy(
				cells[i].data, cells[i].len > 0 ? (size_t) cells[i].len : 0);

			free(copy);
		}
	}
	if (more < 0)
	{
		CHECK_INT(err.code, CQL_ERR_PROTOCOL);
		CHECK_INT(cql_result_next(result, cells, &err), -1);
	}
	free(cells);
	return more < 0 ? -1 : nrows;
}

/* ---- captures ---- */

/* Every captured RESULT is read, in all four ways of transport. */
static void
test_captures(void)
{
	cql_metadata_ref *known = captured_columns();
	size_t nresults = 0;

	for (size_t i = 0; i < VECTOR_COUNT(vector_captures); i++)
	{
		cql_envelope envelope = {0};
		cql_error err;
		cql_result *result;

		unit_about("%s", vector_captures[i].name);
		if (!sample_response(&unit_env, &vector_captures[i], &envelope))
			continue;
		if (envelope.opcode != CQL_OP_RESULT)
		{
			cql_free(&unit_env, envelope.body);
			continue;
		}
		nresults++;
		result = cql_result_make(&unit_env, &envelope, known, HOST, &err);
		if (!CHECK(result != NULL))
			continue;
		CHECK_INT(count_rows(result), cql_result_nrows(result));
		CHECK_STR(cql_result_host(result), HOST);
		cql_result_free(result);
	}
	CHECK_INT(nresults, 28);
	cql_metadata_release(known);
}

static void
test_query_rows(void)
{
	static const char *const names[] = {"a", "b", "ck", "v", "s"};
	cql_result *result = captured("v5.query_rows", NULL);
	const cql_metadata *meta = cql_result_metadata(result);
	cql_slice cells[5];
	cql_error err;
	cql_slice id;

	CHECK_INT(cql_result_get_kind(result), CQL_RESULT_ROWS);
	CHECK_INT(meta->ncolumns, 5);
	for (uint32_t i = 0; i < 5; i++)
	{
		CHECK_STR(meta->columns[i].keyspace, "drvvec");
		CHECK_STR(meta->columns[i].table, "m");
		CHECK_STR(meta->columns[i].name, names[i]);
	}
	CHECK(meta->columns[3].type->id == CQL_TYPE_LIST);
	CHECK_INT(cql_result_nrows(result), 2);
	CHECK_INT(cql_result_bytes(result), 145);
	CHECK_INT(cql_result_paging_state(result).len, CQL_NULL);
	for (int round = 0; round < 2; round++)
	{
		for (uint8_t row = 0; row < 2; row++)
		{
			CHECK_INT(cql_result_next(result, cells, &err), 1);
			CHECK_BYTES(cells[0].data, (size_t) cells[0].len, "\0\0\0\1", 4);
			CHECK_BYTES(cells[1].data, (size_t) cells[1].len, "x", 1);
			CHECK_INT(cells[2].data[3], row);
			CHECK_INT(cells[3].len, 12);
			CHECK_INT(cells[4].data[3], 9);
		}
		CHECK_INT(cql_result_next(result, cells, &err), 0);
		CHECK_INT(cql_result_next(result, cells, &err), 0);
		cql_result_rewind(result);
	}
	CHECK(cql_result_new_metadata(result, &id) != NULL);
	CHECK_INT(id.len, CQL_NULL);
	CHECK(cql_result_bound(result) == NULL);
	CHECK(cql_result_warning(result, 0) == NULL);
	CHECK(cql_result_tracing_id(result) == NULL);
	cql_result_free(result);
}

static void
check_prepared(const char *name, int32_t metadata_id_len)
{
	cql_result *result = captured(name, NULL);
	cql_prepared_info info = {0};
	cql_schema_change change;
	cql_slice id;

	CHECK_INT(cql_result_get_kind(result), CQL_RESULT_PREPARED);
	CHECK(cql_result_prepared(result, &info));
	CHECK_INT(info.id.len, 16);
	CHECK_INT(info.id.data[0], 0x98);
	CHECK_INT(info.metadata_id.len, metadata_id_len);
	CHECK(cql_result_bound(result) == &info.bound->meta);
	CHECK(cql_result_new_metadata(result, &id) == NULL);
	CHECK(!cql_result_schema_change(result, &change));
	CHECK_INT(cql_result_nrows(result), 0);
	/* References outlive the result. */
	cql_result_free(result);
	CHECK_INT(info.bound->meta.ncolumns, 3);
	CHECK_INT(info.bound->meta.nkeys, 2);
	CHECK_INT(info.bound->meta.keys[0], 1);
	CHECK_INT(info.bound->meta.keys[1], 0);
	CHECK_STR(info.bound->meta.columns[2].name, "ck");
	CHECK_INT(info.rows->meta.ncolumns, 2);
	CHECK_STR(info.rows->meta.columns[1].name, "v");
	cql_metadata_release(info.bound);
	cql_metadata_release(info.rows);
	cql_metadata_release(NULL);
}

static void
test_prepared(void)
{
	check_prepared("v4.prepare", CQL_NULL);
	check_prepared("v5.prepare", 16);
	check_prepared("v4_lz4.prepare", CQL_NULL);
}

/* Pages without metadata are read with that of the statement. */
static void
test_pages(void)
{
	cql_metadata_ref *known = captured_columns();
	cql_result *result = captured("v5.execute_page1_skipmeta", known);
	cql_slice state = cql_result_paging_state(result);
	cql_slice id;
	cql_slice cells[2];
	cql_error err;

	CHECK_INT(state.len, 18);
	CHECK(cql_result_metadata(result) == &known->meta);
	CHECK(cql_result_new_metadata(result, &id) == NULL);
	for (uint8_t row = 0; row < 3; row++)
	{
		CHECK_INT(cql_result_next(result, cells, &err), 1);
		CHECK_INT(cells[0].data[3], row);
	}
	CHECK_INT(cql_result_next(result, cells, &err), 0);
	/* The result keeps the metadata. */
	cql_metadata_release(known);
	CHECK_STR(cql_result_metadata(result)->columns[0].name, "ck");
	cql_result_free(result);
}

/* Paging state first, then the new id, then the columns. */
static void
test_changed_metadata(void)
{
	cql_metadata_ref *known = captured_columns();
	cql_result *result =
		captured("v5.metadata_changed_with_paging_response", known);
	cql_metadata_ref *fresh;
	cql_slice id;

	CHECK_INT(cql_result_paging_state(result).len, 12);
	CHECK_INT(cql_result_paging_state(result).data[0], 4);
	fresh = cql_result_new_metadata(result, &id);
	CHECK(fresh != NULL && &fresh->meta == cql_result_metadata(result));
	CHECK_INT(id.len, 16);
	CHECK_INT(id.data[0], 0xC5);
	CHECK_INT(fresh->meta.ncolumns, 3);
	CHECK_STR(fresh->meta.columns[1].name, "ab");
	CHECK_INT(known->meta.ncolumns, 2);
	CHECK_INT(count_rows(result), 1);
	cql_result_free(result);
	cql_metadata_release(known);
}

static void
test_warning_and_tracing(void)
{
	cql_result *result = captured("v4.warning", NULL);

	CHECK_STR(cql_result_warning(result, 0),
			  "Aggregation query used without partition key");
	CHECK(cql_result_warning(result, 1) == NULL);
	CHECK_INT(count_rows(result), 1);
	cql_result_free(result);
	result = captured("v5.warning_tracing_flag", NULL);
	CHECK_BYTES(cql_result_tracing_id(result), 4, "\x16\x42\x32\x70", 4);
	CHECK_INT(count_rows(result), 1);
	cql_result_free(result);
}

static void
test_other_kinds(void)
{
	cql_result *result = captured("v5.use", NULL);
	cql_schema_change change;
	cql_slice cells[1];
	cql_error err;

	CHECK_INT(cql_result_get_kind(result), CQL_RESULT_SET_KEYSPACE);
	CHECK_INT(cql_result_metadata(result)->ncolumns, 0);
	CHECK_INT(cql_result_next(result, cells, &err), 0);
	cql_result_free(result);
	result = captured("v4.batch", NULL);
	CHECK_INT(cql_result_get_kind(result), CQL_RESULT_VOID);
	cql_result_free(result);
	result = make(BYTES("\0\0\0\5\0\7CREATED\0\5TABLE\0\1k\0\1t"), &err);
	CHECK(result != NULL && cql_result_schema_change(result, &change));
	CHECK_STR(change.name, "t");
	cql_result_free(result);
	cql_result_free(NULL);
}

/* ---- hand-made ones ---- */

static void
test_rows_by_hand(void)
{
	cql_error err;
	cql_slice cells[2];
	/* What stands behind the last row is ignored. */
	cql_result *result =
		make(BYTES(ROWS("\1") COLUMNS "\0\0\0\2"
									  "\0\0\0\4\0\0\0\7\377\377\377\377"
									  "\377\377\377\376\0\0\0\0"
									  "more"),
			 &err);

	REQUIRE(result != NULL);
	CHECK_INT(cql_result_next(result, cells, &err), 1);
	CHECK_INT(cells[0].len, 4);
	CHECK_INT(cells[1].len, CQL_NULL);
	CHECK(cells[1].data == NULL);
	CHECK_INT(cql_result_next(result, cells, &err), 1);
	CHECK_INT(cells[0].len, CQL_NULL);
	CHECK_INT(cells[1].len, 0);
	CHECK_INT(cql_result_next(result, cells, &err), 0);
	cql_result_free(result);

	/* Columns of several tables. */
	result = make(BYTES(ROWS("\0") "\0\1k\0\1t\0\1a\0\11"
								   "\0\1k\0\1u\0\1b\0\15"
								   "\0\0\0\0"),
				  &err);
	REQUIRE(result != NULL);
	CHECK_STR(cql_result_metadata(result)->columns[0].table, "t");
	CHECK_STR(cql_result_metadata(result)->columns[1].table, "u");
	CHECK(cql_result_metadata(result)->columns[0].keyspace ==
		  cql_result_metadata(result)->columns[1].keyspace);
	cql_result_free(result);
}

static void
test_column_count(void)
{
	cql_metadata_ref *known = captured_columns();
	cql_error err;
	cql_result *result;

	/* Three columns where two were prepared, and the same without any. */
	result = make_flags(BYTES("\0\0\0\2\0\0\0\4\0\0\0\3\0\0\0\0"), 4, 0, known,
						&err);
	CHECK(result == NULL);
	CHECK_INT(err.code, CQL_ERR_CHANGED);
	result = make_flags(BYTES("\0\0\0\2\0\0\0\4\0\0\0\2\0\0\0\0"), 4, 0, NULL,
						&err);
	CHECK(result == NULL);
	CHECK_INT(err.code, CQL_ERR_PROTOCOL);
	cql_metadata_release(known);
}

typedef struct bad_case
{
	const char *what;
	const uint8_t *body;
	size_t len;
	cql_code code;
} bad_case;

static const bad_case bad_cases[] = {
	{"empty", BYTES(""), CQL_ERR_PROTOCOL},
	{"kind 0", BYTES("\0\0\0\0"), CQL_ERR_PROTOCOL},
	{"kind 6", BYTES("\0\0\0\6"), CQL_ERR_PROTOCOL},
	{"kind -1", BYTES("\377\377\377\377"), CQL_ERR_PROTOCOL},
	{"negative columns", BYTES("\0\0\0\2\0\0\0\1\377\377\377\377" COLUMNS),
	 CQL_ERR_PROTOCOL},
	{"many columns", BYTES("\0\0\0\2\0\0\0\1\0\1\0\0" COLUMNS), CQL_ERR_LIMIT},
	{"more columns than bytes", BYTES("\0\0\0\2\0\0\0\1\0\0\377\377" COLUMNS),
	 CQL_ERR_PROTOCOL},
	{"negative rows", BYTES(ROWS("\1") COLUMNS "\377\377\377\377"),
	 CQL_ERR_PROTOCOL},
	{"many rows", BYTES(ROWS("\1") COLUMNS "\177\377\377\377"),
	 CQL_ERR_PROTOCOL},
	{"a row too many",
	 BYTES(ROWS("\1") COLUMNS "\0\0\0\2\0\0\0\0\0\0\0\0"
							  "\0\0\0\0"),
	 CQL_ERR_PROTOCOL},
	{"rows of no columns",
	 BYTES("\0\0\0\2\0\0\0\1\0\0\0\0\0\1k\0\1t"
		   "\177\377\377\377"),
	 CQL_ERR_PROTOCOL},
	{"more pages, null state",
	 BYTES(ROWS("\3") "\377\377\377\377" COLUMNS "\0\0\0\0"),
	 CQL_ERR_PROTOCOL},
	{"NUL in a name",
	 BYTES("\0\0\0\2\0\0\0\1\0\0\0\1\0\1k\0\1t\0\2a\0\0\11"
		   "\0\0\0\0"),
	 CQL_ERR_PROTOCOL},
	{"unknown type",
	 BYTES("\0\0\0\2\0\0\0\1\0\0\0\1\0\1k\0\1t\0\1a\0\x40"
		   "\0\0\0\0"),
	 CQL_ERR_PROTOCOL},
	{"key out of range",
	 BYTES("\0\0\0\4\0\1i\0\1m\0\0\0\1\0\0\0\1\0\0\0\1"
		   "\0\1\0\1k\0\1t\0\1a\0\11\0\0\0\4\0\0\0\0"),
	 CQL_ERR_PROTOCOL},
	{"many keys",
	 BYTES("\0\0\0\4\0\1i\0\1m\0\0\0\1\0\0\0\1\177\377\377\377"
		   "\0\0\0\1k\0\1t\0\1a\0\11\0\0\0\4\0\0\0\0"),
	 CQL_ERR_PROTOCOL},
	{"bound without columns",
	 BYTES("\0\0\0\4\0\1i\0\1m\0\0\0\4\0\0\0\1"
		   "\0\0\0\0\0\0\0\4\0\0\0\0"),
	 CQL_ERR_PROTOCOL},
};

static void
test_malformed(void)
{
	for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++)
	{
		cql_error err;

		unit_about("%s", bad_cases[i].what);
		unit_fail_from(0);
		CHECK(make(bad_cases[i].body, bad_cases[i].len, &err) == NULL);
		CHECK_INT(err.code, bad_cases[i].code);
		CHECK(err.message[0] != '\0');
		/* No count made it ask for much. */
		CHECK(unit_peak_bytes() < 16384);
	}
}

/* A cell that is too long, in every place of the row. */
static void
test_cell_too_long(void)
{
	static const char body[] = ROWS("\1") COLUMNS ONE_ROW;
	static const size_t lengths[] = {14, 6}; /* from the end */

	for (size_t i = 0; i < 2; i++)
	{
		uint8_t *bad = sample_copy(body, sizeof(body) - 1);
		uint8_t *word = bad + sizeof(body) - 1 - lengths[i];
		uint32_t len = cql_load_u32(word);

		for (int round = 0; round < 2; round++)
		{
			cql_error err;
			cql_result *result;

			cql_store_u32(word, round == 0 ? len + 3 : INT32_MAX);
			result = make(bad, sizeof(body) - 1, &err);
			REQUIRE(result != NULL);
			CHECK_INT(count_rows(result), -1);
			cql_result_free(result);
		}
		free(bad);
	}
}

/* ---- damage to what was captured ---- */

/* Makes a result of damaged bytes and reads all of it. */
static bool
survive(const cql_envelope *envelope, const uint8_t *body, size_t len,
		cql_metadata_ref *known)
{
	cql_error err;
	cql_result *result =
		make_flags(body, len, envelope->version, envelope->flags, known, &err);
	int nrows;

	if (result == NULL)
	{
		CHECK(err.code == CQL_ERR_PROTOCOL || err.code == CQL_ERR_LIMIT ||
			  err.code == CQL_ERR_CHANGED);
		return false;
	}
	nrows = count_rows(result);
	CHECK(nrows == -1 || nrows == (int) cql_result_nrows(result));
	cql_result_free(result);
	return nrows >= 0;
}

static void
damage(const cql_envelope *envelope, cql_metadata_ref *known)
{
	for (size_t cut = 0; cut < envelope->len; cut++)
		CHECK(!survive(envelope, envelope->body, cut, known));
	for (size_t bit = 0; bit < 8 * envelope->len; bit++)
	{
		uint8_t *copy = sample_copy(envelope->body, envelope->len);

		copy[bit / 8] ^= (uint8_t) (1 << bit % 8);
		(void) survive(envelope, copy, envelope->len, known);
		free(copy);
	}
}

static void
test_damaged(void)
{
	cql_metadata_ref *known = captured_columns();

	for (size_t i = 0; i < VECTOR_COUNT(vector_captures); i++)
	{
		cql_envelope envelope = {0};

		unit_about("%s damaged", vector_captures[i].name);
		/* Compressed ones have the same bodies. */
		if (strstr(vector_captures[i].name, "_lz4.") != NULL ||
			!sample_response(&unit_env, &vector_captures[i], &envelope))
			continue;
		if (envelope.opcode == CQL_OP_RESULT)
			damage(&envelope, known);
		cql_free(&unit_env, envelope.body);
	}
	cql_metadata_release(known);
}

/* ---- memory ---- */

typedef struct sample_body
{
	const uint8_t *body;
	size_t len;
	uint8_t flags;
} sample_body;

static bool
make_once(void *arg)
{
	const sample_body *sample = arg;
	cql_error err;
	cql_result *result =
		make_flags(sample->body, sample->len, 5, sample->flags, NULL, &err);

	if (result == NULL)
		CHECK_INT(err.code, CQL_ERR_NOMEM);
	else
		CHECK(count_rows(result) >= 0);
	cql_result_free(result);
	return result != NULL;
}

static void
test_no_memory(void)
{
	cql_envelope prepared = sample_named(&unit_env, "v5.prepare");
	sample_body samples[] = {
		{BYTES("\0\2\0\1a\0\1b" ROWS("\1") COLUMNS ONE_ROW), CQL_FLAG_WARNING},
		{BYTES("\0\0\0\1"), 0},
		{prepared.body, prepared.len, 0},
	};

	for (size_t i = 0; i < 3; i++)
		unit_sweep(make_once, &samples[i]);
	cql_free(&unit_env, prepared.body);
}

const unit_case unit_cases[] = {
	{"captures", test_captures},
	{"rows of a query", test_query_rows},
	{"prepared", test_prepared},
	{"pages without metadata", test_pages},
	{"changed metadata", test_changed_metadata},
	{"warning and tracing", test_warning_and_tracing},
	{"other kinds", test_other_kinds},
	{"rows by hand", test_rows_by_hand},
	{"column count", test_column_count},
	{"malformed", test_malformed},
	{"cell too long", test_cell_too_long},
	{"damaged", test_damaged},
	{"no memory", test_no_memory},
	{NULL, NULL}};
