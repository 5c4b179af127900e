/*
 * fuzz_typestring.c
 *	  Fuzz target: types as class strings, CQL text and wire options.
 *
 * First byte modulo 3: which of these the rest is.
 */
#include <stdlib.h>
#include <string.h>

#include "type.h"
#include "walk.h"

#define ARENA_MAX ((size_t) 64 << 20)
/* More than the longest spelling of any input that libFuzzer makes. */
#define TEXT_MAX ((size_t) 1 << 20)

/* A name that is known: a UDT of one field. */
static bool
lookup(void *ctx, const char *name, const cql_type **type)
{
	*type = strcmp(name, "known") == 0 ? ctx : NULL;
	return true;
}

static const cql_type *
make_known(cql_arena *arena)
{
	cql_type *type = cql_type_make_udt(arena, "ks", "known", 1);

	if (type == NULL)
		abort();
	cql_type_set_sub(type, 0, cql_type_scalar(CQL_TYPE_INT));
	cql_type_set_field(type, 0, "field");
	return type;
}

static const cql_type *
parse_cql(const char *text, cql_arena *arena)
{
	return cql_type_from_cql(text, "ks", lookup, (void *) make_known(arena),
							 arena);
}

static const cql_type *
parse(uint8_t kind, const uint8_t *data, size_t size, cql_arena *arena)
{
	cql_reader r;

	if (kind % 3 == 0)
		return cql_type_from_class((const char *) data, size, arena);
	if (kind % 3 == 1)
		return parse_cql(cql_arena_text(arena, data, size), arena);
	cql_reader_init(&r, data, size);
	return cql_type_from_wire(&r, arena);
}

/* What is printed can be read, and is printed the same again. */
static void
check_printed(const cql_type *type, char *first, char *second,
			  cql_arena *arena)
{
	const cql_type *again;

	cql_type_print(type, first, TEXT_MAX);
	again = parse_cql(first, arena);
	if (again == NULL)
		abort();
	cql_type_print(again, second, TEXT_MAX);
	if (strcmp(first, second) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char first[TEXT_MAX];
	static char second[TEXT_MAX];
	cql_arena arena;
	const cql_type *type;

	if (size < 1)
		return 0;
	cql_arena_init(&arena, &walk_env, ARENA_MAX);
	type = parse(data[0], data + 1, size - 1, &arena);
	if (type != NULL)
	{
		if (!cql_type_equal(type, type))
			abort();
		(void) cql_type_fixed_length(type);
		cql_type_print(type, first, 16);
		/* Names on the wire may be longer than those of CQL text. */
		if (data[0] % 3 == 1)
			check_printed(type, first, second, &arena);
	}
	cql_arena_free(&arena);
	return 0;
}
