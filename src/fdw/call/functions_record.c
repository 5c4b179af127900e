/*
 * functions_record.c
 *	  Rows of the functions that tell what the client does.
 */
#include "functions.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

void
cass_record_add(CassRecord *row, Datum value)
{
	Assert(row->n < CASS_RECORD_COLUMNS);
	row->nulls[row->n] = false;
	row->values[row->n++] = value;
}

void
cass_record_null(CassRecord *row)
{
	Assert(row->n < CASS_RECORD_COLUMNS);
	row->nulls[row->n] = true;
	row->values[row->n++] = (Datum) 0;
}

void
cass_record_text(CassRecord *row, const char *text)
{
	if (text == NULL)
		cass_record_null(row);
	else
		cass_record_add(row, CStringGetTextDatum(text));
}

void
cass_record_uuid(CassRecord *row, const uint8 id[16])
{
	pg_uuid_t *uuid = palloc(sizeof(pg_uuid_t));

	memcpy(uuid->data, id, UUID_LEN);
	cass_record_add(row, UUIDPGetDatum(uuid));
}

void
cass_record_latency(CassRecord *row,
					const uint64 counts[CQL_HISTOGRAM_BUCKETS],
					double fraction)
{
	double us = cql_histogram_quantile(counts, fraction);

	if (us < 0)
		cass_record_null(row);
	else
		cass_record_add(row, Float8GetDatum(rint(us) / 1000));
}

void
cass_record_store(FunctionCallInfo fcinfo, CassRecord *row, int ncolumns)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	Assert(row->n == ncolumns);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row->values,
						 row->nulls);
}
