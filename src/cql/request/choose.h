/*
 * choose.h
 *	  Which host a request goes to.
 */
#ifndef CQL_CHOOSE_H
#define CQL_CHOOSE_H

#include "request.h"

/* Requests that a host misses before it is dialled. */
#define CQL_DIAL_AFTER 4

typedef struct cql_choice
{
	cql_host *const *nodes;
	uint32_t nnodes;
	uint32_t nrack; /* the first ones: local, in the preferred rack */
	uint32_t nkept; /* the first ones: local, none beyond max_nodes */
	const uint32_t *replicas; /* indexes of nodes */
	uint32_t nreplicas;
	uint32_t turn;			/* of the round robin */
	const cql_tried *tried; /* not those of them that are excluded */
	uint32_t ntried;
	uint64_t seq;	 /* nor those that failed after this */
	bool ready_only; /* only those that are connected */
	bool local_only; /* only those in the local data centre */
	int64_t now;
} cql_choice;

/*
 * The first choice: replicas in the local data centre (preferred rack first,
 * then the one with the least in flight), other local hosts by turns, replicas
 * elsewhere, others elsewhere; hosts that are down come after all that are
 * not.  NULL when none is left.  Pure.
 */
extern cql_host *cql_choose_node(const cql_choice *choice);

/*
 * The host the request goes to, which is connected or being dialled; where it
 * is NULL, *resolving tells that names have to be known first, else *err is
 * why no host is left.
 */
extern cql_host *cql_choose_host(cql_request *request, bool *resolving,
								 cql_error *err);
/* For another copy of it: the best node but that host; or NULL. */
extern cql_host *cql_choose_other(cql_request *request, cql_host *host);
/* Whether no host can do it as the cluster is configured: *err is why. */
extern bool cql_choose_hopeless(const cql_request *request, cql_error *err);

/* The local data centre as configured or taken, or NULL. */
extern const char *cql_local_dc(const cql_cluster *cluster);
/* No node is in the data centre that was named, and no other may be asked. */
extern bool cql_dc_misnamed(const cql_cluster *cluster);
/* Sets *err for that. */
extern void cql_dc_error(const cql_cluster *cluster, cql_error *err);

#endif /* CQL_CHOOSE_H */
