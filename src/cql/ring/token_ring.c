/*
 * token_ring.c
 *	  Which nodes have a row: the token map and the replication of keyspaces.
 */
#include "token_ring.h"

#include <string.h>

#include "murmur3.h"
#include "system_rows.h"

void
cql_ring_init(cql_ring *ring, const cql_env *env)
{
	ring->env = env;
	ring->tokenmap = NULL;
	cql_map_init(&ring->keyspaces, env);
	cql_buf_init(&ring->key, env, CQL_MAX_BODY);
}

static void
forget_replication(cql_keyspace *keyspace)
{
	cql_placement_free(keyspace->placement);
	keyspace->placement = NULL;
	cql_replication_free(keyspace->replication);
	keyspace->replication = NULL;
}

void
cql_ring_forget_all(cql_ring *ring)
{
	cql_keyspace *keyspace;
	size_t pos = 0;

	while ((keyspace = cql_map_next(&ring->keyspaces, &pos)) != NULL)
	{
		forget_replication(keyspace);
		cql_free(ring->env, keyspace);
	}
	cql_map_free(&ring->keyspaces);
	cql_map_init(&ring->keyspaces, ring->env);
}

void
cql_ring_free(cql_ring *ring)
{
	cql_ring_forget_all(ring);
	cql_tokenmap_free(ring->tokenmap);
	cql_buf_free(&ring->key);
}

void
cql_ring_set_tokenmap(cql_ring *ring, cql_tokenmap *tokenmap)
{
	cql_keyspace *keyspace;
	size_t pos = 0;

	while ((keyspace = cql_map_next(&ring->keyspaces, &pos)) != NULL)
	{
		cql_placement_free(keyspace->placement);
		keyspace->placement = NULL;
	}
	cql_tokenmap_free(ring->tokenmap);
	ring->tokenmap = tokenmap;
}

/* ---- keyspaces ---- */

cql_keyspace *
cql_ring_find(const cql_ring *ring, const char *name)
{
	return cql_map_get(&ring->keyspaces, name, strlen(name));
}

cql_keyspace *
cql_ring_enter(cql_ring *ring, const char *name)
{
	cql_keyspace *keyspace = cql_ring_find(ring, name);

	if (keyspace != NULL || ring->keyspaces.count >= CQL_MAX_KEYSPACES)
		return keyspace;
	keyspace = cql_alloc0(ring->env, sizeof(*keyspace));
	if (keyspace == NULL)
		return NULL;
	if (cql_map_set(&ring->keyspaces, name, strlen(name), keyspace))
		return keyspace;
	cql_free(ring->env, keyspace);
	return NULL;
}

void
cql_ring_set_replication(cql_ring *ring, const char *name, cql_result *result)
{
	cql_keyspace *keyspace = cql_ring_enter(ring, name);
	cql_rows rows;

	if (keyspace == NULL)
		return;
	forget_replication(keyspace);
	cql_rows_init(&rows, result);
	if (cql_rows_next(&rows))
		keyspace->replication = cql_replication_parse(
			ring->env, cql_rows_cell(&rows, "replication"));
	cql_result_rewind(result);
}

void
cql_ring_set_tablets(cql_ring *ring, const char *name, cql_result *result)
{
	cql_keyspace *keyspace = cql_ring_enter(ring, name);
	cql_rows rows;

	cql_rows_init(&rows, result);
	if (keyspace == NULL || !cql_rows_next(&rows) ||
		cql_rows_cell(&rows, "initial_tablets").len < 0)
		return;
	forget_replication(keyspace);
	keyspace->replication = cql_replication_elsewhere(ring->env);
}

void
cql_ring_age(cql_ring *ring)
{
	cql_keyspace *keyspace;
	size_t pos = 0;

	while ((keyspace = cql_map_next(&ring->keyspaces, &pos)) != NULL)
		keyspace->old = true;
}

void
cql_ring_forget(cql_ring *ring, const char *name)
{
	cql_keyspace *keyspace =
		cql_map_remove(&ring->keyspaces, name, strlen(name));

	if (keyspace == NULL)
		return;
	forget_replication(keyspace);
	cql_free(ring->env, keyspace);
}

/* ---- replicas ---- */

/* A keyspace that has its place on the ring, or NULL. */
static cql_keyspace *
on_ring(const cql_ring *ring, const char *name)
{
	cql_keyspace *keyspace;

	if (ring->tokenmap == NULL || name == NULL)
		return NULL;
	keyspace = cql_ring_find(ring, name);
	return keyspace == NULL || keyspace->replication == NULL ? NULL : keyspace;
}

bool
cql_ring_has(const cql_ring *ring, const char *name)
{
	const cql_keyspace *keyspace = cql_ring_find(ring, name);

	return keyspace != NULL && keyspace->replication != NULL;
}

/* The replica sets of a keyspace; NULL without memory. */
static cql_placement *
placement_of(const cql_ring *ring, cql_keyspace *keyspace)
{
	if (keyspace->placement == NULL)
		keyspace->placement =
			cql_placement_create(ring->tokenmap, keyspace->replication);
	return keyspace->placement;
}

const cql_replica_set *
cql_ring_replicas(const cql_ring *ring, const char *name, int64_t token)
{
	cql_keyspace *keyspace = on_ring(ring, name);
	cql_placement *placement =
		keyspace == NULL ? NULL : placement_of(ring, keyspace);

	return placement == NULL ? NULL : cql_placement_of(placement, token);
}

cql_code
cql_ring_ranges(const cql_ring *ring, const char *name, uint32_t want,
				cql_token_range **ranges, uint32_t *n)
{
	cql_keyspace *keyspace = on_ring(ring, name);
	cql_placement *placement =
		keyspace == NULL ? NULL : placement_of(ring, keyspace);

	*ranges = NULL;
	*n = 0;
	if (placement == NULL)
		return keyspace == NULL ? CQL_OK : CQL_ERR_NOMEM;
	return cql_placement_ranges(placement, want, ranges, n);
}

bool
cql_ring_token(cql_ring *ring, const cql_slice *values, uint32_t n,
			   int64_t *token)
{
	cql_buf_reset(&ring->key);
	if (!cql_routing_key(values, n, &ring->key))
		return false;
	*token = cql_murmur3_token(ring->key.data, ring->key.len);
	return true;
}
