/*
 * outputs.c
 *	  What a scan gives: the types it must have, and a row's values.
 */
#include "scan.h"
#include "visible.h"
#include "write.h"

#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

int
cass_output_of(const CassScan *scan, int att)
{
	ListCell *lc;

	foreach (lc, scan->plan->outputs)
	{
		CassOutput *output = lfirst(lc);

		if (output->kind == CASS_OUTPUT_COLUMN && output->att == att)
			return foreach_current_index(lc);
	}
	elog(ERROR, "attribute %d of the order is not read", att + 1);
}

static const cql_type bigint = {.id = CQL_TYPE_BIGINT};

/* The type that the server must give for an output. */
static const cql_type *
output_type(const CassScan *scan, const CassOutput *output)
{
	if (output->kind == CASS_OUTPUT_COUNT)
		return &bigint;
	return scan->shape->atts[output->att].type;
}

/* Columns behind the outputs stand for the row, see deparse.c. */
const cql_type **
cass_scan_expected(const CassScan *scan, const CassScanPlan *plan, uint32 *n)
{
	/* one more than is counted: a token may come behind all of them */
	const cql_type **expected =
		palloc0(sizeof(cql_type *) * (list_length(plan->outputs) + 2));
	ListCell *lc;

	*n = 0;
	foreach (lc, plan->outputs)
		expected[(*n)++] = output_type(scan, lfirst(lc));
	if (cass_has_extra_column(scan->shape, plan))
	{
		const cql_schema_table *table = scan->shape->table;
		int extra = plan->clustering ? table->npartition : 0;

		expected[(*n)++] = table->columns[extra].type;
	}
	expected[*n] = &bigint;
	return expected;
}

/* The text that a count came by. */
static const char *
count_text(const CassScan *scan)
{
	return scan->reading != NULL ? scan->reading->query.cql : scan->plan->cql;
}

int64
cass_output_count(const CassScan *scan, cql_slice cell)
{
	uint64 wire;

	if (cell.len != 8)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("Cassandra gave a count of %d bytes", cell.len),
						errcontext("CQL statement: %s",
								   cass_from_cql(count_text(scan)))));
	memcpy(&wire, cell.data, sizeof(wire));
	wire = pg_ntoh64(wire);
	if (wire > PG_INT64_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("Cassandra gave a negative count"),
						errcontext("CQL statement: %s",
								   cass_from_cql(count_text(scan)))));
	return (int64) wire;
}

/* The row's key, as far as the scan has it. */
static void
add_key_context(const CassScan *scan)
{
	const cql_schema_table *table = scan->shape->table;
	CassShownKey shown;
	char *key;
	ListCell *lc;

	cass_shown_init(&shown, scan->shape->relid);
	foreach (lc, scan->decoding_outputs)
	{
		const CassOutput *output = lfirst(lc);
		const CassAttribute *att;
		char *text;

		if (output->kind != CASS_OUTPUT_COLUMN || output == scan->decoding)
			continue;
		att = &scan->shape->atts[output->att];
		if (att->column < 0 ||
			att->column >= (int) (table->npartition + table->nclustering))
			continue;
		text = cass_cell_text(att->type,
							  scan->decoding_cells[foreach_current_index(lc)]);
		if (text != NULL)
			cass_shown_add(&shown, output->att + 1, att->column_name, text);
	}
	key = cass_shown_text(&shown, "row ");
	if (key[0] != '\0')
		errcontext("%s", key);
}

/* Names the column whose value could not be converted, and its row. */
static void
decode_context(void *arg)
{
	CassScan *scan = arg;

	if (scan->decoding == NULL || scan->decoding->att < 0)
		return;
	cass_attribute_context(scan->shape, scan->decoding->att + 1);
	if (scan->decoding->kind == CASS_OUTPUT_COLUMN)
		add_key_context(scan);
}

static void
decode_row(CassScan *scan, List *outputs, const cql_slice *cells,
		   TupleTableSlot *slot)
{
	ErrorContextCallback callback;
	ListCell *lc;

	callback.callback = decode_context;
	callback.arg = scan;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	scan->decoding_cells = cells;
	scan->decoding_outputs = outputs;
	memset(slot->tts_isnull, true,
		   sizeof(bool) * slot->tts_tupleDescriptor->natts);
	foreach (lc, outputs)
	{
		const CassOutput *output = lfirst(lc);
		cql_slice cell = cells[foreach_current_index(lc)];
		bool *isnull = &slot->tts_isnull[output->slot];

		if (output->slot < 0)
			continue;
		scan->decoding = output;
		*isnull = false;
		slot->tts_values[output->slot] =
			output->kind == CASS_OUTPUT_COUNT
				? Int64GetDatum(cass_output_count(scan, cell))
				: cass_decode(scan->shape->atts[output->att].codec, cell,
							  isnull);
	}
	scan->decoding = NULL;
	error_context_stack = callback.previous;
}

/* Whether the error that was thrown is about the value being decoded. */
static bool
is_about_value(const CassScan *scan)
{
	int category = ERRCODE_TO_CATEGORY(geterrcode());

	return scan->decoding != NULL && scan->decoding->att >= 0 &&
		   (category == ERRCODE_DATA_EXCEPTION ||
			category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION ||
			category == ERRCODE_TO_CATEGORY(ERRCODE_DATA_CORRUPTED));
}

/*
 * The same for somebody who may not see all columns: what input functions and
 * constraints say of a value may be the value itself.
 */
static void
decode_discreetly(CassScan *scan, List *outputs, const cql_slice *cells,
				  TupleTableSlot *slot)
{
	MemoryContext old = CurrentMemoryContext;
	int att;
	int code;

	PG_TRY();
	{
		decode_row(scan, outputs, cells, slot);
	}
	PG_CATCH();
	{
		if (!is_about_value(scan) ||
			cass_may_show(scan->shape->relid, scan->decoding->att + 1))
			PG_RE_THROW();
		att = scan->decoding->att;
		code = geterrcode();
		MemoryContextSwitchTo(old);
		FlushErrorState();
		ereport(ERROR,
				(errcode(code),
				 errmsg("a value of column \"%s\" of foreign table \"%s\" "
						"cannot be converted to type %s",
						get_attname(scan->shape->relid, att + 1, false),
						get_rel_name(scan->shape->relid),
						format_type_be(
							cass_codec_typid(scan->shape->atts[att].codec))),
				 errdetail("The value is not shown: the current user has no "
						   "right to select it."),
				 errhint("The column option \"on_unconvertible\" can turn "
						 "such values into NULL or the nearest value.")));
	}
	PG_END_TRY();
}

void
cass_scan_decode_outputs(CassScan *scan, List *outputs, const cql_slice *cells,
						 TupleTableSlot *slot)
{
	if (scan->discreet)
		decode_discreetly(scan, outputs, cells, slot);
	else
		decode_row(scan, outputs, cells, slot);
	ExecStoreVirtualTuple(slot);
}

void
cass_scan_decode(CassScan *scan, const cql_slice *cells, TupleTableSlot *slot)
{
	cass_scan_decode_outputs(scan, scan->plan->outputs, cells, slot);
	if (scan->identity != NULL)
		cass_identity_row(scan->identity, slot, cells);
}
