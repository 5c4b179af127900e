/*
 * join_explain.c
 *	  What EXPLAIN tells of a key join.
 */
#include "join_state.h"

#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

static const char *
join_type_text(JoinType jointype)
{
	switch (jointype)
	{
		case JOIN_LEFT:
			return "Left";
		case JOIN_SEMI:
			return "Semi";
		case JOIN_ANTI:
			return "Anti";
		default:
			return "Inner";
	}
}

/* An expression of the plan, where there is one. */
static void
explain_expression(CustomScanState *node, const char *label, Node *expr,
				   List *ancestors, ExplainState *es)
{
	List *context;
	bool prefix = es->verbose || list_length(es->rtable) > 1;

	if (expr == NULL)
		return;
	context =
		set_deparse_context_plan(es->deparse_cxt, node->ss.ps.plan, ancestors);
	ExplainPropertyText(label,
						deparse_expression(expr, context, prefix, false), es);
}

static void
explain_quals(CustomScanState *node, const char *label, CassKeyJoinExprs which,
			  uint64 removed, List *ancestors, ExplainState *es)
{
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	List *quals = list_nth(plan->custom_exprs, which);

	if (quals == NIL)
		return;
	explain_expression(node, label, (Node *) make_ands_explicit(quals),
					   ancestors, es);
	if (es->analyze && removed > 0)
		ExplainPropertyInteger(psprintf("Rows Removed by %s", label), NULL,
							   removed, es);
}

static void
explain_execution(const CassKeyJoinState *js, ExplainState *es)
{
	ExplainPropertyInteger("Keys Asked", NULL, js->keys, es);
	ExplainPropertyInteger("Keys Distinct", NULL, js->distinct, es);
	ExplainPropertyInteger("Keys Found", NULL, js->found, es);
	ExplainPropertyInteger("Batches", NULL, js->batches, es);
	ExplainPropertyInteger("Peak Memory Usage", "kB", (js->most + 1023) / 1024,
						   es);
}

void
cass_explain_key_join(CustomScanState *node, List *ancestors, ExplainState *es)
{
	const CassKeyJoinState *js = (CassKeyJoinState *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	Oid relid = js->scan->plan->relid;
	List *values = NIL;
	ListCell *lc;

	foreach (lc, (List *) list_nth(plan->custom_exprs, CASS_KEY_JOIN_VALUES))
	{
		if (contain_var_clause(lfirst(lc)))
			values = lappend(values, lfirst(lc));
	}
	ExplainPropertyText("Join Type", join_type_text(js->jointype), es);
	ExplainPropertyText(
		"Foreign Table",
		quote_qualified_identifier(
			es->verbose ? get_namespace_name(get_rel_namespace(relid)) : NULL,
			get_rel_name(relid)),
		es);
	explain_expression(node, "Key Values", (Node *) values, ancestors, es);
	explain_quals(node, "Outer Filter", CASS_KEY_JOIN_OUTER, 0, ancestors, es);
	explain_quals(node, "Table Filter", CASS_KEY_JOIN_INNER, js->removed[0],
				  ancestors, es);
	explain_quals(node, "Join Filter", CASS_KEY_JOIN_QUALS, js->removed[1],
				  ancestors, es);
	if (es->analyze)
		explain_execution(js, es);
	cass_explain_scan(js->scan, "CQL", es);
}
