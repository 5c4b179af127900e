/*
 * modify_row.c
 *	  A row that is written: what INSERT, UPDATE and DELETE share.
 */
#include "modify.h"

bool
cass_write_row(CassModify *m, const CassDml *dml, const CassNewRow *in)
{
	if (dml->conditional)
		return cass_window_execute(m->target.window, &m->target, dml, in);
	cass_window_add(m->target.window, &m->target, dml, in);
	return true;
}

bool
cass_is_static_row(const CassTarget *target, const CassNewRow *in)
{
	const cql_schema_table *table = target->shape->table;
	int i;

	for (i = (int) table->npartition; i < cass_nkeys(table); i++)
	{
		if (in->keys != NULL ? in->keys[i].len >= 0 : !in->key_isnull[i])
			return false;
	}
	return table->nclustering > 0;
}

CassUpdateDml *
cass_update_dml_enter(List **updates, EState *estate, const Bitmapset *atts,
					  bool unguarded, bool *found)
{
	MemoryContext old;
	CassUpdateDml *update;
	ListCell *lc;

	*found = true;
	foreach (lc, *updates)
	{
		update = lfirst(lc);
		if (bms_equal(update->atts, atts) && update->unguarded == unguarded)
			return update;
	}
	*found = false;
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	update = palloc0(sizeof(CassUpdateDml));
	update->atts = bms_copy(atts);
	update->unguarded = unguarded;
	*updates = lappend(*updates, update);
	MemoryContextSwitchTo(old);
	return update;
}

const CassDml *
cass_update_dml(CassModify *m, EState *estate, const Bitmapset *atts)
{
	int guard = m->null_guard;
	bool unguarded = guard >= 0 && !m->condition_isnull[guard];
	bool found;
	CassUpdateDml *update =
		cass_update_dml_enter(&m->updates, estate, atts, unguarded, &found);
	MemoryContext old;
	CassDmlSpec spec;
	List *attnums = NIL;
	int i = -1;

	if (found)
		return update->dml;
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	while ((i = bms_next_member(atts, i)) >= 0)
		attnums = lappend_int(attnums, i);
	cass_check_assigned(m->target.shape, attnums);
	spec = cass_spec_update(&m->target, attnums, NIL);
	if (unguarded)
		spec.conditions = list_delete_int(spec.conditions, guard);
	if (spec.atts != NIL)
		update->dml = cass_deparse_dml(&spec, CMD_UPDATE);
	MemoryContextSwitchTo(old);
	return update->dml;
}

void
cass_check_keys_kept(const CassModify *m, const CassNewRow *in,
					 const Bitmapset *atts)
{
	const CassShape *shape = m->target.shape;
	int i;

	for (i = 0; i < cass_nkeys(shape->table); i++)
	{
		int att = m->target.key_atts[i];
		StringInfoData key;
		cql_slice cell = {NULL, CQL_NULL};

		if (!bms_is_member(att + 1, atts))
			continue;
		initStringInfo(&key);
		if (!in->key_isnull[i])
		{
			cass_encode(shape->atts[att].codec, in->key_values[i], &key);
			cell.data = (const uint8 *) key.data;
			cell.len = key.len;
		}
		cass_check_key_kept(shape, att + 1, in->values[att], in->isnull[att],
							cell);
		pfree(key.data);
	}
}
