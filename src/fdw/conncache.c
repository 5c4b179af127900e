/*
 * conncache.c
 *	  Clusters by server and user, kept for the backend's life.
 *
 * A change of the server or the mapping makes an entry stale: it is closed at
 * its next use, or at the end of the transaction.
 */
#include "cassandra_fdw.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_user_mapping.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

typedef struct CacheKey
{
	Oid serverid;
	Oid userid;
} CacheKey;

typedef struct CacheEntry
{
	CacheKey key;
	cql_cluster *cluster;  /* NULL: not made yet */
	MemoryContext context; /* all memory of the cluster */
	bool stale;
	bool used; /* in this transaction */
	bool keep; /* keep_connections */
} CacheEntry;

static HTAB *cache = NULL;

static bool
mapping_exists(Oid serverid, Oid userid)
{
	return SearchSysCacheExists2(USERMAPPINGUSERSERVER,
								 ObjectIdGetDatum(userid),
								 ObjectIdGetDatum(serverid));
}

UserMapping *
cass_find_user_mapping(Oid serverid, Oid userid)
{
	if (!mapping_exists(serverid, userid) &&
		!mapping_exists(serverid, InvalidOid))
		return NULL;
	return GetUserMapping(userid, serverid);
}

static void
close_entry(CacheEntry *entry)
{
	cql_cluster *cluster = entry->cluster;
	MemoryContext context = entry->context;

	entry->cluster = NULL;
	entry->context = NULL;
	entry->stale = false;
	cql_cluster_destroy(cluster);
	if (context != NULL)
		MemoryContextDelete(context);
}

static void
invalidate(Datum arg, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS seq;
	CacheEntry *entry;

	hash_seq_init(&seq, cache);
	while ((entry = hash_seq_search(&seq)) != NULL)
		entry->stale = true;
}

/*
 * At commit nothing uses a cluster any more.  At abort some memory contexts
 * that own requests may still stand: closing waits until the next use.
 */
static void
end_of_transaction(XactEvent event, void *arg)
{
	HASH_SEQ_STATUS seq;
	CacheEntry *entry;

	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT &&
		event != XACT_EVENT_PREPARE)
		return;
	hash_seq_init(&seq, cache);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		entry->used = false;
		entry->stale |= !entry->keep;
		if (event != XACT_EVENT_ABORT && entry->cluster != NULL &&
			(entry->stale || cql_cluster_is_dead(entry->cluster)))
			close_entry(entry);
	}
}

void
cass_conncache_init(void)
{
	HASHCTL ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = sizeof(CacheKey);
	ctl.entrysize = sizeof(CacheEntry);
	cache =
		hash_create("cassandra_fdw clusters", 8, &ctl, HASH_ELEM | HASH_BLOBS);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, invalidate, (Datum) 0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID, invalidate, (Datum) 0);
	RegisterXactCallback(end_of_transaction, NULL);
}

/* A user who is no superuser must give a password of his own. */
static void
check_password(const CassOptions *options, Oid userid)
{
	if (superuser_arg(userid) || !options->password_required ||
		options->password != NULL)
		return;
	ereport(
		ERROR,
		(errcode(ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED),
		 errmsg("password is required"),
		 errdetail(
			 "Non-superusers must provide a password in the user mapping.")));
}

static const char *const *
string_array(List *list)
{
	const char **array = palloc(sizeof(char *) * (list_length(list) + 1));
	ListCell *lc;
	int n = 0;

	foreach (lc, list)
		array[n++] = lfirst(lc);
	array[n] = NULL;
	return array;
}

/* "advertised=dialled" pairs. */
static void
fill_address_map(const CassOptions *options, cql_config *config)
{
	const char *(*map)[2];
	ListCell *lc;
	int n = 0;

	map = palloc(sizeof(*map) * (list_length(options->address_map) + 1));
	foreach (lc, options->address_map)
	{
		char *pair = pstrdup(lfirst(lc));
		char *equals = strchr(pair, '=');

		if (equals == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid entry in option \"address_map\": \"%s\"",
							pair),
					 errhint("Entries have the form advertised=dialled.")));
		*equals = '\0';
		map[n][0] = pair;
		map[n++][1] = equals + 1;
	}
	config->address_map = (const char *const(*)[2]) map;
	config->naddress_map = n;
}

static void
fill_config(const CassOptions *options, cql_config *config)
{
	memset(config, 0, sizeof(*config));
	config->hosts = string_array(options->hosts);
	config->nhosts = list_length(options->hosts);
	config->port = options->port;
	config->local_dc = options->local_dc;
	config->rack = options->rack;
	config->protocol_version = options->protocol_version;
	config->lz4 = options->compression == CASS_COMPRESSION_LZ4;
	config->sslmode = (cql_sslmode) options->sslmode;
	config->sslrootcert = options->sslrootcert;
	config->sslcert = options->sslcert;
	config->sslkey = options->sslkey;
	config->username = options->username;
	config->password = options->password;
	config->application_name = options->application_name;
	config->connect_timeout = options->connect_timeout;
	config->request_timeout = options->request_timeout;
	config->heartbeat_interval = options->heartbeat_interval;
	config->connections_per_node = options->connections_per_node;
	fill_address_map(options, config);
}

static void
open_entry(CacheEntry *entry)
{
	CassOptions *options =
		cass_options_for_server(entry->key.serverid, entry->key.userid);
	cql_config config;
	cql_error error;
	cql_env env;

	check_password(options, entry->key.userid);
	fill_config(options, &config);
	entry->context = AllocSetContextCreate(
		CacheMemoryContext, "cassandra_fdw cluster", ALLOCSET_DEFAULT_SIZES);
	entry->keep = options->keep_connections;
	entry->stale = false;
	cass_env_init(&env, entry->context);
	entry->cluster = cql_cluster_create(&env, &config, &error);
	if (entry->cluster == NULL)
	{
		close_entry(entry);
		cass_report_error(&error, NULL);
	}
}

cql_cluster *
cass_get_cluster(Oid serverid, Oid userid)
{
	CacheKey key = {serverid, userid};
	CacheEntry *entry;
	bool found;

	entry = hash_search(cache, &key, HASH_ENTER, &found);
	if (!found)
	{
		entry->cluster = NULL;
		entry->context = NULL;
		entry->stale = entry->used = false;
		entry->keep = true;
	}
	if (entry->cluster != NULL && !entry->used &&
		(entry->stale || cql_cluster_is_dead(entry->cluster)))
		close_entry(entry);
	if (entry->cluster == NULL)
		open_entry(entry);
	entry->used = true;
	return entry->cluster;
}
