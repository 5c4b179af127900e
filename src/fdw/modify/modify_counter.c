/*
 * modify_counter.c
 *	  Counters, which can only be added to.
 */
#include "modify.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

static bool
adds(Oid funcid, bool *subtracts)
{
	*subtracts =
		funcid == F_INT8MI || funcid == F_INT84MI || funcid == F_INT82MI;
	return *subtracts || funcid == F_INT8PL || funcid == F_INT84PL ||
		   funcid == F_INT82PL || funcid == F_INT48PL || funcid == F_INT28PL;
}

bool
cass_is_counter(Node *node, Index rtindex, AttrNumber attnum)
{
	if (IsA(node, CoalesceExpr))
	{
		CoalesceExpr *c = (CoalesceExpr *) node;
		Node *zero = llast(c->args);

		return list_length(c->args) == 2 && IsA(zero, Const) &&
			   !((Const *) zero)->constisnull &&
			   DatumGetInt64(((Const *) zero)->constvalue) == 0 &&
			   cass_is_counter(linitial(c->args), rtindex, attnum);
	}
	return IsA(node, Var) && (Index) ((Var *) node)->varno == rtindex &&
		   ((Var *) node)->varattno == attnum &&
		   ((Var *) node)->varlevelsup == 0;
}

static Expr *
or_zero(Node *counter)
{
	CoalesceExpr *c = makeNode(CoalesceExpr);
	Const *zero = makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
							Int64GetDatum(0), false, FLOAT8PASSBYVAL);

	if (IsA(counter, CoalesceExpr))
		return (Expr *) counter;
	c->coalescetype = INT8OID;
	c->args = list_make2(counter, zero);
	c->location = -1;
	return (Expr *) c;
}

bool
cass_mentions(Node *node, Index rtindex, AttrNumber attnum)
{
	Bitmapset *atts = NULL;

	pull_varattnos(node, rtindex, &atts);
	return bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, atts) ||
		   bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, atts);
}

void
cass_prepare_counter(const CassShape *shape, TargetEntry *tle, Index rtindex,
					 AttrNumber attnum)
{
	OpExpr *op = (OpExpr *) tle->expr;
	bool subtracts;
	int at;

	if (IsA(op, OpExpr) && adds(op->opfuncid, &subtracts))
	{
		at = !subtracts && cass_is_counter(lsecond(op->args), rtindex, attnum);
		if (cass_is_counter(list_nth(op->args, at), rtindex, attnum) &&
			!cass_mentions(list_nth(op->args, 1 - at), rtindex, attnum))
		{
			lfirst(list_nth_cell(op->args, at)) =
				or_zero(list_nth(op->args, at));
			return;
		}
	}
	ereport(
		ERROR,
		(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
		 errmsg("cannot set counter \"%s\" of foreign table \"%s\"",
				get_attname(shape->relid, attnum, false),
				get_rel_name(shape->relid)),
		 errdetail("Counters can only be added to or subtracted from."),
		 errhint("Write SET %s = %s + value.",
				 quote_identifier(get_attname(shape->relid, attnum, false)),
				 quote_identifier(get_attname(shape->relid, attnum, false)))));
}

void
cass_prepare_counters(PlannerInfo *root, const CassShape *shape, Index rtindex)
{
	ListCell *tle;
	ListCell *attnum;

	if (rtindex != (Index) root->parse->resultRelation)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot update counters of foreign table \"%s\" "
						"through its parent",
						get_rel_name(shape->relid))));
	forboth (tle, root->processed_tlist, attnum, root->update_colnos)
	{
		const CassAttribute *att = &shape->atts[lfirst_int(attnum) - 1];

		if (att->column >= cass_nkeys(shape->table))
			cass_prepare_counter(shape, lfirst(tle), rtindex,
								 lfirst_int(attnum));
	}
}
