/*
 * scan.c
 *	  Executor callbacks of a foreign scan: begin, next row, again, end.
 */
#include "scan.h"
#include "write.h"

#include "miscadmin.h"

static Oid
scan_userid(ForeignScanState *node)
{
	Oid userid = cass_scan_check_as_user(node);

	return OidIsValid(userid) ? userid : GetUserId();
}

void
cassandraBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	EState *estate = node->ss.ps.state;
	CassScan *scan;

	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
	{
		node->fdw_state = cass_scan_show(plan->fdw_private);
		return;
	}
	/* workers are other backends: they read what Cassandra has */
	if (estate->es_plannedstmt->parallelModeNeeded)
		cass_flush_writes(estate);
	scan = cass_scan_open(&node->ss.ps, plan->fdw_private, plan->fdw_exprs,
						  node->ss.ss_ScanTupleSlot, scan_userid(node));
	node->fdw_state = scan;
	if (list_member_int(estate->es_plannedstmt->resultRelations,
						plan->scan.scanrelid))
		scan->identity =
			cass_identity_create(estate, scan->shape, scan->plan->outputs);
}

TupleTableSlot *
cassandraIterateForeignScan(ForeignScanState *node)
{
	cass_scan_fetch(node->fdw_state);
	return node->ss.ss_ScanTupleSlot;
}

void
cassandraReScanForeignScan(ForeignScanState *node)
{
	CassScan *scan = node->fdw_state;

	if (scan->started)
		cass_scan_stop(scan);
}

void
cassandraEndForeignScan(ForeignScanState *node)
{
	CassScan *scan = node->fdw_state;

	if (scan == NULL)
		return;
	cass_scan_leave_figures(scan);
	cass_scan_close(scan);
}

void
cassandraExplainForeignScan(ForeignScanState *node, ExplainState *es)
{
	cass_explain_scan(node->fdw_state, "CQL", es);
}
