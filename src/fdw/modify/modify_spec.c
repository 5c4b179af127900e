/*
 * modify_spec.c
 *	  Which statements write a foreign table, by its options and columns.
 */
#include "modify.h"

#include "utils/lsyscache.h"

void
cass_target_init(CassTarget *target, CassShape *shape, CassOptions *options,
				 Relation rel)
{
	int nkeys = cass_nkeys(shape->table);
	int i;

	target->shape = shape;
	/* these know no time of a write */
	if (shape->is_virtual)
		options->timestamps = CASS_TIMESTAMPS_SERVER;
	target->options = options;
	target->relname = pstrdup(RelationGetRelationName(rel));
	target->key_atts = palloc(sizeof(int) * nkeys);
	for (i = 0; i < nkeys; i++)
		target->key_atts[i] = cass_att_of_column(shape, i);
	target->ttl_att = target->timestamp_att = -1;
	for (i = 0; i < shape->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);
		Oid type = att->atttypid;

		if (shape->atts[i].dropped)
			continue;
		if (shape->atts[i].using == CASS_USING_TTL)
		{
			target->ttl_att = i;
			target->ttl_type = getBaseType(type);
		}
		if (shape->atts[i].using == CASS_USING_TIMESTAMP)
		{
			target->timestamp_att = i;
			target->timestamp_type = getBaseType(type);
		}
	}
	target->idempotent = options->timestamps == CASS_TIMESTAMPS_CLIENT &&
						 !shape->table->counter;
}

bool
cass_has_static(const cql_schema_table *table)
{
	uint32 i;

	for (i = 0; i < table->ncolumns; i++)
	{
		if (table->columns[i].kind == CQL_STATIC)
			return true;
	}
	return false;
}

static CassDmlSpec
start_spec(const CassTarget *target, bool conditional)
{
	CassDmlSpec spec;

	memset(&spec, 0, sizeof(spec));
	spec.shape = target->shape;
	spec.conditional = conditional;
	spec.ttl_att = target->ttl_att;
	spec.timestamp_att = target->timestamp_att;
	if (target->shape->table->counter)
		return spec;
	spec.use_ttl = target->ttl_att >= 0 || target->options->ttl >= 0;
	spec.use_time = !conditional &&
					(target->timestamp_att >= 0 ||
					 target->options->timestamps == CASS_TIMESTAMPS_CLIENT);
	return spec;
}

/* All that is mapped, keys first; of a static row what it can have. */
CassDmlSpec
cass_spec_insert(const CassTarget *target, bool only_static, bool conditional)
{
	const CassShape *shape = target->shape;
	const cql_schema_table *table = shape->table;
	CassDmlSpec spec = start_spec(target, conditional);
	int i;

	spec.only_static = only_static;
	for (i = 0; !table->counter && i < cass_nkeys(table); i++)
	{
		if (!only_static || i < (int) table->npartition)
			spec.atts = lappend_int(spec.atts, target->key_atts[i]);
	}
	for (i = 0; i < shape->natts; i++)
	{
		int column = shape->atts[i].column;

		if (shape->atts[i].dropped || column < cass_nkeys(table))
			continue;
		if (!only_static || table->columns[column].kind == CQL_STATIC)
			spec.atts = lappend_int(spec.atts, i);
	}
	return spec;
}

CassDmlSpec
cass_spec_update(const CassTarget *target, List *attnums, List *changes)
{
	CassDmlSpec spec =
		start_spec(target, target->options->conditional_writes &&
							   !target->shape->table->counter);
	ListCell *lc;

	foreach (lc, attnums)
	{
		int att = lfirst_int(lc) - 1;

		if (target->shape->atts[att].column >=
			cass_nkeys(target->shape->table))
		{
			spec.atts = lappend_int(spec.atts, att);
			spec.changes = lappend_int(
				spec.changes,
				changes == NIL
					? CASS_CHANGE_ASSIGN
					: list_nth_int(changes, foreach_current_index(lc)));
		}
	}
	if (!list_member_int(attnums, target->ttl_att + 1))
		spec.ttl_att = -1;
	if (!list_member_int(attnums, target->timestamp_att + 1))
		spec.timestamp_att = -1;
	spec.use_ttl &= spec.ttl_att >= 0 || target->options->ttl >= 0;
	spec.conditions =
		cass_pick_conditions(target, &spec, cass_all_static(&spec));
	return spec;
}

CassDmlSpec
cass_spec_delete(const CassTarget *target, bool only_static)
{
	bool counter = target->shape->table->counter;
	CassDmlSpec spec =
		start_spec(target, target->options->conditional_writes && !counter);

	spec.only_static = only_static;
	spec.use_ttl = false;
	spec.timestamp_att = -1;
	spec.use_time = !spec.conditional && !counter &&
					target->options->timestamps == CASS_TIMESTAMPS_CLIENT;
	spec.conditions = cass_pick_conditions(target, &spec, only_static);
	return spec;
}

/*
 * Whether the row is nothing but what is written: rows of COMPACT STORAGE are
 * there as long as a column of theirs outside of the key has a value.
 */
static bool
makes_compact_row(const CassDmlSpec *spec, CmdType operation)
{
	const cql_schema_table *table = spec->shape->table;
	int nvalues = (int) table->ncolumns - cass_nkeys(table);

	return table->compact != CQL_COMPACT_NONE && !table->counter &&
		   nvalues > 0 &&
		   (operation == CMD_INSERT || list_length(spec->atts) == nvalues);
}

/* Counters know no INSERT: adding is all there is. */
CassDml *
cass_deparse_dml(const CassDmlSpec *spec, CmdType operation)
{
	CassDml *dml;

	if (operation == CMD_DELETE)
		return cass_deparse_delete(spec);
	dml = operation == CMD_UPDATE || spec->shape->table->counter
			  ? cass_deparse_update(spec)
			  : cass_deparse_insert(spec);
	dml->needs_value = makes_compact_row(spec, operation);
	return dml;
}

CassDml *
cass_delete_dml(const CassTarget *target, bool only_static)
{
	CassDmlSpec spec = cass_spec_delete(target, only_static);

	return cass_deparse_dml(&spec, CMD_DELETE);
}
