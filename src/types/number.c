/*
 * number.c
 *	  Any CQL number to and from any PostgreSQL number, where the two are not
 *	  natural counterparts (those are in scalar.c and cass_numeric.c).
 *
 * Nothing is rounded between integers and numerics: what does not fit exactly
 * is out of range.  Only a float target takes the nearest float.
 */
#include "codec.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

typedef enum NumberKind
{
	NUMBER_INT,
	NUMBER_FLOAT,
	NUMBER_NUMERIC
} NumberKind;

typedef struct Number
{
	NumberKind kind;
	int64 i;
	float8 f;
	bool single; /* f came from a four-byte float */
	Datum numeric;
} Number;

/* Range of an integer type of "size" bytes. */
static int64
int_max(int size)
{
	return (int64) (PG_UINT64_MAX >> (65 - 8 * size));
}

static int64
int_min(int size)
{
	return -int_max(size) - 1;
}

/* Sign of a comparison of a numeric with an integer. */
static int
compare_numeric(Datum numeric, int64 v)
{
	Datum other = NumericGetDatum(int64_to_numeric(v));

	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, numeric, other));
}

/*
 * The number as integer of "size" bytes; false where it is none or does not
 * fit, *result is then the nearest one.  NaN counts as too large.
 */
static bool
to_int(const Number *number, int size, int64 *result)
{
	int64 max = int_max(size);
	int64 min = int_min(size);
	Datum whole;

	if (number->kind == NUMBER_INT)
	{
		*result = Min(Max(number->i, min), max);
		return *result == number->i;
	}
	if (number->kind == NUMBER_FLOAT)
	{
		float8 f = rint(number->f);

		/* -min is a power of two, so exact as a float. */
		*result = f < (float8) min ? min : f < -(float8) min ? (int64) f : max;
		return f == number->f && f >= (float8) min && f < -(float8) min;
	}
	*result = compare_numeric(number->numeric, 0) < 0 ? min : max;
	if (compare_numeric(number->numeric, min) < 0 ||
		compare_numeric(number->numeric, max) > 0)
		return false;
	whole =
		DirectFunctionCall2(numeric_round, number->numeric, Int32GetDatum(0));
	if (compare_numeric(whole, max) > 0)
		return false;
	*result = DatumGetInt64(DirectFunctionCall1(numeric_int8, whole));
	return DatumGetBool(
		DirectFunctionCall2(numeric_eq, whole, number->numeric));
}

/* The nearest float; false where a finite number is beyond all floats. */
static bool
to_float(const Number *number, bool single, float8 *result)
{
	bool finite = true;

	*result = 0;
	switch (number->kind)
	{
		case NUMBER_INT:
			*result = (float8) number->i;
			break;
		case NUMBER_FLOAT:
			*result = number->f;
			finite = !isinf(number->f);
			break;
		case NUMBER_NUMERIC:
			*result = DatumGetFloat8(DirectFunctionCall1(
				numeric_float8_no_overflow, number->numeric));
			finite = !numeric_is_inf(DatumGetNumeric(number->numeric));
			break;
	}
	if (single)
		*result = (float4) *result;
	return !finite || !isinf(*result);
}

static void
read_cell(CassCodec *codec, cql_slice cell, Number *number, bool *isnull)
{
	number->kind = NUMBER_INT;
	number->single = false;
	switch (codec->type->id)
	{
		case CQL_TYPE_TINYINT:
			cass_need_length(codec->type, cell, 1);
			number->i = (int8) cell.data[0];
			break;
		case CQL_TYPE_SMALLINT:
			cass_need_length(codec->type, cell, 2);
			number->i = (int16) cass_load16(cell.data);
			break;
		case CQL_TYPE_INT:
			cass_need_length(codec->type, cell, 4);
			number->i = (int32) cass_load32(cell.data);
			break;
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
			cass_need_length(codec->type, cell, 8);
			number->i = (int64) cass_load64(cell.data);
			break;
		case CQL_TYPE_FLOAT:
			cass_need_length(codec->type, cell, 4);
			number->kind = NUMBER_FLOAT;
			number->f = cass_load_float4(cell.data);
			number->single = true;
			break;
		case CQL_TYPE_DOUBLE:
			cass_need_length(codec->type, cell, 8);
			number->kind = NUMBER_FLOAT;
			number->f = cass_load_float8(cell.data);
			break;
		case CQL_TYPE_DECIMAL:
			number->kind = NUMBER_NUMERIC;
			number->numeric = cass_decode_decimal(codec, cell, isnull);
			break;
		default:
			Assert(codec->type->id == CQL_TYPE_VARINT);
			number->kind = NUMBER_NUMERIC;
			number->numeric = cass_decode_varint(codec, cell, isnull);
			break;
	}
}

static Datum
int_to_datum(CassCodec *codec, const Number *number, int size, bool *isnull)
{
	int64 v;
	bool exact = to_int(number, size, &v);
	Datum result = size == 2   ? Int16GetDatum(v)
				   : size == 4 ? Int32GetDatum(v)
							   : Int64GetDatum(v);

	return exact ? result : cass_out_of_range(codec, result, isnull);
}

static Datum
float_to_datum(CassCodec *codec, const Number *number, bool single,
			   bool *isnull)
{
	float8 f;
	bool fits = to_float(number, single, &f);
	Datum result = single ? Float4GetDatum((float4) f) : Float8GetDatum(f);

	return fits ? result : cass_out_of_range(codec, result, isnull);
}

Datum
cass_decode_number(CassCodec *codec, cql_slice cell, bool *isnull)
{
	Number number;

	read_cell(codec, cell, &number, isnull);
	if (*isnull)
		return (Datum) 0;
	switch (codec->basetype)
	{
		case INT2OID:
			return int_to_datum(codec, &number, 2, isnull);
		case INT4OID:
			return int_to_datum(codec, &number, 4, isnull);
		case INT8OID:
			return int_to_datum(codec, &number, 8, isnull);
		case FLOAT4OID:
			return float_to_datum(codec, &number, true, isnull);
		case FLOAT8OID:
			return float_to_datum(codec, &number, false, isnull);
		default:
			break;
	}
	if (number.kind == NUMBER_INT)
		return NumericGetDatum(int64_to_numeric(number.i));
	if (number.kind == NUMBER_FLOAT)
		return cass_numeric_from_float(number.f, number.single);
	return number.numeric;
}

static void
read_datum(Oid typid, Datum value, Number *number)
{
	number->kind = NUMBER_INT;
	number->single = false;
	switch (typid)
	{
		case INT2OID:
			number->i = DatumGetInt16(value);
			break;
		case INT4OID:
			number->i = DatumGetInt32(value);
			break;
		case INT8OID:
			number->i = DatumGetInt64(value);
			break;
		case FLOAT4OID:
			number->kind = NUMBER_FLOAT;
			number->f = DatumGetFloat4(value);
			number->single = true;
			break;
		case FLOAT8OID:
			number->kind = NUMBER_FLOAT;
			number->f = DatumGetFloat8(value);
			break;
		default:
			number->kind = NUMBER_NUMERIC;
			number->numeric = value;
			break;
	}
}

/* varint and decimal, from any number. */
static bool
put_big(const Number *number, cql_type_id id, StringInfo out)
{
	Datum numeric = number->numeric;
	int start = out->len;
	int32 scale;

	if (number->kind == NUMBER_INT)
		numeric = NumericGetDatum(int64_to_numeric(number->i));
	else if (number->kind == NUMBER_FLOAT)
		numeric = cass_numeric_from_float(number->f, number->single);
	if (id == CQL_TYPE_VARINT)
		return cass_numeric_to_bytes(numeric, NULL, out);
	cass_put32(out, 0);
	if (!cass_numeric_to_bytes(numeric, &scale, out))
		return false;
	scale = (int32) pg_hton32((uint32) scale);
	memcpy(out->data + start, &scale, sizeof(scale));
	return true;
}

static bool
put_int(const Number *number, int size, StringInfo out)
{
	int64 v;
	uint64 big;

	if (!to_int(number, size, &v))
		return false;
	big = pg_hton64((uint64) v);
	appendBinaryStringInfo(out, (const char *) &big + 8 - size, size);
	return true;
}

static bool
put_float(const Number *number, bool single, StringInfo out)
{
	float8 f;

	if (!to_float(number, single, &f))
		return false;
	if (single)
		cass_put_float4(out, (float4) f);
	else
		cass_put_float8(out, f);
	return true;
}

void
cass_encode_number(CassCodec *codec, Datum value, StringInfo out)
{
	Number number;
	bool fits;

	read_datum(codec->basetype, value, &number);
	switch (codec->type->id)
	{
		case CQL_TYPE_TINYINT:
			fits = put_int(&number, 1, out);
			break;
		case CQL_TYPE_SMALLINT:
			fits = put_int(&number, 2, out);
			break;
		case CQL_TYPE_INT:
			fits = put_int(&number, 4, out);
			break;
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
			fits = put_int(&number, 8, out);
			break;
		case CQL_TYPE_FLOAT:
			fits = put_float(&number, true, out);
			break;
		case CQL_TYPE_DOUBLE:
			fits = put_float(&number, false, out);
			break;
		default:
			fits = put_big(&number, codec->type->id, out);
			break;
	}
	if (!fits)
		cass_cannot_hold(codec, value);
}
