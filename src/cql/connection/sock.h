/*
 * sock.h
 *	  TCP sockets, non-blocking: the only socket calls of the client.
 *
 * Knows nothing of the protocol.  Errors are errno values.
 */
#ifndef CQL_SOCK_H
#define CQL_SOCK_H

#include <sys/socket.h>

#include "value.h"

/*
 * When an unresponsive peer is given up by the kernel: probes start after
 * KEEP_IDLE seconds of silence, and sent bytes may stay unacknowledged for
 * USER_TIMEOUT milliseconds.
 */
#define CQL_SOCK_KEEP_IDLE 15
#define CQL_SOCK_KEEP_INTERVAL 5
#define CQL_SOCK_KEEP_COUNT 3
#define CQL_SOCK_USER_TIMEOUT 30000

/*
 * Opens a socket (counted through env->fd_acquire) and starts connecting.
 * Returns it, or -1; *oserr is 0 (connected), EINPROGRESS, or with -1 what
 * went wrong (EMFILE where the environment allows no further descriptor).
 */
extern int cql_sock_connect(const cql_env *env, const struct sockaddr *addr,
							socklen_t addrlen, int *oserr);
/* How connecting goes: 0 connected, EINPROGRESS, or its error. */
extern int cql_sock_connected(int fd);
/*
 * Bytes moved (> 0); 0 when it would have to wait; -1 when it failed, *oserr
 * saying why (0 from recv: the peer closed the connection).
 */
extern ssize_t cql_sock_recv(int fd, uint8_t *buf, size_t size, int *oserr);
extern ssize_t cql_sock_send(int fd, const uint8_t *data, size_t len,
							 int *oserr);
/* Closes and releases it; -1 is allowed. */
extern void cql_sock_close(const cql_env *env, int fd);

#endif /* CQL_SOCK_H */
