/*
 * bound_value.h
 *	  A condition's value in the column's encoding; of bound*.c only.
 */
#ifndef CASS_BOUND_VALUE_H
#define CASS_BOUND_VALUE_H

#include "access/stratnum.h"

#include "cass_bound.h"
#include "codec.h"

/* Beside btree's five: what a condition may become. */
#define CASS_BETWEEN (-1)	/* values[0] <= column <= values[1] */
#define CASS_ANY_VALUE (-2) /* every value, but not null */

/*
 * "column strategy value" as CQL must say it: equality may need several values
 * (0.0 and -0.0, integers that are one float).  The array is palloc'ed as
 * values are added; it begins with nvalues = 0.
 */
typedef struct CassBoundValue
{
	int strategy;
	int nvalues;
	cql_slice *values;
} CassBoundValue;

static inline bool
cass_is_upper(int strategy)
{
	return strategy == BTLessStrategyNumber ||
		   strategy == BTLessEqualStrategyNumber;
}

/* Sets the strategy and adds a copy of the bytes to the values. */
extern void cass_bound_add(CassBoundValue *bound, int strategy,
						   const void *data, int32 len);

/*
 * Of a value that is no value of the column but lies above all that are not
 * greater ("between" two): the strategy for the value below.  False for
 * equality.
 */
static inline bool
cass_round_down(int *strategy)
{
	if (*strategy == BTEqualStrategyNumber)
		return false;
	*strategy = cass_is_upper(*strategy) ? BTLessEqualStrategyNumber
										 : BTGreaterStrategyNumber;
	return true;
}

/* ---- bound_type.c ---- */

/*
 * Translates; bytes are palloc'ed in CurrentMemoryContext.  False when no cell
 * can satisfy the condition.
 */
extern bool cass_bound_value(CassCodec *codec, int strategy, Oid valtype,
							 Datum value, CassBoundValue *bound);

/* ---- bound_number.c ---- */

/*
 * Big-endian integer of width bytes in the range min to max, into which v is
 * clamped; beyond is positive or negative for values outside int64, which are
 * infinity included.
 */
extern bool cass_integer_bound(int strategy, int64 v, int beyond, int64 min,
							   int64 max, int width, CassBoundValue *bound);
extern bool cass_number_bound(CassCodec *codec, int strategy, Oid valtype,
							  Datum value, CassBoundValue *bound);
extern bool cass_float_bound(CassCodec *codec, int strategy, Oid valtype,
							 Datum value, CassBoundValue *bound);

/* ---- bound_time.c ---- */

extern bool cass_timestamp_bound(CassCodec *codec, int strategy, Oid valtype,
								 Datum value, CassBoundValue *bound);
extern bool cass_date_bound(CassCodec *codec, int strategy, Oid valtype,
							Datum value, CassBoundValue *bound);
extern bool cass_time_bound(CassCodec *codec, int strategy, Datum value,
							CassBoundValue *bound);
/* timeuuid_timestamp(column) strategy value */
extern bool cass_timeuuid_time_bound(int strategy, Oid valtype, Datum value,
									 CassBoundValue *bound);
/*
 * A date or timestamp of either kind as microseconds since 2000: of UTC
 * (instant), by the session's time zone where the value has none, else of the
 * value's own clock; *beyond as for cass_integer_bound().
 */
extern int64 cass_time_value(Oid valtype, Datum value, bool instant,
							 int *beyond);

/* ---- bound_text.c ---- */

extern bool cass_text_bound(CassCodec *codec, int strategy, Oid valtype,
							Datum value, CassBoundValue *bound);
/* Strings that begin with a text; lower and upper as far as there are. */
extern bool cass_prefix_bound(CassCodec *codec, Datum prefix,
							  CassBoundValue *lower, CassBoundValue *upper);

/*
 * ---- bound_spelling.c: a text that is compared with the column as text;
 * false where no value of the type is spelled so. ----
 */

extern bool cass_spelled_integer(Datum value, int64 *v);
extern bool cass_spelled_uuid(Datum value, uint8 *bytes);
extern bool cass_spelled_inet(Datum value, Datum *address);

/* ---- bound_array.c ---- */

extern bool cass_array_bound(CassCodec *codec, int strategy, Datum value,
							 CassBoundValue *bound);

/* ---- bound_container.c ---- */

/* All spellings of a value, as points. */
extern bool cass_container_bound(CassCodec *codec, Datum value,
								 CassBoundValue *bound);

/* ---- exactness.c ---- */

/* cass_bound_exactness() of a value of the column's own type. */
extern CassExactness cass_own_exactness(const CassCodec *codec,
										CassPlace place, int strategy,
										Oid opfamily, Oid collation,
										const char **reason);

#endif /* CASS_BOUND_VALUE_H */
