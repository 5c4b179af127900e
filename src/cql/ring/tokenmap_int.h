/*
 * tokenmap_int.h
 *	  Shared by tokenmap.c (the ring) and replication.c (who has copies).
 */
#ifndef CQL_TOKENMAP_INT_H
#define CQL_TOKENMAP_INT_H

#include "tokenmap.h"

#define TOKENMAP_MAX_BYTES ((size_t) 256 << 20)
#define TOKENMAP_MAX_RANGES 65536u

typedef struct ring_point
{
	int64_t token;
	uint32_t node;
} ring_point;

typedef struct ring_node
{
	const char *dc;
	const char *rack;
} ring_node;

struct cql_tokenmap
{
	cql_env env;
	cql_arena arena;
	uint32_t nnodes;
	ring_node *nodes;
	uint32_t npoints;
	ring_point *points; /* ascending */
};

/* First ring position whose token is >= token (wrapping to 0). */
extern uint32_t cql_tokenmap_position(const cql_tokenmap *map, int64_t token);

/* Replicas of a ring position, in ring order; at most max. */
extern uint32_t cql_replication_walk(const cql_tokenmap *map,
									 const cql_replication *replication,
									 uint32_t position, uint32_t *nodes,
									 uint32_t max);

#endif /* CQL_TOKENMAP_INT_H */
