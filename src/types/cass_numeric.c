/*
 * cass_numeric.c
 *	  varint and decimal to and from numeric, exactly.
 *
 * Up to 64 bits go through PostgreSQL's own integer conversions, larger ones
 * through base 10000 digits and numeric's external binary form, which is the
 * same in all versions.
 */
#include "codec.h"
#include "bignum.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

/* numeric's limits: digits before and after the decimal point. */
#define MAX_INTEGER_DIGITS 131072
#define MAX_SCALE 16383
#define MAX_WEIGHT (MAX_INTEGER_DIGITS / CASS_DIGIT_WIDTH - 1)
/* No longer number has so few digits: 8 / log2(10) decimal digits a byte. */
#define DIGITS_PER_BYTE 2.408
#define MAX_BYTES 61300
/* Signs of numeric's external form (numeric_send). */
#define SIGN_POSITIVE 0x0000
#define SIGN_NEGATIVE 0x4000
/* Decimal digits that surely fit int64. */
#define INT64_DIGITS 18

Datum
cass_numeric_from_float(float8 f, bool single)
{
	char text[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (isnan(f))
		strcpy(text, "NaN");
	else if (isinf(f))
		strcpy(text, f < 0 ? "-Infinity" : "Infinity");
	else if (single)
		float_to_shortest_decimal_buf((float) f, text);
	else
		double_to_shortest_decimal_buf(f, text);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

static Datum
infinity(bool negative)
{
	return cass_numeric_from_float(negative ? -HUGE_VAL : HUGE_VAL, false);
}

/*
 * Numeric from base 10000 digits, least significant first, the first of them
 * having weight "lowest".
 */
static Datum
from_digits(const int16 *digits, int ndigits, int lowest, bool negative,
			int dscale)
{
	StringInfoData buf;
	int i;

	initStringInfo(&buf);
	enlargeStringInfo(&buf, (ndigits + 4) * (int) sizeof(int16));
	cass_put16(&buf, (uint16) ndigits);
	cass_put16(&buf, (uint16) (ndigits > 0 ? lowest + ndigits - 1 : 0));
	cass_put16(&buf, negative ? SIGN_NEGATIVE : SIGN_POSITIVE);
	cass_put16(&buf, (uint16) dscale);
	for (i = ndigits - 1; i >= 0; i--)
		cass_put16(&buf, (uint16) digits[i]);
	return DirectFunctionCall3(numeric_recv, PointerGetDatum(&buf),
							   ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

/* Largest e and pad in 0..3 with 10^-scale = 10000^e * 10^pad. */
static int
split_scale(int64 scale, int *pad)
{
	int64 e = -scale / CASS_DIGIT_WIDTH;

	if (e * CASS_DIGIT_WIDTH > -scale)
		e--;
	*pad = (int) (-scale - e * CASS_DIGIT_WIDTH);
	return (int) e;
}

static uint32
power_of_ten(int exponent)
{
	uint32 power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* More bytes than a numeric has digits for. */
static Datum
too_long(CassCodec *codec, bool negative, int len, int32 scale, bool *isnull)
{
	if (codec->unconvertible == CASS_UNCONVERTIBLE_CLAMP &&
		len * DIGITS_PER_BYTE - scale < MAX_INTEGER_DIGITS)
	{
		/* A number of too many digits, not too large: none is near. */
		*isnull = true;
		return (Datum) 0;
	}
	return cass_out_of_range(codec, infinity(negative), isnull);
}

static Datum
from_long_bytes(CassCodec *codec, const uint8_t *bytes, int len, int32 scale,
				bool *isnull)
{
	CassBignum number;
	int16 *digits;
	int ndigits;
	int pad;
	int lowest = split_scale(scale, &pad);
	int skip = 0;
	Datum result;

	if (len > MAX_BYTES)
		return too_long(codec, (bytes[0] & 0x80) != 0, len, scale, isnull);
	cass_bignum_load(&number, bytes, len);
	cass_bignum_multiply(&number, power_of_ten(pad), 0);
	ndigits = cass_bignum_digits(&number, &digits);
	pfree(number.words);
	if (ndigits > 0 && (int64) lowest + ndigits - 1 > MAX_WEIGHT)
		return cass_out_of_range(codec, infinity(number.negative), isnull);
	if (scale <= MAX_SCALE)
	{
		result = from_digits(digits, ndigits, lowest, number.negative,
							 Max(scale, 0));
		pfree(digits);
		return result;
	}
	/* Too many places: the nearest value towards zero has MAX_SCALE of them.
	 */
	skip = Min(ndigits, -(MAX_SCALE / CASS_DIGIT_WIDTH + 1) - lowest);
	skip = Max(skip, 0);
	result = from_digits(digits + skip, ndigits - skip, lowest + skip,
						 number.negative, MAX_SCALE);
	return cass_out_of_range(codec, result, isnull);
}

Datum
cass_numeric_from_bytes(CassCodec *codec, const uint8_t *bytes, int len,
						int32 scale, bool *isnull)
{
	int64 v;
	int i;

	/* Bytes that only repeat the sign say nothing. */
	while (len > 1 && bytes[0] == ((bytes[1] & 0x80) ? 0xFF : 0))
	{
		bytes++;
		len--;
	}
	if (len > (int) sizeof(int64))
		return from_long_bytes(codec, bytes, len, scale, isnull);
	v = (int8) bytes[0];
	for (i = 1; i < len; i++)
		v = (int64) ((uint64) v << BITS_PER_BYTE | bytes[i]);
	if (v == 0)
		scale = Min(Max(scale, 0), MAX_SCALE);
	if (scale > MAX_SCALE || scale < INT64_DIGITS + 1 - MAX_INTEGER_DIGITS)
		return from_long_bytes(codec, bytes, len, scale, isnull);
	if (scale == 0)
		return NumericGetDatum(int64_to_numeric(v));
	return NumericGetDatum(int64_div_fast_to_numeric(v, scale));
}

Datum
cass_decode_varint(CassCodec *codec, cql_slice cell, bool *isnull)
{
	return cass_numeric_from_bytes(codec, cell.data, cell.len, 0, isnull);
}

Datum
cass_decode_decimal(CassCodec *codec, cql_slice cell, bool *isnull)
{
	/* The scale, then at least one byte. */
	if (cell.len < 5)
		cass_malformed(codec->type);
	return cass_numeric_from_bytes(codec, cell.data + 4, cell.len - 4,
								   (int32) cass_load32(cell.data), isnull);
}

/* Appends the shortest two's complement of a number. */
static void
put_varint(StringInfo out, int64 v)
{
	uint64 big = pg_hton64((uint64) v);
	const uint8 *bytes = (const uint8 *) &big;
	int skip = 0;

	while (skip < (int) sizeof(big) - 1 &&
		   bytes[skip] == ((bytes[skip + 1] & 0x80) ? 0xFF : 0))
		skip++;
	appendBinaryStringInfo(out, (const char *) bytes + skip,
						   (int) sizeof(big) - skip);
}

/* numeric's external form. */
typedef struct External
{
	int ndigits;
	int weight;
	bool negative;
	bool finite;
	int dscale;
	const uint8 *digits;
} External;

static void
read_external(Datum numeric, External *external)
{
	bytea *form = DatumGetByteaP(DirectFunctionCall1(numeric_send, numeric));
	const uint8 *data = (const uint8 *) VARDATA(form);
	uint16 sign = cass_load16(data + 4);

	external->ndigits = cass_load16(data);
	external->weight = (int16) cass_load16(data + 2);
	external->negative = sign == SIGN_NEGATIVE;
	external->finite = sign == SIGN_POSITIVE || sign == SIGN_NEGATIVE;
	external->dscale = cass_load16(data + 6);
	external->digits = data + 8;
}

/* Digit of a weight, zero where there is none. */
static uint32
digit_at(const External *external, int weight)
{
	int i = external->weight - weight;

	if (i < 0 || i >= external->ndigits)
		return 0;
	return cass_load16(external->digits + i * 2);
}

/* At most INT64_DIGITS digits are left of "lowest", inclusive. */
static void
put_short(const External *external, int lowest, uint32 divisor, StringInfo out)
{
	int64 v = 0;
	int weight;

	for (weight = external->weight; weight >= lowest; weight--)
		v = v * CASS_DIGIT_BASE + digit_at(external, weight);
	v /= divisor;
	put_varint(out, external->negative ? -v : v);
}

static void
put_long(const External *external, int lowest, uint32 divisor, StringInfo out)
{
	CassBignum number;
	int weight;

	/* A word holds two digits and more. */
	cass_bignum_init(&number, (external->weight - lowest) / 2 + 3);
	for (weight = external->weight; weight >= lowest; weight--)
		cass_bignum_multiply(&number, CASS_DIGIT_BASE,
							 digit_at(external, weight));
	if (divisor > 1)
		cass_bignum_divide(&number, divisor);
	number.negative = external->negative && number.nwords > 0;
	cass_bignum_put(&number, out);
	pfree(number.words);
}

bool
cass_numeric_to_bytes(Datum numeric, int32 *scale, StringInfo out)
{
	External external;
	int places;
	int lowest;
	uint32 divisor;

	read_external(numeric, &external);
	if (!external.finite)
		return false;
	if (external.ndigits == 0)
		external.weight = 0;
	/* numeric keeps no trailing zero digits, so these would be a fraction. */
	if (scale == NULL && external.weight - external.ndigits + 1 < 0)
		return false;
	places = scale == NULL ? 0 : external.dscale;
	lowest = -((places + CASS_DIGIT_WIDTH - 1) / CASS_DIGIT_WIDTH);
	divisor = power_of_ten(-lowest * CASS_DIGIT_WIDTH - places);
	if ((external.weight - lowest + 1) * CASS_DIGIT_WIDTH <= INT64_DIGITS)
		put_short(&external, lowest, divisor, out);
	else
		put_long(&external, lowest, divisor, out);
	if (scale != NULL)
		*scale = places;
	return true;
}

void
cass_encode_varint(CassCodec *codec, Datum value, StringInfo out)
{
	if (!cass_numeric_to_bytes(value, NULL, out))
		cass_cannot_hold(codec, value);
}

void
cass_encode_decimal(CassCodec *codec, Datum value, StringInfo out)
{
	int start = out->len;
	int32 scale;
	uint32 big;

	cass_put32(out, 0);
	if (!cass_numeric_to_bytes(value, &scale, out))
		cass_cannot_hold(codec, value);
	big = pg_hton32((uint32) scale);
	memcpy(out->data + start, &big, sizeof(big));
}
