/*
 * cass_json.h
 *	  What cass_json.c (reading) and json_encode.c (writing) share.
 *
 * A JSON codec is a tree of the CQL type's shape: its leaves are codecs of
 * cass_build_json_leaf(), a UDT's node has its keys.
 */
#ifndef CASS_JSON_H
#define CASS_JSON_H

#include "codec.h"

#include "utils/jsonb.h"

/* Node of a type; NULL where it or a part of it is not supported. */
extern CassCodec *cass_json_build(const cql_type *type,
								  CassUnconvertible unconvertible);
/* Adds a cell as an element of an array or the value of a pair. */
extern void cass_json_push_value(CassCodec *node, cql_slice cell,
								 JsonbIteratorToken token,
								 JsonbParseState **state);
/* Appends the bytes of a JSON value that is not null. */
extern void cass_json_encode_value(CassCodec *node, const JsonbValue *v,
								   StringInfo out);

/*
 * The elements of an array, or keys and values of an object, palloc'ed; nested
 * containers come as jbvBinary.
 */
extern JsonbValue *cass_json_list(JsonbContainer *container, int *n);

/* Whether the node is an array, an object or a leaf in JSON. */
static inline bool
cass_json_is_array(const CassCodec *node)
{
	return node->type->id == CQL_TYPE_LIST || node->type->id == CQL_TYPE_SET ||
		   node->type->id == CQL_TYPE_TUPLE ||
		   node->type->id == CQL_TYPE_VECTOR;
}

static inline bool
cass_json_is_object(const CassCodec *node)
{
	return node->type->id == CQL_TYPE_MAP || node->type->id == CQL_TYPE_UDT;
}

/* Key in JSON of a UDT's field, in the database's encoding. */
static inline const char *
cass_json_field(const CassCodec *node, uint32_t i)
{
	return ((const char *const *) node->state)[i];
}

#endif /* CASS_JSON_H */
