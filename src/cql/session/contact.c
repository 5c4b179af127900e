/*
 * contact.c
 *	  Contact points: looking them up and trying them in turn.
 *
 * Called by request.c when no node of the topology can be used.
 */
#include "session.h"

#include <stdio.h>

static void
look_up(cql_cluster *cluster, cql_contact *contact)
{
	cql_address addresses[CQL_CONTACT_HOSTS];
	cql_error err;
	uint32_t n;
	uint32_t i;

	contact->resolved_seq = ++cluster->seq;
	contact->failure[0] = '\0';
	contact->nhosts = 0;
	n = cql_resolve(contact->name, contact->port, addresses, CQL_CONTACT_HOSTS,
					&err);
	if (n == 0)
	{
		(void) snprintf(contact->failure, sizeof(contact->failure), "%.*s",
						(int) sizeof(contact->failure) - 1, err.message);
		cluster->last_dial_failed = true;
	}
	for (i = 0; i < n; i++)
	{
		cql_host *host = cql_host_find(cluster, &addresses[i]);

		if (host == NULL)
			host = cql_host_add(cluster, &addresses[i],
								contact->numeric ? NULL : contact->name);
		if (host != NULL)
			contact->hosts[contact->nhosts++] = host;
		else
			(void) snprintf(contact->failure, sizeof(contact->failure),
							"%s: no memory, or too many hosts", contact->name);
	}
}

static bool
may_try(const cql_host *host, const cql_request *request)
{
	uint32_t i;

	if (cql_host_is_far(request->cluster, host))
		return false;
	for (i = 0; i < request->ntried; i++)
	{
		if (request->tried[i] == host)
			return false;
	}
	return host->failed_seq <= request->start_seq || host->nready > 0;
}

cql_host *
cql_contact_next(cql_cluster *cluster, const cql_request *request)
{
	uint32_t i;
	uint32_t j;

	for (i = 0; i < cluster->ncontacts; i++)
	{
		cql_contact *contact = &cluster->contacts[i];

		if (contact->resolved_seq <= request->start_seq)
			look_up(cluster, contact);
		for (j = 0; j < contact->nhosts; j++)
		{
			if (may_try(contact->hosts[j], request))
				return contact->hosts[j];
		}
	}
	return NULL;
}
