/*
 * temporal.c
 *	  timestamp, date, time and the result of writetime() to and from
 *	  PostgreSQL's date and time types.
 *
 * CQL: milliseconds since 1970, days with 1970-01-01 at 2^31, nanoseconds of
 * the day (protocol v5 section 6).  PostgreSQL: microseconds and days since
 * 2000, microseconds of the day.
 */
#include "codec.h"

#include "common/int.h"
#include "datatype/timestamp.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#define MS_EPOCH_OFFSET                                                       \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY * 1000)
#define US_EPOCH_OFFSET (MS_EPOCH_OFFSET * US_PER_MS)
#define CQL_DATE_EPOCH INT64CONST(2147483648) /* 1970-01-01 as CQL date */
#define US_PER_MS 1000
#define NS_PER_US 1000

/*
 * timestamptz and timestamp; the latter means UTC.  Beyond the range the
 * nearest value is infinity.
 */
Datum
cass_decode_timestamp(CassCodec *codec, cql_slice cell, bool *isnull)
{
	int64 ms;
	int64 us;

	cass_need_length(codec->type, cell, 8);
	ms = (int64) cass_load64(cell.data);
	if (likely(!pg_sub_s64_overflow(ms, MS_EPOCH_OFFSET, &us) &&
			   !pg_mul_s64_overflow(us, US_PER_MS, &us) &&
			   IS_VALID_TIMESTAMP(us)))
		return TimestampGetDatum(us);
	return cass_out_of_range(
		codec, TimestampGetDatum(ms < 0 ? DT_NOBEGIN : DT_NOEND), isnull);
}

/* Rounded to milliseconds as by a cast to timestamp(3): ties go from 2000. */
void
cass_encode_timestamp(CassCodec *codec, Datum value, StringInfo out)
{
	Timestamp us = DatumGetTimestamp(value);
	int64 ms;

	if (TIMESTAMP_NOT_FINITE(us))
		cass_cannot_hold(codec, value);
	ms = (us + (us < 0 ? -US_PER_MS / 2 : US_PER_MS / 2)) / US_PER_MS;
	if (!IS_VALID_TIMESTAMP(ms * US_PER_MS))
		cass_cannot_hold(codec, value);
	cass_put64(out, (uint64) (ms + MS_EPOCH_OFFSET));
}

Datum
cass_decode_date(CassCodec *codec, cql_slice cell, bool *isnull)
{
	int64 days;

	cass_need_length(codec->type, cell, 4);
	days = (int64) cass_load32(cell.data) - CQL_DATE_EPOCH -
		   (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE);
	if (likely(IS_VALID_DATE(days)))
		return DateADTGetDatum((DateADT) days);
	return cass_out_of_range(
		codec, DateADTGetDatum(days < 0 ? DATEVAL_NOBEGIN : DATEVAL_NOEND),
		isnull);
}

void
cass_encode_date(CassCodec *codec, Datum value, StringInfo out)
{
	DateADT days = DatumGetDateADT(value);

	if (DATE_NOT_FINITE(days))
		cass_cannot_hold(codec, value);
	/* All of PostgreSQL's dates fit. */
	cass_put32(out, (uint32) ((int64) days + CQL_DATE_EPOCH +
							  (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)));
}

/* Nanoseconds of the day; the server keeps them in range. */
static int64
read_time(CassCodec *codec, cql_slice cell)
{
	int64 ns;

	cass_need_length(codec->type, cell, 8);
	ns = (int64) cass_load64(cell.data);
	if (ns < 0 || ns >= CASS_NS_PER_DAY)
		cass_malformed(codec->type);
	return ns;
}

/* What is below a microsecond is cut off. */
Datum
cass_decode_time(CassCodec *codec, cql_slice cell, bool *isnull)
{
	return TimeADTGetDatum(read_time(codec, cell) / NS_PER_US);
}

void
cass_encode_time(CassCodec *codec, Datum value, StringInfo out)
{
	TimeADT us = DatumGetTimeADT(value);

	/* 24:00:00 is a time to PostgreSQL only. */
	if (us < 0 || us >= USECS_PER_DAY)
		cass_cannot_hold(codec, value);
	cass_put64(out, (uint64) (us * NS_PER_US));
}

Datum
cass_decode_time_int8(CassCodec *codec, cql_slice cell, bool *isnull)
{
	return Int64GetDatum(read_time(codec, cell));
}

void
cass_encode_time_int8(CassCodec *codec, Datum value, StringInfo out)
{
	int64 ns = DatumGetInt64(value);

	if (ns < 0 || ns >= CASS_NS_PER_DAY)
		cass_cannot_hold(codec, value);
	cass_put64(out, (uint64) ns);
}

/* ---- write times, microseconds since 1970 ---- */

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
