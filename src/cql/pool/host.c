/*
 * host.c
 *	  The servers that a pool knows: finding, adding, naming, backing off.
 */
#include "pool.h"

#include <stdio.h>
#include <string.h>

#define ADDRESS_KEY (16 + sizeof(uint16_t) + CQL_MAX_SNI)

/* What an address is found by. */
static size_t
address_key(const cql_address *address, uint8_t key[ADDRESS_KEY])
{
	size_t sni = strlen(address->sni);
	uint16_t port = cql_address_port(address);
	size_t len;
	const uint8_t *ip = cql_address_ip(address, &len);

	memcpy(key, ip, len);
	memcpy(key + len, &port, sizeof(port));
	memcpy(key + len + sizeof(port), address->sni, sni);
	return len + sizeof(port) + sni;
}

cql_host *
cql_host_find(cql_pool *pool, const cql_address *address)
{
	uint8_t key[ADDRESS_KEY];
	size_t len = address_key(address, key);

	return cql_map_get(&pool->by_address, key, len);
}

cql_host *
cql_host_find_id(cql_pool *pool, const uint8_t host_id[16])
{
	return cql_map_get(&pool->by_id, host_id, 16);
}

/* Takes its address away, which another host has now. */
static void
unset_address(cql_pool *pool, cql_host *host)
{
	uint8_t key[ADDRESS_KEY];
	size_t len = address_key(&host->address, key);

	if (cql_map_get(&pool->by_address, key, len) == host)
		(void) cql_map_remove(&pool->by_address, key, len);
	memset(&host->address, 0, sizeof(host->address));
}

/* Without memory it is not found by its address, only dialled. */
void
cql_host_set_address(cql_pool *pool, cql_host *host,
					 const cql_address *address)
{
	uint8_t key[ADDRESS_KEY];
	size_t len;

	if (host->address.len > 0)
		unset_address(pool, host);
	host->address = *address;
	cql_address_print(address, host->node.address, sizeof(host->node.address));
	len = address_key(address, key);
	(void) cql_map_set(&pool->by_address, key, len, host);
}

void
cql_host_set_id(cql_pool *pool, cql_host *host, const uint8_t host_id[16])
{
	if (host->has_id && cql_host_find_id(pool, host->node.host_id) == host)
		(void) cql_map_remove(&pool->by_id, host->node.host_id, 16);
	memcpy(host->node.host_id, host_id, sizeof(host->node.host_id));
	host->has_id = cql_map_set(&pool->by_id, host_id, 16, host);
}

cql_host *
cql_host_add(cql_pool *pool, const cql_address *address,
			 const char *server_name)
{
	cql_host *host;
	cql_host **hosts;

	if (pool->nhosts >= CQL_MAX_NODES)
		return NULL;
	hosts = cql_realloc(pool->env, pool->hosts,
						(pool->nhosts + 1) * sizeof(*hosts));
	if (hosts == NULL)
		return NULL;
	pool->hosts = hosts;
	host = cql_alloc0(pool->env, sizeof(*host));
	if (host == NULL)
		return NULL;
	host->slot = pool->nhosts;
	host->server_name = server_name;
	host->node.dc = "";
	host->node.rack = "";
	host->node.up = true;
	cql_host_set_address(pool, host, address);
	hosts[pool->nhosts++] = host;
	return host;
}

void
cql_host_free(cql_pool *pool, cql_host *host)
{
	cql_free(pool->env, host->dc);
	cql_free(pool->env, host->rack);
	cql_free(pool->env, host->tokens);
	cql_free(pool->env, host->traffic.latency);
	cql_free(pool->env, host);
}

/* What failed last time is not waited for while it is tried again. */
bool
cql_host_is_down(const cql_host *host, int64_t now)
{
	if (host->silent || host->slow_until > now)
		return true;
	return host->nready == 0 &&
		   (host->late || (host->failures > 0 &&
						   (host->retry_at > now || host->nchannels > 0)));
}

void
cql_host_suspect(cql_pool *pool, cql_host *host)
{
	uint32_t i;

	host->silent = true;
	host->slow_until = pool->now + CQL_SLOW_PAUSE;
	for (i = 0; i < host->nchannels; i++)
	{
		cql_conn_suspect(host->channels[i]->conn, pool->now);
		host->channels[i]->unsent = true;
	}
}

bool
cql_host_is_open(const cql_host *host, int64_t now)
{
	return host->hung && host->nready == 0 && host->retry_at > now;
}

bool
cql_pool_is_open(const cql_pool *pool)
{
	uint32_t i;

	for (i = 0; i < pool->nhosts; i++)
	{
		if (pool->hosts[i]->hung)
			return true;
	}
	for (i = 0; i < pool->ncontacts; i++)
	{
		if (pool->contacts[i].hung)
			return true;
	}
	return false;
}

/* One that hung gets a short try, but as long as others have taken. */
int64_t
cql_host_dial_time(const cql_pool *pool, const cql_host *host)
{
	int64_t full = pool->config.connect_timeout;
	int64_t time = 4 * pool->slowest_dial;

	if (time < CQL_PROBE_TIME)
		time = CQL_PROBE_TIME;
	return host->hung && time < full ? time : full;
}

/* The time doubles with each failure and varies by 15 % either way. */
static int64_t
backoff(cql_pool *pool, int64_t wait, uint32_t failures)
{
	while (--failures > 0 && wait < CQL_BACKOFF_MAX)
		wait *= 2;
	if (wait > CQL_BACKOFF_MAX)
		wait = CQL_BACKOFF_MAX;
	pool->random = pool->random * 1664525u + 1013904223u;
	return wait * (85 + (int64_t) ((pool->random >> 16) % 31)) / 100;
}

/* The first ones of many may be due again when the last one has failed. */
void
cql_pool_gave_up(cql_pool *pool)
{
	uint32_t i;

	for (i = 0; i < pool->nhosts; i++)
	{
		cql_host *host = pool->hosts[i];

		if (host->hung && host->nready == 0 && host->retry_at <= pool->now)
			host->retry_at =
				pool->now + backoff(pool, CQL_CIRCUIT_MIN, host->failures);
	}
}

void
cql_host_failed(cql_pool *pool, cql_host *host, const cql_error *err)
{
	pool->host_lost |= host->failures == 0;
	host->failures++;
	host->late = false;
	host->silent = false;
	host->hung = pool->now - host->dialled_at >= CQL_SLOW_DIAL;
	host->retry_at =
		pool->now + backoff(pool,
							host->hung ? CQL_CIRCUIT_MIN : CQL_BACKOFF_MIN,
							host->failures);
	host->failed_seq = ++pool->seq;
	host->failed_code = err->code;
	host->node.up = host->nready > 0;
	(void) snprintf(host->failure, sizeof(host->failure), "%.*s",
					(int) sizeof(host->failure) - 1, err->message);
	pool->last_dial_failed = true;
	cql_host_wake(pool, host);
}

void
cql_host_wake(cql_pool *pool, cql_host *host)
{
	cql_waiters_move(&host->waiting, &pool->woken);
}

/* Who came first is first, also where others would need less. */
void
cql_host_wake_some(cql_pool *pool, cql_host *host, uint32_t streams)
{
	cql_waiter *waiter;

	while ((waiter = host->waiting.head) != NULL && waiter->needs <= streams)
	{
		streams -= waiter->needs;
		cql_wait(waiter, &pool->woken);
	}
}

/* ---- one that has two addresses ---- */

void
cql_host_move_channels(cql_pool *pool, cql_host *from, cql_host *to)
{
	while (from->nchannels > 0 && to->nchannels < CQL_MAX_CHANNELS)
	{
		cql_channel *channel = from->channels[--from->nchannels];

		channel->host = to;
		to->channels[to->nchannels++] = channel;
		from->in_flight -= channel->in_flight;
		to->in_flight += channel->in_flight;
		if (channel->ready)
		{
			from->nready--;
			to->nready++;
		}
	}
	from->node.nconnections = from->nready;
	to->node.nconnections = to->nready;
	cql_host_wake(pool, from);
}

void
cql_host_merge(cql_pool *pool, cql_host *from, cql_host *into)
{
	cql_address address = from->address;
	uint32_t i;
	uint32_t j;

	unset_address(pool, from);
	cql_host_set_address(pool, into, &address);
	into->server_name = from->server_name;
	into->failures = 0;
	into->node.up = true;
	for (i = 0; i < pool->ncontacts; i++)
	{
		cql_contact *contact = &pool->contacts[i];

		for (j = 0; j < contact->nhosts; j++)
		{
			if (contact->hosts[j] == from)
				contact->hosts[j] = into;
		}
	}
	cql_host_move_channels(pool, from, into);
}

/* ---- addresses as they are dialled ---- */

void
cql_pool_map_address(const cql_pool *pool, cql_address *address)
{
	uint16_t port = cql_address_port(address);
	uint32_t i;

	for (i = 0; i < pool->nmappings; i++)
	{
		const cql_mapping *mapping = &pool->mappings[i];
		uint16_t from_port = cql_address_port(&mapping->from);

		if (!cql_address_same_ip(&mapping->from, address) ||
			(from_port != 0 && from_port != port))
			continue;
		*address = mapping->to;
		if (cql_address_port(address) == 0)
			cql_address_set_port(address, port);
		return;
	}
}
