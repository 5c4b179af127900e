/*
 * clause_collection.c
 *	  What is in a collection: CONTAINS, CONTAINS KEY, map entries.
 *
 * Of arrays (lists and sets): column @> constant array, value = ANY (column);
 * of jsonb (maps): column ? key, column ->> key = value.  Always checked
 * again.
 */
#include "pushdown.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

/* A list, set or map column that may be asked for what it contains. */
static bool
get_collection(CassConditions *c, Node *node, int *att)
{
	Var *var = cass_get_column(c->rel, node);
	const cql_type *type;

	if (var == NULL)
		return false;
	*att = var->varattno - 1;
	type = c->shape->atts[*att].type;
	return type != NULL &&
		   (type->id == CQL_TYPE_LIST || type->id == CQL_TYPE_SET ||
			type->id == CQL_TYPE_MAP);
}

static void
add_element(CassConditions *c, int att, CassSourceKind kind, Expr *expr,
			Oid type)
{
	CassSource *source = cass_source_create(kind, 0, att);

	cass_source_add(source, expr, type, false);
	c->superset = true;
	cass_condition_create(
		c, kind == CASS_SOURCE_KEY ? CQL_COND_CONTAINS_KEY : CQL_COND_CONTAINS,
		false, source);
}

/* Whether CQL compares elements (or keys) as the operator family does. */
static bool
may_contain(CassConditions *c, int att, bool key, Oid opfamily, Oid type,
			Oid collation)
{
	const char *reason = NULL;

	c->reason = cass_column_refused(c->shape, att);
	if (c->reason == NULL &&
		cass_contains_exactness(c->shape->atts[att].codec, key, opfamily, type,
								collation, &reason) == CASS_NEVER)
		c->reason = reason;
	return c->reason == NULL;
}

/* The family that array operators take an element's equality from. */
static Oid
element_family(Oid elemtype)
{
	return lookup_type_cache(elemtype, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
}

/* column @> constant array: each of its elements is in the column. */
static void
add_contained(CassConditions *c, int att, Const *constant, Oid collation)
{
	Oid elemtype = get_element_type(constant->consttype);
	ArrayType *array;
	Datum *values;
	bool *nulls;
	int16 len;
	bool byval;
	char align;
	int n, i;

	c->reason = "the array is no constant";
	if (!IsA(constant, Const) || constant->constisnull ||
		!OidIsValid(elemtype))
		return;
	if (!may_contain(c, att, false, element_family(elemtype), elemtype,
					 collation))
		return;
	array = DatumGetArrayTypeP(constant->constvalue);
	get_typlenbyvalalign(elemtype, &len, &byval, &align);
	deconstruct_array(array, elemtype, len, byval, align, &values, &nulls, &n);
	for (i = 0; i < n && i < CASS_MAX_CONDITIONS; i++)
	{
		if (!nulls[i])
			add_element(c, att, CASS_SOURCE_ELEMENT,
						(Expr *) makeConst(
							elemtype, -1, get_typcollation(elemtype), len,
							datumCopy(values[i], byval, len), false, byval),
						elemtype);
	}
	c->reason = "the array is empty";
}

/* column ? key */
static void
add_key(CassConditions *c, int att, Node *key)
{
	if (!may_contain(c, att, true, InvalidOid, TEXTOID, InvalidOid))
		return;
	if (!cass_is_value(c->root, c->rel, key))
		c->reason = "the value is not fixed during the scan";
	else
		add_element(c, att, CASS_SOURCE_KEY, (Expr *) key, TEXTOID);
}

/* column ->> key = value */
static bool
add_entry(CassConditions *c, OpExpr *clause)
{
	OpExpr *access = linitial(clause->args);
	Node *value = lsecond(clause->args);
	CassSource *source;
	int att;

	if (!IsA(access, OpExpr))
	{
		access = lsecond(clause->args);
		value = linitial(clause->args);
	}
	if (!IsA(access, OpExpr) || get_opcode(clause->opno) != F_TEXTEQ ||
		get_opcode(access->opno) != F_JSONB_OBJECT_FIELD_TEXT ||
		!get_collection(c, linitial(access->args), &att))
		return false;
	if (!may_contain(c, att, true, InvalidOid, TEXTOID, InvalidOid) ||
		!may_contain(c, att, false, InvalidOid, TEXTOID, InvalidOid))
		return true;
	c->reason = "the value is not fixed during the scan";
	if (!cass_is_value(c->root, c->rel, lsecond(access->args)) ||
		!cass_is_value(c->root, c->rel, value))
		return true;
	source = cass_source_create(CASS_SOURCE_ENTRY, 0, att);
	cass_source_add(source, lsecond(access->args), TEXTOID, false);
	cass_source_add(source, (Expr *) value, TEXTOID, false);
	c->superset = true;
	cass_condition_create(c, CQL_COND_MAP_ENTRY, false, source);
	return true;
}

bool
cass_conditions_add_collection(CassConditions *c, OpExpr *clause)
{
	RegProcedure function = get_opcode(clause->opno);
	int att;

	if (function == F_ARRAYCONTAINS &&
		get_collection(c, linitial(clause->args), &att))
		add_contained(c, att, lsecond(clause->args), clause->inputcollid);
	else if (function == F_ARRAYCONTAINED &&
			 get_collection(c, lsecond(clause->args), &att))
		add_contained(c, att, linitial(clause->args), clause->inputcollid);
	else if (function == F_JSONB_EXISTS &&
			 get_collection(c, linitial(clause->args), &att))
		add_key(c, att, lsecond(clause->args));
	else
		return add_entry(c, clause);
	return true;
}

/* The family of the operator's equality of two elements, or InvalidOid. */
static Oid
equality_family(Oid opno)
{
	ListCell *lc;

	foreach (lc, get_op_btree_interpretation(opno))
	{
		OpBtreeInterpretation *i = lfirst(lc);

		if (i->strategy == BTEqualStrategyNumber)
			return i->opfamily_id;
	}
	return InvalidOid;
}

bool
cass_conditions_add_any_element(CassConditions *c, ScalarArrayOpExpr *clause)
{
	Node *value = linitial(clause->args);
	Oid family = equality_family(clause->opno);
	Oid type = exprType(value);
	int att;

	if (!clause->useOr || !get_collection(c, lsecond(clause->args), &att) ||
		!cass_is_value(c->root, c->rel, value))
		return false;
	c->reason = "the operator is no equality";
	if (OidIsValid(family) &&
		may_contain(c, att, false, family, type, clause->inputcollid))
		add_element(c, att, CASS_SOURCE_ELEMENT, (Expr *) value, type);
	return true;
}
