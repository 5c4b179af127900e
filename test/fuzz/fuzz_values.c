/*
 * fuzz_values.c
 *	  Fuzz target: walking values.
 *
 * First byte: which type of the list; the rest is the value.
 */
#include <stdlib.h>
#include <string.h>

#include "type.h"
#include "walk.h"

static const char *const types[] = {
	"list<int>",
	"set<text>",
	"map<text, int>",
	"map<text, frozen<list<frozen<set<int>>>>>",
	"tuple<int, text, boolean>",
	"udt",
	"frozen<list<frozen<udt>>>",
	"vector<float, 3>",
	"vector<text, 2>",
	"vector<vector<float, 2>, 2>",
	"vector<frozen<list<int>>, 2>",
	"vector<duration, 1>",
	"vector<vector<text, 2>, 2>",
	"frozen<tuple<udt, vector<smallint, 2>>>",
	"int",
	"decimal",
	"'some.Class'",
};

#define NTYPES (sizeof(types) / sizeof(types[0]))

/* A UDT of fields a int, b text, c list<int>. */
static bool
lookup(void *ctx, const char *name, const cql_type **found)
{
	static const char *const fields[] = {"a", "b", "c"};
	static const char *const texts[] = {"int", "text", "list<int>"};
	cql_arena *arena = ctx;
	cql_type *type = cql_type_make_udt(arena, "ks", "udt", 3);

	(void) name;
	if (type == NULL)
		abort();
	for (uint32_t i = 0; i < 3; i++)
	{
		cql_type_set_field(type, i, fields[i]);
		cql_type_set_sub(type, i,
						 cql_type_from_cql(texts[i], "ks", NULL, NULL, arena));
	}
	*found = type;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cql_arena arena;
	const cql_type *type;
	cql_slice value;

	if (size < 1 || size > INT32_MAX)
		return 0;
	cql_arena_init(&arena, &walk_env, (size_t) 1 << 20);
	type = cql_type_from_cql(types[data[0] % NTYPES], "ks", lookup, &arena,
							 &arena);
	if (type == NULL)
		abort();
	value.data = data + 1;
	value.len = (int32_t) (size - 1);
	walk_value(type, value);
	cql_arena_free(&arena);
	return 0;
}
