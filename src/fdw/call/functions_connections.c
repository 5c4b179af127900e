/*
 * functions_connections.c
 *	  The session's clusters and their nodes, closing them, the version.
 */
#include "functions.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(cassandra_fdw_version);
PG_FUNCTION_INFO_V1(cassandra_clusters);
PG_FUNCTION_INFO_V1(cassandra_connections);
PG_FUNCTION_INFO_V1(cassandra_disconnect);
PG_FUNCTION_INFO_V1(cassandra_disconnect_all);

#define CLUSTER_COLUMNS 14
#define NODE_COLUMNS 9

/* A row being filled, column by column. */
typedef struct Row
{
	int n;
	Datum values[CLUSTER_COLUMNS];
	bool nulls[CLUSTER_COLUMNS];
} Row;

Datum
cassandra_fdw_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(CQL_DRIVER_VERSION));
}

static void
put(Row *row, Datum value)
{
	row->nulls[row->n] = false;
	row->values[row->n++] = value;
}

static void
put_null(Row *row)
{
	row->nulls[row->n] = true;
	row->values[row->n++] = (Datum) 0;
}

static void
put_text(Row *row, const char *text)
{
	if (text == NULL)
		put_null(row);
	else
		put(row, CStringGetTextDatum(text));
}

/* Server and user; NULL where they were dropped. */
static void
put_names(Row *row, const CassConnection *connection)
{
	ForeignServer *server =
		GetForeignServerExtended(connection->serverid, FSV_MISSING_OK);

	row->n = 0;
	put_text(row, server == NULL ? NULL : server->servername);
	put_text(row, GetUserNameFromId(connection->userid, true));
}

static void
put_row(FunctionCallInfo fcinfo, Row *row, int ncolumns)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	Assert(row->n == ncolumns);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row->values,
						 row->nulls);
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
put_release(Row *row, int release)
{
	if (release == 0)
		put_null(row);
	else
		put_text(row, psprintf("%d.%d", release / 100, release % 100));
}

static void
put_cluster(Row *row, const CassConnection *connection)
{
	const cql_cluster *cluster = connection->cluster;
	int protocol = cql_cluster_protocol(cluster);
	cql_stats stats;

	cql_cluster_get_stats(cluster, &stats);
	put_names(row, connection);
	put(row, BoolGetDatum(connection->used));
	put(row, BoolGetDatum(connection->valid));
	if (protocol == 0)
		put_null(row);
	else
		put(row, Int32GetDatum(protocol));
	put_release(row, cql_cluster_release(cluster));
	put(row, Int32GetDatum(cql_cluster_nnodes(cluster)));
	put(row, Int32GetDatum(count_connections(cluster)));
	put(row, Int64GetDatum(stats.requests));
	put(row, Int64GetDatum(stats.retries));
	put(row, Int64GetDatum(stats.reprepared));
	put(row, Int64GetDatum(stats.orphans));
	put(row, Int64GetDatum(stats.bytes_sent));
	put(row, Int64GetDatum(stats.bytes_received));
}

static void
put_node(Row *row, const CassConnection *connection, const cql_node *node)
{
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));

	memcpy(id->data, node->host_id, UUID_LEN);
	put_names(row, connection);
	put_text(row, node->address);
	put(row, UUIDPGetDatum(id));
	put_text(row, node->dc);
	put_text(row, node->rack);
	put(row, BoolGetDatum(node->local));
	put(row, BoolGetDatum(node->up));
	put(row, Int32GetDatum(node->nconnections));
}

Datum
cassandra_clusters(PG_FUNCTION_ARGS)
{
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach (lc, cass_connections())
	{
		Row row;

		put_cluster(&row, lfirst(lc));
		put_row(fcinfo, &row, CLUSTER_COLUMNS);
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
			Row row;

			put_node(&row, connection,
					 cql_cluster_node(connection->cluster, i));
			put_row(fcinfo, &row, NODE_COLUMNS);
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
