/*
 * text.c
 *	  Words of CQL: identifiers and consistency levels.
 *
 * Pure functions of cql.h, called by every layer that makes CQL text.
 */
#include "value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * Words that are no identifiers unless quoted, sorted, in lower case: the
 * reserved ones of any server version (quoting one too many does no harm).
 */
static const char *const reserved_words[] = {
	"add",	   "allow",		"alter",		"and",			"any",
	"apply",   "asc",		"authorize",	"batch",		"begin",
	"between", "by",		"columnfamily", "create",		"default",
	"delete",  "desc",		"describe",		"drop",			"each_quorum",
	"entries", "execute",	"from",			"full",			"grant",
	"if",	   "in",		"index",		"inet",			"infinity",
	"insert",  "into",		"is",			"keyspace",		"keyspaces",
	"limit",   "local_one", "local_quorum", "materialized", "mbean",
	"mbeans",  "modify",	"nan",			"norecursive",	"not",
	"null",	   "of",		"on",			"one",			"or",
	"order",   "password",	"primary",		"quorum",		"rename",
	"replace", "revoke",	"schema",		"select",		"set",
	"table",   "three",		"to",			"token",		"truncate",
	"two",	   "unlogged",	"unset",		"update",		"use",
	"using",   "view",		"where",		"with"};

static const char *const consistency_names[] = {
	"ANY",			"ONE",		   "TWO",	 "THREE",		 "QUORUM",	 "ALL",
	"LOCAL_QUORUM", "EACH_QUORUM", "SERIAL", "LOCAL_SERIAL", "LOCAL_ONE"};

#define NCONSISTENCY                                                          \
	((int) (sizeof(consistency_names) / sizeof(consistency_names[0])))

const char *
cql_consistency_name(int consistency)
{
	if (consistency < 0 || consistency >= NCONSISTENCY)
		return NULL;
	return consistency_names[consistency];
}

int
cql_consistency_parse(const char *name)
{
	int i;

	for (i = 0; i < NCONSISTENCY; i++)
	{
		if (strcasecmp(name, consistency_names[i]) == 0)
			return i;
	}
	return -1;
}

static int
compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static bool
needs_quotes(const char *name)
{
	const char *p;

	if (name[0] < 'a' || name[0] > 'z')
		return true;
	for (p = name; *p != '\0'; p++)
	{
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
			  *p == '_'))
			return true;
	}
	return bsearch(&name, reserved_words,
				   sizeof(reserved_words) / sizeof(reserved_words[0]),
				   sizeof(reserved_words[0]), compare_words) != NULL;
}

/* Puts a byte at position pos if it and the final NUL fit. */
static size_t
put_byte(char *buf, size_t size, size_t pos, char c)
{
	if (pos + 1 < size)
		buf[pos] = c;
	return pos + 1;
}

size_t
cql_quote_identifier(char *buf, size_t size, const char *name)
{
	bool quote = needs_quotes(name);
	size_t len = 0;
	const char *p;

	if (quote)
		len = put_byte(buf, size, len, '"');
	for (p = name; *p != '\0'; p++)
	{
		if (*p == '"')
			len = put_byte(buf, size, len, '"');
		len = put_byte(buf, size, len, *p);
	}
	if (quote)
		len = put_byte(buf, size, len, '"');
	if (size > 0)
		buf[len < size ? len : size - 1] = '\0';
	return len;
}
