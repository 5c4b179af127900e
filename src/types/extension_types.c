/*
 * extension_types.c
 *	  Types of other extensions: vector<float, n> as pgvector's vector, and
 *	  map<text, text> as hstore.
 *
 * Neither extension is needed to build or run; their own functions do the
 * conversion.
 */
#include "codec.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Most dimensions of pgvector's vector. */
#define PGVECTOR_MAX_DIMENSION 16000
/* Dimension and a reserved number, both int16, precede the floats. */
#define PGVECTOR_HEADER 4

typedef struct ExtensionState
{
	FmgrInfo input; /* or receive */
	Oid ioparam;
	FmgrInfo output; /* or send */
} ExtensionState;

bool
cass_prepare_pgvector(CassCodec *codec)
{
	ExtensionState *state = palloc(sizeof(ExtensionState));
	Oid function;
	bool isvarlena;

	if (codec->type->sub[0]->id != CQL_TYPE_FLOAT ||
		codec->type->dimension > PGVECTOR_MAX_DIMENSION)
		return false;
	getTypeBinaryInputInfo(codec->basetype, &function, &state->ioparam);
	fmgr_info(function, &state->input);
	getTypeBinaryOutputInfo(codec->basetype, &function, &isvarlena);
	fmgr_info(function, &state->output);
	codec->state = state;
	return true;
}

Datum
cass_decode_pgvector(CassCodec *codec, cql_slice cell, bool *isnull)
{
	ExtensionState *state = codec->state;
	StringInfoData buf;

	if (cell.len != (int32) (codec->type->dimension * sizeof(float4)))
		cass_malformed(codec->type);
	initStringInfo(&buf);
	cass_put16(&buf, (uint16) codec->type->dimension);
	cass_put16(&buf, 0);
	appendBinaryStringInfo(&buf, (const char *) cell.data, cell.len);
	return ReceiveFunctionCall(&state->input, &buf, state->ioparam, -1);
}

void
cass_encode_pgvector(CassCodec *codec, Datum value, StringInfo out)
{
	ExtensionState *state = codec->state;
	bytea *bytes = SendFunctionCall(&state->output, value);
	int len = (int) VARSIZE(bytes) - VARHDRSZ - PGVECTOR_HEADER;

	if (len != (int) (codec->type->dimension * sizeof(float4)))
		ereport(
			ERROR,
			(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
			 errmsg("a value of CQL type %s cannot have %d elements",
					cass_type_text(codec->type), len / (int) sizeof(float4))));
	appendBinaryStringInfo(out, VARDATA(bytes) + PGVECTOR_HEADER, len);
}

static bool
is_text(const cql_type *type)
{
	return type->id == CQL_TYPE_TEXT || type->id == CQL_TYPE_ASCII;
}

/* The function "hstore_to_array" beside the type. */
static Oid
hstore_to_array(Oid hstore)
{
	HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(hstore));
	char *schema;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	schema =
		get_namespace_name(((Form_pg_type) GETSTRUCT(tuple))->typnamespace);
	ReleaseSysCache(tuple);
	return LookupFuncName(
		list_make2(makeString(schema), makeString("hstore_to_array")), 1,
		&hstore, true);
}

bool
cass_prepare_hstore(CassCodec *codec)
{
	ExtensionState *state = palloc(sizeof(ExtensionState));
	Oid function;
	uint32_t i;

	if (!is_text(codec->type->sub[0]) || !is_text(codec->type->sub[1]))
		return false;
	getTypeInputInfo(codec->basetype, &function, &state->ioparam);
	fmgr_info(function, &state->input);
	function = hstore_to_array(codec->basetype);
	if (!OidIsValid(function))
		return false;
	fmgr_info(function, &state->output);
	codec->state = state;
	codec->nsub = 2;
	codec->sub = palloc(sizeof(CassCodec *) * codec->nsub);
	for (i = 0; i < codec->nsub; i++)
		codec->sub[i] = cass_codec_build(codec->type->sub[i], TEXTOID, -1,
										 codec->unconvertible);
	return true;
}

static void
put_quoted(StringInfo buf, Datum value)
{
	const char *p;

	appendStringInfoChar(buf, '"');
	for (p = TextDatumGetCString(value); *p != '\0'; p++)
	{
		if (*p == '"' || *p == '\\')
			appendStringInfoChar(buf, '\\');
		appendStringInfoChar(buf, *p);
	}
	appendStringInfoChar(buf, '"');
}

/* Through hstore's text form: its binary form depends on the client. */
Datum
cass_decode_hstore(CassCodec *codec, cql_slice cell, bool *isnull)
{
	ExtensionState *state = codec->state;
	cql_elements it;
	cql_slice element;
	const cql_type *type;
	StringInfoData buf;
	int more;
	uint32_t i;

	if (!cql_elements_start(&it, codec->type, cell))
		cass_malformed(codec->type);
	initStringInfo(&buf);
	for (i = 0; (more = cql_elements_next(&it, &element, &type)) > 0; i++)
	{
		bool null_element;
		Datum value = cass_decode(codec->sub[i % 2], element, &null_element);

		if (i > 0)
			appendStringInfoString(&buf, i % 2 == 0 ? ", " : "=>");
		if (!null_element)
			put_quoted(&buf, value);
		else if (i % 2 == 0)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a key of CQL type %s cannot be shown in type %s",
							cass_type_text(codec->type),
							format_type_be(codec->typid))));
		else
			appendStringInfoString(&buf, "NULL");
	}
	if (more < 0)
		cass_malformed(codec->type);
	return InputFunctionCall(&state->input, buf.data, state->ioparam, -1);
}

void
cass_encode_hstore(CassCodec *codec, Datum value, StringInfo out)
{
	ExtensionState *state = codec->state;
	ArrayType *array =
		DatumGetArrayTypeP(FunctionCall1(&state->output, value));
	CassElements elements;
	Datum *values;
	bool *nulls;
	int n;
	int i;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &n);
	cass_elements_begin(&elements, codec->type, n);
	for (i = 0; i < n; i++)
	{
		cass_elements_add(&elements, nulls[i]);
		cass_encode(codec->sub[i % 2], values[i], &elements.bytes);
	}
	cass_elements_finish(&elements, out);
}
