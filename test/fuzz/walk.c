/*
 * walk.c
 *	  What the fuzz targets share: an environment and a walker of values.
 *
 * Uses cql.h only.
 */
#include "walk.h"

#include <stdlib.h>

/*
 * Pieces visited of one value: a value may have more of them than bytes, as
 * fields that it lacks are null.
 */
#define MAX_STEPS 100000

static void *
walk_alloc(void *ctx, size_t size)
{
	(void) ctx;
	return malloc(size);
}

static void *
walk_realloc(void *ctx, void *ptr, size_t size)
{
	(void) ctx;
	return realloc(ptr, size);
}

static void
walk_free(void *ctx, void *ptr)
{
	(void) ctx;
	free(ptr);
}

static bool
no_descriptor(void *ctx)
{
	(void) ctx;
	return false;
}

static void
nothing_to_release(void *ctx)
{
	(void) ctx;
}

const cql_env walk_env = {
	.alloc = walk_alloc,
	.realloc = walk_realloc,
	.free = walk_free,
	.fd_acquire = no_descriptor,
	.fd_release = nothing_to_release,
};

/* Reads every byte, so that the address sanitizer sees the slice's bounds. */
static void
touch(cql_slice value)
{
	volatile uint8_t sum = 0;

	for (int32_t i = 0; i < value.len; i++)
		sum = (uint8_t) (sum + value.data[i]);
}

static void
check_inside(cql_slice outer, cql_slice inner)
{
	if (inner.len == CQL_NULL)
		return;
	if (inner.len < 0 || inner.data < outer.data ||
		inner.data + inner.len > outer.data + outer.len)
		abort();
}

static void
walk(const cql_type *type, cql_slice value, uint32_t *steps)
{
	cql_elements it;
	cql_slice cell;
	const cql_type *sub;
	int more;

	touch(value);
	if (!cql_elements_start(&it, type, value))
		return;
	while ((more = cql_elements_next(&it, &cell, &sub)) > 0)
	{
		if ((*steps)++ > MAX_STEPS)
			return;
		check_inside(value, cell);
		walk(sub, cell, steps);
	}
	/* How it ended does not change. */
	if (cql_elements_next(&it, &cell, &sub) != more)
		abort();
}

void
walk_value(const cql_type *type, cql_slice value)
{
	uint32_t steps = 0;

	walk(type, value, &steps);
}
