/*
 * address.h
 *	  Numeric addresses with ports: reading, printing, comparing.
 *
 * Called by the session modules; no name is ever looked up here.
 */
#ifndef CQL_ADDRESS_H
#define CQL_ADDRESS_H

#include <sys/socket.h>

#include "value.h"

#define CQL_DEFAULT_PORT 9042
#define CQL_MAX_SNI 64 /* bytes of a name with its NUL */

typedef struct cql_address
{
	struct sockaddr_storage sa;
	socklen_t len; /* 0: none */
	/*
	 * A proxy's address: what it tells the node behind it by, as TLS's server
	 * name.  "": no proxy.
	 */
	char sni[CQL_MAX_SNI];
} cql_address;

/*
 * Parts "host", "host:port", "[v6]:port" or a bare v6 address.  *host and
 * *hostlen are set to the host's place in text, *port to the port or 0.
 * False where there is no host, or a port outside 1 .. 65535.
 */
extern bool cql_address_split(const char *text, const char **host,
							  size_t *hostlen, uint16_t *port);
/* A numeric host with a port; false where it is a name. */
extern bool cql_address_numeric(const char *host, uint16_t port,
								cql_address *address);
/*
 * "address[:port][/name]" in whole; port 0 where it says none.  False for
 * names of hosts.
 */
extern bool cql_address_parse(const char *text, cql_address *address);
/* The bytes of a CQL inet; false unless 4 or 16 of them. */
extern bool cql_address_from_inet(cql_slice inet, uint16_t port,
								  cql_address *address);
/* Copies a name; false where it is too long or empty. */
extern bool cql_address_set_sni(cql_address *address, const char *name);
/* Names the node by its host_id. */
extern void cql_address_set_host_id(cql_address *address,
									const uint8_t host_id[16]);
extern uint16_t cql_address_port(const cql_address *address);
extern void cql_address_set_port(cql_address *address, uint16_t port);
/* The bytes of the address, *len of them: 4 or 16. */
extern const uint8_t *cql_address_ip(const cql_address *address, size_t *len);
/* 0.0.0.0 or ::. */
extern bool cql_address_is_any(const cql_address *address);
/* 127.0.0.0/8 or ::1. */
extern bool cql_address_is_loopback(const struct sockaddr *addr);
extern bool cql_address_same_ip(const cql_address *a, const cql_address *b);
/* Same address, port, and node of a proxy. */
extern bool cql_address_equal(const cql_address *a, const cql_address *b);
/* "address:port[/name]", v6 in brackets; cut at size. */
extern void cql_address_print(const cql_address *address, char *buf,
							  size_t size);

#endif /* CQL_ADDRESS_H */
