/*
 * session_steps.h
 *	  Steps that the tests of a session share.
 */
#ifndef SESSION_STEPS_H
#define SESSION_STEPS_H

#include "unit.h"
#include "fake.h"

#define SECOND INT64_C(1000000)

extern cql_cluster *session_make_cluster(const cql_config *config);
extern cql_cluster *session_start_cluster(uint32_t n);
extern void session_end_cluster(cql_cluster *cluster);
extern cql_request *session_execute(cql_cluster *cluster,
									const cql_params *params);
extern int32_t session_take_int(cql_request *request);
extern int32_t session_run_int(cql_cluster *cluster, const cql_params *params);
extern cql_error session_run_error(cql_cluster *cluster,
								   const cql_params *params);
extern cql_params session_lookup(uint8_t bytes[4], cql_slice *value,
								 int32_t key);

#endif /* SESSION_STEPS_H */
