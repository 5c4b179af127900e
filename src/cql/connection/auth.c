/*
 * auth.c
 *	  Answers to the server's authenticator (v5 sections 4.1.2, 4.2.7).
 *
 * Includes auth.h, encode.h, error.h and sigv4.h; handshake.c calls it.
 */
#include "auth.h"

#include <string.h>

#include "encode.h"
#include "error.h"
#include "sigv4.h"

/* Longest user name and longest password that we offer, in bytes. */
#define AUTH_MAX_LENGTH 32768

/* Answers its mechanism's name first and sends the token when challenged. */
#define DSE_AUTHENTICATOR "com.datastax.bdp.cassandra.auth.DseAuthenticator"

#define PASSWORD_AUTHENTICATOR                                                \
	"org.apache.cassandra.auth.PasswordAuthenticator"

bool
cql_auth_known(const cql_auth *auth)
{
	return strcmp(auth->authenticator, PASSWORD_AUTHENTICATOR) == 0 ||
		   strcmp(auth->authenticator, DSE_AUTHENTICATOR) == 0;
}

static cql_slice
text_slice(const char *text)
{
	cql_slice slice = {(const uint8_t *) text, (int32_t) strlen(text)};

	return slice;
}

/* SASL PLAIN without authorization identity: 00 user 00 password. */
static bool
put_token(cql_auth *auth, cql_buf *body, cql_error *err)
{
	size_t user_len = strlen(auth->username);
	size_t password_len = strlen(auth->password);
	cql_buf token;
	cql_slice slice;

	if (user_len > AUTH_MAX_LENGTH || password_len > AUTH_MAX_LENGTH)
	{
		cql_error_set(err, CQL_ERR_AUTH, "user name or password is too long");
		return false;
	}
	cql_buf_init(&token, body->env, 2 * AUTH_MAX_LENGTH + 2);
	/* At once: growing would leave copies of the password behind. */
	if (cql_buf_reserve(&token, user_len + password_len + 2) == NULL)
	{
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
		return false;
	}
	cql_buf_append(&token, "", 1);
	cql_buf_append(&token, auth->username, user_len);
	cql_buf_append(&token, "", 1);
	cql_buf_append(&token, auth->password, password_len);
	slice.data = token.data;
	slice.len = (int32_t) token.len;
	cql_encode_auth_response(body, slice);
	explicit_bzero(token.data, token.len);
	cql_buf_free(&token);
	auth->done = true;
	return true;
}

/* The answer to Amazon Keyspaces' challenge. */
static bool
put_signature(cql_auth *auth, cql_slice challenge, cql_buf *body,
			  cql_error *err)
{
	const cql_sigv4 keys = {auth->username, auth->password,
							auth->session_token, auth->region};
	cql_buf token;
	cql_slice slice;

	cql_buf_init(&token, body->env, 3 * AUTH_MAX_LENGTH);
	auth->done =
		cql_sigv4_answer(&keys, challenge, cql_wall_clock(), &token, err);
	if (auth->done && token.failed)
		body->failed = true;
	slice.data = token.data;
	slice.len = (int32_t) token.len;
	if (auth->done)
		cql_encode_auth_response(body, slice);
	cql_buf_free(&token);
	return auth->done;
}

bool
cql_auth_start(cql_auth *auth, cql_buf *body, cql_error *err)
{
	static const cql_slice sigv4 = {(const uint8_t *) "SigV4\0", 7};

	if (auth->username == NULL || auth->password == NULL)
	{
		cql_error_set(
			err, CQL_ERR_AUTH,
			"the server asks for a password (%s), but no %s is configured",
			auth->authenticator,
			auth->username == NULL ? "user name" : "password");
		return false;
	}
	auth->announced = auth->region != NULL ||
					  strcmp(auth->authenticator, DSE_AUTHENTICATOR) == 0;
	if (!auth->announced)
		return put_token(auth, body, err);
	cql_encode_auth_response(body, auth->region != NULL ? sigv4
														: text_slice("PLAIN"));
	return true;
}

bool
cql_auth_challenge(cql_auth *auth, cql_slice challenge, cql_buf *body,
				   cql_error *err)
{
	cql_slice expected = text_slice("PLAIN-START");

	if (auth->announced && !auth->done && auth->region != NULL)
		return put_signature(auth, challenge, body, err);
	if (auth->announced && !auth->done && challenge.len == expected.len &&
		memcmp(challenge.data, expected.data, (size_t) expected.len) == 0)
		return put_token(auth, body, err);
	cql_error_set(
		err, CQL_ERR_AUTH,
		"authenticator %s asks for more than a user name and a password",
		auth->authenticator);
	return false;
}
