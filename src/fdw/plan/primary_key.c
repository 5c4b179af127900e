/*
 * primary_key.c
 *	  What the primary key tells the planner: that it is unique, and how many
 *	  distinct partition keys there are.
 *
 * The planner proves uniqueness by indexes: joins that stop at the first match
 * or are left out, semijoins that are plain ones.  So a table has one in its
 * list, hypothetical, which nothing else looks at: core makes index paths for
 * tables of its own only.  Joins are removed before a wrapper is asked for a
 * relation's size, hence the hook.
 */
#include "planner.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/plancat.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include <math.h>

static GetForeignRelSize_function our_rel_size;
static get_relation_info_hook_type next_relation_info = NULL;
static get_relation_stats_hook_type next_relation_stats = NULL;

Oid
cass_rel_userid(const RelOptInfo *rel)
{
	return OidIsValid(rel->userid) ? rel->userid : GetUserId();
}

bool
cass_is_our_rel(const RelOptInfo *rel)
{
	return rel->fdwroutine != NULL &&
		   rel->fdwroutine->GetForeignRelSize == our_rel_size;
}

/* ---- uniqueness ---- */

static bool
is_nondeterministic(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (OidIsValid(exprInputCollation(node)) &&
		!get_collation_isdeterministic(exprInputCollation(node)))
		return true;
	if (IsA(node, FromExpr))
		return is_nondeterministic((Node *) ((FromExpr *) node)->fromlist,
								   context) ||
			   is_nondeterministic(((FromExpr *) node)->quals, context);
	return expression_tree_walker(node, is_nondeterministic, context);
}

/*
 * Whether rows that differ in the key column differ to SQL, whatever operator
 * of the family a query compares them by.  Two times without zone may be one
 * instant.
 */
static bool
is_exact(PlannerInfo *root, const CassAttribute *att, const Var *var,
		 Oid opfamily)
{
	return var->vartype != TIMESTAMPOID &&
		   cass_group_exact(att->codec, opfamily, var->varcollid) &&
		   (!OidIsValid(var->varcollid) ||
			!is_nondeterministic((Node *) root->parse->jointree, NULL));
}

static IndexOptInfo *
create_index(RelOptInfo *rel, int n)
{
	IndexOptInfo *index = makeNode(IndexOptInfo);

	index->rel = rel;
	index->tree_height = -1;
	index->ncolumns = index->nkeycolumns = n;
	index->indexkeys = palloc0(sizeof(int) * n);
	index->indexcollations = palloc0(sizeof(Oid) * n);
	index->opfamily = palloc0(sizeof(Oid) * n);
	index->opcintype = palloc0(sizeof(Oid) * n);
	index->canreturn = palloc0(sizeof(bool) * n);
	index->opclassoptions = palloc0(sizeof(bytea *) * n);
	index->relam = BTREE_AM_OID;
	index->predOK = true;
	index->unique = true;
	index->immediate = true;
	index->hypothetical = true;
	return index;
}

void
cass_add_key_index(PlannerInfo *root, RelOptInfo *rel, const CassShape *shape)
{
	int n = cass_nkeys(shape->table);
	IndexOptInfo *index = create_index(rel, n);
	Relation relation = table_open(shape->relid, NoLock);
	bool exact = true;
	int i;

	for (i = 0; exact && i < n; i++)
	{
		int att = cass_att_of_column(shape, i);
		Form_pg_attribute form;
		Var *var;

		exact = att >= 0 && shape->atts[att].codec != NULL;
		if (!exact)
			break;
		form = TupleDescAttr(RelationGetDescr(relation), att);
		var = makeVar(rel->relid, att + 1, getBaseType(form->atttypid), -1,
					  form->attcollation, 0);
		index->indexkeys[i] = att + 1;
		index->indexcollations[i] = form->attcollation;
		index->opcintype[i] = var->vartype;
		index->opfamily[i] =
			lookup_type_cache(var->vartype, TYPECACHE_BTREE_OPFAMILY)
				->btree_opf;
		exact = OidIsValid(index->opfamily[i]) &&
				is_exact(root, &shape->atts[att], var, index->opfamily[i]);
	}
	table_close(relation, NoLock);
	if (exact)
		rel->indexlist = lappend(rel->indexlist, index);
}

/* Whether it has more than one relation, or subquery, to be joined. */
static bool
has_joins(const Query *parse)
{
	Node *node = (Node *) parse->jointree;

	while (IsA(node, FromExpr) &&
		   list_length(((FromExpr *) node)->fromlist) == 1)
		node = linitial(((FromExpr *) node)->fromlist);
	return !IsA(node, RangeTblRef);
}

/* Of one relation alone nobody asks; children are not joined yet. */
static void
relation_info(PlannerInfo *root, Oid relid, bool inhparent, RelOptInfo *rel)
{
	Oid userid = cass_rel_userid(rel);

	if (next_relation_info != NULL)
		next_relation_info(root, relid, inhparent, rel);
	if (!cass_is_our_rel(rel) || rel->reloptkind != RELOPT_BASEREL ||
		!has_joins(root->parse))
		return;
	/* first: a new cluster makes what was known of tables be read again */
	(void) cass_get_cluster(GetForeignTable(relid)->serverid, userid);
	cass_add_key_index(
		root, rel,
		cass_shape_get(relid, userid, cass_options_for_table(relid, userid)));
}

/* ---- distinct keys ---- */

/* The relation of a range table entry, once its rows were estimated. */
static const CassRelInfo *
find_sized(PlannerInfo *root, const RangeTblEntry *rte)
{
	int i;

	if (rte->rtekind != RTE_RELATION || rte->relkind != RELKIND_FOREIGN_TABLE)
		return NULL;
	for (i = 1; i < root->simple_rel_array_size; i++)
	{
		const RelOptInfo *rel = root->simple_rel_array[i];

		if (rel == NULL || root->simple_rte_array[i] != rte ||
			!cass_is_our_rel(rel) || rel->fdw_private == NULL)
			continue;
		return ((CassRelInfo *) rel->fdw_private)->sized ? rel->fdw_private
														 : NULL;
	}
	return NULL;
}

/*
 * Distinct values of a partition key's column, of several the root of that
 * many: as independent ones they make all keys again.  A fraction of the rows,
 * negative, as pg_statistic has it.
 */
static float4
distinct_values(const CassRelInfo *info)
{
	uint32 n = info->shape->table->npartition;
	double values = n == 1 ? info->partitions : pow(info->partitions, 1.0 / n);

	return (float4) -Min(Max(values, 1) / Max(info->rel->tuples, 1), 1);
}

static HeapTuple
create_statistic(const CassRelInfo *info, AttrNumber attnum)
{
	Datum values[Natts_pg_statistic];
	bool nulls[Natts_pg_statistic];
	Relation relation = table_open(StatisticRelationId, AccessShareLock);
	HeapTuple tuple;

	/* all but the variable part is a number, zero where nothing is known */
	memset(values, 0, sizeof(values));
	memset(nulls, false, sizeof(nulls));
	memset(&nulls[Anum_pg_statistic_stanumbers1 - 1], true,
		   sizeof(bool) *
			   (Natts_pg_statistic - Anum_pg_statistic_stanumbers1 + 1));
	values[Anum_pg_statistic_starelid - 1] =
		ObjectIdGetDatum(info->shape->relid);
	values[Anum_pg_statistic_staattnum - 1] = Int16GetDatum(attnum);
	values[Anum_pg_statistic_stadistinct - 1] =
		Float4GetDatum(distinct_values(info));
	tuple = heap_form_tuple(RelationGetDescr(relation), values, nulls);
	table_close(relation, AccessShareLock);
	return tuple;
}

static bool
may_see(const CassRelInfo *info, const RangeTblEntry *rte, AttrNumber attnum)
{
	Oid userid = cass_rel_userid(info->rel);

	return rte->securityQuals == NIL &&
		   (pg_class_aclcheck(rte->relid, userid, ACL_SELECT) == ACLCHECK_OK ||
			pg_attribute_aclcheck(rte->relid, attnum, userid, ACL_SELECT) ==
				ACLCHECK_OK);
}

/*
 * Partitions are counted better than a sample of whole partitions shows, and
 * known without ANALYZE.  Only what other relations say is estimated by this:
 * the relation's own conditions have been.
 */
static bool
relation_stats(PlannerInfo *root, RangeTblEntry *rte, AttrNumber attnum,
			   VariableStatData *vardata)
{
	const CassRelInfo *info = find_sized(root, rte);
	int column = info == NULL || attnum <= 0
					 ? -1
					 : info->shape->atts[attnum - 1].column;
	HeapTuple tuple;

	if (column < 0 || column >= (int) info->shape->table->npartition)
		return next_relation_stats != NULL &&
			   next_relation_stats(root, rte, attnum, vardata);
	tuple = SearchSysCacheCopy3(STATRELATTINH, ObjectIdGetDatum(rte->relid),
								Int16GetDatum(attnum), BoolGetDatum(rte->inh));
	if (!HeapTupleIsValid(tuple))
		tuple = create_statistic(info, attnum);
	else if (info->shape->table->npartition == 1)
		((Form_pg_statistic) GETSTRUCT(tuple))->stadistinct =
			distinct_values(info);
	vardata->statsTuple = tuple;
	vardata->freefunc = heap_freetuple;
	vardata->acl_ok = may_see(info, rte, attnum);
	return true;
}

void
cass_primary_key_init(GetForeignRelSize_function rel_size)
{
	our_rel_size = rel_size;
	next_relation_info = get_relation_info_hook;
	get_relation_info_hook = relation_info;
	next_relation_stats = get_relation_stats_hook;
	get_relation_stats_hook = relation_stats;
}
