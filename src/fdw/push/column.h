/*
 * column.h
 *	  Columns of a foreign table and of its CQL table, and names as CQL
 *	  has them.
 */
#ifndef CASS_COLUMN_H
#define CASS_COLUMN_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "cass_bound.h"
#include "shape.h"

/* A name, quoted where it needs to be. */
extern void cass_append_name(StringInfo out, const char *name);
/* A column's name, or an expression's text. */
extern void cass_append_attribute(StringInfo out, const CassAttribute *att);
/* token() of the whole partition key. */
extern void cass_append_token(StringInfo out, const cql_schema_table *table);
/* Attribute (index) mapped to the table's column, or -1. */
extern int cass_att_of_column(const CassShape *shape, int column);
/* The partition key's columns, for messages. */
extern char *cass_partition_key_text(const CassShape *shape);
/* Whether there is an index on the table's column, of any kind. */
extern bool cass_is_indexed(const CassShape *shape, int column);
/* Whether the attribute stands for the token of the whole partition key. */
extern bool cass_is_token(const CassShape *shape, int att);
/* The column's place in the key, indexes not looked at but for SLICE. */
extern CassPlace cass_place_of(const CassShape *shape, int att);
/* Why no condition on the column is pushed, or NULL. */
extern const char *cass_column_refused(const CassShape *shape, int att);

#endif /* CASS_COLUMN_H */
