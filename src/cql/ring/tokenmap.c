/*
 * tokenmap.c
 *	  The Murmur3 ring: sorted tokens, replicas of a token, ranges of a scan.
 *
 * A node owns the tokens from its predecessor's (excluded) to its own.
 */
#include "tokenmap_int.h"

#include <stdlib.h>

static int
compare_points(const void *a, const void *b)
{
	int64_t x = ((const ring_point *) a)->token;
	int64_t y = ((const ring_point *) b)->token;

	return x < y ? -1 : x > y ? 1 : 0;
}

static bool
copy_nodes(cql_tokenmap *map, const cql_ring_node *nodes, uint32_t n)
{
	uint32_t i;

	map->nodes =
		cql_arena_array(&map->arena, (size_t) n + 1, sizeof(ring_node));
	for (i = 0; map->nodes != NULL && i < n; i++)
	{
		map->nodes[i].dc = cql_arena_strdup(&map->arena, nodes[i].dc);
		map->nodes[i].rack = cql_arena_strdup(&map->arena, nodes[i].rack);
	}
	map->nnodes = n;
	return !map->arena.failed;
}

cql_tokenmap *
cql_tokenmap_build(const cql_env *env, const cql_ring_node *nodes,
				   uint32_t nnodes)
{
	cql_tokenmap *map = cql_alloc0(env, sizeof(cql_tokenmap));
	size_t total = 0;
	uint32_t i, j;

	if (map == NULL)
		return NULL;
	map->env = *env;
	cql_arena_init(&map->arena, env, TOKENMAP_MAX_BYTES);
	for (i = 0; i < nnodes; i++)
		total += nodes[i].ntokens;
	map->points = cql_arena_array(&map->arena, total + 1, sizeof(ring_point));
	if (map->points == NULL || total > UINT32_MAX ||
		!copy_nodes(map, nodes, nnodes))
	{
		cql_tokenmap_free(map);
		return NULL;
	}
	for (i = 0; i < nnodes; i++)
	{
		for (j = 0; j < nodes[i].ntokens; j++)
		{
			map->points[map->npoints].token = nodes[i].tokens[j];
			map->points[map->npoints++].node = i;
		}
	}
	if (map->npoints > 1)
		qsort(map->points, map->npoints, sizeof(ring_point), compare_points);
	return map;
}

void
cql_tokenmap_free(cql_tokenmap *map)
{
	cql_env env;

	if (map == NULL)
		return;
	env = map->env;
	cql_arena_free(&map->arena);
	cql_free(&env, map);
}

uint32_t
cql_tokenmap_position(const cql_tokenmap *map, int64_t token)
{
	uint32_t low = 0;
	uint32_t high = map->npoints;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;

		if (map->points[middle].token < token)
			low = middle + 1;
		else
			high = middle;
	}
	return low == map->npoints ? 0 : low;
}

uint32_t
cql_tokenmap_replicas(cql_tokenmap *map, cql_replication *replication,
					  int64_t token, uint32_t *nodes, uint32_t max)
{
	if (map == NULL || replication == NULL || map->npoints == 0)
		return 0;
	return cql_replication_walk(map, replication,
								cql_tokenmap_position(map, token), nodes, max);
}

/* First replica of a ring position: what neighbours must share to be merged.
 */
static uint32_t
first_replica(cql_tokenmap *map, cql_replication *replication, uint32_t at)
{
	uint32_t node;

	if (cql_replication_walk(map, replication, at, &node, 1) == 0)
		return map->points[at].node;
	return node;
}

/*
 * The ring's ownership ranges, neighbours of one first replica merged; the
 * last one wraps, so it ends at INT64_MAX and belongs to the first point.
 */
static uint32_t
owned_ranges(cql_tokenmap *map, cql_replication *replication,
			 cql_token_range *out)
{
	uint32_t last = UINT32_MAX;
	uint32_t n = 0;
	int64_t start = INT64_MIN;
	uint32_t i;

	for (i = 0; i <= map->npoints; i++)
	{
		bool wraps = i == map->npoints;
		int64_t end = wraps ? INT64_MAX : map->points[i].token;
		uint32_t replica = first_replica(map, replication, wraps ? 0 : i);

		if (end == start)
			continue;
		if (n > 0 && replica == last)
			out[n - 1].end = end;
		else
		{
			out[n].start = start;
			out[n++].end = end;
		}
		last = replica;
		start = end;
	}
	return n;
}

/* Tokens of a range; up to 2^64 - 1. */
static uint64_t
width(const cql_token_range *range)
{
	return (uint64_t) range->end - (uint64_t) range->start;
}

/* Cuts one range into k parts, the last one ending where it ended. */
static uint32_t
cut(const cql_token_range *range, uint64_t k, cql_token_range *out)
{
	uint64_t step = width(range) / k;
	uint64_t i;

	for (i = 0; i < k; i++)
	{
		out[i].start = (int64_t) ((uint64_t) range->start + i * step);
		out[i].end =
			i + 1 == k ? range->end
					   : (int64_t) ((uint64_t) range->start + (i + 1) * step);
	}
	return (uint32_t) k;
}

/* Parts a range deserves of "want", by its share of the ring; at least one. */
static uint64_t
share(const cql_token_range *range, uint32_t want)
{
	uint64_t unit = UINT64_MAX / (want == 0 ? 1 : want);
	uint64_t k = width(range) / unit;

	return k < 1 ? 1 : k;
}

cql_code
cql_tokenmap_ranges(cql_tokenmap *map, cql_replication *replication,
					uint32_t want, cql_token_range **ranges, uint32_t *n)
{
	cql_token_range *owned;
	uint32_t nowned, i;
	size_t total = 0;

	*ranges = NULL;
	*n = 0;
	if (map == NULL || replication == NULL || map->npoints == 0)
		return CQL_OK;
	if (want > TOKENMAP_MAX_RANGES)
		want = TOKENMAP_MAX_RANGES;
	owned = cql_alloc_array(&map->env, (size_t) map->npoints + 1,
							sizeof(cql_token_range));
	if (owned == NULL)
		return CQL_ERR_NOMEM;
	nowned = owned_ranges(map, replication, owned);
	for (i = 0; i < nowned; i++)
		total += share(&owned[i], want);
	*ranges = cql_alloc_array(&map->env, total, sizeof(cql_token_range));
	for (i = 0; *ranges != NULL && i < nowned; i++)
		*n += cut(&owned[i], share(&owned[i], want), *ranges + *n);
	cql_free(&map->env, owned);
	return *ranges == NULL ? CQL_ERR_NOMEM : CQL_OK;
}
