/*
 * import.h
 *	  What the files of IMPORT FOREIGN SCHEMA share.
 */
#ifndef CASS_IMPORT_H
#define CASS_IMPORT_H

#include "postgres.h"

#include "foreign/fdwapi.h"

#include "shape.h"

typedef enum CassImportUdt
{
	CASS_IMPORT_UDT_JSONB,
	CASS_IMPORT_UDT_COMPOSITE
} CassImportUdt;

typedef enum CassImportCollate
{
	CASS_IMPORT_COLLATE_C,
	CASS_IMPORT_COLLATE_NONE
} CassImportCollate;

typedef enum CassImportTimeuuid
{
	CASS_IMPORT_TIMEUUID_OWN,
	CASS_IMPORT_TIMEUUID_UUID
} CassImportTimeuuid;

typedef enum CassImportNotNull
{
	CASS_IMPORT_NOT_NULL_PARTITION,
	CASS_IMPORT_NOT_NULL_NONE,
	CASS_IMPORT_NOT_NULL_KEY
} CassImportNotNull;

typedef enum CassImportKeys
{
	CASS_IMPORT_KEYS_OPTIONS,
	CASS_IMPORT_KEYS_NONE
} CassImportKeys;

/* One statement: its options, and what it has chosen so far. */
typedef struct CassImport
{
	const ImportForeignSchemaStmt *stmt;
	const cql_schema *schema;
	int udt;	  /* CassImportUdt */
	int collate;  /* CassImportCollate */
	int timeuuid; /* CassImportTimeuuid */
	int not_null; /* CassImportNotNull */
	int keys;	  /* CassImportKeys */
	List *tables; /* of char *: local names taken */
	List *udts;	  /* of CassImportedUdt: import_udt.c */
} CassImport;

/* import_option.c: reads the statement's options. */
extern void cass_import_options(CassImport *import, List *options);

/* ---- import_name.c ---- */

/* A name of Cassandra's as PostgreSQL would hold it. */
extern char *cass_import_cut(const char *name);
extern bool cass_import_has(List *names, const char *name);
/*
 * A local name for one of Cassandra's, converted: cut, or, where that is taken
 * or is another's real name, cut further and numbered.  others(arg, name)
 * tells whether something else in Cassandra has that very name.
 */
extern char *cass_import_name(const char *name, List *taken,
							  bool (*others)(const void *arg,
											 const char *name),
							  const void *arg);

/* ---- import_udt.c ---- */

/*
 * Type of a column, for DDL; *odd as cass_import_type().  Creates composite
 * types where the statement wants them.
 */
extern char *cass_import_column_type(CassImport *import, const cql_type *type,
									 const char **odd);

extern List *cassandraImportForeignSchema(ImportForeignSchemaStmt *stmt,
										  Oid serverid);

#endif /* CASS_IMPORT_H */
