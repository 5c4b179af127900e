/*
 * topology_rows.h
 *	  Rows of system.local, peers_v2 and peers, with columns found by name.
 *
 * Called by topology.c.
 */
#ifndef CQL_TOPOLOGY_ROWS_H
#define CQL_TOPOLOGY_ROWS_H

#include "address.h"
#include "result.h"

/* One node as a row describes it; slices point into the result. */
typedef struct cql_topology_row
{
	uint8_t host_id[16];
	cql_address address; /* advertised; len 0: the row has none */
	cql_slice dc;
	cql_slice rack; /* len 0 where null */
	cql_slice tokens;
	const cql_type *tokens_type;
	bool murmur3; /* system.local: the partitioner is */
	int release;  /* major*100+minor, or 0 */
	cql_slice release_text;
} cql_topology_row;

/* Columns that are looked for. */
typedef enum cql_topology_column
{
	CQL_COLUMN_HOST_ID,
	CQL_COLUMN_DC,
	CQL_COLUMN_RACK,
	CQL_COLUMN_TOKENS,
	CQL_COLUMN_PEER,
	CQL_COLUMN_NATIVE_ADDRESS,
	CQL_COLUMN_NATIVE_PORT,
	CQL_COLUMN_RPC_ADDRESS,
	CQL_COLUMN_PARTITIONER,
	CQL_COLUMN_RELEASE,
	CQL_COLUMN_N
} cql_topology_column;

typedef struct cql_topology_reader
{
	const cql_env *env;
	cql_result *result;
	cql_slice *cells;
	int at[CQL_COLUMN_N]; /* positions, or -1 */
	uint16_t port;		  /* where a row has none */
} cql_topology_reader;

/* False without memory, or when the result is no rows. */
extern bool cql_topology_read_start(cql_topology_reader *reader,
									const cql_env *env, cql_result *result,
									uint16_t port);
/*
 * The next row that identifies a node (host_id and data center are there);
 * false at the end.
 */
extern bool cql_topology_read_next(cql_topology_reader *reader,
								   cql_topology_row *row);
extern void cql_topology_read_end(cql_topology_reader *reader);
/*
 * The row's tokens as numbers: an array of the caller's, NULL (and *n = 0)
 * without any, without memory, or where they are no numbers.
 */
extern int64_t *cql_topology_tokens(const cql_env *env,
									const cql_topology_row *row, uint32_t *n);

#endif /* CQL_TOPOLOGY_ROWS_H */
