/*
 * tls.h
 *	  TLS through memory BIOs: ciphertext in and out, no socket here.
 */
#ifndef CQL_TLS_H
#define CQL_TLS_H

#include "buf.h"
#include "cql.h"

/* Settings of a cluster: CA, client certificate, verification. */
typedef struct cql_tls_context cql_tls_context;
/* One connection's session. */
typedef struct cql_tls cql_tls;

/*
 * Reads the files of the configuration.  NULL with *err set (CQL_ERR_TLS,
 * OpenSSL's own words and the file's name).  A key that needs a password is
 * refused, never asked for.  TLS 1.2 is the lowest version.  verify-ca and
 * verify-full need sslrootcert: a file, or, for verify-full, "system" as in
 * libpq (what the operating system trusts).
 */
extern cql_tls_context *cql_tls_context_create(const cql_env *env,
											   const cql_config *config,
											   cql_error *err);
extern void cql_tls_context_free(cql_tls_context *context);

/*
 * name (contact point as the user wrote it, may be NULL) and address (numeric,
 * from the socket) are what verify-full accepts in the certificate: one of the
 * two must match.  Neither is looked up.  The server is told sni, or (NULL)
 * the name.
 */
extern cql_tls *cql_tls_create(cql_tls_context *context, const char *sni,
							   const char *name, const char *address,
							   cql_error *err);
extern void cql_tls_free(cql_tls *tls);

/* Ciphertext from the peer; false with *err set on failure. */
extern bool cql_tls_feed(cql_tls *tls, const uint8_t *data, size_t len,
						 cql_error *err);
/* Goes on with the handshake: 1 finished, 0 more bytes needed, -1 failed. */
extern int cql_tls_handshake(cql_tls *tls, cql_error *err);
/*
 * Plaintext into buf: number of bytes, 0 when more ciphertext is needed, -1
 * failed, -2 the peer closed properly.
 */
extern int cql_tls_read(cql_tls *tls, uint8_t *buf, size_t size,
						cql_error *err);
/* Encrypts all of data; false with *err set. */
extern bool cql_tls_write(cql_tls *tls, const uint8_t *data, size_t len,
						  cql_error *err);
/* Ciphertext waiting to be sent: moved to the end of out. */
extern bool cql_tls_output(cql_tls *tls, cql_buf *out);

#endif /* CQL_TLS_H */
