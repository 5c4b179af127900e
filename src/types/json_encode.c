/*
 * json_encode.c
 *	  jsonb and JSON text to maps, tuples, UDTs and collections, as Cassandra's
 *	  fromJson reads them.
 *
 * Scalars may be JSON strings or numbers; UDT fields that the object lacks are
 * null; keys of UDT fields mean lower case unless they are in double quotes
 * or spell a field exactly.
 */
#include "cass_json.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/formatting.h"

#define NO_VALUE ((const JsonbValue *) NULL)

static void encode_value(CassCodec *node, const JsonbValue *v,
						 CassElements *parent);

static const char *
kind_name(const JsonbValue *v)
{
	switch (v->type)
	{
		case jbvNull:
			return "null";
		case jbvString:
			return "string";
		case jbvNumeric:
			return "number";
		case jbvBool:
			return "boolean";
		default:
			return JsonContainerIsArray(v->val.binary.data) ? "array"
															: "object";
	}
}

static void
wrong_kind(CassCodec *node, const JsonbValue *v)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					errmsg("a JSON %s cannot be stored as CQL type %s",
						   kind_name(v), cass_type_text(node->type))));
}

JsonbValue *
cass_json_list(JsonbContainer *container, int *n)
{
	int size = JsonContainerSize(container) *
			   (JsonContainerIsObject(container) ? 2 : 1);
	JsonbValue *values = palloc(sizeof(JsonbValue) * Max(size, 1));
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue v;

	*n = 0;
	(void) JsonbIteratorNext(&it, &v, false);
	while ((token = JsonbIteratorNext(&it, &v, true)) == WJB_ELEM ||
		   token == WJB_KEY || token == WJB_VALUE)
		values[(*n)++] = v;
	return values;
}

static char *
scalar_text(const JsonbValue *v)
{
	if (v->type == jbvString)
		return pnstrdup(v->val.string.val, v->val.string.len);
	if (v->type == jbvNumeric)
		return DatumGetCString(
			DirectFunctionCall1(numeric_out, NumericGetDatum(v->val.numeric)));
	return pstrdup(v->val.boolean ? "true" : "false");
}

/* Whether a JSON number or boolean may mean a value of the type. */
static bool
unquoted_allowed(const cql_type *type, bool boolean)
{
	switch (type->id)
	{
		case CQL_TYPE_BOOLEAN:
			return boolean;
		case CQL_TYPE_TINYINT:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_INT:
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
		case CQL_TYPE_VARINT:
		case CQL_TYPE_DECIMAL:
		case CQL_TYPE_FLOAT:
		case CQL_TYPE_DOUBLE:
		case CQL_TYPE_TIMESTAMP:
			return !boolean;
		default:
			return false;
	}
}

static void
encode_leaf(CassCodec *node, const JsonbValue *v, StringInfo out)
{
	if (v->type == jbvBinary ||
		(v->type != jbvString &&
		 !unquoted_allowed(node->type, v->type == jbvBool)))
		wrong_kind(node, v);
	cass_parse_scalar(node, scalar_text(v), out);
}

static void
encode_array(CassCodec *node, const JsonbValue *values, int n, StringInfo out)
{
	bool tuple = node->type->id == CQL_TYPE_TUPLE;
	CassFieldContext context;
	CassElements elements;
	int i;

	if (tuple && n != (int) node->nsub)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("a value of CQL type %s cannot have %d elements",
						cass_type_text(node->type), n)));
	cass_elements_begin(&elements, node->type, n);
	if (tuple)
	{
		cass_field_enter(&context, node->type);
		for (; context.field < node->nsub; context.field++)
			encode_value(node->sub[context.field], &values[context.field],
						 &elements);
		cass_field_leave(&context);
	}
	else
	{
		for (i = 0; i < n; i++)
			encode_value(node->sub[0], &values[i], &elements);
	}
	cass_elements_finish(&elements, out);
}

/* A key of a map: text of a scalar, JSON text of anything else. */
static void
encode_key(CassCodec *node, const JsonbValue *key, CassElements *parent)
{
	char *text = scalar_text(key);
	JsonbValue v;
	Jsonb *jsonb;

	if (node->sub == NULL)
	{
		cass_elements_add(parent, false);
		cass_parse_scalar(node, text, &parent->bytes);
		return;
	}
	jsonb =
		DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
	v.type = jbvBinary;
	v.val.binary.data = &jsonb->root;
	v.val.binary.len = VARSIZE(jsonb) - VARHDRSZ;
	encode_value(node, &v, parent);
}

static void
encode_map(CassCodec *node, const JsonbValue *values, int n, StringInfo out)
{
	CassElements elements;
	int i;

	cass_elements_begin(&elements, node->type, n);
	for (i = 0; i < n; i += 2)
	{
		encode_key(node->sub[0], &values[i], &elements);
		encode_value(node->sub[1], &values[i + 1], &elements);
	}
	cass_elements_finish(&elements, out);
}

/* Field whose key in JSON, or whose name, a text is; nsub where none. */
static uint32_t
match_field(CassCodec *node, const char *text)
{
	uint32_t i;

	for (i = 0; i < node->nsub; i++)
	{
		const char *key = cass_json_field(node, i);
		size_t len = strlen(key);

		if (strcmp(key, text) == 0 ||
			(key[0] == '"' && strlen(text) == len - 2 &&
			 strncmp(key + 1, text, len - 2) == 0))
			break;
	}
	return i;
}

static uint32_t
find_field(CassCodec *node, const JsonbValue *key)
{
	char *text = scalar_text(key);
	size_t len = strlen(text);
	uint32_t i = match_field(node, text);

	if (i == node->nsub && len > 2 && text[0] == '"' && text[len - 1] == '"')
		i = match_field(node, pnstrdup(text + 1, len - 2));
	else if (i == node->nsub)
		i = match_field(node, asc_tolower(text, len));
	if (i == node->nsub)
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						errmsg("CQL type %s has no field %s",
							   cass_type_text(node->type), text)));
	return i;
}

static void
encode_udt(CassCodec *node, const JsonbValue *values, int n, StringInfo out)
{
	const JsonbValue **fields =
		palloc0(sizeof(JsonbValue *) * (node->nsub + 1));
	CassFieldContext context;
	CassElements elements;
	uint32_t i;
	int k;

	for (k = 0; k < n; k += 2)
	{
		i = find_field(node, &values[k]);
		if (fields[i] != NO_VALUE)
			ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
							errmsg("field %s of CQL type %s is given twice",
								   cass_json_field(node, i),
								   cass_type_text(node->type))));
		fields[i] = &values[k + 1];
	}
	cass_elements_begin(&elements, node->type, node->nsub);
	cass_field_enter(&context, node->type);
	for (; context.field < node->nsub; context.field++)
	{
		i = context.field;
		if (fields[i] == NO_VALUE)
			cass_elements_add(&elements, true);
		else
			encode_value(node->sub[i], fields[i], &elements);
	}
	cass_field_leave(&context);
	cass_elements_finish(&elements, out);
}

static void
encode_container(CassCodec *node, const JsonbValue *v, StringInfo out)
{
	JsonbContainer *container;
	JsonbValue *values;
	int n;

	check_stack_depth();
	if (v->type != jbvBinary)
		wrong_kind(node, v);
	container = v->val.binary.data;
	if (JsonContainerIsScalar(container) ||
		cass_json_is_object(node) != JsonContainerIsObject(container))
		wrong_kind(node, v);
	values = cass_json_list(container, &n);
	if (node->type->id == CQL_TYPE_MAP)
		encode_map(node, values, n, out);
	else if (node->type->id == CQL_TYPE_UDT)
		encode_udt(node, values, n, out);
	else
		encode_array(node, values, n, out);
	pfree(values);
}

void
cass_json_encode_value(CassCodec *node, const JsonbValue *v, StringInfo out)
{
	if (node->sub == NULL)
		encode_leaf(node, v, out);
	else
		encode_container(node, v, out);
}

/* Adds a value to the container it is part of. */
static void
encode_value(CassCodec *node, const JsonbValue *v, CassElements *parent)
{
	cass_elements_add(parent, v->type == jbvNull);
	if (v->type != jbvNull)
		cass_json_encode_value(node, v, &parent->bytes);
}

void
cass_encode_jsonb(CassCodec *codec, Datum value, StringInfo out)
{
	Jsonb *jsonb = DatumGetJsonbP(value);
	JsonbValue v;

	v.type = jbvBinary;
	v.val.binary.data = &jsonb->root;
	v.val.binary.len = VARSIZE(jsonb) - VARHDRSZ;
	if (JsonContainerIsScalar(&jsonb->root))
		(void) JsonbExtractScalar(&jsonb->root, &v);
	encode_container(codec, &v, out);
}

void
cass_encode_json_text(CassCodec *codec, Datum value, StringInfo out)
{
	char *string = TextDatumGetCString(value);

	cass_encode_jsonb(
		codec, DirectFunctionCall1(jsonb_in, CStringGetDatum(string)), out);
}
