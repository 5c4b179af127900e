/*
 * cass_value.h
 *	  Any CQL value as a JSON value, for callers who have no column type.
 *
 * The form is that of Cassandra's toJson and fromJson, as for maps and UDTs in
 * jsonb columns; here scalars are JSON values too.
 */
#ifndef CASS_VALUE_H
#define CASS_VALUE_H

#include "cass_types.h"

#include "utils/jsonb.h"

/*
 * Codec between values of a CQL type, which is copied, and JSON values; in
 * CurrentMemoryContext.  Not for cass_decode() and cass_encode().
 */
extern CassCodec *cass_json_codec_create(const cql_type *type);
/* Adds a cell as the value of the key pushed before. */
extern void cass_json_push(CassCodec *codec, cql_slice cell,
						   JsonbParseState **state);
/* Appends the bytes of a JSON value that is not null. */
extern void cass_json_encode(CassCodec *codec, const JsonbValue *value,
							 StringInfo out);

#endif /* CASS_VALUE_H */
