/*
 * test_histogram.c
 *	  Latencies: buckets, and what fraction took how long.
 */
#include "unit.h"

#include "monitor.h"

static cql_histogram histogram;

static void
add(uint32_t n, int64_t us)
{
	while (n-- > 0)
		cql_histogram_add(&histogram, us);
}

static double
quantile(double fraction)
{
	uint64_t counts[CQL_HISTOGRAM_BUCKETS];
	int i;

	for (i = 0; i < CQL_HISTOGRAM_BUCKETS; i++)
		counts[i] = histogram.counts[i];
	return cql_histogram_quantile(counts, fraction);
}

/* Within an eighth of the time, or 16 us. */
static void
check_near(double found, double expected)
{
	double off = found > expected ? found - expected : expected - found;

	if (!CHECK(off <= expected / 8 || off <= 16))
		printf("# %f is not near %f\n", found, expected);
}

static void
test_nothing(void)
{
	memset(&histogram, 0, sizeof(histogram));
	CHECK(quantile(0.5) < 0);
}

/* Whatever the one time, each fraction finds it. */
static void
test_one(void)
{
	int64_t us;

	for (us = 1; us < INT64_C(134217728); us += us / 3 + 1)
	{
		memset(&histogram, 0, sizeof(histogram));
		add(1, us);
		check_near(quantile(0.01), (double) us);
		check_near(quantile(0.5), (double) us);
		check_near(quantile(1), (double) us);
	}
}

static void
test_buckets(void)
{
	static const int64_t odd[] = {INT64_MIN, -1, 0, INT64_MAX};
	uint32_t i;
	uint32_t n = 0;

	memset(&histogram, 0, sizeof(histogram));
	for (i = 0; i < 4; i++)
		add(1, odd[i]);
	CHECK_INT(histogram.counts[0], 3);
	CHECK_INT(histogram.counts[CQL_HISTOGRAM_BUCKETS - 1], 1);
	add(1, 127);
	add(1, 128);
	CHECK_INT(histogram.counts[7], 1);
	CHECK_INT(histogram.counts[8], 1);
	add(1, INT64_C(134217727));
	add(1, INT64_C(134217728));
	CHECK_INT(histogram.counts[CQL_HISTOGRAM_BUCKETS - 1], 3);
	for (i = 0; i < CQL_HISTOGRAM_BUCKETS; i++)
		n += histogram.counts[i];
	CHECK_INT(n, 8);
}

/* 90 of 1 ms, 9 of 10 ms, one of a second. */
static void
test_fractions(void)
{
	memset(&histogram, 0, sizeof(histogram));
	add(90, 1000);
	add(9, 10000);
	add(1, 1000000);
	check_near(quantile(0.5), 1000);
	check_near(quantile(0.9), 1000);
	check_near(quantile(0.95), 10000);
	check_near(quantile(0.99), 10000);
	check_near(quantile(1), 1000000);
}

const unit_case unit_cases[] = {{"no time", test_nothing},
								{"one time", test_one},
								{"buckets", test_buckets},
								{"fractions", test_fractions},
								{NULL, NULL}};
