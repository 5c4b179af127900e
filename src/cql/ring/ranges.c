/*
 * ranges.c
 *	  The ring in pieces, for scans that read several at a time.
 *
 * A ring of few tokens is cut where its owners change, and the larger parts
 * once more.  Of a ring of many tokens each piece holds several owners' parts:
 * it costs the node that is asked a few questions to others, and the client
 * far fewer requests.
 */
#include "tokenmap_int.h"

/*
 * The data centre whose copies tell neighbours apart: the first that has any;
 * ndcs where all nodes do.
 */
static uint32_t
leading_dc(const cql_placement *p)
{
	uint32_t dc = p->by_dc ? 0 : p->map->ndcs;

	while (dc < p->map->ndcs && p->dcs[dc].copies == 0)
		dc++;
	return dc;
}

/*
 * First replica of each ring position, found from the last one backwards; one
 * and the same where every node has a copy of everything.
 */
static void
first_replicas(const cql_placement *p, uint32_t *first)
{
	const cql_tokenmap *map = p->map;
	uint32_t dc = leading_dc(p);
	uint32_t last = 0;
	uint32_t i;

	if (p->copies >= map->nnodes_owning)
		return; /* all zero */
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
	uint64_t unit = UINT64_MAX / want;
	uint64_t k = width(range) / unit;

	return k < 1 ? 1 : k;
}

/* At most twice as many as wanted, as there are no more tokens than that. */
static cql_code
cut_owned(const cql_placement *p, uint32_t want, cql_token_range **ranges,
		  uint32_t *n)
{
	const cql_env *env = &p->map->env;
	cql_token_range *owned =
		cql_alloc_array(env, (size_t) p->map->npoints + 1, sizeof(*owned));
	uint32_t *first = cql_alloc_array(env, p->map->npoints, sizeof(*first));
	uint32_t nowned = 0;
	size_t total = 0;
	uint32_t i;

	if (owned != NULL && first != NULL)
	{
		first_replicas(p, first);
		nowned = owned_ranges(p->map, first, owned);
	}
	cql_free(env, first);
	for (i = 0; i < nowned; i++)
		total += share(&owned[i], want);
	if (nowned > 0)
		*ranges = cql_alloc_array(env, total, sizeof(cql_token_range));
	for (i = 0; *ranges != NULL && i < nowned; i++)
		*n += cut(&owned[i], share(&owned[i], want), *ranges + *n);
	cql_free(env, owned);
	return *ranges == NULL ? CQL_ERR_NOMEM : CQL_OK;
}

/*
 * Pieces of equal width, each end moved on to the next token of the ring where
 * that is not the next end's: as many as wanted.
 */
static cql_code
cut_evenly(const cql_tokenmap *map, uint32_t want, cql_token_range **ranges,
		   uint32_t *n)
{
	uint64_t unit = UINT64_MAX / want;
	int64_t start = INT64_MIN;
	cql_token_range *out =
		cql_alloc_array(&map->env, want, sizeof(cql_token_range));
	uint32_t i;

	if (out == NULL)
		return CQL_ERR_NOMEM;
	for (i = 1; i <= want; i++)
	{
		uint64_t even = (uint64_t) INT64_MIN + i * unit;
		int64_t end = i == want ? INT64_MAX : (int64_t) even;
		int64_t token = map->points[cql_tokenmap_position(map, end)].token;

		if (token > end && (uint64_t) token - (uint64_t) end < unit)
			end = token;
		out[i - 1].start = start;
		out[i - 1].end = end;
		start = end;
	}
	*ranges = out;
	*n = want;
	return CQL_OK;
}

cql_code
cql_placement_ranges(cql_placement *p, uint32_t want, cql_token_range **ranges,
					 uint32_t *n)
{
	*ranges = NULL;
	*n = 0;
	if (p->map->npoints == 0)
		return CQL_OK;
	if (want < 1)
		want = 1;
	if (want > TOKENMAP_MAX_RANGES)
		want = TOKENMAP_MAX_RANGES;
	return p->map->npoints > want ? cut_evenly(p->map, want, ranges, n)
								  : cut_owned(p, want, ranges, n);
}
