/*
 * value_error.c
 *	  The errors that conversions raise about values.
 *
 * They name the CQL type and what is wrong; column and key are added by the
 * caller of the codec.
 */
#include "codec.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define TYPE_TEXT_SIZE 512 /* longer spellings are cut */

/* CQL spelling of a type in the database's encoding. */
char *
cass_type_text(const cql_type *type)
{
	char buf[TYPE_TEXT_SIZE];
	int len;

	cql_type_print(type, buf, sizeof(buf));
	/* A cut may have split a character. */
	len = pg_encoding_mbcliplen(PG_UTF8, buf, strlen(buf), sizeof(buf) - 1);
	return cass_from_cql(pnstrdup(buf, len));
}

char *
cass_field_text(const cql_type *type, uint32_t field)
{
	const char *name;

	if (type->id != CQL_TYPE_UDT)
		return psprintf("component %u of CQL type %s", field + 1,
						cass_type_text(type));
	name = type->fields[field];
	return psprintf("field \"%s\" of CQL type %s", cass_from_cql(name),
					cass_type_text(type));
}

static void
field_context(void *arg)
{
	const CassFieldContext *context = arg;

	if (geterrcode() != ERRCODE_OUT_OF_MEMORY)
		errcontext("%s", cass_field_text(context->type, context->field));
}

void
cass_field_enter(CassFieldContext *context, const cql_type *type)
{
	context->type = type;
	context->field = 0;
	context->callback.callback = field_context;
	context->callback.arg = context;
	context->callback.previous = error_context_stack;
	error_context_stack = &context->callback;
}

void
cass_field_leave(const CassFieldContext *context)
{
	error_context_stack = context->callback.previous;
}

void
cass_bad_length(const cql_type *type, cql_slice cell, int expected)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("value of CQL type %s has a length of %d instead of %d",
					cass_type_text(type), (int) cell.len, expected)));
}

void
cass_malformed(const cql_type *type)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("value of CQL type %s is malformed",
						   cass_type_text(type))));
}

void
cass_bad_text(const cql_type *type, const char *text)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					errmsg("invalid input for CQL type %s: \"%s\"",
						   cass_type_text(type), text)));
}

static void
report_out_of_range(CassCodec *codec)
{
	char *value = codec->print(codec->type, codec->cell);

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 value != NULL
				 ? errmsg("value %s of CQL type %s is out of range for type "
						  "%s",
						  value, cass_type_text(codec->type),
						  format_type_be(codec->typid))
				 : errmsg("value of CQL type %s is out of range for type %s",
						  cass_type_text(codec->type),
						  format_type_be(codec->typid)),
			 errhint("The column option \"on_unconvertible\" can turn such "
					 "values into NULL or the nearest value.")));
}

/*
 * A cell that the codec's type cannot hold: error, NULL or the nearest value,
 * as the column's on_unconvertible says.
 */
Datum
cass_out_of_range(CassCodec *codec, Datum clamped, bool *isnull)
{
	if (codec->unconvertible == CASS_UNCONVERTIBLE_CLAMP)
		return clamped;
	if (codec->unconvertible == CASS_UNCONVERTIBLE_ERROR)
		report_out_of_range(codec);
	*isnull = true;
	return (Datum) 0;
}

/* A Datum that the CQL type cannot hold. */
void
cass_cannot_hold(CassCodec *codec, Datum value)
{
	Oid output;
	bool isvarlena;

	getTypeOutputInfo(codec->basetype, &output, &isvarlena);
	ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					errmsg("value %s is out of range for CQL type %s",
						   OidOutputFunctionCall(output, value),
						   cass_type_text(codec->type))));
}
