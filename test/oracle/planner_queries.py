"""Random queries for the planner: trees of joins of all kinds, of sub-selects
with expressions of their own, aggregates, windows and set operations.

Names of relations mean the foreign tables or their copies, as the search path
has them.  What a query gives is certain: windows look at peers, LIMIT stands
behind an order of all columns, DISTINCT ON gives its sort keys.
"""

import itertools

INT, TEXT, BOOL = "int", "text", "bool"
DEVICES = ["d%d" % n for n in range(7)]
CODES = ["c%d" % n for n in range(12)]
WORDS = ["", "a", "b", "Ab", "x y", "ä"]
MOST_LEAVES = 4

# Columns of each relation, and which of them are a key to look up by.
RELATIONS = {
    "ev": ([("dev", TEXT), ("day", INT), ("seq", INT), ("v", INT),
            ("note", TEXT), ("s", TEXT)], ["dev", "day"]),
    "kv": ([("id", INT), ("n", INT), ("v", TEXT), ("b", BOOL)], ["id"]),
    "nat": ([("code", TEXT), ("name", TEXT), ("n", INT)], ["code"]),
    "hist": ([("p", INT), ("c", INT), ("a", INT), ("t", TEXT)], ["p"]),
    "part": ([("p", INT), ("w", INT), ("t", TEXT)], ["p"]),
    "loc": ([("a", INT), ("b", INT), ("dev", TEXT), ("day", INT),
             ("code", TEXT), ("t", TEXT)], []),
    "dim": ([("id", INT), ("cat", INT), ("label", TEXT)], []),
}
WEIGHTS = ["ev", "ev", "kv", "kv", "nat", "hist", "hist", "part", "part",
           "loc", "loc", "loc", "dim"]


class Relation:
    """An item of FROM: its SQL, and its columns, pairs of reference and
    type; key: references of what it is looked up by."""

    def __init__(self, sql, columns, key=()):
        self.sql = sql
        self.columns = columns
        self.key = list(key)


class Generator:
    def __init__(self, rng):
        self.rng = rng
        self.names = itertools.count(1)
        self.consts = []
        self.prepared = rng.random() < 0.25
        self.with_ = []

    # ---- small things ----

    def chance(self, probability):
        return self.rng.random() < probability

    def name(self, letter="r"):
        return "%s%d" % (letter, next(self.names))

    def const(self, kind):
        rng = self.rng
        text = {
            INT: lambda: str(rng.choice([0, 1, 2, 3, 5, 8, 12, 19, 25, -1])),
            TEXT: lambda: "'%s'" % rng.choice(DEVICES + CODES[:4] + WORDS),
            BOOL: lambda: rng.choice(["true", "false"])}[kind]()
        if self.chance(0.03):
            text = "NULL"
        if not self.prepared:
            return "%s::%s" % (text, kind)
        self.consts.append((text, kind))
        return "$%d" % len(self.consts)

    def column(self, columns, kind=None):
        """A reference, or None where there is none of the type."""
        fitting = [c for c in columns if kind in (None, c[1])]
        return self.rng.choice(fitting) if fitting else None

    # ---- expressions ----

    def expression(self, columns, kind, depth=0):
        found = self.column(columns, kind)
        if found is None:
            return self.const(kind)
        pick = self.rng.random()
        if depth > 2 or pick < 0.55:
            return found[0]
        again = self.expression(columns, kind, depth + 1)
        if pick < 0.7:
            return "coalesce(%s, %s)" % (again, self.const(kind))
        if pick < 0.8:
            return "CASE WHEN %s THEN %s ELSE %s END" % (
                self.condition(columns, depth + 2), again, self.const(kind))
        if pick < 0.85:
            return "nullif(%s, %s)" % (again, self.const(kind))
        if kind == INT:
            return "%s %s %s" % (again, self.rng.choice("+-"),
                                 self.const(kind)) if pick < 0.95 else \
                "(%s)" % self.scalar(columns, depth)
        if kind == TEXT:
            return "%s || %s" % (again, self.const(kind))
        return "NOT %s" % again

    def scalar(self, columns, depth):
        inner = self.base()
        what = self.column(inner.columns, INT) or inner.columns[0]
        return "SELECT %s(%s) FROM %s WHERE %s" % (
            self.rng.choice(["count", "max", "min"]), what[0], inner.sql,
            self.connection(columns, inner, depth + 1))

    # ---- conditions ----

    def comparison(self, columns, depth):
        rng = self.rng
        name, kind = self.column(columns)
        pick = rng.random()
        if pick < 0.15:
            return "%s IS %sNULL" % (name, rng.choice(["", "NOT "]))
        if kind == BOOL:
            return rng.choice(["%s", "NOT %s", "%s IS NOT TRUE"]) % name
        if pick < 0.3:
            return "%s %sIN (%s)" % (name, rng.choice(["", "", "NOT "]),
                                     ", ".join(self.const(kind) for _ in
                                               range(rng.randint(1, 3))))
        if pick < 0.4:
            return "%s BETWEEN %s AND %s" % (name, self.const(kind),
                                             self.const(kind))
        if pick < 0.5:
            return "%s IS DISTINCT FROM %s" % (
                name, self.expression(columns, kind, 2))
        right = self.const(kind) if pick < 0.75 else \
            self.expression(columns, kind, depth + 1)
        return "%s %s %s" % (name, rng.choice(["=", "=", "<>", "<", ">="]),
                             right)

    def condition(self, columns, depth=0):
        if not columns:
            return "true"
        pick = self.rng.random()
        if depth > 1 or pick < 0.6:
            return self.comparison(columns, depth)
        if pick < 0.75:
            return "(%s %s %s)" % (self.condition(columns, depth + 1),
                                   self.rng.choice(["OR", "AND"]),
                                   self.condition(columns, depth + 1))
        if pick < 0.8:
            return "NOT (%s)" % self.condition(columns, depth + 1)
        return self.membership(columns, depth)

    def membership(self, columns, depth):
        """A semi or anti join, or what cannot be one."""
        rng = self.rng
        inner = self.base() if depth or self.chance(0.7) else self.sub(1)
        if self.chance(0.6):
            return "%sEXISTS (SELECT %s FROM %s WHERE %s)" % (
                rng.choice(["", "NOT "]), rng.choice(["", "1"]), inner.sql,
                self.connection(columns, inner, depth + 1))
        pairs = [(o, i) for o in columns for i in inner.columns
                 if o[1] == i[1]]
        if inner.key and self.chance(0.7):
            pairs = [(o, i) for o, i in pairs if i[0] in inner.key] or pairs
        if not pairs:
            return "true"
        o, i = rng.choice(pairs)
        where = " WHERE " + self.condition(
            inner.columns + columns * self.chance(0.3), 2) \
            if self.chance(0.5) else ""
        return "%s %sIN (SELECT %s FROM %s%s)" % (
            o[0], rng.choice(["", "", "NOT "]), i[0], inner.sql, where)

    def connection(self, columns, inner, depth=0, only_equal=False):
        """How rows of a relation belong to those before it: mostly by all
        of its key."""
        parts = []
        kinds = dict(inner.columns)
        if inner.key and self.chance(0.75):
            names = inner.key
        else:
            names = [self.rng.choice(inner.columns)[0]]
        for name in names:
            other = self.column(columns, kinds[name])
            if other is None:
                other = (self.const(kinds[name]), kinds[name])
            elif kinds[name] == INT and self.chance(0.1):
                other = (other[0] + " + 1", INT)
            parts.append("%s = %s" % ((name, other[0]) if self.chance(0.5)
                                      else (other[0], name)))
        if not only_equal and self.chance(0.3):
            parts.append(self.condition(columns + inner.columns, depth + 1))
        if not only_equal and self.chance(0.15):
            parts.append(self.condition(inner.columns, depth + 1))
        self.rng.shuffle(parts)
        return " AND ".join(parts)

    # ---- relations ----

    def base(self):
        alias = self.name()
        name = self.rng.choice(WEIGHTS)
        columns, key = RELATIONS[name]
        return Relation("%s %s" % (name, alias),
                        [("%s.%s" % (alias, c), kind) for c, kind in columns],
                        ["%s.%s" % (alias, c) for c in key])

    def small(self):
        """Rows that are no table's."""
        alias = self.name()
        if self.with_ and self.chance(0.5):
            name, kinds = self.rng.choice(self.with_)
            return Relation("%s %s" % (name, alias),
                            [("%s.x%d" % (alias, n), kind)
                             for n, kind in enumerate(kinds)])
        if self.chance(0.5):
            return Relation("generate_series(0, %d) %s(x0)" % (
                self.rng.choice([0, 3, 30]), alias), [(alias + ".x0", INT)])
        rows = ", ".join("(%s, %s)" % (self.const(INT), self.const(TEXT))
                         for _ in range(self.rng.randint(1, 3)))
        return Relation("(VALUES %s) %s(x0, x1)" % (rows, alias),
                        [(alias + ".x0", INT), (alias + ".x1", TEXT)])

    def sub(self, depth, outer=()):
        """A sub-select as a relation; outer: what LATERAL lets it see."""
        text, kinds = self.select(depth + 1, list(outer))
        alias = self.name("q")
        return Relation("(%s) %s(%s)" % (text, alias, ", ".join(
            "x%d" % n for n in range(len(kinds)))), [
                ("%s.x%d" % (alias, n), kind)
                for n, kind in enumerate(kinds)])

    def leaf(self, depth):
        pick = self.rng.random()
        if pick < 0.7 or depth > 2:
            return self.base()
        return self.sub(depth) if pick < 0.9 else self.small()

    def join(self, left, depth, outer):
        rng = self.rng
        kind = rng.choice(["", "", "LEFT", "LEFT", "RIGHT", "FULL", "CROSS",
                           "LATERAL", "BOTH"])
        if kind == "LATERAL" and depth < 3:
            right = self.sub(depth + 1, outer + left.columns)
            left_or_not = rng.choice(["", "LEFT "])
            return Relation("%s %sJOIN LATERAL %s ON %s" % (
                left.sql, left_or_not, right.sql,
                "true" if self.chance(0.6) else self.condition(
                    left.columns + right.columns, 2)),
                left.columns + right.columns)
        right = self.leaf(depth)
        if kind == "CROSS" and self.chance(0.3):
            right = self.small()
            return Relation("%s CROSS JOIN %s" % (left.sql, right.sql),
                            left.columns + right.columns)
        if kind == "BOTH":
            # a join of its own on the right side
            right = self.join(right, depth + 2, [])
            right.sql = "(%s)" % right.sql
            kind = rng.choice(["", "LEFT", "RIGHT"])
        if kind in ("CROSS", "LATERAL"):
            kind = ""
        return Relation("%s %s JOIN %s ON %s" % (
            left.sql, kind, right.sql,
            self.connection(left.columns, right, 0, kind == "FULL")),
            left.columns + right.columns)

    def source(self, depth, outer=()):
        found = self.leaf(depth)
        most = max(1, MOST_LEAVES - 2 * depth)
        for _ in range(self.rng.randint(0, most)):
            found = self.join(found, depth, list(outer))
        return found

    # ---- selects ----

    def where(self, source, outer):
        parts = []
        if outer and source.key and self.chance(0.7):
            parts.append(self.connection(outer, source))
        elif outer:
            parts.append(self.condition(source.columns + outer))
        while self.chance(0.4):
            parts.append(self.condition(source.columns))
        return " WHERE " + " AND ".join(parts) if parts else ""

    def outputs(self, columns, outer):
        """Expressions and their types."""
        found = []
        for _ in range(self.rng.randint(1, 4)):
            kind = self.column(columns)[1]
            scope = columns + outer * self.chance(0.3)
            found.append((self.const(kind) if self.chance(0.08) else
                          self.expression(scope, kind), kind))
        return found

    def select(self, depth, outer=()):
        """The text of a SELECT, and its columns' types."""
        outer = list(outer)
        forms = [self.plain] * 6 + [self.grouped] * 2 + [
            self.distinct, self.distinct_on, self.window, self.limited,
            self.set_operation, self.grouping_sets]
        return self.rng.choice(forms)(depth, outer)

    def plain(self, depth, outer, word=""):
        source = self.source(depth, outer)
        outputs = self.outputs(source.columns, outer)
        return "SELECT %s%s FROM %s%s" % (
            word, ", ".join(e for e, _ in outputs), source.sql,
            self.where(source, outer)), [kind for _, kind in outputs]

    def distinct(self, depth, outer):
        return self.plain(depth, outer, "DISTINCT ")

    def distinct_on(self, depth, outer):
        source = self.source(depth, outer)
        keys = [self.column(source.columns) for _ in range(
            self.rng.randint(1, 3))]
        names = ", ".join(name for name, _ in keys)
        return "SELECT DISTINCT ON (%s) %s FROM %s%s ORDER BY %s" % (
            keys[0][0], names, source.sql, self.where(source, outer),
            names), [kind for _, kind in keys]

    def aggregates(self, columns):
        found = ["count(*)"]
        for _ in range(self.rng.randint(0, 2)):
            name, kind = self.column(columns)
            found.append(self.rng.choice(
                ["count(%s)", "count(DISTINCT %s)"] + (
                    ["min(%s)", "max(%s)", "sum(%s)::int"] if kind == INT
                    else ["min(%s)", "max(%s)"] if kind == TEXT
                    else ["bool_or(%s)::int"])) % name)
            if kind == TEXT and found[-1][0] == "m":
                found[-1] = "length(%s)" % found[-1]
            elif self.chance(0.15):
                found[-1] = "count(*) FILTER (WHERE %s)" % self.condition(
                    columns, 2)
        return ["%s::int" % one for one in found]

    def group_keys(self, columns, most=2):
        return list(dict.fromkeys(
            self.column(columns) for _ in range(self.rng.randint(1, most))))

    def grouped(self, depth, outer, clause=None):
        source = self.source(depth, outer)
        keys = [] if clause is None and self.chance(0.3) else \
            self.group_keys(source.columns, 2 if clause is None else 3)
        names = ", ".join(name for name, _ in keys)
        found = self.aggregates(source.columns)
        text = "SELECT %s FROM %s%s" % (
            ", ".join([name for name, _ in keys] + found), source.sql,
            self.where(source, outer))
        if keys:
            text += " GROUP BY " + (clause or "%s") % names
        if self.chance(0.2):
            text += " HAVING count(*) %s %d" % (
                self.rng.choice([">", "<="]), self.rng.choice([0, 1, 4]))
        return text, [kind for _, kind in keys] + [INT] * len(found)

    def grouping_sets(self, depth, outer):
        return self.grouped(depth, outer, self.rng.choice(
            ["ROLLUP (%s)", "CUBE (%s)", "GROUPING SETS ((%s), ())"]))

    def window(self, depth, outer):
        source = self.source(depth, outer)
        by, order = self.column(source.columns), self.column(source.columns)
        found = self.rng.choice(
            ["rank()", "dense_rank()", "count(*)", "count(%s)" % by[0]])
        where = self.where(source, outer)
        return "SELECT %s, %s, (%s OVER (PARTITION BY %s ORDER BY %s%s))" \
            "::int FROM %s%s" % (by[0], order[0], found, by[0], order[0],
                                 self.rng.choice(["", " DESC"]), source.sql,
                                 where), [by[1], order[1], INT]

    def limited(self, depth, outer):
        text, kinds = self.plain(depth, outer)
        return "%s ORDER BY %s LIMIT %d%s" % (
            text, ", ".join("%d%s" % (n, self.rng.choice(["", " DESC"]))
                            for n in range(1, len(kinds) + 1)),
            self.rng.choice([1, 3, 20]),
            " OFFSET 2" * self.chance(0.2)), kinds

    def set_operation(self, depth, outer):
        kinds = [self.rng.choice([INT, INT, TEXT])
                 for _ in range(self.rng.randint(1, 3))]
        arms = []
        for _ in range(self.rng.choice([2, 2, 3])):
            source = self.source(depth + 1, outer)
            arms.append("(SELECT %s FROM %s%s)" % (
                ", ".join(self.expression(source.columns, kind)
                          for kind in kinds), source.sql,
                self.where(source, outer)))
        text = arms[0]
        for arm in arms[1:]:
            text += " %s %s" % (self.rng.choice(
                ["UNION ALL", "UNION ALL", "UNION", "INTERSECT", "EXCEPT"]),
                arm)
        return text, kinds

    # ---- the whole ----

    def recursive(self):
        inner = self.base()
        while not (inner.key and dict(inner.columns)[inner.key[0]] == INT):
            inner = self.base()
        other = self.column(inner.columns, INT)
        return "WITH RECURSIVE w(i) AS (SELECT %s UNION SELECT %s FROM w" \
            " JOIN %s ON %s = w.i) SELECT i FROM w" % (
                self.const(INT), other[0], inner.sql, inner.key[0])

    def query(self):
        """A statement, without its parameters' values."""
        if self.chance(0.02):
            return self.recursive()
        head = ""
        if self.chance(0.2):
            text, kinds = self.select(1)
            head = "WITH w(%s) AS %s(%s) " % (
                ", ".join("x%d" % n for n in range(len(kinds))),
                self.rng.choice(["", "MATERIALIZED ", "NOT MATERIALIZED "]),
                text)
            self.with_.append(("w", kinds))
        text, kinds = self.select(0)
        if self.chance(0.1):
            text = "SELECT count(*), %s FROM (%s) z(%s)" % (
                ", ".join("count(x%d)" % n for n in range(len(kinds))), text,
                ", ".join("x%d" % n for n in range(len(kinds))))
        return head + text
