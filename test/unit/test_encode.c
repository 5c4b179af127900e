/*
 * test_encode.c
 *	  Request bodies: byte for byte what was sent to a server, and every
 *	  optional part.
 */
#include <stdlib.h>

#include "encode.h"
#include "samples.h"
#include "unit.h"
#include "vectors.h"

#define TEXT(text)                                                            \
	{                                                                         \
		(const uint8_t *) (text), sizeof(text) - 1                            \
	}

static const cql_slice null_slice = {NULL, CQL_NULL};
static const cql_slice unencoded = {NULL, 0};

static const cql_query_options plain = {
	.consistency = CQL_ONE,
	.serial_consistency = -1,
	.paging_state = {NULL, CQL_NULL},
};

/* Consistency and flags at the end of what the reader has. */
static cql_query_options
read_options(cql_reader *r, uint8_t version, uint32_t *flags)
{
	cql_query_options options = plain;

	options.consistency = cql_get_u16(r);
	*flags = version >= 5 ? (uint32_t) cql_get_i32(r) : cql_get_u8(r);
	options.skip_metadata = (*flags & 0x02) != 0;
	return options;
}

/* A captured QUERY has a text, and in these captures no options. */
static void
again_query(cql_buf *buf, uint8_t version, cql_reader *r)
{
	cql_slice text = cql_get_long_string(r);
	char cql[256];
	uint32_t flags;
	cql_query_options options = read_options(r, version, &flags);

	snprintf(cql, sizeof(cql), "%.*s", (int) text.len, text.data);
	CHECK_INT(flags, 0);
	cql_encode_query(buf, version, cql, &options);
}

static void
again_prepare(cql_buf *buf, uint8_t version, cql_reader *r)
{
	cql_slice text = cql_get_long_string(r);
	char cql[256];

	snprintf(cql, sizeof(cql), "%.*s", (int) text.len, text.data);
	cql_encode_prepare(buf, version, cql);
}

/* EXECUTE of three values, a page of three rows, perhaps a paging state. */
static void
again_execute(cql_buf *buf, uint8_t version, cql_reader *r)
{
	static const cql_slice values[] = {TEXT("x"), TEXT("\0\0\0\1"),
									   TEXT("\377\377\377\377")};
	cql_slice id = cql_get_string(r);
	cql_slice metadata_id = version >= 5 ? cql_get_string(r) : null_slice;
	uint32_t flags;
	cql_query_options options = read_options(r, version, &flags);

	options.values = values;
	options.nvalues = 3;
	options.page_size = 3;
	if (flags & 0x08)
	{
		(void) cql_get_raw(r, 2 + 4 + 1 + 4 + 4 + 4 + 4 + 4);
		options.paging_state = cql_get_bytes(r);
		CHECK(options.paging_state.len > 0);
	}
	cql_encode_execute(buf, version, id, metadata_id, &options);
}

static void
again_batch(cql_buf *buf, uint8_t version, cql_reader *r)
{
	static const cql_slice values[] = {TEXT("\0\0\0\2"), TEXT("y"),
									   TEXT("\0\0\0\1")};

	(void) r;
	cql_encode_batch_begin(buf, CQL_BATCH_UNLOGGED, 1);
	cql_encode_batch_entry(buf, null_slice,
						   "insert into drvvec.m (a,b,ck) values (?,?,?)",
						   values, 3, unencoded);
	cql_encode_batch_end(buf, version, &plain);
}

static void
again_startup(cql_buf *buf, uint8_t version, cql_reader *r)
{
	(void) version;
	(void) r;
	cql_encode_startup(buf, NULL, 0);
}

/* Encodes what the captured request says; false for those that we never send.
 */
static bool
encode_again(const vector_capture *capture, const cql_envelope *request,
			 cql_buf *buf)
{
	void (*again)(cql_buf * buf, uint8_t version, cql_reader * r);
	cql_reader r;

	switch (request->opcode)
	{
		case CQL_OP_STARTUP:
			again = again_startup;
			break;
		case CQL_OP_QUERY:
			again = again_query;
			break;
		case CQL_OP_PREPARE:
			again = again_prepare;
			break;
		case CQL_OP_EXECUTE:
			/* Flagged as having values, with none: legal, but not ours. */
			if (strstr(capture->name, "unprepared") != NULL)
				return false;
			again = again_execute;
			break;
		case CQL_OP_BATCH:
			again = again_batch;
			break;
		case CQL_OP_REGISTER:
			return false;
		default:
			CHECK(!"a request that is not compared");
			return false;
	}
	cql_reader_init(&r, request->body, request->len);
	again(buf, request->version, &r);
	return true;
}

static void
test_captures(void)
{
	size_t compared = 0;

	for (size_t i = 0; i < VECTOR_COUNT(vector_captures); i++)
	{
		cql_envelope request;
		cql_buf buf;

		unit_about("%s", vector_captures[i].name);
		if (!sample_request(&vector_captures[i], &request))
			continue;
		cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
		if (encode_again(&vector_captures[i], &request, &buf))
		{
			CHECK(!buf.failed);
			CHECK_BYTES(buf.data, buf.len, request.body, request.len);
			compared++;
		}
		cql_buf_free(&buf);
	}
	/* 26 but two of REGISTER, which we never send. */
	CHECK_INT(compared, 24);
}

static void
check_body(cql_buf *buf, const void *expected, size_t len)
{
	CHECK(!buf->failed);
	CHECK_BYTES(buf->data, buf->len, expected, len);
	cql_buf_free(buf);
}

static void
test_options(void)
{
	static const cql_slice values[] = {
		{NULL, CQL_NULL}, {NULL, CQL_UNSET}, {NULL, 0}};
	static const uint8_t v4[] = {
		0,	  0,	0,	  1,	'q', 0, 6, 0x3F, 0, 3, 0xFF, 0xFF, 0xFF, 0xFF,
		0xFF, 0xFF, 0xFF, 0xFE, 0,	 0, 0, 0,	 0, 0, 0,	 7,	   0,	 0,
		0,	  2,	'p',  's',	0,	 9, 0, 0,	 0, 0, 0,	 0,	   1,	 0};
	static const uint8_t v5_head[] = {0, 0, 0, 1, 'q', 0, 6, 0, 0, 0, 0x3F};
	cql_query_options options = {
		.consistency = CQL_LOCAL_QUORUM,
		.serial_consistency = CQL_LOCAL_SERIAL,
		.values = values,
		.nvalues = 3,
		.skip_metadata = true,
		.page_size = 7,
		.paging_state = TEXT("ps"),
		.has_timestamp = true,
		.timestamp = 256,
	};
	cql_buf buf;

	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_encode_query(&buf, 4, "q", &options);
	check_body(&buf, v4, sizeof(v4));

	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_encode_query(&buf, 5, "q", &options);
	REQUIRE(buf.len == sizeof(v4) + 3);
	CHECK_BYTES(buf.data, sizeof(v5_head), v5_head, sizeof(v5_head));
	CHECK_BYTES(buf.data + sizeof(v5_head), buf.len - sizeof(v5_head), v4 + 8,
				sizeof(v4) - 8);
	cql_buf_free(&buf);
}

/* An empty paging state is one all the same. */
static void
test_empty_state(void)
{
	static const uint8_t body[] = {0, 0, 0, 1, 'q', 0, 1, 8, 0, 0, 0, 0};
	cql_query_options options = plain;
	cql_buf buf;

	options.paging_state.len = 0;
	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_encode_query(&buf, 4, "q", &options);
	check_body(&buf, body, sizeof(body));
}

static void
test_batch(void)
{
	static const uint8_t v4[] = {
		0, 0, 2,   1, 0, 2, 'i', 'd',  0, 1, 0, 0, 0, 1, 'v', 0, 0, 0,
		0, 1, 'q', 0, 0, 0, 6,	 0x30, 0, 8, 0, 0, 0, 0, 0,	  0, 0, 5};
	static const cql_slice id = TEXT("id");
	static const cql_slice value = TEXT("v");
	static const cql_slice in_wire_form = TEXT("\0\0\0\1v");
	cql_query_options options = plain;
	cql_buf buf;

	options.consistency = CQL_LOCAL_QUORUM;
	options.serial_consistency = CQL_SERIAL;
	options.has_timestamp = true;
	options.timestamp = 5;
	/* Neither exists in a batch. */
	options.page_size = 9;
	options.skip_metadata = true;
	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_encode_batch_begin(&buf, CQL_BATCH_LOGGED, 2);
	cql_encode_batch_entry(&buf, id, NULL, &value, 1, unencoded);
	cql_encode_batch_entry(&buf, null_slice, "q", NULL, 0, unencoded);
	cql_encode_batch_end(&buf, 4, &options);
	check_body(&buf, v4, sizeof(v4));
	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_encode_batch_begin(&buf, CQL_BATCH_LOGGED, 2);
	cql_encode_batch_entry(&buf, id, NULL, NULL, 1, in_wire_form);
	cql_encode_batch_entry(&buf, null_slice, "q", NULL, 0, unencoded);
	cql_encode_batch_end(&buf, 4, &options);
	check_body(&buf, v4, sizeof(v4));
}

static void
test_handshake(void)
{
	static const char *const options[][2] = {{"COMPRESSION", "lz4"},
											 {"DRIVER_NAME", "x"}};
	static const char startup[] =
		"\0\3\0\13CQL_VERSION\0\0053.0.0"
		"\0\13COMPRESSION\0\3lz4\0\13DRIVER_NAME\0\1x";
	static const char token[] = "\0\0\0\4\0u\0p";
	static const cql_slice plain_token = TEXT("\0u\0p");
	cql_buf buf;

	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_encode_startup(&buf, options, 2);
	check_body(&buf, startup, sizeof(startup) - 1);
	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_encode_auth_response(&buf, plain_token);
	check_body(&buf, token, sizeof(token) - 1);
}

/* What does not fit into its length field fails instead of being cut. */
static void
test_too_long(void)
{
	cql_slice *values = calloc(CQL_MAX_VALUES + 1, sizeof(*values));
	cql_query_options options = plain;
	cql_slice id = {vector_zeros, 65536};
	cql_buf buf;

	options.values = values;
	options.nvalues = CQL_MAX_VALUES;
	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_encode_query(&buf, 5, "q", &options);
	CHECK(!buf.failed);
	options.nvalues++;
	cql_encode_query(&buf, 5, "q", &options);
	CHECK(buf.failed);

	options.nvalues = 0;
	cql_buf_reset(&buf);
	cql_encode_execute(&buf, 4, id, null_slice, &options);
	CHECK(buf.failed);
	cql_buf_reset(&buf);
	cql_encode_execute(&buf, 5, null_slice, null_slice, &options);
	CHECK(buf.failed);
	cql_buf_free(&buf);

	cql_buf_init(&buf, &unit_env, 8);
	cql_encode_prepare(&buf, 4, "longer than the buffer may be");
	CHECK(buf.failed);
	cql_buf_free(&buf);
	free(values);
}

static bool
encode_something(void *arg)
{
	cql_query_options options = plain;
	cql_slice value = {vector_zeros, 4000};
	cql_buf buf;
	bool done;

	(void) arg;
	options.values = &value;
	options.nvalues = 1;
	cql_buf_init(&buf, &unit_env, CQL_MAX_BODY);
	cql_encode_query(&buf, 5, "select", &options);
	done = !buf.failed;
	CHECK(!done || buf.len == 4 + 6 + 2 + 4 + 2 + 4 + 4000);
	cql_buf_free(&buf);
	return done;
}

static void
test_no_memory(void)
{
	unit_sweep(encode_something, NULL);
}

const unit_case unit_cases[] = {{"captured requests", test_captures},
								{"all options", test_options},
								{"empty paging state", test_empty_state},
								{"batch", test_batch},
								{"handshake", test_handshake},
								{"too long", test_too_long},
								{"no memory", test_no_memory},
								{NULL, NULL}};
