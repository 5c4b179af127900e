/*
 * bind_branches.c
 *	  (a, b) IN ((1, 2), (3, 4)): two requests, not four.
 *
 * Such a condition comes as an OR that fixes several columns in each of its
 * branches.  Of the columns that make one request a value only the
 * combinations that some branch has are asked for.
 */
#include "bind.h"

#define NO_CLAUSE (-2)

/* Columns of the branches whose values are asked for one by one. */
static int
mark_bindings(CassBindings *bs, int clause)
{
	int n = 0;
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		CassBinding *b = &bs->each[i];

		b->by_branch = b->branches == clause && !b->left_out &&
					   b->branch != NULL && b->nchunks == b->domain.npoints;
		n += b->by_branch;
	}
	return n;
}

/* The clause whose branches fix the most columns, or -1. */
static int
choose_clause(CassBindings *bs)
{
	int best = -1;
	int most = 1;
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		int clause = bs->each[i].branches;
		int n = clause < 0 ? 0 : mark_bindings(bs, clause);

		if (n > most)
		{
			most = n;
			best = clause;
		}
	}
	mark_bindings(bs, best < 0 ? NO_CLAUSE : best);
	return best;
}

/* Index of a value among the points, or -1: another condition dropped it. */
static int
find_point(const CassBinding *b, cql_slice value)
{
	const cql_type *type = cass_codec_type(b->domain.codec);
	int low = 0;
	int high = b->domain.npoints - 1;

	while (low <= high)
	{
		int middle = low + (high - low) / 2;
		int c = cass_compare_cells(type, b->domain.points[middle], value);

		if (c == 0)
			return middle;
		if (c < 0)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/* The digits of a branch; false where it finds nothing. */
static bool
read_branch(const CassBindings *bs, int branch, int *digits)
{
	int n = 0;
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		const CassBinding *b = &bs->each[i];

		if (!b->by_branch)
			continue;
		if (b->branch[branch].len < 0)
			return false;
		digits[n] = find_point(b, b->branch[branch]);
		if (digits[n++] < 0)
			return false;
	}
	return true;
}

static int
compare_digits(const void *a, const void *b, void *arg)
{
	const int *x = a;
	const int *y = b;
	int n = *(int *) arg;
	int i;

	for (i = 0; i < n; i++)
	{
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	}
	return 0;
}

/* Some branch's value is several values to Cassandra: all are combined. */
static bool
has_several(const CassBindings *bs)
{
	int i, j;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		const CassBinding *b = &bs->each[i];

		for (j = 0; b->by_branch && j < b->nbranches; j++)
		{
			if (b->branch[j].len == CQL_UNSET)
				return true;
		}
	}
	return false;
}

/* The distinct ones of n combinations, in order; returns how many. */
static int
make_distinct(int *combinations, int n, int size)
{
	int kept = 0;
	int i;

	qsort_arg(combinations, n, sizeof(int) * size, compare_digits, &size);
	for (i = 0; i < n; i++)
	{
		int *next = &combinations[i * size];

		if (kept == 0 ||
			compare_digits(&combinations[(kept - 1) * size], next, &size) != 0)
			memmove(&combinations[kept++ * size], next, sizeof(int) * size);
	}
	return kept;
}

bool
cass_bind_branches(CassBindings *bs)
{
	int clause = choose_clause(bs);
	int nbranches = 0;
	int size = 0;
	int n = 0;
	int i;

	bs->combinations = NULL;
	bs->ncombinations = bs->combination = 0;
	if (clause < 0 || has_several(bs))
	{
		mark_bindings(bs, NO_CLAUSE);
		return true;
	}
	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		if (bs->each[i].by_branch)
		{
			size++;
			nbranches = bs->each[i].nbranches;
		}
	}
	bs->combinations = palloc(sizeof(int) * size * (nbranches + 1));
	for (i = 0; i < nbranches; i++)
	{
		if (read_branch(bs, i, &bs->combinations[n * size]))
			n++;
	}
	bs->ncombinations = make_distinct(bs->combinations, n, size);
	if (bs->ncombinations == 0)
		return false;
	cass_bind_combination(bs);
	return true;
}

void
cass_bind_combination(CassBindings *bs)
{
	int size = 0;
	int n = 0;
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
		size += bs->each[i].by_branch;
	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		if (bs->each[i].by_branch)
			bs->each[i].digit = bs->combinations[bs->combination * size + n++];
	}
}
