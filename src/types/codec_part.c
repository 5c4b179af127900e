/*
 * codec_part.c
 *	  What a codec tells of its column: the codecs of parts of collections, and
 *	  whether there may be zero-length values.
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
