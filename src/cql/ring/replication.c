/*
 * replication.c
 *	  Replication strategies: which nodes hold copies of a ring position.
 */
#include "tokenmap_int.h"

#include <string.h>

#include "wire.h"

#define MAX_DCS 256		 /* data centres of one keyspace */
#define MAX_REPLICAS 256 /* copies of a row, over all data centres */

typedef struct dc_factor
{
	char *dc;
	uint32_t factor;
} dc_factor;

struct cql_replication
{
	cql_env env;
	bool by_dc;		 /* NetworkTopologyStrategy */
	uint32_t factor; /* SimpleStrategy */
	uint32_t ndcs;
	dc_factor dcs[MAX_DCS];
};

/* "3", or "3/1": three copies of which one transient, not routed to. */
static uint32_t
parse_factor(cql_slice text)
{
	uint32_t number[2] = {0, 0};
	int which = 0;
	int32_t i;

	for (i = 0; i < text.len; i++)
	{
		uint8_t c = text.data[i];

		if (c == '/' && which == 0)
			which = 1;
		else if (c >= '0' && c <= '9' && number[which] < MAX_REPLICAS)
			number[which] = number[which] * 10 + (uint32_t) (c - '0');
		else
			return 0;
	}
	return number[0] > number[1] ? number[0] - number[1] : 0;
}

static bool
slice_is(cql_slice slice, const char *text)
{
	size_t len = strlen(text);

	return slice.len >= 0 && (size_t) slice.len == len &&
		   memcmp(slice.data, text, len) == 0;
}

static bool
slice_ends(cql_slice slice, const char *text)
{
	int32_t len = (int32_t) strlen(text);

	return slice.len >= len &&
		   memcmp(slice.data + slice.len - len, text, (size_t) len) == 0;
}

static bool
add_dc(cql_replication *r, cql_slice name, uint32_t factor)
{
	char *copy;

	if (r->ndcs >= MAX_DCS || name.len < 0)
		return false;
	copy = cql_alloc0(&r->env, (size_t) name.len + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, name.data, (size_t) name.len);
	r->dcs[r->ndcs].dc = copy;
	r->dcs[r->ndcs++].factor = factor;
	return true;
}

/* Reads the map's entries; false where the strategy has no ring. */
static bool
read_entries(cql_replication *r, cql_slice value)
{
	cql_reader reader;
	uint32_t n, i;
	bool known = false;

	cql_reader_init(&reader, value.data, (size_t) value.len);
	n = cql_get_count(&reader, 8);
	for (i = 0; i < n; i++)
	{
		cql_slice key = cql_get_bytes(&reader);
		cql_slice entry = cql_get_bytes(&reader);

		if (reader.failed)
			return false;
		if (slice_is(key, "class"))
		{
			r->by_dc = slice_ends(entry, "NetworkTopologyStrategy");
			known = r->by_dc || slice_ends(entry, "SimpleStrategy");
		}
		else if (slice_is(key, "replication_factor"))
			r->factor = parse_factor(entry);
		else if (!add_dc(r, key, parse_factor(entry)))
			return false;
	}
	return known && !reader.failed;
}

cql_replication *
cql_replication_parse(const cql_env *env, cql_slice value)
{
	cql_replication *r;

	if (value.len < 0)
		return NULL;
	r = cql_alloc0(env, sizeof(cql_replication));
	if (r == NULL)
		return NULL;
	r->env = *env;
	if (!read_entries(r, value))
	{
		cql_replication_free(r);
		return NULL;
	}
	return r;
}

void
cql_replication_free(cql_replication *r)
{
	cql_env env;
	uint32_t i;

	if (r == NULL)
		return;
	env = r->env;
	for (i = 0; i < r->ndcs; i++)
		cql_free(&env, r->dcs[i].dc);
	cql_free(&env, r);
}

/* State of one walk; a walk's answer is small, so linear looks do. */
typedef struct walk
{
	const cql_tokenmap *map;
	uint32_t *nodes;
	uint32_t n;
	uint32_t max;
} walk;

static bool
has_node(const walk *w, uint32_t node)
{
	uint32_t i;

	for (i = 0; i < w->n; i++)
	{
		if (w->nodes[i] == node)
			return true;
	}
	return false;
}

static bool
same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static void
walk_simple(walk *w, uint32_t position, uint32_t factor)
{
	uint32_t i;

	for (i = 0; i < w->map->npoints && w->n < factor && w->n < w->max; i++)
	{
		uint32_t at = (position + i) % w->map->npoints;
		uint32_t node = w->map->points[at].node;

		if (!has_node(w, node))
			w->nodes[w->n++] = node;
	}
}

/* Nodes and racks of a data centre. */
static void
count_dc(const cql_tokenmap *map, const char *dc, uint32_t *nnodes,
		 uint32_t *nracks)
{
	uint32_t i, j;

	*nnodes = *nracks = 0;
	for (i = 0; i < map->nnodes; i++)
	{
		if (!same(map->nodes[i].dc, dc))
			continue;
		(*nnodes)++;
		for (j = 0; j < i; j++)
		{
			if (same(map->nodes[j].dc, dc) &&
				same(map->nodes[j].rack, map->nodes[i].rack))
				break;
		}
		if (j == i)
			(*nracks)++;
	}
}

/* One data centre's part of a NetworkTopologyStrategy walk. */
typedef struct dc_walk
{
	const char *dc;
	uint32_t want;
	uint32_t nracks; /* in the data centre */
	uint32_t seen_racks;
	uint32_t first; /* of its replicas in w->nodes */
	uint32_t skipped[MAX_REPLICAS];
	uint32_t nskipped;
} dc_walk;

static bool
rack_seen(const walk *w, const dc_walk *d, uint32_t node)
{
	uint32_t i;

	for (i = d->first; i < w->n; i++)
	{
		if (same(w->map->nodes[w->nodes[i]].rack, w->map->nodes[node].rack))
			return true;
	}
	return false;
}

static bool
dc_full(const walk *w, const dc_walk *d)
{
	return w->n - d->first >= d->want || w->n >= w->max;
}

/* Nodes passed over for their rack serve once all racks have been seen. */
static void
take_skipped(walk *w, dc_walk *d)
{
	uint32_t i;

	for (i = 0; i < d->nskipped && !dc_full(w, d); i++)
	{
		if (!has_node(w, d->skipped[i]))
			w->nodes[w->n++] = d->skipped[i];
	}
	d->nskipped = 0;
}

static void
visit(walk *w, dc_walk *d, uint32_t node)
{
	if (!same(w->map->nodes[node].dc, d->dc) || has_node(w, node))
		return;
	if (d->seen_racks < d->nracks && rack_seen(w, d, node))
	{
		if (d->nskipped < MAX_REPLICAS)
			d->skipped[d->nskipped++] = node;
		return;
	}
	if (!rack_seen(w, d, node))
		d->seen_racks++;
	w->nodes[w->n++] = node;
	if (d->seen_racks == d->nracks)
		take_skipped(w, d);
}

static void
walk_dc(walk *w, uint32_t position, const dc_factor *factor)
{
	dc_walk d;
	uint32_t nnodes, i;

	memset(&d, 0, sizeof(d));
	d.dc = factor->dc;
	d.first = w->n;
	count_dc(w->map, d.dc, &nnodes, &d.nracks);
	d.want = factor->factor < nnodes ? factor->factor : nnodes;
	for (i = 0; i < w->map->npoints && !dc_full(w, &d); i++)
	{
		uint32_t at = (position + i) % w->map->npoints;

		visit(w, &d, w->map->points[at].node);
	}
}

uint32_t
cql_replication_walk(const cql_tokenmap *map, const cql_replication *r,
					 uint32_t position, uint32_t *nodes, uint32_t max)
{
	walk w;
	uint32_t i;

	w.map = map;
	w.nodes = nodes;
	w.n = 0;
	w.max = max < MAX_REPLICAS ? max : MAX_REPLICAS;
	if (!r->by_dc)
		walk_simple(&w, position, r->factor);
	for (i = 0; r->by_dc && i < r->ndcs; i++)
		walk_dc(&w, position, &r->dcs[i]);
	return w.n;
}
