/*
 * buf.h
 *	  Growable byte buffer with a hard maximum and a sticky failure flag.
 *
 * After a failure (no memory, or the maximum passed) all operations but reset
 * and free do nothing, so a writer checks "failed" once at the end.
 */
#ifndef CQL_BUF_H
#define CQL_BUF_H

#include "alloc.h"

typedef struct cql_buf
{
	const cql_env *env;
	uint8_t *data;
	size_t len; /* bytes in use */
	size_t cap;
	size_t max; /* hard maximum of len */
	bool failed;
} cql_buf;

extern void cql_buf_init(cql_buf *buf, const cql_env *env, size_t max);
/* len = 0, failed = false; memory is kept. */
extern void cql_buf_reset(cql_buf *buf);
extern void cql_buf_free(cql_buf *buf);
/* Room for n more bytes at data + len without changing len; NULL on failure.
 */
extern uint8_t *cql_buf_reserve(cql_buf *buf, size_t n);
extern void cql_buf_append(cql_buf *buf, const void *data, size_t n);
/* Drops the first n bytes (n <= len), moving the rest to the front. */
extern void cql_buf_consume(cql_buf *buf, size_t n);

#endif /* CQL_BUF_H */
