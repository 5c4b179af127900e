/*
 * shape_belief.c
 *	  Whether a shape is still that of its table.
 */
#include "client.h"
#include "shape_int.h"

cql_belief *
cass_belief_create(const CassShape *shape, const cql_use *uses, int nuses)
{
	cql_belief *belief;

	if (shape->table->kind == CQL_VIRTUAL_TABLE)
		return NULL;
	belief = palloc0(sizeof(cql_belief));
	belief->keyspace = shape->table->keyspace;
	belief->table = shape->table->name;
	belief->uses = uses;
	belief->nuses = (uint32) nuses;
	cql_belief_tag(shape->table, uses, (uint32) nuses, belief->tag);
	return belief;
}

void
cass_belief_confirm(const cql_belief *belief, const CassShape *shape,
					cql_cluster *cluster)
{
	CassRequest *handle;
	cql_error error;

	if (belief == NULL)
		return;
	handle = cass_request_create(CurrentMemoryContext);
	handle->request = cql_belief_check(cluster, belief, 0, &error);
	if (handle->request == NULL)
		cass_report_error(&error, NULL);
	(void) cass_wait_any(cluster, &handle->request, 1);
	if (cql_request_get_state(handle->request) == CQL_REQUEST_FAILED)
	{
		error = *cql_request_error(handle->request);
		cass_shape_failed(shape, &error);
		cass_report_error(&error, NULL);
	}
	cass_request_reset(handle);
}

void
cass_shape_doubt(const CassShape *shape)
{
	CassSchemaEntry *entry = cass_schema_of(shape);

	if (entry != NULL)
		entry->stale = true;
}

void
cass_shape_failed(const CassShape *shape, const cql_error *error)
{
	CassSchemaEntry *entry;

	if (error->code != CQL_ERR_CHANGED &&
		(error->code != CQL_ERR_SERVER ||
		 error->server_code != CQL_SERVER_INVALID))
		return;
	entry = cass_schema_of(shape);
	if (entry == NULL)
		return;
	entry->stale = true;
	cass_shape_replan(entry);
}

void
cass_shape_changed(const CassShape *shape)
{
	CassSchemaEntry *entry = cass_schema_of(shape);

	if (entry != NULL)
		cass_shape_replan(entry);
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("table \"%s\".\"%s\" of Cassandra has changed "
						   "since the query was planned",
						   cass_from_cql(shape->table->keyspace),
						   cass_from_cql(shape->table->name)),
					errhint("Run the query again.")));
}
