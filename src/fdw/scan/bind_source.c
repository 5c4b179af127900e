/*
 * bind_source.c
 *	  The values of one condition into its restriction.
 */
#include "bind.h"

#include "access/stratnum.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static Datum
evaluate(CassBindings *bs, const CassScanSource *source, int i,
		 ExprContext *econtext, bool *isnull)
{
	return ExecEvalExprSwitchContext(list_nth(bs->values, source->first + i),
									 econtext, isnull);
}

/* ---- points ---- */

typedef struct Points
{
	Datum *values;
	Oid *types;
	bool *nulls;
	int n;
	int size;
} Points;

static void *
grow(void *array, Size element, int n)
{
	return array == NULL ? palloc(element * n)
						 : repalloc_huge(array, element * n);
}

static void
add_point(Points *points, Oid type, Datum value, bool isnull)
{
	if (points->n == points->size)
	{
		points->size = Max(points->size * 2, 64);
		points->values = grow(points->values, sizeof(Datum), points->size);
		points->types = grow(points->types, sizeof(Oid), points->size);
		points->nulls = grow(points->nulls, sizeof(bool), points->size);
	}
	points->values[points->n] = value;
	points->types[points->n] = type;
	points->nulls[points->n++] = isnull;
}

static void
add_array(Points *points, Oid type, Datum value, bool isnull)
{
	ArrayType *array;
	Datum *values;
	bool *nulls;
	int16 len;
	bool byval;
	char align;
	int n, i;

	if (isnull)
		return;
	array = DatumGetArrayTypeP(value);
	get_typlenbyvalalign(ARR_ELEMTYPE(array), &len, &byval, &align);
	deconstruct_array(array, ARR_ELEMTYPE(array), len, byval, align, &values,
					  &nulls, &n);
	for (i = 0; i < n; i++)
		add_point(points, type, values[i], nulls[i]);
}

/* What a value of an OR's branch is in Cassandra. */
static cql_slice
encode_branch(CassCodec *codec, Oid type, Datum value, bool isnull)
{
	CassDomain domain;
	cql_slice slice = {NULL, CQL_NULL};

	cass_domain_init(&domain, codec);
	cass_domain_add(&domain, BTEqualStrategyNumber, type, value, isnull);
	if (domain.kind == CASS_DOMAIN_POINTS && domain.npoints == 1)
		return domain.points[0];
	if (domain.kind != CASS_DOMAIN_EMPTY)
		slice.len = CQL_UNSET;
	return slice;
}

/* Values of an OR's branches: not all combinations of columns are wanted. */
static void
keep_branches(const CassScanSource *source, CassBinding *b,
			  const Points *points)
{
	int i;

	b->branches = source->branches;
	b->nbranches = points->n;
	b->branch = palloc(sizeof(cql_slice) * (points->n + 1));
	for (i = 0; i < points->n; i++)
		b->branch[i] = encode_branch(b->domain.codec, points->types[i],
									 points->values[i], points->nulls[i]);
}

/* Null values and arrays find nothing; without any value nothing matches. */
static void
bind_points(CassBindings *bs, const CassScanSource *source, CassBinding *b,
			ExprContext *econtext)
{
	Points points = {NULL, NULL, NULL, 0, 0};
	int i;

	for (i = 0; i < list_length(source->types); i++)
	{
		Oid type = list_nth_oid(source->types, i);
		bool isnull;
		Datum value = evaluate(bs, source, i, econtext, &isnull);

		if (list_nth_int(source->arrays, i))
			add_array(&points, type, value, isnull);
		else
			add_point(&points, type, value, isnull);
	}
	if (source->branches >= 0 && b->branch == NULL)
		keep_branches(source, b, &points);
	cass_domain_add_any(&b->domain, points.types, points.n, points.values,
						points.nulls, points.n == 0);
}

/* ---- rows ---- */

/* One column's value, where it has exactly one in Cassandra; else how many. */
static int
encode_column(CassBindings *bs, int att, Oid type, Datum value, cql_slice *out)
{
	CassDomain domain;

	cass_domain_init(&domain, bs->shape->atts[att].codec);
	cass_domain_add(&domain, BTEqualStrategyNumber, type, value, false);
	if (domain.kind == CASS_DOMAIN_EMPTY)
		return 0;
	if (domain.kind != CASS_DOMAIN_POINTS || domain.npoints != 1)
		return 2;
	*out = domain.points[0];
	return 1;
}

/* The first n columns are compared so; false when nothing can match. */
static bool
give_row(CassBinding *b, int strategy, cql_slice *values, int n)
{
	if (n == 0)
		return false;
	b->row_given = true;
	b->values = values;
	b->nvalues = b->markers.ncolumns = n;
	if (strategy == BTGreaterStrategyNumber ||
		strategy == BTGreaterEqualStrategyNumber)
		b->markers.lower = strategy == BTGreaterStrategyNumber ? ">" : ">=";
	else
		b->markers.upper = strategy == BTLessStrategyNumber ? "<" : "<=";
	return true;
}

/*
 * (a, b, c) > (x, y, z), as far as all columns before have the very value:
 * what cannot equal the column's value, or NULL, ends the row, and rows that
 * are equal until there are not wanted; of several equal values they are.
 */
static bool
bind_row(CassBindings *bs, const CassScanSource *source, CassBinding *b,
		 ExprContext *econtext)
{
	int n = list_length(source->atts);
	cql_slice *values = palloc(sizeof(cql_slice) * n);
	bool upper = source->op == CQL_COND_LT || source->op == CQL_COND_LE;
	int strict = upper ? BTLessStrategyNumber : BTGreaterStrategyNumber;
	int weak =
		upper ? BTLessEqualStrategyNumber : BTGreaterEqualStrategyNumber;
	int strategy =
		source->op == CQL_COND_LT || source->op == CQL_COND_GT ? strict : weak;
	int i;

	for (i = 0; i < n; i++)
	{
		int att = list_nth_int(source->atts, i);
		Oid type = list_nth_oid(source->types, i);
		bool isnull;
		Datum value = evaluate(bs, source, i, econtext, &isnull);
		int equal;
		CassSide side;

		if (isnull)
			return give_row(b, strict, values, i);
		equal = encode_column(bs, att, type, value, &values[i]);
		if (equal == 1 && i + 1 < n)
			continue;
		if (i + 1 < n)
			strategy = equal == 0 ? strict : weak;
		side = cass_bound_side(bs->shape->atts[att].codec, &strategy, type,
							   value, &values[i]);
		if (side == CASS_SIDE_BOUND)
			return give_row(b, strategy, values, i + 1);
		if (side == CASS_SIDE_ALL && i == 0)
		{
			cass_domain_add(&b->domain, weak, type, value, false);
			return b->domain.kind != CASS_DOMAIN_EMPTY;
		}
		return give_row(b, side == CASS_SIDE_ALL ? weak : strict, values, i);
	}
	return true;
}

/* ---- collections and patterns ---- */

static bool
bind_elements(CassBindings *bs, const CassScanSource *source, CassBinding *b,
			  ExprContext *econtext)
{
	CassCodec *codec = bs->shape->atts[linitial_int(source->atts)].codec;
	int n = list_length(source->types);
	int i;

	b->values = palloc(sizeof(cql_slice) * n);
	for (i = 0; i < n; i++)
	{
		bool isnull;
		Datum value = evaluate(bs, source, i, econtext, &isnull);
		bool key = source->kind == CASS_SOURCE_KEY ||
				   (source->kind == CASS_SOURCE_ENTRY && i == 0);

		if (isnull ||
			!cass_element_value(codec, key, list_nth_oid(source->types, i),
								value, &b->values[i]))
			return false;
	}
	b->nvalues = n;
	return true;
}

static bool
bind_pattern(CassBindings *bs, const CassScanSource *source, CassBinding *b,
			 ExprContext *econtext)
{
	bool isnull;
	Datum value = evaluate(bs, source, 0, econtext, &isnull);
	char *pattern;

	if (isnull)
		return false;
	pattern = TextDatumGetCString(value);
	pattern = pg_server_to_any(pattern, strlen(pattern), PG_UTF8);
	b->values = palloc(sizeof(cql_slice));
	b->values[0].data = (uint8 *) pattern;
	b->values[0].len = strlen(pattern);
	b->nvalues = 1;
	return true;
}

/* The steps of a source; false where a time zone is null, and so the result.
 */
static bool
evaluate_steps(CassBindings *bs, const CassScanSource *source,
			   ExprContext *econtext, CassStep *steps, int n)
{
	int i;

	for (i = 0; i < n; i++)
	{
		int zone = list_nth_int(source->steps, i * 3 + 2);
		bool isnull = false;

		steps[i].kind = (CassStepKind) list_nth_int(source->steps, i * 3);
		steps[i].unit = list_nth_int(source->steps, i * 3 + 1);
		if (zone != CASS_SESSION_ZONE)
			steps[i].zone = evaluate(bs, source, zone, econtext, &isnull);
		if (isnull)
			return false;
	}
	return true;
}

/* Functions of times. */
static void
bind_steps(CassBindings *bs, const CassScanSource *source, CassBinding *b,
		   ExprContext *econtext)
{
	int n = list_length(source->steps) / 3;
	CassStep *steps = palloc0(sizeof(CassStep) * (n + 1));
	Points points = {NULL, NULL, NULL, 0, 0};
	Oid type = linitial_oid(source->types);
	bool isnull;
	Datum value = evaluate(bs, source, 0, econtext, &isnull);

	if (linitial_int(source->arrays))
		add_array(&points, type, value, isnull);
	else
		add_point(&points, type, value, isnull);
	if (!evaluate_steps(bs, source, econtext, steps, n))
		points.n = 0;
	cass_domain_add_steps(&b->domain, source->strategy, type, points.n,
						  points.values, points.nulls, steps, n);
}

/* Bounds of an OR's branches. */
static void
bind_hull(CassBindings *bs, const CassScanSource *source, CassBinding *b,
		  ExprContext *econtext)
{
	int n = list_length(source->types);
	int *strategies = palloc(sizeof(int) * n);
	Points points = {NULL, NULL, NULL, 0, 0};
	int i;

	for (i = 0; i < n; i++)
	{
		bool isnull;
		Datum value = evaluate(bs, source, i, econtext, &isnull);

		strategies[i] = list_nth_int(source->steps, i);
		add_point(&points, list_nth_oid(source->types, i), value, isnull);
	}
	cass_domain_add_hull(&b->domain, source->strategy, n, strategies,
						 points.types, points.values, points.nulls);
}

static void
bind_comparison(CassBindings *bs, const CassScanSource *source, CassBinding *b,
				ExprContext *econtext)
{
	bool isnull;
	Datum value = evaluate(bs, source, 0, econtext, &isnull);
	Oid type = linitial_oid(source->types);

	if (source->kind == CASS_SOURCE_TIME)
		cass_domain_add_time(&b->domain, source->strategy, type, value,
							 isnull);
	else if (source->kind == CASS_SOURCE_PREFIX)
		cass_domain_add_prefix(&b->domain, value, isnull);
	else
		cass_domain_add(&b->domain, source->strategy, type, value, isnull);
}

bool
cass_bind_source(CassBindings *bs, const CassScanSource *source,
				 ExprContext *econtext)
{
	CassBinding *b = &bs->each[source->restriction];

	if (source->again)
		return true;
	switch (source->kind)
	{
		case CASS_SOURCE_POINTS:
			bind_points(bs, source, b, econtext);
			return true;
		case CASS_SOURCE_ROW:
			return bind_row(bs, source, b, econtext);
		case CASS_SOURCE_ELEMENT:
		case CASS_SOURCE_KEY:
		case CASS_SOURCE_ENTRY:
			return bind_elements(bs, source, b, econtext);
		case CASS_SOURCE_STEPS:
			bind_steps(bs, source, b, econtext);
			return true;
		case CASS_SOURCE_HULL:
			bind_hull(bs, source, b, econtext);
			return true;
		case CASS_SOURCE_PATTERN:
			return bind_pattern(bs, source, b, econtext);
		default:
			bind_comparison(bs, source, b, econtext);
			return true;
	}
}
