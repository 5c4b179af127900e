/*
 * upsert_plan.c
 *	  INSERT ... ON CONFLICT (key): what the planner is told of it.
 *
 * The planner looks for a unique index of the table on the columns that
 * ON CONFLICT names, and foreign tables have none.  So before it begins these
 * columns are compared with the primary key in Cassandra here, and taken out
 * of the query: DO NOTHING is known without them, and DO UPDATE, which the
 * grammar has only with them, reaches the plan with its SET and WHERE ready
 * to be executed.
 */
#include "system_columns.h"
#include "upsert.h"

#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_inherits.h"
#include "foreign/fdwapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/planner.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"

static planner_hook_type next_planner = NULL;

/* ---- the columns that ON CONFLICT names ---- */

/* Their names; NIL where these are not all, or more than that is asked for. */
static List *
arbiter_columns(const Query *query, Oid relid)
{
	List *names = NIL;
	ListCell *lc;

	foreach (lc, query->onConflict->arbiterElems)
	{
		const InferenceElem *elem = lfirst_node(InferenceElem, lc);
		const Var *var = (const Var *) elem->expr;
		String *name;

		if (!IsA(var, Var) || var->varno != query->resultRelation ||
			var->varattno <= 0 || OidIsValid(elem->inferopclass) ||
			(OidIsValid(elem->infercollid) &&
			 elem->infercollid != var->varcollid))
			return NIL;
		name = makeString(get_attname(relid, var->varattno, false));
		if (!list_member(names, name))
			names = lappend(names, name);
	}
	return names;
}

static char *
key_columns(const CassShape *shape)
{
	StringInfoData names;
	int i;

	initStringInfo(&names);
	for (i = 0; i < cass_nkeys(shape->table); i++)
	{
		AttrNumber attnum = cass_att_of_column(shape, i) + 1;

		appendStringInfo(
			&names, "%s%s", i > 0 ? ", " : "",
			quote_identifier(get_attname(shape->relid, attnum, false)));
	}
	return names.data;
}

pg_noreturn static void
refuse_arbiter(Oid relid, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
			 errmsg("the columns of ON CONFLICT are not the primary key of "
					"table \"%s\"",
					get_rel_name(relid)),
			 errdetail("%s", detail), hint != NULL ? errhint("%s", hint) : 0));
}

/* ereports unless they are the primary key of the foreign table. */
static void
check_foreign(Oid relid, Oid userid, const List *names)
{
	CassOptions *options = cass_options_for_table(relid, userid);
	CassShape *shape = cass_shape_get(relid, userid, options);
	int nkeys = cass_nkeys(shape->table);
	bool same = list_length(names) == nkeys;
	int i;

	cass_check_writable(shape, options, CMD_INSERT);
	for (i = 0; i < nkeys; i++)
	{
		AttrNumber attnum = cass_att_of_column(shape, i) + 1;
		String *name = makeString(get_attname(relid, attnum, false));

		same &= list_member(names, name);
	}
	if (!same)
		refuse_arbiter(
			relid,
			psprintf("Rows are told apart by (%s) in Cassandra.",
					 key_columns(shape)),
			psprintf("Write ON CONFLICT (%s).", key_columns(shape)));
}

/* ---- partitions ---- */

static bool
is_ours(Oid relid)
{
	return get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE &&
		   GetFdwRoutineByRelId(relid)->IsForeignRelUpdatable ==
			   cassandraIsForeignRelUpdatable;
}

/* Otherwise rows of one key may be in several partitions. */
static void
check_partition_key(Oid relid, const List *names)
{
	Relation rel = table_open(relid, NoLock);
	PartitionKey key = RelationGetPartitionKey(rel);
	int i;

	for (i = 0; i < key->partnatts; i++)
	{
		char *name = key->partattrs[i] == 0
						 ? NULL
						 : get_attname(relid, key->partattrs[i], false);

		if (name == NULL || !list_member(names, makeString(name)))
			refuse_arbiter(relid,
						   "They do not contain what the table is partitioned "
						   "by, so that rows of one key may be in several "
						   "partitions.",
						   NULL);
	}
	table_close(rel, NoLock);
}

/* Whether an index is unique over just these columns. */
static bool
is_unique_over(const Form_pg_index form, Relation index, const List *names)
{
	int i;

	if (!form->indimmediate || !form->indisvalid ||
		RelationGetIndexPredicate(index) != NIL ||
		form->indnkeyatts != list_length(names))
		return false;
	for (i = 0; i < form->indnkeyatts; i++)
	{
		AttrNumber attnum = form->indkey.values[i];

		if (attnum <= 0 ||
			!list_member(
				names, makeString(get_attname(form->indrelid, attnum, false))))
			return false;
	}
	return true;
}

/* A local partition is told no index: it must have just the one meant. */
static void
check_local(Oid relid, const List *names)
{
	Relation rel = table_open(relid, NoLock);
	bool unique = false;
	bool others = rel->rd_rel->relkind == RELKIND_FOREIGN_TABLE;
	ListCell *lc;

	foreach (lc, RelationGetIndexList(rel))
	{
		Relation index = relation_open(lfirst_oid(lc), AccessShareLock);

		if (index->rd_index->indisunique)
		{
			if (is_unique_over(index->rd_index, index, names))
				unique = true;
			else
				others = true;
		}
		relation_close(index, AccessShareLock);
	}
	table_close(rel, NoLock);
	if (!unique || others)
		refuse_arbiter(relid,
					   "A partition beside foreign ones must have a unique "
					   "index on these columns, and no other unique index.",
					   NULL);
}

/* Whether partitions are ours; then these columns are the key of all. */
static bool
check_partitioned(Oid relid, Oid userid, const List *names)
{
	List *rels = find_all_inheritors(relid, AccessShareLock, NULL);
	bool any = false;
	ListCell *lc;

	foreach (lc, rels)
		any |= is_ours(lfirst_oid(lc));
	if (!any)
		return false;
	foreach (lc, rels)
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_PARTITIONED_TABLE)
			check_partition_key(lfirst_oid(lc), names);
		else if (is_ours(lfirst_oid(lc)))
			check_foreign(lfirst_oid(lc), userid, names);
		else
			check_local(lfirst_oid(lc), names);
	}
	return true;
}

/* Parents of foreign tables have none. */
static bool
has_unique_index(Oid relid)
{
	Relation rel = table_open(relid, NoLock);
	bool unique = false;
	ListCell *lc;

	foreach (lc, RelationGetIndexList(rel))
	{
		Relation index = relation_open(lfirst_oid(lc), AccessShareLock);

		unique |= index->rd_index->indisunique;
		relation_close(index, AccessShareLock);
	}
	table_close(rel, NoLock);
	return unique;
}

/* ---- the query ---- */

static bool
names_old_row(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return cass_is_old(node) ||
		   expression_tree_walker(node, names_old_row, context);
}

static void
rewrite(Query *query)
{
	OnConflictExpr *clause = query->onConflict;
	RangeTblEntry *rte;
	List *names;
	Oid userid;
	bool foreign;
	ListCell *lc;

	foreach (lc, query->cteList)
		rewrite(castNode(Query, lfirst_node(CommonTableExpr, lc)->ctequery));
	if (clause == NULL || clause->arbiterElems == NIL)
		return;
	rte = rt_fetch(query->resultRelation, query->rtable);
	foreign = is_ours(rte->relid);
	if (!foreign && (rte->relkind != RELKIND_PARTITIONED_TABLE ||
					 has_unique_index(rte->relid)))
		return;
	userid = cass_target_check_as_user(query, rte);
	if (!OidIsValid(userid))
		userid = GetUserId();
	names = arbiter_columns(query, rte->relid);
	if (foreign)
		check_foreign(rte->relid, userid, names);
	else if (!check_partitioned(rte->relid, userid, names))
		return;
	if (clause->action == ONCONFLICT_UPDATE &&
		names_old_row((Node *) query->returningList, NULL))
		cass_refuse_conflict(
			rte->relid, "RETURNING has no old row of foreign tables.", NULL);
	clause->arbiterElems = NIL;
	clause->arbiterWhere = NULL;
}

static PlannedStmt *
plan(Query *query, const char *text, int options, ParamListInfo params)
{
	rewrite(query);
	return next_planner != NULL
			   ? next_planner(query, text, options, params)
			   : standard_planner(query, text, options, params);
}

void
cass_upsert_init(void)
{
	next_planner = planner_hook;
	planner_hook = plan;
}

/* ---- what SET says ---- */

static bool
is_excluded(const Expr *expr, int excluded, AttrNumber attnum)
{
	const Var *var = (const Var *) expr;

	return IsA(expr, Var) && var->varno == excluded &&
		   var->varattno == attnum && var->varlevelsup == 0;
}

/* "n + EXCLUDED.n": a counter's INSERT adds, too. */
static bool
adds_excluded(const Expr *expr, Index rtindex, int excluded, AttrNumber attnum)
{
	const OpExpr *op = (const OpExpr *) expr;
	int i;

	if (!IsA(expr, OpExpr) || op->opfuncid != F_INT8PL)
		return false;
	i = is_excluded(linitial(op->args), excluded, attnum) ? 0 : 1;
	return is_excluded(list_nth(op->args, i), excluded, attnum) &&
		   cass_is_counter(list_nth(op->args, 1 - i), rtindex, attnum);
}

bool
cass_upsert_checks(WCOKind kind)
{
	return kind != WCO_VIEW_CHECK && kind != WCO_RLS_INSERT_CHECK;
}

CassSet
cass_upsert_set(const ModifyTable *plan, int excluded, Index rtindex)
{
	CassSet set = {plan->onConflictSet,
				   plan->onConflictCols,
				   plan->onConflictWhere,
				   excluded,
				   rtindex,
				   false};
	ListCell *lc;
	ListCell *wco;

	foreach (lc, plan->withCheckOptionLists)
	{
		foreach (wco, (List *) lfirst(lc))
			set.checked |=
				cass_upsert_checks(lfirst_node(WithCheckOption, wco)->kind);
	}
	return set;
}

const char *
cass_upsert_reason(const CassTarget *target, Relation rel, Oid root,
				   const CassSet *set)
{
	TupleDesc desc = RelationGetDescr(rel);
	bool counter = target->shape->table->counter;
	ListCell *lc;
	ListCell *attnum;
	int i;

	if (target->options->conditional_writes && !counter)
		return "writes are conditional";
	if (set->where != NULL)
		return "ON CONFLICT has a WHERE clause";
	if (set->checked)
		return "a view or a policy has conditions on them";
	forboth (lc, set->entries, attnum, set->columns)
	{
		const Expr *expr = lfirst_node(TargetEntry, lc)->expr;
		char *name = get_attname(root, lfirst_int(attnum), false);
		int att = get_attnum(target->shape->relid, name) - 1;
		bool key =
			target->shape->atts[att].column < cass_nkeys(target->shape->table);

		if (counter && !key
				? !adds_excluded(expr, set->rtindex, set->excluded,
								 lfirst_int(attnum))
				: !is_excluded(expr, set->excluded, lfirst_int(attnum)))
			return psprintf("column \"%s\" is not set to EXCLUDED's", name);
	}
	for (i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attgenerated == ATTRIBUTE_GENERATED_STORED)
			return psprintf("column \"%s\" is generated",
							NameStr(TupleDescAttr(desc, i)->attname));
	}
	return NULL;
}

/* ---- the plan ---- */

/* A column that the statement gives new rows alone, or NULL. */
static const char *
unset_column(const PlannerInfo *root, const CassShape *shape,
			 const List *columns)
{
	ListCell *lc;

	foreach (lc, root->processed_tlist)
	{
		const TargetEntry *tle = lfirst_node(TargetEntry, lc);
		int att = tle->resno - 1;
		int column;

		if (tle->resjunk || att >= shape->natts || shape->atts[att].dropped ||
			(IsA(tle->expr, Const) && ((Const *) tle->expr)->constisnull))
			continue;
		column = shape->atts[att].column;
		if ((column < 0 || column >= cass_nkeys(shape->table)) &&
			!list_member_int(columns, tle->resno))
			return psprintf("column \"%s\" is given, but not set",
							get_attname(shape->relid, tle->resno, false));
	}
	return NULL;
}

const char *
cass_upsert_plan(PlannerInfo *root, const ModifyTable *plan, Index rtindex,
				 const CassTarget *target, Relation rel)
{
	const CassShape *shape = target->shape;
	CassSet set = cass_upsert_set(plan, plan->exclRelRTI, rtindex);
	const char *reason = cass_upsert_reason(target, rel, shape->relid, &set);
	ListCell *tle;
	ListCell *attnum;

	cass_check_system_columns(shape, rtindex, (Node *) set.entries);
	cass_check_system_columns(shape, rtindex, set.where);
	cass_check_assigned(shape, set.columns);
	cass_check_masked(set.entries, shape, rtindex);
	forboth (tle, set.entries, attnum, set.columns)
	{
		const CassAttribute *att = &shape->atts[lfirst_int(attnum) - 1];

		if (shape->table->counter && reason != NULL &&
			att->column >= cass_nkeys(shape->table))
			cass_prepare_counter(shape, lfirst(tle), rtindex,
								 lfirst_int(attnum));
	}
	return reason != NULL ? reason : unset_column(root, shape, set.columns);
}
