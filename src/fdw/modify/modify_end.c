/*
 * modify_end.c
 *	  The end of INSERT, UPDATE, DELETE and COPY, and what EXPLAIN tells.
 */
#include "modify.h"

#include "miscadmin.h"

void
cassandraEndForeignModify(EState *estate, ResultRelInfo *rri)
{
	CassModify *m = rri->ri_FdwState;

	if (m == NULL)
		return;
	rri->ri_FdwState = NULL;
	cass_window_close(m->target.window);
}

/*
 * Told by the options alone: information_schema asks for each foreign table
 * that it shows, and must not wait for Cassandra.  It takes a column for
 * updatable where its rows can be deleted, too; so DELETE of counters counts
 * as possible, and is refused by the plan, with a hint.
 */
int
cassandraIsForeignRelUpdatable(Relation rel)
{
	CassOptions *options =
		cass_options_for_table(RelationGetRelid(rel), GetUserId());

	if (!options->updatable)
		return 0;
	return (1 << CMD_INSERT) | (1 << CMD_UPDATE) | (1 << CMD_DELETE);
}

void
cass_explain_writes(CassWindow *window, ExplainState *es)
{
	const CassWriteStats *stats;

	/* it has not ended yet, but all its rows are known */
	cass_window_flush(window);
	stats = cass_window_stats(window);
	ExplainPropertyInteger("Rows Written", NULL, stats->acknowledged, es);
	ExplainPropertyInteger("Write Requests", NULL, stats->requests, es);
	ExplainPropertyInteger("Batches", NULL, stats->batches, es);
	ExplainPropertyInteger("Write Retries", NULL, stats->retries, es);
	ExplainPropertyInteger("Most In Flight", NULL, stats->max_in_flight, es);
}

void
cassandraExplainForeignModify(ModifyTableState *mtstate, ResultRelInfo *rri,
							  List *fdw_private, int subplan_index,
							  ExplainState *es)
{
	CassModify *m = rri->ri_FdwState;
	const char *cql = strVal(list_nth(fdw_private, CASS_MODIFY_CQL));
	const char *existing = strVal(list_nth(fdw_private, CASS_MODIFY_EXISTING));

	if (cql[0] != '\0')
		ExplainPropertyText("CQL", cass_from_cql(cql), es);
	if (existing[0] != '\0')
		ExplainPropertyText("Existing Rows", existing, es);
	if (es->analyze && m != NULL)
		cass_explain_writes(m->target.window, es);
}
