/*
 * type_print.c
 *	  CQL spelling of types.
 *
 * Includes type.h only; called by the layers above for messages.
 */
#include "type.h"

#include <stdio.h>
#include <string.h>

/* Output cut at size; len is what it would be without the cut. */
typedef struct printer
{
	char *buf;
	size_t size;
	size_t len;
} printer;

static void print_type(printer *out, const cql_type *type);

static void
put(printer *out, const char *text)
{
	for (; *text != '\0'; text++, out->len++)
	{
		if (out->len + 1 < out->size)
			out->buf[out->len] = *text;
	}
}

/* The name of a UDT; quoted also where it would be read as a type of CQL. */
static void
put_identifier(printer *out, const char *name)
{
	size_t len = strlen(name);
	bool quote = cql_type_scalar_by_name(name, len) != NULL &&
				 cql_quote_identifier(NULL, 0, name) == len;

	if (quote)
		put(out, "\"");
	if (out->len < out->size)
		out->len += cql_quote_identifier(out->buf + out->len,
										 out->size - out->len, name);
	if (quote)
		put(out, "\"");
}

/* A string constant, quotes doubled. */
static void
put_constant(printer *out, const char *text)
{
	put(out, "'");
	for (; *text != '\0'; text++)
	{
		char one[3] = {*text, *text == '\'' ? '\'' : '\0', '\0'};

		put(out, one);
	}
	put(out, "'");
}

static void
put_subs(printer *out, const cql_type *type, const char *word)
{
	put(out, word);
	put(out, "<");
	for (uint32_t i = 0; i < type->nsub; i++)
	{
		if (i > 0)
			put(out, ", ");
		print_type(out, type->sub[i]);
	}
	if (type->id == CQL_TYPE_VECTOR)
	{
		char dimension[16];

		snprintf(dimension, sizeof(dimension), ", %u",
				 (unsigned) type->dimension);
		put(out, dimension);
	}
	put(out, ">");
}

/* A class, or (with a keyspace) a UDT that was not found. */
static void
put_custom(printer *out, const cql_type *type)
{
	if (type->name == NULL)
		put(out, "''");
	else if (type->keyspace != NULL)
		put_identifier(out, type->name);
	else
		put_constant(out, type->name);
}

static void
print_unfrozen(printer *out, const cql_type *type)
{
	const char *name = cql_type_scalar_name(type->id);

	switch (type->id)
	{
		case CQL_TYPE_LIST:
			put_subs(out, type, "list");
			break;
		case CQL_TYPE_SET:
			put_subs(out, type, "set");
			break;
		case CQL_TYPE_MAP:
			put_subs(out, type, "map");
			break;
		case CQL_TYPE_TUPLE:
			put_subs(out, type, "tuple");
			break;
		case CQL_TYPE_VECTOR:
			put_subs(out, type, "vector");
			break;
		case CQL_TYPE_UDT:
			put_identifier(out, type->name);
			break;
		case CQL_TYPE_CUSTOM:
			put_custom(out, type);
			break;
		default:
			put(out, name != NULL ? name : "unknown");
			break;
	}
}

static void
print_type(printer *out, const cql_type *type)
{
	if (type->frozen)
		put(out, "frozen<");
	print_unfrozen(out, type);
	if (type->frozen)
		put(out, ">");
}

char *
cql_type_print(const cql_type *type, char *buf, size_t size)
{
	printer out = {.buf = buf, .size = size};

	if (size == 0)
		return buf;
	print_type(&out, type);
	buf[out.len < size ? out.len : size - 1] = '\0';
	return buf;
}
