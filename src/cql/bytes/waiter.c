/*
 * waiter.c
 *	  Who waits for what: lists in the order of coming.
 */
#include "waiter.h"

#include <stddef.h>

void
cql_wait(cql_waiter *waiter, cql_waiters *list)
{
	cql_wait_end(waiter);
	waiter->list = list;
	waiter->next = NULL;
	waiter->prev = list->tail;
	if (list->tail != NULL)
		list->tail->next = waiter;
	else
		list->head = waiter;
	list->tail = waiter;
}

void
cql_wait_end(cql_waiter *waiter)
{
	cql_waiters *list = waiter->list;

	if (list == NULL)
		return;
	if (waiter->prev != NULL)
		waiter->prev->next = waiter->next;
	else
		list->head = waiter->next;
	if (waiter->next != NULL)
		waiter->next->prev = waiter->prev;
	else
		list->tail = waiter->prev;
	waiter->list = NULL;
}

void
cql_waiters_move(cql_waiters *from, cql_waiters *to)
{
	while (from->head != NULL)
		cql_wait(from->head, to);
}
