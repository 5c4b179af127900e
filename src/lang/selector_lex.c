/*
 * selector_lex.c
 *	  Words, names and constants of a selector, read and printed; its errors.
 *
 * Includes selector.h only; called by selector*.c.
 */
#include "selector_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NEAR_MAX 30 /* bytes of the input that a syntax error shows */

bool
cql_selector_fail(cql_selector_parser *p, cql_selector_code code,
				  const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	p->out->code = code;
	(void) vsnprintf(p->out->message, sizeof(p->out->message), fmt, args);
	va_end(args);
	return false;
}

void
cql_selector_hint(cql_selector_parser *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void) vsnprintf(p->out->hint, sizeof(p->out->hint), fmt, args);
	va_end(args);
}

bool
cql_selector_syntax(cql_selector_parser *p)
{
	int len = (int) strcspn(p->pos, " \t\n\r");

	if (len > NEAR_MAX)
		len = NEAR_MAX;
	/* not in the middle of a character */
	while (len > 0 && ((uint8_t) p->pos[len] & 0xC0) == 0x80)
		len--;
	if (*p->pos == '\0')
		return cql_selector_fail(p, CQL_SELECTOR_SYNTAX,
								 "syntax error at end of expression");
	return cql_selector_fail(p, CQL_SELECTOR_SYNTAX,
							 "syntax error at or near \"%.*s\"", len, p->pos);
}

bool
cql_selector_put(cql_selector_parser *p, const char *text)
{
	size_t len = strlen(text);

	if (p->len + len >= CQL_MAX_SELECTOR)
		return cql_selector_fail(p, CQL_SELECTOR_LIMIT,
								 "expression is too long");
	memcpy(p->out->text + p->len, text, len + 1);
	p->len += len;
	return true;
}

/* Appends bytes of the input. */
static bool
put_bytes(cql_selector_parser *p, const char *from, size_t len)
{
	if (p->len + len >= CQL_MAX_SELECTOR)
		return cql_selector_fail(p, CQL_SELECTOR_LIMIT,
								 "expression is too long");
	memcpy(p->out->text + p->len, from, len);
	p->len += len;
	p->out->text[p->len] = '\0';
	return true;
}

bool
cql_selector_put_name(cql_selector_parser *p, const char *name)
{
	char quoted[2 * CQL_SELECTOR_NAME + 2];

	(void) cql_quote_identifier(quoted, sizeof(quoted), name);
	return cql_selector_put(p, quoted);
}

static void
skip_blanks(cql_selector_parser *p)
{
	while (*p->pos != '\0' && strchr(" \t\n\r", *p->pos) != NULL)
		p->pos++;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '_';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

bool
cql_selector_at(cql_selector_parser *p, char mark)
{
	skip_blanks(p);
	return *p->pos == mark;
}

bool
cql_selector_take(cql_selector_parser *p, char mark)
{
	if (!cql_selector_at(p, mark))
		return false;
	p->pos++;
	return true;
}

/* Length of a word of the input that is this one, or 0. */
static size_t
match_word(const char *pos, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < len; i++)
	{
		if (lower(pos[i]) != word[i])
			return 0;
	}
	return is_word(pos[len]) ? 0 : len;
}

bool
cql_selector_take_word(cql_selector_parser *p, const char *word)
{
	size_t len;

	skip_blanks(p);
	len = match_word(p->pos, word);
	p->pos += len;
	return len > 0;
}

/* A quoted name; the opening quote has been taken. */
static bool
quoted_name(cql_selector_parser *p, char out[CQL_SELECTOR_NAME])
{
	size_t len = 0;

	for (; *p->pos != '\0'; p->pos++)
	{
		if (*p->pos == '"')
		{
			p->pos++;
			if (*p->pos != '"')
			{
				out[len] = '\0';
				return len > 0 || cql_selector_syntax(p);
			}
		}
		if (len + 1 >= CQL_SELECTOR_NAME)
			return cql_selector_fail(p, CQL_SELECTOR_LIMIT,
									 "name is too long");
		out[len++] = *p->pos;
	}
	return cql_selector_fail(p, CQL_SELECTOR_SYNTAX,
							 "unterminated quoted name");
}

bool
cql_selector_name(cql_selector_parser *p, char out[CQL_SELECTOR_NAME],
				  bool *quoted)
{
	size_t len = 0;

	*quoted = cql_selector_take(p, '"');
	if (*quoted)
		return quoted_name(p, out);
	if (!is_letter(*p->pos))
		return cql_selector_syntax(p);
	for (; is_word(*p->pos); p->pos++)
	{
		if (len + 1 >= CQL_SELECTOR_NAME)
			return cql_selector_fail(p, CQL_SELECTOR_LIMIT,
									 "name is too long");
		out[len++] = lower(*p->pos);
	}
	out[len] = '\0';
	return true;
}

/* ---- constants ---- */

/* Length of a uuid, or 0. */
static size_t
match_uuid(const char *pos)
{
	size_t i;

	for (i = 0; i < 36; i++)
	{
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? pos[i] != '-' : !is_hex(pos[i]))
			return 0;
	}
	return is_word(pos[i]) ? 0 : i;
}

/* Length of a blob's digits with their 0x, or 0. */
static size_t
match_blob(const char *pos)
{
	size_t i = 2;

	if (pos[0] != '0' || lower(pos[1]) != 'x')
		return 0;
	while (is_hex(pos[i]))
		i++;
	return is_word(pos[i]) || i % 2 != 0 ? 0 : i;
}

static size_t
match_digits(const char *pos)
{
	size_t i = 0;

	while (is_digit(pos[i]))
		i++;
	return i;
}

/* Length of a number, or 0; *integer tells whether it has no fraction. */
static size_t
match_number(const char *pos, bool *integer)
{
	size_t i = pos[0] == '-';
	size_t digits = match_digits(pos + i);

	*integer = true;
	if (digits == 0)
		return 0;
	i += digits;
	if (pos[i] == '.' && is_digit(pos[i + 1]))
	{
		*integer = false;
		i += 1 + match_digits(pos + i + 1);
	}
	if (lower(pos[i]) == 'e')
	{
		size_t sign = pos[i + 1] == '-' || pos[i + 1] == '+';

		digits = match_digits(pos + i + 1 + sign);
		if (digits == 0)
			return 0;
		*integer = false;
		i += 1 + sign + digits;
	}
	return is_word(pos[i]) || pos[i] == '.' ? 0 : i;
}

/* The smallest type that the server would give an integer. */
static cql_type_id
integer_type(const char *pos, size_t len)
{
	static const struct
	{
		cql_type_id id;
		const char *max;
		const char *min;
	} types[] = {
		{CQL_TYPE_INT, "2147483647", "2147483648"},
		{CQL_TYPE_BIGINT, "9223372036854775807", "9223372036854775808"}};
	bool negative = *pos == '-';

	pos += negative;
	len -= negative;
	for (; len > 1 && *pos == '0'; pos++)
		len--;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
	{
		const char *most = negative ? types[i].min : types[i].max;
		size_t most_len = strlen(most);

		if (len < most_len ||
			(len == most_len && strncmp(pos, most, len) <= 0))
			return types[i].id;
	}
	return CQL_TYPE_VARINT;
}

/* Length and type of a constant that is neither string nor list, or 0. */
static size_t
match_plain(const char *pos, cql_type_id *id)
{
	bool integer;
	size_t len = match_uuid(pos);

	*id = CQL_TYPE_UUID;
	if (len > 0)
		return len;
	*id = CQL_TYPE_BLOB;
	len = match_blob(pos);
	if (len > 0)
		return len;
	*id = CQL_TYPE_BOOLEAN;
	len = match_word(pos, "true");
	if (len == 0)
		len = match_word(pos, "false");
	if (len > 0)
		return len;
	len = match_number(pos, &integer);
	*id = integer ? integer_type(pos, len) : CQL_TYPE_DOUBLE;
	return len;
}

static bool
put_string(cql_selector_parser *p)
{
	const char *start = p->pos++;

	for (; *p->pos != '\0'; p->pos++)
	{
		if (*p->pos != '\'')
			continue;
		if (p->pos[1] != '\'')
		{
			p->pos++;
			return put_bytes(p, start, (size_t) (p->pos - start));
		}
		p->pos++;
	}
	return cql_selector_fail(p, CQL_SELECTOR_SYNTAX,
							 "unterminated quoted string");
}

static bool
put_list(cql_selector_parser *p)
{
	const cql_type *ignored;

	p->pos++;
	if (!cql_selector_put(p, "["))
		return false;
	for (bool first = true; first || cql_selector_take(p, ','); first = false)
	{
		if ((!first && !cql_selector_put(p, ", ")) ||
			!cql_selector_constant(p, &ignored))
			return false;
	}
	return cql_selector_take(p, ']') ? cql_selector_put(p, "]")
									 : cql_selector_syntax(p);
}

bool
cql_selector_at_constant(cql_selector_parser *p)
{
	cql_type_id id;

	skip_blanks(p);
	return *p->pos == '\'' || *p->pos == '[' || *p->pos == '-' ||
		   is_digit(*p->pos) || match_plain(p->pos, &id) > 0;
}

bool
cql_selector_constant(cql_selector_parser *p, const cql_type **type)
{
	cql_type_id id = CQL_TYPE_TEXT;
	size_t len;
	bool ok;

	*type = NULL;
	skip_blanks(p);
	if (++p->depth > CQL_SELECTOR_DEPTH)
		return cql_selector_fail(p, CQL_SELECTOR_LIMIT,
								 "expression is nested too deeply");
	if (*p->pos == '[')
		ok = put_list(p);
	else if (*p->pos == '\'')
	{
		*type = cql_type_scalar(id);
		ok = put_string(p);
	}
	else
	{
		len = match_plain(p->pos, &id);
		*type = cql_type_scalar(id);
		ok = len > 0 ? put_bytes(p, p->pos, len) : cql_selector_syntax(p);
		p->pos += ok ? len : 0;
	}
	p->depth--;
	return ok;
}
