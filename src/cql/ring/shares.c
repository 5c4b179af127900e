/*
 * shares.c
 *	  How much of the ring each node owns.
 */
#include "tokenmap_int.h"

bool
cql_tokenmap_shares(const cql_tokenmap *map, double *shares, uint32_t n)
{
	uint64_t before;
	uint32_t i;

	if (map->npoints == 0 || map->nnodes != n)
		return false;
	for (i = 0; i < n; i++)
		shares[i] = 0;
	/* A node owns what lies between the token before and its own. */
	before = (uint64_t) map->points[map->npoints - 1].token;
	for (i = 0; i < map->npoints; i++)
	{
		uint64_t token = (uint64_t) map->points[i].token;

		shares[map->points[i].node] +=
			map->npoints == 1 ? 1 : (double) (token - before) * 0x1p-64;
		before = token;
	}
	return true;
}
