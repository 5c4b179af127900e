/*
 * retry.c
 *	  Whether a failed attempt is followed by another, and where.
 *
 * The one place of that decision.  The rules are those the Java driver made
 * common: what the server surely did not do may be done elsewhere; what it may
 * have done only when doing it twice is harmless; what would fail again or
 * make things worse (failures at replicas) never.  Where it is the replicas
 * that are late, away or overloaded, a pause comes first: PostgreSQL cannot
 * have its statement begin again.
 */
#include "retry.h"

#include <string.h>

static cql_retry
decide_server(const cql_retry_case *retry)
{
	const cql_error *err = retry->error;
	bool first = retry->attempts == 1;
	bool repaired = err->received >= err->required && err->required >= 0 &&
					err->data_present == 0;
	bool logged = strcmp(err->write_type, "BATCH_LOG") == 0;

	/* It was not begun. */
	if (err->server_code == CQL_SERVER_BOOTSTRAPPING)
		return CQL_RETRY_NEXT;
	if (retry->sent && !retry->idempotent)
		return CQL_RETRY_NO;
	switch (err->server_code)
	{
		case CQL_SERVER_ERROR:
		case CQL_SERVER_TRUNCATE:
			return CQL_RETRY_NEXT;
		case CQL_SERVER_UNAVAILABLE:
			/*
			 * Also told after a conditional write was agreed on.  Which
			 * replicas are up each coordinator sees for itself.
			 */
		case CQL_SERVER_OVERLOADED:
			return CQL_RETRY_LATER;
		case CQL_SERVER_READ_TIMEOUT:
			return first && repaired ? CQL_RETRY_SAME : CQL_RETRY_LATER;
		case CQL_SERVER_WRITE_TIMEOUT:
			return first && logged ? CQL_RETRY_SAME : CQL_RETRY_LATER;
		default:
			return CQL_RETRY_NO;
	}
}

cql_retry
cql_retry_decide(const cql_retry_case *retry)
{
	if (retry->attempts >= retry->max_attempts)
		return CQL_RETRY_NO;
	switch (retry->error->code)
	{
		case CQL_ERR_SERVER:
			return decide_server(retry);
		case CQL_ERR_LOST:
		case CQL_ERR_TIMEOUT:
		case CQL_ERR_CONNECT:
			return !retry->sent || retry->idempotent ? CQL_RETRY_NEXT
													 : CQL_RETRY_NO;
		default:
			return CQL_RETRY_NO;
	}
}
