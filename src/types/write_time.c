/*
 * write_time.c
 *	  Write times, microseconds since 1970, as timestamp with time zone.
 *
 * Called through codecs that codec.c makes for expressions on writetime().
 */
#include "codec.h"

#include "common/int.h"
#include "datatype/timestamp.h"
#include "utils/timestamp.h"

#define US_EPOCH_OFFSET                                                       \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

Datum
cass_decode_write_time(CassCodec *codec, cql_slice cell, bool *isnull)
{
	int64 us;
	int64 moved;

	cass_need_length(codec->type, cell, 8);
	us = (int64) cass_load64(cell.data);
	if (!pg_sub_s64_overflow(us, US_EPOCH_OFFSET, &moved) &&
		IS_VALID_TIMESTAMP(moved))
		return TimestampTzGetDatum(moved);
	return cass_out_of_range(
		codec, TimestampTzGetDatum(us < 0 ? DT_NOBEGIN : DT_NOEND), isnull);
}

void
cass_encode_write_time(CassCodec *codec, Datum value, StringInfo out)
{
	TimestampTz us = DatumGetTimestampTz(value);

	/* an expression is read-only, but may be compared with a parameter */
	if (TIMESTAMP_NOT_FINITE(us))
		cass_cannot_hold(codec, value);
	cass_put64(out, (uint64) (us + US_EPOCH_OFFSET));
}
