/*
 * traffic.h
 *	  Counting what goes to the hosts and comes from them.
 *
 * Called where a request is sent, answered, or given up.
 */
#ifndef CQL_TRAFFIC_H
#define CQL_TRAFFIC_H

#include "session.h"

/* An attempt was sent to the link's host. */
extern void cql_traffic_sent(cql_link *link);
/* An exchange has ended; err is NULL where it brought a result. */
extern void cql_traffic_ended(cql_link *link, const cql_exchange *exchange,
							  const cql_error *err);
/* The attempt that is going on has had no answer in its time. */
extern void cql_traffic_expired(cql_request *request);
/* The attempt failed, another one follows. */
extern void cql_traffic_retried(cql_request *request);

/* ---- slow.c ---- */

/* A request of the caller has ended; err is NULL where it has a result. */
extern void cql_slow_ended(const cql_request *request, const cql_error *err);
extern void cql_slow_free(cql_cluster *cluster);

#endif /* CQL_TRAFFIC_H */
