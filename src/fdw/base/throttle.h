/*
 * throttle.h
 *	  How much of a server a session may use: rows or bytes a second.
 */
#ifndef CASS_THROTTLE_H
#define CASS_THROTTLE_H

#include "postgres.h"

#include "cql.h"
#include "option.h"

typedef enum CassThrottle
{
	CASS_THROTTLE_READ,
	CASS_THROTTLE_WRITE
} CassThrottle;

/*
 * Takes the session's turn for so many rows and bytes of a server: the time
 * when it begins, now or later (microseconds of cql_now()), and when the next
 * one may.  Both are now where nothing is limited.
 */
extern void cass_throttle_take(Oid serverid, CassThrottle kind,
							   const CassRate *rate, double rows, double bytes,
							   int64 *begin, int64 *end);
/* The same of rows that were read: waits until its end. */
extern void cass_throttle_read(cql_cluster *cluster, Oid serverid,
							   const CassRate *rate, double rows,
							   double bytes);

#endif /* CASS_THROTTLE_H */
