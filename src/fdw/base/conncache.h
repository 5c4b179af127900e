/*
 * conncache.h
 *	  Clusters by (server, user mapping).
 */
#ifndef CASS_CONNCACHE_H
#define CASS_CONNCACHE_H

#include "postgres.h"

#include "foreign/foreign.h"
#include "nodes/pg_list.h"

#include "cql.h"

/* Cluster for a server and user; made on first use, valid in this transaction.
 */
extern cql_cluster *cass_get_cluster(Oid serverid, Oid userid);
extern void cass_conncache_init(void);
/* What to call with the server when a cluster of it was opened. */
extern void cass_conncache_on_open(void (*opened)(Oid serverid));

/*
 * A request of the cluster has ended, so its nodes are known: a WARNING says
 * what local_datacenter is where the options leave that open, once a session
 * and server.
 */
extern void cass_conncache_answered(const cql_cluster *cluster);

/* Adds what the clusters in use have counted to the totals: statistics.h. */
extern void cass_conncache_count(void);

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

/* ---- data_centers.c ---- */

/* The first node in the local data centre, or outside of it; or NULL. */
extern const cql_node *cass_node_in_dc(const cql_cluster *cluster, bool local);
/* Which data centre is the local one is not what somebody has said. */
extern void cass_warn_of_data_centers(const cql_cluster *cluster,
									  const char *server);

#endif /* CASS_CONNCACHE_H */
