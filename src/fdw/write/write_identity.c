/*
 * write_identity.c
 *	  Rows whose key PostgreSQL's types cannot give back as it was.
 *
 * A decimal 1E3 reads as 1000, a time loses its nanoseconds: a row found by
 * such a key would be written under another one.  The scan of a table that is
 * updated or deleted from notes these rows; writing one of them is refused.
 */
#include "write.h"

#include "lib/ilist.h"
#include "column.h"
#include "scan_plan.h"

/* One scan's. */
struct CassIdentity
{
	dlist_node node;
	const EState *estate;
	Oid relid;
	const CassShape *shape;
	int nkeys;
	int *atts;	  /* attribute index by key column */
	int *places;  /* in a row's cells, likewise */
	bool *doubts; /* may differ, by key column */
	StringInfoData bytes;
	HTAB *keys; /* that are lost; NULL: none yet */
};

static dlist_head identities = DLIST_STATIC_INIT(identities);

static void
forget(void *arg)
{
	CassIdentity *identity = arg;

	dlist_delete(&identity->node);
}

static int
find_place(List *outputs, int att)
{
	ListCell *lc;

	foreach (lc, outputs)
	{
		const CassOutput *output = lfirst(lc);

		if (output->kind == CASS_OUTPUT_COLUMN && output->att == att)
			return foreach_current_index(lc);
	}
	return -1;
}

/* False where the scan does not read the whole key. */
static bool
find_keys(CassIdentity *identity, List *outputs)
{
	int i;

	for (i = 0; i < identity->nkeys; i++)
	{
		int att = cass_att_of_column(identity->shape, i);

		if (att < 0)
			return false;
		identity->atts[i] = att;
		identity->doubts[i] =
			!cass_codec_keeps(identity->shape->atts[att].codec);
		identity->places[i] = find_place(outputs, att);
		if (identity->places[i] < 0)
			return false;
	}
	return true;
}

CassIdentity *
cass_identity_create(const EState *estate, const CassShape *shape,
					 List *outputs)
{
	int nkeys = cass_nkeys(shape->table);
	CassIdentity *identity = palloc0(sizeof(CassIdentity));
	MemoryContextCallback *callback;

	identity->estate = estate;
	identity->relid = shape->relid;
	identity->shape = shape;
	identity->nkeys = nkeys;
	identity->atts = palloc(sizeof(int) * nkeys);
	identity->places = palloc(sizeof(int) * nkeys);
	identity->doubts = palloc0(sizeof(bool) * nkeys);
	if (!find_keys(identity, outputs))
		return NULL;
	initStringInfo(&identity->bytes);
	callback = palloc0(sizeof(MemoryContextCallback));
	callback->func = forget;
	callback->arg = identity;
	dlist_push_head(&identities, &identity->node);
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	return identity;
}

static void
note(CassIdentity *identity, TupleTableSlot *slot)
{
	int i;

	if (identity->keys == NULL)
	{
		MemoryContext old =
			MemoryContextSwitchTo(identity->estate->es_query_cxt);

		identity->keys = cass_seen_create("cassandra_fdw inexact keys");
		MemoryContextSwitchTo(old);
	}
	resetStringInfo(&identity->bytes);
	for (i = 0; i < identity->nkeys; i++)
		cass_put_key(identity->shape->atts[identity->atts[i]].codec,
					 slot->tts_values[identity->atts[i]],
					 slot->tts_isnull[identity->atts[i]], &identity->bytes);
	(void) cass_seen_before(identity->keys, identity->bytes.data,
							identity->bytes.len);
}

/* Whether the key column reads as something else than it is. */
static bool
differs(CassIdentity *identity, int column, TupleTableSlot *slot,
		cql_slice cell)
{
	int att = identity->atts[column];

	if (slot->tts_isnull[att])
		return cell.len >= 0;
	if (!identity->doubts[column])
		return false;
	resetStringInfo(&identity->bytes);
	cass_encode(identity->shape->atts[att].codec, slot->tts_values[att],
				&identity->bytes);
	return identity->bytes.len != cell.len ||
		   memcmp(identity->bytes.data, cell.data, cell.len) != 0;
}

void
cass_identity_row(CassIdentity *identity, TupleTableSlot *slot,
				  const cql_slice *cells)
{
	int i;

	for (i = 0; i < identity->nkeys; i++)
	{
		if (differs(identity, i, slot, cells[identity->places[i]]))
		{
			note(identity, slot);
			return;
		}
	}
}

bool
cass_identity_is_lost(const EState *estate, Oid relid, const char *key,
					  int len)
{
	dlist_iter iter;

	dlist_foreach(iter, &identities)
	{
		const CassIdentity *identity =
			dlist_container(CassIdentity, node, iter.cur);

		if (identity->estate == estate && identity->relid == relid &&
			identity->keys != NULL && cass_seen_has(identity->keys, key, len))
			return true;
	}
	return false;
}
