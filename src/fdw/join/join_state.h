/*
 * join_state.h
 *	  State of a key join: what join_exec.c, join_outer.c, join_lookup.c and
 *	  join_inner.c share.
 *
 * Rows of the outer plan wait in a queue, in their order; each has the
 * look-ups whose answers it is joined with.  Look-ups that ask the same are
 * one.
 */
#ifndef CASS_JOIN_STATE_H
#define CASS_JOIN_STATE_H

#include "key_join.h"
#include "scan.h"

#include "lib/ilist.h"

/* One more than there may be in flight: for what is wanted now. */
#define CASS_JOIN_STREAMS (CASS_LOOKUP_WINDOW + 1)

typedef enum CassLookupState
{
	CASS_LOOKUP_WAITING, /* for its turn */
	CASS_LOOKUP_RUNNING, /* a page was asked for */
	CASS_LOOKUP_PAUSED,	 /* there are more pages, but memory is short */
	CASS_LOOKUP_DONE
} CassLookupState;

/* One request by key and what answers it. */
typedef struct CassLookup
{
	CassQuery query;
	uint32 hash;
	int refs; /* outer rows that need it */
	CassLookupState state;
	bool trimmed;		/* its first rows have been dropped */
	CassStream *stream; /* RUNNING */
	cql_slice page;		/* state of the next page, len CQL_NULL: the first */
	MinimalTuple *rows; /* of the foreign table, as the join needs them */
	int nrows;
	int size;
	dlist_node node; /* in waiting, or idle */
	Size bytes;
} CassLookup;

typedef struct CassOuterRow
{
	dlist_node node;
	MinimalTuple tuple;
	List *lookups; /* of CassLookup * */
} CassOuterRow;

typedef struct CassKeyJoinState
{
	CustomScanState css;
	JoinType jointype;
	bool single; /* no second match of an outer row is wanted */
	int nouter;	 /* columns of the outer plan */
	int ninner;
	CassScan *scan;
	PlanState *outer;
	ExprContext *econtext;		/* of keys and of the foreign table's rows */
	ExprState *outer_quals;		/* on the outer row: it has no match without */
	ExprState *inner_quals;		/* on the foreign table's rows */
	ExprState *joinquals;		/* on pairs */
	ProjectionInfo *projection; /* what is needed of its rows */
	TupleTableSlot *inner;		/* its row, */
	TupleTableSlot *projected;	/* what is needed of it, */
	TupleTableSlot *match;		/* likewise, as it was stored */
	TupleTableSlot *outer_row;	/* of the pair */
	TupleTableSlot *work;		/* a row of the join, half of it */

	/* ---- join_outer.c ---- */
	dlist_head queue; /* of CassOuterRow */
	int nqueued;
	int first; /* rows to take first of all */
	int ahead; /* to have in the queue */
	bool outer_done;
	MemoryContext rows;			/* of the queue */
	MemoryContext bind_context; /* of one row's values */
	CassMarkers *markers;		/* of the text at hand, */
	bool *left_out;				/* likewise */
	const char *cql;
	List *texts; /* of char *: all that were needed */

	/* ---- join_lookup.c ---- */
	MemoryContext lookups; /* of CassLookup and their rows */
	struct lookup_hash *table;
	dlist_head waiting; /* in their order */
	dlist_head idle;	/* that nobody needs, the last used last */
	CassStream *streams;
	int nrunning;
	Size kept;	 /* bytes of the look-ups, */
	Size queued; /* and of the queue; both together should not exceed */
	Size budget;

	/* ---- join_exec.c ---- */
	bool started;
	CassOuterRow *head;	 /* row being joined */
	int lookup;			 /* how many of its look-ups were begun, */
	CassLookup *current; /* the last of them, */
	int row;			 /* and how many of its rows were read */
	bool matched;
	bool last; /* the head has given its last row */

	/* for EXPLAIN ANALYZE */
	uint64 keys;
	uint64 distinct;
	uint64 found;
	uint64 batches;
	uint64 removed[2]; /* by conditions on the table, and of the join */
	Size most;		   /* bytes of both */
} CassKeyJoinState;

/* ---- join_inner.c ---- */

/* tlist: what is needed of the foreign table's rows. */
extern void cass_inner_init(CassKeyJoinState *js, List *tlist, List *quals);
/* What is needed of a row, in CurrentMemoryContext; NULL: nothing. */
extern MinimalTuple cass_inner_row(CassKeyJoinState *js,
								   const cql_slice *cells);

/* ---- join_lookup.c ---- */

extern void cass_lookups_init(CassKeyJoinState *js);
/*
 * Forgets all of them; requests in flight are released.  Streams are in the
 * scan's memory: none are left where that was reset.
 */
extern void cass_lookups_reset(CassKeyJoinState *js);
/* The look-up of a query, for one more row. */
extern CassLookup *cass_lookup_get(CassKeyJoinState *js,
								   const CassQuery *query);
/* A row does not need it any more. */
extern void cass_lookup_release(CassKeyJoinState *js, CassLookup *lookup);
/*
 * Starts those that wait, as many as may be in flight and memory has room for:
 * perhaps none of them.
 */
extern void cass_lookups_start(CassKeyJoinState *js);
/*
 * Waits for answers, of which at least one is to come; rows of "wanted" in any
 * case.  Look-ups are to be made anew where the scan's "restart" is set.
 */
extern void cass_lookups_await(CassKeyJoinState *js, CassLookup *wanted);
/*
 * Drops what nobody needs at the moment, as far as memory is short for so many
 * bytes more; false where it is short still.
 */
extern bool cass_lookups_make_room(CassKeyJoinState *js, Size more);
/* Drops the rows it has: they have been read. */
extern void cass_lookup_trim(CassKeyJoinState *js, CassLookup *lookup);

/* ---- join_outer.c ---- */

extern void cass_outer_init(CassKeyJoinState *js);
extern void cass_outer_reset(CassKeyJoinState *js);
/* The first row of the queue, which is filled before; NULL at the end. */
extern CassOuterRow *cass_outer_next(CassKeyJoinState *js);
/* Makes the look-ups of all rows that are not joined yet anew. */
extern void cass_outer_restart(CassKeyJoinState *js);
extern void cass_outer_free(CassKeyJoinState *js, CassOuterRow *row);

/* ---- join_explain.c ---- */

extern void cass_explain_key_join(CustomScanState *node, List *ancestors,
								  struct ExplainState *es);

#endif /* CASS_JOIN_STATE_H */
