/*
 * belief.c
 *	  What a caller believes about a table, and whether it still holds.
 *
 * A table is known by its id, which no other table ever has, and by a version:
 * a digest of what the caller uses of it, and of nothing else.  Both make the
 * tag that stands behind the text of prepared statements.  Pure.
 */
#include "belief.h"

#include <stdio.h>
#include <string.h>

#include "error.h"

/* ---- the version ---- */

/* FNV-1a: the versions of one table are few, and nobody gains by a clash. */
#define DIGEST_START UINT64_C(0xcbf29ce484222325)
#define DIGEST_PRIME UINT64_C(0x100000001b3)

static uint64_t
mix(uint64_t digest, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		digest = (digest ^ p[i]) * DIGEST_PRIME;
	return digest;
}

static uint64_t
mix_text(uint64_t digest, const char *text)
{
	return mix(digest, text, strlen(text) + 1);
}

static uint64_t
mix_byte(uint64_t digest, unsigned value)
{
	uint8_t byte = (uint8_t) value;

	return mix(digest, &byte, 1);
}

static uint64_t
mix_column(uint64_t digest, const cql_schema_column *column)
{
	digest = mix_text(digest, column->name);
	digest = mix_text(digest, column->type_text);
	digest = mix_byte(digest, (unsigned) column->kind);
	return mix_byte(digest, (column->descending ? 1u : 0u) |
								(column->masked ? 2u : 0u));
}

static uint64_t
mix_index(uint64_t digest, const cql_schema_index *index)
{
	digest = mix_byte(digest, (unsigned) index->kind);
	digest = mix_byte(digest, (unsigned) index->target);
	digest = mix_text(digest, index->class_name);
	digest = mix_text(digest, index->similarity);
	digest = mix_text(digest, index->mode);
	return mix_byte(digest, (index->case_sensitive ? 1u : 0u) |
								(index->analyzed ? 2u : 0u));
}

/*
 * Where a condition is filtered by, an index may change what it means only if
 * it analyzes the text.
 */
static uint64_t
mix_indexes(uint64_t digest, const cql_schema_table *table, int column,
			cql_use_kind kind)
{
	uint32_t i;

	for (i = 0; i < table->nindexes; i++)
	{
		const cql_schema_index *index = &table->indexes[i];

		if (index->column == column &&
			(kind == CQL_USE_INDEX || index->analyzed))
			digest = mix_index(digest, index);
	}
	return digest;
}

static uint64_t
mix_use(uint64_t digest, const cql_schema_table *table, const cql_use *use)
{
	uint32_t i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (strcmp(table->columns[i].name, use->name) != 0)
			continue;
		digest = mix_column(digest, &table->columns[i]);
		if (use->kind != CQL_USE_VALUE)
			digest = mix_indexes(digest, table, (int) i, use->kind);
		return digest;
	}
	return mix_byte(digest, 0); /* no column has an empty name */
}

static uint64_t
digest_of(const cql_schema_table *table, const cql_use *uses, uint32_t nuses)
{
	uint64_t digest = DIGEST_START;
	uint32_t i;

	digest = mix_byte(digest, (unsigned) table->kind);
	digest = mix_byte(digest, table->counter ? 1 : 0);
	digest = mix_byte(digest, (unsigned) table->compact);
	digest = mix_byte(digest, table->npartition);
	for (i = 0; i < table->npartition + table->nclustering; i++)
		digest = mix_column(digest, &table->columns[i]);
	for (i = 0; i < nuses; i++)
		digest = mix_use(digest, table, &uses[i]);
	return digest;
}

void
cql_belief_tag(const cql_schema_table *table, const cql_use *uses,
			   uint32_t nuses, char tag[CQL_TAG_SIZE])
{
	int i;

	for (i = 0; i < 16; i++)
		(void) snprintf(tag + 2 * i, 3, "%02x", table->id[i]);
	(void) snprintf(tag + 32, CQL_TAG_SIZE - 32, ".%016llx",
					(unsigned long long) digest_of(table, uses, nuses));
}

/* ---- beliefs ---- */

/* Copies a text to *pos, which moves on. */
static const char *
put_text(char **pos, const char *text)
{
	char *copy = *pos;
	size_t size = strlen(text) + 1;

	memcpy(copy, text, size);
	*pos += size;
	return copy;
}

cql_belief *
cql_belief_copy(const cql_env *env, const cql_belief *belief)
{
	size_t size = sizeof(cql_belief) + belief->nuses * sizeof(cql_use) +
				  strlen(belief->keyspace) + strlen(belief->table) + 2;
	cql_belief *copy;
	cql_use *uses;
	char *pos;
	uint32_t i;

	for (i = 0; i < belief->nuses; i++)
		size += strlen(belief->uses[i].name) + 1;
	copy = cql_alloc(env, size);
	if (copy == NULL)
		return NULL;
	*copy = *belief;
	uses = (cql_use *) (copy + 1);
	pos = (char *) (uses + belief->nuses);
	copy->keyspace = put_text(&pos, belief->keyspace);
	copy->table = put_text(&pos, belief->table);
	for (i = 0; i < belief->nuses; i++)
	{
		uses[i].kind = belief->uses[i].kind;
		uses[i].name = put_text(&pos, belief->uses[i].name);
	}
	copy->uses = uses;
	return copy;
}

bool
cql_belief_holds(const cql_belief *belief, const cql_schema *schema,
				 cql_error *err)
{
	char tag[CQL_TAG_SIZE];

	if (schema->ntables == 0)
	{
		cql_error_set(err, CQL_ERR_CHANGED,
					  "table \"%.200s\".\"%.200s\" no longer exists in "
					  "Cassandra",
					  belief->keyspace, belief->table);
		return false;
	}
	cql_belief_tag(&schema->tables[0], belief->uses, belief->nuses, tag);
	if (strcmp(tag, belief->tag) == 0)
		return true;
	cql_error_set(err, CQL_ERR_CHANGED,
				  "table \"%.200s\".\"%.200s\" of Cassandra was %s",
				  belief->keyspace, belief->table,
				  memcmp(tag, belief->tag, 32) == 0
					  ? "altered meanwhile"
					  : "dropped and made again meanwhile");
	return false;
}
