/*
 * classify.c
 *	  What kind of statement a CQL text is, and how its values are marked.
 *
 * A pure function.  Only comments, quotes and the first word are
 * understood; whether the text is a statement at all is the server's business.
 */
#include "cql_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define UUID_TEXT 36 /* characters of one */

static const struct
{
	const char *word;
	cql_text_kind kind;
} first_words[] = {
	{"SELECT", CQL_TEXT_READ},	 {"LIST", CQL_TEXT_READ},
	{"DESCRIBE", CQL_TEXT_READ}, {"DESC", CQL_TEXT_READ},
	{"CREATE", CQL_TEXT_SCHEMA}, {"ALTER", CQL_TEXT_SCHEMA},
	{"DROP", CQL_TEXT_SCHEMA},	 {"TRUNCATE", CQL_TEXT_SCHEMA},
	{"USE", CQL_TEXT_USE},
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

/* Behind the next occurrence of end, or at the end of the text. */
static const char *
behind(const char *p, const char *end)
{
	const char *found = strstr(p, end);

	return found == NULL ? p + strlen(p) : found + strlen(end);
}

/* Behind the comment that begins at p, or NULL where none does. */
static const char *
skip_comment(const char *p)
{
	if (strncmp(p, "--", 2) == 0 || strncmp(p, "//", 2) == 0)
		return p + strcspn(p, "\r\n");
	if (strncmp(p, "/*", 2) == 0)
		return behind(p + 2, "*/");
	return NULL;
}

/*
 * The same for quoted text.  A doubled quote ends one text and begins the
 * next, which comes to the same.
 */
static const char *
skip_quoted(const char *p)
{
	if (strncmp(p, "$$", 2) == 0)
		return behind(p + 2, "$$");
	if (*p == '\'')
		return behind(p + 1, "'");
	if (*p == '"')
		return behind(p + 1, "\"");
	return NULL;
}

static const char *
skip_word(const char *p)
{
	while (is_word(*p))
		p++;
	return p;
}

static cql_text_kind
kind_of_word(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(first_words) / sizeof(first_words[0]); i++)
	{
		if (strlen(first_words[i].word) == len &&
			strncasecmp(first_words[i].word, word, len) == 0)
			return first_words[i].kind;
	}
	return CQL_TEXT_WRITE;
}

cql_text_kind
cql_text_classify(const char *cql, bool *positional)
{
	cql_text_kind kind = CQL_TEXT_WRITE;
	bool first = true; /* only spaces and comments so far */
	const char *p = cql;

	*positional = false;
	while (*p != '\0')
	{
		const char *next = skip_comment(p);

		if (next == NULL && !is_space(*p))
		{
			next = is_letter(*p) ? skip_word(p) : skip_quoted(p);
			if (first && is_letter(*p))
				kind = kind_of_word(p, (size_t) (next - p));
			if (*p == '?')
				*positional = true;
			first = false;
		}
		p = next != NULL ? next : p + 1;
	}
	return kind;
}

/* ---- texts without their values ---- */

/* 8-4-4-4-12 hexadecimal digits. */
static bool
is_uuid(const char *p)
{
	int i;

	for (i = 0; i < UUID_TEXT; i++)
	{
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? p[i] != '-' : !isxdigit((unsigned char) p[i]))
			return false;
	}
	return !is_word(p[i]);
}

/* Behind the constant that begins at p, or NULL where none does. */
static const char *
skip_constant(const char *p)
{
	if (*p == '\'' || *p == '$')
		return skip_quoted(p);
	if (is_uuid(p))
		return p + UUID_TEXT;
	if (*p < '0' || *p > '9')
		return NULL;
	while (is_word(*p) || *p == '.')
		p++;
	return p;
}

void
cql_text_mask(char *cql)
{
	char *out = cql;
	const char *p = cql;

	while (*p != '\0')
	{
		const char *next = skip_comment(p);

		if (next == NULL && (next = skip_constant(p)) != NULL)
		{
			if (out == cql || out[-1] != '?')
				*out++ = '?'; /* once where a quote is doubled */
			p = next;
			continue;
		}
		if (next == NULL)
			next = is_letter(*p) ? skip_word(p) : skip_quoted(p);
		if (next == NULL)
			next = p + 1;
		memmove(out, p, (size_t) (next - p));
		out += next - p;
		p = next;
	}
	*out = '\0';
}
