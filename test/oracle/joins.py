#!/usr/bin/env python3
"""Do joins with Cassandra's tables answer as joins with copies of them?

joins.py HOST[:PORT] [-n QUERIES] [--seed SEED] [--table N] [--query N]

As oracle.py, but each query joins a random table with local rows that have
some of its keys, others and NULLs, or with the table itself; each runs with
the methods of joining switched on and off at random.
"""

import collections
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import oracle  # noqa: E402
from compare import counted, keys_of, lacking  # noqa: E402
from tables import quote  # noqa: E402

METHODS = ["enable_hashjoin", "enable_mergejoin", "enable_nestloop",
           "enable_memoize", "enable_material", "enable_sort",
           "cassandra_fdw.enable_keyjoin"]
SMALL = ["work_mem = '64kB'", "cursor_tuple_fraction = 0.01",
         "enable_partitionwise_join = on", "from_collapse_limit = 1",
         "join_collapse_limit = 1"]
ONLY_KEYS = ["enable_hashjoin = off", "enable_mergejoin = off",
             "enable_nestloop = off"]


class Joins(oracle.Oracle):
    """outer: the name of the local rows of the table at hand."""

    def __init__(self, options):
        super().__init__(options)
        self.kinds = collections.Counter()

    def prepare(self, number):
        table, runner, rows = super().prepare(number)
        rng = random.Random("%s keys %d" % (self.options.seed, number))
        names = [quote(c.name) for c in table.key]
        mixed = ", ".join(
            "CASE WHEN random() < %s THEN (SELECT %s FROM %s m WHERE a.n > 0"
            " ORDER BY random() LIMIT 1) END AS %s" % (
                rng.choice(["0.9", "1.1", "1.1"]), name, runner.local, name)
            for name in names)
        self.session.run("SELECT setseed(%f)" % rng.random())
        self.session.run(
            "CREATE TABLE %s_keys AS SELECT n, %s FROM generate_series(1, %d)"
            " a(n) UNION ALL SELECT 1000, %s FROM %s" % (
                runner.local, mixed, rng.choice([3, 40, 200]),
                ", ".join(names), runner.local))
        self.session.run("ANALYZE %s_keys" % runner.local)
        if rng.random() < 0.4:
            self.session.run("ANALYZE " + runner.foreign)
        return table, runner, rows

    def forget(self, table):
        self.session.run("DROP TABLE oracle_copy.%s_keys" % table.name)
        super().forget(table)

    # ---- a query ----

    def outer(self, rng, table, name):
        """Rows to be joined, as o."""
        keys = "{COPY}_keys"
        plain = [quote(c.name) for c in table.key]
        return rng.choice([
            keys + " " + name, keys + " " + name,
            "(SELECT * FROM %s ORDER BY n LIMIT 20) %s" % (keys, name),
            "(SELECT DISTINCT n % 3 AS n, {keys} FROM {from}) {as}".replace(
                "{keys}", ", ".join(plain)).replace("{from}", keys).replace(
                    "{as}", name),
            "(SELECT * FROM %s WHERE n < 5 UNION ALL SELECT * FROM %s WHERE n"
            " > 30) %s" % (keys, keys, name),
            "(SELECT 7 AS n, %s FROM {TABLE}) %s" % (", ".join(plain), name)])

    def condition(self, rng, table, outer, inner):
        """Equality of the partition key and perhaps more."""
        parts = []
        for column in table.partition:
            name = quote(column.name)
            parts.append("%s.%s = %s.%s" % (
                (outer, name, inner, name) if rng.random() < 0.8
                else (inner, name, outer, name)))
        for column in table.clustering:
            if rng.random() < 0.4:
                break
            name = quote(column.name)
            operator = rng.choice(["=", "=", "=", ">=", "<", ">"])
            parts.append("%s.%s %s %s.%s" % (inner, name, operator, outer,
                                             name))
            if operator != "=":
                break
        if rng.random() < 0.3:
            parts.append(self.filter(rng, table, outer, inner))
        rng.shuffle(parts)
        if rng.random() < 0.05:
            parts[0] = "NOT " + parts[0]
        return " AND ".join(parts)

    @staticmethod
    def filter(rng, table, outer, inner):
        column = quote(rng.choice(table.columns).name)
        return rng.choice([
            "%s.n %% 2 = 0" % outer, "%s.n < 50" % outer,
            "%s.%s IS NOT NULL" % (inner, column),
            "%s.%s IS NULL" % (inner, column),
            "%s.n + length(%s.%s::text) > 10" % (outer, inner, column),
            "(%s.n > 20 OR %s.%s IS NULL)" % (outer, inner, column),
            "%s.n = (SELECT max(m.n) FROM {COPY}_keys m WHERE m.n <= %s.n)"
            % (outer, outer)])

    def query(self, rng, table):
        outer = self.outer(rng, table, "o")
        on = self.condition(rng, table, "o", "t")
        where = [self.filter(rng, table, "o", "t")] * (rng.random() < 0.3)
        columns = [quote(c.name) for c in rng.sample(
            table.columns, min(3, len(table.columns)))]
        shown = ["o.n"] + ["t." + name for name in columns]
        kind = rng.choice(["inner", "inner", "left", "left", "semi", "semi",
                           "anti", "anti", "in", "right", "full", "lateral",
                           "three", "whole", "count", "exists", "ordered",
                           "rescan"])
        self.kinds[kind] += 1
        if kind in ("left", "right", "full"):
            text = "SELECT %s FROM %s %s JOIN {TABLE} t ON %s" % (
                ", ".join(shown), outer, kind.upper(), on)
        elif kind in ("semi", "anti"):
            where = [w for w in where if "t." not in w]
            text = "SELECT o.* FROM %s WHERE %sEXISTS (SELECT FROM {TABLE} t" \
                " WHERE %s)" % (outer, "NOT " * (kind == "anti"), on)
            return text + "".join(" AND " + w for w in where)
        elif kind == "in":
            names = [quote(c.name) for c in table.partition]
            return "SELECT t.* FROM {TABLE} t WHERE (%s) IN (SELECT %s FROM" \
                " %s)" % (", ".join("t." + n for n in names),
                          ", ".join("o." + n for n in names), outer)
        elif kind == "lateral":
            text = "SELECT o.n, l.* FROM %s LEFT JOIN LATERAL (SELECT %s," \
                " o.n + 1 FROM {TABLE} t WHERE %s) l ON %s" % (
                    outer, ", ".join("t." + n for n in columns), on,
                    rng.choice(["true", "o.n > 3"]))
            where = [w for w in where if "t." not in w]
        elif kind == "three":
            text = "SELECT %s, u.%s FROM %s %s JOIN {TABLE} t ON %s %s JOIN" \
                " {TABLE} u ON %s" % (
                    ", ".join(shown), quote(table.columns[-1].name), outer,
                    rng.choice(["", "LEFT"]), on, rng.choice(["", "LEFT"]),
                    self.condition(rng, table, rng.choice("ot"), "u")
                    .replace("t.n ", "o.n ").replace("t.n)", "o.n)"))
        elif kind == "whole":
            text = "SELECT o.n, t FROM %s %s JOIN {TABLE} t ON %s" % (
                outer, rng.choice(["", "LEFT"]), on)
        elif kind == "count":
            text = "SELECT count(*), count(t.%s), sum(o.n) FROM %s %s JOIN" \
                " {TABLE} t ON %s" % (columns[0], outer,
                                      rng.choice(["", "LEFT"]), on)
        elif kind == "rescan":
            return "SELECT k.n, (SELECT count(*) || ':' || count(t.%s) FROM" \
                " %s %s JOIN {TABLE} t ON %s WHERE o.n <= k.n) FROM" \
                " {COPY}_keys k WHERE k.n < 9" % (
                    columns[0], outer, rng.choice(["", "LEFT"]), on)
        elif kind == "exists":
            text = "SELECT EXISTS (SELECT FROM %s JOIN {TABLE} t ON %s)" % (
                outer, on)
            return text
        else:
            text = "SELECT %s FROM %s JOIN {TABLE} t ON %s" % (
                ", ".join(shown), outer, on)
        if where:
            text += " WHERE " + where[0]
        if kind == "ordered":
            text += " ORDER BY o.n"
            if rng.random() < 0.5:
                text += " LIMIT 5"
        return text

    def settings(self, rng):
        chosen = ["%s = %s" % (name, rng.choice(["on", "off"]))
                  for name in METHODS if rng.random() < 0.4]
        if rng.random() < 0.5:
            chosen = ONLY_KEYS + ["cassandra_fdw.enable_keyjoin = on"]
        return chosen + rng.sample(SMALL, rng.choice([0, 0, 1, 2]))

    # ---- both sides ----

    def ask(self, runner, text, foreign, settings=()):
        """In a transaction, ours now and then through a cursor."""
        lines = ["BEGIN"] + ["SET LOCAL " + s for s in settings] if foreign \
            else ["BEGIN"]
        text = text.replace("{TABLE}", runner.foreign if foreign
                            else runner.local).replace("{COPY}", runner.local)
        if foreign and len(text) % 4 == 0 and not text.startswith("EXPLAIN"):
            lines += ["DECLARE c CURSOR FOR " + text, "FETCH 0 FROM c"]
            text = "FETCH ALL FROM c"
        answer = self.session.query("; ".join(lines + [text]))
        self.session.query("COMMIT")
        return answer

    def run_table(self, number, count):
        table, runner, _ = self.prepare(number)
        for which in range(count):
            if self.options.query not in (None, which):
                continue
            rng = random.Random("%s table %d join %d" % (
                self.options.seed, number, which))
            self.run_join(rng, table, runner, number, which)
            if self.tally.differences >= oracle.MOST_DIFFERENCES:
                break
        self.forget(table)

    def run_join(self, rng, table, runner, number, which):
        text = self.query(rng, table)
        settings = self.settings(rng)
        tally = self.tally
        ours = self.ask(runner, text, True, settings)
        theirs = self.ask(runner, text, False)
        tally.queries += 1
        tally.with_rows += bool(ours.rows)
        tally.both_failed += bool(ours.sqlstate and theirs.sqlstate)
        plan = self.ask(runner, "EXPLAIN (COSTS OFF) " + text, True, settings)
        tally.explained += 1
        tally.pushed += any("Key Join" in row[0] for row in plan.rows)
        what = self.compare(text, ours, theirs)
        if what is None:
            return
        tally.differences += 1
        print("not ok - seed %s table %d query %d: %s" % (
            self.options.seed, number, which, what))
        for statement in table.ddl():
            oracle.comment(statement)
        oracle.comment("%s; %s" % ("; ".join(settings), text))
        for row in plan.rows:
            oracle.comment("  " + row[0])

    @staticmethod
    def compare(text, ours, theirs):
        if ours.sqlstate or theirs.sqlstate:
            return None if ours.sqlstate == theirs.sqlstate else \
                "errors differ: %s / %s" % (ours.message, theirs.message)
        if " ORDER BY o.n" in text and keys_of(
                [row[:1] for row in ours.rows], [None]) != keys_of(
                    [row[:1] for row in theirs.rows], [None]):
            return "the order differs"
        if text.endswith(" LIMIT 5"):
            return None if len(ours.rows) == len(theirs.rows) else \
                "numbers of rows differ"
        difference = lacking("rows differ", counted(ours.rows, []),
                             counted(theirs.rows, []))
        return None if difference is None else "%s: %r / %r" % (
            difference.what, difference.foreign[:5], difference.local[:5])

    def run(self):
        options = self.options
        number = 1 if options.table is None else options.table
        while self.tally.queries < options.queries \
                and self.tally.differences < oracle.MOST_DIFFERENCES:
            self.run_table(number, options.query + 1 if options.query
                           is not None else 100)
            number += 1
            if options.table is not None:
                break


def main():
    options = oracle.arguments()
    began = time.monotonic()
    joins = Joins(options)
    try:
        joins.run()
    finally:
        if not options.keep:
            joins.node.close()
    tally = joins.tally
    print("# %d tables, seed %s: %d joins in %.0f s, %d failed on both sides,"
          " %d gave rows, %d were key joins" % (
              tally.tables, options.seed, tally.queries,
              time.monotonic() - began, tally.both_failed, tally.with_rows,
              tally.pushed))
    oracle.report(tally.queries > 0 and tally.differences == 0,
                  "%d differences in %d joins" % (tally.differences,
                                                  tally.queries))
    if options.table is None:
        oracle.report(tally.pushed * 5 > tally.queries,
                      "a fifth of them were key joins")
    return 1 if oracle.FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
