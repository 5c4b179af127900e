/*
 * samples.c
 *	  Bytes for the tests of messages, and an environment short of memory.
 */
#include "samples.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static uint32_t fail_at;
static uint32_t live;

static unsigned
hex_digit(char c)
{
	return (unsigned) (c <= '9' ? c - '0' : c - 'a' + 10);
}

uint8_t *
sample_bytes(const char *hex, size_t *len)
{
	uint8_t    *data;

	*len = strlen(hex) / 2;
	data = malloc(*len > 0 ? *len : 1);
	for (size_t i = 0; i < *len; i++)
		data[i] = (uint8_t) (hex_digit(hex[2 * i]) << 4 |
							 hex_digit(hex[2 * i + 1]));
	return data;
}

uint8_t *
sample_copy(const void *data, size_t len)
{
	uint8_t    *copy = malloc(len > 0 ? len : 1);

	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

cql_envelope
sample_envelope(const cql_env *env, const char *hex)
{
	cql_envelope envelope = {0};
	size_t		len;
	uint8_t    *raw = sample_bytes(hex, &len);

	envelope.version = raw[0] & 0x7F;
	envelope.flags = raw[1];
	envelope.stream = (int16_t) cql_load_u16(raw + 2);
	envelope.opcode = raw[4];
	envelope.len = len - CQL_ENVELOPE_HEADER;
	envelope.body = cql_alloc(env, envelope.len);
	memcpy(envelope.body, raw + CQL_ENVELOPE_HEADER, envelope.len);
	free(raw);
	return envelope;
}

/* True when this allocation is the one that fails. */
static bool
fails(void)
{
	return fail_at > 0 && --fail_at == 0;
}

static void *
scarce_alloc(void *ctx, size_t size)
{
	(void) ctx;
	if (fails())
		return NULL;
	live++;
	return malloc(size);
}

static void *
scarce_realloc(void *ctx, void *ptr, size_t size)
{
	(void) ctx;
	return fails() ? NULL : realloc(ptr, size);
}

static void
scarce_free(void *ctx, void *ptr)
{
	(void) ctx;
	live--;
	free(ptr);
}

const cql_env sample_env = {
	.alloc = scarce_alloc,
	.realloc = scarce_realloc,
	.free = scarce_free,
};

void
sample_fail_at(uint32_t n)
{
	fail_at = n;
}

uint32_t
sample_live(void)
{
	return live;
}

const cql_type *
sample_udt(void *ctx, const char *name)
{
	cql_arena  *arena = ctx;
	cql_type   *list;
	cql_type   *type;

	if (strcmp(name, "u1") != 0)
		return NULL;
	list = cql_type_make(arena, CQL_TYPE_LIST, 1);
	type = cql_type_make_udt(arena, "drvvec", "u1", 3);
	if (list == NULL || type == NULL)
		return NULL;
	cql_type_set_sub(list, 0, cql_type_scalar(CQL_TYPE_INT));
	cql_type_set_field(type, 0, "a");
	cql_type_set_sub(type, 0, cql_type_scalar(CQL_TYPE_INT));
	cql_type_set_field(type, 1, "b");
	cql_type_set_sub(type, 1, cql_type_scalar(CQL_TYPE_TEXT));
	cql_type_set_field(type, 2, "c");
	cql_type_set_sub(type, 2, list);
	return type;
}
