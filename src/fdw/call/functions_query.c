/*
 * functions_query.c
 *	  cassandra_query() and cassandra_query_json(): rows of a CQL query.
 *
 * The rows go to a tuplestore, which spills to disk beyond work_mem; while a
 * page is decoded, the next one is under way.
 */
#include "functions.h"
#include "pager.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(cassandra_query);
PG_FUNCTION_INFO_V1(cassandra_query_json);

/* The pages of a query, and its rows one by one. */
typedef struct QueryPages
{
	CassCall call;
	CassStatement statement;
	MemoryContext context; /* of the whole query */
	MemoryContext row;	   /* of one row */
	CassRequest *next;	   /* page asked for */
	CassRequest *page;	   /* page being read */
	const cql_type **expected;
	uint32 nexpected;
	CassPager pager;
} QueryPages;

static void
submit(QueryPages *pages, cql_slice paging_state)
{
	cql_params params;

	cass_statement_params(&pages->call, &pages->statement, &params);
	params.page_size = cass_pager_rows(&pages->pager, paging_state.len < 0);
	params.paging_state = paging_state;
	params.expected = pages->expected;
	params.nexpected = pages->nexpected;
	cass_request_execute(pages->next, pages->call.cluster, &params);
}

/* Later pages must look like the first. */
static void
set_expected(QueryPages *pages, const cql_metadata *meta)
{
	uint32 i;

	pages->nexpected = meta->ncolumns;
	pages->expected = palloc(sizeof(cql_type *) * (meta->ncolumns + 1));
	for (i = 0; i < meta->ncolumns; i++)
		pages->expected[i] = cass_copy_type(meta->columns[i].type);
}

/* Waits for the page asked for, and asks for the one after it. */
static void
next_page(QueryPages *pages)
{
	cql_slice state;

	cass_request_reset(pages->page);
	(void) cass_request_wait(pages->next, pages->call.cluster,
							 pages->statement.cql);
	cass_request_move(pages->next, pages->page);
	if (pages->expected == NULL)
		set_expected(pages, cql_result_metadata(pages->page->result));
	cass_pager_adapt(&pages->pager, pages->page->result);
	state = cql_result_paging_state(pages->page->result);
	if (state.len >= 0)
		submit(pages, state);
}

/* The cells of the next row; false at the end. */
static bool
next_row(QueryPages *pages, cql_slice *cells)
{
	while (!cass_request_row(pages->page, cells, pages->statement.cql))
	{
		CHECK_FOR_INTERRUPTS();
		if (pages->next->request == NULL)
			return false;
		next_page(pages);
	}
	return true;
}

/* Runs the query up to its first page. */
static void
begin(QueryPages *pages, FunctionCallInfo fcinfo, const char *function)
{
	memset(pages, 0, sizeof(*pages));
	pages->context = AllocSetContextCreate(
		CurrentMemoryContext, "cassandra_fdw query", ALLOCSET_DEFAULT_SIZES);
	pages->row = AllocSetContextCreate(
		pages->context, "cassandra_fdw query row", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(pages->context);
	cass_statement_init(&pages->statement,
						cass_function_text(fcinfo, 1, "CQL statement"));
	if (pages->statement.kind != CQL_TEXT_READ)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s() is for queries only", function),
				 errdetail("Queries begin with SELECT, LIST or DESCRIBE."),
				 errhint("Use cassandra_execute()."),
				 errcontext("CQL statement: %s", pages->statement.text)));
	cass_call_begin(&pages->call, cass_function_name(fcinfo, 0));
	cass_statement_bind(&pages->call, &pages->statement, fcinfo, 2);
	pages->next = cass_request_create(pages->context);
	pages->page = cass_request_create(pages->context);
	cass_pager_init(&pages->pager, pages->call.options->fetch_size, 0);
	/* see cass_pager_rows(): any mention of the word counts as a LIMIT */
	if (strcasestr(pages->statement.text, "limit") != NULL)
		pages->pager.most = pages->pager.size;
	submit(pages, (cql_slice){NULL, CQL_NULL});
	next_page(pages);
}

/* ---- rows of a column definition list ---- */

/* A decoder of rows for a descriptor. */
typedef struct RowDecoder
{
	TupleDesc desc;
	CassCodec **codecs;
	cql_slice *cells;
	Datum *values;
	bool *nulls;
	int decoding; /* column being decoded, for errors; -1 none */
} RowDecoder;

static void
decode_context(void *arg)
{
	RowDecoder *decoder = arg;

	if (decoder->decoding >= 0)
		errcontext(
			"column %d, \"%s\", of the CQL result", decoder->decoding + 1,
			NameStr(TupleDescAttr(decoder->desc, decoder->decoding)->attname));
}

/* Names of the list are cut as PostgreSQL cuts all names. */
static void
check_column_name(const char *name, Form_pg_attribute att, int number)
{
	NameData cut;
	char *server_name = pg_any_to_server(name, strlen(name), PG_UTF8);

	namestrcpy(&cut, pnstrdup(server_name,
							  pg_mbcliplen(server_name, strlen(server_name),
										   NAMEDATALEN - 1)));
	if (strcmp(NameStr(cut), NameStr(att->attname)) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column %d of the CQL result is \"%s\", not \"%s\"",
					number, server_name, NameStr(att->attname)),
			 errhint("Write the column definition list in the order of the "
					 "query, or name the column with AS in CQL.")));
}

/* What the result has to say to the list, for an error. */
static char *
list_columns(const cql_metadata *meta)
{
	StringInfoData list;
	const char *odd;
	uint32 i;

	initStringInfo(&list);
	for (i = 0; i < meta->ncolumns; i++)
	{
		const char *name = meta->columns[i].name;

		appendStringInfo(
			&list, "%s%s %s", i > 0 ? ", " : "",
			quote_identifier(pg_any_to_server(name, strlen(name), PG_UTF8)),
			cass_import_type(meta->columns[i].type, &odd));
	}
	return list.data;
}

static void
decoder_init(RowDecoder *decoder, TupleDesc desc, const cql_metadata *meta)
{
	int n = desc->natts;
	int i;

	if (meta->ncolumns != (uint32) n)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("the CQL result has %u columns, the column "
							   "definition list has %d",
							   meta->ncolumns, n),
						errhint("Write AS (%s).", list_columns(meta))));
	decoder->desc = desc;
	decoder->codecs = palloc(sizeof(CassCodec *) * (n + 1));
	decoder->cells = palloc(sizeof(cql_slice) * (n + 1));
	decoder->values = palloc(sizeof(Datum) * (n + 1));
	decoder->nulls = palloc(sizeof(bool) * (n + 1));
	for (i = 0; i < n; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		decoder->decoding = -1;
		check_column_name(meta->columns[i].name, att, i + 1);
		decoder->decoding = i;
		decoder->codecs[i] =
			cass_codec_create(meta->columns[i].type, att->atttypid,
							  att->atttypmod, CASS_UNCONVERTIBLE_ERROR);
	}
	decoder->decoding = -1;
}

static void
put_rows(QueryPages *pages, RowDecoder *decoder, Tuplestorestate *store)
{
	int i;

	while (next_row(pages, decoder->cells))
	{
		MemoryContextSwitchTo(pages->row);
		for (i = 0; i < decoder->desc->natts; i++)
		{
			decoder->decoding = i;
			decoder->values[i] = cass_decode(
				decoder->codecs[i], decoder->cells[i], &decoder->nulls[i]);
		}
		decoder->decoding = -1;
		tuplestore_putvalues(store, decoder->desc, decoder->values,
							 decoder->nulls);
		MemoryContextSwitchTo(pages->context);
		MemoryContextReset(pages->row);
	}
}

Datum
cassandra_query(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext caller = CurrentMemoryContext;
	ErrorContextCallback callback;
	RowDecoder decoder;
	QueryPages pages;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	begin(&pages, fcinfo, "cassandra_query");
	decoder.decoding = -1;
	decoder.desc = rsinfo->setDesc;
	callback.callback = decode_context;
	callback.arg = &decoder;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	decoder_init(&decoder, rsinfo->setDesc,
				 cql_result_metadata(pages.page->result));
	put_rows(&pages, &decoder, rsinfo->setResult);
	error_context_stack = callback.previous;
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(pages.context);
	return (Datum) 0;
}

/* ---- rows as JSON objects ---- */

Datum
cassandra_query_json(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext caller = CurrentMemoryContext;
	QueryPages pages;
	CassJsonRow row;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	begin(&pages, fcinfo, "cassandra_query_json");
	cass_json_row_init(&row, cql_result_metadata(pages.page->result));
	while (next_row(&pages, row.cells))
	{
		Datum value;
		bool isnull = false;

		MemoryContextSwitchTo(pages.row);
		value = JsonbPGetDatum(cass_json_row_value(&row));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value,
							 &isnull);
		MemoryContextSwitchTo(pages.context);
		MemoryContextReset(pages.row);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(pages.context);
	return (Datum) 0;
}
