/*
 * join_lookup.c
 *	  The look-ups of a key join: asked once, many in flight, their rows kept
 *	  as long as memory lasts.
 *
 * What costs more than work_mem is not spilled: asking again is quicker.  The
 * look-up whose rows are being joined goes on in any case, and drops those
 * that have been.
 */
#include "join_state.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

typedef struct LookupEntry
{
	CassLookup *lookup;
	uint32 hash;
	char status;
} LookupEntry;

/* Texts are told apart by their addresses. */
static bool
asks_same(const CassLookup *a, const CassLookup *b)
{
	int i;

	if (a->hash != b->hash || a->query.cql != b->query.cql ||
		a->query.nvalues != b->query.nvalues)
		return false;
	for (i = 0; i < a->query.nvalues; i++)
	{
		cql_slice x = a->query.values[i];
		cql_slice y = b->query.values[i];

		if (x.len != y.len ||
			(x.len > 0 && memcmp(x.data, y.data, x.len) != 0))
			return false;
	}
	return true;
}

#define SH_PREFIX lookup
#define SH_ELEMENT_TYPE LookupEntry
#define SH_KEY_TYPE CassLookup *
#define SH_KEY lookup
#define SH_HASH_KEY(table, key) ((key)->hash)
#define SH_EQUAL(table, a, b) asks_same(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) ((entry)->hash)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static uint32
hash_query(const CassQuery *query)
{
	uint32 hash = 0;
	int i;

	for (i = 0; i < query->nvalues; i++)
	{
		cql_slice value = query->values[i];

		hash = hash_combine(hash, hash_bytes(value.data, Max(value.len, 0)));
	}
	return hash;
}

/* ---- memory ---- */

static void
charge(CassKeyJoinState *js, CassLookup *lookup, Size bytes)
{
	lookup->bytes += bytes;
	js->kept += bytes;
	js->most = Max(js->most, js->kept + js->queued);
}

static void
drop_rows(CassKeyJoinState *js, CassLookup *lookup)
{
	int i;

	for (i = 0; i < lookup->nrows; i++)
	{
		Size bytes = GetMemoryChunkSpace(lookup->rows[i]);

		lookup->bytes -= bytes;
		js->kept -= bytes;
		heap_free_minimal_tuple(lookup->rows[i]);
	}
	lookup->nrows = 0;
}

static void
add_row(CassKeyJoinState *js, CassLookup *lookup, MinimalTuple row)
{
	if (lookup->nrows == lookup->size)
	{
		Size before =
			lookup->rows != NULL ? GetMemoryChunkSpace(lookup->rows) : 0;

		lookup->size = Max(lookup->size * 2, 4);
		lookup->rows = lookup->rows == NULL
						   ? palloc(sizeof(MinimalTuple) * lookup->size)
						   : repalloc_huge(lookup->rows, sizeof(MinimalTuple) *
															 lookup->size);
		charge(js, lookup, GetMemoryChunkSpace(lookup->rows) - before);
	}
	lookup->rows[lookup->nrows++] = row;
	charge(js, lookup, GetMemoryChunkSpace(row));
}

/* ---- life ---- */

static void
leave_stream(CassKeyJoinState *js, CassLookup *lookup)
{
	CassStream *stream = lookup->stream;

	if (stream == NULL)
		return;
	cass_request_reset(stream->handle);
	cass_request_reset(stream->page);
	stream->query.tag = NULL;
	lookup->stream = NULL;
	js->nrunning--;
}

static void
drop(CassKeyJoinState *js, CassLookup *lookup)
{
	if (lookup->state == CASS_LOOKUP_WAITING)
		dlist_delete(&lookup->node);
	leave_stream(js, lookup);
	(void) lookup_delete(js->table, lookup);
	drop_rows(js, lookup);
	js->kept -= lookup->bytes;
	if (lookup->rows != NULL)
		pfree(lookup->rows);
	if (lookup->page.data != NULL)
		pfree((void *) lookup->page.data);
	pfree(lookup);
}

bool
cass_lookups_make_room(CassKeyJoinState *js, Size more)
{
	while (js->kept + js->queued + more >= js->budget)
	{
		if (dlist_is_empty(&js->idle))
			return false;
		drop(js, dlist_container(CassLookup, node,
								 dlist_pop_head_node(&js->idle)));
	}
	return true;
}

static CassLookup *
create(CassKeyJoinState *js, const CassQuery *query, uint32 hash)
{
	Size arrays =
		(sizeof(cql_slice) + sizeof(cql_type *)) * (query->nvalues + 1);
	Size bytes = sizeof(CassLookup) + arrays;
	CassLookup *lookup;
	uint8 *data;
	int i;

	for (i = 0; i < query->nvalues; i++)
		bytes += Max(query->values[i].len, 0);
	lookup = MemoryContextAllocZero(js->lookups, bytes);
	lookup->query = *query;
	lookup->query.values = (cql_slice *) (lookup + 1);
	lookup->query.types =
		(const cql_type **) (lookup->query.values + query->nvalues + 1);
	data = (uint8 *) (lookup->query.types + query->nvalues + 1);
	for (i = 0; i < query->nvalues; i++)
	{
		cql_slice value = query->values[i];

		lookup->query.types[i] = query->types[i];
		lookup->query.values[i].len = value.len;
		lookup->query.values[i].data = data;
		if (value.len > 0)
			memcpy(data, value.data, value.len);
		data += Max(value.len, 0);
	}
	lookup->query.tag = lookup;
	lookup->hash = hash;
	lookup->page.len = CQL_NULL;
	charge(js, lookup, GetMemoryChunkSpace(lookup));
	dlist_push_tail(&js->waiting, &lookup->node);
	js->distinct++;
	return lookup;
}

CassLookup *
cass_lookup_get(CassKeyJoinState *js, const CassQuery *query)
{
	CassLookup key;
	LookupEntry *entry;
	bool found;

	key.query = *query;
	key.hash = hash_query(query);
	js->keys++;
	entry = lookup_lookup(js->table, &key);
	if (entry != NULL)
	{
		if (entry->lookup->refs++ == 0)
			dlist_delete(&entry->lookup->node);
		return entry->lookup;
	}
	entry = lookup_insert(js->table, create(js, query, key.hash), &found);
	entry->lookup->refs = 1;
	return entry->lookup;
}

void
cass_lookup_trim(CassKeyJoinState *js, CassLookup *lookup)
{
	drop_rows(js, lookup);
	lookup->trimmed = true;
}

/* What has rows, all or the first ones, may serve others. */
void
cass_lookup_release(CassKeyJoinState *js, CassLookup *lookup)
{
	lookup->refs--;
	if (lookup->refs == 0 && (lookup->trimmed || lookup->stream != NULL ||
							  lookup->state == CASS_LOOKUP_WAITING))
		drop(js, lookup);
	else if (lookup->refs == 0)
		dlist_push_tail(&js->idle, &lookup->node);
	else if (lookup->trimmed)
	{
		/* the next row begins anew */
		leave_stream(js, lookup);
		drop_rows(js, lookup);
		lookup->trimmed = false;
		lookup->page.len = CQL_NULL;
		lookup->state = CASS_LOOKUP_WAITING;
		dlist_push_tail(&js->waiting, &lookup->node);
	}
}

/* ---- requests ---- */

/* What pages in flight, and one more, will take. */
static Size
bytes_coming(const CassKeyJoinState *js)
{
	return (js->nrunning + 1) * (js->scan->bytes / Max(js->scan->pages, 1));
}

static CassStream *
free_stream(CassKeyJoinState *js)
{
	CassStream *stream = js->streams;

	while (stream->query.tag != NULL)
		stream++;
	if (stream->handle == NULL)
	{
		stream->handle = cass_request_create(js->scan->context);
		stream->page = cass_request_create(js->scan->context);
	}
	return stream;
}

static void
start(CassKeyJoinState *js, CassLookup *lookup)
{
	CassStream *stream = free_stream(js);

	if (lookup->state == CASS_LOOKUP_WAITING)
		dlist_delete(&lookup->node);
	lookup->state = CASS_LOOKUP_RUNNING;
	lookup->stream = stream;
	stream->query = lookup->query;
	stream->consumed = lookup->page.len >= 0;
	stream->smaller = 0;
	js->nrunning++;
	js->scan->max_streams = Max(js->scan->max_streams, js->nrunning);
	cass_stream_submit(js->scan, stream, lookup->page);
}

void
cass_lookups_start(CassKeyJoinState *js)
{
	/* fewer as long as nobody knows how large their pages are */
	int most = CASS_LOOKUP_WINDOW / (js->scan->pages > 0 ? 1 : 2);

	if (!cass_window_has_room(most, js->nrunning))
		return;
	while (js->nrunning < most && !dlist_is_empty(&js->waiting) &&
		   cass_lookups_make_room(js, bytes_coming(js)))
		start(js, dlist_container(CassLookup, node,
								  dlist_head_node(&js->waiting)));
}

/* Keeps where it stopped, and goes on when its rows are wanted. */
static void
put_off(CassKeyJoinState *js, CassLookup *lookup, cql_slice state)
{
	uint8 *data = MemoryContextAlloc(js->lookups, Max(state.len, 1));

	if (state.len > 0)
		memcpy(data, state.data, state.len);
	if (lookup->page.data != NULL)
		pfree((void *) lookup->page.data);
	lookup->page.data = data;
	lookup->page.len = state.len;
	lookup->state = CASS_LOOKUP_PAUSED;
	leave_stream(js, lookup);
}

static void
take_rows(CassKeyJoinState *js, CassLookup *lookup)
{
	CassStream *stream = lookup->stream;
	bool first = !lookup->trimmed && lookup->nrows == 0;
	MemoryContext old = MemoryContextSwitchTo(js->lookups);

	while (cass_request_row(stream->page, js->scan->cells, stream->query.cql))
	{
		MinimalTuple row = cass_inner_row(js, js->scan->cells);

		js->scan->rows++;
		if (row != NULL)
			add_row(js, lookup, row);
	}
	MemoryContextSwitchTo(old);
	js->found += first && lookup->nrows > 0;
}

static void
take_page(CassKeyJoinState *js, CassLookup *lookup, const CassLookup *wanted)
{
	CassStream *stream = lookup->stream;
	cql_slice state = cql_result_paging_state(stream->page->result);

	/* of what ends at the first match the next page may not be wanted */
	if (state.len >= 0 && !js->single &&
		(lookup == wanted || cass_lookups_make_room(js, 0)))
	{
		cass_stream_continue(js->scan, stream);
		take_rows(js, lookup);
		cass_request_reset(stream->page);
		return;
	}
	take_rows(js, lookup);
	if (state.len >= 0)
		put_off(js, lookup, state);
	else
	{
		lookup->state = CASS_LOOKUP_DONE;
		leave_stream(js, lookup);
	}
}

/* Its rows are wanted now, whatever else there is. */
static void
urge(CassKeyJoinState *js, CassLookup *lookup)
{
	if ((lookup->state == CASS_LOOKUP_WAITING ||
		 lookup->state == CASS_LOOKUP_PAUSED) &&
		js->nrunning < CASS_JOIN_STREAMS)
		start(js, lookup);
}

void
cass_lookups_await(CassKeyJoinState *js, CassLookup *wanted)
{
	CassStream *stream;

	urge(js, wanted);
	cass_lookups_start(js);
	stream = cass_streams_await(js->scan, js->streams, CASS_JOIN_STREAMS);
	if (stream != NULL)
		take_page(js, stream->query.tag, wanted);
}

/* ---- all of them ---- */

void
cass_lookups_reset(CassKeyJoinState *js)
{
	if (js->streams != NULL)
	{
		int i;

		for (i = 0; i < CASS_JOIN_STREAMS; i++)
		{
			if (js->streams[i].handle == NULL)
				continue;
			cass_request_reset(js->streams[i].handle);
			cass_request_reset(js->streams[i].page);
			js->streams[i].query.tag = NULL;
		}
	}
	MemoryContextReset(js->lookups);
	js->table = lookup_create(js->lookups, 256, NULL);
	dlist_init(&js->waiting);
	dlist_init(&js->idle);
	js->nrunning = 0;
	js->kept = 0;
}

void
cass_lookups_init(CassKeyJoinState *js)
{
	js->lookups = AllocSetContextCreate(js->css.ss.ps.state->es_query_cxt,
										"cassandra_fdw look-ups",
										ALLOCSET_DEFAULT_SIZES);
	js->budget = (Size) work_mem * 1024;
}
