/*
 * bound_time.c
 *	  Instants, days and times of conditions in the encoding of CQL's types.
 *
 * A CQL timestamp is coarser than PostgreSQL's, a CQL time finer: conditions
 * on the first are rounded, on the second "=" becomes a range.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "utils/date.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "bound_zone.h"
#include "cass_timeuuid.h"

/* Days and milliseconds from 1970 to 2000. */
#define EPOCH_DAYS (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_MS (EPOCH_DAYS * INT64CONST(86400000))
#define US_PER_MS 1000
#define NS_PER_US 1000
/* Greatest distance of a CQL date from 1970. */
#define MAX_DAYS ((int64) PG_INT32_MAX)

/* Quotient towards the past. */
static int64
floor_divide(int64 v, int64 divisor)
{
	return v / divisor - (v % divisor < 0 ? 1 : 0);
}

static int
infinite_side(Timestamp us)
{
	return TIMESTAMP_IS_NOEND(us) ? 1 : TIMESTAMP_IS_NOBEGIN(us) ? -1 : 0;
}

int64
cass_time_value(Oid valtype, Datum value, bool instant, int *beyond)
{
	int64 us;

	*beyond = 0;
	if (valtype == DATEOID)
		us =
			instant
				? date2timestamptz_opt_overflow(DatumGetDateADT(value), beyond)
				: date2timestamp_opt_overflow(DatumGetDateADT(value), beyond);
	else if (valtype == TIMESTAMPOID && instant)
		us = timestamp2timestamptz_opt_overflow(DatumGetTimestamp(value),
												beyond);
	else
		us = DatumGetTimestamp(value);
	if (*beyond == 0)
		*beyond = infinite_side(us);
	return us;
}

/* A condition of the column's own kind: dates compare with clocks. */
static bool
clock_bound(CassCodec *codec, int strategy, int64 us, CassBoundValue *bound)
{
	Datum value = TimestampGetDatum(us);

	if (codec->type->id == CQL_TYPE_DATE)
		return cass_date_bound(codec, strategy, TIMESTAMPOID, value, bound);
	return cass_timestamp_bound(codec, strategy, TIMESTAMPOID, value, bound);
}

/* column strategy instant, of a column of dates or of timestamps without zone
 */
static bool
local_bound(CassCodec *codec, int strategy, int64 us, CassBoundValue *bound)
{
	CassOffsets offsets;
	int i;

	if (TIMESTAMP_NOT_FINITE(us))
		return clock_bound(codec, strategy, us, bound);
	cass_zone_offsets(0, us, &offsets);
	if (strategy != BTEqualStrategyNumber)
		return clock_bound(
			codec,
			cass_is_upper(strategy) ? BTLessEqualStrategyNumber
									: BTGreaterEqualStrategyNumber,
			us + (cass_is_upper(strategy) ? offsets.greatest : offsets.least),
			bound);
	for (i = 0; i < offsets.n; i++)
	{
		int64 clock = us + offsets.values[i];
		int overflow;

		if (IS_VALID_TIMESTAMP(clock) &&
			timestamp2timestamptz_opt_overflow(clock, &overflow) == us)
			(void) clock_bound(codec, strategy, clock, bound);
	}
	return bound->nvalues > 0;
}

/* Microseconds since 2000 against milliseconds since 1970. */
bool
cass_timestamp_bound(CassCodec *codec, int strategy, Oid valtype, Datum value,
					 CassBoundValue *bound)
{
	bool instant = codec->basetype == TIMESTAMPTZOID;
	int64 us;
	int64 ms = 0;
	int beyond;

	if (valtype == TIMESTAMPTZOID && !instant)
		return local_bound(codec, strategy, DatumGetTimestampTz(value), bound);
	us = cass_time_value(valtype, value, instant, &beyond);
	if (beyond == 0)
	{
		ms = floor_divide(us, US_PER_MS) + EPOCH_MS;
		if (us % US_PER_MS != 0 && !cass_round_down(&strategy))
			return false;
	}
	return cass_integer_bound(strategy, ms, beyond, PG_INT64_MIN, PG_INT64_MAX,
							  8, bound);
}

/* CQL date: unsigned days with 1970-01-01 in the middle. */
bool
cass_date_bound(CassCodec *codec, int strategy, Oid valtype, Datum value,
				CassBoundValue *bound)
{
	int beyond;
	int64 days;

	if (valtype == TIMESTAMPTZOID)
		return local_bound(codec, strategy, DatumGetTimestampTz(value), bound);
	if (valtype == TIMESTAMPOID)
	{
		Timestamp us = DatumGetTimestamp(value);

		beyond = infinite_side(us);
		days = floor_divide(us, USECS_PER_DAY);
		if (beyond == 0 && us % USECS_PER_DAY != 0 &&
			!cass_round_down(&strategy))
			return false;
	}
	else
	{
		DateADT date = DatumGetDateADT(value);

		beyond = DATE_IS_NOEND(date) ? 1 : DATE_IS_NOBEGIN(date) ? -1 : 0;
		days = date;
	}
	if (!cass_integer_bound(strategy, days + EPOCH_DAYS, beyond, -MAX_DAYS - 1,
							MAX_DAYS, 4, bound))
		return false;
	((uint8 *) unconstify(uint8 *,
						  bound->values[bound->nvalues - 1].data))[0] ^= 0x80;
	return true;
}

/*
 * Nanoseconds of the day.  A microsecond of PostgreSQL's time is a thousand of
 * them, and 24:00 is after all of them.
 */
bool
cass_time_bound(CassCodec *codec, int strategy, Datum value,
				CassBoundValue *bound)
{
	int64 last = CASS_NS_PER_DAY - 1;
	int64 first;

	if (codec->basetype == INT8OID)
		return cass_integer_bound(strategy, DatumGetInt64(value), 0, 0, last,
								  8, bound);
	first = DatumGetTimeADT(value) * NS_PER_US;
	if (strategy == BTEqualStrategyNumber)
	{
		if (first > last)
			return false;
		cass_integer_bound(BTGreaterEqualStrategyNumber, first, 0, 0, last, 8,
						   bound);
		first += NS_PER_US - 1;
		return cass_integer_bound(CASS_BETWEEN, first, 0, 0, last, 8, bound);
	}
	if (strategy == BTLessEqualStrategyNumber ||
		strategy == BTGreaterStrategyNumber)
		first += NS_PER_US - 1;
	return cass_integer_bound(strategy, first, 0, 0, last, 8, bound);
}

void
cass_timeuuid_make(int64 ticks, uint64 low, uint8 bytes[UUID_LEN])
{
	uint32 time_low = pg_hton32((uint32) ticks);
	uint16 time_mid = pg_hton16((uint16) (ticks >> 32));
	uint16 time_high = pg_hton16((uint16) (((ticks >> 48) & 0x0fff) | 0x1000));

	low = pg_hton64(low);
	memcpy(bytes, &time_low, 4);
	memcpy(bytes + 4, &time_mid, 2);
	memcpy(bytes + 6, &time_high, 2);
	memcpy(bytes + 8, &low, 8);
}

static void
add_timeuuid(CassBoundValue *bound, int strategy, int64 ticks, uint64 low)
{
	uint8 bytes[UUID_LEN];

	cass_timeuuid_make(ticks, low, bytes);
	cass_bound_add(bound, strategy, bytes, UUID_LEN);
}

/* Whether an instant lies after (1), before (-1) or among timeuuids' times. */
static int
beyond_timeuuids(TimestampTz us)
{
	int64 first = floor_divide(-CASS_TICKS_TO_2000, CASS_TICKS_PER_US);
	int64 last =
		floor_divide(CASS_MAX_TICKS - CASS_TICKS_TO_2000, CASS_TICKS_PER_US);

	if (TIMESTAMP_IS_NOBEGIN(us) || us < first)
		return -1;
	return TIMESTAMP_IS_NOEND(us) || us > last ? 1 : 0;
}

bool
cass_timeuuid_time_bound(int strategy, Oid valtype, Datum value,
						 CassBoundValue *bound)
{
	int beyond;
	TimestampTz us = cass_time_value(valtype, value, true, &beyond);
	int64 first, last;

	if (beyond == 0)
		beyond = beyond_timeuuids(us);
	if (beyond != 0)
	{
		if (strategy == BTEqualStrategyNumber ||
			cass_is_upper(strategy) != (beyond > 0))
			return false;
		first = 0;
		last = CASS_MAX_TICKS;
		strategy = beyond > 0 ? BTLessEqualStrategyNumber
							  : BTGreaterEqualStrategyNumber;
	}
	else
	{
		first = Max(us * CASS_TICKS_PER_US + CASS_TICKS_TO_2000, 0);
		last = Min(us * CASS_TICKS_PER_US + CASS_TICKS_TO_2000 +
					   CASS_TICKS_PER_US - 1,
				   CASS_MAX_TICKS);
	}
	switch (strategy)
	{
		case BTLessStrategyNumber:
		case BTGreaterEqualStrategyNumber:
			add_timeuuid(bound, strategy, first, CASS_LEAST_LOW);
			break;
		case BTLessEqualStrategyNumber:
		case BTGreaterStrategyNumber:
			add_timeuuid(bound, strategy, last, CASS_GREATEST_LOW);
			break;
		default:
			add_timeuuid(bound, CASS_BETWEEN, first, CASS_LEAST_LOW);
			add_timeuuid(bound, CASS_BETWEEN, last, CASS_GREATEST_LOW);
			break;
	}
	return true;
}
