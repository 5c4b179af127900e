/*
 * budget.h
 *	  How many bytes of answers a cluster object may hold: those being
 *	  received, and those received that their reader has not freed yet.
 *
 * Over it nothing is read from the sockets, so that the servers wait, until
 * somebody waits for an answer that is not there: it may be behind others, so
 * answers are taken in, one after the other, up to twice the budget.
 */
#ifndef CQL_BUDGET_H
#define CQL_BUDGET_H

#include "alloc.h"

typedef struct cql_budget
{
	cql_env env; /* a copy: results may outlive their cluster */
	uint32_t refs;
	size_t max;
	size_t used;
	bool urged; /* somebody waits for one more answer */
} cql_budget;

/* One reference, the caller's; NULL without memory. */
extern cql_budget *cql_budget_create(const cql_env *env, size_t max);
/* NULL is allowed in all of these: without a budget there is no bound. */
extern cql_budget *cql_budget_retain(cql_budget *budget);
extern void cql_budget_release(cql_budget *budget);
extern void cql_budget_add(cql_budget *budget, size_t size);
extern void cql_budget_subtract(cql_budget *budget, size_t size);
/* Whether so many bytes more may be taken in; small answers always may. */
extern bool cql_budget_admits(const cql_budget *budget, size_t size);
/* Nothing should be read now. */
extern bool cql_budget_is_full(const cql_budget *budget);

#endif /* CQL_BUDGET_H */
