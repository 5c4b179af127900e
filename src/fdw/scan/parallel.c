/*
 * parallel.c
 *	  Executor callbacks of a parallel scan.
 *
 * The leader cuts the ring and puts the pieces into shared memory: tokens, for
 * each backend may know other nodes.  All of them, each with connections of
 * its own, take one piece after the other until none is left.
 */
#include "scan.h"
#include "write.h"

#include "storage/dsm.h"

/* ---- the leader ---- */

/* A statement waits until the nodes, and the keyspace's copies, are known. */
static void
learn_ring(CassScan *scan)
{
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_params params;

	memset(&params, 0, sizeof(params));
	params.cql = "SELECT key FROM system.local";
	params.keyspace = scan->shape->table->keyspace;
	params.consistency = CQL_ONE;
	params.serial_consistency = -1;
	params.paging_state.len = CQL_NULL;
	params.timeout = scan->options->request_timeout;
	params.idempotent = true;
	cass_request_execute(handle, scan->cluster, &params);
	(void) cass_request_wait(handle, scan->cluster, params.cql);
	cass_request_reset(handle);
}

static Size
size_of(uint32 nranges)
{
	return offsetof(CassSharedRing, ranges) +
		   sizeof(cql_token_range) * nranges;
}

static CassSharedRing *
make_pieces(CassScan *scan, int nbackends)
{
	cql_token_range *ranges;
	uint32 n = cass_scan_pieces(scan, nbackends, &ranges);
	CassSharedRing *pieces;

	if (n == 0)
	{
		learn_ring(scan);
		n = cass_scan_pieces(scan, nbackends, &ranges);
	}
	pieces = palloc0(size_of(n));
	pieces->nbackends = nbackends;
	pieces->nranges = n;
	if (n > 0)
		memcpy(pieces->ranges, ranges, sizeof(cql_token_range) * n);
	cass_env_free(ranges);
	return pieces;
}

Size
cassandraEstimateDSMForeignScan(ForeignScanState *node, ParallelContext *pcxt)
{
	CassScan *scan = node->fdw_state;

	scan->pieces = make_pieces(scan, pcxt->nworkers + 1);
	return size_of(scan->pieces->nranges);
}

/*
 * The segment goes after the workers have ended, also where the scan did not
 * come to its end: what they did counts as the leader's.
 */
static void
collect_figures(dsm_segment *segment, Datum arg)
{
	CassScan *scan = (CassScan *) DatumGetPointer(arg);
	pg_atomic_uint64 *figures = scan->shared->figures;

	scan->requests += pg_atomic_read_u64(&figures[CASS_FIGURE_REQUESTS]);
	scan->pages += pg_atomic_read_u64(&figures[CASS_FIGURE_PAGES]);
	scan->rows += pg_atomic_read_u64(&figures[CASS_FIGURE_ROWS]);
	scan->bytes += pg_atomic_read_u64(&figures[CASS_FIGURE_BYTES]);
	scan->retries += pg_atomic_read_u64(&figures[CASS_FIGURE_RETRIES]);
	scan->max_streams +=
		(int) pg_atomic_read_u64(&figures[CASS_FIGURE_STREAMS]);
	scan->ring.nsplits +=
		(uint32) pg_atomic_read_u64(&figures[CASS_FIGURE_SPLITS]);
	scan->shared = NULL;
}

/* Workers read what Cassandra has.  Without a segment there will be none. */
void
cassandraInitializeDSMForeignScan(ForeignScanState *node,
								  ParallelContext *pcxt, void *coordinate)
{
	CassScan *scan = node->fdw_state;
	CassSharedRing *shared = coordinate;
	int i;

	cass_flush_writes(node->ss.ps.state);
	if (pcxt->seg == NULL)
		return;
	memcpy(shared, scan->pieces, size_of(scan->pieces->nranges));
	pg_atomic_init_u32(&shared->next, 0);
	pg_atomic_init_u64(&shared->received, 0);
	for (i = 0; i < CASS_FIGURES; i++)
		pg_atomic_init_u64(&shared->figures[i], 0);
	scan->shared = shared;
	on_dsm_detach(pcxt->seg, collect_figures, PointerGetDatum(scan));
}

/* What is local is left to cassandraReScanForeignScan(), which comes later. */
void
cassandraReInitializeDSMForeignScan(ForeignScanState *node,
									ParallelContext *pcxt, void *coordinate)
{
	cass_flush_writes(node->ss.ps.state);
	cass_shared_ring_rewind(coordinate);
}

/* No more rows are wanted: so workers need not look for any. */
void
cassandraShutdownForeignScan(ForeignScanState *node)
{
	CassScan *scan = node->fdw_state;

	if (node->ss.ps.plan->parallel_aware && !IsParallelWorker() &&
		scan->shared != NULL)
		cass_shared_ring_stop(scan->shared);
}

/* ---- a worker ---- */

void
cassandraInitializeWorkerForeignScan(ForeignScanState *node, shm_toc *toc,
									 void *coordinate)
{
	CassScan *scan = node->fdw_state;

	scan->shared = coordinate;
}

void
cass_scan_leave_figures(CassScan *scan)
{
	pg_atomic_uint64 *figures;

	if (scan->shared == NULL || !IsParallelWorker())
		return;
	figures = scan->shared->figures;
	pg_atomic_fetch_add_u64(&figures[CASS_FIGURE_REQUESTS],
							(int64) scan->requests);
	pg_atomic_fetch_add_u64(&figures[CASS_FIGURE_PAGES], (int64) scan->pages);
	pg_atomic_fetch_add_u64(&figures[CASS_FIGURE_ROWS], (int64) scan->rows);
	pg_atomic_fetch_add_u64(&figures[CASS_FIGURE_BYTES], (int64) scan->bytes);
	pg_atomic_fetch_add_u64(&figures[CASS_FIGURE_RETRIES],
							(int64) scan->retries);
	pg_atomic_fetch_add_u64(&figures[CASS_FIGURE_STREAMS], scan->max_streams);
	pg_atomic_fetch_add_u64(&figures[CASS_FIGURE_SPLITS], scan->ring.nsplits);
}
