/*
 * host.c
 *	  The servers that a cluster object knows: finding, adding, backing off.
 *
 * Called by the other session modules.
 */
#include "session.h"

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
cql_host_find(cql_cluster *cluster, const cql_address *address)
{
	uint8_t key[ADDRESS_KEY];
	size_t len = address_key(address, key);

	return cql_map_get(&cluster->by_address, key, len);
}

cql_host *
cql_host_find_id(cql_cluster *cluster, const uint8_t host_id[16])
{
	return cql_map_get(&cluster->by_id, host_id, 16);
}

void
cql_host_unset_address(cql_cluster *cluster, cql_host *host)
{
	uint8_t key[ADDRESS_KEY];
	size_t len = address_key(&host->address, key);

	if (cql_map_get(&cluster->by_address, key, len) == host)
		(void) cql_map_remove(&cluster->by_address, key, len);
	memset(&host->address, 0, sizeof(host->address));
}

/* Without memory it is not found by its address, only dialled. */
void
cql_host_set_address(cql_cluster *cluster, cql_host *host,
					 const cql_address *address)
{
	uint8_t key[ADDRESS_KEY];
	size_t len;

	if (host->address.len > 0)
		cql_host_unset_address(cluster, host);
	host->address = *address;
	cql_address_print(address, host->pub.address, sizeof(host->pub.address));
	len = address_key(address, key);
	(void) cql_map_set(&cluster->by_address, key, len, host);
}

void
cql_host_set_id(cql_cluster *cluster, cql_host *host,
				const uint8_t host_id[16])
{
	if (host->known && cql_host_find_id(cluster, host->pub.host_id) == host)
		(void) cql_map_remove(&cluster->by_id, host->pub.host_id, 16);
	memcpy(host->pub.host_id, host_id, sizeof(host->pub.host_id));
	host->known = cql_map_set(&cluster->by_id, host_id, 16, host);
}

cql_host *
cql_host_add(cql_cluster *cluster, const cql_address *address,
			 const char *server_name)
{
	cql_host *host;
	cql_host **hosts;

	if (cluster->nhosts >= CQL_MAX_NODES)
		return NULL;
	hosts = cql_realloc(&cluster->env, cluster->hosts,
						(cluster->nhosts + 1) * sizeof(*hosts));
	if (hosts == NULL)
		return NULL;
	cluster->hosts = hosts;
	host = cql_alloc0(&cluster->env, sizeof(*host));
	if (host == NULL)
		return NULL;
	host->slot = cluster->nhosts;
	host->server_name = server_name;
	host->pub.dc = "";
	host->pub.rack = "";
	host->pub.up = true;
	cql_host_set_address(cluster, host, address);
	hosts[cluster->nhosts++] = host;
	return host;
}

void
cql_host_free(cql_cluster *cluster, cql_host *host)
{
	cql_free(&cluster->env, host->dc);
	cql_free(&cluster->env, host->rack);
	cql_free(&cluster->env, host->tokens);
	cql_free(&cluster->env, host);
}

const char *
cql_local_dc(const cql_cluster *cluster)
{
	return cluster->config_dc != NULL ? cluster->config_dc : cluster->taken_dc;
}

bool
cql_host_is_far(const cql_cluster *cluster, const cql_host *host)
{
	return !cluster->remote_dc && cluster->nlocal > 0 && host->listed &&
		   !host->pub.local;
}

bool
cql_host_is_down(const cql_host *host, int64_t now)
{
	if (host->slow_until > now)
		return true;
	return host->nready == 0 && host->failures > 0 && host->retry_at > now;
}

/* The time doubles with each failure and varies by 15 % either way. */
static int64_t
backoff(cql_cluster *cluster, uint32_t failures)
{
	int64_t wait = CQL_BACKOFF_MIN;

	while (--failures > 0 && wait < CQL_BACKOFF_MAX)
		wait *= 2;
	if (wait > CQL_BACKOFF_MAX)
		wait = CQL_BACKOFF_MAX;
	cluster->random = cluster->random * 1664525u + 1013904223u;
	return wait * (85 + (int64_t) ((cluster->random >> 16) % 31)) / 100;
}

void
cql_host_failed(cql_cluster *cluster, cql_host *host, const cql_error *err)
{
	host->failures++;
	host->retry_at = cluster->now + backoff(cluster, host->failures);
	host->failed_seq = ++cluster->seq;
	host->failed_code = err->code;
	host->pub.up = host->nready > 0;
	(void) snprintf(host->failure, sizeof(host->failure), "%.*s",
					(int) sizeof(host->failure) - 1, err->message);
	cluster->last_dial_failed = true;
	cql_cluster_log(cluster, CQL_LOG_DEBUG, "%s", host->failure);
	cql_host_wake(host, UINT32_MAX);
}

void
cql_host_wake(cql_host *host, uint32_t max)
{
	for (; max > 0 && host->waiting.head != NULL; max--)
	{
		cql_request *request = host->waiting.head;

		request->queued = true;
		cql_request_enqueue(request, request->phase == CQL_PHASE_DIGEST
										 ? CQL_PHASE_DIGEST
										 : CQL_PHASE_CHOOSE);
	}
}
