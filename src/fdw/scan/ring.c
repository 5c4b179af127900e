/*
 * ring.c
 *	  Ranges of the ring as a source of requests.
 */
#include "ring.h"

#define MAX_SPLITS 1024		 /* ranges added when ranges time out */
#define MAX_HALVED 3		 /* times a range that times out is halved */
#define MAX_HALVED_FAILED 20 /* one that a replica gives up */
#define STOPPED PG_INT32_MAX /* next of a shared ring: far from wrapping */

/* ---- pieces that are shared ---- */

bool
cass_shared_ring_take(CassSharedRing *shared, uint32 *i)
{
	uint32 n = Max(shared->nranges, 1);

	/* not counted on and on by those who ask in vain */
	if (pg_atomic_read_u32(&shared->next) >= n)
		return false;
	*i = pg_atomic_fetch_add_u32(&shared->next, 1);
	return *i < n;
}

void
cass_shared_ring_stop(CassSharedRing *shared)
{
	pg_atomic_write_u32(&shared->next, STOPPED);
}

bool
cass_shared_ring_is_stopped(CassSharedRing *shared)
{
	return pg_atomic_read_u32(&shared->next) >= STOPPED;
}

void
cass_shared_ring_rewind(CassSharedRing *shared)
{
	pg_atomic_write_u32(&shared->next, 0);
}

/* ---- the source ---- */

/* Values of a query that reads a token range beside fixed conditions. */
static void
bind_range(const CassRing *ring, CassQuery *query)
{
	const CassBindings *bs = ring->bindings;

	cass_bind_fixed(bs, query);
	cass_bind_token(bs, query, query->range.start);
	cass_bind_token(bs, query, query->range.end);
	if (bs->limit > 0)
		cass_bind_limit(bs, query, bs->limit);
	query->cql = query->position ? ring->position_cql : ring->cql;
	query->has_range = true;
}

static bool
next_range(CassRequestSource *source, CassQuery *query)
{
	CassRing *ring = (CassRing *) source;
	const CassRange *next;
	uint32 i;

	if (ring->next < ring->nranges)
	{
		next = &ring->ranges[ring->next++];
		query->range = next->range;
		query->halved = next->halved;
		query->by_rows = next->by_rows;
		query->position = next->position;
	}
	else if (ring->shared != NULL && cass_shared_ring_take(ring->shared, &i))
		query->range = ring->shared->ranges[i];
	else
		return false;
	bind_range(ring, query);
	return true;
}

static int
count_ranges(const CassRequestSource *source)
{
	const CassRing *ring = (const CassRing *) source;

	return (int) (ring->shared != NULL ? ring->shared->nranges
									   : ring->nranges);
}

static void
rewind_ring(CassRequestSource *source)
{
	((CassRing *) source)->next = 0;
}

/* Halves have room behind the ranges. */
static void
set_ranges(CassRing *ring, const cql_token_range *ranges, uint32 n)
{
	uint32 i;

	ring->ranges = MemoryContextAllocZero(
		ring->bindings->context, sizeof(CassRange) * (n + MAX_SPLITS));
	for (i = 0; i < n; i++)
		ring->ranges[i].range = ranges[i];
	ring->nranges = n;
	ring->next = 0;
}

void
cass_ring_init(CassRing *ring, const CassBindings *bs,
			   const cql_token_range *ranges, uint32 n)
{
	memset(ring, 0, sizeof(*ring));
	ring->base.next = next_range;
	ring->base.count = count_ranges;
	ring->base.rewind = rewind_ring;
	ring->bindings = bs;
	ring->cql = cass_bind_text(bs, bs->plan, CASS_TEXT_RANGE);
	set_ranges(ring, ranges, n);
}

void
cass_ring_init_shared(CassRing *ring, const CassBindings *bs,
					  CassSharedRing *shared)
{
	cass_ring_init(ring, bs, NULL, 0);
	ring->shared = shared;
}

void
cass_ring_init_part(CassRing *ring, const CassBindings *bs,
					const cql_token_range *part)
{
	cass_ring_init(ring, bs, part, 1);
	ring->position_cql = cass_bind_text(bs, bs->plan, CASS_TEXT_POSITION);
	ring->ranges[0].position = true;
}

void
cass_ring_cut(CassRing *ring, CassQuery *query, int64 token,
			  const cql_token_range *ranges, uint32 n)
{
	uint32 first = 0;

	while (first < n && ranges[first].end <= token)
		first++;
	set_ranges(ring, ranges + first, n - first);
	if (ring->nranges > 0)
		ring->ranges[0].range.start = Max(ring->ranges[0].range.start, token);
	query->range.end = token;
	bind_range(ring, query);
}

bool
cass_ring_halve(CassRing *ring, CassQuery *query, bool slow)
{
	uint64 width = (uint64) query->range.end - (uint64) query->range.start;
	CassRange *half;

	if (!query->has_range || width < 2 || ring->nsplits >= MAX_SPLITS ||
		query->halved >= (slow ? MAX_HALVED : MAX_HALVED_FAILED))
		return false;
	half = &ring->ranges[ring->nranges++];
	half->range.start = query->range.start + (int64) (width / 2);
	half->range.end = query->range.end;
	half->halved = ++query->halved;
	half->by_rows = query->by_rows;
	half->position = query->position;
	ring->nsplits++;
	query->range.end = half->range.start;
	bind_range(ring, query);
	return true;
}
