/*
 * test_placement.c
 *	  Who has copies of a ring position, in small rings by hand and in one that
 *	  is as large as they come.
 */
#include "unit.h"

#include <stdlib.h>

#include "tokenmap.h"

static uint8_t cell[1024];
static size_t cell_len;

static void
add_text(const char *text)
{
	size_t len = strlen(text);

	cell[cell_len + 2] = (uint8_t) (len >> 8);
	cell[cell_len + 3] = (uint8_t) len;
	memcpy(cell + cell_len + 4, text, len);
	cell_len += 4 + len;
}

/* A strategy and its factors, as system_schema has them: "name=n,name=n" */
static cql_replication *
replication(const char *strategy, const char *factors)
{
	char copy[256];
	char *pair;
	cql_slice value = {cell, 0};

	memset(cell, 0, sizeof(cell));
	cell_len = 4;
	cell[3] = 1;
	add_text("class");
	add_text(strategy);
	(void) snprintf(copy, sizeof(copy), "%s", factors);
	for (pair = strtok(copy, ","); pair != NULL; pair = strtok(NULL, ","))
	{
		char *equals = strchr(pair, '=');

		*equals = '\0';
		add_text(pair);
		add_text(equals + 1);
		cell[3]++;
	}
	value.len = (int32_t) cell_len;
	return cql_replication_parse(&unit_env, value);
}

/* Node i of these owns the token (i + 1) * 100. */
static const char *const places[][2] = {{"a", "r1"}, {"a", "r1"}, {"b", "r1"},
										{"a", "r2"}, {"b", "r1"}, {"a", "r1"}};

#define NPLACES (sizeof(places) / sizeof(places[0]))

static cql_tokenmap *
small_ring(void)
{
	static int64_t tokens[NPLACES];
	cql_ring_node nodes[NPLACES + 1];
	uint32_t i;

	for (i = 0; i < NPLACES; i++)
	{
		tokens[i] = (int64_t) (i + 1) * 100;
		nodes[i].dc = places[i][0];
		nodes[i].rack = places[i][1];
		nodes[i].tokens = &tokens[i];
		nodes[i].ntokens = 1;
	}
	/* One that joins: in a rack of its own, without tokens. */
	nodes[NPLACES].dc = "a";
	nodes[NPLACES].rack = "r3";
	nodes[NPLACES].tokens = NULL;
	nodes[NPLACES].ntokens = 0;
	return cql_tokenmap_build(&unit_env, nodes, NPLACES + 1);
}

typedef struct placement_case
{
	const char *strategy;
	const char *factors;
	int64_t token;
	const char *nodes;
} placement_case;

static const placement_case cases[] = {
	{"SimpleStrategy", "replication_factor=3", 150, "1 2 3"},
	{"SimpleStrategy", "replication_factor=2", 650, "0 1"},
	{"SimpleStrategy", "replication_factor=9", 100, "0 1 2 3 4 5"},
	{"SimpleStrategy", "replication_factor=0", 100, ""},
	/* a rack is passed over while there are others without a copy */
	{"NetworkTopologyStrategy", "a=2", 50, "0 3"},
	{"NetworkTopologyStrategy", "a=3", 50, "0 1 3"},
	{"NetworkTopologyStrategy", "a=3", 450, "0 3 5"},
	{"NetworkTopologyStrategy", "a=9,b=9", 250, "0 1 2 3 4 5"},
	{"NetworkTopologyStrategy", "a=1,b=2", 350, "2 3 4"},
	{"NetworkTopologyStrategy", "c=3", 350, ""},
	{"NetworkTopologyStrategy", "b=1", INT64_MAX, "2"}};

static void
test_small_rings(void)
{
	cql_tokenmap *map = small_ring();
	size_t i;

	REQUIRE(map != NULL);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cql_replication *r = replication(cases[i].strategy, cases[i].factors);
		cql_placement *placement = cql_placement_create(map, r);
		const cql_replica_set *set =
			cql_placement_of(placement, cases[i].token);
		char text[64] = "";
		uint32_t j;

		unit_about("case %zu", i);
		REQUIRE(set != NULL);
		for (j = 0; j < set->n; j++)
			(void) snprintf(text + strlen(text), sizeof(text) - strlen(text),
							"%s%u", j > 0 ? " " : "", set->nodes[j]);
		CHECK_STR(text, cases[i].nodes);
		CHECK(cql_placement_of(placement, cases[i].token) == set);
		cql_placement_free(placement);
		cql_replication_free(r);
	}
	cql_tokenmap_free(map);
}

/* ---- a large one ---- */

#define LARGE_NODES 1000
#define LARGE_TOKENS 256

static cql_tokenmap *
large_ring(void)
{
	static const char *const racks[] = {"r1", "r2", "r3"};
	cql_ring_node *nodes = calloc(LARGE_NODES, sizeof(*nodes));
	int64_t *tokens = calloc(LARGE_NODES * LARGE_TOKENS, sizeof(*tokens));
	uint64_t state = 88172645463325252u;
	cql_tokenmap *map;
	uint32_t i;

	for (i = 0; i < LARGE_NODES * LARGE_TOKENS; i++)
	{
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		tokens[i] = (int64_t) state;
	}
	for (i = 0; i < LARGE_NODES; i++)
	{
		nodes[i].dc = i % 2 == 0 ? "a" : "b";
		/* one rack has a single node: a walk to it is long */
		nodes[i].rack = i < 2 ? racks[2] : racks[i / 2 % 2];
		nodes[i].tokens = tokens + (size_t) i * LARGE_TOKENS;
		nodes[i].ntokens = LARGE_TOKENS;
	}
	map = cql_tokenmap_build(&unit_env, nodes, LARGE_NODES);
	free(nodes);
	free(tokens);
	return map;
}

static void
test_large_ring(void)
{
	cql_replication *r = replication("NetworkTopologyStrategy", "a=3,b=3");
	int64_t before = cql_now();
	cql_tokenmap *map = large_ring();
	cql_placement *placement = cql_placement_create(map, r);
	cql_token_range *ranges;
	uint32_t n;
	uint32_t i;

	CHECK_INT(cql_placement_ranges(placement, 1000, &ranges, &n), CQL_OK);
	CHECK_INT(n, 1000);
	for (i = 0; i < n; i++)
	{
		const cql_replica_set *set =
			cql_placement_of(placement, ranges[i].end);

		/* the lone rack's nodes have a copy of everything */
		CHECK(set != NULL && set->n == 6);
		CHECK(set->nodes[0] == 0 && set->nodes[1] == 1);
	}
	/* milliseconds; looking at each position anew took half a minute */
	CHECK(cql_now() - before < 5000000);
	unit_env.free(unit_env.ctx, ranges);
	cql_placement_free(placement);
	cql_tokenmap_free(map);
	cql_replication_free(r);
}

static bool
whole_ring(void *arg)
{
	cql_tokenmap *map = small_ring();
	cql_replication *r = replication("NetworkTopologyStrategy", "a=2,b=1");
	cql_placement *placement = NULL;
	const cql_replica_set *set = NULL;
	cql_token_range *ranges = NULL;
	uint32_t n;

	(void) arg;
	if (map != NULL && r != NULL)
		placement = cql_placement_create(map, r);
	if (placement != NULL)
		set = cql_placement_of(placement, 150);
	if (set != NULL)
		(void) cql_placement_ranges(placement, 8, &ranges, &n);
	cql_placement_free(placement);
	cql_tokenmap_free(map);
	cql_replication_free(r);
	if (ranges != NULL)
		unit_env.free(unit_env.ctx, ranges);
	return ranges != NULL;
}

static void
test_no_memory(void)
{
	unit_sweep(whole_ring, NULL);
}

const unit_case unit_cases[] = {{"small rings", test_small_rings},
								{"a large ring", test_large_ring},
								{"failing allocations", test_no_memory},
								{NULL, NULL}};
