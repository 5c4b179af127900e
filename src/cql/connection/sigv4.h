/*
 * sigv4.h
 *	  The token of AWS's Signature Version 4, as the authenticator of Amazon
 *	  Keyspaces asks for it.
 *
 * Pure: time is an argument.  auth.c calls it.
 */
#ifndef CQL_SIGV4_H
#define CQL_SIGV4_H

#include "buf.h"

typedef struct cql_sigv4
{
	const char *access_key; /* its id */
	const char *secret;
	const char *session_token; /* of temporary credentials, or NULL */
	const char *region;
} cql_sigv4;

/*
 * Appends to token what a challenge ("nonce=...") is answered with at a time
 * (microseconds since 1970): a request that is never sent, PUT /authenticate,
 * whose body is the nonce, is signed as "Create a signed AWS API request" of
 * AWS's IAM User Guide has it.  The secret does not leave the process.  False
 * with *err set (CQL_ERR_AUTH) where the challenge is none, or
 * (CQL_ERR_NOMEM) without memory.
 */
extern bool cql_sigv4_answer(const cql_sigv4 *keys, cql_slice challenge,
							 int64_t time, cql_buf *token, cql_error *err);

#endif /* CQL_SIGV4_H */
