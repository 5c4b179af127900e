/*
 * murmur3.h
 *	  Token of a routing key as Murmur3Partitioner computes it.
 */
#ifndef CQL_MURMUR3_H
#define CQL_MURMUR3_H

#include "value.h"

/*
 * First 64 bits of Murmur3 x64 128 with Cassandra's sign extension of the
 * tail, before the INT64_MIN rule (cql_murmur3_token() applies that).
 */
extern int64_t cql_murmur3_hash(const uint8_t *key, size_t len);

/*
 * Appends the routing key made of these components (one: its bytes; several:
 * u16 length, bytes, 00 each) to a buffer.  False when a component is null,
 * unset or longer than 65535 bytes.
 */
struct cql_buf;
extern bool cql_routing_key(const cql_slice *components, uint32_t n,
							struct cql_buf *out);

#endif /* CQL_MURMUR3_H */
