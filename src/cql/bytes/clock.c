/*
 * clock.c
 *	  The client's one look at the clock.
 *
 * Called by hosts (the client itself takes the time as an argument) and for
 * seeds.
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
