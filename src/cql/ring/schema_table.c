/*
 * schema_table.c
 *	  Columns, indexes and masks of one table out of system_schema's rows.
 */
#include "schema_build.h"

#include <stdlib.h>
#include <string.h>

static const cql_type *lookup_udt(void *ctx, const char *name);

/* The type of a system_schema text; custom where it cannot be read. */
static const cql_type *
parse_type(schema_builder *b, const char *text)
{
	cql_arena *arena = &b->owner->arena;
	const cql_type *type = cql_type_from_cql(text, b->owner->schema.keyspace,
											 lookup_udt, b, arena);
	cql_type *custom;

	if (type != NULL || arena->failed)
		return type;
	custom = cql_type_make(arena, CQL_TYPE_CUSTOM, 0);
	if (custom != NULL)
		custom->name = text;
	return custom;
}

/* A UDT out of its row: names and types are two lists of equal length. */
static const cql_type *
make_udt(schema_builder *b, const cql_rows *rows, const char *name)
{
	cql_arena *arena = &b->owner->arena;
	const cql_metadata *meta = cql_result_metadata(rows->result);
	cql_elements names, types;
	const cql_type **sub;
	const char **fields;
	cql_type *udt;
	cql_slice cell;
	uint32_t i, n = 0;

	for (i = 0; i < meta->ncolumns; i++)
	{
		if (strcmp(meta->columns[i].name, "field_names") == 0 &&
			cql_elements_start(&names, meta->columns[i].type, rows->cells[i]))
			n |= 1;
		if (strcmp(meta->columns[i].name, "field_types") == 0 &&
			cql_elements_start(&types, meta->columns[i].type, rows->cells[i]))
			n |= 2;
	}
	if (n != 3 || names.left != types.left)
		return NULL;
	n = names.left;
	udt = cql_type_make(arena, CQL_TYPE_UDT, n);
	sub = cql_arena_array(arena, (size_t) n + 1, sizeof(*sub));
	fields = cql_arena_array(arena, (size_t) n + 1, sizeof(*fields));
	if (udt == NULL || sub == NULL || fields == NULL)
		return NULL;
	for (i = 0; i < n; i++)
	{
		if (cql_elements_next(&names, &cell, NULL) <= 0 || cell.len < 0)
			return NULL;
		fields[i] = cql_arena_text(arena, cell.data, (size_t) cell.len);
		if (cql_elements_next(&types, &cell, NULL) <= 0 || cell.len < 0)
			return NULL;
		sub[i] =
			parse_type(b, cql_arena_text(arena, cell.data, (size_t) cell.len));
		if (sub[i] == NULL)
			return NULL;
	}
	udt->sub = sub;
	udt->fields = fields;
	udt->keyspace = b->owner->schema.keyspace;
	udt->name = name;
	return udt;
}

static const cql_type *
lookup_udt(void *ctx, const char *name)
{
	schema_builder *b = ctx;
	const cql_type *type = NULL;
	cql_rows rows;
	const char *copy;

	if (b->types_result == NULL || b->depth >= CQL_MAX_TYPE_DEPTH)
		return NULL;
	copy = cql_arena_strdup(&b->owner->arena, name);
	b->depth++;
	cql_rows_init(&rows, b->types_result);
	while (copy != NULL && cql_rows_next(&rows))
	{
		if (cql_slice_is(cql_rows_cell(&rows, "type_name"), copy))
		{
			/* resolving fields may walk the same result again */
			type = make_udt(b, &rows, copy);
			break;
		}
	}
	b->depth--;
	return type;
}

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

static void
read_column(schema_builder *b, const cql_rows *rows, cql_schema_column *column)
{
	cql_slice position = cql_rows_cell(rows, "position");

	column->name = cql_rows_text(rows, "column_name", &b->owner->arena);
	column->type_text = cql_rows_text(rows, "type", &b->owner->arena);
	column->kind = column_kind(cql_rows_cell(rows, "kind"));
	column->descending =
		cql_slice_is(cql_rows_cell(rows, "clustering_order"), "desc");
	column->position = -1;
	if (column->kind <= CQL_CLUSTERING && position.len == 4)
		column->position = (int) (int32_t) cql_load_u32(position.data);
	if (column->type_text != NULL)
		column->type = parse_type(b, column->type_text);
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

static bool
is_of_table(const cql_rows *rows, const cql_schema_table *table)
{
	return cql_slice_is(cql_rows_cell(rows, "table_name"), table->name);
}

static uint32_t
count_of_table(schema_builder *b, cql_result *result,
			   const cql_schema_table *table)
{
	cql_rows rows;
	uint32_t n = 0;

	cql_rows_init(&rows, result);
	while (cql_rows_next(&rows))
		n += is_of_table(&rows, table) ? 1 : 0;
	b->failed |= rows.failed;
	return n;
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

static cql_schema_column *
read_columns(schema_builder *b, cql_schema_table *table, cql_result *result)
{
	uint32_t n = count_of_table(b, result, table);
	cql_schema_column *columns;
	cql_rows rows;
	uint32_t i = 0;

	columns = cql_arena_array(&b->owner->arena, (size_t) n + 1,
							  sizeof(cql_schema_column));
	if (columns == NULL)
		return NULL;
	cql_rows_init(&rows, result);
	while (i < n && !b->owner->arena.failed && cql_rows_next(&rows))
	{
		if (!is_of_table(&rows, table))
			continue;
		read_column(b, &rows, &columns[i]);
		i += !b->owner->arena.failed && show_compact(table, &columns[i]);
	}
	if (b->owner->arena.failed)
		return NULL;
	if (i > 1)
		qsort(columns, i, sizeof(cql_schema_column), compare_columns);
	table->ncolumns = i;
	for (i = 0; i < table->ncolumns; i++)
	{
		table->npartition += columns[i].kind == CQL_PARTITION_KEY;
		table->nclustering += columns[i].kind == CQL_CLUSTERING;
	}
	table->columns = columns;
	return columns;
}

static int
find_column(const cql_schema_table *table, const char *name, size_t len)
{
	uint32_t i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (strlen(table->columns[i].name) == len &&
			memcmp(table->columns[i].name, name, len) == 0)
			return (int) i;
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
read_target(schema_builder *b, const cql_schema_table *table, cql_slice target,
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
	const char *text = (const char *) target.data;
	size_t len = target.len > 0 ? (size_t) target.len : 0;
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
	index->column =
		len == 0 ? -1 : target_column(table, text, len, &b->owner->arena);
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
option_text(schema_builder *b, const cql_rows *rows, const char *key)
{
	cql_slice value = cql_rows_entry(rows, "options", key);

	return value.len < 0 ? ""
						 : cql_arena_text(&b->owner->arena, value.data,
										  (size_t) value.len);
}

static bool
option_is(const cql_rows *rows, const char *key, const char *text)
{
	return cql_slice_is(cql_rows_entry(rows, "options", key), text);
}

static void
read_index(schema_builder *b, const cql_schema_table *table,
		   const cql_rows *rows, cql_schema_index *index)
{
	index->name = cql_rows_text(rows, "index_name", &b->owner->arena);
	index->class_name = option_text(b, rows, "class_name");
	index->similarity = option_text(b, rows, "similarity_function");
	index->mode = option_text(b, rows, "mode");
	if (b->owner->arena.failed)
		return;
	index->kind = index_kind(index->class_name);
	index->case_sensitive = !option_is(rows, "case_sensitive", "false");
	index->analyzed =
		option_is(rows, "normalize", "true") ||
		option_is(rows, "ascii", "true") ||
		option_is(rows, "analyzed", "true") ||
		cql_rows_entry(rows, "options", "analyzer_class").len >= 0 ||
		cql_rows_entry(rows, "options", "index_analyzer").len >= 0;
	read_target(b, table, cql_rows_entry(rows, "options", "target"), index);
}

static void
read_indexes(schema_builder *b, cql_schema_table *table, cql_result *result)
{
	uint32_t n = count_of_table(b, result, table);
	cql_schema_index *indexes;
	cql_rows rows;
	uint32_t i = 0;

	indexes = cql_arena_array(&b->owner->arena, (size_t) n + 1,
							  sizeof(cql_schema_index));
	if (indexes == NULL)
		return;
	cql_rows_init(&rows, result);
	while (i < n && cql_rows_next(&rows))
	{
		if (is_of_table(&rows, table))
			read_index(b, table, &rows, &indexes[i++]);
	}
	table->indexes = indexes;
	table->nindexes = i;
}

static void
read_masks(schema_builder *b, const cql_schema_table *table,
		   cql_schema_column *columns, cql_result *result)
{
	cql_rows rows;

	cql_rows_init(&rows, result);
	while (cql_rows_next(&rows))
	{
		cql_slice name = cql_rows_cell(&rows, "column_name");
		int i;

		if (!is_of_table(&rows, table) || name.len < 0)
			continue;
		i = find_column(table, (const char *) name.data, (size_t) name.len);
		if (i >= 0)
			columns[i].masked = true;
	}
	b->failed |= rows.failed;
}

void
cql_schema_build_table(schema_builder *b, cql_schema_table *table,
					   cql_result *const *results)
{
	bool is_virtual = table->kind == CQL_VIRTUAL_TABLE;
	cql_schema_column *columns;

	columns = read_columns(
		b, table,
		results[is_virtual ? CQL_SCHEMA_VIRTUAL_COLUMNS : CQL_SCHEMA_COLUMNS]);
	if (columns == NULL || b->failed)
		return;
	read_indexes(b, table, is_virtual ? NULL : results[CQL_SCHEMA_INDEXES]);
	read_masks(b, table, columns,
			   is_virtual ? NULL : results[CQL_SCHEMA_MASKS]);
}
