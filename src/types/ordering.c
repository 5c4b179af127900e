/*
 * ordering.c
 *	  Where Cassandra's orders, groups, least and greatest values are SQL's;
 *	  and the codecs of parts of collections.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "bound_value.h"

bool
cass_has_empty(const CassCodec *codec)
{
	switch (codec->type->id)
	{
		case CQL_TYPE_TINYINT:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_DATE:
		case CQL_TYPE_TIME:
		case CQL_TYPE_COUNTER:
			return false;
		default:
			return !codec->empty_is_value;
	}
}

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

static bool
is_text(const cql_type *type)
{
	return type->id == CQL_TYPE_TEXT || type->id == CQL_TYPE_ASCII;
}

/* Part of a container: of an array its own codec, of a document text only. */
static CassCodec *
part_codec(const CassCodec *codec, uint32_t i)
{
	if (codec->basetype == JSONBOID)
		return is_text(codec->type->sub[i])
				   ? cass_codec_build(codec->type->sub[i], TEXTOID, -1,
									  codec->unconvertible)
				   : NULL;
	return i < codec->nsub ? codec->sub[i] : NULL;
}

CassCodec *
cass_element_codec(const CassCodec *codec)
{
	switch (codec->type->id)
	{
		case CQL_TYPE_LIST:
		case CQL_TYPE_SET:
			return part_codec(codec, 0);
		case CQL_TYPE_MAP:
			return part_codec(codec, 1);
		default:
			return NULL;
	}
}

CassCodec *
cass_key_codec(const CassCodec *codec)
{
	return codec->type->id == CQL_TYPE_MAP ? part_codec(codec, 0) : NULL;
}

bool
cass_element_value(const CassCodec *codec, bool key, Oid valtype, Datum value,
				   cql_slice *element)
{
	CassDomain domain;

	cass_domain_init(&domain,
					 key ? cass_key_codec(codec) : cass_element_codec(codec));
	cass_domain_add(&domain, BTEqualStrategyNumber, valtype, value, false);
	if (domain.kind != CASS_DOMAIN_POINTS)
		return false;
	Assert(domain.npoints == 1);
	*element = domain.points[0];
	return true;
}
