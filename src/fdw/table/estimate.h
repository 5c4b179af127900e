/*
 * estimate.h
 *	  How large a table is, without ANALYZE.
 */
#ifndef CASS_ESTIMATE_H
#define CASS_ESTIMATE_H

#include "shape.h"

/* Guesses where Cassandra knows nothing either. */
#define CASS_GUESS_ROWS 100000.0
#define CASS_GUESS_LOCAL_ROWS 100.0 /* one node's own data */
#define CASS_GUESS_PARTITION_ROWS                                             \
	100.0 /* where there are clustering columns */

typedef struct CassEstimate
{
	double rows;
	double partitions; /* at least 1, at most rows */
	int width;		   /* of a whole row, bytes, about */
	bool width_known;  /* it was counted, not guessed by the types */
	bool known;		   /* Cassandra counted: else a guess */
} CassEstimate;

/*
 * Size of a table from system.size_estimates, read at most once a backend and
 * table and then cached; for baserel->tuples < 0 (no ANALYZE).  One short
 * request the first time; never fails for want of an answer, but may be
 * cancelled.
 */
extern void cass_estimate_table(const CassShape *shape, Oid userid,
								CassEstimate *out);

/* All are read again when they are next asked for. */
extern void cass_estimates_forget(void);

#endif /* CASS_ESTIMATE_H */
