/*
 * prepared.c
 *	  Prepared statements of a cluster, by their CQL text.
 *
 * The id of a statement is the server's hash of its text, so it is kept for
 * all hosts; where it was prepared is kept for each.
 */
#include "session.h"

#include <string.h>

void
cql_prepared_init(cql_prepared *prepared, const cql_env *env)
{
	memset(prepared, 0, sizeof(*prepared));
	prepared->env = env;
	cql_map_init(&prepared->map, env);
	cql_buf_init(&prepared->text, env, CQL_MAX_BODY);
}

/* Out of the cache; users keep it alive. */
static void
uncache(cql_prepared *prepared, cql_statement *statement)
{
	if (statement->newer != NULL)
		statement->newer->older = statement->older;
	else
		prepared->newest = statement->older;
	if (statement->older != NULL)
		statement->older->newer = statement->newer;
	else
		prepared->oldest = statement->newer;
	statement->newer = NULL;
	statement->older = NULL;
}

static void
make_newest(cql_prepared *prepared, cql_statement *statement)
{
	statement->newer = NULL;
	statement->older = prepared->newest;
	if (prepared->newest != NULL)
		prepared->newest->newer = statement;
	else
		prepared->oldest = statement;
	prepared->newest = statement;
}

static void
evict_oldest(cql_prepared *prepared)
{
	cql_statement *oldest = prepared->oldest;

	(void) cql_map_remove(&prepared->map, oldest->cql, strlen(oldest->cql));
	uncache(prepared, oldest);
	cql_statement_release(prepared->env, oldest);
}

void
cql_prepared_free(cql_prepared *prepared)
{
	while (prepared->oldest != NULL)
		evict_oldest(prepared);
	cql_map_free(&prepared->map);
	cql_buf_free(&prepared->text);
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
cql_prepared_get(cql_prepared *prepared, const char *text,
				 const cql_belief *belief)
{
	const char *cql = tagged(&prepared->text, text, belief);
	size_t len = cql == NULL ? 0 : strlen(cql);
	cql_statement *statement = NULL;

	if (cql == NULL)
		return NULL;
	statement = cql_map_get(&prepared->map, cql, len);
	if (statement != NULL)
		uncache(prepared, statement);
	else
	{
		if (prepared->map.count >= CQL_MAX_PREPARED)
			evict_oldest(prepared);
		statement = statement_new(prepared->env, cql, belief);
		if (statement == NULL)
			return NULL;
		if (!cql_map_set(&prepared->map, cql, len, statement))
		{
			cql_statement_release(prepared->env, statement);
			return NULL;
		}
	}
	make_newest(prepared, statement);
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
	cql_free(env, statement->at);
	cql_free(env, statement);
}

/* ---- what servers told ---- */

uint32_t
cql_statement_at(const cql_statement *statement, uint32_t slot)
{
	return slot < statement->nat ? statement->at[slot] : 0;
}

void
cql_statement_forget_at(cql_statement *statement, uint32_t slot,
						uint32_t learned)
{
	if (cql_statement_at(statement, slot) == learned && learned != 0)
		statement->at[slot] = 0;
}

/* Notes that it is known at the host; false without memory. */
static bool
set_at(const cql_env *env, cql_statement *statement, uint32_t slot)
{
	if (slot >= statement->nat)
	{
		uint32_t n = slot + 8;
		uint32_t *at =
			cql_realloc(env, statement->at, (size_t) n * sizeof(*at));

		if (at == NULL)
			return false;
		memset(at + statement->nat, 0, (n - statement->nat) * sizeof(*at));
		statement->at = at;
		statement->nat = n;
	}
	if (++statement->learned == 0)
		statement->learned = 1;
	statement->at[slot] = statement->learned;
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
learn_ids(cql_statement *statement, const cql_prepared_info *info,
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
	if (statement->nat > 0 &&
		(statement->idlen != (uint32_t) info->id.len ||
		 memcmp(statement->id, info->id.data, (size_t) info->id.len) != 0))
		memset(statement->at, 0, statement->nat * sizeof(*statement->at));
	statement->idlen = (uint32_t) info->id.len;
	memcpy(statement->id, info->id.data, (size_t) info->id.len);
	set_metadata_id(statement, info->metadata_id);
	return true;
}

bool
cql_statement_learn(const cql_env *env, cql_statement *statement,
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
	if (!learn_ids(statement, &info, err))
	{
		cql_metadata_release(info.bound);
		cql_metadata_release(info.rows);
		return false;
	}
	cql_metadata_release(statement->bound);
	cql_metadata_release(statement->rows);
	statement->bound = info.bound;
	statement->rows = info.rows;
	if (set_at(env, statement, slot))
		return true;
	cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
	return false;
}

void
cql_statement_changed(cql_statement *statement, const cql_result *result)
{
	cql_slice id;
	cql_metadata_ref *rows = cql_result_new_metadata(result, &id);

	/* In v4 metadata comes each time, without an id: nothing to learn. */
	if (rows == NULL || id.len <= 0 || id.len > CQL_MAX_ID)
		return;
	cql_metadata_release(statement->rows);
	statement->rows = cql_metadata_retain(rows);
	set_metadata_id(statement, id);
}

/* ---- preparing ---- */

/* A request of ours for the statement on the host; NULL without memory. */
static cql_request *
start(cql_cluster *cluster, cql_statement *statement, struct cql_host *host,
	  int64_t timeout)
{
	cql_request *prepare = cql_request_internal(
		cluster, statement->belief != NULL ? CQL_WORK_CHECK : CQL_WORK_PREPARE,
		0, NULL);

	if (prepare == NULL)
		return NULL;
	prepare->statement = statement;
	statement->refs++;
	prepare->cql = statement->cql;
	prepare->belief = statement->belief;
	prepare->pinned = host;
	prepare->timeout = timeout;
	prepare->prepare_next = statement->prepares;
	statement->prepares = prepare;
	cql_request_enqueue(prepare, CQL_PHASE_CHOOSE);
	return prepare;
}

cql_request *
cql_statement_prepare(cql_cluster *cluster, cql_statement *statement,
					  struct cql_host *host, int64_t timeout)
{
	cql_request *prepare = statement->prepares;

	while (prepare != NULL && (prepare->pinned != host || prepare->only_check))
		prepare = prepare->prepare_next;
	return prepare != NULL ? prepare
						   : start(cluster, statement, host, timeout);
}

cql_request *
cql_statement_check(cql_cluster *cluster, cql_statement *statement,
					struct cql_host *host, int64_t timeout)
{
	cql_request *check = start(cluster, statement, host, timeout);

	if (check != NULL)
		check->only_check = true;
	return check;
}

/* The waiter's belief in the statement's table held a moment ago. */
static void
set_checked(cql_request *waiter, const cql_statement *statement)
{
	uint32_t i;

	waiter->checked |= waiter->statement == statement;
	for (i = 0; i < waiter->nitems; i++)
		waiter->items[i].checked |= waiter->items[i].statement == statement;
}

void
cql_statement_prepared(cql_request *prepare, const cql_error *err)
{
	cql_request **link = &prepare->statement->prepares;

	while (*link != prepare)
		link = &(*link)->prepare_next;
	*link = prepare->prepare_next;
	while (prepare->waiters.head != NULL)
	{
		cql_request *waiter = prepare->waiters.head;

		cql_request_unlink(waiter);
		if (err != NULL)
			cql_request_attempt_failed(waiter, err, false);
		else if (waiter->result != NULL)
			cql_request_executed(waiter);
		else
		{
			if (prepare->only_check)
				set_checked(waiter, prepare->statement);
			cql_request_enqueue(waiter, CQL_PHASE_CHOOSE);
		}
	}
}
