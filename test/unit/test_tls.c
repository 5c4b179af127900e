/*
 * test_tls.c
 *	  TLS sessions against a server in memory: what each sslmode accepts.
 */
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "tls_server.h"
#include "unit.h"

static char directory[] = "/tmp/cql_tls_XXXXXX";

static test_cert authority;
static test_cert stranger;	  /* another authority */
static test_cert server_cert; /* for node.test and 127.0.0.9 */
static test_cert expired_cert;
static test_cert client_cert;

/* Path of a file in the temporary directory; good for several at a time. */
static const char *
path(const char *name)
{
	static char paths[8][128];
	static int next = 0;

	next = (next + 1) % 8;
	snprintf(paths[next], sizeof(paths[0]), "%s/%s", directory, name);
	return paths[next];
}

static void
make_certificates(void)
{
	CHECK(mkdtemp(directory) != NULL);
	authority = test_cert_make("test authority", NULL, true, NULL, -1, 30);
	stranger = test_cert_make("other authority", NULL, true, NULL, -1, 30);
	server_cert = test_cert_make("node", "DNS:node.test,IP:127.0.0.9", false,
								 &authority, -1, 30);
	expired_cert =
		test_cert_make("node", "DNS:node.test", false, &authority, -20, -1);
	client_cert = test_cert_make("client", NULL, false, &authority, -1, 30);
	test_cert_save(&authority, path("ca.crt"), NULL, NULL);
	test_cert_save(&stranger, path("other.crt"), NULL, NULL);
	test_cert_save(&client_cert, path("client.crt"), path("client.key"), NULL);
	test_cert_save(&client_cert, path("client.crt"), path("locked.key"),
				   "secret");
	test_cert_save(&stranger, path("other.crt"), path("other.key"), NULL);
}

static void
drop_certificates(void)
{
	static const char *const files[] = {
		"ca.crt",	  "other.crt", "client.crt", "client.key",
		"locked.key", "other.key", "garbage.pem"};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(path(files[i]));
	CHECK(rmdir(directory) == 0);
	test_cert_free(&authority);
	test_cert_free(&stranger);
	test_cert_free(&server_cert);
	test_cert_free(&expired_cert);
	test_cert_free(&client_cert);
}

/* One handshake: what is tried, and what must come of it. */
typedef struct trial
{
	cql_sslmode mode;
	const char *root;	/* file name, or NULL */
	const char *client; /* base name of certificate and key */
	const test_cert *server;
	bool demand;	 /* a client certificate */
	int max_version; /* of the server; 0: newest */
	const char *name;
	const char *address;
	const char *error; /* part of the expected text; NULL: success */
} trial;

static cql_tls_context *
context_of(const trial *t, cql_error *err)
{
	cql_config config;
	char key[64];
	char cert[64];

	memset(&config, 0, sizeof(config));
	config.sslmode = t->mode;
	config.sslrootcert = t->root ? path(t->root) : NULL;
	if (t->client != NULL)
	{
		snprintf(key, sizeof(key), "%s.key", t->client);
		snprintf(cert, sizeof(cert), "%s.crt", t->client);
		config.sslkey = path(key);
		config.sslcert = path(cert);
	}
	return cql_tls_context_create(&unit_env, &config, err);
}

/*
 * What TLS 1.3 servers think of our certificate is known only when we read
 * for the first time after the handshake.
 */
static int
shake_and_read(cql_tls *client, SSL *server, size_t chunk, cql_error *err)
{
	uint8_t byte;
	int rc = test_shake(client, server, chunk, err);

	if (rc != 1)
		return rc;
	CHECK(test_to_client(client, server, chunk, err));
	return cql_tls_read(client, &byte, 1, err) == 0 ? 1 : -1;
}

static void
run_trial(const trial *t, size_t chunk)
{
	cql_error err;
	cql_tls_context *context = context_of(t, &err);
	SSL_CTX *server_context;
	SSL *server;
	cql_tls *client;
	int rc;

	CHECK(context != NULL);
	server_context = test_server_context(
		t->server, t->demand ? &authority : NULL, t->max_version);
	server = test_server_new(server_context);
	client = cql_tls_create(context, NULL, t->name, t->address, &err);
	CHECK(client != NULL);
	rc = shake_and_read(client, server, chunk, &err);
	CHECK(rc == (t->error == NULL ? 1 : -1));
	if (t->error != NULL && rc == -1)
	{
		CHECK(err.code == CQL_ERR_TLS);
		unit_about("\"%s\" should have \"%s\"", err.message, t->error);
		CHECK(strstr(err.message, t->error) != NULL);
		unit_about("%s", "");
	}
	else if (rc == 1)
		CHECK(SSL_version(server) >= TLS1_2_VERSION);
	CHECK(ERR_peek_error() == 0);
	cql_tls_free(client);
	SSL_free(server);
	SSL_CTX_free(server_context);
	cql_tls_context_free(context);
}

static void
test_modes(void)
{
	const trial trials[] = {
		/* require: any certificate, unless there is a CA to check it with */
		{CQL_SSL_REQUIRE, NULL, NULL, &server_cert, false, 0, NULL, NULL,
		 NULL},
		{CQL_SSL_REQUIRE, NULL, NULL, &expired_cert, false, 0, "x", "10.0.0.1",
		 NULL},
		{CQL_SSL_REQUIRE, "ca.crt", NULL, &server_cert, false, 0, "x",
		 "10.0.0.1", NULL},
		{CQL_SSL_REQUIRE, "other.crt", NULL, &server_cert, false, 0, NULL,
		 NULL, "unable to get local issuer certificate"},
		/* verify-ca: the chain, whatever the name */
		{CQL_SSL_VERIFY_CA, "ca.crt", NULL, &server_cert, false, 0, "x",
		 "10.0.0.1", NULL},
		{CQL_SSL_VERIFY_CA, "other.crt", NULL, &server_cert, false, 0,
		 "node.test", NULL, "unable to get local issuer certificate"},
		{CQL_SSL_VERIFY_CA, "ca.crt", NULL, &stranger, false, 0, NULL, NULL,
		 "certificate verify failed: self"},
		{CQL_SSL_VERIFY_CA, "ca.crt", NULL, &expired_cert, false, 0, NULL,
		 NULL, "certificate has expired"},
		/* verify-full: chain, and name or address */
		{CQL_SSL_VERIFY_FULL, "ca.crt", NULL, &server_cert, false, 0,
		 "node.test", "10.0.0.1", NULL},
		{CQL_SSL_VERIFY_FULL, "ca.crt", NULL, &server_cert, false, 0,
		 "other.test", "127.0.0.9", NULL},
		{CQL_SSL_VERIFY_FULL, "ca.crt", NULL, &server_cert, false, 0, NULL,
		 "127.0.0.9", NULL},
		{CQL_SSL_VERIFY_FULL, "ca.crt", NULL, &server_cert, false, 0,
		 "127.0.0.9", "10.0.0.1", NULL},
		{CQL_SSL_VERIFY_FULL, "ca.crt", NULL, &server_cert, false, 0,
		 "10.0.0.2", "127.0.0.9", NULL},
		{CQL_SSL_VERIFY_FULL, "ca.crt", NULL, &server_cert, false, 0,
		 "other.test", "10.0.0.1", "mismatch"},
		{CQL_SSL_VERIFY_FULL, "ca.crt", NULL, &server_cert, false, 0, NULL,
		 "10.0.0.1", "IP address mismatch"},
		{CQL_SSL_VERIFY_FULL, "other.crt", NULL, &server_cert, false, 0,
		 "node.test", NULL, "unable to get local issuer certificate"},
		{CQL_SSL_VERIFY_FULL, "other.crt", NULL, &server_cert, false, 0, NULL,
		 "127.0.0.9", "unable to get local issuer certificate"},
		{CQL_SSL_VERIFY_FULL, "ca.crt", NULL, &expired_cert, false, 0,
		 "node.test", NULL, "certificate has expired"},
		/* TLS 1.2 as well as 1.3, nothing older */
		{CQL_SSL_VERIFY_FULL, "ca.crt", NULL, &server_cert, false,
		 TLS1_2_VERSION, "node.test", NULL, NULL},
		{CQL_SSL_REQUIRE, NULL, NULL, &server_cert, false, TLS1_1_VERSION,
		 NULL, NULL, "protocol"},
	};
	size_t i;

	for (i = 0; i < sizeof(trials) / sizeof(trials[0]); i++)
	{
		run_trial(&trials[i], 4096);
		run_trial(&trials[i], 1);
	}
}

static void
test_client_certificate(void)
{
	const trial trials[] = {
		{CQL_SSL_REQUIRE, "ca.crt", "client", &server_cert, true, 0, NULL,
		 NULL, NULL},
		{CQL_SSL_REQUIRE, "ca.crt", "client", &server_cert, true,
		 TLS1_2_VERSION, NULL, NULL, NULL},
		{CQL_SSL_REQUIRE, "ca.crt", NULL, &server_cert, true, 0, NULL, NULL,
		 "(the server asks for a client certificate)"},
		{CQL_SSL_REQUIRE, "ca.crt", NULL, &server_cert, true, TLS1_2_VERSION,
		 NULL, NULL, "(the server asks for a client certificate)"},
		{CQL_SSL_REQUIRE, "ca.crt", "other", &server_cert, true, 0, NULL, NULL,
		 "alert"},
		{CQL_SSL_REQUIRE, "ca.crt", "client", &server_cert, false, 0, NULL,
		 NULL, NULL},
	};
	size_t i;

	for (i = 0; i < sizeof(trials) / sizeof(trials[0]); i++)
		run_trial(&trials[i], 4096);
}

/* A configuration that must be refused, and the words for it. */
static void
check_refused(cql_sslmode mode, const char *root, const char *cert,
			  const char *key, const char *words)
{
	cql_config config;
	cql_error err;

	memset(&config, 0, sizeof(config));
	config.sslmode = mode;
	config.sslrootcert = root;
	config.sslcert = cert;
	config.sslkey = key;
	cql_error_clear(&err);
	CHECK(cql_tls_context_create(&unit_env, &config, &err) == NULL);
	CHECK(err.code == CQL_ERR_TLS);
	unit_about("\"%s\" should have \"%s\"", err.message, words);
	CHECK(strstr(err.message, words) != NULL);
	unit_about("%s", "");
	CHECK(ERR_peek_error() == 0);
}

static void
test_files(void)
{
	FILE *file = fopen(path("garbage.pem"), "w");

	fputs("no certificate\n", file);
	fclose(file);
	check_refused(CQL_SSL_VERIFY_CA, NULL, NULL, NULL,
				  "needs a root certificate file");
	check_refused(CQL_SSL_VERIFY_FULL, path("absent.crt"), NULL, NULL,
				  "absent.crt\": No such file or directory");
	check_refused(CQL_SSL_REQUIRE, path("garbage.pem"), NULL, NULL,
				  "could not load root certificate file");
	check_refused(CQL_SSL_VERIFY_CA, "system", NULL, NULL, "verify-full");
	check_refused(CQL_SSL_REQUIRE, NULL, path("client.crt"), NULL,
				  "needs both");
	check_refused(CQL_SSL_REQUIRE, NULL, NULL, path("client.key"),
				  "needs both");
	check_refused(CQL_SSL_REQUIRE, NULL, path("absent.crt"),
				  path("client.key"), "No such file or directory");
	check_refused(CQL_SSL_REQUIRE, NULL, path("client.crt"),
				  path("absent.key"), "No such file or directory");
	check_refused(CQL_SSL_REQUIRE, NULL, path("client.crt"),
				  path("locked.key"), "protected by a password");
	check_refused(CQL_SSL_REQUIRE, NULL, path("client.crt"), path("other.key"),
				  "mismatch");
	check_refused(CQL_SSL_REQUIRE, NULL, path("garbage.pem"),
				  path("client.key"), "could not load certificate file");
}

/* Whose keys others may read is no secret. */
static void
test_key_mode(void)
{
	const trial t = {
		CQL_SSL_REQUIRE, NULL, "client", NULL, false, 0, NULL, NULL, NULL};
	static const mode_t bad[] = {0666, 0604, 0602, 0620, 0660, 0610};
	cql_tls_context *context;
	cql_error err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		unit_about("mode %o", bad[i]);
		CHECK(chmod(path("client.key"), bad[i]) == 0);
		check_refused(CQL_SSL_REQUIRE, NULL, path("client.crt"),
					  path("client.key"), "has group or world access");
	}
	CHECK(chmod(path("client.key"), 0640) == 0);
	context = context_of(&t, &err);
	CHECK((context != NULL) == (geteuid() == 0));
	cql_tls_context_free(context);
	CHECK(chmod(path("client.key"), 0400) == 0);
	context = context_of(&t, &err);
	CHECK(context != NULL);
	cql_tls_context_free(context);
	CHECK(chmod(path("client.key"), 0600) == 0);
	check_refused(CQL_SSL_REQUIRE, NULL, path("client.crt"), directory,
				  "is not a regular file");
}

static void
test_system_roots(void)
{
	const trial t = {
		CQL_SSL_VERIFY_FULL, NULL, NULL, NULL, false, 0, NULL, NULL, NULL};
	cql_config config;
	cql_error err;
	cql_tls_context *context;

	memset(&config, 0, sizeof(config));
	config.sslmode = t.mode;
	config.sslrootcert = "system";
	context = cql_tls_context_create(&unit_env, &config, &err);
	CHECK(context != NULL);
	/* Without a name or an address nothing could be compared: refused. */
	CHECK(cql_tls_create(context, NULL, NULL, NULL, &err) == NULL);
	CHECK(err.code == CQL_ERR_TLS);
	CHECK(cql_tls_create(context, NULL, "", "", &err) == NULL);
	cql_tls_context_free(context);
}

/* A session that is up, for tests of what follows. */
typedef struct session
{
	cql_tls_context *context;
	SSL_CTX *server_context;
	SSL *server;
	cql_tls *client;
} session;

static session
session_start(const char *name)
{
	const trial t = {CQL_SSL_VERIFY_CA,
					 "ca.crt",
					 NULL,
					 &server_cert,
					 false,
					 0,
					 NULL,
					 NULL,
					 NULL};
	session s;
	cql_error err;

	s.context = context_of(&t, &err);
	s.server_context = test_server_context(&server_cert, NULL, 0);
	s.server = test_server_new(s.server_context);
	s.client = cql_tls_create(s.context, NULL, name, "127.0.0.9", &err);
	CHECK(test_shake(s.client, s.server, 4096, &err) == 1);
	return s;
}

static void
session_end(session *s)
{
	cql_tls_free(s->client);
	SSL_free(s->server);
	SSL_CTX_free(s->server_context);
	cql_tls_context_free(s->context);
}

static void
test_server_name(void)
{
	session s = session_start("node.test");

	CHECK_STR(SSL_get_servername(s.server, TLSEXT_NAMETYPE_host_name),
			  "node.test");
	session_end(&s);
	s = session_start("127.0.0.9");
	CHECK(SSL_get_servername(s.server, TLSEXT_NAMETYPE_host_name) == NULL);
	session_end(&s);
	s = session_start("::1");
	CHECK(SSL_get_servername(s.server, TLSEXT_NAMETYPE_host_name) == NULL);
	session_end(&s);
}

#define BULK 300000

static void
test_data(void)
{
	session s = session_start(NULL);
	cql_error err;
	uint8_t *data = malloc(BULK);
	uint8_t *copy = malloc(BULK);
	size_t i;
	size_t got = 0;
	int n;

	for (i = 0; i < BULK; i++)
		data[i] = (uint8_t) (i * 7 + i / 251);
	/* to the server */
	CHECK(cql_tls_write(s.client, data, BULK, &err));
	test_to_server(s.client, s.server);
	while (got < BULK && (n = SSL_read(s.server, copy + got, BULK)) > 0)
		got += (size_t) n;
	CHECK(got == BULK && memcmp(data, copy, BULK) == 0);
	/* and back, byte by byte, in pieces of odd sizes */
	CHECK(SSL_write(s.server, data, BULK) == BULK);
	CHECK(test_to_client(s.client, s.server, 1, &err));
	for (got = 0; got < BULK; got += (size_t) n)
	{
		n = cql_tls_read(s.client, copy + got,
						 BULK - got < 1013 ? BULK - got : 1013, &err);
		CHECK(n > 0);
		if (n <= 0)
			break;
	}
	CHECK(got == BULK && memcmp(data, copy, BULK) == 0);
	CHECK(cql_tls_read(s.client, copy, BULK, &err) == 0);
	/* a proper end */
	SSL_shutdown(s.server);
	CHECK(test_to_client(s.client, s.server, 4096, &err));
	CHECK(cql_tls_read(s.client, copy, BULK, &err) == -2);
	CHECK(ERR_peek_error() == 0);
	session_end(&s);
	free(data);
	free(copy);
}

static void
test_tampered(void)
{
	session s = session_start(NULL);
	cql_error err;
	uint8_t record[512];
	int n;

	CHECK(SSL_write(s.server, "hello", 5) == 5);
	/* Session tickets may come first; the last bytes are the data's. */
	n = BIO_read(SSL_get_wbio(s.server), record, sizeof(record));
	while (BIO_ctrl_pending(SSL_get_wbio(s.server)) > 0)
	{
		CHECK(cql_tls_feed(s.client, record, (size_t) n, &err));
		n = BIO_read(SSL_get_wbio(s.server), record, sizeof(record));
	}
	CHECK(n > 5);
	record[n - 1] ^= 1;
	CHECK(cql_tls_feed(s.client, record, (size_t) n, &err));
	CHECK(cql_tls_read(s.client, record, sizeof(record), &err) == -1);
	CHECK(err.code == CQL_ERR_TLS);
	CHECK(err.message[0] != '\0');
	CHECK(ERR_peek_error() == 0);
	session_end(&s);
}

static void
test_not_tls(void)
{
	const trial t = {
		CQL_SSL_REQUIRE, NULL, NULL, NULL, false, 0, NULL, NULL, NULL};
	static const uint8_t answer[] = {0x84, 0, 0, 0, 0, 0, 0,
									 0,	   4, 0, 0, 0, 10};
	cql_error err;
	cql_tls_context *context = context_of(&t, &err);
	cql_tls *client = cql_tls_create(context, NULL, NULL, NULL, &err);

	CHECK(cql_tls_handshake(client, &err) == 0);
	CHECK(cql_tls_feed(client, answer, sizeof(answer), &err));
	CHECK(cql_tls_handshake(client, &err) == -1);
	CHECK(err.code == CQL_ERR_TLS);
	CHECK(ERR_peek_error() == 0);
	cql_tls_free(client);
	cql_tls_context_free(context);
}

static bool
attempt_session(void *arg)
{
	const trial t = {CQL_SSL_VERIFY_FULL, "ca.crt",	   NULL,
					 &server_cert,		  false,	   0,
					 "node.test",		  "127.0.0.9", NULL};
	cql_error err;
	cql_tls_context *context = context_of(&t, &err);
	SSL_CTX *server_context = arg;
	SSL *server;
	cql_tls *client;
	bool done = false;

	if (context == NULL)
		return false;
	client = cql_tls_create(context, NULL, t.name, t.address, &err);
	if (client != NULL)
	{
		server = test_server_new(server_context);
		done = test_shake(client, server, 4096, &err) == 1;
		SSL_free(server);
	}
	cql_tls_free(client);
	cql_tls_context_free(context);
	return done;
}

static void
test_allocations(void)
{
	SSL_CTX *server_context = test_server_context(&server_cert, NULL, 0);

	unit_sweep(attempt_session, server_context);
	SSL_CTX_free(server_context);
}

const unit_case unit_cases[] = {
	{"certificates", make_certificates},
	{"modes", test_modes},
	{"client certificate", test_client_certificate},
	{"files", test_files},
	{"key_mode", test_key_mode},
	{"system roots", test_system_roots},
	{"server name", test_server_name},
	{"data", test_data},
	{"tampered data", test_tampered},
	{"not TLS", test_not_tls},
	{"allocations", test_allocations},
	{"clean up", drop_certificates},
	{NULL, NULL}};
