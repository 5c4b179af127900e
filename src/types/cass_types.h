/*
 * cass_types.h
 *	  Conversion between CQL values and Datums: what src/fdw may use of it.
 *
 * Knows PostgreSQL and cql.h, never src/fdw.  Functions here may ereport();
 * none keeps anything unowned while it does.
 */
#ifndef CASS_TYPES_H
#define CASS_TYPES_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "schema.h"

/* What to do with a value that PostgreSQL cannot hold (on_unconvertible). */
typedef enum CassUnconvertible
{
	CASS_UNCONVERTIBLE_ERROR,
	CASS_UNCONVERTIBLE_NULL,
	CASS_UNCONVERTIBLE_CLAMP /* nearest value; text: replacement character */
} CassUnconvertible;

/*
 * A codec converts one CQL type to and from one PostgreSQL type.  It is chosen
 * once per column and query; its functions are called per cell.
 */
typedef struct CassCodec CassCodec;

/*
 * Makes a codec in CurrentMemoryContext; the CQL type is copied.  ereports
 * ERRCODE_FDW_INVALID_DATA_TYPE when the pair is not supported (names both
 * types, hints at the type IMPORT would choose).
 */
extern CassCodec *cass_codec_create(const cql_type *type, Oid typid,
									int32 typmod,
									CassUnconvertible unconvertible);
/*
 * The same for a writetime(): its microseconds may also be read as timestamp
 * with time zone.
 */
extern CassCodec *
cass_codec_create_write_time(const cql_type *type, Oid typid, int32 typmod,
							 CassUnconvertible unconvertible);
/* Whether cass_codec_create() would succeed. */
extern bool cass_codec_supported(const cql_type *type, Oid typid);
extern const cql_type *cass_codec_type(const CassCodec *codec);
extern Oid cass_codec_typid(const CassCodec *codec);

/*
 * Cell to Datum, palloc'ed in CurrentMemoryContext where by reference; the
 * cell is not referenced afterwards.  Null cells, zero-length values of types
 * that have no empty form, and (on request) unconvertible ones set *isnull.
 */
extern Datum cass_decode(CassCodec *codec, cql_slice cell, bool *isnull);

/*
 * Text of a scalar cell for messages, as Cassandra's toJson writes it without
 * quotes, cut where it is long; NULL where there is none.
 */
extern char *cass_cell_text(const cql_type *type, cql_slice cell);

/*
 * Datum (of the codec's type, not null) to a value's bytes, appended to out
 * without length.  ereports for values that CQL type cannot hold.
 */
extern void cass_encode(CassCodec *codec, Datum value, StringInfo out);

/*
 * Whether each value is one cell and reads back as it was, and the other way
 * round: types of which neither side rounds, sorts or has several spellings.
 */
extern bool cass_codec_keeps(const CassCodec *codec);
/*
 * What a value that is not null reads back as when it was written to a
 * column: rounded, sorted, or NULL for a collection without elements.  In
 * CurrentMemoryContext; ereports as cass_encode() and cass_decode().
 */
extern Datum cass_as_stored(CassCodec *codec, Datum value, bool *isnull);

/*
 * Makes float4[] of float8[], rounding; false where a number is too large or a
 * null.  float4[] stays as it is.
 */
extern bool cass_narrow_vector(Datum *value);

/* The type in CQL, for people; in CurrentMemoryContext. */
extern char *cass_type_text(const cql_type *type);

/*
 * PostgreSQL type IMPORT FOREIGN SCHEMA chooses for a CQL type, as text ready
 * for DDL ("text", "bigint[]", schema-qualified and quoted where needed), in
 * CurrentMemoryContext.  *odd is set to a reason (or NULL) where the choice is
 * a fallback that deserves a WARNING (custom type as bytea, ...).
 */
extern char *cass_import_type(const cql_type *type, const char **odd);

/*
 * The same where type_name may give a type, ready for DDL, of a UDT or a
 * timeuuid, or NULL for jsonb and our own.  It is asked for the type itself
 * and for the elements of arrays.
 */
typedef char *(*CassTypeName)(void *arg, const cql_type *type);
extern char *cass_import_type_as(const cql_type *type, CassTypeName type_name,
								 void *arg, const char **odd);

/*
 * Names and other words between Cassandra, whose are UTF-8, and the database's
 * encoding: all that is kept of schemas, options and CQL is UTF-8, and is
 * converted where it comes from a catalog or goes to a user.  cass_from_cql()
 * puts something in place of what cannot be held; cass_name_from_cql() gives
 * NULL for it.  All are palloc'ed.
 */
extern char *cass_to_cql(const char *text);
extern char *cass_from_cql(const char *utf8);
extern char *cass_name_from_cql(const char *utf8);

/*
 * Deep copy of a CQL type into CurrentMemoryContext.
 */
extern cql_type *cass_copy_type(const cql_type *type);

/*
 * Oid of the extension's own timeuuid type (found in the extension's schema by
 * membership, cached), or InvalidOid when the extension is being created.
 */
extern Oid cass_timeuuid_oid(void);
/* Oid of a type "name" that is a member of the extension "extname" (pgvector's
 * vector, hstore), or InvalidOid. */
extern Oid cass_extension_type_oid(const char *extname, const char *name);

#endif /* CASS_TYPES_H */
