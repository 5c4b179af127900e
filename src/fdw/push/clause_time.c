/*
 * clause_time.c
 *	  timeuuid_timestamp(column) compared with a time: a range of timeuuids.
 */
#include "pushdown.h"

#include "utils/lsyscache.h"

bool
cass_conditions_add_time(CassConditions *c, OpExpr *clause)
{
	Var *var = cass_get_timed_column(c->rel, linitial(clause->args));
	Node *value = lsecond(clause->args);
	Oid opno = clause->opno;
	Oid valtype = InvalidOid;
	CassExactness exactness;
	CassSource *source;
	int strategy = 0;

	if (var == NULL)
	{
		var = cass_get_timed_column(c->rel, lsecond(clause->args));
		value = linitial(clause->args);
		opno = get_commutator(opno);
	}
	if (var == NULL || !OidIsValid(opno))
		return false;
	c->reason = cass_column_refused(c->shape, var->varattno - 1);
	if (c->reason != NULL)
		return true;
	c->reason = "the value is not fixed during the scan";
	if (!cass_is_value(c->root, c->rel, value))
		return true;
	c->reason = "the operator does not compare timestamps";
	exactness = cass_judge_operator(c, var->varattno - 1, true, opno,
									InvalidOid, &strategy, &valtype);
	if (exactness == CASS_NEVER)
		return true;
	source = cass_source_create(CASS_SOURCE_TIME, strategy, var->varattno - 1);
	cass_source_add(source, (Expr *) value, valtype, false);
	cass_conditions_add_bounds(c, source, exactness == CASS_EXACT);
	return true;
}
