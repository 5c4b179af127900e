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
