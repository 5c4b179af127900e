/*
 * modify_plan.c
 *	  Planner callbacks of a modification that goes row by row.
 *
 * A row is told by its whole primary key, which the scan gives as junk
 * attributes.
 */
#include "system_columns.h"
#include "upsert.h"

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

/* ---- row identity ---- */

void
cassandraAddForeignUpdateTargets(PlannerInfo *root, Index rtindex,
								 RangeTblEntry *target_rte,
								 Relation target_relation)
{
	Oid relid = RelationGetRelid(target_relation);
	Oid userid =
		user_or_self(cass_target_check_as_user(root->parse, target_rte));
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
		cass_prepare_counters(root, shape, rtindex);
}

/* ---- the plan ---- */

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
			!cass_mentions((Node *) read, rtindex, att + 1))
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
	Oid userid = user_or_self(cass_target_check_as_user(root->parse, rte));
	CassOptions *options = cass_options_for_table(rte->relid, userid);
	CassShape *shape = cass_shape_get(rte->relid, userid, options);
	CassTarget target = {0};
	CassDmlSpec spec;
	char *cql = "";
	const char *existing = "";
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
		if (plan->onConflictAction == ONCONFLICT_UPDATE)
		{
			existing =
				cass_upsert_plan(root, plan, resultRelation, &target, rel);
			existing =
				existing == NULL
					? (shape->table->counter ? "added to" : "written over")
					: psprintf("read first: %s", existing);
		}
	}
	else
		spec = cass_spec_delete(&target, false);
	table_close(rel, NoLock);
	if (plan->operation != CMD_UPDATE || spec.atts != NIL)
		cql = cass_deparse_dml(&spec, plan->operation)->cql;
	return list_make5(target.equals, target.nullables, attnums,
					  makeString(cql), makeString(pstrdup(existing)));
}
