/*
 * codec_convert.c
 *	  Values through a codec, and what they become.
 *
 * Called by src/fdw, and by the conversions for parts of their values.
 */
#include "codec.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

const cql_type *
cass_codec_type(const CassCodec *codec)
{
	return codec->type;
}

Oid
cass_codec_typid(const CassCodec *codec)
{
	return codec->typid;
}

/* ---- converting ---- */

/* A null, or zero bytes where they mean no value. */
static Datum
decode_null(CassCodec *codec, bool *isnull)
{
	*isnull = true;
	if (codec->is_domain)
		domain_check((Datum) 0, true, codec->typid, &codec->domain_cache,
					 codec->context);
	return (Datum) 0;
}

Datum
cass_decode(CassCodec *codec, cql_slice cell, bool *isnull)
{
	if (unlikely(cell.len < 0 || (cell.len == 0 && !codec->empty_is_value)))
		return decode_null(codec, isnull);
	*isnull = false;
	codec->cell = cell;
	return codec->decode(codec, cell, isnull);
}

void
cass_encode(CassCodec *codec, Datum value, StringInfo out)
{
	codec->encode(codec, value, out);
}

/* ---- what values become ---- */

bool
cass_codec_keeps(const CassCodec *codec)
{
	Oid typid = codec->typid;

	switch (codec->type->id)
	{
		case CQL_TYPE_INT:
			return typid == INT4OID;
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
			return typid == INT8OID;
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_TINYINT:
			return typid == INT2OID;
		case CQL_TYPE_UUID:
			return typid == UUIDOID;
		case CQL_TYPE_TIMEUUID:
			return typid == UUIDOID || typid == cass_timeuuid_oid();
		case CQL_TYPE_BLOB:
			return typid == BYTEAOID;
		case CQL_TYPE_ASCII:
		case CQL_TYPE_TEXT:
			return typid == TEXTOID &&
				   codec->unconvertible == CASS_UNCONVERTIBLE_ERROR &&
				   GetDatabaseEncoding() == PG_UTF8;
		default:
			return false;
	}
}

/* Cassandra keeps cells of these, and without any there is no value. */
static bool
has_no_cells(const cql_type *type, cql_slice value)
{
	cql_elements it;
	cql_slice element;
	const cql_type *of;

	if (type->frozen ||
		!(type->id == CQL_TYPE_LIST || type->id == CQL_TYPE_SET ||
		  type->id == CQL_TYPE_MAP || type->id == CQL_TYPE_UDT) ||
		!cql_elements_start(&it, type, value))
		return false;
	while (cql_elements_next(&it, &element, &of) > 0)
	{
		if (element.len >= 0)
			return false;
	}
	return true;
}

Datum
cass_as_stored(CassCodec *codec, Datum value, bool *isnull)
{
	StringInfoData bytes;
	cql_slice cell;

	initStringInfo(&bytes);
	cass_encode(codec, value, &bytes);
	cell.data = (const uint8_t *) bytes.data;
	cell.len = has_no_cells(codec->type, (cql_slice){cell.data, bytes.len})
				   ? CQL_NULL
				   : bytes.len;
	return cass_decode(codec, cell, isnull);
}
