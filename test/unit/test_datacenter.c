/*
 * test_datacenter.c
 *	  The local data centre is a promise: what waits for the topology, what is
 *	  refused, and when others are asked.
 */
#include "session_steps.h"

#include <string.h>

#define CQL "SELECT v FROM ks.t"

/* Statements of the caller that came to each node. */
static uint32_t came[FAKE_MAX_NODES];

static bool
count_statements(fake_node *node, const fake_request *request)
{
	if (request->opcode == CQL_OP_EXECUTE || request->opcode == CQL_OP_BATCH ||
		fake_asks(request, "ks.t"))
		came[node - fake_nodes]++;
	return false;
}

/* Nodes 0 and 1 in dc1, 2 and 3 in dc2; those contact points are asked. */
static cql_config
start_two(uint32_t ncontacts, const char *local_dc)
{
	cql_config config;
	uint32_t i;

	fake_start(4);
	memset(came, 0, sizeof(came));
	for (i = 0; i < 4; i++)
	{
		fake_nodes[i].dc = i < 2 ? "dc1" : "dc2";
		fake_nodes[i].handle = count_statements;
	}
	config = fake_config(ncontacts);
	config.local_dc = local_dc;
	return config;
}

static void
check_came(bool dc1, bool dc2)
{
	CHECK((came[0] + came[1] > 0) == dc1);
	CHECK((came[2] + came[3] > 0) == dc2);
}

static cql_request_state
run(cql_cluster *cluster, cql_request *request)
{
	cql_request_state state = CQL_REQUEST_FAILED;

	if (CHECK(request != NULL))
		state = fake_run(cluster, request);
	cql_request_release(request);
	return state;
}

/* ---- the first statement ---- */

static void
test_first_statement(void)
{
	cql_config config = start_two(1, "dc2");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	int i;

	for (i = 0; i < 10; i++)
		CHECK_INT(run(cluster, session_execute(cluster, &params)),
				  CQL_REQUEST_DONE);
	check_came(false, true);
	session_end_cluster(cluster);
}

static void
test_first_execute(void)
{
	cql_config config = start_two(1, "dc2");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);

	params.prepare = true;
	params.keyspace = "ks";
	CHECK_INT(run(cluster, session_execute(cluster, &params)),
			  CQL_REQUEST_DONE);
	check_came(false, true);
	session_end_cluster(cluster);
}

static void
test_first_batch_and_prepare(void)
{
	cql_config config = start_two(1, "dc2");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_batch_entry entry = {.cql = "INSERT INTO ks.t (k) VALUES (1)"};
	cql_params params = fake_params(NULL);
	cql_error err;
	cql_request *batch = cql_execute_batch(cluster, CQL_BATCH_UNLOGGED, &entry,
										   1, &params, &err);
	cql_request *prepare = cql_prepare(cluster, CQL, 0, &err);

	CHECK_INT(run(cluster, batch), CQL_REQUEST_DONE);
	CHECK_INT(run(cluster, prepare), CQL_REQUEST_DONE);
	check_came(false, true);
	session_end_cluster(cluster);
}

/* No other connection, and no node is asked who it is but the one. */
static void
test_contact_is_local(void)
{
	cql_config config = start_two(1, "dc1");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);

	CHECK_INT(run(cluster, session_execute(cluster, &params)),
			  CQL_REQUEST_DONE);
	CHECK_INT(fake_nodes[0].accepted, 1);
	CHECK_INT(came[0], 1);
	CHECK_INT(fake_nodes[1].accepted + fake_nodes[2].accepted, 0);
	session_end_cluster(cluster);
}

/* ---- a contact point that does not tell ---- */

static bool
hide_topology(fake_node *node, const fake_request *request)
{
	(void) count_statements(node, request);
	return fake_asks(request, "system.local") ||
		   fake_asks(request, "system.peers");
}

static void
test_next_contact(void)
{
	cql_config config = start_two(2, "dc2");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	int64_t before = fake_now;

	fake_nodes[0].handle = hide_topology;
	CHECK_INT(run(cluster, session_execute(cluster, &params)),
			  CQL_REQUEST_DONE);
	CHECK_INT(fake_now - before, 5 * SECOND);
	check_came(false, true);
	session_end_cluster(cluster);
}

/* Then all of them fail; later ones have it read again. */
static void
test_nobody_tells(void)
{
	cql_config config = start_two(2, "dc2");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	cql_request *second = session_execute(cluster, &params);
	cql_error err;

	fake_nodes[0].handle = fake_nodes[1].handle = hide_topology;
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_TIMEOUT);
	CHECK(strstr(err.message, "reading the topology") != NULL);
	CHECK_INT(run(cluster, second), CQL_REQUEST_FAILED);
	check_came(false, false);
	fake_nodes[0].handle = fake_nodes[1].handle = count_statements;
	CHECK_INT(run(cluster, session_execute(cluster, &params)),
			  CQL_REQUEST_DONE);
	check_came(false, true);
	session_end_cluster(cluster);
}

/* Its connection ends meanwhile, once. */
static bool
reset_once(fake_node *node, const fake_request *request)
{
	if (!fake_asks(request, "system.peers"))
		return count_statements(node, request);
	node->handle = count_statements;
	fake_reset(node);
	return true;
}

static void
test_lost_meanwhile(void)
{
	cql_config config = start_two(1, "dc2");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);

	fake_nodes[0].handle = reset_once;
	CHECK_INT(run(cluster, session_execute(cluster, &params)),
			  CQL_REQUEST_DONE);
	check_came(false, true);
	session_end_cluster(cluster);
}

static bool
deny_topology(fake_node *node, const fake_request *request)
{
	if (!fake_asks(request, "system.local"))
		return count_statements(node, request);
	fake_error(request, CQL_SERVER_UNAUTHORIZED, "no", NULL, 0);
	return true;
}

static void
test_denied(void)
{
	cql_config config = start_two(1, "dc1");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	cql_error err;

	fake_nodes[0].handle = deny_topology;
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_SERVER);
	check_came(false, false);
	cql_cluster_destroy(cluster);
	config.remote_dc = true;
	cluster = session_make_cluster(&config);
	CHECK_INT(run(cluster, session_execute(cluster, &params)),
			  CQL_REQUEST_DONE);
	check_came(true, false);
	session_end_cluster(cluster);
}

/* ---- a data centre that is none ---- */

static void
test_misnamed(void)
{
	cql_config config = start_two(1, "nowhere");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	cql_error err;
	int i;

	for (i = 0; i < 2; i++)
	{
		err = session_run_error(cluster, &params);
		CHECK_INT(err.code, CQL_ERR_DC);
		CHECK(strstr(err.message, "nowhere") != NULL);
		CHECK_STR(err.details,
				  "Data centers of the cluster: \"dc1\", \"dc2\".");
	}
	CHECK(cql_cluster_is_dead(cluster));
	check_came(false, false);
	session_end_cluster(cluster);
}

/* A schema is read beside the topology; that is no success either. */
static void
test_misnamed_schema(void)
{
	cql_config config = start_two(1, "nowhere");
	cql_cluster *cluster = session_make_cluster(&config);
	cql_error err;
	cql_request *request = cql_schema_read(cluster, "ks", "t", NULL, 0, &err);

	REQUIRE(request != NULL);
	CHECK_INT(fake_run(cluster, request), CQL_REQUEST_FAILED);
	CHECK_INT(cql_request_error(request)->code, CQL_ERR_DC);
	cql_request_release(request);
	session_end_cluster(cluster);
}

/* ---- failover ---- */

static void
test_failover_without_need(void)
{
	cql_config config = start_two(1, "dc2");
	cql_cluster *cluster;
	cql_params params = fake_params(CQL);
	int i;

	config.remote_dc = true;
	cluster = session_make_cluster(&config);
	for (i = 0; i < 10; i++)
		CHECK_INT(run(cluster, session_execute(cluster, &params)),
				  CQL_REQUEST_DONE);
	check_came(false, true);
	session_end_cluster(cluster);
}

static void
test_failover(void)
{
	cql_config config = start_two(1, "nowhere");
	cql_cluster *cluster;
	cql_params params = fake_params(CQL);
	cql_error err;

	config.remote_dc = true;
	cluster = session_make_cluster(&config);
	CHECK_INT(run(cluster, session_execute(cluster, &params)),
			  CQL_REQUEST_DONE);
	check_came(true, false);
	cql_cluster_destroy(cluster);
	memset(came, 0, sizeof(came));
	fake_stop(&fake_nodes[2]);
	fake_stop(&fake_nodes[3]);
	config.local_dc = "dc2";
	cluster = session_make_cluster(&config);
	CHECK_INT(run(cluster, session_execute(cluster, &params)),
			  CQL_REQUEST_DONE);
	check_came(true, false);
	cql_cluster_destroy(cluster);
	memset(came, 0, sizeof(came));
	config.remote_dc = false;
	cluster = session_make_cluster(&config);
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_CONNECT);
	CHECK(strstr(err.details, "outside of the local data center \"dc2\"") !=
		  NULL);
	check_came(false, false);
	session_end_cluster(cluster);
}

/* ---- memory ---- */

static bool
whole_session(void *arg)
{
	cql_config config = fake_config(1);
	cql_params params = fake_params(CQL);
	cql_cluster *cluster;
	cql_error err;
	bool good;

	config.local_dc = arg;
	cluster = cql_cluster_create(&unit_env, &config, &err);
	good = cluster != NULL;
	if (good)
	{
		cql_request *request = cql_execute(cluster, &params, &err);

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
	(void) start_two(1, NULL);
	unit_sweep(whole_session, "dc2");
	check_came(false, true);
	fake_stop_all();
}

const unit_case unit_cases[] = {
	{"first statement", test_first_statement},
	{"first execution", test_first_execute},
	{"first batch and PREPARE", test_first_batch_and_prepare},
	{"the contact point is local", test_contact_is_local},
	{"the next contact point tells", test_next_contact},
	{"nobody tells", test_nobody_tells},
	{"connection lost meanwhile", test_lost_meanwhile},
	{"topology denied", test_denied},
	{"no such data center", test_misnamed},
	{"its schema", test_misnamed_schema},
	{"failover without need", test_failover_without_need},
	{"failover", test_failover},
	{"failing allocations", test_no_memory},
	{NULL, NULL}};
