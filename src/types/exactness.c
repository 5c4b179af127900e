/*
 * exactness.c
 *	  Which SQL conditions CQL can carry, and whether exactly.
 *
 * By type; what is not listed stays local.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "bound_value.h"

/* Btree operator families of the types that agree with CQL. */
#define ARRAY_FAMILY 397
#define BOOL_FAMILY 424
#define BYTEA_FAMILY 428
#define FLOAT_FAMILY 1970
#define NETWORK_FAMILY 1974
#define INTEGER_FAMILY 1976
#define NUMERIC_FAMILY 1988
#define TEXT_FAMILY 1994
#define TIME_FAMILY 1996
#define TEXT_PATTERN_FAMILY 2095
#define UUID_FAMILY 2968
#define RECORD_FAMILY 2994
#define ENUM_FAMILY 3522
#define JSONB_FAMILY 4033

/* The precision that a time's declaration must have to leave it as it is. */
#define TIME_DIGITS 6

/* One question, and where its answer's reason goes. */
typedef struct Question
{
	const CassCodec *codec;
	CassPlace place;
	int strategy;
	Oid opfamily;
	Oid valtype;
	Oid collation;
	const char **reason;
} Question;

static CassExactness
never(const Question *q, const char *why)
{
	*q->reason = why;
	return CASS_NEVER;
}

static CassExactness
never_other_type(const Question *q)
{
	return never(q, "the operator compares another type");
}

static CassExactness
superset(const Question *q, const char *why)
{
	*q->reason = why;
	return CASS_SUPERSET;
}

/* Equality that finds values of the same bytes only. */
static bool
is_bytewise(const Question *q)
{
	return q->strategy == BTEqualStrategyNumber &&
		   (q->place == CASS_PLACE_BYTES || q->place == CASS_PLACE_PARTITION ||
			q->place == CASS_PLACE_INDEX);
}

/*
 * Zero-length values, which Cassandra sorts first and SQL sees as NULL,
 * answer a range without lower bound: such a range is rechecked.
 */
static CassExactness
ordered(const Question *q)
{
	if (cass_is_upper(q->strategy) && q->place != CASS_PLACE_SLICE &&
		cass_has_empty(q->codec))
		return superset(q, "zero-length values answer a range without lower "
						   "bound");
	return CASS_EXACT;
}

/* Types that Cassandra orders in its own way. */
static CassExactness
equality_only(const Question *q)
{
	if (q->strategy != BTEqualStrategyNumber)
		return never(q, "Cassandra orders the type differently");
	return CASS_EXACT;
}

static bool
is_integer(Oid typid)
{
	return typid == INT2OID || typid == INT4OID || typid == INT8OID;
}

/* Integers are numerics and float8s, too, as which they may be compared. */
static bool
compares_numbers(const Question *q)
{
	Oid typid = q->codec->basetype;

	switch (q->opfamily)
	{
		case INTEGER_FAMILY:
			return is_integer(typid) && is_integer(q->valtype);
		case NUMERIC_FAMILY:
			return (is_integer(typid) || typid == NUMERICOID) &&
				   q->valtype == NUMERICOID;
		case FLOAT_FAMILY:
			return is_integer(typid) &&
				   (q->valtype == FLOAT4OID || q->valtype == FLOAT8OID);
		default:
			return false;
	}
}

static CassExactness
number_exactness(const Question *q)
{
	cql_type_id id = q->codec->type->id;

	if (!compares_numbers(q))
		return never_other_type(q);
	if ((id == CQL_TYPE_DECIMAL || id == CQL_TYPE_VARINT) && is_bytewise(q))
		return never(q, "equal keys may differ in their bytes");
	if (id == CQL_TYPE_VARINT && q->place == CASS_PLACE_SAI)
		return never(q, "an index misplaces numbers that have more bytes "
						"than they need");
	return ordered(q);
}

static CassExactness
float_exactness(const Question *q)
{
	Oid typid = q->codec->basetype;
	bool fits = typid == FLOAT8OID ||
				(typid == FLOAT4OID && q->codec->type->id == CQL_TYPE_FLOAT);

	if (q->opfamily != FLOAT_FAMILY || !fits ||
		(q->valtype != FLOAT4OID && q->valtype != FLOAT8OID))
		return never_other_type(q);
	if (is_bytewise(q))
		return never(q, "equal floating-point keys may differ in bytes");
	/* PostgreSQL has every NaN above all numbers */
	if (q->place == CASS_PLACE_SAI &&
		(q->strategy == BTGreaterStrategyNumber ||
		 q->strategy == BTGreaterEqualStrategyNumber))
		return never(q, "an index does not find each NaN");
	return ordered(q);
}

static bool
is_datetime(Oid typid)
{
	return typid == DATEOID || typid == TIMESTAMPOID ||
		   typid == TIMESTAMPTZOID;
}

static CassExactness
datetime_exactness(const Question *q)
{
	Oid typid = q->codec->basetype;

	if (q->opfamily != CASS_TIME_FAMILY)
		return never_other_type(q);
	if (!is_datetime(typid) || !is_datetime(q->valtype))
		return never_other_type(q);
	/* several of the column's values may be one instant */
	if (q->valtype == TIMESTAMPTZOID && typid != TIMESTAMPTZOID)
		return superset(q, "the comparison depends on the time zone");
	return ordered(q);
}

/* A microsecond is a range of nanoseconds; as int8 it is these themselves. */
static CassExactness
time_exactness(const Question *q)
{
	if (q->codec->basetype == INT8OID)
	{
		if (q->opfamily != INTEGER_FAMILY || !is_integer(q->valtype))
			return never_other_type(q);
		return CASS_EXACT;
	}
	if (q->opfamily != TIME_FAMILY || q->codec->basetype != TIMEOID ||
		q->valtype != TIMEOID)
		return never_other_type(q);
	if (is_bytewise(q))
		return never(q, "a key may have nanoseconds");
	return CASS_EXACT;
}

static bool
is_text(Oid typid)
{
	return typid == TEXTOID || typid == VARCHAROID || typid == NAMEOID;
}

/* Whether the bytes of the database's encoding order as code points do. */
static bool
encoding_in_order(void)
{
	int encoding = GetDatabaseEncoding();

	return encoding == PG_UTF8 || encoding == PG_LATIN1 ||
		   encoding == PG_SQL_ASCII;
}

static CassExactness
text_order_exactness(const Question *q)
{
	if (q->opfamily != TEXT_PATTERN_FAMILY &&
		!cass_collation_is_c(q->collation))
		return never(q, "the collation is not in byte order");
	if (!encoding_in_order())
		return never(q, "the database's encoding is not in Unicode's order");
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		return superset(q, "the value may be no UTF-8");
	return CASS_EXACT;
}

static CassExactness
text_exactness(const Question *q)
{
	Oid typid = q->codec->basetype;

	if (type_is_enum(typid) && q->opfamily != TEXT_FAMILY)
		return q->opfamily == ENUM_FAMILY ? equality_only(q)
										  : never_other_type(q);
	/* cast to text, the order is another */
	if (type_is_enum(typid) && q->strategy != BTEqualStrategyNumber)
		return never(q, "texts are ordered otherwise than what they spell");
	if (!is_text(typid) && !type_is_enum(typid))
		return never(q, "the column is not plain text here");
	if ((q->opfamily != TEXT_FAMILY && q->opfamily != TEXT_PATTERN_FAMILY) ||
		!is_text(q->valtype))
		return never(q, "the operator does not compare plain text");
	if (!OidIsValid(q->collation) ||
		!get_collation_isdeterministic(q->collation))
		return never(q, "the collation is not deterministic");
	if (q->strategy == BTEqualStrategyNumber)
		return CASS_EXACT;
	return text_order_exactness(q);
}

/*
 * Every byte but zero is true, and one value to all but keys' bytes: of a
 * partition key all are asked for.
 */
static CassExactness
boolean_exactness(const Question *q)
{
	if (q->opfamily != BOOL_FAMILY || q->codec->basetype != BOOLOID ||
		q->valtype != BOOLOID)
		return never_other_type(q);
	if (is_bytewise(q) && q->place != CASS_PLACE_PARTITION)
		return never(q, "true has more than one spelling in a key");
	return ordered(q);
}

static CassExactness
same_type(const Question *q, Oid opfamily, Oid typid)
{
	if (q->opfamily != opfamily || q->codec->basetype != typid ||
		q->valtype != typid)
		return never_other_type(q);
	return CASS_EXACT;
}

static CassExactness
uuid_exactness(const Question *q)
{
	if (same_type(q, UUID_FAMILY, UUIDOID) == CASS_NEVER)
		return CASS_NEVER;
	return equality_only(q);
}

/* inet and cidr are compared by the same operators. */
static CassExactness
inet_exactness(const Question *q)
{
	if (q->opfamily != NETWORK_FAMILY ||
		(q->codec->basetype != INETOID && q->codec->basetype != CIDROID) ||
		(q->valtype != INETOID && q->valtype != CIDROID))
		return never_other_type(q);
	return equality_only(q);
}

/*
 * Our own type orders as Cassandra does; uuid's operators serve for equality
 * only.
 */
static CassExactness
timeuuid_exactness(const Question *q)
{
	Oid typid = q->codec->basetype;
	Oid own = cass_timeuuid_oid();

	if (typid != UUIDOID && typid != own)
		return never(q, "the column is not a timeuuid here");
	if (q->opfamily == UUID_FAMILY && q->valtype == UUIDOID)
	{
		if (q->strategy != BTEqualStrategyNumber)
			return never(q, "uuid orders otherwise than timeuuid");
		return CASS_EXACT;
	}
	if (typid != own || q->valtype != own ||
		q->opfamily !=
			lookup_type_cache(own, TYPECACHE_BTREE_OPFAMILY)->btree_opf)
		return never_other_type(q);
	return ordered(q);
}

/* Equality of two elements by the type's own operator, against bytes. */
static CassExactness
element_exactness(const CassCodec *element, Oid collation, const char **reason)
{
	Oid opfamily =
		lookup_type_cache(element->basetype, TYPECACHE_BTREE_OPFAMILY)
			->btree_opf;

	return cass_own_exactness(element, CASS_PLACE_BYTES, BTEqualStrategyNumber,
							  opfamily, collation, reason);
}

/*
 * Frozen lists and sets: equal where all elements are.  A set is bound in
 * Cassandra's order, whatever the array's.
 */
static CassExactness
array_exactness(const Question *q)
{
	const CassCodec *element;

	if (q->codec->nsub != 1 ||
		!OidIsValid(get_element_type(q->codec->basetype)) ||
		q->opfamily != ARRAY_FAMILY || q->valtype != ANYARRAYOID)
		return never_other_type(q);
	if (q->strategy != BTEqualStrategyNumber)
		return never(q, "Cassandra orders the type differently");
	element = q->codec->sub[0];
	if (element->type->id == CQL_TYPE_INET)
		return never(q, "the server rewrites addresses inside collections");
	if (element_exactness(element, q->collation, q->reason) != CASS_EXACT)
		return CASS_NEVER;
	if (q->codec->type->id == CQL_TYPE_SET)
		return superset(q, "a set has no order of its own");
	return CASS_EXACT;
}

/*
 * A column cast to text, of a type whose values have one spelling each; the
 * text is compared as the value that it spells.
 */
static bool
is_spelling(const Question *q)
{
	Oid typid = q->codec->basetype;

	return q->opfamily == TEXT_FAMILY && q->valtype == TEXTOID &&
		   (is_integer(typid) || typid == UUIDOID || typid == INETOID ||
			typid == CIDROID ||
			(OidIsValid(typid) && typid == cass_timeuuid_oid()));
}

static CassExactness
spelling_exactness(const Question *q)
{
	Oid typid = q->codec->basetype;

	if (q->strategy != BTEqualStrategyNumber)
		return never(q, "texts are ordered otherwise than what they spell");
	if (!OidIsValid(q->collation) ||
		!get_collation_isdeterministic(q->collation))
		return never(q, "the collation is not deterministic");
	return cass_own_exactness(
		q->codec, q->place, q->strategy,
		lookup_type_cache(typid, TYPECACHE_BTREE_OPFAMILY)->btree_opf,
		q->collation, q->reason);
}

static bool
is_plain_leaf(const cql_type *type)
{
	switch (type->id)
	{
		case CQL_TYPE_TEXT:
		case CQL_TYPE_ASCII:
		case CQL_TYPE_TINYINT:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_INT:
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_UUID:
		case CQL_TYPE_TIMEUUID:
			return true;
		default:
			return false;
	}
}

/* Types of which a JSON value has one spelling, or is of such types. */
static bool
is_plain(const cql_type *type)
{
	uint32_t i;

	if (type->nsub == 0)
		return is_plain_leaf(type);
	/* keys of maps are text in JSON: containers as keys are not looked at */
	if (type->id == CQL_TYPE_VECTOR ||
		(type->id == CQL_TYPE_MAP && type->sub[0]->nsub > 0))
		return false;
	for (i = 0; i < type->nsub; i++)
	{
		if (!is_plain(type->sub[i]))
			return false;
	}
	return true;
}

/*
 * Whether values equal to SQL can be told by all their spellings in bytes: of
 * a container declared as jsonb or as composite type.
 */
static bool
is_spellable(const CassCodec *codec, const char **reason)
{
	uint32_t i;

	*reason = "equal values of the type may differ in their bytes";
	if (codec->basetype == JSONBOID)
		return is_plain(codec->type);
	if ((codec->type->id != CQL_TYPE_UDT &&
		 codec->type->id != CQL_TYPE_TUPLE) ||
		get_typtype(codec->basetype) != TYPTYPE_COMPOSITE)
		return false;
	for (i = 0; i < codec->nsub; i++)
	{
		const CassCodec *sub = codec->sub[i];

		/* a field that the composite type lacks may be anything */
		if (sub == NULL ||
			(sub->nsub > 0
				 ? !is_spellable(sub, reason)
				 : element_exactness(sub, get_typcollation(sub->basetype),
									 reason) != CASS_EXACT))
			return false;
	}
	return true;
}

/* Frozen containers as jsonb or composite type: all spellings of a value. */
static CassExactness
container_exactness(const Question *q)
{
	bool json = q->codec->basetype == JSONBOID;
	const char *reason;

	if (q->opfamily != (json ? JSONB_FAMILY : RECORD_FAMILY) ||
		q->valtype != (json ? JSONBOID : RECORDOID))
		return never_other_type(q);
	if (q->strategy != BTEqualStrategyNumber)
		return never(q, "Cassandra orders the type differently");
	if (!is_spellable(q->codec, &reason))
		return never(q, reason);
	return superset(q, "the type compares differently in CQL");
}

static CassExactness
type_exactness(const Question *q)
{
	if (is_spelling(q))
		return spelling_exactness(q);
	switch (q->codec->type->id)
	{
		case CQL_TYPE_TINYINT:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_INT:
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
		case CQL_TYPE_VARINT:
		case CQL_TYPE_DECIMAL:
			return number_exactness(q);
		case CQL_TYPE_FLOAT:
		case CQL_TYPE_DOUBLE:
			return float_exactness(q);
		case CQL_TYPE_TIMESTAMP:
		case CQL_TYPE_DATE:
			return datetime_exactness(q);
		case CQL_TYPE_TIME:
			return time_exactness(q);
		case CQL_TYPE_TEXT:
		case CQL_TYPE_ASCII:
			return text_exactness(q);
		case CQL_TYPE_BLOB:
			return same_type(q, BYTEA_FAMILY, BYTEAOID);
		case CQL_TYPE_BOOLEAN:
			return boolean_exactness(q);
		case CQL_TYPE_UUID:
			return uuid_exactness(q);
		case CQL_TYPE_INET:
			return inet_exactness(q);
		case CQL_TYPE_TIMEUUID:
			return timeuuid_exactness(q);
		case CQL_TYPE_LIST:
		case CQL_TYPE_SET:
			return q->codec->basetype == JSONBOID ? container_exactness(q)
												  : array_exactness(q);
		case CQL_TYPE_MAP:
		case CQL_TYPE_TUPLE:
		case CQL_TYPE_UDT:
			return container_exactness(q);
		default:
			return never(q, "the type compares differently in CQL");
	}
}

/* Whether a declaration such as varchar(10) may change what is stored. */
static bool
changes_values(const CassCodec *codec)
{
	if (codec->coercion == NULL)
		return false;
	switch (codec->basetype)
	{
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return codec->typmod < CASS_TIMESTAMP_DIGITS;
		case TIMEOID:
			return codec->typmod < TIME_DIGITS;
		default:
			return true;
	}
}

CassExactness
cass_bound_exactness(const CassCodec *codec, CassPlace place, int strategy,
					 Oid opfamily, Oid valtype, Oid collation,
					 const char **reason)
{
	Question q = {codec,   place,	  strategy, opfamily,
				  valtype, collation, reason};
	CassExactness exactness;

	*reason = NULL;
	if (changes_values(codec))
		return never(&q, "the declared length or precision may change values");
	if (codec->unconvertible == CASS_UNCONVERTIBLE_CLAMP)
		return never(&q, "the column's values are changed by "
						 "on_unconvertible");
	exactness = type_exactness(&q);
	if (exactness == CASS_EXACT &&
		codec->unconvertible == CASS_UNCONVERTIBLE_NULL)
		return superset(&q, "values that cannot be held are NULL");
	return exactness;
}

/* ---- parts of the question ---- */

/* The type that operators of a codec's own type are declared with. */
static Oid
operator_type(Oid typid)
{
	if (type_is_enum(typid))
		return ANYENUMOID;
	if (typid == VARCHAROID)
		return TEXTOID;
	return typid == CIDROID ? INETOID : typid;
}

CassExactness
cass_own_exactness(const CassCodec *codec, CassPlace place, int strategy,
				   Oid opfamily, Oid collation, const char **reason)
{
	return cass_bound_exactness(codec, place, strategy, opfamily,
								operator_type(codec->basetype), collation,
								reason);
}

CassExactness
cass_prefix_exactness(const CassCodec *codec, Oid collation,
					  const char **reason)
{
	CassExactness exactness = cass_bound_exactness(
		codec, CASS_PLACE_CLUSTERING, BTEqualStrategyNumber, TEXT_FAMILY,
		TEXTOID, collation, reason);
	Question q = {.codec = codec, .reason = reason};

	if (exactness != CASS_NEVER && !encoding_in_order())
		return never(&q, "the database's encoding is not in Unicode's order");
	return exactness;
}

CassExactness
cass_time_exactness(const CassCodec *codec, CassPlace place, int strategy,
					Oid opfamily, Oid valtype, const char **reason)
{
	Question q = {codec,   place,	   strategy, opfamily,
				  valtype, InvalidOid, reason};

	*reason = NULL;
	if (codec->type->id != CQL_TYPE_TIMEUUID ||
		codec->basetype != cass_timeuuid_oid())
		return never(&q, "the column is not a timeuuid here");
	if (opfamily != CASS_TIME_FAMILY || !is_datetime(valtype))
		return never_other_type(&q);
	return ordered(&q);
}

/* Lists, sets and maps shown as jsonb, or maps as hstore: texts inside. */
static bool
is_document(const CassCodec *codec)
{
	return codec->basetype == JSONBOID ||
		   (OidIsValid(codec->basetype) &&
			codec->basetype == cass_extension_type_oid("hstore", "hstore"));
}

CassExactness
cass_contains_exactness(const CassCodec *codec, bool key, Oid opfamily,
						Oid valtype, Oid collation, const char **reason)
{
	const CassCodec *part =
		key ? cass_key_codec(codec) : cass_element_codec(codec);
	Question q = {.codec = codec, .reason = reason};

	*reason = NULL;
	if (part == NULL)
		return never(&q, "the elements are not compared as in CQL");
	if (codec->unconvertible != CASS_UNCONVERTIBLE_ERROR)
		return never(&q, "the column's values are changed by "
						 "on_unconvertible");
	if (is_document(codec))
	{
		opfamily = TEXT_FAMILY;
		valtype = TEXTOID;
		collation = C_COLLATION_OID;
	}
	return cass_bound_exactness(part, CASS_PLACE_BYTES, BTEqualStrategyNumber,
								opfamily, valtype, collation, reason);
}
