/*
 * test_faults.c
 *	  Nodes that hang, change, forget or refuse: what a session loses by it.
 */
#include "session_steps.h"

#include "fake_proxy.h"

#define CQL "SELECT v FROM ks.t"
#define PATIENCE (3 * SECOND / 10)

/* Statements of the caller that came to each node. */
static uint32_t came[FAKE_MAX_NODES];
static uint32_t readings; /* of system.local, at all nodes */
static uint32_t garbage;  /* statements still answered by broken bytes */

static bool
watch(fake_node *node, const fake_request *request)
{
	readings += fake_asks(request, "system.local");
	if (request->opcode != CQL_OP_EXECUTE && !fake_asks(request, CQL))
		return false;
	came[node - fake_nodes]++;
	if (garbage == 0 || --garbage > 0)
		return garbage > 0;
	fake_send(request->conn, "this is neither a segment nor a record", 38);
	return true;
}

static cql_config
start(uint32_t n, uint32_t ncontacts)
{
	uint32_t i;

	fake_start(n);
	memset(came, 0, sizeof(came));
	readings = 0;
	garbage = 0;
	for (i = 0; i < n; i++)
		fake_nodes[i].handle = watch;
	return fake_config(ncontacts);
}

static void
run_some(cql_cluster *cluster, int n)
{
	cql_params params = fake_params(CQL);

	params.idempotent = true;
	while (n-- > 0)
		CHECK_INT(session_run_int(cluster, &params), 42);
}

/* ---- contact ---- */

/* Each hung one costs a session 0.3 s, however long it would be waited for. */
static void
test_company(void)
{
	cql_config config = start(3, 3);
	cql_cluster *cluster = session_make_cluster(&config);
	int64_t before = fake_now;

	fake_nodes[0].silent = true;
	fake_nodes[1].silent = true;
	run_some(cluster, 1);
	CHECK_INT(fake_now - before, 2 * PATIENCE);
	CHECK_INT(came[2], 1);
	run_some(cluster, 50);
	CHECK_INT(fake_now - before, 2 * PATIENCE);
	session_end_cluster(cluster);
}

/* One that is merely slow is used as soon as it is there. */
static void
test_slow_contact(void)
{
	cql_config config = start(2, 2);
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	cql_request *request = session_execute(cluster, &params);
	int64_t before;

	fake_nodes[0].paused = true;
	fake_nodes[1].paused = true;
	fake_settle(cluster);
	fake_now += PATIENCE;
	fake_settle(cluster);
	fake_now += SECOND;
	fake_settle(cluster);
	before = fake_now;
	fake_nodes[0].paused = false;
	(void) fake_run(cluster, request);
	CHECK_INT(session_take_int(request), 42);
	CHECK_INT(came[0], 1);
	CHECK_INT(fake_now - before, 0);
	fake_nodes[1].paused = false;
	run_some(cluster, 30);
	CHECK(came[1] > 0);
	CHECK_INT(fake_nodes[0].accepted, 1);
	CHECK_INT(fake_nodes[1].accepted, 1);
	session_end_cluster(cluster);
}

static void
test_alone(void)
{
	cql_config config = start(1, 1);
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	int64_t before = fake_now;

	fake_nodes[0].silent = true;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CONNECT);
	CHECK_INT(fake_now - before, 5 * SECOND);
	session_end_cluster(cluster);
}

/* Sessions begin at different contact points. */
static void
test_start(void)
{
	uint32_t i;

	for (i = 0; i < 6; i++)
	{
		cql_config config = start(3, 3);
		cql_cluster *cluster;

		config.start = i;
		cluster = session_make_cluster(&config);
		run_some(cluster, 1);
		CHECK_INT(came[i % 3], 1);
		CHECK_INT(fake_nodes[i % 3].accepted, 1);
		session_end_cluster(cluster);
	}
}

/* ---- versions, credentials ---- */

static void
test_silent_on_newer(void)
{
	cql_config config = start(1, 1);
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	int64_t before = fake_now;
	cql_error err;

	fake_nodes[0].max_version = 4;
	fake_nodes[0].mute = true;
	run_some(cluster, 1);
	CHECK_INT(cql_cluster_protocol(cluster), 4);
	CHECK_INT(fake_now - before, 5 * SECOND / 2);
	cql_cluster_destroy(cluster);
	config.protocol_version = 5;
	cluster = session_make_cluster(&config);
	err = session_run_error(cluster, &params);
	CHECK(strstr(err.details, "no answer to OPTIONS within 5000 ms"));
	session_end_cluster(cluster);
}

/* Nodes up to "refusing" refuse the password; the error and who was asked. */
static void
check_refusal(uint32_t n, uint32_t refusing, bool fails, uint32_t asked)
{
	cql_config config = start(n, n);
	cql_cluster *cluster;
	cql_params params = fake_params(CQL);
	uint32_t accepted = 0;
	uint32_t i;

	config.username = "me";
	config.password = "new";
	for (i = 0; i < refusing; i++)
		fake_nodes[i].auth = true;
	cluster = session_make_cluster(&config);
	if (fails)
		CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_AUTH);
	else
		CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(cql_cluster_is_dead(cluster), fails);
	for (i = 0; i < n; i++)
		accepted += fake_nodes[i].accepted;
	CHECK_INT(accepted, asked);
	session_end_cluster(cluster);
}

static void
test_refusals(void)
{
	check_refusal(3, 1, false, 2);
	check_refusal(3, 2, true, 2);
	check_refusal(3, 3, true, 2);
	check_refusal(1, 1, true, 1);
}

/* ---- hung and broken connections ---- */

/* Time that requests take, one after the other. */
static int64_t
time_of(cql_cluster *cluster, int n)
{
	int64_t before = fake_now;

	run_some(cluster, n);
	return fake_now - before;
}

/* One stall, then none, until it speaks again. */
static void
test_hung_node(void)
{
	cql_config config = start(3, 3);
	cql_cluster *cluster = session_make_cluster(&config);
	uint32_t before;
	int i;

	run_some(cluster, 30);
	fake_nodes[1].silent = true;
	CHECK_INT(time_of(cluster, 10), 12 * SECOND);
	CHECK(fake_nodes[1].seen[CQL_OP_OPTIONS] >= 2);
	for (i = 0; i < 20; i++)
	{
		CHECK_INT(time_of(cluster, 10), 0);
		fake_now += SECOND;
		fake_settle(cluster);
	}
	before = came[1];
	fake_nodes[1].silent = false;
	for (i = 0; i < 3; i++)
	{
		fake_now += 12 * SECOND;
		CHECK_INT(time_of(cluster, 30), 0);
	}
	CHECK(came[1] > before);
	session_end_cluster(cluster);
}

/* The other one need not be connected yet. */
static void
test_hung_first_node(void)
{
	cql_config config = start(2, 1);
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);

	run_some(cluster, 1);
	CHECK_INT(fake_nodes[1].accepted, 0);
	fake_nodes[0].silent = true;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_TIMEOUT);
	CHECK_INT(time_of(cluster, 20), 0);
	session_end_cluster(cluster);
}

static bool
swallow_statements(fake_node *node, const fake_request *request)
{
	(void) node;
	return request->opcode == CQL_OP_EXECUTE || fake_asks(request, CQL);
}

/* What answers the probe is no hung node: its statements are slow. */
static void
test_probe_answered(void)
{
	cql_config config = start(2, 2);
	cql_cluster *cluster = session_make_cluster(&config);

	run_some(cluster, 20);
	fake_nodes[1].handle = swallow_statements;
	CHECK_INT(time_of(cluster, 4), 12 * SECOND);
	CHECK_INT(time_of(cluster, 20), 0);
	fake_nodes[1].handle = watch;
	fake_now += 3 * SECOND;
	run_some(cluster, 4);
	CHECK_INT(fake_nodes[1].accepted, 1);
	CHECK(came[1] > 0);
	session_end_cluster(cluster);
}

#define MANY 200

/* Of so many in flight on one connection that breaks, how many end well. */
static int
break_under(cql_cluster *cluster, bool idempotent, cql_error *err)
{
	static cql_request *requests[MANY];
	cql_params params = fake_params(CQL);
	int done = 0;
	int i;

	params.idempotent = idempotent;
	garbage = MANY / 2;
	for (i = 0; i < MANY; i++)
		requests[i] = session_execute(cluster, &params);
	for (i = 0; i < MANY; i++)
	{
		if (fake_run(cluster, requests[i]) == CQL_REQUEST_DONE)
			done++;
		else
			*err = *cql_request_error(requests[i]);
		cql_request_release(requests[i]);
	}
	return done;
}

static void
test_broken_segment(void)
{
	cql_config config = start(2, 2);
	cql_cluster *cluster = session_make_cluster(&config);
	cql_error err;

	run_some(cluster, 20);
	CHECK_INT(break_under(cluster, true, &err), MANY);
	CHECK(break_under(cluster, false, &err) < MANY);
	CHECK_INT(err.code, CQL_ERR_LOST);
	CHECK(strstr(err.message, "broke the protocol") != NULL);
	session_end_cluster(cluster);
}

static void
test_broken_record(void)
{
	cql_config config = start(2, 2);
	cql_cluster *cluster;
	cql_error err;

	fake_proxy_start(&fake_nodes[0], "/dev/null");
	fake_proxy_start(&fake_nodes[1], "/dev/null");
	config.sslmode = CQL_SSL_REQUIRE;
	cluster = session_make_cluster(&config);
	run_some(cluster, 20);
	CHECK_INT(break_under(cluster, true, &err), MANY);
	CHECK(break_under(cluster, false, &err) < MANY);
	CHECK_INT(err.code, CQL_ERR_LOST);
	CHECK(strstr(err.message, "TLS connection to") != NULL);
	fake_proxy_end(&fake_nodes[0]);
	fake_proxy_end(&fake_nodes[1]);
	session_end_cluster(cluster);
}

/* After a long silence nothing that must not be done twice goes out unasked.
 */
static void
test_idle(void)
{
	cql_config config = start(2, 1);
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);
	uint32_t options;

	fake_nodes[1].hidden = true;
	run_some(cluster, 1);
	options = fake_nodes[0].seen[CQL_OP_OPTIONS];
	fake_now += 31 * SECOND;
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_OPTIONS], options + 1);
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_OPTIONS], options + 1);
	session_end_cluster(cluster);
}

static void
test_idle_and_gone(void)
{
	cql_config config = start(2, 2);
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);

	fake_nodes[1].hidden = true;
	run_some(cluster, 2);
	fake_nodes[0].silent = true;
	memset(came, 0, sizeof(came));
	fake_now += 31 * SECOND;
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(came[0], 0);
	CHECK_INT(came[1], 1);
	session_end_cluster(cluster);
}

/* ---- the cluster changes ---- */

static uint32_t
open_connections(const fake_node *node)
{
	uint32_t n = 0;
	uint32_t i;

	for (i = 0; i < FAKE_MAX_CONNS; i++)
		n += node->conns[i].fd >= 0;
	return n;
}

/* It is old at the next use: read beside that, and used by those after it. */
static void
grow_old(cql_cluster *cluster)
{
	fake_now += 61 * SECOND;
	run_some(cluster, 1);
	fake_settle(cluster);
}

static void
test_added(void)
{
	cql_config config = start(3, 1);
	cql_cluster *cluster = session_make_cluster(&config);

	fake_nodes[2].hidden = true;
	run_some(cluster, 30);
	CHECK_INT(cql_cluster_nnodes(cluster), 2);
	CHECK_INT(readings, 1);
	fake_nodes[2].hidden = false;
	fake_now += 50 * SECOND;
	run_some(cluster, 10);
	CHECK_INT(readings, 1);
	grow_old(cluster);
	CHECK_INT(readings, 2);
	CHECK_INT(cql_cluster_nnodes(cluster), 3);
	run_some(cluster, 30);
	CHECK(came[2] > 0);
	CHECK_INT(readings, 2);
	session_end_cluster(cluster);
}

static void
test_removed(void)
{
	cql_config config = start(3, 1);
	cql_cluster *cluster = session_make_cluster(&config);

	run_some(cluster, 30);
	CHECK_INT(open_connections(&fake_nodes[2]), 1);
	fake_nodes[2].hidden = true;
	grow_old(cluster);
	CHECK_INT(cql_cluster_nnodes(cluster), 2);
	CHECK_INT(open_connections(&fake_nodes[2]), 0);
	memset(came, 0, sizeof(came));
	run_some(cluster, 30);
	CHECK_INT(came[2], 0);
	session_end_cluster(cluster);
}

static bool
has_token(cql_cluster *cluster, int64_t token)
{
	cql_token_range *ranges = NULL;
	uint32_t n = 0;
	bool found = false;

	CHECK_INT(cql_cluster_ranges(cluster, "ks", 3, &ranges, &n), CQL_OK);
	while (n-- > 0)
		found |= ranges[n].end == token;
	unit_env.free(unit_env.ctx, ranges);
	return found;
}

static void
test_moved(void)
{
	cql_config config = start(3, 1);
	cql_cluster *cluster = session_make_cluster(&config);
	cql_params params = fake_params(CQL);

	params.keyspace = "ks";
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK(has_token(cluster, 1000));
	fake_nodes[1].token = 777;
	grow_old(cluster);
	CHECK(has_token(cluster, 777));
	CHECK(!has_token(cluster, 1000));
	session_end_cluster(cluster);
}

/* The host of this id, or NULL. */
static const cql_node *
node_of_id(const cql_cluster *cluster, uint8_t id)
{
	uint32_t i;

	for (i = 0; i < cql_cluster_nnodes(cluster); i++)
	{
		if (cql_cluster_node(cluster, i)->host_id[1] == id)
			return cql_cluster_node(cluster, i);
	}
	return NULL;
}

/* Another node at the same address, and the same node at another one. */
static void
test_replaced(void)
{
	cql_config config = start(3, 1);
	cql_cluster *cluster = session_make_cluster(&config);
	const cql_node *node;
	uint32_t before;

	run_some(cluster, 30);
	fake_stop(&fake_nodes[2]);
	fake_nodes[2].id = 99;
	fake_restart(&fake_nodes[2]);
	fake_stop(&fake_nodes[1]);
	fake_nodes[1].ip[3] = 211;
	fake_restart(&fake_nodes[1]);
	fake_now += 2 * SECOND; /* not old, but hosts were lost */
	run_some(cluster, 10);
	fake_settle(cluster);
	CHECK(readings > 1);
	CHECK(node_of_id(cluster, 3) == NULL);
	CHECK(node_of_id(cluster, 99) != NULL);
	node = node_of_id(cluster, 2);
	CHECK(node != NULL && strcmp(node->address, fake_nodes[1].address) == 0);
	before = came[1];
	fake_now += 20 * SECOND;
	CHECK_INT(time_of(cluster, 30), 0);
	CHECK(came[1] > before);
	session_end_cluster(cluster);
}

/* Nodes that look-ups of one key come to. */
static uint32_t
nodes_of_key(cql_cluster *cluster)
{
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 5);
	uint32_t nodes = 0;
	uint32_t i;

	CHECK_INT(session_run_int(cluster, &params), 5);
	memset(came, 0, sizeof(came));
	for (i = 0; i < 12; i++)
		CHECK_INT(session_run_int(cluster, &params), 5);
	for (i = 0; i < 3; i++)
		nodes += came[i] > 0;
	return nodes;
}

static void
test_replication(void)
{
	cql_config config = start(3, 1);
	cql_cluster *cluster = session_make_cluster(&config);

	run_some(cluster, 30);
	CHECK_INT(nodes_of_key(cluster), 1);
	fake_factor = "3";
	CHECK_INT(nodes_of_key(cluster), 1);
	grow_old(cluster);
	CHECK_INT(nodes_of_key(cluster), 3);
	fake_factor = "1";
	session_end_cluster(cluster);
}

/* A reading that fails changes nothing, and is tried again. */
static void
test_renewal_fails(void)
{
	cql_config config = start(3, 1);
	cql_cluster *cluster = session_make_cluster(&config);
	uint32_t i;

	run_some(cluster, 30);
	for (i = 0; i < 3; i++)
		fake_nodes[i].null_id = true;
	grow_old(cluster);
	CHECK_INT(cql_cluster_nnodes(cluster), 3);
	for (i = 0; i < 3; i++)
		fake_nodes[i].null_id = false;
	fake_nodes[2].hidden = true;
	fake_stop(&fake_nodes[2]);
	grow_old(cluster);
	CHECK_INT(cql_cluster_nnodes(cluster), 2);
	session_end_cluster(cluster);
}

const unit_case unit_cases[] = {
	{"a hung contact gets company", test_company},
	{"contacts that are slow", test_slow_contact},
	{"a hung node alone", test_alone},
	{"where a session begins", test_start},
	{"silent on a newer version", test_silent_on_newer},
	{"a refused password", test_refusals},
	{"a hung node costs one stall", test_hung_node},
	{"the only connected node hangs", test_hung_first_node},
	{"a probe that is answered", test_probe_answered},
	{"a broken segment", test_broken_segment},
	{"a broken record", test_broken_record},
	{"after a long silence", test_idle},
	{"a node that is gone after it", test_idle_and_gone},
	{"a node is added", test_added},
	{"a node is removed", test_removed},
	{"a node is moved", test_moved},
	{"nodes are replaced", test_replaced},
	{"replication is altered", test_replication},
	{"a renewal fails", test_renewal_fails},
	{NULL, NULL}};
