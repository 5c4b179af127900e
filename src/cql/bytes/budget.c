/*
 * budget.c
 *	  How many bytes of answers a cluster object may hold.
 *
 * Counted by the decoder while bytes come, then by the result made of them.
 */
#include "budget.h"

/* As streams are few, answers up to this size need no permission. */
#define SMALL_ANSWER ((size_t) 1 << 20)

cql_budget *
cql_budget_create(const cql_env *env, size_t max)
{
	cql_budget *budget = cql_alloc0(env, sizeof(*budget));

	if (budget == NULL)
		return NULL;
	budget->env = *env;
	budget->refs = 1;
	budget->max = max;
	return budget;
}

cql_budget *
cql_budget_retain(cql_budget *budget)
{
	if (budget != NULL)
		budget->refs++;
	return budget;
}

void
cql_budget_release(cql_budget *budget)
{
	cql_env env;

	if (budget == NULL || --budget->refs > 0)
		return;
	env = budget->env;
	cql_free(&env, budget);
}

void
cql_budget_add(cql_budget *budget, size_t size)
{
	if (budget != NULL)
		budget->used += size;
}

void
cql_budget_subtract(cql_budget *budget, size_t size)
{
	if (budget != NULL)
		budget->used -= size;
}

bool
cql_budget_admits(const cql_budget *budget, size_t size)
{
	if (budget == NULL)
		return true;
	return size <= budget->max &&
		   (size <= SMALL_ANSWER || budget->used <= 2 * budget->max - size);
}

bool
cql_budget_is_full(const cql_budget *budget)
{
	return budget != NULL && budget->used >= budget->max && !budget->urged;
}
