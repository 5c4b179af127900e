/*
 * elements.c
 *	  Walking the elements of collection, tuple, UDT and vector values.
 *
 * Pure functions on slices; includes type.h only.  Encodings: v5 section 6
 * ("Data Type Serialization Formats"); vectors: Cassandra 5.0.
 */
#include "type.h"

static const cql_slice null_slice = {NULL, CQL_NULL};

/* List, set, map: a count, then elements with length words. */
static bool
start_collection(cql_elements *it, uint32_t per_entry)
{
	size_t left = (size_t) (it->end - it->pos);
	uint32_t count;

	/* An empty value is an empty collection. */
	if (left == 0)
		return true;
	if (left < 4)
		return false;
	count = cql_load_u32(it->pos);
	it->pos += 4;
	/* Each element has at least its length word. */
	if (count > (left - 4) / 4 / per_entry)
		return false;
	it->left = count * per_entry;
	return true;
}

static bool
start_vector(cql_elements *it)
{
	size_t left = (size_t) (it->end - it->pos);

	it->left = it->type->dimension;
	it->fixed = cql_type_fixed_length(it->type->sub[0]);
	if (it->fixed > 0)
		return left % it->fixed == 0 && left / it->fixed == it->left;
	return left >= it->left;
}

bool
cql_elements_start(cql_elements *it, const cql_type *type, cql_slice value)
{
	static const uint8_t nothing;

	if (value.len < 0)
		return false;
	it->type = type;
	it->pos = value.len == 0 ? &nothing : value.data;
	it->end = it->pos + value.len;
	it->left = 0;
	it->index = 0;
	it->fixed = 0;
	switch (type->id)
	{
		case CQL_TYPE_LIST:
		case CQL_TYPE_SET:
			return start_collection(it, 1);
		case CQL_TYPE_MAP:
			return start_collection(it, 2);
		case CQL_TYPE_TUPLE:
		case CQL_TYPE_UDT:
			it->left = type->nsub;
			return true;
		case CQL_TYPE_VECTOR:
			return start_vector(it);
		default:
			return false;
	}
}

/* An element of n bytes; false when they are not there. */
static bool
take(cql_elements *it, uint64_t n, cql_slice *cell)
{
	if (n > (size_t) (it->end - it->pos))
		return false;
	cell->data = it->pos;
	cell->len = (int32_t) n;
	it->pos += n;
	return true;
}

/* An element with a length word, null when that is negative. */
static bool
take_bytes(cql_elements *it, cql_slice *cell)
{
	int32_t len;

	if (it->end - it->pos < 4)
		return false;
	len = (int32_t) cql_load_u32(it->pos);
	it->pos += 4;
	if (len >= 0)
		return take(it, (uint64_t) len, cell);
	*cell = null_slice;
	return true;
}

static bool
take_vector_element(cql_elements *it, cql_slice *cell)
{
	uint64_t len = it->fixed;

	if (it->fixed == 0)
	{
		int used = cql_uvint_get(it->pos, (size_t) (it->end - it->pos), &len);

		if (used <= 0)
			return false;
		it->pos += used;
	}
	return take(it, len, cell);
}

/* Fields that were added to the type after the value was written are null. */
static bool
take_field(cql_elements *it, cql_slice *cell)
{
	if (it->pos < it->end)
		return take_bytes(it, cell);
	*cell = null_slice;
	return true;
}

/* Ends the iteration for good: every further call gives -1. */
static int
malformed(cql_elements *it)
{
	it->left = 0;
	it->type = NULL;
	return -1;
}

/*
 * No element is left.  A UDT value may have fields that our description of
 * the type is too old for; anything else behind the last element is wrong.
 */
static int
finish(cql_elements *it)
{
	if (it->type == NULL ||
		(it->pos < it->end && it->type->id != CQL_TYPE_UDT))
		return malformed(it);
	return 0;
}

int
cql_elements_next(cql_elements *it, cql_slice *cell, const cql_type **type)
{
	uint32_t sub = 0;
	bool taken;

	if (it->left == 0)
		return finish(it);
	switch (it->type->id)
	{
		case CQL_TYPE_TUPLE:
		case CQL_TYPE_UDT:
			sub = it->index;
			taken = take_field(it, cell);
			break;
		case CQL_TYPE_VECTOR:
			taken = take_vector_element(it, cell);
			break;
		case CQL_TYPE_MAP:
			sub = it->index % 2;
			taken = take_bytes(it, cell);
			break;
		default:
			taken = take_bytes(it, cell);
			break;
	}
	if (!taken)
		return malformed(it);
	if (type != NULL)
		*type = it->type->sub[sub];
	it->index++;
	it->left--;
	return 1;
}
