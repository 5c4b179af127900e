/*
 * error.h
 *	  Filling of cql_error.
 */
#ifndef CQL_ERROR_H
#define CQL_ERROR_H

#include "value.h"

/* Clears *err (numbers -1) and sets code and message; err may be NULL. */
extern void cql_error_set(cql_error *err, cql_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Clears *err to CQL_OK with numbers -1. */
extern void cql_error_clear(cql_error *err);
/* Appends a line to details (cut at its size; lines parted by "\n"). */
extern void cql_error_detail(cql_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * Copies bytes of a peer into a text field: control bytes become '?', invalid
 * UTF-8 too, cut at size on a character boundary.
 */
extern void cql_error_text(char *out, size_t size, const uint8_t *data,
						   size_t len);

#endif /* CQL_ERROR_H */
