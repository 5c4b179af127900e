/*
 * progress.c
 *	  How far long scans and loads have come: notices, and for other sessions.
 *
 * Shared memory has a few entries for each backend, which alone writes them.
 * What ends soon gets none.
 */
#include "progress.h"

#include "compat.h"
#include "cql.h"
#include "guc.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#define ENTRIES 4 /* of a backend: one more is not shown */
#define LONG_ENOUGH INT64CONST(500000) /* microseconds, to be shown */

typedef struct CassProgressEntry
{
	slock_t lock;
	CassProgressState state;
} CassProgressEntry;

static CassProgressEntry *entries = NULL; /* NULL: not preloaded */

static shmem_request_hook_type next_request_hook = NULL;
static shmem_startup_hook_type next_startup_hook = NULL;

/* ---- shared memory ---- */

static Size
entries_size(void)
{
	return mul_size(sizeof(CassProgressEntry), mul_size(ENTRIES, MaxBackends));
}

static void
request_memory(void)
{
	if (next_request_hook != NULL)
		next_request_hook();
	RequestAddinShmemSpace(entries_size());
}

static void
attach_memory(void)
{
	bool found;
	int i;

	if (next_startup_hook != NULL)
		next_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	entries =
		ShmemInitStruct("cassandra_fdw progress", entries_size(), &found);
	if (!found)
	{
		memset(entries, 0, entries_size());
		for (i = 0; i < ENTRIES * MaxBackends; i++)
			SpinLockInit(&entries[i].lock);
	}
	LWLockRelease(AddinShmemInitLock);
}

void
cass_progress_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	next_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	next_startup_hook = shmem_startup_hook;
	shmem_startup_hook = attach_memory;
}

/* ---- this backend's entries ---- */

static void
set_state(CassProgressEntry *entry, const CassProgressState *state)
{
	SpinLockAcquire(&entry->lock);
	entry->state = *state;
	SpinLockRelease(&entry->lock);
}

static void
release_entry(void *arg)
{
	static const CassProgressState nothing = {0};
	CassProgress *progress = arg;

	set_state(progress->entry, &nothing);
	progress->entry = NULL;
}

/* The backend's first entry that is free, or NULL. */
static CassProgressEntry *
find_entry(void)
{
	int backend = cass_backend_number();
	int i;

	if (backend < 0 || backend >= MaxBackends)
		return NULL;
	for (i = 0; i < ENTRIES; i++)
	{
		CassProgressEntry *entry = &entries[backend * ENTRIES + i];

		/* a backend that had the number before may have left it */
		if (entry->state.pid != MyProcPid)
			return entry;
	}
	return NULL;
}

static void
take_entry(CassProgress *progress, MemoryContext context,
		   CassProgressKind kind, Oid relid, double expected)
{
	CassProgressState state = {
		MyProcPid, MyDatabaseId, GetSessionUserId(), relid, kind, 0, expected};
	MemoryContextCallback *callback;

	progress->entry = find_entry();
	if (progress->entry == NULL)
		return;
	state.since = GetCurrentTimestamp() - (cql_now() - progress->began);
	set_state(progress->entry, &state);
	callback = MemoryContextAlloc(context, sizeof(*callback));
	callback->func = release_entry;
	callback->arg = progress;
	MemoryContextRegisterResetCallback(context, callback);
}

/* ---- notices ---- */

static void
tell(const CassProgress *progress, CassProgressKind kind, const char *relname,
	 double expected)
{
	const char *done = kind == CASS_PROGRESS_SCAN ? "read from" : "written to";
	double seconds = (double) (progress->told - progress->began) / 1000000;
	double rate = (double) progress->rows / seconds;
	double left = expected - (double) progress->rows;

	if (left > 0 && rate > 0)
		ereport(NOTICE,
				(errmsg(UINT64_FORMAT
						" rows %s foreign table \"%s\" in %.1f s, %.0f a "
						"second, of an estimated %.0f: about %.0f s left",
						progress->rows, done, relname, seconds, rate, expected,
						left / rate)));
	else
		ereport(
			NOTICE,
			(errmsg(UINT64_FORMAT " rows %s foreign table \"%s\" in %.1f s, "
								  "%.0f a second",
					progress->rows, done, relname, seconds, rate)));
}

void
cass_progress_add(CassProgress *progress, MemoryContext context,
				  CassProgressKind kind, Oid relid, uint64 rows,
				  double expected)
{
	int64 now;
	char *relname;

	if (cass_guc_progress <= 0 && entries == NULL)
		return;
	now = cql_now();
	if (progress->began == 0)
		progress->began = progress->told = now;
	progress->rows += rows;
	if (progress->entry != NULL)
	{
		SpinLockAcquire(&progress->entry->lock);
		progress->entry->state.rows = progress->rows;
		SpinLockRelease(&progress->entry->lock);
	}
	else if (entries != NULL && now - progress->began >= LONG_ENOUGH)
		take_entry(progress, context, kind, relid, expected);
	if (cass_guc_progress <= 0 ||
		now - progress->told < cass_guc_progress * INT64CONST(1000))
		return;
	progress->told = now;
	relname = get_rel_name(relid);
	if (relname != NULL)
		tell(progress, kind, relname, expected);
}

/* ---- all sessions ---- */

List *
cass_progress_list(void)
{
	List *list = NIL;
	int i;

	if (entries == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("progress of sessions is not kept"),
				 errhint("Add cassandra_fdw to shared_preload_libraries.")));
	for (i = 0; i < ENTRIES * MaxBackends; i++)
	{
		CassProgressState state;

		SpinLockAcquire(&entries[i].lock);
		state = entries[i].state;
		SpinLockRelease(&entries[i].lock);
		if (state.pid != 0)
		{
			CassProgressState *copy = palloc(sizeof(*copy));

			*copy = state;
			list = lappend(list, copy);
		}
	}
	return list;
}
