/*
 * link.c
 *	  Connections of the hosts: dialling, stepping, retiring, freeing.
 *
 * Called by the other session modules.  A link leaves its host's list as soon
 * as it cannot be used; its memory goes at the end of the step.
 */
#include "session.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

/* ---- dialling ---- */

/* A place in the cluster's list. */
static bool
reserve_link(cql_cluster *cluster)
{
	uint32_t cap = cluster->links_cap == 0 ? 8 : cluster->links_cap * 2;
	cql_link **links;

	if (cluster->nlinks < cluster->links_cap)
		return true;
	links = cql_realloc(&cluster->env, cluster->links, cap * sizeof(*links));
	if (links == NULL)
		return false;
	cluster->links = links;
	cluster->links_cap = cap;
	return true;
}

/* Tells epoll what the connection waits for. */
static bool
register_link(cql_link *link)
{
	struct epoll_event event;
	bool writing = cql_conn_wants_write(link->conn);
	bool deaf = link->cluster->paused && link->ready;
	int fd = cql_conn_fd(link->conn);
	int op = link->fd < 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (fd < 0 ||
		(link->fd == fd && link->writing == writing && link->deaf == deaf))
		return true;
	memset(&event, 0, sizeof(event));
	event.events = (writing ? EPOLLOUT : 0) | (deaf ? 0 : EPOLLIN);
	event.data.u64 = link->serial;
	if (epoll_ctl(link->cluster->epfd, op, fd, &event) != 0)
		return false;
	link->fd = fd;
	link->writing = writing;
	link->deaf = deaf;
	return true;
}

static bool
open_link(cql_link *link, cql_error *err)
{
	cql_cluster *cluster = link->cluster;
	cql_host *host = link->host;

	link->config = cluster->conn_config;
	link->config.server_name = host->server_name;
	if (host->address.sni[0] != '\0')
		link->config.sni = host->address.sni;
	link->config.budget = cluster->budget;
	if (host->version != 0)
		link->config.version = host->version;
	link->fd = -1;
	link->serial = ++cluster->link_serial;
	link->conn =
		cql_conn_open(&cluster->env, &link->config,
					  (const struct sockaddr *) &host->address.sa,
					  host->address.len, host->pub.address, cluster->now, err);
	if (link->conn == NULL)
		return false;
	if (!register_link(link))
	{
		cql_error_set(err, CQL_ERR_LIMIT,
					  "could not register a socket with epoll: %s",
					  strerror(errno));
		cql_conn_free(link->conn);
		return false;
	}
	return true;
}

static bool
add_link(cql_host *host, cql_cluster *cluster, cql_error *err)
{
	cql_link *link;

	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	if (!reserve_link(cluster))
		return false;
	link = cql_alloc0(&cluster->env, sizeof(*link));
	if (link == NULL)
		return false;
	link->cluster = cluster;
	link->host = host;
	if (!open_link(link, err))
	{
		cql_free(&cluster->env, link);
		return false;
	}
	link->dirty = true;
	cluster->links[cluster->nlinks++] = link;
	host->links[host->nlinks++] = link;
	cluster->ndialling++;
	return true;
}

bool
cql_link_dial(cql_cluster *cluster, cql_host *host)
{
	cql_error err;

	if (host->nlinks > host->nready ||
		host->nlinks >= cluster->links_per_host ||
		(host->nready > 0 && host->retry_at > cluster->now))
		return true;
	host->wanted = 0;
	if (add_link(host, cluster, &err))
		return true;
	cql_host_failed(cluster, host, &err);
	return false;
}

/* ---- becoming ready, closing ---- */

static void
link_ready(cql_link *link)
{
	cql_cluster *cluster = link->cluster;
	cql_host *host = link->host;

	link->ready = true;
	cql_conn_pause(link->conn, cluster->paused, cluster->now);
	host->nready++;
	host->pub.nconnections = host->nready;
	host->pub.up = true;
	host->failures = 0;
	host->versions = 0;
	cluster->nready++;
	cluster->ndialling--;
	cluster->last_dial_failed = false;
	cluster->auth_failed = false;
	if (cluster->protocol == 0)
		cluster->conn_config.version = cql_conn_version(link->conn);
	cluster->protocol = cql_conn_version(link->conn);
	cluster->has_tablets |= cql_conn_has_tablets(link->conn);
	cluster->stats.connects++;
	cql_topology_start(cluster, host);
	cql_host_wake(host, UINT32_MAX);
}

/* Out of its host's list: it takes no more requests. */
static void
detach_link(cql_link *link)
{
	cql_host *host = link->host;
	cql_cluster *cluster = link->cluster;
	uint32_t i;

	for (i = 0; i < host->nlinks; i++)
	{
		if (host->links[i] != link)
			continue;
		host->links[i] = host->links[--host->nlinks];
		if (link->ready)
		{
			host->nready--;
			host->pub.nconnections = host->nready;
			cluster->nready--;
		}
		else
			cluster->ndialling--;
		break;
	}
	link->ready = false;
	if (cluster->nready == 0 && cluster->topology != CQL_TOPOLOGY_LOADING)
		cluster->topology = CQL_TOPOLOGY_NONE;
}

/*
 * Another protocol version that the failed dial makes worth trying, or 0.  A
 * host that said so is dialled again at once; twice at most, or it could play
 * ping-pong with us.  One that said nothing may just hang: its next dial will
 * be another try, unless our version has already worked somewhere.
 */
static uint8_t
next_version(const cql_link *link, bool *at_once)
{
	const cql_error *err = cql_conn_error(link->conn);
	uint8_t other = (uint8_t) cql_conn_other_version(link->conn);
	bool silence = err->code == CQL_ERR_CONNECT;

	*at_once = other != 0 && !silence && link->host->versions < 2;
	if (!*at_once &&
		(!silence || link->cluster->protocol == link->config.version))
		return 0;
	return other;
}

static void
dial_failed(cql_link *link)
{
	cql_cluster *cluster = link->cluster;
	cql_host *host = link->host;
	const cql_error *err = cql_conn_error(link->conn);
	bool at_once;

	host->version = next_version(link, &at_once);
	if (at_once)
	{
		host->versions++;
		if (cluster->protocol == 0)
			cluster->conn_config.version = host->version;
		(void) cql_link_dial(cluster, host);
		return;
	}
	host->versions = 0;
	if ((err->code == CQL_ERR_AUTH || err->code == CQL_ERR_UNASKED) &&
		cluster->nready == 0)
	{
		cluster->auth_failed = true;
		cluster->auth_error = *err;
	}
	cql_host_failed(cluster, host, err);
}

static void
link_closed(cql_link *link)
{
	bool was_ready = link->ready;
	bool retiring = link->retiring;

	link->gone = true;
	if (!retiring)
		detach_link(link);
	if (!was_ready && !retiring)
		dial_failed(link);
	else
	{
		cql_cluster_log(link->cluster, CQL_LOG_DEBUG, "connection closed: %s",
						cql_conn_error(link->conn)->message);
		cql_host_wake(link->host, UINT32_MAX);
	}
}

/* Every exchange that has ended goes to its request. */
static void
take_ended(cql_link *link)
{
	cql_exchange *exchange;

	while ((exchange = cql_conn_take(link->conn)) != NULL)
	{
		link->cluster->budget->urged = false;
		cql_request_answered(exchange->owner, link, exchange);
	}
}

/* What follows from bytes having moved. */
static void
after_io(cql_link *link)
{
	cql_conn_state state;

	take_ended(link);
	link->cluster->stats.password_in_clear |=
		cql_conn_password_in_clear(link->conn);
	state = cql_conn_get_state(link->conn);
	if (state == CQL_CONN_CLOSED)
	{
		link_closed(link);
		return;
	}
	if (state == CQL_CONN_READY && !link->ready && !link->retiring)
		link_ready(link);
	if (!register_link(link))
	{
		cql_error err;

		cql_error_set(&err, CQL_ERR_LIMIT, "epoll_ctl failed: %s",
					  strerror(errno));
		cql_conn_close(link->conn, &err);
		take_ended(link);
		link_closed(link);
	}
}

void
cql_link_pause(cql_link *link)
{
	cql_conn_pause(link->conn, link->cluster->paused, link->cluster->now);
	if (!link->gone)
		(void) register_link(link);
}

void
cql_link_step(cql_link *link)
{
	if (link->gone)
		return;
	link->dirty = false;
	cql_conn_step(link->conn, link->cluster->now);
	after_io(link);
}

void
cql_link_flush(cql_link *link)
{
	link->dirty = false;
	cql_conn_flush(link->conn, link->cluster->now);
	after_io(link);
}

/* ---- choosing, exchanges ---- */

cql_link *
cql_link_pick(cql_host *host, uint32_t streams)
{
	cql_link *best = NULL;
	uint32_t i;

	for (i = 0; i < host->nlinks; i++)
	{
		cql_link *link = host->links[i];

		if (link->ready && cql_conn_free_streams(link->conn) >= streams &&
			(best == NULL || link->live < best->live))
			best = link;
	}
	return best;
}

cql_link *
cql_link_by_serial(cql_cluster *cluster, uint64_t serial)
{
	uint32_t i;

	for (i = 0; i < cluster->nlinks; i++)
	{
		if (cluster->links[i]->serial == serial)
			return cluster->links[i];
	}
	return NULL;
}

void
cql_link_settle(cql_link *link)
{
	link->live--;
	link->host->live--;
}

void
cql_link_abandon(cql_link *link, cql_exchange *exchange)
{
	cql_conn_abandon(link->conn, exchange);
	cql_link_settle(link);
	link->cluster->stats.orphans++;
	if (link->retiring || link->gone ||
		cql_conn_orphans(link->conn) <= CQL_MAX_ORPHANS)
		return;
	link->retiring = true;
	detach_link(link);
	cql_host_wake(link->host, UINT32_MAX);
}

/* ---- the end ---- */

void
cql_link_free(cql_link *link)
{
	cql_cluster *cluster = link->cluster;

	cluster->stats.bytes_sent += cql_conn_bytes_sent(link->conn);
	cluster->stats.bytes_received += cql_conn_bytes_received(link->conn);
	if (cql_conn_fd(link->conn) >= 0)
		(void) epoll_ctl(cluster->epfd, EPOLL_CTL_DEL, cql_conn_fd(link->conn),
						 NULL);
	cql_conn_free(link->conn);
	cql_free(&cluster->env, link);
}

void
cql_link_reap(cql_cluster *cluster)
{
	uint32_t i = 0;

	while (i < cluster->nlinks)
	{
		cql_link *link = cluster->links[i];

		if (!link->gone && !(link->retiring && link->live == 0))
		{
			i++;
			continue;
		}
		cluster->links[i] = cluster->links[--cluster->nlinks];
		cql_link_free(link);
	}
}

void
cql_link_move_all(cql_host *from, cql_host *to)
{
	while (from->nlinks > 0 && to->nlinks < CQL_MAX_LINKS)
	{
		cql_link *link = from->links[--from->nlinks];

		link->host = to;
		to->links[to->nlinks++] = link;
		from->live -= link->live;
		to->live += link->live;
		if (link->ready)
		{
			from->nready--;
			to->nready++;
		}
	}
	from->pub.nconnections = from->nready;
	to->pub.nconnections = to->nready;
	cql_host_wake(from, UINT32_MAX);
}
