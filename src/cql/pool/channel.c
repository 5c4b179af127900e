/*
 * channel.c
 *	  Connections of the hosts: dialling, stepping, retiring, freeing.
 *
 * A channel leaves its host's list as soon as it cannot be used; its memory
 * goes at the end of the step, once its exchanges were taken.
 */
#include "pool.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "error.h"

/* ---- dialling ---- */

/* A place in the pool's list. */
static bool
reserve_channel(cql_pool *pool)
{
	uint32_t cap = pool->channels_cap == 0 ? 8 : pool->channels_cap * 2;
	cql_channel **channels;

	if (pool->nchannels < pool->channels_cap)
		return true;
	channels = cql_realloc(pool->env, pool->channels, cap * sizeof(*channels));
	if (channels == NULL)
		return false;
	pool->channels = channels;
	pool->channels_cap = cap;
	return true;
}

/* Tells epoll what the connection waits for. */
static bool
watch(cql_channel *channel)
{
	struct epoll_event event;
	bool writing = cql_conn_wants_write(channel->conn);
	bool muted = channel->pool->paused && channel->ready;
	int fd = cql_conn_fd(channel->conn);
	int op = channel->fd < 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (fd < 0 || (channel->fd == fd && channel->writing == writing &&
				   channel->muted == muted))
		return true;
	memset(&event, 0, sizeof(event));
	event.events = (writing ? EPOLLOUT : 0) | (muted ? 0 : EPOLLIN);
	event.data.ptr = channel;
	if (epoll_ctl(channel->pool->epfd, op, fd, &event) != 0)
		return false;
	channel->fd = fd;
	channel->writing = writing;
	channel->muted = muted;
	return true;
}

/* Microseconds of a dial's time that are left, a quarter at least. */
static int64_t
left_to_dial(const cql_host *host, int64_t now, int64_t timeout)
{
	int64_t left = host->dialled_at + timeout - now;

	return left > timeout / 4 ? left : timeout / 4;
}

static bool
open_channel(cql_channel *channel, cql_error *err)
{
	cql_pool *pool = channel->pool;
	cql_host *host = channel->host;

	channel->config = pool->config;
	channel->config.server_name = host->server_name;
	if (host->address.sni[0] != '\0')
		channel->config.sni = host->address.sni;
	channel->config.budget = pool->budget;
	if (host->version != 0)
		channel->config.version = host->version;
	/* A second version has what the first one left of the time. */
	channel->config.connect_timeout = cql_host_dial_time(pool, host);
	if (host->versions > 0)
		channel->config.connect_timeout =
			left_to_dial(host, pool->now, channel->config.connect_timeout);
	channel->config.guessed = !pool->config.pinned && pool->protocol == 0 &&
							  channel->config.version == 5;
	channel->fd = -1;
	channel->serial = ++pool->serial;
	channel->conn =
		cql_conn_open(pool->env, &channel->config,
					  (const struct sockaddr *) &host->address.sa,
					  host->address.len, host->node.address, pool->now, err);
	if (channel->conn == NULL)
		return false;
	if (!watch(channel))
	{
		cql_error_set(err, CQL_ERR_LIMIT,
					  "could not register a socket with epoll: %s",
					  strerror(errno));
		cql_conn_free(channel->conn);
		return false;
	}
	return true;
}

static bool
add_channel(cql_pool *pool, cql_host *host, cql_error *err)
{
	cql_channel *channel;

	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	if (!reserve_channel(pool))
		return false;
	channel = cql_alloc0(pool->env, sizeof(*channel));
	if (channel == NULL)
		return false;
	channel->pool = pool;
	channel->host = host;
	if (!open_channel(channel, err))
	{
		cql_free(pool->env, channel);
		return false;
	}
	channel->unsent = true;
	pool->channels[pool->nchannels++] = channel;
	host->channels[host->nchannels++] = channel;
	pool->ndialling++;
	return true;
}

bool
cql_channel_dial(cql_pool *pool, cql_host *host)
{
	cql_error err;

	if (host->nchannels > host->nready ||
		host->nchannels >= pool->channels_per_host ||
		(host->nready > 0 && host->retry_at > pool->now))
		return true;
	host->missed = 0;
	if (host->versions == 0)
	{
		host->dialled_at = pool->now;
		host->late = false;
	}
	if (add_channel(pool, host, &err))
		return true;
	cql_host_failed(pool, host, &err);
	return false;
}

/* ---- becoming ready, closing ---- */

/* Those who wait for hosts that are still being dialled need not any more. */
static void
wake_all(cql_pool *pool)
{
	uint32_t i;

	for (i = 0; i < pool->nhosts; i++)
		cql_host_wake(pool, pool->hosts[i]);
}

static void
became_ready(cql_channel *channel)
{
	cql_pool *pool = channel->pool;
	cql_host *host = channel->host;

	channel->ready = true;
	channel->first = pool->nready == 0;
	channel->next_ready = pool->became_ready;
	pool->became_ready = channel;
	cql_conn_pause(channel->conn, pool->paused, pool->now);
	host->nready++;
	host->node.nconnections = host->nready;
	host->node.up = true;
	host->failures = 0;
	host->hung = false;
	if (pool->now - host->dialled_at > pool->slowest_dial)
		pool->slowest_dial = pool->now - host->dialled_at;
	host->versions = 0;
	host->late = false;
	pool->nready++;
	pool->ndialling--;
	pool->last_dial_failed = false;
	pool->refusals = 0;
	if (pool->protocol == 0)
		pool->config.version = cql_conn_version(channel->conn);
	pool->protocol = cql_conn_version(channel->conn);
	pool->has_tablets |= cql_conn_has_tablets(channel->conn);
	pool->stats.connects++;
	if (channel->first)
		wake_all(pool);
	else
		cql_host_wake(pool, host);
}

/* Out of its host's list: it takes no more requests. */
static void
detach(cql_channel *channel)
{
	cql_host *host = channel->host;
	cql_pool *pool = channel->pool;
	uint32_t i;

	for (i = 0; i < host->nchannels; i++)
	{
		if (host->channels[i] != channel)
			continue;
		host->channels[i] = host->channels[--host->nchannels];
		if (channel->ready)
		{
			host->nready--;
			host->node.nconnections = host->nready;
			pool->nready--;
		}
		else
			pool->ndialling--;
		break;
	}
	channel->ready = false;
}

/*
 * Another protocol version that the failed dial makes worth trying, or 0.  A
 * host that said so is dialled again at once; twice at most, or it could play
 * ping-pong with us.  So is one that said nothing: there are servers that do
 * not answer a version they do not know.  But where ours has worked already,
 * it just hangs.
 */
static uint8_t
next_version(const cql_channel *channel, bool *at_once)
{
	const cql_error *err = cql_conn_error(channel->conn);
	uint8_t other = (uint8_t) cql_conn_other_version(channel->conn);
	bool silence = err->code == CQL_ERR_CONNECT;

	*at_once = other != 0 && channel->host->versions < 2 &&
			   !(silence && channel->pool->protocol != 0);
	return *at_once ? other : 0;
}

static void
dial_failed(cql_channel *channel)
{
	cql_pool *pool = channel->pool;
	cql_host *host = channel->host;
	const cql_error *err = cql_conn_error(channel->conn);
	bool at_once;

	host->version = next_version(channel, &at_once);
	if (at_once)
	{
		host->versions++;
		if (pool->protocol == 0 && err->code != CQL_ERR_CONNECT)
			pool->config.version = host->version;
		(void) cql_channel_dial(pool, host);
		return;
	}
	host->versions = 0;
	/* One node alone may not have heard of a new password yet. */
	if (pool->nready == 0 && err->code == CQL_ERR_AUTH)
		pool->refusals++;
	else if (pool->nready == 0 && err->code == CQL_ERR_UNASKED)
		pool->refusals = CQL_REFUSALS;
	if (err->code == CQL_ERR_AUTH || err->code == CQL_ERR_UNASKED)
		pool->auth_error = *err;
	cql_host_failed(pool, host, err);
}

static void
closed(cql_channel *channel)
{
	cql_host *host = channel->host;
	bool was_ready = channel->ready;
	bool retiring = channel->retiring;

	channel->closed = true;
	if (!retiring)
		detach(channel);
	if (!was_ready && !retiring)
		dial_failed(channel);
	else if (host->silent && host->nready == 0)
		cql_host_failed(channel->pool, host, cql_conn_error(channel->conn));
	else
		cql_host_wake(channel->pool, host);
	channel->pool->host_lost |= was_ready;
}

/* Its exchanges that have ended are there to be taken. */
static void
collect_ended(cql_channel *channel)
{
	cql_pool *pool = channel->pool;

	if (channel->in_ended || channel->in_flight == 0)
		return;
	channel->in_ended = true;
	channel->next_ended = NULL;
	*pool->ended_tail = channel;
	pool->ended_tail = &channel->next_ended;
}

/* What follows from bytes having moved. */
static void
after_io(cql_channel *channel)
{
	cql_conn_state state = cql_conn_get_state(channel->conn);
	cql_error err;

	channel->pool->stats.password_in_clear |=
		cql_conn_password_in_clear(channel->conn);
	if (state == CQL_CONN_READY && !channel->ready && !channel->retiring)
		became_ready(channel);
	if (state != CQL_CONN_CLOSED && !watch(channel))
	{
		cql_error_set(&err, CQL_ERR_LIMIT, "epoll_ctl failed: %s",
					  strerror(errno));
		cql_conn_close(channel->conn, &err);
		state = CQL_CONN_CLOSED;
	}
	if (channel->unsure)
		channel->unsure = !cql_conn_is_sure(channel->conn, channel->pool->now);
	if (state == CQL_CONN_CLOSED)
		closed(channel);
	collect_ended(channel);
}

void
cql_channel_pause(cql_channel *channel)
{
	cql_conn_pause(channel->conn, channel->pool->paused, channel->pool->now);
	if (!channel->closed)
		(void) watch(channel);
}

void
cql_channel_step(cql_channel *channel)
{
	uint64_t received;

	if (channel->closed)
		return;
	channel->unsent = false;
	received = cql_conn_bytes_received(channel->conn);
	cql_conn_step(channel->conn, channel->pool->now);
	if (cql_conn_bytes_received(channel->conn) != received)
		channel->host->silent = false;
	after_io(channel);
}

void
cql_channel_flush(cql_channel *channel)
{
	if (channel->closed)
		return;
	channel->unsent = false;
	cql_conn_flush(channel->conn, channel->pool->now);
	after_io(channel);
}

/* ---- choosing, exchanges ---- */

/* Whether the channel's peer is surely there; else it is being asked. */
static bool
is_sure(cql_channel *channel)
{
	if (cql_conn_is_sure(channel->conn, channel->pool->now))
		return true;
	channel->unsure = true;
	channel->unsent = true;
	return false;
}

cql_channel *
cql_channel_pick(const cql_host *host, uint32_t streams, bool sure)
{
	cql_channel *best = NULL;
	uint32_t i;

	for (i = 0; i < host->nchannels; i++)
	{
		cql_channel *channel = host->channels[i];

		if (channel->ready &&
			cql_conn_free_streams(channel->conn) >= streams &&
			(best == NULL || channel->in_flight < best->in_flight) &&
			(!sure || is_sure(channel)))
			best = channel;
	}
	return best;
}

cql_channel *
cql_channel_find(cql_pool *pool, uint64_t serial)
{
	uint32_t i;

	for (i = 0; i < pool->nchannels; i++)
	{
		if (pool->channels[i]->serial == serial)
			return pool->channels[i]->closed ? NULL : pool->channels[i];
	}
	return NULL;
}

cql_exchange *
cql_channel_send(cql_channel *channel, uint8_t opcode, uint8_t flags,
				 void *owner, cql_error *err)
{
	cql_exchange *exchange = NULL;

	if (channel->closed)
		*err = *cql_conn_error(channel->conn);
	else
		exchange = cql_conn_end(channel->conn, opcode, flags, owner,
								channel->pool->now, err);
	if (exchange == NULL)
		return NULL;
	channel->in_flight++;
	channel->host->in_flight++;
	channel->unsent = true;
	return exchange;
}

/* It takes no more requests, and closes once idle. */
static void
retire(cql_channel *channel)
{
	channel->retiring = true;
	detach(channel);
}

void
cql_channel_abandon(cql_channel *channel, cql_exchange *exchange)
{
	cql_conn_abandon(channel->conn, exchange);
	channel->in_flight--;
	channel->host->in_flight--;
	channel->pool->stats.orphans++;
	if (channel->retiring || channel->closed ||
		cql_conn_orphans(channel->conn) <= CQL_MAX_ORPHANS)
		return;
	retire(channel);
	cql_host_wake(channel->pool, channel->host);
}

void
cql_channels_retire(cql_pool *pool, cql_host *host)
{
	while (host->nchannels > 0)
		retire(host->channels[host->nchannels - 1]);
	cql_host_wake(pool, host);
}

void
cql_channel_free(cql_channel *channel)
{
	cql_pool *pool = channel->pool;
	int fd = cql_conn_fd(channel->conn);

	pool->stats.bytes_sent += cql_conn_bytes_sent(channel->conn);
	pool->stats.bytes_received += cql_conn_bytes_received(channel->conn);
	if (fd >= 0)
		(void) epoll_ctl(pool->epfd, EPOLL_CTL_DEL, fd, NULL);
	cql_conn_free(channel->conn);
	cql_free(pool->env, channel);
}
