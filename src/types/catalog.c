/*
 * catalog.c
 *	  Types of extensions, ours included, by extension membership.
 *
 * A name and a schema could be anybody's; what an extension owns is certain.
 */
#include "codec.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/syscache.h"

/* The types asked for per query; what is found is kept until pg_type changes.
 */
typedef struct KnownType
{
	const char *extension;
	const char *name;
	Oid oid;
} KnownType;

static KnownType known_types[] = {
	{"cassandra_fdw", "timeuuid", InvalidOid},
	{"vector", "vector", InvalidOid},
	{"hstore", "hstore", InvalidOid},
};

static bool callback_registered = false;

static void
forget_types(Datum arg, int cacheid, uint32 hashvalue)
{
	int i;

	for (i = 0; i < (int) lengthof(known_types); i++)
		known_types[i].oid = InvalidOid;
}

/* Schema that an extension puts its objects into. */
static Oid
extension_schema(Oid extension)
{
	Relation rel = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	Oid schema = InvalidOid;

	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(extension));
	scan = systable_beginscan(rel, ExtensionOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		schema = ((Form_pg_extension) GETSTRUCT(tuple))->extnamespace;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return schema;
}

static Oid
find_type(const char *extname, const char *name)
{
	Oid extension = get_extension_oid(extname, true);
	Oid schema;
	Oid typid;

	if (!OidIsValid(extension))
		return InvalidOid;
	schema = extension_schema(extension);
	typid = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
							CStringGetDatum(name), ObjectIdGetDatum(schema));
	if (!OidIsValid(typid) ||
		getExtensionOfObject(TypeRelationId, typid) != extension)
		return InvalidOid;
	return typid;
}

Oid
cass_extension_type_oid(const char *extname, const char *name)
{
	int i;

	if (!callback_registered)
	{
		CacheRegisterSyscacheCallback(TYPEOID, forget_types, (Datum) 0);
		callback_registered = true;
	}
	for (i = 0; i < (int) lengthof(known_types); i++)
	{
		KnownType *known = &known_types[i];

		if (strcmp(known->extension, extname) != 0 ||
			strcmp(known->name, name) != 0)
			continue;
		if (!OidIsValid(known->oid))
			known->oid = find_type(extname, name);
		return known->oid;
	}
	return find_type(extname, name);
}

Oid
cass_timeuuid_oid(void)
{
	return cass_extension_type_oid("cassandra_fdw", "timeuuid");
}
