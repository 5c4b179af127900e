/*
 * modify_plan.c
 *	  Planner callbacks of a modification that goes row by row.
 *
 * A row is told by its whole primary key, which the scan gives as junk
 * attributes.
 */
#include "modify.h"
#include "system_columns.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/appendinfo.h"
#include "optimizer/inherit.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

static Oid
user_or_self(Oid userid)
{
	return OidIsValid(userid) ? userid : GetUserId();
}

char *
cass_junk_name(const CassShape *shape, TupleDesc desc, int att)
{
	Form_pg_attribute form = TupleDescAttr(desc, att);

	/* children of one parent share a name only where all is the same */
	return psprintf("cassandra key %d %u %d %u", att + 1, form->atttypid,
					form->atttypmod, form->attcollation);
}

/* ---- counters ---- */

static bool
adds(Oid funcid, bool *subtracts)
{
	*subtracts =
		funcid == F_INT8MI || funcid == F_INT84MI || funcid == F_INT82MI;
	return *subtracts || funcid == F_INT8PL || funcid == F_INT84PL ||
		   funcid == F_INT82PL || funcid == F_INT48PL || funcid == F_INT28PL;
}

/* The counter itself, or coalesce(counter, 0). */
static bool
is_counter(Node *node, Index rtindex, AttrNumber attnum)
{
	if (IsA(node, CoalesceExpr))
	{
		CoalesceExpr *c = (CoalesceExpr *) node;
		Node *zero = llast(c->args);

		return list_length(c->args) == 2 && IsA(zero, Const) &&
			   !((Const *) zero)->constisnull &&
			   DatumGetInt64(((Const *) zero)->constvalue) == 0 &&
			   is_counter(linitial(c->args), rtindex, attnum);
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

static bool
mentions(Node *node, Index rtindex, AttrNumber attnum)
{
	Bitmapset *atts = NULL;

	pull_varattnos(node, rtindex, &atts);
	return bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, atts) ||
		   bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, atts);
}

/*
 * "n + k", "k + n" or "n - k": Cassandra adds what the value then differs by.
 * A counter without a value counts as 0 there, so it must here.
 */
static void
prepare_counter(const CassShape *shape, TargetEntry *tle, Index rtindex,
				AttrNumber attnum)
{
	OpExpr *op = (OpExpr *) tle->expr;
	bool subtracts;
	int at;

	if (IsA(op, OpExpr) && adds(op->opfuncid, &subtracts))
	{
		at = !subtracts && is_counter(lsecond(op->args), rtindex, attnum);
		if (is_counter(list_nth(op->args, at), rtindex, attnum) &&
			!mentions(list_nth(op->args, 1 - at), rtindex, attnum))
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

static void
prepare_counters(PlannerInfo *root, const CassShape *shape, Index rtindex)
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
			prepare_counter(shape, lfirst(tle), rtindex, lfirst_int(attnum));
	}
}

/* ---- row identity ---- */

void
cassandraAddForeignUpdateTargets(PlannerInfo *root, Index rtindex,
								 RangeTblEntry *target_rte,
								 Relation target_relation)
{
	Oid relid = RelationGetRelid(target_relation);
	Oid userid = user_or_self(cass_target_check_as_user(root, target_rte));
	CassOptions *options = cass_options_for_table(relid, userid);
	CassShape *shape = cass_shape_get(relid, userid, options);
	TupleDesc desc = RelationGetDescr(target_relation);
	CmdType operation = root->parse->commandType;
	CassTarget target = {0};
	int i;

	cass_check_writable(shape, options, operation);
	target.shape = shape;
	target.options = options;
	cass_find_conditions(root, rtindex, true, &target);
	if (operation == CMD_UPDATE)
		cass_guard_static(&target, cass_assigned_columns(root, rtindex));
	for (i = 0; i < shape->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (shape->atts[i].dropped || shape->atts[i].column < 0 ||
			(shape->atts[i].column >= cass_nkeys(shape->table) &&
			 !list_member_int(target.equals, i) &&
			 !list_member_int(target.nullables, i)))
			continue;
		add_row_identity_var(root,
							 makeVar(rtindex, i + 1, att->atttypid,
									 att->atttypmod, att->attcollation, 0),
							 rtindex, cass_junk_name(shape, desc, i));
	}
	/* just as the planner's own of this name, which other children share */
	if (operation == CMD_DELETE && root->parse->returningList != NIL)
		add_row_identity_var(
			root,
			makeVar(rtindex, InvalidAttrNumber, RECORDOID, -1, InvalidOid, 0),
			rtindex, "wholerow");
	if (operation == CMD_UPDATE && shape->table->counter)
		prepare_counters(root, shape, rtindex);
}

/* ---- the plan ---- */

void
cass_check_masked(List *tlist, const CassShape *shape, Index rtindex)
{
	ListCell *lc;
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		int column = shape->atts[i].column;

		if (column < 0 || !shape->table->columns[column].masked)
			continue;
		foreach (lc, tlist)
		{
			TargetEntry *tle = lfirst_node(TargetEntry, lc);

			if (!tle->resjunk && mentions((Node *) tle->expr, rtindex, i + 1))
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("cannot assign a value made of column \"%s\" "
								"of foreign table \"%s\"",
								get_attname(shape->relid, i + 1, false),
								get_rel_name(shape->relid)),
						 errdetail("The column is masked in Cassandra: its "
								   "value may not be the real one.")));
		}
	}
}

/* Static columns that an UPDATE with a condition sets beside others. */
void
cass_check_static(PlannerInfo *root, Index rtindex, const CassTarget *target,
				  const CassDmlSpec *spec)
{
	const CassShape *shape = target->shape;
	List *read;
	List *tlist;
	ListCell *lc;

	if (!spec->conditional || cass_all_static(spec))
		return;
	read = list_make1(cass_where_clauses(root, rtindex));
	get_translated_update_targetlist(root, rtindex, &tlist, NULL);
	foreach (lc, tlist)
	{
		if (!lfirst_node(TargetEntry, lc)->resjunk)
			read = lappend(read, lfirst_node(TargetEntry, lc)->expr);
	}
	foreach (lc, spec->atts)
	{
		int att = lfirst_int(lc);

		if (!cass_is_static(shape, att) ||
			!mentions((Node *) read, rtindex, att + 1))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot conditionally set static column \"%s\" of "
						"foreign table \"%s\" beside other columns",
						get_attname(shape->relid, att + 1, false),
						get_rel_name(shape->relid)),
				 errdetail("The statement reads the column: other rows of the "
						   "partition would have the new value."),
				 errhint("Set static columns by an UPDATE of their own.")));
	}
}

static List *
assigned(PlannerInfo *root, Index rtindex)
{
	Bitmapset *columns =
		get_rel_all_updated_cols(root, find_base_rel(root, rtindex));
	List *attnums = NIL;
	int i = -1;

	while ((i = bms_next_member(columns, i)) >= 0)
	{
		AttrNumber attnum = i + FirstLowInvalidHeapAttributeNumber;

		if (attnum > 0)
			attnums = lappend_int(attnums, attnum);
	}
	return attnums;
}

List *
cassandraPlanForeignModify(PlannerInfo *root, ModifyTable *plan,
						   Index resultRelation, int subplan_index)
{
	RangeTblEntry *rte = planner_rt_fetch(resultRelation, root);
	Relation rel = table_open(rte->relid, NoLock);
	Oid userid = user_or_self(cass_target_check_as_user(root, rte));
	CassOptions *options = cass_options_for_table(rte->relid, userid);
	CassShape *shape = cass_shape_get(rte->relid, userid, options);
	CassTarget target = {0};
	CassDmlSpec spec;
	char *cql = "";
	List *attnums = NIL;
	List *tlist;
	CassConflict conflict = CASS_CONFLICT_OVERWRITE;

	cass_check_writable(shape, options, plan->operation);
	cass_check_system_columns(shape, resultRelation,
							  (Node *) plan->returningLists);
	cass_check_system_columns(shape, resultRelation,
							  (Node *) plan->withCheckOptionLists);
	cass_check_trigger_system_columns(shape, rel, plan->operation);
	cass_target_init(&target, shape, options, rel);
	if (plan->operation != CMD_INSERT)
		cass_find_conditions(root, resultRelation, true, &target);
	if (plan->operation == CMD_UPDATE)
	{
		attnums = assigned(root, resultRelation);
		cass_check_assigned(shape, attnums);
		get_translated_update_targetlist(root, resultRelation, &tlist, NULL);
		cass_check_masked(tlist, shape, resultRelation);
		cass_guard_static(&target, attnums);
		spec = cass_spec_update(&target, attnums, NIL);
		cass_check_static(root, resultRelation, &target, &spec);
	}
	else if (plan->operation == CMD_INSERT)
	{
		conflict = cass_check_conflict(shape, options, plan->onConflictAction);
		spec = cass_spec_insert(&target, false,
								conflict != CASS_CONFLICT_OVERWRITE);
	}
	else
		spec = cass_spec_delete(&target, false);
	table_close(rel, NoLock);
	if (plan->operation != CMD_UPDATE || spec.atts != NIL)
		cql = cass_deparse_dml(&spec, plan->operation)->cql;
	return list_make4(target.equals, target.nullables, attnums,
					  makeString(cql));
}
