/*
 * select.c
 *	  What CQL may say: the decision, step by step.
 *
 * Pure functions over the input; called by the layers above through cql.h.
 * Each step takes conditions that are still open and places or refuses them:
 * what is never legal, the keys, indexes, ALLOW FILTERING.  Order, limits and
 * aggregates depend on what became of the conditions and come last.
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

static void
start_plan(const cql_select_input *in, cql_select_plan *plan)
{
	cql_cond_plan *conds = plan->conds;
	cql_restriction *restrictions = plan->restrictions;
	uint32_t i;

	memset(plan, 0, sizeof(*plan));
	plan->conds = conds;
	plan->restrictions = restrictions;
	plan->access = CQL_ACCESS_SCAN;
	plan->index = -1;
	cql_select_refuse(&plan->order_reason, CQL_WHY_NONE, -1, -1, -1);
	plan->limit_reason = plan->order_reason;
	plan->partition_limit_reason = plan->order_reason;
	plan->aggregate_reason = plan->order_reason;
	for (i = 0; i < in->nconds; i++)
	{
		conds[i].place = CQL_PLACE_LOCAL;
		conds[i].restriction = -1;
		conds[i].recheck = true;
		conds[i].reason = plan->order_reason;
	}
}

/* Sums of what became of the conditions. */
static void
sum_up(cql_select_state *s)
{
	cql_select_plan *plan = s->plan;
	uint32_t i;

	plan->exact = true;
	for (i = 0; i < s->in->nconds; i++)
	{
		uint32_t source = s->in->conds[i].follows_from;

		if (source > 0 && plan->conds[source - 1].place != CQL_PLACE_LOCAL)
		{
			plan->conds[i].recheck = false;
			plan->conds[i].reason.why = CQL_WHY_NONE;
		}
		if (plan->conds[i].recheck)
			plan->exact = false;
	}
	for (i = 0; i < plan->nrestrictions; i++)
	{
		if (plan->restrictions[i].fanout)
			plan->fanout = true;
	}
}

void
cql_select_decide(const cql_select_input *input, cql_select_plan *plan)
{
	cql_select_state state;

	memset(&state, 0, sizeof(state));
	state.in = input;
	state.plan = plan;
	start_plan(input, plan);
	cql_select_check(&state);
	cql_select_keys(&state);
	cql_select_order(&state);
	cql_select_indexes(&state);
	cql_select_filter(&state);
	sum_up(&state);
	cql_select_wishes(&state);
}
