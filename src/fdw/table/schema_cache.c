/*
 * schema_cache.c
 *	  Schemas of CQL tables, read from system_schema once a backend and table.
 *
 * A change of the server, the mapping or the foreign table makes them be read
 * again; so does what shows that the CQL table has changed.
 */
#include "client.h"
#include "conncache.h"
#include "shape_int.h"

#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

static HTAB *schemas = NULL;

static void
doubt_server(Oid serverid)
{
	HASH_SEQ_STATUS seq;
	CassSchemaEntry *entry;

	hash_seq_init(&seq, schemas);
	while ((entry = hash_seq_search(&seq)) != NULL)
		entry->stale |=
			!OidIsValid(serverid) || entry->key.serverid == serverid;
}

static void
invalidate(Datum arg, int cacheid, uint32 hashvalue)
{
	doubt_server(InvalidOid);
}

void
cass_shape_forget(Oid serverid, const char *keyspace)
{
	HASH_SEQ_STATUS seq;
	CassSchemaEntry *entry;

	hash_seq_init(&seq, schemas);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (entry->key.serverid != serverid ||
			(keyspace != NULL && strcmp(entry->key.keyspace, keyspace) != 0))
			continue;
		entry->stale = true;
		cass_shape_replan(entry);
	}
}

void
cass_schema_cache_init(void)
{
	HASHCTL ctl = {.keysize = sizeof(CassSchemaKey),
				   .entrysize = sizeof(CassSchemaEntry)};

	schemas =
		hash_create("cassandra_fdw schemas", 32, &ctl, HASH_ELEM | HASH_BLOBS);
	/* the cluster may be another, and what it told is not known */
	cass_conncache_on_open(doubt_server);
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

/* The whole of the table counts: plans may be better with what is new. */
static void
set_tag(CassSchemaEntry *entry)
{
	uint32 n = entry->table->ncolumns;
	cql_use *uses = palloc(sizeof(cql_use) * (n + 1));
	char tag[CQL_TAG_SIZE];
	uint32 i;

	for (i = 0; i < n; i++)
	{
		uses[i].name = entry->table->columns[i].name;
		uses[i].kind = CQL_USE_INDEX;
	}
	cql_belief_tag(entry->table, uses, n, tag);
	pfree(uses);
	if (entry->tag[0] != '\0' && strcmp(entry->tag, tag) != 0)
		cass_shape_replan(entry);
	strlcpy(entry->tag, tag, CQL_TAG_SIZE);
}

/* Takes over what was read, if the table was there. */
static void
take_schema(CassSchemaEntry *entry, const cql_schema *schema)
{
	MemoryContext old;

	if (entry->context != NULL)
		MemoryContextDelete(entry->context);
	entry->context = NULL;
	entry->generation++;
	if (schema->ntables == 0)
		return;
	entry->context = AllocSetContextCreate(
		CacheMemoryContext, "cassandra_fdw schema", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(entry->context);
	entry->table = cass_copy_table(&schema->tables[0]);
	MemoryContextSwitchTo(old);
	entry->local_strategy = schema->local_strategy;
	entry->is_virtual = schema->is_virtual;
	entry->stale = false;
	set_tag(entry);
}

void
cass_schema_refresh(CassSchemaEntry *entry)
{
	cql_schema *schema = cass_read_schema(
		cass_get_cluster(entry->key.serverid, entry->key.userid),
		entry->key.keyspace, entry->key.table);
	bool exists = schema->exists;
	bool found = schema->ntables > 0;

	take_schema(entry, schema);
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

static CassSchemaEntry *
find_entry(Oid serverid, Oid userid, const char *keyspace, const char *table,
		   HASHACTION action, bool *found)
{
	CassSchemaKey key;

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
	return hash_search(schemas, &key, action, found);
}

CassSchemaEntry *
cass_schema_get(Oid serverid, Oid userid, const char *keyspace,
				const char *table, bool *fresh)
{
	bool found;
	CassSchemaEntry *entry =
		find_entry(serverid, userid, keyspace, table, HASH_ENTER, &found);

	if (!found)
	{
		entry->context = NULL;
		entry->stale = true;
		entry->generation = 0;
		entry->users = 0;
		entry->tag[0] = '\0';
	}
	*fresh = entry->context == NULL || entry->stale;
	if (*fresh)
		cass_schema_refresh(entry);
	return entry;
}

CassSchemaEntry *
cass_schema_of(const CassShape *shape)
{
	return find_entry(shape->serverid, shape->userid, shape->table->keyspace,
					  shape->table->name, HASH_FIND, NULL);
}

void
cass_schema_sweep(void)
{
	HASH_SEQ_STATUS seq;
	CassSchemaEntry *entry;

	hash_seq_init(&seq, schemas);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (!entry->stale || entry->users > 0)
			continue;
		if (entry->context != NULL)
			MemoryContextDelete(entry->context);
		(void) hash_search(schemas, &entry->key, HASH_REMOVE, NULL);
	}
}
