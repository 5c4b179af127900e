/*
 * write_spool.c
 *	  Rows that wait for the end of their statement's scans.
 *
 * A statement that reads the table it writes must not find what it writes, and
 * Cassandra has no snapshots: so its rows are kept, on disk where they are
 * many, until nothing of the statement reads any more.  Who else reads
 * meanwhile, a function or a trigger, does not find them either.  An AFTER
 * trigger does: when it is fired, all scans have ended.  A function in SQL
 * that returns a set is read bit by bit: its scans count as the statement's.
 */
#include "write_window.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/* A scan that may read more. */
typedef struct OpenScan
{
	dlist_node node;
	const EState *estate;
	const cql_schema_table *table;
	MemoryContextCallback callback;
} OpenScan;

static dlist_head open_scans = DLIST_STATIC_INIT(open_scans);

/* ---- functions whose scans go on ---- */

static void
scan_ended(void *arg)
{
	OpenScan *open = arg;

	dlist_delete(&open->node);
}

void
cass_spool_scan(const EState *estate, const CassShape *shape,
				MemoryContext context)
{
	OpenScan *open = MemoryContextAllocZero(context, sizeof(OpenScan));

	open->estate = estate;
	open->table = shape->table;
	open->callback.func = scan_ended;
	open->callback.arg = open;
	dlist_push_head(&open_scans, &open->node);
	MemoryContextRegisterResetCallback(context, &open->callback);
}

/*
 * Whether the scan is of a function that the statement has called and will
 * call again: the memory of such a function is the statement's.
 */
static bool
is_within(const OpenScan *open, const EState *statement)
{
	MemoryContext context = open->estate->es_query_cxt;

	do
		context = MemoryContextGetParent(context);
	while (context != NULL && context != statement->es_query_cxt);
	return context != NULL;
}

/* Whether the scan reads the table, or a view of it. */
static bool
reads(const OpenScan *open, const cql_schema_table *table)
{
	const char *name = open->table->kind == CQL_VIEW ? open->table->base_table
													 : open->table->name;

	return strcmp(name, table->name) == 0 &&
		   strcmp(open->table->keyspace, table->keyspace) == 0;
}

/* Whether something of the statement reads the table that it writes. */
static bool
is_read(const CassTarget *target)
{
	dlist_iter iter;

	if (target->deferred)
		return true;
	dlist_foreach(iter, &open_scans)
	{
		const OpenScan *open = dlist_container(OpenScan, node, iter.cur);

		if (reads(open, target->shape->table) &&
			is_within(open, target->window->estate))
			return true;
	}
	return false;
}

bool
cass_spool_wants(const CassWindow *window)
{
	return window->spool != NULL || is_read(window->held.target);
}

bool
cass_spool_holds(const CassWindow *window)
{
	return window->spool != NULL;
}

void
cass_check_conditional(const CassTarget *target)
{
	if (!is_read(target))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot write conditionally to foreign table \"%s\" in a "
					"statement that reads it, too",
					target->relname),
			 errdetail("The statement would see its own writes."),
			 errhint("Put what it reads into a temporary table first.")));
}

/* ---- rows in ---- */

/*
 * The first row may be put in while a function of the statement has a
 * subtransaction of its own: the spool's file must outlive that.
 */
static void
create_spool(CassWindow *window)
{
	TupleDesc desc = CreateTemplateTupleDesc(1);
	ResourceOwner old = CurrentResourceOwner;

	TupleDescInitEntry(desc, 1, "row", BYTEAOID, -1, 0);
	CurrentResourceOwner = window->owner;
	window->spool = tuplestore_begin_heap(false, false, work_mem);
	CurrentResourceOwner = old;
	window->spool_slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
}

void
cass_spool_row(CassWindow *window, const char *data, int len)
{
	MemoryContext old = MemoryContextSwitchTo(window->context);
	Size size = VARHDRSZ + sizeof(CassRow) + len;
	bool isnull = false;
	char *raw;
	Datum value;

	if (window->spool == NULL)
		create_spool(window);
	raw = palloc(size);
	SET_VARSIZE(raw, size);
	memcpy(raw + VARHDRSZ, &window->held, sizeof(CassRow));
	memcpy(raw + VARHDRSZ + sizeof(CassRow), data, len);
	value = PointerGetDatum(raw);
	tuplestore_putvalues(window->spool,
						 window->spool_slot->tts_tupleDescriptor, &value,
						 &isnull);
	pfree(raw);
	MemoryContextSwitchTo(old);
}

/* ---- the end of the scans ---- */

bool
cass_spool_is_due(const CassWindow *window)
{
	ListCell *lc;

	if (!window->finishing)
		return false;
	/* those of WITH that nobody read are run to their ends then */
	foreach (lc, window->estate->es_auxmodifytables)
	{
		if (!castNode(ModifyTableState, lfirst(lc))->mt_done)
			return false;
	}
	return true;
}

void
cass_spool_replay(CassWindow *window,
				  void (*keep)(CassWindow *window, const char *data, int len))
{
	Tuplestorestate *spool = window->spool;
	TupleTableSlot *slot = window->spool_slot;

	if (spool == NULL)
		return;
	window->spool = NULL;
	window->failing = true;
	while (tuplestore_gettupleslot(spool, true, false, slot))
	{
		bool isnull;
		Datum value = slot_getattr(slot, 1, &isnull);
		bytea *raw = DatumGetByteaP(value);
		int len = VARSIZE(raw) - VARHDRSZ - (int) sizeof(CassRow);

		memcpy(&window->held, VARDATA(raw), sizeof(CassRow));
		keep(window, VARDATA(raw) + sizeof(CassRow), len);
		if ((Pointer) raw != DatumGetPointer(value))
			pfree(raw);
		CHECK_FOR_INTERRUPTS();
	}
	window->failing = false;
	tuplestore_end(spool);
	ExecDropSingleTupleTableSlot(slot);
}
