/*
 * shape.c
 *	  Foreign table to CQL table: its keys, columns and codecs.
 *
 * Schemas come from system_schema, once a backend and table.  A change of the
 * server, of the mapping, or of the foreign table's column makes them be read
 * again; so does an error that shows the CQL table has changed.
 */
#include "cassandra_fdw.h"

#include "access/table.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/syscache.h"

#define MAX_NAME 256 /* of keyspace and table in a key */

typedef struct SchemaKey
{
	Oid serverid;
	Oid userid;
	char keyspace[MAX_NAME];
	char table[MAX_NAME];
} SchemaKey;

typedef struct SchemaEntry
{
	SchemaKey key;
	MemoryContext context; /* of the table, NULL: not read */
	cql_schema_table *table;
	bool local_strategy;
	bool stale;
} SchemaEntry;

static HTAB *schemas = NULL;

static void
invalidate(Datum arg, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS seq;
	SchemaEntry *entry;

	hash_seq_init(&seq, schemas);
	while ((entry = hash_seq_search(&seq)) != NULL)
		entry->stale = true;
}

void
cass_shape_init(void)
{
	HASHCTL ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = sizeof(SchemaKey);
	ctl.entrysize = sizeof(SchemaEntry);
	schemas =
		hash_create("cassandra_fdw schemas", 32, &ctl, HASH_ELEM | HASH_BLOBS);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, invalidate, (Datum) 0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID, invalidate, (Datum) 0);
}

void
cass_shape_forget(Oid serverid, const char *keyspace)
{
	HASH_SEQ_STATUS seq;
	SchemaEntry *entry;

	hash_seq_init(&seq, schemas);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (entry->key.serverid == serverid &&
			strcmp(entry->key.keyspace, keyspace) == 0)
			entry->stale = true;
	}
	/* Plans were made for what is forgotten. */
	ResetPlanCache();
}

cql_schema *
cass_read_schema(Oid serverid, Oid userid, const char *keyspace,
				 const char *table)
{
	cql_cluster *cluster = cass_get_cluster(serverid, userid);
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_schema *schema;
	cql_error error;

	handle->request = cql_schema_read(cluster, keyspace, table, 0, &error);
	if (handle->request == NULL)
		cass_report_error(&error, NULL);
	(void) cass_wait_any(cluster, &handle->request, 1);
	if (cql_request_get_state(handle->request) == CQL_REQUEST_FAILED)
		cass_report_error(cql_request_error(handle->request), NULL);
	schema = cql_request_take_schema(handle->request);
	cass_request_reset(handle);
	return schema;
}

static void
read_entry(SchemaEntry *entry)
{
	cql_schema *schema =
		cass_read_schema(entry->key.serverid, entry->key.userid,
						 entry->key.keyspace, entry->key.table);
	bool exists = schema->exists;
	bool found = schema->ntables > 0;
	MemoryContext old;

	if (entry->context != NULL)
		MemoryContextDelete(entry->context);
	entry->context = NULL;
	if (found)
	{
		entry->context = AllocSetContextCreate(
			CacheMemoryContext, "cassandra_fdw schema", ALLOCSET_SMALL_SIZES);
		old = MemoryContextSwitchTo(entry->context);
		entry->table = cass_copy_table(&schema->tables[0]);
		MemoryContextSwitchTo(old);
		entry->local_strategy = schema->local_strategy;
		entry->stale = false;
	}
	cql_schema_free(schema);
	if (!exists)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_SCHEMA),
						errmsg("keyspace \"%s\" does not exist in Cassandra",
							   entry->key.keyspace),
						errhint("Check the option \"keyspace\" of the foreign "
								"table or its server.")));
	if (!found)
		ereport(
			ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("table \"%s\" does not exist in keyspace \"%s\"",
					entry->key.table, entry->key.keyspace),
			 errhint(
				 "Check the option \"table_name\" of the foreign table.")));
}

/* The table from the cache; *fresh is set when it was read just now. */
static SchemaEntry *
get_entry(Oid serverid, Oid userid, const char *keyspace, const char *table,
		  bool *fresh)
{
	SchemaKey key;
	SchemaEntry *entry;
	bool found;

	memset(&key, 0, sizeof(key));
	key.serverid = serverid;
	key.userid = userid;
	strlcpy(key.keyspace, keyspace, MAX_NAME);
	strlcpy(key.table, table, MAX_NAME);
	entry = hash_search(schemas, &key, HASH_ENTER, &found);
	if (!found)
	{
		entry->context = NULL;
		entry->stale = true;
	}
	*fresh = entry->context == NULL || entry->stale;
	if (*fresh)
		read_entry(entry);
	return entry;
}

static int
find_column(const cql_schema_table *table, const char *name)
{
	uint32 i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (strcmp(table->columns[i].name, name) == 0)
			return i;
	}
	return -1;
}

/* Fills one attribute; false when its column does not exist. */
static bool
fill_attribute(CassShape *shape, Form_pg_attribute att, CassAttribute *out)
{
	CassColumnOptions options;

	out->attnum = att->attnum;
	out->column = -1;
	out->dropped = att->attisdropped;
	if (out->dropped)
		return true;
	cass_options_for_column(shape->relid, att->attnum, &options);
	out->column_name = options.column_name;
	out->unconvertible = options.unconvertible;
	out->column = find_column(shape->table, options.column_name);
	if (out->column < 0)
		return false;
	out->type = shape->table->columns[out->column].type;
	out->codec = cass_codec_create(out->type, att->atttypid, att->atttypmod,
								   options.unconvertible);
	return true;
}

static void
report_missing_column(const CassShape *shape, const CassAttribute *att)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_UNDEFINED_COLUMN),
		 errmsg("column \"%s\" does not exist in table \"%s\".\"%s\" "
				"of Cassandra",
				att->column_name, shape->table->keyspace, shape->table->name),
		 errhint("Check the option \"column_name\" of the foreign "
				 "table's column \"%s\", or import the table again.",
				 get_attname(shape->relid, att->attnum, false))));
}

/* Fills all; gives the first one whose column does not exist, or NULL. */
static const CassAttribute *
fill_attributes(CassShape *shape, TupleDesc desc)
{
	int i;

	shape->natts = desc->natts;
	shape->atts = palloc0(sizeof(CassAttribute) * (shape->natts + 1));
	for (i = 0; i < shape->natts; i++)
	{
		if (!fill_attribute(shape, TupleDescAttr(desc, i), &shape->atts[i]))
			return &shape->atts[i];
	}
	return NULL;
}

/* Predecessors' options are checked, never believed. */
static void
check_key(const CassShape *shape, const char *option, const char *given,
		  uint32 first, uint32 n)
{
	StringInfoData real;
	uint32 i;
	const char *p;
	StringInfoData bare;

	if (given == NULL)
		return;
	initStringInfo(&real);
	initStringInfo(&bare);
	for (i = first; i < first + n; i++)
		appendStringInfo(&real, "%s%s", i > first ? "," : "",
						 shape->table->columns[i].name);
	for (p = given; *p != '\0'; p++)
	{
		if (*p != ' ')
			appendStringInfoChar(&bare, *p);
	}
	if (strcmp(real.data, bare.data) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("option \"%s\" does not agree with the table's key",
						option),
				 errdetail("The option says \"%s\", Cassandra says \"%s\".",
						   given, real.data),
				 errhint("Drop the option: keys are read from Cassandra.")));
}

/*
 * primary_key may name the partition key alone, or the clustering columns too.
 */
static void
check_keys(const CassShape *shape, const CassOptions *options)
{
	uint32 npartition = shape->table->npartition;
	uint32 nclustering = shape->table->nclustering;
	uint32 n = npartition;
	const char *p;

	if (options->primary_key != NULL && options->clustering_key == NULL)
	{
		uint32 named = 1;

		for (p = options->primary_key; *p != '\0'; p++)
			named += *p == ',';
		if (named > npartition)
			n = npartition + nclustering;
	}
	check_key(shape, "primary_key", options->primary_key, 0, n);
	check_key(shape, "clustering_key", options->clustering_key, npartition,
			  nclustering);
}

/* Shape from a cached table; gives the attribute without a column, or NULL. */
static const CassAttribute *
fill_shape(CassShape *shape, const SchemaEntry *entry)
{
	Relation rel = table_open(shape->relid, NoLock);
	const CassAttribute *missing;

	shape->table = cass_copy_table(entry->table);
	shape->local_strategy = entry->local_strategy;
	missing = fill_attributes(shape, RelationGetDescr(rel));
	table_close(rel, NoLock);
	return missing;
}

CassShape *
cass_shape_get(Oid relid, Oid userid, const CassOptions *options)
{
	CassShape *shape = palloc0(sizeof(CassShape));
	const CassAttribute *missing;
	SchemaEntry *entry;
	bool fresh;

	shape->relid = relid;
	shape->serverid = GetForeignTable(relid)->serverid;
	entry = get_entry(shape->serverid, userid, options->keyspace,
					  options->table_name, &fresh);
	missing = fill_shape(shape, entry);
	if (missing != NULL && !fresh)
	{
		/* the column may be younger than what is cached */
		read_entry(entry);
		missing = fill_shape(shape, entry);
	}
	if (missing != NULL)
		report_missing_column(shape, missing);
	check_keys(shape, options);
	return shape;
}
