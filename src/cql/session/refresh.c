/*
 * refresh.c
 *	  Reading anew what is known of the cluster.
 */
#include "session.h"

/* A host that can be asked at once, a local one if there is; or NULL. */
static cql_host *
connected_host(const cql_cluster *cluster)
{
	cql_host *found = NULL;
	uint32_t i;

	for (i = 0; i < cluster->nlinks; i++)
	{
		const cql_link *link = cluster->links[i];

		if (link->ready && (found == NULL || link->host->pub.local))
			found = link->host;
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
	for (i = 0; i < cluster->nhosts; i++)
	{
		cluster->hosts[i]->retry_at = 0;
		cluster->hosts[i]->slow_until = 0;
	}
	cql_routing_forget_all(cluster);
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
