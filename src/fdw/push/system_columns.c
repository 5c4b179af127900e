/*
 * system_columns.c
 *	  System columns of a foreign table, which no statement may look at.
 *
 * Rows of Cassandra have no ctid and no xmin: the executor would show the same
 * one for each of them, and a condition on it would hold for all rows or none.
 * Only tableoid means something.  Nothing here needs the others, so a
 * reference to one is the user's, or that of another server's wrapper; but
 * locks of a parent with local children too take their ctid along.
 */
#include "column.h"
#include "system_columns.h"

#include "access/sysattr.h"
#include "catalog/heap.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/restrictinfo.h"
#include "rewrite/prs2lock.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* The primary key in the foreign table's words, else in Cassandra's. */
static char *
primary_key_text(const CassShape *shape)
{
	StringInfoData text;
	int i;

	initStringInfo(&text);
	for (i = 0; i < cass_nkeys(shape->table); i++)
	{
		int att = cass_att_of_column(shape, i);

		appendStringInfo(
			&text, "%s%s", i > 0 ? ", " : "",
			quote_identifier(att < 0
								 ? shape->table->columns[i].name
								 : get_attname(shape->relid, att + 1, false)));
	}
	return text.data;
}

static void
refuse(const CassShape *shape, const Bitmapset *atts)
{
	AttrNumber attnum = TableOidAttributeNumber;

	while (++attnum < 0)
	{
		if (!bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, atts))
			continue;
		ereport(
			ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot use system column \"%s\" of foreign table \"%s\"",
					NameStr(SystemAttributeDefinition(attnum)->attname),
					get_rel_name(shape->relid)),
			 errdetail("Rows of Cassandra have none, it would be the same for "
					   "each of them."),
			 errhint("Rows are told apart by the primary key: (%s).",
					 primary_key_text(shape))));
	}
}

void
cass_check_system_columns(const CassShape *shape, Index rtindex, Node *node)
{
	Bitmapset *atts = NULL;

	pull_varattnos(node, rtindex, &atts);
	refuse(shape, atts);
}

/* ---- scans ---- */

/* The parent whose row lock a child shares, or 0. */
static Index
locked_parent(const PlannerInfo *root, Index rtindex)
{
	ListCell *lc;

	foreach (lc, root->rowMarks)
	{
		const PlanRowMark *mark = lfirst_node(PlanRowMark, lc);

		if (mark->rti == rtindex && mark->prti != rtindex)
			return mark->prti;
	}
	return 0;
}

bool
cass_is_for_lock(PlannerInfo *root, Index rtindex, AttrNumber attnum)
{
	const RelOptInfo *rel = find_base_rel(root, rtindex);
	const Relids needed = rel->attr_needed[attnum - rel->min_attr];
	Bitmapset *atts = NULL;
	ListCell *lc;

	/* 0 stands for the query's own targets, where the lock's is */
	if (bms_membership(needed) != BMS_SINGLETON || !bms_is_member(0, needed))
		return false;
	/* these take it from the lock's target */
	pull_varattnos((Node *) root->parse->returningList, rtindex, &atts);
	pull_varattnos((Node *) root->parse->mergeActionList, rtindex, &atts);
	foreach (lc, root->processed_tlist)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		/* only targets that the planner added have such a name */
		if (!tle->resjunk || tle->resname == NULL)
			pull_varattnos((Node *) tle, rtindex, &atts);
	}
	return !bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, atts);
}

void
cass_check_scan_system_columns(PlannerInfo *root, const RelOptInfo *rel,
							   const CassShape *shape)
{
	Index parent = locked_parent(root, rel->relid);
	Bitmapset *atts = NULL;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &atts);
	if (parent != 0 &&
		cass_is_for_lock(root, parent, SelfItemPointerAttributeNumber))
		atts = bms_del_member(atts, SelfItemPointerAttributeNumber -
										FirstLowInvalidHeapAttributeNumber);
	pull_varattnos(
		(Node *) extract_actual_clauses(rel->baserestrictinfo, false),
		rel->relid, &atts);
	refuse(shape, atts);
}

/* ---- writes ---- */

static bool
fires(const Trigger *trigger, CmdType operation)
{
	if (!TRIGGER_FOR_ROW(trigger->tgtype))
		return false;
	switch (operation)
	{
		case CMD_INSERT:
			return TRIGGER_FOR_INSERT(trigger->tgtype);
		case CMD_UPDATE:
			return TRIGGER_FOR_UPDATE(trigger->tgtype);
		default:
			return TRIGGER_FOR_DELETE(trigger->tgtype);
	}
}

void
cass_check_trigger_system_columns(const CassShape *shape, Relation rel,
								  CmdType operation)
{
	int i;

	for (i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &rel->trigdesc->triggers[i];
		Node *when;

		if (trigger->tgqual == NULL || !fires(trigger, operation))
			continue;
		when = stringToNode(trigger->tgqual);
		cass_check_system_columns(shape, PRS2_OLD_VARNO, when);
		cass_check_system_columns(shape, PRS2_NEW_VARNO, when);
	}
}
