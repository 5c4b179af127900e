/*
 * stored.c
 *	  What RETURNING, AFTER triggers and check options see of a written row.
 *
 * They see what Cassandra keeps.  A value that its type rounds, sorts or takes
 * for NULL is what its codec reads back.  Columns that keep what the row has
 * in Cassandra, as the INSERT does not name them, are read before it goes: a
 * trigger or a check option may still keep it from that.  Counters and
 * expressions are read when it is written.  All that is done only for columns
 * that somebody looks at, and that can differ.
 */
#include "modify.h"

#include "nodes/nodeFuncs.h"
#include "utils/partcache.h"
#include "utils/datum.h"

/* What is not known of a row, and is read. */
struct CassReader
{
	CassRowReader *rows;
	int *atts; /* by index, in the order of its columns */
	int natts;
	int nsame; /* key columns that rows with the same values for it share */
	bool late; /* only the written row has it */
};

/* ---- who looks at what ---- */

/* The written row's attributes, by index: what is no Var of the plan's row. */
static bool
add_seen(Node *node, CassModify *m)
{
	const Var *var = (const Var *) node;

	if (node == NULL)
		return false;
	if (!IsA(node, Var))
		return expression_tree_walker(node, add_seen, m);
	if (var->varlevelsup > 0 || IS_SPECIAL_VARNO(var->varno))
		return false;
	if (var->varattno > 0)
		m->seen = bms_add_member(m->seen, var->varattno - 1);
	m->all_seen |= var->varattno == 0;
	return false;
}

static bool
has_row_trigger(const CassModify *m, const ResultRelInfo *rri)
{
	const TriggerDesc *triggers = rri->ri_TrigDesc;

	if (m->mtstate->mt_transition_capture != NULL)
		return true;
	return triggers != NULL &&
		   (m->operation == CMD_INSERT ? triggers->trig_insert_after_row
									   : triggers->trig_update_after_row);
}

/* An INSERT's row that its parent chose this partition for. */
static bool
is_routed(const CassModify *m, const ResultRelInfo *rri)
{
	return m->operation == CMD_INSERT && rri->ri_RootResultRelInfo != NULL &&
		   rri->ri_RelationDesc->rd_rel->relispartition;
}

/* The executor makes RETURNING and the checks ready after our beginning. */
static void
find_seen(CassModify *m, ResultRelInfo *rri)
{
	MemoryContext old =
		MemoryContextSwitchTo(m->mtstate->ps.state->es_query_cxt);

	m->seen_known = true;
	m->all_seen = has_row_trigger(m, rri);
	if (rri->ri_projectReturning != NULL)
		add_seen((Node *) rri->ri_projectReturning->pi_state.expr, m);
	add_seen((Node *) rri->ri_WithCheckOptions, m);
	if (is_routed(m, rri))
		add_seen((Node *) RelationGetPartitionQual(rri->ri_RelationDesc), m);
	MemoryContextSwitchTo(old);
}

static bool
is_seen(const CassModify *m, int att)
{
	return m->all_seen || bms_is_member(att, m->seen);
}

bool
cass_is_seen(CassModify *m, ResultRelInfo *rri, int att)
{
	if (!m->seen_known)
		find_seen(m, rri);
	return is_seen(m, att);
}

/* ---- what is not known ---- */

/* Whether only Cassandra knows the attribute's value in a row like this. */
static bool
is_unknown(const CassModify *m, int att, bool only_static)
{
	const cql_schema_table *table = m->target.shape->table;
	const CassAttribute *a = &m->target.shape->atts[att];
	bool update = m->operation == CMD_UPDATE;

	if (!is_seen(m, att))
		return false;
	cass_shape_require(m->target.shape, att);
	if (a->dropped || a->type == NULL)
		return false;
	if (a->column < 0)
		return !only_static && !(update && m->target.deferred);
	if (a->column < cass_nkeys(table))
		return false;
	if (table->counter)
		return !(update && m->target.deferred);
	if (update || m->all_named || bms_is_member(att + 1, m->named))
		return false;
	/* what a condition let be written was not there before */
	return cass_is_static(m->target.shape, att) ||
		   !(only_static || m->conflict != CASS_CONFLICT_OVERWRITE);
}

/* NULL where all is known. */
static CassReader *
create_reader(const CassModify *m, bool only_static)
{
	const CassShape *shape = m->target.shape;
	int nbound = only_static ? (int) shape->table->npartition
							 : cass_nkeys(shape->table);
	CassReader *reader = palloc0(sizeof(CassReader));
	int i;

	reader->nsame = nbound;
	reader->atts = palloc(sizeof(int) * shape->natts);
	for (i = 0; i < shape->natts; i++)
	{
		if (!is_unknown(m, i, only_static))
			continue;
		reader->atts[reader->natts++] = i;
		reader->late |= shape->table->counter || shape->atts[i].column < 0;
		if (cass_is_static(shape, i))
			reader->nsame = (int) shape->table->npartition;
	}
	if (reader->natts == 0)
		return NULL;
	reader->rows = cass_row_reader_create(&m->target, reader->atts,
										  reader->natts, nbound);
	return reader;
}

/* What is put aside until the end of the statement's scans is not read. */
static void
refuse_aside(const CassModify *m, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot tell the written row of foreign table \"%s\" in a "
					"statement that reads it, too",
					m->target.relname),
			 errdetail("%s", detail),
			 errhint("Leave such columns out of RETURNING, or put what the "
					 "statement reads into a temporary table first.")));
}

/* The reader of a row like this, made at the first one; or NULL. */
static CassReader *
get_reader(CassModify *m, bool only_static)
{
	MemoryContext old;

	if (m->readers_made[only_static])
		return m->readers[only_static];
	old = MemoryContextSwitchTo(m->mtstate->ps.state->es_query_cxt);
	m->readers[only_static] = create_reader(m, only_static);
	m->readers_made[only_static] = true;
	MemoryContextSwitchTo(old);
	return m->readers[only_static];
}

/* Values that the row gives are known, even of columns that others leave. */
static bool
keeps_given(const CassModify *m, const CassNewRow *in, int att)
{
	return !in->isnull[att] && !m->target.shape->table->counter &&
		   m->target.shape->atts[att].column >= 0;
}

static void
decode_unknown(const CassModify *m, const CassReader *reader,
			   const CassNewRow *in, const cql_slice *cells,
			   CassStoredRow *stored)
{
	int i;

	for (i = 0; i < reader->natts; i++)
	{
		int att = reader->atts[i];

		if (!keeps_given(m, in, att))
			stored->values[att] = cass_decode(m->target.shape->atts[att].codec,
											  cells[i], &stored->isnull[att]);
	}
	stored->changed = true;
}

/* One request; false where there is no such row. */
static bool
read_row(const CassModify *m, CassReader *reader, const CassNewRow *in,
		 CassStoredRow *stored)
{
	const cql_slice *cells = cass_row_reader_read(reader->rows, in);

	if (cells != NULL)
		decode_unknown(m, reader, in, cells, stored);
	cass_row_reader_done(reader->rows);
	return cells != NULL;
}

/* A row that is not there leaves NULLs, but its partition may be. */
static void
read_unknown(CassModify *m, CassReader *reader, const CassNewRow *in,
			 CassStoredRow *stored)
{
	CassReader *partition;

	if (read_row(m, reader, in, stored))
		return;
	partition = get_reader(m, true);
	if (partition != NULL && partition != reader)
		(void) read_row(m, partition, in, stored);
}

/* ---- a row ---- */

/* What the values written become; atts as in cass_stored_begin(). */
static void
normalise(const CassModify *m, TupleDesc desc, const CassNewRow *in,
		  const Bitmapset *atts, CassStoredRow *stored)
{
	const CassShape *shape = m->target.shape;
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		stored->values[i] = in->values[i];
		stored->isnull[i] = in->isnull[i];
		if (in->isnull[i] || shape->atts[i].column < 0 || !is_seen(m, i) ||
			(atts != NULL && !bms_is_member(i + 1, atts)) ||
			cass_codec_keeps(shape->atts[i].codec))
			continue;
		stored->values[i] = cass_as_stored(shape->atts[i].codec, in->values[i],
										   &stored->isnull[i]);
		stored->changed |= stored->isnull[i] ||
						   !datum_image_eq(stored->values[i], in->values[i],
										   att->attbyval, att->attlen);
	}
}

/* Whether a row may leave a column that another row of the statement set. */
static bool
sets_vary(const CassModify *m, const ResultRelInfo *rri)
{
	return !m->target.options->write_nulls || m->upsert != NULL ||
		   (rri->ri_TrigDesc != NULL &&
			rri->ri_TrigDesc->trig_insert_before_row);
}

/* What is read of a row is also what earlier rows of the statement left. */
static void
await_earlier(CassModify *m, const CassReader *reader, const CassNewRow *in)
{
	StringInfoData key;

	cass_window_send(m->target.window);
	if (m->earlier == NULL)
	{
		MemoryContext old =
			MemoryContextSwitchTo(m->mtstate->ps.state->es_query_cxt);

		m->earlier = cass_seen_create("cassandra_fdw rows inserted");
		MemoryContextSwitchTo(old);
	}
	initStringInfo(&key);
	cass_encode_key(&m->target, in->key_values, in->key_isnull, reader->nsame,
					&key);
	if (cass_seen_before(m->earlier, key.data, key.len) &&
		cass_spool_holds(m->target.window))
		refuse_aside(m, "Another row of the statement has the same key, and "
						"may set what this one leaves.");
}

CassStoredRow *
cass_stored_begin(CassModify *m, ResultRelInfo *rri, const CassNewRow *in,
				  const Bitmapset *atts, bool only_static)
{
	CassStoredRow *stored;
	MemoryContext old;

	if (!m->seen_known)
		find_seen(m, rri);
	if (!m->all_seen && m->seen == NULL)
		return NULL;
	old =
		MemoryContextSwitchTo(GetPerTupleMemoryContext(m->mtstate->ps.state));
	stored = palloc0(sizeof(CassStoredRow));
	stored->values = palloc(sizeof(Datum) * m->target.shape->natts);
	stored->isnull = palloc(sizeof(bool) * m->target.shape->natts);
	stored->reader = get_reader(m, only_static);
	normalise(m, RelationGetDescr(rri->ri_RelationDesc), in, atts, stored);
	if (stored->reader != NULL && !stored->reader->late)
	{
		if (sets_vary(m, rri))
			await_earlier(m, stored->reader, in);
		read_unknown(m, stored->reader, in, stored);
		stored->reader = NULL;
	}
	MemoryContextSwitchTo(old);
	return stored;
}

/* The slot has these values, none of them in the memory of its old tuple. */
static void
store(TupleTableSlot *slot, CassStoredRow *stored)
{
	TupleDesc desc = slot->tts_tupleDescriptor;
	int i;

	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!stored->isnull[i])
			stored->values[i] =
				datumCopy(stored->values[i], att->attbyval, att->attlen);
	}
	ExecClearTuple(slot);
	memcpy(slot->tts_values, stored->values, sizeof(Datum) * desc->natts);
	memcpy(slot->tts_isnull, stored->isnull, sizeof(bool) * desc->natts);
	ExecStoreVirtualTuple(slot);
	ExecMaterializeSlot(slot);
}

void
cass_stored_finish(CassModify *m, ResultRelInfo *rri, CassStoredRow *stored,
				   const CassNewRow *in, TupleTableSlot *slot)
{
	MemoryContext old;

	if (stored == NULL)
		return;
	old =
		MemoryContextSwitchTo(GetPerTupleMemoryContext(m->mtstate->ps.state));
	if (stored->reader != NULL)
	{
		cass_window_send(m->target.window);
		if (cass_spool_holds(m->target.window))
			refuse_aside(m, "Counters and expressions have their values when "
							"the statement is done.");
		read_unknown(m, stored->reader, in, stored);
	}
	if (stored->changed)
		store(slot, stored);
	MemoryContextSwitchTo(old);
	/* what is rounded out of its partition would not be found there */
	if (stored->changed && is_routed(m, rri))
		(void) ExecPartitionCheck(rri, slot, m->mtstate->ps.state, true);
}
