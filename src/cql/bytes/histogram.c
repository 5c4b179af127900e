/*
 * histogram.c
 *	  Latencies in buckets whose width grows with the time.
 *
 * A time is a number of units of 16 us.  Numbers below 8 are buckets of their
 * own; above, the bucket is the exponent and the three bits that follow the
 * highest one.
 */
#include "monitor.h"

#define UNIT_BITS 4 /* a unit is 1 << 4 us */
#define SUB_BITS 3	/* each power of two is cut into 1 << 3 */
#define SUBS (1u << SUB_BITS)

static uint32_t
bucket_of(int64_t us)
{
	uint64_t units = us <= 0 ? 0 : (uint64_t) us >> UNIT_BITS;
	uint32_t exponent;
	uint32_t bucket;

	if (units < SUBS)
		return (uint32_t) units;
	exponent = 63 - (uint32_t) __builtin_clzll(units) - SUB_BITS;
	bucket = SUBS * (exponent + 1) + (uint32_t) (units >> exponent) - SUBS;
	return bucket < CQL_HISTOGRAM_BUCKETS ? bucket : CQL_HISTOGRAM_BUCKETS - 1;
}

/* Where a bucket begins, in microseconds; the next one's is where it ends. */
static double
start_of(uint32_t bucket)
{
	uint64_t units = bucket;

	if (bucket >= SUBS)
		units = (uint64_t) (SUBS + bucket % SUBS) << (bucket / SUBS - 1);
	return (double) (units << UNIT_BITS);
}

void
cql_histogram_add(cql_histogram *histogram, int64_t us)
{
	histogram->counts[bucket_of(us)]++;
}

double
cql_histogram_quantile(const uint64_t counts[CQL_HISTOGRAM_BUCKETS],
					   double fraction)
{
	uint64_t total = 0;
	uint64_t below = 0;
	double rank;
	uint32_t i;

	for (i = 0; i < CQL_HISTOGRAM_BUCKETS; i++)
		total += counts[i];
	if (total == 0)
		return -1;
	rank = fraction * (double) total;
	for (i = 0; i < CQL_HISTOGRAM_BUCKETS - 1; i++)
	{
		if (counts[i] > 0 && (double) (below + counts[i]) >= rank)
			break;
		below += counts[i];
	}
	/* As if the times in a bucket were spread evenly over it. */
	if (counts[i] == 0)
		return start_of(i);
	return start_of(i) + (start_of(i + 1) - start_of(i)) *
							 (rank - (double) below) / (double) counts[i];
}
