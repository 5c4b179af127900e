/*
 * resolve.c
 *	  Hosts as users write them, and the addresses of their names.
 *
 * Includes address.h and error.h; the session layer and conn.c call it.
 */
#include "resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* Copies the name part; false when it is too long or cannot be a name. */
static bool
copy_name(const char *start, size_t len, char name[CQL_MAX_HOST_NAME])
{
	size_t i;

	if (len == 0 || len >= CQL_MAX_HOST_NAME)
		return false;
	for (i = 0; i < len; i++)
		if ((unsigned char) start[i] <= ' ' || strchr("[],/@", start[i]))
			return false;
	memcpy(name, start, len);
	name[len] = '\0';
	return true;
}

/* An IPv6 address with "%interface" behind it. */
static bool
scoped_numeric(const char *name, uint16_t port, cql_address *address)
{
	char copy[INET6_ADDRSTRLEN];
	const char *scope = strchr(name, '%');
	unsigned index;

	if (scope == NULL || (size_t) (scope - name) >= sizeof(copy))
		return false;
	memcpy(copy, name, (size_t) (scope - name));
	copy[scope - name] = '\0';
	index = if_nametoindex(scope + 1);
	if (index == 0 || !cql_address_numeric(copy, port, address) ||
		address->sa.ss_family != AF_INET6)
		return false;
	((struct sockaddr_in6 *) &address->sa)->sin6_scope_id = index;
	return true;
}

static bool
numeric(const char *name, uint16_t port, cql_address *address)
{
	return cql_address_numeric(name, port, address) ||
		   scoped_numeric(name, port, address);
}

bool
cql_host_parse(const char *text, uint16_t default_port,
			   char name[CQL_MAX_HOST_NAME], uint16_t *port, cql_error *err)
{
	const char *start = text;
	size_t len = 0;
	cql_address address;

	if (!cql_address_split(text, &start, &len, port))
	{
		cql_error_set(err, CQL_ERR_ARGUMENT,
					  "invalid host or port in \"%.200s\"", text);
		return false;
	}
	/* Brackets are for numeric addresses, and only those have colons. */
	if (!copy_name(start, len, name) ||
		((text[0] == '[' || strchr(name, ':') != NULL) &&
		 !numeric(name, 1, &address)))
	{
		cql_error_set(err, CQL_ERR_ARGUMENT, "invalid host \"%.200s\"", text);
		return false;
	}
	if (*port == 0)
		*port = default_port == 0 ? CQL_DEFAULT_PORT : default_port;
	return true;
}

static uint32_t
keep_addresses(const struct addrinfo *list, cql_address *addresses,
			   uint32_t max)
{
	uint32_t n = 0;

	for (; list != NULL && n < max; list = list->ai_next)
	{
		if ((list->ai_family != AF_INET && list->ai_family != AF_INET6) ||
			list->ai_addrlen > sizeof(addresses[n].sa))
			continue;
		memset(&addresses[n], 0, sizeof(addresses[n]));
		memcpy(&addresses[n].sa, list->ai_addr, list->ai_addrlen);
		addresses[n].len = list->ai_addrlen;
		n++;
	}
	return n;
}

uint32_t
cql_resolve(const char *name, uint16_t port, cql_address *addresses,
			uint32_t max, cql_error *err)
{
	struct addrinfo hints;
	struct addrinfo *list = NULL;
	char service[8];
	uint32_t n;
	int rc;

	if (max > 0 && numeric(name, port, &addresses[0]))
		return 1;
	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV;
	(void) snprintf(service, sizeof(service), "%u", (unsigned) port);
	rc = getaddrinfo(name, service, &hints, &list);
	if (rc != 0)
	{
		cql_error_set(err, CQL_ERR_CONNECT,
					  "could not translate host name \"%s\" to address: %s",
					  name,
					  rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
		return 0;
	}
	n = keep_addresses(list, addresses, max);
	freeaddrinfo(list);
	if (n == 0)
		cql_error_set(err, CQL_ERR_CONNECT,
					  "host name \"%s\" has no IPv4 or IPv6 address", name);
	return n;
}

char *
cql_address_host(const struct sockaddr *addr, char *out, size_t size)
{
	const void *bytes = &((const struct sockaddr_in *) addr)->sin_addr;

	if (addr->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *) addr)->sin6_addr;
	if (inet_ntop(addr->sa_family, bytes, out, (socklen_t) size) == NULL &&
		size > 0)
		out[0] = '\0';
	return out;
}
