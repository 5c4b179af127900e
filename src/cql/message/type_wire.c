/*
 * type_wire.c
 *	  Type options of metadata, v5 section 4.2.5.2.
 *
 * Includes type.h only; called by metadata.c.
 */
#include "type.h"

#include <string.h>

static const cql_type *read_option(cql_reader *r, cql_type_budget *budget);

/* Marks the input as malformed. */
static const cql_type *
malformed(cql_reader *r)
{
	r->failed = true;
	return NULL;
}

const char *
cql_type_read_name(cql_reader *r, cql_arena *arena)
{
	cql_slice name = cql_get_string(r);

	if (name.len > 0 && memchr(name.data, 0, (size_t) name.len) != NULL)
		r->failed = true;
	if (r->failed)
		return NULL;
	return cql_arena_text(arena, name.data, (size_t) name.len);
}

/* List, set and map: one or two options follow. */
static const cql_type *
read_collection(cql_reader *r, cql_type_id id, uint32_t nsub,
				cql_type_budget *budget)
{
	cql_type *type = cql_type_make(budget->arena, id, nsub);

	if (type == NULL)
		return NULL;
	for (uint32_t i = 0; i < nsub; i++)
	{
		const cql_type *sub = read_option(r, budget);

		if (sub == NULL)
			return NULL;
		cql_type_set_sub(type, i, sub);
	}
	return type;
}

/* The [short] count of parts that take at least min_size bytes each. */
static uint32_t
read_count(cql_reader *r, size_t min_size)
{
	uint32_t n = cql_get_u16(r);

	if (n > cql_reader_left(r) / min_size)
	{
		r->failed = true;
		return 0;
	}
	return n;
}

static const cql_type *
read_tuple(cql_reader *r, cql_type_budget *budget)
{
	uint32_t n = read_count(r, 2);

	return r->failed ? NULL : read_collection(r, CQL_TYPE_TUPLE, n, budget);
}

static const cql_type *
read_udt(cql_reader *r, cql_type_budget *budget)
{
	const char *keyspace = cql_type_read_name(r, budget->arena);
	const char *name = cql_type_read_name(r, budget->arena);
	uint32_t n = read_count(r, 4);
	cql_type *type;

	if (r->failed || budget->arena->failed)
		return NULL;
	type = cql_type_make_udt(budget->arena, keyspace, name, n);
	if (type == NULL)
		return NULL;
	for (uint32_t i = 0; i < n; i++)
	{
		const char *field = cql_type_read_name(r, budget->arena);
		const cql_type *sub = read_option(r, budget);

		if (field == NULL || sub == NULL)
			return NULL;
		cql_type_set_field(type, i, field);
		cql_type_set_sub(type, i, sub);
	}
	return type;
}

/*
 * A class name: types that the protocol has no option for (vector) or that
 * this version has none for (v4: duration) come this way too.
 */
static const cql_type *
read_custom(cql_reader *r, cql_type_budget *budget)
{
	cql_slice text = cql_get_string(r);
	const char *class_name = (const char *) text.data;
	uint32_t depth = budget->depth;
	const cql_type *type;

	if (r->failed || memchr(class_name, 0, (size_t) text.len) != NULL)
		return malformed(r);
	/* The class takes this node's place. */
	budget->depth = depth - 1;
	type = cql_type_class_part(class_name, (size_t) text.len, budget);
	budget->depth = depth;
	if (type != NULL || budget->arena->failed)
		return type;
	return cql_type_make_custom(budget->arena, class_name, (size_t) text.len);
}

static const cql_type *
read_option_body(cql_reader *r, uint16_t id, cql_type_budget *budget)
{
	const cql_type *type;

	switch (id)
	{
		case CQL_TYPE_CUSTOM:
			return read_custom(r, budget);
		case CQL_TYPE_LIST:
		case CQL_TYPE_SET:
			return read_collection(r, (cql_type_id) id, 1, budget);
		case CQL_TYPE_MAP:
			return read_collection(r, CQL_TYPE_MAP, 2, budget);
		case CQL_TYPE_UDT:
			return read_udt(r, budget);
		case CQL_TYPE_TUPLE:
			return read_tuple(r, budget);
		default:
			type = cql_type_scalar((cql_type_id) id);
			return type != NULL ? type : malformed(r);
	}
}

static const cql_type *
read_option(cql_reader *r, cql_type_budget *budget)
{
	uint16_t id = cql_get_u16(r);
	const cql_type *type;

	if (r->failed || !cql_type_enter(budget))
		return malformed(r);
	type = read_option_body(r, id, budget);
	cql_type_leave(budget);
	return type;
}

const cql_type *
cql_type_from_wire(cql_reader *r, cql_arena *arena)
{
	cql_type_budget budget = {.arena = arena};

	return read_option(r, &budget);
}
