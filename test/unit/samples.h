/*
 * samples.h
 *	  Bytes for the tests of messages, and an environment short of memory.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "frame.h"
#include "type.h"

/* The bytes of a hexadecimal text, in memory of just that size; free() it. */
extern uint8_t *sample_bytes(const char *hex, size_t *len);
/* The bytes of a buffer in memory of just that size; free() it. */
extern uint8_t *sample_copy(const void *data, size_t len);
/* The envelope of a capture; its body is the caller's, from env. */
extern cql_envelope sample_envelope(const cql_env *env, const char *hex);

/* An environment whose nth allocation from now on (0: none) fails. */
extern const cql_env sample_env;
extern void sample_fail_at(uint32_t n);
/* Pieces of its memory that were not freed. */
extern uint32_t sample_live(void);

/* A looked-up UDT drvvec.u1 (a int, b text, c list<int>); ctx: the arena. */
extern const cql_type *sample_udt(void *ctx, const char *name);

#endif							/* SAMPLES_H */
