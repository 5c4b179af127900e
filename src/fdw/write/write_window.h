/*
 * write_window.h
 *	  What the files of the window share.
 */
#ifndef CASS_WRITE_WINDOW_H
#define CASS_WRITE_WINDOW_H

#include "progress.h"
#include "write.h"

#include "lib/ilist.h"
#include "utils/resowner.h"
#include "utils/tuplestore.h"

#define CASS_CHUNK_ROWS 4096			 /* rows collected before grouping */
#define CASS_CHUNK_BYTES (512 * 1024)	 /* and their bytes */
#define CASS_WINDOW_BYTES (8 * 1048576)	 /* of rows not acknowledged */
#define CASS_WINDOW_FIRST 32			 /* requests in flight to begin with */
#define CASS_PARTITION_BATCH_BYTES 65536 /* a batch of one partition */
#define CASS_REPLICA_BATCH_BYTES 5000	 /* of several: the server warns */
#define CASS_REPLICA_BATCH_ROWS 10		 /* likewise */
#define CASS_ROW_OVERHEAD 80			 /* what the server counts besides */

/* Rows one after the other, and in which order they are sent. */
typedef struct CassChunk
{
	StringInfoData data;
	CassRow *rows;
	int nrows;
	int size;	/* of rows */
	int kept;	/* bytes of data that are rows */
	int *order; /* batches lie one after the other */
	int norder;
	int refs; /* batches that have not ended */
} CassChunk;

/* Rows of a chunk that go in one request. */
typedef struct CassBatch
{
	dlist_node node; /* in the window's list of those to be sent */
	CassChunk *chunk;
	int first; /* in chunk->order */
	int nrows;
	int counted; /* rows that are told of: a range's number is not known */
} CassBatch;

typedef struct CassWindowRequest
{
	CassRequest *handle;
	CassBatch *batch; /* NULL: free */
	int tries;		  /* after failures that pass */
	int64 again_at;	  /* when to try again; 0: it is under way */
	uint64 serial;	  /* of its sending, to know what a failure tells */
} CassWindowRequest;

struct CassWindow
{
	dlist_node node; /* in the backend's list of windows */
	const EState *estate;
	cql_cluster *cluster;
	MemoryContext context;
	MemoryContext scratch; /* of a row being encoded */
	int refs;
	bool encoding; /* a row: its chunk must stay */
	bool failing;  /* an error here is one for the whole statement */
	CassRequest *single;
	/* rows */
	CassChunk *chunk; /* being filled */
	CassRow held;	  /* its last row, not yet counted in it */
	bool holding;
	Tuplestorestate *spool; /* rows of deferred targets */
	TupleTableSlot *spool_slot;
	ResourceOwner owner; /* of the statement */
	int nest;			 /* of its (sub)transaction */
	bool finishing;		 /* the statement's own scans have ended */
	size_t bytes;		 /* of all chunks */
	/* requests */
	CassWindowRequest *requests;
	cql_request **waiting; /* for cass_wait_until() */
	int nrequests;
	int used;		 /* those with a batch */
	int limit;		 /* requests in flight now */
	bool slow_start; /* no failure yet: grows with each answer */
	int credit;		 /* answers since it last grew */
	uint64 serial;
	uint64 shrunk_at;  /* serial when the limit was last lowered */
	dlist_head unsent; /* batches cut out of one that was too large */
	int largest_batch; /* rows, after the server refused larger ones */
	CassProgress told;
	CassWriteStats stats;
};

/* ---- write_spool.c ---- */

/* Puts window->held aside, with the bytes of the row. */
extern void cass_spool_row(CassWindow *window, const char *data, int len);
/* Whether window->held must wait for the end of the statement's scans. */
extern bool cass_spool_wants(const CassWindow *window);
/* Whether nothing of the statement reads any more. */
extern bool cass_spool_is_due(const CassWindow *window);
/*
 * Takes the rows that were put aside, in their order: each becomes
 * window->held, and keep is given its bytes.
 */
extern void cass_spool_replay(CassWindow *window,
							  void (*keep)(CassWindow *window,
										   const char *data, int len));

/* ---- write_chunk.c ---- */

/* In the window's memory. */
extern CassChunk *cass_chunk_create(CassWindow *window);
/* One user less of a chunk: the last one frees it. */
extern void cass_chunk_release(CassWindow *window, CassChunk *chunk);
/* Of order[first ...] of the chunk. */
extern CassBatch *cass_batch_create(CassWindow *window, CassChunk *chunk,
									int first, int nrows);
extern void cass_batch_free(CassWindow *window, CassBatch *batch);
extern const CassRow *cass_batch_row(const CassBatch *batch, int i);

/* ---- write_group.c ---- */

/* Orders a chunk's rows by batches and sends each one. */
extern void cass_group_chunk(CassWindow *window, CassChunk *chunk);

/* ---- write_send.c ---- */

/* Sends order[first ...] of the chunk; waits while the window is full. */
extern void cass_send_batch(CassWindow *window, CassChunk *chunk, int first,
							int nrows);
/* Handles what has ended, without waiting. */
extern void cass_send_poll(CassWindow *window);
/* Waits until something has ended or is due. */
extern void cass_send_wait(CassWindow *window);
/* Until nothing is left. */
extern void cass_send_drain(CassWindow *window);
/* Sends a row alone and waits; the result is in window->single. */
extern void cass_send_single(CassWindow *window, const char *data,
							 const CassRow *row);

/* ---- write_fail.c ---- */

/*
 * A request has failed: true where it is to be tried again, false where its
 * batch was cut and goes in others; else ereports.
 */
extern bool cass_send_failed(CassWindow *window, CassWindowRequest *req);
/* A row sent alone has failed. */
pg_noreturn extern void cass_send_single_failed(CassWindow *window,
												const char *data,
												const CassRow *row,
												const cql_error *error);

#endif /* CASS_WRITE_WINDOW_H */
