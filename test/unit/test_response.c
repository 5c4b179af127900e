/*
 * test_response.c
 *	  ERROR, SUPPORTED, AUTHENTICATE, EVENT and the parts in front of them.
 */
#include <stdlib.h>

#include "error.h"
#include "response.h"
#include "samples.h"
#include "unit.h"
#include "vectors.h"

#define BYTES(text) (const uint8_t *) (text), sizeof(text) - 1

/* ---- errors ---- */

static void
read_error(const void *body, size_t len, uint8_t version, cql_error *err,
		   cql_slice *unprepared)
{
	cql_reader r;

	cql_reader_init(&r, body, len);
	cql_response_error(&r, version, err, unprepared);
}

static cql_error
captured_error(const char *name)
{
	cql_envelope envelope = sample_named(&unit_env, name);
	cql_error err;

	CHECK_INT(envelope.opcode, CQL_OP_ERROR);
	read_error(envelope.body, envelope.len, envelope.version, &err, NULL);
	CHECK_INT(err.code, CQL_ERR_SERVER);
	cql_free(&unit_env, envelope.body);
	return err;
}

static void
test_captured_errors(void)
{
	static const char *const versions[] = {"v4", "v5", "v4_lz4", "v5_lz4"};

	for (size_t i = 0; i < 4; i++)
	{
		cql_error err;
		char name[64];

		snprintf(name, sizeof(name), "%s.error_syntax", versions[i]);
		err = captured_error(name);
		CHECK_INT(err.server_code, CQL_SERVER_SYNTAX);
		CHECK_STR(err.message,
				  "line 1:0 no viable alternative at input 'selec' ([selec])");
		CHECK_INT(err.consistency, -1);

		snprintf(name, sizeof(name), "%s.error_invalid", versions[i]);
		err = captured_error(name);
		CHECK_INT(err.server_code, CQL_SERVER_INVALID);
		CHECK_STR(err.message, "table nosuch does not exist");

		snprintf(name, sizeof(name), "%s.error_unavailable", versions[i]);
		err = captured_error(name);
		CHECK_INT(err.server_code, CQL_SERVER_UNAVAILABLE);
		CHECK_INT(err.consistency, CQL_THREE);
		CHECK_INT(err.required, 3);
		CHECK_INT(err.received, 1);
		CHECK(!err.maybe_applied);

		snprintf(name, sizeof(name), "%s.already_exists", versions[i]);
		err = captured_error(name);
		CHECK_INT(err.server_code, CQL_SERVER_ALREADY_EXISTS);
		CHECK_STR(err.details, "table: drvvec.m");
	}
}

static void
test_captured_write_failure(void)
{
	cql_error err =
		captured_error("v5.error_write_failure_incompatible_schema");

	CHECK_INT(err.server_code, CQL_SERVER_WRITE_FAILURE);
	CHECK_INT(err.consistency, CQL_ONE);
	CHECK_INT(err.received, 0);
	CHECK_INT(err.required, 1);
	CHECK_INT(err.failures, 1);
	CHECK_STR(err.write_type, "SIMPLE");
	CHECK_STR(err.details, "127.0.0.3: incompatible schema");
	CHECK(err.maybe_applied);
}

static void
test_unprepared(void)
{
	cql_envelope envelope = sample_named(&unit_env, "v5.execute_unprepared");
	cql_error err;
	cql_slice id;

	read_error(envelope.body, envelope.len, 5, &err, &id);
	CHECK_INT(err.server_code, CQL_SERVER_UNPREPARED);
	CHECK_INT(id.len, 16);
	CHECK(id.data != NULL && id.data[0] == 1 && id.data[15] == 1);
	cql_free(&unit_env, envelope.body);

	read_error(BYTES("\0\0\0\0\0\1m"), 5, &err, &id);
	CHECK_INT(id.len, CQL_NULL);
}

/* A body, and the error it says (details "": none). */
typedef struct error_case
{
	const char *what;
	uint8_t version;
	const uint8_t *body;
	size_t len;
	cql_error err;
} error_case;

#define NUMBERS(cl, got, need, failed, present)                               \
	.consistency = cl, .received = got, .required = need, .failures = failed, \
	.data_present = present
#define HEAD(code) "\0\0" code "\0\1m"
#define COUNTS "\0\6\0\0\0\1\0\0\0\2"

static const error_case error_cases[] = {
	{"server error",
	 5,
	 BYTES(HEAD("\0\0")),
	 {CQL_ERR_SERVER, CQL_SERVER_ERROR, NUMBERS(-1, -1, -1, -1, -1)}},
	{"bad credentials",
	 4,
	 BYTES(HEAD("\1\0")),
	 {CQL_ERR_AUTH, CQL_SERVER_BAD_CREDENTIALS, NUMBERS(-1, -1, -1, -1, -1)}},
	{"unknown code",
	 4,
	 BYTES(HEAD("\x7e\x57") "\1\1"),
	 {CQL_ERR_SERVER, 0x7e57, NUMBERS(-1, -1, -1, -1, -1)}},
	{"write timeout",
	 4,
	 BYTES(HEAD("\x11\0") COUNTS "\0\5BATCH"),
	 {CQL_ERR_SERVER, CQL_SERVER_WRITE_TIMEOUT, NUMBERS(6, 1, 2, -1, -1),
	  .maybe_applied = true, .write_type = "BATCH"}},
	{"write timeout of a condition",
	 5,
	 BYTES(HEAD("\x11\0") COUNTS "\0\3CAS\0\4"),
	 {CQL_ERR_SERVER, CQL_SERVER_WRITE_TIMEOUT, NUMBERS(6, 1, 2, -1, -1),
	  .maybe_applied = true, .write_type = "CAS",
	  .details = "contentions: 4"}},
	{"the same without contentions",
	 5,
	 BYTES(HEAD("\x11\0") COUNTS "\0\3CAS"),
	 {CQL_ERR_SERVER, CQL_SERVER_WRITE_TIMEOUT, NUMBERS(6, 1, 2, -1, -1),
	  .maybe_applied = true, .write_type = "CAS"}},
	{"read timeout",
	 4,
	 BYTES(HEAD("\x12\0") COUNTS "\1"),
	 {CQL_ERR_SERVER, CQL_SERVER_READ_TIMEOUT, NUMBERS(6, 1, 2, -1, 1)}},
	{"read failure v4",
	 4,
	 BYTES(HEAD("\x13\0") COUNTS "\0\0\0\1\0"),
	 {CQL_ERR_SERVER, CQL_SERVER_READ_FAILURE, NUMBERS(6, 1, 2, 1, 0)}},
	{"read failure v5",
	 5,
	 BYTES(HEAD("\x13\0") COUNTS "\0\0\0\3"
								 "\4\x0a\0\0\1\0\1"
								 "\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\1\xf7"
								 "\4\x0a\0\0\2\1\0"
								 "\1"),
	 {CQL_ERR_SERVER, CQL_SERVER_READ_FAILURE, NUMBERS(6, 1, 2, 3, 1),
	  .details =
		  "10.0.0.1: too many tombstones read\n"
		  "::1: index build in progress\n10.0.0.2: failure code 0x0100"}},
	{"function failure",
	 5,
	 BYTES(HEAD("\x14\0") "\0\1k\0\1f\0\2\0\3int\0\4text"),
	 {CQL_ERR_SERVER, CQL_SERVER_FUNCTION_FAILURE, NUMBERS(-1, -1, -1, -1, -1),
	  .details = "function: k.f"}},
	{"write failure v4",
	 4,
	 BYTES(HEAD("\x15\0") COUNTS "\0\0\0\1\0\6SIMPLE"),
	 {CQL_ERR_SERVER, CQL_SERVER_WRITE_FAILURE, NUMBERS(6, 1, 2, 1, -1),
	  .maybe_applied = true, .write_type = "SIMPLE"}},
	{"condition unknown",
	 5,
	 BYTES(HEAD("\x17\0") COUNTS),
	 {CQL_ERR_SERVER, CQL_SERVER_CAS_UNKNOWN, NUMBERS(6, 1, 2, -1, -1),
	  .maybe_applied = true}},
	{"keyspace exists",
	 5,
	 BYTES(HEAD("\x24\0") "\0\1k\0\0"),
	 {CQL_ERR_SERVER, CQL_SERVER_ALREADY_EXISTS, NUMBERS(-1, -1, -1, -1, -1),
	  .details = "keyspace: k"}},
};

#define NERRORS (sizeof(error_cases) / sizeof(error_cases[0]))

static void
test_errors(void)
{
	for (size_t i = 0; i < NERRORS; i++)
	{
		const error_case *c = &error_cases[i];
		cql_error err;

		unit_about("%s", c->what);
		read_error(c->body, c->len, c->version, &err, NULL);
		CHECK_INT(err.code, c->err.code);
		CHECK_INT(err.server_code, c->err.server_code);
		CHECK_INT(err.consistency, c->err.consistency);
		CHECK_INT(err.received, c->err.received);
		CHECK_INT(err.required, c->err.required);
		CHECK_INT(err.failures, c->err.failures);
		CHECK_INT(err.data_present, c->err.data_present);
		CHECK_INT(err.maybe_applied, c->err.maybe_applied);
		CHECK_STR(err.write_type, c->err.write_type);
		CHECK_STR(err.message, "m");
		CHECK_STR(err.details, c->err.details);
	}
}

static void
test_errors_truncated(void)
{
	for (size_t i = 0; i < NERRORS; i++)
	{
		const error_case *c = &error_cases[i];
		/* These end with something that need not be there. */
		size_t optional =
			c->err.server_code == 0x7e57 || c->err.details[0] == 'c' ? 2 : 0;

		for (size_t cut = 0; cut + optional < c->len; cut++)
		{
			uint8_t *part = sample_copy(c->body, cut);
			cql_error err;

			unit_about("%s cut at %zu", c->what, cut);
			read_error(part, cut, c->version, &err, NULL);
			CHECK_INT(err.code, CQL_ERR_PROTOCOL);
			/* What the server meant is still told. */
			CHECK(cut < 7 || strstr(err.details, ": m") != NULL);
			free(part);
		}
	}
}

static void
test_hostile_errors(void)
{
	cql_error err;
	cql_slice id;
	cql_buf buf;

	read_error(BYTES(HEAD("\x13\0") COUNTS "\377\377\377\377\0"), 5, &err,
			   &id);
	CHECK_INT(err.code, CQL_ERR_PROTOCOL);
	read_error(BYTES(HEAD("\x13\0") COUNTS "\177\377\377\377\0"), 5, &err,
			   &id);
	CHECK_INT(err.code, CQL_ERR_PROTOCOL);
	read_error(BYTES(HEAD("\x25\0") "\0\7short"), 5, &err, &id);
	CHECK_INT(err.code, CQL_ERR_PROTOCOL);
	CHECK_INT(id.len, CQL_NULL);

	/* More reasons than are told, of addresses that are none. */
	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_buf_append(&buf, BYTES(HEAD("\x13\0") COUNTS));
	cql_put_i32(&buf, 100000);
	for (int i = 0; i < 100000; i++)
		cql_buf_append(&buf, BYTES("\0\0\1"));
	cql_put_u8(&buf, 1);
	read_error(buf.data, buf.len, 5, &err, &id);
	CHECK_INT(err.code, CQL_ERR_SERVER);
	CHECK_INT(err.failures, 100000);
	CHECK(strncmp(err.details, "?: too many tombstones read\n", 28) == 0);
	CHECK_INT(err.data_present, 1);
	cql_buf_free(&buf);
}

static void
test_version_text(void)
{
	static const struct
	{
		const char *message;
		int version;
	} cases[] = {
		{"Invalid or unsupported protocol version (66); supported versions "
		 "are (3/v3, 4/v4, 5/v5, 6/v6-beta)",
		 5},
		{"supported versions are (3/v3, 4/v4, 5/v5-beta)", 4},
		{"supported versions are (4/v4)", 4},
		{"supported versions are (3/v3)", 0},
		{"(14/v4, 5/v55)", 0},
		{"Invalid or unsupported protocol version (5); the lowest supported "
		 "version is 3 and the greatest is 4",
		 4},
		{"the greatest is 3", 0},
		{"the greatest is 44", 0},
		{"", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		unit_about("%s", cases[i].message);
		CHECK_INT(cql_response_error_version(cases[i].message),
				  cases[i].version);
	}
}

/* ---- prefix ---- */

static void
test_prefix(void)
{
	static const char body[] = "0123456789abcdef"	/* tracing */
							   "\0\2\0\1a\0\2bc"	/* warnings */
							   "\0\1\0\1k\0\0\0\1v" /* payload */
							   "rest";
	cql_prefix prefix;
	cql_reader r;

	cql_reader_init(&r, body, sizeof(body) - 1);
	CHECK(cql_response_prefix(
		&r, CQL_FLAG_TRACING | CQL_FLAG_WARNING | CQL_FLAG_PAYLOAD, &prefix));
	CHECK_INT(cql_reader_left(&r), 4);
	CHECK(prefix.tracing_id == (const uint8_t *) body);
	CHECK_INT(prefix.nwarnings, 2);
	for (size_t cut = 0; cut < sizeof(body) - 5; cut++)
	{
		uint8_t *part = sample_copy(body, cut);

		cql_reader_init(&r, part, cut);
		CHECK(!cql_response_prefix(
			&r, CQL_FLAG_TRACING | CQL_FLAG_WARNING | CQL_FLAG_PAYLOAD,
			&prefix));
		free(part);
	}
	cql_reader_init(&r, NULL, 0);
	CHECK(cql_response_prefix(&r, 0, &prefix));
	CHECK(prefix.tracing_id == NULL && prefix.nwarnings == 0);
}

/* ---- handshake ---- */

static const char supported[] = "\0\3"
								"\0\13CQL_VERSION\0\1\0\0053.4.7"
								"\0\13COMPRESSION\0\2\0\6snappy\0\3lz4"
								"\0\5EMPTY\0\0";

static void
test_supported(void)
{
	char list[32];
	char small[8];
	cql_reader r;

	cql_reader_init(&r, supported, sizeof(supported) - 1);
	CHECK(cql_response_supported(&r, "COMPRESSION", list, sizeof(list)));
	CHECK_STR(list, "snappy,lz4");
	cql_reader_init(&r, supported, sizeof(supported) - 1);
	CHECK(cql_response_supported(&r, "EMPTY", list, sizeof(list)));
	CHECK_STR(list, "");
	cql_reader_init(&r, supported, sizeof(supported) - 1);
	CHECK(!cql_response_supported(&r, "COMPRESS", list, sizeof(list)));
	/* A word that does not fit is left out, never cut. */
	cql_reader_init(&r, supported, sizeof(supported) - 1);
	CHECK(cql_response_supported(&r, "COMPRESSION", small, sizeof(small)));
	CHECK_STR(small, "snappy");
	for (size_t cut = 0; cut < sizeof(supported) - 1; cut++)
	{
		uint8_t *part = sample_copy(supported, cut);

		cql_reader_init(&r, part, cut);
		CHECK(!cql_response_supported(&r, "COMPRESSION", list, sizeof(list)));
		free(part);
	}
}

static void
test_list(void)
{
	CHECK(cql_response_list_has("snappy,lz4", "lz4"));
	CHECK(cql_response_list_has("lz4", "lz4"));
	CHECK(cql_response_list_has("lz4,", "lz4"));
	CHECK(!cql_response_list_has("lz4hc,xlz4", "lz4"));
	CHECK(!cql_response_list_has("", "lz4"));
	CHECK(!cql_response_list_has("5/v5-beta", "5/v5"));
}

static void
test_authenticate(void)
{
	char name[16];
	cql_reader r;

	cql_reader_init(&r, "\0\5a.B\nc", 7);
	CHECK(cql_response_authenticate(&r, name, sizeof(name)));
	CHECK_STR(name, "a.B?c");
	cql_reader_init(&r, "\0\6a.B\nc", 7);
	CHECK(!cql_response_authenticate(&r, name, sizeof(name)));
}

/* ---- schema changes ---- */

static bool
read_change(const void *body, size_t len, cql_schema_change *change)
{
	cql_reader r;

	cql_reader_init(&r, body, len);
	return cql_response_schema_change(&r, change);
}

/* As events, which name their type in front. */
static void
test_captured_changes(void)
{
	static const char *const changes[] = {"CREATED", "DROPPED"};
	static const char type[] = "\0\15SCHEMA_CHANGE";
	const size_t typelen = sizeof(type) - 1;
	size_t n = 0;

	for (size_t i = 0; i < VECTOR_COUNT(vector_captures); i++)
	{
		cql_envelope envelope;
		cql_schema_change change;

		if (!sample_response(&unit_env, &vector_captures[i], &envelope))
			continue;
		if (envelope.opcode == CQL_OP_EVENT && n < 2)
		{
			CHECK_INT(envelope.stream, -1);
			REQUIRE(envelope.len > typelen);
			CHECK_BYTES(envelope.body, typelen, type, typelen);
			CHECK(read_change(envelope.body + typelen, envelope.len - typelen,
							  &change));
			CHECK_STR(change.change, changes[n]);
			CHECK_STR(change.target, "TABLE");
			CHECK_STR(change.keyspace, "drvvec");
			CHECK_STR(change.name, "evt");
			n++;
		}
		cql_free(&unit_env, envelope.body);
	}
	CHECK_INT(n, 2);
}

static void
test_changes(void)
{
	static const char body[] = "\0\7DROPPED\0\5TABLE\0\1k\0\1t";
	cql_schema_change change;

	CHECK(read_change(BYTES("\0\7DROPPED\0\10KEYSPACE\0\1k"), &change));
	CHECK_STR(change.keyspace, "k");
	CHECK_STR(change.name, "");
	CHECK(read_change(BYTES("\0\7CREATED\0\10FUNCTION\0\1k"
							"\0\1f\0\1\0\3int"),
					  &change));
	CHECK_STR(change.name, "f");
	for (size_t cut = 0; cut < sizeof(body) - 1; cut++)
	{
		uint8_t *part = sample_copy(body, cut);

		CHECK(!read_change(part, cut, &change));
		free(part);
	}
}

const unit_case unit_cases[] = {
	{"captured errors", test_captured_errors},
	{"captured write failure", test_captured_write_failure},
	{"unprepared", test_unprepared},
	{"every error", test_errors},
	{"errors truncated", test_errors_truncated},
	{"hostile errors", test_hostile_errors},
	{"version text", test_version_text},
	{"prefix", test_prefix},
	{"supported", test_supported},
	{"list", test_list},
	{"authenticate", test_authenticate},
	{"captured schema changes", test_captured_changes},
	{"schema changes", test_changes},
	{NULL, NULL}};
