/*
 * functions_call.c
 *	  What the functions that run CQL have in common: the server, the right to
 *	  use it, the statement and how it is run.
 */
#include "functions.h"

#include "write.h"

#include "access/relation.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

/* Schema changes and TRUNCATE; the server's own limit is 60 s. */
#define SCHEMA_TIMEOUT INT64CONST(65000000)

char *
cass_function_text(FunctionCallInfo fcinfo, int arg, const char *what)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("%s must not be null", what)));
	return text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

char *
cass_function_name(FunctionCallInfo fcinfo, int arg)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("server name must not be null")));
	return NameStr(*PG_GETARG_NAME(arg));
}

/* Another wrapper's server would not understand us. */
Oid
cass_function_server(const char *servername)
{
	ForeignServer *server = GetForeignServerByName(servername, false);
	ForeignDataWrapper *wrapper = GetForeignDataWrapper(server->fdwid);
	Oid extension = get_extension_oid("cassandra_fdw", true);

	if (!OidIsValid(wrapper->fdwhandler) || !OidIsValid(extension) ||
		getExtensionOfObject(ProcedureRelationId, wrapper->fdwhandler) !=
			extension)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("server \"%s\" is not one of cassandra_fdw",
							   servername),
						errdetail("Its foreign-data wrapper is \"%s\".",
								  wrapper->fdwname)));
	return server->serverid;
}

static void
check_usage(Oid serverid, Oid userid, const char *servername)
{
	AclResult result = cass_server_aclcheck(serverid, userid);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FOREIGN_SERVER, servername);
}

void
cass_call_begin(CassCall *call, const char *servername)
{
	call->serverid = cass_function_server(servername);
	call->userid = GetUserId();
	check_usage(call->serverid, call->userid, servername);
	cass_flush_writes(NULL);
	cass_await_clock();
	call->options = cass_options_for_server(call->serverid, call->userid);
	call->cluster = cass_get_cluster(call->serverid, call->userid);
}

void
cass_call_connect(const CassCall *call)
{
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_params params;

	memset(&params, 0, sizeof(params));
	params.cql = "SELECT key FROM system.local";
	params.consistency = CQL_ONE;
	params.serial_consistency = -1;
	params.paging_state.len = CQL_NULL;
	params.idempotent = true;
	cass_request_execute(handle, call->cluster, &params);
	(void) cass_request_wait(handle, call->cluster, params.cql);
	cass_request_reset(handle);
}

void
cass_statement_init(CassStatement *statement, const char *text)
{
	memset(statement, 0, sizeof(*statement));
	statement->text = text;
	statement->cql = pg_server_to_any(text, strlen(text), PG_UTF8);
	statement->kind =
		cql_text_classify(statement->cql, &statement->positional);
	if (statement->kind == CQL_TEXT_USE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("USE is not supported"),
				 errdetail("It would change the keyspace of a connection that "
						   "others share."),
				 errhint("Write names as keyspace.table.")));
}

void
cass_statement_params(const CassCall *call, const CassStatement *statement,
					  cql_params *params)
{
	const CassOptions *options = call->options;
	bool reads = statement->kind == CQL_TEXT_READ;

	memset(params, 0, sizeof(*params));
	params->cql = statement->cql;
	params->values = statement->values;
	params->nvalues = statement->nvalues;
	if (statement->markers != NULL)
	{
		params->prepare = true;
		params->bound = statement->types;
		params->nbound = statement->nvalues;
		if (statement->markers->nkeys > 0)
			params->keyspace = statement->markers->columns[0].keyspace;
	}
	params->consistency =
		reads ? options->read_consistency : options->write_consistency;
	params->serial_consistency = options->serial_consistency;
	params->paging_state.len = CQL_NULL;
	params->timeout = options->request_timeout;
	if (statement->kind == CQL_TEXT_SCHEMA)
		params->timeout = Max(params->timeout, SCHEMA_TIMEOUT);
	params->idempotent = reads;
	params->has_timestamp = statement->kind == CQL_TEXT_WRITE &&
							options->timestamps == CASS_TIMESTAMPS_CLIENT;
	if (params->has_timestamp)
		params->timestamp = cass_next_timestamp();
}

Relation
cass_function_table(Oid relid)
{
	Relation rel = try_relation_open(relid, AccessShareLock);

	if (rel == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation with OID %u does not exist", relid)));
	if (rel->rd_rel->relkind != RELKIND_FOREIGN_TABLE)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" is not a foreign table",
							   RelationGetRelationName(rel))));
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FOREIGN_TABLE,
					   RelationGetRelationName(rel));
	(void) cass_function_server(
		GetForeignServer(GetForeignTable(relid)->serverid)->servername);
	return rel;
}
