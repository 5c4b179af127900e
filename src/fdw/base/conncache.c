/*
 * conncache.c
 *	  Clusters by server and user, kept for the backend's life.
 *
 * A change of the server or the mapping makes an entry stale: where its
 * options differ its next use gets a new cluster.  The old one is closed when
 * nothing can use it any more: at once where this transaction has not used
 * it, else with the transaction.
 */
#include "client.h"
#include "conncache.h"
#include "option.h"
#include "statistics.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/xact.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

typedef struct CacheKey
{
	Oid serverid;
	Oid userid;
} CacheKey;

/* Clusters that may wait for the end of a transaction to be closed. */
#define MAX_RETIRED 16

typedef struct CacheEntry
{
	CacheKey key;
	cql_cluster *cluster;  /* NULL: not made yet */
	MemoryContext context; /* all memory of the cluster */
	CassCounted *counted;  /* in context */
	uint32 server_hash;	   /* of the server, as invalidations name it */
	bool superuser;		   /* what it was opened as */
	List *made_of;		   /* options of server and mapping, in context */
	bool stale;			   /* they may have changed */
	bool used;			   /* in this transaction */
	bool keep;			   /* keep_connections */
	bool named_dc;		   /* local_datacenter */
	bool seen;			   /* the nodes of its cluster */
	bool warned;		   /* of where they are, in this session */
	NameData server;	   /* its name */
} CacheEntry;

typedef struct Retired
{
	cql_cluster *cluster;
	MemoryContext context;
	CassCounted *counted;
} Retired;

static HTAB *cache = NULL;
static Retired retired[MAX_RETIRED];
static int nretired = 0;
static bool unseen = false; /* there may be entries with clusters not seen */
static void (*on_open)(Oid serverid) = NULL;
static bool aborted = false; /* closing waits for the next use */

static void
close_cluster(cql_cluster *cluster, MemoryContext context,
			  CassCounted *counted)
{
	if (cluster != NULL)
	{
		cass_statistics_add(counted, cluster);
		cass_wait_forget(cql_cluster_waitfd(cluster));
	}
	cql_cluster_destroy(cluster);
	if (context != NULL)
		MemoryContextDelete(context);
}

static void
close_entry(CacheEntry *entry)
{
	cql_cluster *cluster = entry->cluster;
	MemoryContext context = entry->context;

	entry->cluster = NULL;
	entry->context = NULL;
	entry->stale = false;
	close_cluster(cluster, context, entry->counted);
}

/* Open cursors may still read from it. */
static void
retire_entry(CacheEntry *entry)
{
	if (nretired == MAX_RETIRED)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many connections to Cassandra were replaced in "
						"this transaction"),
				 errhint("Change servers and user mappings in other "
						 "transactions than those that use them.")));
	retired[nretired].cluster = entry->cluster;
	retired[nretired].context = entry->context;
	retired[nretired].counted = entry->counted;
	nretired++;
	entry->cluster = NULL;
	entry->context = NULL;
}

static void
close_retired(void)
{
	while (nretired > 0)
	{
		nretired--;
		close_cluster(retired[nretired].cluster, retired[nretired].context,
					  retired[nretired].counted);
	}
}

static void
invalidate_server(Datum arg, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS seq;
	CacheEntry *entry;

	hash_seq_init(&seq, cache);
	while ((entry = hash_seq_search(&seq)) != NULL)
		entry->stale |= hashvalue == 0 || entry->server_hash == hashvalue;
}

/* A new mapping may take the place of PUBLIC's, so its hash tells nothing. */
static void
invalidate_mapping(Datum arg, int cacheid, uint32 hashvalue)
{
	invalidate_server(arg, cacheid, 0);
}

/* Closes what is stale, dead or not to be kept; nothing uses any. */
static void
sweep(void)
{
	HASH_SEQ_STATUS seq;
	CacheEntry *entry;

	aborted = false;
	close_retired();
	hash_seq_init(&seq, cache);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		entry->used = false;
		if (entry->cluster != NULL && (entry->stale || !entry->keep ||
									   cql_cluster_is_dead(entry->cluster)))
			close_entry(entry);
	}
}

void
cass_conncache_count(void)
{
	HASH_SEQ_STATUS seq;
	CacheEntry *entry;

	hash_seq_init(&seq, cache);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (entry->cluster != NULL && entry->used)
			cass_statistics_add(entry->counted, entry->cluster);
	}
}

/*
 * At commit nothing uses a cluster any more.  At abort some memory contexts
 * that own requests may still stand: closing waits until the next use.
 */
static void
end_of_transaction(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
			cass_conncache_count();
			sweep();
			break;
		case XACT_EVENT_ABORT:
			cass_conncache_count();
			aborted = true;
			break;
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_PARALLEL_ABORT:
			cass_conncache_count();
			break;
		default:
			break;
	}
}

void
cass_conncache_init(void)
{
	HASHCTL ctl = {.keysize = sizeof(CacheKey),
				   .entrysize = sizeof(CacheEntry)};

	cache =
		hash_create("cassandra_fdw clusters", 8, &ctl, HASH_ELEM | HASH_BLOBS);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, invalidate_server,
								  (Datum) 0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID, invalidate_mapping,
								  (Datum) 0);
	RegisterXactCallback(end_of_transaction, NULL);
}

void
cass_conncache_on_open(void (*opened)(Oid serverid))
{
	on_open = opened;
}

/* A user who is no superuser must give a password of his own. */
static void
check_password(const CassOptions *options)
{
	if (!options->password_required || options->password != NULL)
		return;
	ereport(
		ERROR,
		(errcode(ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED),
		 errmsg("password is required"),
		 errdetail(
			 "Non-superusers must provide a password in the user mapping.")));
}

/* What is signed names the region. */
static void
check_region(const CassOptions *options)
{
	if (options->auth != CASS_AUTH_SIGV4 || options->aws_region != NULL)
		return;
	ereport(ERROR, (errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
					errmsg("option \"aws_region\" is required where \"auth\" "
						   "is \"sigv4\""),
					errhint("Set it to the region of the endpoint in the "
							"server option \"host\".")));
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

/* In bytes. */
static size_t
receive_memory(const CassOptions *options)
{
	size_t kb = options->receive_memory > 0 ? (size_t) options->receive_memory
											: (size_t) work_mem + 64 * 1024;

	return kb * 1024;
}

static void
fill_config(const CassOptions *options, cql_config *config)
{
	memset(config, 0, sizeof(*config));
	config->hosts = string_array(options->hosts);
	config->nhosts = list_length(options->hosts);
	config->port = options->port;
	config->start = pg_prng_uint32(&pg_global_prng_state);
	config->local_dc = options->local_dc;
	config->rack = options->rack;
	config->remote_dc = options->remote_dc_failover;
	config->max_attempts = options->max_retries + 1;
	config->receive_memory = receive_memory(options);
	config->protocol_version = options->protocol_version;
	config->lz4 = options->compression == CASS_COMPRESSION_LZ4;
	config->sslmode = (cql_sslmode) options->sslmode;
	config->sni_host_id = options->sslsni == CASS_SNI_HOST_ID;
	config->sslrootcert = options->sslrootcert;
	config->sslcert = options->sslcert;
	config->sslkey = options->sslkey;
	config->username = options->username;
	config->password = options->password;
	if (options->auth == CASS_AUTH_SIGV4)
	{
		config->aws_region = options->aws_region;
		config->aws_session_token = options->aws_session_token;
	}
	config->password_required = options->password_required;
	config->application_name = options->application_name;
	config->connect_timeout = options->connect_timeout;
	config->request_timeout = options->request_timeout;
	/* A guardrail of Cassandra may hold for all pages. */
	config->page_size = Min(options->fetch_size, 5000);
	config->heartbeat_interval = options->heartbeat_interval;
	config->topology_refresh = options->topology_refresh;
	config->connections_per_node = options->connections_per_node;
	config->max_nodes = options->max_nodes;
	fill_address_map(options, config);
}

/* For messages that come when the catalogs cannot be asked. */
static void
remember(CacheEntry *entry, const CassOptions *options)
{
	namestrcpy(&entry->server,
			   GetForeignServer(entry->key.serverid)->servername);
	entry->keep = options->keep_connections;
	entry->superuser = superuser_arg(entry->key.userid);
	entry->named_dc = options->local_dc != NULL;
	entry->seen = false;
	unseen = true;
}

/* What a cluster is made of: lists of options, of the server and the mapping.
 */
static List *
current_options(const CacheEntry *entry)
{
	return list_make2(
		GetForeignServer(entry->key.serverid)->options,
		cass_mapping_options(entry->key.serverid, entry->key.userid));
}

/*
 * Many an invalidation is of another mapping, or none in truth: a cluster that
 * would be made of the same is kept.
 */
static bool
has_changed(CacheEntry *entry)
{
	if (entry->superuser != superuser_arg(entry->key.userid))
		return true;
	if (!entry->stale)
		return false;
	entry->stale = false;
	return !equal(entry->made_of, current_options(entry));
}

static void
open_entry(CacheEntry *entry)
{
	CassOptions *options =
		cass_options_for_server(entry->key.serverid, entry->key.userid);
	MemoryContext old;
	cql_config config;
	cql_error error;
	cql_env env;

	check_password(options);
	check_region(options);
	fill_config(options, &config);
	entry->context = AllocSetContextCreate(
		CacheMemoryContext, "cassandra_fdw cluster", ALLOCSET_DEFAULT_SIZES);
	remember(entry, options);
	old = MemoryContextSwitchTo(entry->context);
	entry->made_of = copyObject(current_options(entry));
	MemoryContextSwitchTo(old);
	cass_env_init(&env, entry->context);
	entry->counted =
		cass_statistics_begin(entry->key.serverid, entry->context);
	entry->cluster = cql_cluster_create(&env, &config, &error);
	if (entry->cluster == NULL)
	{
		close_entry(entry);
		cass_report_error(&error, NULL);
	}
	/* The old one would have told of tables that were made again. */
	if (on_open != NULL)
		on_open(entry->key.serverid);
}

static CacheEntry *
find_entry(Oid serverid, Oid userid)
{
	CacheKey key = {serverid, userid};
	CacheEntry *entry;
	bool found;

	entry = hash_search(cache, &key, HASH_ENTER, &found);
	if (!found)
	{
		entry->cluster = NULL;
		entry->context = NULL;
		entry->counted = NULL;
		entry->stale = entry->used = entry->warned = false;
		entry->keep = true;
		entry->server_hash = GetSysCacheHashValue1(FOREIGNSERVEROID,
												   ObjectIdGetDatum(serverid));
	}
	return entry;
}

cql_cluster *
cass_get_cluster(Oid serverid, Oid userid)
{
	CacheEntry *entry;

	if (aborted)
		sweep();
	entry = find_entry(serverid, userid);
	if (entry->cluster != NULL && has_changed(entry))
		entry->stale = true;
	if (entry->cluster != NULL && entry->used && entry->stale)
		retire_entry(entry);
	if (entry->cluster != NULL && !entry->used &&
		(entry->stale || cql_cluster_is_dead(entry->cluster)))
		close_entry(entry);
	if (entry->cluster == NULL)
	{
		/* What is invalidated from here on must be looked at again. */
		entry->stale = false;
		open_entry(entry);
	}
	entry->used = true;
	return entry->cluster;
}

/* ---- what its nodes tell ---- */

/* Marks the cluster as seen; its entry where that has to be told of. */
static CacheEntry *
see_nodes(const cql_cluster *cluster)
{
	HASH_SEQ_STATUS seq;
	CacheEntry *entry;
	CacheEntry *seen = NULL;
	bool told = false;

	unseen = false;
	hash_seq_init(&seq, cache);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (entry->cluster == cluster && !entry->seen &&
			cql_cluster_nnodes(cluster) > 0)
		{
			entry->seen = true;
			seen = entry;
		}
		unseen |= entry->cluster != NULL && !entry->seen;
	}
	if (seen == NULL || cass_node_in_dc(cluster, false) == NULL ||
		(seen->named_dc && (cass_node_in_dc(cluster, true) != NULL ||
							cql_cluster_is_dead(cluster))))
		return NULL;
	hash_seq_init(&seq, cache);
	while ((entry = hash_seq_search(&seq)) != NULL)
		told |= entry->warned && entry->key.serverid == seen->key.serverid;
	return told ? NULL : seen;
}

void
cass_conncache_answered(const cql_cluster *cluster)
{
	CacheEntry *entry = unseen ? see_nodes(cluster) : NULL;

	/* a worker's session has been told of it */
	if (entry == NULL || IsParallelWorker())
		return;
	entry->warned = true;
	cass_warn_of_data_centers(cluster, NameStr(entry->server));
}

/* ---- what is open, and closing it ---- */

List *
cass_connections(void)
{
	List *connections = NIL;
	HASH_SEQ_STATUS seq;
	CacheEntry *entry;

	if (aborted)
		sweep();
	hash_seq_init(&seq, cache);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		CassConnection *connection;

		if (entry->cluster == NULL)
			continue;
		connection = palloc(sizeof(CassConnection));
		connection->serverid = entry->key.serverid;
		connection->userid = entry->key.userid;
		connection->cluster = entry->cluster;
		connection->used = entry->used;
		connection->valid = !entry->stale;
		connections = lappend(connections, connection);
	}
	return connections;
}

static void
warn_in_use(const CacheEntry *entry)
{
	ForeignServer *server =
		GetForeignServerExtended(entry->key.serverid, FSV_MISSING_OK);

	ereport(WARNING,
			(server == NULL
				 ? errmsg("connections of a dropped server are still in use")
				 : errmsg("connections of server \"%s\" are still in use",
						  server->servername),
			 errhint("Close them outside of the transaction that uses "
					 "them.")));
}

bool
cass_disconnect(Oid serverid)
{
	HASH_SEQ_STATUS seq;
	CacheEntry *entry;
	bool closed = false;

	if (aborted)
		sweep();
	hash_seq_init(&seq, cache);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (entry->cluster == NULL ||
			(OidIsValid(serverid) && entry->key.serverid != serverid))
			continue;
		if (!entry->used)
		{
			close_entry(entry);
			closed = true;
			continue;
		}
		warn_in_use(entry);
	}
	return closed;
}
