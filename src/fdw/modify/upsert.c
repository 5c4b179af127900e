/*
 * upsert.c
 *	  Rows of INSERT ... ON CONFLICT DO UPDATE that may exist.
 *
 * Such a row is read by its key.  The executor has SET and WHERE ready, as for
 * a local table; what they make of the row is written as an UPDATE is.  With
 * conditional writes that is done only where the columns that SET and WHERE
 * look at are still what was read, and the INSERT IF NOT EXISTS.
 */
#include "upsert.h"

#include "access/sysattr.h"
#include "executor/nodeModifyTable.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

struct CassUpsert
{
	CassModify *update; /* what becomes of rows that exist */
	bool plain;			/* what SET says is Cassandra's INSERT */
	bool sent;			/* plain rows may be under way */
	Bitmapset *used;	/* attributes by index that SET and WHERE look at */
	bool all_used;
	CassRowReader *reader; /* made at the first row that is read */
	int *atts;			   /* by index, in the order of its columns */
	int natts;
	cql_slice *cells; /* of the row that was read, by attribute */
	HTAB *rows;		  /* keys of rows that were read */
};

/* ---- the beginning ---- */

static void
check_triggers(const CassModify *m, const ResultRelInfo *rri)
{
	const TriggerDesc *triggers = rri->ri_TrigDesc;

	if (m->mtstate->mt_transition_capture != NULL ||
		(triggers != NULL &&
		 (triggers->trig_update_before_row ||
		  triggers->trig_update_after_row || triggers->trig_insert_after_row)))
		cass_refuse_conflict(
			m->target.shape->relid,
			"Its row triggers, but for BEFORE INSERT, would have to know "
			"which rows exist.",
			"INSERT without ON CONFLICT overwrites the columns it names.");
}

/* The attribute (by index) that is a column of the root's. */
static int
map_column(const CassModify *m, Oid root, AttrNumber attnum)
{
	return get_attnum(m->target.shape->relid,
					  get_attname(root, attnum, false)) -
		   1;
}

static void
find_used(CassModify *m, CassUpsert *upsert, Oid root, const CassSet *set)
{
	Bitmapset *attnums = NULL;
	int i = -1;

	pull_varattnos((Node *) set->entries, set->rtindex, &attnums);
	pull_varattnos(set->where, set->rtindex, &attnums);
	while ((i = bms_next_member(attnums, i)) >= 0)
	{
		AttrNumber attnum = i + FirstLowInvalidHeapAttributeNumber;

		if (attnum == 0)
			upsert->all_used = true;
		else if (attnum > 0)
			upsert->used =
				bms_add_member(upsert->used, map_column(m, root, attnum));
	}
}

/* A row that exists is updated: these columns are, and what they generate. */
static CassModify *
begin_update(CassModify *m, const ResultRelInfo *rri, Oid root,
			 const List *columns, bool *generates)
{
	TupleDesc desc = RelationGetDescr(rri->ri_RelationDesc);
	CassModify *u = palloc0(sizeof(CassModify));
	List *attnums = NIL;
	const ListCell *lc;
	int i;

	u->mtstate = m->mtstate;
	u->target = m->target;
	u->operation = CMD_UPDATE;
	u->null_guard = -1;
	foreach (lc, columns)
		attnums =
			lappend_int(attnums, map_column(m, root, lfirst_int(lc)) + 1);
	cass_check_assigned(m->target.shape, attnums);
	for (i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attgenerated != ATTRIBUTE_GENERATED_STORED)
			continue;
		*generates = true;
		attnums = lappend_int(attnums, i + 1);
	}
	foreach (lc, attnums)
	{
		u->assigned = bms_add_member(u->assigned, lfirst_int(lc));
		if (m->target.options->conditional_writes &&
			!m->target.shape->table->counter &&
			cass_is_static(m->target.shape, lfirst_int(lc) - 1))
			cass_refuse_conflict(
				m->target.shape->relid,
				"Conditional writes of a row cannot set static columns.",
				"Set static columns by an UPDATE of their own.");
	}
	return u;
}

CassUpsert *
cass_upsert_begin(CassModify *m, ResultRelInfo *rri)
{
	const ModifyTable *plan = castNode(ModifyTable, m->mtstate->ps.plan);
	const ResultRelInfo *root = m->mtstate->rootResultRelInfo;
	Oid rootid = RelationGetRelid(root->ri_RelationDesc);
	CassUpsert *upsert = palloc0(sizeof(CassUpsert));
	CassSet set = cass_upsert_set(plan, INNER_VAR, root->ri_RangeTableIndex);

	check_triggers(m, rri);
	upsert->plain = cass_upsert_reason(&m->target, rri->ri_RelationDesc,
									   rootid, &set) == NULL;
	if (root != rri && m->target.shape->table->counter && !upsert->plain)
		cass_refuse_conflict(
			m->target.shape->relid,
			"Through its parent counters can only be added to by EXCLUDED's.",
			NULL);
	find_used(m, upsert, rootid, &set);
	upsert->update =
		begin_update(m, rri, rootid, set.columns, &upsert->all_used);
	upsert->cells = palloc(sizeof(cql_slice) * m->target.shape->natts);
	upsert->rows = cass_seen_create("cassandra_fdw rows in conflict");
	/* what is not set must stay as it is where the row exists */
	m->named = upsert->update->assigned;
	return upsert;
}

/* ---- which rows are read ---- */

bool
cass_upsert_is_plain(CassModify *m, const CassNewRow *in)
{
	const CassShape *shape = m->target.shape;
	CassUpsert *upsert = m->upsert;
	bool is_static = cass_is_static_row(&m->target, in);
	int i;

	/* no row has a key with a NULL in it */
	if (!upsert->plain && !is_static)
		return false;
	for (i = 0; i < shape->natts && !is_static; i++)
	{
		int column = shape->atts[i].column;

		if (!in->isnull[i] &&
			(column < 0 || column >= cass_nkeys(shape->table)) &&
			!bms_is_member(i + 1, upsert->update->assigned))
			return false;
	}
	upsert->sent = true;
	return true;
}

void
cass_upsert_check_first(CassModify *m, const CassNewRow *in)
{
	StringInfoData key;
	bool again;

	initStringInfo(&key);
	cass_encode_key(&m->target, in->key_values, in->key_isnull,
					cass_nkeys(m->target.shape->table), &key);
	again = cass_seen_before(m->upsert->rows, key.data, key.len);
	pfree(key.data);
	if (again)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("ON CONFLICT DO UPDATE command cannot affect row a "
						"second time"),
				 errhint("Ensure that no rows proposed for insertion within "
						 "the same command have duplicate constrained "
						 "values.")));
}

/* ---- the row that exists ---- */

/* What SET, WHERE and those who see the written row look at. */
static void
make_reader(CassModify *m, EState *estate, ResultRelInfo *rri)
{
	const CassShape *shape = m->target.shape;
	CassUpsert *upsert = m->upsert;
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	int i;

	upsert->atts = palloc(sizeof(int) * shape->natts);
	for (i = 0; i < shape->natts; i++)
	{
		if (shape->atts[i].dropped || shape->atts[i].missing ||
			shape->atts[i].type == NULL)
			continue;
		if (upsert->all_used || bms_is_member(i, upsert->used) ||
			cass_is_seen(upsert->update, rri, i))
			upsert->atts[upsert->natts++] = i;
	}
	upsert->reader = cass_row_reader_create(
		&m->target, upsert->atts, upsert->natts, cass_nkeys(shape->table));
	MemoryContextSwitchTo(old);
}

/* Into the slot that the executor has for it, and its cells. */
static void
store_existing(CassModify *m, const CassNewRow *in, const cql_slice *cells,
			   TupleTableSlot *slot)
{
	const CassShape *shape = m->target.shape;
	CassUpsert *upsert = m->upsert;
	int i;

	ExecClearTuple(slot);
	for (i = 0; i < shape->natts; i++)
	{
		slot->tts_isnull[i] = true;
		upsert->cells[i].len = CQL_NULL;
	}
	for (i = 0; i < cass_nkeys(shape->table); i++)
	{
		slot->tts_values[m->target.key_atts[i]] = in->key_values[i];
		slot->tts_isnull[m->target.key_atts[i]] = in->key_isnull[i];
	}
	for (i = 0; i < upsert->natts; i++)
	{
		int att = upsert->atts[i];

		upsert->cells[att] = cells[i];
		slot->tts_values[att] = cass_decode(shape->atts[att].codec, cells[i],
											&slot->tts_isnull[att]);
	}
	ExecStoreVirtualTuple(slot);
	slot->tts_tableOid = shape->relid;
}

/* IF what was looked at is what was read; in the memory of the row. */
static const CassDml *
conditional_dml(CassModify *u, const CassUpsert *upsert)
{
	const CassShape *shape = u->target.shape;
	List *attnums = NIL;
	CassDmlSpec spec;
	int i;

	u->target.equals = u->target.nullables = NIL;
	for (i = 0; i < shape->natts; i++)
	{
		if (bms_is_member(i + 1, u->assigned))
			attnums = lappend_int(attnums, i + 1);
		if (!(upsert->all_used || bms_is_member(i, upsert->used)) ||
			!cass_may_be_condition(shape, i))
			continue;
		if (upsert->cells[i].len < 0)
			u->target.nullables = lappend_int(u->target.nullables, i);
		else
			u->target.equals = lappend_int(u->target.equals, i);
	}
	spec = cass_spec_update(&u->target, attnums, NIL);
	return spec.atts == NIL ? NULL : cass_deparse_dml(&spec, CMD_UPDATE);
}

/*
 * The new row into the slot of EXCLUDED, in which some of its values lie, and
 * those of the key.
 */
static void
take_over(CassModify *m, TupleTableSlot *new, TupleTableSlot *slot)
{
	int i;

	ExecCopySlot(slot, new);
	slot_getallattrs(slot);
	for (i = 0; i < cass_nkeys(m->target.shape->table); i++)
		m->key_values[i] = slot->tts_values[m->target.key_atts[i]];
}

/* Writes what SET made of it. */
static CassUpsertResult
write_existing(CassModify *m, EState *estate, ResultRelInfo *rri,
			   const CassNewRow *in, TupleTableSlot *new, TupleTableSlot *slot)
{
	CassUpsert *upsert = m->upsert;
	CassModify *u = upsert->update;
	TupleTableSlot *existing = rri->ri_onConflict->oc_Existing;
	CassNewRow row = {0};
	CassStoredRow *stored;
	const CassDml *dml;

	ExecMaterializeSlot(new);
	slot_getallattrs(new);
	row.values = new->tts_values;
	row.isnull = new->tts_isnull;
	row.old_values = existing->tts_values;
	row.old_isnull = existing->tts_isnull;
	row.key_values = in->key_values;
	row.key_isnull = in->key_isnull;
	row.condition_cells = upsert->cells;
	row.all_named = true;
	dml = m->conflict == CASS_CONFLICT_OVERWRITE
			  ? cass_update_dml(u, estate, u->assigned)
			  : conditional_dml(u, upsert);
	cass_check_keys_kept(u, &row, u->assigned);
	stored = cass_stored_begin(u, rri, &row, u->assigned, false);
	if (dml != NULL && !cass_write_row(u, dml, &row))
		return CASS_UPSERT_LOST;
	take_over(m, new, slot);
	cass_stored_finish(u, rri, stored, &row, slot);
	return CASS_UPSERT_UPDATED;
}

/* As the executor checks rows of local tables; the new one, or the old. */
static void
check_options(ResultRelInfo *rri, EState *estate, bool new,
			  TupleTableSlot *slot)
{
	int done = 0; /* a bit for each kind */
	ListCell *lc;

	foreach (lc, rri->ri_WithCheckOptions)
	{
		WCOKind kind = lfirst_node(WithCheckOption, lc)->kind;

		if (!cass_upsert_checks(kind) ||
			new != (kind == WCO_RLS_UPDATE_CHECK) || (done & 1 << kind) != 0)
			continue;
		done |= 1 << kind;
		ExecWithCheckOptions(kind, rri, slot, estate);
	}
}

/* What the executor does with a row of a local table that is in conflict. */
static CassUpsertResult
update_existing(CassModify *m, EState *estate, ResultRelInfo *rri,
				const CassNewRow *in, TupleTableSlot *slot)
{
	const OnConflictSetState *set = rri->ri_onConflict;
	ExprContext *econtext = m->mtstate->ps.ps_ExprContext;
	TupleDesc desc = RelationGetDescr(rri->ri_RelationDesc);
	TupleTableSlot *new;

	econtext->ecxt_scantuple = set->oc_Existing;
	econtext->ecxt_innertuple = slot;
	econtext->ecxt_outertuple = NULL;
	if (!ExecQual(set->oc_WhereClause, econtext))
		return CASS_UPSERT_FILTERED;
	check_options(rri, estate, false, set->oc_Existing);
	new = ExecProject(set->oc_ProjInfo);
	if (desc->constr != NULL && desc->constr->has_generated_stored)
		ExecComputeStoredGenerated(rri, estate, new, CMD_UPDATE);
	if (rri->ri_RelationDesc->rd_rel->relispartition)
		(void) ExecPartitionCheck(rri, new, estate, true);
	check_options(rri, estate, true, new);
	return write_existing(m, estate, rri, in, new, slot);
}

CassUpsertResult
cass_upsert_existing(CassModify *m, EState *estate, ResultRelInfo *rri,
					 const CassNewRow *in, TupleTableSlot *slot)
{
	CassUpsert *upsert = m->upsert;
	CassUpsertResult result = CASS_UPSERT_NO_ROW;
	const cql_slice *cells;
	MemoryContext old;

	if (upsert->reader == NULL)
		make_reader(m, estate, rri);
	if (upsert->sent)
		cass_window_send(m->target.window);
	upsert->sent = false;
	old = MemoryContextSwitchTo(GetPerTupleMemoryContext(estate));
	cells = cass_row_reader_read(upsert->reader, in);
	if (cells != NULL)
	{
		store_existing(m, in, cells, rri->ri_onConflict->oc_Existing);
		result = update_existing(m, estate, rri, in, slot);
	}
	cass_row_reader_done(upsert->reader);
	MemoryContextSwitchTo(old);
	return result;
}
