/*
 * slow.c
 *	  Requests that took long, kept until the caller has looked at them.
 */
#include <stdio.h>
#include <string.h>

#include "request.h"

/* Kept at a time, later ones are dropped; bytes of their CQL. */
#define MAX_SLOW 64
#define MAX_SLOW_TEXT 4096

typedef struct cql_slow_entry
{
	cql_slow slow;
	struct cql_slow_entry *next;
	char text[]; /* what slow.cql points to */
} cql_slow_entry;

/* Cut on a character boundary where it is too long. */
static size_t
cut(const char *text, size_t len)
{
	if (len <= MAX_SLOW_TEXT)
		return len;
	len = MAX_SLOW_TEXT;
	while (len > 0 && ((uint8_t) text[len] & 0xC0) == 0x80)
		len--;
	return len;
}

/* What its result or its error tells. */
static void
fill_outcome(cql_slow *slow, const cql_request *request, const cql_error *err)
{
	const uint8_t *id = err != NULL && err->traced ? err->tracing_id : NULL;
	const char *host = err != NULL ? err->host : "";

	if (err != NULL)
		cql_error_text(slow->failure, sizeof(slow->failure),
					   (const uint8_t *) err->message, strlen(err->message));
	else if (request->result != NULL)
	{
		id = cql_result_tracing_id(request->result);
		host = cql_result_host(request->result);
		slow->bytes_received = cql_result_bytes(request->result);
	}
	if (host[0] == '\0' && request->host != NULL)
		host = request->host->node.address;
	(void) snprintf(slow->host, sizeof(slow->host), "%s", host);
	slow->traced = id != NULL;
	if (id != NULL)
		memcpy(slow->tracing_id, id, sizeof(slow->tracing_id));
}

void
cql_slow_ended(const cql_request *request, const cql_error *err)
{
	cql_cluster *cluster = request->cluster;
	int64_t duration = cluster->pool.now - request->began;
	cql_slow_entry *entry;
	uint32_t nstatements = 0;
	const char *text = "(reading the schema)";
	size_t len = strlen(text);

	if (request->internal || cluster->slow_duration < 0 ||
		duration < cluster->slow_duration || cluster->nslow >= MAX_SLOW)
		return;
	if (request->kind->text != NULL)
		text = request->kind->text(request, &len, &nstatements);
	len = cut(text, len);
	entry = cql_alloc0(&cluster->env, sizeof(*entry) + len + 1);
	if (entry == NULL)
		return;
	memcpy(entry->text, text, len);
	entry->slow.cql = entry->text;
	entry->slow.nstatements = nstatements;
	entry->slow.attempts = request->nsent;
	entry->slow.duration = duration;
	entry->slow.bytes_sent = request->bytes_sent;
	fill_outcome(&entry->slow, request, err);
	*cluster->slow_tail = entry;
	cluster->slow_tail = &entry->next;
	cluster->nslow++;
}

/* Frees the first one. */
static void
drop_first(cql_cluster *cluster)
{
	cql_slow_entry *first = cluster->slow;

	cluster->slow = first->next;
	if (cluster->slow == NULL)
		cluster->slow_tail = &cluster->slow;
	cluster->nslow--;
	cluster->slow_told = false;
	cql_free(&cluster->env, first);
}

void
cql_slow_init(cql_cluster *cluster)
{
	cluster->slow_duration = -1;
	cluster->slow_tail = &cluster->slow;
}

void
cql_slow_free(cql_cluster *cluster)
{
	while (cluster->slow != NULL)
		drop_first(cluster);
}

void
cql_cluster_watch_slow(cql_cluster *cluster, int64_t duration)
{
	cluster->slow_duration = duration;
}

const cql_slow *
cql_cluster_next_slow(cql_cluster *cluster)
{
	if (cluster->slow_told)
		drop_first(cluster);
	cluster->slow_told = cluster->slow != NULL;
	return cluster->slow_told ? &cluster->slow->slow : NULL;
}
