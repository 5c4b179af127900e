/*
 * module.c
 *	  Module entry, and the handler: what PostgreSQL may call.
 */
#include "postgres.h"

#include "fmgr.h"

#include "direct_modify.h"
#include "guc.h"
#include "import.h"
#include "key_join.h"
#include "planner.h"
#include "progress.h"
#include "sample.h"
#include "scan.h"
#include "statistics.h"
#include "upsert.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(cassandra_fdw_handler);

extern void _PG_init(void);

void
_PG_init(void)
{
	cass_guc_init();
	cass_statistics_init();
	cass_progress_init();
	cass_xact_init();
	cass_window_init();
	cass_conncache_init();
	cass_shape_init();
	cass_warning_init();
	cass_primary_key_init(cassandraGetForeignRelSize);
	cass_upsert_init();
	cass_key_join_init();
}

Datum
cassandra_fdw_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = cassandraGetForeignRelSize;
	routine->GetForeignPaths = cassandraGetForeignPaths;
	routine->GetForeignPlan = cassandraGetForeignPlan;
	routine->GetForeignUpperPaths = cassandraGetForeignUpperPaths;
	routine->BeginForeignScan = cassandraBeginForeignScan;
	routine->IterateForeignScan = cassandraIterateForeignScan;
	routine->ReScanForeignScan = cassandraReScanForeignScan;
	routine->EndForeignScan = cassandraEndForeignScan;
	routine->ExplainForeignScan = cassandraExplainForeignScan;
	routine->IsForeignScanParallelSafe = cassandraIsForeignScanParallelSafe;
	routine->IsForeignPathAsyncCapable = cassandraIsForeignPathAsyncCapable;
	routine->ForeignAsyncRequest = cassandraForeignAsyncRequest;
	routine->ForeignAsyncConfigureWait = cassandraForeignAsyncConfigureWait;
	routine->ForeignAsyncNotify = cassandraForeignAsyncNotify;
	routine->EstimateDSMForeignScan = cassandraEstimateDSMForeignScan;
	routine->InitializeDSMForeignScan = cassandraInitializeDSMForeignScan;
	routine->ReInitializeDSMForeignScan = cassandraReInitializeDSMForeignScan;
	routine->InitializeWorkerForeignScan =
		cassandraInitializeWorkerForeignScan;
	routine->ShutdownForeignScan = cassandraShutdownForeignScan;
	routine->ImportForeignSchema = cassandraImportForeignSchema;
	routine->AnalyzeForeignTable = cassandraAnalyzeForeignTable;
	routine->AddForeignUpdateTargets = cassandraAddForeignUpdateTargets;
	routine->PlanForeignModify = cassandraPlanForeignModify;
	routine->BeginForeignModify = cassandraBeginForeignModify;
	routine->ExecForeignInsert = cassandraExecForeignInsert;
	routine->ExecForeignUpdate = cassandraExecForeignUpdate;
	routine->ExecForeignDelete = cassandraExecForeignDelete;
	routine->EndForeignModify = cassandraEndForeignModify;
	routine->BeginForeignInsert = cassandraBeginForeignInsert;
	routine->EndForeignInsert = cassandraEndForeignModify;
	routine->ExplainForeignModify = cassandraExplainForeignModify;
	routine->PlanDirectModify = cassandraPlanDirectModify;
	routine->BeginDirectModify = cassandraBeginDirectModify;
	routine->IterateDirectModify = cassandraIterateDirectModify;
	routine->EndDirectModify = cassandraEndDirectModify;
	routine->ExplainDirectModify = cassandraExplainDirectModify;
	routine->ExecForeignTruncate = cassandraExecForeignTruncate;
	routine->IsForeignRelUpdatable = cassandraIsForeignRelUpdatable;
	PG_RETURN_POINTER(routine);
}
