/*
 * topology_rows.h
 *	  Rows of system.local, peers_v2 and peers as nodes.
 */
#ifndef CQL_TOPOLOGY_ROWS_H
#define CQL_TOPOLOGY_ROWS_H

#include "address.h"
#include "system_rows.h"

/* One node as a row describes it; slices point into the result. */
typedef struct cql_topology_row
{
	uint8_t host_id[16];
	cql_address address; /* advertised; len 0: the row has none */
	cql_slice dc;
	cql_slice rack; /* len 0 where null */
	bool murmur3;	/* system.local: the partitioner is */
	int release;	/* major*100+minor, or 0 */
	cql_slice release_text;
} cql_topology_row;

/*
 * The next row that identifies a node (host_id and data center are there);
 * false at the end.  A row without a port has this one.
 */
extern bool cql_topology_next(cql_rows *rows, uint16_t port,
							  cql_topology_row *row);
/*
 * Tokens of that row as numbers: an array of the caller's, NULL (and *n = 0)
 * without any, without memory, or where they are no numbers.
 */
extern int64_t *cql_topology_tokens(const cql_env *env, const cql_rows *rows,
									uint32_t *n);

#endif /* CQL_TOPOLOGY_ROWS_H */
