/*
 * functions_monitor.c
 *	  What operators look at: nodes, totals; and reading all anew.
 */
#include "functions.h"

#include "estimate.h"
#include "progress.h"
#include "shape.h"
#include "statistics.h"

#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include <math.h>

PG_FUNCTION_INFO_V1(cassandra_hosts);
PG_FUNCTION_INFO_V1(cassandra_get_statistics);
PG_FUNCTION_INFO_V1(cassandra_statistics_reset);
PG_FUNCTION_INFO_V1(cassandra_progress);
PG_FUNCTION_INFO_V1(cassandra_refresh);

#define HOST_COLUMNS 24
#define STATISTICS_COLUMNS 21
#define PROGRESS_COLUMNS 9
#define REFRESH_INTERVAL                                                      \
	INT64CONST(5000) /* microseconds between two looks                        \
					  */

static const char *const state_names[] = {"unknown", "up", "down"};

static const double fractions[] = {0.5, 0.95, 0.99};

static void
add_count(CassRecord *row, uint64 n)
{
	cass_record_add(row, Int64GetDatum((int64) n));
}

/* Errors by kind, then latencies: the same columns everywhere. */
static void
add_outcomes(CassRecord *row, const uint64 *faults, const uint64 *latencies)
{
	int i;

	for (i = 0; i < CQL_FAULTS; i++)
		add_count(row, faults[i]);
	for (i = 0; i < (int) lengthof(fractions); i++)
		cass_record_latency(row, latencies, fractions[i]);
}

/* ---- nodes ---- */

/* NULL where text is "". */
static void
add_known(CassRecord *row, const char *text)
{
	cass_record_text(row, text[0] == '\0' ? NULL : cass_from_cql(text));
}

static void
add_node(CassRecord *row, const cql_node *node, const cql_node_status *status,
		 const double *share)
{
	cass_record_text(row, node->address);
	cass_record_uuid(row, node->host_id);
	cass_record_text(row, cass_from_cql(node->dc));
	cass_record_text(row, cass_from_cql(node->rack));
	cass_record_add(row, BoolGetDatum(node->local));
	if (share == NULL)
		cass_record_null(row);
	else /* a sum of many parts: all of it is to read as 1 */
		cass_record_add(row, Float8GetDatum(rint(*share * 1e12) / 1e12));
	add_known(row, status->release);
	cass_record_text(row, state_names[status->state]);
	add_known(row, status->failure);
	cass_record_add(row, Int32GetDatum(node->nconnections));
	cass_record_add(row, Int32GetDatum(status->in_flight));
}

static void
add_traffic(CassRecord *row, const cql_traffic *traffic)
{
	uint64 latencies[CQL_HISTOGRAM_BUCKETS];

	cql_traffic_latencies(traffic, latencies);
	add_count(row, traffic->requests);
	add_count(row, traffic->retries);
	add_outcomes(row, traffic->faults, latencies);
}

Datum
cassandra_hosts(PG_FUNCTION_ARGS)
{
	CassCall call;
	double *shares;
	bool has_ring;
	uint32 n;
	uint32 i;

	InitMaterializedSRF(fcinfo, 0);
	cass_call_begin(&call, NameStr(*PG_GETARG_NAME(0)));
	if (cql_cluster_nnodes(call.cluster) == 0)
		cass_call_connect(&call);
	else
		cass_poll(call.cluster); /* who has hung up meanwhile */
	n = cql_cluster_nnodes(call.cluster);
	shares = palloc(sizeof(double) * (n + 1));
	has_ring = cql_cluster_shares(call.cluster, shares);
	for (i = 0; i < n; i++)
	{
		cql_node_status status;
		CassRecord row;

		row.n = 0;
		cql_cluster_node_status(call.cluster, i, cql_now(), &status);
		add_node(&row, cql_cluster_node(call.cluster, i), &status,
				 has_ring ? &shares[i] : NULL);
		add_traffic(&row, status.traffic);
		cass_record_store(fcinfo, &row, HOST_COLUMNS);
	}
	return (Datum) 0;
}

/* ---- totals ---- */

Datum
cassandra_get_statistics(PG_FUNCTION_ARGS)
{
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	cass_conncache_count();
	foreach (lc, cass_statistics_totals())
	{
		const CassTotals *totals = lfirst(lc);
		CassRecord row;
		int i;

		row.n = 0;
		cass_record_add(&row, ObjectIdGetDatum(totals->serverid));
		cass_record_text(&row, totals->all_sessions ? "all" : "session");
		for (i = 0; i < CASS_FAULTS; i++)
			add_count(&row, totals->values[i]);
		add_outcomes(&row, &totals->values[CASS_FAULTS],
					 &totals->values[CASS_LATENCIES]);
		cass_record_add(&row, TimestampTzGetDatum(totals->since));
		cass_record_store(fcinfo, &row, STATISTICS_COLUMNS);
	}
	return (Datum) 0;
}

Datum
cassandra_statistics_reset(PG_FUNCTION_ARGS)
{
	cass_conncache_count();
	cass_statistics_reset();
	PG_RETURN_VOID();
}

/* ---- progress ---- */

/* As pg_stat_activity has it: whose sessions a role may look at. */
static bool
may_see(Oid userid)
{
	return has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS) ||
		   has_privs_of_role(GetUserId(), userid);
}

Datum
cassandra_progress(PG_FUNCTION_ARGS)
{
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach (lc, cass_progress_list())
	{
		const CassProgressState *state = lfirst(lc);
		CassRecord row;

		if (!may_see(state->userid))
			continue;
		row.n = 0;
		cass_record_add(&row, Int32GetDatum(state->pid));
		cass_record_add(&row, ObjectIdGetDatum(state->dbid));
		cass_record_text(&row, get_database_name(state->dbid));
		cass_record_text(&row, GetUserNameFromId(state->userid, true));
		cass_record_add(&row, ObjectIdGetDatum(state->relid));
		cass_record_text(&row,
						 state->kind == CASS_PROGRESS_SCAN ? "scan" : "load");
		add_count(&row, state->rows);
		if (state->expected > 0)
			add_count(&row, (uint64) state->expected);
		else
			cass_record_null(&row);
		cass_record_add(&row, TimestampTzGetDatum(state->since));
		cass_record_store(fcinfo, &row, PROGRESS_COLUMNS);
	}
	return (Datum) 0;
}

/* ---- reading anew ---- */

/* Some I/O, and a check for interrupts. */
static void
wait_a_moment(cql_cluster *cluster)
{
	(void) cass_wait_until(cluster, NULL, 0, cql_now() + REFRESH_INTERVAL);
}

Datum
cassandra_refresh(PG_FUNCTION_ARGS)
{
	CassCall call;

	cass_call_begin(&call, NameStr(*PG_GETARG_NAME(0)));
	while (!cql_cluster_refresh(call.cluster))
		wait_a_moment(call.cluster);
	cass_call_connect(&call);
	while (!cql_cluster_is_settled(call.cluster))
		wait_a_moment(call.cluster);
	cass_shape_forget(call.serverid, NULL);
	cass_estimates_forget();
	cass_forget_markers();
	PG_RETURN_VOID();
}
