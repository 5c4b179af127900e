/*
 * timeuuid.c
 *	  SQL functions of the type timeuuid: 16 bytes, ordered as Cassandra does.
 *
 * Same bytes as uuid, so it casts to uuid without a function.  Only version 1
 * is a timeuuid.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "cass_timeuuid.h"
#include "cql.h"

PG_FUNCTION_INFO_V1(timeuuid_in);
PG_FUNCTION_INFO_V1(timeuuid_recv);
PG_FUNCTION_INFO_V1(timeuuid_from_uuid);
PG_FUNCTION_INFO_V1(timeuuid_lt);
PG_FUNCTION_INFO_V1(timeuuid_le);
PG_FUNCTION_INFO_V1(timeuuid_eq);
PG_FUNCTION_INFO_V1(timeuuid_ne);
PG_FUNCTION_INFO_V1(timeuuid_ge);
PG_FUNCTION_INFO_V1(timeuuid_gt);
PG_FUNCTION_INFO_V1(timeuuid_cmp);
PG_FUNCTION_INFO_V1(timeuuid_hash);
PG_FUNCTION_INFO_V1(timeuuid_hash_extended);
PG_FUNCTION_INFO_V1(timeuuid_smaller);
PG_FUNCTION_INFO_V1(timeuuid_larger);
PG_FUNCTION_INFO_V1(timeuuid_timestamp);
PG_FUNCTION_INFO_V1(min_timeuuid);
PG_FUNCTION_INFO_V1(max_timeuuid);
PG_FUNCTION_INFO_V1(generate_timeuuid);

/* Lets version 1 through. */
static Datum
checked(pg_uuid_t *uuid)
{
	if ((uuid->data[6] >> 4) != 1)
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("uuid \"%s\" is not a timeuuid",
					DatumGetCString(
						DirectFunctionCall1(uuid_out, UUIDPGetDatum(uuid)))),
			 errdetail(
				 "A timeuuid is a uuid of version 1; this one has version %d.",
				 uuid->data[6] >> 4)));
	return UUIDPGetDatum(uuid);
}

Datum
timeuuid_in(PG_FUNCTION_ARGS)
{
	return checked(
		DatumGetUUIDP(DirectFunctionCall1(uuid_in, PG_GETARG_DATUM(0))));
}

Datum
timeuuid_recv(PG_FUNCTION_ARGS)
{
	return checked(
		DatumGetUUIDP(DirectFunctionCall1(uuid_recv, PG_GETARG_DATUM(0))));
}

Datum
timeuuid_from_uuid(PG_FUNCTION_ARGS)
{
	return checked(PG_GETARG_UUID_P(0));
}

static int
compare(FunctionCallInfo fcinfo)
{
	static const cql_type type = {.id = CQL_TYPE_TIMEUUID};
	cql_slice a = {PG_GETARG_UUID_P(0)->data, UUID_LEN};
	cql_slice b = {PG_GETARG_UUID_P(1)->data, UUID_LEN};

	return cql_compare(&type, a, b);
}

Datum
timeuuid_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

Datum
timeuuid_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

Datum
timeuuid_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

Datum
timeuuid_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

Datum
timeuuid_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

Datum
timeuuid_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}

Datum
timeuuid_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

Datum
timeuuid_hash(PG_FUNCTION_ARGS)
{
	return hash_any(PG_GETARG_UUID_P(0)->data, UUID_LEN);
}

Datum
timeuuid_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended(PG_GETARG_UUID_P(0)->data, UUID_LEN,
							 PG_GETARG_INT64(1));
}

Datum
timeuuid_smaller(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(PG_GETARG_DATUM(compare(fcinfo) <= 0 ? 0 : 1));
}

Datum
timeuuid_larger(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(PG_GETARG_DATUM(compare(fcinfo) >= 0 ? 0 : 1));
}

/* Instant of a timeuuid; what is below a microsecond is cut off. */
Datum
timeuuid_timestamp(PG_FUNCTION_ARGS)
{
	const unsigned char *p = PG_GETARG_UUID_P(0)->data;
	uint32 low;
	uint16 middle, high;
	int64 ticks;

	memcpy(&low, p, 4);
	memcpy(&middle, p + 4, 2);
	memcpy(&high, p + 6, 2);
	ticks = ((int64) (pg_ntoh16(high) & 0x0fff) << 48) |
			((int64) pg_ntoh16(middle) << 32) | pg_ntoh32(low);
	ticks -= CASS_TICKS_TO_2000;
	PG_RETURN_TIMESTAMPTZ(ticks >= 0 ? ticks / 10 : -((9 - ticks) / 10));
}

/* A timeuuid of these ticks since 1582 and low eight bytes. */
static Datum
make_timeuuid(int64 ticks, uint64 rest)
{
	pg_uuid_t *uuid = palloc(sizeof(pg_uuid_t));

	cass_timeuuid_make(ticks, rest, uuid->data);
	return UUIDPGetDatum(uuid);
}

/* Ticks of the first timeuuid of a microsecond. */
static int64
ticks_of(TimestampTz us)
{
	int64 first = -CASS_TICKS_TO_2000 / 10;
	int64 last = (CASS_MAX_TICKS - CASS_TICKS_TO_2000) / 10 - 1;

	if (TIMESTAMP_NOT_FINITE(us) || us < first || us > last)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range for a timeuuid"),
				 errdetail("Timeuuids lie between the years 1582 and 5236.")));
	return us * 10 + CASS_TICKS_TO_2000;
}

/* Least timeuuid of the microsecond: the low bytes compare as signed ones. */
Datum
min_timeuuid(PG_FUNCTION_ARGS)
{
	return make_timeuuid(ticks_of(PG_GETARG_TIMESTAMPTZ(0)), CASS_LEAST_LOW);
}

Datum
max_timeuuid(PG_FUNCTION_ARGS)
{
	return make_timeuuid(ticks_of(PG_GETARG_TIMESTAMPTZ(0)) + 9,
						 CASS_GREATEST_LOW);
}

/* A new one: time strictly increasing in the backend, random node. */
Datum
generate_timeuuid(PG_FUNCTION_ARGS)
{
	static int64 last = 0;
	int64 ticks = ticks_of(GetCurrentTimestamp());
	uint64 rest;

	if (!pg_strong_random(&rest, sizeof(rest)))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("could not generate random values")));
	last = Max(ticks, last + 1);
	/* RFC 4122 variant; multicast bit: no real network address */
	rest = (rest & UINT64CONST(0x3fffffffffffffff)) |
		   UINT64CONST(0x8000000000000000) | UINT64CONST(0x0000010000000000);
	return make_timeuuid(last, rest);
}
