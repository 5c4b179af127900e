/*
 * module.c
 *	  Module entry: configuration parameters and the handler.
 */
#include "cassandra_fdw.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(cassandra_fdw_handler);

extern void _PG_init(void);

char *cass_guc_read_consistency = NULL;
int cass_guc_scan_concurrency = -1;
int cass_guc_request_timeout = -1;

static bool
check_consistency(char **value, void **extra, GucSource source)
{
	if (**value == '\0' || cql_consistency_parse(*value) >= 0)
		return true;
	GUC_check_errdetail(
		"It must be a consistency level such as LOCAL_QUORUM, or empty.");
	return false;
}

void
_PG_init(void)
{
	DefineCustomStringVariable(
		"cassandra_fdw.read_consistency", "Consistency level of reads.",
		"Empty leaves it to the options of table and server.",
		&cass_guc_read_consistency, "", PGC_USERSET, 0, check_consistency,
		NULL, NULL);
	DefineCustomIntVariable("cassandra_fdw.scan_concurrency",
							"Token ranges of a scan read at the same time.",
							"-1 leaves it to the options of table and server.",
							&cass_guc_scan_concurrency, -1, -1, 128,
							PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("cassandra_fdw.request_timeout",
							"Time limit of one attempt of a request.",
							"-1 leaves it to the options of table and server.",
							&cass_guc_request_timeout, -1, -1, 86400000,
							PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	MarkGUCPrefixReserved("cassandra_fdw");
	cass_conncache_init();
	cass_shape_init();
}

/* Reading only: no write is planned. */
static int
cassandraIsForeignRelUpdatable(Relation rel)
{
	return 0;
}

Datum
cassandra_fdw_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = cassandraGetForeignRelSize;
	routine->GetForeignPaths = cassandraGetForeignPaths;
	routine->GetForeignPlan = cassandraGetForeignPlan;
	routine->BeginForeignScan = cassandraBeginForeignScan;
	routine->IterateForeignScan = cassandraIterateForeignScan;
	routine->ReScanForeignScan = cassandraReScanForeignScan;
	routine->EndForeignScan = cassandraEndForeignScan;
	routine->ExplainForeignScan = cassandraExplainForeignScan;
	routine->ImportForeignSchema = cassandraImportForeignSchema;
	routine->IsForeignRelUpdatable = cassandraIsForeignRelUpdatable;
	PG_RETURN_POINTER(routine);
}
