/*
 * guc.h
 *	  Configuration parameters.
 */
#ifndef CASS_GUC_H
#define CASS_GUC_H

#include "postgres.h"

extern char *cass_guc_read_consistency; /* "": unset, as the next two */
extern char *cass_guc_write_consistency;
extern char *cass_guc_serial_consistency;
extern char *cass_guc_read_throttle; /* "": unset */
extern char *cass_guc_write_throttle;
extern int cass_guc_scan_concurrency;
extern int cass_guc_request_timeout; /* ms, -1 unset */
extern int cass_guc_allow_filtering; /* 0, 1, -1 unset */
extern int cass_guc_vector_search;	 /* 0, 1, -1 unset */
extern int cass_guc_progress;		 /* ms between notices, -1: none */
extern bool cass_guc_trace;
/* Have joins look their keys up many at a time. */
extern bool cass_guc_enable_keyjoin;
/* Warn of what a rollback leaves in Cassandra. */
extern bool cass_guc_rollback_warning;

/* Requests that took so many ms are logged, -1: none. */
extern int cass_guc_log_min_duration;

extern void cass_guc_init(void);

#endif /* CASS_GUC_H */
