/*
 * type_class.c
 *	  Type descriptors from marshal class strings.
 *
 * Includes type.h only.  The grammar is that of Cassandra's TypeParser:
 *	  class := name [ "(" parameter { "," parameter } ")" ]
 * with blanks between tokens.  Parameters are classes, for UserType also
 * hexadecimal names and "hexname:class", for VectorType a number.
 */
#include "type.h"

#include <string.h>

#define MARSHAL_PACKAGE "org.apache.cassandra.db.marshal."

typedef struct class_parser
{
	const char *pos;
	const char *end;
	cql_type_budget *budget;
} class_parser;

/* A piece of the text. */
typedef struct word
{
	const char *text;
	size_t len;
} word;

static const cql_type *parse_class(class_parser *p);

static void
skip_blanks(class_parser *p)
{
	while (p->pos < p->end && strchr(" \t\n\r", *p->pos) != NULL)
		p->pos++;
}

/* Takes a punctuation mark; false when something else is next. */
static bool
take(class_parser *p, char mark)
{
	skip_blanks(p);
	if (p->pos >= p->end || *p->pos != mark)
		return false;
	p->pos++;
	return true;
}

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		   (c >= '0' && c <= '9') ||
		   (c != '\0' && strchr("+-._&$", c) != NULL);
}

/* A name or number; of length 0 when none is next. */
static word
take_word(class_parser *p)
{
	word w;

	skip_blanks(p);
	w.text = p->pos;
	while (p->pos < p->end && is_word_char(*p->pos))
		p->pos++;
	w.len = (size_t) (p->pos - w.text);
	return w;
}

static word
strip_package(word w)
{
	size_t len = strlen(MARSHAL_PACKAGE);

	if (w.len > len && memcmp(w.text, MARSHAL_PACKAGE, len) == 0)
	{
		w.text += len;
		w.len -= len;
	}
	return w;
}

static bool
is_word(word w, const char *name)
{
	return strlen(name) == w.len && memcmp(name, w.text, w.len) == 0;
}

/*
 * Goes behind the parenthesis that closes the one just taken and counts the
 * commas directly inside; false when there is none.
 */
static bool
skip_parameters(class_parser *p, uint32_t *ncommas)
{
	size_t open = 1;

	*ncommas = 0;
	for (; p->pos < p->end; p->pos++)
	{
		if (*p->pos == '(')
			open++;
		else if (*p->pos == ',' && open == 1)
			(*ncommas)++;
		else if (*p->pos == ')' && --open == 0)
		{
			p->pos++;
			return true;
		}
	}
	return false;
}

/* The commas between the parameters to come, without taking them. */
static bool
count_commas(const class_parser *p, uint32_t *ncommas)
{
	class_parser ahead = *p;

	return skip_parameters(&ahead, ncommas);
}

/* nsub classes parted by commas, into type. */
static bool
parse_subs(class_parser *p, cql_type *type)
{
	if (type == NULL)
		return false;
	for (uint32_t i = 0; i < type->nsub; i++)
	{
		const cql_type *sub;

		if (i > 0 && !take(p, ','))
			return false;
		sub = parse_class(p);
		if (sub == NULL)
			return false;
		cql_type_set_sub(type, i, sub);
	}
	return true;
}

static const cql_type *
parse_collection(class_parser *p, cql_type_id id, uint32_t nsub)
{
	cql_type *type = cql_type_make(p->budget->arena, id, nsub);

	return parse_subs(p, type) ? type : NULL;
}

static const cql_type *
parse_list(class_parser *p)
{
	return parse_collection(p, CQL_TYPE_LIST, 1);
}

static const cql_type *
parse_set(class_parser *p)
{
	return parse_collection(p, CQL_TYPE_SET, 1);
}

static const cql_type *
parse_map(class_parser *p)
{
	return parse_collection(p, CQL_TYPE_MAP, 2);
}

static const cql_type *
parse_tuple(class_parser *p)
{
	uint32_t ncommas;

	if (!count_commas(p, &ncommas))
		return NULL;
	return parse_collection(p, CQL_TYPE_TUPLE, ncommas + 1);
}

static const cql_type *
parse_frozen(class_parser *p)
{
	const cql_type *type = parse_class(p);

	return type == NULL ? NULL : cql_type_make_frozen(p->budget->arena, type);
}

static const cql_type *
parse_reversed(class_parser *p)
{
	const cql_type *type = parse_class(p);

	return type == NULL ? NULL
						: cql_type_make_reversed(p->budget->arena, type);
}

static const cql_type *
parse_vector(class_parser *p)
{
	const cql_type *element = parse_class(p);
	uint64_t dimension = 0;
	word number;

	if (element == NULL || !take(p, ','))
		return NULL;
	number = take_word(p);
	for (size_t i = 0; i < number.len; i++)
	{
		if (number.text[i] < '0' || number.text[i] > '9' ||
			dimension > CQL_MAX_BODY)
			return NULL;
		dimension = dimension * 10 + (uint64_t) (number.text[i] - '0');
	}
	return cql_type_make_vector(p->budget->arena, element, dimension);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The name that a word spells in hexadecimal, without NUL; NULL otherwise. */
static const char *
parse_hex_name(class_parser *p)
{
	word w = take_word(p);
	char *name;

	if (w.len == 0 || w.len % 2 != 0)
		return NULL;
	name = cql_arena_text(p->budget->arena, w.text, w.len / 2);
	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < w.len / 2; i++)
	{
		int high = hex_digit(w.text[2 * i]);
		int low = hex_digit(w.text[2 * i + 1]);

		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return NULL;
		name[i] = (char) (high << 4 | low);
	}
	return name;
}

static bool
parse_field(class_parser *p, cql_type *type, uint32_t i)
{
	const char *field;
	const cql_type *sub;

	if (!take(p, ','))
		return false;
	field = parse_hex_name(p);
	if (field == NULL || !take(p, ':'))
		return false;
	sub = parse_class(p);
	if (sub == NULL)
		return false;
	cql_type_set_field(type, i, field);
	cql_type_set_sub(type, i, sub);
	return true;
}

/* UserType(keyspace,hexname,hexfield:class,...) */
static const cql_type *
parse_udt(class_parser *p)
{
	cql_arena *arena = p->budget->arena;
	uint32_t ncommas;
	word keyspace;
	const char *name;
	cql_type *type;

	if (!count_commas(p, &ncommas) || ncommas == 0)
		return NULL;
	keyspace = take_word(p);
	if (keyspace.len == 0 || !take(p, ','))
		return NULL;
	name = parse_hex_name(p);
	if (name == NULL)
		return NULL;
	type = cql_type_make_udt(
		arena, cql_arena_text(arena, keyspace.text, keyspace.len), name,
		ncommas - 1);
	if (type == NULL)
		return NULL;
	for (uint32_t i = 0; i < type->nsub; i++)
	{
		if (!parse_field(p, type, i))
			return NULL;
	}
	return type;
}

/* Classes with parameters that we know. */
static const struct
{
	const char *name;
	const cql_type *(*parse)(class_parser *p);
} compounds[] = {
	{"ListType", parse_list},	  {"SetType", parse_set},
	{"MapType", parse_map},		  {"TupleType", parse_tuple},
	{"UserType", parse_udt},	  {"VectorType", parse_vector},
	{"FrozenType", parse_frozen}, {"ReversedType", parse_reversed},
};

#define NCOMPOUNDS (sizeof(compounds) / sizeof(compounds[0]))

/* A known class with its parameters; the "(" has been taken. */
static const cql_type *
parse_compound(class_parser *p, size_t i)
{
	const cql_type *type = compounds[i].parse(p);

	return type != NULL && take(p, ')') ? type : NULL;
}

/* Any other class: its text, with the parameters, whatever they are. */
static const cql_type *
parse_custom(class_parser *p, word name, bool has_parameters)
{
	uint32_t ncommas;

	if (has_parameters && !skip_parameters(p, &ncommas))
		return NULL;
	return cql_type_make_custom(p->budget->arena, name.text,
								(size_t) (p->pos - name.text));
}

static const cql_type *
parse_class_body(class_parser *p)
{
	word name = take_word(p);
	word simple = strip_package(name);
	const char *behind_name = p->pos;
	bool has_parameters;

	if (name.len == 0)
		return NULL;
	has_parameters = take(p, '(');
	if (!has_parameters)
	{
		const cql_type *scalar =
			cql_type_scalar_by_class(simple.text, simple.len);

		p->pos = behind_name;
		if (scalar != NULL)
			return scalar;
	}
	for (size_t i = 0; has_parameters && i < NCOMPOUNDS; i++)
	{
		if (is_word(simple, compounds[i].name))
			return parse_compound(p, i);
	}
	return parse_custom(p, name, has_parameters);
}

static const cql_type *
parse_class(class_parser *p)
{
	const cql_type *type;

	if (!cql_type_enter(p->budget))
		return NULL;
	type = parse_class_body(p);
	if (type != NULL)
		cql_type_leave(p->budget);
	return type;
}

const cql_type *
cql_type_class_part(const char *text, size_t len, cql_type_budget *budget)
{
	class_parser p = {.pos = text, .end = text + len, .budget = budget};
	const cql_type *type;

	if (len == 0 || memchr(text, 0, len) != NULL)
		return NULL;
	type = parse_class(&p);
	if (type == NULL)
		return NULL;
	skip_blanks(&p);
	return p.pos == p.end ? type : NULL;
}

const cql_type *
cql_type_from_class(const char *text, size_t len, cql_arena *arena)
{
	cql_type_budget budget = {.arena = arena};

	return cql_type_class_part(text, len, &budget);
}
