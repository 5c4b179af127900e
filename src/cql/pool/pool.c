/*
 * pool.c
 *	  The pool: its life, one step, and what it has collected.
 */
#include "pool.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "error.h"

#define STEP_EVENTS 64 /* ready descriptors taken at a time */

void
cql_pool_init(cql_pool *pool, const cql_env *env)
{
	pool->env = env;
	pool->epfd = -1;
	pool->alarmfd = -1;
	pool->random = (uint32_t) getpid() * 2654435761u;
	pool->ended_tail = &pool->ended;
	cql_map_init(&pool->by_address, env);
	cql_map_init(&pool->by_id, env);
}

bool
cql_pool_open(cql_pool *pool, cql_error *err)
{
	const cql_env *env = pool->env;

	if (!env->fd_acquire(env->ctx))
	{
		cql_error_set(err, CQL_ERR_LIMIT, "too many open files");
		return false;
	}
	pool->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (pool->epfd >= 0)
		return true;
	cql_error_set(err, CQL_ERR_LIMIT,
				  "could not create an epoll descriptor: %s", strerror(errno));
	env->fd_release(env->ctx);
	return false;
}

static void
close_descriptor(const cql_pool *pool, int fd)
{
	if (fd < 0)
		return;
	(void) close(fd);
	pool->env->fd_release(pool->env->ctx);
}

void
cql_pool_free(cql_pool *pool)
{
	uint32_t i;

	for (i = 0; i < pool->nchannels; i++)
		cql_channel_free(pool->channels[i]);
	for (i = 0; i < pool->nhosts; i++)
		cql_host_free(pool, pool->hosts[i]);
	for (i = 0; i < pool->ncontacts; i++)
		cql_lookup_abandon(pool->contacts[i].lookup);
	cql_free(pool->env, pool->traffic.latency);
	cql_free(pool->env, pool->channels);
	cql_free(pool->env, pool->hosts);
	cql_map_free(&pool->by_address);
	cql_map_free(&pool->by_id);
	cql_budget_release(pool->budget);
	close_descriptor(pool, pool->alarmfd);
	close_descriptor(pool, pool->epfd);
}

/* ---- the alarm ---- */

/* A timer that cql_pool_step() knows by its having no channel. */
static bool
open_alarm(cql_pool *pool)
{
	struct epoll_event event;

	if (pool->alarmfd >= 0)
		return true;
	if (!pool->env->fd_acquire(pool->env->ctx))
		return false;
	pool->alarmfd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	memset(&event, 0, sizeof(event));
	event.events = EPOLLIN;
	if (pool->alarmfd >= 0 &&
		epoll_ctl(pool->epfd, EPOLL_CTL_ADD, pool->alarmfd, &event) == 0)
		return true;
	if (pool->alarmfd >= 0)
		(void) close(pool->alarmfd);
	pool->alarmfd = -1;
	pool->env->fd_release(pool->env->ctx);
	return false;
}

bool
cql_pool_alarm(cql_pool *pool, int64_t at)
{
	struct itimerspec when;

	if (!open_alarm(pool))
		return false;
	/* a time of zero would disarm it */
	at = at > 0 ? at : 1;
	memset(&when, 0, sizeof(when));
	when.it_value.tv_sec = at / 1000000;
	when.it_value.tv_nsec = at % 1000000 * 1000;
	return timerfd_settime(pool->alarmfd, TFD_TIMER_ABSTIME, &when, NULL) == 0;
}

/* It is readable until it is read. */
static void
silence_alarm(const cql_pool *pool)
{
	uint64_t times;

	if (read(pool->alarmfd, &times, sizeof(times)) < 0)
		return; /* another alarm was set meanwhile */
}

/* ---- a step ---- */

bool
cql_pool_step_is_over(const cql_pool *pool)
{
	return cql_now() >= pool->until;
}

static void
step_readable(cql_pool *pool)
{
	struct epoll_event events[STEP_EVENTS];
	int n;
	int i;

	if (pool->nchannels == 0 && pool->alarmfd < 0)
		return;
	n = epoll_wait(pool->epfd, events, STEP_EVENTS, 0);
	/* What is not read now is as readable in the next step. */
	for (i = 0; i < n && (i == 0 || !cql_pool_step_is_over(pool)); i++)
	{
		if (events[i].data.ptr == NULL)
			silence_alarm(pool);
		else
			cql_channel_step(events[i].data.ptr);
	}
}

/* Streams that the first of those who wait for the channel's host may have. */
static uint32_t
streams_to_give(const cql_channel *channel)
{
	const cql_waiter *first = channel->host->waiting.head;

	if (!channel->ready || first == NULL || (first->sure && channel->unsure))
		return 0;
	return cql_conn_free_streams(channel->conn);
}

/* When others are asked in place of a host being dialled; -1 never. */
static int64_t
patience_ends(const cql_channel *channel)
{
	const cql_host *host = channel->host;

	if (channel->ready || channel->closed || channel->retiring || host->late ||
		host->waiting.head == NULL)
		return -1;
	return host->dialled_at + CQL_DIAL_PATIENCE;
}

/* Channels with timers that are due, and hosts with streams to give. */
static void
step_channels(cql_pool *pool)
{
	uint32_t n = pool->nchannels;
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		cql_channel *channel = pool->channels[i];
		int64_t deadline = cql_conn_deadline(channel->conn);

		if (deadline >= 0 && deadline <= pool->now)
			cql_channel_step(channel);
		cql_host_wake_some(pool, channel->host, streams_to_give(channel));
		deadline = patience_ends(channel);
		if (deadline >= 0 && deadline <= pool->now)
		{
			channel->host->late = true;
			cql_host_wake(pool, channel->host);
		}
	}
}

void
cql_pool_step(cql_pool *pool, int64_t now, int64_t until)
{
	pool->now = now;
	pool->until = until;
	step_readable(pool);
	step_channels(pool);
	cql_contacts_step(pool);
}

void
cql_pool_flush(cql_pool *pool)
{
	uint32_t n = pool->nchannels;
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		if (pool->channels[i]->unsent)
			cql_channel_flush(pool->channels[i]);
	}
}

void
cql_pool_reap(cql_pool *pool)
{
	uint32_t i = 0;

	while (i < pool->nchannels)
	{
		cql_channel *channel = pool->channels[i];

		if (channel->in_flight > 0 || channel->in_ended ||
			!(channel->closed || channel->retiring))
		{
			i++;
			continue;
		}
		pool->channels[i] = pool->channels[--pool->nchannels];
		cql_channel_free(channel);
	}
}

void
cql_pool_pause(cql_pool *pool, bool pause)
{
	uint32_t i;

	pool->paused = pause;
	for (i = 0; i < pool->nchannels; i++)
		cql_channel_pause(pool->channels[i]);
}

/* The channel can be stepped with profit: it has streams, and who wants them.
 */
static bool
has_work(const cql_channel *channel)
{
	uint32_t streams = streams_to_give(channel);

	return channel->unsent || (channel->retiring && channel->in_flight == 0) ||
		   (streams > 0 && streams >= channel->host->waiting.head->needs);
}

static void
earlier(int64_t *first, int64_t deadline)
{
	if (deadline >= 0 && (*first < 0 || deadline < *first))
		*first = deadline;
}

int64_t
cql_pool_deadline(const cql_pool *pool)
{
	int64_t first = cql_contacts_deadline(pool);
	uint32_t i;

	if (pool->ended != NULL || pool->became_ready != NULL ||
		pool->woken.head != NULL)
		return pool->now;
	for (i = 0; i < pool->nchannels; i++)
	{
		const cql_channel *channel = pool->channels[i];

		if (has_work(channel))
			return pool->now;
		earlier(&first, cql_conn_deadline(channel->conn));
		earlier(&first, patience_ends(channel));
	}
	return first;
}

/* ---- what was collected ---- */

cql_exchange *
cql_pool_take(cql_pool *pool, cql_channel **channel)
{
	while (pool->ended != NULL)
	{
		cql_channel *ended = pool->ended;
		cql_exchange *exchange = cql_conn_take(ended->conn);

		if (exchange != NULL)
		{
			ended->in_flight--;
			ended->host->in_flight--;
			if (exchange->state == CQL_EXCHANGE_DONE)
				ended->host->slow_until = 0;
			pool->budget->urged = false;
			*channel = ended;
			return exchange;
		}
		ended->in_ended = false;
		pool->ended = ended->next_ended;
		if (pool->ended == NULL)
			pool->ended_tail = &pool->ended;
	}
	return NULL;
}

cql_channel *
cql_pool_take_ready(cql_pool *pool)
{
	cql_channel *channel = pool->became_ready;

	if (channel != NULL)
		pool->became_ready = channel->next_ready;
	return channel;
}

void
cql_pool_get_stats(const cql_pool *pool, cql_stats *stats)
{
	uint32_t i;

	*stats = pool->stats;
	for (i = 0; i < pool->nchannels; i++)
	{
		const cql_conn *conn = pool->channels[i]->conn;

		stats->bytes_sent += cql_conn_bytes_sent(conn);
		stats->bytes_received += cql_conn_bytes_received(conn);
	}
}
