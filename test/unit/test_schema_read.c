/*
 * test_schema_read.c
 *	  Schema reads and other requests of several queries: errors in between,
 *	  lost connections, keyspaces that requests name.
 */
#include "unit.h"

#include "fake.h"
#include "schema_query.h"

static uint32_t nasked; /* queries of system tables of schemas */
static uint32_t nvirtual;
static const char *refused; /* queries of this are refused */
static int32_t refusal;
static bool reset_next; /* the next such query resets the connection */

/* No keyspace of any kind has rows. */
static bool
answer_schema(fake_node *node, const fake_request *request)
{
	if (!fake_asks(request, "system_schema") &&
		!fake_asks(request, "system_virtual_schema"))
		return false;
	nasked++;
	nvirtual += fake_asks(request, "system_virtual_schema");
	if (reset_next)
	{
		reset_next = false;
		fake_reset(node);
	}
	else if (refused != NULL && fake_asks(request, refused))
		fake_error(request, refusal, "no", NULL, 0);
	else
		fake_no_row(request);
	return true;
}

static cql_cluster *
start_cluster(uint32_t n)
{
	cql_config config;
	cql_error err;
	cql_cluster *cluster;
	uint32_t i;

	fake_start(n);
	for (i = 0; i < n; i++)
	{
		fake_nodes[i].release = "5.0.8";
		fake_nodes[i].handle = answer_schema;
	}
	nasked = nvirtual = 0;
	refused = NULL;
	reset_next = false;
	config = fake_config(n);
	cluster = cql_cluster_create(&unit_env, &config, &err);
	if (cluster == NULL)
		CHECK_STR(err.message, "a cluster");
	return cluster;
}

static void
end_cluster(cql_cluster *cluster)
{
	cql_cluster_destroy(cluster);
	fake_stop_all();
}

/* Reads the schema; the error's code, CQL_OK where there is no error. */
static cql_code
read_schema(cql_cluster *cluster)
{
	cql_error err;
	cql_request *request = cql_schema_read(cluster, "ks", "t", NULL, 0, &err);
	cql_schema *schema;
	cql_code code = CQL_OK;

	if (request == NULL)
		return err.code;
	if (fake_run(cluster, request) == CQL_REQUEST_FAILED)
		code = cql_request_error(request)->code;
	schema = cql_request_take_schema(request);
	if (CHECK_INT(schema != NULL, code == CQL_OK) && schema != NULL)
	{
		CHECK(!schema->exists);
		CHECK_INT(schema->ntables, 0);
	}
	cql_schema_free(schema);
	cql_request_release(request);
	return code;
}

static void
test_nothing_there(void)
{
	cql_cluster *cluster = start_cluster(1);

	CHECK_INT(read_schema(cluster), CQL_OK);
	CHECK_INT(nvirtual, 3);
	CHECK_INT(nasked, CQL_SCHEMA_NQUERIES);
	CHECK_INT(fake_nodes[0].accepted, 1);
	end_cluster(cluster);
}

static void
test_refused_queries(void)
{
	cql_cluster *cluster = start_cluster(1);

	refused = "column_masks";
	refusal = CQL_SERVER_INVALID;
	CHECK_INT(read_schema(cluster), CQL_OK);
	refused = "system_virtual_schema";
	CHECK_INT(read_schema(cluster), CQL_OK);
	refused = "system_schema.columns";
	CHECK_INT(read_schema(cluster), CQL_ERR_SERVER);
	refused = "column_masks";
	refusal = CQL_SERVER_UNAUTHORIZED;
	CHECK_INT(read_schema(cluster), CQL_ERR_SERVER);
	refused = NULL;
	CHECK_INT(read_schema(cluster), CQL_OK);
	CHECK_INT(fake_nodes[0].accepted, 1);
	end_cluster(cluster);
}

static void
test_lost_connection(void)
{
	cql_cluster *cluster = start_cluster(2);

	reset_next = true;
	CHECK_INT(read_schema(cluster), CQL_OK);
	CHECK(!reset_next);
	CHECK_INT(fake_nodes[0].accepted + fake_nodes[1].accepted, 2);
	end_cluster(cluster);
}

static bool
answer_late(fake_node *node, const fake_request *request)
{
	(void) node;
	return fake_asks(request, "system_schema");
}

/* One release in the middle gives up all its queries. */
static void
test_released(void)
{
	cql_cluster *cluster = start_cluster(1);
	cql_error err;
	cql_request *request;
	cql_stats stats;

	CHECK_INT(read_schema(cluster), CQL_OK);
	fake_nodes[0].handle = answer_late;
	request = cql_schema_read(cluster, "ks", NULL, NULL, 0, &err);
	REQUIRE(request != NULL);
	fake_settle(cluster);
	cql_request_release(request);
	cql_cluster_get_stats(cluster, &stats);
	CHECK_INT(stats.orphans, CQL_SCHEMA_VIRTUAL_KEYSPACE);
	fake_nodes[0].handle = answer_schema;
	CHECK_INT(read_schema(cluster), CQL_OK);
	end_cluster(cluster);
}

static void
test_timeout(void)
{
	cql_cluster *cluster = start_cluster(1);
	cql_error err;
	cql_request *request;

	fake_nodes[0].handle = answer_late;
	request = cql_schema_read(cluster, "ks", NULL, NULL, 300000, &err);
	REQUIRE(request != NULL);
	CHECK_INT(fake_run(cluster, request), CQL_REQUEST_FAILED);
	CHECK_INT(cql_request_error(request)->code, CQL_ERR_TIMEOUT);
	CHECK_STR(cql_request_error(request)->message,
			  "no answer within 300 ms while reading the schema");
	cql_request_release(request);
	end_cluster(cluster);
}

/* ---- keyspaces that requests name ---- */

static cql_params
keyspace_params(const char *keyspace)
{
	cql_params params = fake_params("SELECT v FROM ks.t");

	params.keyspace = keyspace;
	return params;
}

/* Each is asked for once, and known when the request that named it ends. */
static void
test_keyspaces(void)
{
	cql_cluster *cluster = start_cluster(1);
	cql_params params = keyspace_params("ks");
	cql_token_range *ranges;
	cql_error err;
	uint32_t n;
	int i;

	fake_nodes[0].handle = NULL;
	for (i = 0; i < 3; i++)
	{
		cql_request *request = cql_execute(cluster, &params, &err);

		REQUIRE(request != NULL);
		CHECK_INT(fake_run(cluster, request), CQL_REQUEST_DONE);
		cql_request_release(request);
		CHECK_INT(cql_cluster_ranges(cluster, "ks", 4, &ranges, &n), CQL_OK);
		CHECK(n > 0);
		unit_env.free(unit_env.ctx, ranges);
	}
	/* local, peers_v2, keyspaces, and three times the statement */
	CHECK_INT(fake_nodes[0].seen[CQL_OP_QUERY], 6);
	end_cluster(cluster);
}

/* A keyspace that cannot be read delays the first request only so long. */
static void
test_keyspace_without_answer(void)
{
	cql_cluster *cluster = start_cluster(1);
	cql_params params = keyspace_params("ks");
	cql_error err;
	cql_request *request;
	int64_t before;

	fake_nodes[0].handle = answer_late;
	request = cql_execute(cluster, &params, &err);
	REQUIRE(request != NULL);
	before = fake_now;
	CHECK_INT(fake_run(cluster, request), CQL_REQUEST_DONE);
	CHECK(fake_now - before >= 5000000);
	CHECK(fake_now - before < 6000000);
	cql_request_release(request);
	end_cluster(cluster);
}

/* ---- memory ---- */

static bool
whole_read(void *arg)
{
	cql_config config = fake_config(1);
	cql_error err;
	cql_cluster *cluster = cql_cluster_create(&unit_env, &config, &err);
	cql_request *request = NULL;
	cql_schema *schema = NULL;

	(void) arg;
	if (cluster != NULL)
		request = cql_schema_read(cluster, "ks", "t", NULL, 0, &err);
	if (request != NULL && fake_run(cluster, request) == CQL_REQUEST_DONE)
		schema = cql_request_take_schema(request);
	cql_schema_free(schema);
	cql_cluster_destroy(cluster);
	return schema != NULL;
}

static void
test_no_memory(void)
{
	cql_cluster_destroy(start_cluster(1));
	unit_sweep(whole_read, NULL);
	fake_stop_all();
}

const unit_case unit_cases[] = {
	{"nothing there", test_nothing_there},
	{"refused queries", test_refused_queries},
	{"lost connection", test_lost_connection},
	{"released in between", test_released},
	{"timeout", test_timeout},
	{"keyspaces that requests name", test_keyspaces},
	{"a keyspace without answer", test_keyspace_without_answer},
	{"failing allocations", test_no_memory},
	{NULL, NULL}};
