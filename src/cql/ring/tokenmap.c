/*
 * tokenmap.c
 *	  The Murmur3 ring: sorted tokens, replicas of a token, ranges of a scan.
 *
 * A node owns the tokens from its predecessor's (excluded) to its own.
 */
#include "tokenmap_int.h"

#include <string.h>

/* ---- building ---- */

/* Eight bits of a token as they count in the order of signed numbers. */
static uint32_t
digit(const ring_point *point, unsigned shift)
{
	uint64_t token = (uint64_t) point->token ^ ((uint64_t) 1 << 63);

	return (uint32_t) (token >> shift) & 255;
}

/*
 * Sorts by token, a byte at a time from the lowest: linear.  The result lies
 * in points after the even number of passes; spare is as large.
 */
static void
sort_points(ring_point *points, ring_point *spare, uint32_t n)
{
	uint32_t start[257];
	unsigned shift;
	uint32_t i;

	for (shift = 0; shift < 64; shift += 8)
	{
		ring_point *swap = points;

		memset(start, 0, sizeof(start));
		for (i = 0; i < n; i++)
			start[digit(&points[i], shift) + 1]++;
		for (i = 0; i < 256; i++)
			start[i + 1] += start[i];
		for (i = 0; i < n; i++)
			spare[start[digit(&points[i], shift)]++] = points[i];
		points = spare;
		spare = swap;
	}
}

/* The data centre of a name, made if need be. */
static ring_dc *
enter_dc(cql_tokenmap *map, const char *name)
{
	ring_dc *dc = cql_map_get(&map->dcs, name, strlen(name));

	if (dc != NULL)
		return dc;
	dc = cql_arena_alloc(&map->arena, sizeof(*dc));
	if (dc == NULL || !cql_map_set(&map->dcs, name, strlen(name), dc))
		return NULL;
	dc->index = map->ndcs++;
	return dc;
}

/* Number of a rack of a data centre, counted there when it is first seen. */
static bool
enter_rack(cql_tokenmap *map, cql_map *racks, ring_dc *dc, const char *name,
		   uint32_t *rack)
{
	size_t len = strlen(name);
	char *key = cql_arena_alloc(&map->arena, sizeof(dc->index) + len);
	uint32_t *known;

	if (key == NULL)
		return false;
	memcpy(key, &dc->index, sizeof(dc->index));
	memcpy(key + sizeof(dc->index), name, len);
	known = cql_map_get(racks, key, sizeof(dc->index) + len);
	if (known == NULL)
	{
		known = cql_arena_alloc(&map->arena, sizeof(*known));
		if (known == NULL ||
			!cql_map_set(racks, key, sizeof(dc->index) + len, known))
			return false;
		*known = map->nracks++;
		dc->nracks++;
	}
	*rack = *known;
	return true;
}

/* Nodes without tokens hold nothing: neither they nor their racks count. */
static bool
number_nodes(cql_tokenmap *map, const cql_ring_node *nodes)
{
	cql_map racks;
	bool ok = true;
	uint32_t i;

	cql_map_init(&racks, &map->env);
	for (i = 0; i < map->nnodes && ok; i++)
	{
		ring_dc *dc;

		if (nodes[i].ntokens == 0)
			continue;
		dc = enter_dc(map, nodes[i].dc);
		ok = dc != NULL &&
			 enter_rack(map, &racks, dc, nodes[i].rack, &map->nodes[i].rack);
		if (!ok)
			break;
		map->nodes[i].dc = dc->index;
		dc->nnodes++;
		map->nnodes_owning++;
	}
	cql_map_free(&racks);
	return ok;
}

/* Needs room for total points twice. */
static bool
place_points(cql_tokenmap *map, const cql_ring_node *nodes, uint32_t total)
{
	ring_point *spare =
		cql_alloc_array(&map->env, (size_t) total + 1, sizeof(*spare));
	uint32_t i, j;

	map->points =
		cql_arena_array(&map->arena, (size_t) total + 1, sizeof(*map->points));
	for (i = 0; spare != NULL && map->points != NULL && i < map->nnodes; i++)
	{
		for (j = 0; j < nodes[i].ntokens; j++)
		{
			map->points[map->npoints].token = nodes[i].tokens[j];
			map->points[map->npoints++].node = i;
		}
	}
	if (map->npoints > 1)
		sort_points(map->points, spare, map->npoints);
	cql_free(&map->env, spare);
	return spare != NULL && map->points != NULL;
}

cql_tokenmap *
cql_tokenmap_build(const cql_env *env, const cql_ring_node *nodes,
				   uint32_t nnodes)
{
	cql_tokenmap *map = cql_alloc0(env, sizeof(cql_tokenmap));
	size_t total = 0;
	uint32_t i;

	if (map == NULL)
		return NULL;
	map->env = *env;
	map->nnodes = nnodes;
	cql_arena_init(&map->arena, &map->env, TOKENMAP_MAX_BYTES);
	cql_map_init(&map->dcs, &map->env);
	for (i = 0; i < nnodes; i++)
		total += nodes[i].ntokens;
	map->nodes =
		cql_arena_array(&map->arena, (size_t) nnodes + 1, sizeof(*map->nodes));
	if (map->nodes != NULL && total <= CQL_MAX_TOKENS &&
		number_nodes(map, nodes) && place_points(map, nodes, (uint32_t) total))
		return map;
	cql_tokenmap_free(map);
	return NULL;
}

void
cql_tokenmap_free(cql_tokenmap *map)
{
	cql_env env;

	if (map == NULL)
		return;
	env = map->env;
	cql_map_free(&map->dcs);
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

/* ---- ranges ---- */

/* The data centre whose replicas tell neighbours apart: the first that has
 * copies; map->ndcs where all have them, or none. */
static uint32_t
leading_dc(const cql_tokenmap *map, const cql_replication *replication)
{
	uint32_t i;

	for (i = 0; replication->by_dc && i < replication->ndcs; i++)
	{
		const char *name = replication->dcs[i].dc;
		const ring_dc *dc = cql_map_get(&map->dcs, name, strlen(name));

		if (dc != NULL && replication->dcs[i].factor > 0)
			return dc->index;
	}
	return map->ndcs;
}

/* First replica of each ring position, found from the last one backwards. */
static void
first_replicas(const cql_tokenmap *map, uint32_t dc, uint32_t *first)
{
	uint32_t last = UINT32_MAX;
	uint32_t i;

	/* Twice, as what follows the last position is the first one. */
	for (i = 2 * map->npoints; i-- > 0;)
	{
		uint32_t at = i % map->npoints;
		uint32_t node = map->points[at].node;

		if (dc == map->ndcs || map->nodes[node].dc == dc)
			last = node;
		first[at] = last;
	}
}

/*
 * The ring's ownership ranges, neighbours of one first replica merged; the
 * last one wraps, so it ends at INT64_MAX and belongs to the first point.
 */
static uint32_t
owned_ranges(const cql_tokenmap *map, const uint32_t *first,
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
		uint32_t replica = first[wraps ? 0 : i];

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
cql_tokenmap_ranges(const cql_tokenmap *map,
					const cql_replication *replication, uint32_t want,
					cql_token_range **ranges, uint32_t *n)
{
	cql_token_range *owned;
	uint32_t *first;
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
	first = cql_alloc_array(&map->env, map->npoints, sizeof(*first));
	if (owned == NULL || first == NULL)
	{
		cql_free(&map->env, owned);
		cql_free(&map->env, first);
		return CQL_ERR_NOMEM;
	}
	first_replicas(map, leading_dc(map, replication), first);
	nowned = owned_ranges(map, first, owned);
	cql_free(&map->env, first);
	for (i = 0; i < nowned; i++)
		total += share(&owned[i], want);
	*ranges = cql_alloc_array(&map->env, total, sizeof(cql_token_range));
	for (i = 0; *ranges != NULL && i < nowned; i++)
		*n += cut(&owned[i], share(&owned[i], want), *ranges + *n);
	cql_free(&map->env, owned);
	return *ranges == NULL ? CQL_ERR_NOMEM : CQL_OK;
}
