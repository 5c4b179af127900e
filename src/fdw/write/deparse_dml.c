/*
 * deparse_dml.c
 *	  The CQL text of INSERT, UPDATE and DELETE; decides nothing.
 */
#include "column.h"
#include "write.h"

typedef struct Builder
{
	StringInfoData out;
	const CassShape *shape;
	CassDml *dml;
} Builder;

static void
begin(Builder *b, const CassDmlSpec *spec)
{
	int most = spec->shape->natts + cass_nkeys(spec->shape->table) + 2 +
			   list_length(spec->conditions);

	initStringInfo(&b->out);
	b->shape = spec->shape;
	b->dml = palloc0(sizeof(CassDml));
	b->dml->markers = palloc0(sizeof(CassMarker) * most);
	b->dml->bound = palloc0(sizeof(cql_type *) * most);
	b->dml->conditional = spec->conditional;
	b->dml->counter = spec->shape->table->counter;
}

/* The key always counts; of the other columns those that have markers. */
static cql_belief *
believe(const Builder *b)
{
	const cql_schema_table *table = b->shape->table;
	cql_use *uses = palloc(sizeof(cql_use) * (b->dml->nmarkers + 1));
	int n = 0;
	int i;

	for (i = 0; i < b->dml->nmarkers; i++)
	{
		int att = b->dml->markers[i].att;
		int column = att < 0 ? -1 : b->shape->atts[att].column;

		if (column < cass_nkeys(table))
			continue;
		uses[n].name = table->columns[column].name;
		uses[n++].kind = CQL_USE_VALUE;
	}
	return cass_belief_create(b->shape, uses, n);
}

static CassDml *
finish(Builder *b)
{
	b->dml->cql = b->out.data;
	b->dml->belief = believe(b);
	return b->dml;
}

static void
append_column(Builder *b, int column)
{
	cass_append_name(&b->out, b->shape->table->columns[column].name);
}

static void
append_table(Builder *b)
{
	cass_append_name(&b->out, b->shape->table->keyspace);
	appendStringInfoChar(&b->out, '.');
	cass_append_name(&b->out, b->shape->table->name);
}

static void
mark(Builder *b, CassMarkerKind kind, int att, const cql_type *type)
{
	CassMarker *marker = &b->dml->markers[b->dml->nmarkers];

	marker->kind = kind;
	marker->att = att;
	b->dml->bound[b->dml->nmarkers++] = type;
	appendStringInfoChar(&b->out, '?');
}

static void
mark_column(Builder *b, CassMarkerKind kind, int att)
{
	int column = b->shape->atts[att].column;

	mark(b, kind, att, b->shape->table->columns[column].type);
}

static void
append_using(Builder *b, const CassDmlSpec *spec)
{
	if (spec->use_ttl)
	{
		appendStringInfoString(&b->out, " USING TTL ");
		mark(b, CASS_MARKER_TTL, spec->ttl_att, NULL);
	}
	if (spec->use_time)
	{
		appendStringInfoString(&b->out, spec->use_ttl ? " AND TIMESTAMP "
													  : " USING TIMESTAMP ");
		mark(b, CASS_MARKER_TIMESTAMP, spec->timestamp_att, NULL);
	}
}

/* The key, or only the partition's where just static columns are meant. */
static void
append_where(Builder *b, bool partition_only)
{
	const cql_schema_table *table = b->shape->table;
	int n = partition_only ? (int) table->npartition : cass_nkeys(table);
	int i;

	for (i = 0; i < n; i++)
	{
		appendStringInfoString(&b->out, i == 0 ? " WHERE " : " AND ");
		append_column(b, i);
		appendStringInfoString(&b->out, " = ");
		mark_column(b, CASS_MARKER_KEY, cass_att_of_column(b->shape, i));
	}
}

/* IF EXISTS, or what the row must have. */
static void
append_if(Builder *b, const CassDmlSpec *spec)
{
	const char *word = " IF ";
	ListCell *lc;

	if (!spec->conditional)
		return;
	foreach (lc, spec->conditions)
	{
		appendStringInfoString(&b->out, word);
		append_column(b, b->shape->atts[lfirst_int(lc)].column);
		appendStringInfoString(&b->out, " = ");
		mark_column(b, CASS_MARKER_CONDITION, lfirst_int(lc));
		word = " AND ";
	}
	if (spec->conditions == NIL)
		appendStringInfoString(&b->out, " IF EXISTS");
}

CassDml *
cass_deparse_insert(const CassDmlSpec *spec)
{
	Builder b;
	ListCell *lc;
	const char *comma = "";

	begin(&b, spec);
	appendStringInfoString(&b.out, "INSERT INTO ");
	append_table(&b);
	appendStringInfoString(&b.out, " (");
	foreach (lc, spec->atts)
	{
		appendStringInfoString(&b.out, comma);
		append_column(&b, spec->shape->atts[lfirst_int(lc)].column);
		comma = ", ";
	}
	appendStringInfoString(&b.out, ") VALUES (");
	comma = "";
	foreach (lc, spec->atts)
	{
		int att = lfirst_int(lc);
		int column = spec->shape->atts[att].column;

		appendStringInfoString(&b.out, comma);
		mark_column(&b,
					column < cass_nkeys(spec->shape->table)
						? CASS_MARKER_KEY
						: CASS_MARKER_VALUE,
					att);
		comma = ", ";
	}
	appendStringInfoChar(&b.out, ')');
	if (spec->conditional)
		appendStringInfoString(&b.out, " IF NOT EXISTS");
	append_using(&b, spec);
	return finish(&b);
}

bool
cass_all_static(const CassDmlSpec *spec)
{
	const cql_schema_table *table = spec->shape->table;
	ListCell *lc;

	foreach (lc, spec->atts)
	{
		int column = spec->shape->atts[lfirst_int(lc)].column;

		if (table->columns[column].kind != CQL_STATIC)
			return false;
	}
	return spec->atts != NIL;
}

/* What a map loses is told by a set of its keys. */
static const cql_type *
key_set(const cql_type *map)
{
	cql_type *set = palloc0(sizeof(cql_type));
	const cql_type **sub = palloc(sizeof(cql_type *));

	sub[0] = map->sub[0];
	set->id = CQL_TYPE_SET;
	set->nsub = 1;
	set->sub = sub;
	return set;
}

static CassMarkerKind
marker_kind(const Builder *b, CassChange change)
{
	if (b->dml->counter)
		return CASS_MARKER_DELTA;
	switch (change)
	{
		case CASS_CHANGE_APPEND:
		case CASS_CHANGE_PREPEND:
			return CASS_MARKER_ELEMENTS;
		case CASS_CHANGE_REMOVE:
			return CASS_MARKER_REMOVED;
		case CASS_CHANGE_REMOVE_KEY:
			return CASS_MARKER_MAP_KEY;
		case CASS_CHANGE_REMOVE_KEYS:
			return CASS_MARKER_MAP_KEYS;
		case CASS_CHANGE_ASSIGN:
			break;
	}
	return CASS_MARKER_VALUE;
}

/* "c = ?", or what else becomes of the column. */
static void
append_change(Builder *b, int att, CassChange change)
{
	int column = b->shape->atts[att].column;
	const cql_type *type = b->shape->table->columns[column].type;

	append_column(b, column);
	appendStringInfoString(&b->out, " = ");
	if (b->dml->counter || change == CASS_CHANGE_APPEND)
	{
		append_column(b, column);
		appendStringInfoString(&b->out, " + ");
	}
	else if (change >= CASS_CHANGE_REMOVE)
	{
		append_column(b, column);
		appendStringInfoString(&b->out, " - ");
	}
	if (change >= CASS_CHANGE_REMOVE_KEY)
		mark(b, marker_kind(b, change), att, key_set(type));
	else
		mark(b, marker_kind(b, change), att, type);
	if (change == CASS_CHANGE_PREPEND)
	{
		appendStringInfoString(&b->out, " + ");
		append_column(b, column);
	}
	b->dml->adds_static |=
		b->dml->counter && b->shape->table->columns[column].kind == CQL_STATIC;
	b->dml->appends |=
		type->id == CQL_TYPE_LIST &&
		(change == CASS_CHANGE_APPEND || change == CASS_CHANGE_PREPEND);
}

CassDml *
cass_deparse_update(const CassDmlSpec *spec)
{
	Builder b;
	ListCell *lc;

	begin(&b, spec);
	appendStringInfoString(&b.out, "UPDATE ");
	append_table(&b);
	append_using(&b, spec);
	appendStringInfoString(&b.out, " SET ");
	foreach (lc, spec->atts)
	{
		int i = foreach_current_index(lc);

		appendStringInfoString(&b.out, i > 0 ? ", " : "");
		append_change(&b, lfirst_int(lc),
					  spec->changes == NIL ? CASS_CHANGE_ASSIGN
										   : list_nth_int(spec->changes, i));
	}
	b.dml->all_static = cass_all_static(spec);
	append_where(&b, b.dml->all_static);
	append_if(&b, spec);
	return finish(&b);
}

/*
 * A row, or where it has only static columns these: the rest of the partition
 * may have got rows meanwhile.
 */
CassDml *
cass_deparse_delete(const CassDmlSpec *spec)
{
	const cql_schema_table *table = spec->shape->table;
	Builder b;
	const char *comma = " ";
	uint32 i;

	begin(&b, spec);
	appendStringInfoString(&b.out, "DELETE");
	for (i = 0; spec->only_static && i < table->ncolumns; i++)
	{
		if (table->columns[i].kind != CQL_STATIC)
			continue;
		appendStringInfoString(&b.out, comma);
		append_column(&b, i);
		comma = ", ";
	}
	appendStringInfoString(&b.out, " FROM ");
	append_table(&b);
	append_using(&b, spec);
	append_where(&b, spec->only_static);
	append_if(&b, spec);
	return finish(&b);
}
