/*
 * map.h
 *	  Hash map from byte strings to pointers, open addressing.
 *
 * Keys are copied.  The hash is keyed (SipHash) and seeded per map, so that
 * names chosen by a peer cannot make it slow: tables, types, columns, host ids
 * and addresses come from the network.  The maps of our own names are few, and
 * share the one implementation.
 */
#ifndef CQL_MAP_H
#define CQL_MAP_H

#include "alloc.h"

typedef struct cql_map_slot
{
	uint64_t hash;
	uint8_t *key;
	size_t keylen;
	void *value; /* NULL: free slot */
} cql_map_slot;

typedef struct cql_map
{
	const cql_env *env;
	cql_map_slot *slots;
	size_t nslots; /* a power of two or 0 */
	size_t count;
	uint64_t seed;
} cql_map;

extern void cql_map_init(cql_map *map, const cql_env *env);
/* Frees the map and its keys, not the values. */
extern void cql_map_free(cql_map *map);
extern void *cql_map_get(const cql_map *map, const void *key, size_t len);
/* Sets (value not NULL); false when there is no memory. */
extern bool cql_map_set(cql_map *map, const void *key, size_t len,
						void *value);
/* Removes and returns the value, or NULL. */
extern void *cql_map_remove(cql_map *map, const void *key, size_t len);
/* Iterate: *pos starts at 0; NULL at the end.  No change meanwhile. */
extern void *cql_map_next(const cql_map *map, size_t *pos);

#endif /* CQL_MAP_H */
