/*
 * client.h
 *	  Between the backend and the client: waiting, requests, errors, warnings.
 */
#ifndef CASS_CLIENT_H
#define CASS_CLIENT_H

#include "postgres.h"

#include "compat.h"
#include "cass_types.h"
#include "cql.h"
#include "cql_selector.h"

/* ---- client_env.c ---- */

/* The cql_env of a memory context: allocations are its children. */
extern void cass_env_init(cql_env *env, MemoryContext context);
/* Frees what the client gave to its caller (an array of ranges). */
extern void cass_env_free(void *ptr);

/* ---- client_request.c ---- */

/*
 * Waits until the request has ended (done or failed), or until any of them
 * has: returns its index.  Handles interrupts; acts on cancel within 100 ms.
 */
extern int cass_wait_any(cql_cluster *cluster, cql_request *const *requests,
						 int nrequests);
/* The same until a time of cql_now(): -1 when it has come first. */
extern int cass_wait_until(cql_cluster *cluster, cql_request *const *requests,
						   int nrequests, int64 deadline);
/*
 * For somebody else's wait event set: the descriptor to wait for.  It turns
 * readable when something has come or is due, at once where ready says that
 * something is here already, and every 100 ms for interrupts to be looked at:
 * not all sets have the latch.
 */
extern int cass_wait_elsewhere(cql_cluster *cluster, bool ready);
/* Index of one that has ended already, without any I/O; or -1. */
extern int cass_find_ended(cql_request *const *requests, int nrequests);
/* One step of I/O without waiting. */
extern void cass_poll(cql_cluster *cluster);
/*
 * A request owned by a memory context: released when the context is reset or
 * deleted, or by cass_request_reset().  The handle is made before the client
 * is called, so nothing throws between owning and registering.
 */
typedef struct CassRequest
{
	cql_request *request; /* NULL: none in flight */
	cql_result *result;	  /* taken, not yet freed */
	uint32 attempts;	  /* of the last one waited for; 1: no retry */
	uint32 reprepared;	  /* times a server had forgotten its statement */
	char host[CQL_MAX_HOST_TEXT]; /* its coordinator, "address:port" */
	const char *muted;			  /* beginning of a warning not to be told */
	MemoryContextCallback callback;
} CassRequest;

extern CassRequest *cass_request_create(MemoryContext context);
/* Releases request and result, keeps the handle for another use. */
extern void cass_request_reset(CassRequest *handle);
/*
 * cql_execute() through the handle; ereports on failure.  Traced where the
 * parameters or cassandra_fdw.trace say so.
 */
extern void cass_request_execute(CassRequest *handle, cql_cluster *cluster,
								 const cql_params *params);
/* The same for a batch. */
extern void cass_request_execute_batch(CassRequest *handle,
									   cql_cluster *cluster,
									   cql_batch_type type,
									   const cql_batch_entry *entries,
									   int nentries, const cql_params *params);
/* Moves the result of a request that is done into the handle. */
extern void cass_request_take(CassRequest *handle);
/*
 * The next row of the handle's result into cells; false at its end, or where
 * there is none.  ereports what is malformed.
 */
extern bool cass_request_row(const CassRequest *handle, cql_slice *cells,
							 const char *cql);
/*
 * Moves a result that was waited for, and what is known of it, to another
 * handle, so that this one can ask for the next page.
 */
extern void cass_request_move(CassRequest *from, CassRequest *to);
/*
 * Waits for the handle's request; moves its result into the handle.  ereports
 * a failed one with the CQL as context; reports server warnings and the
 * session of a traced request.
 */
extern cql_result *cass_request_wait(CassRequest *handle, cql_cluster *cluster,
									 const char *cql);
/* The one function that turns a cql_error into ereport(ERROR). */
pg_noreturn extern void cass_report_error(const cql_error *error,
										  const char *cql);
/* The same for a write, with what is known of its rows. */
pg_noreturn extern void cass_report_write_error(const cql_error *error,
												const char *cql,
												const char *rows);
/* ereports what is wrong with an expression (option "expression"). */
extern void cass_report_selector(const cql_selector *selector,
								 const char *expression);

/* The tracing session of these 16 bytes as text, palloc'ed. */
extern char *cass_trace_text(const uint8 id[16]);

/* ---- slow_log.c ---- */

/* Around each step: has slow requests kept, then logs them. */
extern void cass_slow_log_watch(cql_cluster *cluster);
extern void cass_slow_log_tell(cql_cluster *cluster);

/* ---- warning.c ---- */

/*
 * Server warnings of a result as WARNING: collected, told when the client's
 * statement ends, each distinct text once with its count.  Those that begin
 * with "muted" (or NULL) are left out: the request is meant as it is.
 */
extern void cass_report_warnings(cql_result *result, const char *muted);
extern void cass_warning_init(void);

/* ---- wait.c: the events that end a sleep ---- */

/* Until the latch is set, the descriptor is readable, or ms have passed. */
extern void cass_wait_latch_or_fd(int fd, long ms);
/* The descriptor is about to be closed. */
extern void cass_wait_forget(int fd);

#endif /* CASS_CLIENT_H */
