/*
 * pathkeys.c
 *	  Whether Cassandra gives rows in the order that a query wants.
 *
 * By clustering columns inside a partition, as declared or reversed; NULLs
 * where SQL wants them: see order.c for zero-length values.  By the token of
 * the partition key all over the table.
 */
#include "planner.h"

#include "access/stratnum.h"
#include "optimizer/paths.h"
#include "utils/lsyscache.h"

/* The member of an equivalence class that is a column of the relation. */
static EquivalenceMember *
find_member(const CassRelInfo *info, EquivalenceClass *ec)
{
	EquivalenceMemberIterator it;
	EquivalenceMember *member;

	if (ec->ec_has_volatile)
		return NULL;
	setup_eclass_member_iterator(&it, ec, info->rel->relids);
	while ((member = eclass_member_iterator_next(&it)) != NULL)
	{
		if (bms_equal(member->em_relids, info->rel->relids) &&
			cass_get_column(info->rel, (Node *) member->em_expr) != NULL)
			return member;
	}
	return NULL;
}

int
cass_pathkey_column(const CassRelInfo *info, const PathKey *key)
{
	EquivalenceMember *member = find_member(info, key->pk_eclass);

	return member == NULL
			   ? -1
			   : cass_get_column(info->rel, (Node *) member->em_expr)
						 ->varattno -
					 1;
}

/* The pathkey's own operator, of the type that the class compares. */
static Oid
get_operator(const CassRelInfo *info, const PathKey *key)
{
	Oid type = find_member(info, key->pk_eclass)->em_datatype;

	return get_opfamily_member(key->pk_opfamily, type, type,
							   cass_pathkey_descending(key)
								   ? BTGreaterStrategyNumber
								   : BTLessStrategyNumber);
}

/* Rows where the column is NULL are not there, or are left out. */
bool
cass_never_null(const CassRelInfo *info, int att)
{
	return info->shape->atts[att].not_null ||
		   cass_is_nonnullable(info->nonnullable, info->rel->relid, att + 1);
}

/*
 * NULLs are where Cassandra has zero-length values: lowest.  A type that has
 * no such values, or whose zero-length values are none of SQL's NULLs, does
 * not mind.  Where they are left out only here a merge sees them still, and
 * must keep them where they are.
 */
static bool
nulls_fit(const CassRelInfo *info, CassOrder *order)
{
	if (order->nulls_first != order->descending ||
		!cass_has_empty(info->shape->atts[order->att].codec))
		return true;
	if (!cass_never_null(info, order->att))
		return false;
	order->nulls_first = !order->descending;
	return true;
}

/* A pathkey as an order, or NULL when Cassandra's is another. */
static CassOrder *
make_order(const CassRelInfo *info, const PathKey *key, bool last)
{
	int att = cass_pathkey_column(info, key);
	CassOrder *order;
	Oid collation = key->pk_eclass->ec_collation;
	const CassCodec *codec;

	if (att < 0 || cass_column_refused(info->shape, att) != NULL)
		return NULL;
	codec = info->shape->atts[att].codec;
	if (!cass_order_matches(codec, key->pk_opfamily, collation) &&
		!(last && cass_order_matches_last(codec, key->pk_opfamily, collation)))
		return NULL;
	order = palloc0(sizeof(CassOrder));
	order->att = att;
	order->descending = cass_pathkey_descending(key);
	order->nulls_first = key->pk_nulls_first;
	order->operator= get_operator(info, key);
	order->collation = collation;
	return OidIsValid(order->operator) ? order : NULL;
}

/* Any range of a slice, a lower bound, or values leave no zero-length ones. */
static bool
bounded_below(const CassRelInfo *info, const CassDecision *d, int att)
{
	uint32 i;

	for (i = 0; i < d->plan.nrestrictions; i++)
	{
		const cql_restriction *r = &d->plan.restrictions[i];

		if (r->columns[0] == info->shape->atts[att].column && !r->token &&
			!r->tuple && !r->filtering && r->index < 0 &&
			(r->shape != CQL_SHAPE_RANGE || r->lower ||
			 cass_place_of(info->shape, att) == CASS_PLACE_SLICE))
			return true;
	}
	return false;
}

/* As many leading pathkeys as are orders of the relation's columns. */
static List *
make_orders(CassRelInfo *info, List *pathkeys, const CassDecision *d,
			bool *probe)
{
	List *orders = NIL;
	ListCell *lc;

	*probe = false;
	foreach (lc, pathkeys)
	{
		bool last = lnext(pathkeys, lc) == NULL;
		CassOrder *order = make_order(info, lfirst(lc), last);

		if (order == NULL)
			break;
		if (!nulls_fit(info, order) && !bounded_below(info, d, order->att))
		{
			/* only those of the first column can be looked for */
			if (orders != NIL)
				break;
			*probe = true;
		}
		orders = lappend(orders, order);
	}
	return orders;
}

/* Partitions come as they lie on the ring; a row's token is never NULL. */
static bool
is_ring_order(const CassRelInfo *info, const PathKey *key)
{
	int att = cass_pathkey_column(info, key);

	return att >= 0 && cass_is_token(info->shape, att) &&
		   !cass_pathkey_descending(key) && !info->shape->local_strategy &&
		   cass_order_matches(info->shape->atts[att].codec, key->pk_opfamily,
							  key->pk_eclass->ec_collation);
}

/* ORDER BY token(key), by which alone: 1 where the scan can, else 0. */
static int
match_ring(PlannerInfo *root, CassRelInfo *info, List *pathkeys, bool limit,
		   CassPathInfo *path, CassDecision **decision)
{
	if (pathkeys == NIL || !is_ring_order(info, linitial(pathkeys)))
		return 0;
	path->wish.ring = true;
	path->wish.limit = limit;
	*decision =
		cass_decide(root, info, info->rel->baserestrictinfo, &path->wish);
	return (*decision)->plan.ordered ? 1 : 0;
}

int
cass_match_pathkeys(PlannerInfo *root, CassRelInfo *info, List *pathkeys,
					bool limit, CassPathInfo *path, CassDecision **decision)
{
	List *orders;

	if (!info->decision->keyed)
		return match_ring(root, info, pathkeys, limit, path, decision);
	orders = make_orders(info, pathkeys, info->decision, &path->probe);
	while (orders != NIL)
	{
		CassDecision *d;

		path->wish.order = orders;
		path->wish.limit = limit;
		d = cass_decide(root, info, info->rel->baserestrictinfo, &path->wish);
		if (d->plan.ordered && d->keyed)
		{
			*decision = d;
			return list_length(orders);
		}
		orders = list_truncate(orders, list_length(orders) - 1);
	}
	return 0;
}

/* In the direction that the column is declared with: a merge takes either. */
static PathKey *
make_merge_pathkey(PlannerInfo *root, const CassRelInfo *info,
				   EquivalenceClass *ec, EquivalenceMember *member)
{
	Var *var = cass_get_column(info->rel, (Node *) member->em_expr);
	int column = info->shape->atts[var->varattno - 1].column;
	bool descending =
		column >= 0 && info->shape->table->columns[column].descending;

	/* comparison types, of 18, have the numbers of btree's strategies */
	return make_canonical_pathkey(root, ec, linitial_oid(ec->ec_opfamilies),
								  descending ? BTGreaterStrategyNumber
											 : BTLessStrategyNumber,
								  descending);
}

List *
cass_merge_pathkeys(PlannerInfo *root, const CassRelInfo *info)
{
	List *pathkeys = NIL;
	ListCell *lc;

	if (!info->decision->keyed || !info->rel->has_eclass_joins)
		return NIL;
	foreach (lc, root->eq_classes)
	{
		EquivalenceClass *ec = lfirst(lc);
		EquivalenceMember *member = find_member(info, ec);

		if (member != NULL && !ec->ec_has_const && ec->ec_opfamilies != NIL)
			pathkeys =
				lappend(pathkeys, make_merge_pathkey(root, info, ec, member));
	}
	return pathkeys;
}

bool
cass_match_partition_order(PlannerInfo *root, CassRelInfo *info, List **order)
{
	uint32 npartition = info->shape->table->npartition;
	ListCell *lc;

	*order = NIL;
	foreach (lc, root->sort_pathkeys)
	{
		CassOrder *o = make_order(info, lfirst(lc), false);

		if (o == NULL)
		{
			int att = cass_pathkey_column(info, lfirst(lc));

			/* of the partition key any order will do */
			if (att < 0 || info->shape->atts[att].column < 0 ||
				info->shape->atts[att].column >= (int) npartition)
				return false;
			continue;
		}
		if (info->shape->atts[o->att].column < (int) npartition)
			continue;
		if (!nulls_fit(info, o))
			return false;
		*order = lappend(*order, o);
	}
	return true;
}
