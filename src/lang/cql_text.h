/*
 * cql_text.h
 *	  What kind of statement a CQL text is.
 *
 * A pure function: no I/O, no memory.
 */
#ifndef CQL_TEXT_H
#define CQL_TEXT_H

#include <stdbool.h>

/* What a statement does, by its first word. */
typedef enum cql_text_kind
{
	CQL_TEXT_READ,	 /* SELECT, LIST, DESCRIBE: changes nothing */
	CQL_TEXT_WRITE,	 /* whatever is none of the others */
	CQL_TEXT_SCHEMA, /* CREATE, ALTER, DROP, TRUNCATE: may take long */
	CQL_TEXT_USE	 /* would change the keyspace of the connection */
} cql_text_kind;

/*
 * The kind of a CQL text; *positional is set where it has markers "?" outside
 * of quotes and comments (all others are ":name" then).
 */
extern cql_text_kind cql_text_classify(const char *cql, bool *positional);

/*
 * Puts "?" in the place of each constant of the text: strings, numbers, uuids,
 * blobs; not true, false and null.  The text gets no longer.
 */
extern void cql_text_mask(char *cql);

#endif /* CQL_TEXT_H */
