/*
 * test_topology.c
 *	  Several nodes: reading who they are, routing to them, going round them.
 */
#include "unit.h"

#include <stdlib.h>

#include "fake.h"

#define N_LOOKUPS 60

static cql_cluster *
make_cluster(const cql_config *config)
{
	cql_error err;
	cql_cluster *cluster = cql_cluster_create(&unit_env, config, &err);

	if (cluster == NULL)
		CHECK_STR(err.message, "a cluster");
	return cluster;
}

static cql_cluster *
start_cluster(uint32_t n)
{
	cql_config config;

	fake_start(n);
	config = fake_config(1);
	return make_cluster(&config);
}

static void
end_cluster(cql_cluster *cluster)
{
	cql_cluster_destroy(cluster);
	fake_stop_all();
}

/* Runs a request that must succeed; its host is copied where asked. */
static void
run(cql_cluster *cluster, const cql_params *params, char host[80])
{
	cql_error err;
	cql_request *request = cql_execute(cluster, params, &err);
	cql_result *result;

	REQUIRE(request != NULL);
	(void) fake_run(cluster, request);
	if (!CHECK_INT(cql_request_get_state(request), CQL_REQUEST_DONE))
		CHECK_STR(cql_request_error(request)->message, "");
	result = cql_request_take(request);
	if (result != NULL && host != NULL)
		(void) snprintf(host, 80, "%s", cql_result_host(result));
	cql_result_free(result);
	cql_request_release(request);
}

static void
connect_cluster(cql_cluster *cluster)
{
	cql_params params = fake_params("SELECT v FROM ks.t");

	run(cluster, &params, NULL);
}

static void
check_nodes(cql_cluster *cluster, uint32_t n)
{
	uint32_t i;

	CHECK_INT(cql_cluster_nnodes(cluster), n);
	for (i = 0; i < n && i < cql_cluster_nnodes(cluster); i++)
		CHECK_STR(cql_cluster_node(cluster, i)->address,
				  fake_nodes[i].address);
}

/* ---- who is there ---- */

static void
test_nodes(void)
{
	cql_cluster *cluster = start_cluster(3);

	connect_cluster(cluster);
	check_nodes(cluster, 3);
	CHECK_INT(fake_nodes[1].accepted + fake_nodes[2].accepted, 0);
	end_cluster(cluster);
}

static void
test_old_peers_table(void)
{
	cql_cluster *cluster = start_cluster(3);

	fake_nodes[0].no_peers_v2 = true;
	connect_cluster(cluster);
	check_nodes(cluster, 3);
	end_cluster(cluster);
}

static void
test_odd_rows(void)
{
	cql_cluster *cluster = start_cluster(4);

	fake_nodes[1].any_address = true;
	fake_nodes[2].null_id = true;
	fake_nodes[3].null_address = true;
	connect_cluster(cluster);
	check_nodes(cluster, 2);
	end_cluster(cluster);
}

static bool
no_topology(fake_node *node, const fake_request *request)
{
	(void) node;
	if (!fake_asks(request, "system.local"))
		return false;
	fake_error(request, CQL_SERVER_UNAUTHORIZED, "no", NULL, 0);
	return true;
}

static void
test_no_topology(void)
{
	cql_cluster *cluster = start_cluster(3);

	fake_nodes[0].handle = no_topology;
	connect_cluster(cluster);
	check_nodes(cluster, 1);
	connect_cluster(cluster);
	end_cluster(cluster);
}

static bool
slow_topology(fake_node *node, const fake_request *request)
{
	(void) node;
	return fake_asks(request, "system.peers");
}

/* The first request waits for the topology, but not for ever. */
static void
test_topology_without_answer(void)
{
	cql_cluster *cluster = start_cluster(3);
	int64_t before = fake_now;

	fake_nodes[0].handle = slow_topology;
	connect_cluster(cluster);
	CHECK_INT(fake_now - before, 5000000);
	CHECK_INT(cql_cluster_nnodes(cluster), 1);
	end_cluster(cluster);
}

static void
test_two_names_of_one_node(void)
{
	cql_config config;
	cql_cluster *cluster;

	fake_start(2);
	config = fake_config(2);
	cluster = make_cluster(&config);
	fake_nodes[1].id = fake_nodes[0].id;
	connect_cluster(cluster);
	check_nodes(cluster, 1);
	fake_stop(&fake_nodes[0]);
	connect_cluster(cluster);
	CHECK_INT(cql_cluster_nnodes(cluster), 1);
	CHECK_STR(cql_cluster_node(cluster, 0)->address, fake_nodes[1].address);
	end_cluster(cluster);
}

static void
test_address_changed(void)
{
	cql_config config;
	cql_cluster *cluster;

	fake_start(3);
	config = fake_config(2);
	cluster = make_cluster(&config);
	fake_nodes[2].advertised = 99;
	connect_cluster(cluster);
	CHECK_INT(cql_cluster_nnodes(cluster), 3);
	CHECK(strncmp(cql_cluster_node(cluster, 2)->address, "127.0.77.99:", 12) ==
		  0);
	fake_nodes[2].advertised = 0;
	fake_stop(&fake_nodes[0]);
	connect_cluster(cluster);
	CHECK_INT(cql_cluster_nnodes(cluster), 3);
	CHECK_STR(cql_cluster_node(cluster, 2)->address, fake_nodes[2].address);
	end_cluster(cluster);
}

static void
test_address_map(void)
{
	static const char *const map[][2] = {{"127.0.77.98", "127.0.77.2"},
										 {"127.0.77.99:1", "127.0.77.3"}};
	cql_config config;
	cql_cluster *cluster;

	fake_start(3);
	fake_nodes[1].advertised = 98;
	fake_nodes[2].advertised = 99;
	config = fake_config(1);
	config.address_map = map;
	config.naddress_map = 2;
	cluster = make_cluster(&config);
	connect_cluster(cluster);
	CHECK_STR(cql_cluster_node(cluster, 1)->address, fake_nodes[1].address);
	CHECK(strncmp(cql_cluster_node(cluster, 2)->address, "127.0.77.99:", 12) ==
		  0);
	end_cluster(cluster);
}

/* ---- where requests go ---- */

/* The node that owns a token: tokens are 0, 1000, 2000, ... */
static uint32_t
owner(int64_t token, uint32_t n)
{
	if (token <= 0 || token > (int64_t) (n - 1) * 1000)
		return 0;
	return (uint32_t) ((token + 999) / 1000);
}

static cql_params
range_params(int64_t token)
{
	cql_params params = fake_params("SELECT v FROM ks.t");

	params.keyspace = "ks";
	params.has_token = true;
	params.token = token;
	return params;
}

static void
test_ranges_go_to_replicas(void)
{
	static const int64_t tokens[] = {-5,   0,	 1,	   999,		 1000,
									 1001, 2000, 2001, INT64_MAX};
	cql_cluster *cluster = start_cluster(3);
	cql_params params = range_params(0);
	char host[80];
	size_t i;

	run(cluster, &params, NULL); /* the replication is known after it */
	for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
	{
		params = range_params(tokens[i]);
		run(cluster, &params, host);
		CHECK_STR(host, fake_nodes[owner(tokens[i], 3)].address);
	}
	CHECK_INT(fake_nodes[1].accepted, 1);
	CHECK_INT(fake_nodes[2].accepted, 1);
	end_cluster(cluster);
}

static void
test_ring(void)
{
	cql_cluster *cluster = start_cluster(3);
	cql_token_range *ranges;
	uint32_t n;
	uint32_t i;
	cql_params params = range_params(0);

	CHECK_INT(cql_cluster_ranges(cluster, "ks", 8, &ranges, &n), CQL_OK);
	CHECK_INT(n, 0);
	run(cluster, &params, NULL);
	CHECK_INT(cql_cluster_ranges(cluster, "ks", 8, &ranges, &n), CQL_OK);
	if (CHECK(n >= 3))
	{
		CHECK(ranges[0].start == INT64_MIN);
		CHECK(ranges[n - 1].end == INT64_MAX);
		for (i = 1; i < n; i++)
			CHECK(ranges[i].start == ranges[i - 1].end);
	}
	unit_env.free(unit_env.ctx, ranges);
	CHECK(cql_cluster_same_replicas(cluster, "ks", 1, 1000));
	CHECK(!cql_cluster_same_replicas(cluster, "ks", 1000, 1001));
	CHECK(!cql_cluster_same_replicas(cluster, "other", 1, 1));
	end_cluster(cluster);
}

/* Tokens over the whole range, so that look-ups have different owners. */
static void
spread_tokens(uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		fake_nodes[i].token =
			INT64_MIN / 4 * 3 + (int64_t) i * (INT64_MAX / 2);
}

/* A look-up needs no other node than the first; many use them all. */
static void
test_lookups(void)
{
	cql_cluster *cluster;
	cql_config config;
	uint8_t bytes[4];
	cql_slice value = {bytes, 4};
	cql_params params = fake_params("SELECT v FROM ks.t WHERE k = ?");
	uint32_t i;

	fake_start(3);
	spread_tokens(3);
	config = fake_config(1);
	cluster = make_cluster(&config);
	params.prepare = true;
	params.values = &value;
	params.nvalues = 1;
	params.keyspace = "ks";
	for (i = 0; i < N_LOOKUPS; i++)
	{
		cql_store_u32(bytes, i);
		run(cluster, &params, NULL);
		if (i == 0)
			CHECK_INT(fake_nodes[1].accepted + fake_nodes[2].accepted, 0);
	}
	for (i = 0; i < 3; i++)
	{
		CHECK_INT(fake_nodes[i].accepted, 1);
		CHECK(fake_nodes[i].seen[CQL_OP_EXECUTE] >= 5);
		CHECK_INT(fake_nodes[i].seen[CQL_OP_PREPARE], 1);
	}
	end_cluster(cluster);
}

static void
test_replica_is_down(void)
{
	cql_cluster *cluster = start_cluster(3);
	cql_params params = range_params(0);
	char host[80];
	int i;

	run(cluster, &params, NULL);
	fake_stop(&fake_nodes[1]);
	params = range_params(500);
	for (i = 0; i < 3; i++)
	{
		run(cluster, &params, host);
		CHECK(strcmp(host, fake_nodes[1].address) != 0);
	}
	CHECK(!cql_cluster_node(cluster, 1)->up);
	fake_restart(&fake_nodes[1]);
	fake_now += 20000000;
	for (i = 0; i < 8; i++)
		run(cluster, &params, host);
	CHECK_STR(host, fake_nodes[1].address);
	CHECK(cql_cluster_node(cluster, 1)->up);
	end_cluster(cluster);
}

/* A hung replica costs the patience with one dial, not with each request's. */
static void
test_replica_hangs(void)
{
	cql_cluster *cluster = start_cluster(3);
	cql_params params = range_params(0);
	int64_t before;
	int i;

	run(cluster, &params, NULL);
	fake_nodes[1].silent = true;
	before = fake_now;
	params = range_params(500);
	for (i = 0; i < 20; i++)
		run(cluster, &params, NULL);
	CHECK_INT(fake_now - before, 300000);
	end_cluster(cluster);
}

static bool
swallow(fake_node *node, const fake_request *request)
{
	(void) node;
	return fake_asks(request, "ks.t");
}

/* One that stops answering costs one request its time, then others are used.
 */
static void
test_connected_node_hangs(void)
{
	cql_cluster *cluster = start_cluster(2);
	cql_params params = range_params(500);
	int64_t before;
	char host[80];
	int i;

	params.idempotent = true;
	params.timeout = 1000000;
	for (i = 0; i < 3; i++)
		run(cluster, &params, host);
	CHECK_STR(host, fake_nodes[1].address);
	fake_nodes[1].handle = swallow;
	before = fake_now;
	for (i = 0; i < 20; i++)
	{
		run(cluster, &params, host);
		CHECK_STR(host, fake_nodes[0].address);
	}
	CHECK_INT(fake_now - before, 1000000);
	fake_nodes[1].handle = NULL;
	fake_now += 3000000;
	run(cluster, &params, host);
	CHECK_STR(host, fake_nodes[1].address);
	end_cluster(cluster);
}

static void
test_local_data_center(void)
{
	cql_cluster *cluster;
	cql_config config;
	cql_params params = fake_params("SELECT v FROM ks.t");
	char host[80];
	int i;

	fake_start(4);
	fake_nodes[1].dc = "dc2";
	fake_nodes[2].dc = "dc2";
	config = fake_config(1);
	config.local_dc = "dc2";
	cluster = make_cluster(&config);
	for (i = 0; i < N_LOOKUPS; i++)
		run(cluster, &params, host);
	CHECK_INT(fake_nodes[3].accepted, 0);
	CHECK(fake_nodes[1].seen[CQL_OP_QUERY] > 5);
	CHECK(fake_nodes[2].seen[CQL_OP_QUERY] > 5);
	CHECK(cql_cluster_node(cluster, 1)->local);
	CHECK_STR(cql_cluster_node(cluster, 1)->dc, "dc2");
	CHECK(!cql_cluster_node(cluster, 2)->local);
	end_cluster(cluster);
}

/* Neither a link from before nor a contact point leads out of it. */
static void
check_no_node_left(cql_cluster *cluster, const cql_params *params)
{
	cql_error err;
	cql_request *request = cql_execute(cluster, params, &err);

	REQUIRE(request != NULL);
	CHECK_INT(fake_run(cluster, request), CQL_REQUEST_FAILED);
	CHECK_INT(cql_request_error(request)->code, CQL_ERR_CONNECT);
	cql_request_release(request);
}

/* A cluster of four nodes, two of them local and then stopped. */
static cql_cluster *
start_without_local(bool remote)
{
	cql_cluster *cluster;
	cql_config config;

	fake_start(4);
	fake_nodes[1].dc = "dc2";
	fake_nodes[2].dc = "dc2";
	config = fake_config(1);
	config.local_dc = "dc2";
	config.remote_dc = remote;
	cluster = make_cluster(&config);
	connect_cluster(cluster);
	fake_stop(&fake_nodes[1]);
	fake_stop(&fake_nodes[2]);
	return cluster;
}

static void
test_remote_data_center(void)
{
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_cluster *cluster = start_without_local(false);
	char host[80] = "";

	check_no_node_left(cluster, &params);
	end_cluster(cluster);
	cluster = start_without_local(true);
	run(cluster, &params, host);
	CHECK(strcmp(host, fake_nodes[0].address) == 0 ||
		  strcmp(host, fake_nodes[3].address) == 0);
	end_cluster(cluster);
}

static void
test_named_node(void)
{
	cql_cluster *cluster = start_cluster(3);
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_error err;
	cql_request *request;
	char host[80];
	int i;

	params.node = fake_nodes[2].address;
	for (i = 0; i < 3; i++)
	{
		run(cluster, &params, host);
		CHECK_STR(host, fake_nodes[2].address);
	}
	fake_stop(&fake_nodes[2]);
	request = cql_execute(cluster, &params, &err);
	REQUIRE(request != NULL);
	CHECK_INT(fake_run(cluster, request), CQL_REQUEST_FAILED);
	CHECK_INT(cql_request_error(request)->code, CQL_ERR_CONNECT);
	cql_request_release(request);
	end_cluster(cluster);
}

static void
test_connections_per_node(void)
{
	enum
	{
		N = 400
	};
	cql_request *requests[N];
	cql_cluster *cluster;
	cql_config config;
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_error err;
	int i;

	fake_start(1);
	config = fake_config(1);
	config.connections_per_node = 3;
	cluster = make_cluster(&config);
	connect_cluster(cluster);
	CHECK_INT(fake_nodes[0].accepted, 1);
	for (i = 0; i < N; i++)
		requests[i] = cql_execute(cluster, &params, &err);
	fake_settle(cluster);
	for (i = 0; i < N; i++)
	{
		CHECK_INT(cql_request_get_state(requests[i]), CQL_REQUEST_DONE);
		cql_request_release(requests[i]);
		requests[i] = cql_execute(cluster, &params, &err);
	}
	fake_settle(cluster);
	for (i = 0; i < N; i++)
		cql_request_release(requests[i]);
	CHECK_INT(fake_nodes[0].accepted, 3);
	CHECK_INT(cql_cluster_node(cluster, 0)->nconnections, 3);
	end_cluster(cluster);
}

/* ---- memory ---- */

static bool
whole_session(void *arg)
{
	cql_config config = fake_config(1);
	cql_params params = range_params(500);
	cql_error err;
	cql_cluster *cluster = cql_cluster_create(&unit_env, &config, &err);
	cql_request *request;
	bool good = cluster != NULL;
	int i;

	(void) arg;
	params.prepare = true;
	params.idempotent = true;
	for (i = 0; i < 3 && good; i++)
	{
		request = cql_execute(cluster, &params, &err);
		good =
			request != NULL && fake_run(cluster, request) == CQL_REQUEST_DONE;
		cql_request_release(request);
	}
	cql_cluster_destroy(cluster);
	return good;
}

static void
test_no_memory(void)
{
	fake_start(3);
	unit_sweep(whole_session, NULL);
	fake_stop_all();
}

const unit_case unit_cases[] = {
	{"nodes", test_nodes},
	{"system.peers", test_old_peers_table},
	{"odd rows", test_odd_rows},
	{"no topology", test_no_topology},
	{"topology without answer", test_topology_without_answer},
	{"two names of one node", test_two_names_of_one_node},
	{"a node changes its address", test_address_changed},
	{"address map", test_address_map},
	{"ranges go to their replicas", test_ranges_go_to_replicas},
	{"the ring", test_ring},
	{"few and many look-ups", test_lookups},
	{"a replica is down", test_replica_is_down},
	{"a replica hangs", test_replica_hangs},
	{"a connected node hangs", test_connected_node_hangs},
	{"remote data center", test_remote_data_center},
	{"local data center", test_local_data_center},
	{"a named node", test_named_node},
	{"connections per node", test_connections_per_node},
	{"failing allocations", test_no_memory},
	{NULL, NULL}};
