/*
 * tokenmap_int.h
 *	  Shared by tokenmap.c (the ring), replication.c (strategies),
 *	  placement.c (who has copies) and ranges.c (pieces of a scan).
 */
#ifndef CQL_TOKENMAP_INT_H
#define CQL_TOKENMAP_INT_H

#include "map.h"
#include "tokenmap.h"

#define TOKENMAP_MAX_BYTES ((size_t) 256 << 20)
#define TOKENMAP_MAX_RANGES 65536u

#define MAX_DCS 256		 /* data centres of one keyspace */
#define MAX_REPLICAS 256 /* copies of a row, over all data centres */

typedef struct ring_point
{
	int64_t token;
	uint32_t node;
} ring_point;

/* A data centre: nodes and racks that have tokens. */
typedef struct ring_dc
{
	uint32_t index;
	uint32_t nnodes;
	uint32_t nracks;
} ring_dc;

typedef struct ring_node
{
	uint32_t dc;
	uint32_t rack; /* of all racks */
} ring_node;

struct cql_tokenmap
{
	cql_env env;
	cql_arena arena;
	uint32_t nnodes;
	uint32_t nnodes_owning; /* those with tokens */
	ring_node *nodes;
	uint32_t ndcs;
	uint32_t nracks;
	cql_map dcs; /* name -> ring_dc */
	uint32_t npoints;
	ring_point *points; /* ascending */
};

typedef struct dc_factor
{
	char *dc;
	uint32_t factor;
} dc_factor;

struct cql_replication
{
	cql_env env;
	bool by_dc;		 /* NetworkTopologyStrategy */
	uint32_t factor; /* SimpleStrategy */
	uint32_t ndcs;
	dc_factor dcs[MAX_DCS];
};

/* What one data centre is to have, and still has to get in a walk. */
typedef struct dc_share
{
	uint32_t copies;
	uint32_t repeats; /* nodes of racks that have one already */
	uint32_t missing;
	uint32_t repeats_left;
} dc_share;

struct cql_placement
{
	const cql_tokenmap *map;
	bool by_dc;
	dc_share *dcs; /* by the map's numbers; one for all if not by_dc */
	uint32_t ndcs;
	uint32_t copies; /* of all */
	cql_arena arena;
	cql_map sets;				/* node indexes -> cql_replica_set */
	const cql_replica_set **at; /* by position; NULL: not known yet */
	uint32_t walk;				/* number of the one going on */
	uint32_t *node_seen;		/* in which walk */
	uint32_t *rack_seen;
	uint32_t found[MAX_REPLICAS];
	uint32_t nfound;
};

/* First ring position whose token is >= token (wrapping to 0). */
extern uint32_t cql_tokenmap_position(const cql_tokenmap *map, int64_t token);

#endif /* CQL_TOKENMAP_INT_H */
