/*
 * functions.h
 *	  CQL from SQL: what the files of the SQL-callable functions share.
 */
#ifndef CASS_FUNCTIONS_H
#define CASS_FUNCTIONS_H

#include "postgres.h"

#include "nodes/pathnodes.h"

#include "client.h"
#include "conncache.h"
#include "option.h"
#include "cql_text.h"
#include "monitor.h"

#include "cass_value.h"

#include "fmgr.h"
#include "utils/rel.h"

/* Where a function's statements go, and with which options. */
typedef struct CassCall
{
	Oid serverid;
	Oid userid;
	CassOptions *options;
	cql_cluster *cluster;
} CassCall;

/* Parameters as SQL gave them. */
typedef struct CassArguments
{
	int n;
	Datum *values; /* of type unknown: C strings */
	bool *nulls;
	Oid *types;
} CassArguments;

/* A statement, its parameters bound; all in the memory of its making. */
typedef struct CassStatement
{
	const char *text; /* as SQL gave it, for messages */
	const char *cql;  /* the same in UTF-8 */
	cql_text_kind kind;
	bool positional;			 /* has markers "?" */
	const cql_metadata *markers; /* NULL: sent as text, unprepared */
	cql_slice *values;
	uint32 nvalues;
	const cql_type **types; /* of the values */
} CassStatement;

/* ---- functions_call.c ---- */

/* A name or text argument as a C string; ereports where it is null. */
extern char *cass_function_name(FunctionCallInfo fcinfo, int arg);
extern char *cass_function_text(FunctionCallInfo fcinfo, int arg,
								const char *what);
/* The server, its privilege checked, as the current user; ereports. */
extern void cass_call_begin(CassCall *call, const char *servername);
/* Sees that the call's cluster is connected and its nodes are known. */
extern void cass_call_connect(const CassCall *call);
/* Oid of a server of this wrapper; ereports where there is none such. */
extern Oid cass_function_server(const char *servername);
/*
 * A foreign table of this wrapper, locked until the end of the transaction;
 * ereports where it is none, or the user may not read it.
 */
extern Relation cass_function_table(Oid relid);
/* A statement from its text; USE is refused. */
extern void cass_statement_init(CassStatement *statement, const char *text);
/* Fills how to run it; params' pointers are into statement and call. */
extern void cass_statement_params(const CassCall *call,
								  const CassStatement *statement,
								  cql_params *params);

/* ---- functions_prepare.c ---- */

/* PREPARE, which tells the statement's markers. */
extern void cass_statement_prepare(const CassCall *call,
								   CassStatement *statement);
/* The same, or what an earlier call of the same expression was told. */
extern void cass_statement_prepare_kept(const CassCall *call,
										CassStatement *statement,
										FmgrInfo *flinfo);
/* The schema may have changed: what is kept does not count any more. */
extern void cass_forget_markers(void);

/* ---- functions_bind.c ---- */

/* Binds the parameters given from argument "first" on, if there are any. */
extern void cass_statement_bind(const CassCall *call, CassStatement *statement,
								FunctionCallInfo fcinfo, int first);
/*
 * Binds to a prepared statement the elements of a JSON array (NULL: none) from
 * "first" on by position, or an object's values by name.
 */
extern void cass_statement_bind_json(CassStatement *statement,
									 JsonbContainer *params, uint32 first);
/* The value of a marker of this type. */
extern void cass_bind_datum(cql_slice *value, const cql_type *type, Oid typid,
							Datum datum, bool isnull);

/* ---- functions_record.c: rows of a function that tells something ---- */

#define CASS_RECORD_COLUMNS 24

/* A row being filled, column by column; n is set to 0 to begin. */
typedef struct CassRecord
{
	int n;
	Datum values[CASS_RECORD_COLUMNS];
	bool nulls[CASS_RECORD_COLUMNS];
} CassRecord;

extern void cass_record_add(CassRecord *row, Datum value);
extern void cass_record_null(CassRecord *row);
/* NULL where text is NULL. */
extern void cass_record_text(CassRecord *row, const char *text);
extern void cass_record_uuid(CassRecord *row, const uint8 id[16]);
/* Milliseconds that the fraction of the latencies does not exceed, or NULL. */
extern void cass_record_latency(CassRecord *row,
								const uint64 counts[CQL_HISTOGRAM_BUCKETS],
								double fraction);
/* Into the function's result, which InitMaterializedSRF() has made. */
extern void cass_record_store(FunctionCallInfo fcinfo, CassRecord *row,
							  int ncolumns);

/* ---- functions_row.c: rows as JSON objects ---- */

typedef struct CassJsonRow
{
	uint32 ncolumns;
	char **keys;
	CassCodec **codecs;
	cql_slice *cells;
} CassJsonRow;

extern void cass_json_row_init(CassJsonRow *row, const cql_metadata *meta);
/* The object of the cells, as SELECT JSON would give it. */
extern Jsonb *cass_json_row_value(CassJsonRow *row);
/* What a statement other than a query answered: NULL or the [applied] row. */
extern Jsonb *cass_json_outcome(cql_result *result, const char *text);

/* ---- functions_schema.c ---- */

/*
 * Waits, for a bounded time, until all nodes that are up have the schema of
 * the node where it was changed; WARNING when they do not.
 */
extern void cass_await_schema(const CassCall *call, const char *node);

#endif /* CASS_FUNCTIONS_H */
