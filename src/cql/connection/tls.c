/*
 * tls.c
 *	  TLS through memory BIOs: one connection's session.
 *
 * Includes tls_int.h (OpenSSL); conn_io.c calls it.
 */
#include "tls_int.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "error.h"

/* Bytes given to or taken from OpenSSL at a time. */
#define TLS_CHUNK (64 * 1024)

/*
 * Called while the chain is verified.  The parameters name one thing the
 * certificate must be made out to; where it is not, the other one counts, too.
 */
static int
verify(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		store, SSL_get_ex_data_X509_STORE_CTX_idx());
	cql_tls *tls = SSL_get_app_data(ssl);
	int error = X509_STORE_CTX_get_error(store);
	X509 *cert = X509_STORE_CTX_get0_cert(store);

	if (ok || tls->address[0] == '\0' ||
		(error != X509_V_ERR_HOSTNAME_MISMATCH &&
		 error != X509_V_ERR_IP_ADDRESS_MISMATCH))
		return ok;
	if (X509_check_ip_asc(cert, tls->address, 0) != 1)
		return 0;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

/* What verify-full accepts; false where there is nothing to compare with. */
static bool
set_expected_name(cql_tls *tls, const char *name, const char *address)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);

	if (address != NULL && strlen(address) < sizeof(tls->address))
		strcpy(tls->address, address);
	if (name == NULL || name[0] == '\0')
		name = tls->address;
	/* No name at all would mean that any certificate is good. */
	if (name[0] == '\0')
		return false;
	X509_VERIFY_PARAM_set_hostflags(param,
									X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1 ||
		   X509_VERIFY_PARAM_set1_host(param, name, 0) == 1;
}

static bool
is_numeric(const char *name)
{
	ASN1_OCTET_STRING *bytes = a2i_IPADDRESS(name);
	bool numeric = bytes != NULL;

	ASN1_OCTET_STRING_free(bytes);
	return numeric;
}

/* The SSL object, its two BIOs and what it must check; false on failure. */
static bool
set_up(cql_tls *tls, const char *sni, const char *name, const char *address)
{
	BIO *in;
	BIO *out;

	tls->ssl = SSL_new(tls->context->ctx);
	if (tls->ssl == NULL)
		return false;
	in = BIO_new(BIO_s_mem());
	out = BIO_new(BIO_s_mem());
	if (in == NULL || out == NULL)
	{
		BIO_free(in);
		BIO_free(out);
		return false;
	}
	/* An empty BIO is "no more yet", not the end of the stream. */
	BIO_set_mem_eof_return(in, -1);
	BIO_set_mem_eof_return(out, -1);
	SSL_set_bio(tls->ssl, in, out);
	SSL_set_verify(tls->ssl, SSL_get_verify_mode(tls->ssl), verify);
	SSL_set_connect_state(tls->ssl);
	if (SSL_set_app_data(tls->ssl, tls) != 1)
		return false;
	if (tls->context->sslmode == CQL_SSL_VERIFY_FULL &&
		!set_expected_name(tls, name, address))
		return false;
	/* Server name indication is for names, RFC 6066 section 3. */
	if (sni == NULL)
		sni = name;
	return sni == NULL || sni[0] == '\0' || is_numeric(sni) ||
		   SSL_set_tlsext_host_name(tls->ssl, sni) == 1;
}

cql_tls *
cql_tls_create(cql_tls_context *context, const char *sni, const char *name,
			   const char *address, cql_error *err)
{
	cql_tls *tls = cql_alloc0(context->env, sizeof(*tls));

	if (tls == NULL)
	{
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
		return NULL;
	}
	ERR_clear_error();
	tls->context = context;
	if (!set_up(tls, sni, name, address))
	{
		cql_tls_openssl_error(err, "could not set up TLS");
		cql_tls_free(tls);
		return NULL;
	}
	ERR_clear_error();
	return tls;
}

void
cql_tls_free(cql_tls *tls)
{
	if (tls == NULL)
		return;
	SSL_free(tls->ssl);
	cql_free(tls->context->env, tls);
}

/*
 * Turns the outcome of an SSL call into an error in OpenSSL's words, and
 * empties its queue.  A server that wanted a certificate is told apart: its
 * alert ("handshake failure") would not say so before TLS 1.3.
 */
static void
fail(cql_tls *tls, cql_error *err)
{
	unsigned long code = ERR_peek_error();
	long verified = SSL_get_verify_result(tls->ssl);
	bool alert = ERR_GET_LIB(code) == ERR_LIB_SSL &&
				 ERR_GET_REASON(code) > SSL_AD_REASON_OFFSET;
	char reason[256];

	cql_tls_openssl_reason(code, reason, sizeof(reason));
	if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
		ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		cql_error_set(err, CQL_ERR_TLS, "%s: %s", reason,
					  X509_verify_cert_error_string(verified));
	else if (alert && tls->certificate_asked)
		cql_error_set(err, CQL_ERR_TLS,
					  "%s (the server asks for a client certificate)", reason);
	else if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
			 !SSL_is_init_finished(tls->ssl) &&
			 ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER)
		cql_error_set(err, CQL_ERR_TLS, "%s (the port may not speak TLS)",
					  reason);
	else
		cql_error_set(err, CQL_ERR_TLS, "%s", reason);
	ERR_clear_error();
}

bool
cql_tls_feed(cql_tls *tls, const uint8_t *data, size_t len, cql_error *err)
{
	ERR_clear_error();
	while (len > 0)
	{
		int chunk = len < TLS_CHUNK ? (int) len : TLS_CHUNK;
		int n = BIO_write(SSL_get_rbio(tls->ssl), data, chunk);

		if (n <= 0)
		{
			cql_tls_openssl_error(err, "could not store TLS data");
			return false;
		}
		data += n;
		len -= (size_t) n;
	}
	return true;
}

int
cql_tls_handshake(cql_tls *tls, cql_error *err)
{
	int rc;

	ERR_clear_error();
	rc = SSL_do_handshake(tls->ssl);
	if (rc == 1)
		return 1;
	if (SSL_get_error(tls->ssl, rc) == SSL_ERROR_WANT_READ)
		return 0;
	fail(tls, err);
	return -1;
}

int
cql_tls_read(cql_tls *tls, uint8_t *buf, size_t size, cql_error *err)
{
	int n;

	ERR_clear_error();
	n = SSL_read(tls->ssl, buf, size < INT_MAX ? (int) size : INT_MAX);
	if (n > 0)
		return n;
	switch (SSL_get_error(tls->ssl, n))
	{
		case SSL_ERROR_WANT_READ:
			return 0;
		case SSL_ERROR_ZERO_RETURN:
			return -2;
		default:
			fail(tls, err);
			return -1;
	}
}

bool
cql_tls_write(cql_tls *tls, const uint8_t *data, size_t len, cql_error *err)
{
	ERR_clear_error();
	while (len > 0)
	{
		int chunk = len < TLS_CHUNK ? (int) len : TLS_CHUNK;
		int n = SSL_write(tls->ssl, data, chunk);

		/* The memory BIO takes everything, and renegotiation is off. */
		if (n <= 0)
		{
			fail(tls, err);
			return false;
		}
		data += n;
		len -= (size_t) n;
	}
	return true;
}

bool
cql_tls_output(cql_tls *tls, cql_buf *out)
{
	BIO *bio = SSL_get_wbio(tls->ssl);
	int n;

	while (BIO_ctrl_pending(bio) > 0)
	{
		uint8_t *room = cql_buf_reserve(out, BIO_ctrl_pending(bio));

		if (room == NULL)
			return false;
		n = BIO_read(bio, room, (int) BIO_ctrl_pending(bio));
		if (n <= 0)
			return false;
		out->len += (size_t) n;
	}
	return true;
}
