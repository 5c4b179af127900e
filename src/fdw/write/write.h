/*
 * write.h
 *	  Writing to Cassandra: statements, rows, and the window of requests.
 *
 * A row is encoded where it will lie until it is acknowledged, in the form it
 * has on the wire.  The window takes it over with the next row, or when it is
 * flushed: until then an error of the executor (WITH CHECK OPTION, RETURNING)
 * still keeps it from being sent.
 */
#ifndef CASS_WRITE_H
#define CASS_WRITE_H

#include "postgres.h"

#include "executor/executor.h"
#include "nodes/execnodes.h"
#include "utils/hsearch.h"

#include "client.h"
#include "conncache.h"
#include "shape.h"

/* ---- deparse_dml.c: a statement, and what its markers stand for ---- */

typedef enum CassMarkerKind
{
	CASS_MARKER_VALUE,	   /* the attribute's new value */
	CASS_MARKER_DELTA,	   /* what a counter is changed by */
	CASS_MARKER_ELEMENTS,  /* what a collection gets */
	CASS_MARKER_REMOVED,   /* what a list or set loses: an array of one */
	CASS_MARKER_MAP_KEY,   /* a key that a map loses: text */
	CASS_MARKER_MAP_KEYS,  /* several: text[] */
	CASS_MARKER_KEY,	   /* a key column's value */
	CASS_MARKER_BOUND,	   /* what else the rows of a range are found by */
	CASS_MARKER_CONDITION, /* what a column must have for the write */
	CASS_MARKER_TTL,	   /* seconds */
	CASS_MARKER_TIMESTAMP  /* microseconds */
} CassMarkerKind;

/* How an UPDATE sets a column; the value is what is added or removed. */
typedef enum CassChange
{
	CASS_CHANGE_ASSIGN,		/* c = ? */
	CASS_CHANGE_APPEND,		/* c = c + ? */
	CASS_CHANGE_PREPEND,	/* c = ? + c */
	CASS_CHANGE_REMOVE,		/* c = c - ? */
	CASS_CHANGE_REMOVE_KEY, /* the same of a map */
	CASS_CHANGE_REMOVE_KEYS
} CassChange;

typedef struct CassMarker
{
	CassMarkerKind kind;
	int att; /* index into shape->atts, or -1 */
} CassMarker;

typedef struct CassDml
{
	char *cql;
	CassMarker *markers;
	const cql_type **bound; /* types of the markers */
	cql_belief *belief;		/* for its requests */
	int nmarkers;
	bool conditional; /* IF ... */
	bool counter;
	bool appends;	  /* to a list: twice would be twice */
	bool adds_static; /* to counters that are their partition's */
	bool all_static;  /* nothing else is set */
	bool range;		  /* deletes rows of a partition, which are not counted */
	bool needs_value; /* with NULLs alone there would be no row */
} CassDml;

/* What a statement writes, and how. */
typedef struct CassDmlSpec
{
	const CassShape *shape;
	List *atts;		   /* Integer list: attributes set, by index */
	List *changes;	   /* UPDATE: of CassChange, likewise */
	bool only_static;  /* the row's clustering columns are all NULL */
	bool conditional;  /* IF NOT EXISTS of INSERT, else IF ... */
	List *conditions;  /* attributes by index that IF compares; NIL: EXISTS */
	bool use_ttl;	   /* USING TTL ? */
	int ttl_att;	   /* whose value that is, or -1 */
	bool use_time;	   /* USING TIMESTAMP ? */
	int timestamp_att; /* likewise */
} CassDmlSpec;

extern CassDml *cass_deparse_insert(const CassDmlSpec *spec);
extern CassDml *cass_deparse_update(const CassDmlSpec *spec);
extern CassDml *cass_deparse_delete(const CassDmlSpec *spec);
/* Whether all attributes set are static: their row is the partition. */
extern bool cass_all_static(const CassDmlSpec *spec);

/* ---- the table written to ---- */

typedef struct CassWindow CassWindow;

typedef struct CassTarget
{
	CassWindow *window;
	cql_cluster *cluster;
	CassShape *shape;
	CassOptions *options;
	const char *relname;
	int *key_atts; /* attribute index by key column */
	int ttl_att;   /* attribute with using 'ttl', or -1 */
	int timestamp_att;
	Oid ttl_type; /* their SQL types */
	Oid timestamp_type;
	bool idempotent;  /* its writes may be sent twice */
	bool deferred;	  /* the statement reads the same table */
	List *equals;	  /* attributes by index that WHERE equates, see
					   * cass_find_conditions() */
	List *nullables;  /* likewise where the value may be NULL */
	HTAB *partitions; /* whose static columns were written once, or NULL */
	HTAB *refused;	  /* those that a condition kept from it */
	int64 time;		  /* of all its writes, 0: each has its own */
} CassTarget;

/* ---- write_row.c ---- */

/* A row to be encoded; arrays are by attribute. */
typedef struct CassNewRow
{
	const Datum *values;
	const bool *isnull;
	const Datum *old_values; /* counters: before the update */
	const bool *old_isnull;
	const Datum *key_values; /* by key column */
	const bool *key_isnull;
	/* by attribute: what conditional writes compare, as read */
	const Datum *condition_values;
	const bool *condition_isnull;
	const cql_slice *condition_cells; /* in place of these two */
	const cql_slice *keys;	 /* in place of these two, as Cassandra has it */
	const cql_slice *bounds; /* of a range: values of its bounds, in order */
	const Bitmapset *named;	 /* attributes whose NULL is written, by number */
	bool all_named;
	bool skip_static; /* counters of its partition: added to before */
} CassNewRow;

/* Where a row lies in a chunk, and how it is routed. */
typedef struct CassRow
{
	const CassTarget *target;
	const CassDml *dml;
	int64 token;
	int start; /* of its values */
	int len;
	int key_start; /* of its partition key as the partitioner hashes it */
	int key_len;
} CassRow;

/* Whether its write may be sent twice. */
static inline bool
cass_row_idempotent(const CassRow *row)
{
	return row->target->idempotent && !row->dml->conditional &&
		   !row->dml->appends;
}

/* Appends key and values; ereports for what cannot be written. */
extern void cass_encode_row(const CassTarget *target, const CassDml *dml,
							const CassNewRow *in, StringInfo out,
							CassRow *row);
/* Appends the values of the first nkeys key columns, as on the wire. */
extern void cass_encode_key(const CassTarget *target, const Datum *values,
							const bool *isnull, int nkeys, StringInfo out);
/* Its part for one key column. */
extern void cass_put_key(CassCodec *codec, Datum value, bool isnull,
						 StringInfo out);
/*
 * "(a, b)=(1, x)" behind a prefix, of an encoded row or of one not yet
 * encoded, for errors; "" where there is no key or none of it may be shown.
 */
extern char *cass_row_key(const CassRow *row, const char *data,
						  const char *prefix);
extern char *cass_new_row_key(const CassTarget *target, const CassNewRow *in,
							  const char *prefix);
/* The attribute with an encoded row's largest value, or -1; its bytes. */
extern int cass_row_largest(const CassRow *row, const char *data, int *bytes);
/* A time for a row: microseconds, later than any before in this backend. */
extern int64 cass_next_timestamp(void);
/*
 * Until the clock has passed those times, for what gets its time from a
 * coordinator: it counts milliseconds, and what is older than a row is lost.
 */
extern void cass_await_clock(void);
/* Whether the current user may see the key of a row. */
extern bool cass_may_show_key(const CassTarget *target);

/* ---- seen.c: strings that came before ---- */

/* In CurrentMemoryContext. */
extern HTAB *cass_seen_create(const char *name);
/* Whether the set has the string. */
extern bool cass_seen_has(HTAB *seen, const char *bytes, int len);
/* The same; now it has. */
extern bool cass_seen_before(HTAB *seen, const char *bytes, int len);

/* ---- write_identity.c: keys that do not read as they are ---- */

typedef struct CassIdentity CassIdentity;

/*
 * For a scan of a table that its statement updates or deletes from, in
 * CurrentMemoryContext, which must be the query's; outputs are the scan's.
 * NULL where it does not read the whole key.
 */
extern CassIdentity *cass_identity_create(const EState *estate,
										  const CassShape *shape,
										  List *outputs);
/* A row was decoded from these cells. */
extern void cass_identity_row(CassIdentity *identity, TupleTableSlot *slot,
							  const cql_slice *cells);
/* Whether the key (see cass_encode_key()) may be another one in Cassandra. */
extern bool cass_identity_is_lost(const EState *estate, Oid relid,
								  const char *key, int len);

/* ---- write_fail.c ---- */

/*
 * cass_request_wait() for a statement that is no query and has been sent: a
 * rollback tells of it unless Cassandra refused it.
 */
extern cql_result *cass_write_wait(CassRequest *handle, cql_cluster *cluster,
								   const char *cql);

/*
 * cass_request_take() for an unconditional write that is done; ereports where
 * the answer does not say that it was applied.
 */
extern void cass_write_take(CassRequest *handle, const char *cql);

/* ---- write_window.c ---- */

/* What a statement's writes took, for EXPLAIN. */
typedef struct CassWriteStats
{
	uint64 acknowledged; /* rows */
	uint64 requests;
	uint64 batches;
	uint64 retries;
	int max_in_flight;
} CassWriteStats;

/* The statement's window to a cluster, made at its first use; counted. */
extern CassWindow *cass_window_open(EState *estate, cql_cluster *cluster,
									const CassOptions *options);
/* Writes all that is left and gives the window back. */
extern void cass_window_close(CassWindow *window);
/*
 * Sends the row before, if any, and encodes the next one.
 */
extern void cass_window_add(CassWindow *window, const CassTarget *target,
							const CassDml *dml, const CassNewRow *in);
/* Until every row is acknowledged but those of deferred targets. */
extern void cass_window_send(CassWindow *window);
/* Until every row is: at the end of the statement's scans only. */
extern void cass_window_flush(CassWindow *window);
/*
 * Writes one row by a conditional statement, at once, after all before; tells
 * whether it was applied.
 */
extern bool cass_window_execute(CassWindow *window, const CassTarget *target,
								const CassDml *dml, const CassNewRow *in);
extern const CassWriteStats *cass_window_stats(const CassWindow *window);

/*
 * The windows of other statements than estate's are sent; what these put aside
 * because they still read the table stays so.
 */
extern void cass_flush_writes(const EState *estate);
extern void cass_window_init(void);

/* ---- write_spool.c ---- */

/* A scan of the statement has begun, and ends with the memory context. */
extern void cass_spool_scan(const EState *estate, const CassShape *shape,
							MemoryContext context);
/* Whether rows wait for that end. */
extern bool cass_spool_holds(const CassWindow *window);
/*
 * A conditional write must be done before its row counts, so it cannot wait
 * for that end: ereports where it would have to.
 */
extern void cass_check_conditional(const CassTarget *target);

/* ---- xact.c ---- */

extern void cass_xact_init(void);
/*
 * Rows of a foreign table are about to be sent for a statement of the
 * (sub)transaction of that nesting level: a reading function may have them
 * sent within one of its own.
 */
extern void cass_xact_note(int nest, const char *relname, uint64 rows);
/* A function or TRUNCATE is about to run a statement that is no query. */
extern void cass_xact_note_statement(void);
/* So much of that was refused. */
extern void cass_xact_refused_statement(void);
extern void cass_xact_refused(int nest, uint64 rows);

#endif /* CASS_WRITE_H */
