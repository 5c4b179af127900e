/*
 * decimal_compare.c
 *	  Order of cells as Cassandra has it: decimals by their value, all other
 *	  types as the client's cql_compare() does.
 *
 * Two decimals are brought to one scale only where their leading digits could
 * be the same; that bounds the work by their lengths.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "bignum.h"
#include "cass_bound.h"
#include "codec.h"

/* Decimal digits of a bit, cautiously from above and below. */
#define DIGITS_PER_BIT_MAX 0.30104
#define DIGITS_PER_BIT_MIN 0.30102
#define WORD_BITS 32
/* A power of ten that a word holds. */
#define STEP_DIGITS 9
#define STEP 1000000000

typedef struct Decimal
{
	CassBignum number;
	int64 scale;
} Decimal;

static void
load_decimal(Decimal *decimal, cql_slice cell)
{
	cass_bignum_load(&decimal->number, cell.data + 4, cell.len - 4);
	decimal->scale = (int32) cass_load32(cell.data);
}

static int
sign_of(const Decimal *decimal)
{
	if (decimal->number.nwords == 0)
		return 0;
	return decimal->number.negative ? -1 : 1;
}

/* Bits of the magnitude; it is not zero. */
static int64
bits_of(const CassBignum *number)
{
	uint32 top = number->words[number->nwords - 1];
	int64 bits = (int64) (number->nwords - 1) * WORD_BITS;

	while (top != 0)
	{
		bits++;
		top >>= 1;
	}
	return bits;
}

/* number * 10^exponent, in words of its own. */
static void
scale_up(CassBignum *number, int64 exponent)
{
	CassBignum scaled;
	int words = (int) (exponent / STEP_DIGITS) + 1;

	cass_bignum_init(&scaled, number->nwords + words + 1);
	memcpy(scaled.words, number->words, sizeof(uint32) * number->nwords);
	scaled.nwords = number->nwords;
	pfree(number->words);
	for (; exponent >= STEP_DIGITS; exponent -= STEP_DIGITS)
	{
		CHECK_FOR_INTERRUPTS();
		cass_bignum_multiply(&scaled, STEP, 0);
	}
	for (; exponent > 0; exponent--)
		cass_bignum_multiply(&scaled, 10, 0);
	*number = scaled;
}

static int
compare_words(const CassBignum *a, const CassBignum *b)
{
	int i;

	if (a->nwords != b->nwords)
		return a->nwords < b->nwords ? -1 : 1;
	for (i = a->nwords - 1; i >= 0; i--)
	{
		if (a->words[i] != b->words[i])
			return a->words[i] < b->words[i] ? -1 : 1;
	}
	return 0;
}

/* Magnitudes of two decimals that are not zero. */
static int
compare_magnitudes(Decimal *a, Decimal *b)
{
	double bits_a = (double) bits_of(&a->number);
	double bits_b = (double) bits_of(&b->number);
	double scale_a = (double) a->scale;
	double scale_b = (double) b->scale;

	/* 2^(bits - 1) <= magnitude < 2^bits */
	if (bits_a * DIGITS_PER_BIT_MAX - scale_a <
		(bits_b - 1) * DIGITS_PER_BIT_MIN - scale_b)
		return -1;
	if (bits_b * DIGITS_PER_BIT_MAX - scale_b <
		(bits_a - 1) * DIGITS_PER_BIT_MIN - scale_a)
		return 1;
	if (a->scale < b->scale)
		scale_up(&a->number, b->scale - a->scale);
	else if (b->scale < a->scale)
		scale_up(&b->number, a->scale - b->scale);
	return compare_words(&a->number, &b->number);
}

static int
compare_decimals(cql_slice a, cql_slice b)
{
	Decimal x, y;
	int sign;
	int c;

	load_decimal(&x, a);
	load_decimal(&y, b);
	sign = sign_of(&x);
	c = sign - sign_of(&y);
	if (c == 0 && sign != 0)
		c = sign * compare_magnitudes(&x, &y);
	pfree(x.number.words);
	pfree(y.number.words);
	return c;
}

int
cass_compare_cells(const cql_type *type, cql_slice a, cql_slice b)
{
	/* A decimal is its scale and at least one byte. */
	if (type->id == CQL_TYPE_DECIMAL && a.len > 4 && b.len > 4)
		return compare_decimals(a, b);
	return cql_compare(type, a, b);
}
