/*
 * walk.h
 *	  What the fuzz targets share: an environment and a walker of values.
 */
#ifndef WALK_H
#define WALK_H

#include "cql.h"

/* malloc without conditions; no descriptors, no log. */
extern const cql_env walk_env;

/*
 * Visits a value of a type and everything in it, reads every byte, and aborts
 * where a piece lies outside of the value or is of no legal length.
 */
extern void walk_value(const cql_type *type, cql_slice value);

#endif /* WALK_H */
