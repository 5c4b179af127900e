/*
 * placement.c
 *	  Which nodes hold copies of a ring position.
 *
 * Found by going along the ring when a position is first asked for; equal sets
 * are kept once.  The rule is NetworkTopologyStrategy's: in each data centre
 * the next nodes of distinct racks, and where there are fewer racks than
 * copies as many more of the next nodes as are missing.
 */
#include <stdlib.h>
#include <string.h>

#include "tokenmap_int.h"

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void
share_dc(cql_placement *p, uint32_t index, uint32_t factor, uint32_t nnodes,
		 uint32_t nracks)
{
	dc_share *dc = &p->dcs[index];

	dc->copies = least(least(factor, nnodes), MAX_REPLICAS - p->copies);
	dc->repeats = factor > nracks ? factor - nracks : 0;
	p->copies += dc->copies;
}

/* How many copies go where. */
static void
share(cql_placement *p, const cql_replication *r)
{
	uint32_t i;

	p->by_dc = r->by_dc;
	if (!r->by_dc)
		share_dc(p, 0, r->factor, p->map->nnodes_owning, 0);
	for (i = 0; r->by_dc && i < r->ndcs; i++)
	{
		const ring_dc *dc =
			cql_map_get(&p->map->dcs, r->dcs[i].dc, strlen(r->dcs[i].dc));

		if (dc != NULL && p->dcs[dc->index].copies == 0)
			share_dc(p, dc->index, r->dcs[i].factor, dc->nnodes, dc->nracks);
	}
}

cql_placement *
cql_placement_create(const cql_tokenmap *map,
					 const cql_replication *replication)
{
	const cql_env *env = &map->env;
	cql_placement *p = cql_alloc0(env, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->map = map;
	p->ndcs = replication->by_dc ? map->ndcs : 1;
	cql_arena_init(&p->arena, env, TOKENMAP_MAX_BYTES);
	cql_map_init(&p->sets, env);
	p->dcs = cql_arena_array(&p->arena, (size_t) p->ndcs + 1, sizeof(*p->dcs));
	p->node_seen = cql_arena_array(&p->arena, (size_t) map->nnodes + 1,
								   sizeof(*p->node_seen));
	p->rack_seen = cql_arena_array(&p->arena, (size_t) map->nracks + 1,
								   sizeof(*p->rack_seen));
	p->at =
		cql_arena_array(&p->arena, (size_t) map->npoints + 1, sizeof(*p->at));
	if (p->arena.failed)
	{
		cql_placement_free(p);
		return NULL;
	}
	share(p, replication);
	return p;
}

void
cql_placement_free(cql_placement *p)
{
	const cql_env *env;

	if (p == NULL)
		return;
	env = &p->map->env;
	cql_map_free(&p->sets);
	cql_arena_free(&p->arena);
	cql_free(env, p);
}

/* ---- a walk ---- */

static void
visit(cql_placement *p, uint32_t node)
{
	const ring_node *n = &p->map->nodes[node];
	dc_share *dc = &p->dcs[p->by_dc ? n->dc : 0];

	if (dc->missing == 0 || p->node_seen[node] == p->walk)
		return;
	if (p->by_dc && p->rack_seen[n->rack] == p->walk)
	{
		if (dc->repeats_left == 0)
			return;
		dc->repeats_left--;
	}
	p->node_seen[node] = p->walk;
	p->rack_seen[n->rack] = p->walk;
	dc->missing--;
	p->found[p->nfound++] = node;
}

static int
compare_nodes(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *) a;
	uint32_t y = *(const uint32_t *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* Fills found, ascending. */
static void
walk(cql_placement *p, uint32_t position)
{
	const cql_tokenmap *map = p->map;
	uint32_t at = position;
	uint32_t i;

	if (++p->walk == 0)
	{
		memset(p->node_seen, 0, map->nnodes * sizeof(*p->node_seen));
		memset(p->rack_seen, 0, map->nracks * sizeof(*p->rack_seen));
		p->walk = 1;
	}
	p->nfound = 0;
	for (i = 0; i < p->ndcs; i++)
	{
		p->dcs[i].missing = p->dcs[i].copies;
		p->dcs[i].repeats_left = p->dcs[i].repeats;
	}
	for (i = 0; i < map->npoints && p->nfound < p->copies; i++)
	{
		visit(p, map->points[at].node);
		at = at + 1 == map->npoints ? 0 : at + 1;
	}
	if (p->nfound > 1)
		qsort(p->found, p->nfound, sizeof(*p->found), compare_nodes);
}

/* The one object for what was found, or NULL. */
static const cql_replica_set *
intern(cql_placement *p)
{
	size_t size = p->nfound * sizeof(*p->found);
	cql_replica_set *set = cql_map_get(&p->sets, p->found, size);

	if (set != NULL)
		return set;
	set = cql_arena_alloc(&p->arena, sizeof(*set) + size);
	if (set == NULL)
		return NULL;
	set->n = p->nfound;
	memcpy(set->nodes, p->found, size);
	return cql_map_set(&p->sets, p->found, size, set) ? set : NULL;
}

const cql_replica_set *
cql_placement_of(cql_placement *p, int64_t token)
{
	uint32_t position;

	if (p->map->npoints == 0)
		return NULL;
	position = cql_tokenmap_position(p->map, token);
	if (p->at[position] == NULL)
	{
		walk(p, position);
		p->at[position] = intern(p);
	}
	return p->at[position];
}
