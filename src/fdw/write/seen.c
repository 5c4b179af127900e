/*
 * seen.c
 *	  Sets of byte strings, to tell what came before.
 *
 * 128 bits of a hash stand for a string.
 */
#include "write.h"

#include "common/hashfn.h"
#include "utils/hsearch.h"

HTAB *
cass_seen_create(const char *name)
{
	HASHCTL ctl = {.keysize = 2 * sizeof(uint64),
				   .entrysize = 2 * sizeof(uint64),
				   .hcxt = CurrentMemoryContext};

	return hash_create(name, 1024, &ctl,
					   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static bool
search(HTAB *seen, const char *bytes, int len, HASHACTION action)
{
	uint64 hash[2];
	bool found;

	hash[0] = hash_bytes_extended((const unsigned char *) bytes, len, 1);
	hash[1] = hash_bytes_extended((const unsigned char *) bytes, len, 2);
	(void) hash_search(seen, hash, action, &found);
	return found;
}

bool
cass_seen_has(HTAB *seen, const char *bytes, int len)
{
	return search(seen, bytes, len, HASH_FIND);
}

bool
cass_seen_before(HTAB *seen, const char *bytes, int len)
{
	return search(seen, bytes, len, HASH_ENTER);
}
