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
