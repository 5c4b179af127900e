/*
 * select_key.c
 *	  Partition key, token and clustering columns.
 *
 * Part of select.  A partition key that is restricted as a whole makes the
 * query one of partitions; then its clustering columns may be restricted by a
 * prefix of = and IN, followed by one range (of one column or of a row).
 */
#include "select_int.h"

/* ---- partition key ---- */

/* true is any byte but zero, so it is several keys, too. */
static bool
is_boolean(const cql_select_state *s, uint32_t column)
{
	return s->in->table->columns[column].type->id == CQL_TYPE_BOOLEAN;
}

/*
 * How a key column is restricted: by =, or by what can be fanned out, which
 * are IN and Booleans.
 */
static bool
key_shape(const cql_select_state *s, uint32_t column, cql_shape *shape)
{
	if (!cql_select_shape(s, column, shape))
		return false;
	if (*shape == CQL_SHAPE_EQ && !is_boolean(s, column))
		return true;
	return s->in->fanout && (*shape == CQL_SHAPE_EQ || *shape == CQL_SHAPE_IN);
}

/* First column that the conditions leave free, or -1. */
static int
free_key(const cql_select_state *s)
{
	cql_shape shape;
	uint32_t column;

	for (column = 0; column < s->in->table->npartition; column++)
	{
		if (!key_shape(s, column, &shape))
			return (int) column;
	}
	return -1;
}

static void
place_partition_key(cql_select_state *s)
{
	uint32_t column;

	s->free_key = free_key(s);
	if (s->free_key >= 0)
		return;
	s->plan->access = CQL_ACCESS_PARTITION;
	for (column = 0; column < s->in->table->npartition; column++)
	{
		cql_shape shape = CQL_SHAPE_EQ;

		(void) key_shape(s, column, &shape);
		cql_select_place(s, column, shape,
						 shape == CQL_SHAPE_IN || is_boolean(s, column));
	}
}

/* All conditions on the token together, = before ranges. */
static void
place_token(cql_select_state *s)
{
	cql_restriction *r = NULL;
	bool equal = false;
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		if (s->in->conds[i].token && s->in->conds[i].op == CQL_COND_EQ)
			equal = true;
	}
	for (i = 0; i < s->in->nconds; i++)
	{
		if (!s->in->conds[i].token || !cql_select_open(s, i))
			continue;
		if (r == NULL)
		{
			r = cql_select_restrict(s, 0,
									equal ? CQL_SHAPE_EQ : CQL_SHAPE_RANGE);
			r->token = true;
			r->ncolumns = 0;
		}
		cql_select_feed(s, i);
	}
}

/* ---- clustering columns ---- */

static bool
is_lower(cql_cond_op op)
{
	return op == CQL_COND_GT || op == CQL_COND_GE;
}

/* An open row comparison that begins at this column. */
static bool
begins_at(const cql_select_state *s, uint32_t i, uint32_t column)
{
	const cql_cond *cond = &s->in->conds[i];

	return cql_select_open(s, i) && !cond->token && cond->ncolumns > 1 &&
		   cond->columns[0] == column;
}

/* A restriction of the columns of row comparison i, fed by it. */
static cql_restriction *
place_tuple(cql_select_state *s, uint32_t i, cql_shape shape)
{
	const cql_cond *cond = &s->in->conds[i];
	cql_restriction *r = cql_select_restrict(s, cond->columns[0], shape);
	uint32_t c;

	r->tuple = true;
	r->ncolumns = cond->ncolumns;
	for (c = 0; c < cond->ncolumns; c++)
		r->columns[c] = cond->columns[c];
	cql_select_feed(s, i);
	return r;
}

/* Open conditions on these columns cannot go along with a row comparison. */
static void
refuse_mixed(cql_select_state *s, const cql_restriction *tuple)
{
	uint32_t last = (uint32_t) tuple->columns[0] + tuple->ncolumns;
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];

		if (!cond->token && cql_select_open(s, i) &&
			cond->columns[0] >= tuple->columns[0] && cond->columns[0] < last)
			cql_select_refuse(&s->plan->conds[i].reason, CQL_WHY_MIXED,
							  cond->columns[0], -1, -1);
	}
}

/* (c, d) = or IN at this column: number of columns placed, or 0. */
static uint32_t
place_tuple_points(cql_select_state *s, uint32_t column)
{
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		cql_cond_op op = s->in->conds[i].op;

		if (!begins_at(s, i, column) ||
			(op != CQL_COND_EQ && op != CQL_COND_IN))
			continue;
		refuse_mixed(
			s, place_tuple(s, i,
						   op == CQL_COND_EQ ? CQL_SHAPE_EQ : CQL_SHAPE_IN));
		return s->in->conds[i].ncolumns;
	}
	return 0;
}

/* Bounds of the column itself on the sides that rows leave free. */
static void
place_free_sides(cql_select_state *s, uint32_t column, bool lower, bool upper)
{
	bool begun = false;
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];

		if (!cql_select_open(s, i) || !cql_select_compares(cond, column) ||
			(is_lower(cond->op) ? lower : upper))
			continue;
		if (!begun)
			cql_select_restrict(s, column, CQL_SHAPE_RANGE)->tuple = true;
		begun = true;
		cql_select_feed(s, i);
	}
}

/*
 * Rows compared by order at this column: one lower and one upper bound, and
 * bounds of the column alone on a free side.  Two slices must start at the
 * same column, so nothing else on their columns can go along.
 */
static bool
place_tuple_slices(cql_select_state *s, uint32_t column)
{
	const cql_restriction *longest = NULL;
	bool lower = false;
	bool upper = false;
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		bool *side = is_lower(s->in->conds[i].op) ? &lower : &upper;
		const cql_restriction *r;

		if (!begins_at(s, i, column) || *side)
			continue;
		*side = true;
		r = place_tuple(s, i, CQL_SHAPE_RANGE);
		if (longest == NULL || r->ncolumns > longest->ncolumns)
			longest = r;
	}
	if (longest == NULL)
		return false;
	place_free_sides(s, column, lower, upper);
	refuse_mixed(s, longest);
	return true;
}

/* Goes along the clustering columns as far as CQL can. */
static void
place_clustering(cql_select_state *s)
{
	const cql_schema_table *table = s->in->table;

	while (s->free_clustering < table->nclustering)
	{
		uint32_t column = table->npartition + s->free_clustering;
		cql_shape shape = CQL_SHAPE_RANGE;
		bool found = cql_select_shape(s, column, &shape);
		uint32_t n = 0;

		if (found && shape != CQL_SHAPE_RANGE)
		{
			cql_select_place(s, column, shape, false);
			s->free_clustering++;
			continue;
		}
		n = place_tuple_points(s, column);
		s->free_clustering += n;
		if (n > 0)
			continue;
		if (place_tuple_slices(s, column))
			s->free_after_range = true;
		else if (found)
		{
			cql_select_place(s, column, shape, false);
			s->free_after_range = true;
		}
		return;
	}
}

/* Row comparisons that found no place. */
static void
refuse_tuples(cql_select_state *s)
{
	const cql_schema_table *table = s->in->table;
	bool partition = s->plan->access == CQL_ACCESS_PARTITION;
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];
		uint32_t next = table->npartition + s->free_clustering;
		cql_reason *reason = &s->plan->conds[i].reason;

		if (!cql_select_open(s, i) || cond->token || cond->ncolumns < 2)
			continue;
		if (!partition)
			cql_select_refuse(reason, CQL_WHY_CLUSTERING_ALONE,
							  cond->columns[0], s->free_key, -1);
		else if (cond->columns[0] < next)
			cql_select_refuse(reason, CQL_WHY_MIXED, cond->columns[0], -1, -1);
		else
			cql_select_refuse(reason, CQL_WHY_TUPLE_START, cond->columns[0],
							  (int) next, -1);
	}
}

void
cql_select_keys(cql_select_state *s)
{
	place_partition_key(s);
	place_token(s);
	if (s->plan->access == CQL_ACCESS_PARTITION)
	{
		cql_select_refuse_lists(s);
		place_clustering(s);
	}
	refuse_tuples(s);
}
