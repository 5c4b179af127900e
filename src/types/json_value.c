/*
 * json_value.c
 *	  Any CQL value, scalars included, from and to JSON values.
 *
 * Called by src/fdw for rows as objects and for parameters given in JSON.
 */
#include "cass_json.h"

#include "cass_value.h"

CassCodec *
cass_json_codec_create(const cql_type *type)
{
	CassCodec *codec =
		cass_json_build(cass_copy_type(type), CASS_UNCONVERTIBLE_ERROR);

	if (codec == NULL)
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
						errmsg("CQL type %s cannot be converted to JSON",
							   cass_type_text(type))));
	return codec;
}

void
cass_json_push(CassCodec *codec, cql_slice cell, JsonbParseState **state)
{
	cass_json_push_value(codec, cell, WJB_VALUE, state);
}

void
cass_json_encode(CassCodec *codec, const JsonbValue *value, StringInfo out)
{
	cass_json_encode_value(codec, value, out);
}
