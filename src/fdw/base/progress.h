/*
 * progress.h
 *	  How far long scans and loads have come: notices, and for other sessions.
 */
#ifndef CASS_PROGRESS_H
#define CASS_PROGRESS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

typedef enum CassProgressKind
{
	CASS_PROGRESS_SCAN,
	CASS_PROGRESS_LOAD
} CassProgressKind;

/* Zero at first. */
typedef struct CassProgress
{
	int64 began; /* microseconds of cql_now() */
	int64 told;
	uint64 rows;					 /* since then */
	struct CassProgressEntry *entry; /* in shared memory, or NULL */
} CassProgress;

/* What is going on in some session. */
typedef struct CassProgressState
{
	int pid; /* 0: nothing is */
	Oid dbid;
	Oid userid; /* of the session */
	Oid relid;	/* in that database */
	CassProgressKind kind;
	uint64 rows;
	double expected; /* rows, 0: not known */
	TimestampTz since;
} CassProgressState;

/* To be called when the library is loaded. */
extern void cass_progress_init(void);
/*
 * So many rows more were read from, or written to, a foreign table.  Every
 * cassandra_fdw.progress a NOTICE tells; expected (0: not known) is what the
 * planner thinks of their number.  Other sessions see it until the context is
 * reset, which must not outlive the progress.
 */
extern void cass_progress_add(CassProgress *progress, MemoryContext context,
							  CassProgressKind kind, Oid relid, uint64 rows,
							  double expected);
/*
 * What goes on in all sessions, of all databases: a List of CassProgressState
 * * in CurrentMemoryContext.  ereports where the library is not preloaded.
 */
extern List *cass_progress_list(void);

#endif /* CASS_PROGRESS_H */
