/*
 * retry.h
 *	  Whether a failed attempt is followed by another, and where.
 *
 * Pure; called by request.c.
 */
#ifndef CQL_RETRY_H
#define CQL_RETRY_H

#include "cql.h"

typedef enum cql_retry
{
	CQL_RETRY_NO,
	CQL_RETRY_SAME, /* on the same host */
	CQL_RETRY_NEXT, /* on another host */
	CQL_RETRY_LATER /* likewise, or the same without another, after a pause */
} cql_retry;

typedef struct cql_retry_case
{
	const cql_error *error;
	bool sent; /* the server may have seen the request */
	bool idempotent;
	uint32_t attempts; /* made so far, this one included */
	uint32_t max_attempts;
} cql_retry_case;

extern cql_retry cql_retry_decide(const cql_retry_case *retry);

#endif /* CQL_RETRY_H */
