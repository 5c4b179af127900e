/*
 * collection.c
 *	  list, set and vector to and from one-dimensional arrays.
 *
 * Elements go through a codec of their own.  Sets keep Cassandra's order.
 */
#include "codec.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

/* How the elements are stored in the array. */
typedef struct ArrayState
{
	Oid typid;
	int16 typlen;
	bool typbyval;
	char typalign;
} ArrayState;

bool
cass_prepare_array(CassCodec *codec)
{
	ArrayState *state = palloc(sizeof(ArrayState));

	state->typid = get_element_type(codec->basetype);
	codec->sub = palloc(sizeof(CassCodec *));
	codec->sub[0] = cass_codec_build(codec->type->sub[0], state->typid,
									 codec->typmod, codec->unconvertible);
	if (codec->sub[0] == NULL)
		return false;
	codec->nsub = 1;
	/* The elements' codec has it. */
	codec->typmod = -1;
	get_typlenbyvalalign(state->typid, &state->typlen, &state->typbyval,
						 &state->typalign);
	codec->state = state;
	return true;
}

Datum
cass_decode_array(CassCodec *codec, cql_slice cell, bool *isnull)
{
	ArrayState *state = codec->state;
	cql_elements it;
	cql_slice element;
	const cql_type *type;
	Datum *values;
	bool *nulls;
	int n = 0;
	int lower = 1;
	int more;

	check_stack_depth();
	if (!cql_elements_start(&it, codec->type, cell))
		cass_malformed(codec->type);
	if (it.left == 0)
		return PointerGetDatum(construct_empty_array(state->typid));
	/* The cell has been seen to be long enough for so many. */
	values = palloc(sizeof(Datum) * it.left);
	nulls = palloc(sizeof(bool) * it.left);
	while ((more = cql_elements_next(&it, &element, &type)) > 0)
	{
		values[n] = cass_decode(codec->sub[0], element, &nulls[n]);
		n++;
	}
	if (more < 0)
		cass_malformed(codec->type);
	return PointerGetDatum(
		construct_md_array(values, nulls, 1, &n, &lower, state->typid,
						   state->typlen, state->typbyval, state->typalign));
}

static void
refuse_dimensions(CassCodec *codec)
{
	ereport(ERROR,
			(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
			 errmsg("a multidimensional array cannot be stored as CQL type %s",
					cass_type_text(codec->type))));
}

void
cass_encode_array(CassCodec *codec, Datum value, StringInfo out)
{
	ArrayState *state = codec->state;
	ArrayType *array = DatumGetArrayTypeP(value);
	CassElements elements;
	Datum *values;
	bool *nulls;
	int n;
	int i;

	check_stack_depth();
	if (ARR_NDIM(array) > 1)
		refuse_dimensions(codec);
	deconstruct_array(array, state->typid, state->typlen, state->typbyval,
					  state->typalign, &values, &nulls, &n);
	cass_elements_begin(&elements, codec->type, n);
	for (i = 0; i < n; i++)
	{
		/* No element of these types may be null: a null is refused here. */
		cass_elements_add(&elements, nulls[i]);
		cass_encode(codec->sub[0], values[i], &elements.bytes);
	}
	cass_elements_finish(&elements, out);
}

/* vector<float, n> as float4[] without a function call an element */
bool
cass_prepare_float4_vector(CassCodec *codec)
{
	return codec->type->sub[0]->id == CQL_TYPE_FLOAT;
}

/* First element of an array. */
static char *
array_data(ArrayType *array)
{
	int offset = ARR_HASNULL(array)
					 ? array->dataoffset
					 : (int) ARR_OVERHEAD_NONULLS(ARR_NDIM(array));

	return (char *) array + offset;
}

Datum
cass_decode_float4_vector(CassCodec *codec, cql_slice cell, bool *isnull)
{
	uint32_t n = codec->type->dimension;
	ArrayType *array;
	uint32 *bits;
	uint32_t i;

	if ((uint64) cell.len != (uint64) n * sizeof(float4))
		cass_malformed(codec->type);
	array = palloc(ARR_OVERHEAD_NONULLS(1) + cell.len);
	SET_VARSIZE(array, ARR_OVERHEAD_NONULLS(1) + cell.len);
	array->ndim = 1;
	array->dataoffset = 0;
	array->elemtype = FLOAT4OID;
	ARR_DIMS(array)[0] = (int) n;
	ARR_LBOUND(array)[0] = 1;
	bits = (uint32 *) array_data(array);
	for (i = 0; i < n; i++)
		bits[i] = cass_load32(cell.data + i * sizeof(float4));
	return PointerGetDatum(array);
}

void
cass_encode_float4_vector(CassCodec *codec, Datum value, StringInfo out)
{
	ArrayType *array = DatumGetArrayTypeP(value);
	int n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	const float4 *floats = (const float4 *) array_data(array);
	int i;

	if (ARR_NDIM(array) > 1)
		refuse_dimensions(codec);
	if (array_contains_nulls(array))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("a value of CQL type %s cannot contain nulls",
							   cass_type_text(codec->type))));
	if ((uint32_t) n != codec->type->dimension)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("a value of CQL type %s cannot have %d elements",
						cass_type_text(codec->type), n)));
	for (i = 0; i < n; i++)
		cass_put_float4(out, floats[i]);
}

bool
cass_narrow_vector(Datum *value)
{
	ArrayType *array = DatumGetArrayTypeP(*value);
	int n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	const float8 *doubles;
	Datum *singles;
	int i;

	if (ARR_ELEMTYPE(array) == FLOAT4OID)
		return true;
	if (array_contains_nulls(array))
		return false;
	doubles = (const float8 *) array_data(array);
	singles = palloc(sizeof(Datum) * Max(n, 1));
	for (i = 0; i < n; i++)
	{
		float4 single = (float4) doubles[i];

		if (isinf(single) && !isinf(doubles[i]))
			return false;
		singles[i] = Float4GetDatum(single);
	}
	*value = PointerGetDatum(construct_md_array(
		singles, NULL, ARR_NDIM(array), ARR_DIMS(array), ARR_LBOUND(array),
		FLOAT4OID, sizeof(float4), true, TYPALIGN_INT));
	return true;
}
