/*
 * bound_container.c
 *	  A value of a condition as frozen tuple, UDT, map, list or set: given as
 *	  jsonb, or as a composite type.
 *
 * Keys are compared by their bytes, and one value of SQL may have several: a
 * null field may be null or of zero length, and null fields at the end may be
 * left out.  Each of these spellings is a point.  The condition is checked
 * again, so that what jsonb tells apart and CQL does not (the order of a set,
 * say) does no harm.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "bound_value.h"
#include "cass_json.h"

#define MAX_CHOICES 64
/* Of one value: twelve null numbers in one key.  Further ones are left out. */
#define MAX_SPELLINGS 4096

/* Goes through all ways to spell a value: a choice at each null field. */
typedef struct Speller
{
	int digits[MAX_CHOICES];
	int radix[MAX_CHOICES];
	int n;
	int at;
} Speller;

/* Spells field i of a container whose values are given. */
typedef bool (*SpellField)(Speller *s, CassCodec *codec, const void *values,
						   uint32_t i, StringInfo out);

static int
choose(Speller *s, int radix)
{
	if (s->at == MAX_CHOICES)
		return 0;
	if (s->at == s->n)
	{
		s->digits[s->n] = 0;
		s->radix[s->n++] = radix;
	}
	return s->digits[s->at++];
}

/* The next spelling; false after the last one. */
static bool
next_spelling(Speller *s)
{
	s->at = 0;
	while (s->n > 0 && s->digits[s->n - 1] + 1 >= s->radix[s->n - 1])
		s->n--;
	if (s->n == 0)
		return false;
	s->digits[s->n - 1]++;
	return true;
}

/* Fields in order, of which null ones may be spelled in several ways. */
static bool
spell_fields(Speller *s, CassCodec *codec, const bool *nulls, SpellField spell,
			 const void *values, StringInfo out)
{
	CassElements elements;
	uint32_t last = codec->nsub;
	uint32_t n, i;

	while (last > 0 && nulls[last - 1])
		last--;
	n = codec->nsub -
		choose(s, last > 0 ? codec->nsub - last + 1 : Max(codec->nsub, 1));
	cass_elements_begin(&elements, codec->type, n);
	for (i = 0; i < n; i++)
	{
		const CassCodec *sub = codec->sub[i];
		bool null = nulls[i] && (sub->nsub > 0 || !cass_has_empty(sub) ||
								 choose(s, 2) == 0);

		cass_elements_add(&elements, null);
		if (!nulls[i] && !spell(s, codec, values, i, &elements.bytes))
			return false;
	}
	cass_elements_finish(&elements, out);
	return true;
}

/* ---- jsonb ---- */

static bool
spell_string(const cql_type *type, const char *text, StringInfo out)
{
	uint8 uuid[16];
	char *utf8;
	char *p;

	if (type->id == CQL_TYPE_UUID || type->id == CQL_TYPE_TIMEUUID)
	{
		if (!cass_spelled_uuid(CStringGetTextDatum(text), uuid))
			return false;
		appendBinaryStringInfo(out, (char *) uuid, sizeof(uuid));
		return true;
	}
	utf8 = pg_server_to_any(text, strlen(text), PG_UTF8);
	for (p = utf8; type->id == CQL_TYPE_ASCII && *p != '\0'; p++)
	{
		if (IS_HIGHBIT_SET(*p))
			return false;
	}
	appendStringInfoString(out, utf8);
	return true;
}

static bool
spell_integer(const cql_type *type, const char *text, StringInfo out)
{
	int64 v;

	if (!cass_spelled_integer(CStringGetTextDatum(text), &v))
		return false;
	switch (type->id)
	{
		case CQL_TYPE_TINYINT:
			appendStringInfoChar(out, (char) v);
			return v >= PG_INT8_MIN && v <= PG_INT8_MAX;
		case CQL_TYPE_SMALLINT:
			cass_put16(out, (uint16) v);
			return v >= PG_INT16_MIN && v <= PG_INT16_MAX;
		case CQL_TYPE_INT:
			cass_put32(out, (uint32) v);
			return v >= PG_INT32_MIN && v <= PG_INT32_MAX;
		default:
			cass_put64(out, (uint64) v);
			return true;
	}
}

static bool
is_string(const cql_type *type)
{
	return type->id == CQL_TYPE_TEXT || type->id == CQL_TYPE_ASCII ||
		   type->id == CQL_TYPE_UUID || type->id == CQL_TYPE_TIMEUUID;
}

/* A number such as 1.0 is the integer to jsonb. */
static char *
number_text(Numeric numeric)
{
	return DatumGetCString(DirectFunctionCall1(
		numeric_out,
		DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(numeric))));
}

static bool
spell_leaf(const cql_type *type, const JsonbValue *v, StringInfo out)
{
	if (is_string(type))
		return v->type == jbvString &&
			   spell_string(
				   type, pnstrdup(v->val.string.val, v->val.string.len), out);
	return v->type == jbvNumeric &&
		   spell_integer(type, number_text(v->val.numeric), out);
}

static bool spell_json(Speller *s, CassCodec *node, const JsonbValue *v,
					   StringInfo out);

static bool
spell_json_field(Speller *s, CassCodec *node, const void *values, uint32_t i,
				 StringInfo out)
{
	const JsonbValue *const *fields = values;

	return spell_json(s, node->sub[i], fields[i], out);
}

/* As cells are read: an object of just these keys, an array of all. */
static bool
spell_json_fields(Speller *s, CassCodec *node, const JsonbValue *values, int n,
				  StringInfo out)
{
	bool udt = node->type->id == CQL_TYPE_UDT;
	const JsonbValue **fields = palloc0(sizeof(JsonbValue *) * node->nsub);
	bool *nulls = palloc(sizeof(bool) * node->nsub);
	uint32_t i;
	int k;

	if (n != (int) node->nsub * (udt ? 2 : 1))
		return false;
	for (i = 0; i < node->nsub; i++)
	{
		const char *name = udt ? cass_json_field(node, i) : "";

		fields[i] = udt ? NULL : &values[i];
		for (k = 0; udt && k < n; k += 2)
		{
			if (values[k].val.string.len == (int) strlen(name) &&
				memcmp(values[k].val.string.val, name, strlen(name)) == 0)
				fields[i] = &values[k + 1];
		}
		if (fields[i] == NULL)
			return false;
		nulls[i] = fields[i]->type == jbvNull;
	}
	return spell_fields(s, node, nulls, spell_json_field, fields, out);
}

/* Elements, or keys and values; the server has put them in order. */
static bool
spell_json_elements(Speller *s, CassCodec *node, const JsonbValue *values,
					int n, StringInfo out)
{
	bool map = node->type->id == CQL_TYPE_MAP;
	CassElements elements;
	int i;

	cass_elements_begin(&elements, node->type, n);
	for (i = 0; i < n; i++)
	{
		CassCodec *sub = node->sub[map ? i % 2 : 0];
		const JsonbValue *v = &values[i];
		bool spelled;

		if (v->type == jbvNull)
			return false;
		cass_elements_add(&elements, false);
		if (map && i % 2 == 0 && !is_string(sub->type))
			spelled = spell_integer(
				sub->type, pnstrdup(v->val.string.val, v->val.string.len),
				&elements.bytes);
		else
			spelled = spell_json(s, sub, v, &elements.bytes);
		if (!spelled)
			return false;
	}
	cass_elements_finish(&elements, out);
	return true;
}

static bool
spell_json(Speller *s, CassCodec *node, const JsonbValue *v, StringInfo out)
{
	JsonbContainer *container;
	JsonbValue *values;
	int n;

	check_stack_depth();
	if (node->nsub == 0)
		return spell_leaf(node->type, v, out);
	if (v->type != jbvBinary)
		return false;
	container = v->val.binary.data;
	if (JsonContainerIsScalar(container) ||
		cass_json_is_object(node) != JsonContainerIsObject(container))
		return false;
	values = cass_json_list(container, &n);
	if (node->type->id == CQL_TYPE_UDT || node->type->id == CQL_TYPE_TUPLE)
		return spell_json_fields(s, node, values, n, out);
	return spell_json_elements(s, node, values, n, out);
}

static bool
spell_jsonb(Speller *s, CassCodec *codec, Datum value, StringInfo out)
{
	Jsonb *jsonb = DatumGetJsonbP(value);
	JsonbValue v;

	v.type = jbvBinary;
	v.val.binary.data = &jsonb->root;
	v.val.binary.len = VARSIZE(jsonb) - VARHDRSZ;
	return spell_json(s, codec, &v, out);
}

/* ---- composite types ---- */

static bool spell_datum(Speller *s, CassCodec *codec, Datum value,
						StringInfo out);

static bool
spell_composite_field(Speller *s, CassCodec *codec, const void *values,
					  uint32_t i, StringInfo out)
{
	return spell_datum(s, codec->sub[i], ((const Datum *) values)[i], out);
}

static bool
spell_datum(Speller *s, CassCodec *codec, Datum value, StringInfo out)
{
	CassBoundValue bound;
	Datum *values;
	bool *nulls;

	check_stack_depth();
	if (codec->basetype == JSONBOID)
		return spell_jsonb(s, codec, value, out);
	if (codec->type->id == CQL_TYPE_UDT || codec->type->id == CQL_TYPE_TUPLE)
	{
		cass_composite_open(codec, value, &values, &nulls);
		return spell_fields(s, codec, nulls, spell_composite_field, values,
							out);
	}
	if (!cass_bound_value(codec, BTEqualStrategyNumber,
						  type_is_enum(codec->basetype) ? ANYENUMOID
														: codec->basetype,
						  value, &bound))
		return false;
	appendBinaryStringInfo(out, (const char *) bound.values[0].data,
						   bound.values[0].len);
	return true;
}

/* ---- the interface ---- */

bool
cass_container_bound(CassCodec *codec, Datum value, CassBoundValue *bound)
{
	Speller speller;

	memset(&speller, 0, sizeof(speller));
	do
	{
		StringInfoData out;

		initStringInfo(&out);
		if (!spell_datum(&speller, codec, value, &out))
			return false;
		cass_bound_add(bound, BTEqualStrategyNumber, out.data, out.len);
		pfree(out.data);
	} while (next_spelling(&speller) && bound->nvalues < MAX_SPELLINGS);
	return true;
}
