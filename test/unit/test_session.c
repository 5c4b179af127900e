/*
 * test_session.c
 *	  Requests through a cluster object against scripted servers.
 */
#include <poll.h>
#include <stdlib.h>

#include "session_steps.h"

static void
test_first_query(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.t");

	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(fake_nodes[0].accepted, 1);
	CHECK_INT(cql_cluster_nnodes(cluster), 1);
	CHECK_INT(cql_cluster_release(cluster), 401);
	CHECK_INT(cql_cluster_protocol(cluster), 5);
	CHECK_STR(cql_cluster_node(cluster, 0)->address, fake_nodes[0].address);
	CHECK_STR(cql_cluster_node(cluster, 0)->dc, "dc1");
	CHECK(cql_cluster_node(cluster, 0)->local);
	CHECK(cql_cluster_node(cluster, 1) == NULL);
	CHECK(!cql_cluster_is_dead(cluster));
	session_end_cluster(cluster);
}

static void
test_prepared_once(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	int32_t i;

	for (i = 0; i < 5; i++)
	{
		cql_params params = session_lookup(bytes, &value, i);

		CHECK_INT(session_run_int(cluster, &params), i);
	}
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_EXECUTE], 5);
	session_end_cluster(cluster);
}

static void
test_many_in_flight(void)
{
	enum
	{
		N = 3000
	};
	static cql_request *requests[N];
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	int32_t i;

	for (i = 0; i < N; i++)
	{
		cql_params params = session_lookup(bytes, &value, i);

		requests[i] = session_execute(cluster, &params);
	}
	for (i = 0; i < N; i++)
	{
		(void) fake_run(cluster, requests[i]);
		CHECK_INT(session_take_int(requests[i]), i);
	}
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	CHECK_INT(fake_nodes[0].accepted, 1);
	session_end_cluster(cluster);
}

static fake_request slow_requests[CQL_MAX_STREAMS];
static uint32_t nslow;

static bool
keep_slow(fake_node *node, const fake_request *request)
{
	(void) node;
	if (!fake_asks(request, "ks.slow"))
		return false;
	slow_requests[nslow++] = *request;
	return true;
}

/* Answers are late, or never come: then the connection is replaced. */
static void
wait_for_streams(bool answered)
{
	enum
	{
		N = 3 * CQL_MAX_STREAMS
	};
	static cql_request *slow[CQL_MAX_STREAMS];
	static cql_request *requests[N];
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.slow");
	uint8_t bytes[4];
	cql_slice value;
	int32_t i;

	fake_nodes[0].handle = keep_slow;
	nslow = 0;
	params.timeout = SECOND;
	for (i = 0; i < CQL_MAX_STREAMS; i++)
		slow[i] = session_execute(cluster, &params);
	fake_settle(cluster);
	for (i = 0; i < N; i++)
	{
		params = session_lookup(bytes, &value, i);
		requests[i] = session_execute(cluster, &params);
	}
	fake_settle(cluster);
	for (i = 0; answered && i < (int32_t) nslow; i++)
		fake_row(&slow_requests[i], 1);
	for (i = 0; i < N; i++)
	{
		(void) fake_run(cluster, requests[i]);
		CHECK_INT(session_take_int(requests[i]), i);
	}
	for (i = 0; i < CQL_MAX_STREAMS; i++)
	{
		CHECK_INT(fake_run(cluster, slow[i]),
				  answered ? CQL_REQUEST_DONE : CQL_REQUEST_FAILED);
		cql_request_release(slow[i]);
	}
	CHECK_INT(fake_nodes[0].accepted, answered ? 1 : 2);
	session_end_cluster(cluster);
}

static void
test_streams_given_back(void)
{
	wait_for_streams(true);
}

static void
test_streams_lost(void)
{
	wait_for_streams(false);
}

static void
test_version_4(void)
{
	cql_config config;
	cql_cluster *cluster;
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 9);

	fake_start(1);
	fake_nodes[0].max_version = 4;
	fake_nodes[0].no_peers_v2 = true;
	config = fake_config(1);
	cluster = session_make_cluster(&config);
	CHECK_INT(session_run_int(cluster, &params), 9);
	CHECK_INT(cql_cluster_protocol(cluster), 4);
	CHECK_INT(cql_cluster_nnodes(cluster), 1);
	cql_cluster_destroy(cluster);
	config.protocol_version = 5;
	cluster = session_make_cluster(&config);
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CONNECT);
	CHECK(cql_cluster_is_dead(cluster));
	session_end_cluster(cluster);
}

/* A host that hangs once is no reason to speak an older version. */
static void
test_silence_is_no_version(void)
{
	cql_cluster *cluster = session_start_cluster(2);
	cql_params params = fake_params("SELECT v FROM ks.t");
	int64_t before = fake_now;

	fake_nodes[0].silent = true;
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(fake_now - before, 3 * SECOND / 10);
	fake_now += 5 * SECOND;
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(cql_cluster_protocol(cluster), 5);
	session_end_cluster(cluster);
}

/* Nodes that are upgraded one after the other. */
static void
test_mixed_versions(void)
{
	cql_config config;
	cql_cluster *cluster;
	uint8_t bytes[4];
	cql_slice value;
	int32_t i;

	fake_start(2);
	fake_nodes[1].max_version = 4;
	config = fake_config(1);
	cluster = session_make_cluster(&config);
	for (i = 0; i < 40; i++)
	{
		cql_params params = session_lookup(bytes, &value, i);

		params.keyspace = NULL;
		CHECK_INT(session_run_int(cluster, &params), i);
	}
	CHECK(fake_nodes[0].seen[CQL_OP_EXECUTE] > 5);
	CHECK(fake_nodes[1].seen[CQL_OP_EXECUTE] > 5);
	CHECK(fake_nodes[0].seen[CQL_OP_PREPARE] <= 2);
	CHECK_INT(fake_nodes[0].accepted, 1);
	CHECK_INT(fake_nodes[1].accepted, 2);
	session_end_cluster(cluster);
}

/* ---- UNPREPARED ---- */

static bool
never_prepared(fake_node *node, const fake_request *request)
{
	(void) node;
	if (request->opcode != CQL_OP_EXECUTE)
		return false;
	fake_unprepared(request);
	return true;
}

static bool
forgets_once(fake_node *node, const fake_request *request)
{
	return node->seen[CQL_OP_EXECUTE] == 1 && never_prepared(node, request);
}

static void
test_unprepared_is_bounded(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 3);

	fake_nodes[0].handle = never_prepared;
	/* as text */
	CHECK_INT(session_run_int(cluster, &params), 3);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_EXECUTE], 1 + CQL_MAX_REPREPARE);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1 + CQL_MAX_REPREPARE);
	fake_nodes[0].handle = NULL;
	CHECK_INT(session_run_int(cluster, &params), 3);
	session_end_cluster(cluster);
}

static void
test_unprepared_once(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 3);
	cql_request *request = session_execute(cluster, &params);
	cql_stats stats;

	fake_nodes[0].handle = forgets_once;
	(void) fake_run(cluster, request);
	CHECK_INT(cql_request_reprepared(request), 1);
	CHECK_INT(session_take_int(request), 3);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 2);
	cql_cluster_get_stats(cluster, &stats);
	CHECK_INT(stats.reprepared, 1);
	CHECK_INT(stats.retries, 0);
	session_end_cluster(cluster);
}

static void
test_unprepared_batch(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params(NULL);
	cql_batch_entry entries[2];
	cql_request *request;
	cql_error err;

	memset(entries, 0, sizeof(entries));
	entries[0].cql = "INSERT INTO ks.t (k) VALUES (1)";
	entries[0].prepare = true;
	entries[1].cql = "INSERT INTO ks.t (k) VALUES (2)";
	request = cql_execute_batch(cluster, CQL_BATCH_UNLOGGED, entries, 2,
								&params, &err);
	REQUIRE(request != NULL);
	CHECK_INT(fake_run(cluster, request), CQL_REQUEST_DONE);
	cql_request_release(request);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_BATCH], 1);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	session_end_cluster(cluster);
}

/* ---- changed metadata ---- */

/* ---- timeouts and orphans ---- */

static fake_request kept;

static bool
keep_first_execute(fake_node *node, const fake_request *request)
{
	if (request->opcode != CQL_OP_EXECUTE || node->seen[CQL_OP_EXECUTE] != 1)
		return false;
	kept = *request;
	return true;
}

static bool
swallow_execute(fake_node *node, const fake_request *request)
{
	(void) node;
	return request->opcode == CQL_OP_EXECUTE;
}

static void
test_late_answer(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 100);
	cql_request *requests[20];
	cql_error err;
	int i;

	fake_nodes[0].handle = keep_first_execute;
	params.timeout = SECOND;
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_TIMEOUT);
	CHECK_STR(err.host, fake_nodes[0].address);
	for (i = 0; i < 20; i++)
	{
		params = session_lookup(bytes, &value, i);
		requests[i] = session_execute(cluster, &params);
	}
	kept.body = (const uint8_t *) "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	kept.opcode = CQL_OP_QUERY;
	fake_row(&kept, 100);
	for (i = 0; i < 20; i++)
	{
		(void) fake_run(cluster, requests[i]);
		CHECK_INT(session_take_int(requests[i]), i);
	}
	CHECK_INT(fake_nodes[0].accepted, 1);
	session_end_cluster(cluster);
}

static void
test_too_many_orphans(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 7);
	cql_request *requests[CQL_MAX_ORPHANS + 1];
	cql_stats stats;
	uint32_t i;

	CHECK_INT(session_run_int(cluster, &params), 7);
	fake_nodes[0].handle = swallow_execute;
	for (i = 0; i <= CQL_MAX_ORPHANS; i++)
		requests[i] = session_execute(cluster, &params);
	fake_settle(cluster);
	for (i = 0; i <= CQL_MAX_ORPHANS; i++)
		cql_request_release(requests[i]);
	fake_nodes[0].handle = NULL;
	CHECK_INT(session_run_int(cluster, &params), 7);
	CHECK_INT(fake_nodes[0].accepted, 2);
	cql_cluster_get_stats(cluster, &stats);
	CHECK_INT(stats.orphans, CQL_MAX_ORPHANS + 1);
	session_end_cluster(cluster);
}

/* ---- lost connections ---- */

static bool
reset_on_execute(fake_node *node, const fake_request *request)
{
	if (request->opcode != CQL_OP_EXECUTE || node->seen[CQL_OP_EXECUTE] != 1)
		return false;
	fake_reset(node);
	return true;
}

static void
test_lost_while_executing(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 8);
	cql_error err;

	fake_nodes[0].handle = reset_on_execute;
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_LOST);
	CHECK(err.maybe_applied);
	fake_nodes[0].seen[CQL_OP_EXECUTE] = 0;
	params.idempotent = true;
	CHECK_INT(session_run_int(cluster, &params), 8);
	session_end_cluster(cluster);
}

/* The opcode at which a connection is reset, once. */
static uint8_t reset_opcode;

static bool
reset_once(fake_node *node, const fake_request *request)
{
	if (request->opcode != reset_opcode)
		return false;
	reset_opcode = 0xFF;
	fake_reset(node);
	return true;
}

static void
test_reset_at_each_phase(void)
{
	static const uint8_t opcodes[] = {CQL_OP_OPTIONS, CQL_OP_STARTUP,
									  CQL_OP_PREPARE, CQL_OP_QUERY};
	size_t i;

	for (i = 0; i < sizeof(opcodes); i++)
	{
		cql_cluster *cluster = session_start_cluster(2);
		uint8_t bytes[4];
		cql_slice value;
		cql_params params = session_lookup(bytes, &value, 8);

		unit_about("opcode %d", opcodes[i]);
		reset_opcode = opcodes[i];
		fake_nodes[0].handle = reset_once;
		CHECK_INT(session_run_int(cluster, &params), 8);
		CHECK_INT(reset_opcode, 0xFF);
		CHECK_INT(cql_cluster_nnodes(cluster), 2);
		session_end_cluster(cluster);
	}
	unit_about("%s", "");
}

/* A server that went away while nobody looked costs no error. */
static void
test_restart_between_requests(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("INSERT INTO ks.t (k) VALUES (1)");

	CHECK_INT(session_run_int(cluster, &params), 42);
	fake_stop(&fake_nodes[0]);
	fake_restart(&fake_nodes[0]);
	fake_now += 3600 * SECOND;
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(fake_nodes[0].accepted, 2);
	session_end_cluster(cluster);
}

/* ---- hosts that cannot be reached ---- */

static void
test_refused(void)
{
	cql_cluster *cluster = session_start_cluster(2);
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_error err;

	fake_stop(&fake_nodes[0]);
	fake_stop(&fake_nodes[1]);
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_CONNECT);
	CHECK_STR(err.message, "no host of the cluster could be reached");
	CHECK(strstr(err.details, fake_nodes[0].address) != NULL);
	CHECK(strstr(err.details, fake_nodes[1].address) != NULL);
	CHECK(cql_cluster_is_dead(cluster));
	fake_restart(&fake_nodes[1]);
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK(!cql_cluster_is_dead(cluster));
	session_end_cluster(cluster);
}

static void
test_second_contact_point(void)
{
	cql_cluster *cluster = session_start_cluster(3);
	cql_params params = fake_params("SELECT v FROM ks.t");
	int64_t before = fake_now;

	fake_stop(&fake_nodes[0]);
	fake_nodes[1].silent = true;
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(fake_now - before, 3 * SECOND / 10);
	CHECK_INT(fake_nodes[2].accepted, 1);
	session_end_cluster(cluster);
}

static void
test_unknown_name(void)
{
	static const char *const hosts[] = {"no-such-host.invalid"};
	cql_cluster *cluster;
	cql_config config;
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_error err;

	fake_start(1);
	config = fake_config(1);
	config.hosts = hosts;
	cluster = session_make_cluster(&config);
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_CONNECT);
	CHECK(strstr(err.details, "no-such-host.invalid") != NULL);
	session_end_cluster(cluster);
}

static void
test_bad_credentials(void)
{
	cql_cluster *cluster;
	cql_config config;
	cql_params params = fake_params("SELECT v FROM ks.t");

	fake_start(3);
	fake_nodes[0].auth = true;
	fake_nodes[1].auth = true;
	config = fake_config(3);
	config.username = "me";
	config.password = "wrong";
	cluster = session_make_cluster(&config);
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_AUTH);
	CHECK_INT(fake_nodes[0].accepted, 1);
	CHECK_INT(fake_nodes[1].accepted, 1);
	CHECK_INT(fake_nodes[2].accepted, 0);
	CHECK(cql_cluster_is_dead(cluster));
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_AUTH);
	CHECK_INT(fake_nodes[0].accepted + fake_nodes[1].accepted, 2);
	session_end_cluster(cluster);
}

/* ---- limits ---- */

static void
test_queue_limit(void)
{
	static cql_request *requests[CQL_MAX_QUEUE];
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_error err;
	uint32_t i;

	for (i = 0; i < CQL_MAX_QUEUE; i++)
		requests[i] = session_execute(cluster, &params);
	CHECK(cql_execute(cluster, &params, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_LIMIT);
	for (i = 0; i < CQL_MAX_QUEUE; i++)
		cql_request_release(requests[i]);
	CHECK_INT(session_run_int(cluster, &params), 42);
	session_end_cluster(cluster);
}

static void
test_prepared_limit(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params(NULL);
	char text[64];
	int i;

	params.prepare = true;
	params.cql = text;
	for (i = 0; i < CQL_MAX_PREPARED + 10; i++)
	{
		(void) snprintf(text, sizeof(text), "SELECT v FROM ks.t%d", i);
		(void) session_run_int(cluster, &params);
	}
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], CQL_MAX_PREPARED + 10);
	(void) session_run_int(cluster, &params);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], CQL_MAX_PREPARED + 10);
	memcpy(text, "SELECT v FROM ks.t0", 20);
	(void) session_run_int(cluster, &params);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], CQL_MAX_PREPARED + 11);
	session_end_cluster(cluster);
}

static void
test_bad_arguments(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.t");
	static const uint16_t keys[] = {1};
	cql_slice value = {NULL, CQL_NULL};
	cql_error err;

	params.consistency = 11;
	CHECK(cql_execute(cluster, &params, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_ARGUMENT);
	params = fake_params("x");
	params.values = &value;
	params.nvalues = 1;
	params.keys = keys;
	params.nkeys = 1;
	CHECK(cql_execute(cluster, &params, &err) == NULL);
	value.len = -3;
	params.nkeys = 0;
	CHECK(cql_execute(cluster, &params, &err) == NULL);
	params = fake_params("x");
	params.node = "here";
	CHECK(cql_execute(cluster, &params, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_ARGUMENT);
	session_end_cluster(cluster);
}

static void
test_descriptor_limit(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_config config = fake_config(1);
	cql_error err;

	unit_limit_fds(1);
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CONNECT);
	CHECK(cql_cluster_create(&unit_env, &config, &err) == NULL);
	CHECK_INT(err.code, CQL_ERR_LIMIT);
	unit_limit_fds(SIZE_MAX);
	CHECK_INT(session_run_int(cluster, &params), 42);
	session_end_cluster(cluster);
}

/* ---- releases and memory ---- */

static void
test_release_any_time(void)
{
	int turns;

	for (turns = 0; turns < 12; turns++)
	{
		cql_cluster *cluster = session_start_cluster(1);
		uint8_t bytes[4];
		cql_slice value;
		cql_params params = session_lookup(bytes, &value, 8);
		cql_request *request = session_execute(cluster, &params);
		cql_request *other = session_execute(cluster, &params);
		int i;

		for (i = 0; i < turns; i++)
			(void) fake_turn(cluster);
		cql_request_release(request);
		(void) fake_run(cluster, other);
		CHECK_INT(session_take_int(other), 8);
		request = session_execute(cluster, &params);
		for (i = 0; i < turns; i++)
			(void) fake_turn(cluster);
		session_end_cluster(cluster); /* frees the one still held */
	}
}

/* A small session: true when all of it worked. */
static bool
whole_session(void *arg)
{
	cql_config config = fake_config(2);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 8);
	cql_error err;
	cql_request *request = NULL;
	cql_cluster *cluster = cql_cluster_create(&unit_env, &config, &err);
	bool good = false;

	(void) arg;
	params.idempotent = true;
	if (cluster != NULL)
		request = cql_execute(cluster, &params, &err);
	if (request != NULL)
		good = fake_run(cluster, request) == CQL_REQUEST_DONE;
	cql_cluster_destroy(cluster);
	return good;
}

static void
test_no_memory(void)
{
	fake_start(2);
	unit_sweep(whole_session, NULL);
	fake_stop_all();
}

/* The descriptor turns readable by itself, and is so once. */
static void
test_alarm(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.t");
	struct pollfd wait = {cql_cluster_waitfd(cluster), POLLIN, 0};
	int i;

	CHECK_INT(session_run_int(cluster, &params), 42);
	fake_settle(cluster);
	for (i = 0; i < 2; i++)
	{
		CHECK(cql_cluster_alarm(cluster, cql_now() + 2000));
		CHECK_INT(poll(&wait, 1, 10000), 1);
		cql_cluster_step(cluster, fake_now);
		CHECK_INT(poll(&wait, 1, 0), 0);
	}
	/* one that is past already */
	CHECK(cql_cluster_alarm(cluster, 0));
	CHECK_INT(poll(&wait, 1, 10000), 1);
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(poll(&wait, 1, 0), 0);
	session_end_cluster(cluster);
}

const unit_case unit_cases[] = {
	{"first query", test_first_query},
	{"a statement is prepared once", test_prepared_once},
	{"thousands in flight", test_many_in_flight},
	{"waiting for streams", test_streams_given_back},
	{"waiting for streams that stay taken", test_streams_lost},
	{"protocol version 4", test_version_4},
	{"silence is no version", test_silence_is_no_version},
	{"mixed versions", test_mixed_versions},
	{"UNPREPARED without end", test_unprepared_is_bounded},
	{"UNPREPARED once", test_unprepared_once},
	{"a batch with prepared statements", test_unprepared_batch},
	{"a late answer is nobody's", test_late_answer},
	{"too many orphans", test_too_many_orphans},
	{"connection lost while executing", test_lost_while_executing},
	{"connection reset at each phase", test_reset_at_each_phase},
	{"restart between requests", test_restart_between_requests},
	{"refused connections", test_refused},
	{"the second contact point", test_second_contact_point},
	{"an unknown name", test_unknown_name},
	{"bad credentials", test_bad_credentials},
	{"limit of the queue", test_queue_limit},
	{"limit of prepared statements", test_prepared_limit},
	{"bad arguments", test_bad_arguments},
	{"limit of descriptors", test_descriptor_limit},
	{"released at any time", test_release_any_time},
	{"an alarm", test_alarm},
	{"failing allocations", test_no_memory},
	{NULL, NULL}};
