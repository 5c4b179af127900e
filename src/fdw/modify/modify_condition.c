/*
 * modify_condition.c
 *	  Which conditions of an UPDATE or DELETE a conditional write repeats.
 *
 * A row is read and judged, then written: another session may have written it
 * meanwhile.  What WHERE asks of a column by equality, "version = 5", goes
 * with the write as "IF version = ?", so that is done only where the column
 * still has the value it was read with; that this is the one asked for is
 * SQL's judgement, made on what was read.  Other conditions may hold for the
 * new value as well as for the old one: they are not repeated.
 */
#include "modify.h"

#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/appendinfo.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

/* ---- what WHERE says ---- */

Node *
cass_where_clauses(PlannerInfo *root, Index rtindex)
{
	AppendRelInfo *child;
	Node *parents;

	if (rtindex == (Index) root->parse->resultRelation ||
		root->append_rel_array == NULL ||
		root->append_rel_array[rtindex] == NULL)
		return root->parse->jointree->quals;
	child = root->append_rel_array[rtindex];
	parents = cass_where_clauses(root, child->parent_relid);
	return adjust_appendrel_attrs(root, parents, 1, &child);
}

List *
cass_assigned_columns(PlannerInfo *root, Index rtindex)
{
	AppendRelInfo *child;

	if (rtindex == (Index) root->parse->resultRelation ||
		root->append_rel_array == NULL ||
		root->append_rel_array[rtindex] == NULL)
		return root->update_colnos;
	child = root->append_rel_array[rtindex];
	return adjust_inherited_attnums(
		cass_assigned_columns(root, child->parent_relid), child);
}

/* The relation's column that the node is, maybe widened; or 0. */
static AttrNumber
column_of(Node *node, Index rtindex)
{
	const Var *var;

	for (;;)
	{
		if (IsA(node, RelabelType))
			node = (Node *) ((RelabelType *) node)->arg;
		else if (IsA(node, FuncExpr) &&
				 ((FuncExpr *) node)->funcformat == COERCE_IMPLICIT_CAST)
			node = linitial(((FuncExpr *) node)->args);
		else
			break;
	}
	var = (const Var *) node;
	return IsA(node, Var) && (Index) var->varno == rtindex &&
				   var->varlevelsup == 0 && var->varattno > 0
			   ? var->varattno
			   : 0;
}

/* "column = value", either way round, the value not of the same row. */
static AttrNumber
compared_column(List *args, Oid opno, Index rtindex)
{
	Node *left = linitial(args);
	Node *right = list_length(args) == 2 ? lsecond(args) : NULL;
	AttrNumber attnum;

	if (right == NULL || !(op_mergejoinable(opno, exprType(left)) ||
						   op_hashjoinable(opno, exprType(left))))
		return 0;
	attnum = column_of(left, rtindex);
	if (attnum != 0)
		return bms_is_member((int) rtindex, pull_varnos(NULL, right)) ? 0
																	  : attnum;
	attnum = column_of(right, rtindex);
	return attnum == 0 || bms_is_member((int) rtindex, pull_varnos(NULL, left))
			   ? 0
			   : attnum;
}

AttrNumber
cass_fixed_column(Node *clause, Index rtindex, bool *nullable)
{
	Node *inner;

	*nullable = false;
	switch (nodeTag(clause))
	{
		case T_Var: /* a Boolean */
			return column_of(clause, rtindex);
		case T_OpExpr:
			return compared_column(((OpExpr *) clause)->args,
								   ((OpExpr *) clause)->opno, rtindex);
		case T_BooleanTest:
			if (((BooleanTest *) clause)->booltesttype != IS_TRUE &&
				((BooleanTest *) clause)->booltesttype != IS_FALSE)
				return 0;
			return column_of((Node *) ((BooleanTest *) clause)->arg, rtindex);
		case T_NullTest:
			*nullable = true;
			if (((NullTest *) clause)->nulltesttype != IS_NULL)
				return 0;
			return column_of((Node *) ((NullTest *) clause)->arg, rtindex);
		case T_BoolExpr:
			if (((BoolExpr *) clause)->boolop != NOT_EXPR)
				return 0;
			inner = linitial(((BoolExpr *) clause)->args);
			if (!IsA(inner, DistinctExpr))
				return column_of(inner, rtindex);
			*nullable = true;
			return compared_column(((DistinctExpr *) inner)->args,
								   ((DistinctExpr *) inner)->opno, rtindex);
		default:
			return 0;
	}
}

/* ---- which columns ---- */

/* Values that PostgreSQL gives back equal, as Cassandra compares them. */
static bool
reads_equal(const CassAttribute *att)
{
	Oid typid = cass_codec_typid(att->codec);

	if (att->unconvertible != CASS_UNCONVERTIBLE_ERROR)
		return false;
	switch (att->type->id)
	{
		case CQL_TYPE_BOOLEAN:
			return typid == BOOLOID;
		case CQL_TYPE_FLOAT:
			return typid == FLOAT4OID || typid == FLOAT8OID;
		case CQL_TYPE_DOUBLE:
			return typid == FLOAT8OID;
		case CQL_TYPE_VARINT:
		case CQL_TYPE_DECIMAL:
			return typid == NUMERICOID;
		case CQL_TYPE_DATE:
			return typid == DATEOID;
		case CQL_TYPE_TIMESTAMP:
			return typid == TIMESTAMPTZOID || typid == TIMESTAMPOID;
		default:
			return cass_codec_keeps(att->codec);
	}
}

bool
cass_may_be_condition(const CassShape *shape, int att)
{
	const CassAttribute *a = &shape->atts[att];

	return !a->dropped && a->column >= cass_nkeys(shape->table) &&
		   !shape->table->columns[a->column].masked;
}

void
cass_find_conditions(PlannerInfo *root, Index rtindex, bool by_value,
					 CassTarget *target)
{
	List *clauses = (List *) cass_where_clauses(root, rtindex);
	ListCell *lc;

	target->equals = target->nullables = NIL;
	if (!target->options->conditional_writes || target->shape->table->counter)
		return;
	foreach (lc, clauses)
	{
		bool nullable;
		int att = cass_fixed_column(lfirst(lc), rtindex, &nullable) - 1;

		if (att < 0 || !cass_may_be_condition(target->shape, att) ||
			(by_value && !reads_equal(&target->shape->atts[att])))
			continue;
		if (nullable)
			target->nullables = list_append_unique_int(target->nullables, att);
		else
			target->equals = list_append_unique_int(target->equals, att);
	}
}

static bool
any_static(const CassTarget *target, const List *atts)
{
	const ListCell *lc;

	foreach (lc, atts)
	{
		if (cass_is_static(target->shape, lfirst_int(lc)))
			return true;
	}
	return false;
}

void
cass_guard_static(CassTarget *target, List *attnums)
{
	int guard = -1;
	bool sure = false;
	ListCell *lc;

	if (!target->options->conditional_writes ||
		target->shape->table->counter || any_static(target, target->equals) ||
		any_static(target, target->nullables))
		return;
	foreach (lc, attnums)
	{
		int att = lfirst_int(lc) - 1;
		bool equal;

		if (target->shape->atts[att].column < 0)
			continue;
		if (!cass_is_static(target->shape, att))
			return;
		equal = reads_equal(&target->shape->atts[att]);
		if (cass_may_be_condition(target->shape, att) &&
			(guard < 0 || (equal == sure ? att < guard : equal)))
		{
			guard = att;
			sure = equal;
		}
	}
	if (guard >= 0)
		target->nullables = lappend_int(target->nullables, guard);
}

int
cass_null_guard(const CassTarget *target)
{
	const ListCell *lc;

	foreach (lc, target->nullables)
	{
		if (!reads_equal(&target->shape->atts[lfirst_int(lc)]))
			return lfirst_int(lc);
	}
	return -1;
}

/* ---- which of them a statement can carry ---- */

/* A column's are its partition's: those of rows that are written alone. */
static bool
fits(const CassTarget *target, const CassDmlSpec *spec, bool static_only,
	 int att)
{
	if (static_only)
		return cass_is_static(target->shape, att);
	return !cass_is_static(target->shape, att) ||
		   !list_member_int(spec->atts, att);
}

List *
cass_pick_conditions(const CassTarget *target, const CassDmlSpec *spec,
					 bool static_only)
{
	List *picked = NIL;
	bool exists = false;
	ListCell *lc;

	foreach (lc, target->equals)
	{
		int att = lfirst_int(lc);

		if (!fits(target, spec, static_only, att))
			continue;
		picked = lappend_int(picked, att);
		exists |= static_only || !cass_is_static(target->shape, att);
	}
	foreach (lc, target->nullables)
	{
		if (!fits(target, spec, static_only, lfirst_int(lc)))
			continue;
		picked = list_append_unique_int(picked, lfirst_int(lc));
		exists |= static_only && spec->atts != NIL;
	}
	/* a row that is not there has NULLs, and its partition's static columns */
	return exists ? picked : NIL;
}
