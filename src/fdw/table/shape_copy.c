/*
 * shape_copy.c
 *	  Deep copy of a table's schema into the current memory context.
 */
#include "shape.h"

static const char *
copy_text(const char *text)
{
	return text == NULL ? NULL : pstrdup(text);
}

static cql_schema_column *
copy_columns(const cql_schema_table *table)
{
	cql_schema_column *columns;
	uint32 i;

	columns = palloc(sizeof(cql_schema_column) * (table->ncolumns + 1));
	for (i = 0; i < table->ncolumns; i++)
	{
		columns[i] = table->columns[i];
		columns[i].name = copy_text(columns[i].name);
		columns[i].type_text = copy_text(columns[i].type_text);
		columns[i].type = cass_copy_type(columns[i].type);
	}
	return columns;
}

static cql_schema_index *
copy_indexes(const cql_schema_table *table)
{
	cql_schema_index *indexes;
	uint32 i;

	indexes = palloc(sizeof(cql_schema_index) * (table->nindexes + 1));
	for (i = 0; i < table->nindexes; i++)
	{
		indexes[i] = table->indexes[i];
		indexes[i].name = copy_text(indexes[i].name);
		indexes[i].class_name = copy_text(indexes[i].class_name);
		indexes[i].similarity = copy_text(indexes[i].similarity);
		indexes[i].mode = copy_text(indexes[i].mode);
	}
	return indexes;
}

cql_schema_table *
cass_copy_table(const cql_schema_table *table)
{
	cql_schema_table *copy = palloc(sizeof(cql_schema_table));

	*copy = *table;
	copy->keyspace = copy_text(table->keyspace);
	copy->name = copy_text(table->name);
	copy->base_table = copy_text(table->base_table);
	copy->columns = copy_columns(table);
	copy->indexes = copy_indexes(table);
	return copy;
}
