/*
 * create_table.c
 *	  cassandra_create_table(): a local table's columns as CREATE TABLE of CQL.
 */
#include "column.h"
#include "functions.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(cassandra_create_table);

enum
{
	ARG_LOCAL,
	ARG_SERVER,
	ARG_KEYSPACE,
	ARG_PARTITION,
	ARG_CLUSTERING,
	ARG_NAME,
	ARG_OPTIONS,
	ARG_SCHEMA,
	ARG_RUN
};

/* As IMPORT FOREIGN SCHEMA has it, the other way round. */
static const struct
{
	Oid typid;
	const char *cql;
} cql_types[] = {
	{BOOLOID, "boolean"},
	{INT2OID, "smallint"},
	{INT4OID, "int"},
	{INT8OID, "bigint"},
	{FLOAT4OID, "float"},
	{FLOAT8OID, "double"},
	{TEXTOID, "text"},
	{VARCHAROID, "text"},
	{BPCHAROID, "text"},
	{NAMEOID, "text"},
	{JSONOID, "text"},
	{JSONBOID, "text"},
	{XMLOID, "text"},
	{BYTEAOID, "blob"},
	{UUIDOID, "uuid"},
	{DATEOID, "date"},
	{TIMEOID, "time"},
	{TIMESTAMPOID, "timestamp"},
	{TIMESTAMPTZOID, "timestamp"},
	{INTERVALOID, "duration"},
	{INETOID, "inet"},
	{CIDROID, "inet"},
};

/* NULL where there is none. */
static const char *
scalar_type(Oid typid, int32 typmod)
{
	int i;

	for (i = 0; i < (int) lengthof(cql_types); i++)
	{
		if (cql_types[i].typid == typid)
			return cql_types[i].cql;
	}
	if (typid == NUMERICOID)
		return typmod >= (int32) VARHDRSZ &&
					   ((typmod - (int32) VARHDRSZ) & 0x7ff) == 0
				   ? "varint"
				   : "decimal";
	if (typid == cass_timeuuid_oid())
		return "timeuuid";
	if (typid == cass_extension_type_oid("hstore", "hstore"))
		return "map<text, text>";
	if (typid == cass_extension_type_oid("vector", "vector") && typmod > 0)
		return psprintf("vector<float, %d>", typmod);
	return type_is_enum(typid) ? "text" : NULL;
}

static const char *
cql_type_of(Oid relid, Form_pg_attribute att)
{
	int32 typmod = att->atttypmod;
	Oid typid = getBaseTypeAndTypmod(att->atttypid, &typmod);
	Oid element = get_element_type(typid);
	const char *cql = OidIsValid(element)
						  ? scalar_type(getBaseType(element), -1)
						  : scalar_type(typid, typmod);

	if (cql == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of table \"%s\" has no counterpart in "
						"Cassandra",
						NameStr(att->attname), get_rel_name(relid)),
				 errdetail("Its type is %s.", format_type_be(att->atttypid)),
				 errhint("Make the table of a view that casts it, or write "
						 "the CQL and use cassandra_execute().")));
	return OidIsValid(element) ? psprintf("list<%s>", cql) : cql;
}

/* ---- the key ---- */

/* A column's name, a direction cut off. */
static char *
key_column(const char *text, bool *descending)
{
	char *name = pstrdup(text);
	char *space = strrchr(name, ' ');

	*descending = space != NULL && pg_strcasecmp(space + 1, "desc") == 0;
	if (*descending || (space != NULL && pg_strcasecmp(space + 1, "asc") == 0))
		*space = '\0';
	return name;
}

/* The names in an array; their directions, "ASC" or "DESC", beside. */
static List *
key_columns(FunctionCallInfo fcinfo, int arg, List **directions)
{
	List *names = NIL;
	Datum *values;
	bool *nulls;
	int n;
	int i;

	if (PG_ARGISNULL(arg))
		return NIL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(arg), TEXTOID, -1, false,
					  TYPALIGN_INT, &values, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		bool descending = false;

		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("a key column must not be null")));
		names =
			lappend(names, makeString(key_column(
							   TextDatumGetCString(values[i]), &descending)));
		*directions =
			lappend(*directions, makeString(descending ? "DESC" : "ASC"));
	}
	return names;
}

static void
check_key(Oid relid, const List *names)
{
	const ListCell *lc;

	foreach (lc, names)
	{
		const char *name = strVal(lfirst(lc));
		AttrNumber attnum = get_attnum(relid, name);

		if (attnum <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" of table \"%s\" does not exist",
							name, get_rel_name(relid))));
	}
}

/* ---- the statement ---- */

static void
append_names(StringInfo cql, const List *names, const List *directions)
{
	const ListCell *lc;

	foreach (lc, names)
	{
		int i = foreach_current_index(lc);

		appendStringInfoString(cql, i > 0 ? ", " : "");
		cass_append_name(cql, cass_to_cql(strVal(lfirst(lc))));
		if (directions != NIL)
			appendStringInfo(cql, " %s", strVal(list_nth(directions, i)));
	}
}

static void
append_columns(StringInfo cql, Relation rel)
{
	TupleDesc desc = RelationGetDescr(rel);
	int i;

	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		appendStringInfoString(cql, "\n\t");
		cass_append_name(cql, cass_to_cql(NameStr(att->attname)));
		appendStringInfo(cql, " %s,", cql_type_of(RelationGetRelid(rel), att));
	}
}

static char *
create_statement(FunctionCallInfo fcinfo, Relation rel, const char *keyspace,
				 const char *name)
{
	List *directions = NIL;
	List *ignored = NIL;
	List *partition = key_columns(fcinfo, ARG_PARTITION, &ignored);
	List *clustering = key_columns(fcinfo, ARG_CLUSTERING, &directions);
	StringInfoData cql;

	if (partition == NIL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a table in Cassandra needs a partition key")));
	check_key(RelationGetRelid(rel), partition);
	check_key(RelationGetRelid(rel), clustering);
	initStringInfo(&cql);
	appendStringInfoString(&cql, "CREATE TABLE ");
	cass_append_name(&cql, cass_to_cql(keyspace));
	appendStringInfoChar(&cql, '.');
	cass_append_name(&cql, cass_to_cql(name));
	appendStringInfoString(&cql, " (");
	append_columns(&cql, rel);
	appendStringInfoString(&cql, "\n\tPRIMARY KEY ((");
	append_names(&cql, partition, NIL);
	appendStringInfoString(&cql, clustering == NIL ? ")" : "), ");
	append_names(&cql, clustering, NIL);
	appendStringInfoString(&cql, ")\n)");
	if (clustering != NIL)
	{
		appendStringInfoString(&cql, " WITH CLUSTERING ORDER BY (");
		append_names(&cql, clustering, directions);
		appendStringInfoChar(&cql, ')');
	}
	if (!PG_ARGISNULL(ARG_OPTIONS))
		appendStringInfo(
			&cql, " %s %s", clustering == NIL ? "WITH" : "AND",
			cass_to_cql(cass_function_text(fcinfo, ARG_OPTIONS, "options")));
	return cass_from_cql(cql.data);
}

/* ---- running it ---- */

static void
run(const char *sql, int expected)
{
	if (SPI_execute(sql, false, 0) != expected)
		elog(ERROR, "could not run %s", sql);
}

/* As the caller: what it needs is checked where it is done. */
static void
create(FunctionCallInfo fcinfo, const char *cql, const char *server,
	   const char *keyspace, const char *name)
{
	const char *schema =
		get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid));

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	run(psprintf("SELECT %s(%s, %s)",
				 quote_qualified_identifier(schema, "cassandra_execute"),
				 quote_literal_cstr(server), quote_literal_cstr(cql)),
		SPI_OK_SELECT);
	if (!PG_ARGISNULL(ARG_SCHEMA))
		run(psprintf("IMPORT FOREIGN SCHEMA %s LIMIT TO (%s) FROM SERVER %s "
					 "INTO %s",
					 quote_identifier(keyspace), quote_identifier(name),
					 quote_identifier(server),
					 quote_identifier(NameStr(*PG_GETARG_NAME(ARG_SCHEMA)))),
			SPI_OK_UTILITY);
	(void) SPI_finish();
}

Datum
cassandra_create_table(PG_FUNCTION_ARGS)
{
	Oid relid =
		PG_ARGISNULL(ARG_LOCAL) ? InvalidOid : PG_GETARG_OID(ARG_LOCAL);
	const char *server = cass_function_name(fcinfo, ARG_SERVER);
	const char *keyspace =
		cass_function_text(fcinfo, ARG_KEYSPACE, "keyspace");
	Relation rel = try_relation_open(relid, AccessShareLock);
	const char *name;
	char *cql;

	if (rel == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation with OID %u does not exist", relid)));
	name = PG_ARGISNULL(ARG_NAME)
			   ? pstrdup(RelationGetRelationName(rel))
			   : cass_function_text(fcinfo, ARG_NAME, "table name");
	cql = create_statement(fcinfo, rel, keyspace, name);
	relation_close(rel, NoLock);
	if (!PG_ARGISNULL(ARG_RUN) && PG_GETARG_BOOL(ARG_RUN))
		create(fcinfo, cql, server, keyspace, name);
	PG_RETURN_TEXT_P(cstring_to_text(cql));
}
