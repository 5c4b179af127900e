/*
 * bound_zone.c
 *	  Offsets of time zones.
 *
 * A clock that is set back shows times twice, one that is set forward leaves
 * some out, and PostgreSQL takes these for later ones.  So which of a column's
 * clocks stand for an instant is found by trying the offsets around it.
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "bound_zone.h"

static int64
offset_at(Datum zone, int64 us)
{
	Datum instant, clock;

	us = Min(Max(us, MIN_TIMESTAMP + USECS_PER_DAY),
			 END_TIMESTAMP - USECS_PER_DAY - 1);
	instant = TimestampTzGetDatum(us);
	clock = zone == 0 ? DirectFunctionCall1(timestamptz_timestamp, instant)
					  : DirectFunctionCall2(timestamptz_zone, zone, instant);
	return DatumGetTimestamp(clock) - us;
}

void
cass_zone_offsets(Datum zone, int64 us, CassOffsets *offsets)
{
	int day;
	int i;

	offsets->n = 0;
	/* far from where a day more could be too much */
	us = Min(Max(us, MIN_TIMESTAMP), END_TIMESTAMP);
	for (day = -2; day <= 2; day++)
	{
		int64 offset = offset_at(zone, us + day * USECS_PER_DAY);

		for (i = 0; i < offsets->n && offsets->values[i] != offset; i++)
			;
		if (i == offsets->n)
			offsets->values[offsets->n++] = offset;
	}
	offsets->least = offsets->greatest = offsets->values[0];
	for (i = 1; i < offsets->n; i++)
	{
		offsets->least = Min(offsets->least, offsets->values[i]);
		offsets->greatest = Max(offsets->greatest, offsets->values[i]);
	}
}
