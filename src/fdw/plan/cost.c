/*
 * cost.c
 *	  Estimates and costs, in the planner's units.
 *
 * Measured on one machine: a pipelined look-up costs a server as much as some
 * fifteen rows of a scan that are a partition each, or forty rows of large
 * partitions; waiting for an answer takes ten times that, once a scan, as its
 * look-ups wait together.
 */
#include "planner.h"

#include "catalog/pg_type.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/selfuncs.h"

#define SCAN_STARTUP_COST 100.0
#define ROUND_TRIP_COST 18.0
#define LOOKUP_COST 2.0
#define TUPLE_COST 0.05
#define PARTITION_COST 0.08	 /* besides its rows, of a scan */
#define AGGREGATED_COST 0.02 /* a row that the server counts */
/* A worker connects, learns nodes and schema: startups of a scan. */
#define WORKER_STARTUPS 10.0

/* Values of a source: of arrays as many as the planner knows. */
static double
count_values(PlannerInfo *root, const CassSource *source)
{
	double n = 0;
	ListCell *lc;

	if (source->kind != CASS_SOURCE_POINTS)
		return 1;
	foreach (lc, source->values)
	{
		CassValue *value = lfirst(lc);

		n += value->array
				 ? Max(cass_array_length(root, (Node *) value->expr), 1)
				 : 1;
	}
	return n;
}

/* Keys of a decision, or those of the partition key alone. */
static double
count_keys(PlannerInfo *root, const CassDecision *d, uint32 npartition)
{
	double n = 1;
	uint32 i;

	for (i = 0; i < d->plan.nrestrictions; i++)
	{
		double least = -1;
		ListCell *lc;

		if (!d->plan.restrictions[i].fanout ||
			d->plan.restrictions[i].columns[0] >= npartition)
			continue;
		foreach (lc, d->conditions)
		{
			CassCondition *c = lfirst(lc);
			double values = count_values(root, c->source);

			if (d->plan.conds[foreach_current_index(lc)].restriction ==
					(int) i &&
				(least < 0 || values < least))
				least = values;
		}
		n *= Max(least, 1);
	}
	return n;
}

/* Whether a condition on a Boolean can only be that it is false. */
static bool
is_false(const CassCondition *condition)
{
	ListCell *lc;

	foreach (lc, condition->source->values)
	{
		Const *value = (Const *) ((CassValue *) lfirst(lc))->expr;

		if (!IsA(value, Const) || value->consttype != BOOLOID ||
			value->constisnull || DatumGetBool(value->constvalue))
			return false;
	}
	return true;
}

/* Keys of each one that is counted: true has many spellings. */
static double
count_spellings(const CassRelInfo *info, const CassDecision *d)
{
	const cql_schema_table *table = info->shape->table;
	ListCell *lc;

	foreach (lc, d->keyed ? d->conditions : NIL)
	{
		const CassCondition *condition = lfirst(lc);
		int column = condition->cond.columns[0];

		if (!condition->cond.token && column < (int) table->npartition &&
			table->columns[column].type->id == CQL_TYPE_BOOLEAN &&
			!is_false(condition))
			return PG_UINT8_MAX;
	}
	return 1;
}

/* Clauses that say more than the partition key's columns. */
static List *
other_clauses(const CassRelInfo *info, const CassDecision *d, List *clauses)
{
	List *others = NIL;
	ListCell *lc, *lj;

	foreach (lc, clauses)
	{
		bool key = false;

		foreach (lj, d->conditions)
		{
			CassCondition *c = lfirst(lj);

			if (c->clause == foreach_current_index(lc) && !c->cond.token &&
				c->cond.columns[0] < info->shape->table->npartition)
				key = true;
		}
		if (!key)
			others = lappend(others, lfirst(lc));
	}
	return others;
}

bool
cass_is_single_row(const CassRelInfo *info, const CassDecision *d)
{
	const cql_schema_table *table = info->shape->table;
	uint32 fixed = 0;
	uint32 i;

	for (i = 0; i < d->plan.nrestrictions; i++)
	{
		const cql_restriction *r = &d->plan.restrictions[i];

		if (r->shape == CQL_SHAPE_EQ && !r->token && !r->tuple &&
			r->columns[0] < table->npartition + table->nclustering)
			fixed++;
	}
	return fixed == table->npartition + table->nclustering;
}

/* Rows of the partitions that a decision names. */
static double
partition_rows(PlannerInfo *root, const CassRelInfo *info,
			   const CassDecision *d)
{
	double keys = count_keys(root, d, info->shape->table->npartition);

	return Min(keys * info->rel->tuples / Max(info->partitions, 1),
			   info->rel->tuples);
}

double
cass_estimate_keyed(PlannerInfo *root, const CassRelInfo *info,
					const CassDecision *d, List *clauses)
{
	if (cass_is_single_row(info, d))
		return 1;
	return clamp_row_est(
		partition_rows(root, info, d) *
		clauselist_selectivity(root, other_clauses(info, d, clauses),
							   info->rel->relid, JOIN_INNER, NULL));
}

void
cass_estimate_rel(PlannerInfo *root, RelOptInfo *rel, CassRelInfo *info)
{
	set_baserel_size_estimates(root, rel);
	if (info->decision->keyed)
		rel->rows = cass_estimate_keyed(root, info, info->decision,
										rel->baserestrictinfo);
	info->sized = true;
}

static double
option_or(double option, double otherwise)
{
	return option >= 0 ? option : otherwise;
}

/* Rows that come, of which what is checked here leaves "rows". */
static double
fetched_rows(PlannerInfo *root, const CassRelInfo *info, const CassDecision *d,
			 double rows)
{
	double selectivity;

	if (d->plan.access == CQL_ACCESS_SCAN && !d->plan.filtering)
		return info->rel->tuples;
	if (!d->keyed || d->local == NIL)
		return rows;
	selectivity = clauselist_selectivity(root, d->local, info->rel->relid,
										 JOIN_INNER, NULL);
	return Max(rows, Min(rows / Max(selectivity, 1e-6),
						 partition_rows(root, info, d)));
}

void
cass_cost_rows(PlannerInfo *root, const CassRelInfo *info,
			   const CassDecision *d, double rows, Cost *startup, Cost *total)
{
	double tuple_cost = option_or(info->options->tuple_cost, TUPLE_COST);
	QualCost quals;

	cost_qual_eval(&quals, d->local, root);
	*startup += quals.startup;
	*total +=
		quals.startup + fetched_rows(root, info, d, rows) *
							(tuple_cost + cpu_tuple_cost + quals.per_tuple);
}

double
cass_cost_lookups(PlannerInfo *root, const CassRelInfo *info,
				  const CassDecision *d)
{
	return count_keys(root, d, PG_UINT32_MAX) * count_spellings(info, d) *
		   LOOKUP_COST;
}

Cost
cass_cost_round_trip(const CassRelInfo *info)
{
	return Min(option_or(info->options->startup_cost, ROUND_TRIP_COST),
			   ROUND_TRIP_COST);
}

void
cass_cost_scan(PlannerInfo *root, const CassRelInfo *info,
			   const CassDecision *d, double rows, Cost *startup, Cost *total)
{
	if (d->plan.access == CQL_ACCESS_SCAN)
	{
		*startup = option_or(info->options->startup_cost, SCAN_STARTUP_COST);
		*total = *startup + info->partitions * PARTITION_COST;
		if (d->plan.filtering)
			*total += info->rel->tuples * AGGREGATED_COST;
	}
	else
	{
		*startup = cass_cost_round_trip(info);
		*total = *startup + cass_cost_lookups(root, info, d);
	}
	cass_cost_rows(root, info, d, rows, startup, total);
}

/*
 * Servers give their rows no faster to several backends, so that only what is
 * done with them here is divided.  While one backend waits for rows it works
 * at those before, so of its work only what takes longer than that can be
 * gained: the rest, which is as much as the servers' own, is added.
 */
void
cass_cost_partial(PlannerInfo *root, const CassRelInfo *info,
				  const CassDecision *d, double divisor, Cost *startup,
				  Cost *total)
{
	double rows = info->rel->rows;
	double fetched = fetched_rows(root, info, d, rows);
	double tuple_cost = option_or(info->options->tuple_cost, TUPLE_COST);
	QualCost quals;
	Cost workers;

	cass_cost_scan(root, info, d, rows, startup, total);
	workers = *startup * WORKER_STARTUPS;
	cost_qual_eval(&quals, d->local, root);
	*total += fetched * (tuple_cost - cpu_tuple_cost - quals.per_tuple) *
			  (1 - 1 / divisor);
	*startup += workers;
	*total += workers;
}

void
cass_cost_aggregate(PlannerInfo *root, const CassRelInfo *info,
					const CassDecision *d, double groups, Cost *startup,
					Cost *total)
{
	Cost scan_startup, scan_total;

	cass_cost_scan(root, info, d, groups, &scan_startup, &scan_total);
	*startup = scan_startup;
	*total = scan_startup + groups * TUPLE_COST;
	*total += (d->keyed ? cass_cost_lookups(root, info, d) : 0) +
			  info->rel->rows * AGGREGATED_COST;
	*startup = *total - groups * TUPLE_COST;
}
