/*
 * type_cql.c
 *	  Type descriptors from CQL text, as system_schema spells types.
 *
 * Includes type.h only; called by the schema reader:
 *	  type := "'" class "'" | name [ "." name ] | word "<" type, ... ">"
 */
#include "type.h"

#include <string.h>

/* Longest name of a UDT or word we take; longer ones are malformed. */
#define MAX_NAME 256

#define EMPTY_CLASS "org.apache.cassandra.db.marshal.EmptyType"

typedef struct cql_parser
{
	const char *pos;
	const char *keyspace;
	cql_type_lookup lookup;
	void *ctx;
	cql_type_budget *budget;
} cql_parser;

static const cql_type *parse_type(cql_parser *p);

static void
skip_blanks(cql_parser *p)
{
	while (*p->pos != '\0' && strchr(" \t\n\r", *p->pos) != NULL)
		p->pos++;
}

/* Takes a punctuation mark; false when something else is next. */
static bool
take(cql_parser *p, char mark)
{
	skip_blanks(p);
	if (*p->pos != mark)
		return false;
	p->pos++;
	return true;
}

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		   (c >= '0' && c <= '9') || c == '_';
}

/* An unquoted word in lower case; false when none is next or too long. */
static bool
take_word(cql_parser *p, char out[MAX_NAME])
{
	size_t len = 0;

	for (; is_word_char(*p->pos); p->pos++)
	{
		char c = *p->pos;

		if (len + 1 >= MAX_NAME)
			return false;
		out[len++] = c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
	}
	out[len] = '\0';
	return len > 0;
}

/* Text up to a quote, the opening one being taken; "quote quote" is one. */
static bool
take_quoted(cql_parser *p, char quote, char *out, size_t size, size_t *outlen)
{
	size_t len = 0;

	for (; *p->pos != '\0'; p->pos++)
	{
		if (*p->pos == quote)
		{
			p->pos++;
			if (*p->pos != quote)
			{
				out[len] = '\0';
				*outlen = len;
				return len > 0;
			}
		}
		if (len + 1 >= size)
			return false;
		out[len++] = *p->pos;
	}
	return false;
}

/* "'class'" with the quote taken: a known class, or a custom type. */
static const cql_type *
parse_quoted_class(cql_parser *p)
{
	cql_type_budget *budget = p->budget;
	size_t size = strlen(p->pos) + 1;
	char *text = cql_arena_alloc(budget->arena, size);
	uint32_t depth = budget->depth;
	const cql_type *type;
	size_t len;

	if (text == NULL || !take_quoted(p, '\'', text, size, &len))
		return NULL;
	/* The class takes this node's place. */
	budget->depth = depth - 1;
	type = cql_type_class_part(text, len, budget);
	budget->depth = depth;
	if (type != NULL || budget->arena->failed)
		return type;
	return cql_type_make_custom(budget->arena, text, len);
}

/* A UDT by name, in the keyspace of the text unless one is named. */
static const cql_type *
parse_udt(cql_parser *p, const char *name, const char *keyspace)
{
	const cql_type *type = NULL;
	cql_type *custom;

	if (p->lookup != NULL && strcmp(keyspace, p->keyspace) == 0 &&
		!p->lookup(p->ctx, name, &type))
		return NULL;
	if (type != NULL)
	{
		/* The name's own place is taken by the type's root. */
		p->budget->depth--;
		if (!cql_type_include(p->budget, type))
			return NULL;
		p->budget->depth++;
		return type;
	}
	/* The one type that has a name in the schema, and its class elsewhere. */
	if (strcmp(name, "empty") == 0)
		return cql_type_make_custom(p->budget->arena, EMPTY_CLASS,
									strlen(EMPTY_CLASS));
	custom = cql_type_make(p->budget->arena, CQL_TYPE_CUSTOM, 0);
	if (custom == NULL)
		return NULL;
	custom->name = cql_arena_strdup(p->budget->arena, name);
	custom->keyspace = cql_arena_strdup(p->budget->arena, keyspace);
	return p->budget->arena->failed ? NULL : custom;
}

/* nsub types parted by commas and the closing ">". */
static const cql_type *
parse_collection(cql_parser *p, cql_type_id id, uint32_t nsub)
{
	cql_type *type = cql_type_make(p->budget->arena, id, nsub);

	if (type == NULL)
		return NULL;
	for (uint32_t i = 0; i < nsub; i++)
	{
		const cql_type *sub;

		if (i > 0 && !take(p, ','))
			return NULL;
		sub = parse_type(p);
		if (sub == NULL)
			return NULL;
		cql_type_set_sub(type, i, sub);
	}
	return take(p, '>') ? type : NULL;
}

/*
 * Parameters up to the ">" that closes the "<" just taken, or 0.  A name in
 * quotes may contain anything.
 */
static uint32_t
count_parameters(const cql_parser *p)
{
	uint32_t n = 1;
	size_t open = 1;
	char quote = '\0';

	for (const char *c = p->pos; *c != '\0'; c++)
	{
		if (quote != '\0')
		{
			if (*c == quote)
				quote = '\0';
		}
		else if (*c == '"' || *c == '\'')
			quote = *c;
		else if (*c == '<')
			open++;
		else if (*c == ',' && open == 1)
			n++;
		else if (*c == '>' && --open == 0)
			return n;
	}
	return 0;
}

static const cql_type *
parse_tuple(cql_parser *p)
{
	uint32_t n = count_parameters(p);

	return n == 0 ? NULL : parse_collection(p, CQL_TYPE_TUPLE, n);
}

static const cql_type *
parse_vector(cql_parser *p)
{
	const cql_type *element = parse_type(p);
	uint64_t dimension = 0;

	if (element == NULL || !take(p, ','))
		return NULL;
	skip_blanks(p);
	for (; *p->pos >= '0' && *p->pos <= '9'; p->pos++)
	{
		if (dimension > CQL_MAX_BODY)
			return NULL;
		dimension = dimension * 10 + (uint64_t) (*p->pos - '0');
	}
	if (!take(p, '>'))
		return NULL;
	return cql_type_make_vector(p->budget->arena, element, dimension);
}

static const cql_type *
parse_frozen(cql_parser *p)
{
	const cql_type *type = parse_type(p);

	if (type == NULL || !take(p, '>'))
		return NULL;
	return cql_type_make_frozen(p->budget->arena, type);
}

/* A word and its parameters; the "<" has been taken. */
static const cql_type *
parse_parameterized(cql_parser *p, const char *word)
{
	if (strcmp(word, "frozen") == 0)
		return parse_frozen(p);
	if (strcmp(word, "list") == 0)
		return parse_collection(p, CQL_TYPE_LIST, 1);
	if (strcmp(word, "set") == 0)
		return parse_collection(p, CQL_TYPE_SET, 1);
	if (strcmp(word, "map") == 0)
		return parse_collection(p, CQL_TYPE_MAP, 2);
	if (strcmp(word, "tuple") == 0)
		return parse_tuple(p);
	if (strcmp(word, "vector") == 0)
		return parse_vector(p);
	return NULL;
}

/* A name, quoted or not; *quoted tells which. */
static bool
take_name(cql_parser *p, char out[MAX_NAME], bool *quoted)
{
	size_t len;

	*quoted = take(p, '"');
	if (*quoted)
		return take_quoted(p, '"', out, MAX_NAME, &len);
	return take_word(p, out);
}

static const cql_type *
parse_named(cql_parser *p)
{
	char name[MAX_NAME];
	char second[MAX_NAME];
	bool quoted;
	bool ignored;
	const cql_type *scalar;

	if (!take_name(p, name, &quoted))
		return NULL;
	if (take(p, '.'))
		return take_name(p, second, &ignored) ? parse_udt(p, second, name)
											  : NULL;
	if (!quoted && take(p, '<'))
		return parse_parameterized(p, name);
	scalar = quoted ? NULL : cql_type_scalar_by_name(name, strlen(name));
	return scalar != NULL ? scalar : parse_udt(p, name, p->keyspace);
}

static const cql_type *
parse_type(cql_parser *p)
{
	const cql_type *type;

	if (!cql_type_enter(p->budget))
		return NULL;
	type = take(p, '\'') ? parse_quoted_class(p) : parse_named(p);
	if (type != NULL)
		cql_type_leave(p->budget);
	return type;
}

const cql_type *
cql_type_from_cql(const char *text, const char *keyspace,
				  cql_type_lookup lookup, void *ctx, cql_arena *arena)
{
	cql_type_budget budget = {.arena = arena};
	cql_parser p = {.pos = text,
					.keyspace = keyspace,
					.lookup = lookup,
					.ctx = ctx,
					.budget = &budget};
	const cql_type *type = parse_type(&p);

	if (type == NULL)
		return NULL;
	skip_blanks(&p);
	return *p.pos == '\0' ? type : NULL;
}
