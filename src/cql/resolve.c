/*
 * resolve.c
 *	  Hosts as users write them, their addresses, and addresses as text.
 *
 * Includes resolve.h and error.h; the session layer and conn.c call it.
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

/* Decimal port without sign or blanks, 1..65535; false otherwise. */
static bool
parse_port(const char *text, uint16_t *port)
{
	uint32_t	value = 0;
	size_t		n;

	for (n = 0; text[n] >= '0' && text[n] <= '9' && n < 6; n++)
		value = value * 10 + (uint32_t) (text[n] - '0');
	if (n == 0 || text[n] != '\0' || value == 0 || value > UINT16_MAX)
		return false;
	*port = (uint16_t) value;
	return true;
}

/* Copies the name part; false when it is empty, too long or not a name. */
static bool
copy_name(const char *start, size_t len, char name[CQL_MAX_HOST_NAME])
{
	size_t		i;

	if (len == 0 || len >= CQL_MAX_HOST_NAME)
		return false;
	for (i = 0; i < len; i++)
		if ((unsigned char) start[i] <= ' ' || strchr("[],/@", start[i]))
			return false;
	memcpy(name, start, len);
	name[len] = '\0';
	return true;
}

/*
 * Finds the name and the port's text (NULL: none) in a host; false where its
 * brackets are wrong.
 */
static bool
split_host(const char *text, const char **name, size_t *len,
		   const char **port)
{
	const char *end;

	*port = NULL;
	if (text[0] == '[')
	{
		end = strchr(text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		*name = text + 1;
		*len = (size_t) (end - *name);
		if (end[1] == ':')
			*port = end + 2;
		return memchr(*name, ':', *len) != NULL;
	}
	*name = text;
	end = strchr(text, ':');
	/* Two colons and no brackets: an IPv6 address without a port. */
	if (end == NULL || strchr(end + 1, ':') != NULL)
	{
		*len = strlen(text);
		return true;
	}
	*len = (size_t) (end - text);
	*port = end + 1;
	return true;
}

bool
cql_host_parse(const char *text, uint16_t default_port,
			   char name[CQL_MAX_HOST_NAME], uint16_t *port, cql_error *err)
{
	const char *start;
	const char *port_text;
	size_t		len;
	cql_address address;

	if (!split_host(text, &start, &len, &port_text) ||
		!copy_name(start, len, name) ||
		(strchr(name, ':') != NULL && !cql_address_numeric(name, 1, &address)))
	{
		cql_error_set(err, CQL_ERR_ARGUMENT, "invalid host \"%.200s\"", text);
		return false;
	}
	*port = default_port == 0 ? CQL_DEFAULT_PORT : default_port;
	if (port_text != NULL && !parse_port(port_text, port))
	{
		cql_error_set(err, CQL_ERR_ARGUMENT,
					  "invalid port in host \"%.200s\"", text);
		return false;
	}
	return true;
}

/* An IPv6 address, with or without "%interface". */
static bool
numeric_v6(const char *name, struct sockaddr_in6 *v6)
{
	char		copy[CQL_MAX_HOST_NAME];
	char	   *scope;

	if (strlen(name) >= sizeof(copy))
		return false;
	strcpy(copy, name);
	scope = strchr(copy, '%');
	if (scope != NULL)
	{
		*scope++ = '\0';
		v6->sin6_scope_id = if_nametoindex(scope);
		if (v6->sin6_scope_id == 0)
			return false;
	}
	v6->sin6_family = AF_INET6;
	return inet_pton(AF_INET6, copy, &v6->sin6_addr) == 1;
}

bool
cql_address_numeric(const char *name, uint16_t port, cql_address *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memset(address, 0, sizeof(*address));
	memset(&v4, 0, sizeof(v4));
	memset(&v6, 0, sizeof(v6));
	if (inet_pton(AF_INET, name, &v4.sin_addr) == 1)
	{
		v4.sin_family = AF_INET;
		v4.sin_port = htons(port);
		memcpy(&address->addr, &v4, sizeof(v4));
		address->len = sizeof(v4);
		return true;
	}
	if (!numeric_v6(name, &v6))
		return false;
	v6.sin6_port = htons(port);
	memcpy(&address->addr, &v6, sizeof(v6));
	address->len = sizeof(v6);
	return true;
}

bool
cql_address_raw(const uint8_t *bytes, size_t len, uint16_t port,
				cql_address *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memset(address, 0, sizeof(*address));
	memset(&v4, 0, sizeof(v4));
	memset(&v6, 0, sizeof(v6));
	if (len == sizeof(v4.sin_addr))
	{
		v4.sin_family = AF_INET;
		v4.sin_port = htons(port);
		memcpy(&v4.sin_addr, bytes, len);
		memcpy(&address->addr, &v4, sizeof(v4));
		address->len = sizeof(v4);
		return true;
	}
	if (len != sizeof(v6.sin6_addr))
		return false;
	v6.sin6_family = AF_INET6;
	v6.sin6_port = htons(port);
	memcpy(&v6.sin6_addr, bytes, len);
	memcpy(&address->addr, &v6, sizeof(v6));
	address->len = sizeof(v6);
	return true;
}

static uint32_t
keep_addresses(const struct addrinfo *list, cql_address *addresses,
			   uint32_t max)
{
	uint32_t	n = 0;

	for (; list != NULL && n < max; list = list->ai_next)
	{
		if ((list->ai_family != AF_INET && list->ai_family != AF_INET6) ||
			list->ai_addrlen > sizeof(addresses[n].addr))
			continue;
		memset(&addresses[n], 0, sizeof(addresses[n]));
		memcpy(&addresses[n].addr, list->ai_addr, list->ai_addrlen);
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
	char		service[8];
	uint32_t	n;
	int			rc;

	if (max > 0 && cql_address_numeric(name, port, &addresses[0]))
		return 1;
	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
	snprintf(service, sizeof(service), "%u", (unsigned) port);
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
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	const char *text = NULL;

	if (addr->sa_family == AF_INET)
	{
		memcpy(&v4, addr, sizeof(v4));
		text = inet_ntop(AF_INET, &v4.sin_addr, out, (socklen_t) size);
	}
	else if (addr->sa_family == AF_INET6)
	{
		memcpy(&v6, addr, sizeof(v6));
		text = inet_ntop(AF_INET6, &v6.sin6_addr, out, (socklen_t) size);
	}
	if (text == NULL && size > 0)
		out[0] = '\0';
	return out;
}

char *
cql_address_text(const struct sockaddr *addr, char *out, size_t size)
{
	char		host[INET6_ADDRSTRLEN];
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	cql_address_host(addr, host, sizeof(host));
	if (addr->sa_family == AF_INET6)
	{
		memcpy(&v6, addr, sizeof(v6));
		snprintf(out, size, "[%s]:%u", host,
				 (unsigned) ntohs(v6.sin6_port));
	}
	else if (addr->sa_family == AF_INET)
	{
		memcpy(&v4, addr, sizeof(v4));
		snprintf(out, size, "%s:%u", host, (unsigned) ntohs(v4.sin_port));
	}
	else if (size > 0)
		out[0] = '\0';
	return out;
}

bool
cql_address_equal(const cql_address *a, const cql_address *b)
{
	/* All makers zero the rest, so that comparing the bytes is enough. */
	return a->len == b->len && memcmp(&a->addr, &b->addr, a->len) == 0;
}
