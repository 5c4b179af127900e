/*
 * modify_exec.c
 *	  The rows of INSERT, UPDATE, DELETE and COPY, as the executor hands them
 *	  over.
 */
#include "upsert.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"

#define MAX_UPSERT_TRIES 100 /* of a row that others write meanwhile */

static void
refuse_row(const CassModify *m, const CassNewRow *in, const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_CHECK_VIOLATION),
					errmsg("cannot write the row to foreign table \"%s\"",
						   m->target.relname),
					errdetail("%s", detail),
					errcontext("foreign table \"%s\"%s", m->target.relname,
							   cass_new_row_key(&m->target, in, ", row "))));
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
		if (!cass_is_static(shape, i))
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
		cass_shape_require(shape, i);
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

/* As for a unique index: who may not read the key is not told it. */
static void
report_conflict(const CassModify *m, Relation rel, const CassNewRow *in)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("duplicate key value violates the primary key of foreign "
					"table \"%s\"",
					m->target.relname),
			 cass_may_show_key(&m->target)
				 ? errdetail("Key %s already exists.",
							 cass_new_row_key(&m->target, in, ""))
				 : 0,
			 errtable(rel)));
}

/* The slot has the row that is now; NULL: there is one, which is left. */
static TupleTableSlot *
insert_row(CassModify *m, ResultRelInfo *rri, TupleTableSlot *slot,
		   const CassNewRow *in, const CassDml *dml)
{
	CassStoredRow *stored =
		cass_stored_begin(m, rri, in, NULL, dml == m->static_part);

	if (cass_write_row(m, dml, in))
	{
		cass_stored_finish(m, rri, stored, in, slot);
		return slot;
	}
	if (m->conflict == CASS_CONFLICT_ERROR)
		report_conflict(m, rri->ri_RelationDesc, in);
	return NULL;
}

/* Where it may exist: only conditional writes need a second try. */
static TupleTableSlot *
upsert_row(CassModify *m, EState *estate, ResultRelInfo *rri,
		   TupleTableSlot *slot, const CassNewRow *in, const CassDml *dml)
{
	int tries;

	cass_upsert_check_first(m, in);
	for (tries = 0; tries < MAX_UPSERT_TRIES; tries++)
	{
		CassUpsertResult result =
			cass_upsert_existing(m, estate, rri, in, slot);

		if (result == CASS_UPSERT_FILTERED)
			return NULL;
		if (result == CASS_UPSERT_UPDATED ||
			(result == CASS_UPSERT_NO_ROW &&
			 insert_row(m, rri, slot, in, dml) != NULL))
			return slot;
		CHECK_FOR_INTERRUPTS();
	}
	ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					errmsg("could not write a row of foreign table \"%s\" "
						   "because of concurrent writes",
						   m->target.relname),
					errhint("The statement might succeed if it is retried.")));
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
	else if (cass_is_static_row(&m->target, &in) &&
			 cass_has_static(m->target.shape->table))
	{
		check_static_row(m, &in);
		dml = m->static_part;
	}
	if (m->upsert != NULL && !cass_upsert_is_plain(m, &in))
		return upsert_row(m, estate, rri, slot, &in, dml);
	return insert_row(m, rri, slot, &in, dml);
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
	for (i = 0; i < m->target.shape->natts; i++)
	{
		if (AttributeNumberIsValid(m->condition_junk[i]))
			m->condition_values[i] = ExecGetJunkAttribute(
				planSlot, m->condition_junk[i], &m->condition_isnull[i]);
	}
	in->condition_values = m->condition_values;
	in->condition_isnull = m->condition_isnull;
}

/*
 * Whether the row is to be written; ereports where its key is not sure.  A
 * join gives a row once for each match; the first one counts, as for local
 * tables.
 */
static bool
check_identity(CassModify *m, const EState *estate)
{
	StringInfoData key;
	bool again;

	initStringInfo(&key);
	cass_encode_key(&m->target, m->key_values, m->key_isnull,
					cass_nkeys(m->target.shape->table), &key);
	if (cass_identity_is_lost(estate, m->target.shape->relid, key.data,
							  key.len))
		ereport(
			ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot tell which row of foreign table \"%s\" is meant",
					m->target.relname),
			 errdetail("The key of a row reads as another value than it has "
					   "in Cassandra.")));
	again = m->done != NULL && cass_seen_before(m->done, key.data, key.len);
	pfree(key.data);
	return !again;
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
	Bitmapset *changed = NULL;
	const CassDml *dml;
	CassNewRow in = {0};
	CassStoredRow *stored;

	slot_getallattrs(slot);
	slot_getallattrs(old);
	if (rri->ri_TrigDesc != NULL && rri->ri_TrigDesc->trig_update_before_row)
		atts = changed = changed_attributes(m, slot, old);
	in.values = slot->tts_values;
	in.isnull = slot->tts_isnull;
	in.old_values = old->tts_values;
	in.old_isnull = old->tts_isnull;
	in.all_named = true;
	get_keys(m, planSlot, &in);
	dml = cass_update_dml(m, estate, atts);
	if (!check_identity(m, estate))
		return NULL;
	cass_check_keys_kept(m, &in, atts);
	stored = cass_stored_begin(m, rri, &in, atts,
							   cass_is_static_row(&m->target, &in));
	bms_free(changed);
	if (dml != NULL && !cass_write_row(m, dml, &in))
		return NULL;
	cass_stored_finish(m, rri, stored, &in, slot);
	return slot;
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
	if (cass_is_static_row(&m->target, &in) && m->static_part != NULL)
		dml = m->static_part;
	if (!cass_write_row(m, dml, &in))
		return NULL;
	if (rri->ri_projectReturning != NULL &&
		AttributeNumberIsValid(m->wholerow))
		store_deleted(m, planSlot, slot);
	return slot;
}
