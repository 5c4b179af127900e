/*
 * statistics.h
 *	  Totals of what the session, and all sessions, sent to each server.
 *
 * They outlive the clusters that they were counted by.  Those of all sessions
 * lie in shared memory where the library is in shared_preload_libraries.
 */
#ifndef CASS_STATISTICS_H
#define CASS_STATISTICS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

#include "monitor.h"

/* Places of the totals; those of faults and latencies are several. */
typedef enum CassCounter
{
	CASS_REQUESTS,
	CASS_RETRIES,
	CASS_REPREPARED,
	CASS_ORPHANS,
	CASS_CONNECTS,
	CASS_BYTES_SENT,
	CASS_BYTES_RECEIVED,
	CASS_FAULTS,
	CASS_LATENCIES = CASS_FAULTS + CQL_FAULTS,
	CASS_COUNTERS = CASS_LATENCIES + CQL_HISTOGRAM_BUCKETS
} CassCounter;

/* How much of a cluster's counters was added to the totals. */
typedef struct CassCounted
{
	Oid serverid;
	uint64 values[CASS_COUNTERS];
} CassCounted;

typedef struct CassTotals
{
	Oid serverid;	   /* may have been dropped meanwhile */
	bool all_sessions; /* else of this one */
	TimestampTz since; /* when they were 0 */
	uint64 values[CASS_COUNTERS];
} CassTotals;

/* To be called when the library is loaded. */
extern void cass_statistics_init(void);
/* Of a cluster just made, which has nothing to add yet; in the context. */
extern CassCounted *cass_statistics_begin(Oid serverid, MemoryContext context);
/* Adds what the cluster has counted since the last time.  Does not throw. */
extern void cass_statistics_add(CassCounted *counted,
								const cql_cluster *cluster);
/*
 * The totals there are, of this session and of all sessions of this database:
 * a List of CassTotals *.
 */
extern List *cass_statistics_totals(void);
/* Sets all of these to 0. */
extern void cass_statistics_reset(void);

#endif /* CASS_STATISTICS_H */
