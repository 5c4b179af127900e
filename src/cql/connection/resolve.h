/*
 * resolve.h
 *	  Hosts as users write them, and the addresses of their names.
 *
 * The session layer calls this to fill its contact points.
 */
#ifndef CQL_RESOLVE_H
#define CQL_RESOLVE_H

#include "address.h"

#define CQL_MAX_HOST_NAME 256 /* bytes of a name with its NUL */
#define CQL_MAX_ADDRESSES 64  /* worth keeping of one name */

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
 * All addresses (at most max) of a name, numeric or not; how many, or 0 with
 * *err set (CQL_ERR_CONNECT).  A numeric one ("10.0.0.1", "fe80::1%eth0") is
 * not looked up; a name goes through getaddrinfo(), which may block: only
 * here does the client ever wait.
 */
extern uint32_t cql_resolve(const char *name, uint16_t port,
							cql_address *addresses, uint32_t max,
							cql_error *err);
/* Just the numeric address, without port, brackets and scope; returns out. */
extern char *cql_address_host(const struct sockaddr *addr, char *out,
							  size_t size);

#endif /* CQL_RESOLVE_H */
