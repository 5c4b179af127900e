/*
 * bound_value.c
 *	  The values that a condition becomes, as they are collected.
 */
#include "postgres.h"

#include "bound_value.h"

#define FEW_VALUES 2 /* a power of two */

void
cass_bound_add(CassBoundValue *bound, int strategy, const void *data,
			   int32 len)
{
	uint8 *copy = palloc(Max(len, 1));

	if (bound->nvalues == 0)
		bound->values = palloc(sizeof(cql_slice) * FEW_VALUES);
	else if (bound->nvalues >= FEW_VALUES &&
			 (bound->nvalues & (bound->nvalues - 1)) == 0)
		bound->values =
			repalloc(bound->values, sizeof(cql_slice) * bound->nvalues * 2);
	if (len > 0)
		memcpy(copy, data, len);
	bound->strategy = strategy;
	bound->values[bound->nvalues].data = copy;
	bound->values[bound->nvalues++].len = len;
}
