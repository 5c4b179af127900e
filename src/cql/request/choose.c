/*
 * choose.c
 *	  Which host a request goes to: nodes by distance and turn, connected ones
 *	  first for what is done soon, contact points when no node is left.
 */
#include "choose.h"

#include <stdio.h>
#include <string.h>

/*
 * Added to the rank of hosts beyond max_nodes, and of those that are down;
 * lower is better.
 */
#define RANK_SPARE 6
#define RANK_DOWN 12
#define RANK_NONE UINT32_MAX

/* Data centres that an error names, and bytes of each. */
#define MAX_TOLD_DCS 16
#define MAX_TOLD_DC 64

/* ---- the best node ---- */

static bool
is_excluded(const cql_tried *tried, uint32_t ntried, const cql_host *host)
{
	uint32_t i;

	for (i = 0; i < ntried; i++)
	{
		if (tried[i].host == host)
			return tried[i].excluded;
	}
	return false;
}

static uint32_t
rank_host(const cql_choice *choice, const cql_host *host, bool replica)
{
	uint32_t rank;

	if (is_excluded(choice->tried, choice->ntried, host) ||
		(choice->local_only && !host->node.local))
		return RANK_NONE;
	if (host->nready == 0 &&
		(choice->ready_only || host->failed_seq > choice->seq ||
		 cql_host_is_open(host, choice->now)))
		return RANK_NONE;
	if (!host->node.local)
		rank = replica ? 4 : 5;
	else
		rank = (replica ? 0u : 2u) + (host->same_rack ? 0u : 1u);
	if (host->spare)
		rank += RANK_SPARE;
	if (cql_host_is_down(host, choice->now))
		rank += RANK_DOWN;
	return rank;
}

/* Best replica: by rank, then least in flight, then by turns. */
static cql_host *
best_replica(const cql_choice *choice, uint32_t *rank)
{
	cql_host *best = NULL;
	uint32_t i;

	*rank = RANK_NONE;
	for (i = 0; i < choice->nreplicas; i++)
	{
		uint32_t at = (choice->turn + i) % choice->nreplicas;
		cql_host *host;
		uint32_t r;

		if (choice->replicas[at] >= choice->nnodes)
			continue;
		host = choice->nodes[choice->replicas[at]];
		r = rank_host(choice, host, true);
		if (r < *rank ||
			(r == *rank && best != NULL && host->in_flight < best->in_flight))
		{
			best = host;
			*rank = r;
		}
	}
	return best;
}

/* First choice among nodes of one kind, which lie together, by turns. */
static cql_host *
best_of_kind(const cql_choice *choice, uint32_t start, uint32_t end,
			 uint32_t aim, uint32_t *best_rank)
{
	cql_host *best = NULL;
	uint32_t n = end - start;
	uint32_t i;

	for (i = 0; i<n && * best_rank> aim; i++)
	{
		cql_host *host = choice->nodes[start + (choice->turn + i) % n];
		uint32_t rank = rank_host(choice, host, false);

		if (rank < *best_rank)
		{
			best = host;
			*best_rank = rank;
		}
	}
	return best;
}

cql_host *
cql_choose_node(const cql_choice *choice)
{
	const uint32_t bounds[4] = {0, choice->nrack, choice->nkept,
								choice->nnodes};
	static const uint32_t aims[3] = {2, 3, 5}; /* the best rank of each kind */
	uint32_t best_rank;
	cql_host *best = best_replica(choice, &best_rank);
	int i;

	for (i = 0; i < 3; i++)
	{
		cql_host *host = best_of_kind(choice, bounds[i], bounds[i + 1],
									  aims[i], &best_rank);

		if (host != NULL)
			best = host;
	}
	return best;
}

/* ---- the best host for a request ---- */

const char *
cql_local_dc(const cql_cluster *cluster)
{
	return cluster->config_dc != NULL ? cluster->config_dc : cluster->taken_dc;
}

/* Tried, or known to be in another data centre and not to be asked. */
static bool
is_out(const cql_request *request, const cql_host *host)
{
	const cql_cluster *cluster = request->cluster;

	return is_excluded(request->tried, request->ntried, host) ||
		   (!cluster->remote_dc && cluster->nlocal > 0 && host->listed &&
			!host->node.local);
}

/* Some host that is connected, listed or not. */
static cql_host *
any_ready(const cql_request *request)
{
	const cql_pool *pool = &request->cluster->pool;
	uint32_t i;

	for (i = 0; i < pool->nchannels; i++)
	{
		cql_channel *channel = pool->channels[i];

		if (channel->ready && !is_out(request, channel->host))
			return channel->host;
	}
	return NULL;
}

/*
 * A host that may be tried again and is still connected, the least often tried
 * one.
 */
static cql_host *
tried_ready(const cql_request *request)
{
	const cql_tried *best = NULL;
	uint32_t i;

	for (i = 0; i < request->ntried; i++)
	{
		const cql_tried *tried = &request->tried[i];

		if (tried->may_repeat && tried->host->nready > 0 &&
			(best == NULL || tried->times < best->times))
			best = tried;
	}
	return best == NULL ? NULL : best->host;
}

/* Connected, or worth dialling: it has not failed since the request began. */
static bool
may_dial(const cql_request *request, const cql_host *host)
{
	return host->nready > 0 ||
		   (host->failed_seq <= request->start_seq &&
			!cql_host_is_open(host, request->cluster->pool.now));
}

/* A host of the contact points that has not failed since it began. */
static bool
may_contact(const cql_request *request, const cql_host *host, bool down)
{
	return !is_out(request, host) && may_dial(request, host) &&
		   cql_host_is_down(host, request->cluster->pool.now) == down;
}

/* The first such, beginning where the session does; or one that is down. */
static cql_host *
next_contact(cql_request *request, bool *resolving)
{
	cql_pool *pool = &request->cluster->pool;
	uint32_t i;
	uint32_t j;
	int down;

	*resolving = cql_contacts_resolve(pool, request->start_seq);
	for (down = 0; down < 2; down++)
	{
		for (i = 0; i < pool->ncontacts; i++)
		{
			const cql_contact *contact =
				&pool->contacts[(pool->start + i) % pool->ncontacts];

			for (j = 0; j < contact->nhosts && !contact->waiting; j++)
			{
				cql_host *host =
					contact->hosts[(pool->start + j) % contact->nhosts];

				if (may_contact(request, host, down > 0))
					return host;
			}
		}
	}
	return NULL;
}

/* What is known for the choice of a node; any, or one that is connected. */
static void
set_choice(cql_request *request, cql_choice *choice, bool ready_only)
{
	const cql_cluster *cluster = request->cluster;
	const cql_replica_set *set = NULL;

	if (request->has_token)
		set = cql_ring_replicas(&cluster->ring, request->keyspace,
								request->token);
	request->has_replicas = set != NULL && set->n > 0;
	choice->nodes = cluster->nodes;
	choice->nnodes = cluster->nnodes;
	choice->nrack = cluster->nrack;
	choice->nkept = cluster->nkept;
	choice->replicas = set == NULL ? NULL : set->nodes;
	choice->nreplicas = set == NULL ? 0 : set->n;
	choice->turn = cluster->turn;
	choice->tried = request->tried;
	choice->ntried = request->ntried;
	choice->seq = request->start_seq;
	choice->ready_only = ready_only;
	choice->local_only = !cluster->remote_dc && cluster->nlocal > 0;
	choice->now = cluster->pool.now;
}

/* Of all hosts; resolving NULL: of those that are connected. */
static cql_host *
best_host(cql_request *request, bool *resolving)
{
	cql_choice choice;
	cql_host *host;

	set_choice(request, &choice, resolving == NULL);
	host = cql_choose_node(&choice);
	if (host == NULL)
		host = any_ready(request);
	if (host == NULL && resolving != NULL)
		host = tried_ready(request);
	if (host == NULL && resolving != NULL)
		host = next_contact(request, resolving);
	return host;
}

cql_host *
cql_choose_other(cql_request *request, cql_host *host)
{
	cql_tried tried[CQL_MAX_ATTEMPTS + 1];
	cql_choice choice;

	set_choice(request, &choice, false);
	tried[0].host = host;
	tried[0].excluded = true;
	memcpy(tried + 1, request->tried, request->ntried * sizeof(*tried));
	choice.tried = tried;
	choice.ntried = request->ntried + 1;
	return cql_choose_node(&choice);
}

static cql_host *
next_host(cql_request *request, bool *resolving)
{
	cql_host *pinned = request->pinned;
	bool again = false;
	cql_host *host;
	uint32_t i;

	if (request->preferred != NULL && request->preferred->nready > 0)
		return request->preferred;
	if (pinned != NULL)
		return may_dial(request, pinned) ? pinned : NULL;
	request->cluster->turn++;
	host = best_host(request, resolving);
	if (host != NULL || *resolving)
		return host;
	/* After a lost connection: the same ones again. */
	for (i = 0; i < request->ntried; i++)
	{
		again |= request->tried[i].may_repeat;
		request->tried[i].excluded &= !request->tried[i].may_repeat;
	}
	return again ? best_host(request, resolving) : NULL;
}

/*
 * The host is not connected.  It is dialled when nothing else is there, when
 * the work is worth it (a range of the ring belongs on its replica), or when
 * enough requests have missed it: a single look-up is done sooner by any node
 * that is connected.  One elsewhere, or one that is down, is no such node
 * while the host may be there.  NULL: the dial failed at once.
 */
static cql_host *
connect_or_other(cql_request *request, cql_host *host)
{
	bool insist =
		request->pinned != NULL || (request->range && request->has_replicas &&
									host->failures == 0 && !host->late);
	cql_host *other = insist ? NULL : best_host(request, NULL);
	int64_t now = request->cluster->pool.now;

	if (other != NULL && !cql_host_is_down(host, now) &&
		(cql_host_is_down(other, now) ||
		 (!other->node.local && host->node.local && host->failures == 0)))
		other = NULL;
	host->missed++;
	if (other != NULL && host->missed < CQL_DIAL_AFTER)
		return other;
	if (cql_channel_dial(&request->cluster->pool, host) || other != NULL)
		return other != NULL ? other : host;
	return NULL;
}

/* ---- why there is none ---- */

/* The last attempt's error, or why no host could be reached. */
static void
unreachable(const cql_request *request, cql_error *err)
{
	const cql_cluster *cluster = request->cluster;
	const cql_pool *pool = &cluster->pool;
	const cql_host *last = NULL;
	uint32_t i;

	cql_error_set(err, CQL_ERR_CONNECT,
				  "no host of the cluster could be reached");
	if (request->error != NULL)
		*err = *request->error;
	else if (pool->refusals > 0)
	{
		*err = pool->auth_error;
		return;
	}
	for (i = 0; i < pool->ncontacts; i++)
	{
		if (pool->contacts[i].failure[0] != '\0')
			cql_error_detail(err, "%s", pool->contacts[i].failure);
	}
	for (i = 0; i < pool->nhosts; i++)
	{
		const cql_host *host = pool->hosts[i];

		if (host->failed_seq <= request->start_seq &&
			!cql_host_is_open(host, pool->now))
			continue;
		cql_error_detail(err, "%s", host->failure);
		if (last == NULL || host->failed_seq > last->failed_seq)
			last = host;
	}
	if (cluster->nlocal < cluster->nnodes && !cluster->remote_dc)
		cql_error_detail(err,
						 "Nodes outside of the local data center \"%s\" "
						 "were not asked.",
						 cql_local_dc(cluster));
	/* What is no matter of reaching a host keeps its own kind. */
	if (request->error == NULL && last != NULL &&
		(last->failed_code == CQL_ERR_TLS ||
		 last->failed_code == CQL_ERR_NOMEM ||
		 last->failed_code == CQL_ERR_PROTOCOL))
		err->code = last->failed_code;
	if (last != NULL && err->host[0] == '\0')
		(void) snprintf(err->host, sizeof(err->host), "%s",
						last->node.address);
}

cql_host *
cql_choose_host(cql_request *request, bool *resolving, cql_error *err)
{
	cql_host *host;

	do
	{
		*resolving = false;
		host = next_host(request, resolving);
		if (host == NULL)
		{
			if (!*resolving)
			{
				cql_pool_gave_up(&request->cluster->pool);
				unreachable(request, err);
			}
			return NULL;
		}
		if (host->nready == 0)
			host = connect_or_other(request, host);
	} while (host == NULL);
	return host;
}

bool
cql_dc_misnamed(const cql_cluster *cluster)
{
	return cluster->config_dc != NULL && !cluster->remote_dc &&
		   cluster->nnodes > 0 && cluster->nlocal == 0;
}

/* Appends the names of the data centres there are, each once. */
static void
list_data_centers(const cql_cluster *cluster, cql_error *err)
{
	const char *found[MAX_TOLD_DCS];
	char name[MAX_TOLD_DC];
	char text[sizeof(err->details)] = "";
	uint32_t n = 0;
	uint32_t i;
	uint32_t j;

	for (i = 0; i < cluster->nnodes && n < MAX_TOLD_DCS; i++)
	{
		const char *dc = cluster->nodes[i]->node.dc;
		size_t len = strlen(text);

		for (j = 0; j < n && strcmp(found[j], dc) != 0;)
			j++;
		if (j < n)
			continue;
		found[n++] = dc;
		cql_error_text(name, sizeof(name), (const uint8_t *) dc, strlen(dc));
		(void) snprintf(text + len, sizeof(text) - len, "%s\"%s\"",
						len > 0 ? ", " : "", name);
	}
	cql_error_detail(err, "Data centers of the cluster: %s%s.", text,
					 n < MAX_TOLD_DCS ? "" : ", ...");
}

void
cql_dc_error(const cql_cluster *cluster, cql_error *err)
{
	char name[MAX_TOLD_DC];

	cql_error_text(name, sizeof(name), (const uint8_t *) cluster->config_dc,
				   strlen(cluster->config_dc));
	cql_error_set(err, CQL_ERR_DC,
				  "no node is in the local data center \"%s\"", name);
	list_data_centers(cluster, err);
}

bool
cql_choose_hopeless(const cql_request *request, cql_error *err)
{
	const cql_cluster *cluster = request->cluster;

	if (cluster->pool.refusals >= CQL_REFUSALS && cluster->pool.nready == 0)
		*err = cluster->pool.auth_error;
	else if (!request->kind->of_cluster && cql_dc_misnamed(cluster))
		cql_dc_error(cluster, err);
	else
		return false;
	return true;
}
