/*
 * write_group.c
 *	  Which rows share a batch.
 *
 * Rows of one partition are one mutation for Cassandra, whatever their number.
 * Rows of several partitions help only where the same replicas hold them all,
 * and the server warns of many.  So a chunk is sorted by partition: what comes
 * in runs goes as runs, the single ones are collected by their replicas.
 */
#include "write_window.h"

#define BINS 16

/* Single rows of the same replicas. */
typedef struct Bin
{
	int rows[CASS_REPLICA_BATCH_ROWS];
	int nrows;
	int bytes;
} Bin;

typedef struct Grouping
{
	CassWindow *window;
	CassChunk *chunk;
	Bin bins[BINS];
	int next; /* bin to be emptied for another */
} Grouping;

static bool
may_batch(const CassWindow *window, const CassRow *row)
{
	return cass_row_idempotent(row) && row->target->options->batch_size > 1 &&
		   window->largest_batch > 1;
}

/* By table and partition, then as they came. */
static int
compare_rows(const void *a, const void *b, void *arg)
{
	const CassChunk *chunk = arg;
	int i = *(const int *) a;
	int j = *(const int *) b;
	const CassRow *x = &chunk->rows[i];
	const CassRow *y = &chunk->rows[j];
	int cmp;

	if (x->target != y->target)
		return (uintptr_t) x->target < (uintptr_t) y->target ? -1 : 1;
	if (x->token != y->token)
		return x->token < y->token ? -1 : 1;
	if (x->key_len != y->key_len)
		return x->key_len < y->key_len ? -1 : 1;
	cmp = memcmp(chunk->data.data + x->key_start,
				 chunk->data.data + y->key_start, x->key_len);
	return cmp != 0 ? cmp : i < j ? -1 : 1;
}

static bool
same_partition(const CassChunk *chunk, const CassRow *x, const CassRow *y)
{
	return x->target == y->target && x->token == y->token &&
		   x->key_len == y->key_len &&
		   memcmp(chunk->data.data + x->key_start,
				  chunk->data.data + y->key_start, x->key_len) == 0;
}

/* Sends the rows as one request. */
static void
send_one(Grouping *g, const int *rows, int nrows)
{
	int first = g->chunk->norder;

	memcpy(g->chunk->order + first, rows, sizeof(int) * nrows);
	g->chunk->norder += nrows;
	cass_send_batch(g->window, g->chunk, first, nrows);
}

/* Rows of one partition, in as few batches as their size allows. */
static void
send_run(Grouping *g, const int *rows, int nrows)
{
	const CassOptions *options = g->chunk->rows[rows[0]].target->options;
	int start = 0;
	int bytes = 0;
	int i;

	for (i = 0; i < nrows; i++)
	{
		int len = g->chunk->rows[rows[i]].len;
		int most = Min(options->batch_size, g->window->largest_batch);

		if (i > start && (i - start >= Min(most, UINT16_MAX) ||
						  bytes + len > CASS_PARTITION_BATCH_BYTES))
		{
			send_one(g, rows + start, i - start);
			start = i;
			bytes = 0;
		}
		bytes += len;
	}
	send_one(g, rows + start, nrows - start);
}

static void
empty_bin(Grouping *g, Bin *bin)
{
	if (bin->nrows > 0)
		send_one(g, bin->rows, bin->nrows);
	bin->nrows = 0;
	bin->bytes = 0;
}

static bool
belongs(const Grouping *g, const Bin *bin, const CassRow *row)
{
	const CassRow *other = &g->chunk->rows[bin->rows[0]];

	return bin->nrows > 0 && other->target == row->target &&
		   cql_cluster_same_replicas(g->window->cluster,
									 row->target->shape->table->keyspace,
									 other->token, row->token);
}

/* The bin for a row: of its replicas, else an empty one. */
static Bin *
choose_bin(Grouping *g, const CassRow *row)
{
	Bin *empty = NULL;
	int i;

	for (i = 0; i < BINS; i++)
	{
		if (belongs(g, &g->bins[i], row))
			return &g->bins[i];
		if (g->bins[i].nrows == 0)
			empty = &g->bins[i];
	}
	if (empty == NULL)
	{
		empty = &g->bins[g->next];
		g->next = (g->next + 1) % BINS;
		empty_bin(g, empty);
	}
	return empty;
}

static void
add_single(Grouping *g, int i)
{
	const CassRow *row = &g->chunk->rows[i];
	int most = Min(row->target->options->batch_size, g->window->largest_batch);
	int bytes = row->len + CASS_ROW_OVERHEAD;
	Bin *bin = choose_bin(g, row);

	if (bin->bytes + bytes > CASS_REPLICA_BATCH_BYTES ||
		bin->nrows >= Min(most, CASS_REPLICA_BATCH_ROWS))
		empty_bin(g, bin);
	bin->rows[bin->nrows++] = i;
	bin->bytes += bytes;
}

static bool
in_flight(const CassWindow *window, const CassRow *row)
{
	int i;

	for (i = 0; i < window->nrequests; i++)
	{
		const CassBatch *batch = window->requests[i].batch;

		if (batch != NULL && cass_batch_row(batch, 0)->token == row->token)
			return true;
	}
	return false;
}

/*
 * Rows that must not be in a batch.  Where the server gives the time, a row
 * waits for the one before it in its partition.
 */
static void
send_alone(Grouping *g, int i)
{
	const CassRow *row = &g->chunk->rows[i];

	while (row->target->options->timestamps == CASS_TIMESTAMPS_SERVER &&
		   !row->dml->counter && in_flight(g->window, row))
		cass_send_wait(g->window);
	send_one(g, &i, 1);
}

void
cass_group_chunk(CassWindow *window, CassChunk *chunk)
{
	Grouping *g = palloc0(sizeof(Grouping));
	int *rows = palloc(sizeof(int) * chunk->nrows);
	int n = 0;
	int end;
	int i;

	g->window = window;
	g->chunk = chunk;
	for (i = 0; i < chunk->nrows; i++)
	{
		if (may_batch(window, &chunk->rows[i]))
			rows[n++] = i;
		else
			send_alone(g, i);
	}
	qsort_arg(rows, n, sizeof(int), compare_rows, chunk);
	for (i = 0; i < n; i = end)
	{
		for (end = i + 1; end < n; end++)
		{
			if (!same_partition(chunk, &chunk->rows[rows[i]],
								&chunk->rows[rows[end]]))
				break;
		}
		if (end - i > 1)
			send_run(g, rows + i, end - i);
		else
			add_single(g, rows[i]);
	}
	for (i = 0; i < BINS; i++)
		empty_bin(g, &g->bins[i]);
	pfree(rows);
	pfree(g);
}
