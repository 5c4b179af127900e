/*
 * fake_ring.c
 *	  Tokens of nodes, many of them.
 */
#include "fake.h"
#include "murmur3.h"

int64_t
fake_token(const fake_node *node, uint32_t i)
{
	uint64_t at = (uint64_t) node->id << 32 | i;

	return i == 0 ? node->token : cql_murmur3_token((uint8_t *) &at, 8);
}

void
fake_start_ring(uint32_t n, uint32_t ntokens)
{
	uint32_t i;

	fake_start(n);
	for (i = 0; i < n; i++)
	{
		fake_nodes[i].token = fake_token(&fake_nodes[i], UINT32_MAX);
		fake_nodes[i].more_tokens = ntokens - 1;
	}
}
