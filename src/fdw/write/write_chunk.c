/*
 * write_chunk.c
 *	  Rows collected for a window, and the batches that are made of them.
 */
#include "write_window.h"

CassChunk *
cass_chunk_create(CassWindow *window)
{
	MemoryContext old = MemoryContextSwitchTo(window->context);
	CassChunk *chunk = palloc0(sizeof(CassChunk));

	initStringInfo(&chunk->data);
	chunk->size = 16;
	chunk->rows = palloc(sizeof(CassRow) * chunk->size);
	MemoryContextSwitchTo(old);
	return chunk;
}

void
cass_chunk_release(CassWindow *window, CassChunk *chunk)
{
	if (--chunk->refs > 0)
		return;
	window->bytes -= chunk->data.maxlen;
	pfree(chunk->data.data);
	pfree(chunk->rows);
	if (chunk->order != NULL)
		pfree(chunk->order);
	pfree(chunk);
}

CassBatch *
cass_batch_create(CassWindow *window, CassChunk *chunk, int first, int nrows)
{
	CassBatch *batch = MemoryContextAlloc(window->context, sizeof(CassBatch));
	int i;

	batch->chunk = chunk;
	batch->first = first;
	batch->nrows = nrows;
	batch->counted = 0;
	for (i = 0; i < nrows; i++)
		batch->counted += !cass_batch_row(batch, i)->dml->range;
	chunk->refs++;
	return batch;
}

void
cass_batch_free(CassWindow *window, CassBatch *batch)
{
	cass_chunk_release(window, batch->chunk);
	pfree(batch);
}

const CassRow *
cass_batch_row(const CassBatch *batch, int i)
{
	return &batch->chunk->rows[batch->chunk->order[batch->first + i]];
}
