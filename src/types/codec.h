/*
 * codec.h
 *	  What a codec is, and the conversions its type table chooses from.
 *
 * Internal to src/types; src/fdw sees cass_types.h only.
 */
#ifndef CASS_CODEC_H
#define CASS_CODEC_H

#include "cass_types.h"

#include "fmgr.h"
#include "port/pg_bswap.h"

#include "pgcompat.h"

/*
 * Converts a cell that is not null, and not of zero length unless the codec
 * has empty_is_value.  May set *isnull.
 */
typedef Datum (*CassDecode)(CassCodec *codec, cql_slice cell, bool *isnull);
/* Appends the bytes of a non-null Datum. */
typedef void (*CassEncode)(CassCodec *codec, Datum value, StringInfo out);
typedef char *(*CassPrint)(const cql_type *type, cql_slice cell);
/* Fills a codec's state; false where the pair of types does not fit. */
typedef bool (*CassPrepare)(CassCodec *codec);

struct CassCodec
{
	CassDecode decode;
	CassEncode encode;
	const cql_type *type;
	Oid typid;	  /* as declared, perhaps a domain */
	Oid basetype; /* typid without domains */
	int32 typmod; /* of basetype, or -1 */
	CassUnconvertible unconvertible;
	bool empty_is_value; /* a zero-length cell is not NULL */
	bool is_domain;
	uint32_t nsub; /* codecs of elements or fields */
	CassCodec **sub;
	void *state;		  /* of the conversion */
	CassDecode uncoerced; /* decode() before length coercion and domain */
	FmgrInfo *coercion;	  /* applies typmod, or NULL */
	void *domain_cache;
	MemoryContext context; /* the codec's own */
	cql_slice cell;		   /* being converted, for messages */
	CassPrint print;	   /* its text there: cass_cell_text() */
};

/* Codec of a part of another codec's value; NULL where not supported. */
extern CassCodec *cass_codec_build(const cql_type *type, Oid typid,
								   int32 typmod,
								   CassUnconvertible unconvertible);

/* ---- value_error.c ---- */

pg_noreturn extern void cass_bad_length(const cql_type *type, cql_slice cell,
										int expected);
pg_noreturn extern void cass_malformed(const cql_type *type);
/* A text that means no value of the type. */
pg_noreturn extern void cass_bad_text(const cql_type *type, const char *text);
extern Datum cass_out_of_range(CassCodec *codec, Datum clamped, bool *isnull);
pg_noreturn extern void cass_cannot_hold(CassCodec *codec, Datum value);
/* A field of a UDT or component of a tuple, in the words of a message. */
extern char *cass_field_text(const cql_type *type, uint32_t field);

/* While fields are converted, one after the other, errors name "field". */
typedef struct CassFieldContext
{
	ErrorContextCallback callback;
	const cql_type *type;
	uint32_t field; /* being converted: the caller's to set */
} CassFieldContext;

/* Begins with the first field. */
extern void cass_field_enter(CassFieldContext *context, const cql_type *type);
extern void cass_field_leave(const CassFieldContext *context);

static inline void
cass_need_length(const cql_type *type, cql_slice cell, int expected)
{
	if (unlikely(cell.len != expected))
		cass_bad_length(type, cell, expected);
}

/* ---- encoding.c ---- */

/* Whether cells can be taken as they are, once verified. */
extern bool cass_same_encoding(void);
extern bool cass_is_ascii(const char *bytes, int len);
/*
 * Appends the longest prefix that the database can hold, converted; returns
 * its length in bytes.
 */
extern int cass_convert_prefix(const char *bytes, int len, StringInfo out);
/* A text with something in place of what cannot be held. */
extern text *cass_replace_invalid(const char *bytes, int len);

/* ---- big-endian numbers ---- */

static inline uint16
cass_load16(const uint8_t *data)
{
	uint16 v;

	memcpy(&v, data, sizeof(v));
	return pg_ntoh16(v);
}

static inline uint32
cass_load32(const uint8_t *data)
{
	uint32 v;

	memcpy(&v, data, sizeof(v));
	return pg_ntoh32(v);
}

static inline uint64
cass_load64(const uint8_t *data)
{
	uint64 v;

	memcpy(&v, data, sizeof(v));
	return pg_ntoh64(v);
}

static inline void
cass_put16(StringInfo out, uint16 v)
{
	v = pg_hton16(v);
	appendBinaryStringInfo(out, (const char *) &v, sizeof(v));
}

static inline void
cass_put32(StringInfo out, uint32 v)
{
	v = pg_hton32(v);
	appendBinaryStringInfo(out, (const char *) &v, sizeof(v));
}

static inline void
cass_put64(StringInfo out, uint64 v)
{
	v = pg_hton64(v);
	appendBinaryStringInfo(out, (const char *) &v, sizeof(v));
}

static inline float4
cass_load_float4(const uint8_t *data)
{
	uint32 bits = cass_load32(data);
	float4 f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static inline float8
cass_load_float8(const uint8_t *data)
{
	uint64 bits = cass_load64(data);
	float8 f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

/*
 * There are many NaNs, and what a processor makes of inf - inf may have a
 * sign, which misplaces it in SAI indexes: all are written as Java's one.
 */
#define CASS_NAN4 0x7FC00000
#define CASS_NAN8 UINT64CONST(0x7FF8000000000000)

static inline uint32
cass_float4_bits(float4 f)
{
	uint32 bits;

	memcpy(&bits, &f, sizeof(bits));
	return f != f ? CASS_NAN4 : bits;
}

static inline uint64
cass_float8_bits(float8 f)
{
	uint64 bits;

	memcpy(&bits, &f, sizeof(bits));
	return f != f ? CASS_NAN8 : bits;
}

static inline void
cass_put_float4(StringInfo out, float4 f)
{
	cass_put32(out, cass_float4_bits(f));
}

static inline void
cass_put_float8(StringInfo out, float8 f)
{
	cass_put64(out, cass_float8_bits(f));
}

/* ---- the conversions, in pairs ---- */

#define CASS_CONVERSION(name)                                                 \
	extern Datum cass_decode_##name(CassCodec *codec, cql_slice cell,         \
									bool *isnull);                            \
	extern void cass_encode_##name(CassCodec *codec, Datum value,             \
								   StringInfo out)

/* scalar.c */
CASS_CONVERSION(bool);
CASS_CONVERSION(tinyint);
CASS_CONVERSION(int2);
CASS_CONVERSION(int4);
CASS_CONVERSION(int8);
CASS_CONVERSION(float4);
CASS_CONVERSION(float8);
CASS_CONVERSION(bytea);
CASS_CONVERSION(uuid);
CASS_CONVERSION(inet);
/* number.c */
CASS_CONVERSION(number);
/* cass_numeric.c */
CASS_CONVERSION(varint);
CASS_CONVERSION(decimal);
/* cass_text.c */
CASS_CONVERSION(text);
CASS_CONVERSION(bpchar);
CASS_CONVERSION(name);
CASS_CONVERSION(enum);
CASS_CONVERSION(parsed);
extern bool cass_prepare_parsed(CassCodec *codec);
/* temporal.c */
CASS_CONVERSION(timestamp);
CASS_CONVERSION(date);
CASS_CONVERSION(time);
CASS_CONVERSION(time_int8);
CASS_CONVERSION(interval);
CASS_CONVERSION(duration_text);
CASS_CONVERSION(write_time);
/* collection.c */
CASS_CONVERSION(array);
CASS_CONVERSION(float4_vector);
extern bool cass_prepare_array(CassCodec *codec);
extern bool cass_prepare_float4_vector(CassCodec *codec);
/* extension_types.c */
CASS_CONVERSION(pgvector);
CASS_CONVERSION(hstore);
extern bool cass_prepare_pgvector(CassCodec *codec);
extern bool cass_prepare_hstore(CassCodec *codec);
/* composite.c */
CASS_CONVERSION(composite);
extern bool cass_prepare_composite(CassCodec *codec);
/* cass_json.c, json_encode.c */
CASS_CONVERSION(jsonb);
CASS_CONVERSION(json_text);
extern bool cass_prepare_json(CassCodec *codec);

/*
 * Which field or attribute keeps a composite type, or one deeper in it, from
 * taking the values of a CQL type; NULL where that is not what is wrong.
 */
extern char *cass_composite_mismatch(const cql_type *type, Oid typid);

/* ---- building collection, tuple and UDT values: collection.c ---- */

/* Elements are encoded one after the other, then put together in order. */
typedef struct CassElements
{
	const cql_type *type;
	StringInfoData bytes; /* of all elements, without lengths */
	uint32_t nelements;
	uint32_t size;
	int32 *offsets; /* start of each in bytes */
	bool *nulls;
} CassElements;

extern void cass_elements_begin(CassElements *elements, const cql_type *type,
								uint32_t expected);
/* Starts the next element; its bytes are then appended to elements->bytes. */
extern void cass_elements_add(CassElements *elements, bool isnull);
/* Appends the value; sorts sets and maps as Cassandra does. */
extern void cass_elements_finish(CassElements *elements, StringInfo out);

/*
 * A composite's values by field, palloc'ed; not where its type lacks a field.
 */
extern void cass_composite_open(CassCodec *codec, Datum value, Datum **values,
								bool **nulls);

/* ---- numbers: cass_numeric.c ---- */

/* unscaled * 10^-scale, of "bytes" in two's complement, as numeric. */
extern Datum cass_numeric_from_bytes(CassCodec *codec, const uint8_t *bytes,
									 int len, int32 scale, bool *isnull);
/*
 * Appends a numeric in two's complement; *scale gets its scale, or, where
 * scale is NULL, the number must be an integer.  False for NaN, infinity and
 * what is no integer.
 */
extern bool cass_numeric_to_bytes(Datum numeric, int32 *scale, StringInfo out);
/* A float's shortest exact decimal text as numeric (NaN, infinity too). */
extern Datum cass_numeric_from_float(float8 f, bool single);

/* ---- text of scalars, as Cassandra's toJson: scalar_text.c ---- */

typedef enum CassTextKind
{
	CASS_TEXT_NULL,
	CASS_TEXT_STRING, /* quoted in JSON */
	CASS_TEXT_NUMBER,
	CASS_TEXT_BOOLEAN
} CassTextKind;

/*
 * Appends the text of a cell (database encoding, no quotes, no escapes).  The
 * codec is one of cass_build_json_leaf().
 */
extern CassTextKind cass_print_scalar(CassCodec *codec, cql_slice cell,
									  StringInfo out);
/* Appends the value that a text means; ereports where it means none. */
extern void cass_parse_scalar(CassCodec *codec, const char *text,
							  StringInfo out);
extern CassCodec *cass_build_json_leaf(const cql_type *type,
									   CassUnconvertible unconvertible);

/* ---- temporal values: temporal.c, temporal_text.c ---- */

#define CASS_TIMESTAMP_DIGITS 3 /* of seconds, behind the point */

#define CASS_NS_PER_DAY INT64CONST(86400000000000)

extern void cass_print_date(StringInfo out, int64 days);
extern void cass_print_time(StringInfo out, int64 ns);
extern void cass_print_timestamp(StringInfo out, int64 ms);
extern bool cass_parse_date(const char *text, int64 *days);
extern bool cass_parse_time(const char *text, int64 *ns);
extern bool cass_parse_timestamp(const char *text, int64 *ms);

/* ---- durations: duration.c ---- */

typedef struct CassDuration
{
	int64 months;
	int64 days;
	int64 ns;
} CassDuration;

extern void cass_read_duration(const cql_type *type, cql_slice cell,
							   CassDuration *duration);
/* False where a part is out of range or the signs differ. */
extern bool cass_put_duration(StringInfo out, const CassDuration *duration);
extern void cass_print_duration(StringInfo out, const CassDuration *duration);
extern bool cass_parse_duration(const char *text, CassDuration *duration);

#endif /* CASS_CODEC_H */
