/*
 * bind_keys.c
 *	  The keys of a set of bindings as a source of requests.
 */
#include "bind.h"

static bool
next_key(CassRequestSource *source, CassQuery *query)
{
	CassKeySource *keys = (CassKeySource *) source;

	query->cql = keys->cql;
	return cass_bind_next(keys->bindings, query);
}

static int
count_keys(const CassRequestSource *source)
{
	return cass_bind_count(((const CassKeySource *) source)->bindings);
}

static void
rewind_keys(CassRequestSource *source)
{
	cass_bind_rewind(((CassKeySource *) source)->bindings);
}

/* The row at the other end, of the same keys. */
static bool
next_probe(CassRequestSource *source, CassQuery *query)
{
	CassBindings *bs = ((CassKeySource *) source)->bindings;

	if (!next_key(source, query))
		return false;
	/* without a LIMIT of the query its marker has no value yet */
	if (bs->limit > 0)
		query->nvalues--;
	cass_bind_limit(bs, query, 1);
	return true;
}

void
cass_key_source_init(CassKeySource *keys, CassBindings *bs, bool probe)
{
	keys->base.next = probe ? next_probe : next_key;
	keys->base.count = count_keys;
	keys->base.rewind = rewind_keys;
	keys->bindings = bs;
	keys->cql =
		cass_bind_text(bs, bs->plan, probe ? CASS_TEXT_PROBE : CASS_TEXT_KEYS);
}
