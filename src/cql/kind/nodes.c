/*
 * nodes.c
 *	  The nodes that requests are routed to: which of them are near, and which
 *	  are beyond max_nodes.
 */
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "kind.h"
#include "murmur3.h"

/* ---- those beyond max_nodes ---- */

/*
 * A number that a session draws for each node: those of the smallest ones are
 * its nodes, so that others come and go without a change of these.
 */
static uint64_t
draw(const cql_cluster *cluster, const cql_host *host)
{
	uint8_t key[sizeof(host->node.host_id) + sizeof(cluster->seed)];

	memcpy(key, host->node.host_id, sizeof(host->node.host_id));
	memcpy(key + sizeof(host->node.host_id), &cluster->seed,
		   sizeof(cluster->seed));
	return (uint64_t) cql_murmur3_token(key, sizeof(key));
}

static int
by_number(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *) a;
	uint64_t other = *(const uint64_t *) b;

	return (one > other) - (one < other);
}

/* The largest number of max_nodes local nodes; all without memory. */
static uint64_t
largest_number(const cql_cluster *cluster)
{
	uint64_t *numbers = NULL;
	uint64_t largest = UINT64_MAX;
	uint32_t n = 0;
	uint32_t i;

	if (cluster->max_nodes > 0)
		numbers =
			cql_alloc_array(&cluster->env, cluster->nnodes, sizeof(*numbers));
	for (i = 0; numbers != NULL && i < cluster->nnodes; i++)
	{
		if (cluster->nodes[i]->node.local)
			numbers[n++] = draw(cluster, cluster->nodes[i]);
	}
	if (n > cluster->max_nodes)
	{
		qsort(numbers, n, sizeof(*numbers), by_number);
		largest = numbers[cluster->max_nodes - 1];
	}
	cql_free(&cluster->env, numbers);
	return largest;
}

void
cql_nodes_let_go(cql_cluster *cluster)
{
	bool connected = false;
	uint32_t i;

	for (i = 0; i < cluster->nkept; i++)
		connected |= cluster->nodes[i]->nready > 0;
	for (i = 0; connected && i < cluster->nnodes; i++)
	{
		if (cluster->nodes[i]->spare)
			cql_channels_retire(&cluster->pool, cluster->nodes[i]);
	}
}

/* ---- those that are near ---- */

/* How near it is: in our rack, in our data centre, both of those kept. */
typedef enum node_place
{
	PLACE_RACK,
	PLACE_KEPT,
	PLACE_LOCAL,
	PLACE_REMOTE
} node_place;

static node_place
place_of(const cql_host *host)
{
	if (!host->node.local)
		return PLACE_REMOTE;
	if (host->spare)
		return PLACE_LOCAL;
	return host->same_rack ? PLACE_RACK : PLACE_KEPT;
}

/* Moves those of the nodes from "start" on that are so near ahead. */
static uint32_t
move_ahead(cql_cluster *cluster, uint32_t start, node_place place)
{
	uint32_t i;

	for (i = start; i < cluster->nnodes; i++)
	{
		cql_host *host = cluster->nodes[i];

		if (place_of(host) != place)
			continue;
		memmove(&cluster->nodes[start + 1], &cluster->nodes[start],
				(i - start) * sizeof(host));
		cluster->nodes[start++] = host;
	}
	return start;
}

void
cql_nodes_set(cql_cluster *cluster, cql_host **nodes, uint32_t nnodes)
{
	const char *dc = cql_local_dc(cluster);
	uint64_t largest;
	uint32_t i;

	cql_free(&cluster->env, cluster->nodes);
	cluster->nodes = nodes;
	cluster->nnodes = nnodes;
	for (i = 0; i < nnodes; i++)
	{
		nodes[i]->node.local =
			dc == NULL || strcmp(nodes[i]->node.dc, dc) == 0;
		nodes[i]->same_rack = cluster->rack == NULL ||
							  strcmp(nodes[i]->node.rack, cluster->rack) == 0;
	}
	largest = largest_number(cluster);
	for (i = 0; i < nnodes; i++)
		nodes[i]->spare =
			nodes[i]->node.local && draw(cluster, nodes[i]) > largest;
	cluster->nrack = move_ahead(cluster, 0, PLACE_RACK);
	cluster->nkept = move_ahead(cluster, cluster->nrack, PLACE_KEPT);
	cluster->nlocal = move_ahead(cluster, cluster->nkept, PLACE_LOCAL);
}
