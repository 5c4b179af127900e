/*
 * test_sigv4.c
 *	  AWS's Signature Version 4 against the vectors that AWS's own plug-ins of
 *	  drivers publish, and made after them.
 */
#include "sigv4.h"
#include "unit.h"
#include "vectors.h"

static cql_slice
text_slice(const char *text)
{
	cql_slice slice = {(const uint8_t *) text, (int32_t) strlen(text)};

	return slice;
}

static cql_sigv4
keys_of(const vector_sigv4 *v)
{
	cql_sigv4 keys = {v->access_key, v->secret, v->session_token, v->region};

	return keys;
}

static void
test_vectors(void)
{
	cql_error err;
	cql_buf token;
	size_t i;

	cql_buf_init(&token, &unit_env, 4096);
	for (i = 0; i < VECTOR_COUNT(vector_sigv4s); i++)
	{
		const vector_sigv4 *v = &vector_sigv4s[i];
		cql_sigv4 keys = keys_of(v);

		unit_about("vector %zu", i);
		cql_buf_reset(&token);
		CHECK(cql_sigv4_answer(&keys, text_slice(v->challenge), v->time,
							   &token, &err));
		CHECK_BYTES(token.data, token.len, v->answer, strlen(v->answer));
	}
	cql_buf_free(&token);
}

/* The nonce may stand among other words; without one nothing is signed. */
static void
test_challenges(void)
{
	static const char *const none[] = {"", "x", "nonce",
									   "nonce=", "nonce=,region=x"};
	const vector_sigv4 *v = &vector_sigv4s[0];
	cql_sigv4 keys = keys_of(v);
	char text[256];
	cql_error err;
	cql_buf token;
	size_t i;

	cql_buf_init(&token, &unit_env, 4096);
	(void) snprintf(text, sizeof(text), "region=x,%s,more=y", v->challenge);
	CHECK(cql_sigv4_answer(&keys, text_slice(text), v->time, &token, &err));
	CHECK_BYTES(token.data, token.len, v->answer, strlen(v->answer));
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
	{
		unit_about("challenge \"%s\"", none[i]);
		cql_buf_reset(&token);
		CHECK(!cql_sigv4_answer(&keys, text_slice(none[i]), v->time, &token,
								&err));
		CHECK_INT(err.code, CQL_ERR_AUTH);
		CHECK_INT(token.len, 0);
	}
	cql_buf_free(&token);
}

/* A region too long to be one, and any lack of memory, are errors. */
static bool
answer(void *arg)
{
	cql_sigv4 keys = keys_of(arg);
	const vector_sigv4 *v = arg;
	cql_error err;
	cql_buf token;
	bool done;

	cql_buf_init(&token, &unit_env, 4096);
	done = cql_sigv4_answer(&keys, text_slice(v->challenge), v->time, &token,
							&err) &&
		   !token.failed;
	cql_buf_free(&token);
	return done;
}

static void
test_failures(void)
{
	vector_sigv4 v = vector_sigv4s[1];
	char region[512];

	unit_sweep(answer, &v);
	memset(region, 'r', sizeof(region));
	region[sizeof(region) - 1] = '\0';
	v.region = region;
	CHECK(!answer(&v));
}

const unit_case unit_cases[] = {{"vectors", test_vectors},
								{"challenges", test_challenges},
								{"failures", test_failures},
								{NULL, NULL}};
