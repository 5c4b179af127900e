/*
 * policy.c
 *	  The order in which a request's hosts are tried.
 *
 * No state: looks at the hosts and at the query.
 */
#include "policy.h"

/* Lower is better. */
#define RANK_DOWN 6 /* added for hosts that are down */
#define RANK_NONE UINT32_MAX

static bool
was_tried(const cql_policy_query *query, const cql_host *host)
{
	uint32_t i;

	for (i = 0; i < query->ntried; i++)
	{
		if (query->tried[i] == host)
			return true;
	}
	return false;
}

static uint32_t
rank_host(const cql_policy_query *query, const cql_host *host, bool replica)
{
	uint32_t rank;

	if (was_tried(query, host) || (query->local_only && !host->pub.local))
		return RANK_NONE;
	if (host->nready == 0 &&
		(query->ready_only || host->failed_seq > query->seq))
		return RANK_NONE;
	if (!host->pub.local)
		rank = replica ? 4 : 5;
	else
		rank = (replica ? 0u : 2u) + (host->same_rack ? 0u : 1u);
	if (cql_host_is_down(host, query->now))
		rank += RANK_DOWN;
	return rank;
}

/* Best replica: by rank, then least in flight, then by turns. */
static cql_host *
best_replica(const cql_policy_query *query, uint32_t *rank)
{
	cql_host *best = NULL;
	uint32_t i;

	*rank = RANK_NONE;
	for (i = 0; i < query->nreplicas; i++)
	{
		uint32_t at = (query->turn + i) % query->nreplicas;
		cql_host *host;
		uint32_t r;

		if (query->replicas[at] >= query->nnodes)
			continue;
		host = query->nodes[query->replicas[at]];
		r = rank_host(query, host, true);
		if (r < *rank ||
			(r == *rank && best != NULL && host->live < best->live))
		{
			best = host;
			*rank = r;
		}
	}
	return best;
}

/* First choice among nodes of one kind, which lie together, by turns. */
static cql_host *
best_of_kind(const cql_policy_query *query, uint32_t start, uint32_t end,
			 uint32_t aim, uint32_t *best_rank)
{
	cql_host *best = NULL;
	uint32_t n = end - start;
	uint32_t i;

	for (i = 0; i<n && * best_rank> aim; i++)
	{
		cql_host *host = query->nodes[start + (query->turn + i) % n];
		uint32_t rank = rank_host(query, host, false);

		if (rank < *best_rank)
		{
			best = host;
			*best_rank = rank;
		}
	}
	return best;
}

cql_host *
cql_policy_next(const cql_policy_query *query)
{
	const uint32_t bounds[4] = {0, query->nrack, query->nlocal, query->nnodes};
	static const uint32_t aims[3] = {2, 3, 5}; /* the best rank of each kind */
	uint32_t best_rank;
	cql_host *best = best_replica(query, &best_rank);
	int i;

	for (i = 0; i < 3; i++)
	{
		cql_host *host =
			best_of_kind(query, bounds[i], bounds[i + 1], aims[i], &best_rank);

		if (host != NULL)
			best = host;
	}
	return best;
}
