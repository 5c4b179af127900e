/*
 * resolve.h
 *	  Hosts as users write them, and the addresses of their names.
 *
 * The pool calls this to fill its contact points.
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
/* A numeric name ("10.0.0.1", "fe80::1%eth0"), which needs no looking up. */
extern bool cql_resolve_numeric(const char *name, uint16_t port,
								cql_address *address);

/*
 * Looking a name up, which takes as long as it takes: getaddrinfo() has no
 * time limit and cannot be ended.  So it is done by getaddrinfo_a(), in a
 * thread of glibc's, which runs nothing of ours, handles no signals (they are
 * blocked there) and ends when it is idle.  A look-up that nobody waits for
 * any more is kept, in memory of malloc(), until that thread is through with
 * it; CQL_MAX_LOOKUPS of a process may be going on.
 */
#define CQL_MAX_LOOKUPS 128

typedef struct cql_lookup cql_lookup;

/* NULL with *err set (CQL_ERR_CONNECT). */
extern cql_lookup *cql_lookup_start(const char *name, uint16_t port,
									cql_error *err);
extern bool cql_lookup_ended(const cql_lookup *lookup);
/*
 * Of one that has ended: its addresses (at most max), or 0 with *err set
 * (CQL_ERR_CONNECT).  Frees it.
 */
extern uint32_t cql_lookup_finish(cql_lookup *lookup, cql_address *addresses,
								  uint32_t max, cql_error *err);
/* Nobody waits for it any more; NULL is allowed. */
extern void cql_lookup_abandon(cql_lookup *lookup);
/* Just the numeric address, without port, brackets and scope; returns out. */
extern char *cql_address_host(const struct sockaddr *addr, char *out,
							  size_t size);

#endif /* CQL_RESOLVE_H */
