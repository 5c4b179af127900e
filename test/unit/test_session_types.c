/*
 * test_session_types.c
 *	  Types that change between what the caller knows and the server has.
 */
#include "session_steps.h"

static void
test_changed_metadata(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 5);
	int i;

	CHECK_INT(session_run_int(cluster, &params), 5);
	fake_nodes[0].generation = 1;
	for (i = 0; i < 3; i++)
		CHECK_INT(session_run_int(cluster, &params), 5);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	session_end_cluster(cluster);
}

static void
test_expected_types(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 5);
	cql_type type;
	const cql_type *expected[2] = {&type, &type};

	memset(&type, 0, sizeof(type));
	type.id = CQL_TYPE_INT;
	params.expected = expected;
	params.nexpected = 1;
	CHECK_INT(session_run_int(cluster, &params), 5);
	params.nexpected = 2;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CHANGED);
	type.id = CQL_TYPE_BIGINT;
	params.nexpected = 1;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CHANGED);
	session_end_cluster(cluster);
}

/* Values are sent only where the markers are of their types. */
static void
test_bound_types(void)
{
	cql_cluster *cluster = session_start_cluster(1);
	uint8_t bytes[4];
	cql_slice value;
	cql_params params = session_lookup(bytes, &value, 5);
	cql_type type;
	const cql_type *bound[2] = {&type, &type};

	memset(&type, 0, sizeof(type));
	type.id = CQL_TYPE_INT;
	params.bound = bound;
	params.nbound = 1;
	CHECK_INT(session_run_int(cluster, &params), 5);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 1);
	params.nbound = 2;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CHANGED);
	type.id = CQL_TYPE_BIGINT;
	params.nbound = 1;
	CHECK_INT(session_run_error(cluster, &params).code, CQL_ERR_CHANGED);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_EXECUTE], 1);
	/* the caller knows of a change before the cache of statements does */
	fake_nodes[0].marker = CQL_TYPE_BIGINT;
	CHECK_INT(session_run_int(cluster, &params), 5);
	CHECK_INT(fake_nodes[0].seen[CQL_OP_PREPARE], 4);
	bound[0] = NULL;
	CHECK_INT(session_run_int(cluster, &params), 5);
	session_end_cluster(cluster);
}

const unit_case unit_cases[] = {
	{"changed result metadata", test_changed_metadata},
	{"expected types", test_expected_types},
	{"bound types", test_bound_types},
	{NULL, NULL}};
