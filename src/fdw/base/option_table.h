/*
 * option_table.h
 *	  The one table of options: what option_table.c, option.c and
 *	  option_value.c share.
 */
#ifndef CASS_OPTION_TABLE_H
#define CASS_OPTION_TABLE_H

#include "option.h"

typedef enum CassOptionKind
{
	CASS_OPTION_TEXT,	  /* char * */
	CASS_OPTION_FILE,	  /* char *, a file of the server */
	CASS_OPTION_SELECTOR, /* char *, a selector of CQL */
	CASS_OPTION_LIST,	  /* List * of char * */
	CASS_OPTION_INT,	  /* int */
	CASS_OPTION_BOOL,	  /* bool */
	CASS_OPTION_DURATION, /* int64 of microseconds */
	CASS_OPTION_COST,	  /* double */
	CASS_OPTION_RATE,	  /* CassRate */
	CASS_OPTION_ENUM,	  /* int: min + place among the words */
	CASS_OPTION_READ,	  /* int: consistency level of reads */
	CASS_OPTION_WRITE,	  /* int: consistency level of writes */
	CASS_OPTION_SERIAL,	  /* int: serial consistency level */
	CASS_OPTION_BOTH,	  /* levels of reads and writes */
	CASS_OPTION_SSL,	  /* Boolean in place of sslmode */
	CASS_OPTION_REFUSED	  /* of another wrapper: refused with a hint */
} CassOptionKind;

/* Where an option may stand. */
#define CASS_ON_SERVER 1
#define CASS_ON_TABLE 2
#define CASS_ON_COLUMN 4
#define CASS_ON_MAPPING 8

typedef struct CassOptionDef
{
	const char *name; /* NULL ends the table */
	int where;
	CassOptionKind kind;
	size_t offset;		 /* in CassOptions, of a column's: CassColumnOptions */
	int min;			 /* INT; ENUM: value of the first word */
	int max;			 /* INT */
	const char *words;	 /* ENUM: " a b c " */
	const char *initial; /* default as the user would write it, or NULL */
	const char *alias;	 /* another name of this option, or NULL */
	const char *text;	 /* meaning, for the reference; REFUSED: the hint */
} CassOptionDef;

extern const CassOptionDef cass_option_table[];

/* "500ms", "12s", "2min"; bare numbers are milliseconds.  False: malformed. */
extern bool cass_option_duration(const char *text, int64 *us);
/* "10000 rows", "5MB"; bare numbers are rows.  False: malformed. */
extern bool cass_option_rate(const char *text, CassRate *rate);
/* Whether a name of a consistency level may stand for this kind of option. */
extern bool cass_option_consistency(CassOptionKind kind, const char *name);

/* "a b" as "a, b". */
extern char *cass_option_words(const char *words);

#endif /* CASS_OPTION_TABLE_H */
