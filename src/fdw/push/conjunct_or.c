/*
 * conjunct_or.c
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
	List *conjuncts; /* of CassConjunct *, EQ and IN only */
	List *all;		 /* of CassConjunct * */
	bool pure;		 /* it says nothing else */
} Branch;

static bool
is_equality(const CassConjunct *conjunct)
{
	return conjunct->cond.ncolumns == 1 &&
		   (conjunct->source->kind == CASS_SOURCE_COMPARE ||
			conjunct->source->kind == CASS_SOURCE_POINTS) &&
		   (conjunct->cond.op == CQL_COND_EQ ||
			conjunct->cond.op == CQL_COND_IN);
}

static Branch *
take_branch(CassConjuncts *c, Expr *clause)
{
	CassConjuncts inner = *c;
	Branch *branch = palloc0(sizeof(Branch));
	ListCell *lc;

	inner.conjuncts = NIL;
	inner.superset = false;
	cass_conjuncts_add(&inner, clause);
	branch->all = inner.conjuncts;
	branch->pure = !inner.superset && list_length(inner.conjuncts) == 1;
	foreach (lc, inner.conjuncts)
	{
		if (is_equality(lfirst(lc)))
			branch->conjuncts = lappend(branch->conjuncts, lfirst(lc));
		else
			branch->pure = false;
	}
	return branch;
}

/* The branch's condition on a column, or NULL. */
static CassConjunct *
find_column(const Branch *branch, uint16 column)
{
	ListCell *lc;

	foreach (lc, branch->conjuncts)
	{
		CassConjunct *conjunct = lfirst(lc);

		if (conjunct->cond.columns[0] == column)
			return conjunct;
	}
	return NULL;
}

/* "column = one of" when all branches fix it; says whether exactly. */
static void
join_column(CassConjuncts *c, List *branches, const CassConjunct *first)
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
		CassConjunct *conjunct = find_column(branch, first->cond.columns[0]);

		if (conjunct == NULL)
			return;
		source->values = list_concat(source->values, conjunct->source->values);
		scalar = scalar && conjunct->source->kind == CASS_SOURCE_COMPARE;
		exact = exact && branch->pure && conjunct->cond.exact;
	}
	source->branches = scalar;
	cass_conjunct_create(c, CQL_COND_IN, exact, source);
	if (!exact)
		c->superset = true;
}

/* Whether rows keep to the comparison's value on this side. */
static bool
is_bound(const CassConjunct *conjunct, int att, bool upper)
{
	int strategy = conjunct->source->strategy;

	if (conjunct->source->kind != CASS_SOURCE_COMPARE ||
		linitial_int(conjunct->source->atts) != att)
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
		CassConjunct *conjunct = lfirst(lc);

		if (!is_bound(conjunct, att, upper))
			continue;
		source->values =
			lappend(source->values, linitial(conjunct->source->values));
		source->steps = lappend_int(source->steps, conjunct->source->strategy);
		*some = *some || conjunct->source->strategy != BTEqualStrategyNumber;
		return true;
	}
	return false;
}

/* "column >= the least of": of all branches, where each has a bound. */
static void
join_bounds(CassConjuncts *c, List *branches, int att, bool upper)
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
	cass_conjunct_create(c, upper ? CQL_COND_LE : CQL_COND_GE, false, source);
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
join_all_bounds(CassConjuncts *c, List *branches)
{
	List *done = NIL;
	ListCell *lc;

	foreach (lc, ((Branch *) linitial(branches))->all)
	{
		CassConjunct *conjunct = lfirst(lc);
		int att = linitial_int(conjunct->source->atts);

		if (list_member_int(done, att) || !takes_range(c->shape, att))
			continue;
		done = lappend_int(done, att);
		join_bounds(c, branches, att, false);
		join_bounds(c, branches, att, true);
	}
}

void
cass_conjuncts_add_or(CassConjuncts *c, BoolExpr *clause)
{
	List *branches = NIL;
	ListCell *lc;

	foreach (lc, clause->args)
		branches = lappend(branches, take_branch(c, lfirst(lc)));
	foreach (lc, ((Branch *) linitial(branches))->conjuncts)
		join_column(c, branches, lfirst(lc));
	join_all_bounds(c, branches);
	c->reason = "CQL has no OR, and no column is fixed in each of its parts";
}
