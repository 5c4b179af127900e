/*
 * functions_connections.c
 *	  The session's clusters and their nodes, closing them, the version.
 */
#include "functions.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(cassandra_fdw_version);
PG_FUNCTION_INFO_V1(cassandra_clusters);
PG_FUNCTION_INFO_V1(cassandra_connections);
PG_FUNCTION_INFO_V1(cassandra_disconnect);
PG_FUNCTION_INFO_V1(cassandra_disconnect_all);

#define CLUSTER_COLUMNS 14
#define NODE_COLUMNS 9

Datum
cassandra_fdw_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(CQL_DRIVER_VERSION));
}

/* Server and user; NULL where they were dropped. */
static void
put_names(CassRecord *row, const CassConnection *connection)
{
	ForeignServer *server =
		GetForeignServerExtended(connection->serverid, FSV_MISSING_OK);

	row->n = 0;
	cass_record_text(row, server == NULL ? NULL : server->servername);
	cass_record_text(row, GetUserNameFromId(connection->userid, true));
}

static uint32
count_connections(const cql_cluster *cluster)
{
	uint32 n = cql_cluster_nnodes(cluster);
	uint32 total = 0;
	uint32 i;

	for (i = 0; i < n; i++)
		total += cql_cluster_node(cluster, i)->nconnections;
	return total;
}

/* "5.0" of 500; NULL while it is not known. */
static void
put_release(CassRecord *row, int release)
{
	if (release == 0)
		cass_record_null(row);
	else
		cass_record_text(row, psprintf("%d.%d", release / 100, release % 100));
}

static void
put_cluster(CassRecord *row, const CassConnection *connection)
{
	const cql_cluster *cluster = connection->cluster;
	int protocol = cql_cluster_protocol(cluster);
	cql_stats stats;

	cql_cluster_get_stats(cluster, &stats);
	put_names(row, connection);
	cass_record_add(row, BoolGetDatum(connection->used));
	cass_record_add(row, BoolGetDatum(connection->valid));
	if (protocol == 0)
		cass_record_null(row);
	else
		cass_record_add(row, Int32GetDatum(protocol));
	put_release(row, cql_cluster_release(cluster));
	cass_record_add(row, Int32GetDatum(cql_cluster_nnodes(cluster)));
	cass_record_add(row, Int32GetDatum(count_connections(cluster)));
	cass_record_add(row, Int64GetDatum(stats.requests));
	cass_record_add(row, Int64GetDatum(stats.retries));
	cass_record_add(row, Int64GetDatum(stats.reprepared));
	cass_record_add(row, Int64GetDatum(stats.orphans));
	cass_record_add(row, Int64GetDatum(stats.bytes_sent));
	cass_record_add(row, Int64GetDatum(stats.bytes_received));
}

static void
put_node(CassRecord *row, const CassConnection *connection,
		 const cql_node *node)
{
	put_names(row, connection);
	cass_record_text(row, node->address);
	cass_record_uuid(row, node->host_id);
	cass_record_text(row, node->dc);
	cass_record_text(row, node->rack);
	cass_record_add(row, BoolGetDatum(node->local));
	cass_record_add(row, BoolGetDatum(node->up));
	cass_record_add(row, Int32GetDatum(node->nconnections));
}

Datum
cassandra_clusters(PG_FUNCTION_ARGS)
{
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach (lc, cass_connections())
	{
		CassRecord row;

		put_cluster(&row, lfirst(lc));
		cass_record_store(fcinfo, &row, CLUSTER_COLUMNS);
	}
	return (Datum) 0;
}

Datum
cassandra_connections(PG_FUNCTION_ARGS)
{
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach (lc, cass_connections())
	{
		const CassConnection *connection = lfirst(lc);
		uint32 n = cql_cluster_nnodes(connection->cluster);
		uint32 i;

		for (i = 0; i < n; i++)
		{
			CassRecord row;

			put_node(&row, connection,
					 cql_cluster_node(connection->cluster, i));
			cass_record_store(fcinfo, &row, NODE_COLUMNS);
		}
	}
	return (Datum) 0;
}

Datum
cassandra_disconnect(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(
		cass_disconnect(cass_function_server(NameStr(*PG_GETARG_NAME(0)))));
}

Datum
cassandra_disconnect_all(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(cass_disconnect(InvalidOid));
}
