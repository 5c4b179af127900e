/*
 * cluster.c
 *	  The cluster: its life, one step, its time, and what it tells.
 *
 * A step has the pool move bytes, gives what it collected to the requests, and
 * advances those that have something to do, whose bytes are then sent
 * together; again while that gives requests more to do.
 */
#include "choose.h"
#include "config.h"
#include "kind.h"

/* Microseconds after which a step ends, to go on in the next. */
#define STEP_TIME INT64_C(20000)

/* Rounds of running and sending in one step. */
#define STEP_ROUNDS 8

/* ---- life ---- */

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
	cql_slow_init(cluster);
	cql_timers_init(&cluster->timers, &cluster->env);
	cql_pool_init(&cluster->pool, &cluster->env);
	cql_ring_init(&cluster->ring, &cluster->env);
	cql_statement_cache_init(&cluster->statements, &cluster->env);
	if (cql_cluster_configure(cluster, config, err) &&
		cql_pool_open(&cluster->pool, err))
		return cluster;
	cql_cluster_destroy(cluster);
	return NULL;
}

void
cql_cluster_destroy(cql_cluster *cluster)
{
	cql_env env;
	cql_request *request;

	if (cluster == NULL)
		return;
	env = cluster->env;
	/* Requests may wait for each other: first out of all lists. */
	for (request = cluster->all; request != NULL; request = request->all_next)
		cql_wait_end(&request->waiter);
	while (cluster->all != NULL)
		cql_request_free(cluster->all);
	cql_slow_free(cluster);
	cql_pool_free(&cluster->pool);
	cql_statement_cache_free(&cluster->statements);
	cql_ring_free(&cluster->ring);
	cql_timers_free(&cluster->timers);
	cql_tls_context_free(cluster->pool.config.tls);
	cql_free(&env, cluster->nodes);
	cql_free(&env, cluster->taken_dc);
	cql_arena_free(&cluster->arena);
	cql_free(&env, cluster);
}

/* ---- the loop ---- */

/* Gives what the pool has collected to the requests. */
static void
take_collected(cql_cluster *cluster)
{
	cql_pool *pool = &cluster->pool;
	cql_channel *channel;
	cql_exchange *exchange;

	while ((exchange = cql_pool_take(pool, &channel)) != NULL)
		cql_request_respond(exchange, channel);
	while ((channel = cql_pool_take_ready(pool)) != NULL)
	{
		if (channel->first && cluster->topology != CQL_TOPOLOGY_LOADING)
			cluster->topology = CQL_TOPOLOGY_NONE;
		cql_topology_start(cluster, channel->host);
	}
	while (pool->woken.head != NULL)
	{
		cql_request *request = (cql_request *) pool->woken.head;

		request->woken = true;
		cql_request_enqueue(request, request->phase);
	}
}

static void
step_timers(cql_cluster *cluster)
{
	cql_timer *timer;

	while ((timer = cql_timer_first(&cluster->timers)) != NULL &&
		   timer->when <= cluster->pool.now)
		cql_request_expired(timer);
}

/* Those in the run queue now; what they add comes in the next round. */
static void
run_requests(cql_cluster *cluster)
{
	const cql_waiter *last = cluster->run.tail;
	cql_waiter *waiter;
	bool more = last != NULL;

	while (more && (waiter = cluster->run.head) != NULL)
	{
		more = waiter != last && !cql_pool_step_is_over(&cluster->pool);
		cql_request_advance((cql_request *) waiter);
	}
}

/*
 * Reading stops while answers that nobody has fetched yet use the budget up.
 * Meanwhile the time of requests stands still: their answers may be here.
 */
static void
update_pause(cql_cluster *cluster)
{
	cql_pool *pool = &cluster->pool;
	bool pause = cql_budget_is_full(pool->budget);

	if (pause == pool->paused)
		return;
	if (pause)
		cluster->paused_since = pool->now;
	else
		cql_timers_shift(&cluster->timers, pool->now - cluster->paused_since);
	cql_pool_pause(pool, pause);
}

void
cql_cluster_urge(cql_cluster *cluster)
{
	cluster->pool.budget->urged = true;
}

void
cql_cluster_step(cql_cluster *cluster, int64_t now)
{
	cql_pool *pool = &cluster->pool;
	int round;

	pool->now = now;
	update_pause(cluster);
	cql_pool_step(pool, now, cql_now() + STEP_TIME);
	take_collected(cluster);
	if (!pool->paused)
		step_timers(cluster);
	if (cluster->run.head != NULL)
		cql_topology_renew(cluster);
	for (round = 0; round < STEP_ROUNDS && cluster->run.head != NULL; round++)
	{
		run_requests(cluster);
		cql_pool_flush(pool);
		take_collected(cluster);
		if (cql_pool_step_is_over(pool))
			break;
	}
	cql_pool_flush(pool);
	take_collected(cluster);
	cql_pool_reap(pool);
	update_pause(cluster);
}

int
cql_cluster_waitfd(const cql_cluster *cluster)
{
	return cluster->pool.epfd;
}

bool
cql_cluster_alarm(cql_cluster *cluster, int64_t at)
{
	return cql_pool_alarm(&cluster->pool, at);
}

int64_t
cql_cluster_timeout(const cql_cluster *cluster, int64_t now)
{
	const cql_pool *pool = &cluster->pool;
	const cql_timer *timer =
		pool->paused ? NULL : cql_timer_first(&cluster->timers);
	int64_t first;

	if (cluster->run.head != NULL ||
		pool->paused != cql_budget_is_full(pool->budget))
		return 0;
	first = cql_pool_deadline(pool);
	if (timer != NULL && (first < 0 || timer->when < first))
		first = timer->when;
	if (first < 0)
		return -1;
	return first <= now ? 0 : first - now;
}

/* ---- what it tells ---- */

bool
cql_cluster_is_dead(const cql_cluster *cluster)
{
	const cql_pool *pool = &cluster->pool;

	/* What hangs is known here: the next one would find out anew. */
	return cql_dc_misnamed(cluster) ||
		   (pool->nready == 0 && pool->ndialling == 0 &&
			(pool->refusals > 0 ||
			 (pool->last_dial_failed && !cql_pool_is_open(pool))));
}

int
cql_cluster_release(const cql_cluster *cluster)
{
	return cluster->release;
}

int
cql_cluster_protocol(const cql_cluster *cluster)
{
	return cluster->pool.protocol;
}

uint32_t
cql_cluster_nnodes(const cql_cluster *cluster)
{
	return cluster->nnodes;
}

const cql_node *
cql_cluster_node(const cql_cluster *cluster, uint32_t i)
{
	return i < cluster->nnodes ? &cluster->nodes[i]->node : NULL;
}

void
cql_cluster_get_stats(const cql_cluster *cluster, cql_stats *stats)
{
	cql_pool_get_stats(&cluster->pool, stats);
	stats->requests = cluster->stats.requests;
	stats->retries = cluster->stats.retries;
	stats->copies = cluster->stats.copies;
	stats->reprepared = cluster->stats.reprepared;
}

/* ---- the ring, for the layers above ---- */

cql_code
cql_cluster_ranges(cql_cluster *cluster, const char *keyspace, uint32_t want,
				   cql_token_range **ranges, uint32_t *n)
{
	return cql_ring_ranges(&cluster->ring, keyspace, want, ranges, n);
}

bool
cql_cluster_token(cql_cluster *cluster, const cql_slice *values, uint32_t n,
				  int64_t *token)
{
	return cluster->ring.tokenmap != NULL &&
		   cql_ring_token(&cluster->ring, values, n, token);
}

bool
cql_cluster_same_replicas(cql_cluster *cluster, const char *keyspace,
						  int64_t token1, int64_t token2)
{
	const cql_replica_set *set =
		cql_ring_replicas(&cluster->ring, keyspace, token1);

	return set != NULL && set->n > 0 &&
		   set == cql_ring_replicas(&cluster->ring, keyspace, token2);
}
