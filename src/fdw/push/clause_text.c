/*
 * clause_text.c
 *	  LIKE: a range of texts that begin alike, or CQL's own LIKE where a SASI
 *	  index serves it.  Always checked again.
 */
#include "pushdown.h"

#include "access/stratnum.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"

/* Whether the pattern is literal text with "%" at an end, or both. */
static bool
is_sasi_pattern(const char *pattern, bool *leading, bool *trailing)
{
	size_t len = strlen(pattern);

	*leading = len > 0 && pattern[0] == '%';
	if (*leading)
	{
		pattern++;
		len--;
	}
	*trailing = len > 0 && pattern[len - 1] == '%';
	if (*trailing)
		len--;
	return (*leading || *trailing) && len > 0 &&
		   strcspn(pattern, "%_\\") >= len;
}

/* The text before the first wildcard; NULL where there is none. */
static char *
literal_prefix(const char *pattern)
{
	size_t len = strcspn(pattern, "%_\\");

	return len == 0 ? NULL : pnstrdup(pattern, len);
}

static bool
has_sasi(const CassShape *shape, int column)
{
	uint32 i;

	for (i = 0; i < shape->table->nindexes; i++)
	{
		if (shape->table->indexes[i].column == column &&
			shape->table->indexes[i].kind == CQL_INDEX_SASI)
			return true;
	}
	return false;
}

static Expr *
text_constant(const char *text)
{
	return (Expr *) makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1,
							  CStringGetTextDatum(text), false, false);
}

static void
add_pattern(CassConditions *c, int att, const char *pattern)
{
	CassSource *source = cass_source_create(CASS_SOURCE_PATTERN, 0, att);
	bool leading, trailing;
	cql_cond_op op;

	if (!is_sasi_pattern(pattern, &leading, &trailing))
	{
		c->reason = "CQL's LIKE has \"%\" only at the ends of the pattern";
		return;
	}
	op = leading && trailing ? CQL_COND_LIKE_CONTAINS
		 : leading			 ? CQL_COND_LIKE_SUFFIX
							 : CQL_COND_LIKE_PREFIX;
	cass_source_add(source, text_constant(pattern), TEXTOID, false);
	cass_condition_create(c, op, false, source);
}

static bool
has_wildcard(const char *pattern)
{
	return strpbrk(pattern, "%_\\") != NULL;
}

/* LIKE without wildcards: what equals the pattern. */
static void
add_literal(CassConditions *c, int att, Expr *pattern, Oid collation)
{
	CassSource *source =
		cass_source_create(CASS_SOURCE_COMPARE, BTEqualStrategyNumber, att);
	const char *reason;

	if (cass_exactness(c->shape, att, BTEqualStrategyNumber,
					   TEXT_BTREE_FAM_OID, TEXTOID, collation,
					   &reason) == CASS_NEVER)
	{
		c->reason = reason;
		return;
	}
	cass_source_add(source, pattern, TEXTOID, false);
	cass_condition_create(c, CQL_COND_EQ, false, source);
}

static void
add_prefix(CassConditions *c, int att, const char *pattern, Oid collation)
{
	CassSource *source = cass_source_create(CASS_SOURCE_PREFIX, 0, att);
	char *prefix = literal_prefix(pattern);
	const char *reason = "the pattern begins with a wildcard";

	if (prefix == NULL ||
		cass_prefix_exactness(c->shape->atts[att].codec, collation, &reason) ==
			CASS_NEVER)
	{
		c->reason = reason;
		return;
	}
	cass_source_add(source, text_constant(prefix), TEXTOID, false);
	cass_condition_create(c, CQL_COND_GE, false, source);
	cass_condition_create(c, CQL_COND_LT, false, source);
}

bool
cass_conditions_add_like(CassConditions *c, OpExpr *clause)
{
	Var *var;
	Const *constant = lsecond(clause->args);
	char *pattern;
	int att;

	if (clause->opno != OID_TEXT_LIKE_OP)
		return false;
	var = cass_get_column(c->rel, linitial(clause->args));
	c->reason = "it is no comparison of a column with a constant pattern";
	if (var == NULL || !IsA(constant, Const) || constant->constisnull)
		return true;
	att = var->varattno - 1;
	c->reason = cass_column_refused(c->shape, att);
	if (c->reason != NULL)
		return true;
	c->superset = true;
	pattern = TextDatumGetCString(constant->constvalue);
	if (!has_wildcard(pattern))
		add_literal(c, att, (Expr *) constant, clause->inputcollid);
	else if (!has_sasi(c->shape, c->shape->atts[att].column))
		add_prefix(c, att, pattern, clause->inputcollid);
	else if (c->options->sasi_like)
		add_pattern(c, att, pattern);
	else if (cass_place_of(c->shape, att) == CASS_PLACE_OTHER)
		c->reason = "a SASI index leaves out values of 1,024 bytes and more: "
					"see the option sasi_like";
	else
		add_prefix(c, att, pattern, clause->inputcollid);
	return true;
}
