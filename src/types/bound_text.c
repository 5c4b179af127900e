/*
 * bound_text.c
 *	  Strings of conditions as CQL text or ascii.
 *
 * A string that the column cannot hold is equal to none of it; its place in
 * the order is beside the longest beginning that the column can hold.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "bound_value.h"

#define LAST_ASCII 0x7F
#define LAST_UNICODE 0x10FFFF
#define FIRST_SURROGATE 0xD800
#define AFTER_SURROGATES 0xE000

/* A string's beginning in UTF-8, and whether that is all of it. */
typedef struct Prefix
{
	StringInfoData utf8;
	bool whole;
} Prefix;

static bool
convert(const char *bytes, int len, StringInfo out)
{
	int encoding = GetDatabaseEncoding();
	Oid function;
	int used;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
	{
		used = pg_encoding_verifymbstr(PG_UTF8, bytes, len);
		appendBinaryStringInfo(out, bytes, used);
		return used == len;
	}
	function = FindDefaultConversionProc(encoding, PG_UTF8);
	if (!OidIsValid(function))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("default conversion function for encoding "
							   "\"%s\" to \"%s\" does not exist",
							   GetDatabaseEncodingName(),
							   pg_encoding_to_char(PG_UTF8))));
	enlargeStringInfo(out, len * MAX_CONVERSION_GROWTH + 1);
	used = pg_do_encoding_conversion_buf(
		function, encoding, PG_UTF8, (unsigned char *) bytes, len,
		(unsigned char *) out->data, len * MAX_CONVERSION_GROWTH + 1, true);
	out->len = strlen(out->data);
	return used == len;
}

static void
make_prefix(CassCodec *codec, const char *bytes, int len, Prefix *prefix)
{
	int i;

	initStringInfo(&prefix->utf8);
	prefix->whole = convert(bytes, len, &prefix->utf8);
	if (codec->type->id != CQL_TYPE_ASCII)
		return;
	for (i = 0; i < prefix->utf8.len; i++)
	{
		if (IS_HIGHBIT_SET(prefix->utf8.data[i]))
		{
			prefix->utf8.len = i;
			prefix->whole = false;
		}
	}
}

static void
read_string(CassCodec *codec, Oid valtype, Datum value, Prefix *prefix)
{
	const char *string;

	if (valtype == NAMEOID)
		string = NameStr(*DatumGetName(value));
	else if (valtype == ANYENUMOID)
		string = DatumGetCString(DirectFunctionCall1(enum_out, value));
	else
	{
		text *t = DatumGetTextPP(value);

		make_prefix(codec, VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t), prefix);
		return;
	}
	make_prefix(codec, string, strlen(string), prefix);
}

/*
 * Makes of a string the least one that is after all strings beginning with it,
 * in the order of bytes, which is that of code points.  False where there is
 * none.
 */
static bool
make_successor(StringInfo utf8, pg_wchar last)
{
	while (utf8->len > 0)
	{
		int start = utf8->len - 1;
		unsigned char *character;
		pg_wchar code;

		while (start > 0 && (utf8->data[start] & 0xC0) == 0x80)
			start--;
		character = (unsigned char *) utf8->data + start;
		code = utf8_to_unicode(character);
		utf8->len = start;
		if (code >= last)
			continue;
		if (++code == FIRST_SURROGATE)
			code = AFTER_SURROGATES;
		enlargeStringInfo(utf8, MAX_UNICODE_EQUIVALENT_STRING);
		character = (unsigned char *) utf8->data + start;
		unicode_to_utf8(code, character);
		utf8->len = start + pg_utf_mblen(character);
		return true;
	}
	return false;
}

static pg_wchar
last_character(const CassCodec *codec)
{
	return codec->type->id == CQL_TYPE_ASCII ? LAST_ASCII : LAST_UNICODE;
}

/*
 * Beside a string that cannot be held.  In an ascii column what begins alike
 * is before it; elsewhere that is not known, so that more is asked for.
 */
static bool
bound_beside(CassCodec *codec, int strategy, StringInfo utf8,
			 CassBoundValue *bound)
{
	bool ascii = codec->type->id == CQL_TYPE_ASCII;

	if (!cass_is_upper(strategy) && !ascii)
		cass_bound_add(bound, BTGreaterEqualStrategyNumber, utf8->data,
					   utf8->len);
	else if (make_successor(utf8, last_character(codec)))
		cass_bound_add(bound,
					   cass_is_upper(strategy) ? BTLessStrategyNumber
											   : BTGreaterEqualStrategyNumber,
					   utf8->data, utf8->len);
	else if (cass_is_upper(strategy))
		bound->strategy = CASS_ANY_VALUE;
	else
		return false;
	return true;
}

bool
cass_text_bound(CassCodec *codec, int strategy, Oid valtype, Datum value,
				CassBoundValue *bound)
{
	Prefix prefix;

	read_string(codec, valtype, value, &prefix);
	if (!prefix.whole)
		return strategy != BTEqualStrategyNumber &&
			   bound_beside(codec, strategy, &prefix.utf8, bound);
	cass_bound_add(bound, strategy, prefix.utf8.data, prefix.utf8.len);
	return true;
}

bool
cass_prefix_bound(CassCodec *codec, Datum prefix, CassBoundValue *lower,
				  CassBoundValue *upper)
{
	Prefix string;

	read_string(codec, TEXTOID, prefix, &string);
	if (!string.whole)
		return false;
	cass_bound_add(lower, BTGreaterEqualStrategyNumber, string.utf8.data,
				   string.utf8.len);
	if (make_successor(&string.utf8, last_character(codec)))
		cass_bound_add(upper, BTLessStrategyNumber, string.utf8.data,
					   string.utf8.len);
	else
		upper->strategy = CASS_ANY_VALUE;
	return true;
}
