/*
 * test_session_faults.c
 *	  What faults cost: pauses before another try, second copies, circuits;
 *	  and what their errors tell.
 */
#include "session_steps.h"

#include <stdio.h>

#include "monitor.h"

#define MS INT64_C(1000)

/* ---- what servers do ---- */

static bool
silent(fake_node *node, const fake_request *request)
{
	(void) node;
	return fake_asks(request, "ks.t") || request->opcode == CQL_OP_EXECUTE;
}

/* LOCAL_QUORUM, received, required; of a read: no data, of a write: its type.
 */
static bool
read_timeout(fake_node *node, const fake_request *request)
{
	static const uint8_t extra[] = {0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0};

	if (!silent(node, request))
		return false;
	fake_error(request, CQL_SERVER_READ_TIMEOUT, "late", extra, sizeof(extra));
	return true;
}

static bool
write_timeout(fake_node *node, const fake_request *request)
{
	static const uint8_t extra[] = {0, 6, 0, 0,	  0,   1,	0,	 0,	  0,
									2, 0, 6, 'S', 'I', 'M', 'P', 'L', 'E'};

	if (!silent(node, request))
		return false;
	fake_error(request, CQL_SERVER_WRITE_TIMEOUT, "late", extra,
			   sizeof(extra));
	return true;
}

static bool
unavailable(fake_node *node, const fake_request *request)
{
	static const uint8_t extra[] = {0, 6, 0, 0, 0, 2, 0, 0, 0, 1};

	if (!silent(node, request))
		return false;
	fake_error(request, CQL_SERVER_UNAVAILABLE, "away", extra, sizeof(extra));
	return true;
}

/* A read of a key that node 1 of the first ones owns. */
static cql_params
key_params(void)
{
	cql_params params = fake_params("SELECT v FROM ks.t");

	params.keyspace = "ks";
	params.has_token = true;
	params.token = 500;
	params.idempotent = true;
	return params;
}

/* Both nodes are connected, and the keyspace is known. */
static cql_cluster *
start_connected(uint32_t n)
{
	cql_cluster *cluster = session_start_cluster(n);
	cql_params params = key_params();
	uint32_t i;

	for (i = 0; i < 4 * n; i++)
	{
		params.token = 1000 * (i % n);
		CHECK_INT(session_run_int(cluster, &params), 42);
	}
	for (i = 0; i < n; i++)
		CHECK_INT(fake_nodes[i].accepted, 1);
	return cluster;
}

/* ---- another try after a pause ---- */

static void
check_retried(fake_handler handle, bool idempotent, int32_t server_code)
{
	cql_cluster *cluster = start_connected(2);
	cql_params params = key_params();
	int64_t before = fake_now;

	fake_nodes[1].handle = handle;
	params.idempotent = idempotent;
	if (idempotent)
	{
		CHECK_INT(session_run_int(cluster, &params), 42);
		CHECK(fake_now - before >= 50 * MS);
		CHECK(fake_now - before < 60 * MS);
	}
	else
	{
		CHECK_INT(session_run_error(cluster, &params).server_code,
				  server_code);
		CHECK_INT(fake_now - before, 0);
	}
	session_end_cluster(cluster);
}

static void
test_next_host_after_pause(void)
{
	check_retried(read_timeout, true, 0);
	check_retried(write_timeout, true, 0);
	check_retried(unavailable, true, 0);
	check_retried(read_timeout, false, CQL_SERVER_READ_TIMEOUT);
	check_retried(write_timeout, false, CQL_SERVER_WRITE_TIMEOUT);
	check_retried(unavailable, false, CQL_SERVER_UNAVAILABLE);
}

/* The only one there is may be right the next time. */
static bool
unavailable_once(fake_node *node, const fake_request *request)
{
	if (!unavailable(node, request))
		return false;
	node->handle = NULL;
	return true;
}

static void
test_same_host_after_pause(void)
{
	cql_cluster *cluster = start_connected(1);
	cql_params params = key_params();

	fake_nodes[0].handle = unavailable_once;
	CHECK_INT(session_run_int(cluster, &params), 42);
	session_end_cluster(cluster);
}

/* Pauses grow, and end with the time of a request. */
static void
test_bounded_time(void)
{
	cql_cluster *cluster;
	cql_config config;
	cql_params params = key_params();
	int64_t before;
	cql_error err;

	fake_start(1);
	fake_nodes[0].handle = unavailable;
	config = fake_config(1);
	config.max_attempts = 11;
	cluster = session_make_cluster(&config);
	params.timeout = SECOND;
	before = fake_now;
	err = session_run_error(cluster, &params);
	CHECK_INT(err.server_code, CQL_SERVER_UNAVAILABLE);
	CHECK(fake_now - before >= 700 * MS);
	CHECK(fake_now - before <= SECOND);
	CHECK(strstr(err.details, "5 times") != NULL);
	session_end_cluster(cluster);
}

/* ---- what errors tell ---- */

static void
test_hosts_tried(void)
{
	cql_cluster *cluster = start_connected(2);
	cql_params params = key_params();
	char expected[256];
	cql_error err;

	fake_nodes[0].handle = fake_nodes[1].handle = silent;
	params.timeout = SECOND;
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_TIMEOUT);
	(void) snprintf(expected, sizeof(expected),
					"Tried %s 1 time, for 1000 ms.\n"
					"Tried %s 1 time, for 1000 ms.",
					fake_nodes[1].address, fake_nodes[0].address);
	CHECK_STR(err.details, expected);
	session_end_cluster(cluster);
}

/* ---- second copies ---- */

static uint64_t
count_copies(const cql_cluster *cluster)
{
	cql_stats stats;

	cql_cluster_get_stats(cluster, &stats);
	return stats.copies;
}

static void
test_second_copy(void)
{
	cql_cluster *cluster = start_connected(2);
	cql_params params = key_params();
	int64_t before = fake_now;

	params.speculative_delay = 20 * MS;
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(count_copies(cluster), 0);
	fake_nodes[1].handle = silent;
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(fake_now - before, 20 * MS);
	CHECK_INT(count_copies(cluster), 1);
	session_end_cluster(cluster);
}

/* What must not be done twice is not. */
static void
test_no_second_copy(void)
{
	cql_cluster *cluster = start_connected(2);
	cql_params params = key_params();

	fake_nodes[1].handle = silent;
	params.idempotent = false;
	params.speculative_delay = 20 * MS;
	params.timeout = SECOND;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_TIMEOUT);
	CHECK_INT(count_copies(cluster), 0);
	session_end_cluster(cluster);
}

/* The other node does not know the statement yet. */
static void
test_second_copy_prepared(void)
{
	cql_cluster *cluster = start_connected(2);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 7);
	int64_t before = fake_now;

	params.has_token = true;
	params.token = 500;
	params.idempotent = true;
	params.speculative_delay = 20 * MS;
	fake_nodes[1].handle = silent;
	fake_nodes[1].handle = NULL;
	CHECK_INT(session_run_int(cluster, &params), 7);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 0);
	fake_nodes[1].handle = silent;
	CHECK_INT(session_run_int(cluster, &params), 7);
	CHECK(fake_now - before <= 40 * MS);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_EXECUTE], 1);
	session_end_cluster(cluster);
}

/* The first node hangs over the PREPARE already. */
static void
test_second_copy_unprepared(void)
{
	cql_cluster *cluster = start_connected(2);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 7);
	int64_t before = fake_now;

	params.has_token = true;
	params.token = 500;
	params.idempotent = true;
	params.speculative_delay = 20 * MS;
	fake_nodes[1].handle = silent;
	CHECK_INT(session_run_int(cluster, &params), 7);
	CHECK(fake_now - before <= 60 * MS);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_EXECUTE], 1);
	session_end_cluster(cluster);
}

/* One fails: the other is waited for; both fail: that is told. */
static void
test_copies_fail(void)
{
	cql_cluster *cluster = start_connected(2);
	cql_params params = key_params();
	cql_error err;

	params.speculative_delay = 20 * MS;
	params.timeout = 200 * MS;
	fake_nodes[1].handle = silent;
	fake_nodes[0].handle = unavailable_once;
	CHECK_INT(session_run_int(cluster, &params), 42);
	fake_nodes[0].handle = fake_nodes[1].handle = silent;
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_TIMEOUT);
	session_end_cluster(cluster);
}

/* ---- circuits ---- */

static void
test_dead_cluster(void)
{
	cql_cluster *cluster = session_start_cluster(2);
	cql_params params = fake_params("SELECT v FROM ks.t");
	int64_t before;
	int i;

	fake_nodes[0].silent = fake_nodes[1].silent = true;
	before = fake_now;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CONNECT);
	CHECK(fake_now - before >= 5 * SECOND);
	for (i = 0; i < 10; i++)
	{
		cql_error err;

		before = fake_now;
		err = session_run_error(cluster, &params);
		CHECK_INT(err.code, CQL_ERR_CONNECT);
		CHECK(strstr(err.details, fake_nodes[1].address) != NULL);
		CHECK_INT(fake_now - before, 0);
	}
	CHECK(!cql_cluster_is_dead(cluster));
	/* A short try after a while, and then it is left alone for longer. */
	fake_now += 2 * SECOND;
	before = fake_now;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CONNECT);
	CHECK(fake_now - before <= SECOND);
	fake_nodes[0].silent = fake_nodes[1].silent = false;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CONNECT);
	fake_now += 3 * SECOND;
	before = fake_now;
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(fake_now - before, 0);
	session_end_cluster(cluster);
}

/* ---- a part of the nodes ---- */

static uint32_t
count_connected(const cql_cluster *cluster)
{
	uint32_t n = 0;
	uint32_t i;

	for (i = 0; i < cql_cluster_nnodes(cluster); i++)
		n += cql_cluster_node(cluster, i)->nconnections > 0;
	return n;
}

static void
run_keys(cql_cluster *cluster, int n)
{
	cql_params params = key_params();
	int i;

	for (i = 0; i < n; i++)
	{
		params.token = 1000 * (i % 8);
		CHECK_INT(session_run_int(cluster, &params), 42);
	}
}

static void
test_max_nodes(void)
{
	cql_cluster *cluster;
	cql_config config;
	uint32_t i;

	fake_start(8);
	config = fake_config(1);
	config.max_nodes = 2;
	config.start = 12345;
	cluster = session_make_cluster(&config);
	run_keys(cluster, 100);
	CHECK(count_connected(cluster) <= 3);
	/* The contact point, if it is none of them, is let go. */
	CHECK(cql_cluster_refresh(cluster));
	run_keys(cluster, 100);
	CHECK_INT(count_connected(cluster), 2);
	/* Others stand in for them. */
	for (i = 0; i < 8; i++)
	{
		if (cql_cluster_node(cluster, i)->nconnections == 0)
			continue;
		fake_stop(&fake_nodes[cql_cluster_node(cluster, i)->host_id[0] - 1]);
	}
	run_keys(cluster, 20);
	CHECK(count_connected(cluster) >= 1);
	session_end_cluster(cluster);
}

const unit_case unit_cases[] = {
	{"the next host after a pause", test_next_host_after_pause},
	{"the same host after a pause", test_same_host_after_pause},
	{"pauses are bounded", test_bounded_time},
	{"hosts that were tried", test_hosts_tried},
	{"a second copy", test_second_copy},
	{"no second copy", test_no_second_copy},
	{"a second copy is prepared", test_second_copy_prepared},
	{"a PREPARE that hangs", test_second_copy_unprepared},
	{"copies that fail", test_copies_fail},
	{"a dead cluster", test_dead_cluster},
	{"a part of the nodes", test_max_nodes},
	{NULL, NULL}};
