/*
 * direct_modify.c
 *	  Executor callbacks of an UPDATE or DELETE that a foreign scan does.
 *
 * The rows' keys are not looked at: they go back as they came, so rows whose
 * keys PostgreSQL's types cannot tell apart are written as well.
 */
#include "direct.h"

#include "access/xact.h"
#include "executor/instrument.h"

/* An UPDATE's statement, by what becomes of its columns. */
typedef struct DirectDml
{
	List *changes;
	CassDml *dml;
} DirectDml;

typedef struct CassDirect
{
	CassScan *scan;
	CassDirectPlan *plan;
	CmdType operation;
	bool done;
	int64 time; /* before anything was read */
	/* of rows, or of ranges that are deleted once all scans have ended */
	CassTarget target;
	/* of rows */
	CassDml *whole; /* DELETE of a row */
	CassDml *static_part;
	List *updates;				/* of DirectDml */
	int *places;				/* in a row's cells, by key column */
	int *condition_places;		/* likewise, by attribute; -1: none */
	cql_slice *condition_cells; /* by attribute */
	cql_slice *keys;
	Datum *values; /* by attribute */
	bool *isnull;
} CassDirect;

/* ---- the beginning ---- */

/* Where what IF compares stands in a row. */
static void
set_conditions(CassDirect *d)
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
begin_rows(ForeignScanState *node, CassDirect *d)
{
	const CassShape *shape;
	int nkeys;
	int i;

	cass_target_open(&d->target, node->ss.ps.state, node->resultRelInfo,
					 d->operation);
	shape = d->target.shape;
	nkeys = cass_nkeys(shape->table);
	d->keys = palloc0(sizeof(cql_slice) * nkeys);
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
	CassDirect *d = palloc0(sizeof(CassDirect));

	cassandraBeginForeignScan(node, eflags);
	d->scan = node->fdw_state;
	d->plan = cass_direct_plan_from_list(llast(plan->fdw_private));
	d->operation = plan->operation;
	node->fdw_state = d;
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	/* keys go back as they came */
	d->scan->identity = NULL;
	if (d->plan->mode != CASS_DIRECT_RANGE)
		begin_rows(node, d);
	else if (cass_must_defer(node->ss.ps.state, node->resultRelInfo,
							 d->scan->shape))
		cass_target_open(&d->target, node->ss.ps.state, node->resultRelInfo,
						 d->operation);
}

/* ---- a row ---- */

/* What is assigned, by attribute; the row's keys are known. */
static void
evaluate(CassDirect *d, ExprContext *econtext)
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

/* What becomes of the columns: NULL may mean another statement. */
static List *
changes_of_row(const CassDirect *d)
{
	List *changes = list_copy(d->plan->changes);
	ListCell *lc;

	foreach (lc, d->plan->attnums)
	{
		int att = lfirst_int(lc) - 1;
		ListCell *change = list_nth_cell(changes, foreach_current_index(lc));

		if (d->isnull[att] &&
			cass_change_is_strict(d->target.shape, att, lfirst_int(change)))
			lfirst_int(change) = CASS_CHANGE_ASSIGN;
	}
	return changes;
}

static const CassDml *
update_dml(CassDirect *d, EState *estate)
{
	List *changes = changes_of_row(d);
	MemoryContext old;
	CassDmlSpec spec;
	DirectDml *update;
	ListCell *lc;

	foreach (lc, d->updates)
	{
		update = lfirst(lc);
		if (equal(update->changes, changes))
			return update->dml;
	}
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	spec = cass_spec_update(&d->target, d->plan->attnums, changes);
	update = palloc(sizeof(DirectDml));
	update->changes = list_copy(changes);
	update->dml = cass_deparse_dml(&spec, CMD_UPDATE);
	d->updates = lappend(d->updates, update);
	MemoryContextSwitchTo(old);
	return update->dml;
}

/* A row of a partition that has no rows but static columns. */
static bool
is_static_row(const CassDirect *d)
{
	const cql_schema_table *table = d->target.shape->table;

	return table->nclustering > 0 && d->keys[table->npartition].len < 0;
}

static const CassDml *
row_dml(CassDirect *d, EState *estate)
{
	if (d->operation == CMD_UPDATE)
		return update_dml(d, estate);
	return is_static_row(d) && d->static_part != NULL ? d->static_part
													  : d->whole;
}

static void
set_new_row(const CassDirect *d, CassNewRow *in)
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
check_row(ForeignScanState *node, CassDirect *d, const cql_slice *cells)
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
write_row(ForeignScanState *node, CassDirect *d, const cql_slice *cells)
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
	dml = row_dml(d, node->ss.ps.state);
	if (dml->conditional)
		return cass_window_execute(d->target.window, &d->target, dml, &in);
	cass_window_add(d->target.window, &d->target, dml, &in);
	return true;
}

static uint64
write_rows(ForeignScanState *node, CassDirect *d)
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
set_request(CassDirect *d, const CassQuery *query)
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
write_keys(ForeignScanState *node, CassDirect *d)
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
								 row_dml(d, estate), &in);
	}
	if (n == 0)
		cass_scan_confirm(scan);
	return n;
}

/* ---- ranges ---- */

static uint64
count_rows(ForeignScanState *node, CassDirect *d)
{
	uint64 n = 0;

	while (cass_scan_cells(d->scan) != NULL)
		n++;
	return n;
}

static void
delete_counted(void *arg)
{
	CassDirect *d = arg;

	cass_delete_ranges(d->scan, d->time);
}

static uint64
delete_ranges(ForeignScanState *node, CassDirect *d)
{
	uint64 rows = count_rows(node, d);

	if (rows == 0)
		return 0;
	cass_xact_note(GetCurrentTransactionNestLevel(),
				   RelationGetRelationName(node->ss.ss_currentRelation), rows);
	if (d->target.window != NULL)
		cass_spool_at_end(d->target.window, delete_counted, d);
	else
		delete_counted(d);
	return rows;
}

/* ---- the whole ---- */

static uint64
modify(ForeignScanState *node, CassDirect *d)
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
	CassDirect *d = node->fdw_state;
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
	CassDirect *d = node->fdw_state;

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
	CassDirect *d = node->fdw_state;

	ExplainPropertyText("CQL", cass_from_cql(d->plan->cql), es);
	if (d->plan->mode != CASS_DIRECT_CONDITIONAL)
		cass_explain_scan(d->scan,
						  d->plan->mode == CASS_DIRECT_RANGE ? "Counted By"
															 : "Found By",
						  es);
	if (es->analyze && d->plan->mode != CASS_DIRECT_RANGE)
		cass_explain_writes(d->target.window, es);
}
