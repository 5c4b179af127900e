/*
 * functions_batch.c
 *	  cassandra_batch(): several statements as one CQL batch.
 *
 * Each statement is a JSON string, an array of its text and the values of its
 * markers, or an object with the keys "cql" and "params"; in an array of text
 * it is one without markers.  JSON may come as text, too: that is what SQL
 * makes of a literal when there are several types for it to choose from.
 */
#include "functions.h"

#include "write.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

PG_FUNCTION_INFO_V1(cassandra_batch);
PG_FUNCTION_INFO_V1(cassandra_batch_text);
PG_FUNCTION_INFO_V1(cassandra_batch_array);

typedef struct Batch
{
	CassCall call;
	cql_batch_type type;
	uint32 n;
	CassStatement *statements;
	List *distinct; /* of CassStatement *, one a text that was prepared */
	uint32 current; /* being made, for errors */
} Batch;

static void
batch_context(void *arg)
{
	Batch *batch = arg;

	errcontext("statement %u of the batch", batch->current + 1);
}

static cql_batch_type
parse_type(const char *name)
{
	if (pg_strcasecmp(name, "logged") == 0)
		return CQL_BATCH_LOGGED;
	if (pg_strcasecmp(name, "unlogged") == 0)
		return CQL_BATCH_UNLOGGED;
	if (pg_strcasecmp(name, "counter") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid type of batch: \"%s\"", name),
				 errhint("Valid types are: logged, unlogged, counter.")));
	return CQL_BATCH_COUNTER;
}

static void
refuse_form(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid statement of a batch"),
			 errhint("A statement is a string, an array of its text and the "
					 "values of its parameters, or an object with the keys "
					 "\"cql\" and \"params\".")));
}

/* The text of a statement in JSON. */
static void
make_statement(CassStatement *statement, const JsonbValue *text)
{
	if (text == NULL || text->type != jbvString)
		refuse_form();
	cass_statement_init(statement,
						pnstrdup(text->val.string.val, text->val.string.len));
}

/* Statements of one text share its PREPARE. */
static void
share_prepared(Batch *batch, CassStatement *statement)
{
	ListCell *lc;

	foreach (lc, batch->distinct)
	{
		CassStatement *other = lfirst(lc);

		if (strcmp(other->text, statement->text) == 0)
			statement->markers = other->markers;
	}
	if (statement->markers == NULL)
	{
		cass_statement_prepare(&batch->call, statement);
		batch->distinct = lappend(batch->distinct, statement);
	}
}

/* ["cql", value, ...] */
static void
add_array(Batch *batch, CassStatement *statement, JsonbContainer *array)
{
	make_statement(statement, getIthJsonbValueFromContainer(array, 0));
	if (JsonContainerSize(array) == 1 && !statement->positional)
		return;
	share_prepared(batch, statement);
	cass_statement_bind_json(statement, array, 1);
}

/* {"cql": "cql", "params": [value, ...] or {"name": value, ...}} */
static void
add_object(Batch *batch, CassStatement *statement, JsonbContainer *object)
{
	JsonbValue key = {.type = jbvString};
	JsonbValue *params;

	key.val.string.val = "cql";
	key.val.string.len = strlen("cql");
	make_statement(statement,
				   findJsonbValueFromContainer(object, JB_FOBJECT, &key));
	key.val.string.val = "params";
	key.val.string.len = strlen("params");
	params = findJsonbValueFromContainer(object, JB_FOBJECT, &key);
	if (JsonContainerSize(object) != (params == NULL ? 1 : 2) ||
		(params != NULL && params->type != jbvBinary))
		refuse_form();
	if (params == NULL && !statement->positional)
		return;
	share_prepared(batch, statement);
	cass_statement_bind_json(
		statement, params == NULL ? NULL : params->val.binary.data, 0);
}

static void
add_statement(Batch *batch, CassStatement *statement, const JsonbValue *v)
{
	if (v->type != jbvBinary)
		make_statement(statement, v);
	else if (JsonContainerIsArray(v->val.binary.data))
		add_array(batch, statement, v->val.binary.data);
	else
		add_object(batch, statement, v->val.binary.data);
}

static void
enter_statements(Batch *batch, ErrorContextCallback *callback, uint32 most)
{
	batch->statements = palloc0(sizeof(CassStatement) * (most + 1));
	callback->callback = batch_context;
	callback->arg = batch;
	callback->previous = error_context_stack;
	error_context_stack = callback;
}

static void
add_statements(Batch *batch, Jsonb *statements)
{
	ErrorContextCallback callback;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue v;

	if (!JB_ROOT_IS_ARRAY(statements) || JB_ROOT_IS_SCALAR(statements))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the statements of a batch must be a JSON "
							   "array")));
	enter_statements(batch, &callback, JB_ROOT_COUNT(statements));
	it = JsonbIteratorInit(&statements->root);
	(void) JsonbIteratorNext(&it, &v, true);
	while ((token = JsonbIteratorNext(&it, &v, true)) == WJB_ELEM)
	{
		add_statement(batch, &batch->statements[batch->n], &v);
		batch->current = ++batch->n;
	}
	error_context_stack = callback.previous;
}

/* Statements without values; one that has markers all the same is refused. */
static void
add_texts(Batch *batch, ArrayType *texts)
{
	ErrorContextCallback callback;
	Datum *values;
	bool *nulls;
	int n;
	int i;

	deconstruct_array(texts, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &n);
	enter_statements(batch, &callback, n);
	for (i = 0; i < n; i++)
	{
		CassStatement *statement = &batch->statements[i];

		if (nulls[i])
			refuse_form();
		cass_statement_init(statement, TextDatumGetCString(values[i]));
		if (statement->positional)
		{
			share_prepared(batch, statement);
			cass_statement_bind_json(statement, NULL, 0);
		}
		batch->current = ++batch->n;
	}
	error_context_stack = callback.previous;
}

static void
submit(const Batch *batch, CassRequest *handle)
{
	cql_batch_entry *entries =
		palloc0(sizeof(cql_batch_entry) * (batch->n + 1));
	cql_params params;
	uint32 i;

	for (i = 0; i < batch->n; i++)
	{
		const CassStatement *statement = &batch->statements[i];

		entries[i].cql = statement->cql;
		entries[i].prepare = statement->markers != NULL;
		entries[i].values = statement->values;
		entries[i].nvalues = statement->nvalues;
		entries[i].bound = statement->types;
	}
	/* consistency and the rest are alike; the first one's keyspace routes */
	cass_statement_params(&batch->call, &batch->statements[0], &params);
	params.idempotent = false;
	params.consistency = batch->call.options->write_consistency;
	cass_request_execute_batch(handle, batch->call.cluster, batch->type,
							   entries, batch->n, &params);
}

static void
begin_batch(Batch *batch, FunctionCallInfo fcinfo)
{
	PreventCommandIfReadOnly("cassandra_batch()");
	memset(batch, 0, sizeof(*batch));
	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the statements of a batch must not be null")));
	batch->type = parse_type(cass_function_text(fcinfo, 2, "type of batch"));
	cass_call_begin(&batch->call, cass_function_name(fcinfo, 0));
}

static Datum
run_batch(Batch *batch, FunctionCallInfo fcinfo)
{
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_result *result;
	Jsonb *outcome;

	if (batch->n == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a batch needs at least one statement")));
	submit(batch, handle);
	result = cass_write_wait(handle, batch->call.cluster,
							 psprintf("batch of %u statements, the first: %s",
									  batch->n, batch->statements[0].text));
	outcome = cass_json_outcome(result, batch->statements[0].text);
	if (outcome == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(outcome);
}

Datum
cassandra_batch(PG_FUNCTION_ARGS)
{
	Batch batch;

	begin_batch(&batch, fcinfo);
	add_statements(&batch, PG_GETARG_JSONB_P(1));
	return run_batch(&batch, fcinfo);
}

Datum
cassandra_batch_text(PG_FUNCTION_ARGS)
{
	Batch batch;
	Datum statements;

	begin_batch(&batch, fcinfo);
	statements = DirectFunctionCall1(
		jsonb_in, CStringGetDatum(text_to_cstring(PG_GETARG_TEXT_PP(1))));
	add_statements(&batch, DatumGetJsonbP(statements));
	return run_batch(&batch, fcinfo);
}

Datum
cassandra_batch_array(PG_FUNCTION_ARGS)
{
	Batch batch;

	begin_batch(&batch, fcinfo);
	add_texts(&batch, PG_GETARG_ARRAYTYPE_P(1));
	return run_batch(&batch, fcinfo);
}
