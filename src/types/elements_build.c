/*
 * elements_build.c
 *	  Building values of collections, tuples, UDTs and vectors.
 *
 * Called by collection.c, composite.c, extension_types.c and json_encode.c.
 * Encodings: protocol v5 section 6; vectors: Cassandra 5.0.
 */
#include "cass_bound.h"
#include "codec.h"

#include "lib/qunique.h"

/* Enough elements to begin with; the arrays then double. */
#define MIN_ELEMENTS 8

/* Elements of a set, or keys of a map with their values. */
typedef struct Entry
{
	cql_slice key;
	uint32_t index; /* of the element */
} Entry;

void
cass_elements_begin(CassElements *elements, const cql_type *type,
					uint32_t expected)
{
	elements->type = type;
	initStringInfo(&elements->bytes);
	elements->nelements = 0;
	elements->size = Max(expected, MIN_ELEMENTS);
	elements->offsets = palloc(sizeof(int32) * elements->size);
	elements->nulls = palloc(sizeof(bool) * elements->size);
}

void
cass_elements_add(CassElements *elements, bool isnull)
{
	if (isnull && elements->type->id != CQL_TYPE_TUPLE &&
		elements->type->id != CQL_TYPE_UDT)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("a value of CQL type %s cannot contain nulls",
							   cass_type_text(elements->type))));
	if (elements->nelements == elements->size)
	{
		elements->size *= 2;
		elements->offsets =
			repalloc(elements->offsets, sizeof(int32) * elements->size);
		elements->nulls =
			repalloc(elements->nulls, sizeof(bool) * elements->size);
	}
	elements->offsets[elements->nelements] = elements->bytes.len;
	elements->nulls[elements->nelements++] = isnull;
}

static cql_slice
element_at(const CassElements *elements, uint32_t i)
{
	int32 start = elements->offsets[i];
	int32 end = i + 1 < elements->nelements ? elements->offsets[i + 1]
											: elements->bytes.len;
	cql_slice slice;

	slice.data = (const uint8_t *) elements->bytes.data + start;
	slice.len = elements->nulls[i] ? CQL_NULL : end - start;
	return slice;
}

static void
put_slice(StringInfo out, cql_slice slice)
{
	cass_put32(out, (uint32) slice.len);
	if (slice.len > 0)
		appendBinaryStringInfo(out, (const char *) slice.data, slice.len);
}

static int
compare_entries(const void *a, const void *b, void *arg)
{
	return cass_compare_cells(arg, ((const Entry *) a)->key,
							  ((const Entry *) b)->key);
}

static void
finish_sorted(CassElements *elements, uint32_t step, StringInfo out)
{
	uint32_t n = elements->nelements / step;
	Entry *entries = palloc(sizeof(Entry) * Max(n, 1));
	void *key_type = unconstify(cql_type *, elements->type->sub[0]);
	uint32_t distinct;
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		entries[i].key = element_at(elements, i * step);
		entries[i].index = i * step;
	}
	qsort_arg(entries, n, sizeof(Entry), compare_entries, key_type);
	distinct =
		qunique_arg(entries, n, sizeof(Entry), compare_entries, key_type);
	if (distinct < n && step == 2)
		ereport(
			ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("a value of CQL type %s cannot have the same key twice",
					cass_type_text(elements->type))));
	cass_put32(out, distinct);
	for (i = 0; i < distinct; i++)
	{
		put_slice(out, entries[i].key);
		if (step == 2)
			put_slice(out, element_at(elements, entries[i].index + 1));
	}
	pfree(entries);
}

static void
finish_vector(CassElements *elements, StringInfo out)
{
	uint32_t fixed = cql_type_fixed_length(elements->type->sub[0]);
	uint32_t i;

	if (elements->nelements != elements->type->dimension)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("a value of CQL type %s cannot have %u elements",
						cass_type_text(elements->type),
						(unsigned) elements->nelements)));
	for (i = 0; i < elements->nelements; i++)
	{
		cql_slice slice = element_at(elements, i);
		uint8_t length[CQL_MAX_VINT];

		if (fixed == 0)
			appendBinaryStringInfo(
				out, (const char *) length,
				cql_uvint_put(length, (uint64_t) slice.len));
		appendBinaryStringInfo(out, (const char *) slice.data, slice.len);
	}
}

void
cass_elements_finish(CassElements *elements, StringInfo out)
{
	uint32_t i;

	switch (elements->type->id)
	{
		case CQL_TYPE_SET:
			finish_sorted(elements, 1, out);
			break;
		case CQL_TYPE_MAP:
			finish_sorted(elements, 2, out);
			break;
		case CQL_TYPE_VECTOR:
			finish_vector(elements, out);
			break;
		default:
			if (elements->type->id == CQL_TYPE_LIST)
				cass_put32(out, elements->nelements);
			for (i = 0; i < elements->nelements; i++)
				put_slice(out, element_at(elements, i));
			break;
	}
	pfree(elements->bytes.data);
	pfree(elements->offsets);
	pfree(elements->nulls);
}
