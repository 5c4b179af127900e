/*
 * waiter.h
 *	  Who waits for what: lists in the order of coming.
 *
 * A waiter is embedded in what waits, and in at most one list: of a host, of
 * another request, of names that are looked up, or of those that may go on.
 * Whoever is woken looks again for what it still needs.
 */
#ifndef CQL_WAITER_H
#define CQL_WAITER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cql_waiter
{
	struct cql_waiter *next;
	struct cql_waiter *prev;
	struct cql_waiters *list; /* the one it is in, or NULL */
	uint32_t needs;			  /* streams it needs, where it waits for those */
	bool sure;				  /* on a connection whose peer is surely there */
} cql_waiter;

typedef struct cql_waiters
{
	cql_waiter *head;
	cql_waiter *tail;
} cql_waiters;

/* Puts it at the end of the list, out of any other. */
extern void cql_wait(cql_waiter *waiter, cql_waiters *list);
/* Takes it out of its list, if it is in one. */
extern void cql_wait_end(cql_waiter *waiter);
/* Moves all to the end of another list. */
extern void cql_waiters_move(cql_waiters *from, cql_waiters *to);

#endif /* CQL_WAITER_H */
