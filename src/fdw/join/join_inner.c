/*
 * join_inner.c
 *	  Rows of the foreign table of a key join: from cells to what is kept.
 */
#include "join_state.h"

#include "access/table.h"
#include "nodes/makefuncs.h"
#include "utils/rel.h"

static TupleDesc
describe(Oid relid)
{
	Relation relation = table_open(relid, NoLock);
	TupleDesc desc = CreateTupleDescCopyConstr(RelationGetDescr(relation));

	table_close(relation, NoLock);
	return desc;
}

/* The columns as those of a row of its own. */
static List *
renumber(List *tlist)
{
	List *list = NIL;
	ListCell *lc;

	foreach (lc, tlist)
		list =
			lappend(list, makeTargetEntry(lfirst_node(TargetEntry, lc)->expr,
										  list_length(list) + 1, NULL, false));
	return list;
}

void
cass_inner_init(CassKeyJoinState *js, List *tlist, List *quals)
{
	PlanState *ps = &js->css.ss.ps;
	EState *estate = ps->state;
	TupleDesc desc = describe(js->scan->plan->relid);
	List *columns = renumber(tlist);
	TupleDesc kept = ExecTypeFromTL(columns);

	js->ninner = list_length(columns);
	js->inner = ExecInitExtraTupleSlot(estate, desc, &TTSOpsVirtual);
	js->projected = ExecInitExtraTupleSlot(estate, kept, &TTSOpsVirtual);
	js->match = ExecInitExtraTupleSlot(estate, kept, &TTSOpsMinimalTuple);
	js->projection = ExecBuildProjectionInfo(columns, js->econtext,
											 js->projected, ps, desc);
	js->inner_quals = ExecInitQual(quals, ps);
}

/* Whether the row answers the conditions that look at it alone. */
static bool
is_wanted(CassKeyJoinState *js)
{
	TupleTableSlot *work = js->work;

	if (js->inner_quals == NULL)
		return true;
	ExecClearTuple(work);
	memset(work->tts_isnull, true, sizeof(bool) * js->nouter);
	memcpy(&work->tts_values[js->nouter], js->projected->tts_values,
		   sizeof(Datum) * js->ninner);
	memcpy(&work->tts_isnull[js->nouter], js->projected->tts_isnull,
		   sizeof(bool) * js->ninner);
	ExecStoreVirtualTuple(work);
	js->econtext->ecxt_scantuple = work;
	return ExecQual(js->inner_quals, js->econtext);
}

MinimalTuple
cass_inner_row(CassKeyJoinState *js, const cql_slice *cells)
{
	ExprContext *econtext = js->econtext;
	MinimalTuple tuple = NULL;
	MemoryContext old = MemoryContextSwitchTo(econtext->ecxt_per_tuple_memory);

	ExecClearTuple(js->inner);
	cass_scan_decode(js->scan, cells, js->inner);
	js->inner->tts_tableOid = js->scan->plan->relid;
	econtext->ecxt_scantuple = js->inner;
	(void) ExecProject(js->projection);
	if (is_wanted(js))
	{
		MemoryContextSwitchTo(old);
		tuple = ExecCopySlotMinimalTuple(js->projected);
	}
	else
		js->removed[0]++;
	MemoryContextSwitchTo(old);
	ResetExprContext(econtext);
	return tuple;
}
