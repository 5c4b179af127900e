/*
 * codec.c
 *	  Which CQL type converts to and from which PostgreSQL type, and how: the
 *	  one type table.
 *
 * A codec is chosen once per column; per cell there is one call through its
 * function pointer (codec_convert.c).
 */
#include "codec.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* Targets that are not one certain type; type Oids are larger. */
#define TARGET_NUMBER ((Oid) 1) /* int2 .. numeric */
#define TARGET_STRING ((Oid) 2) /* binary coercible to text */
#define TARGET_ENUM ((Oid) 3)
#define TARGET_ARRAY ((Oid) 4)
#define TARGET_COMPOSITE ((Oid) 5)
#define TARGET_TIMEUUID ((Oid) 6) /* our own type */
#define TARGET_PGVECTOR ((Oid) 7)
#define TARGET_HSTORE ((Oid) 8)

/* A set of CQL types; the vector's id is too large for a bit of its own. */
#define VECTOR_BIT 63
#define BIT(id)                                                               \
	(UINT64CONST(1) << ((id) == CQL_TYPE_VECTOR ? VECTOR_BIT : (int) (id)))
#define T(name) BIT(CQL_TYPE_##name)
#define TEXTS (T(TEXT) | T(ASCII))
#define NUMBERS                                                               \
	(T(TINYINT) | T(SMALLINT) | T(INT) | T(BIGINT) | T(COUNTER) | T(VARINT) | \
	 T(DECIMAL) | T(FLOAT) | T(DOUBLE))
#define SEQUENCES (T(LIST) | T(SET) | T(VECTOR))
#define CONTAINERS (SEQUENCES | T(MAP) | T(TUPLE) | T(UDT))
/* Zero bytes are a value of these, of all others a kind of null. */
#define WITH_EMPTY (TEXTS | T(BLOB) | T(CUSTOM))

typedef struct Conversion
{
	uint64 types;
	Oid target;
	CassDecode decode;
	CassEncode encode;
	CassPrepare prepare;
} Conversion;

#define PAIR(name) cass_decode_##name, cass_encode_##name

/* The first row that fits is taken. */
static const Conversion conversions[] = {
	{T(INT), INT4OID, PAIR(int4), NULL},
	{T(BIGINT) | T(COUNTER), INT8OID, PAIR(int8), NULL},
	{TEXTS, TEXTOID, PAIR(text), NULL},
	{T(DOUBLE), FLOAT8OID, PAIR(float8), NULL},
	{T(FLOAT), FLOAT4OID, PAIR(float4), NULL},
	{T(BOOLEAN), BOOLOID, PAIR(bool), NULL},
	{T(SMALLINT), INT2OID, PAIR(int2), NULL},
	{T(TINYINT), INT2OID, PAIR(tinyint), NULL},
	{T(VARINT), NUMERICOID, PAIR(varint), NULL},
	{T(DECIMAL), NUMERICOID, PAIR(decimal), NULL},
	{NUMBERS, TARGET_NUMBER, PAIR(number), NULL},
	{T(BLOB) | T(CUSTOM), BYTEAOID, PAIR(bytea), NULL},
	{T(UUID) | T(TIMEUUID), UUIDOID, PAIR(uuid), NULL},
	{T(TIMEUUID), TARGET_TIMEUUID, PAIR(uuid), NULL},
	{T(INET), INETOID, PAIR(inet), NULL},
	{T(INET), CIDROID, PAIR(inet), NULL},
	{T(TIMESTAMP), TIMESTAMPTZOID, PAIR(timestamp), NULL},
	{T(TIMESTAMP), TIMESTAMPOID, PAIR(timestamp), NULL},
	{T(DATE), DATEOID, PAIR(date), NULL},
	{T(TIME), TIMEOID, PAIR(time), NULL},
	{T(TIME), INT8OID, PAIR(time_int8), NULL},
	{T(DURATION), INTERVALOID, PAIR(interval), NULL},
	{T(DURATION), TARGET_STRING, PAIR(duration_text), NULL},
	{TEXTS, BPCHAROID, PAIR(bpchar), NULL},
	{TEXTS, NAMEOID, PAIR(name), NULL},
	{TEXTS, JSONBOID, PAIR(parsed), cass_prepare_parsed},
	{TEXTS, JSONOID, PAIR(parsed), cass_prepare_parsed},
	{TEXTS, XMLOID, PAIR(parsed), cass_prepare_parsed},
	{TEXTS, TARGET_STRING, PAIR(text), NULL},
	{TEXTS, TARGET_ENUM, PAIR(enum), NULL},
	{T(VECTOR), FLOAT4ARRAYOID, PAIR(float4_vector),
	 cass_prepare_float4_vector},
	{T(VECTOR), TARGET_PGVECTOR, PAIR(pgvector), cass_prepare_pgvector},
	{SEQUENCES, TARGET_ARRAY, PAIR(array), cass_prepare_array},
	{T(TUPLE) | T(UDT), TARGET_COMPOSITE, PAIR(composite),
	 cass_prepare_composite},
	{T(MAP), TARGET_HSTORE, PAIR(hstore), cass_prepare_hstore},
	{CONTAINERS, JSONBOID, PAIR(jsonb), cass_prepare_json},
	{CONTAINERS, JSONOID, PAIR(json_text), cass_prepare_json},
	{CONTAINERS, TARGET_STRING, PAIR(json_text), cass_prepare_json},
};

static bool
target_fits(Oid target, Oid typid)
{
	switch (target)
	{
		case TARGET_NUMBER:
			return typid == INT2OID || typid == INT4OID || typid == INT8OID ||
				   typid == FLOAT4OID || typid == FLOAT8OID ||
				   typid == NUMERICOID;
		case TARGET_STRING:
			return IsBinaryCoercible(typid, TEXTOID);
		case TARGET_ENUM:
			return type_is_enum(typid);
		case TARGET_ARRAY:
			return OidIsValid(get_element_type(typid));
		case TARGET_COMPOSITE:
			return get_typtype(typid) == TYPTYPE_COMPOSITE;
		case TARGET_TIMEUUID:
			return typid >= FirstNormalObjectId &&
				   typid == cass_timeuuid_oid();
		case TARGET_PGVECTOR:
			return typid >= FirstNormalObjectId &&
				   typid == cass_extension_type_oid("vector", "vector");
		case TARGET_HSTORE:
			return typid >= FirstNormalObjectId &&
				   typid == cass_extension_type_oid("hstore", "hstore");
		default:
			return typid == target;
	}
}

/* ---- what a declaration adds: length coercion, domains ---- */

static Datum
decode_declared(CassCodec *codec, cql_slice cell, bool *isnull)
{
	Datum value = codec->uncoerced(codec, cell, isnull);

	if (codec->coercion != NULL && !*isnull)
		value = FunctionCall3(
			codec->coercion, value, Int32GetDatum(codec->typmod),
			BoolGetDatum(codec->unconvertible == CASS_UNCONVERTIBLE_CLAMP));
	if (codec->is_domain)
		domain_check(value, *isnull, codec->typid, &codec->domain_cache,
					 codec->context);
	return value;
}

/* A typmod that all values of the CQL type meet. */
static bool
is_met(const CassCodec *codec)
{
	return codec->type->id == CQL_TYPE_TIMESTAMP &&
		   codec->typmod >= CASS_TIMESTAMP_DIGITS;
}

/*
 * As the type's input function would: numeric(5,2), varchar(10), ...  An
 * explicit coercion cuts strings, which is clamping.
 */
static void
add_declared(CassCodec *codec)
{
	Oid function;

	if (codec->typmod >= 0 && !is_met(codec) &&
		find_typmod_coercion_function(codec->basetype, &function) ==
			COERCION_PATH_FUNC &&
		OidIsValid(function))
	{
		codec->coercion = palloc(sizeof(FmgrInfo));
		fmgr_info(function, codec->coercion);
	}
	if (codec->coercion == NULL && !codec->is_domain)
		return;
	codec->uncoerced = codec->decode;
	codec->decode = decode_declared;
}

/* ---- choosing ---- */

static bool
choose_conversion(CassCodec *codec)
{
	int32 typmod = codec->typmod;
	int i;

	for (i = 0; i < (int) lengthof(conversions); i++)
	{
		const Conversion *row = &conversions[i];

		if ((row->types & BIT(codec->type->id)) == 0 ||
			!target_fits(row->target, codec->basetype))
			continue;
		codec->decode = row->decode;
		codec->encode = row->encode;
		codec->empty_is_value = (WITH_EMPTY & BIT(codec->type->id)) != 0;
		if (row->prepare == NULL || row->prepare(codec))
			return true;
		codec->typmod = typmod;
		codec->nsub = 0;
		codec->sub = NULL;
	}
	return false;
}

static CassCodec *
start_codec(const cql_type *type, Oid typid, int32 typmod,
			CassUnconvertible unconvertible)
{
	CassCodec *codec = palloc0(sizeof(CassCodec));

	codec->type = type;
	codec->typid = typid;
	codec->typmod = typmod;
	codec->basetype = getBaseTypeAndTypmod(typid, &codec->typmod);
	codec->is_domain = codec->basetype != typid;
	codec->unconvertible = unconvertible;
	codec->context = CurrentMemoryContext;
	codec->print = cass_cell_text;
	return codec;
}

CassCodec *
cass_codec_build(const cql_type *type, Oid typid, int32 typmod,
				 CassUnconvertible unconvertible)
{
	CassCodec *codec = start_codec(type, typid, typmod, unconvertible);

	check_stack_depth();
	if (!choose_conversion(codec))
		return NULL;
	add_declared(codec);
	return codec;
}

static void
refuse_conversion(const cql_type *type, Oid typid)
{
	char *detail = cass_composite_mismatch(type, typid);
	const char *odd;

	ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
					errmsg("CQL type %s cannot be converted to type %s",
						   cass_type_text(type), format_type_be(typid)),
					detail != NULL ? errdetail("%s", detail) : 0,
					errhint("Declare the column as %s.",
							cass_import_type(type, &odd))));
}

CassCodec *
cass_codec_create(const cql_type *type, Oid typid, int32 typmod,
				  CassUnconvertible unconvertible)
{
	CassCodec *codec =
		cass_codec_build(cass_copy_type(type), typid, typmod, unconvertible);

	if (codec == NULL)
		refuse_conversion(type, typid);
	return codec;
}

CassCodec *
cass_codec_create_write_time(const cql_type *type, Oid typid, int32 typmod,
							 CassUnconvertible unconvertible)
{
	CassCodec *codec;

	if (type->id != CQL_TYPE_BIGINT || getBaseType(typid) != TIMESTAMPTZOID)
		return cass_codec_create(type, typid, typmod, unconvertible);
	codec = start_codec(cass_copy_type(type), typid, typmod, unconvertible);
	codec->decode = cass_decode_write_time;
	codec->encode = cass_encode_write_time;
	add_declared(codec);
	return codec;
}

bool
cass_codec_supported(const cql_type *type, Oid typid)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "cassandra_fdw type check",
							  ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	bool supported =
		cass_codec_build(type, typid, -1, CASS_UNCONVERTIBLE_ERROR) != NULL;

	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return supported;
}
