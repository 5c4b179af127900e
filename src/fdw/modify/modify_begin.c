/*
 * modify_begin.c
 *	  The beginning of INSERT, UPDATE, DELETE and COPY: what is written, and
 *	  by which statements.
 */
#include "system_columns.h"
#include "upsert.h"

#include "access/sysattr.h"
#include "catalog/pg_attribute.h"
#include "executor/execPartition.h"
#include "miscadmin.h"

/* ---- the target ---- */

static Oid
user_of(ResultRelInfo *rri, EState *estate)
{
	Oid userid = cass_modify_check_as_user(rri, estate);

	return OidIsValid(userid) ? userid : GetUserId();
}

/* Whether a range table entry reads the CQL table written, or a view of it. */
static bool
reads_table(const RangeTblEntry *rte, const CassShape *target, Oid userid)
{
	const cql_schema_table *table = target->table;
	Oid fdwid = GetForeignServer(target->serverid)->fdwid;
	CassOptions *options;
	Oid serverid;

	if (rte->rtekind != RTE_RELATION || rte->relkind != RELKIND_FOREIGN_TABLE)
		return false;
	if (rte->relid == target->relid)
		return true;
	serverid = GetForeignTable(rte->relid)->serverid;
	if (GetForeignServer(serverid)->fdwid != fdwid)
		return false;
	options = cass_options_for_table(rte->relid, userid);
	if (strcmp(options->keyspace, table->keyspace) != 0)
		return false;
	return strcmp(options->table_name, table->name) == 0 ||
		   cass_known_view(serverid, options->keyspace, options->table_name,
						   table->name);
}

/*
 * A statement that reads the table it writes must not see its own writes: they
 * wait for the end of its scans.
 */
static bool
must_defer(EState *estate, ResultRelInfo *rri, const CassShape *shape)
{
	Oid userid = user_of(rri, estate);
	Index rti = 0;
	ListCell *lc;

	foreach (lc, estate->es_range_table)
	{
		if (++rti != rri->ri_RangeTableIndex &&
			reads_table(lfirst(lc), shape, userid))
			return true;
	}
	return false;
}

/*
 * Whether the statement sets static columns: these are also of rows that its
 * scan reads later.  Which columns are generated anew the executor does not
 * know yet, so all that are count.
 */
static bool
sets_static(EState *estate, ResultRelInfo *rri, const CassShape *shape)
{
	TupleDesc desc = RelationGetDescr(rri->ri_RelationDesc);
	Bitmapset *columns = ExecGetUpdatedCols(rri, estate);
	bool all =
		rri->ri_TrigDesc != NULL && rri->ri_TrigDesc->trig_update_before_row;
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		if (cass_is_static(shape, i) &&
			(all ||
			 TupleDescAttr(desc, i)->attgenerated ==
				 ATTRIBUTE_GENERATED_STORED ||
			 bms_is_member(i + 1 - FirstLowInvalidHeapAttributeNumber,
						   columns)))
			return true;
	}
	return false;
}

void
cass_target_open(CassTarget *target, EState *estate, ResultRelInfo *rri,
				 CmdType operation)
{
	Oid relid = RelationGetRelid(rri->ri_RelationDesc);
	Oid userid = user_of(rri, estate);
	CassOptions *options = cass_options_for_table(relid, userid);
	CassShape *shape = cass_shape_get(relid, userid, options);

	cass_check_writable(shape, options, operation);
	cass_target_init(target, shape, options, rri->ri_RelationDesc);
	target->deferred = must_defer(estate, rri, shape);
	if (operation == CMD_UPDATE && sets_static(estate, rri, shape))
	{
		target->deferred |=
			!options->conditional_writes || shape->table->counter;
		target->partitions = cass_seen_create("cassandra_fdw partitions");
		target->refused = cass_seen_create("cassandra_fdw refused");
	}
	target->cluster = cass_get_cluster(shape->serverid, userid);
	target->window = cass_window_open(estate, target->cluster, options);
}

static CassModify *
begin(ModifyTableState *mtstate, ResultRelInfo *rri, CmdType operation)
{
	CassModify *m = palloc0(sizeof(CassModify));
	int nkeys;

	m->mtstate = mtstate;
	m->operation = operation;
	cass_target_open(&m->target, mtstate->ps.state, rri, operation);
	nkeys = cass_nkeys(m->target.shape->table);
	m->key_values = palloc0(sizeof(Datum) * nkeys);
	m->key_isnull = palloc0(sizeof(bool) * nkeys);
	m->junk = palloc0(sizeof(AttrNumber) * nkeys);
	return m;
}

static CassDml *
insert_dml(const CassModify *m, bool only_static)
{
	CassDmlSpec spec = cass_spec_insert(
		&m->target, only_static, m->conflict != CASS_CONFLICT_OVERWRITE);

	return cass_deparse_dml(&spec, CMD_INSERT);
}

/* Attributes that an INSERT names, or makes by an expression. */
static Bitmapset *
named_attributes(ResultRelInfo *rri, EState *estate)
{
	TupleDesc desc = RelationGetDescr(rri->ri_RelationDesc);
	Bitmapset *columns = ExecGetInsertedCols(rri, estate);
	Bitmapset *named = NULL;
	int i;

	for (i = 0; i < desc->natts; i++)
	{
		if (bms_is_member(i + 1 - FirstLowInvalidHeapAttributeNumber,
						  columns) ||
			TupleDescAttr(desc, i)->attgenerated == ATTRIBUTE_GENERATED_STORED)
			named = bms_add_member(named, i + 1);
	}
	return named;
}

/* Attributes that the statement has no place for. */
static Bitmapset *
unwritten_attributes(const CassModify *m)
{
	const CassShape *shape = m->target.shape;
	Bitmapset *unwritten = NULL;
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		if (shape->atts[i].dropped || shape->atts[i].column >= 0)
			continue;
		if (shape->atts[i].using == CASS_USING_NONE || shape->table->counter ||
			(m->conflict != CASS_CONFLICT_OVERWRITE &&
			 i == m->target.timestamp_att))
			unwritten = bms_add_member(unwritten, i);
	}
	return unwritten;
}

static CassModify *
begin_insert(ModifyTableState *mtstate, ResultRelInfo *rri,
			 OnConflictAction action)
{
	CassModify *m = begin(mtstate, rri, CMD_INSERT);

	m->conflict =
		cass_check_conflict(m->target.shape, m->target.options, action);
	if (m->conflict != CASS_CONFLICT_OVERWRITE)
		cass_check_conditional(&m->target);
	m->whole = insert_dml(m, false);
	m->unwritten = unwritten_attributes(m);
	if (m->target.shape->table->nclustering > 0 &&
		!m->target.shape->table->counter)
		m->static_part = insert_dml(m, true);
	/* a row that is moved here has all its columns */
	m->all_named = mtstate->operation != CMD_INSERT;
	if (m->target.options->write_nulls && !m->all_named)
		m->named = named_attributes(rri, mtstate->ps.state);
	if (action == ONCONFLICT_UPDATE)
		m->upsert = cass_upsert_begin(m, rri);
	return m;
}

static AttrNumber
find_one(const CassModify *m, List *tlist, const char *name)
{
	AttrNumber attno = ExecFindJunkAttributeInTlist(tlist, name);

	if (!AttributeNumberIsValid(attno))
		cass_shape_changed(m->target.shape);
	return attno;
}

/* Where the subplan's rows have the key, and what IF compares. */
static void
find_junk(CassModify *m, ModifyTableState *mtstate, ResultRelInfo *rri)
{
	List *tlist = outerPlanState(mtstate)->plan->targetlist;
	TupleDesc desc = RelationGetDescr(rri->ri_RelationDesc);
	ListCell *lc;
	int i;

	for (i = 0; i < cass_nkeys(m->target.shape->table); i++)
		m->junk[i] = find_one(
			m, tlist,
			cass_junk_name(m->target.shape, desc, m->target.key_atts[i]));
	foreach (lc, list_concat_copy(m->target.equals, m->target.nullables))
	{
		i = lfirst_int(lc);
		m->condition_junk[i] =
			find_one(m, tlist, cass_junk_name(m->target.shape, desc, i));
	}
	m->wholerow = ExecFindJunkAttributeInTlist(tlist, "wholerow");
}

/* Whether rows of the target may come more than once out of the plan. */
static bool
may_repeat(const Plan *plan)
{
	const List *children = NIL;
	ListCell *lc;

	switch (nodeTag(plan))
	{
		case T_ForeignScan:
			return cass_scan_may_repeat((const ForeignScan *) plan);
		case T_SeqScan:
			return false;
		case T_Append:
			children = ((const Append *) plan)->appendplans;
			break;
		case T_MergeAppend:
			children = ((const MergeAppend *) plan)->mergeplans;
			break;
		case T_Result:
		case T_Sort:
		case T_Limit:
		case T_LockRows:
			return plan->lefttree != NULL && may_repeat(plan->lefttree);
		default:
			return true;
	}
	foreach (lc, children)
	{
		if (may_repeat(lfirst(lc)))
			return true;
	}
	return false;
}

static CassModify *
begin_modify(ModifyTableState *mtstate, ResultRelInfo *rri, List *private)
{
	CassModify *m = begin(mtstate, rri, mtstate->operation);
	ListCell *lc;

	m->target.equals = list_nth(private, CASS_MODIFY_EQUALS);
	m->target.nullables = list_nth(private, CASS_MODIFY_NULLABLES);
	m->null_guard = cass_null_guard(&m->target);
	m->condition_junk = palloc0(sizeof(AttrNumber) * m->target.shape->natts);
	m->condition_values = palloc0(sizeof(Datum) * m->target.shape->natts);
	m->condition_isnull = palloc0(sizeof(bool) * m->target.shape->natts);
	find_junk(m, mtstate, rri);
	if (m->target.options->conditional_writes &&
		!m->target.shape->table->counter)
		cass_check_conditional(&m->target);
	if (may_repeat(outerPlanState(mtstate)->plan))
		m->done = cass_seen_create("cassandra_fdw rows written");
	if (m->operation == CMD_DELETE)
	{
		m->whole = cass_delete_dml(&m->target, false);
		if (cass_has_static(m->target.shape->table))
			m->static_part = cass_delete_dml(&m->target, true);
		return m;
	}
	foreach (lc, (List *) list_nth(private, CASS_MODIFY_ATTS))
		m->assigned = bms_add_member(m->assigned, lfirst_int(lc));
	return m;
}

void
cassandraBeginForeignModify(ModifyTableState *mtstate, ResultRelInfo *rri,
							List *fdw_private, int subplan_index, int eflags)
{
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	if (mtstate->operation == CMD_INSERT)
		rri->ri_FdwState = begin_insert(
			mtstate, rri,
			castNode(ModifyTable, mtstate->ps.plan)->onConflictAction);
	else
		rri->ri_FdwState = begin_modify(mtstate, rri, fdw_private);
}

/* What the planner could not know to be asked of a partition. */
static void
check_routed(const ModifyTableState *mtstate, const ResultRelInfo *rri)
{
	const ModifyTable *plan = castNode(ModifyTable, mtstate->ps.plan);
	const CassModify *m = rri->ri_FdwState;
	Index rtindex = mtstate->resultRelInfo->ri_RangeTableIndex;

	cass_check_trigger_system_columns(m->target.shape, rri->ri_RelationDesc,
									  CMD_INSERT);
	if (plan == NULL)
		return;
	cass_check_system_columns(m->target.shape, rtindex,
							  (Node *) plan->returningLists);
	cass_check_system_columns(m->target.shape, rtindex,
							  (Node *) plan->withCheckOptionLists);
}

/* COPY, and rows routed to a partition. */
void
cassandraBeginForeignInsert(ModifyTableState *mtstate, ResultRelInfo *rri)
{
	ModifyTable *plan = castNode(ModifyTable, mtstate->ps.plan);
	EState *estate = mtstate->ps.state;
	MemoryContext old;

	if (rri->ri_FdwState != NULL || rri->ri_usesFdwDirectModify)
		ereport(
			ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot route rows into foreign table \"%s\", which the "
					"statement updates, too",
					RelationGetRelationName(rri->ri_RelationDesc))));
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	rri->ri_FdwState = begin_insert(
		mtstate, rri, plan != NULL ? plan->onConflictAction : ONCONFLICT_NONE);
	check_routed(mtstate, rri);
	MemoryContextSwitchTo(old);
}
