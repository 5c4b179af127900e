/*
 * alloc.h
 *	  Memory through the caller's environment, and arenas freed at once.
 *
 * Lowest module of the client: includes cql.h only.
 */
#ifndef CQL_ALLOC_H
#define CQL_ALLOC_H

#include "value.h"

/* All return NULL when there is no memory; cql_free() takes NULL. */
extern void *cql_alloc(const cql_env *env, size_t size);
extern void *cql_alloc0(const cql_env *env, size_t size);
/* count * size with an overflow check, zeroed. */
extern void *cql_alloc_array(const cql_env *env, size_t count, size_t size);
extern void *cql_realloc(const cql_env *env, void *ptr, size_t size);
extern void cql_free(const cql_env *env, void *ptr);
extern char *cql_strdup(const cql_env *env, const char *text);

/*
 * Arena: many small allocations with one lifetime, aligned for any object,
 * zeroed, never freed one by one.  "failed" is sticky: after a failure every
 * allocation returns NULL, so callers may check once at the end.
 */
typedef struct cql_arena
{
	const cql_env *env;
	struct cql_arena_block *blocks;
	size_t used; /* bytes handed out */
	size_t max;	 /* hard maximum of used */
	bool failed;
	bool full; /* it failed for its maximum */
} cql_arena;

extern void cql_arena_init(cql_arena *arena, const cql_env *env, size_t max);
extern void *cql_arena_alloc(cql_arena *arena, size_t size);
extern void *cql_arena_array(cql_arena *arena, size_t count, size_t size);
/* Copy with a final NUL; len may be 0. */
extern char *cql_arena_text(cql_arena *arena, const void *data, size_t len);
extern char *cql_arena_strdup(cql_arena *arena, const char *text);
extern void cql_arena_free(cql_arena *arena);

#endif /* CQL_ALLOC_H */
