/*
 * tokenmap.h
 *	  Murmur3 ring, replication strategies, replicas and token ranges.
 *
 * Pure: built from node descriptions, no I/O.
 */
#ifndef CQL_TOKENMAP_H
#define CQL_TOKENMAP_H

#include "alloc.h"
#include "cql.h"

typedef struct cql_ring_node
{
	const char *dc;
	const char *rack;
	const int64_t *tokens;
	uint32_t ntokens;
} cql_ring_node;

typedef struct cql_tokenmap cql_tokenmap;
typedef struct cql_replication cql_replication;

#define CQL_MAX_TOKENS (1u << 20) /* of a ring; more make no map */

/* NULL without memory.  Nodes are referred to by their index from here on. */
extern cql_tokenmap *cql_tokenmap_build(const cql_env *env,
										const cql_ring_node *nodes,
										uint32_t nnodes);
extern void cql_tokenmap_free(cql_tokenmap *map);

/*
 * Replication of a keyspace from the cell map<text,text> of
 * system_schema.keyspaces.replication (class, factors; "3/1" counts full
 * replicas only).  NULL for strategies without a ring (LocalStrategy, ...),
 * malformed values or lack of memory.
 */
extern cql_replication *cql_replication_parse(const cql_env *env,
											  cql_slice value);
/*
 * Of a keyspace whose copies are not placed by the ring (ScyllaDB's tablets):
 * no token has a replica there, and ranges are as good as any.
 */
extern cql_replication *cql_replication_elsewhere(const cql_env *env);
extern void cql_replication_free(cql_replication *replication);

/*
 * The replica sets of one replication on one ring, each found once, when first
 * asked for.  Both must outlive it.  NULL without memory.
 */
typedef struct cql_placement cql_placement;

/* Distinct node indexes, ascending.  Two tokens have the same: same pointer.
 */
typedef struct cql_replica_set
{
	uint32_t n;
	uint32_t nodes[];
} cql_replica_set;

extern cql_placement *cql_placement_create(const cql_tokenmap *map,
										   const cql_replication *replication);
extern void cql_placement_free(cql_placement *placement);
/* Replicas of a token, living as long as the placement; NULL without memory.
 */
extern const cql_replica_set *cql_placement_of(cql_placement *placement,
											   int64_t token);

/*
 * The fraction of the ring that each of the n nodes owns; false where that is
 * not their number, or no node has tokens.
 */
extern bool cql_tokenmap_shares(const cql_tokenmap *map, double *shares,
								uint32_t n);

/* See cql_cluster_ranges(). */
extern cql_code cql_placement_ranges(cql_placement *placement, uint32_t want,
									 cql_token_range **ranges, uint32_t *n);

#endif /* CQL_TOKENMAP_H */
