/*
 * split.c
 *	  A scan of the whole table, or of a part of the ring: one stream, or
 *ranges.
 *
 * Where all rows are wanted of a table that is known to be large, the ring is
 * cut at once and several ranges are read at a time.  Else it is read by one
 * stream: the table may be small, or few rows enough.  When that has given
 * some pages and more are wanted, what lies behind its last row is cut.  A
 * token tells where that is.  Of a parallel scan each backend takes pieces of
 * the ring that nobody has taken.
 */
#include "scan.h"

#include "port/pg_bswap.h"

#include <math.h>

#define COUNTED_ROWS 20000	 /* of a range that the server counts */
#define RANGES_PER_STREAM 8	 /* token ranges for each one in flight */
#define MAX_RANGES 8192		 /* of the ring, some of which are asked for */
#define FIRST_PAGES 1		 /* of one stream, before the rest is cut, */
#define FIRST_PAGES_OF_FEW 2 /* and where few rows were asked for */

static int
full_window(const CassScan *scan)
{
	return Min(scan->options->scan_concurrency, CASS_MAX_WINDOW);
}

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

/* Whether there is a ring, and the query has room for ranges of it. */
static bool
may_cut(const CassScan *scan)
{
	return !scan->shape->local_strategy &&
		   scan->bind.access == CQL_ACCESS_SCAN &&
		   cass_bind_count(&scan->bind) <= 1;
}

/* Of n ranges what lies in the part: how many that are, in their place. */
static uint32
clip_ranges(cql_token_range *ranges, uint32 n, const cql_token_range *part)
{
	uint32 left = 0;
	uint32 i;

	for (i = 0; i < n; i++)
	{
		cql_token_range range = {Max(ranges[i].start, part->start),
								 Min(ranges[i].end, part->end)};

		if (range.start < range.end)
			ranges[left++] = range;
	}
	return left;
}

/*
 * Ranges of the part of the ring that is asked for, which are to be freed;
 * none where there is no ring.
 */
static uint32
get_ranges(const CassScan *scan, uint32 wanted, cql_token_range **ranges)
{
	cql_token_range part;
	double share;
	uint32 n = 0;

	*ranges = NULL;
	if (!cass_bind_part(&scan->bind, &part))
		return 0;
	share = ldexp((double) ((uint64) part.end - (uint64) part.start), -64);
	if (cql_cluster_ranges(scan->cluster, scan->shape->table->keyspace,
						   (uint32) Min(wanted / share, MAX_RANGES), ranges,
						   &n) != CQL_OK)
		return 0;
	n = clip_ranges(*ranges, n, &part);
	if (n == 0)
	{
		cass_env_free(*ranges);
		*ranges = NULL;
	}
	return n;
}

bool
cass_scan_split(CassScan *scan)
{
	int window = full_window(scan);
	cql_token_range *ranges;
	MemoryContext old;
	uint32 n;

	scan->unsplit = scan->narrow = false;
	if (!may_cut(scan))
		return false;
	n = get_ranges(scan, wanted_ranges(scan, window), &ranges);
	if (n == 0)
		return false;
	old = MemoryContextSwitchTo(scan->context);
	cass_bind_by_ranges(&scan->bind);
	cass_ring_init(&scan->ring, &scan->bind, ranges, n);
	cass_env_free(ranges);
	scan->source = &scan->ring.base;
	scan->turn = 0;
	scan->window = Min(window, (int) n);
	scan->streams = palloc0(sizeof(CassStream) * window);
	MemoryContextSwitchTo(old);
	return true;
}

/* ---- one stream first ---- */

/* The token of a masked key is not that of the row. */
static bool
shows_tokens(const CassScan *scan)
{
	const cql_schema_table *table = scan->shape->table;
	uint32 i;

	for (i = 0; i < table->npartition; i++)
	{
		if (table->columns[i].masked)
			return false;
	}
	return true;
}

static void
begin_narrow(CassScan *scan)
{
	cql_token_range *ranges;
	cql_token_range part;

	if (!may_cut(scan) || !shows_tokens(scan) || scan->bind.vector.len >= 0 ||
		get_ranges(scan, 1, &ranges) == 0)
		return;
	cass_env_free(ranges);
	(void) cass_bind_part(&scan->bind, &part);
	cass_bind_by_ranges(&scan->bind);
	cass_ring_init_part(&scan->ring, &scan->bind, &part);
	scan->source = &scan->ring.base;
	scan->unsplit = false;
	scan->narrow = true;
	scan->given = 0;
	/* the others have their turn when the rest is cut */
	scan->streams = palloc0(sizeof(CassStream) * full_window(scan));
}

/* The first request would only find out that the table is large. */
static bool
is_large(const CassScan *scan)
{
	return scan->plan->width > 0 &&
		   scan->plan->rows > 4.0 * Max(scan->pager.size, CASS_FIRST_PAGE);
}

/* ---- pieces that backends share ---- */

uint32
cass_scan_pieces(CassScan *scan, int nbackends, cql_token_range **ranges)
{
	*ranges = NULL;
	if (!may_cut(scan))
		return 0;
	cass_page_size_init(scan);
	return get_ranges(
		scan, wanted_ranges(scan, Max(full_window(scan), nbackends)), ranges);
}

/* Where the ring is not known one backend reads the table, in one stream. */
static void
begin_shared(CassScan *scan)
{
	CassSharedRing *shared = scan->shared;
	uint32 i;

	if (shared->nranges == 0)
	{
		if (!cass_shared_ring_take(shared, &i))
			scan->streams = NULL;
		return;
	}
	cass_ring_init_shared(&scan->ring, &scan->bind, shared);
	scan->source = &scan->ring.base;
	scan->window =
		(full_window(scan) + shared->nbackends - 1) / shared->nbackends;
	scan->streams = palloc0(sizeof(CassStream) * scan->window);
}

void
cass_scan_begin_whole(CassScan *scan)
{
	const CassScanPlan *plan = scan->plan;

	if (scan->shared != NULL)
	{
		begin_shared(scan);
		return;
	}
	scan->unsplit = true;
	if (!plan->aggregate)
	{
		if (!plan->split || !is_large(scan) || !cass_scan_split(scan))
			begin_narrow(scan);
	}
	/* a request that counts would count it all */
	else if (plan->rows < 0 || plan->rows > COUNTED_ROWS)
		(void) cass_scan_split(scan);
}

/* The token of the page's last row; false where it tells none. */
static bool
last_token(CassScan *scan, const CassStream *stream, int64 *token)
{
	cql_slice cell = {NULL, CQL_NULL};
	uint64 wire;

	while (cass_request_row(stream->page, scan->cells, stream->query.cql))
		cell = scan->cells[scan->nexpected];
	cql_result_rewind(stream->page->result);
	if (cell.len != sizeof(wire))
		return false;
	memcpy(&wire, cell.data, sizeof(wire));
	*token = (int64) pg_ntoh64(wire);
	return *token > stream->query.range.start &&
		   *token < stream->query.range.end;
}

void
cass_scan_widen(CassScan *scan, CassStream *stream)
{
	int window = full_window(scan);
	cql_token_range *ranges;
	int64 token;
	uint32 n;

	/* a page without rows does not tell where it ends */
	if (cql_result_paging_state(stream->page->result).len < 0 ||
		cql_result_nrows(stream->page->result) == 0 ||
		scan->given++ < (scan->plan->split ? FIRST_PAGES : FIRST_PAGES_OF_FEW))
		return;
	scan->narrow = false;
	if (!last_token(scan, stream, &token))
		return;
	n = get_ranges(scan, wanted_ranges(scan, window), &ranges);
	if (n == 0)
		return;
	cass_ring_cut(&scan->ring, &stream->query, token, ranges, n);
	cass_env_free(ranges);
	scan->window = Min(window, (int) scan->ring.nranges + 1);
	scan->pager.growth = 0;
}
