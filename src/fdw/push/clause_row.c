/*
 * clause_row.c
 *	  Row comparisons: (a, b) > (x, y).
 *
 * CQL compares rows of consecutive clustering columns as SQL does, by value
 * whatever their declared order.  Of other rows, and where an earlier column
 * is not for CQL to compare, the first columns that are give a bound: all
 * wanted rows keep to (a, b) >= (x, y), and to a >= x.
 */
#include "pushdown.h"

#include "access/stratnum.h"
#include "utils/lsyscache.h"

static cql_cond_op
op_of_row(int strategy)
{
	switch (strategy)
	{
		case BTLessStrategyNumber:
			return CQL_COND_LT;
		case BTLessEqualStrategyNumber:
			return CQL_COND_LE;
		case BTGreaterEqualStrategyNumber:
			return CQL_COND_GE;
		default:
			return CQL_COND_GT;
	}
}

static bool
is_upper(cql_cond_op op)
{
	return op == CQL_COND_LT || op == CQL_COND_LE;
}

/* The row goes on with the clustering column after the one before. */
static bool
continues(const CassShape *shape, const CassSource *source, int att)
{
	const CassAttribute *last = &shape->atts[llast_int(source->atts)];
	const CassAttribute *next = &shape->atts[att];

	return last->column >= 0 && next->column == last->column + 1 &&
		   shape->table->columns[last->column].kind == CQL_CLUSTERING &&
		   shape->table->columns[next->column].kind == CQL_CLUSTERING;
}

/*
 * What is equal to SQL must be one value to CQL where columns follow, and
 * zero-length values, which are lowest there, must not answer.
 */
static bool
is_exact(const CassConditions *c, const CassSource *source, cql_cond_op op)
{
	ListCell *lc;

	foreach (lc, source->atts)
	{
		const CassAttribute *att = &c->shape->atts[lfirst_int(lc)];
		const CassValue *value =
			list_nth(source->values, foreach_current_index(lc));

		if ((lnext(source->atts, lc) != NULL &&
			 cass_bound_equality(att->codec, value->type) !=
				 CASS_EQUALITY_POINT) ||
			(is_upper(op) && !att->not_null && cass_has_empty(att->codec)))
			return false;
	}
	return true;
}

/*
 * Adds one column and its value to the source, and whether CQL compares it
 * exactly; or says why not.
 */
static bool
add_column(CassConditions *c, CassSource *source, RowCompareExpr *clause,
		   int i, bool *exact)
{
	Var *var = cass_get_comparand(c->rel, list_nth(clause->largs, i));
	Node *value = list_nth(clause->rargs, i);
	CassExactness exactness;
	Oid lefttype, righttype;
	const char *reason;
	int strategy;

	c->reason = "it is no comparison of columns with values";
	if (var == NULL ||
		(i > 0 && !continues(c->shape, source, var->varattno - 1)))
		return false;
	if (!cass_is_token(c->shape, var->varattno - 1))
	{
		c->reason = cass_column_refused(c->shape, var->varattno - 1);
		if (c->reason != NULL)
			return false;
	}
	c->reason = "a value is not fixed during the scan";
	if (!cass_is_value(c->root, c->rel, value))
		return false;
	get_op_opfamily_properties(list_nth_oid(clause->opnos, i),
							   list_nth_oid(clause->opfamilies, i), false,
							   &strategy, &lefttype, &righttype);
	exactness = cass_exactness(c->shape, var->varattno - 1, strategy,
							   list_nth_oid(clause->opfamilies, i), righttype,
							   list_nth_oid(clause->inputcollids, i), &reason);
	c->reason = reason;
	if (exactness == CASS_NEVER)
		return false;
	*exact = *exact && exactness == CASS_EXACT;
	source->atts = i > 0 ? lappend_int(source->atts, var->varattno - 1)
						 : list_make1_int(var->varattno - 1);
	cass_source_add(source, (Expr *) value, righttype, false);
	return true;
}

/* The first column alone, for where the row as such does not go. */
static void
add_first(CassConditions *c, const CassSource *row, cql_cond_op op,
		  uint32 follows_from)
{
	int strategy = is_upper(op) ? BTLessEqualStrategyNumber
								: BTGreaterEqualStrategyNumber;
	CassSource *source = cass_source_create(CASS_SOURCE_COMPARE, strategy,
											linitial_int(row->atts));
	CassCondition *condition;

	source->values = list_make1(linitial(row->values));
	cass_condition_create(c, is_upper(op) ? CQL_COND_LE : CQL_COND_GE, false,
						  source);
	condition = llast(c->conditions);
	condition->cond.follows_from = follows_from;
}

void
cass_conditions_add_row(CassConditions *c, RowCompareExpr *clause)
{
	cql_cond_op op = op_of_row(cass_row_strategy(clause));
	CassSource *source = cass_source_create(CASS_SOURCE_ROW, 0, 0);
	int length = list_length(clause->largs);
	bool exact = true;
	int n = 0;

	while (n < length && n < CQL_MAX_TUPLE &&
		   add_column(c, source, clause, n, &exact))
		n++;
	if (n == 0)
		return;
	if (n < length)
	{
		exact = false;
		op = is_upper(op) ? CQL_COND_LE : CQL_COND_GE;
	}
	exact = exact && is_exact(c, source, op);
	if (n > 1)
		cass_condition_create(c, op, exact, source);
	add_first(c, source, op, n > 1 ? list_length(c->conditions) : 0);
	if (!exact)
		c->superset = true;
}
