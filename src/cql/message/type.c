/*
 * type.c
 *	  Type descriptors: the table of scalar types, making and comparing nodes.
 *
 * Includes type.h only; the parsers are type_wire.c, type_class.c and
 * type_cql.c, printing is type_print.c.
 */
#include "type.h"

#include <string.h>

#define SCALAR(id_, name_, class_, length_)                                   \
	{                                                                         \
		.type = {.id = id_}, .name = name_, .class_name = class_,             \
		.fixed_length = length_                                               \
	}

/*
 * Types without parameters: CQL name, marshal class, and length in a vector
 * where that is fixed (what Cassandra's valueLengthIfFixed() says; smallint,
 * tinyint, date and time are not, although their values have one length).
 */
static const struct
{
	cql_type type;
	const char *name;
	const char *class_name;
	uint32_t fixed_length;
} scalars[] = {
	SCALAR(CQL_TYPE_ASCII, "ascii", "AsciiType", 0),
	SCALAR(CQL_TYPE_BIGINT, "bigint", "LongType", 8),
	SCALAR(CQL_TYPE_BLOB, "blob", "BytesType", 0),
	SCALAR(CQL_TYPE_BOOLEAN, "boolean", "BooleanType", 1),
	SCALAR(CQL_TYPE_COUNTER, "counter", "CounterColumnType", 0),
	SCALAR(CQL_TYPE_DECIMAL, "decimal", "DecimalType", 0),
	SCALAR(CQL_TYPE_DOUBLE, "double", "DoubleType", 8),
	SCALAR(CQL_TYPE_FLOAT, "float", "FloatType", 4),
	SCALAR(CQL_TYPE_INT, "int", "Int32Type", 4),
	SCALAR(CQL_TYPE_TIMESTAMP, "timestamp", "TimestampType", 8),
	SCALAR(CQL_TYPE_UUID, "uuid", "UUIDType", 16),
	SCALAR(CQL_TYPE_TEXT, "text", "UTF8Type", 0),
	SCALAR(CQL_TYPE_VARINT, "varint", "IntegerType", 0),
	SCALAR(CQL_TYPE_TIMEUUID, "timeuuid", "TimeUUIDType", 16),
	SCALAR(CQL_TYPE_INET, "inet", "InetAddressType", 0),
	SCALAR(CQL_TYPE_DATE, "date", "SimpleDateType", 0),
	SCALAR(CQL_TYPE_TIME, "time", "TimeType", 0),
	SCALAR(CQL_TYPE_SMALLINT, "smallint", "ShortType", 0),
	SCALAR(CQL_TYPE_TINYINT, "tinyint", "ByteType", 0),
	SCALAR(CQL_TYPE_DURATION, "duration", "DurationType", 0),
	/* other spellings of types above */
	SCALAR(CQL_TYPE_TEXT, "varchar", "UTF8Type", 0),
	SCALAR(CQL_TYPE_TIMESTAMP, "timestamp", "DateType", 8),
	SCALAR(CQL_TYPE_TIMEUUID, "timeuuid", "LegacyTimeUUIDType", 16),
};

#define NSCALARS (sizeof(scalars) / sizeof(scalars[0]))

const cql_type *
cql_type_scalar(cql_type_id id)
{
	for (size_t i = 0; i < NSCALARS; i++)
	{
		if (scalars[i].type.id == id)
			return &scalars[i].type;
	}
	return NULL;
}

const char *
cql_type_scalar_name(cql_type_id id)
{
	for (size_t i = 0; i < NSCALARS; i++)
	{
		if (scalars[i].type.id == id)
			return scalars[i].name;
	}
	return NULL;
}

static bool
same_word(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && memcmp(word, text, len) == 0;
}

const cql_type *
cql_type_scalar_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < NSCALARS; i++)
	{
		if (same_word(scalars[i].name, name, len))
			return &scalars[i].type;
	}
	return NULL;
}

const cql_type *
cql_type_scalar_by_class(const char *name, size_t len)
{
	for (size_t i = 0; i < NSCALARS; i++)
	{
		if (same_word(scalars[i].class_name, name, len))
			return &scalars[i].type;
	}
	return NULL;
}

uint32_t
cql_type_fixed_length(const cql_type *type)
{
	uint64_t length = 1;

	while (type->id == CQL_TYPE_VECTOR)
	{
		length *= type->dimension;
		if (length > CQL_MAX_BODY)
			return 0;
		type = type->sub[0];
	}
	for (size_t i = 0; i < NSCALARS; i++)
	{
		if (scalars[i].type.id == type->id)
			return (uint32_t) (length * scalars[i].fixed_length);
	}
	return 0;
}

cql_type *
cql_type_make(cql_arena *arena, cql_type_id id, uint32_t nsub)
{
	cql_type *type = cql_arena_alloc(arena, sizeof(*type));

	if (type == NULL)
		return NULL;
	type->id = id;
	type->nsub = nsub;
	if (nsub > 0)
	{
		type->sub = cql_arena_array(arena, nsub, sizeof(*type->sub));
		if (type->sub == NULL)
			return NULL;
	}
	return type;
}

cql_type *
cql_type_make_udt(cql_arena *arena, const char *keyspace, const char *name,
				  uint32_t nsub)
{
	cql_type *type = cql_type_make(arena, CQL_TYPE_UDT, nsub);

	if (type == NULL)
		return NULL;
	type->keyspace = keyspace;
	type->name = name;
	if (nsub > 0)
	{
		type->fields = cql_arena_array(arena, nsub, sizeof(*type->fields));
		if (type->fields == NULL)
			return NULL;
	}
	return type;
}

void
cql_type_set_sub(cql_type *type, uint32_t i, const cql_type *sub)
{
	((const cql_type **) type->sub)[i] = sub;
}

void
cql_type_set_field(cql_type *type, uint32_t i, const char *name)
{
	((const char **) type->fields)[i] = name;
}

const cql_type *
cql_type_make_vector(cql_arena *arena, const cql_type *element,
					 uint64_t dimension)
{
	uint32_t fixed = cql_type_fixed_length(element);
	cql_type *type;

	/* An element takes at least a byte, if only for its length. */
	if (dimension == 0 || dimension > CQL_MAX_BODY / (fixed > 0 ? fixed : 1))
		return NULL;
	type = cql_type_make(arena, CQL_TYPE_VECTOR, 1);
	if (type == NULL)
		return NULL;
	cql_type_set_sub(type, 0, element);
	type->dimension = (uint32_t) dimension;
	return type;
}

const cql_type *
cql_type_make_custom(cql_arena *arena, const char *text, size_t len)
{
	cql_type *type = cql_type_make(arena, CQL_TYPE_CUSTOM, 0);

	if (type == NULL)
		return NULL;
	type->name = cql_arena_text(arena, text, len);
	return type->name == NULL ? NULL : type;
}

static cql_type *
copy_node(cql_arena *arena, const cql_type *type)
{
	cql_type *copy = cql_arena_alloc(arena, sizeof(*copy));

	if (copy != NULL)
		*copy = *type;
	return copy;
}

const cql_type *
cql_type_make_frozen(cql_arena *arena, const cql_type *type)
{
	cql_type *copy;

	if (type->frozen)
		return type;
	copy = copy_node(arena, type);
	if (copy != NULL)
		copy->frozen = true;
	return copy;
}

const cql_type *
cql_type_make_reversed(cql_arena *arena, const cql_type *type)
{
	cql_type *copy = copy_node(arena, type);

	if (copy != NULL)
		copy->reversed = true;
	return copy;
}

bool
cql_type_enter(cql_type_budget *budget)
{
	if (budget->depth >= CQL_MAX_TYPE_DEPTH ||
		budget->nodes >= CQL_MAX_TYPE_NODES)
		return false;
	budget->depth++;
	budget->nodes++;
	return true;
}

void
cql_type_leave(cql_type_budget *budget)
{
	budget->depth--;
}

/*
 * The nodes are counted as a tree although a UDT used twice is one object:
 * whoever walks the type meets it twice.
 */
bool
cql_type_include(cql_type_budget *budget, const cql_type *type)
{
	if (!cql_type_enter(budget))
		return false;
	for (uint32_t i = 0; i < type->nsub; i++)
	{
		if (!cql_type_include(budget, type->sub[i]))
			return false;
	}
	cql_type_leave(budget);
	return true;
}

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
cql_type_equal(const cql_type *a, const cql_type *b)
{
	if (a == b || a->unread || b->unread)
		return true;
	if (a->id != b->id || a->nsub != b->nsub || a->dimension != b->dimension ||
		!same_text(a->keyspace, b->keyspace) || !same_text(a->name, b->name))
		return false;
	for (uint32_t i = 0; i < a->nsub; i++)
	{
		if (a->fields != NULL && b->fields != NULL &&
			!same_text(a->fields[i], b->fields[i]))
			return false;
		if (!cql_type_equal(a->sub[i], b->sub[i]))
			return false;
	}
	return true;
}

bool
cql_type_was_altered(const cql_type *a, const cql_type *b)
{
	uint32_t i;

	if (a->id != b->id)
		return false;
	if (a->id == CQL_TYPE_UDT)
		return strcmp(a->name, b->name) == 0;
	if (a->nsub != b->nsub)
		return false;
	for (i = 0; i < a->nsub; i++)
	{
		if (!cql_type_was_altered(a->sub[i], b->sub[i]))
			return false;
	}
	return true;
}
