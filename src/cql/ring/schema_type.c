/*
 * schema_type.c
 *	  User-defined types out of system_schema.types, each made once.
 *
 * A type may hold another one many times, so as a tree it can be far larger
 * than its rows: cql_type_include() bounds that.
 */
#include "schema_build.h"

#include <string.h>

#include "type.h"

typedef enum udt_state
{
	UDT_NEW,
	UDT_BUSY, /* being made: it would contain itself */
	UDT_MADE,
	UDT_UNUSABLE /* too large or malformed */
} udt_state;

typedef struct schema_udt
{
	udt_state state;
	const char *name;
	uint32_t nfields;
	const char **fields;
	const char **types; /* texts */
	const cql_type *type;
} schema_udt;

/* The texts of a list of n; false where there are fewer. */
static bool
copy_texts(cql_arena *arena, cql_elements *list, uint32_t n,
		   const char **texts)
{
	cql_slice cell;
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		if (cql_elements_next(list, &cell, NULL) <= 0 || cell.len < 0)
			return false;
		texts[i] = cql_arena_text(arena, cell.data, (size_t) cell.len);
		if (texts[i] == NULL)
			return false;
	}
	return true;
}

/* Names and types are two lists of equal length. */
static bool
copy_fields(schema_udt *udt, const cql_rows *rows, cql_arena *arena)
{
	cql_elements names;
	cql_elements types;

	if (!cql_rows_elements(rows, "field_names", &names) ||
		!cql_rows_elements(rows, "field_types", &types) ||
		names.left != types.left)
		return false;
	udt->nfields = names.left;
	udt->fields =
		cql_arena_array(arena, (size_t) names.left + 1, sizeof(*udt->fields));
	udt->types =
		cql_arena_array(arena, (size_t) names.left + 1, sizeof(*udt->types));
	return udt->fields != NULL && udt->types != NULL &&
		   copy_texts(arena, &names, udt->nfields, udt->fields) &&
		   copy_texts(arena, &types, udt->nfields, udt->types);
}

void
cql_schema_take_type(cql_schema_reader *reader)
{
	cql_arena *arena = &reader->owner->arena;
	schema_udt *udt = cql_arena_alloc(arena, sizeof(*udt));

	if (udt == NULL)
		return;
	udt->name = cql_rows_text(&reader->rows, "type_name", arena);
	if (udt->name == NULL)
		return;
	if (!copy_fields(udt, &reader->rows, arena))
		udt->state = UDT_UNUSABLE;
	if (!cql_map_set(&reader->types, udt->name, strlen(udt->name), udt))
		arena->failed = true;
}

static bool lookup_udt(void *ctx, const char *name, const cql_type **type);

static const cql_type *
parse_type(cql_schema_reader *reader, const char *text)
{
	return cql_type_from_cql(text, reader->owner->schema.keyspace, lookup_udt,
							 reader, &reader->owner->arena);
}

static const cql_type *
make_udt(cql_schema_reader *reader, const schema_udt *udt)
{
	cql_type *type = cql_type_make_udt(&reader->owner->arena,
									   reader->owner->schema.keyspace,
									   udt->name, udt->nfields);
	uint32_t i;

	for (i = 0; type != NULL && i < udt->nfields; i++)
	{
		const cql_type *field = parse_type(reader, udt->types[i]);

		if (field == NULL)
			return NULL;
		cql_type_set_field(type, i, udt->fields[i]);
		cql_type_set_sub(type, i, field);
	}
	return type;
}

/*
 * False where the type is known but unusable.  That is remembered, but not
 * where it is so only inside of what is being made now, being too deep there.
 */
static bool
lookup_udt(void *ctx, const char *name, const cql_type **type)
{
	cql_schema_reader *reader = ctx;
	schema_udt *udt = cql_map_get(&reader->types, name, strlen(name));

	*type = NULL;
	if (udt == NULL)
		return true;
	if (udt->state == UDT_NEW && reader->depth < CQL_MAX_TYPE_DEPTH)
	{
		udt->state = UDT_BUSY;
		reader->depth++;
		udt->type = make_udt(reader, udt);
		reader->depth--;
		udt->state = udt->type != NULL	  ? UDT_MADE
					 : reader->depth == 0 ? UDT_UNUSABLE
										  : UDT_NEW;
	}
	*type = udt->type;
	return udt->state == UDT_MADE;
}

const cql_type *
cql_schema_type(cql_schema_reader *reader, const char *text)
{
	cql_arena *arena = &reader->owner->arena;
	const cql_type *type = parse_type(reader, text);
	cql_type *custom;

	if (type != NULL || arena->failed)
		return type;
	custom = cql_type_make(arena, CQL_TYPE_CUSTOM, 0);
	if (custom != NULL)
	{
		custom->name = text;
		custom->unread = true;
	}
	return custom;
}
