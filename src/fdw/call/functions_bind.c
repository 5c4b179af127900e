/*
 * functions_bind.c
 *	  Parameters of statements: bound by the types of their markers, which
 *	  PREPARE tells, and never part of the text.
 */
#include "functions.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

/* ---- one value ---- */

/* An encoding moves into a slice; of zero bytes it is an empty value. */
static cql_slice
slice_of(const StringInfo out)
{
	cql_slice value = {(const uint8_t *) out->data, out->len};

	return value;
}

static void
encode_by(const cql_type *type, Oid typid, Datum datum, StringInfo out)
{
	CassCodec *codec =
		cass_codec_create(type, typid, -1, CASS_UNCONVERTIBLE_ERROR);

	cass_encode(codec, datum, out);
}

/* As PostgreSQL reads a literal for a column of the type IMPORT chooses. */
static void
encode_literal(const cql_type *type, const char *text, StringInfo out)
{
	const char *odd;
	char *name = cass_import_type(type, &odd);
	Oid typid = DatumGetObjectId(
		DirectFunctionCall1(regtypein, CStringGetDatum(name)));
	Oid function;
	Oid ioparam;

	getTypeInputInfo(typid, &function, &ioparam);
	encode_by(type, typid,
			  OidInputFunctionCall(function, pstrdup(text), ioparam, -1), out);
}

static void
encode_json_value(const cql_type *type, Datum datum, cql_slice *value)
{
	Jsonb *jsonb = DatumGetJsonbP(datum);
	StringInfoData out;
	JsonbValue v;

	initStringInfo(&out);
	v.type = jbvBinary;
	v.val.binary.data = &jsonb->root;
	v.val.binary.len = VARSIZE(jsonb) - VARHDRSZ;
	if (JsonContainerIsScalar(&jsonb->root))
		(void) JsonbExtractScalar(&jsonb->root, &v);
	if (v.type == jbvNull)
		return;
	cass_json_encode(cass_json_codec_create(type), &v, &out);
	*value = slice_of(&out);
}

static void
refuse_type(const cql_type *type, Oid typid)
{
	const char *odd;
	char name[256];

	ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
					errmsg("a value of type %s cannot be bound as CQL type %s",
						   format_type_be(typid),
						   cql_type_print(type, name, sizeof(name))),
					errhint("Cast it to %s.", cass_import_type(type, &odd))));
}

void
cass_bind_datum(cql_slice *value, const cql_type *type, Oid typid, Datum datum,
				bool isnull)
{
	Oid basetype = getBaseType(typid);
	StringInfoData out;

	value->data = NULL;
	value->len = CQL_NULL;
	if (isnull)
		return;
	initStringInfo(&out);
	if (typid == UNKNOWNOID)
		encode_literal(type, DatumGetCString(datum), &out);
	else if (cass_codec_supported(type, typid))
		encode_by(type, typid, datum, &out);
	else if (basetype == JSONBOID || basetype == JSONOID)
	{
		if (basetype == JSONOID)
			datum = DirectFunctionCall1(
				jsonb_in, CStringGetDatum(TextDatumGetCString(datum)));
		encode_json_value(type, datum, value);
		return;
	}
	else if (IsBinaryCoercible(basetype, TEXTOID))
		encode_literal(type, TextDatumGetCString(datum), &out);
	else
		refuse_type(type, typid);
	*value = slice_of(&out);
}

/* ---- which value belongs to which marker ---- */

/* For errors in the conversion of a value. */
typedef struct BindContext
{
	int position;
	const char *name;
	const cql_type *type;
} BindContext;

static void
bind_context(void *arg)
{
	BindContext *context = arg;
	char type[256];

	errcontext("parameter %d, \"%s\" of CQL type %s", context->position,
			   context->name,
			   cql_type_print(context->type, type, sizeof(type)));
}

static char *
marker_name(const cql_column *marker)
{
	return pg_any_to_server(marker->name, strlen(marker->name), PG_UTF8);
}

/* Starts reporting errors as those of marker i. */
static void
push_context(ErrorContextCallback *callback, BindContext *context,
			 const cql_metadata *bound, uint32 i)
{
	context->position = i + 1;
	context->name = marker_name(&bound->columns[i]);
	context->type = bound->columns[i].type;
	callback->callback = bind_context;
	callback->arg = context;
	callback->previous = error_context_stack;
	error_context_stack = callback;
}

static void
pop_context(ErrorContextCallback *callback)
{
	error_context_stack = callback->previous;
}

/* Room for the values of all markers. */
static const cql_metadata *
begin_values(CassStatement *statement)
{
	const cql_metadata *bound = statement->markers;
	uint32 n = bound->ncolumns;
	uint32 i;

	statement->nvalues = n;
	statement->values = palloc(sizeof(cql_slice) * (n + 1));
	statement->types = palloc(sizeof(cql_type *) * (n + 1));
	for (i = 0; i < n; i++)
		statement->types[i] = bound->columns[i].type;
	return bound;
}

static void
check_count(const CassStatement *statement, const cql_metadata *bound, int n)
{
	if (bound->ncolumns == (uint32) n)
		return;
	ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR),
					errmsg("wrong number of parameters for the CQL statement"),
					errdetail("It has %u, %d were given.", bound->ncolumns, n),
					errcontext("CQL statement: %s", statement->text)));
}

static void
refuse_unnamed(const CassStatement *statement)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the CQL statement has named parameters"),
			 errhint("Give them as one jsonb object with a key for each "
					 "name."),
			 errcontext("CQL statement: %s", statement->text)));
}

/* ---- parameters in JSON ---- */

static void
bind_json_value(CassStatement *statement, const cql_metadata *bound, uint32 i,
				const JsonbValue *v)
{
	ErrorContextCallback callback;
	BindContext context;
	StringInfoData out;

	statement->values[i].data = NULL;
	statement->values[i].len = CQL_NULL;
	if (v->type == jbvNull)
		return;
	push_context(&callback, &context, bound, i);
	initStringInfo(&out);
	cass_json_encode(cass_json_codec_create(bound->columns[i].type), v, &out);
	statement->values[i] = slice_of(&out);
	pop_context(&callback);
}

/* Every key of the object must be a parameter. */
static void
check_keys(const CassStatement *statement, const cql_metadata *bound,
		   JsonbContainer *object)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue v;
	uint32 i;

	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char *key;

		if (token != WJB_KEY)
			continue;
		key = pnstrdup(v.val.string.val, v.val.string.len);
		for (i = 0; i < bound->ncolumns; i++)
		{
			if (strcmp(key, marker_name(&bound->columns[i])) == 0)
				break;
		}
		if (i == bound->ncolumns)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_PARAMETER),
					 errmsg("the CQL statement has no parameter \"%s\"", key),
					 errcontext("CQL statement: %s", statement->text)));
	}
}

static void
bind_object(CassStatement *statement, const cql_metadata *bound,
			JsonbContainer *object)
{
	uint32 i;

	if (statement->positional)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the CQL statement has no named parameters"),
				 errhint("Give an array of the values of its markers \"?\"."),
				 errcontext("CQL statement: %s", statement->text)));
	check_keys(statement, bound, object);
	for (i = 0; i < bound->ncolumns; i++)
	{
		char *name = marker_name(&bound->columns[i]);
		JsonbValue key;
		JsonbValue *v;

		key.type = jbvString;
		key.val.string.val = name;
		key.val.string.len = strlen(name);
		v = findJsonbValueFromContainer(object, JB_FOBJECT, &key);
		if (v == NULL)
			ereport(ERROR, (errcode(ERRCODE_UNDEFINED_PARAMETER),
							errmsg("no value for parameter \"%s\"", name),
							errcontext("CQL statement: %s", statement->text)));
		bind_json_value(statement, bound, i, v);
	}
}

static void
bind_array(CassStatement *statement, const cql_metadata *bound,
		   JsonbContainer *array, uint32 first)
{
	uint32 given = array == NULL ? 0 : JsonContainerSize(array) - first;
	uint32 i;

	check_count(statement, bound, given);
	if (!statement->positional && bound->ncolumns > 0)
		refuse_unnamed(statement);
	for (i = 0; i < bound->ncolumns; i++)
		bind_json_value(statement, bound, i,
						getIthJsonbValueFromContainer(array, first + i));
}

void
cass_statement_bind_json(CassStatement *statement, JsonbContainer *params,
						 uint32 first)
{
	const cql_metadata *bound = begin_values(statement);

	if (params != NULL && JsonContainerIsObject(params))
		bind_object(statement, bound, params);
	else
		bind_array(statement, bound, params, first);
}

/* ---- parameters of a function ---- */

static CassArguments
get_arguments(FunctionCallInfo fcinfo, int first)
{
	CassArguments arguments = {0};

	if (PG_NARGS() > first)
		arguments.n =
			extract_variadic_args(fcinfo, first, false, &arguments.values,
								  &arguments.types, &arguments.nulls);
	return arguments;
}

/* The arguments where they are one value in JSON, else NULL. */
static Jsonb *
get_json(const CassArguments *arguments)
{
	Oid type =
		arguments->n == 1 ? getBaseType(arguments->types[0]) : InvalidOid;
	Datum datum;

	if ((type != JSONBOID && type != JSONOID && type != UNKNOWNOID) ||
		arguments->nulls[0])
		return NULL;
	datum = arguments->values[0];
	if (type == UNKNOWNOID)
		datum = DirectFunctionCall1(jsonb_in, datum);
	else if (type == JSONOID)
		datum = DirectFunctionCall1(
			jsonb_in, CStringGetDatum(TextDatumGetCString(datum)));
	return DatumGetJsonbP(datum);
}

/* Named markers: their values are one object. */
static void
bind_named(CassStatement *statement, const cql_metadata *bound,
		   const CassArguments *arguments)
{
	Jsonb *jsonb = get_json(arguments);

	if (jsonb == NULL || !JB_ROOT_IS_OBJECT(jsonb))
		refuse_unnamed(statement);
	bind_object(statement, bound, &jsonb->root);
}

/* Whether values of the type are written as arrays themselves. */
static bool
is_array_type(const cql_type *type)
{
	return type->id == CQL_TYPE_LIST || type->id == CQL_TYPE_SET ||
		   type->id == CQL_TYPE_TUPLE || type->id == CQL_TYPE_VECTOR;
}

/*
 * The values of positional markers as one array in JSON, for drivers that do
 * not tell the types of what they send.  False where it is none, or is meant
 * as the value of the one marker there is.
 */
static bool
bind_positional_array(CassStatement *statement, const cql_metadata *bound,
					  const CassArguments *arguments)
{
	Jsonb *jsonb;

	if (arguments->n != 1 ||
		(arguments->types[0] != JSONBOID && arguments->types[0] != JSONOID))
		return false;
	jsonb = get_json(arguments);
	if (jsonb == NULL || !JB_ROOT_IS_ARRAY(jsonb) || JB_ROOT_IS_SCALAR(jsonb))
		return false;
	if (bound->ncolumns == 1 &&
		(JB_ROOT_COUNT(jsonb) != 1 || is_array_type(bound->columns[0].type)))
		return false;
	bind_array(statement, bound, &jsonb->root, 0);
	return true;
}

void
cass_statement_bind(const CassCall *call, CassStatement *statement,
					FunctionCallInfo fcinfo, int first)
{
	CassArguments arguments = get_arguments(fcinfo, first);
	const cql_metadata *bound;
	int i;

	if (arguments.n <= 0 && !statement->positional)
		return;
	cass_statement_prepare_kept(call, statement, fcinfo->flinfo);
	bound = begin_values(statement);
	if (!statement->positional && bound->ncolumns > 0)
	{
		bind_named(statement, bound, &arguments);
		return;
	}
	if (bind_positional_array(statement, bound, &arguments))
		return;
	check_count(statement, bound, Max(arguments.n, 0));
	for (i = 0; i < arguments.n; i++)
	{
		ErrorContextCallback callback;
		BindContext context;

		push_context(&callback, &context, bound, i);
		cass_bind_datum(&statement->values[i], bound->columns[i].type,
						arguments.types[i], arguments.values[i],
						arguments.nulls[i]);
		pop_context(&callback);
	}
}
