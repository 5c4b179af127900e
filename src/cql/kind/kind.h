/*
 * kind.h
 *	  What a cluster is asked: the kinds of requests.
 *
 * Each kind copies what was asked into its own struct, which begins with the
 * engine's, and has one table of what it does with that.
 *
 *	  statement.c	what callers execute: QUERY, EXECUTE, BATCH
 *	  params.c		checking and copying of what they ask
 *	  prepare.c		PREPARE of a statement, and checks of beliefs
 *	  schema_read.c	tables of a keyspace
 *	  topology.c	the nodes
 *	  nodes.c		which of them are near
 *	  keyspace.c	replication of a keyspace
 *	  queries.c		several queries of one request, for those above
 */
#ifndef CQL_KIND_H
#define CQL_KIND_H

#include "request.h"
#include "schema_query.h"

/* ---- statement.c ---- */

/* A statement of a batch, or the only one. */
typedef struct cql_entry
{
	const char *cql;		  /* as it is sent */
	cql_statement *statement; /* NULL: not to be prepared */
	const cql_slice *values;
	uint32_t nvalues;
	cql_slice encoded;			  /* the caller's, as the next */
	const cql_type *const *bound; /* or NULL */
	uint32_t nbound;
	uint32_t preparation; /* the one it was sent with last */
	bool checked;		  /* to be sent as text: its belief holds */
} cql_entry;

typedef struct cql_statement_request
{
	cql_request base;
	bool batch;
	uint8_t batch_type;
	bool as_text;		 /* no server keeps its statements */
	uint32_t reprepared; /* rounds of UNPREPARED */
	cql_entry *entries;
	uint32_t nentries;
	cql_query_options options;
	const uint16_t *keys;
	uint32_t nkeys;
	const cql_type *const *expected; /* the caller's */
	uint32_t nexpected;
} cql_statement_request;

/* ---- params.c ---- */

/* False with *err set where something is out of range. */
extern bool cql_params_check(const cql_params *params, bool batch,
							 const cql_batch_entry *entries, uint32_t n,
							 cql_error *err);
/*
 * Copies what is asked into the request, and into memory that begins at
 * "space"; NULL and NULL: returns how much that is.
 */
extern size_t cql_params_copy(cql_statement_request *request, void *space,
							  const cql_params *params,
							  const cql_batch_entry *entries, uint32_t n);

/* ---- prepare.c ---- */

/*
 * The request that prepares the statement on the host; NULL without memory.
 * timeout is that of its first user.  Where the statement has a belief, it is
 * checked on that host before and after.
 */
extern cql_request *cql_prepare_on(cql_cluster *cluster,
								   cql_statement *statement, cql_host *host,
								   int64_t timeout);
/* One that only checks the statement's belief there, from now on. */
extern cql_request *cql_check_on(cql_cluster *cluster,
								 cql_statement *statement, cql_host *host,
								 int64_t timeout);

/* ---- schema_read.c ---- */

/* A schema being read by the queries of a request, which come first. */
typedef struct cql_schema_reading
{
	cql_queries queries; /* request->queries points here */
	const char *keyspace;
	const char *table;				 /* or NULL: all of them */
	const cql_schema_filter *filter; /* or NULL; the caller's */
	bool table_only;				 /* the table's definition will do */
	bool virtual_asked;				 /* for virtual keyspaces, too */
	uint64_t bytes;					 /* of pages so far */
	cql_query_options options;
	cql_schema_reader *reader;
	cql_schema *schema; /* once it was read */
} cql_schema_reading;

extern void cql_schema_reading_init(cql_schema_reading *reading,
									cql_request *request);
extern void cql_schema_reading_free(cql_schema_reading *reading);
/* For the tables of their kinds. */
extern bool cql_schema_reading_send(cql_request *request, cql_attempt *attempt,
									cql_error *err);
extern void cql_schema_reading_response(cql_request *request,
										cql_attempt *attempt,
										cql_response *response);
/*
 * Reads what has come; true when the schema is there.  Else the request waits,
 * or it has ended.
 */
extern bool cql_schema_reading_read(cql_request *request);

/* ---- topology.c ---- */

/* Starts reading it on the host if that is due. */
extern void cql_topology_start(cql_cluster *cluster, cql_host *host);
/*
 * Reads it anew, and the replication of keyspaces at their next use, where it
 * is old, or a host was lost since.
 */
extern void cql_topology_renew(cql_cluster *cluster);
/*
 * Whether a caller's statement may go to the host: where the local data centre
 * was named, it waits until it is known where that host is.
 */
extern bool cql_topology_ready(cql_request *request, cql_host *host);

/* ---- nodes.c ---- */

/* Takes a list of nodes over in place of the one there is; near ones first. */
extern void cql_nodes_set(cql_cluster *cluster, cql_host **nodes,
						  uint32_t nnodes);

/* Those beyond max_nodes lose their connections where others have some. */
extern void cql_nodes_let_go(cql_cluster *cluster);

/* ---- keyspace.c ---- */

/* Asks for a keyspace's replication unless that was done. */
extern void cql_keyspace_want(cql_cluster *cluster, const char *keyspace);

/* ---- queries.c ---- */

/* Begins anew: nothing is sent, nothing has come. */
extern void cql_queries_begin(cql_queries *queries,
							  const cql_channel *channel);
/* Sends one of them to the attempt's channel; false with *err set. */
extern bool cql_queries_send(cql_queries *queries, uint32_t index,
							 cql_attempt *attempt, const char *cql,
							 const cql_query_options *options, cql_error *err);
/* Keeps a response's result; which of them it was. */
extern uint32_t cql_queries_take(cql_queries *queries,
								 const cql_response *response);
/* The first error is kept. */
extern void cql_queries_fail(cql_queries *queries, const cql_error *err);
/* After a response: what has come is read, if it can be now. */
extern void cql_queries_go_on(cql_queries *queries, cql_attempt *attempt);
/*
 * Whether there is something to read; else the request has failed, or waits
 * for the rest.
 */
extern bool cql_queries_readable(cql_request *request);
/* The server does not have what the query asks. */
extern bool cql_response_is_absent(const cql_response *response);

#endif /* CQL_KIND_H */
