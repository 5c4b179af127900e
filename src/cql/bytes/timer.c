/*
 * timer.c
 *	  Timers in a heap ordered by deadline.
 *
 * A binary heap of pointers; each timer knows its place, so that one can be
 * taken out of the middle.
 */
#include "timer.h"

void
cql_timers_init(cql_timers *timers, const cql_env *env)
{
	timers->env = env;
	timers->heap = NULL;
	timers->n = 0;
	timers->cap = 0;
}

void
cql_timers_free(cql_timers *timers)
{
	cql_free(timers->env, timers->heap);
	cql_timers_init(timers, timers->env);
}

bool
cql_timers_reserve(cql_timers *timers, uint32_t n)
{
	uint32_t cap = timers->cap == 0 ? 64 : timers->cap;
	cql_timer **heap;

	if (n <= timers->cap)
		return true;
	while (cap < n)
		cap *= 2;
	heap = cql_realloc(timers->env, timers->heap, cap * sizeof(*heap));
	if (heap == NULL)
		return false;
	timers->heap = heap;
	timers->cap = cap;
	return true;
}

void
cql_timer_init(cql_timer *timer, void *owner)
{
	timer->when = 0;
	timer->pos = CQL_TIMER_UNSET;
	timer->owner = owner;
}

static void
place(cql_timers *timers, uint32_t pos, cql_timer *timer)
{
	timers->heap[pos] = timer;
	timer->pos = pos;
}

static void
sift_up(cql_timers *timers, uint32_t pos, cql_timer *timer)
{
	while (pos > 0)
	{
		uint32_t parent = (pos - 1) / 2;

		if (timers->heap[parent]->when <= timer->when)
			break;
		place(timers, pos, timers->heap[parent]);
		pos = parent;
	}
	place(timers, pos, timer);
}

static void
sift_down(cql_timers *timers, uint32_t pos, cql_timer *timer)
{
	for (;;)
	{
		uint32_t child = 2 * pos + 1;

		if (child >= timers->n)
			break;
		if (child + 1 < timers->n &&
			timers->heap[child + 1]->when < timers->heap[child]->when)
			child++;
		if (timers->heap[child]->when >= timer->when)
			break;
		place(timers, pos, timers->heap[child]);
		pos = child;
	}
	place(timers, pos, timer);
}

void
cql_timer_set(cql_timers *timers, cql_timer *timer, int64_t when)
{
	cql_timer_unset(timers, timer);
	timer->when = when;
	timers->n++;
	sift_up(timers, timers->n - 1, timer);
}

void
cql_timer_unset(cql_timers *timers, cql_timer *timer)
{
	uint32_t pos = timer->pos;
	cql_timer *last;

	if (pos == CQL_TIMER_UNSET)
		return;
	timer->pos = CQL_TIMER_UNSET;
	last = timers->heap[--timers->n];
	if (last == timer)
		return;
	if (last->when < timer->when)
		sift_up(timers, pos, last);
	else
		sift_down(timers, pos, last);
}

void
cql_timers_shift(cql_timers *timers, int64_t delta)
{
	uint32_t i;

	for (i = 0; i < timers->n; i++)
		timers->heap[i]->when += delta;
}

cql_timer *
cql_timer_first(const cql_timers *timers)
{
	return timers->n == 0 ? NULL : timers->heap[0];
}
