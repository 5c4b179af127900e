/*
 * type.h
 *	  Type descriptors from the wire, from class strings and from CQL text.
 *
 * Descriptors live in the caller's arena; those of types without parameters
 * are static.  Depth and number of nodes of a type are bounded
 * (CQL_MAX_TYPE_DEPTH, CQL_MAX_TYPE_NODES), so walking one may recurse.
 */
#ifndef CQL_TYPE_H
#define CQL_TYPE_H

#include "wire.h"

/*
 * A [option] of metadata, v5 section 4.2.5.2; NULL on malformed (r->failed) or
 * no memory (arena->failed).  A custom class that is malformed is no error but
 * CQL_TYPE_CUSTOM, because its end is known.
 */
extern const cql_type *cql_type_from_wire(cql_reader *r, cql_arena *arena);

/*
 * A marshal class string ("org.apache.cassandra.db.marshal.ListType(...)"),
 * with or without the package.  Unknown classes become CQL_TYPE_CUSTOM with
 * the text as name.  NULL on malformed or no memory (arena->failed).
 */
extern const cql_type *cql_type_from_class(const char *text, size_t len,
										   cql_arena *arena);

/*
 * Looks a UDT up: *type is set to it, to NULL where there is none of the name.
 * False where it cannot be used.  Called by the CQL parser.
 */
typedef bool (*cql_type_lookup)(void *ctx, const char *name,
								const cql_type **type);

/*
 * A type as system_schema spells it ("frozen<map<text, int>>", "'class'",
 * "vector<float, 3>", a UDT name, quoted or not).  A UDT that lookup does not
 * know becomes CQL_TYPE_CUSTOM.  NULL on malformed, too large, or no memory
 * (arena->failed).
 */
extern const cql_type *cql_type_from_cql(const char *text,
										 const char *keyspace,
										 cql_type_lookup lookup, void *ctx,
										 cql_arena *arena);

/* A mutable node with nsub places, for building; NULL without memory. */
extern cql_type *cql_type_make(cql_arena *arena, cql_type_id id,
							   uint32_t nsub);
/* The same with room for nsub field names: a UDT. */
extern cql_type *cql_type_make_udt(cql_arena *arena, const char *keyspace,
								   const char *name, uint32_t nsub);
/* Fill the places of a node that is being built. */
extern void cql_type_set_sub(cql_type *type, uint32_t i, const cql_type *sub);
extern void cql_type_set_field(cql_type *type, uint32_t i, const char *name);

/* ---- between the parsers of types ---- */

/* What one parse may still use; depth is that of the node to be read. */
typedef struct cql_type_budget
{
	cql_arena *arena;
	uint32_t nodes; /* made so far */
	uint32_t depth;
} cql_type_budget;

/*
 * Enter a node before anything of it is read: false when it would be too deep
 * or one too many.  Leave it when it is done (on success only).
 */
extern bool cql_type_enter(cql_type_budget *budget);
extern void cql_type_leave(cql_type_budget *budget);
/* Accounts for a finished type put in as a whole; false when too large. */
extern bool cql_type_include(cql_type_budget *budget, const cql_type *type);
/*
 * A [string] as C text in the arena; NULL when the reader has failed, also
 * where a NUL is inside, or without memory (arena->failed).
 */
extern const char *cql_type_read_name(cql_reader *r, cql_arena *arena);

/* cql_type_scalar_by_name() by class ("UTF8Type"). */
extern const cql_type *cql_type_scalar_by_class(const char *name, size_t len);

/* A vector; NULL for a dimension or total length that no value can have. */
extern const cql_type *cql_type_make_vector(cql_arena *arena,
											const cql_type *element,
											uint64_t dimension);
/* CQL_TYPE_CUSTOM with a copy of the text as name. */
extern const cql_type *cql_type_make_custom(cql_arena *arena, const char *text,
											size_t len);
/* Copies of a node, frozen or reversed; parts are shared. */
extern const cql_type *cql_type_make_frozen(cql_arena *arena,
											const cql_type *type);
extern const cql_type *cql_type_make_reversed(cql_arena *arena,
											  const cql_type *type);
/* cql_type_from_class() as part of a larger type. */
extern const cql_type *cql_type_class_part(const char *text, size_t len,
										   cql_type_budget *budget);

/*
 * Whether the types differ in nothing but the fields of user-defined types of
 * one name.
 */
extern bool cql_type_was_altered(const cql_type *a, const cql_type *b);

#endif /* CQL_TYPE_H */
