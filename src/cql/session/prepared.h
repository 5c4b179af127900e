/*
 * prepared.h
 *	  Prepared statements of a cluster, by their CQL text.
 *
 * Called by the request modules.  A statement says what the server told about
 * it and on which hosts it was prepared.  Its text carries the tag of what the
 * caller believes about its table: see belief.c.
 */
#ifndef CQL_PREPARED_H
#define CQL_PREPARED_H

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
	uint32_t learned; /* PREPARED results taken over */
	uint32_t *at;	  /* by host slot: the result it was prepared with, or 0 */
	uint32_t nat;
	cql_request *prepares; /* those going on, by prepare_next */
} cql_statement;

typedef struct cql_prepared
{
	const cql_env *env;
	cql_map map;  /* text -> cql_statement */
	cql_buf text; /* being tagged */
	cql_statement *newest;
	cql_statement *oldest;
} cql_prepared;

extern void cql_prepared_init(cql_prepared *prepared, const cql_env *env);
extern void cql_prepared_free(cql_prepared *prepared);
/*
 * The statement of this text and belief (or NULL), made if need be, with a
 * reference for the caller.  NULL without memory.
 */
extern cql_statement *cql_prepared_get(cql_prepared *prepared, const char *cql,
									   const cql_belief *belief);
/* Length of its text without the tag, as the caller gave it. */
extern size_t cql_statement_untagged(const cql_statement *statement);
extern void cql_statement_release(const cql_env *env,
								  cql_statement *statement);

/* Which PREPARED result made it known at the host; 0: it is not. */
extern uint32_t cql_statement_at(const cql_statement *statement,
								 uint32_t slot);
/* The host no longer has what that result made known. */
extern void cql_statement_forget_at(cql_statement *statement, uint32_t slot,
									uint32_t learned);
/*
 * Takes over what a PREPARED result of the host says; false with *err set when
 * it cannot be used.
 */
extern bool cql_statement_learn(const cql_env *env, cql_statement *statement,
								const cql_result *result, uint32_t slot,
								cql_error *err);
/* New metadata of its rows (v5), from an execution's result. */
extern void cql_statement_changed(cql_statement *statement,
								  const cql_result *result);
extern cql_slice cql_statement_id(const cql_statement *statement);
/* As EXECUTE wants it in v5; never empty. */
extern cql_slice cql_statement_metadata_id(const cql_statement *statement);

/*
 * Makes sure that a PREPARE on the host is going on, and returns it; NULL
 * without memory.  timeout is that of its first user.  Where the statement has
 * a belief, it is checked on that host before and after.
 */
struct cql_host;
extern cql_request *cql_statement_prepare(cql_cluster *cluster,
										  cql_statement *statement,
										  struct cql_host *host,
										  int64_t timeout);
/* Only checks the statement's belief there, from now on. */
extern cql_request *cql_statement_check(cql_cluster *cluster,
										cql_statement *statement,
										struct cql_host *host,
										int64_t timeout);
/* One of these has ended: its waiters go on.  err is NULL after success. */
extern void cql_statement_prepared(cql_request *prepare, const cql_error *err);

#endif /* CQL_PREPARED_H */
