/*
 * clause.c
 *	  A clause as conditions that CQL knows: comparisons, Booleans, AND.
 *
 * What a comparison means is decided by its operator's btree family and by
 * the types (cass_bound_exactness); whether CQL may say it is not asked here.
 */
#include "pushdown.h"

#include "access/stratnum.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"

/* ---- comparisons ---- */

static const cql_cond_op op_of_strategy[] = {
	[BTLessStrategyNumber] = CQL_COND_LT,
	[BTLessEqualStrategyNumber] = CQL_COND_LE,
	[BTEqualStrategyNumber] = CQL_COND_EQ,
	[BTGreaterEqualStrategyNumber] = CQL_COND_GE,
	[BTGreaterStrategyNumber] = CQL_COND_GT};

/*
 * Conditions of "column strategy value".  Equality may take two values (zero
 * has two spellings) or a range (what is finer than SQL's type).
 */
static void
create_comparison(CassConditions *c, CassSource *source, bool exact)
{
	const CassAttribute *att = &c->shape->atts[linitial_int(source->atts)];
	const CassValue *value = linitial(source->values);

	if (source->strategy != BTEqualStrategyNumber)
	{
		cass_condition_create(c, op_of_strategy[source->strategy], exact,
							  source);
		return;
	}
	switch (cass_bound_equality(att->codec, value->type))
	{
		case CASS_EQUALITY_POINT:
			cass_condition_create(
				c,
				source->kind == CASS_SOURCE_POINTS ? CQL_COND_IN : CQL_COND_EQ,
				exact, source);
			break;
		case CASS_EQUALITY_POINTS:
			cass_condition_create(c, CQL_COND_IN, exact, source);
			break;
		case CASS_EQUALITY_RANGE:
			cass_condition_create(c, CQL_COND_GE, exact, source);
			cass_condition_create(c, CQL_COND_LE, exact, source);
			break;
	}
}

/* cass_judge_operator(), of a column that may be asked for. */
static CassExactness
judge_column(CassConditions *c, const Var *var, Oid opno, Oid collation,
			 int *strategy, Oid *valtype)
{
	int att = var->varattno - 1;

	c->reason = cass_is_token(c->shape, att)
					? NULL
					: cass_column_refused(c->shape, att);
	if (c->reason != NULL)
		return CASS_NEVER;
	c->reason = "CQL has no such operator";
	return cass_judge_operator(c, att, false, opno, collation, strategy,
							   valtype);
}

/* A row is of the column's own type, or nobody knows what is in it. */
static bool
is_right_row(CassConditions *c, const Var *var, Oid valtype, Oid type)
{
	if (valtype != RECORDOID || getBaseType(type) == getBaseType(var->vartype))
		return true;
	c->reason = "the row is not of the column's type";
	return false;
}

static void
add_comparison(CassConditions *c, OpExpr *op)
{
	Node *left = linitial(op->args);
	Node *right = lsecond(op->args);
	Oid opno = op->opno;
	Var *var = cass_get_comparand(c->rel, left);
	CassExactness exactness;
	CassSource *source;
	Oid valtype = InvalidOid;
	int strategy = 0;

	if (var == NULL)
	{
		var = cass_get_comparand(c->rel, right);
		right = left;
		opno = get_commutator(opno);
	}
	if (var == NULL || !OidIsValid(opno))
		c->reason = "it is no comparison of a column with a value";
	else if (!cass_is_value(c->root, c->rel, right))
		c->reason = "the value is not fixed during the scan";
	else
	{
		exactness =
			judge_column(c, var, opno, op->inputcollid, &strategy, &valtype);
		if (exactness == CASS_NEVER ||
			!is_right_row(c, var, valtype, exprType(right)))
			return;
		source = cass_source_create(CASS_SOURCE_COMPARE, strategy,
									var->varattno - 1);
		cass_source_add(source, (Expr *) right, valtype, false);
		create_comparison(c, source, exactness == CASS_EXACT);
	}
}

/* ---- column = ANY (array) ---- */

static void
add_any(CassConditions *c, ScalarArrayOpExpr *op)
{
	Var *var = cass_get_comparand(c->rel, linitial(op->args));
	CassExactness exactness;
	CassSource *source;
	Oid valtype = InvalidOid;
	int strategy = 0;

	if (!op->useOr)
		c->reason = "CQL has no NOT IN and no ALL";
	else if (var == NULL)
		c->reason = "it is no comparison of a column with a value";
	else if (!cass_is_value(c->root, c->rel, lsecond(op->args)))
		c->reason = "the array is not fixed during the scan";
	else
	{
		exactness = judge_column(c, var, op->opno, op->inputcollid, &strategy,
								 &valtype);
		if (exactness == CASS_NEVER ||
			!is_right_row(c, var, valtype,
						  get_element_type(exprType(lsecond(op->args)))))
			return;
		if (strategy != BTEqualStrategyNumber ||
			cass_bound_equality(c->shape->atts[var->varattno - 1].codec,
								valtype) == CASS_EQUALITY_RANGE)
		{
			c->reason = "ANY is pushed for equality with values only";
			return;
		}
		source = cass_source_create(CASS_SOURCE_POINTS, strategy,
									var->varattno - 1);
		cass_source_add(source, lsecond(op->args), valtype, true);
		create_comparison(c, source, exactness == CASS_EXACT);
	}
}

/* ---- Booleans ---- */

static void
add_boolean(CassConditions *c, Node *node, bool value)
{
	Var *var = cass_get_column(c->rel, node);
	Node *constant;
	OpExpr *op;

	if (var == NULL || var->vartype != BOOLOID)
	{
		c->reason = "CQL has no such condition";
		return;
	}
	constant = makeBoolConst(value, false);
	op = (OpExpr *) make_opclause(BooleanEqualOperator, BOOLOID, false,
								  (Expr *) var, (Expr *) constant, InvalidOid,
								  InvalidOid);
	add_comparison(c, op);
}

static void
add_boolean_expression(CassConditions *c, BoolExpr *clause)
{
	ListCell *lc;

	switch (clause->boolop)
	{
		case AND_EXPR:
			foreach (lc, clause->args)
				cass_conditions_add(c, lfirst(lc));
			break;
		case OR_EXPR:
			cass_conditions_add_or(c, clause);
			break;
		case NOT_EXPR:
			add_boolean(c, linitial(clause->args), false);
			break;
	}
}

static void
add_boolean_test(CassConditions *c, BooleanTest *test)
{
	if (test->booltesttype == IS_TRUE)
		add_boolean(c, (Node *) test->arg, true);
	else if (test->booltesttype == IS_FALSE)
		add_boolean(c, (Node *) test->arg, false);
	else
		c->reason = "CQL has no such condition";
}

static void
add_operator(CassConditions *c, OpExpr *op)
{
	if (list_length(op->args) != 2)
		c->reason = "CQL has no such operator";
	else if (!cass_conditions_add_like(c, op) &&
			 !cass_conditions_add_time(c, op) &&
			 !cass_conditions_add_steps(c, op) &&
			 !cass_conditions_add_collection(c, op))
		add_comparison(c, op);
}

static void
add_one(CassConditions *c, Expr *clause)
{
	switch (nodeTag(clause))
	{
		case T_OpExpr:
			add_operator(c, (OpExpr *) clause);
			break;
		case T_ScalarArrayOpExpr:
			if (!cass_conditions_add_any_element(
					c, (ScalarArrayOpExpr *) clause) &&
				!cass_conditions_add_any_steps(c,
											   (ScalarArrayOpExpr *) clause))
				add_any(c, (ScalarArrayOpExpr *) clause);
			break;
		case T_RowCompareExpr:
			cass_conditions_add_row(c, (RowCompareExpr *) clause);
			break;
		case T_BoolExpr:
			add_boolean_expression(c, (BoolExpr *) clause);
			break;
		case T_BooleanTest:
			add_boolean_test(c, (BooleanTest *) clause);
			break;
		case T_Var:
		case T_RelabelType:
			add_boolean(c, (Node *) clause, true);
			break;
		case T_NullTest:
			c->reason = "CQL has no IS NULL and no IS NOT NULL";
			break;
		default:
			c->reason = "CQL has no such condition";
	}
}

void
cass_conditions_add(CassConditions *c, Expr *clause)
{
	int before = list_length(c->conditions);

	c->reason = NULL;
	if (before >= CASS_MAX_CONDITIONS)
	{
		c->reason = "the query has too many conditions";
		c->superset = true;
		return;
	}
	add_one(c, clause);
	if (list_length(c->conditions) == before)
		c->superset = true;
	else
		c->reason = NULL;
}
