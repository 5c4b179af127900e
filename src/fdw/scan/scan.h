/*
 * scan.h
 *	  State of a foreign scan: what scan.c, bind*.c, streams.c, merge.c and
 *	  aggregate.c share.
 */
#ifndef CASS_SCAN_H
#define CASS_SCAN_H

#include "bridge.h"
#include "column.h"
#include "deparse.h"

#include "executor/executor.h"
#include "nodes/execnodes.h"

#define CASS_LOOKUP_WINDOW 64	  /* single-partition requests in flight */
#define CASS_MAX_WINDOW 128		  /* of any kind, as scan_concurrency */
#define CASS_FIRST_PAGE 500		  /* rows, until the width of a row is known */
#define CASS_PAGE_BYTES (1 << 20) /* aim for one page */
#define CASS_MERGE_BYTES (16 << 20) /* pages of a merge, all together */
#define CASS_LEAST_WIDTH 64			/* of a row, where it is not known */
#define CASS_RANGES_PER_STREAM 8	/* token ranges for each one in flight */
#define CASS_IN_VALUES 100			/* values of one IN */
#define CASS_MAX_SPLITS 1024		/* ranges added when ranges time out */
#define CASS_MAX_HALVED 3		  /* times a range that times out is halved */
#define CASS_MAX_HALVED_FAILED 20 /* one that a replica gives up */
/* How often all attempts at a request may be in vain before a scan gives up.
 */
#define CASS_PATIENCE 2
#define CASS_MAX_SMALLER 4 /* times a page that times out is halved */
#define CASS_MAX_FAILURES                                                     \
	256 /* reads that replicas gave up, and less was asked for after */

/* ---- bind.c, bind_source.c: conditions with their values ---- */

/* A restriction of the plan with the values of this execution. */
typedef struct CassBinding
{
	const cql_restriction *restriction;
	CassDomain domain; /* comparisons of one column */
	bool has_domain;
	bool row_given;	   /* a row comparison has its values */
	bool left_out;	   /* the server refused it: PostgreSQL checks */
	cql_slice *values; /* row, element, entry: instead of the domain */
	int nvalues;
	int nchunks;	   /* of an IN: lists of CASS_IN_VALUES values */
	int digit;		   /* current point or chunk */
	int branches;	   /* clause of whose branches the points are, or -1 */
	cql_slice *branch; /* value of each; CQL_NULL none, CQL_UNSET several */
	int nbranches;
	bool by_branch; /* its digit is set by scan->combinations */
	CassMarkers markers;
} CassBinding;

/* ---- streams.c: requests ---- */

/* One request after another for the pages of one key or token range. */
typedef struct CassStream
{
	CassRequest *handle;	/* page asked for */
	cql_slice *values;		/* bound, in the scan's memory */
	const cql_type **types; /* that their markers must have, NULL: any */
	int nvalues;
	const char *cql;
	cql_token_range range; /* of a split scan */
	bool has_range;
	int halved;				 /* how often, until this range was left */
	struct CassGroup *group; /* its rows are aggregated here; else NULL */
	bool consumed;			 /* some page of it has been read */
	int smaller;			 /* how often its page was made smaller */
	uint8 *state;			 /* paging state of the page asked for, or NULL */
	int32 state_len;
	int32 state_size;
	/* of a merge */
	CassRequest *page; /* page being read */
	cql_slice *cells;  /* its row at hand */
	int64 rank;		   /* and its place in the order, roughly */
	int number;		   /* makes the merge stable */
} CassStream;

/* A range of the ring that waits for its stream. */
typedef struct CassRange
{
	cql_token_range range;
	int halved;
	bool by_rows; /* to be aggregated here */
} CassRange;

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
	bool degraded;				/* the server refused filtering or an index */
	List *aggregates;			/* outputs of one row over all, or NIL */
	bool only_rows;				/* no request aggregates: it would not do */
	int list_values;			/* of one IN */
	struct CassByRows *by_rows; /* how rows are read to be aggregated here */
	ForeignScanState *node;

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
	CassBinding *bindings;
	cql_access access; /* as planned, or SCAN where no index is asked */
	int64 limit;	   /* rows of each request, 0: all */
	bool incomplete;   /* not all conditions of the plan are sent */
	int *combinations; /* wanted digits of the by_branch bindings, or NULL */
	int ncombinations;
	int combination;
	bool exhausted;	   /* no further key to start a stream for */
	cql_slice vector;  /* of ANN; CQL_NULL: none */
	const char *cql;   /* text of the requests */
	CassRange *ranges; /* of a split scan */
	uint32 nranges;
	uint32 next_range;
	uint32 nsplits;		 /* ranges added since */
	uint32 nfailures;	 /* reads that replicas gave up */
	int64 progress;		 /* when it began, or a page came */
	CassStream *streams; /* window */
	int window;
	int turn; /* stream whose page comes next in the order of the ring */
	CassRequest *page;		 /* owns the page being read */
	CassStream *page_stream; /* whose page it is */
	bool row_pending;		 /* its row at hand begins a group */
	int32 page_size;
	bool unsplit; /* the first page of the whole table is out */
	bool shrunk;  /* pages were made smaller after a timeout */
	bool restart; /* the server refused a condition: begin without it */
	bool emitted; /* a row was given to the executor */
	cql_request **waiting;
	int nwaiting;
	/* order.c, merge.c */
	bool unordered; /* begin anew, the order is made here */
	struct CassMerge *merge;
	CassStream *probes; /* first rows against the wanted order */
	int nprobes;
	struct Tuplesortstate *sort;
	TupleTableSlot *sorted; /* row of the sort */
} CassScan;

/* Evaluates the conditions; false when nothing can match. */
extern bool cass_bind(ForeignScanState *node, CassScan *scan);
/* Values of the next key; false when there is no further one. */
extern bool cass_bind_next(CassScan *scan, CassStream *stream);
/* Begins the stream's values: those of the conditions. */
extern void cass_bind_fixed(CassScan *scan, CassStream *stream);
/* Adds a value of token()'s or LIMIT's marker. */
extern void cass_bind_token(CassScan *scan, CassStream *stream, int64 token);
extern void cass_bind_limit(CassScan *scan, CassStream *stream, int64 limit);
/* Begins again with the first key. */
extern void cass_bind_rewind(CassScan *scan);
/* How many requests the keys make; at most INT_MAX. */
extern int cass_bind_count(const CassScan *scan);
/*
 * The text of requests by key, by token range, or of a probe; plan: the
 * scan's, or that of the rows it aggregates itself.
 */
extern char *cass_bind_text(CassScan *scan, const CassScanPlan *plan,
							bool by_token, bool probe);
/* The text that deletes what the scan reads, see direct_range.c. */
extern char *cass_bind_delete_text(const CassScan *scan);
/* Whether the scan can do without what a server may refuse. */
extern bool cass_bind_degrade(const CassScan *scan);
/* Whether lists of values are sent, which could be requests each. */
extern bool cass_bind_has_lists(const CassScan *scan);

/*
 * bind_branches.c: which combinations of points are wanted, once they are
 * known (false: none); sets the digits of the combination at hand.
 */
extern bool cass_bind_branches(CassScan *scan);
extern void cass_bind_combination(CassScan *scan);

/*
 * bind_limits.c: leaves out what an index would answer wrongly, values being
 * known; says how the table is read then.
 */
extern void cass_bind_limits(CassScan *scan);

/* Drops points of a key that are too long for it; false: none is left. */
extern bool cass_bind_drop_long(const CassScan *scan, CassBinding *b);
/* Points of a Boolean partition key: true is every byte but zero. */
extern void cass_bind_spell(const CassScan *scan, CassBinding *b);
/* Whether no row can have the partition key at hand: empty, or too long. */
extern bool cass_bind_no_key(const CassScan *scan);

/* bind_source.c: feeds a source's values; false when nothing can match. */
extern bool cass_bind_source(CassScan *scan, const CassScanSource *source,
							 ExprContext *econtext);

/* Prepares the requests of an execution. */
extern void cass_streams_start(CassScan *scan);
/* The next page with rows into scan->page, or false at the end. */
extern bool cass_streams_next_page(CassScan *scan);
/* Cuts the ring into ranges; false when it must be read in one stream. */
extern bool cass_streams_split(CassScan *scan);
/* Asks for a page of the stream: its first one, or that of a paging state. */
extern void cass_stream_submit(CassScan *scan, CassStream *stream,
							   cql_slice paging_state);
/* Asks for the page after this one, if there is one. */
extern void cass_stream_continue(CassScan *scan, CassStream *stream,
								 const CassRequest *page);
/*
 * Waits for one of the streams (those with a request) and moves its page to
 * "page", or to the stream's own where that is NULL.  NULL when the failed
 * request was replaced by others, or the scan is to begin anew.
 */
extern CassStream *cass_streams_await(CassScan *scan, CassStream *streams,
									  int n, CassRequest *page);

/*
 * Whether a read failed because it was too much at once: it took too long, or
 * replicas gave it up.  Less may do.
 */
extern bool cass_is_too_much(const cql_error *error);

/* merge.c: rows of several keys in order; the next row's cells, or NULL. */
extern void cass_merge_start(CassScan *scan, int nstreams);
extern cql_slice *cass_merge_next(CassScan *scan);
/* Whether some stream's first row has a zero-length value in this output. */
extern bool cass_merge_has_empty(const CassScan *scan, int output);

/* order.c: streams that keep the order, or a sort where they cannot. */
extern void cass_order_start(CassScan *scan);
/* Asked once, with the first row: whether the server's order is another. */
extern bool cass_order_disturbed(CassScan *scan, const cql_slice *cells);
extern void cass_order_sort(ForeignScanState *node, CassScan *scan);
extern bool cass_order_next(CassScan *scan, TupleTableSlot *slot);
extern void cass_order_end(CassScan *scan);

/* explain.c: the scan's part of an EXPLAIN; label of its CQL. */
extern void cass_explain_scan(const CassScan *scan, const char *label,
							  struct ExplainState *es);

/* rows.c: the next row's cells, or NULL at the end. */
extern cql_slice *cass_scan_next(CassScan *scan);

/* scan.c: no row was found: makes sure of the table where nobody was asked. */
extern void cass_scan_confirm(CassScan *scan);
/* cass_scan_next() from the beginning, of a scan without order or aggregates.
 */
extern cql_slice *cass_scan_cells(ForeignScanState *node, CassScan *scan);

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
extern bool cass_aggregate(CassScan *scan, TupleTableSlot *slot);

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

/* ---- callbacks ---- */

extern void cassandraBeginForeignScan(ForeignScanState *node, int eflags);
extern TupleTableSlot *cassandraIterateForeignScan(ForeignScanState *node);
extern void cassandraReScanForeignScan(ForeignScanState *node);
extern void cassandraEndForeignScan(ForeignScanState *node);
extern void cassandraExplainForeignScan(ForeignScanState *node,
										struct ExplainState *es);

#endif /* CASS_SCAN_H */
