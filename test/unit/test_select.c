/*
 * test_select.c
 *	  What CQL may say: the cases of select_cases.txt.
 *
 * With SELECT_CASES_PRINT set in the environment, the file is written to
 * standard output with the answers as they are now, to be reviewed.
 */
#include <stdlib.h>

#include "select_case.h"
#include "unit.h"

#define MAX_TEXT 8192

/* select_cases.txt beside this file. */
static FILE *
open_cases(void)
{
	char path[512];
	const char *slash = strrchr(__FILE__, '/');

	snprintf(path, sizeof(path), "%.*sselect_cases.txt",
			 slash == NULL ? 0 : (int) (slash - __FILE__ + 1), __FILE__);
	return fopen(path, "r");
}

static void
check_case(const case_table *t, const char *line, const char *expected)
{
	case_input in;
	char actual[MAX_TEXT] = "> ";

	unit_about("%s: %s", t->table.name, line);
	REQUIRE(case_input_read(&in, t, line));
	cql_select_decide(&in.input, &in.plan);
	case_print(&in, actual, sizeof(actual));
	case_print_reasons(&in, actual, sizeof(actual));
	strcat(actual, "\n");
	if (getenv("SELECT_CASES_PRINT") != NULL)
		printf("? %s\n%s", line, actual);
	else
		CHECK_STR(actual, expected);
}

/* Lines of a file, without their ends. */
static bool
next_line(FILE *file, char *line, size_t size)
{
	if (fgets(line, (int) size, file) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

static void
test_cases(void)
{
	FILE *file = open_cases();
	case_table table;
	char line[1024];
	char question[1024] = "";
	char expected[MAX_TEXT] = "";
	bool open = false;
	bool print = getenv("SELECT_CASES_PRINT") != NULL;
	size_t n = 0;
	bool more;

	REQUIRE(file != NULL);
	do
	{
		more = next_line(file, line, sizeof(line));
		if (more && line[0] != '\0' && strchr(">=-", line[0]) != NULL)
		{
			strcat(expected, line);
			strcat(expected, "\n");
			continue;
		}
		if (question[0] != '\0')
		{
			check_case(&table, question + 2, expected);
			n++;
		}
		question[0] = '\0';
		expected[0] = '\0';
		if (more && line[0] == '?')
		{
			strcpy(question, line);
			continue;
		}
		if (print && more)
			printf("%s\n", line);
		if (more && strncmp(line, "table ", 6) == 0)
		{
			if (open)
				case_table_free(&table);
			case_table_start(&table, line + 6);
			open = true;
		}
		else if (more && line[0] == '\t')
			CHECK(case_table_line(&table, line + 1));
	} while (more);
	if (open)
		case_table_free(&table);
	fclose(file);
	CHECK(print || n > 150);
}

/* Every reason has words, cut at any size. */
static void
test_reasons(void)
{
	case_table t;
	int why;

	case_table_start(&t, "t");
	CHECK(case_table_line(&t, "pk key int"));
	CHECK(case_table_line(&t, "col value int"));
	CHECK(case_table_line(&t, "index legacy value"));
	for (why = CQL_WHY_NONE; why <= CQL_WHY_COMBINATION; why++)
	{
		cql_reason reason = {(cql_why) why, 0, 1, 0};
		char text[CQL_REASON_SIZE];
		char cut[20];
		size_t size;

		cql_reason_print(&t.table, &reason, text, sizeof(text));
		CHECK(strlen(text) > 15);
		CHECK(strchr(text, '$') == NULL);
		for (size = 0; size <= sizeof(cut); size++)
		{
			memset(cut, 'x', sizeof(cut));
			CHECK(cql_reason_print(&t.table, &reason, cut, size) == cut);
			if (size > 0)
			{
				CHECK_INT(strlen(cut), size - 1);
				CHECK(strncmp(cut, text, size - 1) == 0);
			}
		}
	}
	case_table_free(&t);
}

const unit_case unit_cases[] = {
	{"cases", test_cases}, {"reasons", test_reasons}, {NULL, NULL}};
