/*
 * bind.c
 *	  From a scan's conditions to keys and bound values.
 */
#include "scan.h"

#include "utils/array.h"
#include "utils/lsyscache.h"

static void
add_array(CassDomain *domain, Oid valtype, Datum value, bool isnull)
{
	ArrayType *array;
	Datum *values;
	bool *nulls;
	int n;
	int16 len;
	bool byval;
	char align;

	if (isnull)
	{
		cass_domain_add_any(domain, valtype, 0, NULL, NULL, true);
		return;
	}
	array = DatumGetArrayTypeP(value);
	get_typlenbyvalalign(ARR_ELEMTYPE(array), &len, &byval, &align);
	deconstruct_array(array, ARR_ELEMTYPE(array), len, byval, align, &values,
					  &nulls, &n);
	cass_domain_add_any(domain, valtype, n, values, nulls, false);
}

static void
init_domains(CassScan *scan)
{
	int i;

	scan->ndomains = scan->shape->table->npartition + scan->npoints +
					 (scan->range >= 0 ? 1 : 0);
	scan->domains = palloc0(sizeof(CassDomain) * (scan->ndomains + 1));
	scan->odometer = palloc0(sizeof(int) * (scan->ndomains + 1));
	for (i = 0; i < scan->ndomains; i++)
	{
		int att = cass_att_of_column(scan->shape, i);

		if (att < 0)
			ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
							errmsg("the key of table \"%s\" has changed",
								   scan->shape->table->name),
							errhint("Run the query again.")));
		cass_domain_init(&scan->domains[i], scan->shape->atts[att].codec);
	}
}

/* What a plan was made for must still hold: a table may have been remade. */
static void
check_domains(CassScan *scan)
{
	int npoints = scan->shape->table->npartition + scan->npoints;
	int i;

	for (i = 0; i < scan->ndomains; i++)
	{
		CassDomainKind kind = scan->domains[i].kind;

		if (kind != CASS_DOMAIN_EMPTY &&
			(i < npoints ? kind != CASS_DOMAIN_POINTS
						 : kind != CASS_DOMAIN_RANGE))
			ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
							errmsg("the key of table \"%s\" has changed",
								   scan->shape->table->name),
							errhint("Run the query again.")));
	}
}

/* The types that the markers must have: those of the columns. */
static void
set_bound(CassScan *scan)
{
	int i;
	int n = 0;

	scan->bound = palloc(sizeof(cql_type *) * (scan->ndomains + 1));
	for (i = 0; i < scan->ndomains; i++)
	{
		const CassDomain *domain = &scan->domains[i];
		const cql_type *type = scan->shape->table->columns[i].type;

		if (domain->kind == CASS_DOMAIN_POINTS)
			scan->bound[n++] = type;
		else
		{
			if (domain->has_lower)
				scan->bound[n++] = type;
			if (domain->has_upper)
				scan->bound[n++] = type;
		}
	}
}

static const char *
text_of(CassScan *scan)
{
	CassSelect select = {scan->shape, scan->retrieved, 0, -1, NULL, NULL,
						 false};

	if (!scan->keyed)
		return cass_deparse_select(&select);
	select.npoints = scan->shape->table->npartition + scan->npoints;
	if (scan->range >= 0)
	{
		CassDomain *domain = &scan->domains[scan->ndomains - 1];

		select.range = scan->ndomains - 1;
		if (domain->has_lower)
			select.lower = domain->lower_inclusive ? ">=" : ">";
		if (domain->has_upper)
			select.upper = domain->upper_inclusive ? "<=" : "<";
	}
	return cass_deparse_select(&select);
}

bool
cass_bind(ForeignScanState *node, CassScan *scan)
{
	ExprContext *econtext = node->ss.ps.ps_ExprContext;
	ListCell *condition = list_head(scan->conditions);
	ListCell *lc;
	int i;

	if (scan->keyed)
		init_domains(scan);
	foreach (lc, scan->values)
	{
		int numbers[4];
		bool isnull;
		Datum value;
		CassDomain *domain;

		for (i = 0; i < 4; i++)
		{
			numbers[i] = lfirst_int(condition);
			condition = lnext(scan->conditions, condition);
		}
		value = ExecEvalExprSwitchContext(lfirst(lc), econtext, &isnull);
		i = scan->shape->atts[numbers[0] - 1].column;
		if (i >= scan->ndomains)
			ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
							errmsg("the key of table \"%s\" has changed",
								   scan->shape->table->name),
							errhint("Run the query again.")));
		domain = &scan->domains[i];
		if (numbers[2])
			add_array(domain, (Oid) numbers[3], value, isnull);
		else
			cass_domain_add(domain, numbers[1], (Oid) numbers[3], value,
							isnull);
	}
	if (scan->keyed)
		check_domains(scan);
	for (i = 0; i < scan->ndomains; i++)
	{
		if (scan->domains[i].kind == CASS_DOMAIN_EMPTY)
			return false;
	}
	set_bound(scan);
	scan->cql = text_of(scan);
	return true;
}

/* Turns the odometer to the next combination of points. */
static void
advance(CassScan *scan)
{
	int i;

	for (i = scan->ndomains - 1; i >= 0; i--)
	{
		if (scan->domains[i].kind != CASS_DOMAIN_POINTS)
			continue;
		if (++scan->odometer[i] < scan->domains[i].npoints)
			return;
		scan->odometer[i] = 0;
	}
	scan->exhausted = true;
}

static void
bind_combination(CassScan *scan, CassStream *stream)
{
	int i;
	int n = 0;

	for (i = 0; i < scan->ndomains; i++)
	{
		CassDomain *domain = &scan->domains[i];

		if (domain->kind == CASS_DOMAIN_POINTS)
			stream->values[n++] = domain->points[scan->odometer[i]];
		else
		{
			if (domain->has_lower)
				stream->values[n++] = domain->lower;
			if (domain->has_upper)
				stream->values[n++] = domain->upper;
		}
	}
	stream->nvalues = n;
	stream->cql = scan->cql;
}

bool
cass_bind_next(CassScan *scan, CassStream *stream)
{
	while (!scan->exhausted)
	{
		bool empty;

		if (stream->values == NULL)
			stream->values = MemoryContextAlloc(
				scan->context, sizeof(cql_slice) * (scan->ndomains + 2));
		bind_combination(scan, stream);
		/* a key of one zero-length column is refused, so no row has it */
		empty = scan->shape->table->npartition == 1 && scan->keyed &&
				stream->values[0].len == 0;
		advance(scan);
		if (!empty)
			return true;
	}
	return false;
}
