/*
 * belief.h
 *	  What a caller believes about a table, and whether it still holds.
 *
 * Called by statement_cache.c (copies) and prepare.c (checks).
 */
#ifndef CQL_BELIEF_H
#define CQL_BELIEF_H

#include "alloc.h"
#include "schema.h"

/* A copy in one piece of memory, freed by cql_free(); NULL without any. */
extern cql_belief *cql_belief_copy(const cql_env *env,
								   const cql_belief *belief);
/*
 * Whether a schema just read (of that table alone) is what the belief says;
 * else false with *err telling how it differs (CQL_ERR_CHANGED).
 */
extern bool cql_belief_holds(const cql_belief *belief,
							 const cql_schema *schema, cql_error *err);

#endif /* CQL_BELIEF_H */
