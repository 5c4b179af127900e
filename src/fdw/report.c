/*
 * report.c
 *	  cql_error to ereport, and server warnings to WARNING.
 */
#include "cassandra_fdw.h"

/* SQLSTATE of an ERROR message; its text decides where CQL has one code. */
static int
server_sqlstate(const cql_error *error)
{
	switch (error->server_code)
	{
		case CQL_SERVER_BAD_CREDENTIALS:
			return ERRCODE_INVALID_PASSWORD;
		case CQL_SERVER_UNAVAILABLE:
		case CQL_SERVER_OVERLOADED:
		case CQL_SERVER_BOOTSTRAPPING:
			return ERRCODE_INSUFFICIENT_RESOURCES;
		case CQL_SERVER_WRITE_TIMEOUT:
		case CQL_SERVER_WRITE_FAILURE:
		case CQL_SERVER_CAS_UNKNOWN:
			return ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN;
		case CQL_SERVER_READ_TIMEOUT:
		case CQL_SERVER_READ_FAILURE:
		case CQL_SERVER_FUNCTION_FAILURE:
			return ERRCODE_SYSTEM_ERROR;
		case CQL_SERVER_SYNTAX:
			return ERRCODE_SYNTAX_ERROR;
		case CQL_SERVER_UNAUTHORIZED:
			return ERRCODE_INSUFFICIENT_PRIVILEGE;
		case CQL_SERVER_INVALID:
			if (strstr(error->message, "unconfigured table") != NULL)
				return ERRCODE_UNDEFINED_TABLE;
			if (strstr(error->message, "Undefined column") != NULL)
				return ERRCODE_UNDEFINED_COLUMN;
			if (strstr(error->message, "eyspace") != NULL &&
				strstr(error->message, "does not exist") != NULL)
				return ERRCODE_UNDEFINED_SCHEMA;
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case CQL_SERVER_PROTOCOL:
			return ERRCODE_PROTOCOL_VIOLATION;
		default:
			return ERRCODE_FDW_ERROR;
	}
}

static int
error_sqlstate(const cql_error *error)
{
	switch (error->code)
	{
		case CQL_ERR_NOMEM:
			return ERRCODE_OUT_OF_MEMORY;
		case CQL_ERR_LIMIT:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
		case CQL_ERR_ARGUMENT:
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case CQL_ERR_CONNECT:
		case CQL_ERR_TLS:
			return ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION;
		case CQL_ERR_LOST:
			return ERRCODE_CONNECTION_FAILURE;
		case CQL_ERR_TIMEOUT:
			return ERRCODE_SYSTEM_ERROR;
		case CQL_ERR_AUTH:
			return ERRCODE_INVALID_PASSWORD;
		case CQL_ERR_PROTOCOL:
			return ERRCODE_PROTOCOL_VIOLATION;
		case CQL_ERR_CHANGED:
			return ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
		default:
			return server_sqlstate(error);
	}
}

static const char *
error_hint(const cql_error *error)
{
	switch (error->code)
	{
		case CQL_ERR_CONNECT:
			return "Check the server options \"host\" and \"port\", and that "
				   "Cassandra listens for the native protocol there.";
		case CQL_ERR_AUTH:
			return "Check the options \"username\" and \"password\" of the "
				   "user mapping.";
		case CQL_ERR_TLS:
			return "Check the server options \"sslmode\", \"sslrootcert\", "
				   "\"sslcert\" and \"sslkey\".";
		case CQL_ERR_TIMEOUT:
			return "Restrict the query by the partition key, or raise the "
				   "option \"request_timeout\".";
		case CQL_ERR_CHANGED:
			return "The table was altered meanwhile: run the query again.";
		default:
			return NULL;
	}
}

/* Host, levels and numbers, and what the client found out besides. */
static char *
error_detail(const cql_error *error)
{
	StringInfoData text;

	initStringInfo(&text);
	if (error->host[0] != '\0')
		appendStringInfo(&text, "Host: %s.", error->host);
	if (error->consistency >= 0)
		appendStringInfo(&text, " Consistency: %s.",
						 cql_consistency_name(error->consistency));
	if (error->required >= 0)
		appendStringInfo(&text, " Answers received: %d of %d required.",
						 error->received, error->required);
	if (error->details[0] != '\0')
		appendStringInfo(&text, "%s%s", text.len > 0 ? "\n" : "",
						 error->details);
	return text.data;
}

void
cass_report_error(const cql_error *error, const char *cql)
{
	char *detail = error_detail(error);
	char *message = pstrdup(error->message);
	const char *hint = error_hint(error);

	ereport(ERROR, (errcode(error_sqlstate(error)), errmsg("%s", message),
					detail[0] != '\0' ? errdetail("%s", detail) : 0,
					hint != NULL ? errhint("%s", hint) : 0,
					cql != NULL ? errcontext("CQL statement: %s", cql) : 0));
	pg_unreachable();
}

void
cass_report_warnings(cql_result *result)
{
	const char *text;
	uint32 i;

	for (i = 0; (text = cql_result_warning(result, i)) != NULL; i++)
		ereport(WARNING, (errmsg("Cassandra: %s", text)));
}
