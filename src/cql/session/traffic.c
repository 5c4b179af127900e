/*
 * traffic.c
 *	  Counters of hosts and of the cluster, and what they tell.
 */
#include "traffic.h"

static cql_fault
fault_of_server(int32_t code)
{
	switch (code)
	{
		case CQL_SERVER_UNAVAILABLE:
			return CQL_FAULT_UNAVAILABLE;
		case CQL_SERVER_OVERLOADED:
		case CQL_SERVER_BOOTSTRAPPING:
			return CQL_FAULT_OVERLOADED;
		case CQL_SERVER_READ_TIMEOUT:
		case CQL_SERVER_WRITE_TIMEOUT:
		case CQL_SERVER_CAS_UNKNOWN:
			return CQL_FAULT_SERVER_TIMEOUT;
		case CQL_SERVER_READ_FAILURE:
		case CQL_SERVER_WRITE_FAILURE:
		case CQL_SERVER_FUNCTION_FAILURE:
		case CQL_SERVER_CDC_WRITE_FAILURE:
			return CQL_FAULT_FAILURE;
		case CQL_SERVER_SYNTAX:
		case CQL_SERVER_INVALID:
		case CQL_SERVER_UNAUTHORIZED:
		case CQL_SERVER_CONFIG:
		case CQL_SERVER_ALREADY_EXISTS:
			return CQL_FAULT_REFUSED;
		default:
			return CQL_FAULT_OTHER;
	}
}

static cql_fault
fault_of(const cql_error *err)
{
	switch (err->code)
	{
		case CQL_ERR_SERVER:
			return fault_of_server(err->server_code);
		case CQL_ERR_LOST:
			return CQL_FAULT_LOST;
		case CQL_ERR_TIMEOUT:
			return CQL_FAULT_TIMEOUT;
		default:
			return CQL_FAULT_OTHER;
	}
}

void
cql_traffic_sent(cql_link *link)
{
	link->host->traffic.requests++;
	link->cluster->traffic.requests++;
}

static void
add_fault(cql_cluster *cluster, cql_host *host, cql_fault fault)
{
	host->traffic.faults[fault]++;
	cluster->traffic.faults[fault]++;
}

static void
add_latency(cql_cluster *cluster, cql_host *host, int64_t us)
{
	cql_histogram_add(&host->traffic.latency, us);
	cql_histogram_add(&cluster->traffic.latency, us);
}

void
cql_traffic_ended(cql_link *link, const cql_exchange *exchange,
				  const cql_error *err)
{
	cql_cluster *cluster = link->cluster;

	if (exchange->state == CQL_EXCHANGE_DONE)
		add_latency(cluster, link->host, cluster->now - exchange->began);
	/* A statement that was forgotten is prepared again: that is no fault. */
	if (err != NULL && !(err->code == CQL_ERR_SERVER &&
						 err->server_code == CQL_SERVER_UNPREPARED))
		add_fault(cluster, link->host, fault_of(err));
}

void
cql_traffic_expired(cql_request *request)
{
	add_latency(request->cluster, request->at, request->timeout);
	add_fault(request->cluster, request->at, CQL_FAULT_TIMEOUT);
}

void
cql_traffic_retried(cql_request *request)
{
	if (request->at != NULL)
		request->at->traffic.retries++;
	request->cluster->traffic.retries++;
}

/* ---- what it tells ---- */

const cql_traffic *
cql_cluster_traffic(const cql_cluster *cluster)
{
	return &cluster->traffic;
}

void
cql_cluster_node_status(const cql_cluster *cluster, uint32_t i, int64_t now,
						cql_node_status *status)
{
	const cql_host *host = cluster->nodes[i];

	if (!host->pub.up || cql_host_is_down(host, now))
		status->state = CQL_NODE_DOWN;
	else
		status->state = host->nready > 0 ? CQL_NODE_UP : CQL_NODE_UNKNOWN;
	status->in_flight = host->live;
	status->release = host->release;
	status->failure = host->failures > 0 ? host->failure : "";
	status->traffic = &host->traffic;
}

bool
cql_cluster_shares(const cql_cluster *cluster, double *shares)
{
	return cluster->tokenmap != NULL &&
		   cql_tokenmap_shares(cluster->tokenmap, shares, cluster->nnodes);
}
