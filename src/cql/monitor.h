/*
 * monitor.h
 *	  What a cluster tells those who watch it: counters and latencies by node,
 *	  slow requests, shares of the ring; and reading the topology anew.
 *
 * Public, beside cql.h.  Pointers handed out live as long as the cluster
 * unless something else is said.
 */
#ifndef CQL_MONITOR_H
#define CQL_MONITOR_H

#include "cql.h"

/* ---- latencies ---- */

/*
 * Times between 0 and 134 s, eight buckets for each power of two, so that what
 * is read of them is off by an eighth at most; below 128 us steps of 16 us.
 * What took longer counts as 134 s.
 */
#define CQL_HISTOGRAM_BUCKETS 168

typedef struct cql_histogram
{
	uint32_t counts[CQL_HISTOGRAM_BUCKETS];
} cql_histogram;

extern void cql_histogram_add(cql_histogram *histogram, int64_t us);
/*
 * The time, in microseconds, that the fraction (0 .. 1) of what was counted
 * did not exceed; -1 where nothing was counted.
 */
extern double
cql_histogram_quantile(const uint64_t counts[CQL_HISTOGRAM_BUCKETS],
					   double fraction);

/* ---- counters ---- */

/* Why an attempt of a request failed. */
typedef enum cql_fault
{
	CQL_FAULT_TIMEOUT,		  /* no answer within the request's time */
	CQL_FAULT_LOST,			  /* its connection was closed first */
	CQL_FAULT_UNAVAILABLE,	  /* too few replicas are up */
	CQL_FAULT_OVERLOADED,	  /* or bootstrapping */
	CQL_FAULT_SERVER_TIMEOUT, /* replicas did not answer the coordinator */
	CQL_FAULT_FAILURE,		  /* replicas failed */
	CQL_FAULT_REFUSED,		  /* invalid, or not allowed */
	CQL_FAULT_OTHER,
	CQL_FAULTS /* how many there are */
} cql_fault;

/* Of a node or a cluster, since the cluster object was made. */
typedef struct cql_traffic
{
	uint64_t requests; /* sent, each attempt for itself */
	uint64_t retries;  /* attempts that were followed by another */
	uint64_t faults[CQL_FAULTS];
	/* of answers, timeouts as what they waited; NULL: none yet, no memory */
	cql_histogram *latency;
} cql_traffic;

/* The latencies in each bucket. */
extern void cql_traffic_latencies(const cql_traffic *traffic,
								  uint64_t counts[CQL_HISTOGRAM_BUCKETS]);
extern const cql_traffic *cql_cluster_traffic(const cql_cluster *cluster);

/* ---- nodes ---- */

typedef enum cql_node_state
{
	CQL_NODE_UNKNOWN, /* was never connected to */
	CQL_NODE_UP,
	CQL_NODE_DOWN /* could not be reached, or is silent */
} cql_node_state;

typedef struct cql_node_status
{
	cql_node_state state;
	uint32_t in_flight;
	const char *release; /* as the node tells it, or "" */
	const char *failure; /* of the last dial, or "" */
	const cql_traffic *traffic;
} cql_node_status;

/* Node i as cql_cluster_node() counts; now is cql_now(). */
extern void cql_cluster_node_status(const cql_cluster *cluster, uint32_t i,
									int64_t now, cql_node_status *status);
/*
 * How much of the ring each node owns as first replica, 0 .. 1, into
 * shares[0 .. cql_cluster_nnodes() - 1].  False where no ring is known.
 */
extern bool cql_cluster_shares(const cql_cluster *cluster, double *shares);

/* ---- slow requests ---- */

/* A request of the caller that has ended. */
typedef struct cql_slow
{
	const char *cql;	  /* its text without values, of a batch the first */
	uint32_t nstatements; /* of a batch, else 0 */
	char host[CQL_MAX_HOST_TEXT]; /* that answered or failed last; "" none */
	uint32_t attempts;
	int64_t duration; /* microseconds, since its first step */
	uint64_t bytes_sent;
	uint64_t bytes_received; /* of its page, decompressed */
	bool traced;			 /* tracing_id is set */
	uint8_t tracing_id[16];
	char failure[256]; /* or "" */
} cql_slow;

/*
 * Requests that take at least so many microseconds are kept for
 * cql_cluster_next_slow(), a bounded number of them; -1: none.
 */
extern void cql_cluster_watch_slow(cql_cluster *cluster, int64_t duration);
/* The next one, valid until the next call; NULL: there is none. */
extern const cql_slow *cql_cluster_next_slow(cql_cluster *cluster);

/* ---- reading anew ---- */

/*
 * Has the topology read again, names of contact points looked up, and hosts
 * that are down tried at once; forgets what is known of keyspaces.  False,
 * and nothing is done, while the topology is being read.
 */
extern bool cql_cluster_refresh(cql_cluster *cluster);
/* The topology was read, or could not be, since the last refresh. */
extern bool cql_cluster_is_settled(const cql_cluster *cluster);

#endif /* CQL_MONITOR_H */
