/*
 * response.c
 *	  Decoding of response messages other than ERROR and RESULT.
 *
 * Pure: reads from a cql_reader.  Called by conn.c and result.c.
 */
#include "response.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* Skips n [string]s. */
static void
skip_strings(cql_reader *r, uint32_t n)
{
	for (uint32_t i = 0; i < n && !r->failed; i++)
		(void) cql_get_string(r);
}

/* Skips a [bytes map]. */
static void
skip_payload(cql_reader *r)
{
	uint32_t n = cql_get_u16(r);

	for (uint32_t i = 0; i < n && !r->failed; i++)
	{
		(void) cql_get_string(r);
		(void) cql_get_bytes(r);
	}
}

bool
cql_response_prefix(cql_reader *r, uint8_t flags, cql_prefix *prefix)
{
	memset(prefix, 0, sizeof(*prefix));
	if (flags & CQL_FLAG_TRACING)
		prefix->tracing_id = cql_get_raw(r, 16);
	if (flags & CQL_FLAG_WARNING)
	{
		prefix->nwarnings = cql_get_u16(r);
		prefix->warnings = r->pos;
		skip_strings(r, prefix->nwarnings);
		prefix->warnings_len = (size_t) (r->pos - prefix->warnings);
	}
	if (flags & CQL_FLAG_PAYLOAD)
		skip_payload(r);
	return !r->failed;
}

static bool
is_text(cql_slice slice, const char *text)
{
	return (size_t) slice.len == strlen(text) &&
		   memcmp(slice.data, text, (size_t) slice.len) == 0;
}

static void
copy_text(char *out, size_t size, cql_slice slice)
{
	cql_error_text(out, size, slice.data, (size_t) slice.len);
}

/* Appends a word to a ","-joined list as long as it fits as a whole. */
static void
list_append(char *list, size_t size, cql_slice word)
{
	size_t used = strlen(list);
	size_t comma = used > 0 ? 1 : 0;

	if (used + comma + (size_t) word.len >= size)
		return;
	if (comma)
		list[used++] = ',';
	copy_text(list + used, size - used, word);
}

bool
cql_response_supported(cql_reader *r, const char *option, char *out,
					   size_t size)
{
	uint32_t noptions = cql_get_u16(r);
	bool found = false;

	out[0] = '\0';
	for (uint32_t i = 0; i < noptions && !r->failed; i++)
	{
		cql_slice name = cql_get_string(r);
		uint32_t nvalues = cql_get_u16(r);
		bool wanted = is_text(name, option);

		found = found || wanted;
		for (uint32_t j = 0; j < nvalues && !r->failed; j++)
		{
			cql_slice value = cql_get_string(r);

			if (wanted)
				list_append(out, size, value);
		}
	}
	return found && !r->failed;
}

bool
cql_response_list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list != '\0')
	{
		size_t item = strcspn(list, ",");

		if (item == len && memcmp(list, word, len) == 0)
			return true;
		list += item;
		if (*list == ',')
			list++;
	}
	return false;
}

bool
cql_response_authenticate(cql_reader *r, char *out, size_t size)
{
	cql_slice name = cql_get_string(r);

	copy_text(out, size, name);
	return !r->failed;
}

/* "4/v4" as a word of its own: not the head of "5/v5-beta". */
static bool
names_version(const char *message, const char *version)
{
	const char *found = message;

	while ((found = strstr(found, version)) != NULL)
	{
		bool starts = found == message || found[-1] < '0' || found[-1] > '9';
		char next = found[strlen(version)];

		if (starts && next != '-' && (next < '0' || next > '9'))
			return true;
		found++;
	}
	return false;
}

int
cql_response_error_version(const char *message)
{
	/* Cassandra 3 says "the lowest supported version is 3 and the ..." */
	static const char greatest[] = "the greatest is ";
	const char *found = strstr(message, greatest);

	if (names_version(message, "5/v5"))
		return 5;
	if (names_version(message, "4/v4"))
		return 4;
	if (found == NULL)
		return 0;
	found += strlen(greatest);
	return (*found == '4' || *found == '5') &&
				   (found[1] < '0' || found[1] > '9')
			   ? *found - '0'
			   : 0;
}

void
cql_response_address(const uint8_t *address, size_t len, char *out,
					 size_t size)
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (len == 4)
		(void) inet_ntop(AF_INET, address, text, sizeof(text));
	else if (len == 16)
		(void) inet_ntop(AF_INET6, address, text, sizeof(text));
	(void) snprintf(out, size, "%s", text);
}

bool
cql_response_schema_change(cql_reader *r, cql_schema_change *change)
{
	cql_slice target;

	memset(change, 0, sizeof(*change));
	copy_text(change->change, sizeof(change->change), cql_get_string(r));
	target = cql_get_string(r);
	copy_text(change->target, sizeof(change->target), target);
	copy_text(change->keyspace, sizeof(change->keyspace), cql_get_string(r));
	/* Everything but a keyspace has a name; arguments may follow it. */
	if (!is_text(target, "KEYSPACE"))
		copy_text(change->name, sizeof(change->name), cql_get_string(r));
	return !r->failed;
}
