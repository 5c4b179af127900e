/*
 * bound_type.c
 *	  A condition's value in the column's encoding, its operator adjusted.
 *
 * A value beyond the column's range becomes the nearest bound, or makes the
 * condition false; it is never sent.
 */
#include "postgres.h"

#include <sys/socket.h>

#include "catalog/pg_type.h"
#include "utils/inet.h"
#include "utils/uuid.h"

#include "bound_value.h"

/* A column's addresses are hosts: one with a shorter mask equals none. */
static bool
inet_bound(int strategy, Oid valtype, Datum value, CassBoundValue *bound)
{
	inet *address;

	if (valtype == TEXTOID && !cass_spelled_inet(value, &value))
		return false;
	address = DatumGetInetPP(value);
	if (ip_bits(address) != ip_maxbits(address))
		return false;
	cass_bound_add(bound, strategy, ip_addr(address), ip_addrsize(address));
	return true;
}

static bool
uuid_bound(int strategy, Oid valtype, Datum value, bool timeuuid,
		   CassBoundValue *bound)
{
	pg_uuid_t uuid;

	if (valtype != TEXTOID)
		uuid = *DatumGetUUIDP(value);
	else if (!cass_spelled_uuid(value, uuid.data))
		return false;
	if (timeuuid && (uuid.data[6] >> 4) != 1)
		return false;
	cass_bound_add(bound, strategy, uuid.data, UUID_LEN);
	return true;
}

static void
blob_bound(int strategy, Datum value, CassBoundValue *bound)
{
	bytea *bytes = DatumGetByteaPP(value);

	cass_bound_add(bound, strategy, VARDATA_ANY(bytes),
				   VARSIZE_ANY_EXHDR(bytes));
}

bool
cass_bound_value(CassCodec *codec, int strategy, Oid valtype, Datum value,
				 CassBoundValue *bound)
{
	uint8 flag;

	bound->nvalues = 0;
	switch (codec->type->id)
	{
		case CQL_TYPE_TINYINT:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_INT:
		case CQL_TYPE_BIGINT:
		case CQL_TYPE_COUNTER:
		case CQL_TYPE_VARINT:
		case CQL_TYPE_DECIMAL:
			return cass_number_bound(codec, strategy, valtype, value, bound);
		case CQL_TYPE_FLOAT:
		case CQL_TYPE_DOUBLE:
			return cass_float_bound(codec, strategy, valtype, value, bound);
		case CQL_TYPE_TIMESTAMP:
			return cass_timestamp_bound(codec, strategy, valtype, value,
										bound);
		case CQL_TYPE_DATE:
			return cass_date_bound(codec, strategy, valtype, value, bound);
		case CQL_TYPE_TIME:
			return cass_time_bound(codec, strategy, value, bound);
		case CQL_TYPE_TEXT:
		case CQL_TYPE_ASCII:
			return cass_text_bound(codec, strategy, valtype, value, bound);
		case CQL_TYPE_BLOB:
			blob_bound(strategy, value, bound);
			return true;
		case CQL_TYPE_BOOLEAN:
			flag = DatumGetBool(value) ? 1 : 0;
			cass_bound_add(bound, strategy, &flag, 1);
			return true;
		case CQL_TYPE_INET:
			return inet_bound(strategy, valtype, value, bound);
		case CQL_TYPE_UUID:
			return uuid_bound(strategy, valtype, value, false, bound);
		case CQL_TYPE_TIMEUUID:
			return uuid_bound(strategy, valtype, value, true, bound);
		case CQL_TYPE_LIST:
		case CQL_TYPE_SET:
			return codec->basetype == JSONBOID
					   ? cass_container_bound(codec, value, bound)
					   : cass_array_bound(codec, strategy, value, bound);
		case CQL_TYPE_MAP:
		case CQL_TYPE_TUPLE:
		case CQL_TYPE_UDT:
			return cass_container_bound(codec, value, bound);
		default:
			elog(ERROR, "no bound can be made for CQL type %d",
				 (int) codec->type->id);
	}
}
