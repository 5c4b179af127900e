/*
 * selector_int.h
 *	  What the files of the selector's parser share.
 *
 * Internal to src/lang; called by selector.c.
 */
#ifndef CQL_SELECTOR_INT_H
#define CQL_SELECTOR_INT_H

#include "cql_selector.h"

typedef struct cql_selector_parser
{
	const char *pos;
	const cql_schema_table *table;
	cql_selector *out;
	size_t len; /* of out->text */
	uint32_t depth;
} cql_selector_parser;

/* What was just read; printed already. */
typedef struct cql_selector_node
{
	const cql_type *type; /* NULL: only the server knows */
	bool constant;
	int column;					  /* position of a bare column, else -1 */
	char name[CQL_SELECTOR_NAME]; /* of the function where type is NULL */
} cql_selector_node;

/* The result type of a function of the server's own. */
typedef enum cql_selector_result
{
	CQL_RESULT_FIXED,	/* always the same */
	CQL_RESULT_FIRST,	/* that of the first argument */
	CQL_RESULT_KEYS,	/* set of a map's keys */
	CQL_RESULT_VALUES,	/* list of a map's values */
	CQL_RESULT_ELEMENT, /* of a list or set */
	CQL_RESULT_AGGREGATE
} cql_selector_result;

typedef struct cql_selector_native
{
	cql_selector_result result;
	cql_type_id id; /* of CQL_RESULT_FIXED */
	uint32_t min;	/* arguments */
	uint32_t max;
} cql_selector_native;

/* ---- selector_lex.c ---- */

/* Sets the outcome; false, so that it can be returned. */
extern bool cql_selector_fail(cql_selector_parser *p, cql_selector_code code,
							  const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
extern void cql_selector_hint(cql_selector_parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
extern bool cql_selector_syntax(cql_selector_parser *p);

/* Appends to the text; false when it is full. */
extern bool cql_selector_put(cql_selector_parser *p, const char *text);
extern bool cql_selector_put_name(cql_selector_parser *p, const char *name);
/* Takes a punctuation mark (or keyword) when it is next. */
extern bool cql_selector_take(cql_selector_parser *p, char mark);
extern bool cql_selector_take_word(cql_selector_parser *p, const char *word);
/* Looks for a mark without taking it. */
extern bool cql_selector_at(cql_selector_parser *p, char mark);
/* A name, in lower case unless it is quoted. */
extern bool cql_selector_name(cql_selector_parser *p,
							  char out[CQL_SELECTOR_NAME], bool *quoted);
/* A constant, printed; *type is the one it would have by itself. */
extern bool cql_selector_constant(cql_selector_parser *p,
								  const cql_type **type);
/* Whether a constant is next. */
extern bool cql_selector_at_constant(cql_selector_parser *p);

/* ---- selector_function.c ---- */

/* Looks a function of the server's own up, by name in lower case. */
extern bool cql_selector_native_find(const char *name,
									 cql_selector_native *native);
/* Type of its result; false (outcome set) where the argument does not fit. */
extern bool cql_selector_native_type(cql_selector_parser *p, const char *name,
									 const cql_selector_native *native,
									 const cql_selector_node *first,
									 const cql_type **type);
/* A list or set of a type, in the outcome's memory; NULL: too many. */
extern const cql_type *cql_selector_make(cql_selector_parser *p,
										 cql_type_id id, const cql_type *sub);

#endif /* CQL_SELECTOR_INT_H */
