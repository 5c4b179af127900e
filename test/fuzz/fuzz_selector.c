/*
 * fuzz_selector.c
 *	  Fuzz target: selectors on a table of a few types.
 */
#include <stdlib.h>
#include <string.h>

#include "selector_int.h"
#include "type.h"
#include "walk.h"

static bool
lookup(void *ctx, const char *name, const cql_type **type)
{
	*type = strcmp(name, "udt") == 0 ? ctx : NULL;
	return true;
}

static void
make_table(cql_schema_table *table, cql_schema_column *columns,
		   cql_arena *arena)
{
	static const char *const types[] = {"int", "map<text, frozen<udt>>",
										"set<int>", "udt", "text"};
	static const char *const names[] = {"id", "m", "s", "u", "T"};
	cql_type *udt = cql_type_make_udt(arena, "k", "udt", 1);

	if (udt == NULL)
		abort();
	cql_type_set_sub(udt, 0, cql_type_scalar(CQL_TYPE_TEXT));
	cql_type_set_field(udt, 0, "f");
	memset(columns, 0, 5 * sizeof(*columns));
	for (int i = 0; i < 5; i++)
	{
		columns[i].name = names[i];
		columns[i].kind = i == 0 ? CQL_PARTITION_KEY : CQL_REGULAR;
		columns[i].type = cql_type_from_cql(types[i], "k", lookup, udt, arena);
		if (columns[i].type == NULL)
			abort();
	}
	memset(table, 0, sizeof(*table));
	table->keyspace = "k";
	table->name = "t";
	table->columns = columns;
	table->ncolumns = 5;
	table->npartition = 1;
}

/* What is printed can be read, is printed the same, and is of that type. */
static void
check(const char *text, const cql_schema_table *table)
{
	static cql_selector first;
	static cql_selector second;

	/* what fits a table is of the grammar */
	if (!cql_selector_parse(text, NULL, &second) &&
		cql_selector_parse(text, table, &first))
		abort();
	if (!cql_selector_parse(text, table, &first))
	{
		if (first.code == CQL_SELECTOR_OK || first.message[0] == '\0')
			abort();
		return;
	}
	if (!cql_selector_parse(first.text, table, &second) ||
		strcmp(first.text, second.text) != 0 ||
		!cql_type_equal(first.type, second.type))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cql_schema_table table;
	cql_schema_column columns[5];
	cql_arena arena;
	char *text;

	cql_arena_init(&arena, &walk_env, (size_t) 1 << 20);
	make_table(&table, columns, &arena);
	/* a block of its own, so that reading past its end is seen */
	text = malloc(size + 1);
	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	check(text, &table);
	free(text);
	cql_arena_free(&arena);
	return 0;
}
