/*
 * request.c
 *	  The way of a request: choose a host, connect, prepare, send, retry.
 *
 * A request with something to do is in the cluster's run queue; advancing it
 * sends it, or leaves it waiting in a host's list (for a link or a stream) or
 * in a PREPARE's, or ends it.  Whatever it waited for puts it back into the
 * run queue.
 */
#include "traffic.h"

#include <stdio.h>
#include <string.h>

#include "policy.h"
#include "retry.h"

/* ---- lists ---- */

void
cql_request_append(cql_request_list *list, cql_request *request)
{
	cql_request_unlink(request);
	request->list = list;
	request->next = NULL;
	request->prev = list->tail;
	if (list->tail != NULL)
		list->tail->next = request;
	else
		list->head = request;
	list->tail = request;
}

void
cql_request_unlink(cql_request *request)
{
	cql_request_list *list = request->list;

	if (list == NULL)
		return;
	if (request->prev != NULL)
		request->prev->next = request->next;
	else
		list->head = request->next;
	if (request->next != NULL)
		request->next->prev = request->prev;
	else
		list->tail = request->prev;
	request->list = NULL;
}

void
cql_request_enqueue(cql_request *request, cql_phase phase)
{
	request->phase = phase;
	cql_request_append(&request->cluster->run, request);
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
	if (request->error != err)
		*request->error = *err;
	request->error->unanswered = request->unanswered;
	if (request->unanswered && !request->idempotent)
		request->error->maybe_applied = true;
}

void
cql_request_done(cql_request *request)
{
	cql_request_landed(request);
	cql_request_unlink(request);
	request->phase = CQL_PHASE_DONE;
	cql_slow_ended(request, NULL);
}

void
cql_request_fail(cql_request *request, const cql_error *err)
{
	cql_request_landed(request);
	cql_request_unlink(request);
	request->phase = CQL_PHASE_FAILED;
	cql_slow_ended(request, err);
	if (!request->internal)
	{
		keep_error(request, err);
		return;
	}
	if (request->statement != NULL)
		cql_statement_prepared(request, err);
	else if (request->work == CQL_WORK_TOPOLOGY)
		cql_topology_failed(request, err);
	else if (request->work == CQL_WORK_KEYSPACE && err->code != CQL_ERR_SERVER)
		cql_routing_forget(request->cluster, request->keyspace);
	cql_request_free(request);
}

void
cql_request_landed(cql_request *request)
{
	cql_timer_unset(&request->cluster->timers, &request->timer);
	request->link = NULL;
	request->exchange = NULL;
}

void
cql_request_abandon(cql_request *request)
{
	uint32_t i;

	if (request->link == NULL)
		return;
	if (request->exchange != NULL)
		cql_link_abandon(request->link, request->exchange);
	for (i = 0; request->multi != NULL && i < CQL_MAX_MULTI; i++)
	{
		if (request->multi->exchanges[i] != NULL)
			cql_link_abandon(request->link, request->multi->exchanges[i]);
		request->multi->exchanges[i] = NULL;
	}
	cql_request_landed(request);
}

/* ---- failed attempts ---- */

static void
mark_tried(cql_request *request)
{
	if (request->at != NULL && request->ntried < CQL_MAX_ATTEMPTS)
		request->tried[request->ntried++] = request->at;
	request->sticky = NULL;
}

void
cql_request_attempt_failed(cql_request *request, const cql_error *err,
						   bool sent)
{
	cql_retry_case retry;
	cql_retry decision;
	bool lost = err->code == CQL_ERR_LOST || err->code == CQL_ERR_CONNECT;

	if (err->maybe_applied || (sent && (lost || err->code == CQL_ERR_TIMEOUT)))
		request->unanswered = true;
	retry.error = err;
	retry.sent = sent;
	retry.idempotent = request->idempotent;
	retry.attempts = ++request->failures;
	retry.max_attempts = request->cluster->max_attempts;
	decision = cql_retry_decide(&retry);
	if (decision == CQL_RETRY_NO ||
		(decision == CQL_RETRY_NEXT && request->pinned != NULL && !lost))
	{
		cql_request_fail(request, err);
		return;
	}
	cql_request_landed(request);
	cql_result_free(request->result);
	request->result = NULL;
	request->may_repeat = lost;
	if (decision == CQL_RETRY_SAME)
		request->sticky = request->at;
	else
		mark_tried(request);
	request->cluster->stats.retries++;
	cql_traffic_retried(request);
	keep_error(request, err);
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
}

void
cql_request_restart(cql_request *request)
{
	request->began = 0;
	request->failures = 0;
	request->reprepared = 0;
	request->plain = request->checked = false;
	request->ntried = 0;
	request->may_repeat = false;
	request->sticky = NULL;
	request->start_seq = request->cluster->seq;
	cql_free(&request->cluster->env, request->error);
	request->error = NULL;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
}

static const char *
what_it_did(const cql_request *request)
{
	switch (request->work)
	{
		case CQL_WORK_PREPARE:
			return "preparing the statement";
		case CQL_WORK_CHECK:
		case CQL_WORK_SCHEMA:
			return "reading the schema";
		case CQL_WORK_TOPOLOGY:
		case CQL_WORK_KEYSPACE:
			return "reading the topology";
		default:
			return "executing the statement";
	}
}

void
cql_request_expired(cql_request *request)
{
	cql_error err;

	cql_error_set(&err, CQL_ERR_TIMEOUT, "no answer within %lld ms while %s",
				  (long long) (request->timeout / 1000), what_it_did(request));
	(void) snprintf(err.host, sizeof(err.host), "%s",
					cql_conn_host(request->link->conn));
	request->at->slow_until = request->cluster->now + CQL_SLOW_PAUSE;
	cql_traffic_expired(request);
	cql_request_abandon(request);
	cql_request_attempt_failed(request, &err, true);
}

/* ---- choosing a host ---- */

/* No host is left: the last attempt's error, or why none could be reached. */
static void
fail_unreachable(cql_request *request)
{
	cql_cluster *cluster = request->cluster;
	const cql_host *last = NULL;
	cql_error err;
	uint32_t i;

	cql_error_set(&err, CQL_ERR_CONNECT,
				  "no host of the cluster could be reached");
	if (request->error != NULL)
		err = *request->error;
	for (i = 0; i < cluster->ncontacts; i++)
	{
		if (cluster->contacts[i].failure[0] != '\0')
			cql_error_detail(&err, "%s", cluster->contacts[i].failure);
	}
	for (i = 0; i < cluster->nhosts; i++)
	{
		const cql_host *host = cluster->hosts[i];

		if (host->failed_seq <= request->start_seq)
			continue;
		cql_error_detail(&err, "%s", host->failure);
		if (last == NULL || host->failed_seq > last->failed_seq)
			last = host;
	}
	if (cluster->nlocal < cluster->nnodes && !cluster->remote_dc)
		cql_error_detail(&err,
						 "Nodes outside of the local data center \"%s\" "
						 "were not asked.",
						 cql_local_dc(cluster));
	/* What is no matter of reaching a host keeps its own kind. */
	if (request->error == NULL && last != NULL &&
		(last->failed_code == CQL_ERR_TLS ||
		 last->failed_code == CQL_ERR_NOMEM ||
		 last->failed_code == CQL_ERR_PROTOCOL))
		err.code = last->failed_code;
	if (last != NULL && err.host[0] == '\0')
		(void) snprintf(err.host, sizeof(err.host), "%s", last->pub.address);
	cql_request_fail(request, &err);
}

static bool
was_tried(const cql_request *request, const cql_host *host)
{
	uint32_t i;

	for (i = 0; i < request->ntried; i++)
	{
		if (request->tried[i] == host)
			return true;
	}
	return false;
}

/* Some host that is connected, listed or not. */
static cql_host *
any_ready(const cql_request *request)
{
	const cql_cluster *cluster = request->cluster;
	uint32_t i;

	for (i = 0; i < cluster->nlinks; i++)
	{
		cql_link *link = cluster->links[i];

		if (link->ready && !was_tried(request, link->host) &&
			!cql_host_is_far(cluster, link->host))
			return link->host;
	}
	return NULL;
}

static cql_host *
plan_next(cql_request *request, bool ready_only)
{
	cql_cluster *cluster = request->cluster;
	cql_policy_query query;
	cql_host *host;

	query.nodes = cluster->nodes;
	query.nnodes = cluster->nnodes;
	query.nrack = cluster->nrack;
	query.nlocal = cluster->nlocal;
	query.replicas = cql_routing_replicas(request, &query.nreplicas);
	request->routed = query.nreplicas > 0;
	query.turn = cluster->turn;
	query.tried = request->tried;
	query.ntried = request->ntried;
	query.seq = request->start_seq;
	query.ready_only = ready_only;
	query.local_only = !cluster->remote_dc && cluster->nlocal > 0;
	query.now = cluster->now;
	host = cql_policy_next(&query);
	if (host == NULL)
		host = any_ready(request);
	if (host == NULL && !ready_only)
		host = cql_contact_next(cluster, request);
	return host;
}

/* The only host a request may go to, or NULL once it has failed. */
static cql_host *
pinned_host(cql_request *request)
{
	cql_host *host = request->pinned;

	return host->nready > 0 || host->failed_seq <= request->start_seq ? host
																	  : NULL;
}

static cql_host *
next_host(cql_request *request)
{
	cql_host *host;

	if (request->sticky != NULL && request->sticky->nready > 0)
		return request->sticky;
	if (request->pinned != NULL)
		return pinned_host(request);
	request->cluster->turn++;
	host = plan_next(request, false);
	if (host == NULL && request->may_repeat && request->ntried > 0 &&
		!request->resolving)
	{
		request->ntried = 0; /* after a lost connection: the same again */
		host = plan_next(request, false);
	}
	return host;
}

/*
 * The host is not connected.  It is dialled when nothing else is there, when
 * the work is worth it (a range of the ring belongs on its replica), or when
 * enough requests wanted it: a single look-up is done sooner by any node that
 * is connected.  One elsewhere is no such node while the host may be there.
 * NULL: the dial failed at once.
 */
static cql_host *
connect_or_other(cql_request *request, cql_host *host)
{
	bool insist =
		request->pinned != NULL ||
		(request->by_range && request->routed && host->failures == 0);
	cql_host *other = insist ? NULL : plan_next(request, true);

	if (other != NULL && !other->pub.local && host->pub.local &&
		host->failures == 0)
		other = NULL;
	host->wanted++;
	if (other != NULL && host->wanted < CQL_DIAL_AFTER)
		return other;
	if (cql_link_dial(request->cluster, host) || other != NULL)
		return other != NULL ? other : host;
	return NULL;
}

/* ---- sending ---- */

uint32_t
cql_request_streams(const cql_request *request)
{
	return request->work == CQL_WORK_CHECK ||
				   request->work == CQL_WORK_SCHEMA ||
				   request->work == CQL_WORK_TOPOLOGY
			   ? CQL_MAX_MULTI
			   : 1;
}

/* On a ready link: what is missing there first, else it is sent. */
static void
send_or_prepare(cql_request *request, cql_link *link)
{
	cql_error err;

	request->queued = false;
	request->at = link->host;
	if (cql_request_ready(request, link->host) &&
		!cql_request_send(request, link, &err))
		cql_request_fail(request, &err);
	if (link->live >= CQL_LINK_BUSY &&
		link->host->nlinks < link->cluster->links_per_host)
		(void) cql_link_dial(link->cluster, link->host);
}

/* ---- the step of a request ---- */

static void
wait_for(cql_request *request, cql_host *host)
{
	request->phase = CQL_PHASE_CONNECT;
	cql_request_append(&host->waiting, request);
}

/* Answers of several queries have come, or failed to. */
static void
digest(cql_request *request)
{
	cql_multi *multi = request->multi;
	cql_error err;

	if (multi->failed && multi->left == 0)
	{
		err = multi->error;
		cql_request_attempt_failed(request, &err, true);
	}
	else if (multi->failed ||
			 (request->work == CQL_WORK_TOPOLOGY && multi->left > 0))
		request->phase = CQL_PHASE_ANSWER;
	else if (request->work == CQL_WORK_TOPOLOGY)
		cql_topology_digest(request);
	else
		cql_schema_digest(request);
}

/* Fails what no host can do as the cluster is configured. */
static bool
is_hopeless(cql_request *request)
{
	cql_cluster *cluster = request->cluster;

	if (cluster->auth_failed && cluster->nready == 0)
		cql_request_fail(request, &cluster->auth_error);
	else if (cql_topology_misnamed(cluster) &&
			 request->work != CQL_WORK_TOPOLOGY)
		cql_topology_refuse(request);
	else
		return false;
	return true;
}

void
cql_request_advance(cql_request *request)
{
	cql_cluster *cluster = request->cluster;
	bool had_token = request->has_token;
	cql_host *host;
	cql_link *link;

	cql_request_unlink(request);
	if (request->began == 0)
		request->began = cluster->now;
	if (request->phase == CQL_PHASE_DIGEST)
	{
		digest(request);
		return;
	}
	if (is_hopeless(request))
		return;
	cql_routing_token(request);
	if (request->has_token && !had_token)
		request->sticky = NULL; /* its replica is known only now */
	do
	{
		request->resolving = false;
		host = next_host(request);
		if (host == NULL && request->resolving)
		{
			request->phase = CQL_PHASE_CONNECT;
			cql_request_append(&cluster->resolving, request);
			return;
		}
		if (host == NULL)
		{
			fail_unreachable(request);
			return;
		}
		if (host->nready == 0)
			host = connect_or_other(request, host);
	} while (host == NULL);
	/* First come, first served: others may wait for a stream already. */
	link = host->waiting.head != NULL && !request->queued
			   ? NULL
			   : cql_link_pick(host, cql_request_streams(request));
	if (link == NULL)
		wait_for(request, host);
	else if (cql_topology_needed(request, host))
		cql_topology_await(request, host);
	else
		send_or_prepare(request, link);
}
