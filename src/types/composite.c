/*
 * composite.c
 *	  tuple and UDT to and from composite types.
 *
 * A tuple's components go to the attributes in order, a UDT's fields to those
 * of the same name.  Fields that the composite type lacks are not read, and
 * then nothing can be written: that would lose them.
 */
#include "codec.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#define NO_ATTRIBUTE (-1)

typedef struct CompositeState
{
	TupleDesc tupdesc;
	int *attribute;		 /* of each field, zero-based */
	const char *missing; /* a field without attribute, or NULL */
	Datum *values;
	bool *nulls;
} CompositeState;

/* Attribute that takes a field's name, cut as an identifier would be. */
static int
find_attribute(TupleDesc tupdesc, const char *field)
{
	char *name = pg_any_to_server(field, strlen(field), PG_UTF8);
	int len = strlen(name);
	int i;

	if (len >= NAMEDATALEN)
		len = pg_mbcliplen(name, len, NAMEDATALEN - 1);
	for (i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(tupdesc, i);

		if (!attr->attisdropped &&
			strncmp(NameStr(attr->attname), name, len) == 0 &&
			NameStr(attr->attname)[len] == '\0')
			return i;
	}
	return NO_ATTRIBUTE;
}

/* Attribute at a position, dropped ones not counted. */
static int
nth_attribute(TupleDesc tupdesc, uint32_t position)
{
	int i;

	for (i = 0; i < tupdesc->natts; i++)
	{
		if (!TupleDescAttr(tupdesc, i)->attisdropped && position-- == 0)
			return i;
	}
	return NO_ATTRIBUTE;
}

/* Attribute that takes a field, or NO_ATTRIBUTE. */
static int
attribute_of(const cql_type *type, TupleDesc tupdesc, uint32_t field)
{
	return type->id == CQL_TYPE_UDT
			   ? find_attribute(tupdesc, type->fields[field])
			   : nth_attribute(tupdesc, field);
}

static int
live_attributes(TupleDesc tupdesc)
{
	int n = 0;
	int i;

	for (i = 0; i < tupdesc->natts; i++)
		n += TupleDescAttr(tupdesc, i)->attisdropped ? 0 : 1;
	return n;
}

/* Finds each field's attribute and codec; false where one does not fit. */
static bool
match_fields(CassCodec *codec, CompositeState *state)
{
	const cql_type *type = codec->type;
	int matched = 0;
	uint32_t i;

	for (i = 0; i < type->nsub; i++)
	{
		int n = attribute_of(type, state->tupdesc, i);
		Form_pg_attribute attr;

		state->attribute[i] = n;
		codec->sub[i] = NULL;
		if (n == NO_ATTRIBUTE)
		{
			state->missing = type->id == CQL_TYPE_UDT ? type->fields[i] : "";
			continue;
		}
		attr = TupleDescAttr(state->tupdesc, n);
		codec->sub[i] =
			cass_codec_build(type->sub[i], attr->atttypid, attr->atttypmod,
							 codec->unconvertible);
		if (codec->sub[i] == NULL)
			return false;
		matched++;
	}
	/* An attribute without a field is a mistake; so is a tuple's excess. */
	return matched > 0 && matched == live_attributes(state->tupdesc) &&
		   (type->id == CQL_TYPE_UDT || state->missing == NULL);
}

bool
cass_prepare_composite(CassCodec *codec)
{
	CompositeState *state = palloc0(sizeof(CompositeState));

	state->tupdesc =
		lookup_rowtype_tupdesc_copy(codec->basetype, codec->typmod);
	state->attribute = palloc(sizeof(int) * (codec->type->nsub + 1));
	state->values = palloc(sizeof(Datum) * (state->tupdesc->natts + 1));
	state->nulls = palloc(sizeof(bool) * (state->tupdesc->natts + 1));
	codec->nsub = codec->type->nsub;
	codec->sub = palloc(sizeof(CassCodec *) * (codec->nsub + 1));
	codec->state = state;
	return match_fields(codec, state);
}

/* ---- why a composite type does not fit ---- */

static bool
has_field(const cql_type *type, TupleDesc tupdesc, int attribute)
{
	uint32_t i;

	for (i = 0; i < type->nsub; i++)
	{
		if (attribute_of(type, tupdesc, i) == attribute)
			return true;
	}
	return false;
}

static char *
field_mismatch(const cql_type *type, TupleDesc tupdesc, uint32_t field)
{
	int n = attribute_of(type, tupdesc, field);
	Form_pg_attribute attr;
	char *deeper;

	if (n == NO_ATTRIBUTE)
		return type->id == CQL_TYPE_UDT
				   ? NULL
				   : psprintf("There is no attribute for %s.",
							  cass_field_text(type, field));
	attr = TupleDescAttr(tupdesc, n);
	if (cass_codec_build(type->sub[field], attr->atttypid, attr->atttypmod,
						 CASS_UNCONVERTIBLE_ERROR) != NULL)
		return NULL;
	deeper = cass_composite_mismatch(type->sub[field], attr->atttypid);
	if (deeper != NULL)
		return deeper;
	return psprintf("Attribute \"%s\" is of type %s, %s of CQL type %s.",
					NameStr(attr->attname), format_type_be(attr->atttypid),
					cass_field_text(type, field),
					cass_type_text(type->sub[field]));
}

char *
cass_composite_mismatch(const cql_type *type, Oid typid)
{
	Oid element = get_base_element_type(typid);
	char *found = NULL;
	TupleDesc tupdesc;
	uint32_t i;

	check_stack_depth();
	if (OidIsValid(element) && type->nsub == 1)
		return cass_composite_mismatch(type->sub[0], element);
	typid = getBaseType(typid);
	if ((type->id != CQL_TYPE_TUPLE && type->id != CQL_TYPE_UDT) ||
		get_typtype(typid) != TYPTYPE_COMPOSITE)
		return NULL;
	tupdesc = lookup_rowtype_tupdesc_copy(typid, -1);
	for (i = 0; i < type->nsub && found == NULL; i++)
		found = field_mismatch(type, tupdesc, i);
	for (i = 0; i < (uint32_t) tupdesc->natts && found == NULL; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(tupdesc, i);

		if (!attr->attisdropped && !has_field(type, tupdesc, (int) i))
			found = psprintf("CQL type %s has no field for attribute \"%s\" "
							 "of type %s.",
							 cass_type_text(type), NameStr(attr->attname),
							 format_type_be(typid));
	}
	return found;
}

/* ---- converting ---- */

Datum
cass_decode_composite(CassCodec *codec, cql_slice cell, bool *isnull)
{
	CompositeState *state = codec->state;
	CassFieldContext context;
	cql_elements it;
	cql_slice field;
	const cql_type *type;
	int more;

	check_stack_depth();
	if (!cql_elements_start(&it, codec->type, cell))
		cass_malformed(codec->type);
	memset(state->nulls, true, state->tupdesc->natts);
	cass_field_enter(&context, codec->type);
	for (; (more = cql_elements_next(&it, &field, &type)) > 0; context.field++)
	{
		int n = state->attribute[context.field];

		if (n != NO_ATTRIBUTE)
			state->values[n] = cass_decode(codec->sub[context.field], field,
										   &state->nulls[n]);
	}
	cass_field_leave(&context);
	if (more < 0)
		cass_malformed(codec->type);
	return HeapTupleGetDatum(
		heap_form_tuple(state->tupdesc, state->values, state->nulls));
}

static void
deform(CompositeState *state, HeapTupleHeader header)
{
	HeapTupleData tuple;

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, state->tupdesc, state->values, state->nulls);
}

void
cass_composite_open(CassCodec *codec, Datum value, Datum **values,
					bool **nulls)
{
	CompositeState *state = codec->state;
	uint32_t i;

	deform(state, DatumGetHeapTupleHeader(value));
	*values = palloc(sizeof(Datum) * (codec->nsub + 1));
	*nulls = palloc(sizeof(bool) * (codec->nsub + 1));
	for (i = 0; i < codec->nsub; i++)
	{
		(*values)[i] = state->values[state->attribute[i]];
		(*nulls)[i] = state->nulls[state->attribute[i]];
	}
}

void
cass_encode_composite(CassCodec *codec, Datum value, StringInfo out)
{
	CompositeState *state = codec->state;
	CassFieldContext context;
	CassElements elements;

	check_stack_depth();
	if (state->missing != NULL)
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
						errmsg("type %s cannot be stored as CQL type %s",
							   format_type_be(codec->typid),
							   cass_type_text(codec->type)),
						errdetail("The type has no attribute \"%s\", so the "
								  "value of that field would be lost.",
								  state->missing)));
	deform(state, DatumGetHeapTupleHeader(value));
	cass_elements_begin(&elements, codec->type, codec->nsub);
	cass_field_enter(&context, codec->type);
	for (; context.field < codec->nsub; context.field++)
	{
		int n = state->attribute[context.field];

		cass_elements_add(&elements, state->nulls[n]);
		if (!state->nulls[n])
			cass_encode(codec->sub[context.field], state->values[n],
						&elements.bytes);
	}
	cass_field_leave(&context);
	cass_elements_finish(&elements, out);
}
