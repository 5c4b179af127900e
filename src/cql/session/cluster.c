/*
 * cluster.c
 *	  A cluster object: its life, its loop and its counters.
 *
 * The loop of a step: bytes that came, requests with something to do, bytes
 * to be sent, again while that gives requests more to do.
 */
#include "traffic.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define STEP_EVENTS 64 /* ready descriptors taken at a time */
#define STEP_ROUNDS 8  /* of running and sending in one step */

/* ---- life ---- */

/* False with *err set; nothing is held then. */
static bool
open_epoll(cql_cluster *cluster, cql_error *err)
{
	if (!cluster->env.fd_acquire(cluster->env.ctx))
	{
		cql_error_set(err, CQL_ERR_LIMIT, "too many open files");
		return false;
	}
	cluster->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (cluster->epfd >= 0)
		return true;
	cql_error_set(err, CQL_ERR_LIMIT,
				  "could not create an epoll descriptor: %s", strerror(errno));
	cluster->env.fd_release(cluster->env.ctx);
	return false;
}

cql_cluster *
cql_cluster_create(const cql_env *env, const cql_config *config,
				   cql_error *err)
{
	cql_cluster *cluster = cql_alloc0(env, sizeof(*cluster));

	if (cluster == NULL)
	{
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
		return NULL;
	}
	cluster->env = *env;
	cluster->epfd = -1;
	cluster->random = (uint32_t) getpid() * 2654435761u;
	cluster->slow_duration = -1;
	cluster->slow_tail = &cluster->slow;
	cql_timers_init(&cluster->timers, &cluster->env);
	cql_map_init(&cluster->keyspaces, &cluster->env);
	cql_map_init(&cluster->by_address, &cluster->env);
	cql_map_init(&cluster->by_id, &cluster->env);
	cql_prepared_init(&cluster->prepared, &cluster->env);
	cql_buf_init(&cluster->scratch, &cluster->env, CQL_MAX_BODY);
	if (cql_cluster_configure(cluster, config, err) &&
		open_epoll(cluster, err))
		return cluster;
	cql_cluster_destroy(cluster);
	return NULL;
}

/* Requests may be in each other's lists: first out of all of them. */
static void
free_requests(cql_cluster *cluster)
{
	cql_request *request;

	for (request = cluster->all; request != NULL; request = request->all_next)
		cql_request_unlink(request);
	while (cluster->all != NULL)
		cql_request_free(cluster->all);
}

void
cql_cluster_destroy(cql_cluster *cluster)
{
	cql_env env;
	uint32_t i;

	if (cluster == NULL)
		return;
	env = cluster->env;
	free_requests(cluster);
	cql_slow_free(cluster);
	for (i = 0; i < cluster->nlinks; i++)
		cql_link_free(cluster->links[i]);
	for (i = 0; i < cluster->nhosts; i++)
		cql_host_free(cluster, cluster->hosts[i]);
	for (i = 0; i < cluster->ncontacts; i++)
		cql_lookup_abandon(cluster->contacts[i].lookup);
	cql_free(&env, cluster->links);
	cql_free(&env, cluster->hosts);
	cql_map_free(&cluster->by_address);
	cql_map_free(&cluster->by_id);
	cql_free(&env, cluster->nodes);
	cql_free(&env, cluster->taken_dc);
	cql_prepared_free(&cluster->prepared);
	cql_routing_free(cluster);
	cql_timers_free(&cluster->timers);
	cql_buf_free(&cluster->scratch);
	cql_budget_release(cluster->budget);
	cql_tls_context_free(cluster->conn_config.tls);
	cql_arena_free(&cluster->arena);
	if (cluster->epfd >= 0)
	{
		(void) close(cluster->epfd);
		env.fd_release(env.ctx);
	}
	cql_free(&env, cluster);
}

/* ---- the loop ---- */

static void
step_readable(cql_cluster *cluster)
{
	struct epoll_event events[STEP_EVENTS];
	int n;
	int i;

	if (cluster->nlinks == 0)
		return;
	n = epoll_wait(cluster->epfd, events, STEP_EVENTS, 0);
	/* What is not read now is as readable in the next step. */
	for (i = 0; i < n && (i == 0 || !cql_step_is_over(cluster)); i++)
	{
		cql_link *link = cql_link_by_serial(cluster, events[i].data.u64);

		if (link != NULL)
			cql_link_step(link);
	}
}

/* Links with timers that are due, and hosts with streams to give. */
static void
step_links(cql_cluster *cluster)
{
	uint32_t n = cluster->nlinks;
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		cql_link *link = cluster->links[i];
		int64_t deadline = cql_conn_deadline(link->conn);

		if (!link->gone && deadline >= 0 && deadline <= cluster->now)
			cql_link_step(link);
		if (link->ready && link->host->waiting.head != NULL)
			cql_host_wake(link->host, cql_conn_free_streams(link->conn));
	}
}

static void
step_timers(cql_cluster *cluster)
{
	cql_timer *timer;

	while ((timer = cql_timer_first(&cluster->timers)) != NULL &&
		   timer->when <= cluster->now)
		cql_request_expired(timer->owner);
}

bool
cql_step_is_over(const cql_cluster *cluster)
{
	return cql_now() >= cluster->until;
}

/* Those in the run queue now; what they add comes in the next round. */
static void
run_requests(cql_cluster *cluster)
{
	cql_request *last = cluster->run.tail;
	cql_request *request;
	bool more = last != NULL;

	while (more && (request = cluster->run.head) != NULL)
	{
		more = request != last && !cql_step_is_over(cluster);
		cql_request_advance(request);
	}
}

static void
flush_links(cql_cluster *cluster)
{
	uint32_t n = cluster->nlinks;
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		cql_link *link = cluster->links[i];

		if (link->dirty && !link->gone)
			cql_link_flush(link);
	}
}

/*
 * Reading stops while answers that nobody has fetched yet use the budget up.
 * Meanwhile the time of requests stands still: their answers may be here.
 */
static void
update_pause(cql_cluster *cluster)
{
	bool pause = cql_budget_is_full(cluster->budget);
	uint32_t i;

	if (pause == cluster->paused)
		return;
	cluster->paused = pause;
	if (pause)
		cluster->paused_since = cluster->now;
	else
		cql_timers_shift(&cluster->timers,
						 cluster->now - cluster->paused_since);
	for (i = 0; i < cluster->nlinks; i++)
		cql_link_pause(cluster->links[i]);
}

void
cql_cluster_urge(cql_cluster *cluster)
{
	cluster->budget->urged = true;
}

void
cql_cluster_step(cql_cluster *cluster, int64_t now)
{
	int round;

	cluster->now = now;
	cluster->until = cql_now() + CQL_STEP_TIME;
	update_pause(cluster);
	step_readable(cluster);
	step_links(cluster);
	cql_contact_step(cluster);
	if (!cluster->paused)
		step_timers(cluster);
	for (round = 0; round < STEP_ROUNDS && cluster->run.head != NULL; round++)
	{
		run_requests(cluster);
		flush_links(cluster);
		if (cql_step_is_over(cluster))
			break;
	}
	flush_links(cluster);
	cql_link_reap(cluster);
	update_pause(cluster);
}

int
cql_cluster_waitfd(const cql_cluster *cluster)
{
	return cluster->epfd;
}

/* The earlier of two times, -1 being none. */
static int64_t
earlier(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* The link can be stepped with profit: it has streams, and who wants them. */
static bool
link_has_work(const cql_link *link)
{
	const cql_request *first = link->host->waiting.head;

	return link->dirty || (link->retiring && link->live == 0) ||
		   (link->ready && first != NULL &&
			cql_conn_free_streams(link->conn) >= cql_request_streams(first));
}

int64_t
cql_cluster_timeout(const cql_cluster *cluster, int64_t now)
{
	const cql_timer *timer =
		cluster->paused ? NULL : cql_timer_first(&cluster->timers);
	int64_t first = timer == NULL ? -1 : timer->when;
	uint32_t i;

	if (cluster->run.head != NULL ||
		cluster->paused != cql_budget_is_full(cluster->budget))
		return 0;
	for (i = 0; i < cluster->nlinks; i++)
	{
		const cql_link *link = cluster->links[i];

		if (link_has_work(link))
			return 0;
		first = earlier(first, cql_conn_deadline(link->conn));
	}
	first = earlier(first, cql_contact_deadline(cluster));
	if (first < 0)
		return -1;
	return first <= now ? 0 : first - now;
}

/* ---- what it tells ---- */

bool
cql_cluster_is_dead(const cql_cluster *cluster)
{
	return cql_topology_misnamed(cluster) ||
		   (cluster->nready == 0 && cluster->ndialling == 0 &&
			(cluster->last_dial_failed || cluster->auth_failed));
}

int
cql_cluster_release(const cql_cluster *cluster)
{
	return cluster->release;
}

int
cql_cluster_protocol(const cql_cluster *cluster)
{
	return cluster->protocol;
}

uint32_t
cql_cluster_nnodes(const cql_cluster *cluster)
{
	return cluster->nnodes;
}

const cql_node *
cql_cluster_node(const cql_cluster *cluster, uint32_t i)
{
	return i < cluster->nnodes ? &cluster->nodes[i]->pub : NULL;
}

void
cql_cluster_get_stats(const cql_cluster *cluster, cql_stats *stats)
{
	uint32_t i;

	*stats = cluster->stats;
	for (i = 0; i < cluster->nlinks; i++)
	{
		const cql_conn *conn = cluster->links[i]->conn;

		stats->bytes_sent += cql_conn_bytes_sent(conn);
		stats->bytes_received += cql_conn_bytes_received(conn);
	}
}

void
cql_cluster_log(cql_cluster *cluster, cql_log_level level, const char *fmt,
				...)
{
	char text[512];
	va_list args;

	if (cluster->env.log == NULL)
		return;
	va_start(args, fmt);
	(void) vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	cluster->env.log(cluster->env.ctx, level, text);
}
