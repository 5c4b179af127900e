/*
 * scan.h
 *	  A scan: bindings or another source say what is asked for, streams
 *	  ask for it page by page, a reader gives the rows.
 *
 * Nothing here knows of a ForeignScanState but scan.c: a scan needs an
 * executor node whose expressions it evaluates, and a slot.
 */
#ifndef CASS_SCAN_H
#define CASS_SCAN_H

#include "bind.h"
#include "client.h"
#include "pager.h"
#include "progress.h"
#include "ring.h"

#include "access/parallel.h"
#include "executor/executor.h"
#include "nodes/execnodes.h"

#define CASS_LOOKUP_WINDOW 64		/* single-partition requests in flight */
#define CASS_MAX_WINDOW 128			/* of any kind, as scan_concurrency */
#define CASS_MERGE_BYTES (16 << 20) /* pages of a merge, all together */
#define CASS_LEAST_WIDTH 64			/* of a row, where it is not known */

/* One request after another for the pages of one query. */
typedef struct CassStream
{
	CassQuery query;
	CassRequest *handle;	 /* page asked for */
	CassRequest *page;		 /* page being read */
	struct CassGroup *group; /* its rows are aggregated here; else NULL */
	bool consumed;			 /* some page of it has been read */
	int smaller;			 /* how often its page was made smaller */
	uint8 *state;			 /* paging state of the page asked for, or NULL */
	int32 state_len;
	int32 state_size;
	/* of a merge */
	cql_slice *cells; /* its row at hand */
	int64 rank;		  /* and its place in the order, roughly */
	int number;		  /* makes the merge stable */
} CassStream;

typedef struct CassScan
{
	/* of the whole node */
	CassScanPlan *plan;
	CassShape *shape;
	CassOptions *options;
	Oid userid; /* as whom it is done */
	cql_cluster *cluster;
	cql_belief *belief; /* for its requests */
	bool confirmed;		/* it was asked for, without any request of its own */
	List *values;		/* ExprStates of fdw_exprs */
	const cql_type **expected;
	uint32 nexpected;
	cql_slice *cells;
	struct CassIdentity *identity;	 /* of a table written, or NULL */
	const CassOutput *decoding;		 /* output being decoded, for errors */
	List *decoding_outputs;			 /* of its row, */
	const cql_slice *decoding_cells; /* whose cells these are */
	bool discreet;					 /* the user may not see all columns */
	List *aggregates;				 /* outputs of one row over all, or NIL */
	bool only_rows;				/* no request aggregates: it would not do */
	struct CassByRows *by_rows; /* how rows are read to be aggregated here */
	PlanState *ps;				/* whose expressions are evaluated */
	TupleTableSlot *slot;
	CassSharedRing *shared; /* of a parallel scan that has workers; or NULL */
	CassSharedRing *pieces; /* what the leader is going to share */

	/* for EXPLAIN ANALYZE */
	uint64 requests;
	uint64 pages;
	uint64 rows;
	uint64 bytes;
	uint64 retries;
	uint64 counted; /* streams whose rows were aggregated here */
	int max_streams;
	List *hosts; /* of char *, coordinators seen */

	/* of one execution: all in context, reset by a rescan */
	MemoryContext context;
	bool started;
	CassBindings bind; /* the values of the plan's conditions */
	CassKeySource keys;
	CassRing ring;			   /* the table, cut into ranges of the ring */
	CassRequestSource *source; /* what streams take their queries from */
	uint32 nfailures;		   /* reads that replicas gave up */
	int64 progress;			   /* when it began, or a page came */
	CassProgress told;		   /* notices of its rows */
	CassStream *streams;	   /* window */
	int window;
	int turn; /* stream whose page comes next in the order of the ring */
	CassStream *reading; /* its page is read; its query's tag tells more */
	bool row_pending;	 /* its row at hand begins a group */
	CassPager pager;
	bool unsplit; /* the first page of the whole table is out */
	bool narrow;  /* one stream reads the ring, whose rest may be cut */
	int given;	  /* pages it has given */
	bool restart; /* the server refused a condition: begin without it */
	bool emitted; /* a row was given to the executor */
	bool no_wait; /* rows are wanted only as far as they are here */
	bool blocked; /* and the next one is not */
	struct CassSum *sums; /* of aggregates, or NULL */
	cql_request **waiting;
	int nwaiting;
	/* order.c, merge.c */
	struct CassMerge *merge;
	CassStream *probes; /* first rows against the wanted order */
	int nprobes;
	struct Tuplesortstate *sort;
	TupleTableSlot *sorted; /* row of the sort */
} CassScan;

/* ---- pages.c: the pages of one query ---- */

/* Asks for a page of the stream: its first one, or that of a paging state. */
extern void cass_stream_submit(CassScan *scan, CassStream *stream,
							   cql_slice paging_state);
/* Takes the source's next query and asks for it; false: there is none. */
extern bool cass_stream_start(CassScan *scan, CassRequestSource *source,
							  CassStream *stream);
/* Asks for the page after the one being read, if there is one. */
extern void cass_stream_continue(CassScan *scan, CassStream *stream);
/* How large pages are to begin with. */
extern void cass_page_size_init(CassScan *scan);

/* ---- recover.c: failures that other requests make good ---- */

/* Whether something else was asked for in place of the failed request. */
extern bool cass_recover(CassScan *scan, CassStream *stream);
/*
 * Whether a read failed because it was too much at once: it took too long, or
 * replicas gave it up.  Less may do.
 */
extern bool cass_is_too_much(const cql_error *error);

/* ---- split.c: a scan of the whole table ---- */

/*
 * How it begins: in ranges of the ring where all rows of a large table are
 * wanted, else with one stream.
 */
extern void cass_scan_begin_whole(CassScan *scan);
/*
 * The ring in pieces that so many backends take, to be freed by
 * cass_env_free(); returns how many, 0 where there is no ring.
 */
extern uint32 cass_scan_pieces(CassScan *scan, int nbackends,
							   cql_token_range **ranges);
/*
 * Cuts the ring into ranges; false when it must be read in one stream.  What
 * was read is forgotten.
 */
extern bool cass_scan_split(CassScan *scan);
/*
 * A page of the one stream that reads the ring has come, and is not its last:
 * where more rows are wanted than it was thought, cuts the rest.
 */
extern void cass_scan_widen(CassScan *scan, CassStream *stream);

/* ---- streams.c: the window ---- */

/* Prepares an execution that asks for what its bindings say. */
extern void cass_streams_start(CassScan *scan);
/* The same of what another source says, which lives as long as it is read. */
extern void cass_streams_begin(CassScan *scan, CassRequestSource *source);
/* The next stream with a page of rows, or NULL at the end. */
extern CassStream *cass_streams_next(CassScan *scan);
/*
 * Whether a window of so many requests, of which some are active, is to be
 * filled up: once an eighth of it is free.  One request for each answer would
 * keep client and server at sending and reading single ones.
 */
extern bool cass_window_has_room(int window, int active);
/*
 * Waits for one of the streams (those with a request), whose page it then is.
 * NULL when the failed request was replaced by others, the scan is to begin
 * anew, or it is not to wait.
 */
extern CassStream *cass_streams_await(CassScan *scan, CassStream *streams,
									  int n);
/* Whether a page has come that nobody has looked at. */
extern bool cass_streams_are_ready(const CassScan *scan);

/* ---- the rows ---- */

/* merge.c: rows of several keys in order; the next row's cells, or NULL. */
extern void cass_merge_start(CassScan *scan, int nstreams);
extern cql_slice *cass_merge_next(CassScan *scan);
/* Whether some stream's first row has a zero-length value in this output. */
extern bool cass_merge_has_empty(const CassScan *scan, int output);

/* order.c: streams that keep the order, or a sort where they cannot. */
extern void cass_order_start(CassScan *scan);
/* Asked once, with the first row: whether the server's order is another. */
extern bool cass_order_disturbed(CassScan *scan, const cql_slice *cells);
extern void cass_order_sort(CassScan *scan);
extern bool cass_order_next(CassScan *scan);
extern void cass_order_end(CassScan *scan);

/* explain.c: the scan's part of an EXPLAIN; label of its CQL. */
extern void cass_explain_scan(const CassScan *scan, const char *label,
							  struct ExplainState *es);

/* rows.c: the next row's cells, or NULL at the end. */
extern cql_slice *cass_scan_next(CassScan *scan);

/* ---- execute.c: from the opening of a scan to its end ---- */

/*
 * For an executor node: list is what cass_scan_plan_to_list() made, exprs are
 * its expressions, which are evaluated in the node's ExprContext.  Memory is
 * the query's.
 */
extern CassScan *cass_scan_open(PlanState *ps, List *list, List *exprs,
								TupleTableSlot *slot, Oid userid);
/* The plan only, for EXPLAIN. */
extern CassScan *cass_scan_show(List *list);
/* Back to where nothing has been asked for. */
extern void cass_scan_stop(CassScan *scan);
extern void cass_scan_close(CassScan *scan);
/* Before anything is asked for: writes are flushed, rights are looked at. */
extern void cass_scan_prepare(CassScan *scan);
/*
 * The next row's cells, from the beginning, or NULL at the end; of a scan
 * without aggregates.  Rows that were sorted here have none: see
 * cass_scan_fetch().
 */
extern cql_slice *cass_scan_cells(CassScan *scan);
/* The next row into the scan's slot, which is empty at the end. */
extern void cass_scan_fetch(CassScan *scan);
/* No row was found: makes sure of the table where nobody was asked. */
extern void cass_scan_confirm(CassScan *scan);

/* outputs.c: the values of a row's cells. */
extern void cass_scan_decode(CassScan *scan, const cql_slice *cells,
							 TupleTableSlot *slot);
/* The same of other outputs, those without a slot (-1) left out. */
extern void cass_scan_decode_outputs(CassScan *scan, List *outputs,
									 const cql_slice *cells,
									 TupleTableSlot *slot);
/* The types that the server must give for a plan's outputs. */
extern const cql_type **
cass_scan_expected(const CassScan *scan, const CassScanPlan *plan, uint32 *n);
/* Index of the output that gives the attribute. */
extern int cass_output_of(const CassScan *scan, int att);
/* The number in the cell of a count. */
extern int64 cass_output_count(const CassScan *scan, cql_slice cell);

/*
 * aggregate.c: one row over all requests; false when Cassandra's answers do
 * not tell: then to begin again with only_rows.
 */
extern bool cass_aggregate(CassScan *scan);

/*
 * count_rows.c: has the rows of a stream, of which nothing has been read, come
 * in place of its aggregates.
 */
extern void cass_by_rows(CassScan *scan, CassStream *stream);
/* The plan of such streams, and the types that their columns must have. */
extern const CassScanPlan *cass_by_rows_plan(CassScan *scan);
extern const cql_type **cass_by_rows_expected(const CassScan *scan, uint32 *n);
/*
 * Aggregates as the server would give them, of the next group that ends in
 * the page at hand; NULL at the page's end.
 */
extern cql_slice *cass_by_rows_next(CassScan *scan);

/* parallel.c: a worker leaves to its leader what EXPLAIN tells. */
extern void cass_scan_leave_figures(CassScan *scan);

/* ---- callbacks ---- */

/* parallel.c */
extern Size cassandraEstimateDSMForeignScan(ForeignScanState *node,
											ParallelContext *pcxt);
extern void cassandraInitializeDSMForeignScan(ForeignScanState *node,
											  ParallelContext *pcxt,
											  void *coordinate);
extern void cassandraReInitializeDSMForeignScan(ForeignScanState *node,
												ParallelContext *pcxt,
												void *coordinate);
extern void cassandraInitializeWorkerForeignScan(ForeignScanState *node,
												 shm_toc *toc,
												 void *coordinate);
extern void cassandraShutdownForeignScan(ForeignScanState *node);

/* async.c */
extern void cassandraForeignAsyncRequest(AsyncRequest *request);
extern void cassandraForeignAsyncConfigureWait(AsyncRequest *request);
extern void cassandraForeignAsyncNotify(AsyncRequest *request);

extern void cassandraBeginForeignScan(ForeignScanState *node, int eflags);
extern TupleTableSlot *cassandraIterateForeignScan(ForeignScanState *node);
extern void cassandraReScanForeignScan(ForeignScanState *node);
extern void cassandraEndForeignScan(ForeignScanState *node);
extern void cassandraExplainForeignScan(ForeignScanState *node,
										struct ExplainState *es);

#endif /* CASS_SCAN_H */
