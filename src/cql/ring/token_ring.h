/*
 * token_ring.h
 *	  Which nodes have a row: the token map and the replication of keyspaces.
 *
 * Embedded in the cluster.  Nodes are indexes, as in the token map.
 */
#ifndef CQL_TOKEN_RING_H
#define CQL_TOKEN_RING_H

#include "buf.h"
#include "map.h"
#include "result.h"
#include "tokenmap.h"

#define CQL_MAX_KEYSPACES 1024 /* whose replication is kept */

/* Replication of a keyspace, as far as it was asked for. */
typedef struct cql_keyspace
{
	cql_replication *replication; /* NULL: no ring, or not known yet */
	cql_placement *placement;	  /* on the token map; NULL: not needed yet */
	cql_request *reading;		  /* the request that asks for it, or NULL */
	bool old;					  /* it is to be asked for again */
} cql_keyspace;

typedef struct cql_ring
{
	const cql_env *env;
	cql_tokenmap *tokenmap; /* NULL: not known, or not Murmur3's */
	cql_map keyspaces;		/* name -> cql_keyspace */
	cql_buf key;			/* being hashed */
} cql_ring;

extern void cql_ring_init(cql_ring *ring, const cql_env *env);
extern void cql_ring_free(cql_ring *ring);
/* Another token map, or NULL, takes the place of the one there is. */
extern void cql_ring_set_tokenmap(cql_ring *ring, cql_tokenmap *tokenmap);
/* A keyspace's entry; NULL where it was not asked for. */
extern cql_keyspace *cql_ring_find(const cql_ring *ring, const char *keyspace);
/* The same, made if need be; NULL without memory or past the limit. */
extern cql_keyspace *cql_ring_enter(cql_ring *ring, const char *keyspace);
/* Takes the replication over from rows of system_schema.keyspaces. */
extern void cql_ring_set_replication(cql_ring *ring, const char *keyspace,
									 cql_result *rows);
/* The same from system_schema.scylla_keyspaces: it may be one of tablets. */
extern void cql_ring_set_tablets(cql_ring *ring, const char *keyspace,
								 cql_result *rows);
/* All may have changed: they are asked for again, and hold until then. */
extern void cql_ring_age(cql_ring *ring);
/* It may have changed: it is asked for again at its next use. */
extern void cql_ring_forget(cql_ring *ring, const char *keyspace);
extern void cql_ring_forget_all(cql_ring *ring);
/* Whether the keyspace is known to have its place on the ring. */
extern bool cql_ring_has(const cql_ring *ring, const char *keyspace);
/* Replicas of a token in a keyspace, or NULL where they are not known. */
extern const cql_replica_set *
cql_ring_replicas(const cql_ring *ring, const char *keyspace, int64_t token);
/* See cql_cluster_ranges(). */
extern cql_code cql_ring_ranges(const cql_ring *ring, const char *keyspace,
								uint32_t want, cql_token_range **ranges,
								uint32_t *n);
/* Token of a partition key; false where it has none (see cql_routing_key). */
extern bool cql_ring_token(cql_ring *ring, const cql_slice *values, uint32_t n,
						   int64_t *token);

#endif /* CQL_TOKEN_RING_H */
