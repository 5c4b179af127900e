/*
 * wait.c
 *	  The set of events that a wait for the client can end with.
 *
 * The set is kept from one wait to the next: making one costs as much as all
 * else that a look-up of one row makes the backend do.
 */
#include "client.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "utils/memutils.h"

static WaitEventSet *wait_set = NULL;
static int wait_fd = -1; /* in the set, -1: it is not complete */

void
cass_wait_forget(int fd)
{
	WaitEventSet *set = wait_set;

	if (set == NULL || (fd != wait_fd && wait_fd >= 0))
		return;
	wait_set = NULL;
	wait_fd = -1;
	FreeWaitEventSet(set);
}

/* Makes the set; one that an error left incomplete goes first. */
static void
make_set(int fd)
{
	MemoryContext old;

	cass_wait_forget(wait_fd);
	old = MemoryContextSwitchTo(TopMemoryContext);
	wait_set = cass_create_wait_event_set(3);
	MemoryContextSwitchTo(old);
	(void) AddWaitEventToSet(wait_set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch,
							 NULL);
	/* postgres --single has none */
	if (IsUnderPostmaster)
		(void) AddWaitEventToSet(wait_set, WL_EXIT_ON_PM_DEATH,
								 PGINVALID_SOCKET, NULL, NULL);
	(void) AddWaitEventToSet(wait_set, WL_SOCKET_READABLE, fd, NULL, NULL);
	wait_fd = fd;
}

void
cass_wait_latch_or_fd(int fd, long ms)
{
	WaitEvent event;

	if (wait_set == NULL || fd != wait_fd)
		make_set(fd);
	(void) WaitEventSetWait(wait_set, ms, &event, 1, PG_WAIT_EXTENSION);
}
