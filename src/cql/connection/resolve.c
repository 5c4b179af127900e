/*
 * resolve.c
 *	  Hosts as users write them, and the addresses of their names.
 *
 * Includes address.h and error.h; the pool and conn.c call it.
 */
#include "resolve.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
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

bool
cql_resolve_numeric(const char *name, uint16_t port, cql_address *address)
{
	return numeric(name, port, address);
}

/* ---- looking names up ---- */

struct cql_lookup
{
	struct cql_lookup *next; /* of the abandoned ones */
	struct gaicb request;
	struct addrinfo hints;
	char name[CQL_MAX_HOST_NAME];
	char service[8];
};

/* Nobody waits for these, but glibc still writes to them. */
static cql_lookup *abandoned;
static uint32_t nlookups; /* of the process, abandoned ones among them */

static void
lookup_free(cql_lookup *lookup)
{
	if (lookup->request.ar_result != NULL)
		freeaddrinfo(lookup->request.ar_result);
	free(lookup);
	nlookups--;
}

static void
free_abandoned(void)
{
	cql_lookup **place = &abandoned;

	while (*place != NULL)
	{
		cql_lookup *lookup = *place;

		if (gai_error(&lookup->request) == EAI_INPROGRESS)
		{
			place = &lookup->next;
			continue;
		}
		*place = lookup->next;
		lookup_free(lookup);
	}
}

/* errno of EAI_SYSTEM stays in the thread that looked the name up. */
static void
not_translated(cql_error *err, const char *name, int rc)
{
	cql_error_set(err, CQL_ERR_CONNECT,
				  "could not translate host name \"%s\" to address: %s", name,
				  gai_strerror(rc));
}

cql_lookup *
cql_lookup_start(const char *name, uint16_t port, cql_error *err)
{
	cql_lookup *lookup = NULL;
	struct gaicb *list[1];
	int rc = EAI_MEMORY;

	free_abandoned();
	if (nlookups >= CQL_MAX_LOOKUPS)
		rc = EAI_AGAIN;
	else
		lookup = calloc(1, sizeof(*lookup));
	if (lookup != NULL)
	{
		nlookups++;
		(void) snprintf(lookup->name, sizeof(lookup->name), "%s", name);
		(void) snprintf(lookup->service, sizeof(lookup->service), "%u",
						(unsigned) port);
		lookup->hints.ai_socktype = SOCK_STREAM;
		lookup->hints.ai_flags = AI_NUMERICSERV;
		lookup->request.ar_name = lookup->name;
		lookup->request.ar_service = lookup->service;
		lookup->request.ar_request = &lookup->hints;
		list[0] = &lookup->request;
		rc = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
	}
	if (rc == 0)
		return lookup;
	not_translated(err, name, rc);
	if (lookup != NULL)
		lookup_free(lookup);
	return NULL;
}

bool
cql_lookup_ended(const cql_lookup *lookup)
{
	return gai_error((struct gaicb *) &lookup->request) != EAI_INPROGRESS;
}

uint32_t
cql_lookup_finish(cql_lookup *lookup, cql_address *addresses, uint32_t max,
				  cql_error *err)
{
	int rc = gai_error(&lookup->request);
	uint32_t n = 0;

	if (rc != 0)
		not_translated(err, lookup->name, rc);
	else
	{
		n = keep_addresses(lookup->request.ar_result, addresses, max);
		if (n == 0)
			cql_error_set(err, CQL_ERR_CONNECT,
						  "host name \"%s\" has no IPv4 or IPv6 address",
						  lookup->name);
	}
	lookup_free(lookup);
	return n;
}

void
cql_lookup_abandon(cql_lookup *lookup)
{
	if (lookup == NULL)
		return;
	if (gai_cancel(&lookup->request) == EAI_CANCELED ||
		cql_lookup_ended(lookup))
	{
		lookup_free(lookup);
		return;
	}
	lookup->next = abandoned;
	abandoned = lookup;
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
