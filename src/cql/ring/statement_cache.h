/*
 * statement_cache.h
 *	  Prepared statements of a cluster, by their CQL text.
 *
 * A statement says what the server told about it and on which hosts it was
 * prepared.  Its text carries the tag of what the caller believes about its
 * table: see belief.c.
 */
#ifndef CQL_STATEMENT_CACHE_H
#define CQL_STATEMENT_CACHE_H

#include "belief.h"
#include "map.h"
#include "result.h"

#define CQL_MAX_ID 256 /* bytes of a statement or metadata id */

/* A statement; counted: the cache and each request that uses it. */
typedef struct cql_statement
{
	char *cql;			/* tagged */
	cql_belief *belief; /* or NULL: nobody answers for the table */
	uint32_t refs;
	struct cql_statement *newer; /* by last use */
	struct cql_statement *older;
	uint8_t id[CQL_MAX_ID];
	uint32_t idlen; /* 0: not prepared anywhere yet */
	uint8_t metadata_id[CQL_MAX_ID];
	int32_t metadata_idlen; /* CQL_NULL: none (v4) */
	cql_metadata_ref *bound;
	cql_metadata_ref *rows;
	uint32_t npreparations; /* PREPARED results taken over */
	uint32_t *prepared_on;	/* by host slot: number of the last one, or 0 */
	uint32_t nslots;
	cql_request *preparing; /* requests that prepare or check it now */
} cql_statement;

typedef struct cql_statement_cache
{
	const cql_env *env;
	cql_map map;  /* text -> cql_statement */
	cql_buf text; /* being tagged */
	cql_statement *newest;
	cql_statement *oldest;
} cql_statement_cache;

extern void cql_statement_cache_init(cql_statement_cache *cache,
									 const cql_env *env);
extern void cql_statement_cache_free(cql_statement_cache *cache);
/*
 * The statement of this text and belief (or NULL), made if need be, with a
 * reference for the caller.  NULL without memory.
 */
extern cql_statement *cql_statement_get(cql_statement_cache *cache,
										const char *cql,
										const cql_belief *belief);
/* Length of its text without the tag, as the caller gave it. */
extern size_t cql_statement_untagged(const cql_statement *statement);
extern void cql_statement_release(const cql_env *env,
								  cql_statement *statement);

/* Number of the preparation that made it known to the host; 0: it is not. */
extern uint32_t cql_statement_prepared_on(const cql_statement *statement,
										  uint32_t slot);
/* The host has forgotten it, unless it was prepared again since that one. */
extern void cql_statement_forgotten(cql_statement *statement, uint32_t slot,
									uint32_t preparation);
/*
 * Takes over what a PREPARED result of the host says; false with *err set when
 * it cannot be used.
 */
extern bool cql_statement_prepared(const cql_env *env,
								   cql_statement *statement,
								   const cql_result *result, uint32_t slot,
								   cql_error *err);
/* New metadata of its rows (v5), from an execution's result. */
extern void cql_statement_changed(cql_statement *statement,
								  const cql_result *result);
extern cql_slice cql_statement_id(const cql_statement *statement);
/* As EXECUTE wants it in v5; never empty. */
extern cql_slice cql_statement_metadata_id(const cql_statement *statement);

#endif /* CQL_STATEMENT_CACHE_H */
