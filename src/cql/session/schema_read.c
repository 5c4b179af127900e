/*
 * schema_read.c
 *	  Running the queries of a schema read, all at once on one connection.
 *
 * What they ask and what the answers mean is schema.c's.
 */
#include "session.h"

#include <string.h>

static cql_slice
text_value(const char *text)
{
	cql_slice value = {(const uint8_t *) text, (int32_t) strlen(text)};

	return value;
}

/* Sends the queries of the places first .. last that the server may know. */
static bool
send_range(cql_request *request, cql_link *link, uint32_t first, uint32_t last,
		   cql_error *err)
{
	bool by_table = request->table != NULL;
	cql_slice values[2];
	uint32_t i;

	values[0] = text_value(request->keyspace);
	values[1] = text_value(by_table ? request->table : "");
	for (i = first; i <= last; i++)
	{
		bool has_table = false;
		const char *cql =
			cql_schema_query_text((cql_schema_query) i, link->cluster->release,
								  by_table, &has_table);

		if (cql != NULL &&
			!cql_request_send_query(request, link, i, cql, values,
									has_table ? 2 : 1, err))
			return false;
	}
	return true;
}

bool
cql_schema_send(cql_request *request, cql_link *link, cql_error *err)
{
	request->multi->more = false;
	if (!send_range(request, link, 0, CQL_SCHEMA_VIRTUAL_KEYSPACE - 1, err))
		return false;
	if (request->multi->left > 0)
		return true;
	cql_error_set(err, CQL_ERR_PROTOCOL,
				  "the server's release has no system_schema");
	return false;
}

/*
 * Virtual keyspaces are rare and slow to ask for, so that is done only where
 * there is no other of the name.
 */
bool
cql_schema_more(cql_request *request, cql_link *link)
{
	cql_multi *multi = request->multi;
	const cql_result *keyspace = multi->results[CQL_SCHEMA_KEYSPACE];
	cql_error err;

	if (multi->failed || multi->more ||
		(keyspace != NULL && cql_result_nrows(keyspace) > 0))
		return false;
	multi->more = true;
	if (!send_range(request, link, CQL_SCHEMA_VIRTUAL_KEYSPACE,
					CQL_SCHEMA_NQUERIES - 1, &err))
	{
		multi->failed = true;
		multi->error = err;
	}
	return multi->left > 0;
}

/* ---- of a belief ---- */

bool
cql_check_send(cql_request *request, cql_link *link, cql_error *err)
{
	request->keyspace = request->belief->keyspace;
	request->table = request->belief->table;
	return send_range(request, link, CQL_SCHEMA_TABLES, CQL_SCHEMA_COLUMNS,
					  err) &&
		   send_range(request, link, CQL_SCHEMA_INDEXES, CQL_SCHEMA_MASKS,
					  err);
}

/* Frees the answers; NULL with *err set if they are malformed. */
static cql_schema *
build(cql_request *request, cql_error *err)
{
	cql_multi *multi = request->multi;
	cql_schema *schema = cql_schema_build(
		&request->cluster->env, request->keyspace, multi->results, err);
	uint32_t i;

	for (i = 0; i < CQL_MAX_MULTI; i++)
	{
		cql_result_free(multi->results[i]);
		multi->results[i] = NULL;
	}
	return schema;
}

bool
cql_check_finish(cql_request *request, cql_error *err)
{
	cql_schema *schema = build(request, err);
	bool holds;

	if (schema == NULL)
		return false;
	holds = cql_belief_holds(request->belief, schema, err);
	cql_schema_free(schema);
	return holds;
}

/* ---- of a schema ---- */

bool
cql_schema_optional(uint32_t place)
{
	return place >= CQL_SCHEMA_MASKS;
}

void
cql_schema_finish(cql_request *request, cql_host *host)
{
	cql_cluster *cluster = request->cluster;
	cql_multi *multi = request->multi;
	cql_error err;

	if (multi->results[CQL_SCHEMA_KEYSPACE] != NULL)
		cql_routing_learn(cluster, request->keyspace,
						  multi->results[CQL_SCHEMA_KEYSPACE]);
	request->schema = build(request, &err);
	if (request->schema != NULL)
	{
		cql_request_done(request);
		return;
	}
	if (err.host[0] == '\0')
		memcpy(err.host, host->pub.address, sizeof(err.host));
	cql_request_fail(request, &err);
}
