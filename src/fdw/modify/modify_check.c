/*
 * modify_check.c
 *	  What cannot be written, and why.
 */
#include "modify.h"

#include "utils/lsyscache.h"

static const char *
verb(CmdType operation)
{
	return operation == CMD_INSERT	 ? "insert into"
		   : operation == CMD_UPDATE ? "update"
									 : "delete from";
}

static void
refuse(const CassShape *shape, CmdType operation, const char *detail,
	   const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot %s foreign table \"%s\"", verb(operation),
					get_rel_name(shape->relid)),
			 errdetail("%s", detail), hint != NULL ? errhint("%s", hint) : 0));
}

/* Attributes that stand for the column, and are no expression. */
static int
count_atts(const CassShape *shape, int column)
{
	int n = 0;
	int i;

	for (i = 0; i < shape->natts; i++)
		n += !shape->atts[i].dropped && shape->atts[i].column == column;
	return n;
}

static void
check_key(const CassShape *shape, CmdType operation)
{
	const cql_schema_table *table = shape->table;
	int i;

	for (i = 0; i < cass_nkeys(table); i++)
	{
		if (count_atts(shape, i) == 0)
			refuse(
				shape, operation,
				psprintf("Key column \"%s\" of the table in Cassandra is no "
						 "column of the foreign table.",
						 cass_from_cql(table->columns[i].name)),
				"Add the column, or import the table again.");
		if (operation != CMD_INSERT && table->columns[i].masked)
			refuse(shape, operation,
				   psprintf("Key column \"%s\" is masked in Cassandra: its "
							"values do not tell which row is meant.",
							cass_from_cql(table->columns[i].name)),
				   NULL);
	}
}

void
cass_check_writable(const CassShape *shape, const CassOptions *options,
					CmdType operation)
{
	const cql_schema_table *table = shape->table;
	int i;

	if (table->kind == CQL_VIEW)
		refuse(shape, operation,
			   psprintf("It is a materialized view of table \"%s\" in "
						"Cassandra.",
						cass_from_cql(table->base_table)),
			   "Write to the view's table.");
	if (table->counter && operation == CMD_DELETE && !options->delete_counters)
		refuse(shape, operation,
			   "Counters that are added to again after their row was deleted "
			   "may come back with old values.",
			   "Set the option \"delete_counters\" to \"true\" where none is "
			   "added to again.");
	check_key(shape, operation);
	for (i = 0; i < (int) table->ncolumns; i++)
	{
		if (count_atts(shape, i) > 1)
			refuse(shape, operation,
				   psprintf("Column \"%s\" of the table in Cassandra is more "
							"than one column of the foreign table.",
							cass_from_cql(table->columns[i].name)),
				   NULL);
	}
}

static void
refuse_column(const CassShape *shape, AttrNumber attnum, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot assign to column \"%s\" of foreign table \"%s\"",
					get_attname(shape->relid, attnum, false),
					get_rel_name(shape->relid)),
			 errdetail("%s", detail)));
}

void
cass_check_key_kept(const CassShape *shape, AttrNumber attnum, Datum value,
					bool isnull, cql_slice cell)
{
	StringInfoData bytes;
	bool same;

	initStringInfo(&bytes);
	if (!isnull)
		cass_encode(shape->atts[attnum - 1].codec, value, &bytes);
	same = isnull ? cell.len < 0
				  : bytes.len == cell.len &&
						memcmp(bytes.data, cell.data, cell.len) == 0;
	pfree(bytes.data);
	if (!same)
		refuse_column(shape, attnum,
					  "It is part of the primary key in Cassandra, which "
					  "tells rows apart.");
}

void
cass_check_assigned(const CassShape *shape, List *attnums)
{
	bool any = false;
	bool key = false;
	bool using = false;
	ListCell *lc;

	foreach (lc, attnums)
	{
		AttrNumber attnum = lfirst_int(lc);
		const CassAttribute *att = &shape->atts[attnum - 1];

		cass_shape_require(shape, attnum - 1);
		if (att->column < 0 && att->using == CASS_USING_NONE)
			refuse_column(shape, attnum,
						  "It is an expression on other columns.");
		any |= att->column >= cass_nkeys(shape->table);
		key |= att->column >= 0;
		using |= att->column < 0;
	}
	if (!any && (using || !key))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot update foreign table \"%s\"",
						get_rel_name(shape->relid)),
				 errdetail("No column of the table in Cassandra is assigned: "
						   "time to live and timestamp are those of other "
						   "columns.")));
}

void
cass_check_masked(List *tlist, const CassShape *shape, Index rtindex)
{
	ListCell *lc;
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		int column = shape->atts[i].column;

		if (column < 0 || !shape->table->columns[column].masked)
			continue;
		foreach (lc, tlist)
		{
			TargetEntry *tle = lfirst_node(TargetEntry, lc);

			if (!tle->resjunk &&
				cass_mentions((Node *) tle->expr, rtindex, i + 1))
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("cannot assign a value made of column \"%s\" "
								"of foreign table \"%s\"",
								get_attname(shape->relid, i + 1, false),
								get_rel_name(shape->relid)),
						 errdetail("The column is masked in Cassandra: its "
								   "value may not be the real one.")));
		}
	}
}

CassConflict
cass_check_conflict(const CassShape *shape, const CassOptions *options,
					OnConflictAction action)
{
	if (shape->table->counter)
	{
		if (action == ONCONFLICT_NOTHING)
			cass_refuse_conflict(
				shape->relid, "Counters cannot be inserted under a condition.",
				NULL);
		return CASS_CONFLICT_OVERWRITE;
	}
	switch (action)
	{
		case ONCONFLICT_NOTHING:
			return CASS_CONFLICT_IGNORE;
		case ONCONFLICT_UPDATE:
			return options->conditional_writes ? CASS_CONFLICT_IGNORE
											   : CASS_CONFLICT_OVERWRITE;
		case ONCONFLICT_NONE:
			break;
	}
	return (CassConflict) options->insert_conflict;
}

void
cass_refuse_conflict(Oid relid, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot use this ON CONFLICT clause with foreign "
					"table \"%s\"",
					get_rel_name(relid)),
			 errdetail("%s", detail), hint != NULL ? errhint("%s", hint) : 0));
}
