/*
 * client_env.c
 *	  What the client needs of the backend: memory and descriptors.
 *
 * Nothing here may throw.
 */
#include "client.h"

#include "storage/fd.h"
#include "utils/memutils.h"

/*
 * Each allocation starts with its size: repalloc that returns NULL came with
 * PostgreSQL 16, so growing copies.
 */
#define SIZE_HEADER MAXALIGN(sizeof(size_t))

static void *
env_alloc(void *ctx, size_t size)
{
	char *block;

	if (size > MaxAllocHugeSize - SIZE_HEADER)
		return NULL;
	block = MemoryContextAllocExtended(ctx, size + SIZE_HEADER,
									   MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE);
	if (block == NULL)
		return NULL;
	*(size_t *) block = size;
	return block + SIZE_HEADER;
}

static void
env_free(void *ctx, void *ptr)
{
	if (ptr != NULL)
		pfree((char *) ptr - SIZE_HEADER);
}

static void *
env_realloc(void *ctx, void *ptr, size_t size)
{
	void *grown = env_alloc(ctx, size);

	if (grown == NULL || ptr == NULL)
		return grown;
	memcpy(grown, ptr, Min(size, *(size_t *) ((char *) ptr - SIZE_HEADER)));
	env_free(ctx, ptr);
	return grown;
}

void
cass_env_free(void *ptr)
{
	env_free(NULL, ptr);
}

static bool
env_fd_acquire(void *ctx)
{
	return AcquireExternalFD();
}

static void
env_fd_release(void *ctx)
{
	ReleaseExternalFD();
}

void
cass_env_init(cql_env *env, MemoryContext context)
{
	env->ctx = context;
	env->alloc = env_alloc;
	env->realloc = env_realloc;
	env->free = env_free;
	env->fd_acquire = env_fd_acquire;
	env->fd_release = env_fd_release;
}
