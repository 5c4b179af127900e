/*
 * modify_row.c
 *	  A row that is written by its values: what INSERT, UPDATE and DELETE
 *share.
 */
#include "modify.h"

/* An UPDATE's statement, by the attributes it assigns. */
typedef struct UpdateDml
{
	Bitmapset *atts; /* attribute numbers */
	bool unguarded;	 /* without the column that is compared if NULL */
	CassDml *dml;
} UpdateDml;

bool
cass_write_row(CassModify *m, const CassDml *dml, const CassNewRow *in)
{
	if (dml->conditional)
		return cass_window_execute(m->target.window, &m->target, dml, in);
	cass_window_add(m->target.window, &m->target, dml, in);
	return true;
}

bool
cass_is_static_row(const CassModify *m)
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

const CassDml *
cass_update_dml(CassModify *m, EState *estate, const Bitmapset *atts)
{
	MemoryContext old;
	CassDmlSpec spec;
	UpdateDml *update;
	List *attnums = NIL;
	ListCell *lc;
	int guard = m->null_guard;
	bool unguarded = guard >= 0 && !m->condition_isnull[guard];
	int i = -1;

	foreach (lc, m->updates)
	{
		update = lfirst(lc);
		if (bms_equal(update->atts, atts) && update->unguarded == unguarded)
			return update->dml;
	}
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	while ((i = bms_next_member(atts, i)) >= 0)
		attnums = lappend_int(attnums, i);
	cass_check_assigned(m->target.shape, attnums);
	spec = cass_spec_update(&m->target, attnums, NIL);
	if (unguarded)
		spec.conditions = list_delete_int(spec.conditions, guard);
	update = palloc(sizeof(UpdateDml));
	update->atts = bms_copy(atts);
	update->unguarded = unguarded;
	update->dml =
		spec.atts == NIL ? NULL : cass_deparse_dml(&spec, CMD_UPDATE);
	m->updates = lappend(m->updates, update);
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
