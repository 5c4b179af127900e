/*
 * conjunct_row.c
 *	  Row comparisons: (a, b) > (x, y).
 *
 * CQL compares rows of clustering columns as SQL does, by value whatever their
 * declared order.  They are checked again all the same: values that CQL cannot
 * express make the scan compare the first column alone.
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

/* Adds one column and its value to the source; or says why not. */
static bool
add_column(CassConjuncts *c, CassSource *source, RowCompareExpr *clause, int i)
{
	Var *var = cass_get_comparand(c->rel, list_nth(clause->largs, i));
	Node *value = list_nth(clause->rargs, i);
	Oid lefttype, righttype;
	const char *reason;
	int strategy;

	c->reason = "it is no comparison of columns with values";
	if (var == NULL)
		return false;
	c->reason = cass_column_refused(c->shape, var->varattno - 1);
	if (c->reason != NULL)
		return false;
	c->reason = "a value is not fixed during the scan";
	if (!cass_is_value(c->root, c->rel, value))
		return false;
	get_op_opfamily_properties(list_nth_oid(clause->opnos, i),
							   list_nth_oid(clause->opfamilies, i), false,
							   &strategy, &lefttype, &righttype);
	if (cass_exactness(c->shape, var->varattno - 1, strategy,
					   list_nth_oid(clause->opfamilies, i), righttype,
					   list_nth_oid(clause->inputcollids, i),
					   &reason) == CASS_NEVER)
	{
		c->reason = reason;
		return false;
	}
	if (i > 0)
		source->atts = lappend_int(source->atts, var->varattno - 1);
	else
		source->atts = list_make1_int(var->varattno - 1);
	cass_source_add(source, (Expr *) value, righttype, false);
	return true;
}

void
cass_conjuncts_add_row(CassConjuncts *c, RowCompareExpr *clause)
{
	cql_cond_op op = op_of_row(cass_row_strategy(clause));
	CassSource *source = cass_source_create(
		CASS_SOURCE_ROW,
		op == CQL_COND_LT || op == CQL_COND_LE ? BTLessEqualStrategyNumber
											   : BTGreaterEqualStrategyNumber,
		0);
	int i;

	if (list_length(clause->largs) > CQL_MAX_TUPLE)
	{
		c->reason = "the row has too many columns";
		return;
	}
	for (i = 0; i < list_length(clause->largs); i++)
	{
		if (!add_column(c, source, clause, i))
			return;
	}
	c->superset = true;
	cass_conjunct_create(c, op, false, source);
}
