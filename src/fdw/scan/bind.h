/*
 * bind.h
 *	  Conditions of a scan with their values: what is asked for by key.
 *
 * A set of bindings has the values of one evaluation of a plan's expressions.
 * They make one request or several, one a combination of keys, which are given
 * one after the other.  A scan has one set; what looks up many outer rows may
 * have one of its own and bind it again for each.
 */
#ifndef CASS_BIND_H
#define CASS_BIND_H

#include "client.h"
#include "column.h"
#include "deparse.h"
#include "source.h"

#include "executor/executor.h"

#define CASS_IN_VALUES 100 /* values of one IN */

/* A restriction of the plan with its values. */
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
	bool by_branch; /* its digit is set by the set's combinations */
	CassMarkers markers;
} CassBinding;

typedef struct CassBindings
{
	/* given: */
	const CassScanPlan *plan;
	const CassShape *shape;
	List *values;		   /* ExprStates of the plan's expressions */
	MemoryContext context; /* of what is bound */
	int list_values;	   /* of one IN */
	bool degraded;		   /* the server refused filtering or an index */
	bool no_limit;		   /* all rows are wanted, whatever the plan says */
	/* made: */
	CassBinding *each; /* one a restriction */
	cql_access access; /* as planned, or SCAN where no index is asked */
	int64 limit;	   /* rows of each request, 0: all */
	bool incomplete;   /* not all conditions of the plan are sent */
	int *combinations; /* wanted digits of the by_branch bindings, or NULL */
	int ncombinations;
	int combination;
	bool exhausted;	  /* there is no further key */
	cql_slice vector; /* of ANN; CQL_NULL: none */
} CassBindings;

/* What a text asks for. */
typedef enum CassTextKind
{
	CASS_TEXT_KEYS,		/* all that the conditions say */
	CASS_TEXT_RANGE,	/* of that a range of the ring */
	CASS_TEXT_POSITION, /* the same, and each row's token as last column */
	CASS_TEXT_PROBE		/* the first row against the wanted order */
} CassTextKind;

/* ---- bind.c ---- */

/* Nothing is bound yet; what is pointed to must live as long as the set. */
extern void cass_bindings_init(CassBindings *bs, const CassScanPlan *plan,
							   const CassShape *shape, List *values,
							   MemoryContext context);
/*
 * Evaluates the conditions, forgetting what was bound; false when nothing can
 * match.  In CurrentMemoryContext, which must be the set's.
 */
extern bool cass_bind(CassBindings *bs, ExprContext *econtext);
/* Values of the next key; false when there is no further one. */
extern bool cass_bind_next(CassBindings *bs, CassQuery *query);
/* Begins the query's values: those of the conditions. */
extern void cass_bind_fixed(const CassBindings *bs, CassQuery *query);
/* Adds a value of token()'s or LIMIT's marker. */
extern void cass_bind_token(const CassBindings *bs, CassQuery *query,
							int64 token);
extern void cass_bind_limit(const CassBindings *bs, CassQuery *query,
							int64 limit);
/* Begins again with the first key. */
extern void cass_bind_rewind(CassBindings *bs);
/* How many requests the keys make; at most INT_MAX. */
extern int cass_bind_count(const CassBindings *bs);
/*
 * The text of requests; plan: the set's, or that of rows that are aggregated
 * here.
 */
extern char *cass_bind_text(const CassBindings *bs, const CassScanPlan *plan,
							CassTextKind kind);
/* The text that deletes what the scan reads. */
extern char *cass_bind_delete_text(const CassBindings *bs);
/*
 * The part of the ring that conditions on the token leave, all of it where
 * there are none; false where they leave no range.  cass_bind_by_ranges()
 * leaves these conditions out of texts and values to come, where ranges of
 * that part are asked for in their place.
 */
extern bool cass_bind_part(const CassBindings *bs, cql_token_range *part);
extern void cass_bind_by_ranges(CassBindings *bs);
/* Whether the scan can do without what a server may refuse. */
extern bool cass_bind_degrade(const CassBindings *bs);
/* Whether lists of values are sent, which could be requests each. */
extern bool cass_bind_has_lists(const CassBindings *bs);

/* ---- bind_keys.c: the set as a source of requests ---- */

typedef struct CassKeySource
{
	CassRequestSource base;
	CassBindings *bindings;
	const char *cql;
} CassKeySource;

/* Of a set that is bound; probe: the first row against the wanted order. */
extern void cass_key_source_init(CassKeySource *keys, CassBindings *bs,
								 bool probe);

/* ---- bind_branches.c ---- */

/*
 * Which combinations of points are wanted, once they are known (false: none);
 * sets the digits of the combination at hand.
 */
extern bool cass_bind_branches(CassBindings *bs);
extern void cass_bind_combination(CassBindings *bs);

/* ---- bind_limits.c ---- */

/*
 * Leaves out what an index would answer wrongly, values being known; says how
 * the table is read then.
 */
extern void cass_bind_limits(CassBindings *bs);

/* Drops points of a key that are too long for it; false: none is left. */
extern bool cass_bind_drop_long(const CassBindings *bs, CassBinding *b);
/* Points of a Boolean partition key: true is every byte but zero. */
extern void cass_bind_spell(const CassBindings *bs, CassBinding *b);
/* Whether no row can have the partition key at hand: empty, or too long. */
extern bool cass_bind_no_key(const CassBindings *bs);

/* ---- bind_source.c ---- */

/* Feeds a source's values; false when nothing can match. */
extern bool cass_bind_source(CassBindings *bs, const CassScanSource *source,
							 ExprContext *econtext);

#endif /* CASS_BIND_H */
