/*
 * join_exec.c
 *	  The key join as a node of the executor: pairs of rows in outer order.
 */
#include "join_state.h"
#include "write.h"

#include "executor/executor.h"
#include "miscadmin.h"

/* ---- pairs ---- */

/* The head's columns, and those of its match or NULLs, as a row of the join.
 */
static void
store_pair(CassKeyJoinState *js, bool match)
{
	TupleTableSlot *slot = js->css.ss.ss_ScanTupleSlot;

	ExecClearTuple(slot);
	memcpy(slot->tts_values, js->outer_row->tts_values,
		   sizeof(Datum) * js->nouter);
	memcpy(slot->tts_isnull, js->outer_row->tts_isnull,
		   sizeof(bool) * js->nouter);
	if (match)
	{
		memcpy(&slot->tts_values[js->nouter], js->match->tts_values,
			   sizeof(Datum) * js->ninner);
		memcpy(&slot->tts_isnull[js->nouter], js->match->tts_isnull,
			   sizeof(bool) * js->ninner);
	}
	else
		memset(&slot->tts_isnull[js->nouter], true, sizeof(bool) * js->ninner);
	ExecStoreVirtualTuple(slot);
	js->css.ss.ps.ps_ExprContext->ecxt_scantuple = slot;
}

/*
 * Waits for more rows of the look-up at hand.  Where memory is short those
 * that were read make room first.
 */
static void
await_rows(CassKeyJoinState *js)
{
	CassLookup *lookup = js->current;
	CassScan *scan = js->scan;

	if (lookup->trimmed || !cass_lookups_make_room(js, 0))
	{
		cass_lookup_trim(js, lookup);
		js->row = 0;
	}
	/* what was joined already cannot be begun anew */
	scan->emitted = js->lookup > 1 || js->row > 0 || lookup->trimmed;
	cass_lookups_await(js, lookup);
	if (!scan->restart)
		return;
	scan->restart = false;
	cass_outer_restart(js);
	js->lookup = js->row = 0;
	js->current = NULL;
}

/* The next row of the foreign table that the head asked for. */
static bool
next_inner(CassKeyJoinState *js)
{
	for (;;)
	{
		CassLookup *lookup = js->current;

		CHECK_FOR_INTERRUPTS();
		if (lookup == NULL)
		{
			if (js->lookup >= list_length(js->head->lookups))
				return false;
			js->current = list_nth(js->head->lookups, js->lookup++);
			js->row = 0;
		}
		else if (js->row < lookup->nrows)
		{
			ExecForceStoreMinimalTuple(lookup->rows[js->row++], js->match,
									   false);
			slot_getallattrs(js->match);
			return true;
		}
		else if (lookup->state == CASS_LOOKUP_DONE)
			js->current = NULL;
		else
			await_rows(js);
	}
}

/* ---- rows of the join ---- */

static bool
next_head(CassKeyJoinState *js)
{
	if (js->head != NULL)
		cass_outer_free(js, js->head);
	js->head = cass_outer_next(js);
	if (js->head == NULL)
		return false;
	ExecForceStoreMinimalTuple(js->head->tuple, js->outer_row, false);
	slot_getallattrs(js->outer_row);
	js->lookup = js->row = 0;
	js->current = NULL;
	js->matched = js->last = false;
	return true;
}

/* The head's next row of the join into the scan's slot; false: none is left.
 */
static bool
next_pair(CassKeyJoinState *js)
{
	ExprContext *econtext = js->css.ss.ps.ps_ExprContext;

	while (!js->last && next_inner(js))
	{
		ResetExprContext(econtext);
		store_pair(js, true);
		if (!ExecQual(js->joinquals, econtext))
		{
			js->removed[1]++;
			continue;
		}
		js->matched = true;
		js->last = js->single;
		return js->jointype != JOIN_ANTI;
	}
	if (js->last || js->matched ||
		(js->jointype != JOIN_LEFT && js->jointype != JOIN_ANTI))
		return false;
	js->last = true;
	store_pair(js, false);
	return true;
}

static void
begin(CassKeyJoinState *js)
{
	CassScan *scan = js->scan;
	MemoryContext old;

	cass_scan_prepare(scan);
	old = MemoryContextSwitchTo(scan->context);
	scan->progress = cql_now();
	cass_page_size_init(scan);
	/* any row will do */
	if (js->single && js->inner_quals == NULL && js->joinquals == NULL)
	{
		scan->pager.size = 1;
		scan->pager.constant = true;
	}
	js->streams = palloc0(sizeof(CassStream) * CASS_JOIN_STREAMS);
	MemoryContextSwitchTo(old);
	cass_lookups_reset(js);
	js->started = true;
}

static TupleTableSlot *
exec_key_join(CustomScanState *node)
{
	CassKeyJoinState *js = (CassKeyJoinState *) node;
	PlanState *ps = &node->ss.ps;
	ExprContext *econtext = ps->ps_ExprContext;

	if (!js->started)
		begin(js);
	ResetExprContext(econtext);
	for (;;)
	{
		if (js->head == NULL || !next_pair(js))
		{
			if (!next_head(js))
				break;
		}
		else if (ExecQual(ps->qual, econtext))
			return ps->ps_ProjInfo != NULL ? ExecProject(ps->ps_ProjInfo)
										   : node->ss.ss_ScanTupleSlot;
		else
			InstrCountFiltered1(node, 1);
	}
	cass_scan_confirm(js->scan);
	return ExecClearTuple(ps->ps_ResultTupleSlot);
}

/* ---- begin and end ---- */

/* Rows of a table that is written have their keys noted. */
static void
note_identity(CassKeyJoinState *js)
{
	EState *estate = js->css.ss.ps.state;
	CassScan *scan = js->scan;
	ListCell *lc;

	foreach (lc, estate->es_plannedstmt->resultRelations)
	{
		if (exec_rt_fetch(lfirst_int(lc), estate)->relid == scan->plan->relid)
			scan->identity =
				cass_identity_create(estate, scan->shape, scan->plan->outputs);
	}
}

static void
open_lookups(CassKeyJoinState *js, List *numbers)
{
	CustomScan *plan = (CustomScan *) js->css.ss.ps.plan;
	EState *estate = js->css.ss.ps.state;
	TupleDesc desc = js->css.ss.ss_ScanTupleSlot->tts_tupleDescriptor;
	Oid userid = (Oid) list_nth_int(numbers, 3);

	js->scan = cass_scan_open(
		&js->css.ss.ps, list_nth(plan->custom_private, CASS_KEY_JOIN_SCAN),
		list_nth(plan->custom_exprs, CASS_KEY_JOIN_VALUES), NULL,
		OidIsValid(userid) ? userid : GetUserId());
	note_identity(js);
	js->econtext = CreateExprContext(estate);
	js->work = ExecInitExtraTupleSlot(estate, desc, &TTSOpsVirtual);
	js->outer_row = ExecInitExtraTupleSlot(
		estate, ExecGetResultType(js->outer), &TTSOpsMinimalTuple);
	cass_inner_init(js, list_copy_tail(plan->custom_scan_tlist, js->nouter),
					list_nth(plan->custom_exprs, CASS_KEY_JOIN_INNER));
	js->outer_quals = ExecInitQual(
		list_nth(plan->custom_exprs, CASS_KEY_JOIN_OUTER), &js->css.ss.ps);
	js->joinquals = ExecInitQual(
		list_nth(plan->custom_exprs, CASS_KEY_JOIN_QUALS), &js->css.ss.ps);
	cass_lookups_init(js);
	cass_outer_init(js);
	cass_outer_reset(js);
}

/* Not to run them: EXPLAIN shows the sub-selects in a node's expressions. */
static void
show_lookups(CassKeyJoinState *js)
{
	CustomScan *plan = (CustomScan *) js->css.ss.ps.plan;
	ListCell *lc;

	js->scan =
		cass_scan_show(list_nth(plan->custom_private, CASS_KEY_JOIN_SCAN));
	foreach (lc, plan->custom_exprs)
		(void) ExecInitExprList(lfirst(lc), &js->css.ss.ps);
}

static void
begin_key_join(CustomScanState *node, EState *estate, int eflags)
{
	CassKeyJoinState *js = (CassKeyJoinState *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	List *numbers = list_nth(plan->custom_private, CASS_KEY_JOIN_NUMBERS);

	js->jointype = (JoinType) linitial_int(numbers);
	js->single = lsecond_int(numbers) != 0;
	js->nouter = lthird_int(numbers);
	js->first = list_nth_int(numbers, 4) ? CASS_LOOKUP_WINDOW : 1;
	js->outer = ExecInitNode(linitial(plan->custom_plans), estate, eflags);
	node->custom_ps = list_make1(js->outer);
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		show_lookups(js);
	else
		open_lookups(js, numbers);
}

static void
rescan_key_join(CustomScanState *node)
{
	CassKeyJoinState *js = (CassKeyJoinState *) node;

	if (js->started)
	{
		cass_lookups_reset(js);
		cass_outer_reset(js);
		cass_scan_stop(js->scan);
		js->streams = NULL;
		js->head = NULL;
		js->current = NULL;
		js->started = false;
	}
	if (node->ss.ps.chgParam != NULL)
		UpdateChangedParamSet(js->outer, node->ss.ps.chgParam);
	if (js->outer->chgParam == NULL)
		ExecReScan(js->outer);
}

static void
end_key_join(CustomScanState *node)
{
	CassKeyJoinState *js = (CassKeyJoinState *) node;

	cass_scan_close(js->scan);
	ExecEndNode(js->outer);
}

static const CustomExecMethods exec_methods = {
	.CustomName = CASS_KEY_JOIN_NAME,
	.BeginCustomScan = begin_key_join,
	.ExecCustomScan = exec_key_join,
	.EndCustomScan = end_key_join,
	.ReScanCustomScan = rescan_key_join,
	.ExplainCustomScan = cass_explain_key_join};

static Node *
create_state(CustomScan *plan)
{
	CassKeyJoinState *js = (CassKeyJoinState *) newNode(
		sizeof(CassKeyJoinState), T_CustomScanState);

	js->css.methods = &exec_methods;
	return (Node *) js;
}

const CustomScanMethods cass_key_join_methods = {
	.CustomName = CASS_KEY_JOIN_NAME, .CreateCustomScanState = create_state};
