/*
 * murmur3.c
 *	  Token of a routing key as Murmur3Partitioner computes it.
 *
 * Called by the topology and request modules, and through cql.h.
 */
#include "murmur3.h"

#include "wire.h"

#define MURMUR_C1 0x87c37b91114253d5u
#define MURMUR_C2 0x4cf5ad432745937fu

static inline uint64_t
rotate(uint64_t x, int bits)
{
	return (x << bits) | (x >> (64 - bits));
}

static inline uint64_t
finish(uint64_t k)
{
	k ^= k >> 33;
	k *= 0xff51afd7ed558ccdu;
	k ^= k >> 33;
	k *= 0xc4ceb9fe1a85ec53u;
	return k ^ (k >> 33);
}

static inline uint64_t
mix1(uint64_t k)
{
	return rotate(k * MURMUR_C1, 31) * MURMUR_C2;
}

static inline uint64_t
mix2(uint64_t k)
{
	return rotate(k * MURMUR_C2, 33) * MURMUR_C1;
}

static inline uint64_t
load_little(const uint8_t *p)
{
	uint64_t v = 0;
	int i;

	for (i = 7; i >= 0; i--)
		v = (v << 8) | p[i];
	return v;
}

/*
 * Up to eight tail bytes, each sign-extended before it is shifted: Cassandra
 * reads them as Java's signed bytes.
 */
static uint64_t
load_tail(const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < n; i++)
		v ^= (uint64_t) (int64_t) (int8_t) p[i] << (8 * i);
	return v;
}

int64_t
cql_murmur3_hash(const uint8_t *key, size_t len)
{
	uint64_t h1 = 0;
	uint64_t h2 = 0;
	size_t left = len;

	while (left >= 16)
	{
		h1 ^= mix1(load_little(key));
		h1 = (rotate(h1, 27) + h2) * 5 + 0x52dce729u;
		h2 ^= mix2(load_little(key + 8));
		h2 = (rotate(h2, 31) + h1) * 5 + 0x38495ab5u;
		key += 16;
		left -= 16;
	}
	if (left > 8)
		h2 ^= mix2(load_tail(key + 8, left - 8));
	if (left > 0)
		h1 ^= mix1(load_tail(key, left < 8 ? left : 8));
	h1 ^= (uint64_t) len;
	h2 ^= (uint64_t) len;
	h1 += h2;
	h2 += h1;
	h1 = finish(h1);
	h2 = finish(h2);
	return (int64_t) (h1 + h2);
}

/* INT64_MIN is the token of the empty key alone; a hash that gives it moves.
 */
int64_t
cql_murmur3_token(const uint8_t *key, size_t len)
{
	int64_t hash;

	if (len == 0)
		return INT64_MIN;
	hash = cql_murmur3_hash(key, len);
	return hash == INT64_MIN ? INT64_MAX : hash;
}

bool
cql_routing_key(const cql_slice *components, uint32_t n, struct cql_buf *out)
{
	uint32_t i;

	for (i = 0; i < n; i++)
	{
		if (components[i].len < 0 || components[i].len > UINT16_MAX)
			return false;
	}
	if (n == 1)
	{
		cql_buf_append(out, components[0].data, (size_t) components[0].len);
		return !out->failed;
	}
	for (i = 0; i < n; i++)
	{
		cql_put_short_bytes(out, components[i].data,
							(size_t) components[i].len);
		cql_put_u8(out, 0);
	}
	return !out->failed;
}
