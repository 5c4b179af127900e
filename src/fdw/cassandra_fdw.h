/*
 * cassandra_fdw.h
 *	  What the files of src/fdw share: options, the bridge to the client, the
 *	  cluster cache and the shape of a foreign table.
 */
#ifndef CASSANDRA_FDW_H
#define CASSANDRA_FDW_H

#include "postgres.h"

#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "nodes/pathnodes.h"
#include "utils/rel.h"

#include "cass_bound.h"
#include "cass_types.h"
#include "compat.h"
#include "cql.h"

/* ---- options: the table is option_table.c ---- */

#define CASS_MAX_TTL 630720000 /* seconds: 20 years, Cassandra's limit */

typedef enum CassCompression
{
	CASS_COMPRESSION_NONE,
	CASS_COMPRESSION_LZ4
} CassCompression;

/* Who gives written rows their time. */
typedef enum CassTimestamps
{
	CASS_TIMESTAMPS_CLIENT,
	CASS_TIMESTAMPS_SERVER
} CassTimestamps;

/*
 * Options in force for a foreign table (or only a server where relid was
 * InvalidOid), GUCs included.  Durations are microseconds.
 */
typedef struct CassOptions
{
	/* server */
	List *hosts; /* of char * */
	int port;
	char *local_dc;
	char *rack;
	bool remote_dc_failover;
	int max_retries;
	int protocol_version; /* 0: negotiate */
	int compression;	  /* CassCompression */
	int sslmode;		  /* cql_sslmode */
	char *sslrootcert;
	char *sslcert;
	char *sslkey;
	int64 connect_timeout;
	int64 request_timeout;
	int64 heartbeat_interval;
	int connections_per_node;
	char *application_name;
	bool keep_connections;
	List *address_map; /* of "advertised=dialled" strings */
	/* user mapping */
	char *username;
	char *password;
	bool password_required;
	/* table, else server */
	char *keyspace;	  /* NULL where not given */
	char *table_name; /* NULL for a server; else never NULL */
	int read_consistency;
	int fetch_size;
	int scan_concurrency;
	bool allow_filtering; /* may filter where a whole table is read */
	bool sasi_like;		  /* may leave LIKE to an index that misses rows */
	bool vector_search;	  /* may answer by a vector index, approximately */
	int write_consistency;
	int serial_consistency;
	int batch_size;			 /* rows the executor hands over at a time */
	int max_in_flight;		 /* write requests under way */
	int timestamps;			 /* CassTimestamps */
	bool conditional_writes; /* UPDATE, DELETE ... IF EXISTS */
	bool write_nulls;		 /* an explicit NULL is written */
	bool delete_counters;	 /* DELETE of counters is allowed */
	bool updatable;
	bool truncatable;
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

/* GUCs, module.c */
extern char *cass_guc_read_consistency; /* "": unset, as the next two */
extern char *cass_guc_write_consistency;
extern char *cass_guc_serial_consistency;
extern int cass_guc_scan_concurrency;
extern int cass_guc_request_timeout; /* ms, -1 unset */
extern int cass_guc_allow_filtering; /* 0, 1, -1 unset */
extern int cass_guc_vector_search;	 /* 0, 1, -1 unset */
extern bool cass_guc_trace;

/* ---- bridge.c: the only place that waits, and errors -> ereport ---- */

/* The cql_env of a memory context: allocations are its children. */
extern void cass_env_init(cql_env *env, MemoryContext context);
/* Frees what the client gave to its caller (an array of ranges). */
extern void cass_env_free(void *ptr);

/*
 * Waits until the request has ended (done or failed), or until any of them
 * has: returns its index.  Handles interrupts; acts on cancel within 100 ms.
 */
extern int cass_wait_any(cql_cluster *cluster, cql_request *const *requests,
						 int nrequests);
/* The same until a time of cql_now(): -1 when it has come first. */
extern int cass_wait_until(cql_cluster *cluster, cql_request *const *requests,
						   int nrequests, int64 deadline);
/* Index of one that has ended already, without any I/O; or -1. */
extern int cass_find_ended(cql_request *const *requests, int nrequests);
/* One step of I/O without waiting. */
extern void cass_poll(cql_cluster *cluster);
/*
 * A request owned by a memory context: released when the context is reset or
 * deleted, or by cass_request_reset().  The handle is made before the client
 * is called, so nothing throws between owning and registering.
 */
typedef struct CassRequest
{
	cql_request *request; /* NULL: none in flight */
	cql_result *result;	  /* taken, not yet freed */
	uint32 attempts;	  /* of the last one waited for; 1: no retry */
	uint32 reprepared;	  /* times a server had forgotten its statement */
	char host[80];		  /* its coordinator, "address:port" */
	const char *muted;	  /* beginning of a warning not to be told */
	MemoryContextCallback callback;
} CassRequest;

extern CassRequest *cass_request_create(MemoryContext context);
/* Releases request and result, keeps the handle for another use. */
extern void cass_request_reset(CassRequest *handle);
/*
 * cql_execute() through the handle; ereports on failure.  Traced where the
 * parameters or cassandra_fdw.trace say so.
 */
extern void cass_request_execute(CassRequest *handle, cql_cluster *cluster,
								 const cql_params *params);
/* The same for a batch. */
extern void cass_request_execute_batch(CassRequest *handle,
									   cql_cluster *cluster,
									   cql_batch_type type,
									   const cql_batch_entry *entries,
									   int nentries, const cql_params *params);
/* Moves the result of a request that is done into the handle. */
extern void cass_request_take(CassRequest *handle);
/*
 * Waits for the handle's request; moves its result into the handle.  ereports
 * a failed one with the CQL as context; reports server warnings and the
 * session of a traced request.
 */
extern cql_result *cass_request_wait(CassRequest *handle, cql_cluster *cluster,
									 const char *cql);
/* The one function that turns a cql_error into ereport(ERROR). */
pg_noreturn extern void cass_report_error(const cql_error *error,
										  const char *cql);
/* The same for a write, with what is known of its rows. */
pg_noreturn extern void cass_report_write_error(const cql_error *error,
												const char *cql,
												const char *rows);
/* A server's text (UTF-8, checked) as the database can hold it; palloc'd. */
extern char *cass_text_from_server(const char *text);

/* ---- warning.c ---- */

/*
 * Server warnings of a result as WARNING: collected, told when the client's
 * statement ends, each distinct text once with its count.  Those that begin
 * with "muted" (or NULL) are left out: the request is meant as it is.
 */
extern void cass_report_warnings(cql_result *result, const char *muted);
extern void cass_warning_init(void);

/* ---- wait.c: of bridge.c, the events that end its sleep ---- */

/* Until the latch is set, the descriptor is readable, or ms have passed. */
extern void cass_wait_latch_or_fd(int fd, long ms);
/* The descriptor is about to be closed. */
extern void cass_wait_forget(int fd);

/* ---- conncache.c: clusters by (server, user mapping) ---- */

/* Cluster for a server and user; made on first use, valid in this transaction.
 */
extern cql_cluster *cass_get_cluster(Oid serverid, Oid userid);
extern void cass_conncache_init(void);

/* A cluster that the session has open. */
typedef struct CassConnection
{
	Oid serverid; /* may have been dropped meanwhile */
	Oid userid;	  /* who uses it */
	cql_cluster *cluster;
	bool used;	/* in this transaction */
	bool valid; /* server and mapping are still what it was made of */
} CassConnection;

/* All of them, palloc'ed, as a List of CassConnection *. */
extern List *cass_connections(void);
/*
 * Closes the clusters of a server, or all where it is InvalidOid, but for
 * those that this transaction has used: a WARNING names them.  True when any
 * was closed.
 */
extern bool cass_disconnect(Oid serverid);

/* The user's mapping, else PUBLIC's, or NULL where there is none. */
extern UserMapping *cass_find_user_mapping(Oid serverid, Oid userid);

/* ---- shape.c: foreign table <-> CQL table ---- */

/*
 * One attribute of the foreign table: a column of the CQL table, an expression
 * on it (read-only), or a TTL or timestamp that writes use (reads as NULL
 * unless it is an expression, too).
 */
typedef struct CassAttribute
{
	AttrNumber attnum;
	bool dropped;	   /* dropped attribute: nothing else is set */
	bool not_null;	   /* as declared, which nobody checks */
	char *column_name; /* CQL name, unquoted; NULL where column is -1 */
	CassUnconvertible unconvertible;
	int column;		/* index into table->columns, or -1 */
	char *selector; /* CQL of an expression, ready to print, or NULL */
	CassUsing using;
	const cql_type *type; /* of the column or expression, or NULL */
	CassCodec *codec;	  /* NULL where type is */
} CassAttribute;

typedef struct CassShape
{
	Oid relid;
	Oid serverid;
	const cql_schema_table *table; /* in the cache's memory */
	bool local_strategy;		   /* one node's own data: never split */
	int natts;					   /* as the tuple descriptor */
	CassAttribute *atts;		   /* by attnum - 1 */
} CassShape;

/*
 * Shape of a foreign table, made once a backend and user, and again where the
 * foreign table, its server or the CQL table changes.  Not to be written to;
 * it lives as long as CurrentMemoryContext.  ereports 42P01, 3F000, 42703
 * with hints where names do not exist.
 */
extern CassShape *cass_shape_get(Oid relid, Oid userid,
								 const CassOptions *options);
/*
 * Forget what is cached about a keyspace (after a CHANGED or unknown column
 * error), or about all of a server where keyspace is NULL.
 */
extern void cass_shape_forget(Oid serverid, const char *keyspace);
extern void cass_shape_init(void);
/* ereports where an expression is not of the grammar, whatever the table. */
extern void cass_check_expression(const char *expression);
/* In an error context callback: names the column or expression. */
extern void cass_attribute_context(const CassShape *shape, AttrNumber attnum);
/* Deep copy into CurrentMemoryContext. */
extern cql_schema_table *cass_copy_table(const cql_schema_table *table);
/*
 * The schema of one table, or of the whole keyspace (table NULL), read now;
 * caller frees with cql_schema_free().
 */
extern cql_schema *cass_read_schema(Oid serverid, Oid userid,
									const char *keyspace, const char *table);

/* ---- estimate.c: how large a table is, without ANALYZE ---- */

/* Guesses where Cassandra knows nothing either. */
#define CASS_GUESS_ROWS 100000.0
#define CASS_GUESS_LOCAL_ROWS 100.0 /* one node's own data */
#define CASS_GUESS_PARTITION_ROWS                                             \
	100.0 /* where there are clustering columns */

typedef struct CassEstimate
{
	double rows;
	double partitions; /* at least 1, at most rows */
	int width;		   /* of a whole row, bytes */
	bool known;		   /* Cassandra counted: else a guess */
} CassEstimate;

/*
 * Size of a table from system.size_estimates, read at most once a backend and
 * table and then cached; for baserel->tuples < 0 (no ANALYZE).  One short
 * request the first time; never fails for want of an answer, but may be
 * cancelled.
 */
extern void cass_estimate_table(const CassShape *shape, Oid userid,
								CassEstimate *out);

/* ---- deparse.c: pieces of CQL text ---- */

/* A name, quoted where it needs to be. */
extern void cass_append_name(StringInfo out, const char *name);
/* token() of the whole partition key. */
extern void cass_append_token(StringInfo out, const cql_schema_table *table);

/* ---- system_columns.c: what rows of Cassandra do not have ---- */

/*
 * All three ereport, naming the primary key, where a system column other than
 * tableoid is referred to: by an expression on relation rtindex of a query, by
 * what is read of a relation whose targets and clauses are set, or by the WHEN
 * of a row trigger.
 */
extern void cass_check_system_columns(const CassShape *shape, Index rtindex,
									  Node *node);
extern void cass_check_scan_system_columns(PlannerInfo *root,
										   const RelOptInfo *rel,
										   const CassShape *shape);
extern void cass_check_trigger_system_columns(const CassShape *shape,
											  Relation rel, CmdType operation);

/* ---- callbacks by file ---- */

/* analyze.c: afterwards baserel->pages is the number of partitions */
extern bool cassandraAnalyzeForeignTable(Relation relation,
										 AcquireSampleRowsFunc *func,
										 BlockNumber *totalpages);
/* plan.c */
extern void cassandraGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel,
									   Oid relid);
extern void cassandraGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel,
									 Oid relid);
extern ForeignScan *cassandraGetForeignPlan(PlannerInfo *root,
											RelOptInfo *baserel, Oid relid,
											ForeignPath *best_path,
											List *tlist, List *scan_clauses,
											Plan *outer_plan);
/* upper.c */
extern void cassandraGetForeignUpperPaths(PlannerInfo *root,
										  UpperRelationKind stage,
										  RelOptInfo *input_rel,
										  RelOptInfo *output_rel, void *extra);
/* scan.c */
extern void cassandraBeginForeignScan(ForeignScanState *node, int eflags);
extern TupleTableSlot *cassandraIterateForeignScan(ForeignScanState *node);
extern void cassandraReScanForeignScan(ForeignScanState *node);
extern void cassandraEndForeignScan(ForeignScanState *node);
/* explain.c */
extern void cassandraExplainForeignScan(ForeignScanState *node,
										struct ExplainState *es);
/* modify_plan.c */
extern void cassandraAddForeignUpdateTargets(PlannerInfo *root, Index rtindex,
											 RangeTblEntry *target_rte,
											 Relation target_relation);
extern List *cassandraPlanForeignModify(PlannerInfo *root,
										struct ModifyTable *plan,
										Index resultRelation,
										int subplan_index);
/* modify_begin.c, modify_exec.c, modify_end.c */
extern void cassandraBeginForeignModify(ModifyTableState *mtstate,
										ResultRelInfo *rri, List *fdw_private,
										int subplan_index, int eflags);
extern void cassandraBeginForeignInsert(ModifyTableState *mtstate,
										ResultRelInfo *rri);
extern TupleTableSlot *cassandraExecForeignInsert(EState *estate,
												  ResultRelInfo *rri,
												  TupleTableSlot *slot,
												  TupleTableSlot *planSlot);
extern TupleTableSlot *cassandraExecForeignUpdate(EState *estate,
												  ResultRelInfo *rri,
												  TupleTableSlot *slot,
												  TupleTableSlot *planSlot);
extern TupleTableSlot *cassandraExecForeignDelete(EState *estate,
												  ResultRelInfo *rri,
												  TupleTableSlot *slot,
												  TupleTableSlot *planSlot);
extern void cassandraEndForeignModify(EState *estate, ResultRelInfo *rri);
extern int cassandraIsForeignRelUpdatable(Relation rel);
extern void cassandraExplainForeignModify(ModifyTableState *mtstate,
										  ResultRelInfo *rri,
										  List *fdw_private, int subplan_index,
										  struct ExplainState *es);
/* direct_modify.c */
extern bool cassandraPlanDirectModify(PlannerInfo *root,
									  struct ModifyTable *plan,
									  Index resultRelation, int subplan_index);
extern void cassandraBeginDirectModify(ForeignScanState *node, int eflags);
extern TupleTableSlot *cassandraIterateDirectModify(ForeignScanState *node);
extern void cassandraEndDirectModify(ForeignScanState *node);
extern void cassandraExplainDirectModify(ForeignScanState *node,
										 struct ExplainState *es);
/* truncate.c */
extern void cassandraExecForeignTruncate(List *rels, DropBehavior behavior,
										 bool restart_seqs);
/*
 * write_window.c: the windows of other statements than estate's are sent; what
 * these put aside because they still read the table stays so.
 */
extern void cass_flush_writes(const EState *estate);
/* write_spool.c */
extern void cass_spool_init(void);
/* xact.c */
extern void cass_xact_init(void);
/* import.c */
extern List *cassandraImportForeignSchema(ImportForeignSchemaStmt *stmt,
										  Oid serverid);

#endif /* CASSANDRA_FDW_H */
