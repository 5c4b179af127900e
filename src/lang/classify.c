/*
 * classify.c
 *	  What kind of statement a CQL text is, and how its values are marked.
 *
 * A pure function.  Only comments, quotes and the first word are
 * understood; whether the text is a statement at all is the server's business.
 */
#include "cql_text.h"

#include <string.h>
#include <strings.h>

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
