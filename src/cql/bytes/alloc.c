/*
 * alloc.c
 *	  Memory through the caller's environment, and arenas freed at once.
 *
 * Lowest module of the client: includes alloc.h only.
 */
#include "alloc.h"

#include <stdalign.h>
#include <string.h>

/* First block of an arena, and the size at which blocks stop doubling. */
#define ARENA_FIRST_BLOCK 1024
#define ARENA_LARGE_BLOCK (64 * 1024)

typedef struct cql_arena_block
{
	struct cql_arena_block *next;
	size_t size; /* bytes of data */
	size_t used; /* of them handed out */
	alignas(max_align_t) uint8_t data[];
} cql_arena_block;

void *
cql_alloc(const cql_env *env, size_t size)
{
	return env->alloc(env->ctx, size == 0 ? 1 : size);
}

void *
cql_alloc0(const cql_env *env, size_t size)
{
	void *ptr = cql_alloc(env, size);

	if (ptr != NULL)
		memset(ptr, 0, size);
	return ptr;
}

void *
cql_alloc_array(const cql_env *env, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	return cql_alloc0(env, count * size);
}

void *
cql_realloc(const cql_env *env, void *ptr, size_t size)
{
	if (ptr == NULL)
		return cql_alloc(env, size);
	return env->realloc(env->ctx, ptr, size == 0 ? 1 : size);
}

void
cql_free(const cql_env *env, void *ptr)
{
	if (ptr != NULL)
		env->free(env->ctx, ptr);
}

char *
cql_strdup(const cql_env *env, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = cql_alloc(env, size);

	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

void
cql_arena_init(cql_arena *arena, const cql_env *env, size_t max)
{
	memset(arena, 0, sizeof(*arena));
	arena->env = env;
	arena->max = max;
}

/* Puts a block with room for size bytes in front; false without memory. */
static bool
arena_grow(cql_arena *arena, size_t size)
{
	cql_arena_block *block;
	size_t want = ARENA_FIRST_BLOCK;

	if (arena->blocks != NULL)
		want = arena->blocks->size * 2;
	if (want > ARENA_LARGE_BLOCK)
		want = ARENA_LARGE_BLOCK;
	if (want < size)
		want = size;
	if (want > SIZE_MAX - sizeof(cql_arena_block))
		return false;
	block = cql_alloc(arena->env, sizeof(cql_arena_block) + want);
	if (block == NULL)
		return false;
	block->next = arena->blocks;
	block->size = want;
	block->used = 0;
	arena->blocks = block;
	return true;
}

void *
cql_arena_alloc(cql_arena *arena, size_t size)
{
	size_t unit = alignof(max_align_t);
	size_t rounded;
	cql_arena_block *block = arena->blocks;
	void *ptr;

	if (arena->failed)
		return NULL;
	if (size > SIZE_MAX - unit)
	{
		arena->failed = true;
		return NULL;
	}
	rounded = (size + unit - 1) / unit * unit;
	arena->full = rounded > arena->max - arena->used;
	if (arena->full ||
		((block == NULL || block->size - block->used < rounded) &&
		 !arena_grow(arena, rounded)))
	{
		arena->failed = true;
		return NULL;
	}
	block = arena->blocks;
	ptr = block->data + block->used;
	block->used += rounded;
	arena->used += rounded;
	memset(ptr, 0, rounded);
	return ptr;
}

void *
cql_arena_array(cql_arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
	{
		arena->failed = true;
		return NULL;
	}
	return cql_arena_alloc(arena, count * size);
}

char *
cql_arena_text(cql_arena *arena, const void *data, size_t len)
{
	char *text;

	if (len == SIZE_MAX)
	{
		arena->failed = true;
		return NULL;
	}
	text = cql_arena_alloc(arena, len + 1);
	if (text != NULL && len > 0)
		memcpy(text, data, len);
	return text;
}

char *
cql_arena_strdup(cql_arena *arena, const char *text)
{
	return cql_arena_text(arena, text, strlen(text));
}

void
cql_arena_free(cql_arena *arena)
{
	cql_arena_block *block = arena->blocks;

	while (block != NULL)
	{
		cql_arena_block *next = block->next;

		cql_free(arena->env, block);
		block = next;
	}
	arena->blocks = NULL;
	arena->used = 0;
	arena->failed = false;
	arena->full = false;
}
