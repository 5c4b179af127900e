/*
 * conjunct_or.c
 *	  OR as "column = one of": CQL has no OR.
 *
 * Of each branch the columns that it fixes by equality are taken; a column
 * that every branch fixes has one of these values.  When each branch is just
 * one such comparison of the same column, that is all the OR says; else it is
 * checked again.
 */
#include "pushdown.h"

#include "access/stratnum.h"

/* Columns and values that one branch fixes. */
typedef struct Branch
{
	List *conjuncts; /* of CassConjunct *, EQ and IN only */
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

void
cass_conjuncts_add_or(CassConjuncts *c, BoolExpr *clause)
{
	List *branches = NIL;
	ListCell *lc;

	foreach (lc, clause->args)
		branches = lappend(branches, take_branch(c, lfirst(lc)));
	foreach (lc, ((Branch *) linitial(branches))->conjuncts)
		join_column(c, branches, lfirst(lc));
	c->reason = "CQL has no OR, and no column is fixed in each of its parts";
}
