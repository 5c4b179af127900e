/*
 * import.c
 *	  IMPORT FOREIGN SCHEMA: a keyspace's tables as CREATE FOREIGN TABLE.
 *
 * Names longer than PostgreSQL's are cut; the options table_name and
 * column_name always carry the name that Cassandra knows.
 */
#include "cassandra_fdw.h"

#include "catalog/heap.h"
#include "commands/defrem.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* Options of the statement. */
typedef struct ImportOptions
{
	bool collate; /* import_collate is not 'none' */
} ImportOptions;

static void
read_options(List *list, ImportOptions *options)
{
	ListCell *lc;

	options->collate = true;
	foreach (lc, list)
	{
		DefElem *element = lfirst_node(DefElem, lc);
		const char *value;

		if (strcmp(element->defname, "import_collate") != 0)
			ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
							errmsg("invalid option \"%s\"", element->defname),
							errhint("Valid options in this context are: %s.",
									"import_collate")));
		value = defGetString(element);
		if (strcmp(value, "none") != 0 && strcmp(value, "C") != 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("invalid value for option \"%s\": \"%s\"",
								   element->defname, value),
							errhint("Valid values are: C, none.")));
		options->collate = strcmp(value, "C") == 0;
	}
}

/* The name as PostgreSQL can hold it. */
static char *
local_name(const char *name)
{
	int len = (int) strlen(name);

	return pnstrdup(name, pg_mbcliplen(name, len, NAMEDATALEN - 1));
}

/* A column's: those of system columns cannot be used. */
static char *
local_column_name(const char *name)
{
	if (SystemAttributeByName(name) != NULL)
		return psprintf("%s_", name);
	return local_name(name);
}

static bool
list_has(List *names, const char *name)
{
	ListCell *lc;

	foreach (lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
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

static void
append_option(StringInfo sql, const char *name, const char *value)
{
	appendStringInfo(sql, "%s %s", name, quote_literal_cstr(value));
}

/* One column, or nothing where its name is taken. */
static void
append_column(StringInfo sql, const cql_schema_table *table, uint32 i,
			  const ImportOptions *options, List **taken)
{
	const cql_schema_column *column = &table->columns[i];
	char *name = local_column_name(column->name);
	const char *odd = NULL;
	char *type;

	if (list_has(*taken, name))
	{
		ereport(
			WARNING,
			(errmsg("column \"%s\" of table \"%s.%s\" is not imported",
					column->name, table->keyspace, table->name),
			 errdetail("Another column has the name \"%s\" already.", name)));
		return;
	}
	type = cass_import_type(column->type, &odd);
	if (odd != NULL)
		ereport(WARNING,
				(errmsg("column \"%s\" of table \"%s.%s\" is imported as %s",
						column->name, table->keyspace, table->name, type),
				 errdetail_internal("%s", odd)));
	appendStringInfo(sql, "%s\n\t%s %s", *taken == NIL ? "" : ",",
					 quote_identifier(name), type);
	if (strcmp(name, column->name) != 0)
	{
		appendStringInfoString(sql, " OPTIONS (");
		append_option(sql, "column_name", column->name);
		appendStringInfoChar(sql, ')');
	}
	if (options->collate && strcmp(type, "text") == 0 &&
		wants_collate(table, i))
		appendStringInfoString(sql, " COLLATE pg_catalog.\"C\"");
	*taken = lappend(*taken, name);
}

static char *
table_statement(const cql_schema_table *table, const char *name,
				const char *server, const ImportOptions *options)
{
	StringInfoData sql;
	List *taken = NIL;
	uint32 i;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE FOREIGN TABLE %s (",
					 quote_identifier(name));
	for (i = 0; i < table->ncolumns; i++)
		append_column(&sql, table, i, options, &taken);
	appendStringInfo(&sql, "\n) SERVER %s OPTIONS (",
					 quote_identifier(server));
	append_option(&sql, "keyspace", table->keyspace);
	appendStringInfoString(&sql, ", ");
	append_option(&sql, "table_name", table->name);
	appendStringInfoChar(&sql, ')');
	return sql.data;
}

/* Statements for the tables that are wanted. */
static List *
schema_statements(const cql_schema *schema, ImportForeignSchemaStmt *stmt,
				  const ImportOptions *options)
{
	List *statements = NIL;
	List *taken = NIL;
	uint32 i;

	for (i = 0; i < schema->ntables; i++)
	{
		const cql_schema_table *table = &schema->tables[i];
		char *name = local_name(table->name);

		if (!IsImportableForeignTable(name, stmt))
			continue;
		if (list_has(taken, name))
		{
			ereport(WARNING,
					(errmsg("table \"%s.%s\" is not imported", table->keyspace,
							table->name),
					 errdetail("Another table has the name \"%s\" already.",
							   name)));
			continue;
		}
		taken = lappend(taken, name);
		statements =
			lappend(statements,
					table_statement(table, name, stmt->server_name, options));
	}
	return statements;
}

List *
cassandraImportForeignSchema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	ImportOptions options;
	cql_schema *schema;
	List *volatile statements = NIL;

	read_options(stmt->options, &options);
	schema =
		cass_read_schema(serverid, GetUserId(), stmt->remote_schema, NULL);
	PG_TRY();
	{
		if (!schema->exists)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
					 errmsg("keyspace \"%s\" does not exist on server \"%s\"",
							stmt->remote_schema, stmt->server_name),
					 errhint("Quote the name if it has upper-case letters.")));
		statements = schema_statements(schema, stmt, &options);
	}
	PG_FINALLY();
	{
		cql_schema_free(schema);
	}
	PG_END_TRY();
	return statements;
}
