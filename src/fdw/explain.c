/*
 * explain.c
 *	  What EXPLAIN tells of a scan.
 */
#include "scan.h"

void
cassandraExplainForeignScan(ForeignScanState *node, ExplainState *es)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	CassScan *scan = node->fdw_state;
	ListCell *lc;

	ExplainPropertyText(
		"CQL", strVal(list_nth(plan->fdw_private, CASS_SCAN_CQL)), es);
	if (es->verbose)
	{
		foreach (lc, (List *) list_nth(plan->fdw_private, CASS_SCAN_REASONS))
			ExplainPropertyText("Not Pushed", strVal(lfirst(lc)), es);
	}
	if (es->analyze && scan != NULL)
	{
		ExplainPropertyInteger("Requests", NULL, scan->requests, es);
		ExplainPropertyInteger("Pages", NULL, scan->pages, es);
		ExplainPropertyInteger("Rows Received", NULL, scan->rows, es);
		ExplainPropertyInteger("Bytes Received", NULL, scan->bytes, es);
		ExplainPropertyInteger("Streams", NULL, scan->max_streams, es);
	}
}
