/*
 * cass_bound.h
 *	  From "column OPERATOR value" in SQL's meaning to CQL restrictions that
 *	  select the same cells: which are exact, and which values to bind.
 *
 * Two steps.  Planning asks cass_bound_exactness() for the pair of types and
 * the operator; execution calls cass_domain_add() for each condition of a
 * column, with the value then known, and reads what the conditions leave: no
 * cell, points, or a range.
 *
 * Rules: the summary of what CQL and SQL compare alike, by type (text only
 * under byte order, float zero has two spellings, timestamps are milliseconds,
 * zero-length values sort first and are NULL to us, ...).
 */
#ifndef CASS_BOUND_H
#define CASS_BOUND_H

#include "cass_types.h"

/* How CQL's restriction relates to SQL's condition. */
typedef enum CassExactness
{
	CASS_NEVER,	   /* not pushable at all */
	CASS_SUPERSET, /* returns all wanted rows, perhaps more */
	CASS_EXACT	   /* the same rows */
} CassExactness;

/* Where in the table the column stands: equality of keys is bytewise there. */
typedef enum CassPlace
{
	CASS_PLACE_PARTITION,
	CASS_PLACE_CLUSTERING,
	CASS_PLACE_OTHER /* static, regular; index or filtering */
} CassPlace;

/*
 * Whether conditions "column <strategy> value" (btree strategy numbers, column
 * on the left) may be pushed, for a column of this codec, compared by an
 * operator of opfamily with a value of type valtype under collation.  *reason
 * gets a text (static) where the answer is not CASS_EXACT.
 */
extern CassExactness cass_bound_exactness(const CassCodec *codec,
										  CassPlace place, int strategy,
										  Oid opfamily, Oid valtype,
										  Oid collation, const char **reason);

/*
 * Whether Cassandra's order of the column is the order of a sort by the btree
 * opfamily under collation (nulls aside).
 */
extern bool cass_order_matches(const CassCodec *codec, Oid opfamily,
							   Oid collation);

/* Order of two non-null values as Cassandra's comparator of the type. */
#define cass_compare_cells(type, a, b) cql_compare((type), (a), (b))

typedef enum CassDomainKind
{
	CASS_DOMAIN_ALL,	/* no condition yet: every cell, null too */
	CASS_DOMAIN_EMPTY,	/* nothing can match */
	CASS_DOMAIN_POINTS, /* one of points[], distinct, ascending */
	CASS_DOMAIN_RANGE	/* between lower and upper */
} CassDomainKind;

/*
 * What the conditions on one column leave.  Values are in the column's
 * encoding, in the memory context that was current at cass_domain_init().
 */
typedef struct CassDomain
{
	CassCodec *codec;
	MemoryContext context;
	CassDomainKind kind;
	int npoints;
	cql_slice *points;
	bool has_lower;
	bool lower_inclusive;
	cql_slice lower;
	bool has_upper;
	bool upper_inclusive;
	cql_slice upper;
} CassDomain;

extern void cass_domain_init(CassDomain *domain, CassCodec *codec);
/*
 * AND column <strategy> value.  The strategy and types are ones for which
 * cass_bound_exactness() did not say CASS_NEVER.  A null value empties.
 */
extern void cass_domain_add(CassDomain *domain, int strategy, Oid valtype,
							Datum value, bool isnull);
/*
 * AND column = ANY (values): null elements do not count; a null array or one
 * without non-null elements empties.
 */
extern void cass_domain_add_any(CassDomain *domain, Oid valtype, int nvalues,
								const Datum *values, const bool *nulls,
								bool isnull);

#endif /* CASS_BOUND_H */
