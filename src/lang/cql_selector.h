/*
 * cql_selector.h
 *	  Selectors of a SELECT: "writetime(email)", "addr.street", "m['k']",
 *	  "CAST(x AS text)", read by a grammar of our own and printed again.
 *
 * A pure function: no I/O,
 * no memory but the caller's.
 */
#ifndef CQL_SELECTOR_H
#define CQL_SELECTOR_H

#include "schema.h"

#define CQL_MAX_SELECTOR 2048	 /* bytes of a selector, read or printed */
#define CQL_SELECTOR_DEPTH 16	 /* calls and casts inside each other */
#define CQL_SELECTOR_FUNCTIONS 4 /* user-defined functions of one */
#define CQL_SELECTOR_NAME 256	 /* bytes of a name, with its NUL */

typedef enum cql_selector_code
{
	CQL_SELECTOR_OK,
	CQL_SELECTOR_SYNTAX,	  /* not of the grammar */
	CQL_SELECTOR_COLUMN,	  /* no such column or field */
	CQL_SELECTOR_TYPE,		  /* does not fit the type, or type unknown */
	CQL_SELECTOR_UNSUPPORTED, /* CQL has it, a column cannot be it */
	CQL_SELECTOR_LIMIT		  /* one of the limits above */
} cql_selector_code;

typedef struct cql_selector_function
{
	char keyspace[CQL_SELECTOR_NAME];
	char name[CQL_SELECTOR_NAME];
} cql_selector_function;

/*
 * The outcome; not to be copied, because type may point into it.  type lives
 * as long as this and the table it was made for.
 */
typedef struct cql_selector
{
	cql_selector_code code;
	char message[512]; /* where the code is not OK; no full sentence */
	char hint[512];	   /* or "" */
	char text[CQL_MAX_SELECTOR]; /* ready to stand in a SELECT */
	const cql_type *type;
	bool write_time; /* microseconds since 1970 */
	/*
	 * Functions that are not the server's own.  Whether one is an aggregate,
	 * which no column can be, is the caller's to find out.
	 */
	uint32_t nfunctions;
	cql_selector_function functions[CQL_SELECTOR_FUNCTIONS];
	/* types that no column has: of map_keys(m) */
	uint32_t nmade;
	cql_type made[CQL_SELECTOR_DEPTH];
	const cql_type *made_sub[CQL_SELECTOR_DEPTH];
} cql_selector;

/*
 * Reads one selector on a table:
 *	  selector := CAST "(" selector AS type ")" | "(" type ")" constant
 *			   | constant | function "(" [selector, ...] ")" modifiers
 *			   | column modifiers
 *	  function := [keyspace "."] name | writetime | maxwritetime | ttl | token
 *	  modifiers := ( "." field | "[" constant "]" ) ...
 * where a type is one without parameters and a constant a string, number,
 * Boolean, uuid, blob or a list of them in brackets.  True when the code is
 * OK.
 *
 * Without a table (NULL) the grammar alone is checked: text and type are not
 * to be used.
 */
extern bool cql_selector_parse(const char *text, const cql_schema_table *table,
							   cql_selector *out);

#endif /* CQL_SELECTOR_H */
