/*
 * bound_value.c
 *	  A condition's value in the column's encoding, its operator adjusted.
 *
 * A value beyond the column's range becomes the nearest bound, or makes the
 * condition false; it is never sent.
 */
#include "postgres.h"

#include <sys/socket.h>

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/inet.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "bound_value.h"
#include "pgcompat.h"

/* Days and milliseconds from 1970 to 2000. */
#define EPOCH_DAYS (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_MS (EPOCH_DAYS * INT64CONST(86400000))

static cql_slice
copy_bytes(const void *data, int32 len)
{
	cql_slice slice;
	uint8 *copy = palloc(Max(len, 1));

	memcpy(copy, data, len);
	slice.data = copy;
	slice.len = len;
	return slice;
}

static void
set_value(CassBoundValue *bound, int strategy, const void *data, int32 len)
{
	bound->strategy = strategy;
	bound->nvalues = 1;
	bound->values[0] = copy_bytes(data, len);
}

/* Big-endian integer of width bytes. */
static void
set_integer(CassBoundValue *bound, int strategy, int64 v, int width)
{
	uint64 wire = pg_hton64((uint64) v);

	set_value(bound, strategy, (char *) &wire + 8 - width, width);
}

static bool
is_upper(int strategy)
{
	return strategy == BTLessStrategyNumber ||
		   strategy == BTLessEqualStrategyNumber;
}

/*
 * Integer column of width bytes; above and below tell of values beyond int64
 * (infinities).  The value is clamped into the column's range.
 */
static bool
integer_bound(int strategy, int64 v, int beyond, int width,
			  CassBoundValue *bound)
{
	int64 max =
		width == 8 ? PG_INT64_MAX : (INT64CONST(1) << (width * 8 - 1)) - 1;
	int64 min = -max - 1;
	bool above = beyond > 0 || (beyond == 0 && v > max);
	bool below = beyond < 0 || (beyond == 0 && v < min);

	if (above || below)
	{
		if (strategy == BTEqualStrategyNumber ||
			(above ? !is_upper(strategy) : is_upper(strategy)))
			return false;
		strategy =
			above ? BTLessEqualStrategyNumber : BTGreaterEqualStrategyNumber;
		v = above ? max : min;
	}
	set_integer(bound, strategy, v, width);
	return true;
}

static int64
get_integer(Oid valtype, Datum value)
{
	switch (valtype)
	{
		case INT2OID:
			return DatumGetInt16(value);
		case INT4OID:
			return DatumGetInt32(value);
		default:
			return DatumGetInt64(value);
	}
}

/* Microseconds since 2000 against milliseconds since 1970. */
static bool
timestamp_bound(int strategy, TimestampTz us, CassBoundValue *bound)
{
	int64 ms;
	bool between;

	if (TIMESTAMP_NOT_FINITE(us))
		return integer_bound(strategy, 0, TIMESTAMP_IS_NOEND(us) ? 1 : -1, 8,
							 bound);
	ms = us / 1000;
	if (us % 1000 < 0)
		ms--;
	between = us % 1000 != 0;
	ms += EPOCH_MS;
	if (between)
	{
		/* values in between lie after the millisecond below */
		if (strategy == BTEqualStrategyNumber)
			return false;
		strategy = is_upper(strategy) ? BTLessEqualStrategyNumber
									  : BTGreaterStrategyNumber;
	}
	return integer_bound(strategy, ms, 0, 8, bound);
}

/* CQL date: unsigned days with 1970-01-01 in the middle. */
static bool
date_bound(int strategy, DateADT date, CassBoundValue *bound)
{
	int beyond = DATE_IS_NOEND(date) ? 1 : DATE_IS_NOBEGIN(date) ? -1 : 0;

	if (!integer_bound(strategy, (int64) date + EPOCH_DAYS, beyond, 4, bound))
		return false;
	((uint8 *) bound->values[0].data)[0] ^= 0x80;
	return true;
}

static void
set_float(CassBoundValue *bound, int strategy, int i, double v, int width)
{
	float f = (float) v;
	uint64 bits64;
	uint32 bits32;

	bound->strategy = strategy;
	bound->nvalues = i + 1;
	if (width == 8)
	{
		memcpy(&bits64, &v, 8);
		bits64 = pg_hton64(bits64);
		bound->values[i] = copy_bytes(&bits64, 8);
	}
	else
	{
		memcpy(&bits32, &f, 4);
		bits32 = pg_hton32(bits32);
		bound->values[i] = copy_bytes(&bits32, 4);
	}
}

/* -0.0 and 0.0 are two values to Cassandra, in this order. */
static bool
float_bound(int strategy, double v, int width, CassBoundValue *bound)
{
	if (v != 0.0)
		set_float(bound, strategy, 0, v, width);
	else if (strategy == BTEqualStrategyNumber)
	{
		set_float(bound, strategy, 0, -0.0, width);
		set_float(bound, strategy, 1, 0.0, width);
	}
	else if (strategy == BTLessStrategyNumber ||
			 strategy == BTGreaterEqualStrategyNumber)
		set_float(bound, strategy, 0, -0.0, width);
	else
		set_float(bound, strategy, 0, 0.0, width);
	return true;
}

static bool
text_bound(int strategy, Datum value, bool ascii, CassBoundValue *bound)
{
	text *t = DatumGetTextPP(value);
	int len = VARSIZE_ANY_EXHDR(t);
	char *utf8 = pg_server_to_any(VARDATA_ANY(t), len, PG_UTF8);
	int i;

	if (utf8 != VARDATA_ANY(t))
		len = strlen(utf8);
	/* ranges of ascii columns are not pushed: only equality comes here */
	for (i = 0; ascii && i < len; i++)
	{
		if (utf8[i] & 0x80)
			return false;
	}
	set_value(bound, strategy, utf8, len);
	return true;
}

/* A column's addresses are hosts: one with a shorter mask equals none. */
static bool
inet_bound(Datum value, CassBoundValue *bound)
{
	inet *address = DatumGetInetPP(value);

	if (ip_bits(address) != ip_maxbits(address))
		return false;
	set_value(bound, BTEqualStrategyNumber, ip_addr(address),
			  ip_addrsize(address));
	return true;
}

static bool
uuid_bound(int strategy, Datum value, bool timeuuid, CassBoundValue *bound)
{
	pg_uuid_t *uuid = DatumGetUUIDP(value);

	if (timeuuid && (uuid->data[6] >> 4) != 1)
		return false;
	set_value(bound, strategy, uuid->data, UUID_LEN);
	return true;
}

bool
cass_bound_value(CassCodec *codec, int strategy, Oid valtype, Datum value,
				 CassBoundValue *bound)
{
	bytea *bytes;
	uint8 flag;

	switch (cass_codec_type(codec)->id)
	{
		case CQL_TYPE_TINYINT:
			return integer_bound(strategy, get_integer(valtype, value), 0, 1,
								 bound);
		case CQL_TYPE_SMALLINT:
			return integer_bound(strategy, get_integer(valtype, value), 0, 2,
								 bound);
		case CQL_TYPE_INT:
			return integer_bound(strategy, get_integer(valtype, value), 0, 4,
								 bound);
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
			return integer_bound(strategy, get_integer(valtype, value), 0, 8,
								 bound);
		case CQL_TYPE_TIMESTAMP:
			return timestamp_bound(strategy, DatumGetTimestampTz(value),
								   bound);
		case CQL_TYPE_DATE:
			return date_bound(strategy, DatumGetDateADT(value), bound);
		case CQL_TYPE_FLOAT:
			return float_bound(strategy, DatumGetFloat4(value), 4, bound);
		case CQL_TYPE_DOUBLE:
			return float_bound(strategy, DatumGetFloat8(value), 8, bound);
		case CQL_TYPE_TEXT:
		case CQL_TYPE_ASCII:
			return text_bound(strategy, value,
							  cass_codec_type(codec)->id == CQL_TYPE_ASCII,
							  bound);
		case CQL_TYPE_BLOB:
			bytes = DatumGetByteaPP(value);
			set_value(bound, strategy, VARDATA_ANY(bytes),
					  VARSIZE_ANY_EXHDR(bytes));
			return true;
		case CQL_TYPE_BOOLEAN:
			flag = DatumGetBool(value) ? 1 : 0;
			set_value(bound, strategy, &flag, 1);
			return true;
		case CQL_TYPE_INET:
			return inet_bound(value, bound);
		case CQL_TYPE_UUID:
			return uuid_bound(strategy, value, false, bound);
		case CQL_TYPE_TIMEUUID:
			return uuid_bound(strategy, value, true, bound);
		default:
			elog(ERROR, "no bound can be made for CQL type %d",
				 (int) cass_codec_type(codec)->id);
	}
}
