/*
 * test_handshake.c
 *	  OPTIONS to READY: negotiation of version and compression,
 *	  authentication, time limits.
 */
#include "encode.h"
#include "peer.h"
#include "unit.h"

#define SECOND INT64_C(1000000)

#define PASSWORD_CLASS "org.apache.cassandra.auth.PasswordAuthenticator"
#define DSE_CLASS "com.datastax.bdp.cassandra.auth.DseAuthenticator"

static cql_conn_config
config_of(uint8_t version)
{
	cql_conn_config config;

	memset(&config, 0, sizeof(config));
	config.version = version;
	config.connect_timeout = 5 * SECOND;
	config.heartbeat_interval = 30 * SECOND;
	return config;
}

/* Whether STARTUP has this option with this value (NULL: has it not). */
static bool
has_option(const peer_request *request, const char *name, const char *value)
{
	cql_reader r;
	uint16_t n;
	bool found = false;

	cql_reader_init(&r, request->body, request->len);
	for (n = cql_get_u16(&r); n > 0; n--)
	{
		cql_slice key = cql_get_string(&r);
		cql_slice text = cql_get_string(&r);

		if (key.len != (int32_t) strlen(name) ||
			memcmp(key.data, name, strlen(name)) != 0)
			continue;
		found = true;
		if (value != NULL && (text.len != (int32_t) strlen(value) ||
							  memcmp(text.data, value, strlen(value)) != 0))
			return false;
	}
	CHECK(!r.failed && cql_reader_left(&r) == 0);
	return found == (value != NULL);
}

static void
check_closed(peer *p, cql_code code, int other, const char *words)
{
	const cql_error *err = cql_conn_error(p->conn);

	CHECK_INT(cql_conn_get_state(p->conn), CQL_CONN_CLOSED);
	CHECK_INT(err->code, code);
	CHECK_STR(err->host, "detached");
	CHECK_INT(cql_conn_other_version(p->conn), other);
	unit_about("\"%s\" should have \"%s\"", err->message, words);
	CHECK(strstr(err->message, words) != NULL);
	CHECK(strstr(err->message, "detached") != NULL);
	unit_about("%s", "");
	CHECK_INT(cql_conn_deadline(p->conn), -1);
	CHECK_INT(cql_conn_free_streams(p->conn), 0);
}

static void
startup_of(uint8_t version, bool lz4, const char *application)
{
	static const uint8_t options[] = {0, 0, 0, 0, CQL_OP_OPTIONS, 0, 0, 0, 0};
	cql_conn_config config = config_of(version);
	uint8_t expected[sizeof(options)];
	peer p;
	peer_request request;

	memcpy(expected, options, sizeof(options));
	expected[0] = version;
	config.lz4 = lz4;
	config.application_name = application;
	peer_start(&p, &unit_env, &config);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_OPTIONS);
	peer_pull(&p, 1);
	CHECK_BYTES(p.seen.data, p.seen.len, expected, sizeof(expected));
	CHECK(peer_next(&p, &request));
	peer_supported(&p, "3/v3,4/v4,5/v5,6/v6-beta", "snappy,lz4");
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_STARTUP);
	CHECK(peer_next(&p, &request));
	CHECK_INT(request.opcode, CQL_OP_STARTUP);
	CHECK_INT(request.version, version);
	CHECK_INT(request.flags, 0);
	CHECK_INT(request.stream, 0);
	CHECK(has_option(&request, "CQL_VERSION", "3.0.0"));
	CHECK(has_option(&request, "DRIVER_NAME", CQL_DRIVER_NAME));
	CHECK(has_option(&request, "DRIVER_VERSION", CQL_DRIVER_VERSION));
	CHECK(has_option(&request, "THROW_ON_OVERLOAD", "1"));
	CHECK(has_option(&request, "COMPRESSION", lz4 ? "lz4" : NULL));
	CHECK(has_option(&request, "APPLICATION_NAME", application));
	CHECK_INT(cql_conn_free_streams(p.conn), 0);
	peer_ready(&p);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	CHECK_INT(cql_conn_version(p.conn), version);
	CHECK_INT(cql_conn_free_streams(p.conn), CQL_MAX_STREAMS);
	CHECK_INT(cql_conn_deadline(p.conn), -1);
	CHECK(!peer_next(&p, &request));
	peer_end(&p);
}

static void
test_startup(void)
{
	startup_of(5, false, NULL);
	startup_of(5, true, "an application");
	startup_of(4, false, "an application");
	startup_of(4, true, NULL);
}

static void
compression_of(const char *offered, bool expected)
{
	cql_conn_config config = config_of(5);
	peer p;
	peer_request request;

	config.lz4 = true;
	peer_start(&p, &unit_env, &config);
	peer_pull(&p, SIZE_MAX);
	CHECK(peer_next(&p, &request));
	peer_supported(&p, "5/v5", offered);
	CHECK(peer_next(&p, &request));
	CHECK(has_option(&request, "COMPRESSION", expected ? "lz4" : NULL));
	peer_ready(&p);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	peer_end(&p);
}

static void
test_compression(void)
{
	compression_of("lz4", true);
	compression_of("snappy", false);
	compression_of("lz4hc,snappy", false);
	compression_of("", false);
	compression_of(NULL, false);
}

/* SUPPORTED names these versions: the one to change to, or 0 to go on. */
static void
versions_of(uint8_t version, bool pinned, const char *offered, int other)
{
	cql_conn_config config = config_of(version);
	peer p;
	peer_request request;
	bool refused;

	config.pinned = pinned;
	refused = other != 0;
	peer_start(&p, &unit_env, &config);
	CHECK(peer_next(&p, &request));
	peer_supported(&p, offered, "lz4");
	unit_about("%s offered to %d", offered ? offered : "nothing", version);
	if (refused)
		check_closed(&p, CQL_ERR_PROTOCOL, pinned ? 0 : other,
					 "does not speak protocol version");
	else
		CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_STARTUP);
	unit_about("%s", "");
	peer_end(&p);
}

static void
test_versions(void)
{
	versions_of(5, false, "3/v3,4/v4,5/v5,6/v6-beta", 0);
	versions_of(5, false, "3/v3,4/v4,5/v5-beta", 4);
	versions_of(5, false, "3/v3,4/v4", 4);
	versions_of(5, true, "3/v3,4/v4", 4);
	versions_of(5, false, "6/v6", 0);
	versions_of(5, false, NULL, 0);
	versions_of(4, false, "3/v3,4/v4,5/v5", 0);
	versions_of(4, false, "5/v5,6/v6", 5);
	versions_of(4, true, "5/v5,6/v6", 5);
}

/* An ERROR in answer to OPTIONS (or STARTUP), in a version of the server's. */
static void
error_of(uint8_t version, bool pinned, bool startup, uint8_t answer_version,
		 int32_t code, const char *message, cql_code expected, int other)
{
	cql_conn_config config = config_of(version);
	peer p;
	peer_request request;

	config.pinned = pinned;
	peer_start(&p, &unit_env, &config);
	CHECK(peer_next(&p, &request));
	if (startup)
	{
		peer_supported(&p, NULL, NULL);
		CHECK(peer_next(&p, &request));
	}
	p.version = answer_version;
	peer_error(&p, 0, code, message);
	check_closed(&p, expected, other, message);
	CHECK(expected != CQL_ERR_SERVER ||
		  cql_conn_error(p.conn)->server_code == code);
	peer_end(&p);
}

static void
test_errors(void)
{
	const char *modern =
		"Invalid or unsupported protocol version (66); "
		"supported versions are (3/v3, 4/v4, 5/v5, 6/v6-beta)";
	const char *old =
		"Invalid or unsupported protocol version (5); "
		"the lowest supported version is 3 and the greatest is 4";
	const char *beta = "Beta version of the protocol used (5/v5-beta), "
					   "but USE_BETA flag is unset";
	bool startup = false;

	do
	{
		error_of(5, false, startup, 4, CQL_SERVER_PROTOCOL, old,
				 CQL_ERR_SERVER, 4);
		error_of(5, false, startup, 3, CQL_SERVER_PROTOCOL, old,
				 CQL_ERR_SERVER, 4);
		error_of(5, true, startup, 4, CQL_SERVER_PROTOCOL, old, CQL_ERR_SERVER,
				 0);
		error_of(5, false, startup, 5, CQL_SERVER_PROTOCOL, beta,
				 CQL_ERR_SERVER, 4);
		error_of(4, false, startup, 5, CQL_SERVER_PROTOCOL, modern,
				 CQL_ERR_SERVER, 5);
		error_of(4, false, startup, 4, CQL_SERVER_PROTOCOL, "no idea",
				 CQL_ERR_SERVER, 0);
		error_of(5, false, startup, 5, CQL_SERVER_BOOTSTRAPPING, "not yet",
				 CQL_ERR_SERVER, 0);
		error_of(5, false, startup, 5, CQL_SERVER_OVERLOADED, "busy",
				 CQL_ERR_SERVER, 0);
		error_of(5, false, startup, 5, CQL_SERVER_BAD_CREDENTIALS,
				 "no certificate", CQL_ERR_AUTH, 0);
		startup = !startup;
	} while (startup);
}

/* Anything but the right answer closes the connection. */
static void
test_unexpected(void)
{
	static const struct
	{
		int state; /* how far the handshake goes before */
		uint8_t version;
		int16_t stream;
		uint8_t opcode;
		uint8_t direction;
	} cases[] = {
		{0, 5, 0, CQL_OP_READY, 0x80},
		{0, 5, 1, CQL_OP_SUPPORTED, 0x80},
		{0, 5, -1, CQL_OP_EVENT, 0x80},
		{0, 4, 0, CQL_OP_SUPPORTED, 0x80},
		{0, 2, 0, CQL_OP_SUPPORTED, 0x80},
		{0, 5, 0, CQL_OP_SUPPORTED, 0},
		{1, 5, 0, CQL_OP_SUPPORTED, 0x80},
		{1, 5, 0, CQL_OP_AUTH_SUCCESS, 0x80},
		{1, 5, 0, CQL_OP_AUTHENTICATE, 0x80},
		{1, 5, 7, CQL_OP_READY, 0x80},
		{1, 5, 0, 0x7f, 0x80},
		{2, 5, 0, CQL_OP_READY, 0x80},
		{2, 5, 0, CQL_OP_RESULT, 0x80},
	};
	cql_conn_config config = config_of(5);
	size_t i;

	config.username = "u";
	config.password = "p";
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		peer p;
		peer_request request;

		peer_start(&p, &unit_env, &config);
		CHECK(peer_next(&p, &request));
		if (cases[i].state >= 1)
		{
			peer_supported(&p, "5/v5", NULL);
			CHECK(peer_next(&p, &request));
		}
		if (cases[i].state >= 2)
		{
			peer_authenticate(&p, PASSWORD_CLASS);
			CHECK(peer_next(&p, &request));
		}
		p.version = cases[i].version;
		p.direction = cases[i].direction;
		unit_about("case %zu", i);
		peer_answer(&p, cases[i].stream, cases[i].opcode, NULL, 0);
		check_closed(&p, CQL_ERR_PROTOCOL, 0, "");
		peer_end(&p);
	}
}

/* From OPTIONS to the first AUTH_RESPONSE; false where there is none. */
static bool
authenticate(peer *p, const cql_conn_config *config, const char *authenticator,
			 peer_request *request)
{
	peer_start(p, &unit_env, config);
	CHECK(peer_next(p, request));
	peer_supported(p, "3/v3,4/v4,5/v5", "lz4");
	CHECK(peer_next(p, request));
	p->lz4 = config->lz4 && config->version >= 5;
	peer_authenticate(p, authenticator);
	return peer_next(p, request);
}

static void
check_token(const peer_request *request, const void *token, size_t len)
{
	CHECK_INT(request->opcode, CQL_OP_AUTH_RESPONSE);
	CHECK_INT(request->stream, 0);
	CHECK_INT(request->len, 4 + len);
	CHECK_INT(cql_load_u32(request->body), len);
	CHECK_BYTES(request->body + 4, request->len - 4, token, len);
}

static void
plain_of(uint8_t version, bool lz4, const char *authenticator)
{
	static const char token[] = "\0cassandra\0cassandra";
	cql_conn_config config = config_of(version);
	peer p;
	peer_request request;
	uint32_t expected = version >= 5 ? 1 : 0;

	config.username = "cassandra";
	config.password = "cassandra";
	config.lz4 = lz4;
	CHECK(authenticate(&p, &config, authenticator, &request));
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_AUTH);
	CHECK_INT(p.nsegments, expected);
	check_token(&request, token, sizeof(token) - 1);
	peer_answer(&p, 0, CQL_OP_AUTH_SUCCESS, "\xff\xff\xff\xff", 4);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	peer_end(&p);
}

static void
test_plain(void)
{
	plain_of(4, false, PASSWORD_CLASS);
	plain_of(5, false, PASSWORD_CLASS);
	plain_of(5, true, PASSWORD_CLASS);
	plain_of(5, false, "com.example.UnheardOf");
}

static void
test_dse(void)
{
	static const char token[] = "\0u\0p";
	cql_conn_config config = config_of(4);
	peer p;
	peer_request request;

	config.username = "u";
	config.password = "p";
	CHECK(authenticate(&p, &config, DSE_CLASS, &request));
	check_token(&request, "PLAIN", 5);
	peer_answer(&p, 0, CQL_OP_AUTH_CHALLENGE, "\0\0\0\x0bPLAIN-START", 15);
	CHECK(peer_next(&p, &request));
	check_token(&request, token, sizeof(token) - 1);
	peer_answer(&p, 0, CQL_OP_AUTH_CHALLENGE, "\0\0\0\x0bPLAIN-START", 15);
	check_closed(&p, CQL_ERR_AUTH, 0, "asks for more than");
	peer_end(&p);
}

/* With a region the secret is never sent, whatever the server's class says. */
static void
test_sigv4(void)
{
	static const char begin[] = "signature=";
	static const char end[] = ",session_token=t";
	cql_conn_config config = config_of(4);
	peer p;
	peer_request request;
	cql_buf token;

	config.username = "AKID";
	config.password = "SECRET";
	config.aws_region = "eu-central-1";
	config.aws_session_token = "t";
	CHECK(authenticate(&p, &config, PASSWORD_CLASS, &request));
	check_token(&request, "SigV4\0\0", 7);
	peer_answer(&p, 0, CQL_OP_AUTH_CHALLENGE, "\0\0\0\x0anonce=0123", 14);
	REQUIRE(peer_next(&p, &request));
	CHECK_INT(request.opcode, CQL_OP_AUTH_RESPONSE);
	cql_buf_init(&token, &peer_env, 4096);
	cql_buf_append(&token, request.body + 4, request.len - 4);
	CHECK_BYTES(token.data, sizeof(begin) - 1, begin, sizeof(begin) - 1);
	CHECK_BYTES(token.data + token.len - sizeof(end) + 1, sizeof(end) - 1, end,
				sizeof(end) - 1);
	CHECK(memmem(token.data, token.len, ",access_key=AKID,amzdate=20", 27));
	CHECK(memmem(token.data, token.len, "SECRET", 6) == NULL);
	cql_buf_free(&token);
	peer_answer(&p, 0, CQL_OP_AUTH_SUCCESS, "\xff\xff\xff\xff", 4);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	peer_end(&p);
	CHECK(authenticate(&p, &config, PASSWORD_CLASS, &request));
	peer_answer(&p, 0, CQL_OP_AUTH_CHALLENGE, "\0\0\0\1x", 5);
	check_closed(&p, CQL_ERR_AUTH, 0, "no nonce");
	peer_end(&p);
}

static void
test_no_password(void)
{
	cql_conn_config config = config_of(5);
	peer p;
	peer_request request;

	CHECK(!authenticate(&p, &config, PASSWORD_CLASS, &request));
	check_closed(&p, CQL_ERR_AUTH, 0, "no user name is configured");
	CHECK(strstr(cql_conn_error(p.conn)->message, PASSWORD_CLASS) != NULL);
	peer_end(&p);
	config.username = "u";
	CHECK(!authenticate(&p, &config, PASSWORD_CLASS, &request));
	check_closed(&p, CQL_ERR_AUTH, 0, "no password is configured");
	peer_end(&p);
	config.password = "";
	CHECK(authenticate(&p, &config, PASSWORD_CLASS, &request));
	check_token(&request, "\0u\0", 3);
	peer_end(&p);
}

/* Being let in by anything else is no proof of a password. */
static void
test_unasked(void)
{
	cql_conn_config config = config_of(5);
	peer p;
	peer_request request;
	int required;

	config.username = "u";
	config.password = "p";
	for (required = 0; required <= 1; required++)
	{
		config.password_required = required;
		peer_start(&p, &unit_env, &config);
		CHECK(peer_next(&p, &request));
		peer_supported(&p, "4/v4,5/v5", "lz4");
		CHECK(peer_next(&p, &request));
		peer_answer(&p, 0, CQL_OP_READY, NULL, 0);
		if (required)
			check_closed(&p, CQL_ERR_UNASKED, 0, "asks for none");
		else
			CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
		peer_end(&p);
	}
	/* DSE's asks for a mechanism first. */
	CHECK(authenticate(&p, &config, DSE_CLASS, &request));
	peer_answer(&p, 0, CQL_OP_AUTH_SUCCESS, "\xff\xff\xff\xff", 4);
	check_closed(&p, CQL_ERR_UNASKED, 0, "asks for none");
	peer_end(&p);
	CHECK(authenticate(&p, &config, PASSWORD_CLASS, &request));
	peer_answer(&p, 0, CQL_OP_AUTH_SUCCESS, "\xff\xff\xff\xff", 4);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	peer_end(&p);
}

static void
test_wrong_password(void)
{
	const char *words = "Provided username u and/or password are incorrect";
	cql_conn_config config = config_of(5);
	peer p;
	peer_request request;

	config.username = "u";
	config.password = "p";
	CHECK(authenticate(&p, &config, PASSWORD_CLASS, &request));
	peer_error(&p, 0, CQL_SERVER_BAD_CREDENTIALS, words);
	check_closed(&p, CQL_ERR_AUTH, 0, words);
	CHECK(strstr(cql_conn_error(p.conn)->message, "authenticator") == NULL);
	peer_end(&p);
	/* An unknown authenticator is named. */
	CHECK(authenticate(&p, &config, "com.example.Kerberos", &request));
	peer_error(&p, 0, CQL_SERVER_BAD_CREDENTIALS, words);
	check_closed(&p, CQL_ERR_AUTH, 0, "(authenticator com.example.Kerberos)");
	peer_end(&p);
	CHECK(authenticate(&p, &config, "com.example.Kerberos", &request));
	peer_answer(&p, 0, CQL_OP_AUTH_CHALLENGE, "\0\0\0\1x", 5);
	check_closed(&p, CQL_ERR_AUTH, 0, "com.example.Kerberos asks for more");
	peer_end(&p);
	/* The server's own trouble is not a matter of credentials. */
	CHECK(authenticate(&p, &config, PASSWORD_CLASS, &request));
	peer_error(&p, 0, CQL_SERVER_OVERLOADED, "busy");
	check_closed(&p, CQL_ERR_SERVER, 0, "busy");
	peer_end(&p);
}

static void
timeout_of(uint8_t version, bool pinned, int state, const char *words,
		   int other)
{
	cql_conn_config config = config_of(version);
	peer p;
	peer_request request;

	config.pinned = pinned;
	config.username = "u";
	config.password = "p";
	peer_start(&p, &unit_env, &config);
	CHECK(peer_next(&p, &request));
	if (state >= 1)
		peer_supported(&p, NULL, NULL);
	if (state >= 2)
		peer_authenticate(&p, PASSWORD_CLASS);
	CHECK_INT(cql_conn_deadline(p.conn), p.now + 5 * SECOND);
	cql_conn_step(p.conn, p.now + 5 * SECOND - 1);
	CHECK(cql_conn_get_state(p.conn) != CQL_CONN_CLOSED);
	cql_conn_step(p.conn, p.now + 5 * SECOND);
	check_closed(&p, CQL_ERR_CONNECT, other, words);
	CHECK(strstr(cql_conn_error(p.conn)->message, "5000 ms") != NULL);
	peer_end(&p);
}

static void
test_timeouts(void)
{
	timeout_of(5, false, 0, "no answer to OPTIONS", 4);
	timeout_of(5, true, 0, "no answer to OPTIONS", 0);
	timeout_of(4, false, 0, "no answer to OPTIONS", 0);
	timeout_of(5, false, 1, "no answer to STARTUP", 4);
	timeout_of(4, false, 1, "no answer to STARTUP", 0);
	timeout_of(5, false, 2, "authentication did not end", 0);
}

static void
test_no_timeout(void)
{
	cql_conn_config config = config_of(5);
	peer p;

	config.connect_timeout = 0;
	peer_start(&p, &unit_env, &config);
	CHECK_INT(cql_conn_deadline(p.conn), -1);
	cql_conn_step(p.conn, p.now + 1000000 * SECOND);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_OPTIONS);
	/* Just READY counts: what comes later has no limit here. */
	config.connect_timeout = SECOND;
	peer_end(&p);
	peer_start(&p, &unit_env, &config);
	peer_handshake(&p);
	cql_conn_step(p.conn, p.now + 1000000 * SECOND);
	CHECK_INT(cql_conn_get_state(p.conn), CQL_CONN_READY);
	peer_end(&p);
}

/* The whole way with authentication, each allocation failing in turn. */
static bool
attempt(void *arg)
{
	cql_conn_config config = config_of(5);
	peer p;
	bool done;

	(void) arg;
	config.username = "u";
	config.password = "p";
	config.lz4 = true;
	config.application_name = "sweep";
	peer_start(&p, &unit_env, &config);
	if (p.conn == NULL)
	{
		peer_end(&p);
		return false;
	}
	peer_pull(&p, SIZE_MAX);
	peer_supported(&p, "5/v5", "lz4");
	peer_pull(&p, SIZE_MAX);
	p.lz4 = true;
	peer_authenticate(&p, PASSWORD_CLASS);
	peer_pull(&p, SIZE_MAX);
	peer_answer(&p, 0, CQL_OP_AUTH_SUCCESS, "\xff\xff\xff\xff", 4);
	done = cql_conn_get_state(p.conn) == CQL_CONN_READY;
	CHECK(done || cql_conn_error(p.conn)->code == CQL_ERR_NOMEM);
	peer_end(&p);
	return done;
}

static void
test_allocations(void)
{
	unit_sweep(attempt, NULL);
}

const unit_case unit_cases[] = {{"startup", test_startup},
								{"compression", test_compression},
								{"versions", test_versions},
								{"errors", test_errors},
								{"unexpected answers", test_unexpected},
								{"plain authentication", test_plain},
								{"two-step authentication", test_dse},
								{"signature of AWS", test_sigv4},
								{"no password", test_no_password},
								{"unasked", test_unasked},
								{"wrong password", test_wrong_password},
								{"timeouts", test_timeouts},
								{"no timeout", test_no_timeout},
								{"allocations", test_allocations},
								{NULL, NULL}};
