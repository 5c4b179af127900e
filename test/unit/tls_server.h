/*
 * tls_server.h
 *	  Certificates made on the spot and the server side of a TLS session.
 */
#ifndef TEST_TLS_SERVER_H
#define TEST_TLS_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "tls.h"

/* A certificate with its key. */
typedef struct test_cert
{
	X509 *cert;
	EVP_PKEY *key;
} test_cert;

/*
 * Makes a certificate for a common name, valid from "from" to "to" days from
 * now, signed by issuer (NULL: by itself).  alt_names as "DNS:...,IP:..." or
 * NULL.
 */
extern test_cert test_cert_make(const char *name, const char *alt_names,
								bool authority, const test_cert *issuer,
								int from, int to);
extern void test_cert_free(test_cert *cert);
/* Writes PEM files; the key's with a password unless that is NULL. */
extern void test_cert_save(const test_cert *cert, const char *cert_file,
						   const char *key_file, const char *password);

/* Server side; client certificates are demanded when client_ca is given. */
extern SSL_CTX *test_server_context(const test_cert *cert,
									const test_cert *client_ca,
									int max_version);
extern SSL *test_server_new(SSL_CTX *context);
/*
 * Runs the handshake of both sides in memory, chunk bytes at a time: the
 * client's last result, 1 or -1 with *err set.
 */
extern int test_shake(cql_tls *client, SSL *server, size_t chunk,
					  cql_error *err);
/* Moves what the client has to send to the server. */
extern void test_to_server(cql_tls *client, SSL *server);
/* And back, chunk bytes at a time; false where the client does not like it. */
extern bool test_to_client(cql_tls *client, SSL *server, size_t chunk,
						   cql_error *err);

#endif /* TEST_TLS_SERVER_H */
