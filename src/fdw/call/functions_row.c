/*
 * functions_row.c
 *	  Rows of a result as JSON objects, in the form of SELECT JSON.
 */
#include "functions.h"

#include "mb/pg_wchar.h"

/* A name that is not in lower case has double quotes in its key. */
static char *
column_key(const char *name)
{
	const char *p = name;

	while (*p != '\0' && (*p < 'A' || *p > 'Z'))
		p++;
	if (*p != '\0')
		name = psprintf("\"%s\"", name);
	return pstrdup(pg_any_to_server(name, strlen(name), PG_UTF8));
}

void
cass_json_row_init(CassJsonRow *row, const cql_metadata *meta)
{
	uint32 i;

	row->ncolumns = meta->ncolumns;
	row->keys = palloc(sizeof(char *) * (meta->ncolumns + 1));
	row->codecs = palloc(sizeof(CassCodec *) * (meta->ncolumns + 1));
	row->cells = palloc(sizeof(cql_slice) * (meta->ncolumns + 1));
	for (i = 0; i < meta->ncolumns; i++)
	{
		row->keys[i] = column_key(meta->columns[i].name);
		row->codecs[i] = cass_json_codec_create(meta->columns[i].type);
	}
}

static JsonbValue *
push_row(CassJsonRow *row, JsonbParseState **state, JsonbIteratorToken end)
{
	uint32 i;

	for (i = 0; i < row->ncolumns; i++)
	{
		JsonbValue key;

		key.type = jbvString;
		key.val.string.val = row->keys[i];
		key.val.string.len = strlen(row->keys[i]);
		(void) pushJsonbValue(state, WJB_KEY, &key);
		cass_json_push(row->codecs[i], row->cells[i], state);
	}
	return end == WJB_DONE ? NULL : pushJsonbValue(state, end, NULL);
}

Jsonb *
cass_json_row_value(CassJsonRow *row)
{
	JsonbParseState *state = NULL;

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	return JsonbValueToJsonb(push_row(row, &state, WJB_END_OBJECT));
}

/* The next row's cells; ereports a malformed one. */
static bool
next_row(CassJsonRow *row, cql_result *result, const char *text)
{
	cql_error error;
	int rc = cql_result_next(result, row->cells, &error);

	if (rc < 0)
		cass_report_error(&error, text);
	return rc > 0;
}

/*
 * A conditional batch may answer with several rows: the object is that of the
 * first, with all of them in "[rows]".
 */
Jsonb *
cass_json_outcome(cql_result *result, const char *text)
{
	JsonbParseState *state = NULL;
	JsonbValue key;
	CassJsonRow row;

	if (cql_result_get_kind(result) != CQL_RESULT_ROWS ||
		cql_result_nrows(result) == 0)
		return NULL;
	cass_json_row_init(&row, cql_result_metadata(result));
	(void) next_row(&row, result, text);
	if (cql_result_nrows(result) == 1)
		return cass_json_row_value(&row);
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	(void) push_row(&row, &state, WJB_DONE);
	key.type = jbvString;
	key.val.string.val = "[rows]";
	key.val.string.len = strlen("[rows]");
	(void) pushJsonbValue(&state, WJB_KEY, &key);
	(void) pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	cql_result_rewind(result);
	while (next_row(&row, result, text))
	{
		(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		(void) push_row(&row, &state, WJB_END_OBJECT);
	}
	(void) pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}
