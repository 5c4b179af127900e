/*
 * test_monitor.c
 *	  What a session tells of itself: counters and latencies of nodes, states,
 *	  shares of the ring, slow requests; and reading the topology anew.
 */
#include "session_steps.h"

#include "monitor.h"

#define ANSWER_TIME 5000 /* microseconds */

static bool
slowly(fake_node *node, const fake_request *request)
{
	(void) node;
	if (!fake_asks(request, "ks.t"))
		return false;
	fake_now += ANSWER_TIME;
	fake_row(request, 7);
	return true;
}

static bool
never(fake_node *node, const fake_request *request)
{
	(void) node;
	return fake_asks(request, "ks.t");
}

static bool
overloaded(fake_node *node, const fake_request *request)
{
	if (!fake_asks(request, "ks.t"))
		return false;
	fake_error(request, CQL_SERVER_OVERLOADED, "too much", NULL, 0);
	(void) node;
	return true;
}

/* ERROR with a tracing session and two warnings in front. */
static bool
warned(fake_node *node, const fake_request *request)
{
	uint8_t id[16];
	cql_buf body;

	if (!fake_asks(request, "ks.t"))
		return false;
	memset(id, 0xAB, sizeof(id));
	cql_buf_init(&body, &unit_env, SIZE_MAX / 2);
	cql_buf_append(&body, id, sizeof(id));
	cql_put_u16(&body, 2);
	cql_put_string(&body, "many tombstones");
	cql_put_string(&body, "many rows");
	cql_put_i32(&body, CQL_SERVER_INVALID);
	cql_put_string(&body, "no");
	node->flags = CQL_FLAG_TRACING | CQL_FLAG_WARNING;
	fake_answer(request, CQL_OP_ERROR, body.data, body.len);
	node->flags = 0;
	cql_buf_free(&body);
	return true;
}

static double
median(const cql_traffic *traffic)
{
	uint64_t counts[CQL_HISTOGRAM_BUCKETS];

	cql_traffic_latencies(traffic, counts);
	return cql_histogram_quantile(counts, 0.5);
}

static cql_node_status
status_of(const cql_cluster *cluster, uint32_t i)
{
	cql_node_status status;

	cql_cluster_node_status(cluster, i, fake_now, &status);
	return status;
}

/* ---- counters ---- */

static void
test_requests(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.t");
	uint64_t before;
	double ms;
	int i;

	CHECK_INT(session_run_int(cluster, &params), 42);
	before = status_of(cluster, 0).traffic->requests;
	CHECK_INT(cql_cluster_traffic(cluster)->requests, before);
	fake_nodes[0].handle = slowly;
	for (i = 0; i < 10; i++)
		CHECK_INT(session_run_int(cluster, &params), 7);
	CHECK_INT(status_of(cluster, 0).traffic->requests, before + 10);
	CHECK_INT(status_of(cluster, 0).state, CQL_NODE_UP);
	CHECK_INT(status_of(cluster, 0).in_flight, 0);
	CHECK_STR(status_of(cluster, 0).release, fake_nodes[0].release);
	ms = median(status_of(cluster, 0).traffic) / 1000;
	CHECK(ms > 4.3 && ms < 5.7);
	ms = median(cql_cluster_traffic(cluster)) / 1000;
	CHECK(ms > 4.3 && ms < 5.7);
	session_end_cluster(cluster);
}

static void
test_faults(void)
{
	cql_cluster *cluster = session_start_cluster(2);
	cql_params params = fake_params("SELECT v FROM ks.t");
	const cql_traffic *all = cql_cluster_traffic(cluster);
	const cql_traffic *one;

	params.idempotent = true;
	CHECK_INT(session_run_int(cluster, &params), 42);
	one = status_of(cluster, 0).traffic;
	fake_nodes[0].handle = fake_nodes[1].handle = overloaded;
	CHECK_INT(session_run_error(cluster, &params).server_code,
			  CQL_SERVER_OVERLOADED);
	CHECK(all->faults[CQL_FAULT_OVERLOADED] >= 2);
	CHECK(all->retries >= 1);
	CHECK(one->faults[CQL_FAULT_OVERLOADED] >= 1);
	fake_nodes[0].handle = fake_nodes[1].handle = never;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_TIMEOUT);
	CHECK(all->faults[CQL_FAULT_TIMEOUT] >= 1);
	CHECK_INT(all->faults[CQL_FAULT_OTHER], 0);
	session_end_cluster(cluster);
}

static void
test_states(void)
{
	cql_cluster *cluster = session_start_cluster(2);
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_node_status status;

	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_INT(status_of(cluster, 0).state, CQL_NODE_UP);
	CHECK_INT(status_of(cluster, 1).state, CQL_NODE_UNKNOWN);
	CHECK(status_of(cluster, 1).traffic->latency == NULL);
	CHECK(median(status_of(cluster, 1).traffic) < 0);
	fake_stop(&fake_nodes[0]);
	fake_stop(&fake_nodes[1]);
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CONNECT);
	status = status_of(cluster, 1);
	CHECK_INT(status.state, CQL_NODE_DOWN);
	CHECK(strstr(status.failure, "refused") != NULL);
	session_end_cluster(cluster);
}

static void
test_shares(void)
{
	cql_cluster *cluster = session_start_cluster(4);
	cql_params params = fake_params("SELECT v FROM ks.t");
	double shares[4];
	double sum = 0;
	int i;

	for (i = 0; i < 4; i++)
		fake_nodes[i].token = INT64_MIN + i * (INT64_C(1) << 62);
	CHECK(!cql_cluster_shares(cluster, shares));
	CHECK_INT(session_run_int(cluster, &params), 42);
	REQUIRE(cql_cluster_shares(cluster, shares));
	for (i = 0; i < 4; i++)
	{
		CHECK(shares[i] > 0.24 && shares[i] < 0.26);
		sum += shares[i];
	}
	CHECK(sum > 0.999 && sum < 1.001);
	session_end_cluster(cluster);
}

/* ---- slow requests ---- */

static void
test_slow(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.t");
	const cql_slow *slow;
	int i;

	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK(cql_cluster_next_slow(cluster) == NULL);
	cql_cluster_watch_slow(cluster, ANSWER_TIME);
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK(cql_cluster_next_slow(cluster) == NULL);
	fake_nodes[0].handle = slowly;
	CHECK_INT(session_run_int(cluster, &params), 7);
	slow = cql_cluster_next_slow(cluster);
	REQUIRE(slow != NULL);
	CHECK_STR(slow->cql, "SELECT v FROM ks.t");
	CHECK_STR(slow->host, fake_nodes[0].address);
	CHECK_STR(slow->failure, "");
	CHECK_INT(slow->attempts, 1);
	CHECK(slow->duration >= ANSWER_TIME);
	CHECK(slow->bytes_sent > strlen(slow->cql));
	CHECK(slow->bytes_received > 0);
	CHECK(!slow->traced);
	CHECK(cql_cluster_next_slow(cluster) == NULL);
	/* A bounded number is kept; those not taken are freed. */
	for (i = 0; i < 100; i++)
		CHECK_INT(session_run_int(cluster, &params), 7);
	for (i = 0; cql_cluster_next_slow(cluster) != NULL;)
		i++;
	CHECK_INT(i, 64);
	CHECK_INT(session_run_int(cluster, &params), 7);
	session_end_cluster(cluster);
}

static void
test_slow_texts(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_belief belief = {.keyspace = "ks", .table = "t"};
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 1);
	const cql_slow *slow;
	cql_error err;

	cql_cluster_watch_slow(cluster, 0);
	CHECK_INT(session_run_int(cluster, &params), 1);
	slow = cql_cluster_next_slow(cluster);
	REQUIRE(slow != NULL);
	CHECK_STR(slow->cql, params.cql);
	(void) snprintf(belief.tag, sizeof(belief.tag), " /* tag */");
	params.belief = &belief;
	err = session_run_error(cluster, &params);
	CHECK_INT(err.code, CQL_ERR_CHANGED);
	slow = cql_cluster_next_slow(cluster);
	REQUIRE(slow != NULL);
	CHECK_STR(slow->cql, params.cql);
	CHECK_STR(slow->failure, err.message);
	session_end_cluster(cluster);
}

static void
test_told_with_errors(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.t");
	const cql_slow *slow;
	cql_error err;

	cql_cluster_watch_slow(cluster, 0);
	fake_nodes[0].handle = warned;
	params.tracing = true;
	err = session_run_error(cluster, &params);
	CHECK_STR(err.message, "no");
	CHECK_STR(err.details, "Warning: many tombstones\nWarning: many rows");
	CHECK(err.traced);
	CHECK_INT(err.tracing_id[15], 0xAB);
	slow = cql_cluster_next_slow(cluster);
	REQUIRE(slow != NULL);
	CHECK_STR(slow->failure, "no");
	CHECK(slow->traced);
	CHECK_INT(slow->tracing_id[0], 0xAB);
	session_end_cluster(cluster);
}

/* ---- reading anew ---- */

static void
refresh(cql_cluster *cluster)
{
	CHECK(cql_cluster_is_settled(cluster));
	CHECK(cql_cluster_refresh(cluster));
	CHECK(!cql_cluster_is_settled(cluster));
	fake_settle(cluster);
	CHECK(cql_cluster_is_settled(cluster));
}

static void
test_refresh(void)
{
	cql_cluster *cluster = session_start_cluster(2);
	cql_params params = fake_params("SELECT v FROM ks.t");

	params.keyspace = "ks";
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK_STR(cql_cluster_node(cluster, 1)->rack, "r1");
	fake_nodes[1].rack = "r2";
	refresh(cluster);
	CHECK_STR(cql_cluster_node(cluster, 1)->rack, "r2");
	CHECK_INT(fake_nodes[0].accepted, 1);
	CHECK_INT(session_run_int(cluster, &params), 42);
	session_end_cluster(cluster);
}

/* A host that went down is tried again at once. */
static void
test_refresh_down(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	cql_params params = fake_params("SELECT v FROM ks.t");

	CHECK_INT(session_run_int(cluster, &params), 42);
	fake_stop(&fake_nodes[0]);
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CONNECT);
	CHECK_INT(status_of(cluster, 0).state, CQL_NODE_DOWN);
	fake_restart(&fake_nodes[0]);
	CHECK(cql_cluster_refresh(cluster));
	CHECK_INT(session_run_int(cluster, &params), 42);
	CHECK(cql_cluster_is_settled(cluster));
	CHECK_INT(status_of(cluster, 0).state, CQL_NODE_UP);
	session_end_cluster(cluster);
}

const unit_case unit_cases[] = {
	{"requests and latencies", test_requests},
	{"faults by kind", test_faults},
	{"states of nodes", test_states},
	{"shares of the ring", test_shares},
	{"slow requests", test_slow},
	{"texts of slow requests", test_slow_texts},
	{"warnings and traces of errors", test_told_with_errors},
	{"refresh", test_refresh},
	{"refresh of hosts that are down", test_refresh_down},
	{NULL, NULL}};
