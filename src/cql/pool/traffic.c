/*
 * traffic.c
 *	  Counters of hosts and of all of them.
 */
#include "pool.h"

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

static void
add_fault(cql_pool *pool, cql_host *host, cql_fault fault)
{
	host->traffic.faults[fault]++;
	pool->traffic.faults[fault]++;
}

/* Most hosts of a large cluster are never asked, and have no histogram. */
static void
add_time(const cql_env *env, cql_traffic *traffic, int64_t us)
{
	if (traffic->latency == NULL)
		traffic->latency = cql_alloc0(env, sizeof(*traffic->latency));
	if (traffic->latency != NULL)
		cql_histogram_add(traffic->latency, us);
}

static void
add_latency(cql_pool *pool, cql_host *host, int64_t us)
{
	add_time(pool->env, &host->traffic, us);
	add_time(pool->env, &pool->traffic, us);
}

void
cql_traffic_sent(cql_channel *channel)
{
	channel->host->traffic.requests++;
	channel->pool->traffic.requests++;
}

void
cql_traffic_ended(const cql_channel *channel, const cql_exchange *exchange,
				  const cql_error *err)
{
	cql_pool *pool = channel->pool;

	if (exchange->state == CQL_EXCHANGE_DONE)
		add_latency(pool, channel->host, pool->now - exchange->began);
	/* A statement that was forgotten is prepared again: that is no fault. */
	if (err != NULL && !(err->code == CQL_ERR_SERVER &&
						 err->server_code == CQL_SERVER_UNPREPARED))
		add_fault(pool, channel->host, fault_of(err));
}

void
cql_traffic_expired(cql_pool *pool, cql_host *host, int64_t timeout)
{
	add_latency(pool, host, timeout);
	add_fault(pool, host, CQL_FAULT_TIMEOUT);
}

void
cql_traffic_retried(cql_pool *pool, cql_host *host)
{
	if (host != NULL)
		host->traffic.retries++;
	pool->traffic.retries++;
}

void
cql_traffic_latencies(const cql_traffic *traffic,
					  uint64_t counts[CQL_HISTOGRAM_BUCKETS])
{
	uint32_t i;

	for (i = 0; i < CQL_HISTOGRAM_BUCKETS; i++)
		counts[i] = traffic->latency == NULL ? 0 : traffic->latency->counts[i];
}
