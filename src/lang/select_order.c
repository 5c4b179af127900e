/*
 * select_order.c
 *	  Order, limits and aggregates.
 *
 * Part of select.  Rows of one partition come in clustering order or, with
 * ORDER BY, in its reverse.  What the server counts, cuts or groups must be
 * the rows the caller wants, so every condition must have gone exactly.
 */
#include "select_int.h"

/* Oldest releases with these clauses. */
#define RELEASE_PARTITION_LIMIT 306
#define RELEASE_GROUP_BY 310

static bool
too_old(const cql_select_state *s, int release)
{
	return s->in->release != 0 && s->in->release < release;
}

static void
refuse(cql_reason *reason, cql_why why, int column, int other)
{
	cql_select_refuse(reason, why, column, other, -1);
}

/* Condition that is checked locally, told by its column. */
static void
refuse_local(const cql_select_state *s, cql_reason *reason)
{
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		if (s->plan->conds[i].recheck)
		{
			refuse(reason, CQL_WHY_LOCAL,
				   s->in->conds[i].token ? -1 : s->in->conds[i].columns[0],
				   -1);
			return;
		}
	}
}

static bool
is_clustering(const cql_select_state *s, uint32_t column)
{
	return column >= s->in->table->npartition &&
		   column < s->in->table->npartition + s->in->table->nclustering;
}

/* ---- order ---- */

/*
 * The order of rows of a partition against the wanted one: false with the
 * reason when it is neither the declared one nor its reverse.  *any says
 * whether it matters at all.
 */
static bool
match_order(cql_select_state *s, bool *reversed, bool *any)
{
	const cql_schema_table *table = s->in->table;
	uint32_t next = table->npartition;
	uint32_t i;

	*any = false;
	for (i = 0; i < s->in->norder; i++)
	{
		const cql_order *order = &s->in->order[i];
		bool reverse;

		if (cql_select_fixed(s, order->column))
			continue;
		if (!is_clustering(s, order->column))
		{
			refuse(&s->plan->order_reason, CQL_WHY_ORDER_COLUMN, order->column,
				   -1);
			return false;
		}
		/* Named before: it decides nothing more. */
		if (order->column < next)
			continue;
		while (next < order->column && cql_select_fixed(s, next))
			next++;
		if (next < order->column)
		{
			refuse(&s->plan->order_reason, CQL_WHY_ORDER_SEQUENCE,
				   order->column, (int) next);
			return false;
		}
		reverse =
			order->descending != table->columns[order->column].descending;
		if (*any && reverse != *reversed)
		{
			refuse(&s->plan->order_reason, CQL_WHY_ORDER_DIRECTION,
				   order->column, -1);
			return false;
		}
		*reversed = reverse;
		*any = true;
		next++;
	}
	return true;
}

static bool
has_fanout(const cql_select_state *s)
{
	uint32_t i;

	for (i = 0; i < s->plan->nrestrictions; i++)
	{
		if (s->plan->restrictions[i].fanout)
			return true;
	}
	return false;
}

/* Partitions are read as they lie on the ring, but for those of an index. */
static void
order_by_ring(cql_select_state *s)
{
	if (s->plan->access == CQL_ACCESS_PARTITION)
	{
		refuse(&s->plan->order_reason, CQL_WHY_COMBINATION, -1, -1);
		return;
	}
	s->plan->ordered = true;
	s->keep_order = true;
}

void
cql_select_order(cql_select_state *s)
{
	cql_select_plan *plan = s->plan;
	bool reversed = false;
	bool any = false;

	if (s->in->ring)
	{
		order_by_ring(s);
		return;
	}
	if (s->in->norder == 0)
	{
		plan->ordered = true;
		return;
	}
	/* Of all partitions only the first rows of each have an order. */
	if (plan->access != CQL_ACCESS_PARTITION && !s->in->partition_limit)
	{
		refuse(&plan->order_reason, CQL_WHY_ORDER_PARTITION, -1, s->free_key);
		return;
	}
	if (!match_order(s, &reversed, &any))
		return;
	if (reversed && plan->access != CQL_ACCESS_PARTITION)
	{
		refuse(&plan->order_reason, CQL_WHY_ORDER_PARTITION, -1, s->free_key);
		return;
	}
	plan->ordered = true;
	plan->reversed = reversed;
	plan->merge = any && has_fanout(s) && !s->in->partition_limit;
	s->keep_order = any;
}

/* ---- groups ---- */

static bool
is_group(const cql_select_state *s, uint32_t column)
{
	uint32_t i;

	for (i = 0; i < s->in->ngroup; i++)
	{
		if (s->in->group[i] == column)
			return true;
	}
	return false;
}

/* The whole partition key is grouped by, or has one value a query. */
static bool
groups_partitions(const cql_select_state *s, cql_reason *reason)
{
	uint32_t column;

	for (column = 0; column < s->in->table->npartition; column++)
	{
		if (!is_group(s, column) && !cql_select_fixed(s, column))
		{
			refuse(reason, CQL_WHY_GROUP_PARTITION, -1, (int) column);
			return false;
		}
	}
	return true;
}

/*
 * The last column of GROUP BY is not one inside of the partition key: CQL
 * wants the whole of it before, columns fixed by = among them.
 */
static bool
ends_in_partition(const cql_select_state *s, cql_reason *reason)
{
	uint32_t npartition = s->in->table->npartition;
	uint32_t last = 0;
	uint32_t i;

	for (i = 0; i < s->in->ngroup; i++)
	{
		if (s->in->group[i] > last)
			last = s->in->group[i];
	}
	if (last + 1 >= npartition)
		return false;
	refuse(reason, CQL_WHY_GROUP_PART, -1, (int) npartition - 1);
	return true;
}

/* Requests by value of an index may each have a part of a group. */
static bool
splits_groups(const cql_select_state *s)
{
	return s->plan->fanout && s->plan->access != CQL_ACCESS_PARTITION;
}

/*
 * A long list of IN is sent in several requests: of a column that is not
 * grouped by each would have a part of the same group.
 */
static bool
cuts_groups(const cql_select_state *s, cql_reason *reason)
{
	uint32_t i;

	for (i = 0; i < s->plan->nrestrictions; i++)
	{
		const cql_restriction *r = &s->plan->restrictions[i];

		if (r->shape == CQL_SHAPE_IN && !r->token && !r->fanout &&
			!is_group(s, r->columns[0]))
		{
			refuse(reason, CQL_WHY_COMBINATION, r->columns[0], -1);
			return true;
		}
	}
	return false;
}

/* GROUP BY: a prefix of the primary key; columns fixed by = may be missing. */
static bool
may_group(const cql_select_state *s, cql_reason *reason)
{
	const cql_schema_table *table = s->in->table;
	uint32_t nkeys = table->npartition + table->nclustering;
	uint32_t column;
	uint32_t i;
	int missing = -1;

	if (too_old(s, RELEASE_GROUP_BY))
	{
		refuse(reason, CQL_WHY_RELEASE, -1, -1);
		return false;
	}
	for (i = 0; i < s->in->ngroup; i++)
	{
		if (s->in->group[i] >= nkeys)
		{
			refuse(reason, CQL_WHY_GROUP_COLUMN, s->in->group[i], -1);
			return false;
		}
	}
	if (!groups_partitions(s, reason) || ends_in_partition(s, reason) ||
		cuts_groups(s, reason))
		return false;
	for (column = table->npartition; column < nkeys; column++)
	{
		if (is_group(s, column) && missing >= 0)
		{
			refuse(reason, CQL_WHY_GROUP_SEQUENCE, (int) column, missing);
			return false;
		}
		if (!is_group(s, column) && missing < 0 &&
			!cql_select_fixed(s, column))
			missing = (int) column;
	}
	return true;
}

/* DISTINCT: the partition key, static columns, and conditions on them. */
static bool
may_distinct(const cql_select_state *s, cql_reason *reason)
{
	const cql_schema_table *table = s->in->table;
	uint32_t i;

	for (i = 0; i < s->in->ngroup; i++)
	{
		uint32_t column = s->in->group[i];

		if (column >= table->npartition &&
			table->columns[column].kind != CQL_STATIC)
		{
			refuse(reason, CQL_WHY_DISTINCT_COLUMN, (int) column, -1);
			return false;
		}
	}
	for (i = 0; i < s->plan->nrestrictions; i++)
	{
		const cql_restriction *r = &s->plan->restrictions[i];

		if (!r->token && r->columns[0] >= table->npartition &&
			table->columns[r->columns[0]].kind != CQL_STATIC)
		{
			refuse(reason, CQL_WHY_DISTINCT_COND, r->columns[0], -1);
			return false;
		}
	}
	return groups_partitions(s, reason);
}

/* ---- ANN ---- */

/* A restriction beside ANN: a key of one partition, token, or SAI. */
static bool
suits_ann(const cql_select_state *s, const cql_restriction *r)
{
	const cql_schema_table *table = s->in->table;

	if (r->token)
		return true;
	if (r->filtering)
		return false;
	if (s->plan->access == CQL_ACCESS_PARTITION &&
		r->columns[0] < table->npartition + table->nclustering)
		return true;
	return r->columns[0] >= table->npartition && r->index >= 0 &&
		   table->indexes[r->index].kind == CQL_INDEX_SAI;
}

static bool
may_ann(const cql_select_state *s, cql_reason *reason)
{
	uint32_t i;

	if (cql_select_vector_index(s, s->in->vector) < 0)
	{
		refuse(reason, CQL_WHY_ANN_INDEX, s->in->vector, -1);
		return false;
	}
	if (!s->in->limit)
	{
		refuse(reason, CQL_WHY_ANN_LIMIT, s->in->vector, -1);
		return false;
	}
	if (s->in->norder > 0 || s->in->partition_limit || s->in->ngroup > 0)
	{
		refuse(reason, CQL_WHY_COMBINATION, s->in->vector, -1);
		return false;
	}
	for (i = 0; i < s->plan->nrestrictions; i++)
	{
		const cql_restriction *r = &s->plan->restrictions[i];

		if (r->fanout || !suits_ann(s, r))
		{
			refuse(reason, r->fanout ? CQL_WHY_FANOUT : CQL_WHY_ANN_COND,
				   r->token ? -1 : r->columns[0], -1);
			return false;
		}
	}
	return true;
}

/* ---- wishes ---- */

static bool
may_aggregate(const cql_select_state *s, cql_reason *reason)
{
	if (!s->plan->exact)
	{
		refuse_local(s, reason);
		return false;
	}
	if (s->in->aggregate == CQL_AGG_ANN)
		return may_ann(s, reason);
	if ((s->in->partition_limit &&
		 (s->in->aggregate == CQL_AGG_DISTINCT || s->in->ngroup == 0)) ||
		(s->in->ngroup > 0 && splits_groups(s)))
	{
		refuse(reason, CQL_WHY_COMBINATION, -1, -1);
		return false;
	}
	if (s->in->aggregate == CQL_AGG_DISTINCT)
		return may_distinct(s, reason);
	return s->in->ngroup == 0 || may_group(s, reason);
}

/* What a limit, of a query or of each partition, has in common. */
static bool
may_limit(const cql_select_state *s, cql_reason *reason)
{
	bool grouped = s->in->aggregate == CQL_AGG_DISTINCT ||
				   s->in->aggregate == CQL_AGG_ANN || s->in->ngroup > 0;

	if (!s->plan->exact)
		refuse_local(s, reason);
	else if (!s->plan->ordered)
		refuse(reason, CQL_WHY_UNORDERED, -1, -1);
	else if (s->in->aggregate != CQL_AGG_NONE &&
			 (!s->plan->aggregate || !grouped))
		refuse(reason, CQL_WHY_COMBINATION, -1, -1);
	else
		return true;
	return false;
}

static bool
may_partition_limit(const cql_select_state *s, cql_reason *reason)
{
	if (too_old(s, RELEASE_PARTITION_LIMIT))
	{
		refuse(reason, CQL_WHY_RELEASE, -1, -1);
		return false;
	}
	if (s->in->aggregate == CQL_AGG_DISTINCT ||
		s->in->aggregate == CQL_AGG_ANN || splits_groups(s))
	{
		refuse(reason, CQL_WHY_COMBINATION, -1, -1);
		return false;
	}
	return may_limit(s, reason);
}

void
cql_select_wishes(cql_select_state *s)
{
	cql_select_plan *plan = s->plan;

	if (s->in->aggregate != CQL_AGG_NONE)
		plan->aggregate = may_aggregate(s, &plan->aggregate_reason);
	if (s->in->partition_limit)
		plan->partition_limit =
			may_partition_limit(s, &plan->partition_limit_reason);
	if (s->in->limit)
		plan->limit = may_limit(s, &plan->limit_reason);
}
