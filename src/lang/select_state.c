/*
 * select_state.c
 *	  The state of a decision: which conditions are open, and what becomes of
 *	  them.
 */
#include "select_int.h"

#include <string.h>

void
cql_select_refuse(cql_reason *reason, cql_why why, int column, int other,
				  int index)
{
	reason->why = why;
	reason->column = column;
	reason->other = other;
	reason->index = index;
}

bool
cql_select_open(const cql_select_state *s, uint32_t i)
{
	const cql_cond_plan *cond = &s->plan->conds[i];

	return cond->place == CQL_PLACE_LOCAL && cond->reason.why == CQL_WHY_NONE;
}

bool
cql_select_compares(const cql_cond *cond, uint32_t column)
{
	return !cond->token && cond->ncolumns == 1 && cond->columns[0] == column &&
		   cond->op <= CQL_COND_GE;
}

bool
cql_select_shape(const cql_select_state *s, uint32_t column, cql_shape *shape)
{
	bool found = false;
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];

		if (!cql_select_open(s, i) || !cql_select_compares(cond, column))
			continue;
		if (cond->op == CQL_COND_EQ)
			*shape = CQL_SHAPE_EQ;
		else if (cond->op == CQL_COND_IN && (!found || *shape != CQL_SHAPE_EQ))
			*shape = CQL_SHAPE_IN;
		else if (!found)
			*shape = CQL_SHAPE_RANGE;
		found = true;
	}
	return found;
}

cql_shape
cql_select_cond_shape(const cql_select_state *s, uint32_t i)
{
	const cql_cond *cond = &s->in->conds[i];
	cql_shape shape = CQL_SHAPE_LIKE;

	if (cond->op == CQL_COND_CONTAINS)
		shape = CQL_SHAPE_CONTAINS;
	else if (cond->op == CQL_COND_CONTAINS_KEY)
		shape = CQL_SHAPE_CONTAINS_KEY;
	else if (cond->op == CQL_COND_MAP_ENTRY)
		shape = CQL_SHAPE_MAP_ENTRY;
	else if (cond->op <= CQL_COND_GE)
		(void) cql_select_shape(s, cond->columns[0], &shape);
	return shape;
}

static bool
is_contains(cql_shape shape)
{
	return shape == CQL_SHAPE_CONTAINS || shape == CQL_SHAPE_CONTAINS_KEY ||
		   shape == CQL_SHAPE_MAP_ENTRY;
}

bool
cql_select_clashes(const cql_select_state *s, uint32_t column, cql_shape shape)
{
	uint32_t i;
	uint32_t c;

	for (i = 0; i < s->plan->nrestrictions; i++)
	{
		const cql_restriction *r = &s->plan->restrictions[i];

		for (c = 0; c < r->ncolumns; c++)
		{
			if (r->columns[c] == column &&
				!(is_contains(shape) && is_contains(r->shape)))
				return true;
		}
	}
	return false;
}

cql_restriction *
cql_select_restrict(cql_select_state *s, uint32_t column, cql_shape shape)
{
	cql_select_plan *plan = s->plan;
	cql_restriction *r = &plan->restrictions[plan->nrestrictions++];

	memset(r, 0, sizeof(*r));
	r->ncolumns = 1;
	r->columns[0] = (uint16_t) column;
	r->shape = shape;
	r->index = -1;
	if (column >= s->in->table->npartition &&
		column < s->in->table->npartition + s->in->table->nclustering)
		plan->clustering = true;
	return r;
}

void
cql_select_feed(cql_select_state *s, uint32_t i)
{
	const cql_cond *cond = &s->in->conds[i];
	cql_cond_plan *where = &s->plan->conds[i];
	int newest = (int) s->plan->nrestrictions - 1;
	cql_restriction *r = &s->plan->restrictions[newest];

	where->place = r->fanout ? CQL_PLACE_FANOUT : CQL_PLACE_WHERE;
	where->restriction = newest;
	where->recheck = !cond->exact;
	if (r->shape != CQL_SHAPE_RANGE)
		return;
	if (cond->op == CQL_COND_GT || cond->op == CQL_COND_GE)
		r->lower = true;
	else
		r->upper = true;
}

void
cql_select_place(cql_select_state *s, uint32_t column, cql_shape shape,
				 bool fanout)
{
	uint32_t i;

	cql_select_restrict(s, column, shape)->fanout = fanout;
	for (i = 0; i < s->in->nconds; i++)
	{
		if (cql_select_open(s, i) &&
			cql_select_compares(&s->in->conds[i], column))
			cql_select_feed(s, i);
	}
}

bool
cql_select_fixed(const cql_select_state *s, uint32_t column)
{
	uint32_t i;
	uint32_t c;

	for (i = 0; i < s->plan->nrestrictions; i++)
	{
		const cql_restriction *r = &s->plan->restrictions[i];

		if (r->shape != CQL_SHAPE_EQ || r->token || r->fanout)
			continue;
		for (c = 0; c < r->ncolumns; c++)
		{
			if (r->columns[c] == column)
				return true;
		}
	}
	return false;
}

void
cql_select_refuse_lists(cql_select_state *s)
{
	uint32_t i;
	uint32_t c;

	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];

		if (!cql_select_open(s, i) || cond->token || cond->op != CQL_COND_IN)
			continue;
		for (c = 0; c < cond->ncolumns; c++)
		{
			uint32_t column = cond->columns[c];

			if (s->in->table->columns[column].type->id == CQL_TYPE_INET)
				cql_select_refuse(&s->plan->conds[i].reason, CQL_WHY_INET_LIST,
								  (int) column, -1, -1);
		}
	}
}
