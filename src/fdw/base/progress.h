/*
 * progress.h
 *	  Notices of how far a long scan or load has come.
 */
#ifndef CASS_PROGRESS_H
#define CASS_PROGRESS_H

#include "postgres.h"

/* Zero at first. */
typedef struct CassProgress
{
	int64 began; /* microseconds of cql_now() */
	int64 told;
	uint64 rows; /* since then */
} CassProgress;

/*
 * So many rows more were read from, or written to, a foreign table.  Every
 * cassandra_fdw.progress a NOTICE tells; expected (0: not known) is what the
 * planner thinks of their number.
 */
extern void cass_progress_add(CassProgress *progress, const char *done,
							  Oid relid, uint64 rows, double expected);

#endif /* CASS_PROGRESS_H */
