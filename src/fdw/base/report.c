/*
 * report.c
 *	  cql_error to ereport: SQLSTATE, detail and hint.
 */
#include "client.h"

#include "mb/pg_wchar.h"
#include "utils/fmgrprotos.h"
#include "utils/uuid.h"

static bool
says(const cql_error *error, const char *words)
{
	return strstr(error->message, words) != NULL;
}

/* CQL has one code for all that is invalid: the text decides. */
static int
invalid_sqlstate(const cql_error *error)
{
	bool missing =
		says(error, "does not exist") || says(error, "doesn't exist");

	if (says(error, "already exists"))
		return ERRCODE_DUPLICATE_OBJECT;
	if (says(error, "Unknown function"))
		return ERRCODE_UNDEFINED_FUNCTION;
	if (says(error, "Guardrail"))
		return ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
	if (says(error, "unconfigured table") || (missing && says(error, "able ")))
		return ERRCODE_UNDEFINED_TABLE;
	if (says(error, "Undefined column"))
		return ERRCODE_UNDEFINED_COLUMN;
	if (missing && says(error, "eyspace"))
		return ERRCODE_UNDEFINED_SCHEMA;
	return ERRCODE_INVALID_PARAMETER_VALUE;
}

/* SQLSTATE of an ERROR message. */
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
		case CQL_SERVER_CDC_WRITE_FAILURE:
			return ERRCODE_INSUFFICIENT_RESOURCES;
		case CQL_SERVER_WRITE_TIMEOUT:
		case CQL_SERVER_WRITE_FAILURE:
		case CQL_SERVER_CAS_UNKNOWN:
			return ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN;
		case CQL_SERVER_READ_TIMEOUT:
		case CQL_SERVER_READ_FAILURE:
		case CQL_SERVER_FUNCTION_FAILURE:
		case CQL_SERVER_TRUNCATE:
			return ERRCODE_SYSTEM_ERROR;
		case CQL_SERVER_SYNTAX:
			return ERRCODE_SYNTAX_ERROR;
		case CQL_SERVER_UNAUTHORIZED:
			return ERRCODE_INSUFFICIENT_PRIVILEGE;
		case CQL_SERVER_INVALID:
			return invalid_sqlstate(error);
		case CQL_SERVER_CONFIG:
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case CQL_SERVER_ALREADY_EXISTS:
			return strstr(error->details, "table: ") != NULL
					   ? ERRCODE_DUPLICATE_TABLE
					   : ERRCODE_DUPLICATE_OBJECT;
		case CQL_SERVER_UNPREPARED:
			return ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
		case CQL_SERVER_PROTOCOL:
			return ERRCODE_PROTOCOL_VIOLATION;
		default:
			return ERRCODE_FDW_ERROR;
	}
}

static int
error_sqlstate(const cql_error *error)
{
	if (error->maybe_applied)
		return ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN;
	switch (error->code)
	{
		case CQL_ERR_NOMEM:
			return ERRCODE_OUT_OF_MEMORY;
		case CQL_ERR_LIMIT:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
		case CQL_ERR_ARGUMENT:
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case CQL_ERR_DC:
			return ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE;
		case CQL_ERR_CONNECT:
		case CQL_ERR_TLS:
			return ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION;
		case CQL_ERR_LOST:
			return ERRCODE_CONNECTION_FAILURE;
		case CQL_ERR_TIMEOUT:
			return ERRCODE_SYSTEM_ERROR;
		case CQL_ERR_AUTH:
			return ERRCODE_INVALID_PASSWORD;
		case CQL_ERR_UNASKED:
			return ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED;
		case CQL_ERR_PROTOCOL:
			return ERRCODE_PROTOCOL_VIOLATION;
		case CQL_ERR_CHANGED:
			return ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
		default:
			return server_sqlstate(error);
	}
}

static const char *
invalid_hint(const cql_error *error)
{
	switch (invalid_sqlstate(error))
	{
		case ERRCODE_CONFIGURATION_LIMIT_EXCEEDED:
			if (says(error, "user_timestamps"))
				return "Cassandra takes no times of its clients: set the "
					   "option \"timestamps\" to \"server\".";
			if (says(error, "page_size"))
				return "Cassandra gives no pages of so many rows: lower the "
					   "option \"fetch_size\".";
			return "A guardrail in the configuration of Cassandra forbids the "
				   "statement: change the query, or ask who runs Cassandra.";
		case ERRCODE_UNDEFINED_TABLE:
			return "Check the option \"table_name\" of the foreign table.";
		case ERRCODE_UNDEFINED_COLUMN:
			return "The table may have been altered in Cassandra: import it "
				   "again.";
		case ERRCODE_UNDEFINED_SCHEMA:
			return "Check the option \"keyspace\" of the foreign table or "
				   "its server.";
		default:
			if (says(error, "No keyspace has been specified"))
				return "Write names as keyspace.table.";
			if (says(error, "oversized mutation") ||
				says(error, "CQL Message of size") ||
				says(error, "Request is too big"))
				return "Limits are \"max_mutation_size\" and "
					   "\"native_transport_max_frame_size\" in the "
					   "configuration of Cassandra.";
			return NULL;
	}
}

static const char *
failure_hint(const cql_error *error)
{
	if (strstr(error->details, "tombstones") != NULL)
		return "Too many deleted rows lie in the way: restrict the query to "
			   "newer or fewer rows, or have Cassandra compact the table.";
	if (strstr(error->details, "index") != NULL)
		return "An index cannot be used at the moment: try again later.";
	return "The logs of the replicas tell more.";
}

static const char *
server_hint(const cql_error *error)
{
	switch (error->server_code)
	{
		case CQL_SERVER_UNAVAILABLE:
			return "Too few replicas are up for the consistency level: wait "
				   "for them, or choose a lower level.";
		case CQL_SERVER_OVERLOADED:
		case CQL_SERVER_BOOTSTRAPPING:
			return "Try again later.";
		case CQL_SERVER_READ_TIMEOUT:
			return "Restrict the query by the partition key, or lower the "
				   "option \"fetch_size\".";
		case CQL_SERVER_READ_FAILURE:
			return failure_hint(error);
		case CQL_SERVER_UNAUTHORIZED:
			return "Grant the permission to the role in Cassandra, or name "
				   "another role in the user mapping.";
		case CQL_SERVER_INVALID:
			return invalid_hint(error);
		default:
			return NULL;
	}
}

static const char *
error_hint(const cql_error *error)
{
	if (error->maybe_applied)
		return "Find out whether it was applied before you repeat it.";
	switch (error->code)
	{
		case CQL_ERR_DC:
			return "Set the server option \"local_datacenter\" to one of "
				   "these, or \"remote_dc_failover\" to \"true\".";
		case CQL_ERR_CONNECT:
			if (strstr(error->details, "Nodes outside of") != NULL)
				return "Wait for the nodes, or set the server option "
					   "\"remote_dc_failover\" to have others asked.";
			if (strstr(error->details, "may speak TLS") != NULL)
				return "Set the server option \"sslmode\" where Cassandra "
					   "asks "
					   "for TLS.";
			if (strstr(error->details, "no answer to OPTIONS") != NULL ||
				strstr(error->details, "no answer to STARTUP") != NULL)
				return "The node hangs, or does not know the version of the "
					   "protocol: set the server option \"protocol_version\" "
					   "to one that it speaks.";
			return "Check the server options \"host\" and \"port\", and that "
				   "Cassandra listens for the native protocol there.";
		case CQL_ERR_LOST:
			return "Run the query again once the nodes of Cassandra answer.";
		case CQL_ERR_AUTH:
			return "Check the options \"username\" and \"password\" of the "
				   "user mapping.";
		case CQL_ERR_UNASKED:
			return "Where Cassandra knows its clients otherwise, a superuser "
				   "may set \"password_required\" to \"false\" in the user "
				   "mapping.";
		case CQL_ERR_TLS:
			if (strstr(error->details, "may not speak TLS") != NULL)
				return "Set the server option \"sslmode\" to \"disable\" "
					   "where "
					   "Cassandra does not offer TLS.";
			if (says(error, "asks for a client certificate") ||
				strstr(error->details, "asks for a client certificate"))
				return "Set \"sslcert\" and \"sslkey\": those of the server "
					   "are for superusers and where \"password_required\" is "
					   "\"false\", all others need them in the user mapping.";
			return "Check the server options \"sslmode\", \"sslrootcert\", "
				   "\"sslcert\" and \"sslkey\".";
		case CQL_ERR_TIMEOUT:
			return "Restrict the query by the partition key, or raise the "
				   "option \"request_timeout\".";
		case CQL_ERR_CHANGED:
			return "The table was altered meanwhile: run the query again.";
		case CQL_ERR_SERVER:
			return server_hint(error);
		default:
			return NULL;
	}
}

static void append_line(StringInfo text, const char *format, ...)
	pg_attribute_printf(2, 3);

static void
append_line(StringInfo text, const char *format, ...)
{
	int needed;

	if (text->len > 0)
		appendStringInfoChar(text, '\n');
	for (;;)
	{
		va_list args;

		va_start(args, format);
		needed = appendStringInfoVA(text, format, args);
		va_end(args);
		if (needed == 0)
			return;
		enlargeStringInfo(text, needed);
	}
}

/* Levels and numbers of a coordinator that did not get enough answers. */
static void
append_counts(StringInfo text, const cql_error *error)
{
	if (error->consistency >= 0 &&
		cql_consistency_name(error->consistency) != NULL)
		append_line(text, "Consistency: %s.",
					cql_consistency_name(error->consistency));
	if (error->required >= 0 && error->server_code == CQL_SERVER_UNAVAILABLE)
		append_line(text, "Replicas alive: %d, required: %d.", error->received,
					error->required);
	else if (error->required >= 0)
		append_line(text, "Answers received: %d, required: %d.",
					error->received, error->required);
	if (error->failures >= 0)
		append_line(text, "Replicas that failed: %d.", error->failures);
	if (error->write_type[0] != '\0')
		append_line(text, "Kind of write: %s.", error->write_type);
	if (error->maybe_applied)
		append_line(text, "The write may or may not have been applied.");
}

char *
cass_trace_text(const uint8 id[16])
{
	pg_uuid_t uuid;

	memcpy(uuid.data, id, UUID_LEN);
	return DatumGetCString(
		DirectFunctionCall1(uuid_out, UUIDPGetDatum(&uuid)));
}

/* Host, levels and numbers, and what the client found out besides. */
static char *
error_detail(const cql_error *error)
{
	StringInfoData text;

	initStringInfo(&text);
	if (error->host[0] != '\0')
		append_line(&text, "Host: %s.", error->host);
	append_counts(&text, error);
	if (error->details[0] != '\0')
		append_line(&text, "%s", error->details);
	if (error->traced)
		append_line(&text, "Tracing session: %s.",
					cass_trace_text(error->tracing_id));
	return text.data;
}

/* What a write that got no answer means: it may have been applied. */
static bool
outcome_unknown(const cql_error *error)
{
	return error->maybe_applied || error->unanswered ||
		   error->code == CQL_ERR_LOST || error->code == CQL_ERR_TIMEOUT;
}

void
cass_report_write_error(const cql_error *error, const char *cql,
						const char *rows)
{
	bool unknown = outcome_unknown(error);
	char *message = cass_from_cql(error->message);
	char *detail = cass_from_cql(error_detail(error));
	const char *hint = unknown ? "The write may or may not have been applied: "
								 "read the row back, or write it again."
							   : error_hint(error);

	ereport(ERROR,
			(errcode(unknown ? ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN
							 : error_sqlstate(error)),
			 errmsg("%s", message),
			 errdetail("%s%s%s", rows, detail[0] != '\0' ? "\n" : "", detail),
			 hint != NULL ? errhint("%s", hint) : 0,
			 errcontext("CQL statement: %s", cass_from_cql(cql))));
	pg_unreachable();
}

void
cass_report_error(const cql_error *error, const char *cql)
{
	char *detail = cass_from_cql(error_detail(error));
	char *message = cass_from_cql(error->message);
	const char *hint = error_hint(error);

	ereport(ERROR,
			(errcode(error_sqlstate(error)), errmsg("%s", message),
			 detail[0] != '\0' ? errdetail("%s", detail) : 0,
			 hint != NULL ? errhint("%s", hint) : 0,
			 cql != NULL ? errcontext("CQL statement: %s", cass_from_cql(cql))
						 : 0));
	pg_unreachable();
}

static int
sqlstate_of_selector(cql_selector_code code)
{
	switch (code)
	{
		case CQL_SELECTOR_SYNTAX:
			return ERRCODE_SYNTAX_ERROR;
		case CQL_SELECTOR_COLUMN:
			return ERRCODE_UNDEFINED_COLUMN;
		case CQL_SELECTOR_TYPE:
			return ERRCODE_DATATYPE_MISMATCH;
		case CQL_SELECTOR_UNSUPPORTED:
			return ERRCODE_FEATURE_NOT_SUPPORTED;
		default:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
	}
}

void
cass_report_selector(const cql_selector *selector, const char *expression)
{
	ereport(ERROR,
			(errcode(sqlstate_of_selector(selector->code)),
			 errmsg("invalid expression \"%s\": %s", cass_from_cql(expression),
					cass_from_cql(selector->message)),
			 selector->hint[0] != '\0'
				 ? errhint("%s", cass_from_cql(selector->hint))
				 : 0));
}
