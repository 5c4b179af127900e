/*
 * select_filter.c
 *	  ALLOW FILTERING, and why a condition stays local.
 *
 * Part of select: the last to see the conditions.
 */
#include "select_int.h"

/* Oldest release that filters by IN on columns outside of the key. */
#define RELEASE_FILTER_IN 401

static bool
is_partition_key(const cql_select_state *s, uint32_t column)
{
	return column < s->in->table->npartition;
}

static bool
is_clustering(const cql_select_state *s, uint32_t column)
{
	return !is_partition_key(s, column) &&
		   column < s->in->table->npartition + s->in->table->nclustering;
}

static bool
too_old(const cql_select_state *s, int release)
{
	return s->in->release != 0 && s->in->release < release;
}

/* An index of a column that the query restricts, or -1. */
static int
restricted_index(const cql_select_state *s)
{
	uint32_t i;
	uint32_t c;

	for (i = 0; i < s->plan->nrestrictions; i++)
	{
		const cql_restriction *r = &s->plan->restrictions[i];

		for (c = 0; c < r->ncolumns; c++)
		{
			int index = cql_select_index_on(s, r->columns[c]);

			if (index >= 0)
				return index;
		}
	}
	return -1;
}

/*
 * Whether filtering serves condition i; refuses it where the reason is not
 * that there is no filtering.
 */
static bool
filters(cql_select_state *s, uint32_t i, cql_shape shape)
{
	const cql_cond *cond = &s->in->conds[i];
	uint32_t column = cond->columns[0];
	int index = cql_select_index_on(s, column);
	cql_reason *reason = &s->plan->conds[i].reason;

	if (cond->op > CQL_COND_MAP_ENTRY)
		return false;
	if (cql_select_clashes(s, column, shape))
	{
		cql_select_refuse(reason, CQL_WHY_MIXED, (int) column, -1, -1);
		return false;
	}
	if (index >= 0 && s->in->table->indexes[index].kind == CQL_INDEX_CUSTOM)
	{
		cql_select_refuse(reason, CQL_WHY_INDEX_UNKNOWN, (int) column, -1,
						  index);
		return false;
	}
	/*
	 * SASI takes all conditions of a query to itself: it fails on CONTAINS,
	 * and beside its own finds no row by a range of text (tried on 5.0.8 and
	 * 4.1.10).
	 */
	if (index >= 0 && s->in->table->indexes[index].kind == CQL_INDEX_SASI)
	{
		cql_select_refuse(reason, CQL_WHY_INDEX_OPERATOR, (int) column, -1,
						  index);
		return false;
	}
	if (s->plan->index >= 0 &&
		s->in->table->indexes[s->plan->index].kind == CQL_INDEX_SASI)
	{
		cql_select_refuse(reason, CQL_WHY_COMBINATION, (int) column, -1, -1);
		return false;
	}
	/* Beside SAI it finds nothing in frozen and static ones (5.0.8). */
	if (s->plan->index >= 0 &&
		(s->in->table->columns[column].kind != CQL_REGULAR ||
		 s->in->table->columns[column].type->frozen) &&
		(shape == CQL_SHAPE_CONTAINS || shape == CQL_SHAPE_CONTAINS_KEY))
	{
		cql_select_refuse(reason, CQL_WHY_COMBINATION, (int) column, -1, -1);
		return false;
	}
	if (shape == CQL_SHAPE_IN && too_old(s, RELEASE_FILTER_IN))
	{
		cql_select_refuse(reason, CQL_WHY_RELEASE, (int) column, -1, -1);
		return false;
	}
	/* CQL refuses IN on the partition key as soon as an index is in play. */
	if (shape == CQL_SHAPE_IN && is_partition_key(s, column) &&
		s->in->table->nindexes > 0)
		return false;
	return true;
}

/* Analyzed terms are found by more than what equals them. */
static void
recheck_analyzed(cql_select_state *s, const cql_restriction *r)
{
	const cql_schema_table *table = s->in->table;
	uint32_t i;
	uint32_t k;

	for (k = 0; k < table->nindexes; k++)
	{
		const cql_schema_index *index = &table->indexes[k];

		if (index->column != r->columns[0] ||
			(index->kind != CQL_INDEX_SASI && !index->analyzed &&
			 index->case_sensitive))
			continue;
		for (i = 0; i < s->in->nconds; i++)
		{
			if (s->plan->conds[i].restriction == r - s->plan->restrictions)
				s->plan->conds[i].recheck = true;
		}
	}
}

/* Places condition i, with those it merges with, behind ALLOW FILTERING. */
static void
filter_by(cql_select_state *s, uint32_t i, cql_shape shape)
{
	const cql_cond *cond = &s->in->conds[i];
	cql_restriction *r;

	if (cond->op <= CQL_COND_GE)
		cql_select_place(s, cond->columns[0], shape, false);
	else
	{
		(void) cql_select_restrict(s, cond->columns[0], shape);
		cql_select_feed(s, i);
	}
	r = &s->plan->restrictions[s->plan->nrestrictions - 1];
	r->filtering = true;
	recheck_analyzed(s, r);
	s->plan->filtering = true;
}

static void
refuse_partition_key(cql_select_state *s, uint32_t i, cql_shape shape)
{
	int column = s->in->conds[i].columns[0];
	cql_reason *reason = &s->plan->conds[i].reason;

	if (s->in->conds[i].op > CQL_COND_GE)
		cql_select_refuse(reason, CQL_WHY_OPERATOR, column, -1, -1);
	else if (shape == CQL_SHAPE_RANGE)
		cql_select_refuse(reason, CQL_WHY_PARTITION_RANGE, column, -1, -1);
	else if ((shape == CQL_SHAPE_IN || column == s->free_key) &&
			 !s->in->fanout)
		cql_select_refuse(reason, CQL_WHY_FANOUT, column, -1, -1);
	else
		cql_select_refuse(reason, CQL_WHY_PARTITION_PARTIAL, column,
						  s->free_key, -1);
}

static void
refuse_clustering(cql_select_state *s, uint32_t i)
{
	const cql_schema_table *table = s->in->table;
	int column = s->in->conds[i].columns[0];
	cql_reason *reason = &s->plan->conds[i].reason;
	int other = (int) (table->npartition + s->free_clustering);

	if (s->plan->access != CQL_ACCESS_PARTITION)
		cql_select_refuse(reason, CQL_WHY_CLUSTERING_ALONE, column,
						  s->free_key, -1);
	else if (other == column)
		cql_select_refuse(reason, CQL_WHY_OPERATOR, column, -1, -1);
	else
		cql_select_refuse(reason,
						  s->free_after_range ? CQL_WHY_CLUSTERING_RANGE
											  : CQL_WHY_CLUSTERING_GAP,
						  column, other, -1);
}

/* Why a condition on an indexed column is not served by the index. */
static void
refuse_indexed(cql_select_state *s, uint32_t i, cql_shape shape, int index)
{
	int column = s->in->conds[i].columns[0];
	cql_reason *reason = &s->plan->conds[i].reason;
	const cql_schema_index *indexes = s->in->table->indexes;
	bool alone = s->plan->index >= 0 &&
				 (indexes[s->plan->index].kind != CQL_INDEX_SAI ||
				  indexes[index].kind != CQL_INDEX_SAI);

	if (indexes[index].kind == CQL_INDEX_CUSTOM)
		cql_select_refuse(reason, CQL_WHY_INDEX_UNKNOWN, column, -1, index);
	else if (alone)
		cql_select_refuse(reason, CQL_WHY_INDEX_SINGLE, column, -1,
						  s->plan->index);
	else if (shape == CQL_SHAPE_IN)
		cql_select_refuse(reason, CQL_WHY_FANOUT, column, -1, index);
	else
		cql_select_refuse(reason, CQL_WHY_INDEX_OPERATOR, column, -1, index);
}

/* Why an open condition is not in the query. */
static void
explain_local(cql_select_state *s, uint32_t i)
{
	const cql_cond *cond = &s->in->conds[i];
	uint32_t column = cond->columns[0];
	cql_shape shape = cql_select_cond_shape(s, i);
	int index = cql_select_index_on(s, column);
	cql_reason *reason = &s->plan->conds[i].reason;

	if (cond->op >= CQL_COND_LIKE_PREFIX)
		cql_select_refuse(reason, CQL_WHY_LIKE, (int) column, -1, -1);
	else if (is_clustering(s, column) &&
			 (index < 0 || s->plan->access == CQL_ACCESS_PARTITION))
		refuse_clustering(s, i);
	else if (index >= 0)
		refuse_indexed(s, i, shape, index);
	else if (is_partition_key(s, column))
		refuse_partition_key(s, i, shape);
	else
		cql_select_refuse(reason, CQL_WHY_NO_INDEX, (int) column, -1, -1);
}

void
cql_select_filter(cql_select_state *s)
{
	bool allowed = s->in->filtering == CQL_FILTERING_ALWAYS ||
				   (s->in->filtering == CQL_FILTERING_PARTITION &&
					s->plan->access == CQL_ACCESS_PARTITION);
	int spoils = s->keep_order ? restricted_index(s) : -1;
	uint32_t i;

	cql_select_refuse_lists(s);
	for (i = 0; i < s->in->nconds; i++)
	{
		cql_shape shape;

		if (!cql_select_open(s, i))
			continue;
		shape = cql_select_cond_shape(s, i);
		if (allowed && spoils >= 0)
			cql_select_refuse(&s->plan->conds[i].reason, CQL_WHY_INDEX_ORDER,
							  s->in->conds[i].columns[0], -1, spoils);
		else if (allowed && filters(s, i, shape))
			filter_by(s, i, shape);
		else if (cql_select_open(s, i))
			explain_local(s, i);
	}
}
