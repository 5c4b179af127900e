/*
 * analyze.c
 *	  ANALYZE: random rows of a table, and how many it has.
 *
 * Rows are read as sample.c says and kept by reservoir sampling, so that each
 * row read has the same chance to be among them.
 */
#include "estimate.h"
#include "sample.h"

#include "access/htup_details.h"
#include "commands/vacuum.h"
#include "utils/backend_status.h"
#include "utils/memutils.h"
#include "utils/sampling.h"

typedef struct Reservoir
{
	const CassShape *shape;
	List *retrieved;
	TupleDesc desc;
	Datum *values;
	bool *nulls;
	MemoryContext context;	   /* of the rows */
	MemoryContext row_context; /* of the values of one row */
	HeapTuple *rows;
	int targrows;
	int nrows;
	double seen;
	ReservoirStateData state;
	AttrNumber decoding; /* for errors */
} Reservoir;

/* Names the column whose value could not be converted. */
static void
decode_context(void *arg)
{
	Reservoir *reservoir = arg;

	if (reservoir->decoding > 0)
		cass_attribute_context(reservoir->shape, reservoir->decoding);
}

static HeapTuple
form_tuple(Reservoir *reservoir, const cql_slice *cells)
{
	MemoryContext old = MemoryContextSwitchTo(reservoir->row_context);
	ErrorContextCallback callback;
	HeapTuple tuple;
	ListCell *lc;

	callback.callback = decode_context;
	callback.arg = reservoir;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	memset(reservoir->nulls, true, sizeof(bool) * reservoir->desc->natts);
	foreach (lc, reservoir->retrieved)
	{
		int att = lfirst_int(lc) - 1;

		reservoir->decoding = att + 1;
		reservoir->values[att] = cass_decode(reservoir->shape->atts[att].codec,
											 *cells++, &reservoir->nulls[att]);
	}
	reservoir->decoding = 0;
	error_context_stack = callback.previous;
	MemoryContextSwitchTo(reservoir->context);
	tuple =
		heap_form_tuple(reservoir->desc, reservoir->values, reservoir->nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(reservoir->row_context);
	return tuple;
}

/* Keeps the row, in the place of another one when the reservoir is full. */
static void
keep_row(void *arg, const cql_slice *cells)
{
	Reservoir *reservoir = arg;
	double place;

	reservoir->seen++;
	if (reservoir->nrows < reservoir->targrows)
	{
		reservoir->rows[reservoir->nrows++] = form_tuple(reservoir, cells);
		return;
	}
	place =
		reservoir->seen * sampler_random_fract(&reservoir->state.randstate);
	if (place >= reservoir->targrows)
		return;
	heap_freetuple(reservoir->rows[(int) place]);
	reservoir->rows[(int) place] = form_tuple(reservoir, cells);
}

static List *
all_attributes(const CassShape *shape)
{
	List *list = NIL;
	int i;

	for (i = 0; i < shape->natts; i++)
	{
		if (!shape->atts[i].dropped && shape->atts[i].codec != NULL)
			list = lappend_int(list, i + 1);
	}
	return list;
}

static void
init_reservoir(Reservoir *reservoir, const CassSample *sample,
			   Relation relation, HeapTuple *rows, int targrows)
{
	memset(reservoir, 0, sizeof(*reservoir));
	reservoir->shape = sample->shape;
	reservoir->retrieved = sample->retrieved;
	reservoir->desc = RelationGetDescr(relation);
	reservoir->values = palloc0(sizeof(Datum) * (reservoir->desc->natts + 1));
	reservoir->nulls = palloc0(sizeof(bool) * (reservoir->desc->natts + 1));
	reservoir->context = CurrentMemoryContext;
	reservoir->row_context = AllocSetContextCreate(
		CurrentMemoryContext, "cassandra_fdw sample", ALLOCSET_SMALL_SIZES);
	reservoir->rows = rows;
	reservoir->targrows = targrows;
	reservoir_init_selection_state(&reservoir->state, targrows);
}

/* What Cassandra has counted may be better than what had no time to. */
static void
correct_total(CassSample *sample, Oid userid)
{
	CassEstimate estimate;

	if (!sample->cut)
		return;
	cass_estimate_table(sample->shape, userid, &estimate);
	if (estimate.known)
		sample->total = Max(sample->total, estimate.rows);
}

/* What is sampled, as the table's owner. */
static void
open_sample(Relation relation, CassSample *sample)
{
	Oid relid = RelationGetRelid(relation);
	Oid owner = relation->rd_rel->relowner;

	memset(sample, 0, sizeof(*sample));
	sample->options = cass_options_for_table(relid, owner);
	sample->shape = cass_shape_get(relid, owner, sample->options);
	sample->belief = cass_belief_create(sample->shape, NULL, 0);
	sample->cluster = cass_get_cluster(sample->shape->serverid, owner);
	sample->deadline = cql_now() + CASS_SAMPLE_TIME;
}

static int
acquire_sample_rows(Relation relation, int elevel, HeapTuple *rows,
					int targrows, double *totalrows, double *totaldeadrows)
{
	CassSample sample;
	Reservoir reservoir;

	open_sample(relation, &sample);
	sample.retrieved = all_attributes(sample.shape);
	sample.max_rows = (double) targrows * CASS_SAMPLE_FACTOR;
	sample.row = keep_row;
	sample.arg = &reservoir;
	init_reservoir(&reservoir, &sample, relation, rows, targrows);
	cass_sample_read(&sample);
	correct_total(&sample, relation->rd_rel->relowner);
	MemoryContextDelete(reservoir.row_context);
	*totalrows = Max(sample.total, reservoir.nrows);
	*totaldeadrows = 0;
	ereport(elevel,
			(errmsg("\"%s\": read %.0f rows of %.2f%% of the token ring; "
					"%d rows in sample, %.0f estimated total rows",
					RelationGetRelationName(relation), sample.rows,
					sample.covered * 100, reservoir.nrows, *totalrows)));
	return reservoir.nrows;
}

/*
 * Whether ANALYZE of a parent asks: of its children it takes rows by the
 * number of their pages, some of which may be real ones.  Nothing but the
 * progress it reports tells whose statistics these are.
 */
static bool
is_for_parent(Relation relation)
{
	return MyBEEntry != NULL &&
		   MyBEEntry->st_progress_command == PROGRESS_COMMAND_ANALYZE &&
		   MyBEEntry->st_progress_command_target != RelationGetRelid(relation);
}

/* As many pages as the rows would take here. */
static double
count_pages(Relation relation, const CassShape *shape)
{
	CassEstimate estimate;
	double rows = relation->rd_rel->reltuples;

	cass_estimate_table(shape, relation->rd_rel->relowner, &estimate);
	if (rows < 0)
		rows = estimate.rows;
	return rows * (estimate.width + sizeof(HeapTupleHeaderData)) / BLCKSZ;
}

/*
 * There are no pages: the number of partitions takes their place, so that the
 * planner knows it after ANALYZE (a sample of whole partitions shows too few
 * distinct keys).
 */
bool
cassandraAnalyzeForeignTable(Relation relation, AcquireSampleRowsFunc *func,
							 BlockNumber *totalpages)
{
	CassSample sample;
	double pages;

	open_sample(relation, &sample);
	pages = is_for_parent(relation) ? count_pages(relation, sample.shape)
									: cass_sample_partitions(&sample);
	*func = acquire_sample_rows;
	*totalpages = (BlockNumber) Min(Max(pages, 1), MaxBlockNumber);
	return true;
}
