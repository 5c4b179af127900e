/*
 * request.c
 *	  The way of a request: a host is chosen, it is sent, a response or a
 *	  timer comes, it is tried again or ends.
 */
#include "request.h"

#include <stdio.h>
#include <string.h>

#include "choose.h"
#include "retry.h"

/* ---- waiting ---- */

void
cql_request_enqueue(cql_request *request, cql_phase phase)
{
	request->phase = phase;
	cql_wait(&request->waiter, &request->cluster->run);
}

void
cql_request_await(cql_request *request, cql_request *other, cql_phase phase)
{
	cql_error err;

	if (other == NULL)
	{
		cql_error_set(&err, CQL_ERR_NOMEM, "out of memory");
		cql_request_fail(request, &err);
		return;
	}
	request->phase = phase;
	cql_wait(&request->waiter, &other->waiters);
}

void
cql_request_wake(cql_request *request, const cql_error *err)
{
	while (request->waiters.head != NULL)
	{
		cql_request *waiter = (cql_request *) request->waiters.head;

		cql_wait_end(&waiter->waiter);
		if (err == NULL || waiter->phase == CQL_PHASE_FINISH)
			cql_request_enqueue(waiter, waiter->phase);
		else
			cql_request_attempt_failed(waiter, waiter->host, err, false);
	}
}

/* ---- ending ---- */

/* Keeps an error; a request without memory for it says so by having none. */
static void
keep_error(cql_request *request, const cql_error *err)
{
	if (request->error == NULL)
		request->error = cql_alloc(&request->cluster->env, sizeof(*err));
	if (request->error == NULL)
		return;
	*request->error = *err;
	request->error->unanswered = request->unanswered;
	if (request->unanswered && !request->idempotent)
		request->error->maybe_applied = true;
}

/* Where it was tried, how often and how long, into the error's details. */
static void
tell_tried(const cql_request *request)
{
	uint32_t i;

	if (request->error == NULL ||
		(request->error->code != CQL_ERR_TIMEOUT && request->failures < 2))
		return;
	for (i = 0; i < request->ntried; i++)
	{
		const cql_tried *tried = &request->tried[i];

		cql_error_detail(request->error, "Tried %s %u %s, for %lld ms.",
						 tried->host->node.address, tried->times,
						 tried->times == 1 ? "time" : "times",
						 (long long) (tried->spent / 1000));
	}
}

/*
 * What is still being read beside the request: the nodes are known once a
 * request has ended, and the replication of the keyspace it named.
 */
static cql_request *
read_beside(const cql_request *request)
{
	const cql_cluster *cluster = request->cluster;
	const cql_keyspace *keyspace;

	if (!cluster->topology_tried)
		return cluster->topology_reading;
	if (cluster->nkeyspace_reads == 0 || request->keyspace == NULL)
		return NULL;
	keyspace = cql_ring_find(&cluster->ring, request->keyspace);
	return keyspace == NULL ? NULL : keyspace->reading;
}

void
cql_request_done(cql_request *request)
{
	cql_request *beside;

	cql_request_abandon(request);
	cql_wait_end(&request->waiter);
	if (request->internal)
	{
		cql_request_wake(request, NULL);
		cql_request_free(request);
		return;
	}
	if (request->phase != CQL_PHASE_FINISH)
		cql_slow_ended(request, NULL);
	beside = read_beside(request);
	if (beside != NULL)
		cql_request_await(request, beside, CQL_PHASE_FINISH);
	else
		request->phase = CQL_PHASE_DONE;
}

void
cql_request_fail(cql_request *request, const cql_error *err)
{
	cql_request_abandon(request);
	cql_wait_end(&request->waiter);
	request->phase = CQL_PHASE_FAILED;
	cql_slow_ended(request, err);
	if (!request->internal)
	{
		keep_error(request, err);
		tell_tried(request);
		return;
	}
	if (request->kind->failed != NULL)
		request->kind->failed(request, err);
	cql_request_wake(request, err);
	cql_request_free(request);
}

void
cql_request_fail_at(cql_request *request, const cql_host *host, cql_error *err)
{
	(void) snprintf(err->host, sizeof(err->host), "%s", host->node.address);
	cql_request_fail(request, err);
}

/* ---- failed attempts ---- */

/* Notes where an attempt failed. */
static cql_tried *
note_tried(cql_request *request, cql_host *host)
{
	const cql_pool *pool = &request->cluster->pool;
	cql_tried *tried = request->tried;
	uint32_t i = 0;
	int k;

	request->took = 0;
	while (i < request->ntried && tried[i].host != host)
		i++;
	if (host == NULL || i == CQL_MAX_ATTEMPTS)
		return NULL;
	if (i == request->ntried)
		request->ntried++;
	tried[i].host = host;
	tried[i].times++;
	for (k = 0; k < CQL_MAX_COPIES; k++)
	{
		cql_attempt *attempt = &request->attempts[k];

		if (attempt->host != host || attempt->channel != NULL)
			continue;
		request->took = pool->now - attempt->began;
		tried[i].spent += request->took;
		attempt->host = NULL;
	}
	return &tried[i];
}

/*
 * How long to wait before it is tried again; -1 where an attempt as long as
 * the last one would end after the request's time.
 */
static int64_t
retry_pause(const cql_request *request)
{
	int64_t pause = CQL_RETRY_PAUSE_MIN;
	uint32_t i;

	for (i = 1; i < request->failures && pause < CQL_RETRY_PAUSE_MAX; i++)
		pause *= 2;
	if (pause > CQL_RETRY_PAUSE_MAX)
		pause = CQL_RETRY_PAUSE_MAX;
	return request->cluster->pool.now + pause + request->took -
					   request->began <=
				   request->timeout
			   ? pause
			   : -1;
}

static cql_retry
decide(const cql_request *request, const cql_error *err, bool sent)
{
	cql_retry_case retry;
	cql_retry decision;

	retry.error = err;
	retry.sent = sent;
	retry.idempotent = request->idempotent;
	retry.attempts = request->failures;
	retry.max_attempts = request->cluster->max_attempts;
	decision = cql_retry_decide(&retry);
	/* What others wait for they try elsewhere themselves. */
	if (decision == CQL_RETRY_LATER && request->internal)
		decision = CQL_RETRY_NEXT;
	if (decision == CQL_RETRY_LATER && retry_pause(request) < 0)
		decision = CQL_RETRY_NO;
	return decision;
}

void
cql_request_attempt_failed(cql_request *request, cql_host *host,
						   const cql_error *err, bool sent)
{
	cql_cluster *cluster = request->cluster;
	bool lost = err->code == CQL_ERR_LOST || err->code == CQL_ERR_CONNECT;
	cql_tried *tried = note_tried(request, host);
	cql_retry decision;

	if (err->maybe_applied || (sent && (lost || err->code == CQL_ERR_TIMEOUT)))
		request->unanswered = true;
	request->failures++;
	decision = decide(request, err, sent);
	if (tried != NULL)
	{
		tried->excluded = decision != CQL_RETRY_SAME;
		tried->may_repeat = lost || decision == CQL_RETRY_LATER;
	}
	if (cql_request_in_flight(request)) /* the other copy may do better */
	{
		keep_error(request, err);
		return;
	}
	if (decision == CQL_RETRY_NO ||
		(decision == CQL_RETRY_NEXT && request->pinned != NULL && !lost))
	{
		cql_request_fail(request, err);
		return;
	}
	cql_request_abandon(request);
	cql_result_free(request->result);
	request->result = NULL;
	request->preferred = decision == CQL_RETRY_SAME ? host : NULL;
	cluster->stats.retries++;
	cql_traffic_retried(&cluster->pool, host);
	keep_error(request, err);
	if (decision != CQL_RETRY_LATER)
	{
		cql_request_enqueue(request, CQL_PHASE_CHOOSE);
		return;
	}
	request->phase = CQL_PHASE_PAUSED;
	cql_timer_set(&cluster->timers, &request->attempts[0].timer,
				  cluster->pool.now + retry_pause(request));
}

/* The attempt has had no response in its time. */
static void
attempt_expired(cql_attempt *attempt)
{
	cql_request *request = attempt->request;
	cql_pool *pool = &request->cluster->pool;
	cql_host *host = attempt->host;
	cql_error err;

	cql_error_set(&err, CQL_ERR_TIMEOUT, "no answer within %lld ms while %s",
				  (long long) (request->timeout / 1000), request->kind->what);
	(void) snprintf(err.host, sizeof(err.host), "%s",
					cql_conn_host(attempt->channel->conn));
	cql_host_suspect(pool, host);
	cql_traffic_expired(pool, host, request->timeout);
	cql_attempt_abandon(attempt);
	cql_request_attempt_failed(request, host, &err, true);
}

/* ---- responses ---- */

void
cql_request_respond(cql_exchange *exchange, cql_channel *channel)
{
	cql_attempt *attempt = exchange->owner;
	cql_request *request = attempt->request;
	cql_response response;

	cql_attempt_read(attempt, channel, exchange, &response);
	if (attempt->exchange == exchange)
		cql_attempt_end(attempt);
	request->kind->response(request, attempt, &response);
	cql_exchange_free(channel->pool->env, exchange);
}

/* ---- the way to a host ---- */

/* Sends it to the channel as one of its attempts; false with *err set. */
static bool
send_attempt(cql_attempt *attempt, cql_channel *channel, cql_error *err)
{
	cql_request *request = attempt->request;
	cql_host *host = channel->host;

	attempt->channel = channel; /* so that what was sent can be given up */
	if (!request->kind->send(request, attempt, err))
		return false;
	request->nsent++;
	request->cluster->stats.requests++;
	cql_traffic_sent(channel);
	cql_attempt_begin(attempt, channel);
	if (channel->in_flight >= CQL_CHANNEL_BUSY &&
		host->nchannels < channel->pool->channels_per_host)
		(void) cql_channel_dial(channel->pool, host);
	return true;
}

/* When the second copy goes out, if one may. */
static void
await_copy(cql_request *request)
{
	cql_cluster *cluster = request->cluster;

	if (request->copy_delay > 0 && request->idempotent &&
		request->pinned == NULL && request->kind->copy_ready != NULL)
		cql_timer_set(&cluster->timers, &request->attempts[1].timer,
					  cluster->pool.now + request->copy_delay);
}

/* On a ready channel: what is missing there first, else it is sent. */
static void
send_on(cql_request *request, cql_channel *channel)
{
	bool copies = request->copy_delay > 0; /* it is the caller's, and stays */
	cql_error err;

	request->woken = false;
	request->host = channel->host;
	if (request->kind->ready != NULL &&
		!request->kind->ready(request, channel->host))
	{
		if (copies && request->phase == CQL_PHASE_CHOOSE)
			await_copy(request);
		return;
	}
	if (send_attempt(&request->attempts[0], channel, &err))
		await_copy(request);
	else
		cql_request_fail(request, &err);
}

/*
 * A channel to another host than this one, where the statement is known; NULL:
 * there is none yet, and what is missing for one has begun.
 */
static cql_channel *
other_channel(cql_request *request, cql_host *than)
{
	cql_host *host = cql_choose_other(request, than);
	cql_channel *channel =
		host == NULL ? NULL : cql_channel_pick(host, 1, false);

	if (channel != NULL && request->kind->copy_ready(request, host))
		return channel;
	if (host != NULL && host->nready == 0)
		(void) cql_channel_dial(&request->cluster->pool, host);
	return NULL;
}

/*
 * The second copy, to another host than the first: now where that is ready for
 * it, else a little later.
 */
static void
send_copy(cql_attempt *attempt)
{
	cql_request *request = attempt->request;
	cql_channel *channel = other_channel(request, request->attempts[0].host);
	cql_error err;

	if (channel == NULL)
	{
		await_copy(request);
		return;
	}
	request->cluster->stats.copies++;
	if (!send_attempt(attempt, channel, &err))
		cql_attempt_abandon(attempt);
}

/*
 * What it needs on the host it was to go to takes long: it goes to another one
 * that is ready for it, now or a little later.
 */
static void
leave_host(cql_request *request)
{
	cql_channel *channel = other_channel(request, request->host);

	if (channel == NULL)
	{
		await_copy(request);
		return;
	}
	request->preferred = channel->host;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
}

void
cql_request_expired(cql_timer *timer)
{
	cql_attempt *attempt = timer->owner;
	cql_request *request = attempt->request;

	cql_timer_unset(&request->cluster->timers, timer);
	if (attempt->channel != NULL)
		attempt_expired(attempt);
	else if (request->phase == CQL_PHASE_PAUSED)
		cql_request_enqueue(request, CQL_PHASE_CHOOSE);
	else if (request->phase == CQL_PHASE_SENT)
		send_copy(attempt);
	else if (request->phase == CQL_PHASE_CHOOSE)
		leave_host(request);
}

static void
choose_and_send(cql_request *request)
{
	uint32_t streams = request->kind->streams;
	bool had_token = request->has_token;
	bool resolving;
	cql_host *host;
	cql_channel *channel;
	cql_error err;

	if (cql_choose_hopeless(request, &err))
	{
		cql_request_fail(request, &err);
		return;
	}
	if (request->kind->route != NULL)
		request->kind->route(request);
	if (request->has_token && !had_token)
		request->preferred = NULL; /* its replica is known only now */
	host = cql_choose_host(request, &resolving, &err);
	if (host == NULL && resolving)
		cql_wait(&request->waiter, &request->cluster->pool.resolving);
	else if (host == NULL)
		cql_request_fail(request, &err);
	if (host == NULL)
		return;
	/* First come, first served: others may wait for a stream already. */
	channel = host->waiting.head != NULL && !request->woken
				  ? NULL
				  : cql_channel_pick(host, streams, !request->idempotent);
	if (channel != NULL)
	{
		send_on(request, channel);
		return;
	}
	request->waiter.needs = streams;
	request->waiter.sure = !request->idempotent;
	cql_wait(&request->waiter, &host->waiting);
}

void
cql_request_advance(cql_request *request)
{
	cql_wait_end(&request->waiter);
	if (request->began == 0)
		request->began = request->cluster->pool.now;
	switch (request->phase)
	{
		case CQL_PHASE_CHOOSE:
			choose_and_send(request);
			break;
		case CQL_PHASE_READ:
			request->kind->read(request);
			break;
		case CQL_PHASE_FINISH:
			cql_request_done(request);
			break;
		default:
			break;
	}
}

/* ---- once more ---- */

void
cql_request_again(cql_request *request)
{
	if (request->phase != CQL_PHASE_FAILED)
		return;
	if (request->kind->again != NULL)
		request->kind->again(request);
	request->began = 0;
	request->failures = 0;
	request->ntried = 0;
	memset(request->tried, 0, sizeof(request->tried));
	request->preferred = NULL;
	request->start_seq = request->cluster->pool.seq;
	cql_free(&request->cluster->env, request->error);
	request->error = NULL;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
}
