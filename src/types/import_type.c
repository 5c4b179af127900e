/*
 * import_type.c
 *	  PostgreSQL type that IMPORT FOREIGN SCHEMA chooses for a CQL type, and
 *	  copies of CQL types.
 */
#include "codec.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* What one import wants and finds. */
typedef struct ImportContext
{
	CassTypeName type_name;
	void *arg;
	const char *odd;
} ImportContext;

static const struct
{
	cql_type_id id;
	Oid typid;
} scalar_types[] = {
	{CQL_TYPE_ASCII, TEXTOID},		{CQL_TYPE_TEXT, TEXTOID},
	{CQL_TYPE_TINYINT, INT2OID},	{CQL_TYPE_SMALLINT, INT2OID},
	{CQL_TYPE_INT, INT4OID},		{CQL_TYPE_BIGINT, INT8OID},
	{CQL_TYPE_COUNTER, INT8OID},	{CQL_TYPE_VARINT, NUMERICOID},
	{CQL_TYPE_DECIMAL, NUMERICOID}, {CQL_TYPE_FLOAT, FLOAT4OID},
	{CQL_TYPE_DOUBLE, FLOAT8OID},	{CQL_TYPE_BOOLEAN, BOOLOID},
	{CQL_TYPE_BLOB, BYTEAOID},		{CQL_TYPE_UUID, UUIDOID},
	{CQL_TYPE_INET, INETOID},		{CQL_TYPE_DATE, DATEOID},
	{CQL_TYPE_TIME, TIMEOID},		{CQL_TYPE_DURATION, INTERVALOID},
	{CQL_TYPE_MAP, JSONBOID},		{CQL_TYPE_TUPLE, JSONBOID},
	{CQL_TYPE_UDT, JSONBOID},
};

static bool
is_collection(const cql_type *type)
{
	return type->id == CQL_TYPE_LIST || type->id == CQL_TYPE_SET ||
		   type->id == CQL_TYPE_MAP || type->id == CQL_TYPE_VECTOR;
}

/* Our own type, or what it is made of while it does not exist. */
static char *
timeuuid_name(void)
{
	Oid typid = cass_timeuuid_oid();

	if (!OidIsValid(typid))
		return format_type_be(UUIDOID);
	return format_type_extended(typid, -1, FORMAT_TYPE_FORCE_QUALIFY);
}

/* Custom types, also as parts of others; the first one is told. */
static void
find_odd(const cql_type *type, ImportContext *context)
{
	uint32_t i;

	check_stack_depth();
	if (type->id == CQL_TYPE_CUSTOM && context->odd == NULL)
		context->odd = psprintf(
			type->unread
				? "its type %s is too large to be read, so that its values "
				  "are shown as bytes"
				: "its type %s is not known, so that its values are shown as "
				  "bytes",
			cass_type_text(type));
	for (i = 0; i < type->nsub; i++)
		find_odd(type->sub[i], context);
}

static char *
choose_type(const cql_type *type, ImportContext *context)
{
	char *name = NULL;
	int i;

	if (context->type_name != NULL &&
		(type->id == CQL_TYPE_UDT || type->id == CQL_TYPE_TIMEUUID))
		name = context->type_name(context->arg, type);
	if (name != NULL)
		return name;
	if (type->id == CQL_TYPE_TIMEUUID)
		return timeuuid_name();
	/* a declaration that holds more would promise what is not kept */
	if (type->id == CQL_TYPE_TIMESTAMP)
		return format_type_with_typemod(TIMESTAMPTZOID, CASS_TIMESTAMP_DIGITS);
	for (i = 0; i < (int) lengthof(scalar_types); i++)
	{
		if (scalar_types[i].id == type->id)
			return format_type_be(scalar_types[i].typid);
	}
	if (!is_collection(type))
		return format_type_be(BYTEAOID);
	if (is_collection(type->sub[0]))
		return format_type_be(JSONBOID);
	return psprintf("%s[]", choose_type(type->sub[0], context));
}

char *
cass_import_type_as(const cql_type *type, CassTypeName type_name, void *arg,
					const char **odd)
{
	ImportContext context = {.type_name = type_name, .arg = arg};
	char *name;

	find_odd(type, &context);
	name = choose_type(type, &context);
	*odd = context.odd;
	return name;
}

char *
cass_import_type(const cql_type *type, const char **odd)
{
	return cass_import_type_as(type, NULL, NULL, odd);
}

static char *
copy_string(const char *string)
{
	return string == NULL ? NULL : pstrdup(string);
}

cql_type *
cass_copy_type(const cql_type *type)
{
	cql_type *copy = palloc(sizeof(cql_type));
	const cql_type **sub = palloc(sizeof(cql_type *) * (type->nsub + 1));
	const char **fields = NULL;
	uint32_t i;

	check_stack_depth();
	*copy = *type;
	if (type->fields != NULL)
		fields = palloc(sizeof(char *) * (type->nsub + 1));
	for (i = 0; i < type->nsub; i++)
	{
		sub[i] = cass_copy_type(type->sub[i]);
		if (fields != NULL)
			fields[i] = copy_string(type->fields[i]);
	}
	copy->sub = sub;
	copy->fields = fields;
	copy->keyspace = copy_string(type->keyspace);
	copy->name = copy_string(type->name);
	return copy;
}
