/*
 * result.c
 *	  RESULT messages: what kind, rows as slices of the body, prepared
 *	  statements, warnings.
 *
 * Includes result.h and error.h; called by the request layer and, through
 * cql.h, by whoever reads rows.
 */
#include "result.h"

#include <stdio.h>
#include <string.h>

#include "error.h"

static const cql_slice null_slice = {NULL, CQL_NULL};

struct cql_result
{
	cql_env env; /* a copy: it may outlive its cluster */
	cql_result_kind kind;
	uint8_t *body;
	size_t len;
	cql_budget *budget; /* or NULL */
	size_t charge;		/* of the body and new metadata */
	uint8_t version;
	cql_prefix prefix;
	char **warnings; /* prefix.nwarnings texts, in one allocation */
	char host[CQL_MAX_HOST_TEXT];

	cql_metadata_ref *rows; /* columns; never NULL */
	bool new_metadata;		/* rows came with the message */
	cql_slice metadata_id;	/* of new or prepared columns */
	cql_slice paging_state;

	/*
	 * The rows.  slack is what is left of the body beyond the length words of
	 * all cells to come: while no cell is longer than it, every length word
	 * lies within the body, so one comparison a cell is enough.
	 */
	uint32_t nrows;
	uint32_t rows_left;
	const uint8_t *first;
	size_t first_slack;
	const uint8_t *pos;
	size_t slack;

	cql_slice id; /* prepared statement */
	cql_metadata_ref *bound;
	cql_schema_change change;
};

/* Reports a code that a reading function gave; NULL for the caller. */
static cql_code
report(cql_code code, cql_error *err)
{
	if (code == CQL_ERR_PROTOCOL)
		cql_error_set(err, code, "malformed result from the server");
	else if (code == CQL_ERR_LIMIT)
		cql_error_set(err, code,
					  "the result has more than %u columns, or the "
					  "description of its columns is too large",
					  CQL_MAX_COLUMNS);
	else if (code == CQL_ERR_NOMEM)
		cql_error_set(err, code, "out of memory");
	return code;
}

/* Columns of rows that came without theirs. */
static cql_code
use_known(cql_result *result, cql_metadata_ref *known, uint32_t ncolumns,
		  cql_error *err)
{
	if (known == NULL)
		return report(CQL_ERR_PROTOCOL, err);
	if (known->meta.ncolumns != ncolumns)
	{
		cql_error_set(err, CQL_ERR_CHANGED,
					  "result has %u columns but %u were expected",
					  (unsigned) ncolumns, (unsigned) known->meta.ncolumns);
		return CQL_ERR_CHANGED;
	}
	result->rows = cql_metadata_retain(known);
	return CQL_OK;
}

static cql_code
make_rows(cql_result *result, cql_reader *r, cql_metadata_ref *known,
		  cql_error *err)
{
	cql_rows_header header;
	cql_code code = cql_metadata_rows(&result->env, r, &header, &result->rows);
	int32_t nrows;
	uint64_t words;

	if (code != CQL_OK)
		return report(code, err);
	result->paging_state = header.paging_state;
	result->new_metadata = header.has_columns;
	if (header.has_columns)
		result->metadata_id = header.metadata_id;
	else
		code = use_known(result, known, header.ncolumns, err);
	if (code != CQL_OK)
		return code;

	nrows = cql_get_i32(r);
	if (r->failed || nrows < 0 || (nrows > 0 && header.ncolumns == 0))
		return report(CQL_ERR_PROTOCOL, err);
	words = 4 * (uint64_t) nrows * header.ncolumns;
	if (words > cql_reader_left(r))
		return report(CQL_ERR_PROTOCOL, err);
	result->nrows = (uint32_t) nrows;
	result->first = r->pos;
	result->first_slack = cql_reader_left(r) - (size_t) words;
	cql_result_rewind(result);
	return CQL_OK;
}

static cql_code
make_prepared(cql_result *result, cql_reader *r, cql_error *err)
{
	cql_rows_header header;
	cql_code code;

	result->id = cql_get_string(r);
	if (result->version >= 5)
		result->metadata_id = cql_get_string(r);
	code = cql_metadata_bound(&result->env, r, &result->bound);
	if (code != CQL_OK)
		return report(code, err);
	return report(cql_metadata_rows(&result->env, r, &header, &result->rows),
				  err);
}

/* Checks the [string] of a set_keyspace, whose value nobody needs. */
static cql_code
make_keyspace(cql_reader *r, cql_error *err)
{
	(void) cql_get_string(r);
	return r->failed ? report(CQL_ERR_PROTOCOL, err) : CQL_OK;
}

/* The warnings as C texts: pointers and texts in one allocation. */
static cql_code
make_warnings(cql_result *result, cql_error *err)
{
	uint32_t n = result->prefix.nwarnings;
	cql_reader r;
	size_t size = n * sizeof(char *);
	char *text;

	if (n == 0)
		return CQL_OK;
	cql_reader_init(
		&r, result->prefix.warnings,
		(size_t) (result->body + result->len - result->prefix.warnings));
	for (uint32_t i = 0; i < n; i++)
		size += (size_t) cql_get_string(&r).len + 1;
	result->warnings = cql_alloc(&result->env, size);
	if (result->warnings == NULL)
		return report(CQL_ERR_NOMEM, err);
	text = (char *) (result->warnings + n);
	cql_reader_init(
		&r, result->prefix.warnings,
		(size_t) (result->body + result->len - result->prefix.warnings));
	for (uint32_t i = 0; i < n; i++)
	{
		cql_slice warning = cql_get_string(&r);

		cql_error_text(text, (size_t) warning.len + 1, warning.data,
					   (size_t) warning.len);
		result->warnings[i] = text;
		text += warning.len + 1;
	}
	return CQL_OK;
}

static cql_code
make_by_kind(cql_result *result, cql_reader *r, cql_metadata_ref *known,
			 cql_error *err)
{
	int32_t kind = cql_get_i32(r);

	result->kind = (cql_result_kind) kind;
	switch (r->failed ? 0 : kind)
	{
		case CQL_RESULT_VOID:
			return CQL_OK;
		case CQL_RESULT_ROWS:
			return make_rows(result, r, known, err);
		case CQL_RESULT_SET_KEYSPACE:
			return make_keyspace(r, err);
		case CQL_RESULT_PREPARED:
			return make_prepared(result, r, err);
		case CQL_RESULT_SCHEMA_CHANGE:
			if (cql_response_schema_change(r, &result->change))
				return CQL_OK;
			return report(CQL_ERR_PROTOCOL, err);
		default:
			return report(CQL_ERR_PROTOCOL, err);
	}
}

/* Descriptors take more memory than they have bytes on the wire. */
static cql_code
charge_metadata(cql_result *result, cql_error *err)
{
	size_t size = result->bound == NULL ? 0 : result->bound->arena.used;

	if (result->rows != NULL && result->kind == CQL_RESULT_ROWS &&
		result->new_metadata)
		size += result->rows->arena.used;
	if (!cql_budget_admits(result->budget, size))
	{
		cql_result_refused(result->budget, size, err);
		return CQL_ERR_LIMIT;
	}
	result->charge += size;
	cql_budget_add(result->budget, size);
	return CQL_OK;
}

static cql_code
make_all(cql_result *result, uint8_t flags, cql_metadata_ref *known,
		 cql_error *err)
{
	cql_reader r;
	cql_code code;

	cql_reader_init(&r, result->body, result->len);
	if (!cql_response_prefix(&r, flags, &result->prefix))
		return report(CQL_ERR_PROTOCOL, err);
	code = make_warnings(result, err);
	if (code == CQL_OK)
		code = make_by_kind(result, &r, known, err);
	if (code == CQL_OK)
		code = charge_metadata(result, err);
	if (code == CQL_OK && result->rows == NULL)
	{
		result->rows = cql_metadata_empty(&result->env);
		if (result->rows == NULL)
			code = report(CQL_ERR_NOMEM, err);
	}
	return code;
}

void
cql_result_refused(const cql_budget *budget, size_t size, cql_error *err)
{
	cql_error_set(err, CQL_ERR_LIMIT,
				  "an answer of %zu kB does not fit into receive_memory, "
				  "which is %zu kB",
				  (size + 1023) / 1024, budget->max / 1024);
}

cql_result *
cql_result_make(const cql_env *env, cql_envelope *envelope,
				cql_metadata_ref *known, const char *host, cql_error *err)
{
	cql_result *result = cql_alloc0(env, sizeof(*result));

	if (result == NULL)
	{
		(void) report(CQL_ERR_NOMEM, err);
		cql_envelope_drop(env, envelope);
		return NULL;
	}
	result->env = *env;
	result->body = envelope->body;
	result->len = envelope->len;
	result->version = envelope->version;
	result->budget = cql_budget_retain(envelope->budget);
	result->charge = envelope->charge;
	envelope->body = NULL;
	envelope->charge = 0;
	(void) snprintf(result->host, sizeof(result->host), "%s", host);
	result->metadata_id = null_slice;
	result->paging_state = null_slice;
	result->id = null_slice;
	if (make_all(result, envelope->flags, known, err) != CQL_OK)
	{
		cql_result_free(result);
		return NULL;
	}
	return result;
}

void
cql_result_free(cql_result *result)
{
	cql_env env;

	if (result == NULL)
		return;
	env = result->env;
	cql_metadata_release(result->rows);
	cql_metadata_release(result->bound);
	cql_budget_subtract(result->budget, result->charge);
	cql_budget_release(result->budget);
	cql_free(&env, result->warnings);
	cql_free(&env, result->body);
	cql_free(&env, result);
}

cql_metadata_ref *
cql_result_new_metadata(const cql_result *result, cql_slice *metadata_id)
{
	if (result->kind != CQL_RESULT_ROWS || !result->new_metadata)
		return NULL;
	*metadata_id = result->metadata_id;
	return result->rows;
}

bool
cql_result_prepared(const cql_result *result, cql_prepared_info *info)
{
	if (result->kind != CQL_RESULT_PREPARED)
		return false;
	info->id = result->id;
	info->metadata_id = result->metadata_id;
	info->bound = cql_metadata_retain(result->bound);
	info->rows = cql_metadata_retain(result->rows);
	return true;
}

bool
cql_result_schema_change(const cql_result *result, cql_schema_change *change)
{
	if (result->kind != CQL_RESULT_SCHEMA_CHANGE)
		return false;
	*change = result->change;
	return true;
}

cql_result_kind
cql_result_get_kind(const cql_result *result)
{
	return result->kind;
}

const cql_metadata *
cql_result_metadata(const cql_result *result)
{
	return &result->rows->meta;
}

const cql_metadata *
cql_result_bound(const cql_result *result)
{
	return result->bound == NULL ? NULL : &result->bound->meta;
}

uint32_t
cql_result_nrows(const cql_result *result)
{
	return result->nrows;
}

size_t
cql_result_bytes(const cql_result *result)
{
	return result->len;
}

int
cql_result_next(cql_result *result, cql_slice *cells, cql_error *err)
{
	const uint8_t *pos = result->pos;
	size_t slack = result->slack;
	uint32_t ncolumns = result->rows->meta.ncolumns;

	if (result->rows_left == 0)
		return 0;
	for (uint32_t i = 0; i < ncolumns; i++)
	{
		int32_t len = (int32_t) cql_load_u32(pos);

		pos += 4;
		if (len < 0)
		{
			cells[i] = null_slice;
			continue;
		}
		if ((size_t) len > slack)
		{
			cql_error_set(err, CQL_ERR_PROTOCOL,
						  "malformed row in the result from the server");
			return -1;
		}
		cells[i].data = pos;
		cells[i].len = len;
		pos += len;
		slack -= (size_t) len;
	}
	result->pos = pos;
	result->slack = slack;
	result->rows_left--;
	return 1;
}

void
cql_result_rewind(cql_result *result)
{
	result->rows_left = result->nrows;
	result->pos = result->first;
	result->slack = result->first_slack;
}

cql_slice
cql_result_paging_state(const cql_result *result)
{
	return result->paging_state;
}

const char *
cql_result_host(const cql_result *result)
{
	return result->host;
}

const char *
cql_result_warning(const cql_result *result, uint32_t i)
{
	return i < result->prefix.nwarnings ? result->warnings[i] : NULL;
}

const uint8_t *
cql_result_tracing_id(const cql_result *result)
{
	return result->prefix.tracing_id;
}
