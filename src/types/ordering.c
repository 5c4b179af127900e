/*
 * ordering.c
 *	  Where Cassandra's orders, groups, least and greatest values are SQL's.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "bound_value.h"

CassEquality
cass_bound_equality(const CassCodec *codec, Oid valtype)
{
	switch (codec->type->id)
	{
		case CQL_TYPE_TIMESTAMP:
		case CQL_TYPE_DATE:
			return valtype == TIMESTAMPTZOID &&
						   codec->basetype != TIMESTAMPTZOID
					   ? CASS_EQUALITY_POINTS
					   : CASS_EQUALITY_POINT;
		case CQL_TYPE_FLOAT:
		case CQL_TYPE_DOUBLE:
			return CASS_EQUALITY_POINTS;
		case CQL_TYPE_TUPLE:
		case CQL_TYPE_UDT:
			return CASS_EQUALITY_POINTS;
		case CQL_TYPE_LIST:
		case CQL_TYPE_SET:
		case CQL_TYPE_MAP:
			return codec->basetype == JSONBOID ? CASS_EQUALITY_POINTS
											   : CASS_EQUALITY_POINT;
		case CQL_TYPE_TIME:
			return codec->basetype == TIMEOID ? CASS_EQUALITY_RANGE
											  : CASS_EQUALITY_POINT;
		default:
			return codec->basetype == INT8OID &&
						   (valtype == FLOAT4OID || valtype == FLOAT8OID)
					   ? CASS_EQUALITY_POINTS
					   : CASS_EQUALITY_POINT;
	}
}

bool
cass_order_matches_last(const CassCodec *codec, Oid opfamily, Oid collation)
{
	const char *reason;

	return cass_own_exactness(codec, CASS_PLACE_CLUSTERING,
							  BTGreaterStrategyNumber, opfamily, collation,
							  &reason) == CASS_EXACT;
}

bool
cass_order_matches(const CassCodec *codec, Oid opfamily, Oid collation)
{
	return cass_bound_equality(codec, codec->basetype) ==
			   CASS_EQUALITY_POINT &&
		   cass_order_matches_last(codec, opfamily, collation);
}

bool
cass_group_exact(const CassCodec *codec, Oid opfamily, Oid collation)
{
	const char *reason;

	return cass_own_exactness(codec, CASS_PLACE_BYTES, BTEqualStrategyNumber,
							  opfamily, collation, &reason) == CASS_EXACT;
}

CassMinMax
cass_minmax(const CassCodec *codec, bool max, Oid opfamily, Oid collation)
{
	switch (codec->type->id)
	{
		case CQL_TYPE_FLOAT:
		case CQL_TYPE_DOUBLE:
		case CQL_TYPE_DECIMAL:
		case CQL_TYPE_VARINT:
		case CQL_TYPE_COUNTER:
			return CASS_MINMAX_NEVER;
		default:
			break;
	}
	if (!cass_order_matches_last(codec, opfamily, collation))
		return CASS_MINMAX_NEVER;
	return !max && cass_has_empty(codec) ? CASS_MINMAX_UNLESS_EMPTY
										 : CASS_MINMAX_EXACT;
}
