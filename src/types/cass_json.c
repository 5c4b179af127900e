/*
 * cass_json.c
 *	  Maps, tuples, UDTs and nested collections as jsonb or JSON text, in the
 *	  form of Cassandra's own toJson.
 *
 * Lists, sets, tuples and vectors are arrays, maps and UDTs objects.  A map's
 * keys are strings: the text of a scalar, the JSON text of anything else.  A
 * UDT field whose name is not in lower case has double quotes in its key.
 */
#include "cass_json.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/numeric.h"

static bool build_children(CassCodec *node);
static void write_value(CassCodec *node, cql_slice cell, StringInfo out);

/* ---- the codec's tree ---- */

static char *
field_key(const char *field)
{
	const char *p = field;

	while (*p != '\0' && (*p < 'A' || *p > 'Z'))
		p++;
	if (*p != '\0')
		field = psprintf("\"%s\"", field);
	return pstrdup(pg_any_to_server(field, strlen(field), PG_UTF8));
}

CassCodec *
cass_json_build(const cql_type *type, CassUnconvertible unconvertible)
{
	CassCodec *node;

	if (type->nsub == 0 && type->id != CQL_TYPE_TUPLE &&
		type->id != CQL_TYPE_UDT)
		return cass_build_json_leaf(type, unconvertible);
	node = palloc0(sizeof(CassCodec));
	node->type = type;
	node->unconvertible = unconvertible;
	node->typmod = -1;
	node->context = CurrentMemoryContext;
	return build_children(node) ? node : NULL;
}

static bool
build_children(CassCodec *node)
{
	const cql_type *type = node->type;
	uint32_t i;

	check_stack_depth();
	node->nsub = type->nsub;
	node->sub = palloc(sizeof(CassCodec *) * (type->nsub + 1));
	for (i = 0; i < type->nsub; i++)
	{
		node->sub[i] = cass_json_build(type->sub[i], node->unconvertible);
		if (node->sub[i] == NULL)
			return false;
	}
	if (type->id == CQL_TYPE_UDT)
	{
		const char **keys = palloc(sizeof(char *) * (type->nsub + 1));

		for (i = 0; i < type->nsub; i++)
			keys[i] = field_key(type->fields[i]);
		node->state = keys;
	}
	return true;
}

bool
cass_prepare_json(CassCodec *codec)
{
	return build_children(codec);
}

/* ---- JSON text ---- */

/* Appends a map's key, without quotes and escapes. */
static void
write_key(CassCodec *node, cql_slice cell, StringInfo out)
{
	if (node->sub != NULL)
		write_value(node, cell, out);
	else
		(void) cass_print_scalar(node, cell, out);
}

static void
write_string(StringInfo out, const char *text)
{
	escape_json(out, text);
}

static void
write_leaf(CassCodec *node, cql_slice cell, StringInfo out)
{
	StringInfoData text;
	CassTextKind kind;

	initStringInfo(&text);
	kind = cass_print_scalar(node, cell, &text);
	if (kind == CASS_TEXT_NULL)
		appendStringInfoString(out, "null");
	else if (kind == CASS_TEXT_STRING)
		write_string(out, text.data);
	else
		appendBinaryStringInfo(out, text.data, text.len);
	pfree(text.data);
}

/* What precedes element i of a container: comma, key, colon. */
static void
write_separator(CassCodec *node, uint32_t i, StringInfo out)
{
	if (node->type->id == CQL_TYPE_MAP && i % 2 == 1)
		appendStringInfoString(out, ": ");
	else if (i > 0)
		appendStringInfoString(out, ", ");
	if (node->type->id == CQL_TYPE_UDT)
	{
		write_string(out, cass_json_field(node, i));
		appendStringInfoString(out, ": ");
	}
}

/* The child node for element i. */
static CassCodec *
child_at(CassCodec *node, uint32_t i)
{
	switch (node->type->id)
	{
		case CQL_TYPE_MAP:
			return node->sub[i % 2];
		case CQL_TYPE_TUPLE:
		case CQL_TYPE_UDT:
			return node->sub[i];
		default:
			return node->sub[0];
	}
}

static void
write_container(CassCodec *node, cql_slice cell, StringInfo out)
{
	bool array = cass_json_is_array(node);
	cql_elements it;
	cql_slice element;
	const cql_type *type;
	uint32_t i;
	int more;

	check_stack_depth();
	if (!cql_elements_start(&it, node->type, cell))
		cass_malformed(node->type);
	appendStringInfoChar(out, array ? '[' : '{');
	for (i = 0; (more = cql_elements_next(&it, &element, &type)) > 0; i++)
	{
		CassCodec *child = child_at(node, i);

		write_separator(node, i, out);
		if (node->type->id == CQL_TYPE_MAP && i % 2 == 0)
		{
			StringInfoData key;

			initStringInfo(&key);
			write_key(child, element, &key);
			write_string(out, key.data);
			pfree(key.data);
		}
		else
			write_value(child, element, out);
	}
	if (more < 0)
		cass_malformed(node->type);
	appendStringInfoChar(out, array ? ']' : '}');
}

static void
write_value(CassCodec *node, cql_slice cell, StringInfo out)
{
	if (node->sub == NULL)
		write_leaf(node, cell, out);
	else if (cell.len <= 0)
		appendStringInfoString(out, "null");
	else
		write_container(node, cell, out);
}

/* json, and text with JSON in it; both have text's layout. */
Datum
cass_decode_json_text(CassCodec *codec, cql_slice cell, bool *isnull)
{
	StringInfoData out;
	text *result;

	initStringInfo(&out);
	write_container(codec, cell, &out);
	result = cstring_to_text_with_len(out.data, out.len);
	pfree(out.data);
	return PointerGetDatum(result);
}

/* ---- jsonb ---- */

static void
string_value(JsonbValue *v, StringInfo text)
{
	v->type = jbvString;
	v->val.string.val = text->data;
	v->val.string.len = text->len;
}

/* Number of a printed text. */
static Datum
number_from_text(const char *text)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

/* Integers and numerics need no detour through text. */
static bool
direct_number(CassCodec *node, cql_slice cell, JsonbValue *v)
{
	bool isnull = false;
	Datum number;

	if (cell.len <= 0 || node->type->id == CQL_TYPE_TIME ||
		(node->basetype != INT8OID && node->basetype != NUMERICOID))
		return false;
	number = node->decode(node, cell, &isnull);
	v->type = jbvNull;
	if (isnull)
		return true;
	if (node->basetype == INT8OID)
		number = NumericGetDatum(int64_to_numeric(DatumGetInt64(number)));
	v->type = jbvNumeric;
	v->val.numeric = DatumGetNumeric(number);
	if (numeric_is_inf(v->val.numeric))
	{
		/* A number was clamped to what is none in JSON. */
		v->type = jbvString;
		v->val.string.val =
			DatumGetCString(DirectFunctionCall1(numeric_out, number));
		v->val.string.len = strlen(v->val.string.val);
	}
	return true;
}

static void
leaf_value(CassCodec *node, cql_slice cell, JsonbValue *v)
{
	StringInfoData text;

	if (direct_number(node, cell, v))
		return;
	initStringInfo(&text);
	switch (cass_print_scalar(node, cell, &text))
	{
		case CASS_TEXT_NULL:
			v->type = jbvNull;
			break;
		case CASS_TEXT_STRING:
			string_value(v, &text);
			break;
		case CASS_TEXT_NUMBER:
			v->type = jbvNumeric;
			v->val.numeric = DatumGetNumeric(number_from_text(text.data));
			break;
		case CASS_TEXT_BOOLEAN:
			v->type = jbvBool;
			v->val.boolean = text.data[0] == 't';
			break;
	}
}

static JsonbValue *push_container(CassCodec *node, cql_slice cell,
								  JsonbParseState **state);

void
cass_json_push_value(CassCodec *node, cql_slice cell, JsonbIteratorToken token,
					 JsonbParseState **state)
{
	JsonbValue v;

	if (node->sub != NULL && cell.len > 0)
	{
		(void) push_container(node, cell, state);
		return;
	}
	if (node->sub != NULL)
		v.type = jbvNull;
	else
		leaf_value(node, cell, &v);
	(void) pushJsonbValue(state, token, &v);
}

static void
push_key(CassCodec *node, uint32_t i, cql_slice cell, JsonbParseState **state)
{
	StringInfoData text;
	JsonbValue v;

	initStringInfo(&text);
	if (node->type->id == CQL_TYPE_UDT)
		appendStringInfoString(&text, cass_json_field(node, i));
	else
		write_key(node->sub[0], cell, &text);
	string_value(&v, &text);
	(void) pushJsonbValue(state, WJB_KEY, &v);
}

static JsonbValue *
push_container(CassCodec *node, cql_slice cell, JsonbParseState **state)
{
	bool array = cass_json_is_array(node);
	bool map = node->type->id == CQL_TYPE_MAP;
	cql_elements it;
	cql_slice element;
	const cql_type *type;
	uint32_t i;
	int more;

	check_stack_depth();
	if (!cql_elements_start(&it, node->type, cell))
		cass_malformed(node->type);
	(void) pushJsonbValue(state, array ? WJB_BEGIN_ARRAY : WJB_BEGIN_OBJECT,
						  NULL);
	for (i = 0; (more = cql_elements_next(&it, &element, &type)) > 0; i++)
	{
		if (map ? i % 2 == 0 : !array)
			push_key(node, i, element, state);
		if (!map || i % 2 == 1)
			cass_json_push_value(child_at(node, i), element,
								 array ? WJB_ELEM : WJB_VALUE, state);
	}
	if (more < 0)
		cass_malformed(node->type);
	return pushJsonbValue(state, array ? WJB_END_ARRAY : WJB_END_OBJECT, NULL);
}

Datum
cass_decode_jsonb(CassCodec *codec, cql_slice cell, bool *isnull)
{
	JsonbParseState *state = NULL;

	return JsonbPGetDatum(
		JsonbValueToJsonb(push_container(codec, cell, &state)));
}
