/*
 * column.c
 *	  What a foreign column is in the CQL table, and names as CQL has them.
 */
#include "column.h"

#include "lib/stringinfo.h"

void
cass_append_name(StringInfo out, const char *name)
{
	char buf[600];

	(void) cql_quote_identifier(buf, sizeof(buf), name);
	appendStringInfoString(out, buf);
}

void
cass_append_attribute(StringInfo out, const CassAttribute *att)
{
	if (att->selector != NULL)
		appendStringInfoString(out, att->selector);
	else
		cass_append_name(out, att->column_name);
}

void
cass_append_token(StringInfo out, const cql_schema_table *table)
{
	uint32 i;

	appendStringInfoString(out, "token(");
	for (i = 0; i < table->npartition; i++)
	{
		appendStringInfoString(out, i > 0 ? ", " : "");
		cass_append_name(out, table->columns[i].name);
	}
	appendStringInfoChar(out, ')');
}

int
cass_att_of_column(const CassShape *shape, int column)
{
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		if (!shape->atts[i].dropped && shape->atts[i].column == column)
			return i;
	}
	return -1;
}

char *
cass_partition_key_text(const CassShape *shape)
{
	StringInfoData text;
	uint32 i;

	initStringInfo(&text);
	for (i = 0; i < shape->table->npartition; i++)
	{
		appendStringInfoString(&text, i > 0 ? ", " : "");
		cass_append_name(&text, shape->table->columns[i].name);
	}
	return cass_from_cql(text.data);
}

bool
cass_is_indexed(const CassShape *shape, int column)
{
	uint32 i;

	for (i = 0; i < shape->table->nindexes; i++)
	{
		if (shape->table->indexes[i].column == column)
			return true;
	}
	return false;
}

bool
cass_is_token(const CassShape *shape, int att)
{
	StringInfoData text;

	if (shape->atts[att].selector == NULL)
		return false;
	initStringInfo(&text);
	cass_append_token(&text, shape->table);
	return strcmp(text.data, shape->atts[att].selector) == 0;
}

/* All spellings of two values of true would be too many keys. */
static bool
has_several_booleans(const CassShape *shape)
{
	uint32 i;
	int n = 0;

	for (i = 0; i < shape->table->npartition; i++)
		n += shape->table->columns[i].type->id == CQL_TYPE_BOOLEAN;
	return n > 1;
}

CassPlace
cass_place_of(const CassShape *shape, int att)
{
	int column = shape->atts[att].column;

	if (column < 0)
		return CASS_PLACE_OTHER;
	switch (shape->table->columns[column].kind)
	{
		case CQL_PARTITION_KEY:
			return has_several_booleans(shape) ? CASS_PLACE_BYTES
											   : CASS_PLACE_PARTITION;
		case CQL_CLUSTERING:
			return cass_is_indexed(shape, column) ? CASS_PLACE_CLUSTERING
												  : CASS_PLACE_SLICE;
		default:
			return CASS_PLACE_OTHER;
	}
}

const char *
cass_column_refused(const CassShape *shape, int att)
{
	const CassAttribute *attribute = &shape->atts[att];

	if (attribute->column < 0)
		return "the column is an expression";
	if (shape->table->columns[attribute->column].masked)
		return "the column is masked";
	return NULL;
}
