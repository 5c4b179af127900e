/*
 * timer.h
 *	  Timers in a heap ordered by deadline.
 *
 * Called by cluster.c and the request room.  Room is reserved before, so
 * that setting a timer cannot fail.
 */
#ifndef CQL_TIMER_H
#define CQL_TIMER_H

#include "alloc.h"

#define CQL_TIMER_UNSET UINT32_MAX

/* Embedded in its owner. */
typedef struct cql_timer
{
	int64_t when;
	uint32_t pos; /* in the heap, or CQL_TIMER_UNSET */
	void *owner;
} cql_timer;

typedef struct cql_timers
{
	const cql_env *env;
	cql_timer **heap;
	uint32_t n;
	uint32_t cap;
} cql_timers;

extern void cql_timers_init(cql_timers *timers, const cql_env *env);
extern void cql_timers_free(cql_timers *timers);
/* Room for n timers at a time; false without memory. */
extern bool cql_timers_reserve(cql_timers *timers, uint32_t n);
extern void cql_timer_init(cql_timer *timer, void *owner);
/* Sets or moves it. */
extern void cql_timer_set(cql_timers *timers, cql_timer *timer, int64_t when);
extern void cql_timer_unset(cql_timers *timers, cql_timer *timer);
/* Puts all of them off by so much. */
extern void cql_timers_shift(cql_timers *timers, int64_t delta);
/* The one that is due first, or NULL. */
extern cql_timer *cql_timer_first(const cql_timers *timers);

#endif /* CQL_TIMER_H */
