/*
 * select_reason.c
 *	  Reasons of select in words.
 *
 * Pure function of cql.h; the texts are for EXPLAIN and follow the style of
 * PostgreSQL's messages.
 */
#include "cql_select.h"

/* Longest part of a name that is shown. */
#define NAME_BYTES 64

/* Texts by cql_why: $c is the column, $o the other column, $i the index. */
static const char *const texts[] = {
	[CQL_WHY_NONE] = "it is evaluated by Cassandra",
	[CQL_WHY_NO_INDEX] =
		"column \"$c\" is not part of the primary key and has no index",
	[CQL_WHY_PARTITION_PARTIAL] =
		"partition key column \"$c\" is restricted but \"$o\" is not "
		"restricted by = or IN",
	[CQL_WHY_PARTITION_RANGE] =
		"partition key column \"$c\" can be restricted by = and IN only",
	[CQL_WHY_CLUSTERING_ALONE] =
		"clustering column \"$c\" is restricted but partition key column "
		"\"$o\" is not restricted by = or IN",
	[CQL_WHY_CLUSTERING_GAP] =
		"clustering column \"$c\" is restricted but \"$o\" before it is not",
	[CQL_WHY_CLUSTERING_RANGE] =
		"clustering column \"$c\" is restricted but \"$o\" before it is "
		"restricted by a range",
	[CQL_WHY_TUPLE_COLUMNS] =
		"column \"$c\" of the row comparison does not continue a sequence of "
		"clustering columns in their declared order",
	[CQL_WHY_TUPLE_START] =
		"the row comparison starts at clustering column \"$c\" and not at "
		"\"$o\", the first that is not restricted otherwise",
	[CQL_WHY_MIXED] =
		"column \"$c\" is already restricted by a condition that cannot be "
		"combined with this one",
	[CQL_WHY_INDEX_OPERATOR] =
		"the index on column \"$c\", \"$i\", does not serve this operator",
	[CQL_WHY_INDEX_SINGLE] =
		"the index on column \"$c\" cannot be used together with \"$i\"",
	[CQL_WHY_INET_LIST] =
		"several addresses for column \"$c\" would lose the difference "
		"between IPv4 and mapped IPv6",
	[CQL_WHY_INDEX_STATIC] =
		"the index on static column \"$c\", \"$i\", does not find all "
		"within a partition",
	[CQL_WHY_INDEX_ORDER] =
		"the index on column \"$c\", \"$i\", excludes ORDER BY",
	[CQL_WHY_INDEX_UNKNOWN] =
		"the index on column \"$c\", \"$i\", is of an unknown class",
	[CQL_WHY_FANOUT] =
		"several values of column \"$c\" would each need a request",
	[CQL_WHY_NOT_FROZEN] =
		"column \"$c\" is not frozen and cannot be compared as a whole",
	[CQL_WHY_NO_ORDER] = "durations, as in column \"$c\", have no order",
	[CQL_WHY_VECTOR] = "vectors, as in column \"$c\", are not compared",
	[CQL_WHY_MASKED] = "column \"$c\" is masked",
	[CQL_WHY_OPERATOR] = "CQL has no such operator for column \"$c\"",
	[CQL_WHY_LIKE] = "column \"$c\" has no SASI index that serves this LIKE",
	[CQL_WHY_RELEASE] = "the server's version does not support it",
	[CQL_WHY_ORDER_PARTITION] =
		"rows are ordered within a partition only, and partition key "
		"column \"$o\" is not restricted by = or IN",
	[CQL_WHY_ORDER_COLUMN] = "column \"$c\" is not a clustering column",
	[CQL_WHY_ORDER_SEQUENCE] =
		"clustering column \"$c\" is sorted by but \"$o\" before it is "
		"neither sorted by nor restricted by =",
	[CQL_WHY_ORDER_DIRECTION] =
		"the direction of column \"$c\" fits neither the clustering order "
		"nor, with the columns before it, its reverse",
	[CQL_WHY_LOCAL] = "the condition on column \"$c\" is checked locally",
	[CQL_WHY_UNORDERED] = "the rows are sorted locally",
	[CQL_WHY_GROUP_COLUMN] = "column \"$c\" is not part of the primary key",
	[CQL_WHY_GROUP_PARTITION] =
		"partition key column \"$o\" is neither grouped by nor "
		"restricted by =",
	[CQL_WHY_GROUP_PART] =
		"partition key column \"$o\" is not grouped by, and groups are not "
		"of a part of the partition key",
	[CQL_WHY_GROUP_SEQUENCE] =
		"clustering column \"$c\" is grouped by but \"$o\" before it is "
		"neither grouped by nor restricted by =",
	[CQL_WHY_DISTINCT_COLUMN] =
		"column \"$c\" is neither part of the partition key nor static",
	[CQL_WHY_DISTINCT_COND] =
		"DISTINCT excludes the condition on column \"$c\"",
	[CQL_WHY_ANN_INDEX] = "column \"$c\" has no SAI index",
	[CQL_WHY_ANN_COND] =
		"the condition on column \"$c\" is not served by an SAI index",
	[CQL_WHY_ANN_LIMIT] = "vector search needs a limit",
	[CQL_WHY_COMBINATION] = "CQL cannot combine it with the rest of the query",
};

/* Name of a column or index that the reason has, else a stand-in. */
static const char *
column_name(const cql_schema_table *table, int column)
{
	if (column < 0 || (uint32_t) column >= table->ncolumns)
		return "token";
	return table->columns[column].name;
}

static const char *
index_name(const cql_schema_table *table, int index)
{
	if (index < 0 || (uint32_t) index >= table->nindexes)
		return "";
	return table->indexes[index].name;
}

/* Appends text, cut at size; returns the new length. */
static size_t
append(char *buf, size_t size, size_t len, const char *text, size_t n)
{
	while (n-- > 0 && *text != '\0' && len + 1 < size)
		buf[len++] = *text++;
	return len;
}

char *
cql_reason_print(const cql_schema_table *table, const cql_reason *reason,
				 char *buf, size_t size)
{
	const char *p;
	size_t len = 0;

	if (size == 0)
		return buf;
	for (p = texts[reason->why]; *p != '\0'; p++)
	{
		const char *name = NULL;

		if (p[0] == '$' && p[1] == 'c')
			name = column_name(table, reason->column);
		else if (p[0] == '$' && p[1] == 'o')
			name = column_name(table, reason->other);
		else if (p[0] == '$' && p[1] == 'i')
			name = index_name(table, reason->index);
		if (name == NULL)
			len = append(buf, size, len, p, 1);
		else
		{
			len = append(buf, size, len, name, NAME_BYTES);
			p++;
		}
	}
	buf[len] = '\0';
	return buf;
}
