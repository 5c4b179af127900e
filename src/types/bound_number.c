/*
 * bound_number.c
 *	  Numbers of conditions in the encoding of CQL's number types.
 *
 * Values in between are rounded, values beyond clamped, and the operator is
 * adjusted so that the same cells answer.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "bound_value.h"

bool
cass_integer_bound(int strategy, int64 v, int beyond, int64 min, int64 max,
				   int width, CassBoundValue *bound)
{
	bool above = beyond > 0 || (beyond == 0 && v > max);
	bool below = beyond < 0 || (beyond == 0 && v < min);
	uint64 wire;

	if (above || below)
	{
		if (strategy == BTEqualStrategyNumber ||
			(above ? !cass_is_upper(strategy) : cass_is_upper(strategy)))
			return false;
		strategy =
			above ? BTLessEqualStrategyNumber : BTGreaterEqualStrategyNumber;
		v = above ? max : min;
	}
	wire = pg_hton64((uint64) v);
	cass_bound_add(bound, strategy, (char *) &wire + 8 - width, width);
	return true;
}

/* A number of a condition: an integer, or a numeric. */
typedef struct Constant
{
	bool integer;
	int64 i;
	Datum numeric;
} Constant;

static void
read_constant(Oid valtype, Datum value, Constant *constant)
{
	constant->integer = true;
	switch (valtype)
	{
		case INT2OID:
			constant->i = DatumGetInt16(value);
			break;
		case INT4OID:
			constant->i = DatumGetInt32(value);
			break;
		case INT8OID:
			constant->i = DatumGetInt64(value);
			break;
		default:
			constant->integer = false;
			constant->numeric = value;
			break;
	}
}

static int
compare_int64(Datum numeric, int64 v)
{
	return DatumGetInt32(DirectFunctionCall2(
		numeric_cmp, numeric, NumericGetDatum(int64_to_numeric(v))));
}

/* NaN, which sorts last, and the infinities: the end of all numbers. */
static int
infinite_side(Datum numeric)
{
	Numeric number = DatumGetNumeric(numeric);

	if (numeric_is_nan(number))
		return 1;
	return !numeric_is_inf(number) ? 0 : compare_int64(numeric, 0);
}

static Datum
floor_of(Datum numeric)
{
	return DirectFunctionCall1(numeric_floor, numeric);
}

static bool
same_number(Datum a, Datum b)
{
	return DatumGetBool(DirectFunctionCall2(numeric_eq, a, b));
}

static bool
fixed_integer_bound(int strategy, Constant *constant, int width,
					CassBoundValue *bound)
{
	int64 max =
		width == 8 ? PG_INT64_MAX : (INT64CONST(1) << (width * 8 - 1)) - 1;
	int64 v = constant->i;
	int beyond = 0;

	if (!constant->integer)
	{
		beyond = infinite_side(constant->numeric);
		if (beyond == 0)
		{
			Datum whole = floor_of(constant->numeric);

			if (!same_number(whole, constant->numeric) &&
				!cass_round_down(&strategy))
				return false;
			if (compare_int64(whole, PG_INT64_MAX) > 0)
				beyond = 1;
			else if (compare_int64(whole, PG_INT64_MIN) < 0)
				beyond = -1;
			else
				v = DatumGetInt64(DirectFunctionCall1(numeric_int8, whole));
		}
	}
	return cass_integer_bound(strategy, v, beyond, -max - 1, max, width,
							  bound);
}

/*
 * Beyond all numbers: decimals end at those of the greatest exponent, varints
 * nowhere.
 */
static bool
unbounded(int strategy, int side, bool decimal, CassBoundValue *bound)
{
	static const uint8 least[] = {0x80, 0, 0, 1, 0xFF};
	static const uint8 greatest[] = {0x80, 0, 0, 1, 1};

	if (strategy == BTEqualStrategyNumber ||
		cass_is_upper(strategy) != (side > 0))
		return false;
	if (!decimal)
		bound->strategy = CASS_ANY_VALUE;
	else if (side > 0)
		cass_bound_add(bound, BTLessEqualStrategyNumber, greatest,
					   sizeof(greatest));
	else
		cass_bound_add(bound, BTGreaterEqualStrategyNumber, least,
					   sizeof(least));
	return true;
}

static bool
big_bound(int strategy, Constant *constant, bool decimal,
		  CassBoundValue *bound)
{
	Datum numeric = constant->numeric;
	StringInfoData out;
	int side;
	int32 scale;

	if (constant->integer)
		numeric = NumericGetDatum(int64_to_numeric(constant->i));
	side = infinite_side(numeric);
	if (side != 0)
		return unbounded(strategy, side, decimal, bound);
	if (!decimal)
	{
		Datum whole = floor_of(numeric);

		if (!same_number(whole, numeric) && !cass_round_down(&strategy))
			return false;
		numeric = whole;
	}
	initStringInfo(&out);
	if (decimal)
		cass_put32(&out, 0);
	if (!cass_numeric_to_bytes(numeric, decimal ? &scale : NULL, &out))
		elog(ERROR, "number of a condition is not finite");
	if (decimal)
	{
		scale = (int32) pg_hton32((uint32) scale);
		memcpy(out.data, &scale, sizeof(scale));
	}
	cass_bound_add(bound, strategy, out.data, out.len);
	pfree(out.data);
	return true;
}

static bool
constant_bound(CassCodec *codec, int strategy, Constant *constant,
			   CassBoundValue *bound)
{
	switch (codec->type->id)
	{
		case CQL_TYPE_TINYINT:
			return fixed_integer_bound(strategy, constant, 1, bound);
		case CQL_TYPE_SMALLINT:
			return fixed_integer_bound(strategy, constant, 2, bound);
		case CQL_TYPE_INT:
			return fixed_integer_bound(strategy, constant, 4, bound);
		case CQL_TYPE_VARINT:
		case CQL_TYPE_DECIMAL:
			return big_bound(strategy, constant,
							 codec->type->id == CQL_TYPE_DECIMAL, bound);
		default:
			return fixed_integer_bound(strategy, constant, 8, bound);
	}
}

/* ---- integers cast to float8 ---- */

/*
 * The least int8 that as float8 is not below v (above v), as a constant; one
 * beyond all numbers where there is none, as for NaN.  False then.
 */
static bool
least_integer(float8 v, bool above, Constant *constant)
{
	int64 low = PG_INT64_MIN;
	int64 high = PG_INT64_MAX;

	constant->integer = above ? (float8) high > v : (float8) high >= v;
	if (!constant->integer)
	{
		constant->numeric = DirectFunctionCall3(
			numeric_in, CStringGetDatum("Infinity"),
			ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
		return false;
	}
	while (low < high)
	{
		/* towards the past: the difference may not fit */
		int64 middle = (low & high) + ((low ^ high) >> 1);

		if (above ? (float8) middle > v : (float8) middle >= v)
			high = middle;
		else
			low = middle + 1;
	}
	constant->i = low;
	return true;
}

/*
 * Rounding keeps the order: all integers that are one float8 stand side by
 * side.  There are a thousand of them at most, near the ends of int8.
 */
static bool
float_on_integer_bound(CassCodec *codec, int strategy, float8 v,
					   CassBoundValue *bound)
{
	Constant first, after;
	int64 last = PG_INT64_MAX;

	if (strategy == BTLessStrategyNumber ||
		strategy == BTGreaterEqualStrategyNumber)
	{
		(void) least_integer(v, false, &first);
		return constant_bound(codec, strategy, &first, bound);
	}
	if (strategy != BTEqualStrategyNumber)
	{
		(void) least_integer(v, true, &after);
		return constant_bound(codec,
							  cass_is_upper(strategy)
								  ? BTLessStrategyNumber
								  : BTGreaterEqualStrategyNumber,
							  &after, bound);
	}
	if (!least_integer(v, false, &first))
		return false;
	if (least_integer(v, true, &after))
	{
		if (after.i == first.i)
			return false;
		last = after.i - 1;
	}
	after.integer = true;
	for (after.i = last;; after.i--)
	{
		(void) constant_bound(codec, strategy, &after, bound);
		if (after.i == first.i)
			break;
	}
	return bound->nvalues > 0;
}

bool
cass_number_bound(CassCodec *codec, int strategy, Oid valtype, Datum value,
				  CassBoundValue *bound)
{
	Constant constant;

	switch (valtype)
	{
		case FLOAT4OID:
			return float_on_integer_bound(codec, strategy,
										  DatumGetFloat4(value), bound);
		case FLOAT8OID:
			return float_on_integer_bound(codec, strategy,
										  DatumGetFloat8(value), bound);
		case TEXTOID:
			constant.integer = true;
			return cass_spelled_integer(value, &constant.i) &&
				   constant_bound(codec, strategy, &constant, bound);
		default:
			read_constant(valtype, value, &constant);
			return constant_bound(codec, strategy, &constant, bound);
	}
}

static void
add_float(CassBoundValue *bound, int strategy, float8 v, bool single)
{
	uint32 bits32 = pg_hton32(cass_float4_bits((float4) v));
	uint64 bits64 = pg_hton64(cass_float8_bits(v));

	if (single)
		cass_bound_add(bound, strategy, &bits32, sizeof(bits32));
	else
		cass_bound_add(bound, strategy, &bits64, sizeof(bits64));
}

/* The four-byte float nearest to a value that is none: rounds as told. */
static bool
round_to_single(int *strategy, float8 *v)
{
	float8 nearest = (float8) (float4) *v;

	if (isnan(*v) || nearest == *v)
		return true;
	if (*strategy == BTEqualStrategyNumber)
		return false;
	if (nearest < *v)
		(void) cass_round_down(strategy);
	else
		*strategy = cass_is_upper(*strategy) ? BTLessStrategyNumber
											 : BTGreaterEqualStrategyNumber;
	*v = nearest;
	return true;
}

/* -0.0 and 0.0 are two values to Cassandra, in this order. */
bool
cass_float_bound(CassCodec *codec, int strategy, Oid valtype, Datum value,
				 CassBoundValue *bound)
{
	bool single = codec->type->id == CQL_TYPE_FLOAT;
	float8 v =
		valtype == FLOAT4OID ? DatumGetFloat4(value) : DatumGetFloat8(value);

	if (single && !round_to_single(&strategy, &v))
		return false;
	if (v != 0.0 || isnan(v))
		add_float(bound, strategy, v, single);
	else if (strategy == BTEqualStrategyNumber)
	{
		add_float(bound, strategy, -0.0, single);
		add_float(bound, strategy, 0.0, single);
	}
	else if (strategy == BTLessStrategyNumber ||
			 strategy == BTGreaterEqualStrategyNumber)
		add_float(bound, strategy, -0.0, single);
	else
		add_float(bound, strategy, 0.0, single);
	return true;
}

bool
cass_is_nan(const CassCodec *codec, cql_slice value)
{
	if (codec->type->id == CQL_TYPE_FLOAT && value.len == 4)
		return isnan(cass_load_float4(value.data));
	if (codec->type->id == CQL_TYPE_DOUBLE && value.len == 8)
		return isnan(cass_load_float8(value.data));
	return false;
}
