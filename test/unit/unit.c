/*
 * unit.c
 *	  Harness of the unit tests: main(), checks, the counting environment.
 */
#include "unit.h"

#include <stdarg.h>
#include <stdlib.h>

/* Failures of one case that are printed. */
#define MAX_SHOWN 20
/* Allocations that a sweep lets fail at most. */
#define MAX_SWEEP 100000

static size_t failures; /* of the current case */
static char about[256];

/* ---- checks ---- */

bool
unit_check(bool ok, const char *file, int line, const char *what)
{
	if (ok)
		return true;
	failures++;
	if (failures <= MAX_SHOWN)
		printf("# %s:%d: %s%s%s\n", file, line, what, about[0] ? " -- " : "",
			   about);
	return false;
}

bool
unit_check_int(int64_t actual, int64_t expected, const char *file, int line,
			   const char *what)
{
	char text[512];

	if (actual == expected)
		return true;
	snprintf(text, sizeof(text), "%s is %lld, expected %lld", what,
			 (long long) actual, (long long) expected);
	return unit_check(false, file, line, text);
}

bool
unit_check_str(const char *actual, const char *expected, const char *file,
			   int line, const char *what)
{
	char text[4096];

	if (actual == NULL || expected == NULL ? actual == expected
										   : strcmp(actual, expected) == 0)
		return true;
	snprintf(text, sizeof(text), "%s is \"%s\", expected \"%s\"", what,
			 actual == NULL ? "(null)" : actual,
			 expected == NULL ? "(null)" : expected);
	return unit_check(false, file, line, text);
}

static void
print_hex(char *out, size_t size, const uint8_t *data, size_t len)
{
	size_t i;

	out[0] = '\0';
	for (i = 0; i < len && i * 2 + 3 < size; i++)
		snprintf(out + i * 2, size - i * 2, "%02x", data[i]);
}

bool
unit_check_bytes(const void *actual, size_t len, const void *expected,
				 size_t expected_len, const char *file, int line,
				 const char *what)
{
	char left[256];
	char right[256];
	char text[1024];

	if (len == expected_len &&
		(len == 0 || memcmp(actual, expected, len) == 0))
		return true;
	print_hex(left, sizeof(left), actual, len);
	print_hex(right, sizeof(right), expected, expected_len);
	snprintf(text, sizeof(text), "%s is %zu bytes %s, expected %zu bytes %s",
			 what, len, left, expected_len, right);
	return unit_check(false, file, line, text);
}

void
unit_about(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void) vsnprintf(about, sizeof(about), fmt, args);
	va_end(args);
}

/* ---- the environment ---- */

/* In front of every block; keeps the alignment of malloc. */
typedef union block_header
{
	size_t size;
	max_align_t align;
} block_header;

static struct
{
	size_t blocks;
	size_t bytes;
	size_t peak;
	size_t fds;
	size_t max_fds;
	size_t asked;	   /* allocations since unit_fail_from() */
	size_t fail_from;  /* 0: never */
	size_t fail_until; /* the last one that fails */
} state = {.max_fds = SIZE_MAX};

static void
count_bytes(size_t freed, size_t taken)
{
	state.bytes = state.bytes - freed + taken;
	if (state.bytes > state.peak)
		state.peak = state.bytes;
}

static void *
env_realloc(void *ctx, void *ptr, size_t size)
{
	block_header *old = ptr == NULL ? NULL : (block_header *) ptr - 1;
	block_header *block;

	(void) ctx;
	state.asked++;
	if (state.fail_from > 0 && state.asked >= state.fail_from &&
		state.asked <= state.fail_until)
		return NULL;
	/* Always moves, so that a stale pointer is noticed. */
	block = malloc(sizeof(block_header) + size);
	if (block == NULL)
		return NULL;
	block->size = size;
	memset(block + 1, 0xA5, size);
	if (old != NULL)
	{
		memcpy(block + 1, ptr, old->size < size ? old->size : size);
		count_bytes(old->size, size);
		free(old);
	}
	else
	{
		state.blocks++;
		count_bytes(0, size);
	}
	return block + 1;
}

static void *
env_alloc(void *ctx, size_t size)
{
	return env_realloc(ctx, NULL, size);
}

static void
env_free(void *ctx, void *ptr)
{
	block_header *block = (block_header *) ptr - 1;

	(void) ctx;
	state.blocks--;
	count_bytes(block->size, 0);
	free(block);
}

static bool
env_fd_acquire(void *ctx)
{
	(void) ctx;
	if (state.fds >= state.max_fds)
		return false;
	state.fds++;
	return true;
}

static void
env_fd_release(void *ctx)
{
	(void) ctx;
	unit_check(state.fds > 0, __FILE__, __LINE__,
			   "more descriptors released than acquired");
	state.fds--;
}

const cql_env unit_env = {NULL,		env_alloc,		env_realloc,
						  env_free, env_fd_acquire, env_fd_release};

void
unit_fail_from(size_t nth)
{
	state.fail_from = nth;
	state.fail_until = SIZE_MAX;
	state.asked = 0;
	state.peak = state.bytes;
}

size_t
unit_allocations(void)
{
	return state.asked;
}

size_t
unit_live_blocks(void)
{
	return state.blocks;
}

size_t
unit_live_bytes(void)
{
	return state.bytes;
}

size_t
unit_live_fds(void)
{
	return state.fds;
}

size_t
unit_peak_bytes(void)
{
	return state.peak;
}

void
unit_limit_fds(size_t max)
{
	state.max_fds = max;
}

/* One attempt; true when no allocation failed in it. */
static bool
sweep_once(bool (*attempt)(void *arg), void *arg, size_t nth, size_t until)
{
	size_t blocks = state.blocks;
	size_t fds = state.fds;
	bool done;

	unit_fail_from(nth);
	state.fail_until = until;
	done = attempt(arg);
	state.fail_from = 0;
	unit_about("allocation %zu failed", nth);
	CHECK_INT(state.blocks, blocks);
	CHECK_INT(state.fds, fds);
	unit_about("%s", "");
	if (state.asked >= nth)
		return false;
	CHECK(done);
	return true;
}

void
unit_sweep(bool (*attempt)(void *arg), void *arg)
{
	size_t nth;

	for (nth = 1; nth <= MAX_SWEEP; nth++)
	{
		bool end = sweep_once(attempt, arg, nth, SIZE_MAX);

		/* And with memory back after the one failure. */
		if (!end)
			end = sweep_once(attempt, arg, nth, nth);
		if (end)
			return;
	}
	CHECK(!"the sweep does not end");
}

/* ---- running ---- */

static bool
run_case(const unit_case *test)
{
	failures = 0;
	unit_about("%s", "");
	unit_limit_fds(SIZE_MAX);
	unit_fail_from(0);
	test->run();
	unit_fail_from(0);
	unit_about("after the case");
	CHECK_INT(state.blocks, 0);
	CHECK_INT(state.fds, 0);
	state.blocks = 0;
	state.bytes = 0;
	state.fds = 0;
	printf("%s - %s\n", failures == 0 ? "ok" : "not ok", test->name);
	return failures == 0;
}

int
main(int argc, char **argv)
{
	const unit_case *test;
	size_t passed = 0;
	size_t failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Names of cases as arguments run just those. */
	for (test = unit_cases; test->name != NULL; test++)
	{
		bool wanted = argc < 2;
		int i;

		for (i = 1; i < argc; i++)
			wanted |= strcmp(argv[i], test->name) == 0;
		if (!wanted)
			continue;
		if (run_case(test))
			passed++;
		else
			failed++;
	}
	printf("%zu passed, %zu failed\n", passed, failed);
	return failed == 0 ? 0 : 1;
}
