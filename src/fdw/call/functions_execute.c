/*
 * functions_execute.c
 *	  cassandra_execute(): one statement that is no query.
 */
#include "functions.h"

#include "write.h"

#include "miscadmin.h"

PG_FUNCTION_INFO_V1(cassandra_execute);

static void
refuse_query(const CassStatement *statement)
{
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("cassandra_execute() is not for queries"),
			 errhint("Use cassandra_query() or cassandra_query_json()."),
			 errcontext("CQL statement: %s", statement->text)));
}

/*
 * What is cached of the schema is dropped before: whether a change that failed
 * was made is not known.
 */
static cql_result *
execute(const CassCall *call, const CassStatement *statement)
{
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_params params;
	cql_result *result;

	cass_statement_params(call, statement, &params);
	if (statement->kind == CQL_TEXT_SCHEMA)
	{
		cass_shape_forget(call->serverid, NULL);
		cass_forget_markers();
	}
	cass_request_execute(handle, call->cluster, &params);
	result = cass_write_wait(handle, call->cluster, statement->cql);
	if (cql_result_get_kind(result) == CQL_RESULT_SCHEMA_CHANGE)
		cass_await_schema(call, cql_result_host(result));
	return result;
}

Datum
cassandra_execute(PG_FUNCTION_ARGS)
{
	CassCall call;
	CassStatement statement;
	Jsonb *outcome;

	PreventCommandIfReadOnly("cassandra_execute()");
	cass_statement_init(&statement,
						cass_function_text(fcinfo, 1, "CQL statement"));
	if (statement.kind == CQL_TEXT_READ)
		refuse_query(&statement);
	cass_call_begin(&call, cass_function_name(fcinfo, 0));
	cass_statement_bind(&call, &statement, fcinfo, 2);
	outcome = cass_json_outcome(execute(&call, &statement), statement.cql);
	if (outcome == NULL)
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(outcome);
}
