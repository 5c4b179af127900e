/*
 * bignum.c
 *	  Big integers between two's complement bytes and base 10000 digits.
 *
 * Schoolbook algorithms, quadratic in a length the caller bounds.
 */
#include "bignum.h"

#include "miscadmin.h"

#define WORD_BYTES ((int) sizeof(uint32))
#define TWO_DIGITS (CASS_DIGIT_BASE * CASS_DIGIT_BASE)
/* Base 10000 digits that a word can give: 32 bits are 9.64 decimal digits. */
#define DIGITS_PER_WORD 3

void
cass_bignum_init(CassBignum *number, int capacity)
{
	number->negative = false;
	number->nwords = 0;
	number->capacity = capacity;
	number->words = palloc(sizeof(uint32) * Max(capacity, 1));
}

static void
strip(CassBignum *number)
{
	while (number->nwords > 0 && number->words[number->nwords - 1] == 0)
		number->nwords--;
}

void
cass_bignum_load(CassBignum *number, const uint8 *bytes, int len)
{
	uint32 sign;
	uint64 carry = 1;
	int i;

	cass_bignum_init(number, len / WORD_BYTES + 3);
	number->negative = (bytes[0] & 0x80) != 0;
	number->nwords = (len + WORD_BYTES - 1) / WORD_BYTES;
	sign = number->negative ? PG_UINT32_MAX : 0;
	for (i = 0; i < number->nwords; i++)
		number->words[i] = sign;
	for (i = 0; i < len; i++)
	{
		int shift = i % WORD_BYTES * BITS_PER_BYTE;
		uint32 *word = &number->words[i / WORD_BYTES];

		*word = (*word & ~((uint32) 0xFF << shift)) |
				(uint32) bytes[len - 1 - i] << shift;
	}
	if (number->negative)
	{
		/* ~x + 1; the magnitude of -2^n needs no further word. */
		for (i = 0; i < number->nwords; i++)
		{
			carry += ~number->words[i];
			number->words[i] = (uint32) carry;
			carry >>= 32;
		}
	}
	strip(number);
}

void
cass_bignum_multiply(CassBignum *number, uint32 factor, uint32 addend)
{
	uint64 carry = addend;
	int i;

	for (i = 0; i < number->nwords; i++)
	{
		carry += (uint64) number->words[i] * factor;
		number->words[i] = (uint32) carry;
		carry >>= 32;
	}
	if (carry != 0)
	{
		Assert(number->nwords < number->capacity);
		number->words[number->nwords++] = (uint32) carry;
	}
}

uint32
cass_bignum_divide(CassBignum *number, uint32 divisor)
{
	uint64 rest = 0;
	int i;

	for (i = number->nwords - 1; i >= 0; i--)
	{
		rest = rest << 32 | number->words[i];
		number->words[i] = (uint32) (rest / divisor);
		rest %= divisor;
	}
	strip(number);
	return (uint32) rest;
}

int
cass_bignum_digits(CassBignum *number, int16 **digits)
{
	int n = 0;

	*digits = palloc(sizeof(int16) * (number->nwords * DIGITS_PER_WORD + 2));
	while (number->nwords > 0)
	{
		uint32 two = cass_bignum_divide(number, TWO_DIGITS);

		(*digits)[n++] = (int16) (two % CASS_DIGIT_BASE);
		(*digits)[n++] = (int16) (two / CASS_DIGIT_BASE);
		CHECK_FOR_INTERRUPTS();
	}
	while (n > 0 && (*digits)[n - 1] == 0)
		n--;
	return n;
}

void
cass_bignum_put(const CassBignum *number, StringInfo out)
{
	int nbytes = number->nwords * WORD_BYTES + 1;
	uint32 carry = 1;
	int start = out->len;
	char *result;
	int skip = 0;
	int i;

	enlargeStringInfo(out, nbytes);
	result = out->data + start;
	for (i = 0; i < nbytes; i++)
	{
		uint8 byte = 0;

		if (i < nbytes - 1)
			byte = (uint8) (number->words[i / WORD_BYTES] >>
							(i % WORD_BYTES * BITS_PER_BYTE));
		if (number->negative)
		{
			carry += (uint8) ~byte;
			byte = (uint8) carry;
			carry >>= BITS_PER_BYTE;
		}
		result[nbytes - 1 - i] = (char) byte;
	}
	/* A leading byte that only repeats the sign is not needed. */
	while (skip < nbytes - 1 &&
		   (uint8) result[skip] ==
			   ((uint8) result[skip + 1] & 0x80 ? 0xFF : 0))
		skip++;
	memmove(result, result + skip, nbytes - skip);
	out->len = start + nbytes - skip;
	out->data[out->len] = '\0';
}
