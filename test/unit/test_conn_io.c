/*
 * test_conn_io.c
 *	  Connections over real sockets, plain and TLS, to a server in the same
 *	  process.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "peer.h"
#include "resolve.h"
#include "tls_server.h"
#include "unit.h"

#define SECOND INT64_C(1000000)
/* Rounds of both sides in which something expected must have happened. */
#define MAX_ROUNDS 20000

static char root_file[] = "/tmp/cql_io_XXXXXX";
static test_cert server_cert;

typedef struct server
{
	int listening;
	int fd;			  /* accepted, or -1 */
	SSL_CTX *context; /* NULL: plain */
	SSL *ssl;
	struct sockaddr_in addr;
	char host[80];
} server;

typedef struct pair
{
	server s;
	cql_conn_config config;
	cql_conn *conn;
	int64_t now;
} pair;

static void
listen_on(server *s, bool tls, int backlog)
{
	socklen_t len = sizeof(s->addr);
	cql_address address;

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	s->listening = socket(AF_INET, SOCK_STREAM, 0);
	s->addr.sin_family = AF_INET;
	s->addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(bind(s->listening, (struct sockaddr *) &s->addr, len) == 0);
	CHECK(listen(s->listening, backlog) == 0);
	CHECK(getsockname(s->listening, (struct sockaddr *) &s->addr, &len) == 0);
	memset(&address, 0, sizeof(address));
	memcpy(&address.sa, &s->addr, sizeof(s->addr));
	address.len = len;
	cql_address_print(&address, s->host, sizeof(s->host));
	if (tls)
		s->context = test_server_context(&server_cert, NULL, 0);
}

static void
server_accept(server *s)
{
	s->fd = accept(s->listening, NULL, NULL);
	CHECK(s->fd >= 0);
	CHECK(fcntl(s->fd, F_SETFL, O_NONBLOCK) == 0);
	if (s->context == NULL)
		return;
	s->ssl = SSL_new(s->context);
	SSL_set_fd(s->ssl, s->fd);
	SSL_set_accept_state(s->ssl);
}

/* Closes the accepted connection, with RST when asked to. */
static void
server_close(server *s, bool reset)
{
	struct linger linger = {1, 0};

	if (reset)
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	SSL_free(s->ssl);
	s->ssl = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static ssize_t
server_read(server *s, void *data, size_t len)
{
	if (s->ssl == NULL)
		return recv(s->fd, data, len, 0);
	return SSL_read(s->ssl, data, (int) len);
}

static ssize_t
server_write(server *s, const void *data, size_t len)
{
	if (s->ssl == NULL)
		return send(s->fd, data, len, MSG_NOSIGNAL);
	return SSL_write(s->ssl, data, len > INT32_MAX ? INT32_MAX : (int) len);
}

/* The client must not need SIGPIPE ignored, OpenSSL's socket BIO does. */
static void
server_shake(server *s)
{
	signal(SIGPIPE, SIG_IGN);
	SSL_do_handshake(s->ssl);
	ERR_clear_error();
	signal(SIGPIPE, SIG_DFL);
}

/* The client's turn: as a caller would, it steps only when it is told to. */
static void
turn(pair *l)
{
	struct pollfd poller = {cql_conn_fd(l->conn), POLLIN, 0};
	int64_t deadline = cql_conn_deadline(l->conn);

	if (cql_conn_wants_write(l->conn))
		poller.events |= POLLOUT;
	if ((poller.fd >= 0 && poll(&poller, 1, 0) > 0) ||
		(deadline >= 0 && deadline <= l->now))
		cql_conn_step(l->conn, l->now);
}

/* Reads exactly len bytes on the server, the client taking its turns. */
static bool
server_expect(pair *l, void *data, size_t len)
{
	size_t got = 0;
	int round;

	for (round = 0; got < len && round < MAX_ROUNDS; round++)
	{
		ssize_t n;

		turn(l);
		n = server_read(&l->s, (uint8_t *) data + got, len - got);
		if (n > 0)
			got += (size_t) n;
		else
			usleep(100);
	}
	return CHECK_INT(got, len);
}

/* Writes everything, the client taking its turns where asked to. */
static void
server_say(pair *l, const void *data, size_t len, bool turns)
{
	size_t sent = 0;
	int round;

	for (round = 0; sent < len && round < MAX_ROUNDS; round++)
	{
		ssize_t n =
			server_write(&l->s, (const uint8_t *) data + sent, len - sent);

		if (n > 0)
			sent += (size_t) n;
		else
			usleep(100);
		if (turns)
			turn(l);
	}
	CHECK_INT(sent, len);
}

static bool
wait_state(pair *l, cql_conn_state state)
{
	int round;

	for (round = 0; round < MAX_ROUNDS; round++)
	{
		if (cql_conn_get_state(l->conn) == state)
			return true;
		turn(l);
		if (l->s.ssl != NULL && !SSL_is_init_finished(l->s.ssl))
			server_shake(&l->s);
		usleep(100);
	}
	return CHECK_INT(cql_conn_get_state(l->conn), state);
}

static void
dial(pair *l)
{
	cql_error err;

	l->now = 5 * SECOND;
	l->config.version = 4;
	l->config.connect_timeout = 10 * SECOND;
	l->conn =
		cql_conn_open(&unit_env, &l->config, (struct sockaddr *) &l->s.addr,
					  sizeof(l->s.addr), l->s.host, l->now, &err);
	CHECK(l->conn != NULL);
	CHECK_STR(cql_conn_host(l->conn), l->s.host);
}

/* Listens, dials and accepts. */
static void
start(pair *l, bool tls)
{
	cql_config config;
	cql_error err;

	memset(l, 0, sizeof(*l));
	listen_on(&l->s, tls, 5);
	if (tls)
	{
		memset(&config, 0, sizeof(config));
		config.sslmode = CQL_SSL_VERIFY_FULL;
		config.sslrootcert = root_file;
		l->config.tls = cql_tls_context_create(&unit_env, &config, &err);
		CHECK(l->config.tls != NULL);
	}
	dial(l);
	server_accept(&l->s);
}

static void
finish(pair *l)
{
	cql_conn_free(l->conn);
	server_close(&l->s, false);
	close(l->s.listening);
	SSL_CTX_free(l->s.context);
	cql_tls_context_free(l->config.tls);
}

/* OPTIONS to READY in v4. */
static void
shake(pair *l)
{
	static const uint8_t supported[] = {0x84, 0, 0, 0, CQL_OP_SUPPORTED, 0, 0,
										0,	  2, 0, 0};
	static const uint8_t ready[] = {0x84, 0, 0, 0, CQL_OP_READY, 0, 0, 0, 0};
	uint8_t header[CQL_ENVELOPE_HEADER];
	uint8_t body[512];

	if (!server_expect(l, header, sizeof(header)))
		return;
	CHECK_INT(header[4], CQL_OP_OPTIONS);
	server_say(l, supported, sizeof(supported), true);
	if (!server_expect(l, header, sizeof(header)))
		return;
	CHECK_INT(header[4], CQL_OP_STARTUP);
	server_expect(l, body, cql_load_u32(header + 5));
	server_say(l, ready, sizeof(ready), true);
	wait_state(l, CQL_CONN_READY);
}

static void
check_closed(pair *l, cql_code code, const char *words)
{
	const cql_error *err = cql_conn_error(l->conn);

	wait_state(l, CQL_CONN_CLOSED);
	CHECK_INT(err->code, code);
	CHECK_STR(err->host, l->s.host);
	unit_about("\"%s\" should have \"%s\"", err->message, words);
	CHECK(strstr(err->message, words) != NULL);
	CHECK(strstr(err->message, l->s.host) != NULL);
	unit_about("%s", "");
	CHECK_INT(cql_conn_fd(l->conn), -1);
	CHECK(!cql_conn_wants_write(l->conn));
	CHECK_INT(unit_live_fds(), 0);
}

static void
make_certificate(void)
{
	int fd = mkstemp(root_file);

	REQUIRE(fd >= 0);
	close(fd);
	server_cert =
		test_cert_make("loopback", "IP:127.0.0.1", true, NULL, -1, 30);
	test_cert_save(&server_cert, root_file, NULL, NULL);
}

static void
drop_certificate(void)
{
	unlink(root_file);
	test_cert_free(&server_cert);
}

static void
test_refused(void)
{
	pair l;

	memset(&l, 0, sizeof(l));
	listen_on(&l.s, false, 5);
	close(l.s.listening);
	dial(&l);
	check_closed(&l, CQL_ERR_CONNECT, "could not connect to ");
	CHECK(strstr(cql_conn_error(l.conn)->message, ": Connection refused"));
	cql_conn_free(l.conn);
}

static void
test_no_descriptor(void)
{
	pair l;
	cql_error err;

	memset(&l, 0, sizeof(l));
	listen_on(&l.s, false, 5);
	unit_limit_fds(0);
	CHECK(cql_conn_open(&unit_env, &l.config, (struct sockaddr *) &l.s.addr,
						sizeof(l.s.addr), l.s.host, 0, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_LIMIT);
	CHECK(strstr(err.message, l.s.host) != NULL);
	close(l.s.listening);
}

/* A full queue of a listener lets a connection attempt hang. */
static void
test_connect_timeout(void)
{
	pair l;
	int fds[8];
	size_t i;

	memset(&l, 0, sizeof(l));
	listen_on(&l.s, false, 0);
	for (i = 0; i < 8; i++)
	{
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void) connect(fds[i], (struct sockaddr *) &l.s.addr,
					   sizeof(l.s.addr));
	}
	usleep(10000);
	dial(&l);
	CHECK_INT(cql_conn_get_state(l.conn), CQL_CONN_CONNECTING);
	CHECK(cql_conn_wants_write(l.conn));
	CHECK_INT(cql_conn_deadline(l.conn), l.now + 10 * SECOND);
	cql_conn_step(l.conn, l.now + 10 * SECOND - 1);
	CHECK_INT(cql_conn_get_state(l.conn), CQL_CONN_CONNECTING);
	cql_conn_step(l.conn, l.now + 10 * SECOND);
	check_closed(&l, CQL_ERR_CONNECT, "no TCP connection within 10000 ms");
	cql_conn_free(l.conn);
	for (i = 0; i < 8; i++)
		close(fds[i]);
	close(l.s.listening);
}

static void
test_closed_early(void)
{
	pair l;

	start(&l, false);
	server_close(&l.s, false);
	check_closed(&l, CQL_ERR_CONNECT, "could not connect to ");
	finish(&l);
	start(&l, true);
	server_close(&l.s, false);
	check_closed(&l, CQL_ERR_TLS, "TLS handshake with ");
	finish(&l);
}

static cql_exchange *
submit(pair *l, const void *body, size_t len)
{
	cql_buf *buf = cql_conn_begin(l->conn);
	cql_error err;

	cql_buf_append(buf, body, len);
	return cql_conn_end(l->conn, CQL_OP_QUERY, 0, l, l->now, &err);
}

static void
lost(bool tls, bool reset, const char *words)
{
	pair l;
	cql_exchange *exchange;
	uint8_t request[CQL_ENVELOPE_HEADER + 5];

	start(&l, tls);
	shake(&l);
	exchange = submit(&l, "hello", 5);
	CHECK(server_expect(&l, request, sizeof(request)));
	CHECK(exchange->sent);
	server_close(&l.s, reset);
	check_closed(&l, CQL_ERR_LOST, words);
	CHECK(cql_conn_take(l.conn) == exchange);
	CHECK_INT(exchange->state, CQL_EXCHANGE_FAILED);
	cql_exchange_free(&unit_env, exchange);
	finish(&l);
}

static void
test_lost(void)
{
	lost(false, false, "lost: the server closed the connection");
	lost(false, true, "lost: Connection reset by peer");
	lost(true, false, "lost: the server closed the connection");
	lost(true, true, "lost: Connection reset by peer");
}

/* Sending to a peer that is gone is an error, not a signal. */
static void
test_send_to_closed(void)
{
	pair l;
	int round;

	start(&l, false);
	shake(&l);
	server_close(&l.s, true);
	for (round = 0; round < 100; round++)
	{
		if (cql_conn_get_state(l.conn) == CQL_CONN_CLOSED)
			break;
		CHECK(submit(&l, "hello", 5) != NULL);
		cql_conn_flush(l.conn, l.now);
		usleep(1000);
	}
	CHECK(round < 100);
	check_closed(&l, CQL_ERR_LOST, "lost: ");
	finish(&l);
}

#define BULK (6u << 20)

static uint8_t *
bulk(void)
{
	uint8_t *data = malloc(BULK + CQL_ENVELOPE_HEADER);
	size_t i;

	for (i = 0; i < BULK + CQL_ENVELOPE_HEADER; i++)
		data[i] = (uint8_t) (i * 31 + (i >> 9));
	return data;
}

/* More than the socket takes: nothing is lost, and writing is waited for. */
static void
large_request(bool tls)
{
	pair l;
	uint8_t *body = bulk();
	uint8_t *got = malloc(BULK + CQL_ENVELOPE_HEADER);

	start(&l, tls);
	shake(&l);
	CHECK(submit(&l, body, BULK) != NULL);
	CHECK(!cql_conn_wants_write(l.conn));
	CHECK(cql_conn_deadline(l.conn) <= l.now);
	cql_conn_flush(l.conn, l.now);
	CHECK(cql_conn_wants_write(l.conn));
	CHECK(cql_conn_deadline(l.conn) == -1);
	CHECK(submit(&l, "more", 4) != NULL);
	server_expect(&l, got, BULK + CQL_ENVELOPE_HEADER);
	CHECK_INT(cql_load_u32(got + 5), BULK);
	CHECK(memcmp(got + CQL_ENVELOPE_HEADER, body, BULK) == 0);
	server_expect(&l, got, CQL_ENVELOPE_HEADER + 4);
	CHECK_BYTES(got + CQL_ENVELOPE_HEADER, 4, "more", 4);
	CHECK(!cql_conn_wants_write(l.conn));
	CHECK(cql_conn_bytes_sent(l.conn) > BULK);
	finish(&l);
	free(body);
	free(got);
}

static void
test_large_request(void)
{
	large_request(false);
	large_request(true);
}

/*
 * A large answer, after which the server is quiet: nothing may stay behind,
 * neither in the socket nor in OpenSSL.
 */
static void
large_answer(bool tls)
{
	pair l;
	uint8_t *answer = bulk();
	uint8_t request[CQL_ENVELOPE_HEADER + 5];
	cql_exchange *exchange;
	cql_exchange *taken;
	int round;

	start(&l, tls);
	shake(&l);
	exchange = submit(&l, "hello", 5);
	CHECK(server_expect(&l, request, sizeof(request)));
	memset(answer, 0, CQL_ENVELOPE_HEADER);
	answer[0] = 0x84;
	answer[4] = CQL_OP_RESULT;
	cql_store_u32(answer + 5, BULK);
	server_say(&l, answer, BULK + CQL_ENVELOPE_HEADER, true);
	taken = NULL;
	for (round = 0; taken == NULL && round < MAX_ROUNDS; round++)
	{
		turn(&l);
		taken = cql_conn_take(l.conn);
	}
	CHECK(taken == exchange);
	CHECK_INT(exchange->response.len, BULK);
	CHECK(memcmp(exchange->response.body, answer + CQL_ENVELOPE_HEADER,
				 BULK) == 0);
	CHECK_INT(cql_conn_deadline(l.conn), -1);
	cql_exchange_free(&unit_env, exchange);
	finish(&l);
	free(answer);
}

static void
test_large_answer(void)
{
	large_answer(false);
	large_answer(true);
}

#define NEVENTS 400000

/* A child that writes events as fast as they are read. */
static pid_t
write_events(pair *l)
{
	static const uint8_t event[CQL_ENVELOPE_HEADER + 64] = {
		0x84, 0, 0xff, 0xff, CQL_OP_EVENT, 0, 0, 0, 64};
	pid_t child = fork();
	int i;

	if (child != 0)
		return child;
	fcntl(l->s.fd, F_SETFL, 0);
	for (i = 0; i < NEVENTS; i++)
		if (send(l->s.fd, event, sizeof(event), 0) != sizeof(event))
			_exit(1);
	_exit(0);
}

/* A step reads a bounded amount, however much there is. */
static void
test_bounded_step(void)
{
	const uint64_t all = (uint64_t) NEVENTS * (CQL_ENVELOPE_HEADER + 64);
	pair l;
	pid_t child;
	uint64_t first;
	uint64_t before;
	int status = -1;

	start(&l, false);
	shake(&l);
	first = before = cql_conn_bytes_received(l.conn);
	child = write_events(&l);
	REQUIRE(child > 0);
	while (before - first < all &&
		   cql_conn_get_state(l.conn) == CQL_CONN_READY)
	{
		uint64_t now;

		cql_conn_step(l.conn, l.now);
		now = cql_conn_bytes_received(l.conn);
		CHECK(now - before <= 4 << 20);
		/* Only at the limit is more left on purpose. */
		CHECK_INT(cql_conn_deadline(l.conn) == l.now, now - before == 4 << 20);
		before = now;
	}
	CHECK_INT(before - first, all);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	finish(&l);
}

static void
test_wrong_name(void)
{
	pair l;
	test_cert good = server_cert;

	server_cert =
		test_cert_make("loopback", "IP:127.0.0.2", true, NULL, -1, 30);
	test_cert_save(&server_cert, root_file, NULL, NULL);
	start(&l, true);
	check_closed(&l, CQL_ERR_TLS,
				 "failed: certificate verify failed: IP address mismatch");
	CHECK(strncmp(cql_conn_error(l.conn)->message, "TLS handshake with ",
				  19) == 0);
	finish(&l);
	test_cert_free(&server_cert);
	server_cert = good;
	test_cert_save(&server_cert, root_file, NULL, NULL);
}

/* TLS 1.3: the server's refusal comes after our side of the handshake. */
static void
test_client_certificate(void)
{
	pair l;
	SSL_CTX *context;

	start(&l, true);
	context = test_server_context(&server_cert, &server_cert, 0);
	SSL_set_SSL_CTX(l.s.ssl, context);
	SSL_set_verify(l.s.ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
				   NULL);
	check_closed(&l, CQL_ERR_TLS,
				 "(the server asks for a client certificate)");
	CHECK(strncmp(cql_conn_error(l.conn)->message, "TLS handshake with ",
				  19) == 0);
	SSL_CTX_free(context);
	finish(&l);
}

static void
test_tls_to_plain(void)
{
	static const uint8_t error[] = {0x84, 0, 0, 0, CQL_OP_ERROR, 0, 0, 0,
									7,	  0, 0, 0, 10,			 0, 1, 'x'};
	pair l;

	start(&l, true);
	SSL_free(l.s.ssl);
	l.s.ssl = NULL;
	CHECK(send(l.s.fd, error, sizeof(error), 0) == sizeof(error));
	check_closed(&l, CQL_ERR_TLS, "TLS handshake with ");
	finish(&l);
}

static void
test_tls_timeout(void)
{
	pair l;

	start(&l, true);
	turn(&l);
	CHECK_INT(cql_conn_get_state(l.conn), CQL_CONN_TLS);
	l.now += 10 * SECOND;
	check_closed(&l, CQL_ERR_CONNECT, "the TLS handshake did not end within");
	CHECK_INT(cql_conn_other_version(l.conn), 0);
	finish(&l);
}

/* Everything over a socket with TLS, each allocation failing in turn. */
static bool
attempt(void *arg)
{
	pair *l = arg;
	cql_error err;
	int round;
	bool done;

	l->conn =
		cql_conn_open(&unit_env, &l->config, (struct sockaddr *) &l->s.addr,
					  sizeof(l->s.addr), l->s.host, l->now, &err);
	if (l->conn == NULL)
	{
		CHECK_INT(err.code, CQL_ERR_NOMEM);
		return false;
	}
	server_accept(&l->s);
	for (round = 0; round < 1000; round++)
	{
		turn(l);
		server_shake(&l->s);
		if (cql_conn_get_state(l->conn) > CQL_CONN_TLS)
			break;
	}
	done = cql_conn_get_state(l->conn) == CQL_CONN_OPTIONS;
	CHECK(done || cql_conn_error(l->conn)->code == CQL_ERR_NOMEM);
	cql_conn_free(l->conn);
	server_close(&l->s, false);
	return done;
}

static void
test_allocations(void)
{
	pair l;

	start(&l, true);
	cql_conn_free(l.conn);
	server_close(&l.s, false);
	unit_sweep(attempt, &l);
	l.conn = NULL;
	finish(&l);
}

const unit_case unit_cases[] = {
	{"certificate", make_certificate},
	{"connection refused", test_refused},
	{"no descriptor", test_no_descriptor},
	{"connect timeout", test_connect_timeout},
	{"closed early", test_closed_early},
	{"lost", test_lost},
	{"sending to a closed connection", test_send_to_closed},
	{"large request", test_large_request},
	{"large answer", test_large_answer},
	{"bounded step", test_bounded_step},
	{"wrong name", test_wrong_name},
	{"client certificate", test_client_certificate},
	{"TLS to a plain port", test_tls_to_plain},
	{"TLS timeout", test_tls_timeout},
	{"allocations", test_allocations},
	{"clean up", drop_certificate},
	{NULL, NULL}};
