/*
 * address.c
 *	  Numeric addresses with ports: reading, printing, comparing.
 *
 * Pure; called by the session modules.
 */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Digits of a port up to the end of text; 0 when it is none. */
static uint16_t
parse_port(const char *text)
{
	uint32_t port = 0;

	if (*text == '\0')
		return 0;
	for (; *text != '\0'; text++)
	{
		if (*text < '0' || *text > '9')
			return 0;
		port = port * 10 + (uint32_t) (*text - '0');
		if (port > 65535)
			return 0;
	}
	return (uint16_t) port;
}

bool
cql_address_split(const char *text, const char **host, size_t *hostlen,
				  uint16_t *port)
{
	const char *colon = strchr(text, ':');

	*port = 0;
	*host = text;
	if (text[0] == '[')
	{
		const char *close = strchr(text, ']');

		if (close == NULL)
			return false;
		*host = text + 1;
		*hostlen = (size_t) (close - text) - 1;
		if (close[1] == '\0')
			return *hostlen > 0;
		colon = close[1] == ':' ? close + 1 : NULL;
		if (colon == NULL)
			return false;
	}
	else if (colon == NULL || strchr(colon + 1, ':') != NULL)
	{
		*hostlen = strlen(text); /* no port, or a bare v6 address */
		return *hostlen > 0;
	}
	else
		*hostlen = (size_t) (colon - text);
	*port = parse_port(colon + 1);
	return *hostlen > 0 && *port != 0;
}

bool
cql_address_numeric(const char *host, uint16_t port, cql_address *address)
{
	uint8_t raw[16];
	cql_slice inet = {raw, 4};

	if (inet_pton(AF_INET, host, raw) != 1)
	{
		inet.len = 16;
		if (inet_pton(AF_INET6, host, raw) != 1)
			return false;
	}
	return cql_address_from_inet(inet, port, address);
}

bool
cql_address_parse(const char *text, cql_address *address)
{
	char copy[CQL_MAX_HOST_TEXT];
	const char *slash = strchr(text, '/');
	size_t textlen = slash == NULL ? strlen(text) : (size_t) (slash - text);
	const char *host;
	size_t len;
	uint16_t port;

	if (textlen >= sizeof(copy))
		return false;
	memcpy(copy, text, textlen);
	copy[textlen] = '\0';
	if (!cql_address_split(copy, &host, &len, &port))
		return false;
	copy[host - copy + (ptrdiff_t) len] = '\0';
	return cql_address_numeric(host, port, address) &&
		   (slash == NULL || cql_address_set_sni(address, slash + 1));
}

bool
cql_address_from_inet(cql_slice inet, uint16_t port, cql_address *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *) &address->sa;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) &address->sa;

	memset(address, 0, sizeof(*address));
	if (inet.len == 4)
	{
		v4->sin_family = AF_INET;
		memcpy(&v4->sin_addr, inet.data, 4);
		address->len = sizeof(*v4);
	}
	else if (inet.len == 16)
	{
		v6->sin6_family = AF_INET6;
		memcpy(&v6->sin6_addr, inet.data, 16);
		address->len = sizeof(*v6);
	}
	else
		return false;
	cql_address_set_port(address, port);
	return true;
}

bool
cql_address_set_sni(cql_address *address, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= sizeof(address->sni))
		return false;
	memcpy(address->sni, name, len + 1);
	return true;
}

void
cql_address_set_host_id(cql_address *address, const uint8_t host_id[16])
{
	char *out = address->sni;
	int i;

	for (i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		(void) snprintf(out, 3, "%02x", host_id[i]);
		out += 2;
	}
}

uint16_t
cql_address_port(const cql_address *address)
{
	if (address->sa.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *) &address->sa)->sin6_port);
	return ntohs(((const struct sockaddr_in *) &address->sa)->sin_port);
}

void
cql_address_set_port(cql_address *address, uint16_t port)
{
	if (address->sa.ss_family == AF_INET6)
		((struct sockaddr_in6 *) &address->sa)->sin6_port = htons(port);
	else
		((struct sockaddr_in *) &address->sa)->sin_port = htons(port);
}

const uint8_t *
cql_address_ip(const cql_address *address, size_t *len)
{
	if (address->sa.ss_family == AF_INET6)
	{
		*len = 16;
		return (const uint8_t *) &((const struct sockaddr_in6 *) &address->sa)
			->sin6_addr;
	}
	*len = 4;
	return (const uint8_t *) &((const struct sockaddr_in *) &address->sa)
		->sin_addr;
}

bool
cql_address_is_any(const cql_address *address)
{
	static const uint8_t zero[16];
	size_t len;
	const uint8_t *bytes = cql_address_ip(address, &len);

	return memcmp(bytes, zero, len) == 0;
}

bool
cql_address_is_loopback(const struct sockaddr *addr)
{
	const struct in6_addr *v6 =
		&((const struct sockaddr_in6 *) addr)->sin6_addr;

	if (addr->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *) addr)->sin_addr.s_addr) >>
				   24 ==
			   IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(v6) ||
		   (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
}

bool
cql_address_same_ip(const cql_address *a, const cql_address *b)
{
	size_t alen;
	size_t blen;
	const uint8_t *abytes = cql_address_ip(a, &alen);
	const uint8_t *bbytes = cql_address_ip(b, &blen);

	return alen == blen && memcmp(abytes, bbytes, alen) == 0;
}

bool
cql_address_equal(const cql_address *a, const cql_address *b)
{
	return cql_address_same_ip(a, b) &&
		   cql_address_port(a) == cql_address_port(b) &&
		   strcmp(a->sni, b->sni) == 0;
}

void
cql_address_print(const cql_address *address, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "";
	size_t len;
	const uint8_t *bytes = cql_address_ip(address, &len);
	const char *format = len == 16 ? "[%s]:%u%s%s" : "%s:%u%s%s";

	(void) inet_ntop(address->sa.ss_family, bytes, text, sizeof(text));
	(void) snprintf(buf, size, format, text,
					(unsigned) cql_address_port(address),
					address->sni[0] == '\0' ? "" : "/", address->sni);
}
