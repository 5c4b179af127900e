/*
 * shape.c
 *	  Foreign table to CQL table: its keys, columns and codecs.
 */
#include "client.h"
#include "shape_int.h"

#include "access/parallel.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static int
find_column(const cql_schema_table *table, const char *name)
{
	uint32 i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (strcmp(table->columns[i].name, name) == 0)
			return i;
	}
	return -1;
}

static void
report_missing_column(const CassShape *shape, const CassAttribute *att)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("column \"%s\" does not exist in table \"%s\".\"%s\" "
					"of Cassandra",
					cass_from_cql(att->column_name),
					cass_from_cql(shape->table->keyspace),
					cass_from_cql(shape->table->name)),
			 errhint("Check the option \"column_name\" of the foreign "
					 "table's column \"%s\", or import the table again.",
					 get_attname(shape->relid, att->attnum, false))));
}

/* A TTL is a number of seconds, a timestamp one of microseconds or a time. */
static void
check_using_type(const CassAttribute *att, Oid typid)
{
	bool ttl = att->using == CASS_USING_TTL;

	typid = getBaseType(typid);
	if (typid == INT8OID || typid == (ttl ? INT4OID : TIMESTAMPTZOID))
		return;
	ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
					errmsg("a column that sets the %s cannot be of type %s",
						   ttl ? "time to live" : "write time",
						   format_type_be(typid)),
					errhint("Declare the column as %s.",
							ttl ? "integer or bigint"
								: "bigint or timestamp with time zone")));
}

static bool
fill_column(const CassShape *shape, Form_pg_attribute att,
			const CassColumnOptions *options, bool loud, CassAttribute *out)
{
	const cql_type *type;

	out->column_name = options->column_name;
	out->column = find_column(shape->table, options->column_name);
	out->missing = out->column < 0;
	if (out->missing)
		return loud;
	type = shape->table->columns[out->column].type;
	if (!loud && !cass_codec_supported(type, att->atttypid))
		return false;
	out->type = type;
	out->codec = cass_codec_create(out->type, att->atttypid, att->atttypmod,
								   out->unconvertible);
	return true;
}

/*
 * Fills one attribute; false where it does not fit the table.  With loud it is
 * an error that the types do not fit, and what the table lacks is only noted:
 * a column that was dropped disturbs who does not use it no more than it does
 * in SQL.
 */
static bool
fill_attribute(const CassShape *shape, Form_pg_attribute att, bool loud,
			   CassAttribute *out)
{
	CassColumnOptions options;

	out->attnum = att->attnum;
	out->column = -1;
	out->dropped = att->attisdropped || cass_is_virtual(att);
	out->not_null = att->attnotnull;
	if (out->dropped)
		return true;
	cass_options_for_column(shape->relid, att->attnum, &options);
	out->unconvertible = (CassUnconvertible) options.unconvertible;
	out->using = (CassUsing) options.using;
	if (out->using != CASS_USING_NONE)
		check_using_type(out, att->atttypid);
	if (options.expression != NULL)
		return cass_shape_expression(shape, options.expression, att, loud,
									 out);
	if (out->using != CASS_USING_NONE)
		return true;
	return fill_column(shape, att, &options, loud, out);
}

/* Names the column that something is wrong with. */
static void
attribute_context(void *arg)
{
	Form_pg_attribute att = arg;

	errcontext("column \"%s\" of foreign table \"%s\"", NameStr(att->attname),
			   get_rel_name(att->attrelid));
}

/* Fills all; false at the first one that does not fit. */
static bool
fill_attributes(CassShape *shape, TupleDesc desc, bool loud)
{
	ErrorContextCallback callback;
	bool fits = true;
	int i;

	shape->natts = desc->natts;
	shape->atts = palloc0(sizeof(CassAttribute) * (shape->natts + 1));
	callback.callback = attribute_context;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	for (i = 0; i < shape->natts && fits; i++)
	{
		callback.arg = TupleDescAttr(desc, i);
		fits = fill_attribute(shape, TupleDescAttr(desc, i), loud,
							  &shape->atts[i]);
	}
	error_context_stack = callback.previous;
	return fits;
}

/* What is wrong with an attribute that is missing. */
static void
report_missing(const CassShape *shape, int att)
{
	cql_selector *selector = palloc(sizeof(cql_selector));
	CassColumnOptions options;

	if (shape->atts[att].column_name != NULL)
		report_missing_column(shape, &shape->atts[att]);
	cass_options_for_column(shape->relid, shape->atts[att].attnum, &options);
	(void) cql_selector_parse(options.expression, shape->table, selector);
	cass_report_selector(selector, options.expression);
}

void
cass_shape_require(const CassShape *shape, int att)
{
	CassSchemaEntry *schema = cass_schema_of(shape);
	ErrorContextCallback callback;
	Relation rel;

	if (!shape->atts[att].missing)
		return;
	/* it may come back: the next statement looks again */
	if (schema != NULL)
		schema->stale = true;
	rel = table_open(shape->relid, NoLock);
	callback.callback = attribute_context;
	callback.previous = error_context_stack;
	callback.arg = TupleDescAttr(RelationGetDescr(rel), att);
	error_context_stack = &callback;
	report_missing(shape, att);
	error_context_stack = callback.previous;
	table_close(rel, NoLock);
}

/* "a, b", in UTF-8. */
static char *
key_names(const cql_schema_table *table, uint32 first, uint32 n)
{
	StringInfoData names;
	uint32 i;

	initStringInfo(&names);
	for (i = first; i < first + n; i++)
		appendStringInfo(&names, "%s%s", i > first ? ", " : "",
						 table->columns[i].name);
	return names.data;
}

static bool
same_but_spaces(const char *a, const char *b)
{
	for (;; a++, b++)
	{
		while (*a == ' ')
			a++;
		while (*b == ' ')
			b++;
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
	}
}

static void
warn_key(const CassShape *shape, const char *option, const char *given,
		 const char *real)
{
	ereport(WARNING,
			(errmsg("option \"%s\" of foreign table \"%s\" does not agree "
					"with the table's key",
					option, get_rel_name(shape->relid)),
			 errdetail("The option says \"%s\", Cassandra says \"%s\", which "
					   "counts.",
					   cass_from_cql(given), cass_from_cql(real)),
			 errhint("Set or drop the option by ALTER FOREIGN TABLE.")));
}

/*
 * What options tell people of the key is checked, never believed.  primary_key
 * may name the partition key alone, or the clustering columns too.
 */
static void
check_keys(const CassShape *shape, const CassOptions *options)
{
	const cql_schema_table *table = shape->table;
	char *partition = key_names(table, 0, table->npartition);
	char *clustering = key_names(table, table->npartition, table->nclustering);

	/* the session of a worker has been told */
	if (IsParallelWorker())
		return;
	if (options->primary_key != NULL &&
		!same_but_spaces(options->primary_key, partition) &&
		!same_but_spaces(options->primary_key,
						 key_names(table, 0, cass_nkeys(table))))
		warn_key(shape, "primary_key", options->primary_key, partition);
	if (options->clustering_key != NULL &&
		!same_but_spaces(options->clustering_key, clustering))
		warn_key(shape, "clustering_key", options->clustering_key, clustering);
}

void
cass_attribute_context(const CassShape *shape, AttrNumber attnum)
{
	const CassAttribute *att = &shape->atts[attnum - 1];
	const cql_schema_table *table = shape->table;

	if (att->selector != NULL)
		errcontext("expression \"%s\" of table \"%s\".\"%s\"",
				   cass_from_cql(att->selector),
				   cass_from_cql(table->keyspace), cass_from_cql(table->name));
	else
		errcontext("column \"%s\" of table \"%s\".\"%s\"",
				   cass_from_cql(att->column_name),
				   cass_from_cql(table->keyspace), cass_from_cql(table->name));
}

/* Shape from a cached table; false where an attribute does not fit it. */
static bool
fill_shape(CassShape *shape, const CassSchemaEntry *entry, bool loud)
{
	Relation rel = table_open(shape->relid, NoLock);
	bool fits;

	shape->table = cass_copy_table(entry->table);
	shape->local_strategy = entry->local_strategy;
	shape->is_virtual = entry->is_virtual;
	fits = fill_attributes(shape, RelationGetDescr(rel), loud);
	table_close(rel, NoLock);
	return fits;
}

CassSchemaEntry *
cass_shape_fill(CassShape *shape, const CassOptions *options)
{
	bool fresh;
	CassSchemaEntry *entry =
		cass_schema_get(shape->serverid, shape->userid, options->keyspace,
						options->table_name, &fresh);

	if (!fill_shape(shape, entry, fresh))
	{
		/* a column, or its type, may be younger than what is cached */
		cass_schema_refresh(entry);
		(void) fill_shape(shape, entry, true);
	}
	check_keys(shape, options);
	return entry;
}
