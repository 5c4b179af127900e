/*
 * shape_expression.c
 *	  Foreign columns that stand for an expression: option "expression".
 */
#include "cql_selector.h"
#include "shape.h"

static int
sqlstate_of(cql_selector_code code)
{
	switch (code)
	{
		case CQL_SELECTOR_SYNTAX:
			return ERRCODE_SYNTAX_ERROR;
		case CQL_SELECTOR_COLUMN:
			return ERRCODE_UNDEFINED_COLUMN;
		case CQL_SELECTOR_TYPE:
			return ERRCODE_DATATYPE_MISMATCH;
		case CQL_SELECTOR_UNSUPPORTED:
			return ERRCODE_FEATURE_NOT_SUPPORTED;
		default:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
	}
}

static void
report_selector(const cql_selector *selector, const char *expression)
{
	ereport(ERROR,
			(errcode(sqlstate_of(selector->code)),
			 errmsg("invalid expression \"%s\": %s", expression,
					selector->message),
			 selector->hint[0] != '\0' ? errhint("%s", selector->hint) : 0));
}

void
cass_check_expression(const char *expression)
{
	cql_selector *selector = palloc(sizeof(cql_selector));

	if (!cql_selector_parse(expression, NULL, selector))
		report_selector(selector, expression);
	pfree(selector);
}

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
							expression, selector->functions[i].name)));
	}
}

bool
cass_shape_expression(const CassShape *shape, Oid userid,
					  const char *expression, Form_pg_attribute att, bool loud,
					  CassAttribute *out)
{
	cql_selector *selector = palloc(sizeof(cql_selector));
	bool fits = cql_selector_parse(expression, shape->table, selector);

	if (!fits && loud)
		report_selector(selector, expression);
	if (fits)
	{
		refuse_aggregates(shape->serverid, userid, selector, expression);
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
	return fits;
}
