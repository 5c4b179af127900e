/*
 * sigv4.c
 *	  The token of AWS's Signature Version 4, as the authenticator of Amazon
 *	  Keyspaces asks for it.
 *
 * Includes sigv4.h, error.h and OpenSSL; auth.c calls it.
 */
#include "sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "error.h"

#define SIGV4_SERVICE "cassandra"
#define SIGV4_ALGORITHM "AWS4-HMAC-SHA256"
#define SIGV4_MAX_TEXT 65536 /* of what is signed, and of the secret */
#define SIGV4_HASH 32		 /* SHA-256, in bytes */

typedef uint8_t hash[SIGV4_HASH];

static void
put(cql_buf *buf, const char *text)
{
	cql_buf_append(buf, text, strlen(text));
}

static void
put_hex(cql_buf *buf, const hash bytes)
{
	char digits[2 * SIGV4_HASH + 1];
	int i;

	for (i = 0; i < SIGV4_HASH; i++)
		(void) snprintf(digits + (ptrdiff_t) 2 * i, 3, "%02x", bytes[i]);
	put(buf, digits);
}

/* All but the unreserved characters of RFC 3986 percent-encoded. */
static void
put_encoded(cql_buf *buf, const char *text)
{
	char code[4];

	for (; *text != '\0'; text++)
	{
		char c = *text;

		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c >= '0' && c <= '9') || strchr("-._~", c) != NULL)
			cql_buf_append(buf, &c, 1);
		else
		{
			(void) snprintf(code, sizeof(code), "%%%02X", (uint8_t) c);
			put(buf, code);
		}
	}
}

/* A buffer that failed gives false, too. */
static bool
digest(const cql_buf *data, hash out)
{
	return !data->failed && EVP_Digest(data->data, data->len, out, NULL,
									   EVP_sha256(), NULL) == 1;
}

static bool
sign(const void *key, size_t keylen, const void *data, size_t len, hash out)
{
	return HMAC(EVP_sha256(), key, (int) keylen, data, len, out, NULL) != NULL;
}

/* The key of a day, region and service: the secret signs each in turn. */
static bool
derive_key(const cql_sigv4 *keys, const char *day, cql_buf *buf, hash key)
{
	const char *const parts[4] = {day, keys->region, SIGV4_SERVICE,
								  "aws4_request"};
	bool signed_all;
	int i;

	cql_buf_reset(buf);
	/* At once: growing would leave copies of the secret behind. */
	if (cql_buf_reserve(buf, strlen(keys->secret) + 4) == NULL)
		return false;
	put(buf, "AWS4");
	put(buf, keys->secret);
	signed_all = sign(buf->data, buf->len, day, strlen(day), key);
	explicit_bzero(buf->data, buf->len);
	for (i = 1; i < 4 && signed_all; i++)
		signed_all = sign(key, SIGV4_HASH, parts[i], strlen(parts[i]), key);
	return signed_all;
}

/* The request as it is hashed, SHA-256 of the nonce being its body's. */
static void
put_request(cql_buf *buf, const cql_sigv4 *keys, const char *scope,
			const char *date, const hash body)
{
	put(buf, "PUT\n/authenticate\nX-Amz-Algorithm=" SIGV4_ALGORITHM
			 "&X-Amz-Credential=");
	put_encoded(buf, keys->access_key);
	put_encoded(buf, "/");
	put_encoded(buf, scope);
	put(buf, "&X-Amz-Date=");
	put_encoded(buf, date);
	put(buf, "&X-Amz-Expires=900\nhost:" SIGV4_SERVICE "\n\nhost\n");
	put_hex(buf, body);
}

/* day "20240229" and date "2024-02-29T01:02:03.004Z" of a time. */
static bool
format_time(int64_t time, char day[16], char date[32])
{
	time_t seconds = (time_t) (time / 1000000);
	struct tm tm;
	char second[24];

	if (gmtime_r(&seconds, &tm) == NULL ||
		strftime(day, 16, "%Y%m%d", &tm) == 0 ||
		strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return false;
	(void) snprintf(date, 32, "%s.%03dZ", second, (int) (time / 1000 % 1000));
	return true;
}

/* The signature of a nonce; buf is for texts. */
static bool
sign_nonce(const cql_sigv4 *keys, cql_slice nonce, const char *day,
		   const char *date, cql_buf *buf, hash signature)
{
	char scope[256];
	hash request;
	hash key;
	bool done;

	if (snprintf(scope, sizeof(scope), "%s/%s/" SIGV4_SERVICE "/aws4_request",
				 day, keys->region) >= (int) sizeof(scope))
		return false;
	cql_buf_append(buf, nonce.data, (size_t) nonce.len);
	if (!digest(buf, request))
		return false;
	cql_buf_reset(buf);
	put_request(buf, keys, scope, date, request);
	if (!digest(buf, request) || !derive_key(keys, day, buf, key))
		return false;
	cql_buf_reset(buf);
	put(buf, SIGV4_ALGORITHM "\n");
	put(buf, date);
	put(buf, "\n");
	put(buf, scope);
	put(buf, "\n");
	put_hex(buf, request);
	done =
		!buf->failed && sign(key, SIGV4_HASH, buf->data, buf->len, signature);
	explicit_bzero(key, sizeof(key));
	return done;
}

/* The value of "nonce" among the challenge's "name=value,..."; len 0: none. */
static cql_slice
find_nonce(cql_slice challenge)
{
	static const char name[] = "nonce=";
	cql_slice nonce = {NULL, 0};
	const uint8_t *end;

	if (challenge.len <= 0)
		return nonce;
	end = challenge.data + challenge.len;
	nonce.data =
		memmem(challenge.data, (size_t) challenge.len, name, strlen(name));
	if (nonce.data == NULL)
		return nonce;
	nonce.data += strlen(name);
	while (nonce.data + nonce.len < end && nonce.data[nonce.len] != ',')
		nonce.len++;
	return nonce;
}

bool
cql_sigv4_answer(const cql_sigv4 *keys, cql_slice challenge, int64_t time,
				 cql_buf *token, cql_error *err)
{
	cql_slice nonce = find_nonce(challenge);
	char day[16];
	char date[32];
	hash signature;
	cql_buf buf;
	bool done;

	if (nonce.len == 0)
	{
		cql_error_set(err, CQL_ERR_AUTH,
					  "the server's challenge has no nonce to be signed");
		return false;
	}
	cql_buf_init(&buf, token->env, SIGV4_MAX_TEXT);
	done = format_time(time, day, date) &&
		   sign_nonce(keys, nonce, day, date, &buf, signature);
	cql_buf_free(&buf);
	if (!done)
	{
		cql_error_set(err, CQL_ERR_NOMEM,
					  "out of memory, or a credential is too long");
		return false;
	}
	put(token, "signature=");
	put_hex(token, signature);
	put(token, ",access_key=");
	put(token, keys->access_key);
	put(token, ",amzdate=");
	put(token, date);
	if (keys->session_token != NULL)
	{
		put(token, ",session_token=");
		put(token, keys->session_token);
	}
	return true;
}
