/*
 * encoding.c
 *	  Cassandra's UTF-8 to and from the database's encoding.
 */
#include "codec.h"

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

/* What stands for a byte or character that cannot be held. */
#define REPLACEMENT_UTF8 "\xEF\xBF\xBD"
#define REPLACEMENT_OTHER "?"

bool
cass_same_encoding(void)
{
	return GetDatabaseEncoding() == PG_UTF8 ||
		   GetDatabaseEncoding() == PG_SQL_ASCII;
}

bool
cass_is_ascii(const char *bytes, int len)
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

int
cass_convert_prefix(const char *bytes, int len, StringInfo out)
{
	int valid = pg_encoding_verifymbstr(PG_UTF8, bytes, len);
	int start = out->len;
	int ok;
	int faithful;

	if (cass_same_encoding())
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

text *
cass_replace_invalid(const char *bytes, int len)
{
	const char *replacement = GetDatabaseEncoding() == PG_UTF8
								  ? REPLACEMENT_UTF8
								  : REPLACEMENT_OTHER;
	StringInfoData out;

	initStringInfo(&out);
	while (len > 0)
	{
		int used = cass_convert_prefix(bytes, len, &out);

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

	if (cass_is_ascii(utf8, len))
		return pstrdup(utf8);
	return text_to_cstring(cass_replace_invalid(utf8, len));
}

char *
cass_name_from_cql(const char *utf8)
{
	int len = (int) strlen(utf8);
	StringInfoData out;

	initStringInfo(&out);
	return cass_convert_prefix(utf8, len, &out) == len ? out.data : NULL;
}
