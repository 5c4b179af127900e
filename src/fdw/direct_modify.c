/*
 * direct_modify.c
 *	  DELETE of a partition, or of a range of its rows, as one tombstone.
 *
 * The rows are counted by reading them first.  The tombstone has the time
 * before that: rows written meanwhile, which nobody has seen, stay.
 */
#include "modify.h"
#include "scan.h"

#include "executor/instrument.h"
#include "nodes/plannodes.h"
#include "optimizer/pathnode.h"
#include "port/pg_bswap.h"

typedef struct CassDirect
{
	CassScan *scan; /* counts */
	char *cql;		/* for EXPLAIN */
	bool count;		/* in the command's tag */
	bool done;
} CassDirect;

/* ---- planning ---- */

/* The scan whose rows the target's part of the plan gives, or NULL. */
static ForeignScan *
find_scan(const ModifyTable *plan, Index rtindex, int subplan_index)
{
	Plan *subplan = outerPlan(plan);

	if (subplan != NULL && IsA(subplan, Result) && subplan->lefttree != NULL &&
		IsA(subplan->lefttree, Append))
		subplan = subplan->lefttree;
	if (subplan != NULL && IsA(subplan, Append))
	{
		List *children = ((Append *) subplan)->appendplans;

		if (subplan_index >= list_length(children))
			return NULL;
		subplan = list_nth(children, subplan_index);
	}
	if (subplan == NULL || !IsA(subplan, ForeignScan) ||
		((ForeignScan *) subplan)->scan.scanrelid != rtindex ||
		subplan->qual != NIL)
		return NULL;
	return (ForeignScan *) subplan;
}

/*
 * Whether a DELETE may carry the scan's restrictions.  One of whole keys goes
 * row by row: it saves nothing there.
 */
static bool
fits_delete(const CassShape *shape, const CassScanPlan *plan)
{
	int nkeys = cass_nkeys(shape->table);
	int nequal = 0;
	int i;

	if (plan->access != CQL_ACCESS_PARTITION || plan->filtering ||
		plan->aggregate || plan->limit >= 0 || plan->offset >= 0 ||
		plan->partition_limit > 0 || plan->vector >= 0)
		return false;
	for (i = 0; i < plan->nrestrictions; i++)
	{
		const cql_restriction *r = &plan->restrictions[i];
		int j;

		if (r->token || r->index >= 0)
			return false;
		for (j = 0; j < r->ncolumns; j++)
		{
			if (r->columns[j] >= nkeys)
				return false;
		}
		if (r->shape == CQL_SHAPE_EQ || r->shape == CQL_SHAPE_IN)
			nequal += r->ncolumns;
		else if (r->shape != CQL_SHAPE_RANGE)
			return false;
	}
	return nequal < nkeys;
}

bool
cassandraPlanDirectModify(PlannerInfo *root, ModifyTable *plan,
						  Index resultRelation, int subplan_index)
{
	ForeignScan *scan;
	CassRelInfo *info;
	CassScanPlan *scan_plan;

	if (plan->operation != CMD_DELETE || plan->returningLists != NIL)
		return false;
	scan = find_scan(plan, resultRelation, subplan_index);
	if (scan == NULL)
		return false;
	info = find_base_rel(root, resultRelation)->fdw_private;
	cass_check_writable(info->shape, CMD_DELETE);
	scan_plan = cass_scan_plan_from_list(scan->fdw_private);
	if (info->options->conditional_writes ||
		info->options->timestamps != CASS_TIMESTAMPS_CLIENT ||
		!fits_delete(info->shape, scan_plan))
		return false;
	scan->operation = CMD_DELETE;
	scan->resultRelation = resultRelation;
	scan->fdw_private = lappend(list_copy(scan->fdw_private),
								list_make2(makeBoolean(plan->canSetTag),
										   makeString(cass_deparse_delete_plan(
											   info->shape, scan_plan))));
	return true;
}

/* ---- execution ---- */

void
cassandraBeginDirectModify(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	List *private = llast(plan->fdw_private);
	CassDirect *d = palloc0(sizeof(CassDirect));

	cassandraBeginForeignScan(node, eflags);
	d->scan = node->fdw_state;
	d->count = boolVal(linitial(private));
	d->cql = strVal(lsecond(private));
	node->fdw_state = d;
}

static uint64
count_rows(ForeignScanState *node, CassDirect *d)
{
	uint64 n = 0;
	TupleTableSlot *slot;

	node->fdw_state = d->scan;
	for (;;)
	{
		slot = cassandraIterateForeignScan(node);
		if (TupIsNull(slot))
			break;
		n++;
		ResetExprContext(node->ss.ps.ps_ExprContext);
	}
	node->fdw_state = d;
	return n;
}

/* The statement of one key, with the values that the scan has for it. */
static void
delete_key(CassScan *scan, const CassStream *stream, CassRequest *handle,
		   int64 timestamp, const char *cql)
{
	uint64 wire = pg_hton64((uint64) timestamp);
	cql_slice *values = palloc(sizeof(cql_slice) * (stream->nvalues + 1));
	const cql_type **types =
		palloc(sizeof(cql_type *) * (stream->nvalues + 1));
	cql_params params;

	values[0].data = (const uint8 *) &wire;
	values[0].len = sizeof(wire);
	types[0] = NULL;
	memcpy(values + 1, stream->values, sizeof(cql_slice) * stream->nvalues);
	memcpy(types + 1, stream->types, sizeof(cql_type *) * stream->nvalues);
	memset(&params, 0, sizeof(params));
	params.cql = cql;
	params.prepare = true;
	params.keyspace = scan->shape->table->keyspace;
	params.values = values;
	params.nvalues = params.nbound = stream->nvalues + 1;
	params.bound = types;
	params.consistency = scan->options->write_consistency;
	params.serial_consistency = -1;
	params.paging_state.len = CQL_NULL;
	params.timeout = scan->options->request_timeout;
	params.idempotent = true;
	cass_request_execute(handle, scan->cluster, &params);
	(void) cass_wait_any(scan->cluster, &handle->request, 1);
	if (cql_request_get_state(handle->request) == CQL_REQUEST_FAILED)
		cass_report_write_error(cql_request_error(handle->request), cql,
								"A range of rows could not be deleted.");
	cass_request_take(handle);
	cass_request_reset(handle);
	pfree(values);
	pfree(types);
}

static void
delete_ranges(CassScan *scan, int64 timestamp)
{
	CassRequest *handle = cass_request_create(scan->context);
	char *cql = cass_bind_delete_text(scan);
	CassStream stream;

	memset(&stream, 0, sizeof(stream));
	cass_bind_rewind(scan);
	while (cass_bind_next(scan, &stream))
		delete_key(scan, &stream, handle, timestamp, cql);
}

TupleTableSlot *
cassandraIterateDirectModify(ForeignScanState *node)
{
	CassDirect *d = node->fdw_state;
	int64 timestamp = cass_next_timestamp();
	uint64 rows;

	if (!d->done)
	{
		d->done = true;
		rows = count_rows(node, d);
		if (rows > 0)
		{
			cass_xact_note(
				RelationGetRelationName(node->ss.ss_currentRelation), rows);
			delete_ranges(d->scan, timestamp);
		}
		if (d->count)
			node->ss.ps.state->es_processed += rows;
		if (node->ss.ps.instrument != NULL)
			node->ss.ps.instrument->tuplecount += rows;
	}
	return ExecClearTuple(node->ss.ss_ScanTupleSlot);
}

void
cassandraEndDirectModify(ForeignScanState *node)
{
	CassDirect *d = node->fdw_state;

	if (d == NULL)
		return;
	node->fdw_state = d->scan;
	cassandraEndForeignScan(node);
}

void
cassandraExplainDirectModify(ForeignScanState *node, ExplainState *es)
{
	CassDirect *d = node->fdw_state;

	ExplainPropertyText("CQL", d->cql, es);
	ExplainPropertyText("Counted By", d->scan->plan->cql, es);
}
