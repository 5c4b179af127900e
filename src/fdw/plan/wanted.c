/*
 * wanted.c
 *	  How many rows are likely to be read of a scan before the query has
 *	  enough.
 *
 * A plan is made of the whole query's path, which is known by then: from its
 * top, rows that are wanted are followed down to the scan.
 */
#include "planner.h"

#include "optimizer/pathnode.h"
#include "optimizer/planner.h"

#define NOT_BELOW (-1.0)

static double find_wanted(Path *path, double wanted, const Path *scan);

/* Of the input as many as give so many of the output; 0 stays all. */
static double
through(const Path *path, Path *input, double wanted, const Path *scan)
{
	double rows = wanted * input->rows / Max(path->rows, 1);

	return find_wanted(input, Min(rows, input->rows), scan);
}

static double
through_each(const List *inputs, double wanted, const Path *scan)
{
	double found = NOT_BELOW;
	ListCell *lc;

	foreach (lc, inputs)
	{
		found = find_wanted(lfirst(lc), wanted, scan);
		if (found >= 0)
			break;
	}
	return found;
}

/* The inner side is read to its end, and so is what is sorted first. */
static double
through_join(const JoinPath *join, double wanted, bool sorted,
			 const Path *scan)
{
	double found =
		through(&join->path, join->outerjoinpath, sorted ? 0 : wanted, scan);

	return found >= 0 ? found : find_wanted(join->innerjoinpath, 0, scan);
}

/*
 * The input of a path that has one; *all tells whether it is read to its end
 * before the path gives its first row.
 */
static Path *
get_input(Path *path, bool *all)
{
	*all = false;
	switch (nodeTag(path))
	{
		case T_ProjectionPath:
			return ((ProjectionPath *) path)->subpath;
		case T_ProjectSetPath:
			return ((ProjectSetPath *) path)->subpath;
		case T_LockRowsPath:
			return ((LockRowsPath *) path)->subpath;
		case T_MaterialPath:
			return ((MaterialPath *) path)->subpath;
		case T_IncrementalSortPath:
			return ((IncrementalSortPath *) path)->spath.subpath;
		case T_GatherPath:
			return ((GatherPath *) path)->subpath;
		case T_GatherMergePath:
			return ((GatherMergePath *) path)->subpath;
		case T_GroupPath:
			return ((GroupPath *) path)->subpath;
		case T_UpperUniquePath:
			return ((UpperUniquePath *) path)->subpath;
		case T_AggPath:
			*all = ((AggPath *) path)->aggstrategy != AGG_SORTED;
			return ((AggPath *) path)->subpath;
		case T_SortPath:
			*all = true;
			return ((SortPath *) path)->subpath;
		case T_WindowAggPath:
			*all = true;
			return ((WindowAggPath *) path)->subpath;
		default:
			return NULL;
	}
}

/*
 * Rows wanted of the scan where so many are wanted of the path, 0 being all;
 * NOT_BELOW where the path does not read it.
 */
static double
find_wanted(Path *path, double wanted, const Path *scan)
{
	bool all;
	Path *input;

	if (path == scan)
		return wanted;
	switch (nodeTag(path))
	{
		case T_LimitPath:
			return find_wanted(((LimitPath *) path)->subpath, wanted, scan);
		case T_AppendPath:
			return through_each(((AppendPath *) path)->subpaths, wanted, scan);
		case T_MergeAppendPath:
			return through_each(((MergeAppendPath *) path)->subpaths, wanted,
								scan);
		case T_CustomPath:
			return through_each(((CustomPath *) path)->custom_paths, wanted,
								scan);
		case T_NestPath:
		case T_HashPath:
			return through_join((JoinPath *) path, wanted, false, scan);
		case T_MergePath:
			return through_join((JoinPath *) path, wanted,
								((MergePath *) path)->outersortkeys != NIL,
								scan);
		default:
			input = get_input(path, &all);
			if (input == NULL)
				return NOT_BELOW;
			return through(path, input, all ? 0 : wanted, scan);
	}
}

/* Rows that are wanted of the whole query, by what its caller says. */
static double
wanted_of_query(PlannerInfo *root, const Path *path)
{
	if (root->tuple_fraction >= 1)
		return root->tuple_fraction;
	return root->tuple_fraction > 0 ? Max(root->tuple_fraction * path->rows, 1)
									: 0;
}

double
cass_wanted_rows(PlannerInfo *root, const Path *scan)
{
	RelOptInfo *final = fetch_upper_rel(root, UPPERREL_FINAL, NULL);
	Path *best;
	double wanted;
	ListCell *lc;

	/* of min() and max(), which are planned for themselves */
	if (final->cheapest_total_path == NULL)
		return Max(root->limit_tuples, 0);
	best = get_cheapest_fractional_path(final, root->tuple_fraction);
	wanted = find_wanted(best, wanted_of_query(root, best), scan);
	/* a subquery's path is chosen by what is around it */
	foreach (lc, final->pathlist)
	{
		if (wanted >= 0)
			break;
		wanted =
			find_wanted(lfirst(lc), wanted_of_query(root, lfirst(lc)), scan);
	}
	return Max(wanted, 0);
}
