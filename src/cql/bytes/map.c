/*
 * map.c
 *	  Hash map from byte strings to pointers, open addressing.
 *
 * Linear probing at a load of at most 3/4; removal shifts the followers back,
 * so there are no tombstones.
 */
#include "map.h"

#include <string.h>
#include <sys/random.h>

#define MAP_FIRST_SLOTS 16

static inline uint64_t
rotate(uint64_t x, int bits)
{
	return (x << bits) | (x >> (64 - bits));
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 of the key; both halves of its key come from the seed. */
static uint64_t
map_hash(uint64_t seed, const uint8_t *key, size_t len)
{
	uint64_t v[4] = {
		seed ^ 0x736f6d6570736575u, rotate(seed, 32) ^ 0x646f72616e646f6du,
		seed ^ 0x6c7967656e657261u, rotate(seed, 32) ^ 0x7465646279746573u};
	uint64_t word;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8)
	{
		memcpy(&word, key + i, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = (uint64_t) len << 56;
	for (; i < len; i++)
		word |= (uint64_t) key[i] << (8 * (i % 8));
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xFF;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void
cql_map_init(cql_map *map, const cql_env *env)
{
	memset(map, 0, sizeof(*map));
	map->env = env;
	/* Without entropy the clock and the address still differ by process. */
	if (getrandom(&map->seed, sizeof(map->seed), GRND_NONBLOCK) !=
		(ssize_t) sizeof(map->seed))
		map->seed = (uint64_t) cql_now() ^ (uint64_t) (uintptr_t) map;
}

void
cql_map_free(cql_map *map)
{
	size_t i;

	for (i = 0; i < map->nslots; i++)
		cql_free(map->env, map->slots[i].key);
	cql_free(map->env, map->slots);
	map->slots = NULL;
	map->nslots = 0;
	map->count = 0;
}

/* The slot that holds the key, or the free one where it would go. */
static cql_map_slot *
find_slot(cql_map_slot *slots, size_t nslots, uint64_t hash, const void *key,
		  size_t len)
{
	size_t i = (size_t) hash & (nslots - 1);

	while (slots[i].value != NULL)
	{
		if (slots[i].hash == hash && slots[i].keylen == len &&
			(len == 0 || memcmp(slots[i].key, key, len) == 0))
			break;
		i = (i + 1) & (nslots - 1);
	}
	return &slots[i];
}

void *
cql_map_get(const cql_map *map, const void *key, size_t len)
{
	if (map->count == 0)
		return NULL;
	return find_slot(map->slots, map->nslots, map_hash(map->seed, key, len),
					 key, len)
		->value;
}

static bool
map_grow(cql_map *map)
{
	size_t nslots = map->nslots == 0 ? MAP_FIRST_SLOTS : map->nslots * 2;
	cql_map_slot *slots =
		cql_alloc_array(map->env, nslots, sizeof(cql_map_slot));
	size_t i;

	if (slots == NULL)
		return false;
	for (i = 0; i < map->nslots; i++)
	{
		cql_map_slot *old = &map->slots[i];

		if (old->value != NULL)
			*find_slot(slots, nslots, old->hash, old->key, old->keylen) = *old;
	}
	cql_free(map->env, map->slots);
	map->slots = slots;
	map->nslots = nslots;
	return true;
}

bool
cql_map_set(cql_map *map, const void *key, size_t len, void *value)
{
	uint64_t hash = map_hash(map->seed, key, len);
	cql_map_slot *slot;
	uint8_t *copy;

	if (map->count > 0)
	{
		slot = find_slot(map->slots, map->nslots, hash, key, len);
		if (slot->value != NULL)
		{
			slot->value = value;
			return true;
		}
	}
	if ((map->count + 1) * 4 > map->nslots * 3 && !map_grow(map))
		return false;
	copy = cql_alloc(map->env, len);
	if (copy == NULL)
		return false;
	if (len > 0)
		memcpy(copy, key, len);
	slot = find_slot(map->slots, map->nslots, hash, key, len);
	slot->hash = hash;
	slot->key = copy;
	slot->keylen = len;
	slot->value = value;
	map->count++;
	return true;
}

/*
 * Closes the gap at a freed slot: every follower whose probe sequence passes
 * over the gap moves into it.
 */
static void
close_gap(cql_map *map, size_t gap)
{
	size_t mask = map->nslots - 1;
	size_t i = (gap + 1) & mask;

	while (map->slots[i].value != NULL)
	{
		size_t home = (size_t) map->slots[i].hash & mask;

		if (((i - home) & mask) >= ((i - gap) & mask))
		{
			map->slots[gap] = map->slots[i];
			gap = i;
		}
		i = (i + 1) & mask;
	}
	memset(&map->slots[gap], 0, sizeof(cql_map_slot));
}

void *
cql_map_remove(cql_map *map, const void *key, size_t len)
{
	cql_map_slot *slot;
	void *value;

	if (map->count == 0)
		return NULL;
	slot = find_slot(map->slots, map->nslots, map_hash(map->seed, key, len),
					 key, len);
	value = slot->value;
	if (value == NULL)
		return NULL;
	cql_free(map->env, slot->key);
	close_gap(map, (size_t) (slot - map->slots));
	map->count--;
	return value;
}

void *
cql_map_next(const cql_map *map, size_t *pos)
{
	while (*pos < map->nslots)
	{
		void *value = map->slots[(*pos)++].value;

		if (value != NULL)
			return value;
	}
	return NULL;
}
