/*
 * compare.c
 *	  Order of two values as Cassandra's comparator of their type has it.
 *
 * Rules tried on a server: text and blob by unsigned bytes; uuid by version,
 * then time (version 1), then unsigned bytes; timeuuid by time, then the low
 * eight bytes as signed ones; floats with -0.0 before 0.0 and NaN last;
 * zero-length values first.  Types whose order is never relied on (decimal,
 * duration, inet, collections) are compared bytewise: that finds duplicates.
 */
#include "wire.h"

#include <math.h>
#include <string.h>

static int
compare_bytes(cql_slice a, cql_slice b)
{
	int32_t n = a.len < b.len ? a.len : b.len;
	int c = n > 0 ? memcmp(a.data, b.data, (size_t) n) : 0;

	if (c != 0)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

/* Two's complement big endian of 1 to 8 bytes. */
static int64_t
load_signed(cql_slice s)
{
	uint64_t v = (s.data[0] & 0x80) ? UINT64_MAX : 0;
	int32_t i;

	for (i = 0; i < s.len; i++)
		v = (v << 8) | s.data[i];
	return (int64_t) v;
}

static int
compare_signed(cql_slice a, cql_slice b)
{
	int64_t x = load_signed(a);
	int64_t y = load_signed(b);

	return (x > y) - (x < y);
}

static double
load_float(cql_slice s)
{
	float f;
	double d;

	if (s.len == 4)
	{
		uint32_t bits = cql_load_u32(s.data);

		memcpy(&f, &bits, sizeof(f));
		return (double) f;
	}
	else
	{
		uint64_t bits = cql_load_u64(s.data);

		memcpy(&d, &bits, sizeof(d));
		return d;
	}
}

static int
compare_floats(cql_slice a, cql_slice b)
{
	double x = load_float(a);
	double y = load_float(b);

	if (isnan(x) || isnan(y))
		return (isnan(x) != 0) - (isnan(y) != 0);
	if (x < y || x > y)
		return x < y ? -1 : 1;
	return (signbit(y) != 0) - (signbit(x) != 0);
}

/* Sign extension off: the shortest form of a two's complement number. */
static cql_slice
trim(cql_slice s)
{
	while (s.len > 1 && ((s.data[0] == 0x00 && !(s.data[1] & 0x80)) ||
						 (s.data[0] == 0xff && (s.data[1] & 0x80))))
	{
		s.data++;
		s.len--;
	}
	return s;
}

static int
compare_varints(cql_slice a, cql_slice b)
{
	bool neg_a = (a.data[0] & 0x80) != 0;
	bool neg_b = (b.data[0] & 0x80) != 0;

	if (neg_a != neg_b)
		return neg_a ? -1 : 1;
	a = trim(a);
	b = trim(b);
	if (a.len != b.len)
		return (a.len > b.len) == neg_a ? -1 : 1;
	return memcmp(a.data, b.data, (size_t) a.len);
}

/* 60-bit time of a version 1 uuid. */
static uint64_t
uuid_time(const uint8_t *p)
{
	return ((uint64_t) (cql_load_u16(p + 6) & 0x0fff) << 48) |
		   ((uint64_t) cql_load_u16(p + 4) << 32) | cql_load_u32(p);
}

static int
compare_times(cql_slice a, cql_slice b)
{
	uint64_t x = uuid_time(a.data);
	uint64_t y = uuid_time(b.data);

	return (x > y) - (x < y);
}

static int
compare_timeuuids(cql_slice a, cql_slice b)
{
	int c = compare_times(a, b);
	int i;

	for (i = 8; c == 0 && i < 16; i++)
		c = (int) (int8_t) a.data[i] - (int) (int8_t) b.data[i];
	return c;
}

static int
compare_uuids(cql_slice a, cql_slice b)
{
	int version_a = a.data[6] >> 4;
	int version_b = b.data[6] >> 4;
	int c = 0;

	if (version_a != version_b)
		return version_a - version_b;
	if (version_a == 1)
		c = compare_times(a, b);
	return c != 0 ? c : memcmp(a.data, b.data, 16);
}

/* Length that both values must have for the type's own comparison, or 0. */
static int32_t
fixed_width(cql_type_id id)
{
	switch (id)
	{
		case CQL_TYPE_TINYINT:
			return 1;
		case CQL_TYPE_SMALLINT:
			return 2;
		case CQL_TYPE_INT:
		case CQL_TYPE_FLOAT:
			return 4;
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
		case CQL_TYPE_TIMESTAMP:
		case CQL_TYPE_TIME:
		case CQL_TYPE_DOUBLE:
			return 8;
		case CQL_TYPE_UUID:
		case CQL_TYPE_TIMEUUID:
			return 16;
		default:
			return 0;
	}
}

static int
compare_same_width(cql_type_id id, cql_slice a, cql_slice b)
{
	switch (id)
	{
		case CQL_TYPE_FLOAT:
		case CQL_TYPE_DOUBLE:
			return compare_floats(a, b);
		case CQL_TYPE_UUID:
			return compare_uuids(a, b);
		case CQL_TYPE_TIMEUUID:
			return compare_timeuuids(a, b);
		default:
			return compare_signed(a, b);
	}
}

int
cql_compare(const cql_type *type, cql_slice a, cql_slice b)
{
	int32_t width = fixed_width(type->id);

	if (a.len <= 0 || b.len <= 0)
		return (a.len > 0) - (b.len > 0);
	if (width > 0 && a.len == width && b.len == width)
		return compare_same_width(type->id, a, b);
	if (type->id == CQL_TYPE_VARINT)
		return compare_varints(a, b);
	if (type->id == CQL_TYPE_BOOLEAN)
		return (a.data[0] != 0) - (b.data[0] != 0);
	return compare_bytes(a, b);
}
