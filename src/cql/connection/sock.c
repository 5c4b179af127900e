/*
 * sock.c
 *	  TCP sockets, non-blocking: the only socket calls of the client.
 *
 * Includes sock.h and the system's headers only; conn_io.c and conn.c call it.
 */
#include "sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

static void
set_option(int fd, int level, int name, int value)
{
	/* Each of them is an improvement, none a condition. */
	(void) setsockopt(fd, level, name, &value, sizeof(value));
}

static void
set_options(int fd)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, CQL_SOCK_KEEP_IDLE);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, CQL_SOCK_KEEP_INTERVAL);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, CQL_SOCK_KEEP_COUNT);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, CQL_SOCK_USER_TIMEOUT);
}

int
cql_sock_connect(const cql_env *env, const struct sockaddr *addr,
				 socklen_t addrlen, int *oserr)
{
	int fd;

	if (!env->fd_acquire(env->ctx))
	{
		*oserr = EMFILE;
		return -1;
	}
	fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				IPPROTO_TCP);
	if (fd < 0)
	{
		*oserr = errno;
		env->fd_release(env->ctx);
		return -1;
	}
	set_options(fd);
	*oserr = 0;
	if (connect(fd, addr, addrlen) == 0)
		return fd;
	/* An interrupted connect() goes on in the background all the same. */
	*oserr = errno == EINTR ? EINPROGRESS : errno;
	if (*oserr == EINPROGRESS)
		return fd;
	cql_sock_close(env, fd);
	return -1;
}

int
cql_sock_connected(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT, .revents = 0};
	int oserr = 0;
	socklen_t size = sizeof(oserr);

	if (poll(&poller, 1, 0) <= 0)
		return EINPROGRESS;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &oserr, &size) != 0)
		return errno;
	return oserr;
}

/* The result of recv() or send() as the header words it. */
static ssize_t
transferred(ssize_t n, int *oserr)
{
	if (n >= 0)
		return n;
	*oserr = errno;
	return *oserr == EAGAIN || *oserr == EWOULDBLOCK ? 0 : -1;
}

ssize_t
cql_sock_recv(int fd, uint8_t *buf, size_t size, int *oserr)
{
	ssize_t n;

	*oserr = 0;
	do
		n = recv(fd, buf, size, 0);
	while (n < 0 && errno == EINTR);
	return n == 0 ? -1 : transferred(n, oserr);
}

ssize_t
cql_sock_send(int fd, const uint8_t *data, size_t len, int *oserr)
{
	ssize_t n;

	*oserr = 0;
	do
		n = send(fd, data, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return transferred(n, oserr);
}

void
cql_sock_close(const cql_env *env, int fd)
{
	if (fd < 0)
		return;
	(void) close(fd);
	env->fd_release(env->ctx);
}
