/*
 * clause_or.c
 *	  OR as "column = one of", or as a bound: CQL has no OR.
 *
 * Of each branch the columns that it fixes by equality are taken; a column
 * that every branch fixes has one of these values.  When each branch is just
 * one such comparison of the same column, that is all the OR says; else it is
 * checked again.  A clustering column that every branch bounds on one side is
 * bounded by the outermost: at > x OR (at = x AND id > y) keeps to at >= x.
 */
#include "pushdown.h"

#include "access/stratnum.h"

/* Columns and values that one branch fixes. */
typedef struct Branch
{
	List *conditions; /* of CassCondition *, EQ and IN only */
	List *all;		  /* of CassCondition * */
	bool pure;		  /* it says nothing else */
} Branch;

static bool
is_equality(const CassCondition *condition)
{
	return condition->cond.ncolumns == 1 &&
		   (condition->source->kind == CASS_SOURCE_COMPARE ||
			condition->source->kind == CASS_SOURCE_POINTS) &&
		   (condition->cond.op == CQL_COND_EQ ||
			condition->cond.op == CQL_COND_IN);
}

static Branch *
take_branch(CassConditions *c, Expr *clause)
{
	CassConditions inner = *c;
	Branch *branch = palloc0(sizeof(Branch));
	ListCell *lc;

	inner.conditions = NIL;
	inner.superset = false;
	cass_conditions_add(&inner, clause);
	branch->all = inner.conditions;
	branch->pure = !inner.superset && list_length(inner.conditions) == 1;
	foreach (lc, inner.conditions)
	{
		if (is_equality(lfirst(lc)))
			branch->conditions = lappend(branch->conditions, lfirst(lc));
		else
			branch->pure = false;
	}
	return branch;
}

/* The branch's condition on a column, or NULL. */
static CassCondition *
find_column(const Branch *branch, uint16 column)
{
	ListCell *lc;

	foreach (lc, branch->conditions)
	{
		CassCondition *condition = lfirst(lc);

		if (condition->cond.columns[0] == column)
			return condition;
	}
	return NULL;
}

/* "column = one of" when all branches fix it; says whether exactly. */
static void
join_column(CassConditions *c, List *branches, const CassCondition *first)
{
	CassSource *source =
		cass_source_create(CASS_SOURCE_POINTS, BTEqualStrategyNumber,
						   linitial_int(first->source->atts));
	bool exact = true;
	bool scalar = true;
	ListCell *lc;

	foreach (lc, branches)
	{
		Branch *branch = lfirst(lc);
		CassCondition *condition = find_column(branch, first->cond.columns[0]);

		if (condition == NULL)
			return;
		source->values =
			list_concat(source->values, condition->source->values);
		scalar = scalar && condition->source->kind == CASS_SOURCE_COMPARE;
		exact = exact && branch->pure && condition->cond.exact;
	}
	source->branches = scalar;
	cass_condition_create(c, CQL_COND_IN, exact, source);
	if (!exact)
		c->superset = true;
}

/* Whether rows keep to the comparison's value on this side. */
static bool
is_bound(const CassCondition *condition, int att, bool upper)
{
	int strategy = condition->source->strategy;

	if (condition->source->kind != CASS_SOURCE_COMPARE ||
		linitial_int(condition->source->atts) != att)
		return false;
	return strategy == BTEqualStrategyNumber ||
		   upper == (strategy == BTLessStrategyNumber ||
					 strategy == BTLessEqualStrategyNumber);
}

/* Adds the branch's bound; false when it has none. */
static bool
add_bound(CassSource *source, const Branch *branch, int att, bool upper,
		  bool *some)
{
	ListCell *lc;

	foreach (lc, branch->all)
	{
		CassCondition *condition = lfirst(lc);

		if (!is_bound(condition, att, upper))
			continue;
		source->values =
			lappend(source->values, linitial(condition->source->values));
		source->steps =
			lappend_int(source->steps, condition->source->strategy);
		*some = *some || condition->source->strategy != BTEqualStrategyNumber;
		return true;
	}
	return false;
}

/* "column >= the least of": of all branches, where each has a bound. */
static void
join_bounds(CassConditions *c, List *branches, int att, bool upper)
{
	CassSource *source = cass_source_create(
		CASS_SOURCE_HULL,
		upper ? BTLessEqualStrategyNumber : BTGreaterEqualStrategyNumber, att);
	bool some = false;
	ListCell *lc;

	foreach (lc, branches)
	{
		if (!add_bound(source, lfirst(lc), att, upper, &some))
			return;
	}
	/* equalities alone are a list already */
	if (!some)
		return;
	cass_condition_create(c, upper ? CQL_COND_LE : CQL_COND_GE, false, source);
	c->superset = true;
}

/* Columns of which a range goes without an index. */
static bool
takes_range(const CassShape *shape, int att)
{
	int column = shape->atts[att].column;

	return cass_is_token(shape, att) ||
		   (column >= 0 &&
			shape->table->columns[column].kind == CQL_CLUSTERING);
}

static void
join_all_bounds(CassConditions *c, List *branches)
{
	List *done = NIL;
	ListCell *lc;

	foreach (lc, ((Branch *) linitial(branches))->all)
	{
		CassCondition *condition = lfirst(lc);
		int att = linitial_int(condition->source->atts);

		if (list_member_int(done, att) || !takes_range(c->shape, att))
			continue;
		done = lappend_int(done, att);
		join_bounds(c, branches, att, false);
		join_bounds(c, branches, att, true);
	}
}

void
cass_conditions_add_or(CassConditions *c, BoolExpr *clause)
{
	List *branches = NIL;
	ListCell *lc;

	foreach (lc, clause->args)
		branches = lappend(branches, take_branch(c, lfirst(lc)));
	foreach (lc, ((Branch *) linitial(branches))->conditions)
		join_column(c, branches, lfirst(lc));
	join_all_bounds(c, branches);
	c->reason = "CQL has no OR, and no column is fixed in each of its parts";
}
