/*
 * sample.h
 *	  Reading a sample of a table for ANALYZE: what analyze.c and sample.c
 *	  share.
 */
#ifndef CASS_SAMPLE_H
#define CASS_SAMPLE_H

#include "postgres.h"

#include "foreign/fdwapi.h"

#include "client.h"
#include "conncache.h"
#include "pager.h"
#include "shape.h"

/* The budget of one sample. */
#define CASS_SAMPLE_TIME INT64CONST(10000000) /* microseconds */
#define CASS_SAMPLE_BYTES (128 << 20)		  /* on the wire */
#define CASS_SAMPLE_FACTOR 10 /* rows read for each one that is kept */

/* Takes a row's cells, in the order of the columns asked for. */
typedef void (*CassSampleRow)(void *arg, const cql_slice *cells);

/*
 * What to read, and what was read.  The reader fills the lower half; total is
 * the number of rows the whole table has, counted or extrapolated.
 */
typedef struct CassSample
{
	const CassShape *shape;
	const CassOptions *options;
	cql_cluster *cluster;
	cql_belief *belief;
	List *retrieved; /* attribute numbers, in order; may be NIL */
	double max_rows; /* rows to read at most, about */
	int64 deadline;	 /* time of cql_now() */
	CassSampleRow row;
	void *arg;

	double rows;	/* read */
	double total;	/* of the table, about */
	double covered; /* part of the ring, 1: everything was counted */
	bool cut;		/* parts could not be counted to their end */
	uint64 bytes;
	CassPager pager;
	cql_slice *cells;
} CassSample;

/* Reads within the budget; ereports when Cassandra refuses, or a cancel. */
extern void cass_sample_read(CassSample *sample);

/*
 * Partitions of the table, about, by one small request; 0 where that is not
 * known.  Of the sample only shape, options and cluster need be set.
 */
extern double cass_sample_partitions(const CassSample *sample);

/* Afterwards baserel->pages is the number of partitions. */
extern bool cassandraAnalyzeForeignTable(Relation relation,
										 AcquireSampleRowsFunc *func,
										 BlockNumber *totalpages);

#endif /* CASS_SAMPLE_H */
