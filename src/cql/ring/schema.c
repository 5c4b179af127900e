/*
 * schema.c
 *	  What to ask system_schema, and the answer as a cql_schema.
 *
 * No I/O: schema_read.c runs the queries.  Tables of 3.0 and later.
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

/* ---- making and freeing a reader ---- */

/* The names of the filter, to be found quickly. */
static bool
set_filter(cql_schema_reader *reader, const cql_schema_filter *filter)
{
	uint32_t i;

	reader->filter = filter;
	for (i = 0; filter != NULL && i < filter->n; i++)
	{
		if (!cql_map_set(&reader->filtered, filter->names[i],
						 strlen(filter->names[i]), reader))
			return false;
	}
	return true;
}

cql_schema_reader *
cql_schema_reader_create(const cql_env *env, const char *keyspace,
						 const char *table, const cql_schema_filter *filter)
{
	cql_schema_reader *reader = cql_alloc0(env, sizeof(*reader));
	schema_owner *owner = cql_alloc0(env, sizeof(schema_owner));

	if (reader == NULL || owner == NULL)
	{
		cql_free(env, reader);
		cql_free(env, owner);
		return NULL;
	}
	owner->env = *env;
	cql_arena_init(&owner->arena, &owner->env, SCHEMA_MAX_BYTES);
	owner->schema.replication_class = "";
	owner->schema.keyspace = cql_arena_strdup(&owner->arena, keyspace);
	reader->owner = owner;
	reader->env = *env;
	cql_map_init(&reader->filtered, &reader->env);
	cql_map_init(&reader->groups, &reader->env);
	cql_map_init(&reader->types, &reader->env);
	if (table != NULL)
		reader->only = cql_arena_strdup(&owner->arena, table);
	if (set_filter(reader, filter) && !owner->arena.failed)
		return reader;
	cql_schema_reader_free(reader);
	return NULL;
}

void
cql_schema_reader_free(cql_schema_reader *reader)
{
	cql_env env;

	if (reader == NULL)
		return;
	env = reader->env;
	cql_map_free(&reader->filtered);
	cql_map_free(&reader->groups);
	cql_map_free(&reader->types);
	if (reader->owner != NULL)
		cql_schema_free(&reader->owner->schema);
	cql_free(&env, reader);
}

bool
cql_schema_exists(const cql_schema_reader *reader)
{
	return reader->owner->schema.exists;
}

/* ---- rows ---- */

/* The keyspace's row: it exists, and its replication. */
static void
take_keyspace(cql_schema_reader *reader)
{
	cql_schema *schema = &reader->owner->schema;
	cql_slice class = cql_rows_entry(&reader->rows, "replication", "class");
	const char *name = class.len < 0
						   ? ""
						   : cql_arena_text(&reader->owner->arena, class.data,
											(size_t) class.len);
	const char *dot = name == NULL ? NULL : strrchr(name, '.');

	schema->exists = true;
	schema->replication_class = dot != NULL ? dot + 1 : name;
	schema->local_strategy = name != NULL && strcmp(schema->replication_class,
													"LocalStrategy") == 0;
}

static void
take_virtual_keyspace(cql_schema_reader *reader)
{
	cql_schema *schema = &reader->owner->schema;

	schema->exists = true;
	schema->is_virtual = true;
	schema->local_strategy = true;
}

/* Whether more than its name is wanted of a table. */
static bool
is_wanted(const cql_schema_reader *reader, cql_slice name)
{
	size_t len = name.len > 0 ? (size_t) name.len : 0;

	if (reader->only != NULL)
		return cql_slice_is(name, reader->only);
	if (reader->filter == NULL)
		return true;
	if (len > reader->filter->cut)
		len = reader->filter->cut;
	return (cql_map_get(&reader->filtered, name.data, len) != NULL) !=
		   reader->filter->except;
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

static void
take_table(cql_schema_reader *reader, const char *name_column,
		   cql_table_kind kind)
{
	cql_arena *arena = &reader->owner->arena;
	const cql_rows *rows = &reader->rows;
	cql_slice name = cql_rows_cell(rows, name_column);
	cql_slice id = cql_rows_cell(rows, "id");
	bool wanted = is_wanted(reader, name);
	schema_entry *entry;

	if (reader->only != NULL && !wanted)
		return;
	entry = cql_arena_alloc(arena, sizeof(*entry));
	if (entry == NULL)
		return;
	entry->table.keyspace = reader->owner->schema.keyspace;
	entry->table.name = cql_rows_text(rows, name_column, arena);
	entry->table.kind = kind;
	entry->table.name_only = !wanted;
	entry->table.counter = cql_rows_has(rows, "flags", "counter");
	entry->table.compact = compact_of(rows);
	if (id.len == 16)
		memcpy(entry->table.id, id.data, 16);
	if (kind == CQL_VIEW)
		entry->table.base_table =
			cql_rows_text(rows, "base_table_name", arena);
	entry->next = reader->entries;
	reader->entries = entry;
	reader->nentries++;
}

/* What is known of the row's table, or NULL where it is not wanted. */
static schema_group *
group_of_row(cql_schema_reader *reader)
{
	cql_slice name = cql_rows_cell(&reader->rows, "table_name");
	size_t len = name.len > 0 ? (size_t) name.len : 0;
	schema_group *group = reader->last;

	/* Rows come ordered by table. */
	if (group != NULL && cql_slice_is(name, group->name))
		return group;
	if (name.len < 0 || !is_wanted(reader, name))
		return NULL;
	group = cql_map_get(&reader->groups, name.data, len);
	if (group == NULL)
	{
		cql_arena *arena = &reader->owner->arena;

		group = cql_arena_alloc(arena, sizeof(*group));
		if (group == NULL)
			return NULL;
		group->name = cql_arena_text(arena, name.data, len);
		if (group->name == NULL ||
			!cql_map_set(&reader->groups, name.data, len, group))
		{
			arena->failed = true;
			return NULL;
		}
	}
	reader->last = group;
	return group;
}

static void
take_part(cql_schema_reader *reader, cql_schema_query query)
{
	schema_group *group = group_of_row(reader);

	if (group == NULL)
		return;
	if (query == CQL_SCHEMA_INDEXES)
		cql_schema_take_index(reader, group);
	else if (query == CQL_SCHEMA_MASKS)
		cql_schema_take_mask(reader, group);
	else
		cql_schema_take_column(reader, group);
}

static void
take_row(cql_schema_reader *reader, cql_schema_query query)
{
	switch (query)
	{
		case CQL_SCHEMA_KEYSPACE:
			take_keyspace(reader);
			break;
		case CQL_SCHEMA_VIRTUAL_KEYSPACE:
			take_virtual_keyspace(reader);
			break;
		case CQL_SCHEMA_TABLES:
			take_table(reader, "table_name", CQL_TABLE);
			break;
		case CQL_SCHEMA_VIEWS:
			take_table(reader, "view_name", CQL_VIEW);
			break;
		case CQL_SCHEMA_VIRTUAL_TABLES:
			take_table(reader, "table_name", CQL_VIRTUAL_TABLE);
			break;
		case CQL_SCHEMA_TYPES:
			cql_schema_take_type(reader);
			break;
		default:
			take_part(reader, query);
			break;
	}
}

/* Whether all is well so far; else *err says what is not. */
static bool
check(const cql_schema_reader *reader, cql_error *err)
{
	const cql_arena *arena = &reader->owner->arena;
	const char *keyspace = reader->owner->schema.keyspace;

	if (reader->rows.failed)
		cql_error_set(err, CQL_ERR_PROTOCOL,
					  "malformed rows in the schema of keyspace \"%.200s\"",
					  keyspace);
	else if (reader->nentries > CQL_SCHEMA_MAX_TABLES)
		cql_error_set(err, CQL_ERR_LIMIT,
					  "keyspace \"%.200s\" has more than %d tables", keyspace,
					  CQL_SCHEMA_MAX_TABLES);
	else if (reader->last != NULL && reader->last->ncolumns > CQL_MAX_COLUMNS)
		cql_error_set(err, CQL_ERR_LIMIT,
					  "table \"%.200s\" has more than %u columns",
					  reader->last->name, CQL_MAX_COLUMNS);
	else if (arena->full)
		cql_error_set(
			err, CQL_ERR_LIMIT,
			"the schema of keyspace \"%.200s\" takes more than %u MB",
			keyspace, (unsigned) (SCHEMA_MAX_BYTES >> 20));
	else if (arena->failed)
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	else
		return true;
	return false;
}

cql_schema_progress
cql_schema_take(cql_schema_reader *reader, cql_schema_query query,
				cql_result *page, int64_t until, cql_error *err)
{
	cql_rows *rows = &reader->rows;

	if (rows->result != page)
		cql_rows_init(rows, page);
	while (cql_rows_next(rows))
	{
		take_row(reader, query);
		if (!check(reader, err))
			return CQL_SCHEMA_FAILED;
		if (cql_now() >= until)
			return CQL_SCHEMA_UNFINISHED;
	}
	rows->result = NULL;
	return check(reader, err) ? CQL_SCHEMA_FINISHED : CQL_SCHEMA_FAILED;
}

/* ---- the end ---- */

static int
compare_tables(const void *a, const void *b)
{
	return strcmp(((const cql_schema_table *) a)->name,
				  ((const cql_schema_table *) b)->name);
}

/* The tables in their order, without columns. */
static void
make_tables(cql_schema_reader *reader)
{
	cql_schema *schema = &reader->owner->schema;
	uint32_t n = reader->nentries;
	const schema_entry *entry;

	reader->tables = cql_arena_array(&reader->owner->arena, (size_t) n + 1,
									 sizeof(*reader->tables));
	if (reader->tables == NULL)
		return;
	for (entry = reader->entries; entry != NULL; entry = entry->next)
		reader->tables[--n] = entry->table;
	if (reader->nentries > 1)
		qsort(reader->tables, reader->nentries, sizeof(*reader->tables),
			  compare_tables);
	schema->tables = reader->tables;
	schema->ntables = reader->nentries;
}

cql_schema_progress
cql_schema_end(cql_schema_reader *reader, int64_t until, cql_schema **schema,
			   cql_error *err)
{
	if (reader->tables == NULL)
		make_tables(reader);
	while (reader->tables != NULL && reader->done < reader->nentries)
	{
		cql_schema_table *table = &reader->tables[reader->done];

		if (!table->name_only && !cql_schema_build_table(reader, table, until))
			break;
		reader->done++;
	}
	if (!check(reader, err))
		return CQL_SCHEMA_FAILED;
	if (reader->done < reader->nentries)
		return CQL_SCHEMA_UNFINISHED;
	*schema = &reader->owner->schema;
	reader->owner = NULL;
	return CQL_SCHEMA_FINISHED;
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
