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

/* Btree operator family of dates and timestamps. */
#define CASS_TIME_FAMILY 434

/* How CQL's restriction relates to SQL's condition. */
typedef enum CassExactness
{
	CASS_NEVER,	   /* not pushable at all */
	CASS_SUPERSET, /* returns all wanted rows, perhaps more */
	CASS_EXACT	   /* the same rows */
} CassExactness;

/* Where in the table the column stands, and so what equality compares. */
typedef enum CassPlace
{
	CASS_PLACE_BYTES,	  /* a value among others, which bytes tell apart */
	CASS_PLACE_PARTITION, /* likewise, but each spelling can be asked for */
	CASS_PLACE_CLUSTERING,
	CASS_PLACE_SLICE, /* the same, and no index on it: zero-length values */
	/* can be kept out, see cass_domain_exclude_empty() */
	CASS_PLACE_OTHER, /* static or regular: filtering */
	CASS_PLACE_SAI,	  /* an SAI index may serve the condition */
	CASS_PLACE_INDEX  /* an index of another kind may: bytes for equality */
} CassPlace;

/*
 * Whether conditions "column <strategy> value" (btree strategy numbers, column
 * on the left) may be pushed, for a column of this codec, compared by an
 * operator of opfamily with a value of type valtype (the operator's declared
 * type: ANYENUM, ANYARRAY too) under collation.  *reason gets a text (static)
 * where the answer is not CASS_EXACT.  Domains, declared lengths and
 * on_unconvertible are taken into account.
 *
 * The operator may compare what the column is cast to: an integer as numeric,
 * float8 or text, a UUID or an address as text.  valtype tells that, and the
 * value is turned back: only the spelling that a cast gives is equal.  Dates
 * and timestamps of the other kinds are compared in the session's time zone,
 * as it is when the scan starts.
 *
 * Frozen lists and sets declared as arrays: equality only.  SAI does not find
 * a NaN whose sign bit is set: see cass_is_nan().
 */
extern CassExactness cass_bound_exactness(const CassCodec *codec,
										  CassPlace place, int strategy,
										  Oid opfamily, Oid valtype,
										  Oid collation, const char **reason);

/*
 * Whether a value of the column is not a number; a condition with such a value
 * must not be left to an index.
 */
extern bool cass_is_nan(const CassCodec *codec, cql_slice value);

/* What the domain makes of "column = value". */
typedef enum CassEquality
{
	CASS_EQUALITY_POINT, /* at most one point */
	/*
	 * Perhaps several: zeroes of floats, integers that are one float8, times
	 * without zone that are one instant.
	 */
	CASS_EQUALITY_POINTS,
	/*
	 * A range of values that are one to SQL (nanoseconds of a microsecond);
	 * "= ANY" cannot be pushed.
	 */
	CASS_EQUALITY_RANGE
} CassEquality;

extern CassEquality cass_bound_equality(const CassCodec *codec, Oid valtype);

/*
 * "column LIKE 'prefix%'" (or ^@, starts_with) under the operator's collation,
 * as a range: cass_domain_add_prefix().  Text is compared by bytes there
 * whatever the collation's order is.
 */
extern CassExactness cass_prefix_exactness(const CassCodec *codec,
										   Oid collation, const char **reason);

/*
 * "timeuuid_timestamp(column) <strategy> value", also written as cast to
 * timestamptz: cass_domain_add_time().  Equality comes out as a range.
 */
extern CassExactness cass_time_exactness(const CassCodec *codec,
										 CassPlace place, int strategy,
										 Oid opfamily, Oid valtype,
										 const char **reason);

/*
 * CONTAINS and map entries: codec of an element of a list or set, or of a
 * map's value; and of a map's key.  NULL where they cannot be compared: only
 * arrays, hstore, and jsonb whose part is text have one.
 */
extern CassCodec *cass_element_codec(const CassCodec *codec);
extern CassCodec *cass_key_codec(const CassCodec *codec);
/*
 * Whether "element = value" inside a list, set or map (key: of a map's keys)
 * may be pushed; arguments as of cass_bound_exactness().  Of columns declared
 * as jsonb or hstore, whose operators compare the bytes of texts, opfamily,
 * valtype and collation are not looked at.
 */
extern CassExactness cass_contains_exactness(const CassCodec *codec, bool key,
											 Oid opfamily, Oid valtype,
											 Oid collation,
											 const char **reason);

/*
 * The bytes of an element (or key) equal to a value, in CurrentMemoryContext;
 * false where no element can be.
 */
extern bool cass_element_value(const CassCodec *codec, bool key, Oid valtype,
							   Datum value, cql_slice *element);

/*
 * Whether Cassandra's order of the column is the order of a sort by the btree
 * opfamily under collation (nulls aside: see cass_has_empty()).  "Last": as
 * the last sort key only, because values that SQL calls equal are several to
 * Cassandra (floats' zeroes, nanoseconds).
 */
extern bool cass_order_matches(const CassCodec *codec, Oid opfamily,
							   Oid collation);
extern bool cass_order_matches_last(const CassCodec *codec, Oid opfamily,
									Oid collation);
/*
 * Whether there may be zero-length values, which are NULL to SQL but come
 * first in Cassandra's order.
 */
extern bool cass_has_empty(const CassCodec *codec);
/*
 * Whether values that Cassandra tells apart as keys are those that SQL does:
 * DISTINCT and GROUP BY.
 */
extern bool cass_group_exact(const CassCodec *codec, Oid opfamily,
							 Oid collation);

typedef enum CassMinMax
{
	CASS_MINMAX_NEVER,
	CASS_MINMAX_UNLESS_EMPTY, /* not where the result has zero length: then */
	/* there are zero-length values, and the answer is another */
	CASS_MINMAX_EXACT
} CassMinMax;

/* Whether Cassandra's min() or max() of the column is SQL's. */
extern CassMinMax cass_minmax(const CassCodec *codec, bool max, Oid opfamily,
							  Oid collation);

/*
 * Order of two non-null values as Cassandra's comparator of the type; as
 * cql_compare(), but decimals by value.
 */
extern int cass_compare_cells(const cql_type *type, cql_slice a, cql_slice b);

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
 * without non-null elements empties.  Not where equality is a range.
 */
extern void cass_domain_add_any(CassDomain *domain, const Oid *valtypes,
								int nvalues, const Datum *values,
								const bool *nulls, bool isnull);
/*
 * AND column <= (>=: strategy) the outermost bound that some "column
 * <strategies[i]> values[i]" leaves; none of them: empties.
 */
extern void cass_domain_add_hull(CassDomain *domain, int strategy, int nvalues,
								 const int *strategies, const Oid *valtypes,
								 const Datum *values, const bool *nulls);
/* AND column begins with a text (of the database's encoding). */
extern void cass_domain_add_prefix(CassDomain *domain, Datum prefix,
								   bool isnull);
/*
 * The one bound that "column <strategy> value", an order, comes to, for row
 * comparisons: *strategy and *bound are set where it is one.  ALL where each
 * value of the column answers, NONE where none does.
 */
typedef enum CassSide
{
	CASS_SIDE_NONE,
	CASS_SIDE_ALL,
	CASS_SIDE_BOUND
} CassSide;

extern CassSide cass_bound_side(CassCodec *codec, int *strategy, Oid valtype,
								Datum value, cql_slice *bound);
/*
 * Keeps zero-length values, which are NULL to SQL, out of a range without
 * lower bound, by one that is above them.  For columns asked for as
 * CASS_PLACE_SLICE, after all conditions; SAI fails on such a bound.
 */
extern void cass_domain_exclude_empty(CassDomain *domain);
/* AND timeuuid_timestamp(column) <strategy> value. */
extern void cass_domain_add_time(CassDomain *domain, int strategy, Oid valtype,
								 Datum value, bool isnull);

/* ---- bound_steps.c: functions of times ---- */

/* What a function makes of a time; clock: a timestamp without time zone. */
typedef enum CassStepKind
{
	CASS_STEP_DAY,	   /* clock to its date */
	CASS_STEP_TRUNC,   /* date_trunc() of a clock, to a unit */
	CASS_STEP_SHORTEN, /* date_trunc() of an instant, to less than a day */
	CASS_STEP_CLOCK,   /* instant to the clock of a time zone */
	CASS_STEP_INSTANT  /* clock of a time zone to the instant */
} CassStepKind;

typedef struct CassStep
{
	CassStepKind kind;
	int unit;	/* TRUNC, SHORTEN: see cass_trunc_unit() */
	Datum zone; /* CLOCK, INSTANT: text; 0: the session's */
} CassStep;

/* A unit of date_trunc(), or -1; *shorter: than a day. */
extern int cass_trunc_unit(const char *name, bool *shorter);

/*
 * AND steps(column) <strategy> one of the values, the outermost step first: as
 * a range of the column (or of the time of a timeuuid) that holds all such
 * values, and perhaps more.  The types are such that a clock is not compared
 * with an instant: INSTANT comes first there.
 */
extern void cass_domain_add_steps(CassDomain *domain, int strategy,
								  Oid valtype, int nvalues,
								  const Datum *values, const bool *nulls,
								  const CassStep *steps, int nsteps);

#endif /* CASS_BOUND_H */
