/*
 * shape_cache.c
 *	  Shapes by foreign table and user, kept for the backend's life.
 *
 * Who asks for a shape pins it until his memory context ends; a shape that is
 * stale goes when its last pin does.
 */
#include "conncache.h"
#include "shape_int.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/sinval.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

typedef struct ShapeKey
{
	Oid relid;
	Oid userid;
} ShapeKey;

typedef struct CachedShape
{
	CassShape shape;
	MemoryContext context; /* of all of it, this too */
	uint64 generation;	   /* of the schema it was made of */
	int pins;
	bool detached; /* no entry has it any more */
} CachedShape;

typedef struct ShapeEntry
{
	ShapeKey key;
	CachedShape *cached;	 /* or NULL */
	CassSchemaEntry *schema; /* the last one was made of it, or NULL */
	bool stale;
	bool changed; /* the foreign table was: it may be dropped */
} ShapeEntry;

/* A user of a cached shape. */
typedef struct ShapePin
{
	MemoryContextCallback callback;
	CachedShape *cached;
} ShapePin;

static HTAB *shapes = NULL;
static bool any_stale = false;
static bool replanning = false; /* an invalidation is our own */

/*
 * All shapes of a foreign table, or of all where it is InvalidOid.  A foreign
 * table that was changed may have been made for a CQL table that was.
 */
static void
mark_stale(Oid relid, bool changed)
{
	HASH_SEQ_STATUS seq;
	ShapeEntry *entry;

	hash_seq_init(&seq, shapes);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (OidIsValid(relid) && entry->key.relid != relid)
			continue;
		entry->stale = any_stale = true;
		entry->changed |= changed;
		if (changed && entry->schema != NULL)
			entry->schema->stale = true;
	}
}

static void
invalidate_relation(Datum arg, Oid relid)
{
	if (!replanning)
		mark_stale(relid, true);
}

static void
invalidate_all(Datum arg, int cacheid, uint32 hashvalue)
{
	mark_stale(InvalidOid, false);
}

void
cass_shape_init(void)
{
	HASHCTL ctl = {.keysize = sizeof(ShapeKey),
				   .entrysize = sizeof(ShapeEntry)};

	shapes =
		hash_create("cassandra_fdw shapes", 32, &ctl, HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(invalidate_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, invalidate_all, (Datum) 0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID, invalidate_all, (Datum) 0);
	/* a schema's name may stand for the keyspace's */
	CacheRegisterSyscacheCallback(NAMESPACEOID, invalidate_all, (Datum) 0);
	cass_schema_cache_init();
}

static void
unpin(void *arg)
{
	CachedShape *cached = ((ShapePin *) arg)->cached;

	if (--cached->pins == 0 && cached->detached)
		MemoryContextDelete(cached->context);
}

static CassShape *
pin(CachedShape *cached)
{
	ShapePin *pin = palloc(sizeof(ShapePin));

	pin->cached = cached;
	pin->callback.func = unpin;
	pin->callback.arg = pin;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &pin->callback);
	cached->pins++;
	return &cached->shape;
}

/* The entry gives its shape up; who has pinned it goes on. */
static void
detach(ShapeEntry *entry)
{
	CachedShape *cached = entry->cached;

	entry->cached = NULL;
	if (cached == NULL)
		return;
	cached->detached = true;
	if (cached->pins == 0)
		MemoryContextDelete(cached->context);
}

static bool
is_usable(const ShapeEntry *entry)
{
	const CachedShape *cached = entry->cached;

	return cached != NULL && !entry->stale && !entry->schema->stale &&
		   entry->schema->generation == cached->generation;
}

static void
use_schema(ShapeEntry *entry, CassSchemaEntry *schema)
{
	if (entry->schema != NULL)
		entry->schema->users--;
	entry->schema = schema;
	if (schema != NULL)
		schema->users++;
}

/* Frees what is stale: a foreign table that was dropped leaves nothing. */
static void
sweep(void)
{
	HASH_SEQ_STATUS seq;
	ShapeEntry *entry;

	any_stale = false;
	hash_seq_init(&seq, shapes);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (!entry->stale)
			continue;
		detach(entry);
		if (!entry->changed)
			continue;
		use_schema(entry, NULL);
		(void) hash_search(shapes, &entry->key, HASH_REMOVE, NULL);
	}
	cass_schema_sweep();
}

/* Only the plans of these tables, and only in this session. */
static void
replan(Oid relid)
{
	SharedInvalidationMessage message;

	memset(&message, 0, sizeof(message));
	message.rc.id = SHAREDINVALRELCACHE_ID;
	message.rc.dbId = MyDatabaseId;
	message.rc.relId = relid;
	LocalExecuteInvalidationMessage(&message);
}

void
cass_shape_replan(const CassSchemaEntry *schema)
{
	List *volatile relids = NIL;
	HASH_SEQ_STATUS seq;
	ShapeEntry *entry;
	ListCell *lc;

	hash_seq_init(&seq, shapes);
	while ((entry = hash_seq_search(&seq)) != NULL)
	{
		if (entry->schema == schema)
			relids = list_append_unique_oid(relids, entry->key.relid);
	}
	replanning = true;
	PG_TRY();
	{
		foreach (lc, relids)
			replan(lfirst_oid(lc));
	}
	PG_FINALLY();
	{
		replanning = false;
	}
	PG_END_TRY();
	list_free(relids);
}

/*
 * Whether codecs of the type depend on nothing but the foreign table and may
 * be used by several scans at a time: domains evaluate expressions, composite
 * types and enums change without a notice of the table's.
 */
static bool
is_plain(Oid typid)
{
	Oid element = get_element_type(typid);

	if (OidIsValid(element))
		return is_plain(element);
	return get_typtype(typid) == TYPTYPE_BASE;
}

static bool
may_be_cached(const CassShape *shape, TupleDesc desc)
{
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		if (!shape->atts[i].dropped &&
			!is_plain(TupleDescAttr(desc, i)->atttypid))
			return false;
	}
	return true;
}

/* A new shape in a context of its own, a child of the current one. */
static CachedShape *
make_shape(ShapeEntry *entry, const CassOptions *options)
{
	const ShapeKey *key = &entry->key;
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "cassandra_fdw shape", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CachedShape *cached = palloc0(sizeof(CachedShape));

	cached->context = context;
	cached->shape.relid = key->relid;
	cached->shape.serverid = GetForeignTable(key->relid)->serverid;
	cached->shape.userid = key->userid;
	use_schema(entry, cass_shape_fill(&cached->shape, options));
	cached->generation = entry->schema->generation;
	MemoryContextSwitchTo(old);
	return cached;
}

/* Makes the entry's shape, or one for this caller alone. */
static CassShape *
renew(ShapeEntry *entry, const CassOptions *options)
{
	CachedShape *cached;
	Relation rel;
	bool keep;

	detach(entry);
	/* set again by what is invalidated meanwhile */
	entry->stale = entry->changed = false;
	cached = make_shape(entry, options);
	rel = table_open(entry->key.relid, NoLock);
	keep = may_be_cached(&cached->shape, RelationGetDescr(rel));
	table_close(rel, NoLock);
	if (!keep || entry->cached != NULL)
		return &cached->shape;
	MemoryContextSetParent(cached->context, CacheMemoryContext);
	entry->cached = cached;
	return pin(cached);
}

CassShape *
cass_shape_get(Oid relid, Oid userid, const CassOptions *options)
{
	ShapeKey key;
	ShapeEntry *entry;
	bool found;

	memset(&key, 0, sizeof(key));
	key.relid = relid;
	key.userid = userid;
	if (any_stale)
		sweep();
	entry = hash_search(shapes, &key, HASH_ENTER, &found);
	if (!found)
	{
		entry->cached = NULL;
		entry->schema = NULL;
		entry->stale = entry->changed = false;
	}
	if (is_usable(entry))
		return pin(entry->cached);
	return renew(entry, options);
}
