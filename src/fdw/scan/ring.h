/*
 * ring.h
 *	  Ranges of the ring as a source of requests.
 */
#ifndef CASS_RING_H
#define CASS_RING_H

#include "bind.h"

#include "port/atomics.h"

/* A range of the ring that waits for its stream. */
typedef struct CassRange
{
	cql_token_range range;
	int halved;
	bool by_rows;  /* to be aggregated here */
	bool position; /* its rows come with their tokens */
} CassRange;

/* What backends that share a scan have done together. */
typedef enum CassFigure
{
	CASS_FIGURE_REQUESTS,
	CASS_FIGURE_PAGES,
	CASS_FIGURE_ROWS,
	CASS_FIGURE_BYTES,
	CASS_FIGURE_RETRIES,
	CASS_FIGURE_STREAMS,
	CASS_FIGURE_SPLITS,
	CASS_FIGURES
} CassFigure;

/*
 * The ring in pieces that the backends of a parallel scan take, one after the
 * other; in memory that they share.  Where it is not known there is one piece,
 * the whole table.
 */
typedef struct CassSharedRing
{
	int nbackends;							/* at most so many read it */
	uint32 nranges;							/* 0: the ring is not known */
	pg_atomic_uint32 next;					/* piece that nobody has taken */
	pg_atomic_uint64 received;				/* rows of all, as they come */
	pg_atomic_uint64 figures[CASS_FIGURES]; /* of workers that have ended */
	cql_token_range ranges[FLEXIBLE_ARRAY_MEMBER];
} CassSharedRing;

typedef struct CassRing
{
	CassRequestSource base;
	CassSharedRing *shared;		  /* gives further ranges, or NULL */
	const CassBindings *bindings; /* conditions beside the range */
	const char *cql;
	const char *position_cql; /* with the rows' tokens, or NULL */
	CassRange *ranges;		  /* in the order of the ring, then halves */
	uint32 nranges;
	uint32 next;
	uint32 nsplits; /* ranges added since */
} CassRing;

/* In CurrentMemoryContext, which must be that of the bindings. */
extern void cass_ring_init(CassRing *ring, const CassBindings *bs,
						   const cql_token_range *ranges, uint32 n);
/* The same of ranges that are shared. */
extern void cass_ring_init_shared(CassRing *ring, const CassBindings *bs,
								  CassSharedRing *shared);
/* Takes the next piece, its index in *i; false: none is left. */
extern bool cass_shared_ring_take(CassSharedRing *shared, uint32 *i);
/* Nobody needs more rows: no piece is left. */
extern void cass_shared_ring_stop(CassSharedRing *shared);
extern bool cass_shared_ring_is_stopped(CassSharedRing *shared);
/* All pieces are there again. */
extern void cass_shared_ring_rewind(CassSharedRing *shared);
/*
 * Begins with one query for the whole part of the ring, whose rows have their
 * tokens, so that cass_ring_cut() can be told how far it was read.
 */
extern void cass_ring_init_part(CassRing *ring, const CassBindings *bs,
								const cql_token_range *part);
/*
 * The query for the whole part ends with the token at which it is; what
 * follows are the n ranges as far as they lie behind it.  Its paging state
 * stays good: the server takes from it where to go on, and from the values
 * how far (tried on 5.0.8 and 4.1.10).
 */
extern void cass_ring_cut(CassRing *ring, CassQuery *query, int64 token,
						  const cql_token_range *ranges, uint32 n);
/*
 * Halves a range of which nothing has been read: the query keeps the first
 * half, the other comes last.  Each time that it takes too long (slow) costs a
 * time limit, each time that a replica gives up costs little.  False where it
 * has been done often enough.
 */
extern bool cass_ring_halve(CassRing *ring, CassQuery *query, bool slow);

#endif /* CASS_RING_H */
