/*
 * resolve.h
 *	  Hosts as users write them, their addresses, and addresses as text.
 *
 * The session layer calls this to fill its contact points.
 */
#ifndef CQL_RESOLVE_H
#define CQL_RESOLVE_H

#include <sys/socket.h>

#include "cql.h"

#define CQL_DEFAULT_PORT	9042
#define CQL_MAX_HOST_NAME	256		/* bytes of a name with its NUL */
#define CQL_MAX_ADDRESSES	64		/* kept of one name */

typedef struct cql_address
{
	struct sockaddr_storage addr;	/* AF_INET or AF_INET6 */
	socklen_t	len;
} cql_address;

/*
 * Takes "host", "host:port", "[v6]:port", "[v6]" or a bare v6 address apart.
 * A host without a port gets default_port (0: 9042).  False with *err set
 * (CQL_ERR_ARGUMENT) on bad syntax, a port outside 1..65535 or a name longer
 * than CQL_MAX_HOST_NAME - 1.
 */
extern bool cql_host_parse(const char *text, uint16_t default_port,
						   char name[CQL_MAX_HOST_NAME], uint16_t *port,
						   cql_error *err);
/*
 * Address of a numeric name ("10.0.0.1", "::1", "fe80::1%eth0"); false for
 * anything else.  Asks nobody.
 */
extern bool cql_address_numeric(const char *name, uint16_t port,
								cql_address *address);
/*
 * Address made of 4 or 16 raw bytes, as the protocol's [inet] and cells of
 * type inet have them; false for another length.
 */
extern bool cql_address_raw(const uint8_t *bytes, size_t len, uint16_t port,
							cql_address *address);
/*
 * All addresses (at most max) of a name, numeric or not; how many, or 0 with
 * *err set (CQL_ERR_CONNECT).  A name that is not numeric goes through
 * getaddrinfo(), which may block: only here does the client ever wait.
 */
extern uint32_t cql_resolve(const char *name, uint16_t port,
							cql_address *addresses, uint32_t max,
							cql_error *err);
/* "10.0.0.1:9042" or "[::1]:9042", cut at size; returns out. */
extern char *cql_address_text(const struct sockaddr *addr, char *out,
							  size_t size);
/* Just the numeric address, without port, brackets and scope; returns out. */
extern char *cql_address_host(const struct sockaddr *addr, char *out,
							  size_t size);
/* Same address and port. */
extern bool cql_address_equal(const cql_address *a, const cql_address *b);

#endif							/* CQL_RESOLVE_H */
