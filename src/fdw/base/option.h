/*
 * option.h
 *	  Options in force, of servers, tables, columns and user mappings.
 */
#ifndef CASS_OPTION_H
#define CASS_OPTION_H

#include "postgres.h"

#include "foreign/foreign.h"
#include "nodes/pg_list.h"

#include "compat.h"

#define CASS_MAX_TTL 630720000 /* seconds: 20 years, Cassandra's limit */

typedef enum CassCompression
{
	CASS_COMPRESSION_NONE,
	CASS_COMPRESSION_LZ4
} CassCompression;

/* What TLS tells a server that it is asked for. */
typedef enum CassServerName
{
	CASS_SNI_NAME,	 /* the host's name */
	CASS_SNI_HOST_ID /* the node's host_id, for a proxy to find it by */
} CassServerName;

/* How a session shows who it is. */
typedef enum CassAuth
{
	CASS_AUTH_PASSWORD,
	CASS_AUTH_SIGV4 /* of AWS, by an access key */
} CassAuth;

/* Who gives written rows their time. */
typedef enum CassTimestamps
{
	CASS_TIMESTAMPS_CLIENT,
	CASS_TIMESTAMPS_SERVER
} CassTimestamps;

/* What INSERT does where a row of the same key exists. */
typedef enum CassConflict
{
	CASS_CONFLICT_OVERWRITE,
	CASS_CONFLICT_ERROR,
	CASS_CONFLICT_IGNORE
} CassConflict;

/*
 * Options in force for a foreign table (or only a server where relid was
 * InvalidOid), GUCs included.  Durations are microseconds.
 */
/* Rows or bytes a second; 0: any number. */
typedef struct CassRate
{
	double rows;
	double bytes;
} CassRate;

typedef struct CassOptions
{
	/* server */
	List *hosts; /* of char * */
	int port;
	char *local_dc;
	char *rack;
	bool remote_dc_failover;
	int max_retries;
	int receive_memory;	  /* kB; 0: by work_mem */
	int protocol_version; /* 0: negotiate */
	int compression;	  /* CassCompression */
	int sslmode;		  /* cql_sslmode */
	int sslsni;			  /* CassServerName */
	char *sslrootcert;
	char *sslcert;
	char *sslkey;
	int64 connect_timeout;
	int64 request_timeout;
	int64 heartbeat_interval;
	int64 topology_refresh;
	int connections_per_node;
	int max_nodes; /* 0: all */
	char *application_name;
	bool keep_connections;
	List *address_map; /* of "advertised=dialled" strings */
	/* user mapping */
	char *username;
	char *password;
	int auth;		  /* CassAuth */
	char *aws_region; /* of CASS_AUTH_SIGV4 */
	char *aws_session_token;
	bool password_required; /* never of superusers */
	/* table, else server */
	char *keyspace;			 /* NULL where not given */
	char *table_name;		 /* NULL for a server; else never NULL */
	int64 speculative_delay; /* 0: never */
	int read_consistency;
	int fetch_size;
	int scan_concurrency;
	bool sasi_like;		  /* may leave LIKE to an index that misses rows */
	bool allow_filtering; /* may filter where a whole table is read */
	bool vector_search;	  /* may answer by a vector index, approximately */
	CassRate read_throttle;
	int write_consistency;
	int serial_consistency;
	int batch_size;	   /* rows the executor hands over at a time */
	int max_in_flight; /* write requests under way */
	CassRate write_throttle;
	int timestamps;			 /* CassTimestamps */
	bool conditional_writes; /* UPDATE, DELETE ... IF */
	int insert_conflict;	 /* CassConflict */
	bool write_nulls;		 /* an explicit NULL is written */
	bool delete_counters;	 /* DELETE of counters is allowed */
	bool updatable;
	bool truncatable;
	bool async_capable;	 /* may run while other parts of an Append do */
	int ttl;			 /* seconds, 0 for ever, -1 not given */
	double startup_cost; /* -1: default */
	double tuple_cost;	 /* -1: default */
	char *primary_key;	 /* predecessors' check-only options, or NULL */
	char *clustering_key;
} CassOptions;

/* userid: whose mapping (check-as-user rule applied by the caller). */
extern CassOptions *cass_options_for_table(Oid relid, Oid userid);
extern CassOptions *cass_options_for_server(Oid serverid, Oid userid);

/* What else a column may stand for: option "using". */
typedef enum CassUsing
{
	CASS_USING_NONE,
	CASS_USING_TTL,
	CASS_USING_TIMESTAMP
} CassUsing;

/* Options of one column. */
typedef struct CassColumnOptions
{
	char *column_name; /* option, else the attribute's name */
	int unconvertible; /* CassUnconvertible */
	char *expression;  /* or NULL */
	int using;		   /* CassUsing */
} CassColumnOptions;

extern void cass_options_for_column(Oid relid, AttrNumber attnum,
									CassColumnOptions *out);

/*
 * Options of the user's mapping as they are written, else PUBLIC's, or NIL
 * where there is none.
 */
extern List *cass_mapping_options(Oid serverid, Oid userid);

#endif /* CASS_OPTION_H */
