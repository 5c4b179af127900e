/*
 * test_session_errors.c
 *	  Servers' errors: what is tried again, and what the caller learns.
 */
#include "session_steps.h"

static bool
overloaded(fake_node *node, const fake_request *request)
{
	(void) node;
	if (!fake_asks(request, "ks.t"))
		return false;
	fake_error(request, CQL_SERVER_OVERLOADED, "too much", NULL, 0);
	return true;
}

static bool
reset_each_execute(fake_node *node, const fake_request *request)
{
	if (request->opcode != CQL_OP_EXECUTE)
		return false;
	fake_reset(node);
	return true;
}

static bool
overloaded_execute(fake_node *node, const fake_request *request)
{
	(void) node;
	if (request->opcode != CQL_OP_EXECUTE)
		return false;
	fake_error(request, CQL_SERVER_OVERLOADED, "too much", NULL, 0);
	return true;
}

static void
test_overloaded(void)
{
	cql_cluster *cluster = session_start_cluster(2);
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_request *request;

	fake_nodes[0].handle = overloaded;
	CHECK_INT(session_run_error(cluster, &params).server_code,
			  CQL_SERVER_OVERLOADED);
	params.idempotent = true;
	request = session_execute(cluster, &params);
	(void) fake_run(cluster, request);
	CHECK_INT(cql_request_attempts(request), 2);
	CHECK_INT(session_take_int(request), 42);
	fake_nodes[1].handle = overloaded;
	CHECK_INT(session_run_error(cluster, &params).server_code,
			  CQL_SERVER_OVERLOADED);
	session_end_cluster(cluster);
}

/* The last attempt's error does not hide that an earlier one got no answer. */
static void
test_unanswered_before(void)
{
	cql_cluster *cluster = session_start_cluster(2);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 8);
	cql_error err;

	params.idempotent = true;
	fake_nodes[0].handle = reset_each_execute;
	fake_nodes[1].handle = overloaded_execute;
	err = session_run_error(cluster, &params);
	CHECK(err.code == CQL_ERR_SERVER || err.code == CQL_ERR_LOST);
	CHECK(err.unanswered);
	CHECK(!err.maybe_applied);
	fake_nodes[0].handle = overloaded_execute;
	err = session_run_error(cluster, &params);
	CHECK_INT(err.server_code, CQL_SERVER_OVERLOADED);
	CHECK(!err.unanswered);
	session_end_cluster(cluster);
}

/* Attempts that failed until the cluster gave up. */
static uint32_t
count_attempts(uint32_t max_attempts)
{
	cql_params params = fake_params("SELECT v FROM ks.t");
	cql_request *request;
	cql_cluster *cluster;
	cql_config config;
	uint32_t n;
	int i;

	fake_start(4);
	for (i = 0; i < 4; i++)
		fake_nodes[i].handle = overloaded;
	config = fake_config(1);
	config.max_attempts = max_attempts;
	cluster = session_make_cluster(&config);
	params.idempotent = true;
	request = session_execute(cluster, &params);
	CHECK_INT(fake_run(cluster, request), CQL_REQUEST_FAILED);
	n = cql_request_attempts(request);
	cql_request_release(request);
	session_end_cluster(cluster);
	return n;
}

static void
test_max_attempts(void)
{
	CHECK_INT(count_attempts(1), 1);
	CHECK_INT(count_attempts(2), 2);
	CHECK_INT(count_attempts(0), 3);
	/* four nodes, and again after pauses */
	CHECK_INT(count_attempts(11), 11);
}

const unit_case unit_cases[] = {
	{"number of attempts", test_max_attempts},
	{"overloaded servers", test_overloaded},
	{"an earlier attempt without an answer", test_unanswered_before},
	{NULL, NULL}};
