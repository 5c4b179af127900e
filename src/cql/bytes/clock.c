/*
 * clock.c
 *	  The client's looks at the clocks.
 *
 * Called by hosts (the client itself takes the time as an argument), for
 * seeds, and for signatures that carry a date.
 */
#include "value.h"

#include <time.h>

int64_t
cql_now(void)
{
	struct timespec now;

	(void) clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
cql_wall_clock(void)
{
	struct timespec now;

	(void) clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
