/*
 * bound_zone.h
 *	  Offsets of a time zone; of bound_*.c only.
 */
#ifndef CASS_BOUND_ZONE_H
#define CASS_BOUND_ZONE_H

#include "bound_value.h"

/*
 * As PostgreSQL does, we take it that offsets are less than a day and change
 * at most every other day.
 */
#define CASS_MAX_OFFSETS 5

/* Microseconds that a zone's clock is ahead of UTC. */
typedef struct CassOffsets
{
	int n;
	int64 values[CASS_MAX_OFFSETS];
	int64 least;
	int64 greatest;
} CassOffsets;

/* The offsets in force within two days of an instant; zone 0: the session's */
extern void cass_zone_offsets(Datum zone, int64 us, CassOffsets *offsets);

#endif /* CASS_BOUND_ZONE_H */
