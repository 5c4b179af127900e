/*
 * count_rows.c
 *	  count, min, max and GROUP BY made here, of a stream's rows.
 *
 * Cassandra counts in one request, which may take too long or meet too many
 * tombstones where reading the same rows in pages does not.  A stream whose
 * aggregates failed is read row by row, and gives what the server would have:
 * rows of a group come one after the other, in the order of the key.
 */
#include "scan.h"

#include "port/pg_bswap.h"
#include "utils/memutils.h"

/* How the rows are read. */
typedef struct CassByRows
{
	CassScanPlan plan; /* outputs are columns */
	const cql_type **expected;
	uint32 nexpected;
	int *source;	   /* of each aggregate or group its cell, or -1 */
	cql_slice *cells;  /* of the row at hand */
	MemoryContext row; /* what it takes to check it */
} CassByRows;

/* What an aggregate, or a column of the group, has come to. */
typedef struct Part
{
	uint64 count;
	uint64 wire; /* the count as the server gives it */
	uint8 *data; /* in the scan's memory */
	int32 size;
	int32 len; /* CQL_NULL: no value yet */
} Part;

typedef struct CassGroup
{
	bool open;
	Part *parts; /* one an output of the scan */
	cql_slice *cells;
} CassGroup;

/* ---- reading rows ---- */

/* Index of the column's cell; it is read once. */
static int
add_column(CassByRows *by_rows, int att, int slot)
{
	CassOutput *output;
	ListCell *lc;

	foreach (lc, by_rows->plan.outputs)
	{
		output = lfirst(lc);
		if (output->att != att)
			continue;
		output->slot = Max(output->slot, slot);
		return foreach_current_index(lc);
	}
	output = palloc0(sizeof(CassOutput));
	output->kind = CASS_OUTPUT_COLUMN;
	output->att = att;
	output->slot = slot;
	by_rows->plan.outputs = lappend(by_rows->plan.outputs, output);
	return list_length(by_rows->plan.outputs) - 1;
}

/* Made once, of what the query's aggregates and its conditions need. */
static CassByRows *
get_by_rows(CassScan *scan)
{
	CassByRows *by_rows = scan->by_rows;
	MemoryContext old;
	ListCell *lc;

	if (by_rows != NULL)
		return by_rows;
	old = MemoryContextSwitchTo(MemoryContextGetParent(scan->context));
	by_rows = palloc0(sizeof(CassByRows));
	by_rows->plan = *scan->plan;
	by_rows->plan.aggregate = false;
	by_rows->plan.ngroup = 0;
	by_rows->plan.outputs = NIL;
	by_rows->source =
		palloc(sizeof(int) * (list_length(scan->plan->outputs) + 1));
	foreach (lc, scan->plan->outputs)
	{
		const CassOutput *output = lfirst(lc);

		by_rows->source[foreach_current_index(lc)] =
			output->att < 0 ? -1 : add_column(by_rows, output->att, -1);
	}
	foreach (lc, scan->plan->checked)
	{
		const CassOutput *output = lfirst(lc);

		(void) add_column(by_rows, output->att, output->slot);
	}
	by_rows->expected =
		cass_scan_expected(scan, &by_rows->plan, &by_rows->nexpected);
	by_rows->cells = palloc(sizeof(cql_slice) * (by_rows->nexpected + 1));
	by_rows->row = AllocSetContextCreate(
		CurrentMemoryContext, "cassandra_fdw row", ALLOCSET_DEFAULT_SIZES);
	scan->by_rows = by_rows;
	MemoryContextSwitchTo(old);
	return by_rows;
}

const CassScanPlan *
cass_by_rows_plan(CassScan *scan)
{
	return &get_by_rows(scan)->plan;
}

const cql_type **
cass_by_rows_expected(const CassScan *scan, uint32 *n)
{
	*n = scan->by_rows->nexpected;
	return scan->by_rows->expected;
}

void
cass_by_rows(CassScan *scan, CassStream *stream)
{
	int n = list_length(scan->plan->outputs);
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	CassGroup *group = palloc0(sizeof(CassGroup));

	group->parts = palloc0(sizeof(Part) * n);
	group->cells = palloc(sizeof(cql_slice) * n);
	stream->group = group;
	stream->query.by_rows = true;
	stream->query.cql = cass_bind_text(
		&scan->bind, cass_by_rows_plan(scan),
		stream->query.has_range ? CASS_TEXT_RANGE : CASS_TEXT_KEYS);
	scan->counted++;
	MemoryContextSwitchTo(old);
}

/* ---- groups ---- */

static void
set_part(CassScan *scan, Part *part, cql_slice cell)
{
	if (cell.len > part->size)
	{
		part->size = Max(cell.len, 16);
		part->data = MemoryContextAllocHuge(scan->context, part->size);
	}
	if (cell.len > 0)
		memcpy(part->data, cell.data, cell.len);
	part->len = cell.len;
}

/* Zero-length values that are NULL to SQL do not count. */
static void
add_to_part(CassScan *scan, const CassOutput *output, Part *part,
			cql_slice cell)
{
	const CassAttribute *att = &scan->shape->atts[output->att];
	cql_slice best = {part->data, part->len};
	int c;

	if (cell.len < 0 || (cell.len == 0 && cass_has_empty(att->codec)))
		return;
	c = best.len < 0 ? 0 : cass_compare_cells(att->type, cell, best);
	if (best.len < 0 || (output->kind == CASS_OUTPUT_MIN ? c < 0 : c > 0))
		set_part(scan, part, cell);
}

static void
add_row(CassScan *scan, CassGroup *group)
{
	const CassByRows *by_rows = scan->by_rows;
	ListCell *lc;

	foreach (lc, scan->plan->outputs)
	{
		const CassOutput *output = lfirst(lc);
		int i = foreach_current_index(lc);
		Part *part = &group->parts[i];

		if (!group->open)
		{
			part->count = 0;
			part->len = CQL_NULL;
		}
		if (output->kind == CASS_OUTPUT_COUNT)
			part->count +=
				output->att < 0 || by_rows->cells[by_rows->source[i]].len >= 0;
		else if (output->kind != CASS_OUTPUT_COLUMN)
			add_to_part(scan, output, part,
						by_rows->cells[by_rows->source[i]]);
		else if (!group->open)
			set_part(scan, part, by_rows->cells[by_rows->source[i]]);
	}
	group->open = true;
}

static bool
is_of_group(const CassScan *scan, const CassGroup *group)
{
	const CassByRows *by_rows = scan->by_rows;
	int i;

	for (i = 0; i < scan->plan->ngroup; i++)
	{
		cql_slice cell = by_rows->cells[by_rows->source[i]];

		if (cell.len != group->parts[i].len ||
			(cell.len > 0 &&
			 memcmp(cell.data, group->parts[i].data, cell.len) != 0))
			return false;
	}
	return true;
}

static cql_slice *
close_group(const CassScan *scan, CassGroup *group)
{
	ListCell *lc;

	foreach (lc, scan->plan->outputs)
	{
		const CassOutput *output = lfirst(lc);
		int i = foreach_current_index(lc);
		Part *part = &group->parts[i];

		part->wire = pg_hton64(part->count);
		if (output->kind == CASS_OUTPUT_COUNT)
			group->cells[i] =
				(cql_slice){(uint8 *) &part->wire, sizeof(part->wire)};
		else
			group->cells[i] = (cql_slice){part->data, part->len};
	}
	group->open = false;
	return group->cells;
}

/* Conditions that were not sent are checked here. */
static bool
passes(CassScan *scan)
{
	CassByRows *by_rows = scan->by_rows;
	ExprContext *econtext = scan->ps->ps_ExprContext;
	TupleTableSlot *slot = scan->slot;
	MemoryContext old;
	bool isnull;
	Datum result;

	if (!scan->bind.incomplete)
		return true;
	MemoryContextReset(by_rows->row);
	old = MemoryContextSwitchTo(by_rows->row);
	cass_scan_decode_outputs(scan, by_rows->plan.outputs, by_rows->cells,
							 slot);
	econtext->ecxt_scantuple = slot;
	result = ExecEvalExpr(list_nth(scan->values, scan->plan->check), econtext,
						  &isnull);
	ExecClearTuple(slot);
	MemoryContextSwitchTo(old);
	return !isnull && DatumGetBool(result);
}

cql_slice *
cass_by_rows_next(CassScan *scan)
{
	CassStream *stream = scan->reading;
	CassGroup *group = stream->group;
	cql_result *result = stream->page->result;

	if (result == NULL)
		return NULL;
	while (scan->row_pending ||
		   cass_request_row(stream->page, scan->by_rows->cells,
							stream->query.cql))
	{
		scan->rows += !scan->row_pending;
		if (!scan->row_pending && !passes(scan))
			continue;
		scan->row_pending = group->open && !is_of_group(scan, group);
		if (scan->row_pending)
			return close_group(scan, group);
		add_row(scan, group);
	}
	if (group->open && cql_result_paging_state(result).len < 0)
		return close_group(scan, group);
	return NULL;
}
