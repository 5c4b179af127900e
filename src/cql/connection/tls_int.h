/*
 * tls_int.h
 *	  What tls.c and tls_context.c share: the only files that see OpenSSL.
 */
#ifndef CQL_TLS_INT_H
#define CQL_TLS_INT_H

#include <openssl/ssl.h>
#include <string.h>

#include "tls.h"

struct cql_tls_context
{
	const cql_env *env;
	SSL_CTX *ctx;
	cql_sslmode sslmode;
	bool password_asked; /* by OpenSSL, for a file it reads */
};

struct cql_tls
{
	cql_tls_context *context;
	SSL *ssl;
	char address[64];		/* numeric, of the peer; "" unless checked */
	bool certificate_asked; /* by the server, and we have none */
};

/* OpenSSL's words for an error code, cut at size. */
extern void cql_tls_openssl_reason(unsigned long code, char *out, size_t size);
/*
 * CQL_ERR_TLS "what: OpenSSL's words for its first queued error"; the queue is
 * empty afterwards.
 */
extern void cql_tls_openssl_error(cql_error *err, const char *what);

#endif /* CQL_TLS_INT_H */
