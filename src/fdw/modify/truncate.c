/*
 * truncate.c
 *	  TRUNCATE of foreign tables.
 */
#include "modify.h"

#include "miscadmin.h"

/* Cassandra itself waits 60 s for all its nodes. */
#define TRUNCATE_TIMEOUT INT64CONST(65000000)

static void
check(const CassShape *shape, const CassOptions *options, Relation rel)
{
	if (!options->truncatable || !options->updatable)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("foreign table \"%s\" does not allow truncates",
							   RelationGetRelationName(rel))));
	if (shape->table->kind == CQL_VIEW)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot truncate foreign table \"%s\"",
						RelationGetRelationName(rel)),
				 errdetail("It is a materialized view of table \"%s\" in "
						   "Cassandra.",
						   cass_from_cql(shape->table->base_table))));
}

static char *
truncate_text(const CassShape *shape)
{
	char keyspace[600];
	char table[600];

	(void) cql_quote_identifier(keyspace, sizeof(keyspace),
								shape->table->keyspace);
	(void) cql_quote_identifier(table, sizeof(table), shape->table->name);
	return psprintf("TRUNCATE %s.%s", keyspace, table);
}

/*
 * Never sent twice: the second one would take rows written meanwhile.
 */
static void
truncate_one(const CassShape *shape, const CassOptions *options, Oid userid)
{
	cql_cluster *cluster = cass_get_cluster(shape->serverid, userid);
	CassRequest *handle = cass_request_create(CurrentMemoryContext);
	cql_params params;

	memset(&params, 0, sizeof(params));
	params.cql = truncate_text(shape);
	params.consistency = options->write_consistency;
	params.serial_consistency = -1;
	params.paging_state.len = CQL_NULL;
	params.timeout = Max(TRUNCATE_TIMEOUT, options->request_timeout);
	cass_request_execute(handle, cluster, &params);
	(void) cass_write_wait(handle, cluster, params.cql);
	cass_request_reset(handle);
}

/* All are checked before the first one is emptied. */
void
cassandraExecForeignTruncate(List *rels, DropBehavior behavior,
							 bool restart_seqs)
{
	Oid userid = GetUserId();
	List *shapes = NIL;
	List *all_options = NIL;
	ListCell *lc;
	ListCell *lc2;

	foreach (lc, rels)
	{
		Relation rel = lfirst(lc);
		Oid relid = RelationGetRelid(rel);
		CassOptions *options = cass_options_for_table(relid, userid);
		CassShape *shape = cass_shape_get(relid, userid, options);

		check(shape, options, rel);
		shapes = lappend(shapes, shape);
		all_options = lappend(all_options, options);
	}
	cass_flush_writes(NULL);
	forboth (lc, shapes, lc2, all_options)
		truncate_one(lfirst(lc), lfirst(lc2), userid);
}
