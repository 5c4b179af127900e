/*
 * tls_context.c
 *	  TLS settings of a cluster: authorities, client certificate, versions.
 *
 * Includes tls_int.h (OpenSSL); config.c calls it.
 */
#include "tls_int.h"

#include <openssl/err.h>
#include <stdio.h>
#include <sys/stat.h>

#include "error.h"

/* As in libpq: the certificate authorities the operating system trusts. */
#define SYSTEM_ROOTS "system"

void
cql_tls_openssl_reason(unsigned long code, char *out, size_t size)
{
	const char *reason = ERR_reason_error_string(code);

	if (code == 0)
		(void) snprintf(out, size, "no reason given by OpenSSL");
#ifdef ERR_SYSTEM_ERROR
	else if (ERR_SYSTEM_ERROR(code))
		(void) snprintf(out, size, "%s", strerror(ERR_GET_REASON(code)));
#endif
	else if (reason != NULL)
		(void) snprintf(out, size, "%s", reason);
	else
		(void) snprintf(out, size, "OpenSSL error code %lu", code);
}

void
cql_tls_openssl_error(cql_error *err, const char *what)
{
	char reason[256];

	cql_tls_openssl_reason(ERR_peek_error(), reason, sizeof(reason));
	cql_error_set(err, CQL_ERR_TLS, "%s: %s", what, reason);
	ERR_clear_error();
}

static void
file_error(cql_error *err, const char *what, const char *file)
{
	char text[600];

	(void) snprintf(text, sizeof(text), "could not load %s \"%.500s\"", what,
					file);
	cql_tls_openssl_error(err, text);
}

/* A password prompt would wait for a terminal: say no and remember it. */
static int
refuse_password(char *buf, int size, int rwflag, void *context)
{
	(void) rwflag;
	if (size > 0)
		buf[0] = '\0';
	((cql_tls_context *) context)->password_asked = true;
	return -1;
}

/* The server wants a certificate and we have none. */
static int
note_request(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
	cql_tls *tls = SSL_get_app_data(ssl);

	(void) cert;
	(void) key;
	tls->certificate_asked = true;
	return 0;
}

static bool
load_roots(cql_tls_context *context, const char *file, cql_error *err)
{
	if (file == NULL)
	{
		if (context->sslmode == CQL_SSL_REQUIRE)
			return true;
		cql_error_set(err, CQL_ERR_TLS,
					  "verification of the server's certificate needs a root "
					  "certificate file (or \"%s\")",
					  SYSTEM_ROOTS);
		return false;
	}
	if (strcmp(file, SYSTEM_ROOTS) == 0)
	{
		/* Any public authority's customer would pass a weaker check. */
		if (context->sslmode != CQL_SSL_VERIFY_FULL)
		{
			cql_error_set(err, CQL_ERR_TLS,
						  "root certificates \"%s\" need full verification "
						  "(verify-full)",
						  SYSTEM_ROOTS);
			return false;
		}
		if (SSL_CTX_set_default_verify_paths(context->ctx) == 1)
			return true;
		cql_tls_openssl_error(err,
							  "could not load the system's root certificates");
		return false;
	}
	if (SSL_CTX_load_verify_locations(context->ctx, file, NULL) == 1)
		return true;
	file_error(err, "root certificate file", file);
	return false;
}

/*
 * As libpq: nobody else may read it, but a group where it belongs to root, so
 * that several services can share one of the system's keys.
 */
static bool
check_key_mode(const char *file, cql_error *err)
{
	struct stat st;

	if (stat(file, &st) != 0)
		return true; /* loading will say why */
	if (!S_ISREG(st.st_mode))
		cql_error_set(err, CQL_ERR_TLS,
					  "private key file \"%.500s\" is not a regular file",
					  file);
	else if (st.st_mode & (st.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO
										  : S_IRWXG | S_IRWXO))
		cql_error_set(err, CQL_ERR_TLS,
					  "private key file \"%.500s\" has group or world access; "
					  "it must have permissions u=rw (0600) or less, or "
					  "u=rw,g=r (0640) or less if owned by root",
					  file);
	else
		return true;
	return false;
}

static bool
load_key(cql_tls_context *context, const char *file, cql_error *err)
{
	if (!check_key_mode(file, err))
		return false;
	if (SSL_CTX_use_PrivateKey_file(context->ctx, file, SSL_FILETYPE_PEM) == 1)
		return true;
	if (context->password_asked)
	{
		cql_error_set(err, CQL_ERR_TLS,
					  "private key file \"%.500s\" is protected by a "
					  "password, which is not supported",
					  file);
		ERR_clear_error();
		return false;
	}
	file_error(err, "private key file", file);
	return false;
}

static bool
load_certificate(cql_tls_context *context, const cql_config *config,
				 cql_error *err)
{
	if (config->sslcert == NULL && config->sslkey == NULL)
	{
		SSL_CTX_set_client_cert_cb(context->ctx, note_request);
		return true;
	}
	if (config->sslcert == NULL || config->sslkey == NULL)
	{
		cql_error_set(err, CQL_ERR_TLS,
					  "a client certificate needs both its file and its "
					  "private key file");
		return false;
	}
	if (SSL_CTX_use_certificate_chain_file(context->ctx, config->sslcert) != 1)
	{
		file_error(err, "certificate file", config->sslcert);
		return false;
	}
	if (!load_key(context, config->sslkey, err))
		return false;
	if (SSL_CTX_check_private_key(context->ctx) == 1)
		return true;
	file_error(err, "certificate with private key file", config->sslkey);
	return false;
}

static bool
set_up(cql_tls_context *context, const cql_config *config, cql_error *err)
{
	bool check =
		config->sslrootcert != NULL || config->sslmode != CQL_SSL_REQUIRE;

	context->ctx = SSL_CTX_new(TLS_client_method());
	if (context->ctx == NULL ||
		SSL_CTX_set_min_proto_version(context->ctx, TLS1_2_VERSION) != 1)
	{
		cql_tls_openssl_error(err, "could not set up TLS");
		return false;
	}
	SSL_CTX_set_options(context->ctx,
						SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_default_passwd_cb(context->ctx, refuse_password);
	SSL_CTX_set_default_passwd_cb_userdata(context->ctx, context);
	SSL_CTX_set_session_cache_mode(context->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context->ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(context->ctx, check ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
					   NULL);
	return load_roots(context, config->sslrootcert, err) &&
		   load_certificate(context, config, err);
}

cql_tls_context *
cql_tls_context_create(const cql_env *env, const cql_config *config,
					   cql_error *err)
{
	cql_tls_context *context = cql_alloc0(env, sizeof(*context));

	if (context == NULL)
	{
		cql_error_set(err, CQL_ERR_NOMEM, "out of memory");
		return NULL;
	}
	ERR_clear_error();
	context->env = env;
	context->sslmode = config->sslmode;
	if (!set_up(context, config, err))
	{
		cql_tls_context_free(context);
		return NULL;
	}
	ERR_clear_error();
	return context;
}

void
cql_tls_context_free(cql_tls_context *context)
{
	if (context == NULL)
		return;
	SSL_CTX_free(context->ctx);
	cql_free(context->env, context);
}
