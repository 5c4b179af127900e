/*
 * traffic.h
 *	  Counting what goes to the hosts and comes from them.
 */
#ifndef CQL_TRAFFIC_H
#define CQL_TRAFFIC_H

#include "pool.h"

/* An attempt was sent. */
extern void cql_traffic_sent(cql_channel *channel);
/* An exchange has ended; err is NULL where it brought a result. */
extern void cql_traffic_ended(const cql_channel *channel,
							  const cql_exchange *exchange,
							  const cql_error *err);
/* An attempt has had no response in its time. */
extern void cql_traffic_expired(cql_pool *pool, cql_host *host,
								int64_t timeout);
/* An attempt failed (on that host, or NULL), another one follows. */
extern void cql_traffic_retried(cql_pool *pool, cql_host *host);

#endif /* CQL_TRAFFIC_H */
