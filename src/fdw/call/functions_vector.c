/*
 * functions_vector.c
 *	  Distances of vectors: float4[], which vector<float, n> is read as, and
 *	  arrays of other numbers.
 *
 * The names are those of the operators <->, <=> and <#>; ordering by one of
 * them is what a scan may turn into CQL's ANN OF.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"

PG_FUNCTION_INFO_V1(cassandra_l2_distance);
PG_FUNCTION_INFO_V1(cassandra_cosine_distance);
PG_FUNCTION_INFO_V1(cassandra_negative_inner_product);

/* Elements of float4[], or of others as float8. */
typedef struct Vector
{
	int n;
	const float4 *singles; /* NULL: doubles */
	const float8 *doubles;
} Vector;

/* Two vectors of the same dimension. */
typedef struct VectorPair
{
	int n;
	Vector a;
	Vector b;
} VectorPair;

static inline float8
element(const Vector *v, int i)
{
	return v->singles != NULL ? (float8) v->singles[i] : v->doubles[i];
}

/* ARR_DATA_PTR() without its mix of signed and unsigned. */
static const void *
array_data(ArrayType *array)
{
	Size offset = ARR_HASNULL(array)
					  ? (Size) array->dataoffset
					  : (Size) ARR_OVERHEAD_NONULLS(ARR_NDIM(array));

	return (char *) array + offset;
}

static PGFunction
conversion_of(Oid type)
{
	switch (type)
	{
		case INT2OID:
			return i2tod;
		case INT4OID:
			return i4tod;
		case INT8OID:
			return i8tod;
		case NUMERICOID:
			return numeric_float8;
		default:
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("a vector must be an array of numbers, not "
								   "of type %s[]",
								   format_type_be(type))));
	}
}

static float8 *
convert(ArrayType *array)
{
	PGFunction conversion = conversion_of(ARR_ELEMTYPE(array));
	ArrayIterator elements = array_create_iterator(array, 0, NULL);
	float8 *doubles =
		palloc(sizeof(float8) *
			   (ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) + 1));
	int n = 0;
	Datum value;
	bool isnull;

	while (array_iterate(elements, &value, &isnull))
		doubles[n++] = DatumGetFloat8(DirectFunctionCall1(conversion, value));
	array_free_iterator(elements);
	return doubles;
}

static Vector
get_vector(ArrayType *array)
{
	Vector v = {0};

	if (ARR_NDIM(array) > 1)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("a vector must be an array of one dimension")));
	if (array_contains_nulls(array))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("a vector must not contain nulls")));
	v.n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (ARR_ELEMTYPE(array) == FLOAT4OID)
		v.singles = array_data(array);
	else if (ARR_ELEMTYPE(array) == FLOAT8OID)
		v.doubles = array_data(array);
	else
		v.doubles = convert(array);
	return v;
}

static VectorPair
get_pair(FunctionCallInfo fcinfo)
{
	VectorPair pair;

	pair.a = get_vector(PG_GETARG_ARRAYTYPE_P(0));
	pair.b = get_vector(PG_GETARG_ARRAYTYPE_P(1));
	pair.n = pair.a.n;
	if (pair.b.n != pair.n)
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
						errmsg("vectors have different dimensions: %d and %d",
							   pair.n, pair.b.n)));
	return pair;
}

static float8
inner_product(int n, const Vector *a, const Vector *b)
{
	float8 sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += element(a, i) * element(b, i);
	return sum;
}

Datum
cassandra_l2_distance(PG_FUNCTION_ARGS)
{
	VectorPair pair = get_pair(fcinfo);
	float8 sum = 0;
	int i;

	for (i = 0; i < pair.n; i++)
	{
		float8 difference = element(&pair.a, i) - element(&pair.b, i);

		sum += difference * difference;
	}
	PG_RETURN_FLOAT8(sqrt(sum));
}

/* NaN where one of them is zero: it has no direction. */
Datum
cassandra_cosine_distance(PG_FUNCTION_ARGS)
{
	VectorPair pair = get_pair(fcinfo);
	float8 lengths = sqrt(inner_product(pair.n, &pair.a, &pair.a)) *
					 sqrt(inner_product(pair.n, &pair.b, &pair.b));
	float8 cosine;

	if (lengths == 0)
		PG_RETURN_FLOAT8(get_float8_nan());
	cosine = inner_product(pair.n, &pair.a, &pair.b) / lengths;
	/* rounding may lead out of the range of a cosine */
	if (cosine > 1)
		cosine = 1;
	else if (cosine < -1)
		cosine = -1;
	PG_RETURN_FLOAT8(1 - cosine);
}

Datum
cassandra_negative_inner_product(PG_FUNCTION_ARGS)
{
	VectorPair pair = get_pair(fcinfo);

	PG_RETURN_FLOAT8(-inner_product(pair.n, &pair.a, &pair.b));
}
