/*
 * auth.h
 *	  Answers to the server's authenticator (v5 sections 4.1.2, 4.2.7).
 *
 * SASL PLAIN with the configured user name and password, or AWS's SigV4 with
 * an access key in their place.  Handshake only.
 */
#ifndef CQL_AUTH_H
#define CQL_AUTH_H

#include "buf.h"

typedef struct cql_auth
{
	const char *username; /* both as configured, or NULL */
	const char *password;
	const char *region;		   /* AWS's, which makes it SigV4; NULL: PLAIN */
	const char *session_token; /* of temporary access keys, or NULL */
	char authenticator[128];   /* class the server named */
	bool announced;			   /* mechanism sent, token still to come */
	bool done;				   /* token sent */
} cql_auth;

/*
 * AUTHENTICATE came: auth->authenticator is set by the caller.  Writes the
 * body of the first AUTH_RESPONSE; false with *err set (CQL_ERR_AUTH) where no
 * password is configured.  PLAIN is tried with classes we do not know, too.
 */
extern bool cql_auth_start(cql_auth *auth, cql_buf *body, cql_error *err);
/* AUTH_CHALLENGE came: body of the next AUTH_RESPONSE, or false. */
extern bool cql_auth_challenge(cql_auth *auth, cql_slice challenge,
							   cql_buf *body, cql_error *err);
/* Whether it is known to want a user name and a password, nothing else. */
extern bool cql_auth_known(const cql_auth *auth);

#endif /* CQL_AUTH_H */
