/*
 * bound_steps.c
 *	  Conditions on functions of times: at::date = d, date_trunc('month', at)
 *	  >= m, (at AT TIME ZONE z)::date < d.
 *
 * The range of a function's result is turned into one of its argument, from
 * the outermost function to the column.  It may grow on the way, around
 * changes of a clock, so what it finds is checked again.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "parser/scansup.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "bound_zone.h"

/* Bounds so near to the ends of all times go there: functions fail beyond. */
#define MARGIN (INT64CONST(1001) * 366 * USECS_PER_DAY)

/* Microseconds since 2000, both included; infinities: no bound. */
typedef struct Range
{
	int64 first;
	int64 last;
} Range;

typedef struct Unit
{
	int code;
	const char *name;
	Interval length;
} Unit;

static const Unit units[] = {{DTK_MICROSEC, "microsecond", {1, 0, 0}},
							 {DTK_MILLISEC, "millisecond", {1000, 0, 0}},
							 {DTK_SECOND, "second", {USECS_PER_SEC, 0, 0}},
							 {DTK_MINUTE, "minute", {USECS_PER_MINUTE, 0, 0}},
							 {DTK_HOUR, "hour", {USECS_PER_HOUR, 0, 0}},
							 {DTK_DAY, "day", {0, 1, 0}},
							 {DTK_WEEK, "week", {0, 7, 0}},
							 {DTK_MONTH, "month", {0, 0, 1}},
							 {DTK_QUARTER, "quarter", {0, 0, 3}},
							 {DTK_YEAR, "year", {0, 0, 12}},
							 {DTK_DECADE, "decade", {0, 0, 120}},
							 {DTK_CENTURY, "century", {0, 0, 1200}},
							 {DTK_MILLENNIUM, "millennium", {0, 0, 12000}}};

int
cass_trunc_unit(const char *name, bool *shorter)
{
	char *lower = downcase_truncate_identifier(name, strlen(name), false);
	int code;
	int i;

	if (DecodeUnits(0, lower, &code) != UNITS)
		return -1;
	for (i = 0; i < (int) lengthof(units); i++)
	{
		if (units[i].code == code)
		{
			*shorter = units[i].length.time > 0;
			return i;
		}
	}
	return -1;
}

static int64
truncate_to(int unit, int64 us)
{
	return DatumGetTimestamp(DirectFunctionCall2(
		timestamp_trunc, PointerGetDatum(cstring_to_text(units[unit].name)),
		TimestampGetDatum(us)));
}

/* The beginning of the next unit. */
static int64
next_unit(int unit, int64 us)
{
	return DatumGetTimestamp(DirectFunctionCall2(
		timestamp_pl_interval, TimestampGetDatum(us),
		IntervalPGetDatum(unconstify(Interval *, &units[unit].length))));
}

/* Bounds that functions can take. */
static void
keep_inside(Range *range)
{
	if (range->first < MIN_TIMESTAMP + MARGIN)
		range->first = DT_NOBEGIN;
	range->first = Min(range->first, END_TIMESTAMP - MARGIN);
	if (range->last > END_TIMESTAMP - MARGIN)
		range->last = DT_NOEND;
	range->last = Max(range->last, MIN_TIMESTAMP + MARGIN);
}

/* From the range of beginnings of units to that of all times in these. */
static void
undo_trunc(int unit, Range *range)
{
	int64 start;

	if (range->first != DT_NOBEGIN)
	{
		start = truncate_to(unit, range->first);
		range->first =
			start < range->first ? next_unit(unit, start) : range->first;
	}
	if (range->last != DT_NOEND)
		range->last = next_unit(unit, truncate_to(unit, range->last)) - 1;
}

/* Moves the bounds as far as some offset around them may. */
static void
undo_zone(const CassStep *step, Range *range)
{
	bool to_clock = step->kind == CASS_STEP_CLOCK;
	CassOffsets offsets;

	if (range->first != DT_NOBEGIN)
	{
		cass_zone_offsets(step->zone, range->first, &offsets);
		range->first += to_clock ? -offsets.greatest : offsets.least;
	}
	if (range->last != DT_NOEND)
	{
		cass_zone_offsets(step->zone, range->last, &offsets);
		range->last += to_clock ? -offsets.least : offsets.greatest;
	}
}

static int
day_unit(void)
{
	bool shorter;

	return cass_trunc_unit("day", &shorter);
}

static void
undo(const CassStep *step, Range *range)
{
	keep_inside(range);
	switch (step->kind)
	{
		case CASS_STEP_DAY:
			undo_trunc(day_unit(), range);
			break;
		case CASS_STEP_TRUNC:
			undo_trunc(step->unit, range);
			break;
		case CASS_STEP_SHORTEN:
			if (range->last != DT_NOEND)
				range->last += units[step->unit].length.time - 1;
			break;
		case CASS_STEP_CLOCK:
		case CASS_STEP_INSTANT:
			undo_zone(step, range);
			break;
	}
}

/* The range that "result strategy us" means. */
static void
set_range(Range *range, int strategy, int64 us)
{
	range->first = cass_is_upper(strategy) ? DT_NOBEGIN : us;
	range->last = strategy == BTGreaterStrategyNumber ||
						  strategy == BTGreaterEqualStrategyNumber
					  ? DT_NOEND
					  : us;
	if (TIMESTAMP_NOT_FINITE(us))
		return;
	if (strategy == BTLessStrategyNumber)
		range->last--;
	if (strategy == BTGreaterStrategyNumber)
		range->first++;
}

static void
add_bound(CassDomain *domain, int strategy, int64 us)
{
	Oid type = domain->codec->basetype == TIMESTAMPTZOID ? TIMESTAMPTZOID
														 : TIMESTAMPOID;

	if (domain->codec->type->id == CQL_TYPE_TIMEUUID)
		cass_domain_add_time(domain, strategy, TIMESTAMPTZOID,
							 TimestampTzGetDatum(us), false);
	else
		cass_domain_add(domain, strategy, type, TimestampGetDatum(us), false);
}

/* The range of the column that one value makes. */
static void
undo_all(Range *range, int strategy, Oid valtype, Datum value, bool instant,
		 const CassStep *steps, int nsteps)
{
	int beyond;
	int64 us = cass_time_value(valtype, value, instant, &beyond);
	int i;

	if (beyond != 0)
		us = beyond > 0 ? DT_NOEND : DT_NOBEGIN;
	set_range(range, strategy, us);
	for (i = 0; i < nsteps; i++)
		undo(&steps[i], range);
}

void
cass_domain_add_steps(CassDomain *domain, int strategy, Oid valtype,
					  int nvalues, const Datum *values, const bool *nulls,
					  const CassStep *steps, int nsteps)
{
	bool instant = nsteps > 0 ? steps[0].kind == CASS_STEP_INSTANT ||
									steps[0].kind == CASS_STEP_SHORTEN
							  : domain->codec->type->id == CQL_TYPE_TIMEUUID;
	Range all = {DT_NOEND, DT_NOBEGIN};
	bool some = false;
	int i;

	if (domain->kind == CASS_DOMAIN_EMPTY)
		return;
	for (i = 0; i < nvalues; i++)
	{
		Range range;

		if (nulls[i])
			continue;
		undo_all(&range, strategy, valtype, values[i], instant, steps, nsteps);
		/* a value that is no result, such as noon of a date */
		if (range.first > range.last)
			continue;
		all.first = Min(all.first, range.first);
		all.last = Max(all.last, range.last);
		some = true;
	}
	if (!some)
	{
		domain->kind = CASS_DOMAIN_EMPTY;
		return;
	}
	if (strategy != BTLessStrategyNumber &&
		strategy != BTLessEqualStrategyNumber)
		add_bound(domain, BTGreaterEqualStrategyNumber, all.first);
	if (strategy != BTGreaterStrategyNumber &&
		strategy != BTGreaterEqualStrategyNumber)
		add_bound(domain, BTLessEqualStrategyNumber, all.last);
}
