/*
 * scalar.c
 *	  Scalar CQL types whose PostgreSQL counterpart holds the same bytes:
 *	  boolean, integers, floats, blob, uuid, inet.
 *
 * Encodings: protocol v5 section 6.  Called through codec.c's type table.
 */
#include "codec.h"

#include <sys/socket.h>

#include "utils/builtins.h"
#include "utils/inet.h"
#include "utils/uuid.h"

#define UUID_VERSION(bytes) ((bytes)[6] >> 4)

Datum
cass_decode_bool(CassCodec *codec, cql_slice cell, bool *isnull)
{
	cass_need_length(codec->type, cell, 1);
	return BoolGetDatum(cell.data[0] != 0);
}

void
cass_encode_bool(CassCodec *codec, Datum value, StringInfo out)
{
	appendStringInfoCharMacro(out, DatumGetBool(value) ? 1 : 0);
}

Datum
cass_decode_tinyint(CassCodec *codec, cql_slice cell, bool *isnull)
{
	cass_need_length(codec->type, cell, 1);
	return Int16GetDatum((int8) cell.data[0]);
}

void
cass_encode_tinyint(CassCodec *codec, Datum value, StringInfo out)
{
	int16 v = DatumGetInt16(value);

	if (v < PG_INT8_MIN || v > PG_INT8_MAX)
		cass_cannot_hold(codec, value);
	appendStringInfoCharMacro(out, (char) v);
}

Datum
cass_decode_int2(CassCodec *codec, cql_slice cell, bool *isnull)
{
	cass_need_length(codec->type, cell, 2);
	return Int16GetDatum((int16) cass_load16(cell.data));
}

void
cass_encode_int2(CassCodec *codec, Datum value, StringInfo out)
{
	cass_put16(out, (uint16) DatumGetInt16(value));
}

Datum
cass_decode_int4(CassCodec *codec, cql_slice cell, bool *isnull)
{
	cass_need_length(codec->type, cell, 4);
	return Int32GetDatum((int32) cass_load32(cell.data));
}

void
cass_encode_int4(CassCodec *codec, Datum value, StringInfo out)
{
	cass_put32(out, (uint32) DatumGetInt32(value));
}

Datum
cass_decode_int8(CassCodec *codec, cql_slice cell, bool *isnull)
{
	cass_need_length(codec->type, cell, 8);
	return Int64GetDatum((int64) cass_load64(cell.data));
}

void
cass_encode_int8(CassCodec *codec, Datum value, StringInfo out)
{
	cass_put64(out, (uint64) DatumGetInt64(value));
}

Datum
cass_decode_float4(CassCodec *codec, cql_slice cell, bool *isnull)
{
	cass_need_length(codec->type, cell, 4);
	return Float4GetDatum(cass_load_float4(cell.data));
}

void
cass_encode_float4(CassCodec *codec, Datum value, StringInfo out)
{
	cass_put_float4(out, DatumGetFloat4(value));
}

Datum
cass_decode_float8(CassCodec *codec, cql_slice cell, bool *isnull)
{
	cass_need_length(codec->type, cell, 8);
	return Float8GetDatum(cass_load_float8(cell.data));
}

void
cass_encode_float8(CassCodec *codec, Datum value, StringInfo out)
{
	cass_put_float8(out, DatumGetFloat8(value));
}

Datum
cass_decode_bytea(CassCodec *codec, cql_slice cell, bool *isnull)
{
	bytea *result = palloc(VARHDRSZ + cell.len);

	SET_VARSIZE(result, VARHDRSZ + cell.len);
	if (cell.len > 0)
		memcpy(VARDATA(result), cell.data, cell.len);
	return PointerGetDatum(result);
}

void
cass_encode_bytea(CassCodec *codec, Datum value, StringInfo out)
{
	bytea *bytes = DatumGetByteaPP(value);

	appendBinaryStringInfo(out, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

/* uuid and timeuuid, to uuid and to our timeuuid: 16 bytes each. */
Datum
cass_decode_uuid(CassCodec *codec, cql_slice cell, bool *isnull)
{
	pg_uuid_t *result;

	cass_need_length(codec->type, cell, UUID_LEN);
	result = palloc(sizeof(pg_uuid_t));
	memcpy(result->data, cell.data, UUID_LEN);
	return UUIDPGetDatum(result);
}

void
cass_encode_uuid(CassCodec *codec, Datum value, StringInfo out)
{
	pg_uuid_t *uuid = DatumGetUUIDP(value);

	/* The server accepts nothing else. */
	if (codec->type->id == CQL_TYPE_TIMEUUID && UUID_VERSION(uuid->data) != 1)
		ereport(
			ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("uuid %s is not a version 1 uuid, as CQL type timeuuid "
					"requires",
					DatumGetCString(DirectFunctionCall1(uuid_out, value)))));
	appendBinaryStringInfo(out, (const char *) uuid->data, UUID_LEN);
}

/* inet and cidr; Cassandra has addresses only, so the netmask is full. */
Datum
cass_decode_inet(CassCodec *codec, cql_slice cell, bool *isnull)
{
	inet *result;

	if (cell.len != 4 && cell.len != 16)
		cass_malformed(codec->type);
	result = palloc0(sizeof(inet));
	ip_family(result) = cell.len == 4 ? PGSQL_AF_INET : PGSQL_AF_INET6;
	ip_bits(result) = ip_maxbits(result);
	memcpy(ip_addr(result), cell.data, cell.len);
	SET_INET_VARSIZE(result);
	return InetPGetDatum(result);
}

void
cass_encode_inet(CassCodec *codec, Datum value, StringInfo out)
{
	inet *address = DatumGetInetPP(value);

	if (ip_bits(address) != ip_maxbits(address))
		ereport(
			ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("network %s cannot be stored as CQL type inet",
					DatumGetCString(DirectFunctionCall1(inet_out, value))),
			 errdetail("CQL type inet holds an address without a netmask.")));
	appendBinaryStringInfo(out, (const char *) ip_addr(address),
						   ip_addrsize(address));
}
