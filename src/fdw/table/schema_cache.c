/*
 * schema_cache.c
 *	  Schemas of CQL tables, read from system_schema once a backend and table.
 *
 * A change of the server or of the mapping makes them be read again; so does
 * an error that shows the CQL table has changed.
 */
#include "bridge.h"
#include "conncache.h"
#include "shape_int.h"

#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/syscache.h"

static HTAB *schemas = NULL;

static void
invalidate(Datum arg, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS seq;
	CassSchemaEntry *entry;

	hash_seq_init(&seq, schemas);
	while ((entry = hash_seq_search(&seq)) != NULL)
		entry->stale = true;
}

void
cass_shape_forget(Oid serverid, const char *keyspace)
{
	HASH_SEQ_STATUS seq;
	CassSchemaEntry *entry;

	hash_seq_init(&seq, schemas);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (entry->key.serverid == serverid &&
			(keyspace == NULL || strcmp(entry->key.keyspace, keyspace) == 0))
			entry->stale = true;
	}
	/* Plans were made for what is forgotten. */
	ResetPlanCache();
}

static void
forget_server(Oid serverid)
{
	cass_shape_forget(serverid, NULL);
}

void
cass_schema_cache_init(void)
{
	HASHCTL ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = sizeof(CassSchemaKey);
	ctl.entrysize = sizeof(CassSchemaEntry);
	schemas =
		hash_create("cassandra_fdw schemas", 32, &ctl, HASH_ELEM | HASH_BLOBS);
	cass_conncache_on_open(forget_server);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, invalidate, (Datum) 0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID, invalidate, (Datum) 0);
}

static cql_schema *
read_schema(cql_cluster *cluster, const char *keyspace, const char *table,
			const cql_schema_filter *filter)
{
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_schema *schema;
	cql_error error;

	handle->request =
		cql_schema_read(cluster, keyspace, table, filter, 0, &error);
	if (handle->request == NULL)
		cass_report_error(&error, NULL);
	(void) cass_wait_any(cluster, &handle->request, 1);
	if (cql_request_get_state(handle->request) == CQL_REQUEST_FAILED)
		cass_report_error(cql_request_error(handle->request), NULL);
	schema = cql_request_take_schema(handle->request);
	cass_request_reset(handle);
	return schema;
}

cql_schema *
cass_read_schema(cql_cluster *cluster, const char *keyspace, const char *table)
{
	return read_schema(cluster, keyspace, table, NULL);
}

cql_schema *
cass_read_keyspace(cql_cluster *cluster, const char *keyspace,
				   const cql_schema_filter *filter)
{
	return read_schema(cluster, keyspace, NULL, filter);
}

void
cass_schema_refresh(CassSchemaEntry *entry)
{
	cql_schema *schema = cass_read_schema(
		cass_get_cluster(entry->key.serverid, entry->key.userid),
		entry->key.keyspace, entry->key.table);
	bool exists = schema->exists;
	bool found = schema->ntables > 0;
	MemoryContext old;

	if (entry->context != NULL)
		MemoryContextDelete(entry->context);
	entry->context = NULL;
	entry->generation++;
	if (found)
	{
		entry->context = AllocSetContextCreate(
			CacheMemoryContext, "cassandra_fdw schema", ALLOCSET_SMALL_SIZES);
		old = MemoryContextSwitchTo(entry->context);
		entry->table = cass_copy_table(&schema->tables[0]);
		MemoryContextSwitchTo(old);
		entry->local_strategy = schema->local_strategy;
		entry->is_virtual = schema->is_virtual;
		entry->stale = false;
	}
	cql_schema_free(schema);
	if (!exists)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_SCHEMA),
						errmsg("keyspace \"%s\" does not exist in Cassandra",
							   cass_from_cql(entry->key.keyspace)),
						errhint("Check the option \"keyspace\" of the foreign "
								"table or its server.")));
	if (!found)
		ereport(
			ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("table \"%s\" does not exist in keyspace \"%s\"",
					cass_from_cql(entry->key.table),
					cass_from_cql(entry->key.keyspace)),
			 errhint(
				 "Check the option \"table_name\" of the foreign table.")));
}

bool
cass_known_view(Oid serverid, const char *keyspace, const char *name,
				const char *base_table)
{
	HASH_SEQ_STATUS seq;
	CassSchemaEntry *entry;
	bool found = false;

	hash_seq_init(&seq, schemas);
	while ((entry = hash_seq_search(&seq)) != NULL)
		found |= entry->key.serverid == serverid && entry->context != NULL &&
				 strcmp(entry->key.keyspace, keyspace) == 0 &&
				 strcmp(entry->key.table, name) == 0 &&
				 entry->table->kind == CQL_VIEW &&
				 strcmp(entry->table->base_table, base_table) == 0;
	return found;
}

CassSchemaEntry *
cass_schema_get(Oid serverid, Oid userid, const char *keyspace,
				const char *table, bool *fresh)
{
	CassSchemaKey key;
	CassSchemaEntry *entry;
	bool found;

	memset(&key, 0, sizeof(key));
	key.serverid = serverid;
	key.userid = userid;
	if (strlcpy(key.keyspace, keyspace, CASS_MAX_NAME) >= CASS_MAX_NAME ||
		strlcpy(key.table, table, CASS_MAX_NAME) >= CASS_MAX_NAME)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("name of table \"%s\" or of its keyspace is too long",
						cass_from_cql(table)),
				 errdetail("Names in Cassandra have less than %d bytes.",
						   CASS_MAX_NAME)));
	entry = hash_search(schemas, &key, HASH_ENTER, &found);
	if (!found)
	{
		entry->context = NULL;
		entry->stale = true;
		entry->generation = 0;
	}
	*fresh = entry->context == NULL || entry->stale;
	if (*fresh)
		cass_schema_refresh(entry);
	return entry;
}
