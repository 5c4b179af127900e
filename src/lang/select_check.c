/*
 * select_check.c
 *	  Conditions that no query may carry, whatever the keys and indexes are.
 *
 * Part of select: refuses by operator, type and mask.
 */
#include "select_int.h"

static bool
is_collection(const cql_type *type)
{
	return type->id == CQL_TYPE_LIST || type->id == CQL_TYPE_SET ||
		   type->id == CQL_TYPE_MAP;
}

/* Cells of their own each, so that the value as a whole is not compared. */
static bool
is_multicell(const cql_type *type)
{
	return (is_collection(type) || type->id == CQL_TYPE_UDT) && !type->frozen;
}

static bool
has_duration(const cql_type *type)
{
	uint32_t i;

	if (type->id == CQL_TYPE_DURATION)
		return true;
	for (i = 0; i < type->nsub; i++)
	{
		if (has_duration(type->sub[i]))
			return true;
	}
	return false;
}

static cql_why
check_comparison(const cql_type *type, cql_cond_op op)
{
	if (type->id == CQL_TYPE_VECTOR)
		return CQL_WHY_VECTOR;
	if (is_multicell(type))
		return CQL_WHY_NOT_FROZEN;
	if (op != CQL_COND_EQ && op != CQL_COND_IN && has_duration(type))
		return CQL_WHY_NO_ORDER;
	return CQL_WHY_NONE;
}

/* Whether the operator fits the type at all. */
static cql_why
check_operator(const cql_type *type, cql_cond_op op)
{
	switch (op)
	{
		case CQL_COND_CONTAINS:
			return is_collection(type) ? CQL_WHY_NONE : CQL_WHY_OPERATOR;
		case CQL_COND_CONTAINS_KEY:
			return type->id == CQL_TYPE_MAP ? CQL_WHY_NONE : CQL_WHY_OPERATOR;
		case CQL_COND_MAP_ENTRY:
			return type->id == CQL_TYPE_MAP && !type->frozen
					   ? CQL_WHY_NONE
					   : CQL_WHY_OPERATOR;
		case CQL_COND_LIKE_PREFIX:
		case CQL_COND_LIKE_SUFFIX:
		case CQL_COND_LIKE_CONTAINS:
			return type->id == CQL_TYPE_TEXT || type->id == CQL_TYPE_ASCII
					   ? CQL_WHY_NONE
					   : CQL_WHY_OPERATOR;
		default:
			return check_comparison(type, op);
	}
}

static void
check_columns(const cql_select_state *s, uint32_t i)
{
	const cql_cond *cond = &s->in->conds[i];
	cql_reason *reason = &s->plan->conds[i].reason;
	uint32_t c;

	for (c = 0; c < cond->ncolumns; c++)
	{
		const cql_schema_column *column =
			&s->in->table->columns[cond->columns[c]];
		cql_why why = check_operator(column->type, cond->op);

		if (column->masked)
			why = CQL_WHY_MASKED;
		if (why != CQL_WHY_NONE)
		{
			cql_select_refuse(reason, why, cond->columns[c], -1, -1);
			return;
		}
	}
}

/* A row comparison must be over consecutive clustering columns. */
static void
check_tuple(const cql_select_state *s, uint32_t i)
{
	const cql_cond *cond = &s->in->conds[i];
	const cql_schema_table *table = s->in->table;
	uint32_t first = cond->columns[0];
	uint32_t c;

	if (cond->op > CQL_COND_GE || cond->ncolumns > CQL_MAX_TUPLE ||
		first < table->npartition ||
		first + cond->ncolumns > table->npartition + table->nclustering)
	{
		cql_select_refuse(&s->plan->conds[i].reason, CQL_WHY_TUPLE_COLUMNS,
						  (int) first, -1, -1);
		return;
	}
	for (c = 1; c < cond->ncolumns; c++)
	{
		if (cond->columns[c] != first + c)
			cql_select_refuse(&s->plan->conds[i].reason, CQL_WHY_TUPLE_COLUMNS,
							  cond->columns[c], -1, -1);
	}
}

void
cql_select_check(cql_select_state *s)
{
	uint32_t i;

	for (i = 0; i < s->in->nconds; i++)
	{
		const cql_cond *cond = &s->in->conds[i];

		if (cond->token)
		{
			if (cond->op == CQL_COND_IN || cond->op > CQL_COND_GE)
				cql_select_refuse(&s->plan->conds[i].reason, CQL_WHY_OPERATOR,
								  -1, -1, -1);
			continue;
		}
		if (cond->ncolumns > 1)
			check_tuple(s, i);
		if (cql_select_open(s, i))
			check_columns(s, i);
	}
}
