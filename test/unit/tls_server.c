/*
 * tls_server.c
 *	  Certificates made on the spot and the server side of a TLS session.
 */
#include "tls_server.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "peer.h"
#include "unit.h"

static void
require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "test certificates: %s failed\n", what);
	exit(1);
}

static EVP_PKEY *
make_key(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	require(EVP_PKEY_keygen_init(ctx) == 1 &&
				EVP_PKEY_CTX_set_ec_paramgen_curve_nid(
					ctx, NID_X9_62_prime256v1) == 1 &&
				EVP_PKEY_keygen(ctx, &key) == 1,
			"key");
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	require(extension != NULL && X509_add_ext(cert, extension, -1) == 1,
			value);
	X509_EXTENSION_free(extension);
}

test_cert
test_cert_make(const char *name, const char *alt_names, bool authority,
			   const test_cert *issuer, int from, int to)
{
	static long serial = 1;
	test_cert made = {X509_new(), make_key()};
	X509_NAME *subject = X509_get_subject_name(made.cert);

	if (issuer == NULL)
		issuer = &made;
	X509_set_version(made.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(made.cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(made.cert), from * 86400L);
	X509_gmtime_adj(X509_getm_notAfter(made.cert), to * 86400L);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
							   (const unsigned char *) name, -1, -1, 0);
	X509_set_issuer_name(made.cert, X509_get_subject_name(issuer->cert));
	X509_set_pubkey(made.cert, made.key);
	add_extension(made.cert, issuer->cert, NID_basic_constraints,
				  authority ? "critical,CA:TRUE" : "CA:FALSE");
	if (alt_names != NULL)
		add_extension(made.cert, issuer->cert, NID_subject_alt_name,
					  alt_names);
	require(X509_sign(made.cert, issuer->key, EVP_sha256()) > 0, "signature");
	return made;
}

void
test_cert_free(test_cert *cert)
{
	X509_free(cert->cert);
	EVP_PKEY_free(cert->key);
}

void
test_cert_save(const test_cert *cert, const char *cert_file,
			   const char *key_file, const char *password)
{
	FILE *file = fopen(cert_file, "w");

	require(file != NULL && PEM_write_X509(file, cert->cert) == 1, cert_file);
	fclose(file);
	if (key_file == NULL)
		return;
	file = fopen(key_file, "w");
	require(file != NULL && fchmod(fileno(file), 0600) == 0 &&
				PEM_write_PKCS8PrivateKey(
					file, cert->key, password ? EVP_aes_128_cbc() : NULL,
					password, password ? (int) strlen(password) : 0, NULL,
					NULL) == 1,
			key_file);
	fclose(file);
}

SSL_CTX *
test_server_context(const test_cert *cert, const test_cert *client_ca,
					int max_version)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	/* Level 0, so that versions no longer allowed can be offered. */
	SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
	SSL_CTX_set_min_proto_version(context, 0);
	SSL_CTX_set_max_proto_version(context, max_version);
	require(SSL_CTX_use_certificate(context, cert->cert) == 1 &&
				SSL_CTX_use_PrivateKey(context, cert->key) == 1,
			"server context");
	if (client_ca != NULL)
	{
		X509_STORE_add_cert(SSL_CTX_get_cert_store(context), client_ca->cert);
		SSL_CTX_set_verify(
			context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	return context;
}

SSL *
test_server_new(SSL_CTX *context)
{
	SSL *server = SSL_new(context);
	BIO *in = BIO_new(BIO_s_mem());
	BIO *out = BIO_new(BIO_s_mem());

	BIO_set_mem_eof_return(in, -1);
	BIO_set_mem_eof_return(out, -1);
	SSL_set_bio(server, in, out);
	SSL_set_accept_state(server);
	return server;
}

void
test_to_server(cql_tls *client, SSL *server)
{
	cql_buf out;

	cql_buf_init(&out, &peer_env, 64 << 20);
	CHECK(cql_tls_output(client, &out));
	if (out.len > 0)
		BIO_write(SSL_get_rbio(server), out.data, (int) out.len);
	cql_buf_free(&out);
}

bool
test_to_client(cql_tls *client, SSL *server, size_t chunk, cql_error *err)
{
	uint8_t data[4096];
	int n = 1;

	if (chunk > sizeof(data))
		chunk = sizeof(data);
	while (n > 0)
	{
		n = BIO_read(SSL_get_wbio(server), data, (int) chunk);
		if (n > 0 && !cql_tls_feed(client, data, (size_t) n, err))
			return false;
	}
	return true;
}

int
test_shake(cql_tls *client, SSL *server, size_t chunk, cql_error *err)
{
	int round;
	int rc = 0;

	for (round = 0; round < 10 && rc == 0; round++)
	{
		rc = cql_tls_handshake(client, err);
		test_to_server(client, server);
		SSL_do_handshake(server);
		ERR_clear_error();
		if (rc == 0)
			CHECK(test_to_client(client, server, chunk, err));
	}
	return rc;
}
