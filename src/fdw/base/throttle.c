/*
 * throttle.c
 *	  How much of a server a session may use: rows or bytes a second.
 *
 * All that the session reads, or writes, of a server stands in one line: each
 * takes the time that its rate says.  Tables may have rates of their own.
 */
#include "throttle.h"

#include "client.h"

#include "access/xact.h"
#include "utils/hsearch.h"

#define LATE INT64CONST(500000) /* microseconds that are caught up with */

typedef struct ThrottleKey
{
	Oid serverid;
	int kind; /* CassThrottle */
} ThrottleKey;

typedef struct ThrottleEntry
{
	ThrottleKey key;
	int64 free_at;		   /* end of the turns taken; 0: none was */
	TimestampTz statement; /* when the client's statement began */
} ThrottleEntry;

static HTAB *lines = NULL;

static ThrottleEntry *
get_line(Oid serverid, CassThrottle kind)
{
	ThrottleKey key = {serverid, (int) kind};
	ThrottleEntry *entry;
	bool found;

	if (lines == NULL)
	{
		HASHCTL ctl = {.keysize = sizeof(ThrottleKey),
					   .entrysize = sizeof(ThrottleEntry)};

		lines = hash_create("cassandra_fdw throttles", 8, &ctl,
							HASH_ELEM | HASH_BLOBS);
	}
	entry = hash_search(lines, &key, HASH_ENTER, &found);
	if (!found)
		entry->free_at = entry->statement = 0;
	return entry;
}

void
cass_throttle_take(Oid serverid, CassThrottle kind, const CassRate *rate,
				   double rows, double bytes, int64 *begin, int64 *end)
{
	ThrottleEntry *entry;
	TimestampTz statement = GetCurrentStatementStartTimestamp();
	double seconds = 0;
	int64 late;

	*begin = *end = cql_now();
	if (rate->rows > 0)
		seconds = rows / rate->rows;
	else if (rate->bytes > 0)
		seconds = bytes / rate->bytes;
	else
		return;
	entry = get_line(serverid, kind);
	/*
	 * Who comes a little late, as all do, keeps the pace; time between
	 * statements is not saved up.
	 */
	late = entry->statement == statement ? LATE : 0;
	if (entry->free_at > *begin - late)
		*begin = entry->free_at;
	entry->statement = statement;
	*end = entry->free_at = *begin + (int64) (seconds * 1000000);
}

void
cass_throttle_read(cql_cluster *cluster, Oid serverid, const CassRate *rate,
				   double rows, double bytes)
{
	int64 begin;
	int64 end;

	cass_throttle_take(serverid, CASS_THROTTLE_READ, rate, rows, bytes, &begin,
					   &end);
	while (cql_now() < end)
		(void) cass_wait_until(cluster, NULL, 0, end);
}
