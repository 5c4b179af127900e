/*
 * modify.c
 *	  Executor callbacks of INSERT, UPDATE, DELETE and COPY, row by row.
 */
#include "modify.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "catalog/pg_attribute.h"
#include "common/hashfn.h"
#include "executor/execPartition.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

/* An UPDATE's statement, by the attributes it assigns. */
typedef struct UpdateDml
{
	Bitmapset *atts; /* attribute numbers */
	CassDml *dml;
} UpdateDml;

/* A foreign table that a statement writes: ri_FdwState. */
typedef struct CassModify
{
	CassTarget target;
	CmdType operation;
	CassDml *whole;		  /* INSERT or DELETE of a row */
	CassDml *static_part; /* the same where it has only static columns */
	bool conditional;	  /* INSERT ... IF NOT EXISTS */
	Bitmapset *named;	  /* INSERT: attributes whose NULL is written */
	bool all_named;
	Bitmapset *unwritten; /* INSERT: attributes by index, must be NULL */
	Bitmapset *assigned;  /* UPDATE: attribute numbers */
	List *updates;		  /* of UpdateDml */
	AttrNumber *junk;	  /* of key columns in the subplan's row */
	AttrNumber wholerow;
	HTAB *done;		   /* rows of a join, which may come again */
	Datum *key_values; /* by key column */
	bool *key_isnull;
} CassModify;

/* ---- beginning and end ---- */

/* Whether a range table entry reads the CQL table written, or a view of it. */
static bool
reads_target(const RangeTblEntry *rte, const CassTarget *target, Oid userid)
{
	const cql_schema_table *table = target->shape->table;
	Oid fdwid = GetForeignServer(target->shape->serverid)->fdwid;
	CassOptions *options;
	CassShape *shape;

	if (rte->rtekind != RTE_RELATION || rte->relkind != RELKIND_FOREIGN_TABLE)
		return false;
	if (rte->relid == target->shape->relid)
		return true;
	if (GetForeignServer(GetForeignTable(rte->relid)->serverid)->fdwid !=
		fdwid)
		return false;
	options = cass_options_for_table(rte->relid, userid);
	if (strcmp(options->keyspace, table->keyspace) != 0)
		return false;
	if (strcmp(options->table_name, table->name) == 0)
		return true;
	shape = cass_shape_get(rte->relid, userid, options);
	return shape->table->kind == CQL_VIEW &&
		   strcmp(shape->table->base_table, table->name) == 0;
}

/*
 * A statement that reads the table it writes must not see its own writes: they
 * wait for the end of its scans.
 */
static bool
must_defer(EState *estate, ResultRelInfo *rri, const CassTarget *target,
		   Oid userid)
{
	Index rti = 0;
	ListCell *lc;

	foreach (lc, estate->es_range_table)
	{
		if (++rti != rri->ri_RangeTableIndex &&
			reads_target(lfirst(lc), target, userid))
			return true;
	}
	return false;
}

static Oid
modify_userid(ResultRelInfo *rri, EState *estate)
{
	Oid userid = cass_modify_check_as_user(rri, estate);

	return OidIsValid(userid) ? userid : GetUserId();
}

static CassModify *
begin(ModifyTableState *mtstate, ResultRelInfo *rri, CmdType operation)
{
	EState *estate = mtstate->ps.state;
	CassModify *m = palloc0(sizeof(CassModify));
	Oid relid = RelationGetRelid(rri->ri_RelationDesc);
	Oid userid = modify_userid(rri, estate);
	CassOptions *options = cass_options_for_table(relid, userid);
	CassShape *shape = cass_shape_get(relid, userid, options);
	int nkeys;

	cass_check_writable(shape, operation);
	m->operation = operation;
	cass_target_init(&m->target, shape, options, rri->ri_RelationDesc);
	m->target.deferred = must_defer(estate, rri, &m->target, userid);
	m->target.window = cass_window_open(
		estate, cass_get_cluster(shape->serverid, userid), options);
	nkeys = cass_nkeys(shape->table);
	m->key_values = palloc0(sizeof(Datum) * nkeys);
	m->key_isnull = palloc0(sizeof(bool) * nkeys);
	m->junk = palloc0(sizeof(AttrNumber) * nkeys);
	return m;
}

/*
 * A conditional write must be done before its row counts, so it cannot wait
 * for the end of the statement's scans.
 */
static void
check_conditional(const CassModify *m, bool conditional)
{
	if (!conditional || !m->target.deferred)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot write conditionally to foreign table \"%s\" in a "
					"statement that reads it, too",
					m->target.relname),
			 errdetail("The statement would see its own writes."),
			 errhint("Put what it reads into a temporary table first.")));
}

static CassDml *
insert_dml(const CassModify *m, bool only_static)
{
	CassDmlSpec spec =
		cass_spec_insert(&m->target, only_static, m->conditional);

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
			(m->conditional && i == m->target.timestamp_att))
			unwritten = bms_add_member(unwritten, i);
	}
	return unwritten;
}

static CassModify *
begin_insert(ModifyTableState *mtstate, ResultRelInfo *rri, bool conditional)
{
	CassModify *m = begin(mtstate, rri, CMD_INSERT);

	m->conditional = conditional;
	check_conditional(m, conditional);
	m->whole = insert_dml(m, false);
	m->unwritten = unwritten_attributes(m);
	if (m->target.shape->table->nclustering > 0 &&
		!m->target.shape->table->counter)
		m->static_part = insert_dml(m, true);
	/* a row that is moved here has all its columns */
	m->all_named = mtstate->operation != CMD_INSERT;
	if (m->target.options->write_nulls && !m->all_named)
		m->named = named_attributes(rri, mtstate->ps.state);
	return m;
}

static CassDml *
delete_dml(const CassModify *m, bool only_static)
{
	CassDmlSpec spec = cass_spec_delete(&m->target, only_static);

	return cass_deparse_dml(&spec, CMD_DELETE);
}

static bool
has_static(const cql_schema_table *table)
{
	uint32 i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (table->columns[i].kind == CQL_STATIC)
			return true;
	}
	return false;
}

/* Where the subplan's rows have the key. */
static void
find_junk(CassModify *m, ModifyTableState *mtstate, ResultRelInfo *rri)
{
	List *tlist = outerPlanState(mtstate)->plan->targetlist;
	TupleDesc desc = RelationGetDescr(rri->ri_RelationDesc);
	int i;

	for (i = 0; i < cass_nkeys(m->target.shape->table); i++)
	{
		char *name =
			cass_junk_name(m->target.shape, desc, m->target.key_atts[i]);

		m->junk[i] = ExecFindJunkAttributeInTlist(tlist, name);
		if (!AttributeNumberIsValid(m->junk[i]))
			ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
							errmsg("the key of table \"%s\" has changed",
								   m->target.shape->table->name),
							errhint("Run the query again.")));
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
			return ((const ForeignScan *) plan)->scan.scanrelid == 0;
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

static HTAB *
create_done(void)
{
	HASHCTL ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = ctl.entrysize = 2 * sizeof(uint64);
	ctl.hcxt = CurrentMemoryContext;
	return hash_create("cassandra_fdw rows written", 1024, &ctl,
					   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static CassModify *
begin_modify(ModifyTableState *mtstate, ResultRelInfo *rri, List *private)
{
	CassModify *m = begin(mtstate, rri, mtstate->operation);
	ListCell *lc;

	find_junk(m, mtstate, rri);
	check_conditional(m, m->target.options->conditional_writes &&
							 !m->target.shape->table->counter);
	if (may_repeat(outerPlanState(mtstate)->plan))
		m->done = create_done();
	if (m->operation == CMD_DELETE)
	{
		m->whole = delete_dml(m, false);
		if (has_static(m->target.shape->table))
			m->static_part = delete_dml(m, true);
		return m;
	}
	foreach (lc, list_nth_node(List, private, CASS_MODIFY_ATTS))
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
			boolVal(list_nth(fdw_private, CASS_MODIFY_CONDITIONAL)));
	else
		rri->ri_FdwState = begin_modify(mtstate, rri, fdw_private);
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
	if (plan != NULL && plan->onConflictAction == ONCONFLICT_UPDATE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ON CONFLICT DO UPDATE is not supported for foreign "
						"table \"%s\"",
						RelationGetRelationName(rri->ri_RelationDesc))));
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	rri->ri_FdwState = begin_insert(mtstate, rri,
									plan != NULL && plan->onConflictAction ==
														ONCONFLICT_NOTHING);
	MemoryContextSwitchTo(old);
}

void
cassandraEndForeignModify(EState *estate, ResultRelInfo *rri)
{
	CassModify *m = rri->ri_FdwState;

	if (m == NULL)
		return;
	rri->ri_FdwState = NULL;
	cass_window_close(m->target.window);
}

/* ---- rows ---- */

/* Writes the row; false where a condition kept it from that. */
static bool
write_row(CassModify *m, const CassDml *dml, const CassNewRow *in)
{
	if (dml->conditional)
		return cass_window_execute(m->target.window, &m->target, dml, in);
	cass_window_add(m->target.window, &m->target, dml, in);
	return true;
}

/* A row of a partition that has no rows but static columns. */
static bool
is_static_row(const CassModify *m)
{
	const cql_schema_table *table = m->target.shape->table;
	uint32 i;

	for (i = 0; i < table->nclustering; i++)
	{
		if (!m->key_isnull[table->npartition + i])
			return false;
	}
	return table->nclustering > 0;
}

static void
refuse_row(const CassModify *m, const CassNewRow *in, const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_CHECK_VIOLATION),
					errmsg("cannot write the row to foreign table \"%s\"",
						   m->target.relname),
					errdetail("%s", detail),
					errcontext("foreign table \"%s\"%s", m->target.relname,
							   cass_new_row_key(&m->target, in))));
}

/* Without clustering columns there may be static ones only, and must be. */
static void
check_static_row(const CassModify *m, const CassNewRow *in)
{
	const CassShape *shape = m->target.shape;
	bool any = false;
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		int column = shape->atts[i].column;

		if (column < cass_nkeys(shape->table) || in->isnull[i])
			continue;
		if (shape->table->columns[column].kind != CQL_STATIC)
			refuse_row(m, in,
					   "Its clustering columns are NULL, so it can have no "
					   "columns but static ones.");
		any = true;
	}
	if (!any)
		refuse_row(m, in,
				   "Its clustering columns are NULL, and it sets no static "
				   "column.");
}

/* Nothing given may be left out silently. */
static void
check_unwritten(const CassModify *m, const CassNewRow *in)
{
	const CassShape *shape = m->target.shape;
	int i = -1;

	while ((i = bms_next_member(m->unwritten, i)) >= 0)
	{
		if (in->isnull[i])
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot insert into column \"%s\" of foreign table "
						"\"%s\"",
						get_attname(shape->relid, i + 1, false),
						m->target.relname),
				 errdetail("%s", shape->atts[i].using == CASS_USING_NONE
									 ? "It is an expression on other columns."
								 : shape->table->counter
									 ? "Counters have no time to live and no "
									   "write time of their own."
									 : "Cassandra itself gives conditional "
									   "writes their time.")));
	}
}

/* Adding nothing to counters makes no row. */
static void
check_counters(const CassModify *m, const CassNewRow *in)
{
	const CassShape *shape = m->target.shape;
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		if (shape->atts[i].column >= cass_nkeys(shape->table) &&
			!in->isnull[i])
			return;
	}
	refuse_row(m, in, "It has no value for any counter.");
}

TupleTableSlot *
cassandraExecForeignInsert(EState *estate, ResultRelInfo *rri,
						   TupleTableSlot *slot, TupleTableSlot *planSlot)
{
	CassModify *m = rri->ri_FdwState;
	CassNewRow in = {0};
	CassDml *dml = m->whole;
	int i;

	slot_getallattrs(slot);
	in.values = slot->tts_values;
	in.isnull = slot->tts_isnull;
	in.key_values = m->key_values;
	in.key_isnull = m->key_isnull;
	in.named = m->named;
	in.all_named = m->all_named;
	for (i = 0; i < cass_nkeys(m->target.shape->table); i++)
	{
		m->key_values[i] = slot->tts_values[m->target.key_atts[i]];
		m->key_isnull[i] = slot->tts_isnull[m->target.key_atts[i]];
	}
	check_unwritten(m, &in);
	if (m->target.shape->table->counter)
		check_counters(m, &in);
	else if (is_static_row(m) && has_static(m->target.shape->table))
	{
		check_static_row(m, &in);
		dml = m->static_part;
	}
	return write_row(m, dml, &in) ? slot : NULL;
}

static void
get_keys(CassModify *m, TupleTableSlot *planSlot, CassNewRow *in)
{
	int i;

	for (i = 0; i < cass_nkeys(m->target.shape->table); i++)
		m->key_values[i] =
			ExecGetJunkAttribute(planSlot, m->junk[i], &m->key_isnull[i]);
	in->key_values = m->key_values;
	in->key_isnull = m->key_isnull;
}

/*
 * A join gives a row once for each match; the first one counts, as for local
 * tables.  128 bits of a hash stand for a key.
 */
static bool
came_before(CassModify *m, const char *key, int len)
{
	uint64 hash[2];
	bool found;

	hash[0] = hash_bytes_extended((const unsigned char *) key, len, 1);
	hash[1] = hash_bytes_extended((const unsigned char *) key, len, 2);
	(void) hash_search(m->done, hash, HASH_ENTER, &found);
	return found;
}

/* Whether the row is to be written; ereports where its key is not sure. */
static bool
check_identity(CassModify *m, const EState *estate)
{
	StringInfoData key;
	bool again;

	initStringInfo(&key);
	cass_encode_key(&m->target, m->key_values, m->key_isnull, &key);
	if (cass_identity_is_lost(estate, m->target.shape->relid, key.data,
							  key.len))
		ereport(
			ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot tell which row of foreign table \"%s\" is meant",
					m->target.relname),
			 errdetail("The key of a row reads as another value than it has "
					   "in Cassandra.")));
	again = m->done != NULL && came_before(m, key.data, key.len);
	pfree(key.data);
	return !again;
}

/* The statement that assigns these attributes. */
static const CassDml *
update_dml(CassModify *m, EState *estate, const Bitmapset *atts)
{
	MemoryContext old;
	CassDmlSpec spec;
	UpdateDml *update;
	List *attnums = NIL;
	ListCell *lc;
	int i = -1;

	foreach (lc, m->updates)
	{
		update = lfirst(lc);
		if (bms_equal(update->atts, atts))
			return update->dml;
	}
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	while ((i = bms_next_member(atts, i)) >= 0)
		attnums = lappend_int(attnums, i);
	cass_check_assigned(m->target.shape, attnums);
	spec = cass_spec_update(&m->target, attnums);
	update = palloc(sizeof(UpdateDml));
	update->atts = bms_copy(atts);
	update->dml = cass_deparse_dml(&spec, CMD_UPDATE);
	m->updates = lappend(m->updates, update);
	MemoryContextSwitchTo(old);
	return update->dml;
}

/* What the statement assigns, and what a trigger changed besides. */
static Bitmapset *
changed_attributes(const CassModify *m, TupleTableSlot *slot,
				   TupleTableSlot *old)
{
	Bitmapset *atts = bms_copy(m->assigned);
	TupleDesc desc = slot->tts_tupleDescriptor;
	int i;

	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped || bms_is_member(i + 1, atts) ||
			(slot->tts_isnull[i] && old->tts_isnull[i]))
			continue;
		if (slot->tts_isnull[i] || old->tts_isnull[i] ||
			!datum_image_eq(slot->tts_values[i], old->tts_values[i],
							att->attbyval, att->attlen))
			atts = bms_add_member(atts, i + 1);
	}
	return atts;
}

TupleTableSlot *
cassandraExecForeignUpdate(EState *estate, ResultRelInfo *rri,
						   TupleTableSlot *slot, TupleTableSlot *planSlot)
{
	CassModify *m = rri->ri_FdwState;
	TupleTableSlot *old = rri->ri_oldTupleSlot;
	const Bitmapset *atts = m->assigned;
	CassNewRow in = {0};

	slot_getallattrs(slot);
	slot_getallattrs(old);
	if (rri->ri_TrigDesc != NULL && rri->ri_TrigDesc->trig_update_before_row)
		atts = changed_attributes(m, slot, old);
	in.values = slot->tts_values;
	in.isnull = slot->tts_isnull;
	in.old_values = old->tts_values;
	in.old_isnull = old->tts_isnull;
	in.all_named = true;
	get_keys(m, planSlot, &in);
	if (!check_identity(m, estate))
		return NULL;
	return write_row(m, update_dml(m, estate, atts), &in) ? slot : NULL;
}

/* The row that was, for RETURNING. */
static void
store_deleted(const CassModify *m, TupleTableSlot *planSlot,
			  TupleTableSlot *slot)
{
	HeapTupleData tuple;
	HeapTupleHeader header;
	bool isnull;
	Datum value = ExecGetJunkAttribute(planSlot, m->wholerow, &isnull);

	if (isnull)
		return;
	header = DatumGetHeapTupleHeader(value);
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	ExecForceStoreHeapTuple(heap_copytuple(&tuple), slot, true);
}

TupleTableSlot *
cassandraExecForeignDelete(EState *estate, ResultRelInfo *rri,
						   TupleTableSlot *slot, TupleTableSlot *planSlot)
{
	CassModify *m = rri->ri_FdwState;
	CassDml *dml = m->whole;
	CassNewRow in = {0};

	get_keys(m, planSlot, &in);
	if (!check_identity(m, estate))
		return NULL;
	if (is_static_row(m) && m->static_part != NULL)
		dml = m->static_part;
	if (!write_row(m, dml, &in))
		return NULL;
	if (rri->ri_projectReturning != NULL &&
		AttributeNumberIsValid(m->wholerow))
		store_deleted(m, planSlot, slot);
	return slot;
}

/* ---- what it is asked ---- */

int
cassandraIsForeignRelUpdatable(Relation rel)
{
	CassOptions *options =
		cass_options_for_table(RelationGetRelid(rel), GetUserId());

	if (!options->updatable)
		return 0;
	return (1 << CMD_INSERT) | (1 << CMD_UPDATE) | (1 << CMD_DELETE);
}

void
cassandraExplainForeignModify(ModifyTableState *mtstate, ResultRelInfo *rri,
							  List *fdw_private, int subplan_index,
							  ExplainState *es)
{
	CassModify *m = rri->ri_FdwState;
	const CassWriteStats *stats;

	ExplainPropertyText("CQL", strVal(list_nth(fdw_private, CASS_MODIFY_CQL)),
						es);
	if (!es->analyze || m == NULL)
		return;
	/* it has not ended yet, but all its rows are known */
	cass_window_flush(m->target.window);
	stats = cass_window_stats(m->target.window);
	ExplainPropertyInteger("Rows Written", NULL, stats->acknowledged, es);
	ExplainPropertyInteger("Requests", NULL, stats->requests, es);
	ExplainPropertyInteger("Batches", NULL, stats->batches, es);
	ExplainPropertyInteger("Retries", NULL, stats->retries, es);
	ExplainPropertyInteger("Most In Flight", NULL, stats->max_in_flight, es);
}
