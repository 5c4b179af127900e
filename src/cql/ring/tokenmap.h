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
extern void cql_replication_free(cql_replication *replication);

/*
 * Replicas of a token in ring order: node indexes, at most max, returns how
 * many.  Cached per ring position after the first use.
 */
extern uint32_t cql_tokenmap_replicas(cql_tokenmap *map,
									  cql_replication *replication,
									  int64_t token, uint32_t *nodes,
									  uint32_t max);

/* See cql_cluster_ranges(). */
extern cql_code cql_tokenmap_ranges(cql_tokenmap *map,
									cql_replication *replication,
									uint32_t want, cql_token_range **ranges,
									uint32_t *n);

#endif /* CQL_TOKENMAP_H */
