/*
 * import.c
 *	  IMPORT FOREIGN SCHEMA: a keyspace's tables as CREATE FOREIGN TABLE.
 *
 * Names that PostgreSQL cannot hold are changed; the options table_name and
 * column_name carry those that Cassandra knows.  What is odd is a WARNING: it
 * costs no more than its column.
 */
#include "conncache.h"
#include "import.h"

#include "access/htup_details.h"
#include "catalog/heap.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

static bool
column_has_name(const void *arg, const char *name)
{
	const cql_schema_table *table = arg;
	const char *cql_name = cass_to_cql(name);
	uint32 i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (strcmp(table->columns[i].name, cql_name) == 0)
			return true;
	}
	return false;
}

static bool
table_has_name(const void *arg, const char *name)
{
	const cql_schema *schema = arg;
	const char *cql_name = cass_to_cql(name);
	uint32 i;

	for (i = 0; i < schema->ntables; i++)
	{
		if (strcmp(schema->tables[i].name, cql_name) == 0)
			return true;
	}
	return false;
}

/* "keyspace.table" for messages. */
static char *
full_name(const cql_schema_table *table)
{
	return psprintf("%s.%s", cass_from_cql(table->keyspace),
					cass_from_cql(table->name));
}

/* A column's name: those of system columns cannot be used. */
static char *
local_column_name(const cql_schema_table *table, const char *name, List *taken)
{
	if (SystemAttributeByName(name) != NULL)
		name = psprintf("%s_", name);
	return cass_import_name(name, taken, column_has_name, table);
}

/*
 * Whether conditions and sorts on the column may go to Cassandra, which
 * compares text by bytes.
 */
static bool
wants_collate(const cql_schema_table *table, uint32 column)
{
	uint32 i;

	if (table->columns[column].kind == CQL_CLUSTERING)
		return true;
	for (i = 0; i < table->nindexes; i++)
	{
		const cql_schema_index *index = &table->indexes[i];

		if (index->column == (int) column &&
			(index->kind == CQL_INDEX_SAI || index->kind == CQL_INDEX_SASI))
			return true;
	}
	return false;
}

/*
 * Whether the column never reads as NULL.  A partition key of one column is
 * never empty in Cassandra but for a view; others may have empty numbers, any
 * an empty collection.
 */
static bool
wants_not_null(const CassImport *import, const cql_schema_table *table,
			   uint32 column)
{
	const cql_schema_column *c = &table->columns[column];

	if (import->not_null == CASS_IMPORT_NOT_NULL_KEY)
		return c->kind == CQL_PARTITION_KEY || c->kind == CQL_CLUSTERING;
	if (import->not_null == CASS_IMPORT_NOT_NULL_NONE ||
		c->kind != CQL_PARTITION_KEY || c->masked)
		return false;
	switch (c->type->id)
	{
		case CQL_TYPE_LIST:
		case CQL_TYPE_SET:
		case CQL_TYPE_MAP:
			return false;
		case CQL_TYPE_ASCII:
		case CQL_TYPE_TEXT:
		case CQL_TYPE_BLOB:
		case CQL_TYPE_TINYINT:
		case CQL_TYPE_SMALLINT:
		case CQL_TYPE_DATE:
		case CQL_TYPE_TIME:
			return true;
		default:
			return table->npartition == 1 && table->kind != CQL_VIEW;
	}
}

static void
append_option(StringInfo sql, const char *name, const char *value)
{
	appendStringInfo(sql, "%s %s", name, quote_literal_cstr(value));
}

static void
append_column(CassImport *import, StringInfo sql,
			  const cql_schema_table *table, uint32 i, List **taken)
{
	const cql_schema_column *column = &table->columns[i];
	const char *odd = NULL;
	char *real = cass_name_from_cql(column->name);
	char *name;
	char *type;

	if (real == NULL)
	{
		ereport(WARNING,
				(errmsg("column \"%s\" of table \"%s\" is not imported",
						cass_from_cql(column->name), full_name(table)),
				 errdetail("Encoding \"%s\" cannot hold its name.",
						   GetDatabaseEncodingName())));
		return;
	}
	name = local_column_name(table, real, *taken);
	type = cass_import_column_type(import, column->type, &odd);
	if (odd != NULL)
		ereport(WARNING,
				(errmsg("column \"%s\" of table \"%s\" is imported as %s",
						real, full_name(table), type),
				 errdetail_internal("%s", odd)));
	appendStringInfo(sql, "%s\n\t%s %s", *taken == NIL ? "" : ",",
					 quote_identifier(name), type);
	if (strcmp(name, real) != 0)
	{
		appendStringInfoString(sql, " OPTIONS (");
		append_option(sql, "column_name", real);
		appendStringInfoChar(sql, ')');
	}
	if (import->collate == CASS_IMPORT_COLLATE_C &&
		strcmp(type, "text") == 0 && wants_collate(table, i))
		appendStringInfoString(sql, " COLLATE pg_catalog.\"C\"");
	if (wants_not_null(import, table, i))
		appendStringInfoString(sql, " NOT NULL");
	*taken = lappend(*taken, name);
}

/* Names of key columns as an option, unless the encoding cannot hold one. */
static void
append_key(StringInfo sql, const cql_schema_table *table, const char *option,
		   uint32 first, uint32 n)
{
	StringInfoData names;
	uint32 i;

	initStringInfo(&names);
	for (i = first; i < first + n; i++)
	{
		char *name = cass_name_from_cql(table->columns[i].name);

		if (name == NULL)
			return;
		appendStringInfo(&names, "%s%s", i > first ? ", " : "", name);
	}
	if (n == 0)
		return;
	appendStringInfoString(sql, ", ");
	append_option(sql, option, names.data);
}

/* For the catalogs: what else it is, nobody can write it. */
static void
append_view(StringInfo sql, const cql_schema_table *table)
{
	if (table->kind != CQL_VIEW)
		return;
	appendStringInfoString(sql, ", ");
	append_option(sql, "updatable", "false");
}

static char *
table_statement(CassImport *import, const cql_schema_table *table,
				const char *name)
{
	StringInfoData sql;
	List *taken = NIL;
	uint32 n = Min(table->ncolumns, MaxHeapAttributeNumber);
	uint32 i;

	if (n < table->ncolumns)
		ereport(
			WARNING,
			(errmsg("%u of the %u columns of table \"%s\" are not "
					"imported",
					table->ncolumns - n, table->ncolumns, full_name(table)),
			 errdetail("Tables can have at most %d columns.",
					   MaxHeapAttributeNumber)));
	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE FOREIGN TABLE %s (",
					 quote_identifier(name));
	for (i = 0; i < n; i++)
		append_column(import, &sql, table, i, &taken);
	appendStringInfo(&sql, "\n) SERVER %s OPTIONS (",
					 quote_identifier(import->stmt->server_name));
	append_option(&sql, "keyspace", cass_from_cql(table->keyspace));
	appendStringInfoString(&sql, ", ");
	append_option(&sql, "table_name", cass_from_cql(table->name));
	if (import->keys == CASS_IMPORT_KEYS_OPTIONS)
	{
		append_key(&sql, table, "primary_key", 0, table->npartition);
		append_key(&sql, table, "clustering_key", table->npartition,
				   table->nclustering);
	}
	append_view(&sql, table);
	appendStringInfoChar(&sql, ')');
	return sql.data;
}

/*
 * A table's name.  NULL where the statement does not want the table: LIMIT TO
 * and EXCEPT name it as PostgreSQL cuts it, and LIMIT TO cannot name one that
 * has to be called otherwise.
 */
static char *
wanted_name(const CassImport *import, const cql_schema_table *table)
{
	ImportForeignSchemaStmt *stmt =
		unconstify(ImportForeignSchemaStmt *, import->stmt);
	char *name;

	if (table->name_only ||
		!IsImportableForeignTable(cass_import_cut(table->name), stmt))
		return NULL;
	name = cass_name_from_cql(table->name);
	if (name == NULL)
	{
		ereport(WARNING,
				(errmsg("table \"%s\" is not imported", full_name(table)),
				 errdetail("Encoding \"%s\" cannot hold its name.",
						   GetDatabaseEncodingName())));
		return NULL;
	}
	name =
		cass_import_name(name, import->tables, table_has_name, import->schema);
	if (IsImportableForeignTable(name, stmt))
		return name;
	ereport(WARNING,
			(errmsg("table \"%s\" is not imported", full_name(table)),
			 errdetail("Another table has the name \"%s\" already.",
					   cass_import_cut(table->name)),
			 errhint("Without LIMIT TO it is imported as \"%s\".", name)));
	return NULL;
}

/* Statements for the tables that are wanted. */
static List *
schema_statements(CassImport *import)
{
	List *statements = NIL;
	uint32 i;

	for (i = 0; i < import->schema->ntables; i++)
	{
		const cql_schema_table *table = &import->schema->tables[i];
		char *name;

		CHECK_FOR_INTERRUPTS();
		name = wanted_name(import, table);
		if (name == NULL)
			continue;
		import->tables = lappend(import->tables, name);
		statements = lappend(statements, table_statement(import, table, name));
	}
	return statements;
}

/*
 * What the statement says of tables; NULL where it wants them all, or where
 * names are not cut as in UTF-8.
 */
static cql_schema_filter *
make_filter(const ImportForeignSchemaStmt *stmt)
{
	cql_schema_filter *filter;
	const char **names;
	ListCell *lc;

	if (stmt->list_type == FDW_IMPORT_SCHEMA_ALL ||
		GetDatabaseEncoding() != PG_UTF8)
		return NULL;
	filter = palloc0(sizeof(*filter));
	names = palloc(sizeof(*names) * (list_length(stmt->table_list) + 1));
	foreach (lc, stmt->table_list)
		names[filter->n++] = lfirst_node(RangeVar, lc)->relname;
	filter->names = names;
	filter->except = stmt->list_type == FDW_IMPORT_SCHEMA_EXCEPT;
	filter->cut = NAMEDATALEN - 1;
	return filter;
}

List *
cassandraImportForeignSchema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	CassImport import = {.stmt = stmt};
	cql_schema *schema;
	List *volatile statements = NIL;

	cass_import_options(&import, stmt->options);
	schema = cass_read_keyspace(cass_get_cluster(serverid, GetUserId()),
								cass_to_cql(stmt->remote_schema),
								make_filter(stmt));
	import.schema = schema;
	cass_shape_forget(serverid, cass_to_cql(stmt->remote_schema));
	PG_TRY();
	{
		if (!schema->exists)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
					 errmsg("keyspace \"%s\" does not exist on server \"%s\"",
							stmt->remote_schema, stmt->server_name),
					 errhint("Quote the name if it has upper-case letters.")));
		statements = schema_statements(&import);
	}
	PG_FINALLY();
	{
		cql_schema_free(schema);
	}
	PG_END_TRY();
	return statements;
}
