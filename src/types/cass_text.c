/*
 * cass_text.c
 *	  text and ascii to and from PostgreSQL's string types, and to types that
 *	  are read from text (json, jsonb, xml, enums).
 *
 * Cassandra's text is UTF-8, but may hold NUL and surrogates, which a
 * PostgreSQL text cannot.
 */
#include "codec.h"

#include "catalog/pg_enum.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Input and output functions of a type that is read from text. */
typedef struct ParsedState
{
	FmgrInfo input;
	Oid ioparam;
	FmgrInfo output;
} ParsedState;

static text *
make_text(const char *bytes, int len)
{
	text *result = palloc(VARHDRSZ + len);

	SET_VARSIZE(result, VARHDRSZ + len);
	if (len > 0)
		memcpy(VARDATA(result), bytes, len);
	return result;
}

static void
report_unconvertible(CassCodec *codec, const char *bytes, int len)
{
	if (memchr(bytes, '\0', len) != NULL)
		ereport(
			ERROR,
			(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
			 errmsg("value of CQL type %s contains a NUL character, which "
					"type %s cannot hold",
					cass_type_text(codec->type), format_type_be(codec->typid)),
			 errhint("The column option \"on_unconvertible\" can turn such "
					 "values into NULL or replace the character.")));
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("value of CQL type %s contains characters that encoding "
					"\"%s\" cannot hold",
					cass_type_text(codec->type), GetDatabaseEncodingName()),
			 errhint("The column option \"on_unconvertible\" can turn such "
					 "values into NULL or replace the characters.")));
}

/* A cell that is not simply valid in the database's encoding. */
static Datum
decode_odd_text(CassCodec *codec, const char *bytes, int len, bool *isnull)
{
	StringInfoData out;

	if (!cass_same_encoding())
	{
		initStringInfo(&out);
		if (cass_convert_prefix(bytes, len, &out) == len)
			return PointerGetDatum(
				cstring_to_text_with_len(out.data, out.len));
	}
	if (codec->unconvertible == CASS_UNCONVERTIBLE_ERROR)
		report_unconvertible(codec, bytes, len);
	if (codec->unconvertible == CASS_UNCONVERTIBLE_CLAMP)
		return PointerGetDatum(cass_replace_invalid(bytes, len));
	*isnull = true;
	return (Datum) 0;
}

Datum
cass_decode_text(CassCodec *codec, cql_slice cell, bool *isnull)
{
	const char *bytes = (const char *) cell.data;

	if (cell.len == 0 ||
		(cass_same_encoding() ? pg_verifymbstr(bytes, cell.len, true)
							  : cass_is_ascii(bytes, cell.len)))
		return PointerGetDatum(make_text(bytes, cell.len));
	return decode_odd_text(codec, bytes, cell.len, isnull);
}

/* Appends a string in the database's encoding as the codec's CQL type. */
static void
put_string(CassCodec *codec, const char *string, int len, StringInfo out)
{
	char *utf8;

	if (codec->type->id == CQL_TYPE_ASCII && !cass_is_ascii(string, len))
		ereport(ERROR, (errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
						errmsg("value contains a character that CQL type "
							   "ascii cannot hold")));
	utf8 = pg_server_to_any(string, len, PG_UTF8);
	appendBinaryStringInfo(out, utf8,
						   utf8 == string ? len : (int) strlen(utf8));
}

void
cass_encode_text(CassCodec *codec, Datum value, StringInfo out)
{
	text *string = DatumGetTextPP(value);

	put_string(codec, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string), out);
}

Datum
cass_decode_bpchar(CassCodec *codec, cql_slice cell, bool *isnull)
{
	return cass_decode_text(codec, cell, isnull);
}

/* Trailing blanks of a char(n) are padding, as in its cast to text. */
void
cass_encode_bpchar(CassCodec *codec, Datum value, StringInfo out)
{
	BpChar *string = DatumGetBpCharPP(value);

	put_string(codec, VARDATA_ANY(string),
			   bpchartruelen(VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string)),
			   out);
}

Datum
cass_decode_name(CassCodec *codec, cql_slice cell, bool *isnull)
{
	Datum value = cass_decode_text(codec, cell, isnull);
	Name name;
	int len;

	if (*isnull)
		return (Datum) 0;
	len = VARSIZE_ANY_EXHDR(DatumGetPointer(value));
	name = palloc0(NAMEDATALEN);
	memcpy(NameStr(*name), VARDATA_ANY(DatumGetPointer(value)),
		   pg_mbcliplen(VARDATA_ANY(DatumGetPointer(value)), len,
						NAMEDATALEN - 1));
	if (len >= NAMEDATALEN)
		return cass_out_of_range(codec, NameGetDatum(name), isnull);
	return NameGetDatum(name);
}

void
cass_encode_name(CassCodec *codec, Datum value, StringInfo out)
{
	const char *name = NameStr(*DatumGetName(value));

	put_string(codec, name, strlen(name), out);
}

Datum
cass_decode_enum(CassCodec *codec, cql_slice cell, bool *isnull)
{
	Datum value = cass_decode_text(codec, cell, isnull);
	char *label;

	if (*isnull)
		return (Datum) 0;
	label = TextDatumGetCString(value);
	/* No label is near another: clamping has nothing to offer but NULL. */
	if (codec->unconvertible != CASS_UNCONVERTIBLE_ERROR &&
		(strlen(label) >= NAMEDATALEN ||
		 !SearchSysCacheExists2(ENUMTYPOIDNAME,
								ObjectIdGetDatum(codec->basetype),
								CStringGetDatum(label))))
	{
		*isnull = true;
		return (Datum) 0;
	}
	return DirectFunctionCall2(enum_in, CStringGetDatum(label),
							   ObjectIdGetDatum(codec->basetype));
}

void
cass_encode_enum(CassCodec *codec, Datum value, StringInfo out)
{
	char *label = DatumGetCString(DirectFunctionCall1(enum_out, value));

	put_string(codec, label, strlen(label), out);
}

bool
cass_prepare_parsed(CassCodec *codec)
{
	ParsedState *state = palloc(sizeof(ParsedState));
	Oid function;
	bool isvarlena;

	getTypeInputInfo(codec->basetype, &function, &state->ioparam);
	fmgr_info(function, &state->input);
	getTypeOutputInfo(codec->basetype, &function, &isvarlena);
	fmgr_info(function, &state->output);
	codec->state = state;
	return true;
}

/* Types read from text: what is no json or xml is an error of that type. */
Datum
cass_decode_parsed(CassCodec *codec, cql_slice cell, bool *isnull)
{
	ParsedState *state = codec->state;
	Datum value = cass_decode_text(codec, cell, isnull);

	if (*isnull)
		return (Datum) 0;
	return InputFunctionCall(&state->input, TextDatumGetCString(value),
							 state->ioparam, -1);
}

void
cass_encode_parsed(CassCodec *codec, Datum value, StringInfo out)
{
	ParsedState *state = codec->state;
	char *string = OutputFunctionCall(&state->output, value);

	put_string(codec, string, strlen(string), out);
}
