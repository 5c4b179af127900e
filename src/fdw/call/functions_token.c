/*
 * functions_token.c
 *	  Tokens of partition keys, and ranges of the ring.
 */
#include "functions.h"
#include "shape.h"

#include "access/relation.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(cassandra_token);
PG_FUNCTION_INFO_V1(cassandra_ring_ranges);

#define MAX_RANGES 65536

/* The CQL table of a foreign table, locked, that the user may read. */
static const cql_schema_table *
get_table(Oid relid, Oid *serverid)
{
	Relation rel = cass_function_table(relid);
	CassOptions *options;

	relation_close(rel, NoLock);
	*serverid = GetForeignTable(relid)->serverid;
	options = cass_options_for_table(relid, GetUserId());
	return cass_shape_get(relid, GetUserId(), options)->table;
}

/* The values of the key; false where one is null. */
static bool
bind_key(const cql_schema_table *table, int n, const Datum *values,
		 const bool *nulls, const Oid *types, cql_slice *key)
{
	int i;

	if (n != (int) table->npartition)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("wrong number of values for the partition key "
							   "of table \"%s\"",
							   cass_from_cql(table->name)),
						errdetail("It has %u columns, %d values were given.",
								  table->npartition, n)));
	for (i = 0; i < n; i++)
	{
		if (nulls[i])
			return false;
		cass_bind_datum(&key[i], table->columns[i].type, types[i], values[i],
						false);
		if (key[i].len < 0)
			return false;
	}
	return true;
}

/* The ring is known once any request has ended. */
static cql_cluster *
connected_cluster(Oid serverid, const cql_schema_table *table)
{
	cql_cluster *cluster = cass_get_cluster(serverid, GetUserId());

	if (cql_cluster_nnodes(cluster) == 0)
		cql_schema_free(
			cass_read_schema(cluster, table->keyspace, table->name));
	return cluster;
}

Datum
cassandra_token(PG_FUNCTION_ARGS)
{
	const cql_schema_table *table;
	cql_slice *key;
	Datum *values;
	bool *nulls;
	Oid *types;
	Oid serverid;
	int64 token;
	int n;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	table = get_table(PG_GETARG_OID(0), &serverid);
	n = Max(extract_variadic_args(fcinfo, 1, false, &values, &types, &nulls),
			0);
	key = palloc(sizeof(cql_slice) * (table->npartition + 1));
	if (!bind_key(table, n, values, nulls, types, key))
		PG_RETURN_NULL();
	if (!cql_cluster_token(connected_cluster(serverid, table), key, n, &token))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("could not compute the token of a key of table \"%s\"",
						cass_from_cql(table->name)),
				 errdetail("The partitioner must be Murmur3Partitioner, and "
						   "a value at most 65535 bytes long.")));
	PG_RETURN_INT64(token);
}

/* Ranges of a keyspace's ring, palloc'ed; ereports where there are none. */
static cql_token_range *
get_ranges(const CassCall *call, const char *name, int want, uint32 *n)
{
	const char *keyspace = cass_to_cql(name);
	cql_schema *schema = cass_read_schema(call->cluster, keyspace, "");
	bool exists = schema->exists;
	cql_token_range *ranges;
	cql_token_range *copy;
	cql_code code;

	cql_schema_free(schema);
	if (!exists)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("keyspace \"%s\" does not exist in Cassandra", name)));
	code = cql_cluster_ranges(call->cluster, keyspace, want, &ranges, n);
	if (code != CQL_OK)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (*n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("keyspace \"%s\" has no token ranges", name),
				 errdetail("Each node has data of its own there, or the "
						   "partitioner is not Murmur3Partitioner.")));
	copy = palloc_extended(sizeof(cql_token_range) * *n, MCXT_ALLOC_NO_OOM);
	if (copy != NULL)
		memcpy(copy, ranges, sizeof(cql_token_range) * *n);
	cass_env_free(ranges);
	if (copy == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return copy;
}

Datum
cassandra_ring_ranges(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int want = PG_GETARG_INT32(2);
	cql_token_range *ranges;
	CassCall call;
	uint32 n;
	uint32 i;

	InitMaterializedSRF(fcinfo, 0);
	if (want < 1 || want > MAX_RANGES)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the number of ranges must be between 1 and %d",
							   MAX_RANGES)));
	cass_call_begin(&call, NameStr(*PG_GETARG_NAME(0)));
	ranges =
		get_ranges(&call, text_to_cstring(PG_GETARG_TEXT_PP(1)), want, &n);
	for (i = 0; i < n; i++)
	{
		Datum values[2];
		bool nulls[2] = {false, false};

		values[0] = Int64GetDatum(ranges[i].start);
		values[1] = Int64GetDatum(ranges[i].end);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values,
							 nulls);
	}
	return (Datum) 0;
}
