/*
 * bound.c
 *	  What the conditions on one column leave of it: points or a range.
 *
 * A value is first turned into the column's encoding (bound_value.c), which
 * may shift the operator: rounding a timestamp to milliseconds makes ">=" of
 * a value in between ">" of the one below.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "bound_value.h"

void
cass_domain_init(CassDomain *domain, CassCodec *codec)
{
	memset(domain, 0, sizeof(*domain));
	domain->codec = codec;
	domain->context = CurrentMemoryContext;
	domain->kind = CASS_DOMAIN_ALL;
}

static int
compare(const CassDomain *domain, cql_slice a, cql_slice b)
{
	return cass_compare_cells(cass_codec_type(domain->codec), a, b);
}

static bool
in_range(const CassDomain *domain, cql_slice point)
{
	int c;

	if (domain->has_lower)
	{
		c = compare(domain, point, domain->lower);
		if (c < 0 || (c == 0 && !domain->lower_inclusive))
			return false;
	}
	if (domain->has_upper)
	{
		c = compare(domain, point, domain->upper);
		if (c > 0 || (c == 0 && !domain->upper_inclusive))
			return false;
	}
	return true;
}

static int
compare_points(const void *a, const void *b, void *arg)
{
	return compare(arg, *(const cql_slice *) a, *(const cql_slice *) b);
}

static bool
has_point(const CassDomain *domain, cql_slice point)
{
	int low = 0;
	int high = domain->npoints - 1;

	while (low <= high)
	{
		int middle = low + (high - low) / 2;
		int c = compare(domain, domain->points[middle], point);

		if (c == 0)
			return true;
		if (c < 0)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return false;
}

/* AND one of these points; they are in the domain's context already. */
static void
intersect_points(CassDomain *domain, cql_slice *points, int n)
{
	int kept = 0;
	int i;

	for (i = 0; i < n; i++)
	{
		if (domain->kind == CASS_DOMAIN_POINTS ? has_point(domain, points[i])
											   : in_range(domain, points[i]))
			points[kept++] = points[i];
	}
	if (kept > 1)
		qsort_arg(points, kept, sizeof(cql_slice), compare_points, domain);
	for (i = n = 0; i < kept; i++)
	{
		if (n == 0 || compare(domain, points[n - 1], points[i]) != 0)
			points[n++] = points[i];
	}
	domain->points = points;
	domain->npoints = n;
	domain->kind = n == 0 ? CASS_DOMAIN_EMPTY : CASS_DOMAIN_POINTS;
}

/* Keeps the points that lie within the bounds just narrowed. */
static void
filter_points(CassDomain *domain)
{
	int i, n = 0;

	for (i = 0; i < domain->npoints; i++)
	{
		if (in_range(domain, domain->points[i]))
			domain->points[n++] = domain->points[i];
	}
	domain->npoints = n;
	if (n == 0)
		domain->kind = CASS_DOMAIN_EMPTY;
}

static void
narrow_lower(CassDomain *domain, cql_slice value, bool inclusive)
{
	int c = domain->has_lower ? compare(domain, value, domain->lower) : 1;

	if (c > 0 || (c == 0 && !inclusive))
	{
		domain->has_lower = true;
		domain->lower = value;
		domain->lower_inclusive = inclusive;
	}
}

static void
narrow_upper(CassDomain *domain, cql_slice value, bool inclusive)
{
	int c = domain->has_upper ? compare(domain, value, domain->upper) : -1;

	if (c < 0 || (c == 0 && !inclusive))
	{
		domain->has_upper = true;
		domain->upper = value;
		domain->upper_inclusive = inclusive;
	}
}

/* A range whose bounds have crossed holds nothing. */
static bool
bounds_crossed(const CassDomain *domain)
{
	int c;

	if (!domain->has_lower || !domain->has_upper)
		return false;
	c = compare(domain, domain->lower, domain->upper);
	return c > 0 ||
		   (c == 0 && !(domain->lower_inclusive && domain->upper_inclusive));
}

/* After bounds were narrowed. */
static void
settle_range(CassDomain *domain)
{
	if (bounds_crossed(domain))
		domain->kind = CASS_DOMAIN_EMPTY;
	else if (domain->kind == CASS_DOMAIN_POINTS)
		filter_points(domain);
	else
		domain->kind = CASS_DOMAIN_RANGE;
}

/*
 * Every value: zero bytes, which sort first, are a value of text, and null of
 * varint.  (Other types clamp to their least or greatest value.)
 */
static void
narrow_to_values(CassDomain *domain)
{
	static const cql_slice least = {(const uint8 *) "", 0};

	narrow_lower(domain, least,
				 cass_codec_type(domain->codec)->id != CQL_TYPE_VARINT);
}

static void
intersect_range(CassDomain *domain, const CassBoundValue *bound)
{
	switch (bound->strategy)
	{
		case CASS_ANY_VALUE:
			narrow_to_values(domain);
			break;
		case CASS_BETWEEN:
			narrow_lower(domain, bound->values[0], true);
			narrow_upper(domain, bound->values[1], true);
			break;
		case BTLessStrategyNumber:
		case BTLessEqualStrategyNumber:
			narrow_upper(domain, bound->values[0],
						 bound->strategy == BTLessEqualStrategyNumber);
			break;
		default:
			narrow_lower(domain, bound->values[0],
						 bound->strategy == BTGreaterEqualStrategyNumber);
			break;
	}
	settle_range(domain);
}

static void
intersect_bound(CassDomain *domain, const CassBoundValue *bound)
{
	cql_slice *points;

	if (bound->strategy != BTEqualStrategyNumber)
	{
		intersect_range(domain, bound);
		return;
	}
	points = palloc(sizeof(cql_slice) * bound->nvalues);
	memcpy(points, bound->values, sizeof(cql_slice) * bound->nvalues);
	intersect_points(domain, points, bound->nvalues);
}

void
cass_domain_add(CassDomain *domain, int strategy, Oid valtype, Datum value,
				bool isnull)
{
	MemoryContext old;
	CassBoundValue bound;

	if (domain->kind == CASS_DOMAIN_EMPTY)
		return;
	old = MemoryContextSwitchTo(domain->context);
	if (isnull ||
		!cass_bound_value(domain->codec, strategy, valtype, value, &bound))
		domain->kind = CASS_DOMAIN_EMPTY;
	else
		intersect_bound(domain, &bound);
	MemoryContextSwitchTo(old);
}

/* What lies further out: the side of a domain that is no bound, or beyond. */
static void
widen(CassDomain *hull, const CassDomain *domain, bool upper)
{
	bool points = domain->kind == CASS_DOMAIN_POINTS;
	cql_slice value;
	bool inclusive = true;
	bool *bounded = upper ? &hull->has_upper : &hull->has_lower;
	bool first = hull->kind == CASS_DOMAIN_EMPTY;
	int c = 1;

	if (points)
		value = domain->points[upper ? domain->npoints - 1 : 0];
	else
	{
		value = upper ? domain->upper : domain->lower;
		inclusive = upper ? domain->upper_inclusive : domain->lower_inclusive;
	}
	hull->kind = CASS_DOMAIN_RANGE;
	if (!first && !*bounded)
		return;
	*bounded = points || (upper ? domain->has_upper : domain->has_lower);
	if (!*bounded)
		return;
	if (!first)
		c = compare(domain, value, upper ? hull->upper : hull->lower) *
			(upper ? 1 : -1);
	if (c > 0 && upper)
		hull->upper = value;
	else if (c > 0)
		hull->lower = value;
	if (upper)
		hull->upper_inclusive =
			c > 0 ? inclusive : hull->upper_inclusive || (c == 0 && inclusive);
	else
		hull->lower_inclusive =
			c > 0 ? inclusive : hull->lower_inclusive || (c == 0 && inclusive);
}

void
cass_domain_add_hull(CassDomain *domain, int strategy, int nvalues,
					 const int *strategies, const Oid *valtypes,
					 const Datum *values, const bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(domain->context);
	CassDomain hull;
	int i;

	cass_domain_init(&hull, domain->codec);
	hull.kind = CASS_DOMAIN_EMPTY;
	for (i = 0; i < nvalues; i++)
	{
		CassDomain one;

		cass_domain_init(&one, domain->codec);
		cass_domain_add(&one, strategies[i], valtypes[i], values[i], nulls[i]);
		if (one.kind != CASS_DOMAIN_EMPTY)
			widen(&hull, &one, cass_is_upper(strategy));
	}
	MemoryContextSwitchTo(old);
	if (hull.kind == CASS_DOMAIN_EMPTY)
		domain->kind = CASS_DOMAIN_EMPTY;
	if (domain->kind == CASS_DOMAIN_EMPTY)
		return;
	if (hull.has_lower)
		narrow_lower(domain, hull.lower, hull.lower_inclusive);
	if (hull.has_upper)
		narrow_upper(domain, hull.upper, hull.upper_inclusive);
	settle_range(domain);
}

CassSide
cass_bound_side(CassCodec *codec, int *strategy, Oid valtype, Datum value,
				cql_slice *bound)
{
	CassBoundValue v;

	if (!cass_bound_value(codec, *strategy, valtype, value, &v))
		return CASS_SIDE_NONE;
	if (v.strategy == CASS_ANY_VALUE)
		return CASS_SIDE_ALL;
	*strategy = v.strategy;
	*bound = v.values[0];
	return CASS_SIDE_BOUND;
}

void
cass_domain_exclude_empty(CassDomain *domain)
{
	static const cql_slice empty = {(const uint8 *) "", 0};

	if (domain->kind == CASS_DOMAIN_RANGE && !domain->has_lower &&
		cass_has_empty(domain->codec))
		narrow_lower(domain, empty, false);
}

void
cass_domain_add_time(CassDomain *domain, int strategy, Oid valtype,
					 Datum value, bool isnull)
{
	MemoryContext old;
	CassBoundValue bound;

	if (domain->kind == CASS_DOMAIN_EMPTY)
		return;
	old = MemoryContextSwitchTo(domain->context);
	bound.nvalues = 0;
	if (isnull || !cass_timeuuid_time_bound(strategy, valtype, value, &bound))
		domain->kind = CASS_DOMAIN_EMPTY;
	else
		intersect_bound(domain, &bound);
	MemoryContextSwitchTo(old);
}

void
cass_domain_add_prefix(CassDomain *domain, Datum prefix, bool isnull)
{
	MemoryContext old;
	CassBoundValue lower;
	CassBoundValue upper;

	if (domain->kind == CASS_DOMAIN_EMPTY)
		return;
	old = MemoryContextSwitchTo(domain->context);
	lower.nvalues = upper.nvalues = 0;
	if (isnull || !cass_prefix_bound(domain->codec, prefix, &lower, &upper))
		domain->kind = CASS_DOMAIN_EMPTY;
	else
	{
		intersect_bound(domain, &lower);
		if (domain->kind != CASS_DOMAIN_EMPTY)
			intersect_bound(domain, &upper);
	}
	MemoryContextSwitchTo(old);
}

void
cass_domain_add_any(CassDomain *domain, const Oid *valtypes, int nvalues,
					const Datum *values, const bool *nulls, bool isnull)
{
	MemoryContext old;
	CassBoundValue bound;
	cql_slice *points;
	Size size = Max(nvalues, 1);
	int n = 0;
	int i, j;

	if (domain->kind == CASS_DOMAIN_EMPTY)
		return;
	if (isnull || nvalues <= 0)
	{
		domain->kind = CASS_DOMAIN_EMPTY;
		return;
	}
	old = MemoryContextSwitchTo(domain->context);
	points = MemoryContextAllocHuge(domain->context, sizeof(cql_slice) * size);
	for (i = 0; i < nvalues; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (nulls[i] || !cass_bound_value(domain->codec, BTEqualStrategyNumber,
										  valtypes[i], values[i], &bound))
			continue;
		if (bound.strategy != BTEqualStrategyNumber)
			elog(ERROR, "= ANY was pushed where = is a range");
		if ((Size) n + bound.nvalues > size)
		{
			size = Max(size * 2, (Size) n + bound.nvalues);
			points = repalloc_huge(points, sizeof(cql_slice) * size);
		}
		for (j = 0; j < bound.nvalues; j++)
			points[n++] = bound.values[j];
	}
	intersect_points(domain, points, n);
	MemoryContextSwitchTo(old);
}

bool
cass_element_value(const CassCodec *codec, bool key, Oid valtype, Datum value,
				   cql_slice *element)
{
	CassDomain domain;

	cass_domain_init(&domain,
					 key ? cass_key_codec(codec) : cass_element_codec(codec));
	cass_domain_add(&domain, BTEqualStrategyNumber, valtype, value, false);
	if (domain.kind != CASS_DOMAIN_POINTS)
		return false;
	Assert(domain.npoints == 1);
	*element = domain.points[0];
	return true;
}
