/*
 * test_session_stress.c
 *	  Thousands of requests while servers misbehave at random: each one ends,
 *	  and none gets another's answer.
 */
#include "unit.h"

#include <stdlib.h>

#include "fake.h"

#define N_REQUESTS 4000
#define WINDOW 200

static uint32_t state; /* of the random numbers: same seed, same run */

static uint32_t
draw(uint32_t n)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % n;
}

/* What goes wrong, out of a thousand requests of any kind. */
static bool
misbehave(fake_node *node, const fake_request *request)
{
	uint32_t dice = draw(1000);

	if (dice < 4)
		fake_reset(node);
	else if (dice < 10)
		return true; /* no answer */
	else if (dice < 30 && request->opcode == CQL_OP_EXECUTE)
		fake_unprepared(request);
	else if (dice < 40 && request->opcode != CQL_OP_OPTIONS &&
			 request->opcode != CQL_OP_STARTUP)
		fake_error(request, CQL_SERVER_OVERLOADED, "busy", NULL, 0);
	else if (dice < 42)
		fake_answer(request, CQL_OP_RESULT, "\0\0", 2);
	else if (dice < 45)
	{
		node->generation++;
		return false;
	}
	else
		return false;
	return true;
}

/* Ends a request; the answer is that of its own question. */
static void
finish(cql_cluster *cluster, cql_request *request, int32_t asked,
	   uint32_t *ndone)
{
	cql_request_state ended = fake_run(cluster, request);
	cql_slice cells[1];
	cql_result *result;
	cql_error err;

	CHECK(ended != CQL_REQUEST_PENDING);
	if (ended == CQL_REQUEST_FAILED)
		CHECK(cql_request_error(request)->message[0] != '\0');
	else
	{
		(*ndone)++;
		result = cql_request_take(request);
		CHECK(result != NULL && cql_result_metadata(result)->ncolumns == 1 &&
			  cql_result_next(result, cells, &err) == 1 && cells[0].len == 4 &&
			  (int32_t) cql_load_u32(cells[0].data) == asked);
		cql_result_free(result);
	}
	cql_request_release(request);
}

static cql_request *
ask(cql_cluster *cluster, int32_t key)
{
	static const char *const texts[] = {"SELECT v FROM ks.a WHERE k = ?",
										"SELECT v FROM ks.b WHERE k = ?",
										"SELECT v FROM ks.c WHERE k = ?"};
	cql_params params = fake_params(texts[draw(3)]);
	uint8_t bytes[4];
	cql_slice value = {bytes, 4};
	cql_error err;

	cql_store_u32(bytes, (uint32_t) key);
	params.prepare = true;
	params.values = &value;
	params.nvalues = 1;
	params.keyspace = "ks";
	params.timeout = 1000000;
	params.idempotent = draw(10) > 0;
	params.has_token = draw(4) == 0;
	params.token = (int64_t) draw(3000);
	return cql_execute(cluster, &params, &err);
}

static void
run_seed(uint32_t seed, uint8_t version)
{
	static cql_request *requests[N_REQUESTS];
	cql_config config;
	cql_error err;
	cql_cluster *cluster;
	uint32_t ndone = 0;
	int32_t next = 0;
	int32_t i;

	state = seed;
	fake_start(3);
	for (i = 0; i < 3; i++)
	{
		fake_nodes[i].max_version = version;
		fake_nodes[i].handle = misbehave;
	}
	config = fake_config(2);
	config.connections_per_node = 1 + draw(3);
	cluster = cql_cluster_create(&unit_env, &config, &err);
	REQUIRE(cluster != NULL);
	unit_about("seed %u", seed);
	for (i = 0; i < N_REQUESTS; i++)
	{
		requests[i] = ask(cluster, i);
		REQUIRE(requests[i] != NULL);
		if (draw(50) == 0)
		{
			cql_request_release(requests[i]);
			requests[i] = NULL;
		}
		if (draw(20) == 0)
			(void) fake_turn(cluster);
		for (; i - next >= WINDOW; next++)
		{
			if (requests[next] != NULL)
				finish(cluster, requests[next], next, &ndone);
		}
	}
	for (; next < N_REQUESTS; next++)
	{
		if (requests[next] != NULL)
			finish(cluster, requests[next], next, &ndone);
	}
	CHECK(ndone > N_REQUESTS * 3 / 4);
	unit_about("%s", "");
	cql_cluster_destroy(cluster);
	fake_stop_all();
}

static void
test_version_5(void)
{
	uint32_t seed;

	for (seed = 1; seed <= 3; seed++)
		run_seed(seed, 5);
}

static void
test_version_4(void)
{
	uint32_t seed;

	for (seed = 11; seed <= 13; seed++)
		run_seed(seed, 4);
}

const unit_case unit_cases[] = {
	{"misbehaving servers, version 5", test_version_5},
	{"misbehaving servers, version 4", test_version_4},
	{NULL, NULL}};
