/*
 * statistics.c
 *	  Totals by server: of the session, and in shared memory of all sessions.
 *
 * A cluster counts for itself.  What it has counted since the last time is
 * added to the totals when a transaction ends, when it is closed, and when the
 * totals are looked at.  Shared memory has a slot for each database and
 * server, so many and no more; servers that find none left, nor one of a
 * server that was dropped, are counted in their sessions only.
 */
#include "statistics.h"

#include "compat.h"

#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#define MAX_SLOTS 64 /* servers, over all databases */
#define TRANCHE "cassandra_fdw"

typedef struct Slot
{
	Oid dbid; /* InvalidOid: free */
	Oid serverid;
	TimestampTz since;
	pg_atomic_uint64 values[CASS_COUNTERS];
} Slot;

/*
 * The lock is held exclusively to take a slot or to set it to 0, shared to add
 * to its values or to read them.
 */
typedef struct SharedTotals
{
	LWLock *lock;
	Slot slots[MAX_SLOTS];
} SharedTotals;

static SharedTotals *shared = NULL; /* NULL: not preloaded */
static HTAB *session = NULL;		/* of CassTotals, by server */

static shmem_request_hook_type next_request_hook = NULL;
static shmem_startup_hook_type next_startup_hook = NULL;

/* ---- shared memory ---- */

static void
request_memory(void)
{
	if (next_request_hook != NULL)
		next_request_hook();
	RequestAddinShmemSpace(sizeof(SharedTotals));
	RequestNamedLWLockTranche(TRANCHE, 1);
}

/* Nobody else looks at it. */
static void
clear_slot(Slot *slot)
{
	int i;

	slot->dbid = slot->serverid = InvalidOid;
	for (i = 0; i < CASS_COUNTERS; i++)
		pg_atomic_init_u64(&slot->values[i], 0);
}

static void
attach_memory(void)
{
	bool found;
	int i;

	if (next_startup_hook != NULL)
		next_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared =
		ShmemInitStruct("cassandra_fdw totals", sizeof(SharedTotals), &found);
	if (!found)
	{
		shared->lock = &GetNamedLWLockTranche(TRANCHE)->lock;
		for (i = 0; i < MAX_SLOTS; i++)
			clear_slot(&shared->slots[i]);
	}
	LWLockRelease(AddinShmemInitLock);
}

void
cass_statistics_init(void)
{
	HASHCTL ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(CassTotals);
	session =
		hash_create("cassandra_fdw totals", 8, &ctl, HASH_ELEM | HASH_BLOBS);
	if (!process_shared_preload_libraries_in_progress)
		return;
	next_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	next_startup_hook = shmem_startup_hook;
	shmem_startup_hook = attach_memory;
}

/* The server's slot in this database, or NULL; the lock is held. */
static Slot *
find_slot(Oid dbid, Oid serverid)
{
	int i;

	for (i = 0; i < MAX_SLOTS; i++)
	{
		if (shared->slots[i].dbid == dbid &&
			shared->slots[i].serverid == serverid)
			return &shared->slots[i];
	}
	return NULL;
}

/* Sees that the server has a slot; false where none is left. */
static bool
take_slot(Oid serverid)
{
	Slot *slot;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = find_slot(MyDatabaseId, serverid);
	if (slot == NULL)
		slot = find_slot(InvalidOid, InvalidOid);
	if (slot != NULL && slot->dbid == InvalidOid)
	{
		slot->dbid = MyDatabaseId;
		slot->serverid = serverid;
		slot->since = GetCurrentTimestamp();
	}
	LWLockRelease(shared->lock);
	return slot != NULL;
}

/* Whether the database, and in this one the server, was dropped. */
static bool
was_dropped(Oid dbid, Oid serverid)
{
	if (dbid == MyDatabaseId)
		return !SearchSysCacheExists1(FOREIGNSERVEROID,
									  ObjectIdGetDatum(serverid));
	return !SearchSysCacheExists1(DATABASEOID, ObjectIdGetDatum(dbid));
}

/* Frees the slots of what was dropped: catalogs are read without the lock. */
static void
free_slots(void)
{
	int i;

	for (i = 0; i < MAX_SLOTS; i++)
	{
		Slot *slot = &shared->slots[i];
		Oid dbid;
		Oid serverid;

		LWLockAcquire(shared->lock, LW_SHARED);
		dbid = slot->dbid;
		serverid = slot->serverid;
		LWLockRelease(shared->lock);
		if (!OidIsValid(dbid) || !was_dropped(dbid, serverid))
			continue;
		LWLockAcquire(shared->lock, LW_EXCLUSIVE);
		if (slot->dbid == dbid && slot->serverid == serverid)
			clear_slot(slot);
		LWLockRelease(shared->lock);
	}
}

/* ---- adding ---- */

CassCounted *
cass_statistics_begin(Oid serverid, MemoryContext context)
{
	CassCounted *counted = MemoryContextAllocZero(context, sizeof(*counted));
	CassTotals *totals;
	bool found;

	counted->serverid = serverid;
	totals = hash_search(session, &serverid, HASH_ENTER, &found);
	if (!found)
	{
		memset(totals, 0, sizeof(*totals));
		totals->serverid = serverid;
		totals->since = GetCurrentTimestamp();
	}
	if (shared != NULL && !take_slot(serverid))
	{
		free_slots();
		(void) take_slot(serverid);
	}
	return counted;
}

static void
read_counters(const cql_cluster *cluster, uint64 *values)
{
	const cql_traffic *traffic = cql_cluster_traffic(cluster);
	cql_stats stats;
	int i;

	cql_cluster_get_stats(cluster, &stats);
	values[CASS_REQUESTS] = traffic->requests;
	values[CASS_RETRIES] = traffic->retries;
	values[CASS_REPREPARED] = stats.reprepared;
	values[CASS_ORPHANS] = stats.orphans;
	values[CASS_CONNECTS] = stats.connects;
	values[CASS_BYTES_SENT] = stats.bytes_sent;
	values[CASS_BYTES_RECEIVED] = stats.bytes_received;
	for (i = 0; i < CQL_FAULTS; i++)
		values[CASS_FAULTS + i] = traffic->faults[i];
	cql_traffic_latencies(traffic, &values[CASS_LATENCIES]);
}

void
cass_statistics_add(CassCounted *counted, const cql_cluster *cluster)
{
	CassTotals *totals =
		hash_search(session, &counted->serverid, HASH_FIND, NULL);
	uint64 values[CASS_COUNTERS];
	Slot *slot = NULL;
	int i;

	read_counters(cluster, values);
	if (memcmp(values, counted->values, sizeof(values)) == 0)
		return;
	if (shared != NULL)
	{
		LWLockAcquire(shared->lock, LW_SHARED);
		slot = find_slot(MyDatabaseId, counted->serverid);
	}
	for (i = 0; i < CASS_COUNTERS; i++)
	{
		uint64 more = values[i] - counted->values[i];

		if (i >= CASS_LATENCIES)
			more = (uint32) more; /* these are counted in 32 bits */
		if (totals != NULL)
			totals->values[i] += more;
		if (slot != NULL && more > 0)
			pg_atomic_fetch_add_u64(&slot->values[i], (int64) more);
	}
	if (shared != NULL)
		LWLockRelease(shared->lock);
	memcpy(counted->values, values, sizeof(values));
}

/* ---- reading, and beginning anew ---- */

static CassTotals *
copy_slot(Slot *slot)
{
	CassTotals *totals = palloc0(sizeof(*totals));
	int i;

	totals->serverid = slot->serverid;
	totals->all_sessions = true;
	totals->since = slot->since;
	for (i = 0; i < CASS_COUNTERS; i++)
		totals->values[i] = pg_atomic_read_u64(&slot->values[i]);
	return totals;
}

List *
cass_statistics_totals(void)
{
	List *all = NIL;
	HASH_SEQ_STATUS seq;
	CassTotals *totals;
	int i;

	hash_seq_init(&seq, session);
	while ((totals = hash_seq_search(&seq)) != NULL)
	{
		CassTotals *copy = palloc(sizeof(*copy));

		*copy = *totals;
		all = lappend(all, copy);
	}
	if (shared == NULL)
		return all;
	LWLockAcquire(shared->lock, LW_SHARED);
	for (i = 0; i < MAX_SLOTS; i++)
	{
		if (shared->slots[i].dbid == MyDatabaseId)
			all = lappend(all, copy_slot(&shared->slots[i]));
	}
	LWLockRelease(shared->lock);
	return all;
}

void
cass_statistics_reset(void)
{
	TimestampTz now = GetCurrentTimestamp();
	HASH_SEQ_STATUS seq;
	CassTotals *totals;
	int i;
	int j;

	hash_seq_init(&seq, session);
	while ((totals = hash_seq_search(&seq)) != NULL)
	{
		memset(totals->values, 0, sizeof(totals->values));
		totals->since = now;
	}
	if (shared == NULL)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (i = 0; i < MAX_SLOTS; i++)
	{
		Slot *slot = &shared->slots[i];

		if (slot->dbid != MyDatabaseId)
			continue;
		slot->since = now;
		for (j = 0; j < CASS_COUNTERS; j++)
			pg_atomic_write_u64(&slot->values[j], 0);
	}
	LWLockRelease(shared->lock);
}
