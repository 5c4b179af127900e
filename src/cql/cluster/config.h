/*
 * config.h
 *	  Copying and checking of a cluster's configuration.
 */
#ifndef CQL_CONFIG_H
#define CQL_CONFIG_H

#include "request.h"

/* False with *err set. */
extern bool cql_cluster_configure(cql_cluster *cluster,
								  const cql_config *config, cql_error *err);

#endif /* CQL_CONFIG_H */
