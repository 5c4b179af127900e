/*
 * contact.c
 *	  Contact points: looking them up and trying them in turn.
 *
 * Called by request.c when no node of the topology can be used.
 */
#include "session.h"

#include <stdio.h>
#include <string.h>

/* Microseconds between looks at look-ups that are going on. */
#define POLL_MIN INT64_C(1000)
#define POLL_MAX INT64_C(32000)

/* ---- looking names up ---- */

static void
failed(cql_contact *contact, const char *why)
{
	(void) snprintf(contact->failure, sizeof(contact->failure), "%.*s",
					(int) sizeof(contact->failure) - 1, why);
}

/* The look-up is over, for better or worse. */
static void
resolved(cql_cluster *cluster, cql_contact *contact,
		 const cql_address *addresses, uint32_t n)
{
	uint32_t i;

	contact->resolved_seq = ++cluster->seq;
	contact->waiting = false;
	contact->nhosts = 0;
	if (n == 0)
		cluster->last_dial_failed = true;
	for (i = 0; i < n; i++)
	{
		cql_address address = addresses[i];
		cql_host *host;

		memcpy(address.sni, contact->sni, sizeof(address.sni));
		host = cql_host_find(cluster, &address);
		if (host == NULL)
			host = cql_host_add(cluster, &address,
								contact->numeric ? NULL : contact->name);
		if (host != NULL)
			contact->hosts[contact->nhosts++] = host;
		else
			(void) snprintf(contact->failure, sizeof(contact->failure),
							"%s: no memory, or too many hosts", contact->name);
	}
}

/* Begins to wait for one, perhaps for one still going on since before. */
static void
look_up(cql_cluster *cluster, cql_contact *contact)
{
	cql_address address;
	cql_error err;

	contact->failure[0] = '\0';
	if (cql_resolve_numeric(contact->name, contact->port, &address))
	{
		resolved(cluster, contact, &address, 1);
		return;
	}
	if (contact->lookup == NULL)
		contact->lookup = cql_lookup_start(contact->name, contact->port, &err);
	if (contact->lookup == NULL)
	{
		failed(contact, err.message);
		resolved(cluster, contact, NULL, 0);
		return;
	}
	contact->waiting = true;
	contact->deadline = cluster->now + cluster->conn_config.connect_timeout;
	cluster->poll_wait = POLL_MIN;
	cluster->poll_at = cluster->now + POLL_MIN;
}

/* Whether the contact's look-up has ended, or been given up, just now. */
static bool
step_contact(cql_cluster *cluster, cql_contact *contact)
{
	cql_address addresses[CQL_CONTACT_HOSTS];
	cql_error err;
	uint32_t n;

	if (!contact->waiting)
		return false;
	if (cql_lookup_ended(contact->lookup))
	{
		n = cql_lookup_finish(contact->lookup, addresses, CQL_CONTACT_HOSTS,
							  &err);
		contact->lookup = NULL;
		if (n == 0)
			failed(contact, err.message);
		resolved(cluster, contact, addresses, n);
		return true;
	}
	if (cluster->now < contact->deadline)
		return false;
	(void) snprintf(
		contact->failure, sizeof(contact->failure),
		"could not translate host name \"%s\" to address: no answer "
		"within %lld ms",
		contact->name,
		(long long) (cluster->conn_config.connect_timeout / 1000));
	resolved(cluster, contact, NULL, 0);
	return true;
}

void
cql_contact_step(cql_cluster *cluster)
{
	bool ended = false;
	uint32_t i;

	if (cluster->resolving.head == NULL || cluster->now < cluster->poll_at)
		return;
	for (i = 0; i < cluster->ncontacts; i++)
		ended |= step_contact(cluster, &cluster->contacts[i]);
	if (cluster->poll_wait < POLL_MAX)
		cluster->poll_wait *= 2;
	cluster->poll_at = cluster->now + cluster->poll_wait;
	while (ended && cluster->resolving.head != NULL)
		cql_request_enqueue(cluster->resolving.head, CQL_PHASE_CHOOSE);
}

int64_t
cql_contact_deadline(const cql_cluster *cluster)
{
	return cluster->resolving.head == NULL ? -1 : cluster->poll_at;
}

/* ---- choosing one ---- */

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
cql_contact_next(cql_cluster *cluster, cql_request *request)
{
	uint32_t i;
	uint32_t j;

	/* All at once: none waits for the one before. */
	for (i = 0; i < cluster->ncontacts; i++)
	{
		cql_contact *contact = &cluster->contacts[i];

		if (contact->resolved_seq <= request->start_seq && !contact->waiting)
			look_up(cluster, contact);
		request->resolving |= contact->waiting;
	}
	for (i = 0; i < cluster->ncontacts; i++)
	{
		cql_contact *contact = &cluster->contacts[i];

		for (j = 0; j < contact->nhosts && !contact->waiting; j++)
		{
			if (may_try(contact->hosts[j], request))
				return contact->hosts[j];
		}
	}
	return NULL;
}
