/*
 * functions_schema.c
 *	  After a change of the schema: waiting until the nodes agree on it.
 *
 * Until then another node may not know the table that the next statement
 * names.  What is read is what the coordinator of the change sees.
 */
#include "functions.h"

#define AGREEMENT_TIMEOUT INT64CONST(10000000) /* microseconds */
#define AGREEMENT_INTERVAL INT64CONST(100000)  /* between two looks */
#define LOOK_TIMEOUT INT64CONST(2000000)

static const char *const version_queries[] = {
	"SELECT host_id, schema_version FROM system.local",
	"SELECT host_id, schema_version FROM system.peers"};

/* Schema versions seen so far. */
typedef struct Agreement
{
	bool known; /* version is */
	bool differ;
	uint8 version[16];
} Agreement;

/* A node that is down keeps its version, whatever happens. */
static bool
node_is_down(const CassCall *call, cql_slice host_id)
{
	uint32 n = cql_cluster_nnodes(call->cluster);
	uint32 i;

	for (i = 0; host_id.len == 16 && i < n; i++)
	{
		const cql_node *node = cql_cluster_node(call->cluster, i);

		if (memcmp(node->host_id, host_id.data, 16) == 0)
			return !node->up;
	}
	return false;
}

static void
add_version(Agreement *agreement, cql_slice version)
{
	if (version.len != 16)
		return;
	if (!agreement->known)
		memcpy(agreement->version, version.data, 16);
	else if (memcmp(agreement->version, version.data, 16) != 0)
		agreement->differ = true;
	agreement->known = true;
}

/* Reads versions from the node; false when it does not tell them. */
static bool
read_versions(const CassCall *call, CassRequest *handle, const char *node,
			  const char *cql, Agreement *agreement)
{
	cql_params params;
	cql_slice cells[2];
	cql_result *result;
	cql_error error;

	memset(&params, 0, sizeof(params));
	params.cql = cql;
	params.node = node;
	params.consistency = CQL_ONE;
	params.serial_consistency = -1;
	params.paging_state.len = CQL_NULL;
	params.timeout = LOOK_TIMEOUT;
	params.idempotent = true;
	cass_request_execute(handle, call->cluster, &params);
	(void) cass_wait_any(call->cluster, &handle->request, 1);
	if (cql_request_get_state(handle->request) == CQL_REQUEST_FAILED)
		return false;
	result = handle->result = cql_request_take(handle->request);
	if (cql_result_metadata(result)->ncolumns != lengthof(cells))
		return false;
	while (cql_result_next(result, cells, &error) > 0)
	{
		if (!node_is_down(call, cells[0]))
			add_version(agreement, cells[1]);
	}
	return true;
}

/* Whether all nodes have one version now. */
static bool
nodes_agree(const CassCall *call, CassRequest *handle, const char *node)
{
	Agreement agreement = {false};
	int i;

	for (i = 0; i < (int) lengthof(version_queries); i++)
	{
		if (!read_versions(call, handle, node, version_queries[i], &agreement))
			return false;
	}
	return agreement.known && !agreement.differ;
}

void
cass_await_schema(const CassCall *call, const char *node)
{
	int64 end = cql_now() + AGREEMENT_TIMEOUT;
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	char *address = pstrdup(node);

	while (!nodes_agree(call, handle, address))
	{
		if (cql_now() >= end)
		{
			ereport(WARNING,
					(errmsg("the schema was changed, but not all nodes of "
							"Cassandra have the change yet"),
					 errhint("Statements that need it may fail on some nodes "
							 "until they have.")));
			break;
		}
		(void) cass_wait_until(call->cluster, NULL, 0,
							   cql_now() + AGREEMENT_INTERVAL);
	}
	cass_request_reset(handle);
}
