/*
 * deparse.c
 *	  The CQL text of a scan; decides nothing.
 */
#include "pushdown.h"

static void
append_name(StringInfo out, const char *name)
{
	char buf[600];

	(void) cql_quote_identifier(buf, sizeof(buf), name);
	appendStringInfoString(out, buf);
}

static const char *
column_name(const CassSelect *select, int column)
{
	return select->shape->table->columns[column].name;
}

static void
append_columns(StringInfo out, const CassSelect *select)
{
	ListCell *lc;
	const char *comma = "";

	foreach (lc, select->retrieved)
	{
		const CassAttribute *att = &select->shape->atts[lfirst_int(lc) - 1];

		appendStringInfoString(out, comma);
		if (att->selector != NULL)
			appendStringInfoString(out, att->selector);
		else
			append_name(out, att->column_name);
		comma = ", ";
	}
	/* CQL has no empty list: a key column then stands for the row */
	if (select->retrieved == NIL)
		append_name(out, column_name(select, 0));
}

static void
append_condition(StringInfo out, bool *first, const CassSelect *select,
				 int column, const char *operator)
{
	appendStringInfoString(out, *first ? " WHERE " : " AND ");
	append_name(out, column_name(select, column));
	appendStringInfo(out, " %s ?", operator);
	*first = false;
}

static void
append_token(StringInfo out, const CassSelect *select)
{
	StringInfoData key;
	uint32 i;

	initStringInfo(&key);
	for (i = 0; i < select->shape->table->npartition; i++)
	{
		appendStringInfoString(&key, i > 0 ? ", " : "");
		append_name(&key, column_name(select, i));
	}
	appendStringInfo(out, " WHERE token(%s) > ? AND token(%s) <= ?", key.data,
					 key.data);
}

char *
cass_deparse_select(const CassSelect *select)
{
	StringInfoData out;
	bool first = true;
	int i;

	initStringInfo(&out);
	appendStringInfoString(&out, "SELECT ");
	append_columns(&out, select);
	appendStringInfoString(&out, " FROM ");
	append_name(&out, select->shape->table->keyspace);
	appendStringInfoChar(&out, '.');
	append_name(&out, select->shape->table->name);
	if (select->by_token)
		append_token(&out, select);
	for (i = 0; i < select->npoints; i++)
		append_condition(&out, &first, select, i, "=");
	if (select->lower != NULL)
		append_condition(&out, &first, select, select->range, select->lower);
	if (select->upper != NULL)
		append_condition(&out, &first, select, select->range, select->upper);
	return out.data;
}
