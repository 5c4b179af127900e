/*
 * exactness.c
 *	  Which SQL conditions CQL can carry, and whether exactly.
 *
 * By type; what is not listed stays local.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

#include "cass_bound.h"
#include "pgcompat.h"

/* Btree operator families of the types that agree with CQL. */
#define INTEGER_FAMILY 1976
#define FLOAT_FAMILY 1970
#define DATETIME_FAMILY 434
#define TEXT_FAMILY 1994
#define UUID_FAMILY 2968
#define BOOL_FAMILY 424
#define BYTEA_FAMILY 428
#define NETWORK_FAMILY 1974

static CassExactness
never(const char **reason, const char *why)
{
	*reason = why;
	return CASS_NEVER;
}

/*
 * Zero-length values, which Cassandra sorts first and SQL sees as NULL,
 * answer a range without lower bound: such a range is rechecked.
 */
static CassExactness
ordered(int strategy, bool has_empty, const char **reason)
{
	if (!has_empty || strategy == BTEqualStrategyNumber ||
		strategy == BTGreaterStrategyNumber ||
		strategy == BTGreaterEqualStrategyNumber)
		return CASS_EXACT;
	*reason = "zero-length values answer a range without lower bound";
	return CASS_SUPERSET;
}

static bool
is_integer(Oid typid)
{
	return typid == INT2OID || typid == INT4OID || typid == INT8OID;
}

static bool
is_text(Oid typid)
{
	return typid == TEXTOID || typid == VARCHAROID;
}

static CassExactness
text_exactness(int strategy, Oid opfamily, Oid valtype, Oid collation,
			   const char **reason)
{
	if (opfamily != TEXT_FAMILY || !is_text(valtype))
		return never(reason, "the operator does not compare plain text");
	if (!OidIsValid(collation) || !get_collation_isdeterministic(collation))
		return never(reason, "the collation is not deterministic");
	if (strategy != BTEqualStrategyNumber && !cass_collation_is_c(collation))
		return never(reason, "the collation is not in byte order");
	return CASS_EXACT;
}

/* Own type: its operators order as Cassandra does; uuid's only for equality.
 */
static CassExactness
timeuuid_exactness(int strategy, Oid opfamily, Oid valtype,
				   const char **reason)
{
	if (strategy == BTEqualStrategyNumber &&
		(valtype == UUIDOID || valtype == cass_timeuuid_oid()))
		return CASS_EXACT;
	if (opfamily == UUID_FAMILY || valtype != cass_timeuuid_oid())
		return never(reason, "uuid orders otherwise than timeuuid");
	return ordered(strategy, true, reason);
}

/* Types that only their own type's equality is taken of. */
static CassExactness
equality_only(int strategy, bool same, const char **reason)
{
	if (!same)
		return never(reason, "the operator compares another type");
	if (strategy != BTEqualStrategyNumber)
		return never(reason, "Cassandra orders the type differently");
	return CASS_EXACT;
}

static CassExactness
same_type(int strategy, bool same, bool has_empty, const char **reason)
{
	if (!same)
		return never(reason, "the operator compares another type");
	return ordered(strategy, has_empty, reason);
}

static CassExactness
float_exactness(CassPlace place, int strategy, bool same, const char **reason)
{
	if (place == CASS_PLACE_PARTITION)
		return never(reason, "equal floating-point keys may differ in bytes");
	return same_type(strategy, same, true, reason);
}

CassExactness
cass_bound_exactness(const CassCodec *codec, CassPlace place, int strategy,
					 Oid opfamily, Oid valtype, Oid collation,
					 const char **reason)
{
	Oid typid = cass_codec_typid(codec);
	cql_type_id id = cass_codec_type(codec)->id;

	*reason = NULL;
	switch (id)
	{
		case CQL_TYPE_TINYINT:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_INT:
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
			return same_type(strategy,
							 opfamily == INTEGER_FAMILY && is_integer(typid) &&
								 is_integer(valtype),
							 id == CQL_TYPE_INT || id == CQL_TYPE_BIGINT,
							 reason);
		case CQL_TYPE_FLOAT:
			return float_exactness(place, strategy,
								   opfamily == FLOAT_FAMILY &&
									   typid == FLOAT4OID && valtype == typid,
								   reason);
		case CQL_TYPE_DOUBLE:
			return float_exactness(place, strategy,
								   opfamily == FLOAT_FAMILY &&
									   typid == FLOAT8OID && valtype == typid,
								   reason);
		case CQL_TYPE_TIMESTAMP:
			return same_type(strategy,
							 opfamily == DATETIME_FAMILY &&
								 typid == TIMESTAMPTZOID && valtype == typid,
							 true, reason);
		case CQL_TYPE_DATE:
			return same_type(strategy,
							 opfamily == DATETIME_FAMILY && typid == DATEOID &&
								 valtype == typid,
							 false, reason);
		case CQL_TYPE_TEXT:
		case CQL_TYPE_ASCII:
			if (!is_text(typid))
				return never(reason, "the column is not plain text here");
			if (id == CQL_TYPE_ASCII && strategy != BTEqualStrategyNumber)
				return never(reason,
							 "a bound may not be representable in ascii");
			return text_exactness(strategy, opfamily, valtype, collation,
								  reason);
		case CQL_TYPE_BLOB:
			return same_type(strategy,
							 opfamily == BYTEA_FAMILY && typid == BYTEAOID &&
								 valtype == typid,
							 false, reason);
		case CQL_TYPE_BOOLEAN:
			return equality_only(strategy,
								 opfamily == BOOL_FAMILY && typid == BOOLOID &&
									 place != CASS_PLACE_PARTITION,
								 reason);
		case CQL_TYPE_UUID:
			return equality_only(strategy,
								 opfamily == UUID_FAMILY && typid == UUIDOID &&
									 valtype == typid,
								 reason);
		case CQL_TYPE_INET:
			return equality_only(strategy,
								 opfamily == NETWORK_FAMILY &&
									 typid == INETOID && valtype == typid,
								 reason);
		case CQL_TYPE_TIMEUUID:
			if (typid != UUIDOID && typid != cass_timeuuid_oid())
				return never(reason, "the column is not a timeuuid here");
			return timeuuid_exactness(strategy, opfamily, valtype, reason);
		default:
			return never(reason, "the type compares differently in CQL");
	}
}

bool
cass_order_matches(const CassCodec *codec, Oid opfamily, Oid collation)
{
	const char *reason;
	cql_type_id id = cass_codec_type(codec)->id;

	/* -0.0 and 0.0 are one value to SQL and two to Cassandra */
	if (id == CQL_TYPE_FLOAT || id == CQL_TYPE_DOUBLE)
		return false;
	return cass_bound_exactness(
			   codec, CASS_PLACE_CLUSTERING, BTGreaterStrategyNumber, opfamily,
			   cass_codec_typid(codec), collation, &reason) == CASS_EXACT;
}
