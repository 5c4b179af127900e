/*
 * response_error.c
 *	  Bodies of ERROR messages, v4 and v5 section 9.
 *
 * Pure: reads from a cql_reader.  Called by the connection and the requests.
 */
#include "response.h"

#include <string.h>

#include "error.h"

/* Why a replica failed, v5 section 9 <reasonmap>; the index is the code. */
static const char *const failure_reasons[] = {
	"unknown reason",
	"too many tombstones read",
	"timeout",
	"incompatible schema",
	"read size limit exceeded",
	"node down",
	"index not available",
	"too many indexes involved",
	"not a member of the cluster metadata service",
	"token ownership out of date",
	"coordinator behind",
	"migrated to another transaction system",
};

/* Codes outside the range of the table. */
#define REASON_INDEX_BUILD 503

/* Reasons of more replicas than this are counted, not told. */
#define MAX_REASONS 64

#define MAX_WARNINGS 8		/* of an error that are told, */
#define MAX_WARNING_LEN 512 /* so many bytes of each */

static const char *
reason_text(uint16_t code)
{
	if (code < sizeof(failure_reasons) / sizeof(failure_reasons[0]))
		return failure_reasons[code];
	if (code == REASON_INDEX_BUILD)
		return "index build in progress";
	return NULL;
}

static void
get_text(cql_reader *r, char *out, size_t size)
{
	cql_slice text = cql_get_string(r);

	cql_error_text(out, size, text.data, (size_t) text.len);
}

static void
get_counts(cql_reader *r, cql_error *err)
{
	err->consistency = cql_get_u16(r);
	err->received = cql_get_i32(r);
	err->required = cql_get_i32(r);
}

/* Unavailable has the numbers the other way round: required, alive. */
static void
get_unavailable(cql_reader *r, cql_error *err)
{
	err->consistency = cql_get_u16(r);
	err->required = cql_get_i32(r);
	err->received = cql_get_i32(r);
}

/* One entry of v5's reason map: [inetaddr] and a [short]; told into details.
 */
static void
get_reason(cql_reader *r, bool tell, cql_error *err)
{
	size_t len = cql_get_u8(r);
	const uint8_t *raw = cql_get_raw(r, len);
	uint16_t code = cql_get_u16(r);
	const char *reason = reason_text(code);
	char address[64];

	if (r->failed || !tell)
		return;
	cql_response_address(raw, len, address, sizeof(address));
	if (reason != NULL)
		cql_error_detail(err, "%s: %s", address, reason);
	else
		cql_error_detail(err, "%s: failure code 0x%04X", address,
						 (unsigned) code);
}

/* Number of failed replicas (v4), or why each of them failed (v5). */
static void
get_failures(cql_reader *r, uint8_t version, cql_error *err)
{
	uint32_t n;

	if (version < 5)
	{
		err->failures = cql_get_i32(r);
		return;
	}
	n = cql_get_count(r, 3);
	for (uint32_t i = 0; i < n && !r->failed; i++)
		get_reason(r, i < MAX_REASONS, err);
	err->failures = (int32_t) n;
}

/* v5 tells how often a conditional write had to begin again. */
static void
get_contentions(cql_reader *r, uint8_t version, cql_error *err)
{
	if (version >= 5 && strcmp(err->write_type, "CAS") == 0 &&
		cql_reader_left(r) >= 2)
		cql_error_detail(err, "contentions: %u", (unsigned) cql_get_u16(r));
}

static void
get_write_type(cql_reader *r, cql_error *err)
{
	get_text(r, err->write_type, sizeof(err->write_type));
	err->maybe_applied = true;
}

static void
get_function(cql_reader *r, cql_error *err)
{
	char keyspace[64];
	char name[64];
	uint32_t n;

	get_text(r, keyspace, sizeof(keyspace));
	get_text(r, name, sizeof(name));
	n = cql_get_u16(r);
	for (uint32_t i = 0; i < n && !r->failed; i++)
		(void) cql_get_string(r);
	cql_error_detail(err, "function: %s.%s", keyspace, name);
}

static void
get_existing(cql_reader *r, cql_error *err)
{
	char keyspace[64];
	char table[256];

	get_text(r, keyspace, sizeof(keyspace));
	get_text(r, table, sizeof(table));
	if (table[0] != '\0')
		cql_error_detail(err, "table: %s.%s", keyspace, table);
	else
		cql_error_detail(err, "keyspace: %s", keyspace);
}

/* What follows the message, by code; nothing for the codes not listed. */
static void
get_specifics(cql_reader *r, uint8_t version, cql_error *err,
			  cql_slice *unprepared)
{
	switch (err->server_code)
	{
		case CQL_SERVER_UNAVAILABLE:
			get_unavailable(r, err);
			break;
		case CQL_SERVER_WRITE_TIMEOUT:
			get_counts(r, err);
			get_write_type(r, err);
			get_contentions(r, version, err);
			break;
		case CQL_SERVER_READ_TIMEOUT:
			get_counts(r, err);
			err->data_present = cql_get_u8(r) != 0;
			break;
		case CQL_SERVER_READ_FAILURE:
			get_counts(r, err);
			get_failures(r, version, err);
			err->data_present = cql_get_u8(r) != 0;
			break;
		case CQL_SERVER_WRITE_FAILURE:
			get_counts(r, err);
			get_failures(r, version, err);
			get_write_type(r, err);
			break;
		case CQL_SERVER_CAS_UNKNOWN:
			get_counts(r, err);
			err->maybe_applied = true;
			break;
		case CQL_SERVER_FUNCTION_FAILURE:
			get_function(r, err);
			break;
		case CQL_SERVER_ALREADY_EXISTS:
			get_existing(r, err);
			break;
		case CQL_SERVER_UNPREPARED:
			*unprepared = cql_get_string(r);
			break;
		default:
			break;
	}
}

void
cql_response_error(cql_reader *r, uint8_t version, cql_error *err,
				   cql_slice *unprepared)
{
	int32_t server_code = cql_get_i32(r);
	cql_slice text = cql_get_string(r);
	cql_slice id = {NULL, CQL_NULL};
	char message[sizeof(err->message)];

	cql_error_clear(err);
	err->code = server_code == CQL_SERVER_BAD_CREDENTIALS ? CQL_ERR_AUTH
														  : CQL_ERR_SERVER;
	err->server_code = server_code;
	cql_error_text(err->message, sizeof(err->message), text.data,
				   (size_t) text.len);
	get_specifics(r, version, err, &id);
	if (r->failed)
	{
		memcpy(message, err->message, sizeof(message));
		cql_error_set(err, CQL_ERR_PROTOCOL,
					  "malformed error message from the server");
		if (message[0] != '\0')
			cql_error_detail(err, "code 0x%04X: %s", (unsigned) server_code,
							 message);
		id.data = NULL;
		id.len = CQL_NULL;
	}
	if (unprepared != NULL)
		*unprepared = id;
}

void
cql_response_told(const cql_prefix *prefix, cql_error *err)
{
	char text[MAX_WARNING_LEN];
	cql_reader r;

	err->traced = prefix->tracing_id != NULL;
	if (err->traced)
		memcpy(err->tracing_id, prefix->tracing_id, sizeof(err->tracing_id));
	cql_reader_init(&r, prefix->warnings, prefix->warnings_len);
	for (uint32_t i = 0; i < prefix->nwarnings && i < MAX_WARNINGS; i++)
	{
		get_text(&r, text, sizeof(text));
		cql_error_detail(err, "Warning: %s", text);
	}
}
