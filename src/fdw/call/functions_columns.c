/*
 * functions_columns.c
 *	  What the columns of a foreign table are in Cassandra, for tools.
 */
#include "functions.h"
#include "shape.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(cassandra_columns);

#define COLUMNS 8

static const char *
kind_of(const CassAttribute *att, const cql_schema_column *column)
{
	static const char *const names[] = {"partition_key", "clustering",
										"static", "regular"};

	if (column != NULL)
		return names[column->kind];
	if (att->selector != NULL)
		return "expression";
	return att->using == CASS_USING_TTL ? "ttl" : "timestamp";
}

/* Names of a column's indexes; NULL where it has none. */
static void
add_indexes(CassRecord *row, const cql_schema_table *table, int column)
{
	Datum *names = palloc(sizeof(Datum) * (table->nindexes + 1));
	int n = 0;
	uint32 i;

	for (i = 0; column >= 0 && i < table->nindexes; i++)
	{
		if (table->indexes[i].column == column)
			names[n++] =
				CStringGetTextDatum(cass_from_cql(table->indexes[i].name));
	}
	if (n == 0)
		cass_record_null(row);
	else
		cass_record_add(row, PointerGetDatum(construct_array(
								 names, n, TEXTOID, -1, false, TYPALIGN_INT)));
}

static void
fill_row(CassRecord *row, const CassShape *shape, const CassAttribute *att,
		 const char *name)
{
	const cql_schema_column *column =
		att->column < 0 ? NULL : &shape->table->columns[att->column];
	const char *cql_name = column != NULL ? column->name : att->selector;

	row->n = 0;
	cass_record_text(row, name);
	cass_record_text(row, cql_name == NULL ? NULL : cass_from_cql(cql_name));
	cass_record_text(row, kind_of(att, column));
	if (column == NULL || column->position < 0)
		cass_record_null(row);
	else
		cass_record_add(row, Int32GetDatum(column->position + 1));
	if (column == NULL || column->kind != CQL_CLUSTERING)
		cass_record_null(row);
	else
		cass_record_text(row, column->descending ? "desc" : "asc");
	cass_record_text(row,
					 att->type == NULL ? NULL : cass_type_text(att->type));
	add_indexes(row, shape->table, att->column);
	cass_record_add(row, BoolGetDatum(column != NULL && column->masked));
}

Datum
cassandra_columns(PG_FUNCTION_ARGS)
{
	Oid relid = PG_GETARG_OID(0);
	Relation rel = cass_function_table(relid);
	CassOptions *options = cass_options_for_table(relid, GetUserId());
	const CassShape *shape = cass_shape_get(relid, GetUserId(), options);
	int i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < shape->natts; i++)
	{
		const CassAttribute *att = &shape->atts[i];
		CassRecord row;

		if (att->dropped || att->missing)
			continue;
		fill_row(&row, shape, att,
				 NameStr(TupleDescAttr(RelationGetDescr(rel), i)->attname));
		cass_record_store(fcinfo, &row, COLUMNS);
	}
	relation_close(rel, NoLock);
	return (Datum) 0;
}
