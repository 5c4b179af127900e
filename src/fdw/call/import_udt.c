/*
 * import_udt.c
 *	  Types of imported columns; user-defined types as composite types.
 *
 * IMPORT may return CREATE FOREIGN TABLE only, so that types are created
 * while it runs: those that imported columns need, each after the types of
 * its own fields.
 */
#include "import.h"

#include "access/tupdesc.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

typedef struct ImportedUdt
{
	const char *name;  /* in Cassandra */
	const char *local; /* ready for DDL, or NULL: as jsonb */
} ImportedUdt;

/* A table's row type has the table's name. */
static bool
table_has_name(const void *arg, const char *name)
{
	const CassImport *import = arg;
	uint32 i;

	for (i = 0; i < import->schema->ntables; i++)
	{
		if (strcmp(cass_import_cut(import->schema->tables[i].name), name) == 0)
			return true;
	}
	return false;
}

static char *
local_udt_name(const CassImport *import, const cql_type *type)
{
	if (table_has_name(import, cass_import_cut(type->name)))
		return cass_import_name(psprintf("%s_type", cass_from_cql(type->name)),
								NIL, table_has_name, import);
	return cass_import_cut(type->name);
}

/* Whether fields have no names of their own in PostgreSQL. */
static bool
fields_clash(const cql_type *type)
{
	List *names = NIL;
	uint32 i;

	for (i = 0; i < type->nsub; i++)
	{
		char *name = cass_import_cut(type->fields[i]);

		if (cass_import_has(names, name) ||
			cass_name_from_cql(type->fields[i]) == NULL)
			return true;
		names = lappend(names, name);
	}
	return false;
}

static bool
attribute_matches(Form_pg_attribute att, const char *name, const char *type)
{
	Oid typid = DatumGetObjectId(
		DirectFunctionCall1(regtypein, CStringGetDatum(type)));

	return strcmp(NameStr(att->attname), name) == 0 && att->atttypid == typid;
}

/* Whether a composite type has just these attributes. */
static bool
type_matches(Oid typid, const cql_type *type, char **types)
{
	TupleDesc desc;
	uint32 field = 0;
	bool matches = true;
	int i;

	if (get_typtype(typid) != TYPTYPE_COMPOSITE)
		return false;
	desc = lookup_rowtype_tupdesc(typid, -1);
	for (i = 0; i < desc->natts && matches; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		matches = field < type->nsub &&
				  attribute_matches(att, cass_import_cut(type->fields[field]),
									types[field]);
		field++;
	}
	ReleaseTupleDesc(desc);
	return matches && field == type->nsub;
}

static void
create_type(const char *name, const cql_type *type, char **types)
{
	StringInfoData sql;
	uint32 i;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TYPE %s AS (", name);
	for (i = 0; i < type->nsub; i++)
		appendStringInfo(&sql, "%s%s %s", i > 0 ? ", " : "",
						 quote_identifier(cass_import_cut(type->fields[i])),
						 types[i]);
	appendStringInfoChar(&sql, ')');
	if (SPI_connect() != SPI_OK_CONNECT ||
		SPI_execute(sql.data, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not create type %s", name);
	(void) SPI_finish();
}

/* The type is there and matches, or is created now. */
static void
provide_type(const CassImport *import, const char *local, const char *name,
			 const cql_type *type, char **types)
{
	Oid nspid = get_namespace_oid(import->stmt->local_schema, false);
	Oid typid =
		GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(local),
						ObjectIdGetDatum(nspid));

	if (!OidIsValid(typid))
		create_type(name, type, types);
	else if (!type_matches(typid, type, types))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("type %s exists and does not match the user-defined "
						"type \"%s\".\"%s\" of Cassandra",
						name, cass_from_cql(type->keyspace),
						cass_from_cql(type->name)),
				 errhint("Drop or rename the type, or import with import_udt "
						 "'jsonb'.")));
}

static char *type_name(void *arg, const cql_type *type);

static char *
make_composite(CassImport *import, const cql_type *type)
{
	char **types = palloc(sizeof(char *) * (type->nsub + 1));
	char *local = local_udt_name(import, type);
	char *name = quote_qualified_identifier(import->stmt->local_schema, local);
	const char *odd;
	uint32 i;

	for (i = 0; i < type->nsub; i++)
		types[i] = cass_import_type_as(type->sub[i], type_name, import, &odd);
	provide_type(import, local, name, type, types);
	return name;
}

/* The type's name, or NULL for jsonb. */
static char *
udt_name(CassImport *import, const cql_type *type)
{
	ImportedUdt *udt;
	ListCell *lc;

	check_stack_depth();
	foreach (lc, import->udts)
	{
		udt = lfirst(lc);
		if (strcmp(udt->name, type->name) == 0)
			return udt->local == NULL ? NULL : pstrdup(udt->local);
	}
	udt = palloc(sizeof(ImportedUdt));
	udt->name = type->name;
	udt->local = NULL;
	if (fields_clash(type))
		ereport(
			WARNING,
			(errmsg("user-defined type \"%s\".\"%s\" is imported as jsonb",
					cass_from_cql(type->keyspace), cass_from_cql(type->name)),
			 errdetail("PostgreSQL cuts two of its field names alike, or "
					   "cannot hold one.")));
	else
		udt->local = make_composite(import, type);
	import->udts = lappend(import->udts, udt);
	return udt->local == NULL ? NULL : pstrdup(udt->local);
}

/* Called by cass_import_type_as(). */
static char *
type_name(void *arg, const cql_type *type)
{
	CassImport *import = arg;

	if (type->id == CQL_TYPE_TIMEUUID)
		return import->timeuuid == CASS_IMPORT_TIMEUUID_UUID
				   ? format_type_be(UUIDOID)
				   : NULL;
	return import->udt == CASS_IMPORT_UDT_JSONB ? NULL
												: udt_name(import, type);
}

char *
cass_import_column_type(CassImport *import, const cql_type *type,
						const char **odd)
{
	return cass_import_type_as(type, type_name, import, odd);
}
