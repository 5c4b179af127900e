/*
 * system_rows.c
 *	  Reading rows of system tables by column name.
 */
#include "system_rows.h"

#include <string.h>

bool
cql_slice_is(cql_slice slice, const char *text)
{
	size_t len = strlen(text);

	return slice.len >= 0 && (size_t) slice.len == len &&
		   memcmp(slice.data, text, len) == 0;
}

void
cql_rows_init(cql_rows *rows, cql_result *result)
{
	rows->result = result;
	rows->ncolumns = 0;
	rows->failed = false;
	if (result == NULL)
		return;
	rows->ncolumns = cql_result_metadata(result)->ncolumns;
	if (rows->ncolumns > CQL_SYSTEM_MAX_COLUMNS)
		rows->failed = true;
	cql_result_rewind(result);
}

bool
cql_rows_next(cql_rows *rows)
{
	cql_error err;
	int rc;

	if (rows->result == NULL || rows->failed ||
		cql_result_get_kind(rows->result) != CQL_RESULT_ROWS)
		return false;
	rc = cql_result_next(rows->result, rows->cells, &err);
	if (rc < 0)
		rows->failed = true;
	return rc > 0;
}

/* Position of a column, or -1. */
static int
find_column(const cql_rows *rows, const char *column)
{
	const cql_metadata *meta = cql_result_metadata(rows->result);
	uint32_t i;

	for (i = 0; i < meta->ncolumns; i++)
	{
		if (strcmp(meta->columns[i].name, column) == 0)
			return (int) i;
	}
	return -1;
}

cql_slice
cql_rows_cell(const cql_rows *rows, const char *column)
{
	cql_slice none = {NULL, CQL_NULL};
	int i = find_column(rows, column);

	return i < 0 ? none : rows->cells[i];
}

const char *
cql_rows_text(const cql_rows *rows, const char *column, cql_arena *arena)
{
	cql_slice cell = cql_rows_cell(rows, column);

	if (cell.len < 0)
		return "";
	return cql_arena_text(arena, cell.data, (size_t) cell.len);
}

bool
cql_rows_elements(const cql_rows *rows, const char *column, cql_elements *it)
{
	int i = find_column(rows, column);

	return i >= 0 && rows->cells[i].len >= 0 &&
		   cql_elements_start(
			   it, cql_result_metadata(rows->result)->columns[i].type,
			   rows->cells[i]);
}

bool
cql_rows_has(const cql_rows *rows, const char *column, const char *word)
{
	cql_elements it;
	cql_slice cell;

	if (!cql_rows_elements(rows, column, &it))
		return false;
	while (cql_elements_next(&it, &cell, NULL) > 0)
	{
		if (cql_slice_is(cell, word))
			return true;
	}
	return false;
}

cql_slice
cql_rows_entry(const cql_rows *rows, const char *column, const char *key)
{
	cql_slice none = {NULL, CQL_NULL};
	cql_elements it;
	cql_slice name, value;

	if (!cql_rows_elements(rows, column, &it))
		return none;
	while (cql_elements_next(&it, &name, NULL) > 0 &&
		   cql_elements_next(&it, &value, NULL) > 0)
	{
		if (cql_slice_is(name, key))
			return value;
	}
	return none;
}
