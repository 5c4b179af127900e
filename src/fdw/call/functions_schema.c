/*
 * functions_schema.c
 *	  After a change of the schema: waiting until the nodes agree on it.
 *
 * Until then another node may not know the table that the next statement
 * names.  What the coordinator of the change has heard of the others may be
 * old, and says nothing of a node that died: whose version differs there is
 * asked itself.  A node that does not answer is down; it learns of the change
 * when it comes back, and is not waited for.
 */
#include "functions.h"

#include "nodes/value.h"

#define AGREEMENT_TIMEOUT INT64CONST(10000000) /* microseconds */
#define AGREEMENT_INTERVAL INT64CONST(100000)  /* between two looks */
#define LOOK_TIMEOUT INT64CONST(2000000)
#define MAX_PROBES 32 /* nodes asked at a time */

static const char *const version_queries[] = {
	"SELECT host_id, schema_version FROM system.local",
	"SELECT host_id, schema_version FROM system.peers"};

/* A node whose version differs as the coordinator knows it. */
typedef struct Probe
{
	char *address;
	CassRequest *handle;
} Probe;

typedef struct Agreement
{
	const CassCall *call;
	const char *coordinator;
	uint8 version[16]; /* of the coordinator */
	List *down;		   /* String: addresses of nodes that did not answer */
	int nprobes;
	Probe probes[MAX_PROBES];
} Agreement;

static void
ask_versions(const CassCall *call, CassRequest *handle, const char *node,
			 const char *cql)
{
	cql_params params;

	memset(&params, 0, sizeof(params));
	params.cql = cql;
	params.node = node;
	params.consistency = CQL_ONE;
	params.serial_consistency = -1;
	params.paging_state.len = CQL_NULL;
	params.timeout = LOOK_TIMEOUT;
	params.idempotent = true;
	cass_request_execute(handle, call->cluster, &params);
}

/* Takes the rows of such a request that has ended; NULL where it failed. */
static cql_result *
take_versions(CassRequest *handle)
{
	if (cql_request_get_state(handle->request) != CQL_REQUEST_DONE)
		return NULL;
	handle->result = cql_request_take(handle->request);
	if (cql_result_metadata(handle->result)->ncolumns != 2)
		return NULL;
	return handle->result;
}

/*
 * Address of a node that statements may be sent to, or NULL: of the others
 * nobody asks for what was changed.
 */
static const char *
address_of(const CassCall *call, cql_slice host_id)
{
	uint32 n = cql_cluster_nnodes(call->cluster);
	uint32 i;

	for (i = 0; host_id.len == 16 && i < n; i++)
	{
		const cql_node *node = cql_cluster_node(call->cluster, i);

		if (memcmp(node->host_id, host_id.data, 16) == 0)
			return node->local || call->options->remote_dc_failover
					   ? node->address
					   : NULL;
	}
	return NULL;
}

/* Asks the node of a row for its version where that is not known to agree. */
static void
probe_node(Agreement *a, const cql_slice *cells)
{
	const char *address = address_of(a->call, cells[0]);
	Probe *probe = &a->probes[a->nprobes];

	if (address == NULL || a->nprobes == MAX_PROBES ||
		(cells[1].len == 16 && memcmp(cells[1].data, a->version, 16) == 0) ||
		list_member(a->down, makeString(pstrdup(address))))
		return;
	a->nprobes++;
	probe->address = pstrdup(address);
	if (probe->handle == NULL)
		probe->handle = cass_request_create(CurrentMemoryContext);
	ask_versions(a->call, probe->handle, address, version_queries[0]);
}

/*
 * The coordinator's version, and probes of those that differ; false where it
 * does not tell.
 */
static bool
ask_coordinator(Agreement *a, CassRequest *handle)
{
	cql_slice cells[2];
	cql_result *result;
	cql_error error;
	int i;

	a->nprobes = 0;
	for (i = 0; i < (int) lengthof(version_queries); i++)
	{
		ask_versions(a->call, handle, a->coordinator, version_queries[i]);
		(void) cass_wait_any(a->call->cluster, &handle->request, 1);
		result = take_versions(handle);
		if (result == NULL)
			return false;
		while (cql_result_next(result, cells, &error) > 0)
		{
			if (i > 0)
				probe_node(a, cells);
			else if (cells[1].len == 16)
				memcpy(a->version, cells[1].data, 16);
			else
				return false;
		}
	}
	return true;
}

/* Whether the node that was asked agrees, or is down. */
static bool
probe_agrees(Agreement *a, Probe *probe)
{
	cql_slice cells[2];
	cql_result *result = take_versions(probe->handle);
	cql_error error;

	if (result == NULL)
	{
		a->down = lappend(a->down, makeString(probe->address));
		return true;
	}
	return cql_result_next(result, cells, &error) > 0 && cells[1].len == 16 &&
		   memcmp(cells[1].data, a->version, 16) == 0;
}

/* Waits for the probes; who has not answered in time is down. */
static bool
probes_agree(Agreement *a)
{
	int64 end = cql_now() + LOOK_TIMEOUT;
	bool agree = true;
	int i;

	for (i = 0; i < a->nprobes; i++)
	{
		(void) cass_wait_until(a->call->cluster, &a->probes[i].handle->request,
							   1, end);
		if (!probe_agrees(a, &a->probes[i]))
			agree = false;
		cass_request_reset(a->probes[i].handle);
	}
	return agree;
}

void
cass_await_schema(const CassCall *call, const char *node)
{
	int64 end = cql_now() + AGREEMENT_TIMEOUT;
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	Agreement agreement;

	memset(&agreement, 0, sizeof(agreement));
	agreement.call = call;
	agreement.coordinator = pstrdup(node);
	while (!ask_coordinator(&agreement, handle) || !probes_agree(&agreement))
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
