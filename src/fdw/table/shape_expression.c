/*
 * shape_expression.c
 *	  Foreign columns that stand for an expression: option "expression".
 */
#include "client.h"
#include "conncache.h"
#include "shape_int.h"

/* Whether a keyspace has an aggregate of that name. */
static bool
is_aggregate(Oid serverid, Oid userid, const cql_selector_function *function)
{
	static const char cql[] =
		"SELECT aggregate_name FROM system_schema.aggregates"
		" WHERE keyspace_name = ? AND aggregate_name = ?";
	cql_cluster *cluster = cass_get_cluster(serverid, userid);
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_slice values[2];
	cql_params params;
	bool found;

	values[0].data = (const uint8_t *) function->keyspace;
	values[0].len = (int32_t) strlen(function->keyspace);
	values[1].data = (const uint8_t *) function->name;
	values[1].len = (int32_t) strlen(function->name);
	memset(&params, 0, sizeof(params));
	params.cql = cql;
	params.prepare = true;
	params.values = values;
	params.nvalues = 2;
	params.consistency = CQL_LOCAL_ONE;
	params.serial_consistency = -1;
	params.page_size = 1;
	params.paging_state.len = CQL_NULL;
	params.idempotent = true;
	cass_request_execute(handle, cluster, &params);
	found = cql_result_nrows(cass_request_wait(handle, cluster, cql)) > 0;
	cass_request_reset(handle);
	return found;
}

/*
 * An aggregate would make one row of all.  Those of the server's own are
 * known to the grammar.
 */
static void
refuse_aggregates(Oid serverid, Oid userid, const cql_selector *selector,
				  const char *expression)
{
	uint32 i;

	for (i = 0; i < selector->nfunctions; i++)
	{
		if (is_aggregate(serverid, userid, &selector->functions[i]))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("invalid expression \"%s\": %s() is an aggregate",
							cass_from_cql(expression),
							cass_from_cql(selector->functions[i].name))));
	}
}

bool
cass_shape_expression(const CassShape *shape, const char *expression,
					  Form_pg_attribute att, bool loud, CassAttribute *out)
{
	cql_selector *selector = palloc(sizeof(cql_selector));
	bool fits = cql_selector_parse(expression, shape->table, selector);

	out->missing = !fits;
	if (fits && !loud && !selector->write_time &&
		!cass_codec_supported(selector->type, att->atttypid))
		return false;
	if (fits)
	{
		refuse_aggregates(shape->serverid, shape->userid, selector,
						  expression);
		out->selector = pstrdup(selector->text);
		out->type = cass_copy_type(selector->type);
		out->codec =
			selector->write_time
				? cass_codec_create_write_time(out->type, att->atttypid,
											   att->atttypmod,
											   out->unconvertible)
				: cass_codec_create(out->type, att->atttypid, att->atttypmod,
									out->unconvertible);
	}
	pfree(selector);
	return fits || loud;
}
