/*
 * schema.c
 *	  What to ask system_schema, and the answer as a cql_schema.
 *
 * Pure: schema_read.c runs the queries.  Tables of 3.0 and later.
 */
#include "schema_build.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA_MAX_BYTES ((size_t) 256 << 20) /* of one schema */

typedef struct query_text
{
	const char *of_keyspace;
	const char *of_table; /* NULL: the keyspace's rows are asked */
	int since;			  /* release that has the table */
} query_text;

/* By cql_schema_query.  SELECT * since the columns differ by release. */
static const query_text texts[CQL_SCHEMA_NQUERIES] = {
	{"SELECT * FROM system_schema.keyspaces WHERE keyspace_name = ?", NULL,
	 300},
	{"SELECT * FROM system_schema.tables WHERE keyspace_name = ?",
	 "SELECT * FROM system_schema.tables WHERE keyspace_name = ?"
	 " AND table_name = ?",
	 300},
	{"SELECT * FROM system_schema.views WHERE keyspace_name = ?",
	 "SELECT * FROM system_schema.views WHERE keyspace_name = ?"
	 " AND view_name = ?",
	 300},
	{"SELECT * FROM system_schema.columns WHERE keyspace_name = ?",
	 "SELECT * FROM system_schema.columns WHERE keyspace_name = ?"
	 " AND table_name = ?",
	 300},
	{"SELECT * FROM system_schema.types WHERE keyspace_name = ?", NULL, 300},
	{"SELECT * FROM system_schema.indexes WHERE keyspace_name = ?",
	 "SELECT * FROM system_schema.indexes WHERE keyspace_name = ?"
	 " AND table_name = ?",
	 300},
	{"SELECT * FROM system_schema.column_masks WHERE keyspace_name = ?",
	 "SELECT * FROM system_schema.column_masks WHERE keyspace_name = ?"
	 " AND table_name = ?",
	 500},
	{"SELECT * FROM system_virtual_schema.keyspaces WHERE keyspace_name = ?",
	 NULL, 400},
	{"SELECT * FROM system_virtual_schema.tables WHERE keyspace_name = ?",
	 "SELECT * FROM system_virtual_schema.tables WHERE keyspace_name = ?"
	 " AND table_name = ?",
	 400},
	{"SELECT * FROM system_virtual_schema.columns WHERE keyspace_name = ?",
	 "SELECT * FROM system_virtual_schema.columns WHERE keyspace_name = ?"
	 " AND table_name = ?",
	 400},
};

const char *
cql_schema_query_text(cql_schema_query query, int release, bool by_table,
					  bool *has_table)
{
	const query_text *text = &texts[query];

	*has_table = by_table && text->of_table != NULL;
	if (release != 0 && release < text->since)
		return NULL;
	return *has_table ? text->of_table : text->of_keyspace;
}

/* The keyspace's row: whether it exists, and its replication. */
static void
read_keyspace(schema_builder *b, cql_result *const *results)
{
	cql_rows rows;
	cql_schema *schema = &b->owner->schema;

	cql_rows_init(&rows, results[CQL_SCHEMA_KEYSPACE]);
	if (cql_rows_next(&rows))
	{
		cql_slice class = cql_rows_entry(&rows, "replication", "class");
		const char *name = class.len < 0
							   ? ""
							   : cql_arena_text(&b->owner->arena, class.data,
												(size_t) class.len);
		const char *dot = name == NULL ? NULL : strrchr(name, '.');

		schema->exists = true;
		schema->replication_class = dot != NULL ? dot + 1 : name;
		schema->local_strategy =
			name != NULL &&
			strcmp(schema->replication_class, "LocalStrategy") == 0;
	}
	b->failed |= rows.failed;
	cql_rows_init(&rows, results[CQL_SCHEMA_VIRTUAL_KEYSPACE]);
	if (cql_rows_next(&rows))
	{
		schema->exists = true;
		schema->is_virtual = true;
		schema->local_strategy = true;
	}
	b->failed |= rows.failed;
}

/*
 * By the flags of its row: servers that have none, and virtual tables, know
 * no COMPACT STORAGE.
 */
static cql_compact
compact_of(const cql_rows *rows)
{
	if (cql_rows_has(rows, "flags", "dense"))
		return CQL_COMPACT_DENSE;
	return cql_rows_cell(rows, "flags").len < 0 ||
				   cql_rows_has(rows, "flags", "compound")
			   ? CQL_COMPACT_NONE
			   : CQL_COMPACT_STATIC;
}

static cql_schema_table *
add_table(schema_builder *b, const cql_rows *rows, const char *name_column,
		  cql_table_kind kind)
{
	cql_schema_table *table = &b->tables[b->ntables++];
	cql_slice id = cql_rows_cell(rows, "id");

	table->keyspace = b->owner->schema.keyspace;
	table->name = cql_rows_text(rows, name_column, &b->owner->arena);
	table->kind = kind;
	table->counter = cql_rows_has(rows, "flags", "counter");
	table->compact = compact_of(rows);
	if (id.len == 16)
		memcpy(table->id, id.data, 16);
	if (kind == CQL_VIEW)
		table->base_table =
			cql_rows_text(rows, "base_table_name", &b->owner->arena);
	return table;
}

static void
read_tables(schema_builder *b, cql_result *result, const char *name_column,
			cql_table_kind kind)
{
	cql_rows rows;

	cql_rows_init(&rows, result);
	while (!b->owner->arena.failed && cql_rows_next(&rows))
		(void) add_table(b, &rows, name_column, kind);
	b->failed |= rows.failed;
}

static uint32_t
count_rows(cql_result *result)
{
	return result == NULL ? 0 : cql_result_nrows(result);
}

static int
compare_tables(const void *a, const void *b)
{
	return strcmp(((const cql_schema_table *) a)->name,
				  ((const cql_schema_table *) b)->name);
}

static bool
read_all(schema_builder *b, cql_result *const *results)
{
	cql_arena *arena = &b->owner->arena;
	uint32_t n = count_rows(results[CQL_SCHEMA_TABLES]) +
				 count_rows(results[CQL_SCHEMA_VIEWS]) +
				 count_rows(results[CQL_SCHEMA_VIRTUAL_TABLES]);
	uint32_t i;

	b->tables = cql_arena_array(arena, n + 1, sizeof(cql_schema_table));
	if (b->tables == NULL)
		return false;
	read_keyspace(b, results);
	read_tables(b, results[CQL_SCHEMA_TABLES], "table_name", CQL_TABLE);
	read_tables(b, results[CQL_SCHEMA_VIEWS], "view_name", CQL_VIEW);
	read_tables(b, results[CQL_SCHEMA_VIRTUAL_TABLES], "table_name",
				CQL_VIRTUAL_TABLE);
	if (arena->failed || b->failed)
		return false;
	if (b->ntables > 1)
		qsort(b->tables, b->ntables, sizeof(cql_schema_table), compare_tables);
	for (i = 0; i < b->ntables && !arena->failed && !b->failed; i++)
		cql_schema_build_table(b, &b->tables[i], results);
	b->owner->schema.tables = b->tables;
	b->owner->schema.ntables = b->ntables;
	return !arena->failed && !b->failed;
}

cql_schema *
cql_schema_build(const cql_env *env, const char *keyspace,
				 cql_result *const results[CQL_SCHEMA_NQUERIES],
				 cql_error *err)
{
	schema_builder b;
	schema_owner *owner = cql_alloc0(env, sizeof(schema_owner));

	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	if (owner == NULL)
		return NULL;
	memset(&b, 0, sizeof(b));
	b.owner = owner;
	cql_arena_init(&owner->arena, env, SCHEMA_MAX_BYTES);
	owner->env = *env;
	owner->schema.replication_class = "";
	owner->schema.keyspace = cql_arena_strdup(&owner->arena, keyspace);
	b.types_result = results[CQL_SCHEMA_TYPES];
	if (read_all(&b, results))
	{
		cql_error_clear(err);
		return &owner->schema;
	}
	if (b.failed)
		cql_error_set(err, CQL_ERR_PROTOCOL,
					  "malformed rows in the schema of keyspace \"%s\"",
					  keyspace);
	cql_schema_free(&owner->schema);
	return NULL;
}

void
cql_schema_free(cql_schema *schema)
{
	schema_owner *owner = (schema_owner *) schema;
	cql_env env;

	if (owner == NULL)
		return;
	env = owner->env;
	cql_arena_free(&owner->arena);
	cql_free(&env, owner);
}
