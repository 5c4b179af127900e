/*
 * fingerprint.c
 *	  Whether a plan was made for the table as it is now.
 *
 * Plans name columns by position; a prepared one may be older than an ALTER
 * TABLE or a new table of the same name.
 */
#include "pushdown.h"

#include "common/hashfn.h"
#include "utils/plancache.h"

static uint32
mix(uint32 hash, const char *text)
{
	return hash_combine(
		hash,
		DatumGetUInt32(hash_any((const unsigned char *) text, strlen(text))));
}

uint32
cass_fingerprint(const cql_schema_table *table)
{
	uint32 hash = hash_combine(table->npartition, table->nclustering);
	uint32 i;

	for (i = 0; i < table->ncolumns; i++)
	{
		const cql_schema_column *column = &table->columns[i];

		hash = mix(hash, column->name);
		hash = mix(hash, column->type_text);
		hash = hash_combine(hash, (uint32) column->kind * 4 +
									  (column->descending ? 2 : 0) +
									  (column->masked ? 1 : 0));
	}
	for (i = 0; i < table->nindexes; i++)
	{
		hash = mix(hash, table->indexes[i].name);
		hash = hash_combine(hash, (uint32) table->indexes[i].column * 64 +
									  (uint32) table->indexes[i].kind * 8 +
									  (uint32) table->indexes[i].target);
	}
	return hash;
}

void
cass_check_fingerprint(const CassShape *shape, uint32 planned)
{
	if (cass_fingerprint(shape->table) == planned)
		return;
	ResetPlanCache();
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("table \"%s\".\"%s\" of Cassandra has changed "
						   "since the query was planned",
						   cass_from_cql(shape->table->keyspace),
						   cass_from_cql(shape->table->name)),
					errhint("Run the query again.")));
}
