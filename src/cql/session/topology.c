/*
 * topology.c
 *	  The cluster's nodes from system.local and system.peers_v2 or peers.
 *
 * Columns are found by name, rows that lack what identifies or reaches a node
 * are skipped.  Nodes are known by host_id: an address may change hands.
 */
#include "session.h"

#include <stdio.h>
#include <string.h>

#include "topology_rows.h"

#define MAX_TOLD_DCS 16 /* data centres that an error names, */
#define MAX_TOLD_DC 64	/* so many bytes of each */

/* Places of the queries. */
#define PLACE_LOCAL 0
#define PLACE_PEERS_V2 1
#define PLACE_PEERS 2

#define LOCAL_QUERY                                                           \
	"SELECT host_id, data_center, rack, tokens, partitioner, "                \
	"release_version FROM system.local WHERE key = 'local'"
#define PEERS_V2_QUERY                                                        \
	"SELECT host_id, data_center, rack, tokens, peer, "                       \
	"native_address, native_port, release_version FROM system.peers_v2"
#define PEERS_QUERY                                                           \
	"SELECT host_id, data_center, rack, tokens, peer, "                       \
	"rpc_address, release_version FROM system.peers"

/* Rows being read, over several steps if need be. */
typedef struct cql_topology_work
{
	cql_host **nodes; /* the list being made, of at most max */
	uint32_t nnodes;
	uint32_t max;
	cql_host *local;
	bool murmur3;
	uint32_t place; /* whose rows are next */
	bool reading;	/* the reader is open */
	cql_topology_reader reader;
} topology_work;

/* ---- asking ---- */

void
cql_topology_start(cql_cluster *cluster, cql_host *host)
{
	cql_request *request;

	if (cluster->topology == CQL_TOPOLOGY_LOADING ||
		cluster->topology == CQL_TOPOLOGY_KNOWN)
		return;
	request = cql_request_internal(cluster, CQL_WORK_TOPOLOGY, 0, NULL);
	if (request == NULL)
	{
		cluster->settled = true; /* without it, but not without end */
		return;
	}
	request->pinned = host;
	request->timeout = cluster->conn_config.connect_timeout;
	cluster->topology = CQL_TOPOLOGY_LOADING;
	cql_request_enqueue(request, CQL_PHASE_CHOOSE);
}

bool
cql_topology_send(cql_request *request, cql_link *link, cql_error *err)
{
	return cql_request_send_query(request, link, PLACE_LOCAL, LOCAL_QUERY,
								  NULL, 0, err) &&
		   cql_request_send_query(request, link, PLACE_PEERS_V2,
								  PEERS_V2_QUERY, NULL, 0, err);
}

void
cql_topology_absent(cql_request *request, cql_link *link, uint32_t place)
{
	cql_error err;

	if (place == PLACE_PEERS_V2 &&
		!cql_request_send_query(request, link, PLACE_PEERS, PEERS_QUERY, NULL,
								0, &err))
	{
		request->multi->failed = true;
		request->multi->error = err;
	}
}

/* ---- taking the answers over ---- */

/* Replaces a name unless it is the same; keeps the old one without memory. */
static void
set_name(const cql_env *env, char **name, const char **shown, cql_slice value)
{
	char *copy;

	if (*name != NULL && strlen(*name) == (size_t) value.len &&
		memcmp(*name, value.data, (size_t) value.len) == 0)
		return;
	copy = cql_alloc0(env, (size_t) value.len + 1);
	if (copy == NULL)
		return;
	memcpy(copy, value.data, (size_t) value.len);
	cql_free(env, *name);
	*name = copy;
	*shown = copy;
}

/* What a row says of its node; the node joins the list being made. */
static void
list_host(cql_cluster *cluster, cql_host *host, const cql_topology_row *row,
		  topology_work *work)
{
	const cql_env *env = &cluster->env;

	cql_host_set_id(cluster, host, row->host_id);
	set_name(env, &host->dc, &host->pub.dc, row->dc);
	set_name(env, &host->rack, &host->pub.rack, row->rack);
	cql_error_text(
		host->release, sizeof(host->release), row->release_text.data,
		row->release_text.len < 0 ? 0 : (size_t) row->release_text.len);
	cql_free(env, host->tokens);
	host->tokens = cql_topology_tokens(env, row, &host->ntokens);
	host->listed = true;
	work->nodes[work->nnodes++] = host;
}

/* "from" turned out to be another address of "into". */
static void
merge_hosts(cql_cluster *cluster, cql_host *from, cql_host *into)
{
	cql_address address = from->address;
	uint32_t i;
	uint32_t j;

	cql_host_unset_address(cluster, from);
	cql_host_set_address(cluster, into, &address);
	into->server_name = from->server_name;
	into->failures = 0;
	into->pub.up = true;
	for (i = 0; i < cluster->ncontacts; i++)
	{
		cql_contact *contact = &cluster->contacts[i];

		for (j = 0; j < contact->nhosts; j++)
		{
			if (contact->hosts[j] == from)
				contact->hosts[j] = into;
		}
	}
	cql_link_move_all(from, into);
}

/*
 * The node that a proxy knows by this host_id: it is dialled there, wherever
 * it may say that it is.  NULL without memory.
 */
static cql_host *
host_behind(cql_cluster *cluster, const cql_host *proxy,
			const uint8_t host_id[16])
{
	cql_address address = proxy->address;
	cql_host *host = cql_host_find_id(cluster, host_id);

	cql_address_set_host_id(&address, host_id);
	if (host == NULL)
		host = cql_host_find(cluster, &address);
	if (host == NULL)
		return cql_host_add(cluster, &address, proxy->server_name);
	if (!cql_address_equal(&host->address, &address))
		cql_host_set_address(cluster, host, &address);
	return host;
}

/* The node that a row of peers describes, or NULL to skip it. */
static cql_host *
host_of_row(cql_cluster *cluster, const cql_host *local, cql_topology_row *row)
{
	cql_host *host;
	cql_host *there;

	if (cluster->sni_host_id)
	{
		host = host_behind(cluster, local, row->host_id);
		return host == NULL || host->listed ? NULL : host;
	}
	if (row->address.len == 0)
		return NULL;
	cql_cluster_map_address(cluster, &row->address);
	host = cql_host_find_id(cluster, row->host_id);
	there = cql_host_find(cluster, &row->address);
	/* A second row for one node, or one that names our own address. */
	if ((host != NULL && host->listed) || (there != NULL && there->listed))
		return NULL;
	if (host == NULL)
		host = there;
	else if (there != NULL && there != host && !there->known)
		merge_hosts(cluster, there, host);
	else if (there != host)
		cql_host_set_address(cluster, host, &row->address);
	if (host == NULL)
		host = cql_host_add(cluster, &row->address, local->server_name);
	return host;
}

/*
 * Reads rows of a table of peers until time is up: false then, to go on at the
 * next call.
 */
static bool
take_peers(cql_cluster *cluster, topology_work *work, cql_result *result)
{
	cql_topology_row row;

	if (!work->reading)
		work->reading =
			cql_topology_read_start(&work->reader, &cluster->env, result,
									cql_address_port(&work->local->address));
	while (work->reading && work->nnodes < work->max &&
		   cql_topology_read_next(&work->reader, &row))
	{
		cql_host *host = host_of_row(cluster, work->local, &row);

		if (host != NULL)
			list_host(cluster, host, &row, work);
		if (cql_step_is_over(cluster))
			return false;
	}
	if (work->reading)
		cql_topology_read_end(&work->reader);
	work->reading = false;
	return true;
}

/* The row of system.local: the host it came from, which may be a known one. */
static cql_host *
take_local(cql_cluster *cluster, cql_host *host, cql_result *result,
		   topology_work *work)
{
	cql_topology_reader reader;
	cql_topology_row row;
	cql_host *known;

	if (!cql_topology_read_start(&reader, &cluster->env, result, 0))
		return NULL;
	if (!cql_topology_read_next(&reader, &row))
	{
		cql_topology_read_end(&reader);
		return NULL;
	}
	cluster->release = row.release;
	work->murmur3 = row.murmur3;
	known = cluster->sni_host_id ? host_behind(cluster, host, row.host_id)
								 : cql_host_find_id(cluster, row.host_id);
	if (known != NULL && known != host)
	{
		/* A proxy's other name stays what its contact point is dialled by. */
		if (cluster->sni_host_id)
			cql_link_move_all(host, known);
		else
			merge_hosts(cluster, host, known);
		host = known;
	}
	list_host(cluster, host, &row, work);
	cql_topology_read_end(&reader);
	return host;
}

/* ---- what follows from the list ---- */

/* Moves those of the nodes from "start" on that are local (and near) ahead. */
static uint32_t
move_ahead(cql_cluster *cluster, uint32_t start, bool near)
{
	uint32_t i;

	for (i = start; i < cluster->nnodes; i++)
	{
		cql_host *host = cluster->nodes[i];

		if (!host->pub.local || (near && !host->same_rack))
			continue;
		memmove(&cluster->nodes[start + 1], &cluster->nodes[start],
				(i - start) * sizeof(host));
		cluster->nodes[start++] = host;
	}
	return start;
}

/* Near nodes come first, each kind in the order given: see policy.c. */
static void
set_distances(cql_cluster *cluster)
{
	const char *dc = cql_local_dc(cluster);
	uint32_t i;

	for (i = 0; i < cluster->nnodes; i++)
	{
		cql_host *host = cluster->nodes[i];

		host->pub.local = dc == NULL || strcmp(host->pub.dc, dc) == 0;
		host->same_rack = cluster->rack == NULL ||
						  strcmp(host->pub.rack, cluster->rack) == 0;
	}
	cluster->nrack = move_ahead(cluster, 0, true);
	cluster->nlocal = move_ahead(cluster, cluster->nrack, false);
}

/* Without memory there is no token map: requests go by turns. */
static void
build_tokenmap(cql_cluster *cluster, bool murmur3)
{
	cql_ring_node *ring = NULL;
	uint32_t i;

	cql_routing_new_ring(cluster, NULL);
	if (murmur3)
		ring = cql_alloc_array(&cluster->env, cluster->nnodes, sizeof(*ring));
	if (ring == NULL)
		return;
	for (i = 0; i < cluster->nnodes; i++)
	{
		ring[i].dc = cluster->nodes[i]->pub.dc;
		ring[i].rack = cluster->nodes[i]->pub.rack;
		ring[i].tokens = cluster->nodes[i]->tokens;
		ring[i].ntokens = cluster->nodes[i]->ntokens;
	}
	cql_routing_new_ring(
		cluster, cql_tokenmap_build(&cluster->env, ring, cluster->nnodes));
	cql_free(&cluster->env, ring);
}

static void
set_nodes(cql_cluster *cluster, cql_host **nodes, uint32_t nnodes)
{
	cql_free(&cluster->env, cluster->nodes);
	cluster->nodes = nodes;
	cluster->nnodes = nnodes;
	set_distances(cluster);
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
	set_nodes(cluster, nodes, 1);
}

/*
 * Goes on with what is there: the host that was asked.  Where statements must
 * not leave a data centre, and it cannot tell its own, others are tried.
 */
static void
do_without(cql_cluster *cluster, cql_host *host, const cql_error *err)
{
	cql_request *request;

	cluster->topology = CQL_TOPOLOGY_FAILED;
	cluster->settled = true;
	if (cluster->nnodes == 0 &&
		(cluster->config_dc == NULL || cluster->remote_dc))
		list_only(cluster, host);
	while ((request = cluster->unplaced.head) != NULL)
	{
		request->at = host;
		if (host->listed)
			cql_request_enqueue(request, CQL_PHASE_CHOOSE);
		else
			cql_request_attempt_failed(request, err, false);
	}
}

void
cql_topology_failed(cql_request *request, const cql_error *err)
{
	do_without(request->cluster, request->pinned, err);
}

/* ---- what is promised of data centres ---- */

bool
cql_topology_needed(const cql_request *request, const cql_host *host)
{
	switch (request->work)
	{
		case CQL_WORK_QUERY:
		case CQL_WORK_EXECUTE:
		case CQL_WORK_BATCH:
		case CQL_WORK_PREPARE:
			return request->cluster->config_dc != NULL && !host->listed;
		default:
			return false;
	}
}

void
cql_topology_await(cql_request *request, cql_host *host)
{
	cql_cluster *cluster = request->cluster;
	cql_error err;

	/* A host that is not listed: the list is an old one. */
	if (cluster->topology == CQL_TOPOLOGY_KNOWN)
		cluster->topology = CQL_TOPOLOGY_NONE;
	cql_topology_start(cluster, host);
	if (cluster->topology == CQL_TOPOLOGY_LOADING)
	{
		request->phase = CQL_PHASE_CONNECT;
		cql_request_append(&cluster->unplaced, request);
		return;
	}
	cql_error_set(&err, CQL_ERR_NOMEM, "out of memory");
	cql_request_fail(request, &err);
}

bool
cql_topology_misnamed(const cql_cluster *cluster)
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
		const char *dc = cluster->nodes[i]->pub.dc;
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
cql_topology_refuse(cql_request *request)
{
	const cql_cluster *cluster = request->cluster;
	char name[MAX_TOLD_DC];
	cql_error err;

	cql_error_text(name, sizeof(name), (const uint8_t *) cluster->config_dc,
				   strlen(cluster->config_dc));
	cql_error_set(&err, CQL_ERR_DC,
				  "no node is in the local data center \"%s\"", name);
	list_data_centers(cluster, &err);
	cql_request_fail(request, &err);
}

/*
 * The list has come: what waited for it goes on.  Until now no caller was told
 * of any success, so where nothing may be asked all of them fail alike.
 */
static void
place_requests(cql_cluster *cluster)
{
	bool refuse = !cluster->settled && cql_topology_misnamed(cluster);
	cql_request *request;

	cluster->settled = true;
	for (request = cluster->all; refuse && request != NULL;
		 request = request->all_next)
	{
		if (request->internal || request->phase == CQL_PHASE_FAILED)
			continue;
		cql_request_abandon(request);
		cql_topology_refuse(request);
	}
	while (cluster->unplaced.head != NULL)
		cql_request_enqueue(cluster->unplaced.head, CQL_PHASE_CHOOSE);
}

/* Most nodes there can be, from the numbers of rows. */
static uint32_t
count_rows(const cql_multi *multi)
{
	uint64_t n = 1;
	uint32_t i;

	for (i = PLACE_PEERS_V2; i <= PLACE_PEERS; i++)
	{
		if (multi->results[i] != NULL)
			n += cql_result_nrows(multi->results[i]);
	}
	return n < CQL_MAX_NODES ? (uint32_t) n : CQL_MAX_NODES;
}

/* Takes the local row; false where there is nothing to go on with. */
static bool
begin(cql_cluster *cluster, cql_request *request)
{
	cql_multi *multi = request->multi;
	topology_work *work = cql_alloc0(&cluster->env, sizeof(*work));
	uint32_t i;

	multi->topology = work;
	if (work == NULL || multi->results[PLACE_LOCAL] == NULL)
		return false;
	work->max = count_rows(multi);
	work->place = PLACE_PEERS_V2;
	work->nodes =
		cql_alloc_array(&cluster->env, work->max, sizeof(*work->nodes));
	if (work->nodes == NULL)
		return false;
	for (i = 0; i < cluster->nhosts; i++)
		cluster->hosts[i]->listed = false;
	work->local =
		take_local(cluster, request->at, multi->results[PLACE_LOCAL], work);
	if (work->local != NULL)
		return true;
	for (i = 0; i < cluster->nnodes; i++)
		cluster->nodes[i]->listed = true;
	return false;
}

/* All rows were read: the list takes the place of the one there was. */
static void
end(cql_cluster *cluster, topology_work *work)
{
	if (cql_local_dc(cluster) == NULL)
		cluster->taken_dc = cql_strdup(&cluster->env, work->local->pub.dc);
	set_nodes(cluster, work->nodes, work->nnodes);
	work->nodes = NULL;
	build_tokenmap(cluster, work->murmur3);
	cluster->topology = CQL_TOPOLOGY_KNOWN;
	place_requests(cluster);
}

void
cql_topology_work_free(const cql_env *env, topology_work *work)
{
	if (work == NULL)
		return;
	if (work->reading)
		cql_topology_read_end(&work->reader);
	cql_free(env, work->nodes);
	cql_free(env, work);
}

void
cql_topology_digest(cql_request *request)
{
	cql_cluster *cluster = request->cluster;
	cql_multi *multi = request->multi;
	topology_work *work = multi->topology;
	cql_error err;

	if (work == NULL && !begin(cluster, request))
	{
		cql_error_set(&err, CQL_ERR_PROTOCOL,
					  "%s does not tell its data center, or there is no "
					  "memory",
					  request->at->pub.address);
		do_without(cluster, request->at, &err);
		cql_request_free(request);
		return;
	}
	for (work = multi->topology; work->place <= PLACE_PEERS; work->place++)
	{
		if (multi->results[work->place] == NULL ||
			take_peers(cluster, work, multi->results[work->place]))
			continue;
		cql_request_enqueue(request, CQL_PHASE_DIGEST);
		return;
	}
	end(cluster, work);
	cql_request_free(request);
}
