/*
 * write_window.c
 *	  The window of a statement's writes: rows in, batches out.
 *
 * One window serves all foreign tables that a statement writes on a cluster,
 * across the executor's callbacks.  Its memory, requests included, belongs to
 * a context of the query's: an error drops what was not sent.
 */
#include "write_window.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/* Windows of the statements going on, the innermost first. */
static dlist_head windows = DLIST_STATIC_INIT(windows);
static ExecutorFinish_hook_type next_finish = NULL;

/* ---- life ---- */

static void
forget_window(void *arg)
{
	CassWindow *window = arg;

	dlist_delete(&window->node);
}

static CassWindow *
create_window(EState *estate, cql_cluster *cluster, int nrequests)
{
	MemoryContext context = AllocSetContextCreate(
		estate->es_query_cxt, "cassandra_fdw writes", ALLOCSET_DEFAULT_SIZES);
	CassWindow *window = MemoryContextAllocZero(context, sizeof(CassWindow));
	MemoryContextCallback *callback =
		MemoryContextAllocZero(context, sizeof(MemoryContextCallback));

	window->context = context;
	window->scratch = AllocSetContextCreate(context, "cassandra_fdw row",
											ALLOCSET_DEFAULT_SIZES);
	window->estate = estate;
	window->cluster = cluster;
	window->nrequests = nrequests;
	window->limit = Min(nrequests, CASS_WINDOW_FIRST);
	window->slow_start = true;
	window->largest_batch = INT_MAX;
	window->owner = CurrentResourceOwner;
	window->nest = GetCurrentTransactionNestLevel();
	window->requests =
		MemoryContextAllocZero(context, sizeof(CassWindowRequest) * nrequests);
	window->waiting =
		MemoryContextAllocZero(context, sizeof(cql_request *) * nrequests);
	dlist_init(&window->unsent);
	dlist_push_head(&windows, &window->node);
	callback->func = forget_window;
	callback->arg = window;
	MemoryContextRegisterResetCallback(context, callback);
	return window;
}

CassWindow *
cass_window_open(EState *estate, cql_cluster *cluster,
				 const CassOptions *options)
{
	CassWindow *window;
	dlist_iter iter;

	dlist_foreach(iter, &windows)
	{
		window = dlist_container(CassWindow, node, iter.cur);
		if (window->estate == estate && window->cluster == cluster)
		{
			window->refs++;
			return window;
		}
	}
	window = create_window(estate, cluster, options->max_in_flight);
	window->refs = 1;
	return window;
}

/*
 * A function of the statement may have caught the error of a write that its
 * reading waited for; the rows are lost all the same.
 */
static void
check_failed(const CassWindow *window)
{
	if (!window->failing)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FDW_ERROR),
			 errmsg("rows of the statement could not be written"),
			 errdetail("The error was caught within a function or a trigger "
					   "that the statement calls.")));
}

void
cass_window_close(CassWindow *window)
{
	check_failed(window);
	cass_window_flush(window);
	if (--window->refs == 0)
		MemoryContextDelete(window->context);
}

const CassWriteStats *
cass_window_stats(const CassWindow *window)
{
	return &window->stats;
}

/* ---- chunks ---- */

/* Sends the rows collected. */
static void
send_chunk(CassWindow *window)
{
	CassChunk *chunk = window->chunk;
	bool failing = window->failing;

	if (chunk == NULL || chunk->nrows == 0 || window->encoding)
		return;
	window->chunk = NULL;
	window->failing = true; /* should a part of it not be sent */
	window->bytes += chunk->data.maxlen;
	chunk->refs = 1;
	chunk->order =
		MemoryContextAlloc(window->context, sizeof(int) * chunk->nrows);
	cass_group_chunk(window, chunk);
	cass_chunk_release(window, chunk);
	window->failing = failing;
}

/* The row held becomes one of the chunk's. */
static void
keep_row(CassWindow *window)
{
	CassChunk *chunk = window->chunk;

	if (chunk->nrows == chunk->size)
	{
		chunk->size *= 2;
		chunk->rows = repalloc(chunk->rows, sizeof(CassRow) * chunk->size);
	}
	chunk->rows[chunk->nrows++] = window->held;
	chunk->kept = chunk->data.len;
	if (chunk->nrows >= CASS_CHUNK_ROWS || chunk->kept >= CASS_CHUNK_BYTES)
		send_chunk(window);
	else if (chunk->nrows % 64 == 0)
		cass_send_poll(window);
}

static CassChunk *
get_chunk(CassWindow *window)
{
	if (window->chunk == NULL)
	{
		while (window->bytes > CASS_WINDOW_BYTES && window->used > 0)
			cass_send_wait(window);
		window->chunk = cass_chunk_create(window);
	}
	/* what an error left of a row is no part of it */
	window->chunk->data.len = window->chunk->kept;
	return window->chunk;
}

/* A row that was put aside follows those of the chunk. */
static void
keep_spooled(CassWindow *window, const char *data, int len)
{
	CassChunk *chunk = get_chunk(window);
	int shift = chunk->data.len - window->held.start;

	window->held.start += shift;
	window->held.key_start += shift;
	appendBinaryStringInfo(&chunk->data, data, len);
	keep_row(window);
}

/* ---- rows in ---- */

/* The row before is past all checks of the executor. */
static void
release_held(CassWindow *window)
{
	CassChunk *chunk = window->chunk;

	if (!window->holding)
		return;
	window->holding = false;
	if (!cass_spool_wants(window))
	{
		keep_row(window);
		return;
	}
	cass_spool_row(window, chunk->data.data + window->held.start,
				   chunk->data.len - window->held.start);
	chunk->data.len = chunk->kept;
}

static void
encode(CassWindow *window, CassChunk *chunk, const CassTarget *target,
	   const CassDml *dml, const CassNewRow *in, CassRow *row)
{
	MemoryContext old = MemoryContextSwitchTo(window->scratch);

	window->encoding = true;
	cass_encode_row(target, dml, in, &chunk->data, row);
	window->encoding = false;
	MemoryContextSwitchTo(old);
	MemoryContextReset(window->scratch);
}

/*
 * An UPDATE comes by each row of a partition, whose static counters are added
 * to once.  False where nothing else is left to be done.
 */
static bool
add_once(CassWindow *window, CassChunk *chunk, const CassTarget *target,
		 const CassDml *dml, const CassNewRow *in)
{
	CassRow *row = &window->held;
	CassNewRow rest = *in;

	if (!cass_seen_before(target->partitions,
						  chunk->data.data + row->key_start, row->key_len))
		return true;
	chunk->data.len = chunk->kept;
	if (dml->all_static)
		return false;
	rest.skip_static = true;
	encode(window, chunk, target, dml, &rest, row);
	return true;
}

void
cass_window_add(CassWindow *window, const CassTarget *target,
				const CassDml *dml, const CassNewRow *in)
{
	CassChunk *chunk;

	check_failed(window);
	window->encoding = false; /* an error may have left it */
	release_held(window);
	chunk = get_chunk(window);
	encode(window, chunk, target, dml, in, &window->held);
	window->holding = target->partitions == NULL || !dml->adds_static ||
					  add_once(window, chunk, target, dml, in);
}

void
cass_window_send(CassWindow *window)
{
	if (window->failing)
		return;
	release_held(window);
	send_chunk(window);
	cass_send_drain(window);
}

void
cass_window_flush(CassWindow *window)
{
	if (window->failing)
		return;
	release_held(window);
	cass_spool_replay(window, keep_spooled);
	cass_window_send(window);
}

void
cass_flush_writes(const EState *estate)
{
	dlist_iter iter;

	dlist_foreach(iter, &windows)
	{
		CassWindow *window = dlist_container(CassWindow, node, iter.cur);

		if (window->estate == estate)
			continue;
		if (cass_spool_is_due(window))
			cass_window_flush(window);
		else
			cass_window_send(window);
	}
}

/* The statement has been executed, but for what belongs to its end. */
static void
finish(QueryDesc *query)
{
	dlist_iter iter;

	dlist_foreach(iter, &windows)
	{
		CassWindow *window = dlist_container(CassWindow, node, iter.cur);

		window->finishing |= window->estate == query->estate;
	}
	if (next_finish != NULL)
		next_finish(query);
	else
		standard_ExecutorFinish(query);
}

void
cass_window_init(void)
{
	next_finish = ExecutorFinish_hook;
	ExecutorFinish_hook = finish;
}

/* ---- a row at once ---- */

/* Cell [applied] of a conditional write's only row. */
static bool
was_applied(cql_result *result, const char *cql)
{
	const cql_metadata *meta = cql_result_metadata(result);
	cql_slice *cells = palloc(sizeof(cql_slice) * Max(meta->ncolumns, 1));
	cql_error error;
	int rc = cql_result_next(result, cells, &error);

	if (rc < 0)
		cass_report_error(&error, cql);
	if (rc == 0 || meta->ncolumns < 1 ||
		strcmp(meta->columns[0].name, "[applied]") != 0 || cells[0].len != 1)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("Cassandra did not tell whether a conditional write "
						"was applied"),
				 errcontext("CQL statement: %s", cass_from_cql(cql))));
	return cells[0].data[0] != 0;
}

bool
cass_window_execute(CassWindow *window, const CassTarget *target,
					const CassDml *dml, const CassNewRow *in)
{
	CassChunk *chunk;
	CassRow row;
	const char *key;
	bool applied;

	check_failed(window);
	cass_check_conditional(target);
	window->encoding = false;
	cass_window_send(window);
	chunk = get_chunk(window);
	encode(window, chunk, target, dml, in, &row);
	key = chunk->data.data + row.key_start;
	if (target->partitions != NULL && dml->all_static &&
		cass_seen_before(target->partitions, key, row.key_len))
	{
		applied = !cass_seen_has(target->refused, key, row.key_len);
		chunk->data.len = chunk->kept;
		return applied;
	}
	cass_await_clock();
	cass_send_single(window, chunk->data.data, &row);
	applied = was_applied(window->single->result, dml->cql);
	cass_request_reset(window->single);
	if (applied)
		window->stats.acknowledged++;
	else
		cass_xact_refused(window->nest, 1);
	if (!applied && target->partitions != NULL && dml->all_static)
		(void) cass_seen_before(target->refused,
								chunk->data.data + row.key_start, row.key_len);
	chunk->data.len = chunk->kept;
	return applied;
}
