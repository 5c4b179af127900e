/*
 * split.c
 *	  A scan of the whole table, in ranges of the ring.
 */
#include "scan.h"

#define COUNTED_ROWS 20000	/* of a range that the server counts */
#define RANGES_PER_STREAM 8 /* token ranges for each one in flight */

/* About how many ranges: a page each, but not too many for one in flight. */
static uint32
wanted_ranges(const CassScan *scan, int window)
{
	double pages =
		scan->plan->rows /
		(scan->plan->aggregate ? COUNTED_ROWS : Max(scan->pager.size, 1));

	if (scan->plan->rows <= 0)
		return window * 2;
	return (uint32) Min(Max(pages, 2), window * RANGES_PER_STREAM);
}

/* A token that the query itself restricts stays as it is. */
static bool
restricts_token(const CassScan *scan)
{
	int i;

	for (i = 0; i < scan->plan->nrestrictions; i++)
	{
		if (scan->plan->restrictions[i].token)
			return true;
	}
	return false;
}

bool
cass_scan_split(CassScan *scan)
{
	int window = Min(scan->options->scan_concurrency, CASS_MAX_WINDOW);
	cql_token_range *ranges;
	MemoryContext old;
	uint32 n;

	scan->unsplit = false;
	if (scan->shape->local_strategy || scan->bind.access != CQL_ACCESS_SCAN ||
		scan->source != &scan->keys.base ||
		scan->source->count(scan->source) > 1 || restricts_token(scan) ||
		cql_cluster_ranges(scan->cluster, scan->shape->table->keyspace,
						   wanted_ranges(scan, window), &ranges,
						   &n) != CQL_OK ||
		n == 0)
		return false;
	old = MemoryContextSwitchTo(scan->context);
	cass_ring_init(&scan->ring, &scan->bind, ranges, n);
	cass_env_free(ranges);
	scan->source = &scan->ring.base;
	scan->turn = 0;
	scan->window = Min(window, (int) n);
	scan->streams = palloc0(sizeof(CassStream) * window);
	MemoryContextSwitchTo(old);
	return true;
}

/*
 * The first request would only find out that the table is large; one that
 * counts would count it all.
 */
bool
cass_begins_split(const CassScan *scan)
{
	if (scan->plan->aggregate)
		return scan->plan->rows < 0 || scan->plan->rows > COUNTED_ROWS;
	return scan->plan->rows > 4.0 * scan->pager.size;
}
