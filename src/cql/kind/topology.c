/*
 * topology.c
 *	  The cluster's nodes from system.local and system.peers_v2 or peers.
 *
 * Columns are found by name, rows that lack what identifies or reaches a node
 * are skipped.  Nodes are known by host_id: an address may change hands.
 */
#include "kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "topology_rows.h"

/* The queries; a server may lack any column, and the second table. */
typedef enum topology_query
{
	QUERY_LOCAL,
	QUERY_PEERS_V2,
	QUERY_PEERS,
	NQUERIES
} topology_query;

static const char *const query_texts[NQUERIES] = {
	"SELECT * FROM system.local WHERE key = 'local'",
	"SELECT * FROM system.peers_v2", "SELECT * FROM system.peers"};

/* Microseconds between two readings that lost hosts are the reason of. */
#define MIN_AGE INT64_C(1000000)

typedef struct topology_request
{
	cql_request base;
	cql_queries queries;
	/* rows being read, over several steps if need be */
	uint32_t number;  /* of this reading */
	cql_host **nodes; /* the list being made, of at most max; or NULL */
	uint32_t nnodes;
	uint32_t max;
	cql_host *local;
	bool murmur3;
	uint32_t index; /* whose rows are next */
	bool reading;	/* they are being read */
	bool changed;	/* a node is not what it was */
	cql_rows rows;
} topology_request;

/* ---- asking ---- */

static bool
send_query(cql_attempt *attempt, topology_query query, cql_error *err)
{
	cql_query_options options = {.consistency = CQL_LOCAL_ONE,
								 .serial_consistency = -1,
								 .paging_state = {NULL, CQL_NULL}};

	return cql_queries_send(attempt->request->queries, query, attempt,
							query_texts[query], &options, err);
}

static bool
topology_send(cql_request *request, cql_attempt *attempt, cql_error *err)
{
	cql_queries_begin(request->queries, attempt->channel);
	return send_query(attempt, QUERY_LOCAL, err) &&
		   send_query(attempt, QUERY_PEERS_V2, err);
}

static void
topology_response(cql_request *request, cql_attempt *attempt,
				  cql_response *response)
{
	cql_queries *queries = request->queries;
	uint32_t index = cql_queries_take(queries, response);
	bool failed = response->result == NULL;

	/* A table is not there: the next best is asked. */
	if (failed && cql_response_is_absent(response))
		failed = index == QUERY_PEERS_V2 &&
				 !send_query(attempt, QUERY_PEERS, &response->err);
	if (failed)
		cql_queries_fail(queries, &response->err);
	cql_queries_go_on(queries, attempt);
}

/* ---- taking the rows over ---- */

/*
 * Replaces a name unless it is the same (then false); keeps the old one
 * without memory.
 */
static bool
set_name(const cql_env *env, char **name, const char **shown, cql_slice value)
{
	char *copy;

	if (*name != NULL && strlen(*name) == (size_t) value.len &&
		memcmp(*name, value.data, (size_t) value.len) == 0)
		return false;
	copy = cql_alloc0(env, (size_t) value.len + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, value.data, (size_t) value.len);
	cql_free(env, *name);
	*name = copy;
	*shown = copy;
	return true;
}

/* Takes the row's tokens over; false where they are what they were. */
static bool
set_tokens(const cql_env *env, cql_host *host, const cql_rows *rows)
{
	uint32_t n;
	int64_t *tokens = cql_topology_tokens(env, rows, &n);
	bool same =
		n == host->ntokens &&
		(n == 0 || memcmp(tokens, host->tokens, n * sizeof(*tokens)) == 0);

	cql_free(env, host->tokens);
	host->tokens = tokens;
	host->ntokens = n;
	return !same;
}

/* What the row says of its node; the node joins the list being made. */
static void
list_host(topology_request *self, cql_host *host, const cql_rows *rows,
		  const cql_topology_row *row)
{
	cql_pool *pool = &self->base.cluster->pool;

	cql_host_set_id(pool, host, row->host_id);
	self->changed |= set_name(pool->env, &host->dc, &host->node.dc, row->dc);
	self->changed |=
		set_name(pool->env, &host->rack, &host->node.rack, row->rack);
	cql_error_text(
		host->release, sizeof(host->release), row->release_text.data,
		row->release_text.len < 0 ? 0 : (size_t) row->release_text.len);
	self->changed |= set_tokens(pool->env, host, rows);
	host->told = self->number;
	self->nodes[self->nnodes++] = host;
}

/*
 * The node that a proxy knows by this host_id: it is dialled there, wherever
 * it may say that it is.  NULL without memory.
 */
static cql_host *
host_behind(cql_pool *pool, const cql_host *proxy, const uint8_t host_id[16])
{
	cql_address address = proxy->address;
	cql_host *host = cql_host_find_id(pool, host_id);

	cql_address_set_host_id(&address, host_id);
	if (host == NULL)
		host = cql_host_find(pool, &address);
	if (host == NULL)
		return cql_host_add(pool, &address, proxy->server_name);
	if (!cql_address_equal(&host->address, &address))
		cql_host_set_address(pool, host, &address);
	return host;
}

/* The node that a row of peers describes, or NULL to skip it. */
static cql_host *
host_of_row(const topology_request *self, cql_topology_row *row)
{
	cql_pool *pool = &self->base.cluster->pool;
	cql_host *host;
	cql_host *there;

	if (pool->sni_host_id)
	{
		host = host_behind(pool, self->local, row->host_id);
		return host == NULL || host->told == self->number ? NULL : host;
	}
	if (row->address.len == 0)
		return NULL;
	cql_pool_map_address(pool, &row->address);
	host = cql_host_find_id(pool, row->host_id);
	there = cql_host_find(pool, &row->address);
	/* A second row for one node, or one that names our own address. */
	if ((host != NULL && host->told == self->number) ||
		(there != NULL && there->told == self->number))
		return NULL;
	if (host == NULL)
		host = there;
	else if (there != NULL && there != host && !there->has_id)
		cql_host_merge(pool, there, host);
	else if (there != host)
		cql_host_set_address(pool, host, &row->address);
	if (host == NULL)
		host = cql_host_add(pool, &row->address, self->local->server_name);
	return host;
}

/*
 * Reads rows of a table of peers until time is up: false then, to go on at the
 * next call.
 */
static bool
take_peers(topology_request *self, cql_result *result)
{
	cql_pool *pool = &self->base.cluster->pool;
	uint16_t port = cql_address_port(&self->local->address);
	cql_topology_row row;

	if (!self->reading)
		cql_rows_init(&self->rows, result);
	self->reading = true;
	while (self->nnodes < self->max &&
		   cql_topology_next(&self->rows, port, &row))
	{
		cql_host *host = host_of_row(self, &row);

		if (host != NULL)
			list_host(self, host, &self->rows, &row);
		if (cql_pool_step_is_over(pool))
			return false;
	}
	self->reading = false;
	return true;
}

/*
 * The row of system.local: the host it came from, which may turn out to be a
 * known one.  NULL where it tells too little.
 */
static cql_host *
take_local(topology_request *self, cql_result *result)
{
	cql_cluster *cluster = self->base.cluster;
	cql_pool *pool = &cluster->pool;
	cql_host *host = self->base.host;
	cql_topology_row row;
	cql_host *known;
	cql_rows rows;

	cql_rows_init(&rows, result);
	if (!cql_topology_next(&rows, 0, &row))
		return NULL;
	cluster->release = row.release;
	self->murmur3 = row.murmur3;
	known = pool->sni_host_id ? host_behind(pool, host, row.host_id)
							  : cql_host_find_id(pool, row.host_id);
	if (known != NULL && known != host)
	{
		/* A proxy's other name stays what its contact point is dialled by. */
		if (pool->sni_host_id)
			cql_host_move_channels(pool, host, known);
		else
			cql_host_merge(pool, host, known);
		host = known;
	}
	list_host(self, host, &rows, &row);
	return host;
}

/* ---- what follows from the list ---- */

/* Without memory there is no token map: requests go by turns. */
static void
build_tokenmap(cql_cluster *cluster, bool murmur3)
{
	cql_ring_node *nodes = NULL;
	uint32_t i;

	cql_ring_set_tokenmap(&cluster->ring, NULL);
	if (murmur3)
		nodes =
			cql_alloc_array(&cluster->env, cluster->nnodes, sizeof(*nodes));
	if (nodes == NULL)
		return;
	for (i = 0; i < cluster->nnodes; i++)
	{
		nodes[i].dc = cluster->nodes[i]->node.dc;
		nodes[i].rack = cluster->nodes[i]->node.rack;
		nodes[i].tokens = cluster->nodes[i]->tokens;
		nodes[i].ntokens = cluster->nodes[i]->ntokens;
	}
	cql_ring_set_tokenmap(
		&cluster->ring,
		cql_tokenmap_build(&cluster->env, nodes, cluster->nnodes));
	cql_free(&cluster->env, nodes);
}

/* The one that was asked is all there is. */
static void
list_only(cql_cluster *cluster, cql_host *host)
{
	cql_host **nodes = cql_alloc_array(&cluster->env, 1, sizeof(*nodes));

	if (nodes == NULL)
		return;
	nodes[0] = host;
	host->listed = true;
	cql_nodes_set(cluster, nodes, 1);
}

/*
 * We go on with what is there: the host that was asked.  Where statements must
 * not leave a data centre, and it cannot tell its own, who waits tries others.
 */
static void
topology_failed(cql_request *request, const cql_error *err)
{
	cql_cluster *cluster = request->cluster;
	cql_host *host = request->pinned;
	cql_waiter *waiter;

	(void) err;
	cluster->topology = CQL_TOPOLOGY_FAILED;
	cluster->topology_tried = true;
	if (cluster->nnodes == 0 &&
		(cluster->config_dc == NULL || cluster->remote_dc))
		list_only(cluster, host);
	if (host->listed)
		cql_request_wake(request, NULL);
	for (waiter = request->waiters.head; waiter != NULL; waiter = waiter->next)
		((cql_request *) waiter)->host = host;
}

/*
 * Where no node may be asked, all of the caller's requests fail alike: none
 * was told of any success yet.
 */
static void
refuse_all(cql_cluster *cluster)
{
	cql_request *request;
	cql_error err;

	cql_dc_error(cluster, &err);
	for (request = cluster->all; request != NULL; request = request->all_next)
	{
		if (!request->internal && request->phase != CQL_PHASE_FAILED)
			cql_request_fail(request, &err);
	}
}

/* Most nodes there can be, from the numbers of rows. */
static uint32_t
count_rows(const cql_queries *queries)
{
	uint64_t n = 1;
	uint32_t i;

	for (i = QUERY_PEERS_V2; i < NQUERIES; i++)
	{
		if (queries->results[i] != NULL)
			n += cql_result_nrows(queries->results[i]);
	}
	return n < CQL_MAX_NODES ? (uint32_t) n : CQL_MAX_NODES;
}

/* Takes the local row; false where there is nothing to go on with. */
static bool
begin(topology_request *self)
{
	cql_cluster *cluster = self->base.cluster;

	if (self->queries.results[QUERY_LOCAL] == NULL)
		return false;
	self->max = count_rows(&self->queries);
	self->index = QUERY_PEERS_V2;
	self->nodes =
		cql_alloc_array(&cluster->env, self->max, sizeof(*self->nodes));
	if (self->nodes == NULL)
		return false;
	self->number = ++cluster->topology_readings;
	self->local = take_local(self, self->queries.results[QUERY_LOCAL]);
	return self->local != NULL;
}

static int
by_slot(const void *a, const void *b)
{
	uint32_t one = (*(cql_host *const *) a)->slot;
	uint32_t other = (*(cql_host *const *) b)->slot;

	return (one > other) - (one < other);
}

/* The order in which a node was told of depends on who was asked. */
static bool
is_same_list(const cql_cluster *cluster, topology_request *self)
{
	uint32_t i;

	qsort(self->nodes, self->nnodes, sizeof(*self->nodes), by_slot);
	if (self->changed || self->nnodes != cluster->nnodes)
		return false;
	for (i = 0; i < cluster->nnodes; i++)
	{
		if (cluster->nodes[i]->told != self->number)
			return false;
	}
	return true;
}

/* Takes the list over; nodes that are on it no more are let go. */
static void
replace_nodes(cql_cluster *cluster, topology_request *self)
{
	cql_host **old = cluster->nodes;
	uint32_t nold = cluster->nnodes;
	uint32_t i;

	for (i = 0; i < self->nnodes; i++)
		self->nodes[i]->listed = true;
	cluster->nodes = NULL;
	cql_nodes_set(cluster, self->nodes, self->nnodes);
	self->nodes = NULL;
	build_tokenmap(cluster, self->murmur3);
	for (i = 0; i < nold; i++)
	{
		if (old[i]->told == self->number)
			continue;
		old[i]->listed = false;
		cql_channels_retire(&cluster->pool, old[i]);
	}
	cql_free(&cluster->env, old);
}

/* All rows were read: the list takes the place of the one there was. */
static void
end(topology_request *self)
{
	cql_cluster *cluster = self->base.cluster;
	bool first = !cluster->topology_tried;

	if (cql_local_dc(cluster) == NULL)
		cluster->taken_dc = cql_strdup(&cluster->env, self->local->node.dc);
	if (!is_same_list(cluster, self))
		replace_nodes(cluster, self);
	cql_nodes_let_go(cluster);
	cluster->topology = CQL_TOPOLOGY_KNOWN;
	cluster->topology_tried = true;
	if (first && cql_dc_misnamed(cluster))
		refuse_all(cluster);
	cql_request_done(&self->base);
}

static void
topology_read(cql_request *request)
{
	topology_request *self = (topology_request *) request;
	cql_queries *queries = request->queries;
	cql_error err;

	if (!cql_queries_readable(request))
		return;
	if (queries->left > 0)
	{
		request->phase = CQL_PHASE_SENT;
		return;
	}
	if (self->nodes == NULL && !begin(self))
	{
		cql_error_set(&err, CQL_ERR_PROTOCOL,
					  "%s does not tell its data center, or there is no "
					  "memory",
					  request->host->node.address);
		cql_request_fail(request, &err);
		return;
	}
	for (; self->index < NQUERIES; self->index++)
	{
		if (queries->results[self->index] == NULL ||
			take_peers(self, queries->results[self->index]))
			continue;
		cql_request_enqueue(request, CQL_PHASE_READ);
		return;
	}
	end(self);
}

static void
topology_free(cql_request *request)
{
	cql_cluster *cluster = request->cluster;

	cql_free(&cluster->env, ((topology_request *) request)->nodes);
	cluster->topology_reading = NULL;
}

/* ---- when it is read ---- */

static const cql_request_kind topology_kind = {.what = "reading the topology",
											   .streams = CQL_MAX_QUERIES,
											   .of_cluster = true,
											   .send = topology_send,
											   .response = topology_response,
											   .read = topology_read,
											   .failed = topology_failed,
											   .free = topology_free};

void
cql_topology_start(cql_cluster *cluster, cql_host *host)
{
	topology_request *self;

	if (cluster->topology == CQL_TOPOLOGY_LOADING ||
		cluster->topology == CQL_TOPOLOGY_KNOWN)
		return;
	self = (topology_request *) cql_request_internal(cluster, &topology_kind,
													 sizeof(*self), 0);
	if (self == NULL)
	{
		cluster->topology_tried = true; /* without it, but not without end */
		return;
	}
	self->base.queries = &self->queries;
	self->base.pinned = host;
	self->base.timeout = cluster->pool.config.connect_timeout;
	cluster->topology = CQL_TOPOLOGY_LOADING;
	cluster->topology_at = cluster->pool.now;
	cluster->pool.host_lost = false;
	cluster->topology_reading = &self->base;
	cql_request_enqueue(&self->base, CQL_PHASE_CHOOSE);
}

/* A node that can be asked at once, another one each time; or NULL. */
static cql_host *
any_node(const cql_cluster *cluster)
{
	uint32_t i;

	for (i = 0; i < cluster->nnodes; i++)
	{
		cql_host *host = cluster->nodes[(cluster->turn + i) % cluster->nnodes];

		if (host->nready > 0 && !cql_host_is_down(host, cluster->pool.now) &&
			(host->node.local || cluster->nlocal == 0))
			return host;
	}
	return NULL;
}

void
cql_topology_renew(cql_cluster *cluster)
{
	int64_t age = cluster->pool.now - cluster->topology_at;
	cql_host *host;

	if (cluster->topology == CQL_TOPOLOGY_NONE ||
		cluster->topology == CQL_TOPOLOGY_LOADING || age < MIN_AGE ||
		(age < cluster->topology_refresh && !cluster->pool.host_lost))
		return;
	host = any_node(cluster);
	if (host == NULL)
		return;
	cql_ring_age(&cluster->ring);
	cluster->topology = CQL_TOPOLOGY_NONE;
	cql_topology_start(cluster, host);
}

bool
cql_topology_ready(cql_request *request, cql_host *host)
{
	cql_cluster *cluster = request->cluster;

	if (cluster->config_dc == NULL || host->listed)
		return true;
	/* A host that is not listed: the list is an old one. */
	if (cluster->topology == CQL_TOPOLOGY_KNOWN)
		cluster->topology = CQL_TOPOLOGY_NONE;
	cql_topology_start(cluster, host);
	cql_request_await(request, cluster->topology_reading, CQL_PHASE_CHOOSE);
	return false;
}
