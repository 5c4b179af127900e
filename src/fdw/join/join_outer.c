/*
 * join_outer.c
 *	  Rows of the outer plan of a key join, taken ahead, and what they ask for.
 *
 * One row to begin with, then 8, 64, 512, each when those before are joined:
 * who wants few rows has few keys looked up.  Where all are wanted it begins
 * with 64.  Then, and of 512 in any case, further ones are taken when a
 *quarter is gone, so that requests never run out.
 */
#include "join_state.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define AHEAD_GROWTH 8
#define AHEAD_MOST 512

/* ---- the text ---- */

static bool
is_text_of(const CassKeyJoinState *js, const CassBindings *bs)
{
	int i;

	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		const CassMarkers *a = &js->markers[i];
		const CassMarkers *b = &bs->each[i].markers;

		if (js->left_out[i] != bs->each[i].left_out || a->shape != b->shape ||
			a->ncolumns != b->ncolumns || a->lower != b->lower ||
			a->upper != b->upper)
			return false;
	}
	return js->cql != NULL;
}

/* Operators vary with the values; there are few texts. */
static const char *
find_text(CassKeyJoinState *js, const char *cql)
{
	MemoryContext old;
	ListCell *lc;

	foreach (lc, js->texts)
	{
		if (strcmp(lfirst(lc), cql) == 0)
			return lfirst(lc);
	}
	old = MemoryContextSwitchTo(js->css.ss.ps.state->es_query_cxt);
	js->texts = lappend(js->texts, pstrdup(cql));
	MemoryContextSwitchTo(old);
	return llast(js->texts);
}

static const char *
text_of(CassKeyJoinState *js, const CassBindings *bs)
{
	int i;

	if (is_text_of(js, bs))
		return js->cql;
	for (i = 0; i < bs->plan->nrestrictions; i++)
	{
		js->markers[i] = bs->each[i].markers;
		js->left_out[i] = bs->each[i].left_out;
	}
	js->cql = find_text(js, cass_bind_text(bs, bs->plan, CASS_TEXT_KEYS));
	return js->cql;
}

/* ---- rows ---- */

/* The look-ups of a row that is in the slot. */
static List *
look_up(CassKeyJoinState *js, TupleTableSlot *slot)
{
	CassBindings *bs = &js->scan->bind;
	ExprContext *econtext = js->econtext;
	TupleTableSlot *work = js->work;
	List *lookups = NIL;
	CassQuery query;
	MemoryContext old;

	ExecClearTuple(work);
	memcpy(work->tts_values, slot->tts_values, sizeof(Datum) * js->nouter);
	memcpy(work->tts_isnull, slot->tts_isnull, sizeof(bool) * js->nouter);
	memset(&work->tts_isnull[js->nouter], true, sizeof(bool) * js->ninner);
	ExecStoreVirtualTuple(work);
	econtext->ecxt_scantuple = work;
	if (!ExecQual(js->outer_quals, econtext))
	{
		ResetExprContext(econtext);
		return NIL;
	}
	memset(&query, 0, sizeof(query));
	old = MemoryContextSwitchTo(js->bind_context);
	(void) cass_bind(bs, econtext);
	while (cass_bind_next(bs, &query))
	{
		query.cql = text_of(js, bs);
		MemoryContextSwitchTo(js->rows);
		lookups = lappend(lookups, cass_lookup_get(js, &query));
		MemoryContextSwitchTo(js->bind_context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(js->bind_context);
	ResetExprContext(econtext);
	return lookups;
}

static Size
size_of(const CassOuterRow *row)
{
	return GetMemoryChunkSpace((void *) row) +
		   GetMemoryChunkSpace(row->tuple) +
		   list_length(row->lookups) * sizeof(ListCell);
}

/* Takes a row; where it is joined with nothing it may be left out at once. */
static void
take_row(CassKeyJoinState *js)
{
	TupleTableSlot *slot = ExecProcNode(js->outer);
	CassOuterRow *row;
	List *lookups;
	MemoryContext old;

	if (TupIsNull(slot))
	{
		js->outer_done = true;
		return;
	}
	slot_getallattrs(slot);
	lookups = look_up(js, slot);
	if (lookups == NIL &&
		(js->jointype == JOIN_INNER || js->jointype == JOIN_SEMI))
		return;
	row = MemoryContextAlloc(js->rows, sizeof(CassOuterRow));
	row->lookups = lookups;
	old = MemoryContextSwitchTo(js->rows);
	row->tuple = ExecCopySlotMinimalTuple(slot);
	MemoryContextSwitchTo(old);
	dlist_push_tail(&js->queue, &row->node);
	js->nqueued++;
	js->queued += size_of(row);
}

/* Fills the queue, as far as memory goes, but never with nothing. */
static void
fill(CassKeyJoinState *js)
{
	bool ample = js->first > 1 || js->ahead == AHEAD_MOST;

	if (js->outer_done || js->nqueued > (ample ? js->ahead * 3 / 4 : 0))
		return;
	js->ahead =
		js->ahead == 0 ? js->first : Min(js->ahead * AHEAD_GROWTH, AHEAD_MOST);
	js->batches++;
	while (!js->outer_done && js->nqueued < js->ahead &&
		   (cass_lookups_make_room(js, 0) || js->nqueued == 0))
	{
		CHECK_FOR_INTERRUPTS();
		take_row(js);
	}
}

CassOuterRow *
cass_outer_next(CassKeyJoinState *js)
{
	fill(js);
	cass_lookups_start(js);
	if (js->nqueued == 0)
		return NULL;
	js->nqueued--;
	return dlist_container(CassOuterRow, node,
						   dlist_pop_head_node(&js->queue));
}

void
cass_outer_free(CassKeyJoinState *js, CassOuterRow *row)
{
	ListCell *lc;

	js->queued -= size_of(row);
	foreach (lc, row->lookups)
		cass_lookup_release(js, lfirst(lc));
	list_free(row->lookups);
	heap_free_minimal_tuple(row->tuple);
	pfree(row);
}

/* ---- all of them ---- */

static void
look_up_again(CassKeyJoinState *js, CassOuterRow *row)
{
	js->queued -= size_of(row);
	list_free(row->lookups);
	ExecForceStoreMinimalTuple(row->tuple, js->outer_row, false);
	slot_getallattrs(js->outer_row);
	row->lookups = look_up(js, js->outer_row);
	js->queued += size_of(row);
}

void
cass_outer_restart(CassKeyJoinState *js)
{
	dlist_iter iter;

	cass_lookups_reset(js);
	js->cql = NULL;
	dlist_foreach(iter, &js->queue)
		look_up_again(js, dlist_container(CassOuterRow, node, iter.cur));
	look_up_again(js, js->head);
}

void
cass_outer_reset(CassKeyJoinState *js)
{
	MemoryContextReset(js->rows);
	dlist_init(&js->queue);
	js->nqueued = 0;
	js->queued = 0;
	js->ahead = 0;
	js->outer_done = false;
	js->cql = NULL;
}

void
cass_outer_init(CassKeyJoinState *js)
{
	MemoryContext query = js->css.ss.ps.state->es_query_cxt;
	int n = js->scan->plan->nrestrictions;

	js->rows = AllocSetContextCreate(query, "cassandra_fdw outer rows",
									 ALLOCSET_DEFAULT_SIZES);
	js->bind_context = AllocSetContextCreate(query, "cassandra_fdw values",
											 ALLOCSET_DEFAULT_SIZES);
	js->scan->bind.context = js->bind_context;
	js->markers = palloc0(sizeof(CassMarkers) * (n + 1));
	js->left_out = palloc0(sizeof(bool) * (n + 1));
}
