/*
 * async.c
 *	  Executor callbacks of an asynchronous Append.
 *
 * A scan is asked for a row and gives it as far as it is here.  Scans of one
 * cluster share its descriptor, which a wait event set takes only once: the
 * first one that waits registers it, and what comes then is handed to all of
 * them, for a step of the client receives for all of them.
 */
#include "scan.h"

#include "executor/execAsync.h"
#include "executor/instrument.h"
#include "foreign/fdwapi.h"
#include "miscadmin.h"

static CassScan *
get_scan(const AsyncRequest *request)
{
	return ((ForeignScanState *) request->requestee)->fdw_state;
}

/* Completes the request if its row is here; false where it is to wait. */
static bool
produce(AsyncRequest *request)
{
	CassScan *scan = get_scan(request);
	TupleTableSlot *slot;

	scan->no_wait = true;
	slot = request->requestee->ExecProcNodeReal(request->requestee);
	scan->no_wait = false;
	if (TupIsNull(slot) && scan->blocked)
	{
		ExecAsyncRequestPending(request);
		return false;
	}
	ExecAsyncRequestDone(request, TupIsNull(slot) ? NULL : slot);
	return true;
}

/* Another wrapper's scan may be a member of the same Append. */
static bool
is_ours(const AsyncRequest *request)
{
	return ((ForeignScanState *) request->requestee)
			   ->fdwroutine->ForeignAsyncRequest ==
		   cassandraForeignAsyncRequest;
}

/* The next one of the Append's scans on the cluster that wait, or NULL. */
static AsyncRequest *
next_waiting(const AsyncRequest *request, int *i)
{
	const AppendState *append = (const AppendState *) request->requestor;

	while ((*i = bms_next_member(append->as_asyncplans, *i)) >= 0)
	{
		AsyncRequest *other = append->as_asyncrequests[*i];

		if (other->callback_pending && is_ours(other) &&
			get_scan(other)->cluster == get_scan(request)->cluster)
			return other;
	}
	return NULL;
}

/* What has come for others on the cluster is theirs. */
static void
complete_others(const AsyncRequest *request)
{
	AsyncRequest *other;
	int i = -1;

	while ((other = next_waiting(request, &i)) != NULL)
	{
		if (other == request)
			continue;
		other->callback_pending = false;
		if (!produce(other))
			continue;
		if (other->requestee->instrument != NULL)
			InstrUpdateTupleCount(other->requestee->instrument,
								  TupIsNull(other->result) ? 0.0 : 1.0);
		ExecAsyncResponse(other);
	}
}

void
cassandraForeignAsyncRequest(AsyncRequest *request)
{
	(void) produce(request);
}

void
cassandraForeignAsyncConfigureWait(AsyncRequest *request)
{
	const AppendState *append = (const AppendState *) request->requestor;
	AsyncRequest *other;
	bool ready = false;
	int i = -1;
	int fd;

	if (next_waiting(request, &i) != request)
		return;
	/* others have looked at the answers of all */
	for (i = -1; !ready && (other = next_waiting(request, &i)) != NULL;)
		ready = cass_streams_are_ready(get_scan(other));
	fd = cass_wait_elsewhere(get_scan(request)->cluster, ready);
	(void) AddWaitEventToSet(append->as_eventset, WL_SOCKET_READABLE, fd, NULL,
							 request);
}

void
cassandraForeignAsyncNotify(AsyncRequest *request)
{
	CHECK_FOR_INTERRUPTS();
	(void) produce(request);
	complete_others(request);
}
