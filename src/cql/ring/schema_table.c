/*
 * schema_table.c
 *	  Columns, indexes and masks of one table out of system_schema's rows.
 */
#include "schema_build.h"

#include <stdlib.h>
#include <string.h>

/* Key columns of a table among which masked and indexed ones are found. */
#define MAX_KEYS 256

static cql_column_kind
column_kind(cql_slice kind)
{
	if (cql_slice_is(kind, "partition_key"))
		return CQL_PARTITION_KEY;
	if (cql_slice_is(kind, "clustering"))
		return CQL_CLUSTERING;
	if (cql_slice_is(kind, "static"))
		return CQL_STATIC;
	return CQL_REGULAR;
}

void
cql_schema_take_column(cql_schema_reader *reader, schema_group *group)
{
	const cql_rows *rows = &reader->rows;
	cql_arena *arena = &reader->owner->arena;
	schema_column *row = cql_arena_alloc(arena, sizeof(*row));
	cql_slice position = cql_rows_cell(rows, "position");
	cql_schema_column *column;

	if (row == NULL)
		return;
	column = &row->column;
	column->name = cql_rows_text(rows, "column_name", arena);
	column->type_text = cql_rows_text(rows, "type", arena);
	column->kind = column_kind(cql_rows_cell(rows, "kind"));
	column->descending =
		cql_slice_is(cql_rows_cell(rows, "clustering_order"), "desc");
	column->position = -1;
	if (column->kind <= CQL_CLUSTERING && position.len == 4)
		column->position = (int) (int32_t) cql_load_u32(position.data);
	row->next = group->columns;
	group->columns = row;
	group->ncolumns++;
}

/* Partition key, clustering columns, then the others by name. */
static int
compare_columns(const void *a, const void *b)
{
	const cql_schema_column *x = a;
	const cql_schema_column *y = b;
	int rank_x = x->kind < CQL_CLUSTERING	 ? 0
				 : x->kind == CQL_CLUSTERING ? 1
											 : 2;
	int rank_y = y->kind < CQL_CLUSTERING	 ? 0
				 : y->kind == CQL_CLUSTERING ? 1
											 : 2;

	if (rank_x != rank_y)
		return rank_x - rank_y;
	if (rank_x < 2 && x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return strcmp(x->name, y->name);
}

/*
 * Makes of a column of a table WITH COMPACT STORAGE what statements see of
 * it; false where it only stands for how the rows are kept, and SELECT * does
 * not have it: the value of a table that has nothing but keys, and the
 * clustering column and value beside columns kept as static ones.
 */
static bool
show_compact(const cql_schema_table *table, cql_schema_column *column)
{
	if (table->compact == CQL_COMPACT_DENSE)
		return column->kind != CQL_REGULAR ||
			   strcmp(column->type_text, "empty") != 0;
	if (table->compact == CQL_COMPACT_NONE ||
		column->kind == CQL_PARTITION_KEY)
		return true;
	if (column->kind != CQL_STATIC)
		return false;
	column->kind = CQL_REGULAR;
	return true;
}

/* The table's columns in their order, without types; NULL without memory. */
static cql_schema_column *
make_columns(cql_schema_reader *reader, const schema_group *group,
			 cql_schema_table *table)
{
	cql_schema_column *columns = cql_arena_array(
		&reader->owner->arena, (size_t) group->ncolumns + 1, sizeof(*columns));
	const schema_column *row;
	uint32_t n = 0;

	if (columns == NULL)
		return NULL;
	for (row = group->columns; row != NULL; row = row->next)
	{
		columns[n] = row->column;
		n += show_compact(table, &columns[n]);
	}
	if (n > 1)
		qsort(columns, n, sizeof(*columns), compare_columns);
	table->ncolumns = n;
	return columns;
}

static void
count_keys(cql_schema_table *table)
{
	uint32_t i;

	for (i = 0; i < table->ncolumns; i++)
	{
		table->npartition += table->columns[i].kind == CQL_PARTITION_KEY;
		table->nclustering += table->columns[i].kind == CQL_CLUSTERING;
	}
}

static int
compare_name(const cql_schema_column *column, const char *name, size_t len)
{
	size_t n = strlen(column->name);
	int c = memcmp(name, column->name, n < len ? n : len);

	return c != 0 ? c : n == len ? 0 : len < n ? -1 : 1;
}

/* Position of a column: key columns come first, then the others by name. */
static int
find_column(const cql_schema_table *table, const char *name, size_t len)
{
	uint32_t low = table->npartition + table->nclustering;
	uint32_t high = table->ncolumns;
	uint32_t i;

	for (i = 0; i < low && i < MAX_KEYS; i++)
	{
		if (compare_name(&table->columns[i], name, len) == 0)
			return (int) i;
	}
	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;
		int c = compare_name(&table->columns[middle], name, len);

		if (c == 0)
			return (int) middle;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

/* Column of a target text: a name, perhaps quoted with "" doubled. */
static int
target_column(const cql_schema_table *table, const char *text, size_t len,
			  cql_arena *arena)
{
	char *name;
	size_t i, n = 0;

	if (len < 2 || text[0] != '"' || text[len - 1] != '"')
		return find_column(table, text, len);
	name = cql_arena_text(arena, text, len);
	if (name == NULL)
		return -1;
	for (i = 1; i + 1 < len; i++)
	{
		name[n++] = text[i];
		if (text[i] == '"' && i + 2 < len && text[i + 1] == '"')
			i++;
	}
	return find_column(table, name, n);
}

static bool
is_collection(const cql_type *type)
{
	return !type->frozen &&
		   (type->id == CQL_TYPE_LIST || type->id == CQL_TYPE_SET ||
			type->id == CQL_TYPE_MAP);
}

/* "col", "keys(col)", "values(col)", "entries(col)" or "full(col)" */
static void
read_target(cql_arena *arena, const cql_schema_table *table, const char *text,
			cql_schema_index *index)
{
	static const struct
	{
		const char *prefix;
		cql_index_target target;
	} forms[] = {{"keys(", CQL_TARGET_KEYS},
				 {"values(", CQL_TARGET_VALUES},
				 {"entries(", CQL_TARGET_ENTRIES},
				 {"full(", CQL_TARGET_FULL}};
	size_t len = strlen(text);
	size_t i;

	index->target = CQL_TARGET_COLUMN;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]) && len > 0; i++)
	{
		size_t plen = strlen(forms[i].prefix);

		if (len > plen && text[len - 1] == ')' &&
			memcmp(text, forms[i].prefix, plen) == 0)
		{
			index->target = forms[i].target;
			text += plen;
			len -= plen + 1;
			break;
		}
	}
	index->column = len == 0 ? -1 : target_column(table, text, len, arena);
	if (index->column >= 0 && index->target == CQL_TARGET_COLUMN &&
		is_collection(table->columns[index->column].type))
		index->target = CQL_TARGET_VALUES;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text);
	size_t m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static cql_index_kind
index_kind(const char *class_name)
{
	if (class_name[0] == '\0')
		return CQL_INDEX_LEGACY;
	if (ends_with(class_name, "SASIIndex"))
		return CQL_INDEX_SASI;
	if (ends_with(class_name, "StorageAttachedIndex") ||
		strcmp(class_name, "sai") == 0 || strcmp(class_name, "SAI") == 0)
		return CQL_INDEX_SAI;
	return CQL_INDEX_CUSTOM;
}

static const char *
option_text(cql_arena *arena, const cql_rows *rows, const char *key)
{
	cql_slice value = cql_rows_entry(rows, "options", key);

	return value.len < 0
			   ? ""
			   : cql_arena_text(arena, value.data, (size_t) value.len);
}

static bool
option_is(const cql_rows *rows, const char *key, const char *text)
{
	return cql_slice_is(cql_rows_entry(rows, "options", key), text);
}

void
cql_schema_take_index(cql_schema_reader *reader, schema_group *group)
{
	const cql_rows *rows = &reader->rows;
	cql_arena *arena = &reader->owner->arena;
	schema_index *row = cql_arena_alloc(arena, sizeof(*row));
	cql_schema_index *index;

	if (row == NULL)
		return;
	index = &row->index;
	index->name = cql_rows_text(rows, "index_name", arena);
	index->class_name = option_text(arena, rows, "class_name");
	index->similarity = option_text(arena, rows, "similarity_function");
	index->mode = option_text(arena, rows, "mode");
	row->target = option_text(arena, rows, "target");
	if (arena->failed)
		return;
	index->kind = index_kind(index->class_name);
	index->case_sensitive = !option_is(rows, "case_sensitive", "false");
	index->analyzed =
		option_is(rows, "normalize", "true") ||
		option_is(rows, "ascii", "true") ||
		option_is(rows, "analyzed", "true") ||
		cql_rows_entry(rows, "options", "analyzer_class").len >= 0 ||
		cql_rows_entry(rows, "options", "index_analyzer").len >= 0;
	row->next = group->indexes;
	group->indexes = row;
	group->nindexes++;
}

void
cql_schema_take_mask(cql_schema_reader *reader, schema_group *group)
{
	cql_arena *arena = &reader->owner->arena;
	schema_mask *mask = cql_arena_alloc(arena, sizeof(*mask));

	if (mask == NULL)
		return;
	mask->column = cql_rows_text(&reader->rows, "column_name", arena);
	mask->next = group->masks;
	group->masks = mask;
}

/* In the order of their rows. */
static void
make_indexes(cql_schema_reader *reader, const schema_group *group,
			 cql_schema_table *table)
{
	cql_arena *arena = &reader->owner->arena;
	uint32_t i = group->nindexes;
	cql_schema_index *indexes =
		cql_arena_array(arena, (size_t) i + 1, sizeof(*indexes));
	const schema_index *row;

	if (indexes == NULL)
		return;
	for (row = group->indexes; row != NULL; row = row->next)
	{
		indexes[--i] = row->index;
		read_target(arena, table, row->target, &indexes[i]);
	}
	table->indexes = indexes;
	table->nindexes = group->nindexes;
}

static void
set_masks(const schema_group *group, const cql_schema_table *table,
		  cql_schema_column *columns)
{
	const schema_mask *mask;

	for (mask = group->masks; mask != NULL; mask = mask->next)
	{
		int i = find_column(table, mask->column, strlen(mask->column));

		if (i >= 0)
			columns[i].masked = true;
	}
}

bool
cql_schema_build_table(cql_schema_reader *reader, cql_schema_table *table,
					   int64_t until)
{
	const schema_group *group =
		cql_map_get(&reader->groups, table->name, strlen(table->name));
	static const schema_group none;
	cql_arena *arena = &reader->owner->arena;

	if (group == NULL)
		group = &none;
	if (reader->columns == NULL)
		reader->columns = make_columns(reader, group, table);
	while (!arena->failed && reader->typed < table->ncolumns)
	{
		cql_schema_column *column = &reader->columns[reader->typed++];

		column->type = cql_schema_type(reader, column->type_text);
		if (cql_now() >= until)
			return false;
	}
	if (arena->failed)
		return false;
	table->columns = reader->columns;
	count_keys(table);
	make_indexes(reader, group, table);
	set_masks(group, table, reader->columns);
	reader->columns = NULL;
	reader->typed = 0;
	return !arena->failed;
}
