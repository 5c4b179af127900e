/*
 * direct_modify.c
 *	  Executor callbacks of an UPDATE or DELETE that a foreign scan does.
 *
 * The rows' keys are not looked at: they go back as they came, so rows whose
 * keys PostgreSQL's types cannot tell apart are written as well.
 */
#include "direct_modify.h"

#include "access/xact.h"
#include "executor/instrument.h"

typedef struct CassDirectModify
{
	CassScan *scan;
	CassDirectModifyPlan *plan;
	CmdType operation;
	bool done;
	int64 time; /* before anything was read */
	CassTarget target;
	/* of rows */
	CassDml *whole; /* DELETE of a row */
	CassDml *static_part;
	List *updates;				/* of CassUpdateDml */
	int *places;				/* in a row's cells, by key column */
	int *condition_places;		/* likewise, by attribute; -1: none */
	cql_slice *condition_cells; /* by attribute */
	cql_slice *keys;
	Datum *values; /* by attribute */
	bool *isnull;
} CassDirectModify;

/* ---- the beginning ---- */

/* Where what IF compares stands in a row. */
static void
set_conditions(CassDirectModify *d)
{
	int natts = d->target.shape->natts;
	int i;

	d->target.equals = d->plan->equals;
	d->target.nullables = d->plan->nullables;
	d->condition_cells = palloc0(sizeof(cql_slice) * natts);
	d->condition_places = palloc(sizeof(int) * natts);
	for (i = 0; i < natts; i++)
		d->condition_places[i] =
			list_member_int(d->target.equals, i) ||
					list_member_int(d->target.nullables, i)
				? cass_output_of(d->scan, i)
				: -1;
	if (d->target.options->conditional_writes &&
		!d->target.shape->table->counter)
		cass_check_conditional(&d->target);
}

static void
begin_rows(CassDirectModify *d)
{
	const CassShape *shape = d->target.shape;
	int nkeys = cass_nkeys(shape->table);
	int i;

	d->places = palloc0(sizeof(int) * nkeys);
	for (i = 0; i < nkeys; i++)
		d->places[i] = cass_output_of(d->scan, d->target.key_atts[i]);
	d->values = palloc0(sizeof(Datum) * shape->natts);
	d->isnull = palloc(sizeof(bool) * shape->natts);
	memset(d->isnull, true, sizeof(bool) * shape->natts);
	set_conditions(d);
	if (d->operation == CMD_UPDATE)
		return;
	d->whole = cass_delete_dml(&d->target, false);
	if (cass_has_static(shape->table))
		d->static_part = cass_delete_dml(&d->target, true);
}

void
cassandraBeginDirectModify(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	CassDirectModify *d = palloc0(sizeof(CassDirectModify));
	int nkeys;
	int i;

	cassandraBeginForeignScan(node, eflags);
	d->scan = node->fdw_state;
	d->plan = cass_direct_modify_plan_from_list(llast(plan->fdw_private));
	d->operation = plan->operation;
	node->fdw_state = d;
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	/* keys go back as they came */
	d->scan->identity = NULL;
	cass_target_open(&d->target, node->ss.ps.state, node->resultRelInfo,
					 d->operation);
	nkeys = cass_nkeys(d->target.shape->table);
	d->keys = palloc(sizeof(cql_slice) * nkeys);
	for (i = 0; i < nkeys; i++)
		d->keys[i].len = CQL_NULL;
	if (d->plan->mode != CASS_DIRECT_RANGE)
		begin_rows(d);
}

/* ---- a row ---- */

/* What is assigned, by attribute; the row's keys are known. */
static void
evaluate(CassDirectModify *d, ExprContext *econtext)
{
	const CassShape *shape = d->target.shape;
	ListCell *lc;

	foreach (lc, d->plan->attnums)
	{
		int att = lfirst_int(lc) - 1;
		ExprState *state = list_nth(
			d->scan->values, d->plan->first + foreach_current_index(lc));
		int column = shape->atts[att].column;

		d->values[att] =
			ExecEvalExprSwitchContext(state, econtext, &d->isnull[att]);
		if (column >= 0 && column < cass_nkeys(shape->table))
			cass_check_key_kept(shape, att + 1, d->values[att], d->isnull[att],
								d->keys[column]);
	}
}

/* Attributes whose operand of NULL makes them NULL: another statement. */
static Bitmapset *
made_null(const CassDirectModify *d)
{
	Bitmapset *nulls = NULL;
	ListCell *la, *lc;

	forboth (la, d->plan->attnums, lc, d->plan->changes)
	{
		int att = lfirst_int(la) - 1;

		if (d->isnull[att] &&
			cass_change_is_strict(d->target.shape, att, lfirst_int(lc)))
			nulls = bms_add_member(nulls, att + 1);
	}
	return nulls;
}

static const CassDml *
update_dml(CassDirectModify *d, EState *estate)
{
	bool found;
	Bitmapset *nulls = made_null(d);
	CassUpdateDml *update =
		cass_update_dml_enter(&d->updates, estate, nulls, false, &found);
	MemoryContext old;
	CassDmlSpec spec;
	List *changes;
	ListCell *lc;

	if (found)
		return update->dml;
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	changes = list_copy(d->plan->changes);
	foreach (lc, changes)
	{
		if (bms_is_member(
				list_nth_int(d->plan->attnums, foreach_current_index(lc)),
				nulls))
			lfirst_int(lc) = CASS_CHANGE_ASSIGN;
	}
	spec = cass_spec_update(&d->target, d->plan->attnums, changes);
	update->dml = cass_deparse_dml(&spec, CMD_UPDATE);
	MemoryContextSwitchTo(old);
	return update->dml;
}

static const CassDml *
row_dml(CassDirectModify *d, EState *estate, const CassNewRow *in)
{
	if (d->operation == CMD_UPDATE)
		return update_dml(d, estate);
	return d->static_part != NULL && cass_is_static_row(&d->target, in)
			   ? d->static_part
			   : d->whole;
}

static void
set_new_row(const CassDirectModify *d, CassNewRow *in)
{
	memset(in, 0, sizeof(*in));
	in->values = d->values;
	in->isnull = d->isnull;
	in->keys = d->keys;
	in->condition_cells = d->condition_cells;
	in->all_named = true;
}

/* ---- rows that are found by reading ---- */

/* Whether PostgreSQL's part of the conditions holds. */
static bool
check_row(ForeignScanState *node, CassDirectModify *d, const cql_slice *cells)
{
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;
	ExprContext *econtext = node->ss.ps.ps_ExprContext;

	ExecClearTuple(slot);
	cass_scan_decode(d->scan, cells, slot);
	slot->tts_tableOid = RelationGetRelid(node->ss.ss_currentRelation);
	econtext->ecxt_scantuple = slot;
	if (ExecQual(node->ss.ps.qual, econtext))
		return true;
	InstrCountFiltered1(node, 1);
	return false;
}

/* Writes the row of the cells if it is one of those meant. */
static bool
write_row(ForeignScanState *node, CassDirectModify *d, const cql_slice *cells)
{
	const CassDml *dml;
	CassNewRow in;
	int i;

	ResetExprContext(node->ss.ps.ps_ExprContext);
	if (d->plan->decode && !check_row(node, d, cells))
		return false;
	for (i = 0; i < cass_nkeys(d->target.shape->table); i++)
		d->keys[i] = cells[d->places[i]];
	for (i = 0; i < d->target.shape->natts; i++)
	{
		if (d->condition_places[i] >= 0)
			d->condition_cells[i] = cells[d->condition_places[i]];
	}
	evaluate(d, node->ss.ps.ps_ExprContext);
	set_new_row(d, &in);
	dml = row_dml(d, node->ss.ps.state, &in);
	if (dml->conditional)
		return cass_window_execute(d->target.window, &d->target, dml, &in);
	cass_window_add(d->target.window, &d->target, dml, &in);
	return true;
}

static uint64
write_rows(ForeignScanState *node, CassDirectModify *d)
{
	uint64 n = 0;
	cql_slice *cells;

	while ((cells = cass_scan_cells(d->scan)) != NULL)
		n += write_row(node, d, cells);
	cass_window_send(d->target.window);
	return n;
}

/* ---- rows that are found by IF ---- */

/* The request's values are the key, and what IF compares. */
static void
set_request(CassDirectModify *d, const CassQuery *query)
{
	const CassShape *shape = d->target.shape;
	const CassScanPlan *plan = d->scan->plan;
	int i;

	for (i = 0; i < plan->nrestrictions; i++)
	{
		int column = plan->restrictions[i].columns[0];

		if (column < cass_nkeys(shape->table))
			d->keys[column] = query->values[i];
		else
			d->condition_cells[cass_att_of_column(shape, column)] =
				query->values[i];
	}
}

static uint64
write_keys(ForeignScanState *node, CassDirectModify *d)
{
	EState *estate = node->ss.ps.state;
	CassScan *scan = d->scan;
	CassNewRow in;
	CassQuery query;
	MemoryContext old;
	uint64 n = 0;
	bool any;

	memset(&query, 0, sizeof(query));
	cass_flush_writes(estate);
	old = MemoryContextSwitchTo(scan->context);
	any = cass_bind(&scan->bind, node->ss.ps.ps_ExprContext);
	MemoryContextSwitchTo(old);
	while (any && cass_bind_next(&scan->bind, &query))
	{
		set_request(d, &query);
		ResetExprContext(node->ss.ps.ps_ExprContext);
		evaluate(d, node->ss.ps.ps_ExprContext);
		set_new_row(d, &in);
		n += cass_window_execute(d->target.window, &d->target,
								 row_dml(d, estate, &in), &in);
	}
	if (n == 0)
		cass_scan_confirm(scan);
	return n;
}

/* ---- ranges ---- */

static uint64
count_rows(CassDirectModify *d)
{
	uint64 n = 0;

	while (cass_scan_cells(d->scan) != NULL)
		n++;
	return n;
}

/* The statement of each; the values are those of the scan's requests. */
static CassDml *
range_dml(const CassDirectModify *d, const CassQuery *query)
{
	CassDml *dml = palloc0(sizeof(CassDml));
	int i;

	dml->cql = cass_bind_delete_text(&d->scan->bind);
	dml->belief = d->scan->belief;
	dml->range = true;
	dml->nmarkers = query->nvalues + 1;
	dml->markers = palloc(sizeof(CassMarker) * dml->nmarkers);
	dml->bound = palloc0(sizeof(cql_type *) * dml->nmarkers);
	dml->markers[0].kind = CASS_MARKER_TIMESTAMP;
	dml->markers[0].att = -1;
	for (i = 0; i < query->nvalues; i++)
	{
		bool key = i < query->nkeys;

		dml->markers[i + 1].kind = key ? CASS_MARKER_KEY : CASS_MARKER_BOUND;
		dml->markers[i + 1].att = key ? d->target.key_atts[i] : -1;
		dml->bound[i + 1] = query->types[i];
	}
	return dml;
}

/*
 * A tombstone for each partition, or range of its rows, that the scan has
 * read.  It has the time before that: rows written meanwhile, which nobody has
 * seen, stay.
 */
static void
write_ranges(CassDirectModify *d, EState *estate)
{
	CassDml *dml = NULL;
	CassQuery query = {0};
	CassNewRow in;

	set_new_row(d, &in);
	cass_bind_rewind(&d->scan->bind);
	while (cass_bind_next(&d->scan->bind, &query))
	{
		if (dml == NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);

			dml = range_dml(d, &query);
			MemoryContextSwitchTo(old);
		}
		memcpy(d->keys, query.values, sizeof(cql_slice) * query.nkeys);
		in.bounds = query.values + query.nkeys;
		cass_window_add(d->target.window, &d->target, dml, &in);
	}
	cass_window_send(d->target.window);
}

static uint64
delete_ranges(ForeignScanState *node, CassDirectModify *d)
{
	uint64 rows = count_rows(d);

	if (rows == 0)
		return 0;
	cass_xact_note(GetCurrentTransactionNestLevel(), d->target.relname, rows);
	write_ranges(d, node->ss.ps.state);
	return rows;
}

/* ---- the whole ---- */

static uint64
modify(ForeignScanState *node, CassDirectModify *d)
{
	d->time = cass_next_timestamp();
	if (d->operation == CMD_DELETE)
		d->target.time = d->time;
	switch (d->plan->mode)
	{
		case CASS_DIRECT_RANGE:
			return delete_ranges(node, d);
		case CASS_DIRECT_ROWS:
			return write_rows(node, d);
		case CASS_DIRECT_CONDITIONAL:
			return write_keys(node, d);
	}
	return 0;
}

TupleTableSlot *
cassandraIterateDirectModify(ForeignScanState *node)
{
	CassDirectModify *d = node->fdw_state;
	uint64 rows;

	if (!d->done)
	{
		d->done = true;
		rows = modify(node, d);
		if (d->plan->count)
			node->ss.ps.state->es_processed += rows;
		if (node->ss.ps.instrument != NULL)
			node->ss.ps.instrument->tuplecount += rows;
	}
	return ExecClearTuple(node->ss.ss_ScanTupleSlot);
}

void
cassandraEndDirectModify(ForeignScanState *node)
{
	CassDirectModify *d = node->fdw_state;

	if (d == NULL)
		return;
	if (d->target.window != NULL)
		cass_window_close(d->target.window);
	node->fdw_state = d->scan;
	cassandraEndForeignScan(node);
}

void
cassandraExplainDirectModify(ForeignScanState *node, ExplainState *es)
{
	CassDirectModify *d = node->fdw_state;

	ExplainPropertyText("CQL", cass_from_cql(d->plan->cql), es);
	if (d->plan->mode != CASS_DIRECT_CONDITIONAL)
		cass_explain_scan(d->scan,
						  d->plan->mode == CASS_DIRECT_RANGE ? "Counted By"
															 : "Found By",
						  es);
	if (es->analyze && d->plan->mode != CASS_DIRECT_RANGE)
		cass_explain_writes(d->target.window, es);
}
