/*
 * keyspace.c
 *	  Replication of a keyspace, asked beside the first request that names it.
 *
 * That one is sent to any node, but does not end before the response is there.
 */
#include "kind.h"

#include <string.h>

typedef struct keyspace_request
{
	cql_request base;
	const char *name;
	cql_slice value;
	bool tablets; /* asked is whether it is one of tablets (ScyllaDB) */
} keyspace_request;

static bool
keyspace_send(cql_request *request, cql_attempt *attempt, cql_error *err)
{
	const keyspace_request *keyspace = (keyspace_request *) request;
	cql_query_options options = {.consistency = CQL_LOCAL_ONE,
								 .serial_consistency = -1,
								 .values = &keyspace->value,
								 .nvalues = 1,
								 .paging_state = {NULL, CQL_NULL}};
	cql_conn *conn = attempt->channel->conn;

	cql_encode_query(cql_conn_begin(conn), cql_conn_version(conn),
					 keyspace->tablets
						 ? "SELECT initial_tablets FROM "
						   "system_schema.scylla_keyspaces "
						   "WHERE keyspace_name = ?"
						 : "SELECT replication FROM system_schema.keyspaces "
						   "WHERE keyspace_name = ?",
					 &options);
	attempt->exchange = cql_attempt_send(attempt, CQL_OP_QUERY, err);
	return attempt->exchange != NULL;
}

/*
 * Only a keyspace on the ring of a server that has tablets is asked about
 * twice; without the second response it stays on the ring.
 */
static void
keyspace_response(cql_request *request, cql_attempt *attempt,
				  cql_response *response)
{
	keyspace_request *keyspace = (keyspace_request *) request;
	cql_ring *ring = &request->cluster->ring;

	if (response->result == NULL)
	{
		cql_request_attempt_failed(request, attempt->host, &response->err,
								   response->sent);
		return;
	}
	if (keyspace->tablets)
		cql_ring_set_tablets(ring, keyspace->name, response->result);
	else
		cql_ring_set_replication(ring, keyspace->name, response->result);
	cql_result_free(response->result);
	if (!keyspace->tablets && request->cluster->pool.has_tablets &&
		cql_ring_has(ring, keyspace->name))
	{
		keyspace->tablets = true;
		cql_request_enqueue(request, CQL_PHASE_CHOOSE);
	}
	else
		cql_request_done(request);
}

/* What a server refuses to tell is not asked for again. */
static void
keyspace_failed(cql_request *request, const cql_error *err)
{
	cql_ring *ring = &request->cluster->ring;
	const char *name = ((keyspace_request *) request)->name;
	cql_keyspace *keyspace = cql_ring_find(ring, name);

	if (err->code == CQL_ERR_SERVER || keyspace == NULL)
		return;
	if (keyspace->reading == request)
		cql_ring_forget(ring, name);
	else
		keyspace->old = true;
}

static void
keyspace_free(cql_request *request)
{
	cql_cluster *cluster = request->cluster;
	cql_keyspace *keyspace =
		cql_ring_find(&cluster->ring, ((keyspace_request *) request)->name);

	cluster->nkeyspace_reads--;
	if (keyspace != NULL && keyspace->reading == request)
		keyspace->reading = NULL;
}

static const cql_request_kind keyspace_kind = {.what = "reading the topology",
											   .streams = 1,
											   .send = keyspace_send,
											   .response = keyspace_response,
											   .failed = keyspace_failed,
											   .free = keyspace_free};

void
cql_keyspace_want(cql_cluster *cluster, const char *name)
{
	size_t len = strlen(name);
	keyspace_request *request;
	cql_keyspace *keyspace = cql_ring_find(&cluster->ring, name);
	bool known = keyspace != NULL;
	char *copy;

	if (known && !keyspace->old)
		return;
	keyspace = cql_ring_enter(&cluster->ring, name);
	if (keyspace == NULL)
		return;
	keyspace->old = false;
	request = (keyspace_request *) cql_request_internal(
		cluster, &keyspace_kind, sizeof(*request), len + 1);
	if (request == NULL)
		return;
	copy = (char *) (request + 1);
	memcpy(copy, name, len + 1);
	request->name = copy;
	request->value.data = (const uint8_t *) copy;
	request->value.len = (int32_t) len;
	request->base.timeout = cluster->pool.config.connect_timeout;
	/* What is old holds until then: nobody waits. */
	if (!known)
		keyspace->reading = &request->base;
	cluster->nkeyspace_reads++;
	cql_request_enqueue(&request->base, CQL_PHASE_CHOOSE);
}
