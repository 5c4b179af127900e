/*
 * slow_log.c
 *	  cassandra_fdw.log_min_duration: slow CQL in the server's log.
 *
 * Neither the values nor the SQL, which may have them, are logged.
 */
#include "client.h"
#include "guc.h"

#include "cql_text.h"
#include "monitor.h"

void
cass_slow_log_watch(cql_cluster *cluster)
{
	cql_cluster_watch_slow(cluster,
						   cass_guc_log_min_duration < 0
							   ? -1
							   : cass_guc_log_min_duration * INT64CONST(1000));
}

static char *
slow_detail(const cql_slow *slow)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text,
					 "Node: %s, attempts: %u, bytes sent: " UINT64_FORMAT
					 ", received: " UINT64_FORMAT,
					 slow->host[0] != '\0' ? slow->host : "none",
					 slow->attempts, slow->bytes_sent, slow->bytes_received);
	if (slow->traced)
		appendStringInfo(&text, ", trace: %s",
						 cass_trace_text(slow->tracing_id));
	if (slow->failure[0] != '\0')
		appendStringInfo(&text, ", failed: %s", slow->failure);
	return text.data;
}

static void
log_request(const cql_slow *slow)
{
	char *cql = cass_from_cql(slow->cql);
	char *detail = slow_detail(slow);
	char *local = cass_from_cql(detail);
	double ms = (double) slow->duration / 1000;

	cql_text_mask(cql);
	ereport(LOG, (slow->nstatements > 0
					  ? errmsg("duration: %.3f ms  CQL batch of %u: %s", ms,
							   slow->nstatements, cql)
					  : errmsg("duration: %.3f ms  CQL: %s", ms, cql),
				  errdetail_log("%s.", local), errhidestmt(true),
				  errhidecontext(true)));
	pfree(local);
	pfree(detail);
	pfree(cql);
}

void
cass_slow_log_tell(cql_cluster *cluster)
{
	const cql_slow *slow;

	while ((slow = cql_cluster_next_slow(cluster)) != NULL)
		log_request(slow);
}
