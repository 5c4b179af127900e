/*
 * slow.c
 *	  Requests that took long, kept until the caller has looked at them.
 */
#include "traffic.h"

#include <stdio.h>
#include <string.h>

#define MAX_SLOW 64		   /* kept at a time; later ones are dropped */
#define MAX_SLOW_TEXT 4096 /* bytes of their CQL */

typedef struct cql_slow_entry
{
	cql_slow pub;
	struct cql_slow_entry *next;
	char text[]; /* what pub.cql points to */
} cql_slow_entry;

/* The text as the caller gave it, and its length. */
static const char *
text_of(const cql_request *request, size_t *len)
{
	const cql_statement *statement = request->statement;
	const char *cql = request->cql;

	if (request->nitems > 0)
	{
		statement = request->items[0].statement;
		cql = request->items[0].cql;
	}
	if (statement != NULL)
	{
		*len = cql_statement_untagged(statement);
		return statement->cql;
	}
	if (cql == NULL)
		cql = "(reading the schema)";
	*len = strlen(cql);
	return cql;
}

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
	if (host[0] == '\0' && request->at != NULL)
		host = request->at->pub.address;
	(void) snprintf(slow->host, sizeof(slow->host), "%s", host);
	slow->traced = id != NULL;
	if (id != NULL)
		memcpy(slow->tracing_id, id, sizeof(slow->tracing_id));
}

void
cql_slow_ended(const cql_request *request, const cql_error *err)
{
	cql_cluster *cluster = request->cluster;
	int64_t duration = cluster->now - request->began;
	cql_slow_entry *entry;
	const char *text;
	size_t len;

	if (request->internal || cluster->slow_duration < 0 ||
		duration < cluster->slow_duration || cluster->nslow >= MAX_SLOW)
		return;
	text = text_of(request, &len);
	len = cut(text, len);
	entry = cql_alloc0(&cluster->env, sizeof(*entry) + len + 1);
	if (entry == NULL)
		return;
	memcpy(entry->text, text, len);
	entry->pub.cql = entry->text;
	entry->pub.nstatements = request->nitems;
	entry->pub.attempts = request->attempts;
	entry->pub.duration = duration;
	entry->pub.bytes_sent = request->bytes_sent;
	fill_outcome(&entry->pub, request, err);
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
	return cluster->slow_told ? &cluster->slow->pub : NULL;
}
