/*
 * source.h
 *	  What a scan asks for: a source of queries, one after the other.
 */
#ifndef CASS_SOURCE_H
#define CASS_SOURCE_H

#include "postgres.h"

#include "cql.h"

/*
 * A statement with its values: the pages of a key, or of a range of the ring.
 * What it points to is in the memory of who gives it, and lives until the
 * query has been read to its end.
 */
typedef struct CassQuery
{
	const char *cql;
	cql_slice *values;
	const cql_type **types; /* that their markers must have, NULL: any */
	int nvalues;
	uint16 nkeys; /* values that make the partition key, the first; or 0 */
	bool has_range;
	cql_token_range range; /* of the ring */
	int halved;			   /* how often, until this range was left */
	bool by_rows;		   /* of aggregates: they are made here */
	bool position;		   /* the last column is the row's token */
	void *tag;			   /* whatever the source knows it by */
} CassQuery;

/* A kind of source has this as its first member. */
typedef struct CassRequestSource
{
	/*
	 * The next query, in place of one that has ended, whose arrays may be used
	 * again; false where there is none now.  It is asked again after that, so
	 * there may be more once the source was given more.
	 */
	bool (*next)(struct CassRequestSource *source, CassQuery *query);
	/* How many there are in all, at most INT_MAX: the window's bound. */
	int (*count)(const struct CassRequestSource *source);
	/* Begins again with the first. */
	void (*rewind)(struct CassRequestSource *source);
} CassRequestSource;

#endif /* CASS_SOURCE_H */
