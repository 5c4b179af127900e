/*
 * statement_cache.c
 *	  Prepared statements of a cluster, by their CQL text.
 *
 * The id of a statement is the server's hash of its text, so it is kept for
 * all hosts; where it was prepared is kept for each.
 */
#include "statement_cache.h"

#include <string.h>

#include "error.h"

void
cql_statement_cache_init(cql_statement_cache *cache, const cql_env *env)
{
	memset(cache, 0, sizeof(*cache));
	cache->env = env;
	cql_map_init(&cache->map, env);
	cql_buf_init(&cache->text, env, CQL_MAX_BODY);
}

/* Out of the cache; users keep it alive. */
static void
uncache(cql_statement_cache *cache, cql_statement *statement)
{
	if (statement->newer != NULL)
		statement->newer->older = statement->older;
	else
		cache->newest = statement->older;
	if (statement->older != NULL)
		statement->older->newer = statement->newer;
	else
		cache->oldest = statement->newer;
	statement->newer = NULL;
	statement->older = NULL;
}

static void
make_newest(cql_statement_cache *cache, cql_statement *statement)
{
	statement->newer = NULL;
	statement->older = cache->newest;
	if (cache->newest != NULL)
		cache->newest->newer = statement;
	else
		cache->oldest = statement;
	cache->newest = statement;
}

static void
evict_oldest(cql_statement_cache *cache)
{
	cql_statement *oldest = cache->oldest;

	(void) cql_map_remove(&cache->map, oldest->cql, strlen(oldest->cql));
	uncache(cache, oldest);
	cql_statement_release(cache->env, oldest);
}

void
cql_statement_cache_free(cql_statement_cache *cache)
{
	while (cache->oldest != NULL)
		evict_oldest(cache);
	cql_map_free(&cache->map);
	cql_buf_free(&cache->text);
}

static cql_statement *
statement_new(const cql_env *env, const char *cql, const cql_belief *belief)
{
	cql_statement *statement = cql_alloc0(env, sizeof(*statement));

	if (statement == NULL)
		return NULL;
	statement->cql = cql_strdup(env, cql);
	statement->metadata_idlen = CQL_NULL;
	statement->refs = 1;
	if (belief != NULL)
		statement->belief = cql_belief_copy(env, belief);
	if (statement->cql != NULL &&
		(belief == NULL || statement->belief != NULL))
		return statement;
	cql_statement_release(env, statement);
	return NULL;
}

#define TAG_BEGIN " /* "
#define TAG_END " */"

/* The text as it is prepared: the one place where it gets its tag. */
static const char *
tagged(cql_buf *out, const char *cql, const cql_belief *belief)
{
	if (belief == NULL)
		return cql;
	cql_buf_reset(out);
	cql_buf_append(out, cql, strlen(cql));
	cql_buf_append(out, TAG_BEGIN, strlen(TAG_BEGIN));
	cql_buf_append(out, belief->tag, strlen(belief->tag));
	cql_buf_append(out, TAG_END, sizeof(TAG_END));
	return out->failed ? NULL : (const char *) out->data;
}

size_t
cql_statement_untagged(const cql_statement *statement)
{
	size_t len = strlen(statement->cql);

	if (statement->belief != NULL)
		len -= strlen(TAG_BEGIN TAG_END) + strlen(statement->belief->tag);
	return len;
}

cql_statement *
cql_statement_get(cql_statement_cache *cache, const char *text,
				  const cql_belief *belief)
{
	const char *cql = tagged(&cache->text, text, belief);
	size_t len = cql == NULL ? 0 : strlen(cql);
	cql_statement *statement = NULL;

	if (cql == NULL)
		return NULL;
	statement = cql_map_get(&cache->map, cql, len);
	if (statement != NULL)
		uncache(cache, statement);
	else
	{
		if (cache->map.count >= CQL_MAX_PREPARED)
			evict_oldest(cache);
		statement = statement_new(cache->env, cql, belief);
		if (statement == NULL)
			return NULL;
		if (!cql_map_set(&cache->map, cql, len, statement))
		{
			cql_statement_release(cache->env, statement);
			return NULL;
		}
	}
	make_newest(cache, statement);
	statement->refs++;
	return statement;
}

void
cql_statement_release(const cql_env *env, cql_statement *statement)
{
	if (statement == NULL || --statement->refs > 0)
		return;
	cql_metadata_release(statement->bound);
	cql_metadata_release(statement->rows);
	cql_free(env, statement->cql);
	cql_free(env, statement->belief);
	cql_free(env, statement->prepared_on);
	cql_free(env, statement);
}

/* ---- what servers told ---- */

uint32_t
cql_statement_prepared_on(const cql_statement *statement, uint32_t slot)
{
	return slot < statement->nslots ? statement->prepared_on[slot] : 0;
}

void
cql_statement_forgotten(cql_statement *statement, uint32_t slot,
						uint32_t preparation)
{
	if (preparation != 0 &&
		cql_statement_prepared_on(statement, slot) == preparation)
		statement->prepared_on[slot] = 0;
}

/* Notes that it is known to the host; false without memory. */
static bool
set_prepared_on(const cql_env *env, cql_statement *statement, uint32_t slot)
{
	if (slot >= statement->nslots)
	{
		uint32_t n = slot + 8;
		uint32_t *numbers =
			cql_realloc(env, statement->prepared_on, n * sizeof(*numbers));

		if (numbers == NULL)
			return false;
		memset(numbers + statement->nslots, 0,
			   (n - statement->nslots) * sizeof(*numbers));
		statement->prepared_on = numbers;
		statement->nslots = n;
	}
	if (++statement->npreparations == 0)
		statement->npreparations = 1;
	statement->prepared_on[slot] = statement->npreparations;
	return true;
}

cql_slice
cql_statement_id(const cql_statement *statement)
{
	cql_slice id = {statement->id, (int32_t) statement->idlen};

	return id;
}

/*
 * A PREPARE answered in v4, by another host, gave none: one that no metadata
 * has makes a v5 server send its own.
 */
cql_slice
cql_statement_metadata_id(const cql_statement *statement)
{
	static const uint8_t unknown[16];
	cql_slice id = {statement->metadata_id, statement->metadata_idlen};

	if (id.len <= 0)
	{
		id.data = unknown;
		id.len = sizeof(unknown);
	}
	return id;
}

static void
set_metadata_id(cql_statement *statement, cql_slice id)
{
	statement->metadata_idlen = id.len;
	if (id.len > 0)
		memcpy(statement->metadata_id, id.data, (size_t) id.len);
}

static bool
take_ids(cql_statement *statement, const cql_prepared_info *info,
		 cql_error *err)
{
	if (info->id.len <= 0 || info->id.len > CQL_MAX_ID ||
		info->metadata_id.len > CQL_MAX_ID)
	{
		cql_error_set(err, CQL_ERR_PROTOCOL,
					  "the server gave a statement an id of %d bytes",
					  info->id.len);
		return false;
	}
	/* Another id makes what other hosts know of the old one worthless. */
	if (statement->nslots > 0 &&
		(statement->idlen != (uint32_t) info->id.len ||
		 memcmp(statement->id, info->id.data, (size_t) info->id.len) != 0))
		memset(statement->prepared_on, 0,
			   statement->nslots * sizeof(*statement->prepared_on));
	statement->idlen = (uint32_t) info->id.len;
	memcpy(statement->id, info->id.data, (size_t) info->id.len);
	set_metadata_id(statement, info->metadata_id);
	return true;
}

bool
cql_statement_prepared(const cql_env *env, cql_statement *statement,
					   const cql_result *result, uint32_t slot, cql_error *err)
{
	cql_prepared_info info;

	if (cql_result_get_kind(result) != CQL_RESULT_PREPARED)
	{
		cql_error_set(err, CQL_ERR_PROTOCOL,
					  "unexpected kind of result for a PREPARE");
		return false;
	}
	if (!cql_result_prepared(result, &info))
	{
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
		return false;
	}
	if (!take_ids(statement, &info, err))
	{
		cql_metadata_release(info.bound);
		cql_metadata_release(info.rows);
		return false;
	}
	cql_metadata_release(statement->bound);
	cql_metadata_release(statement->rows);
	statement->bound = info.bound;
	statement->rows = info.rows;
	if (set_prepared_on(env, statement, slot))
		return true;
	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	return false;
}

void
cql_statement_changed(cql_statement *statement, const cql_result *result)
{
	cql_slice id;
	cql_metadata_ref *rows = cql_result_new_metadata(result, &id);

	/* In v4 metadata comes each time, without an id: nothing to keep. */
	if (rows == NULL || id.len <= 0 || id.len > CQL_MAX_ID)
		return;
	cql_metadata_release(statement->rows);
	statement->rows = cql_metadata_retain(rows);
	set_metadata_id(statement, id);
}
