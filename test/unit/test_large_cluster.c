/*
 * test_large_cluster.c
 *	  Clusters of 24 to 1,000 nodes, many tokens each: pieces of a scan, who is
 *	  asked for a key, and what a session costs that begins.
 */
#include "session_steps.h"

#include <stdlib.h>

#include "murmur3.h"

#define AT_A_TIME 32	   /* look-ups */
#define MAX_COST (4 << 20) /* bytes, and of each connection */
#define MAX_IDLE (20 << 10)

typedef struct point
{
	int64_t token;
	uint32_t node;
} point;

static point *ring;
static uint32_t npoints;
static uint32_t nhits;
static uint32_t nmisses;

static int
compare_points(const void *a, const void *b)
{
	const point *x = a;
	const point *y = b;

	return x->token < y->token ? -1 : x->token > y->token ? 1 : 0;
}

static uint32_t
first_point(int64_t token)
{
	uint32_t low = 0;
	uint32_t high = npoints;

	while (low < high)
	{
		uint32_t middle = (low + high) / 2;

		if (ring[middle].token < token)
			low = middle + 1;
		else
			high = middle;
	}
	return low == npoints ? 0 : low;
}

/* Counts the look-ups that come to the only replica, and others. */
static bool
count_execute(fake_node *node, const fake_request *request)
{
	uint8_t key[4];

	if (request->opcode == CQL_OP_EXECUTE)
	{
		cql_store_u32(key, (uint32_t) fake_first_value(request));
		if (&fake_nodes[ring[first_point(cql_murmur3_token(key, 4))].node] ==
			node)
			nhits++;
		else
			nmisses++;
	}
	return false;
}

static cql_cluster *
start(uint32_t nnodes, uint32_t ntokens)
{
	cql_config config;
	uint32_t i;
	uint32_t j;

	fake_start_ring(nnodes, ntokens);
	npoints = 0;
	ring = calloc((size_t) nnodes * ntokens, sizeof(*ring));
	for (i = 0; i < nnodes; i++)
	{
		fake_nodes[i].handle = count_execute;
		for (j = 0; j < ntokens; j++)
			ring[npoints++] = (point){fake_token(&fake_nodes[i], j), i};
	}
	qsort(ring, npoints, sizeof(*ring), compare_points);
	config = fake_config(1);
	return session_make_cluster(&config);
}

static void
end(cql_cluster *cluster)
{
	session_end_cluster(cluster);
	free(ring);
}

/* Look-ups of these keys, some at a time; counts who was asked. */
static void
look_up(cql_cluster *cluster, int32_t from, int32_t to)
{
	nhits = nmisses = 0;
	for (; from < to; from += AT_A_TIME)
	{
		uint8_t bytes[AT_A_TIME][4];
		cql_slice values[AT_A_TIME];
		cql_request *requests[AT_A_TIME];
		int32_t i;

		for (i = 0; i < AT_A_TIME; i++)
		{
			cql_params params = session_lookup(bytes[i], &values[i], from + i);

			requests[i] = session_execute(cluster, &params);
		}
		for (i = 0; i < AT_A_TIME; i++)
		{
			(void) fake_run(cluster, requests[i]);
			CHECK_INT(session_take_int(requests[i]), from + i);
		}
	}
}

/* ---- pieces of a scan ---- */

static void
check_ranges(cql_cluster *cluster, uint32_t want)
{
	cql_token_range *ranges;
	uint32_t n;
	uint32_t i;

	unit_about("%u pieces of %u tokens", want, npoints);
	CHECK_INT(cql_cluster_ranges(cluster, "ks", want, &ranges, &n), CQL_OK);
	if (npoints > want)
		CHECK_INT(n, want);
	else
		CHECK(n >= want / 2 && n <= 2 * want);
	for (i = 0; i < n; i++)
	{
		CHECK(ranges[i].start < ranges[i].end);
		CHECK(ranges[i].start == (i == 0 ? INT64_MIN : ranges[i - 1].end));
		/* so that it has a replica of all that lies before it */
		if (npoints > 8 * want && i < n - 1)
			CHECK(ring[first_point(ranges[i].end)].token == ranges[i].end);
	}
	CHECK(n > 0 && ranges[n - 1].end == INT64_MAX);
	unit_env.free(unit_env.ctx, ranges);
}

static void
test_ranges(void)
{
	static const uint32_t clusters[][2] = {{3, 16}, {24, 16}, {300, 256}};
	size_t i;

	for (i = 0; i < sizeof(clusters) / sizeof(clusters[0]); i++)
	{
		cql_cluster *cluster = start(clusters[i][0], clusters[i][1]);

		look_up(cluster, 0, AT_A_TIME);
		check_ranges(cluster, 1);
		check_ranges(cluster, 2);
		check_ranges(cluster, 64);
		check_ranges(cluster, 1024);
		end(cluster);
	}
	unit_about("%s", "");
}

/* ---- who is asked ---- */

/* From the first one on, where a few show that a node is worth a connection.
 */
static void
test_small_routing(void)
{
	cql_cluster *cluster = start(3, 16);

	look_up(cluster, 0, 4096);
	CHECK_INT(nhits + nmisses, 4096);
	CHECK(nmisses <= 4096 / 100);
	end(cluster);
}

static void
test_large_routing(void)
{
	static const uint32_t clusters[][2] = {{24, 16}, {300, 256}};
	size_t i;

	for (i = 0; i < sizeof(clusters) / sizeof(clusters[0]); i++)
	{
		cql_cluster *cluster = start(clusters[i][0], clusters[i][1]);

		look_up(cluster, 0, (int32_t) clusters[i][0] * 32);
		look_up(cluster, 100000, 104096);
		CHECK_INT(nhits + nmisses, 4096);
		CHECK(nmisses <= 4096 / 100);
		fake_settle(cluster);
		CHECK(unit_live_bytes() <=
			  MAX_COST + (size_t) clusters[i][0] * MAX_IDLE);
		end(cluster);
	}
}

/* More nodes than descriptors: those that cannot be reached are done without.
 */
static void
test_few_descriptors(void)
{
	cql_cluster *cluster = start(24, 16);

	unit_limit_fds(8);
	look_up(cluster, 0, 2048);
	CHECK_INT(nhits + nmisses, 2048);
	CHECK(nhits >= 2048 / 5);
	unit_limit_fds(SIZE_MAX);
	end(cluster);
}

/* ---- what it costs ---- */

static void
test_costs(void)
{
	static const uint32_t clusters[][2] = {{24, 16}, {1000, 16}, {300, 256}};
	size_t i;

	for (i = 0; i < sizeof(clusters) / sizeof(clusters[0]); i++)
	{
		size_t before = unit_live_bytes();
		cql_cluster *cluster = start(clusters[i][0], clusters[i][1]);

		look_up(cluster, 0, AT_A_TIME);
		fake_settle(cluster);
		printf("# %u nodes of %u tokens: %zu bytes\n", clusters[i][0],
			   clusters[i][1], unit_live_bytes() - before);
		CHECK(unit_live_bytes() - before <= MAX_COST);
		CHECK_INT(cql_cluster_nnodes(cluster), clusters[i][0]);
		end(cluster);
	}
}

const unit_case unit_cases[] = {{"pieces of a scan", test_ranges},
								{"who is asked", test_small_routing},
								{"who is asked of many", test_large_routing},
								{"few descriptors", test_few_descriptors},
								{"what a session costs", test_costs},
								{NULL, NULL}};
