/*
 * scalar_text.c
 *	  Text of scalar values, as Cassandra's toJson writes and its fromJson
 *	  reads them.
 *
 * Called by cass_json.c and json_encode.c, for JSON scalars and map keys.
 * Where toJson loses the value (NaN, infinities) there is text of it, which
 * fromJson accepts.
 */
#include "codec.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/inet.h"
#include "utils/numeric.h"

#define MAX_VALUE_TEXT 64					  /* longer values are cut */
#define CQL_DATE_EPOCH INT64CONST(2147483648) /* 1970-01-01 as CQL date */
/* Java writes numbers in this range without an exponent. */
#define PLAIN_MIN_EXPONENT (-3)
#define PLAIN_MAX_EXPONENT 7

/* The PostgreSQL type whose codec does part of a leaf's work. */
static Oid
leaf_typid(cql_type_id id)
{
	switch (id)
	{
		case CQL_TYPE_TINYINT:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_INT:
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
			return INT8OID;
		case CQL_TYPE_VARINT:
		case CQL_TYPE_DECIMAL:
			return NUMERICOID;
		case CQL_TYPE_FLOAT:
			return FLOAT4OID;
		case CQL_TYPE_DOUBLE:
			return FLOAT8OID;
		case CQL_TYPE_BOOLEAN:
			return BOOLOID;
		case CQL_TYPE_ASCII:
		case CQL_TYPE_TEXT:
			return TEXTOID;
		case CQL_TYPE_UUID:
		case CQL_TYPE_TIMEUUID:
			return UUIDOID;
		case CQL_TYPE_INET:
			return INETOID;
		case CQL_TYPE_DATE:
			return DATEOID;
		case CQL_TYPE_TIME:
			return INT8OID;
		case CQL_TYPE_TIMESTAMP:
			return TIMESTAMPOID;
		case CQL_TYPE_DURATION:
			return TEXTOID;
		default:
			return BYTEAOID;
	}
}

CassCodec *
cass_build_json_leaf(const cql_type *type, CassUnconvertible unconvertible)
{
	return cass_codec_build(type, leaf_typid(type->id), -1, unconvertible);
}

/* ---- printing ---- */

/*
 * A number from its decimal digits d1 d2 .. dn, as d1.d2..dn * 10^exponent,
 * the way Java's Float and Double do: at least one digit after the point.
 */
static void
print_java_digits(StringInfo out, const char *digits, int ndigits,
				  int exponent)
{
	int point = 1;
	int i;

	if (exponent >= PLAIN_MIN_EXPONENT && exponent < PLAIN_MAX_EXPONENT)
		point = exponent + 1;
	if (point <= 0)
		appendStringInfoString(out, "0.");
	for (i = point; i < 0; i++)
		appendStringInfoChar(out, '0');
	for (i = 0; i < Max(ndigits, point + 1); i++)
	{
		if (i > 0 && i == point)
			appendStringInfoChar(out, '.');
		appendStringInfoChar(out, i < ndigits ? digits[i] : '0');
	}
	if (point != exponent + 1)
		appendStringInfo(out, "E%d", exponent);
}

static CassTextKind
print_float(StringInfo out, float8 f, bool single)
{
	char shortest[DOUBLE_SHORTEST_DECIMAL_LEN];
	char digits[DOUBLE_SHORTEST_DECIMAL_LEN];
	const char *p = shortest;
	int n = 0;
	int exponent = -1;
	bool seen_point = false;

	if (isnan(f) || isinf(f))
	{
		appendStringInfoString(out, isnan(f) ? "NaN"
									: f < 0	 ? "-Infinity"
											 : "Infinity");
		return CASS_TEXT_STRING;
	}
	if (single)
		float_to_shortest_decimal_buf((float) f, shortest);
	else
		double_to_shortest_decimal_buf(f, shortest);
	if (*p == '-')
		appendStringInfoChar(out, *p++);
	/* Take the significant digits and the exponent out of the text. */
	for (; *p != '\0' && *p != 'e'; p++)
	{
		if (*p == '.')
			seen_point = true;
		else
		{
			if (n > 0 || *p != '0')
				digits[n++] = *p;
			if (seen_point ? n == 0 : n > 0)
				exponent += seen_point ? -1 : 1;
		}
	}
	if (*p == 'e')
		exponent += atoi(p + 1);
	while (n > 0 && digits[n - 1] == '0')
		n--;
	print_java_digits(out, digits, n, n == 0 ? 0 : exponent);
	return CASS_TEXT_NUMBER;
}

/* Java's BigDecimal.toString(): unscaled digits, and the scale. */
static void
print_decimal_digits(StringInfo out, const char *digits, int32 scale)
{
	int ndigits;
	int64 exponent;
	int i;

	if (*digits == '-')
		appendStringInfoChar(out, *digits++);
	ndigits = strlen(digits);
	exponent = (int64) ndigits - 1 - scale;
	if (scale == 0)
		appendStringInfoString(out, digits);
	else if (scale > 0 && exponent >= -6)
	{
		if (exponent < 0)
			appendStringInfoString(out, "0.");
		for (i = (int) exponent; i < -1; i++)
			appendStringInfoChar(out, '0');
		if (exponent >= 0)
			appendStringInfo(out, "%.*s.", (int) exponent + 1, digits);
		appendStringInfoString(out, digits + Max(exponent + 1, 0));
	}
	else
	{
		appendStringInfo(out, ndigits > 1 ? "%c.%s" : "%c", digits[0],
						 digits + 1);
		appendStringInfo(out, "E%+lld", (long long) exponent);
	}
}

/* Printed from its parts: a scale of thousands is not written out. */
static CassTextKind
print_decimal(CassCodec *codec, cql_slice cell, StringInfo out)
{
	bool isnull = false;
	Datum unscaled;
	char *digits;

	if (cell.len < 5)
		cass_malformed(codec->type);
	unscaled = cass_numeric_from_bytes(codec, cell.data + 4, cell.len - 4, 0,
									   &isnull);
	if (isnull)
		return CASS_TEXT_NULL;
	digits = DatumGetCString(DirectFunctionCall1(numeric_out, unscaled));
	if (numeric_is_inf(DatumGetNumeric(unscaled)))
	{
		appendStringInfoString(out, digits);
		return CASS_TEXT_STRING;
	}
	print_decimal_digits(out, digits, (int32) cass_load32(cell.data));
	return CASS_TEXT_NUMBER;
}

static void
print_hex(StringInfo out, cql_slice cell)
{
	appendStringInfoString(out, "0x");
	enlargeStringInfo(out, cell.len * 2);
	out->len +=
		hex_encode((const char *) cell.data, cell.len, out->data + out->len);
	out->data[out->len] = '\0';
}

/* Java's form of an address: no shortening of IPv6. */
static void
print_inet(CassCodec *codec, cql_slice cell, StringInfo out)
{
	int i;

	if (cell.len == 4)
		appendStringInfo(out, "%d.%d.%d.%d", cell.data[0], cell.data[1],
						 cell.data[2], cell.data[3]);
	else if (cell.len == 16)
	{
		for (i = 0; i < 16; i += 2)
			appendStringInfo(out, i == 0 ? "%x" : ":%x",
							 cass_load16(cell.data + i));
	}
	else
		cass_malformed(codec->type);
}

static void
print_temporal(CassCodec *codec, cql_slice cell, StringInfo out)
{
	const cql_type *type = codec->type;
	CassDuration duration;
	bool isnull = false;

	switch (type->id)
	{
		case CQL_TYPE_DATE:
			cass_need_length(type, cell, 4);
			cass_print_date(out,
							(int64) cass_load32(cell.data) - CQL_DATE_EPOCH);
			break;
		case CQL_TYPE_TIME:
			cass_print_time(out, DatumGetInt64(cass_decode_time_int8(
									 codec, cell, &isnull)));
			break;
		case CQL_TYPE_TIMESTAMP:
			cass_need_length(type, cell, 8);
			cass_print_timestamp(out, (int64) cass_load64(cell.data));
			break;
		default:
			Assert(type->id == CQL_TYPE_DURATION);
			cass_read_duration(type, cell, &duration);
			cass_print_duration(out, &duration);
			break;
	}
}

/* Types whose leaf codec makes a Datum that is then printed. */
static CassTextKind
print_decoded(CassCodec *codec, cql_slice cell, StringInfo out)
{
	bool isnull = false;
	Datum value = codec->decode(codec, cell, &isnull);
	text *string;

	if (isnull)
		return CASS_TEXT_NULL;
	switch (codec->basetype)
	{
		case INT8OID:
			appendStringInfo(out, INT64_FORMAT, DatumGetInt64(value));
			return CASS_TEXT_NUMBER;
		case NUMERICOID:
			appendStringInfoString(
				out, DatumGetCString(DirectFunctionCall1(numeric_out, value)));
			if (numeric_is_inf(DatumGetNumeric(value)))
				return CASS_TEXT_STRING;
			return CASS_TEXT_NUMBER;
		case FLOAT4OID:
			return print_float(out, DatumGetFloat4(value), true);
		case FLOAT8OID:
			return print_float(out, DatumGetFloat8(value), false);
		case BOOLOID:
			appendStringInfoString(out,
								   DatumGetBool(value) ? "true" : "false");
			return CASS_TEXT_BOOLEAN;
		case UUIDOID:
			appendStringInfoString(
				out, DatumGetCString(DirectFunctionCall1(uuid_out, value)));
			return CASS_TEXT_STRING;
		default:
			Assert(codec->basetype == TEXTOID);
			string = DatumGetTextPP(value);
			appendBinaryStringInfo(out, VARDATA_ANY(string),
								   VARSIZE_ANY_EXHDR(string));
			return CASS_TEXT_STRING;
	}
}

CassTextKind
cass_print_scalar(CassCodec *codec, cql_slice cell, StringInfo out)
{
	if (cell.len < 0 || (cell.len == 0 && !codec->empty_is_value))
		return CASS_TEXT_NULL;
	switch (codec->type->id)
	{
		case CQL_TYPE_DECIMAL:
			return print_decimal(codec, cell, out);
		case CQL_TYPE_DATE:
		case CQL_TYPE_TIME:
		case CQL_TYPE_TIMESTAMP:
		case CQL_TYPE_DURATION:
			print_temporal(codec, cell, out);
			return CASS_TEXT_STRING;
		case CQL_TYPE_INET:
			print_inet(codec, cell, out);
			return CASS_TEXT_STRING;
		case CQL_TYPE_BLOB:
		case CQL_TYPE_CUSTOM:
			print_hex(out, cell);
			return CASS_TEXT_STRING;
		default:
			return print_decoded(codec, cell, out);
	}
}

char *
cass_cell_text(const cql_type *type, cql_slice cell)
{
	CassCodec *leaf = cass_build_json_leaf(type, CASS_UNCONVERTIBLE_NULL);
	StringInfoData text;
	int len;

	initStringInfo(&text);
	if (leaf == NULL || cass_print_scalar(leaf, cell, &text) == CASS_TEXT_NULL)
		return NULL;
	len = pg_mbcliplen(text.data, text.len, MAX_VALUE_TEXT);
	if (len < text.len)
		return psprintf("%s...", pnstrdup(text.data, len));
	return text.data;
}

/* ---- parsing ---- */

static void
parse_hex(const cql_type *type, const char *text, StringInfo out)
{
	size_t len = strlen(text);

	if (len % 2 != 0 || text[0] != '0' || (text[1] | 0x20) != 'x' ||
		strspn(text + 2, "0123456789abcdefABCDEF") != len - 2)
		cass_bad_text(type, text);
	enlargeStringInfo(out, len / 2);
	out->len += hex_decode(text + 2, len - 2, out->data + out->len);
	out->data[out->len] = '\0';
}

static void
parse_temporal(const cql_type *type, const char *text, StringInfo out)
{
	CassDuration duration;
	int64 v;
	bool ok;

	switch (type->id)
	{
		case CQL_TYPE_DATE:
			ok = cass_parse_date(text, &v) && v >= -CQL_DATE_EPOCH &&
				 v < CQL_DATE_EPOCH;
			if (ok)
				cass_put32(out, (uint32) (v + CQL_DATE_EPOCH));
			break;
		case CQL_TYPE_TIME:
			ok = cass_parse_time(text, &v);
			if (ok)
				cass_put64(out, (uint64) v);
			break;
		case CQL_TYPE_TIMESTAMP:
			ok = cass_parse_timestamp(text, &v);
			if (ok)
				cass_put64(out, (uint64) v);
			break;
		default:
			Assert(type->id == CQL_TYPE_DURATION);
			ok = cass_parse_duration(text, &duration) &&
				 cass_put_duration(out, &duration);
			break;
	}
	if (!ok)
		cass_bad_text(type, text);
}

/* Datum of the leaf codec's type, by that type's input function. */
static Datum
read_datum(CassCodec *codec, const char *text)
{
	Datum input = CStringGetDatum(text);

	switch (codec->basetype)
	{
		case INT8OID:
			return DirectFunctionCall1(int8in, input);
		case NUMERICOID:
			return DirectFunctionCall3(numeric_in, input,
									   ObjectIdGetDatum(InvalidOid),
									   Int32GetDatum(-1));
		case FLOAT4OID:
			return DirectFunctionCall1(float4in, input);
		case FLOAT8OID:
			return DirectFunctionCall1(float8in, input);
		case BOOLOID:
			return DirectFunctionCall1(boolin, input);
		case UUIDOID:
			return DirectFunctionCall1(uuid_in, input);
		case INETOID:
			return DirectFunctionCall1(inet_in, input);
		default:
			Assert(codec->basetype == TEXTOID);
			return CStringGetTextDatum(text);
	}
}

void
cass_parse_scalar(CassCodec *codec, const char *text, StringInfo out)
{
	switch (codec->type->id)
	{
		case CQL_TYPE_DATE:
		case CQL_TYPE_TIME:
		case CQL_TYPE_TIMESTAMP:
		case CQL_TYPE_DURATION:
			parse_temporal(codec->type, text, out);
			break;
		case CQL_TYPE_BLOB:
		case CQL_TYPE_CUSTOM:
			parse_hex(codec->type, text, out);
			break;
		default:
			codec->encode(codec, read_datum(codec, text), out);
			break;
	}
}
