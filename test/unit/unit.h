/*
 * unit.h
 *	  Harness of the unit tests: cases, checks, an environment that counts
 *	  and fails.
 *
 * A test program test_NAME.c defines unit_cases[]; unit.c has main().  Each
 * case is one "ok" or "not ok" line; after each one no memory and no
 * descriptor of unit_env may be left.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdio.h>
#include <string.h>

#include "cql.h"

typedef struct unit_case
{
	const char *name;
	void (*run)(void);
} unit_case;

/* Defined by the test program; ends with a NULL name. */
extern const unit_case unit_cases[];

/* Checks go on after a failure; the value tells whether it held. */
#define CHECK(cond) unit_check((cond), __FILE__, __LINE__, #cond)
#define CHECK_INT(actual, expected)                                           \
	unit_check_int((int64_t) (actual), (int64_t) (expected), __FILE__,        \
				   __LINE__, #actual)
#define CHECK_STR(actual, expected)                                           \
	unit_check_str((actual), (expected), __FILE__, __LINE__, #actual)
#define CHECK_BYTES(actual, len, expected, expected_len)                      \
	unit_check_bytes((actual), (len), (expected), (expected_len), __FILE__,   \
					 __LINE__, #actual)
/* Leaves the function when the condition does not hold. */
#define REQUIRE(cond)                                                         \
	do                                                                        \
	{                                                                         \
		if (!unit_check((cond), __FILE__, __LINE__, #cond))                   \
			return;                                                           \
	} while (0)

extern bool unit_check(bool ok, const char *file, int line, const char *what);
extern bool unit_check_int(int64_t actual, int64_t expected, const char *file,
						   int line, const char *what);
extern bool unit_check_str(const char *actual, const char *expected,
						   const char *file, int line, const char *what);
extern bool unit_check_bytes(const void *actual, size_t len,
							 const void *expected, size_t expected_len,
							 const char *file, int line, const char *what);
/* Words printed with each failure until changed; "" none. */
extern void unit_about(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

/* Memory is malloc's (so that ASan sees it), counted. */
extern const cql_env unit_env;
/* The nth allocation (from 1) and all after it fail; 0: none. */
extern void unit_fail_from(size_t nth);
/* Allocations asked for since unit_fail_from(). */
extern size_t unit_allocations(void);
/* Blocks, bytes, descriptors not given back. */
extern size_t unit_live_blocks(void);
extern size_t unit_live_bytes(void);
extern size_t unit_live_fds(void);
/* The largest number of bytes in use since unit_fail_from(). */
extern size_t unit_peak_bytes(void);
/* Descriptors that may be acquired at a time; SIZE_MAX at first. */
extern void unit_limit_fds(size_t max);

/*
 * Calls attempt with every allocation failing in turn (the first, the second,
 * ...; alone, and with all after it), until none was asked for that failed.
 * Each time all must have been freed; without failures it must return true,
 * with them it may return either, but not crash.
 */
extern void unit_sweep(bool (*attempt)(void *arg), void *arg);

#endif /* UNIT_H */
