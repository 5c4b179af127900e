/*
 * samples.c
 *	  Bytes for the tests of messages: parts of captures, copies, a UDT.
 */
#include "samples.h"

#include <stdlib.h>

#include "lz4frame.h"
#include "unit.h"
#include "vectors.h"

/* Bytes around the payload of a segment without compression. */
#define SEGMENT_HEADER 6
#define SEGMENT_TRAILER 4

uint8_t *
sample_copy(const void *data, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

/* Header and body of an envelope that has no more bytes than that. */
static bool
read_envelope(const uint8_t *data, size_t len, cql_envelope *envelope)
{
	if (len < CQL_ENVELOPE_HEADER ||
		cql_load_u32(data + 5) != len - CQL_ENVELOPE_HEADER)
		return false;
	envelope->version = data[0] & 0x7F;
	envelope->flags = data[1];
	envelope->stream = (int16_t) cql_load_u16(data + 2);
	envelope->opcode = data[4];
	envelope->body = (uint8_t *) data + CQL_ENVELOPE_HEADER;
	envelope->len = len - CQL_ENVELOPE_HEADER;
	return true;
}

/* Two captures are bodies without an envelope. */
static void
read_body(const vector_capture *capture, cql_envelope *envelope)
{
	memset(envelope, 0, sizeof(*envelope));
	envelope->version = 5;
	envelope->opcode =
		strstr(capture->name, "error") != NULL ? CQL_OP_ERROR : CQL_OP_RESULT;
	envelope->body = (uint8_t *) capture->bytes.data;
	envelope->len = (size_t) capture->bytes.len;
}

/* Moves the body to memory of env, decompressed. */
static void
own_body(const cql_env *env, cql_envelope *envelope)
{
	cql_buf plain;
	const uint8_t *from = envelope->body;
	uint8_t *body;

	cql_buf_init(&plain, &unit_env, CQL_MAX_BODY);
	if (envelope->flags & CQL_FLAG_COMPRESSED)
	{
		CHECK(cql_lz4_body_decode(from, envelope->len, CQL_MAX_BODY, &plain));
		envelope->flags &= (uint8_t) ~CQL_FLAG_COMPRESSED;
	}
	else
		cql_buf_append(&plain, from, envelope->len);
	body = cql_alloc(env, plain.len);
	if (body == NULL)
		abort();
	if (plain.len > 0)
		memcpy(body, plain.data, plain.len);
	envelope->body = body;
	envelope->len = plain.len;
	cql_buf_free(&plain);
}

bool
sample_response(const cql_env *env, const vector_capture *capture,
				cql_envelope *envelope)
{
	if (capture->dir != '<')
		return false;
	memset(envelope, 0, sizeof(*envelope));
	if (!read_envelope(capture->bytes.data, (size_t) capture->bytes.len,
					   envelope))
		read_body(capture, envelope);
	own_body(env, envelope);
	return true;
}

bool
sample_request(const vector_capture *capture, cql_envelope *envelope)
{
	const uint8_t *data = capture->bytes.data;
	size_t len = (size_t) capture->bytes.len;

	if (capture->dir != '>' || strstr(capture->name, "_lz4.") != NULL)
		return false;
	return read_envelope(data, len, envelope) ||
		   (len > SEGMENT_HEADER + SEGMENT_TRAILER &&
			read_envelope(data + SEGMENT_HEADER,
						  len - SEGMENT_HEADER - SEGMENT_TRAILER, envelope));
}

cql_envelope
sample_named(const cql_env *env, const char *name)
{
	cql_envelope envelope;

	for (size_t i = 0; i < VECTOR_COUNT(vector_captures); i++)
	{
		if (strcmp(vector_captures[i].name, name) == 0 &&
			sample_response(env, &vector_captures[i], &envelope))
			return envelope;
	}
	fprintf(stderr, "no capture %s\n", name);
	abort();
}

bool
sample_udt(void *ctx, const char *name, const cql_type **found)
{
	static const char *const fields[] = {"a", "b", "c"};
	cql_arena *arena = ctx;
	cql_type *list;
	cql_type *type;

	*found = NULL;
	if (strcmp(name, "u1") != 0)
		return true;
	list = cql_type_make(arena, CQL_TYPE_LIST, 1);
	type = cql_type_make_udt(arena, "drvvec", "u1", 3);
	if (list == NULL || type == NULL)
		return false;
	cql_type_set_sub(list, 0, cql_type_scalar(CQL_TYPE_INT));
	cql_type_set_sub(type, 0, cql_type_scalar(CQL_TYPE_INT));
	cql_type_set_sub(type, 1, cql_type_scalar(CQL_TYPE_TEXT));
	cql_type_set_sub(type, 2, list);
	for (uint32_t i = 0; i < 3; i++)
		cql_type_set_field(type, i, fields[i]);
	*found = type;
	return true;
}
