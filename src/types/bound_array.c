/*
 * bound_array.c
 *	  An array of a condition as frozen list or set.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "bound_value.h"

/* As cells are read: one dimension from 1 on, or none. */
static bool
is_like_a_cell(ArrayType *array)
{
	return ARR_NDIM(array) == 0 ||
		   (ARR_NDIM(array) == 1 && ARR_LBOUND(array)[0] == 1);
}

/*
 * Adds what the element is equal to; false where nothing is.  That a null is
 * equal to a zero-length element is not asked: servers fail on such values.
 */
static bool
add_element(CassCodec *codec, Datum value, bool isnull, CassElements *elements)
{
	CassBoundValue bound;

	if (isnull)
		return false;
	if (!cass_bound_value(codec, BTEqualStrategyNumber,
						  type_is_enum(codec->basetype) ? ANYENUMOID
														: codec->basetype,
						  value, &bound))
		return false;
	cass_elements_add(elements, false);
	appendBinaryStringInfo(&elements->bytes,
						   (const char *) bound.values[0].data,
						   bound.values[0].len);
	return true;
}

bool
cass_array_bound(CassCodec *codec, int strategy, Datum value,
				 CassBoundValue *bound)
{
	ArrayType *array = DatumGetArrayTypeP(value);
	CassElements elements;
	StringInfoData out;
	int16 typlen;
	bool typbyval;
	char typalign;
	Datum *values;
	bool *nulls;
	int n;
	int i;

	if (!is_like_a_cell(array))
		return false;
	get_typlenbyvalalign(ARR_ELEMTYPE(array), &typlen, &typbyval, &typalign);
	deconstruct_array(array, ARR_ELEMTYPE(array), typlen, typbyval, typalign,
					  &values, &nulls, &n);
	cass_elements_begin(&elements, codec->type, n);
	for (i = 0; i < n; i++)
	{
		if (!add_element(codec->sub[0], values[i], nulls[i], &elements))
			return false;
	}
	initStringInfo(&out);
	cass_elements_finish(&elements, &out);
	cass_bound_add(bound, strategy, out.data, out.len);
	return true;
}
