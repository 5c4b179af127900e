/*
 * clause_steps.c
 *	  Functions of times compared with a value: at::date = d, date_trunc('day',
 *	  at) = t, (at AT TIME ZONE 'UTC')::date BETWEEN d AND e.
 *
 * They are a range of the column, which is checked again: see
 * bound_steps.c.
 */
#include "pushdown.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

/* An expression while it is followed inwards. */
typedef struct Functions
{
	CassConditions *c;
	CassSource *source; /* gets the steps, and the time zones as values */
	const char *reason; /* why they stay local, where that is known */
} Functions;

static void
add_step(CassSource *source, CassStepKind kind, int unit, int zone)
{
	source->steps = lappend_int(source->steps, (int) kind);
	source->steps = lappend_int(source->steps, unit);
	source->steps = lappend_int(source->steps, zone);
}

/* Index of a time zone among the source's values; 0: none that holds still. */
static int
add_zone(Functions *f, Node *zone)
{
	if (exprType(zone) != TEXTOID ||
		!cass_is_value(f->c->root, f->c->rel, zone))
	{
		f->reason = "the time zone is not fixed during the scan";
		return 0;
	}
	cass_source_add(f->source, (Expr *) zone, TEXTOID, false);
	return list_length(f->source->values) - 1;
}

static Node *
add_zone_step(Functions *f, CassStepKind kind, FuncExpr *function)
{
	int zone = add_zone(f, linitial(function->args));

	if (zone == 0)
		return NULL;
	add_step(f->source, kind, 0, zone);
	return lsecond(function->args);
}

/* date_trunc(unit, argument [, zone]) */
static Node *
add_trunc(Functions *f, FuncExpr *function, bool instant)
{
	Const *unit = linitial(function->args);
	int zone = CASS_SESSION_ZONE;
	bool shorter;
	int n;

	f->reason = "the unit of date_trunc() is none that makes a range";
	if (!IsA(unit, Const) || unit->constisnull)
		return NULL;
	n = cass_trunc_unit(TextDatumGetCString(unit->constvalue), &shorter);
	if (n < 0)
		return NULL;
	f->reason = NULL;
	if (list_length(function->args) > 2)
	{
		zone = add_zone(f, lthird(function->args));
		if (zone == 0)
			return NULL;
	}
	if (instant && shorter)
		add_step(f->source, CASS_STEP_SHORTEN, n, zone);
	else
	{
		if (instant)
			add_step(f->source, CASS_STEP_INSTANT, 0, zone);
		add_step(f->source, CASS_STEP_TRUNC, n, zone);
		if (instant)
			add_step(f->source, CASS_STEP_CLOCK, 0, zone);
	}
	return lsecond(function->args);
}

/* Adds the steps of one function; its argument, or NULL. */
static Node *
follow(Functions *f, FuncExpr *function)
{
	CassSource *source = f->source;

	switch (function->funcid)
	{
		case F_DATE_TIMESTAMPTZ:
			add_step(source, CASS_STEP_DAY, 0, 0);
			add_step(source, CASS_STEP_CLOCK, 0, CASS_SESSION_ZONE);
			break;
		case F_DATE_TIMESTAMP:
			add_step(source, CASS_STEP_DAY, 0, 0);
			break;
		case F_TIMESTAMP_TIMESTAMPTZ:
			add_step(source, CASS_STEP_CLOCK, 0, CASS_SESSION_ZONE);
			break;
		case F_TIMESTAMPTZ_TIMESTAMP:
		case F_TIMESTAMPTZ_DATE:
			add_step(source, CASS_STEP_INSTANT, 0, CASS_SESSION_ZONE);
			break;
		case F_TIMESTAMP_DATE:
			break;
		case F_TIMEZONE_TEXT_TIMESTAMPTZ:
			return add_zone_step(f, CASS_STEP_CLOCK, function);
		case F_TIMEZONE_TEXT_TIMESTAMP:
			return add_zone_step(f, CASS_STEP_INSTANT, function);
		case F_DATE_TRUNC_TEXT_TIMESTAMP:
			return add_trunc(f, function, false);
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ:
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ_TEXT:
			return add_trunc(f, function, true);
		default:
			return NULL;
	}
	return linitial(function->args);
}

Var *
cass_get_timed_column(RelOptInfo *rel, Node *node)
{
	FuncExpr *function = (FuncExpr *) node;
	Var *var;

	if (!IsA(node, FuncExpr) || list_length(function->args) != 1)
		return NULL;
	var = cass_get_column(rel, linitial(function->args));
	if (var == NULL || var->vartype != cass_timeuuid_oid() ||
		exprType(linitial(function->args)) != cass_timeuuid_oid())
		return NULL;
	return cass_is_own_function(function->funcid, "timeuuid_timestamp") ? var
																		: NULL;
}

/* The column that the functions are of, or NULL. */
static Var *
follow_all(Functions *f, Node *node)
{
	while (node != NULL && IsA(node, FuncExpr))
	{
		Var *timed = cass_get_timed_column(f->c->rel, node);

		if (timed != NULL)
			return timed;
		node = follow(f, (FuncExpr *) node);
	}
	return node == NULL ? NULL : cass_get_column(f->c->rel, node);
}

Var *
cass_get_stepped(PlannerInfo *root, RelOptInfo *rel, Node *node)
{
	CassConditions c = {.root = root, .rel = rel};
	Functions f = {&c, cass_source_create(CASS_SOURCE_STEPS, 0, 0), NULL};

	/* as if there was a value before the time zones */
	cass_source_add(f.source, NULL, InvalidOid, false);
	return follow_all(&f, node);
}

/* Strategy and right type of a comparison of times; 0 where it is none. */
static int
get_time_strategy(Oid opno, Oid lefttype, Oid *valtype)
{
	ListCell *lc;

	foreach (lc, get_op_btree_interpretation(opno))
	{
		OpBtreeInterpretation *i = lfirst(lc);

		*valtype = i->oprighttype;
		if (i->oplefttype == lefttype && i->strategy >= BTLessStrategyNumber &&
			i->strategy <= BTGreaterStrategyNumber &&
			(*valtype == DATEOID || *valtype == TIMESTAMPOID ||
			 *valtype == TIMESTAMPTZOID))
			return i->strategy;
	}
	return 0;
}

/* Why ranges of the column do not go, or NULL. */
static const char *
column_reason(const CassConditions *c, const Var *var)
{
	int att = var->varattno - 1;
	const CassCodec *codec = c->shape->atts[att].codec;
	const char *reason = cass_column_refused(c->shape, att);

	if (reason != NULL)
		return reason;
	if (cass_codec_type(codec)->id == CQL_TYPE_TIMEUUID)
		(void) cass_time_exactness(codec, cass_place_of(c->shape, att),
								   BTGreaterStrategyNumber, CASS_TIME_FAMILY,
								   TIMESTAMPTZOID, &reason);
	else if (cass_exactness(c->shape, att, BTGreaterStrategyNumber,
							CASS_TIME_FAMILY, getBaseType(var->vartype),
							InvalidOid, &reason) != CASS_NEVER)
		return NULL;
	return reason;
}

void
cass_conditions_add_bounds(CassConditions *c, CassSource *source, bool exact)
{
	if (source->strategy != BTLessStrategyNumber &&
		source->strategy != BTLessEqualStrategyNumber)
		cass_condition_create(c, CQL_COND_GE, exact, source);
	if (source->strategy != BTGreaterStrategyNumber &&
		source->strategy != BTGreaterEqualStrategyNumber)
		cass_condition_create(c, CQL_COND_LE, exact, source);
}

/* Whether one side is functions of a column and the other one a value. */
static bool
add_side(CassConditions *c, Node *functions, Node *value, Oid opno, bool array)
{
	CassSource *source = cass_source_create(CASS_SOURCE_STEPS, 0, 0);
	Functions f = {c, source, NULL};
	Oid lefttype = exprType(functions);
	Oid valtype;
	Var *var;

	if (!IsA(functions, FuncExpr) || !OidIsValid(opno) ||
		!bms_is_member(c->rel->relid, pull_varnos(c->root, functions)))
		return false;
	source->strategy = get_time_strategy(opno, lefttype, &valtype);
	if (source->strategy == 0 ||
		(array && source->strategy != BTEqualStrategyNumber))
		return false;
	cass_source_add(source, (Expr *) value, valtype, array);
	/* a clock is compared with an instant as the session's zone has it */
	if (valtype == TIMESTAMPTZOID && lefttype != TIMESTAMPTZOID)
		add_step(source, CASS_STEP_INSTANT, 0, CASS_SESSION_ZONE);
	var = follow_all(&f, functions);
	c->reason = f.reason;
	if (var == NULL)
		return c->reason != NULL;
	/* the time of a timeuuid: clause_time.c; a mere cast: a comparison */
	if (source->steps == NIL)
		return false;
	if (!cass_is_value(c->root, c->rel, value))
		c->reason = "the value is not fixed during the scan";
	else
		c->reason = column_reason(c, var);
	if (c->reason != NULL)
		return true;
	source->atts = list_make1_int(var->varattno - 1);
	c->superset = true;
	cass_conditions_add_bounds(c, source, false);
	return true;
}

bool
cass_conditions_add_steps(CassConditions *c, OpExpr *clause)
{
	Node *left = linitial(clause->args);
	Node *right = lsecond(clause->args);

	return add_side(c, left, right, clause->opno, false) ||
		   add_side(c, right, left, get_commutator(clause->opno), false);
}

bool
cass_conditions_add_any_steps(CassConditions *c, ScalarArrayOpExpr *clause)
{
	return clause->useOr &&
		   add_side(c, linitial(clause->args), lsecond(clause->args),
					clause->opno, true);
}
