/*
 * modify.h
 *	  What the plan of a modification says, and its checks.
 */
#ifndef CASS_MODIFY_H
#define CASS_MODIFY_H

#include "column.h"
#include "write.h"

#include "utils/hsearch.h"

/* fdw_private of a foreign table that a ModifyTable writes row by row. */
typedef enum CassModifyPrivate
{
	CASS_MODIFY_EQUALS, /* Integer lists: of the target */
	CASS_MODIFY_NULLABLES,
	CASS_MODIFY_ATTS,	 /* Integer list: attribute numbers assigned */
	CASS_MODIFY_CQL,	 /* String: for EXPLAIN, empty where nothing is set */
	CASS_MODIFY_EXISTING /* likewise: what ON CONFLICT does with rows */
} CassModifyPrivate;

/* ---- modify_begin.c, modify_exec.c, modify_end.c ---- */

typedef struct CassReader CassReader;
typedef struct CassUpsert CassUpsert;

/* A foreign table that a statement writes: ri_FdwState. */
typedef struct CassModify
{
	ModifyTableState *mtstate;
	CassTarget target;
	CmdType operation;
	CassDml *whole;		   /* INSERT or DELETE of a row */
	CassDml *static_part;  /* the same where it has only static columns */
	CassConflict conflict; /* INSERT: IF NOT EXISTS but for "overwrite" */
	CassUpsert *upsert;	   /* INSERT: ON CONFLICT DO UPDATE, or NULL */
	Bitmapset *named;	   /* INSERT: attributes whose NULL is written */
	bool all_named;
	Bitmapset *unwritten;		/* INSERT: attributes by index, must be NULL */
	Bitmapset *assigned;		/* UPDATE: attribute numbers */
	List *updates;				/* of CassUpdateDml */
	AttrNumber *junk;			/* of key columns in the subplan's row */
	AttrNumber *condition_junk; /* of what IF compares, by attribute */
	Datum *condition_values;	/* likewise */
	bool *condition_isnull;
	int null_guard; /* attribute that is compared only if NULL, or -1 */
	AttrNumber wholerow;
	HTAB *done;		   /* rows of a join, which may come again */
	Datum *key_values; /* by key column */
	bool *key_isnull;
	/* stored.c: attributes of written rows that somebody looks at, by index */
	Bitmapset *seen;
	bool all_seen;
	bool seen_known;
	HTAB *earlier; /* keys of an INSERT's rows that were read, or NULL */
	CassReader *readers[2]; /* by whether the row is a static one */
	bool readers_made[2];
} CassModify;

/* Checks and fills it, and opens its window, which is to be closed. */
extern void cass_target_open(CassTarget *target, EState *estate,
							 ResultRelInfo *rri, CmdType operation);
/* What a window has done; flushes it. */
extern void cass_explain_writes(CassWindow *window, ExplainState *es);

/* ---- modify_row.c ---- */

/* Writes the row; false where a condition kept it from that. */
extern bool cass_write_row(CassModify *m, const CassDml *dml,
						   const CassNewRow *in);
/* Whether its key is that of a partition with no rows but static columns. */
extern bool cass_is_static_row(const CassTarget *target, const CassNewRow *in);

/* An UPDATE's statement; rows may need different ones. */
typedef struct CassUpdateDml
{
	Bitmapset *atts; /* attribute numbers: assigned, or direct: made NULL */
	bool unguarded;	 /* without the column that is compared if NULL */
	CassDml *dml;	 /* NULL: it sets nothing */
} CassUpdateDml;

/* The list's member for these, or a new one whose dml is to be filled in. */
extern CassUpdateDml *cass_update_dml_enter(List **updates, EState *estate,
											const Bitmapset *atts,
											bool unguarded, bool *found);
/*
 * The statement that assigns these attributes (numbers) of the row whose
 * conditions were got; NULL where it sets nothing.
 */
extern const CassDml *cass_update_dml(CassModify *m, EState *estate,
									  const Bitmapset *atts);
/* cass_check_key_kept() for all keys among these attributes. */
extern void cass_check_keys_kept(const CassModify *m, const CassNewRow *in,
								 const Bitmapset *atts);

/* ---- row_reader.c ---- */

typedef struct CassRowReader CassRowReader;

/*
 * Of these attributes, by index, by the first nbound key columns; in
 * CurrentMemoryContext, the target must outlive it.
 */
extern CassRowReader *cass_row_reader_create(const CassTarget *target,
											 const int *atts, int natts,
											 int nbound);
/*
 * One request, by the row's key: its cells, in the attributes' order, until
 * cass_row_reader_done(); NULL: there is no such row.
 */
extern const cql_slice *cass_row_reader_read(CassRowReader *reader,
											 const CassNewRow *in);
extern void cass_row_reader_done(CassRowReader *reader);

/* ---- stored.c: what is seen of written rows ---- */

/* A row on its way to its slot, by attribute. */
typedef struct CassStoredRow
{
	Datum *values;
	bool *isnull;
	bool changed;		/* against the slot */
	CassReader *reader; /* what is to be read after the write, or NULL */
} CassStoredRow;

/* Whether somebody looks at the attribute (by index) of written rows. */
extern bool cass_is_seen(CassModify *m, ResultRelInfo *rri, int att);
/*
 * Before a row is written: makes what RETURNING, triggers and check options
 * see of it, in the memory of the tuple; NULL where nobody looks.  atts are
 * the attribute numbers written, NULL for all.  ereports what cannot be told,
 * and what Cassandra cannot hold.
 */
extern CassStoredRow *cass_stored_begin(CassModify *m, ResultRelInfo *rri,
										const CassNewRow *in,
										const Bitmapset *atts,
										bool only_static);
/*
 * After it was handed over: the slot gets it.  Where that takes a read all
 * rows so far are sent and awaited; in then still has the row's key.  ereports
 * where a row that was routed to a partition is none of its any more.
 */
extern void cass_stored_finish(CassModify *m, ResultRelInfo *rri,
							   CassStoredRow *stored, const CassNewRow *in,
							   TupleTableSlot *slot);

/* ---- modify_check.c ---- */

/*
 * ereports where the operation is not possible on the table at all: a view, a
 * key that is not mapped, ...
 */
extern void cass_check_writable(const CassShape *shape,
								const CassOptions *options, CmdType operation);
/* Likewise for what an UPDATE assigns (attribute numbers). */
extern void cass_check_assigned(const CassShape *shape, List *attnums);
/*
 * A key may be assigned what it is, as forms that write all columns do:
 * ereports where the value is another one than the row's cell.
 */
extern void cass_check_key_kept(const CassShape *shape, AttrNumber attnum,
								Datum value, bool isnull, cql_slice cell);

/* What is read masked must not be written: ereports. */
extern void cass_check_masked(List *tlist, const CassShape *shape,
							  Index rtindex);

/*
 * What an INSERT does where its row exists; ereports where an ON CONFLICT
 * clause cannot be followed.
 */
extern CassConflict cass_check_conflict(const CassShape *shape,
										const CassOptions *options,
										OnConflictAction action);
/* ereports such a clause. */
pg_noreturn extern void cass_refuse_conflict(Oid relid, const char *detail,
											 const char *hint);

/* ---- modify_counter.c ---- */

/* Whether the expression names the relation's attribute. */
extern bool cass_mentions(Node *node, Index rtindex, AttrNumber attnum);
/* Whether it is the counter itself, or coalesce(counter, 0). */
extern bool cass_is_counter(Node *node, Index rtindex, AttrNumber attnum);
/*
 * "n + k", "k + n" or "n - k": Cassandra adds what the value then differs by.
 * A counter without a value counts as 0 there, so it is made to here; ereports
 * all else.
 */
extern void cass_prepare_counter(const CassShape *shape, TargetEntry *tle,
								 Index rtindex, AttrNumber attnum);
/* Those of an UPDATE. */
extern void cass_prepare_counters(PlannerInfo *root, const CassShape *shape,
								  Index rtindex);

/* ---- modify_plan.c ---- */

/*
 * ereports where a conditional UPDATE sets a static column that it reads, of
 * rows that come later as well.
 */
extern void cass_check_static(PlannerInfo *root, Index rtindex,
							  const CassTarget *target,
							  const CassDmlSpec *spec);
/* Name of the junk attribute that carries a key, or what IF compares. */
extern char *cass_junk_name(const CassShape *shape, TupleDesc desc, int att);

/* ---- modify_condition.c ---- */

/* The clauses of WHERE, of the relation's own columns. */
extern Node *cass_where_clauses(PlannerInfo *root, Index rtindex);

/* Whether IF may name the attribute: no key, and what is read is there. */
extern bool cass_may_be_condition(const CassShape *shape, int att);
/*
 * Fills in what the WHERE clause asks of columns outside of the key by
 * equality, where the target writes conditionally; by_value: only columns of
 * types that compare equal to Cassandra after they were read and encoded.
 */
extern void cass_find_conditions(PlannerInfo *root, Index rtindex,
								 bool by_value, CassTarget *target);
/* The relation's columns that an UPDATE names: attribute numbers. */
extern List *cass_assigned_columns(PlannerInfo *root, Index rtindex);
/*
 * The column (attribute number) that the clause requires to have one value,
 * which NULL may be where *nullable; 0: it is another one.
 */
extern AttrNumber cass_fixed_column(Node *clause, Index rtindex,
									bool *nullable);
/*
 * Has an UPDATE of nothing but static columns compare one of them with what
 * was read where WHERE asks for none: IF EXISTS is not about the partition,
 * but about its static columns having values.
 */
extern void cass_guard_static(CassTarget *target, List *attnums);
/*
 * Of a target that is written by value: the column cass_guard_static() chose
 * if only its NULL reads as what is there, else -1.  Where it has a value the
 * partition has static columns, and IF EXISTS does.
 */
extern int cass_null_guard(const CassTarget *target);
/*
 * Those that a statement can carry; static_only: it writes no row but the
 * partition's static columns.  NIL where they would not keep a row from being
 * made, then IF EXISTS does.
 */
extern List *cass_pick_conditions(const CassTarget *target,
								  const CassDmlSpec *spec, bool static_only);

/* ---- direct_modify_plan.c ---- */

/* Whether rows of the target may come more than once out of the scan. */
extern bool cass_scan_may_repeat(const ForeignScan *scan);

/* ---- modify_spec.c: which statements a target needs ---- */

extern CassDmlSpec cass_spec_insert(const CassTarget *target, bool only_static,
									bool conditional);
/*
 * changes: of CassChange by attnum; NIL: all assign.  Keys are left out: where
 * nothing is left to be set, atts is NIL.
 */
extern CassDmlSpec cass_spec_update(const CassTarget *target, List *attnums,
									List *changes);
extern CassDmlSpec cass_spec_delete(const CassTarget *target,
									bool only_static);
/* The statement of a specification, by the table's kind and operation. */
extern CassDml *cass_deparse_dml(const CassDmlSpec *spec, CmdType operation);
/* DELETE of a row; of one that has only static columns. */
extern CassDml *cass_delete_dml(const CassTarget *target, bool only_static);
extern bool cass_has_static(const cql_schema_table *table);
/* Fills what does not need a connection. */
extern void cass_target_init(CassTarget *target, CassShape *shape,
							 CassOptions *options, Relation rel);

/* ---- callbacks ---- */

extern void cassandraAddForeignUpdateTargets(PlannerInfo *root, Index rtindex,
											 RangeTblEntry *target_rte,
											 Relation target_relation);
extern List *cassandraPlanForeignModify(PlannerInfo *root,
										struct ModifyTable *plan,
										Index resultRelation,
										int subplan_index);
extern void cassandraBeginForeignModify(ModifyTableState *mtstate,
										ResultRelInfo *rri, List *fdw_private,
										int subplan_index, int eflags);
extern void cassandraBeginForeignInsert(ModifyTableState *mtstate,
										ResultRelInfo *rri);
extern TupleTableSlot *cassandraExecForeignInsert(EState *estate,
												  ResultRelInfo *rri,
												  TupleTableSlot *slot,
												  TupleTableSlot *planSlot);
extern TupleTableSlot *cassandraExecForeignUpdate(EState *estate,
												  ResultRelInfo *rri,
												  TupleTableSlot *slot,
												  TupleTableSlot *planSlot);
extern TupleTableSlot *cassandraExecForeignDelete(EState *estate,
												  ResultRelInfo *rri,
												  TupleTableSlot *slot,
												  TupleTableSlot *planSlot);
extern void cassandraEndForeignModify(EState *estate, ResultRelInfo *rri);
extern int cassandraIsForeignRelUpdatable(Relation rel);
extern void cassandraExplainForeignModify(ModifyTableState *mtstate,
										  ResultRelInfo *rri,
										  List *fdw_private, int subplan_index,
										  struct ExplainState *es);
extern void cassandraExecForeignTruncate(List *rels, DropBehavior behavior,
										 bool restart_seqs);

#endif /* CASS_MODIFY_H */
