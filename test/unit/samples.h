/*
 * samples.h
 *	  Bytes for the tests of messages: parts of captures, copies, a UDT.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "frame.h"
#include "type.h"

struct vector_capture;

/* The bytes in memory of just that size, so that ASan sees its end; free(). */
extern uint8_t *sample_copy(const void *data, size_t len);

/*
 * The response in a capture, body from env; false for captures of something
 * else (requests, raw segments).
 */
extern bool sample_response(const cql_env *env,
							const struct vector_capture *capture,
							cql_envelope *envelope);
/*
 * The request in a capture; body points into it.  False for captures of
 * something else and for compressed requests.
 */
extern bool sample_request(const struct vector_capture *capture,
						   cql_envelope *envelope);
/* The response named so; the name must exist. */
extern cql_envelope sample_named(const cql_env *env, const char *name);

/* A cql_type_lookup: u1 is (a int, b text, c list<int>); ctx: the arena. */
extern bool sample_udt(void *ctx, const char *name, const cql_type **found);

#endif /* SAMPLES_H */
