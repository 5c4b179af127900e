/*
 * session_steps.c
 *	  Steps that the tests of a session share.
 */
#include <stdlib.h>

#include "session_steps.h"

cql_cluster *
session_make_cluster(const cql_config *config)
{
	cql_error err;
	cql_cluster *cluster = cql_cluster_create(&unit_env, config, &err);

	if (cluster == NULL)
		CHECK_STR(err.message, "a cluster");
	return cluster;
}

cql_cluster *
session_start_cluster(uint32_t n)
{
	cql_config config;

	fake_start(n);
	config = fake_config(n);
	return session_make_cluster(&config);
}

void
session_end_cluster(cql_cluster *cluster)
{
	cql_cluster_destroy(cluster);
	fake_stop_all();
}

cql_request *
session_execute(cql_cluster *cluster, const cql_params *params)
{
	cql_error err;
	cql_request *request = cql_execute(cluster, params, &err);

	if (request == NULL)
		CHECK_STR(err.message, "a request");
	return request;
}

/* The int in the first row of a request that ended; -1 otherwise. */
int32_t
session_take_int(cql_request *request)
{
	cql_result *result = NULL;
	cql_slice cells[8];
	cql_error err;
	int32_t value = -1;

	if (CHECK_INT(cql_request_get_state(request), CQL_REQUEST_DONE))
		result = cql_request_take(request);
	else if (cql_request_get_state(request) == CQL_REQUEST_FAILED)
		CHECK_STR(cql_request_error(request)->message, "");
	if (result != NULL && CHECK(cql_result_metadata(result)->ncolumns <= 8) &&
		CHECK_INT(cql_result_next(result, cells, &err), 1) &&
		CHECK_INT(cells[0].len, 4))
		value = (int32_t) cql_load_u32(cells[0].data);
	cql_result_free(result);
	cql_request_release(request);
	return value;
}

int32_t
session_run_int(cql_cluster *cluster, const cql_params *params)
{
	cql_request *request = session_execute(cluster, params);

	if (request == NULL)
		return -1;
	(void) fake_run(cluster, request);
	return session_take_int(request);
}

/* Runs a request that must fail; releases it. */
cql_error
session_run_error(cql_cluster *cluster, const cql_params *params)
{
	cql_request *request = session_execute(cluster, params);
	cql_error err;

	memset(&err, 0, sizeof(err));
	if (request == NULL)
		return err;
	CHECK_INT(fake_run(cluster, request), CQL_REQUEST_FAILED);
	err = *cql_request_error(request);
	cql_request_release(request);
	return err;
}

/* SELECT v FROM ks.t WHERE k = ? through the cache; value must live. */
cql_params
session_lookup(uint8_t bytes[4], cql_slice *value, int32_t key)
{
	cql_params params = fake_params("SELECT v FROM ks.t WHERE k = ?");

	cql_store_u32(bytes, (uint32_t) key);
	value->data = bytes;
	value->len = 4;
	params.prepare = true;
	params.values = value;
	params.nvalues = 1;
	params.keyspace = "ks";
	return params;
}

/* ---- one host ---- */
