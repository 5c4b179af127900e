/*
 * bignum.h
 *	  Big integers between two's complement bytes and base 10000 digits.
 *
 * Called by cass_numeric.c, which bounds the sizes.
 */
#ifndef CASS_BIGNUM_H
#define CASS_BIGNUM_H

#include "postgres.h"

#include "lib/stringinfo.h"

#define CASS_DIGIT_BASE 10000 /* as numeric's binary form */
#define CASS_DIGIT_WIDTH 4	  /* decimal digits of one */

/* Magnitude in words, the least significant first, and a sign. */
typedef struct CassBignum
{
	bool negative;
	int nwords; /* in use; 0 is zero */
	int capacity;
	uint32 *words;
} CassBignum;

/* Zero, with room for "capacity" words; palloc'ed in CurrentMemoryContext. */
extern void cass_bignum_init(CassBignum *number, int capacity);
/* From big-endian two's complement, len >= 1; leaves room for one more word.
 */
extern void cass_bignum_load(CassBignum *number, const uint8 *bytes, int len);
/* number * factor + addend; the caller has provided the room. */
extern void cass_bignum_multiply(CassBignum *number, uint32 factor,
								 uint32 addend);
/* number / divisor; returns the remainder. */
extern uint32 cass_bignum_divide(CassBignum *number, uint32 divisor);
/*
 * Takes the magnitude apart into base 10000 digits, the least significant
 * first, without leading zeros; number becomes zero.  Returns their count, the
 * array is palloc'ed.
 */
extern int cass_bignum_digits(CassBignum *number, int16 **digits);
/* Appends the shortest big-endian two's complement. */
extern void cass_bignum_put(const CassBignum *number, StringInfo out);

#endif /* CASS_BIGNUM_H */
