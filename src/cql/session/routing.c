/*
 * routing.c
 *	  Tokens of requests, replication of keyspaces, ranges of the ring.
 *
 * Called by request.c and answer.c, and through cql.h.
 */
#include "session.h"

#include <string.h>

#define MAX_KEY_COLUMNS 64 /* of a partition key, to be routed by */

/* ---- keyspaces ---- */

static cql_keyspace *
find_keyspace(const cql_cluster *cluster, const char *name)
{
	return cql_map_get(&cluster->keyspaces, name, strlen(name));
}

/* Its entry, made if need be; NULL without memory or past the limit. */
static cql_keyspace *
enter_keyspace(cql_cluster *cluster, const char *name)
{
	cql_keyspace *keyspace = find_keyspace(cluster, name);

	if (keyspace != NULL || cluster->keyspaces.count >= CQL_MAX_KEYSPACES)
		return keyspace;
	keyspace = cql_alloc0(&cluster->env, sizeof(*keyspace));
	if (keyspace == NULL)
		return NULL;
	if (cql_map_set(&cluster->keyspaces, name, strlen(name), keyspace))
		return keyspace;
	cql_free(&cluster->env, keyspace);
	return NULL;
}

/*
 * Asked beside the first request that names the keyspace.  That one is sent to
 * any node, but does not end before the answer is there.
 */
void
cql_routing_want(cql_cluster *cluster, const char *keyspace)
{
	size_t len = strlen(keyspace) + 1;
	void *space;
	cql_slice *value;
	char *name;
	cql_request *request;

	if (find_keyspace(cluster, keyspace) != NULL ||
		enter_keyspace(cluster, keyspace) == NULL)
		return;
	request = cql_request_internal(cluster, CQL_WORK_KEYSPACE,
								   sizeof(*value) + len, &space);
	if (request == NULL)
		return;
	value = space;
	name = (char *) (value + 1);
	memcpy(name, keyspace, len);
	value->data = (const uint8_t *) name;
	value->len = (int32_t) (len - 1);
	request->keyspace = name;
	request->cql = "SELECT replication FROM system_schema.keyspaces "
				   "WHERE keyspace_name = ?";
	request->options.values = value;
	request->options.nvalues = 1;
	request->timeout = cluster->conn_config.connect_timeout;
	cluster->nkeyspace_reads++;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
}

/* A cell of the first row; len CQL_NULL without one. */
static cql_slice
first_cell(const cql_env *env, cql_result *rows, const char *column)
{
	const cql_metadata *meta = cql_result_metadata(rows);
	cql_slice found = {NULL, CQL_NULL};
	cql_slice *cells;
	cql_error err;
	uint32_t i;

	cells = cql_alloc_array(env, meta->ncolumns, sizeof(*cells));
	if (cells == NULL)
		return found;
	if (cql_result_next(rows, cells, &err) == 1)
	{
		for (i = 0; i < meta->ncolumns; i++)
		{
			if (strcmp(meta->columns[i].name, column) == 0)
				found = cells[i];
		}
	}
	cql_result_rewind(rows);
	cql_free(env, cells);
	return found;
}

static void
forget_replication(cql_keyspace *keyspace)
{
	cql_placement_free(keyspace->placement);
	keyspace->placement = NULL;
	cql_replication_free(keyspace->replication);
	keyspace->replication = NULL;
}

/*
 * Only a keyspace on the ring of a server that has tablets is asked about
 * twice; without the second answer it stays on the ring.
 */
const char *
cql_routing_learn(cql_cluster *cluster, const char *name, cql_result *rows)
{
	const cql_env *env = &cluster->env;
	cql_keyspace *keyspace = enter_keyspace(cluster, name);
	cql_slice cell;

	if (keyspace == NULL)
		return NULL;
	if (first_cell(env, rows, "initial_tablets").len >= 0)
	{
		forget_replication(keyspace);
		keyspace->replication = cql_replication_elsewhere(env);
	}
	cell = first_cell(env, rows, "replication");
	if (cell.len < 0)
		return NULL;
	forget_replication(keyspace);
	keyspace->replication = cql_replication_parse(env, cell);
	return cluster->has_tablets && keyspace->replication != NULL
			   ? "SELECT initial_tablets FROM system_schema.scylla_keyspaces "
				 "WHERE keyspace_name = ?"
			   : NULL;
}

void
cql_routing_forget(cql_cluster *cluster, const char *name)
{
	cql_keyspace *keyspace =
		cql_map_remove(&cluster->keyspaces, name, strlen(name));

	if (keyspace == NULL)
		return;
	forget_replication(keyspace);
	cql_free(&cluster->env, keyspace);
}

void
cql_routing_new_ring(cql_cluster *cluster, cql_tokenmap *map)
{
	cql_keyspace *keyspace;
	size_t pos = 0;

	while ((keyspace = cql_map_next(&cluster->keyspaces, &pos)) != NULL)
	{
		cql_placement_free(keyspace->placement);
		keyspace->placement = NULL;
	}
	cql_tokenmap_free(cluster->tokenmap);
	cluster->tokenmap = map;
}

void
cql_routing_forget_all(cql_cluster *cluster)
{
	cql_keyspace *keyspace;
	size_t pos = 0;

	while ((keyspace = cql_map_next(&cluster->keyspaces, &pos)) != NULL)
	{
		forget_replication(keyspace);
		cql_free(&cluster->env, keyspace);
	}
	cql_map_free(&cluster->keyspaces);
	cql_map_init(&cluster->keyspaces, &cluster->env);
}

void
cql_routing_free(cql_cluster *cluster)
{
	cql_routing_forget_all(cluster);
	cql_tokenmap_free(cluster->tokenmap);
}

/* ---- tokens ---- */

/* Token of the key that the values at these positions make. */
static bool
token_of(cql_request *request, const cql_slice *values, uint32_t nvalues,
		 const uint16_t *keys, uint32_t nkeys)
{
	cql_buf *buf = &request->cluster->scratch;
	cql_slice components[MAX_KEY_COLUMNS];
	uint32_t i;

	if (nkeys == 0 || nkeys > MAX_KEY_COLUMNS || values == NULL)
		return false;
	for (i = 0; i < nkeys; i++)
	{
		if (keys[i] >= nvalues)
			return false;
		components[i] = values[keys[i]];
	}
	cql_buf_reset(buf);
	if (!cql_routing_key(components, nkeys, buf))
		return false;
	request->token = cql_murmur3_token(buf->data, buf->len);
	return true;
}

/* Positions of the key from PREPARE, once the statement is prepared. */
static bool
token_by_prepare(cql_request *request, const cql_statement *statement,
				 const cql_slice *values, uint32_t nvalues)
{
	if (statement == NULL || statement->bound == NULL)
		return false;
	return token_of(request, values, nvalues, statement->bound->meta.keys,
					statement->bound->meta.nkeys);
}

void
cql_routing_token(cql_request *request)
{
	const cql_query_options *options = &request->options;

	if (request->keyspace == NULL || request->pinned != NULL)
		return;
	if (request->work == CQL_WORK_KEYSPACE ||
		request->work == CQL_WORK_SCHEMA || request->work == CQL_WORK_CHECK)
		return;
	cql_routing_want(request->cluster, request->keyspace);
	request->held = request->cluster->nkeyspace_reads > 0;
	if (request->has_token)
		return;
	if (request->nkeys > 0)
		request->has_token =
			token_of(request, options->values, options->nvalues, request->keys,
					 request->nkeys);
	else if (request->work == CQL_WORK_EXECUTE)
		request->has_token = token_by_prepare(
			request, request->statement, options->values, options->nvalues);
	else if (request->nitems > 0)
		request->has_token = token_by_prepare(
			request, request->items[0].statement, request->items[0].values,
			request->items[0].nvalues);
}

/* A keyspace that has its place on the ring, or NULL. */
static cql_keyspace *
on_ring(const cql_cluster *cluster, const char *name)
{
	cql_keyspace *keyspace;

	if (cluster->tokenmap == NULL || name == NULL)
		return NULL;
	keyspace = find_keyspace(cluster, name);
	return keyspace == NULL || keyspace->replication == NULL ? NULL : keyspace;
}

/* The replica sets of a keyspace; NULL without memory. */
static cql_placement *
placement_of(const cql_cluster *cluster, cql_keyspace *keyspace)
{
	if (keyspace->placement == NULL)
		keyspace->placement =
			cql_placement_create(cluster->tokenmap, keyspace->replication);
	return keyspace->placement;
}

/* Replicas of a token in a keyspace, or NULL where they are not known. */
static const cql_replica_set *
replicas_of(const cql_cluster *cluster, const char *name, int64_t token)
{
	cql_keyspace *keyspace = on_ring(cluster, name);
	cql_placement *placement =
		keyspace == NULL ? NULL : placement_of(cluster, keyspace);

	return placement == NULL ? NULL : cql_placement_of(placement, token);
}

const uint32_t *
cql_routing_replicas(const cql_request *request, uint32_t *n)
{
	const cql_replica_set *set =
		request->has_token
			? replicas_of(request->cluster, request->keyspace, request->token)
			: NULL;

	*n = set == NULL ? 0 : set->n;
	return set == NULL ? NULL : set->nodes;
}

/* ---- the ring, for the layers above ---- */

cql_code
cql_cluster_ranges(cql_cluster *cluster, const char *keyspace, uint32_t want,
				   cql_token_range **ranges, uint32_t *n)
{
	cql_keyspace *known = on_ring(cluster, keyspace);
	cql_placement *placement =
		known == NULL ? NULL : placement_of(cluster, known);

	*ranges = NULL;
	*n = 0;
	if (placement == NULL)
		return known == NULL ? CQL_OK : CQL_ERR_NOMEM;
	return cql_placement_ranges(placement, want, ranges, n);
}

bool
cql_cluster_token(cql_cluster *cluster, const cql_slice *values, uint32_t n,
				  int64_t *token)
{
	cql_buf *buf = &cluster->scratch;

	cql_buf_reset(buf);
	if (cluster->tokenmap == NULL || !cql_routing_key(values, n, buf))
		return false;
	*token = cql_murmur3_token(buf->data, buf->len);
	return true;
}

bool
cql_cluster_same_replicas(cql_cluster *cluster, const char *keyspace,
						  int64_t token1, int64_t token2)
{
	const cql_replica_set *set = replicas_of(cluster, keyspace, token1);

	return set != NULL && set->n > 0 &&
		   set == replicas_of(cluster, keyspace, token2);
}
