/*
 * progress.c
 *	  Notices of how far a long scan or load has come.
 */
#include "progress.h"

#include "cql.h"
#include "guc.h"

#include "utils/lsyscache.h"

static void
tell(const CassProgress *progress, const char *done, const char *relname,
	 double expected)
{
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
cass_progress_add(CassProgress *progress, const char *done, Oid relid,
				  uint64 rows, double expected)
{
	int64 now;
	char *relname;

	if (cass_guc_progress <= 0)
		return;
	now = cql_now();
	if (progress->began == 0)
		progress->began = progress->told = now;
	progress->rows += rows;
	if (now - progress->told < cass_guc_progress * INT64CONST(1000))
		return;
	progress->told = now;
	relname = get_rel_name(relid);
	if (relname != NULL)
		tell(progress, done, relname, expected);
}
