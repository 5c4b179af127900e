/*
 * monitor.c
 *	  What a cluster tells those who watch it; reading the topology anew.
 */
#include "monitor.h"

#include "kind.h"

const cql_traffic *
cql_cluster_traffic(const cql_cluster *cluster)
{
	return &cluster->pool.traffic;
}

void
cql_cluster_node_status(const cql_cluster *cluster, uint32_t i, int64_t now,
						cql_node_status *status)
{
	const cql_host *host = cluster->nodes[i];

	if (!host->node.up || cql_host_is_down(host, now))
		status->state = CQL_NODE_DOWN;
	else
		status->state = host->nready > 0 ? CQL_NODE_UP : CQL_NODE_UNKNOWN;
	status->in_flight = host->in_flight;
	status->release = host->release;
	status->failure = host->failures > 0 ? host->failure : "";
	status->traffic = &host->traffic;
}

bool
cql_cluster_shares(const cql_cluster *cluster, double *shares)
{
	return cluster->ring.tokenmap != NULL &&
		   cql_tokenmap_shares(cluster->ring.tokenmap, shares,
							   cluster->nnodes);
}

/* ---- reading anew ---- */

/* A host that can be asked at once, a local one if there is; or NULL. */
static cql_host *
connected_host(const cql_cluster *cluster)
{
	cql_host *found = NULL;
	uint32_t i;

	for (i = 0; i < cluster->pool.nchannels; i++)
	{
		const cql_channel *channel = cluster->pool.channels[i];

		if (channel->ready && (found == NULL || channel->host->node.local))
			found = channel->host;
	}
	return found;
}

bool
cql_cluster_refresh(cql_cluster *cluster)
{
	cql_host *host = connected_host(cluster);
	uint32_t i;

	if (cluster->topology == CQL_TOPOLOGY_LOADING)
		return false;
	for (i = 0; i < cluster->pool.nhosts; i++)
	{
		cluster->pool.hosts[i]->retry_at = 0;
		cluster->pool.hosts[i]->slow_until = 0;
		cluster->pool.hosts[i]->silent = false;
	}
	cql_ring_forget_all(&cluster->ring);
	cluster->topology = CQL_TOPOLOGY_NONE;
	if (host != NULL)
		cql_topology_start(cluster, host);
	return true;
}

bool
cql_cluster_is_settled(const cql_cluster *cluster)
{
	return cluster->topology == CQL_TOPOLOGY_KNOWN ||
		   cluster->topology == CQL_TOPOLOGY_FAILED;
}
