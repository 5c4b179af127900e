/*
 * replication.c
 *	  Replication strategies, as system_schema.keyspaces describes them.
 */
#include "tokenmap_int.h"

#include <string.h>

#include "wire.h"

/* "3", or "3/1": three copies of which one transient, not routed to. */
static uint32_t
parse_factor(cql_slice text)
{
	uint32_t number[2] = {0, 0};
	int which = 0;
	int32_t i;

	for (i = 0; i < text.len; i++)
	{
		uint8_t c = text.data[i];

		if (c == '/' && which == 0)
			which = 1;
		else if (c >= '0' && c <= '9' && number[which] < MAX_REPLICAS)
			number[which] = number[which] * 10 + (uint32_t) (c - '0');
		else
			return 0;
	}
	return number[0] > number[1] ? number[0] - number[1] : 0;
}

static bool
slice_is(cql_slice slice, const char *text)
{
	size_t len = strlen(text);

	return slice.len >= 0 && (size_t) slice.len == len &&
		   memcmp(slice.data, text, len) == 0;
}

static bool
slice_ends(cql_slice slice, const char *text)
{
	int32_t len = (int32_t) strlen(text);

	return slice.len >= len &&
		   memcmp(slice.data + slice.len - len, text, (size_t) len) == 0;
}

static bool
add_dc(cql_replication *r, cql_slice name, uint32_t factor)
{
	char *copy;

	if (r->ndcs >= MAX_DCS || name.len < 0)
		return false;
	copy = cql_alloc0(&r->env, (size_t) name.len + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, name.data, (size_t) name.len);
	r->dcs[r->ndcs].dc = copy;
	r->dcs[r->ndcs++].factor = factor;
	return true;
}

/* Reads the map's entries; false where the strategy has no ring. */
static bool
read_entries(cql_replication *r, cql_slice value)
{
	cql_reader reader;
	uint32_t n, i;
	bool known = false;

	cql_reader_init(&reader, value.data, (size_t) value.len);
	n = cql_get_count(&reader, 8);
	for (i = 0; i < n; i++)
	{
		cql_slice key = cql_get_bytes(&reader);
		cql_slice entry = cql_get_bytes(&reader);

		if (reader.failed)
			return false;
		if (slice_is(key, "class"))
		{
			r->by_dc = slice_ends(entry, "NetworkTopologyStrategy");
			known = r->by_dc || slice_ends(entry, "SimpleStrategy");
		}
		else if (slice_is(key, "replication_factor"))
			r->factor = parse_factor(entry);
		else if (!add_dc(r, key, parse_factor(entry)))
			return false;
	}
	return known && !reader.failed;
}

cql_replication *
cql_replication_parse(const cql_env *env, cql_slice value)
{
	cql_replication *r;

	if (value.len < 0)
		return NULL;
	r = cql_alloc0(env, sizeof(cql_replication));
	if (r == NULL)
		return NULL;
	r->env = *env;
	if (!read_entries(r, value))
	{
		cql_replication_free(r);
		return NULL;
	}
	return r;
}

cql_replication *
cql_replication_elsewhere(const cql_env *env)
{
	cql_replication *r = cql_alloc0(env, sizeof(cql_replication));

	if (r != NULL)
		r->env = *env;
	return r;
}

void
cql_replication_free(cql_replication *r)
{
	cql_env env;
	uint32_t i;

	if (r == NULL)
		return;
	env = r->env;
	for (i = 0; i < r->ndcs; i++)
		cql_free(&env, r->dcs[i].dc);
	cql_free(&env, r);
}
