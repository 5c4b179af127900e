/*
 * policy.h
 *	  The order in which a request's hosts are tried.
 *
 * Pure; called by request.c.
 */
#ifndef CQL_POLICY_H
#define CQL_POLICY_H

#include "session.h"

typedef struct cql_policy_query
{
	cql_host *const *nodes;
	uint32_t nnodes;
	uint32_t nrack;	 /* the first ones: local, in the preferred rack */
	uint32_t nlocal; /* the first ones: local */
	const uint32_t *replicas; /* indexes of nodes */
	uint32_t nreplicas;
	uint32_t turn;			/* of the round robin */
	cql_host *const *tried; /* not these */
	uint32_t ntried;
	uint64_t seq;	 /* nor those that failed after this */
	bool ready_only; /* only those that are connected */
	bool local_only; /* only those in the local data centre */
	int64_t now;
} cql_policy_query;

/*
 * The first choice: replicas in the local data centre (preferred rack first,
 * then the one with the least in flight), other local hosts by turns, replicas
 * elsewhere, others elsewhere; hosts that are down come after all that are
 * not.  NULL when none is left.
 */
extern cql_host *cql_policy_next(const cql_policy_query *query);

#endif /* CQL_POLICY_H */
