"""Random queries on a table.  TABLE stands for the table that a query is
about, foreign or its copy; COPY for the copy in any case."""

import special
from conditions import (Const, compared, condition, const,
                        equality, literal, near, of_columns, of_rows,
                        spelt_rows)

TABLE = "{TABLE}"
COPY = "{COPY}"


class Output:
    """A column of the answer; norm as in values.Type."""

    def __init__(self, sql, norm=None):
        self.sql = sql
        self.norm = norm


class Key:
    """A key of ORDER BY, of a column or an expression."""

    def __init__(self, sql, direction, norm=None):
        self.sql = sql
        self.direction = direction
        self.norm = norm


class Query:
    """Its parts; removing one gives a query that makes sense still.

    form: "plain", "distinct", "group", "join", "semi", ...; where,
    having and joined are lists of conditions, all of which hold; mode:
    "literal", "prepared" or "nestloop".
    """

    def __init__(self):
        self.form = "plain"
        self.mode = "literal"
        self.source = TABLE + " t"
        self.outputs = []
        self.where = []
        self.group = []
        self.having = []
        self.order = []
        self.limit = None
        self.offset = None
        self.wrapped = None
        self.distinct_on = []
        self.settings = []
        # SQLSTATE of a query that foreign tables refuse, if it has any rows
        self.refused = None

    @property
    def equal_is_same(self):
        """Does the answer hold one of several values that are equal?"""
        return self.form in ("distinct", "distinct on", "group", "lateral")


class Writer:
    """Turns a query into SQL, its constants in one of three ways."""

    def __init__(self, mode):
        self.mode = mode
        self.consts = []

    def const(self, value):
        if self.mode == "literal":
            return "%s::%s" % (literal(value.text), value.sql)
        self.consts.append(value)
        mark = "$%d" if self.mode == "prepared" else "v.x%d"
        return mark % len(self.consts)

    def text(self, parts):
        return "".join(self.const(part) if isinstance(part, Const) else part
                       for part in parts)

    def conjunction(self, conditions):
        return " AND ".join("(%s)" % self.text(c) for c in conditions)

    def number(self, value):
        """Of LIMIT and OFFSET, which take no column."""
        if self.mode == "nestloop":
            return "NULL" if value.text is None else value.text
        return self.const(value)


def select_list(query):
    outputs = [key.sql for key in query.order] + [out.sql for out
                                                   in query.outputs]
    return ", ".join(outputs) or "1 AS one"


def tail(query, writer, bare=False):
    parts = []
    if query.group:
        parts.append("GROUP BY " + ", ".join(query.group))
    if query.having:
        parts.append("HAVING " + writer.conjunction(query.having))
    if query.order:
        parts.append("ORDER BY " + ", ".join(
            key.sql + key.direction for key in query.order))
    if query.limit is not None and not bare:
        parts.append("LIMIT " + writer.number(query.limit))
    if query.offset is not None and not bare:
        parts.append("OFFSET " + writer.number(query.offset))
    return parts


def outer_rows(consts):
    """The rows whose columns the inner query compares with."""
    first = ", ".join("%s::%s AS x%d" % (literal(c.text), c.sql, n)
                      for n, c in enumerate(consts, 1))
    second = ", ".join("%s::%s" % (literal(c.other), c.sql) for c in consts)
    return "(SELECT %s UNION ALL SELECT %s OFFSET 0) v" % (first, second)


def render(query, bare=False):
    """The statement's text and the constants of a prepared one; bare:
    without LIMIT and OFFSET."""
    writer = Writer(query.mode)
    where = writer.conjunction(query.where)
    ending = tail(query, writer, bare)
    source = query.source
    if query.mode == "nestloop" and writer.consts:
        source = outer_rows(writer.consts) + ", " + source
    text = " ".join(
        ["SELECT", "DISTINCT" if query.form == "distinct" else "",
         "DISTINCT ON (%s)" % ", ".join(query.distinct_on)
         if query.distinct_on else "",
         select_list(query), "FROM", source]
        + (["WHERE " + where] if where else []) + ending)
    if query.wrapped and not bare:
        text = query.wrapped % text
    return text, writer.consts if query.mode == "prepared" else []


# ---- the generator ----

def weighted(rng, *choices):
    """choices: pairs of weight and value."""
    pick = rng.random() * sum(weight for weight, _ in choices)
    for weight, value in choices:
        pick -= weight
        if pick < 0:
            return value
    return choices[-1][1]


class Generator:
    def __init__(self, rng, table, rows):
        """rows: what the copy holds, dicts of texts by column name."""
        self.rng = rng
        self.table = table
        self.rows = rows

    def column(self):
        return self.rng.choice(self.table.columns)

    # ---- conditions ----

    def key_conditions(self, row):
        """Conditions that give the key, or its beginning."""
        rng, table = self.rng, self.table
        found = [equality(rng, column, row) for column in table.partition
                 if rng.random() < 0.96]
        for column in table.clustering:
            chance = rng.random()
            if chance < 0.5:
                found.append(equality(rng, column, row))
                continue
            if chance < 0.85:
                found += self.range_of(column, row)
            break
        if len(table.clustering) > 1 and rng.random() < 0.15:
            found.append(self.row_condition(row))
        return found

    def range_of(self, column, row):
        rng = self.rng
        if rng.random() < 0.3:
            return [condition(rng, column, row)]
        found = [compared(rng, column.ref, rng.choice([">", ">=", "<", "<="]),
                          near(rng, column, row))]
        if rng.random() < 0.4:
            found.append(compared(rng, column.ref,
                                  rng.choice([">", ">=", "<", "<="]),
                                  const(rng, column)))
        return found

    def row_condition(self, row):
        rng, columns = self.rng, self.table.clustering
        if rng.random() < 0.1:
            columns = self.table.columns
        elif len(columns) < 2 or rng.random() < 0.1:
            columns = self.table.of_kind("token") + self.table.key
        start = 0 if rng.random() < 0.7 else rng.randrange(len(columns) - 1)
        stop = rng.randint(start + 2, min(len(columns), start + 3))
        spell = spelt_rows if rng.random() < 0.3 else of_rows
        return spell(rng, columns[start:stop], row)

    def any_condition(self, row, depth=0):
        rng = self.rng
        chance = rng.random()
        if depth < 2 and chance < 0.14:
            return self.tree(row, depth)
        if chance < 0.16:
            return special.unforeseen(rng, self.table)
        if chance < 0.18:
            found = of_columns(rng, self.table)
            if found is not None:
                return found
        if chance < 0.21 and len(self.table.clustering) > 1:
            return self.row_condition(row)
        column = self.column()
        if chance < 0.5 and self.table.indexes:
            column = self.indexed_column()
        return condition(rng, column, row)

    def indexed_column(self):
        named = [column for column in self.table.columns if any(
            '"%s"' % column.name in index for index in self.table.indexes)]
        return self.rng.choice(named or self.table.columns)

    def tree(self, row, depth):
        """OR, AND and NOT of conditions; often OR of one column's values or
        of whole keys."""
        rng = self.rng
        chance = rng.random()
        if chance < 0.35:
            column = self.column() if rng.random() < 0.5 \
                else rng.choice(self.table.key)
            arms = [equality(rng, column, row) for _ in range(2)]
        elif chance < 0.6:
            arms = [self.key_arm() for _ in range(rng.randint(2, 3))]
        else:
            arms = [self.any_condition(row, depth + 1) for _ in range(2)]
        word = " AND " if chance > 0.85 else " OR "
        parts = []
        for number, arm in enumerate(arms):
            parts += [word] * (number > 0) + ["("] + arm + [")"]
        return ["NOT ("] + parts + [")"] if rng.random() < 0.12 else parts

    def key_arm(self):
        """AND of conditions on the key, of a row of its own."""
        rng = self.rng
        row = self.any_row()
        parts = []
        for number, one in enumerate(self.key_conditions(row)):
            parts += [" AND "] * (number > 0) + ["("] + one + [")"]
        return parts or condition(rng, self.column(), row)

    def any_row(self):
        return self.rng.choice(self.rows) if self.rows else None

    def conditions(self):
        rng, row = self.rng, self.any_row()
        found = []
        if rng.random() < 0.7:
            found += self.key_conditions(row)
        for _ in range(weighted(rng, (4, 0), (4, 1), (2, 2), (1, 3))):
            found.append(self.any_condition(row))
        rng.shuffle(found)
        return found[:6]

    # ---- outputs, order, limits ----

    def sortable(self, columns):
        return [c for c in columns if c.type.norm != "loose"]

    def order_by(self, columns, choose=None):
        rng = self.rng
        columns = self.sortable(columns)
        table = self.table
        found = []
        if choose is None and rng.random() < 0.6 and table.clustering:
            stop = rng.randint(1, len(table.clustering))
            start = 0 if rng.random() < 0.8 else rng.randrange(stop)
            columns = self.sortable(table.clustering[start:stop])
            turned = rng.random() < 0.5
            for column in columns:
                down = column.descending != turned
                if rng.random() < 0.1:
                    down = not down
                found.append(self.any_sort_key(column, down))
            return found
        for column in rng.sample(columns, min(len(columns),
                                              rng.randint(1, 4))):
            found.append(self.any_sort_key(column, rng.random() < 0.5))
        return found

    def any_sort_key(self, column, down):
        """As it is, or by a collation or an operator of its own."""
        key = self.sort_key(column, down)
        if column.type.sql == "text":
            special.sort_otherwise(self.rng, key, down)
        return key

    def sort_key(self, column, down, nulls=None):
        if nulls is None:
            nulls = self.rng.choice(["", "", " NULLS FIRST", " NULLS LAST"])
        return Key(column.ref, (" DESC" if down else " ASC") + nulls,
                   column.type.norm)

    def limits(self, query, chance=0.35):
        rng = self.rng
        if rng.random() < chance:
            text = rng.choice(["1", "1", "2", "3", "5", "10", "100", "0",
                               "3000000000", None])
            query.limit = Const("int8", text, text)
        if rng.random() < chance / 3:
            text = rng.choice(["0", "1", "2", "7", None])
            query.offset = Const("int8", text, text)

    def outputs(self):
        rng = self.rng
        chance = rng.random()
        if chance < 0.45:
            columns = self.table.columns
        elif chance < 0.5:
            columns = []
        else:
            columns = rng.sample(self.table.columns,
                                 rng.randint(1, len(self.table.columns)))
        if chance > 0.96:
            return [Output("t.*")]
        found = [Output(c.ref, c.type.norm) for c in columns]
        if rng.random() < 0.04:
            found.append(Output(special.computed(rng, self.table)))
        return found

    # ---- forms ----

    def query(self):
        form = weighted(self.rng, (46, self.plain), (6, self.by_token),
                        (4, self.several), (13, self.aggregate),
                        (8, self.latest),
                        (5, self.distinct), (6, self.join), (5, self.semi),
                        (4, self.lateral), (3, self.exists),
                        (4, self.first_of_each), (2, self.ranked),
                        (1, self.volatile), (1, self.system_column))
        query = form()
        query.mode = weighted(self.rng, (55, "literal"), (25, "prepared"),
                              (20, "nestloop"))
        if query.form in ("lateral", "exists"):
            query.mode = self.rng.choice(["literal", "prepared"])
        if query.mode == "nestloop" and query.form not in ("plain",):
            query.mode = "literal"
        if query.mode == "nestloop" or self.rng.random() < 0.1:
            query.settings += ["enable_hashjoin = off",
                               "enable_mergejoin = off"]
            if self.rng.random() < 0.7:
                query.settings.append("enable_material = off")
        return query

    def plain(self):
        query = Query()
        query.where = self.conditions()
        query.outputs = self.outputs()
        if self.rng.random() < 0.4:
            query.order = self.order_by(self.table.columns)
        self.limits(query)
        return query

    def aggregates(self):
        rng = self.rng
        found = []
        for _ in range(rng.randint(1, 3)):
            column = self.column()
            choices = ["count(*)", "count(%s)"]
            if column.type.minmax:
                choices += ["min(%s)", "max(%s)"] * 2
            if column.type.family == "integer":
                choices += ["sum(%s)", "avg(%s)"]
            if column.type.norm != "loose":
                choices.append("count(DISTINCT %s)")
            choice = rng.choice(choices)
            sql = choice % column.ref if "%" in choice else choice
            if rng.random() < 0.05:
                sql += " FILTER (WHERE %s IS NOT NULL)" % self.column().ref
            norm = column.type.norm if choice[:3] in ("min", "max") else None
            found.append(Output(sql, norm))
        return found

    def aggregate(self):
        rng, table = self.rng, self.table
        query = Query()
        query.form = "group"
        query.where = self.conditions()
        query.outputs = self.aggregates()
        # loose values have several equal forms: any may be shown
        query.outputs = [out for out in query.outputs if out.norm != "loose"]
        columns = []
        if rng.random() < 0.55:
            columns = table.key[:rng.randint(1, len(table.key))]
            if rng.random() < 0.2:
                columns = rng.sample(table.columns,
                                     min(2, len(table.columns)))
            columns = self.sortable(columns)
        query.group = [column.ref for column in columns]
        query.outputs += [Output(c.ref, c.type.norm) for c in columns]
        if rng.random() < 0.25:
            query.having.append(["count(*)", " %s " % rng.choice(
                [">", "<=", "=", "<>"]), Const("int8", rng.choice("1235"))])
        if columns and rng.random() < 0.4:
            query.order = self.order_by(columns, choose=True)
        if not query.outputs:
            query.outputs = [Output("count(*)")]
        self.limits(query, 0.2)
        return query

    def distinct(self):
        rng, table = self.rng, self.table
        query = Query()
        query.form = "distinct"
        columns = table.partition
        if rng.random() < 0.3:
            columns = columns + table.of_kind("static")
        elif rng.random() < 0.3:
            columns = rng.sample(table.columns, min(2, len(table.columns)))
        columns = self.sortable(columns)
        query.outputs = [Output(c.ref, c.type.norm) for c in columns]
        if rng.random() < 0.5:
            query.where = self.conditions()
        if columns and rng.random() < 0.3:
            query.order = self.order_by(columns, choose=True)
        self.limits(query, 0.25)
        return query

    def joined_on(self, other):
        columns = self.table.partition
        if self.rng.random() < 0.5:
            columns = columns + self.table.clustering[
                :self.rng.randint(0, len(self.table.clustering))]
        if self.rng.random() < 0.1:
            columns = [self.column()]
        return " AND ".join("%s = %s" % (
            c.ref.replace("t.", other + ".", 1), c.ref) for c in columns)

    def join(self):
        """A local or foreign table with the foreign one."""
        rng = self.rng
        query = Query()
        query.form = "join"
        other = COPY if rng.random() < 0.6 else TABLE
        word = rng.choice(["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN"])
        query.source = "%s o %s %s t ON %s" % (other, word, TABLE,
                                               self.joined_on("o"))
        query.where = self.conditions()
        query.outputs = self.outputs()
        if query.outputs and query.outputs[0].sql == "t.*":
            query.outputs = []
        query.outputs.append(Output("o.*"))
        if rng.random() < 0.3:
            query.order = self.order_by(self.table.columns)
        self.limits(query, 0.15)
        return query

    def semi(self):
        """EXISTS, NOT EXISTS or IN of the foreign table or of the copy."""
        rng = self.rng
        query = Query()
        query.form = "semi"
        inner, outer = (TABLE, COPY) if rng.random() < 0.5 else (COPY, TABLE)
        query.source = outer + " t"
        query.outputs = self.outputs()
        on = self.joined_on("o")
        if rng.random() < 0.7:
            word = rng.choice(["EXISTS", "NOT EXISTS"])
            test = "%s (SELECT FROM %s o WHERE %s)" % (word, inner, on)
        else:
            column = rng.choice(self.table.key)
            test = "%s %s (SELECT %s FROM %s o)" % (
                column.ref, rng.choice(["IN", "NOT IN"]),
                column.ref.replace("t.", "o.", 1), inner)
        query.where = [[test]] + self.conditions()[:2]
        if rng.random() < 0.3:
            query.order = self.order_by(self.table.columns)
        self.limits(query, 0.15)
        return query

    def lateral(self):
        """The first rows of each outer key: only the sort keys, which are
        the same whichever of several equal rows are taken."""
        rng, table = self.rng, self.table
        query = Query()
        query.form = "lateral"
        key = self.sortable(table.partition + table.clustering)
        down = rng.random() < 0.5
        keys = [self.sort_key(column, column.descending != down)
                for column in key[len(table.partition):] or key]
        inner = Query()
        inner.source = TABLE + " t"
        inner.outputs = []
        order = ", ".join(k.sql + k.direction for k in keys)
        names = ["k%d" % number for number in range(len(keys))]
        query.outputs = [Output("s." + name, k.norm)
                         for name, k in zip(names, keys)]
        query.source = (
            "(SELECT DISTINCT %s FROM %s) o, LATERAL (SELECT %s FROM %s t"
            " WHERE %s %s LIMIT %s) s" % (
                ", ".join('"%s"' % c.name for c in table.partition), COPY,
                ", ".join("%s AS %s" % (k.sql, n)
                          for k, n in zip(keys, names)) or "1",
                TABLE, " AND ".join("%s = %s" % (
                    c.ref.replace("t.", "o.", 1), c.ref)
                    for c in table.partition),
                "ORDER BY " + order if order else "",
                rng.choice(["1", "2", "5"])))
        if not order:
            query.outputs = [Output("count(*)")]
        return query

    def volatile(self):
        """DISTINCT of what differs in each row."""
        query = self.plain()
        query.form = "distinct"
        query.mode = "literal"
        query.order = []
        query.limit = query.offset = None
        column = self.rng.choice(self.table.partition)
        query.outputs = [Output(column.ref),
                         Output(special.random_of(column))]
        query.wrapped = "SELECT count(*) FROM (%s) s"
        return query

    def system_column(self):
        query = self.plain()
        query.mode = "literal"
        query.refused = special.REFUSED
        column, test = special.system_column(self.rng)
        if test:
            query.where.append([test])
        else:
            query.outputs.append(Output(column))
        return query

    def by_token(self):
        """Rows in the order of the ring, from somewhere on."""
        rng, table = self.rng, self.table
        query = self.plain()
        token = table.of_kind("token")
        if not token:
            return query
        row = self.any_row()
        query.where = self.conditions()[:rng.choice([0, 0, 1])]
        if rng.random() < 0.7:
            columns = token + table.key[:rng.choice([0, 0, 1, 3])]
            query.where.append(
                compared(rng, token[0].ref, rng.choice([">", ">=", "<="]),
                         near(rng, token[0], row))
                if len(columns) < 2 else of_rows(rng, columns, row))
        query.order = [self.sort_key(token[0], False)] + [
            self.sort_key(column, rng.random() < 0.3) for column in
            self.sortable(table.key[:rng.choice([0, 0, 0, 2])])]
        self.limits(query, 0.6)
        return query

    def several(self):
        """The table twice, as parts of one."""
        query = self.latest() if self.rng.random() < 0.5 else self.plain()
        if query.form == "plain":
            query.source = ("(SELECT * FROM %s UNION ALL SELECT * FROM %s) t"
                            % (TABLE, TABLE))
        return query

    def latest(self):
        """Rows of one or some partitions in their order or its reverse."""
        rng, table = self.rng, self.table
        query = Query()
        row = self.any_row()
        query.where = [equality(rng, column, row)
                       for column in table.partition]
        columns = self.sortable(table.clustering)
        if not columns:
            return self.plain()
        if rng.random() < 0.3:
            query.where.append(compared(
                rng, columns[0].ref, rng.choice(["<", ">=", "<>"]),
                near(rng, columns[0], row)))
        if rng.random() < 0.3:
            query.where[-1:] = self.conditions()[:1]
        turned = rng.random() < 0.5
        nulls = rng.choice(["", None])
        query.order = [
            self.sort_key(column, column.descending != turned, nulls)
            for column in columns[:rng.randint(1, len(columns))]]
        query.outputs = self.outputs()
        self.limits(query, 0.6)
        if rng.random() < 0.6:
            query.settings = ["enable_sort = off",
                              "enable_incremental_sort = off"]
        return query

    def first_of_each(self):
        """DISTINCT ON the partition: again only the sort keys."""
        rng, table = self.rng, self.table
        query = Query()
        query.form = "distinct on"
        partition = self.sortable(table.partition)
        query.order = [self.sort_key(column, False) for column in partition]
        down = rng.random() < 0.25
        query.order += [self.sort_key(column, column.descending != down)
                        for column in self.sortable(table.clustering)]
        if not partition:
            return self.plain()
        query.distinct_on = [column.ref for column in partition]
        if rng.random() < 0.5:
            query.where = self.conditions()
        return query

    def ranked(self):
        """A window over each partition."""
        rng, table = self.rng, self.table
        query = self.plain()
        key = self.sortable(table.clustering)
        if not key:
            return query
        query.limit = query.offset = None
        query.outputs.append(Output("rank() OVER (PARTITION BY %s ORDER BY"
                                    " %s %s)" % (
                                        ", ".join(c.ref for c
                                                  in table.partition),
                                        key[0].ref,
                                        rng.choice(["ASC", "DESC"]))))
        return query

    def exists(self):
        """EXISTS and scalar subqueries that take part of their rows."""
        rng = self.rng
        query = Query()
        query.form = "exists"
        query.where = self.conditions()
        query.limit = Const("int8", "1") if rng.random() < 0.2 else None
        query.wrapped = rng.choice([
            "SELECT EXISTS (%s)", "SELECT count(*) FROM (%s) s",
            "SELECT NOT EXISTS (%s) AS n"])
        return query


