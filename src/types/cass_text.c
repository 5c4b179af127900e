/*
 * cass_text.c
 *	  text and ascii to and from PostgreSQL's string types, and to types that
 *	  are read from text (json, jsonb, xml, enums).
 *
 * Cassandra's text is UTF-8, but may hold NUL and surrogates, which a
 * PostgreSQL text cannot.
 */
#include "codec.h"

#include "catalog/namespace.h"
#include "catalog/pg_enum.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* What stands for a byte or character that cannot be held. */
#define REPLACEMENT_UTF8 "\xEF\xBF\xBD"
#define REPLACEMENT_OTHER "?"

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

/* Whether cells can be taken as they are, once verified. */
static bool
same_encoding(void)
{
	return GetDatabaseEncoding() == PG_UTF8 ||
		   GetDatabaseEncoding() == PG_SQL_ASCII;
}

static bool
is_ascii(const char *bytes, int len)
{
	int i;

	for (i = 0; i < len; i++)
	{
		if (bytes[i] == '\0' || IS_HIGHBIT_SET(bytes[i]))
			return false;
	}
	return true;
}

/*
 * How much of a text comes back as it was from the database's encoding, into
 * which EUC_JP puts two characters in one place: what is read as another
 * character would be looked for, and written, as that one.
 */
static int
faithful_prefix(const char *utf8, int len, const char *converted, int nbytes)
{
	char *back = pg_server_to_any(converted, nbytes, PG_UTF8);
	int same = 0;
	int n;

	while (same < len &&
		   (n = pg_utf_mblen((unsigned char *) utf8 + same)) > 0 &&
		   strncmp(utf8 + same, back + same, n) == 0)
		same += n;
	return same;
}

/* Appends what can be converted of a text; returns how many bytes of it. */
static int
convert(const char *bytes, int len, StringInfo out)
{
	Oid function = FindDefaultConversionProc(PG_UTF8, GetDatabaseEncoding());
	int ok;

	if (!OidIsValid(function))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("default conversion function for encoding "
							   "\"%s\" to \"%s\" does not exist",
							   pg_encoding_to_char(PG_UTF8),
							   GetDatabaseEncodingName())));
	enlargeStringInfo(out, len * MAX_CONVERSION_GROWTH + 1);
	ok = pg_do_encoding_conversion_buf(
		function, PG_UTF8, GetDatabaseEncoding(), (unsigned char *) bytes, len,
		(unsigned char *) out->data + out->len,
		len * MAX_CONVERSION_GROWTH + 1, true);
	out->len += strlen(out->data + out->len);
	return ok;
}

/*
 * Appends the longest prefix that the database can hold, converted; returns
 * its length in bytes.
 */
static int
convert_prefix(const char *bytes, int len, StringInfo out)
{
	int valid = pg_encoding_verifymbstr(PG_UTF8, bytes, len);
	int start = out->len;
	int ok;
	int faithful;

	if (same_encoding())
	{
		if (GetDatabaseEncoding() == PG_SQL_ASCII)
			valid = strnlen(bytes, len);
		appendBinaryStringInfo(out, bytes, valid);
		return valid;
	}
	ok = convert(bytes, valid, out);
	faithful = faithful_prefix(bytes, ok, out->data + start, out->len - start);
	if (faithful == ok)
		return ok;
	out->len = start;
	return convert(bytes, faithful, out);
}

/* Bytes of the character, or of what stands for one, at the beginning. */
static int
skip_character(const char *bytes, int len)
{
	int n = pg_encoding_mblen(PG_UTF8, bytes);

	if (n <= len && pg_encoding_verifymbchar(PG_UTF8, bytes, len) == n)
		return n;
	return 1;
}

static text *
replace_invalid(const char *bytes, int len)
{
	const char *replacement = GetDatabaseEncoding() == PG_UTF8
								  ? REPLACEMENT_UTF8
								  : REPLACEMENT_OTHER;
	StringInfoData out;

	initStringInfo(&out);
	while (len > 0)
	{
		int used = convert_prefix(bytes, len, &out);

		if (used < len)
		{
			appendStringInfoString(&out, replacement);
			used += skip_character(bytes + used, len - used);
		}
		bytes += used;
		len -= used;
	}
	return cstring_to_text_with_len(out.data, out.len);
}

char *
cass_to_cql(const char *text)
{
	return pstrdup(pg_server_to_any(text, (int) strlen(text), PG_UTF8));
}

char *
cass_from_cql(const char *utf8)
{
	int len = (int) strlen(utf8);

	if (is_ascii(utf8, len))
		return pstrdup(utf8);
	return text_to_cstring(replace_invalid(utf8, len));
}

char *
cass_name_from_cql(const char *utf8)
{
	int len = (int) strlen(utf8);
	StringInfoData out;

	initStringInfo(&out);
	return convert_prefix(utf8, len, &out) == len ? out.data : NULL;
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

	if (!same_encoding())
	{
		initStringInfo(&out);
		if (convert_prefix(bytes, len, &out) == len)
			return PointerGetDatum(
				cstring_to_text_with_len(out.data, out.len));
	}
	if (codec->unconvertible == CASS_UNCONVERTIBLE_ERROR)
		report_unconvertible(codec, bytes, len);
	if (codec->unconvertible == CASS_UNCONVERTIBLE_CLAMP)
		return PointerGetDatum(replace_invalid(bytes, len));
	*isnull = true;
	return (Datum) 0;
}

Datum
cass_decode_text(CassCodec *codec, cql_slice cell, bool *isnull)
{
	const char *bytes = (const char *) cell.data;

	if (cell.len == 0 ||
		(same_encoding() ? pg_verifymbstr(bytes, cell.len, true)
						 : is_ascii(bytes, cell.len)))
		return PointerGetDatum(make_text(bytes, cell.len));
	return decode_odd_text(codec, bytes, cell.len, isnull);
}

/* Appends a string in the database's encoding as the codec's CQL type. */
static void
put_string(CassCodec *codec, const char *string, int len, StringInfo out)
{
	char *utf8;

	if (codec->type->id == CQL_TYPE_ASCII && !is_ascii(string, len))
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
