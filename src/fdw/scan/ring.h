/*
 * ring.h
 *	  Ranges of the ring as a source of requests.
 */
#ifndef CASS_RING_H
#define CASS_RING_H

#include "bind.h"

/* A range of the ring that waits for its stream. */
typedef struct CassRange
{
	cql_token_range range;
	int halved;
	bool by_rows; /* to be aggregated here */
} CassRange;

typedef struct CassRing
{
	CassRequestSource base;
	const CassBindings *bindings; /* conditions beside the range */
	const char *cql;
	CassRange *ranges; /* in the order of the ring, then halves */
	uint32 nranges;
	uint32 next;
	uint32 nsplits; /* ranges added since */
} CassRing;

/* In CurrentMemoryContext, which must be that of the bindings. */
extern void cass_ring_init(CassRing *ring, const CassBindings *bs,
						   const cql_token_range *ranges, uint32 n);
/*
 * Halves a range of which nothing has been read: the query keeps the first
 * half, the other comes last.  Each time that it takes too long (slow) costs a
 * time limit, each time that a replica gives up costs little.  False where it
 * has been done often enough.
 */
extern bool cass_ring_halve(CassRing *ring, CassQuery *query, bool slow);

#endif /* CASS_RING_H */
