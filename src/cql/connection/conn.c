/*
 * conn.c
 *	  One connection: its life, its state and its time limits.
 *
 * Includes conn_int.h, resolve.h and sock.h; the pool calls it.
 */
#include "conn_int.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "resolve.h"
#include "sock.h"

static void *
no_memory(cql_error *err)
{
	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	return NULL;
}

/* A connection in state CONNECTING without a socket; NULL without memory. */
static cql_conn *
make(const cql_env *env, const cql_conn_config *config, const char *host,
	 int64_t now)
{
	cql_conn *conn = cql_alloc0(env, sizeof(*conn));

	if (conn == NULL)
		return NULL;
	conn->env = env;
	conn->config = config;
	(void) snprintf(conn->host, sizeof(conn->host), "%s", host);
	conn->state = CQL_CONN_CONNECTING;
	conn->version = config->version;
	conn->fd = -1;
	conn->now = now;
	conn->last_received = now;
	conn->opened = now;
	conn->connect_deadline = -1;
	if (config->connect_timeout > 0)
		conn->connect_deadline = now + config->connect_timeout;
	conn->auth.username = config->username;
	conn->auth.password = config->password;
	conn->auth.region = config->aws_region;
	conn->auth.session_token = config->aws_session_token;
	cql_streams_init(conn);
	cql_conn_io_init(conn);
	return conn;
}

/* What TLS needs before it can begin; false with *err set. */
static bool
prepare_tls(cql_conn *conn, const struct sockaddr *addr, cql_error *err)
{
	char address[INET6_ADDRSTRLEN];

	if (conn->config->tls == NULL)
		return true;
	conn->tls = cql_tls_create(
		conn->config->tls, conn->config->sni, conn->config->server_name,
		cql_address_host(addr, address, sizeof(address)), err);
	return conn->tls != NULL;
}

/* The TCP connection stands. */
static void
connected(cql_conn *conn)
{
	if (conn->tls == NULL)
		cql_conn_greet(conn);
	else
	{
		conn->state = CQL_CONN_TLS;
		cql_conn_shake(conn);
	}
}

/* Errors of socket() that are ours, not the host's. */
static bool
out_of_descriptors(int oserr)
{
	return oserr == EMFILE || oserr == ENFILE || oserr == ENOBUFS ||
		   oserr == ENOMEM;
}

cql_conn *
cql_conn_open(const cql_env *env, const cql_conn_config *config,
			  const struct sockaddr *addr, socklen_t addrlen,
			  const char *host_text, int64_t now, cql_error *err)
{
	cql_conn *conn = make(env, config, host_text, now);
	int oserr;

	if (conn == NULL)
		return no_memory(err);
	if (!prepare_tls(conn, addr, err))
	{
		cql_conn_free(conn);
		return NULL;
	}
	conn->in_clear = conn->tls == NULL && !cql_address_is_loopback(addr);
	conn->fd = cql_sock_connect(env, addr, addrlen, &oserr);
	if (conn->fd < 0 && out_of_descriptors(oserr))
	{
		cql_error_set(err, CQL_ERR_LIMIT, "could not open a socket for %s: %s",
					  host_text, strerror(oserr));
		cql_conn_free(conn);
		return NULL;
	}
	if (conn->fd < 0)
		cql_conn_broken(conn, strerror(oserr));
	else if (oserr == 0)
		connected(conn);
	return conn;
}

cql_conn *
cql_conn_open_detached(const cql_env *env, const cql_conn_config *config,
					   int64_t now, cql_error *err)
{
	cql_conn *conn = make(env, config, "detached", now);

	if (conn == NULL)
		return no_memory(err);
	cql_conn_greet(conn);
	return conn;
}

void
cql_conn_free(cql_conn *conn)
{
	if (conn == NULL)
		return;
	cql_sock_close(conn->env, conn->fd);
	cql_streams_free(conn);
	cql_conn_io_free(conn);
	cql_free(conn->env, conn);
}

cql_conn_state
cql_conn_get_state(const cql_conn *conn)
{
	return conn->state;
}

const cql_error *
cql_conn_error(const cql_conn *conn)
{
	return &conn->error;
}

const char *
cql_conn_host(const cql_conn *conn)
{
	return conn->host;
}

int
cql_conn_other_version(const cql_conn *conn)
{
	return conn->other_version;
}

uint8_t
cql_conn_version(const cql_conn *conn)
{
	return conn->version;
}

bool
cql_conn_has_tablets(const cql_conn *conn)
{
	return conn->has_tablets;
}

int
cql_conn_fd(const cql_conn *conn)
{
	return conn->fd;
}

bool
cql_conn_wants_write(const cql_conn *conn)
{
	return conn->fd >= 0 &&
		   (conn->state == CQL_CONN_CONNECTING || conn->send_blocked);
}

int64_t
cql_conn_deadline(const cql_conn *conn)
{
	if (conn->state == CQL_CONN_CLOSED)
		return -1;
	if (conn->fd >= 0 && ((conn->more_input && !conn->paused) ||
						  (cql_conn_queued(conn) > 0 && !conn->send_blocked)))
		return conn->now;
	if (conn->state != CQL_CONN_READY)
		return conn->connect_deadline;
	if (conn->paused)
		return -1;
	return cql_conn_heartbeat_deadline(conn);
}

static void
step_connecting(cql_conn *conn)
{
	int oserr = cql_sock_connected(conn->fd);

	if (oserr == 0)
		connected(conn);
	else if (oserr != EINPROGRESS)
		cql_conn_broken(conn, strerror(oserr));
}

/* After reading: what came in the meantime counts before the time does. */
static void
check_time(cql_conn *conn)
{
	if (conn->state == CQL_CONN_READY && !conn->paused)
		cql_conn_heartbeat(conn);
	else if (conn->state == CQL_CONN_READY)
		return;
	else if (conn->state != CQL_CONN_CLOSED && conn->connect_deadline >= 0 &&
			 conn->now >= conn->connect_deadline)
		cql_conn_handshake_timeout(conn);
}

void
cql_conn_step(cql_conn *conn, int64_t now)
{
	conn->now = now;
	if (conn->fd >= 0 && conn->state == CQL_CONN_CONNECTING)
		step_connecting(conn);
	cql_conn_receive(conn);
	check_time(conn);
	cql_conn_send(conn);
}

void
cql_conn_pause(cql_conn *conn, bool pause, int64_t now)
{
	if (conn->paused && !pause)
		conn->last_received = now;
	conn->paused = pause;
}

void
cql_conn_flush(cql_conn *conn, int64_t now)
{
	conn->now = now;
	cql_conn_send(conn);
}

void
cql_conn_close(cql_conn *conn, const cql_error *why)
{
	if (conn->state == CQL_CONN_CLOSED)
		return;
	conn->state = CQL_CONN_CLOSED;
	conn->error = *why;
	if (conn->error.host[0] == '\0')
		memcpy(conn->error.host, conn->host, sizeof(conn->host));
	/* Buffers live until free: a caller may be in the middle of them. */
	cql_sock_close(conn->env, conn->fd);
	conn->fd = -1;
	conn->more_input = false;
	conn->send_blocked = false;
	cql_streams_fail(conn);
}

void
cql_conn_fail(cql_conn *conn, cql_code code, const char *fmt, ...)
{
	cql_error err;
	va_list args;

	cql_error_set(&err, code, "%s", "");
	va_start(args, fmt);
	(void) vsnprintf(err.message, sizeof(err.message), fmt, args);
	va_end(args);
	cql_conn_close(conn, &err);
}

void
cql_conn_broken(cql_conn *conn, const char *reason)
{
	switch (conn->state)
	{
		case CQL_CONN_CONNECTING:
			cql_conn_fail(conn, CQL_ERR_CONNECT, "could not connect to %s: %s",
						  conn->host, reason);
			break;
		case CQL_CONN_TLS:
			cql_conn_fail(conn, CQL_ERR_TLS,
						  "TLS handshake with %s failed: %s", conn->host,
						  reason);
			break;
		case CQL_CONN_OPTIONS:
			/* Nothing came from it: a TLS server has no word for this. */
			cql_conn_fail(conn, CQL_ERR_CONNECT,
						  "could not connect to %s: %s at the first message%s",
						  conn->host, reason,
						  conn->tls == NULL ? " (the port may speak TLS)"
											: "");
			break;
		case CQL_CONN_STARTUP:
		case CQL_CONN_AUTH:
			cql_conn_fail(
				conn, CQL_ERR_CONNECT,
				"could not connect to %s: %s during the protocol handshake",
				conn->host, reason);
			break;
		case CQL_CONN_READY:
			cql_conn_fail(conn, CQL_ERR_LOST, "connection to %s lost: %s",
						  conn->host, reason);
			break;
		case CQL_CONN_CLOSED:
			break;
	}
}

void
cql_conn_no_memory(cql_conn *conn)
{
	cql_conn_fail(conn, CQL_ERR_NOMEM, "out of memory");
}

uint64_t
cql_conn_bytes_sent(const cql_conn *conn)
{
	return conn->bytes_sent;
}

uint64_t
cql_conn_bytes_received(const cql_conn *conn)
{
	return conn->bytes_received;
}

bool
cql_conn_password_in_clear(const cql_conn *conn)
{
	return conn->password_in_clear;
}
