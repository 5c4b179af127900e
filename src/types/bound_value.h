/*
 * bound_value.h
 *	  A condition's value in the column's encoding; of bound.c only.
 */
#ifndef CASS_BOUND_VALUE_H
#define CASS_BOUND_VALUE_H

#include "cass_bound.h"

#define CASS_BOUND_MAX_VALUES 2 /* 0.0 and -0.0 */

/* "column strategy value" as CQL must say it: equality may need two values. */
typedef struct CassBoundValue
{
	int strategy;
	int nvalues;
	cql_slice values[CASS_BOUND_MAX_VALUES];
} CassBoundValue;

/*
 * Translates; bytes are palloc'ed in CurrentMemoryContext.  False when no cell
 * can satisfy the condition.
 */
extern bool cass_bound_value(CassCodec *codec, int strategy, Oid valtype,
							 Datum value, CassBoundValue *bound);

#endif /* CASS_BOUND_VALUE_H */
