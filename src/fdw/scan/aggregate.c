/*
 * aggregate.c
 *	  count, min and max over all requests of a scan, as one row.
 *
 * Each request gives the aggregates of its key or token range; counts are
 * added up, of the others the least or greatest value stays.  Zero-length
 * values, NULL to SQL, are least to Cassandra: where one comes as an answer
 * all rows are read and the aggregates made here (count_rows.c).
 */
#include "scan.h"

#include "common/int.h"
#include "port/pg_bswap.h"

typedef struct CassSum
{
	int64 count;
	cql_slice best; /* in the scan's memory; len CQL_NULL: none yet */
} CassSum;

static void
add_count(CassSum *sum, int64 count)
{
	if (pg_add_s64_overflow(sum->count, count, &sum->count))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("bigint out of range")));
}

/* False when a zero-length value came: there may be lesser ones behind it. */
static bool
keep_best(CassScan *scan, const CassOutput *output, CassSum *sum,
		  cql_slice cell)
{
	const CassAttribute *att = &scan->shape->atts[output->att];
	uint8 *copy;
	int c;

	if (cell.len < 0)
		return true;
	if (cell.len == 0 && cass_has_empty(att->codec))
		return false;
	if (sum->best.len >= 0)
	{
		c = cass_compare_cells(att->type, cell, sum->best);
		if (output->kind == CASS_OUTPUT_MIN ? c >= 0 : c <= 0)
			return true;
	}
	copy = MemoryContextAlloc(scan->context, Max(cell.len, 1));
	memcpy(copy, cell.data, cell.len);
	sum->best.data = copy;
	sum->best.len = cell.len;
	return true;
}

static bool
add_row(CassScan *scan, CassSum *sums, const cql_slice *cells)
{
	ListCell *lc;

	foreach (lc, scan->aggregates)
	{
		const CassOutput *output = lfirst(lc);
		int i = foreach_current_index(lc);

		if (output->kind == CASS_OUTPUT_COUNT)
			add_count(&sums[i], cass_output_count(scan, cells[i]));
		else if (!keep_best(scan, output, &sums[i], cells[i]))
			return false;
	}
	return true;
}

/* The sums, as if one row had come with them. */
static void
store_row(CassScan *scan, const CassSum *sums)
{
	int n = list_length(scan->aggregates);
	cql_slice *cells = palloc(sizeof(cql_slice) * (n + 1));
	uint64 *counts = palloc(sizeof(uint64) * (n + 1));
	int i;

	for (i = 0; i < n; i++)
	{
		const CassOutput *output = list_nth(scan->aggregates, i);

		cells[i] = sums[i].best;
		if (output->kind != CASS_OUTPUT_COUNT)
			continue;
		counts[i] = pg_hton64((uint64) sums[i].count);
		cells[i].data = (const uint8 *) &counts[i];
		cells[i].len = sizeof(uint64);
	}
	cass_scan_decode_outputs(scan, scan->aggregates, cells, scan->slot);
}

static CassSum *
create_sums(CassScan *scan)
{
	int n = list_length(scan->aggregates);
	CassSum *sums =
		MemoryContextAllocZero(scan->context, sizeof(CassSum) * (n + 1));
	int i;

	for (i = 0; i < n; i++)
		sums[i].best.len = CQL_NULL;
	return sums;
}

bool
cass_aggregate(CassScan *scan)
{
	cql_slice *cells;

	if (scan->sums == NULL)
		scan->sums = create_sums(scan);
	while ((cells = cass_scan_next(scan)) != NULL)
	{
		if (!add_row(scan, scan->sums, cells))
			return false;
	}
	if (!scan->blocked)
		store_row(scan, scan->sums);
	return true;
}
