/*
 * client_request.c
 *	  Between backend and client: waiting, requests, errors.
 *
 * The only file that waits, and the only one that turns a cql_error into
 * ereport.
 */
#include "client.h"
#include "conncache.h"
#include "guc.h"

#include "access/parallel.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/memutils.h"

#define INTERRUPT_INTERVAL 100000 /* microseconds, of a wait elsewhere */

/* ---- waiting ---- */

void
cass_poll(cql_cluster *cluster)
{
	cass_slow_log_watch(cluster);
	cql_cluster_step(cluster, cql_now());
	cass_slow_log_tell(cluster);
}

/* Told once a session, not by its workers: who listens may read it. */
static void
warn_of_clear_text(const cql_cluster *cluster)
{
	static bool warned = false;
	cql_stats stats;

	if (warned || IsParallelWorker())
		return;
	cql_cluster_get_stats(cluster, &stats);
	if (!stats.password_in_clear)
		return;
	warned = true;
	ereport(WARNING,
			(errmsg("a password was sent to Cassandra without encryption"),
			 errhint("Set the server option \"sslmode\" to \"verify-full\" "
					 "where Cassandra offers TLS.")));
}

/*
 * Sleeps until the client has something to do, the latch is set, or the
 * deadline has come.
 */
static void
wait_once(cql_cluster *cluster, int64 deadline)
{
	int64 now = cql_now();
	int64 us = cql_cluster_timeout(cluster, now);
	long ms;

	if (us < 0 || us > deadline - now)
		us = Max(deadline - now, 0);
	ms = (long) Min((us + 999) / 1000, 1000);
	if (us == 0)
		return;
	cass_wait_latch_or_fd(cql_cluster_waitfd(cluster), ms);
}

int
cass_find_ended(cql_request *const *requests, int nrequests)
{
	int i;

	for (i = 0; i < nrequests; i++)
	{
		if (requests[i] != NULL &&
			cql_request_get_state(requests[i]) != CQL_REQUEST_PENDING)
			return i;
	}
	return -1;
}

int
cass_wait_until(cql_cluster *cluster, cql_request *const *requests,
				int nrequests, int64 deadline)
{
	for (;;)
	{
		int ended;

		cass_poll(cluster);
		warn_of_clear_text(cluster);
		ended = cass_find_ended(requests, nrequests);
		if (ended >= 0)
			cass_conncache_answered(cluster);
		if (ended >= 0 || cql_now() >= deadline)
			return ended;
		cql_cluster_urge(cluster);
		wait_once(cluster, deadline);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

int
cass_wait_any(cql_cluster *cluster, cql_request *const *requests,
			  int nrequests)
{
	return cass_wait_until(cluster, requests, nrequests, PG_INT64_MAX);
}

int
cass_wait_elsewhere(cql_cluster *cluster, bool ready)
{
	int64 now = cql_now();
	int64 us = cql_cluster_timeout(cluster, now);

	cql_cluster_urge(cluster);
	if (us < 0 || us > INTERRUPT_INTERVAL)
		us = INTERRUPT_INTERVAL;
	if (!cql_cluster_alarm(cluster, ready ? now : now + us))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("there is no descriptor left for a timer"),
				 errhint("Raise the parameter \"max_files_per_process\".")));
	return cql_cluster_waitfd(cluster);
}

/* ---- requests owned by a memory context ---- */

void
cass_request_reset(CassRequest *handle)
{
	cql_request_release(handle->request);
	handle->request = NULL;
	cql_result_free(handle->result);
	handle->result = NULL;
}

static void
request_callback(void *arg)
{
	cass_request_reset(arg);
}

CassRequest *
cass_request_create(MemoryContext context)
{
	CassRequest *handle = MemoryContextAllocZero(context, sizeof(CassRequest));

	handle->callback.func = request_callback;
	handle->callback.arg = handle;
	MemoryContextRegisterResetCallback(context, &handle->callback);
	return handle;
}

void
cass_request_execute(CassRequest *handle, cql_cluster *cluster,
					 const cql_params *params)
{
	cql_params traced = *params;
	cql_error error;

	cass_request_reset(handle);
	traced.tracing |= cass_guc_trace;
	handle->request = cql_execute(cluster, &traced, &error);
	if (handle->request == NULL)
		cass_report_error(&error, params->cql);
}

void
cass_request_execute_batch(CassRequest *handle, cql_cluster *cluster,
						   cql_batch_type type, const cql_batch_entry *entries,
						   int nentries, const cql_params *params)
{
	cql_params traced = *params;
	cql_error error;

	cass_request_reset(handle);
	traced.tracing |= cass_guc_trace;
	handle->request =
		cql_execute_batch(cluster, type, entries, nentries, &traced, &error);
	if (handle->request == NULL)
		cass_report_error(&error, entries[0].cql);
}

/* Where the trace of a request can be read. */
static void
report_trace(const CassRequest *handle)
{
	const uint8 *id = cql_result_tracing_id(handle->result);

	if (id == NULL)
		return;
	ereport(NOTICE, (errmsg("Cassandra traced a request in session %s",
							cass_trace_text(id)),
					 errdetail("The coordinator was %s.", handle->host)));
}

/* Moves the result of the request that is done, and what it tells, over. */
static void
move_result(CassRequest *handle)
{
	handle->attempts = cql_request_attempts(handle->request);
	handle->reprepared = cql_request_reprepared(handle->request);
	handle->result = cql_request_take(handle->request);
	cql_request_release(handle->request);
	handle->request = NULL;
	strlcpy(handle->host, cql_result_host(handle->result),
			sizeof(handle->host));
}

void
cass_request_take(CassRequest *handle)
{
	move_result(handle);
	report_trace(handle);
	cass_report_warnings(handle->result, handle->muted);
}

bool
cass_request_row(const CassRequest *handle, cql_slice *cells, const char *cql)
{
	cql_error error;
	int rc = handle->result == NULL
				 ? 0
				 : cql_result_next(handle->result, cells, &error);

	if (rc < 0)
		cass_report_error(&error, cql);
	return rc > 0;
}

void
cass_request_move(CassRequest *from, CassRequest *to)
{
	cass_request_reset(to);
	to->result = from->result;
	to->attempts = from->attempts;
	strlcpy(to->host, from->host, sizeof(to->host));
	from->result = NULL;
}

cql_result *
cass_request_wait(CassRequest *handle, cql_cluster *cluster, const char *cql)
{
	if (handle->result == NULL)
	{
		(void) cass_wait_any(cluster, &handle->request, 1);
		if (cql_request_get_state(handle->request) == CQL_REQUEST_FAILED)
			cass_report_error(cql_request_error(handle->request), cql);
		cass_request_take(handle);
	}
	return handle->result;
}
