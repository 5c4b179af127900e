/*
 * type.h
 *	  Type descriptors from the wire, from class strings and from CQL text.
 *
 * Descriptors live in the caller's arena.  Depth and number of nodes are
 * bounded (CQL_MAX_TYPE_DEPTH, CQL_MAX_TYPE_NODES).
 */
#ifndef CQL_TYPE_H
#define CQL_TYPE_H

#include "wire.h"

/* A [option] of metadata, v5 section 4.2.5.2; NULL on malformed or no memory. */
extern const cql_type *cql_type_from_wire(cql_reader *r, cql_arena *arena);

/*
 * A marshal class string ("org.apache.cassandra.db.marshal.ListType(...)"),
 * with or without the package.  Unknown classes become CQL_TYPE_CUSTOM with
 * the text as name.  NULL on malformed or no memory.
 */
extern const cql_type *cql_type_from_class(const char *text, size_t len,
										   cql_arena *arena);

/* Looks a UDT up: its fields in order, or NULL.  Called by the CQL parser. */
typedef const cql_type *(*cql_type_lookup) (void *ctx, const char *name);

/*
 * A type as system_schema spells it ("frozen<map<text, int>>", "'class'",
 * "vector<float, 3>", a UDT name, quoted or not).  A UDT that lookup does not
 * know becomes CQL_TYPE_CUSTOM.  NULL on malformed or no memory.
 */
extern const cql_type *cql_type_from_cql(const char *text,
										 const char *keyspace,
										 cql_type_lookup lookup, void *ctx,
										 cql_arena *arena);

/* A mutable node with nsub places, for building; NULL without memory. */
extern cql_type *cql_type_make(cql_arena *arena, cql_type_id id,
							   uint32_t nsub);

#endif							/* CQL_TYPE_H */
