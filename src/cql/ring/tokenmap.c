/*
 * tokenmap.c
 *	  The Murmur3 ring: nodes, racks, data centres, sorted tokens.
 *
 * A node owns the tokens from its predecessor's (excluded) to its own.
 */
#include "tokenmap_int.h"

#include <string.h>

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
