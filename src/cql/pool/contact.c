/*
 * contact.c
 *	  Contact points: their names are looked up when they are needed.
 */
#include "pool.h"

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
resolved(cql_pool *pool, cql_contact *contact, const cql_address *addresses,
		 uint32_t n)
{
	uint32_t i;

	contact->resolved_seq = ++pool->seq;
	contact->waiting = false;
	contact->nhosts = 0;
	if (n == 0)
		pool->last_dial_failed = true;
	for (i = 0; i < n; i++)
	{
		cql_address address = addresses[i];
		cql_host *host;

		memcpy(address.sni, contact->sni, sizeof(address.sni));
		host = cql_host_find(pool, &address);
		if (host == NULL)
			host = cql_host_add(pool, &address,
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
look_up(cql_pool *pool, cql_contact *contact)
{
	cql_address address;
	cql_error err;

	contact->failure[0] = '\0';
	if (cql_resolve_numeric(contact->name, contact->port, &address))
	{
		resolved(pool, contact, &address, 1);
		return;
	}
	if (contact->lookup == NULL)
		contact->lookup = cql_lookup_start(contact->name, contact->port, &err);
	if (contact->lookup == NULL)
	{
		failed(contact, err.message);
		resolved(pool, contact, NULL, 0);
		return;
	}
	contact->waiting = true;
	contact->deadline =
		pool->now +
		(contact->hung ? CQL_PROBE_TIME : pool->config.connect_timeout);
	pool->poll_wait = POLL_MIN;
	pool->poll_at = pool->now + POLL_MIN;
}

/* Whether the contact's look-up has ended, or been given up, just now. */
static bool
step_contact(cql_pool *pool, cql_contact *contact)
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
		contact->hung = false;
		if (n == 0)
			failed(contact, err.message);
		resolved(pool, contact, addresses, n);
		return true;
	}
	if (pool->now < contact->deadline)
		return false;
	contact->hung = true;
	contact->retry_at = pool->now + CQL_CIRCUIT_MIN;
	(void) snprintf(
		contact->failure, sizeof(contact->failure),
		"could not translate host name \"%s\" to address: no answer "
		"within %lld ms",
		contact->name, (long long) (pool->config.connect_timeout / 1000));
	resolved(pool, contact, NULL, 0);
	return true;
}

void
cql_contacts_step(cql_pool *pool)
{
	bool ended = false;
	uint32_t i;

	if (pool->resolving.head == NULL || pool->now < pool->poll_at)
		return;
	for (i = 0; i < pool->ncontacts; i++)
		ended |= step_contact(pool, &pool->contacts[i]);
	if (pool->poll_wait < POLL_MAX)
		pool->poll_wait *= 2;
	pool->poll_at = pool->now + pool->poll_wait;
	if (ended)
		cql_waiters_move(&pool->resolving, &pool->woken);
}

int64_t
cql_contacts_deadline(const cql_pool *pool)
{
	return pool->resolving.head == NULL ? -1 : pool->poll_at;
}

bool
cql_contacts_resolve(cql_pool *pool, uint64_t seq)
{
	bool waiting = false;
	uint32_t i;

	/* All at once: none waits for the one before. */
	for (i = 0; i < pool->ncontacts; i++)
	{
		cql_contact *contact = &pool->contacts[i];

		if (contact->resolved_seq <= seq && !contact->waiting &&
			!(contact->hung && contact->retry_at > pool->now))
			look_up(pool, contact);
		waiting |= contact->waiting;
	}
	return waiting;
}
