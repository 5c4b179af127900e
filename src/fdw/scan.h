/*
 * scan.h
 *	  State of a foreign scan: what scan.c, bind.c and streams.c share.
 */
#ifndef CASS_SCAN_H
#define CASS_SCAN_H

#include "pushdown.h"

#include "executor/executor.h"
#include "nodes/execnodes.h"

#define CASS_LOOKUP_WINDOW 64	  /* single-partition requests in flight */
#define CASS_FIRST_PAGE 500		  /* rows, until the width of a row is known */
#define CASS_PAGE_BYTES (1 << 20) /* aim for one page */
#define CASS_RANGES_PER_STREAM 8  /* token ranges for each one in flight */

/* One request after another for the pages of one key or token range. */
typedef struct CassStream
{
	CassRequest *handle; /* page asked for */
	cql_slice *values;	 /* bound, in the scan's memory */
	int nvalues;
	const char *cql;
	bool has_token;
	int64 token;
} CassStream;

typedef struct CassScan
{
	/* of the whole node */
	CassShape *shape;
	CassOptions *options;
	cql_cluster *cluster;
	List *retrieved;
	List *conditions; /* Integer list of the plan */
	List *values;	  /* ExprStates */
	bool keyed;
	int npoints;
	int range;
	bool split;
	const cql_type **expected;
	int nexpected;
	cql_slice *cells;
	uint64 requests;
	uint64 pages;
	uint64 rows;
	uint64 bytes;
	int max_streams;
	AttrNumber decoding; /* attribute being decoded, for errors */

	/* of one execution: all in context, reset by a rescan */
	MemoryContext context;
	bool started;
	CassDomain *domains; /* by table column; NULL: full scan */
	int ndomains;
	const cql_type **bound;	 /* of the values of a stream, NULL: tokens */
	int *odometer;			 /* next combination of points */
	bool exhausted;			 /* no further stream to start */
	cql_token_range *ranges; /* of a split scan */
	uint32 nranges;
	uint32 next_range;
	const char *cql;
	CassStream *streams; /* window */
	int window;
	CassRequest *page; /* owns the page being read */
	int32 page_size;
	bool unsplit; /* the first page of the whole table is out */
} CassScan;

/* bind.c: evaluates the conditions; false when nothing can match. */
extern bool cass_bind(ForeignScanState *node, CassScan *scan);
/* Values and text of the next key; false when there is no further one. */
extern bool cass_bind_next(CassScan *scan, CassStream *stream);

/* streams.c: the next page with rows into scan->page, or false at the end. */
extern bool cass_streams_next_page(CassScan *scan);

#endif /* CASS_SCAN_H */
