#!/usr/bin/env python3
"""Does whatever the planner makes of a query answer alike?

planner.py HOST[:PORT] [-n QUERIES] [--seed SEED] [--table N] [--query N]

Random queries of many relations (planner_queries.py) run on foreign tables,
with methods, partitionwise plans, parallel ones, cursors and generic plans
switched on and off at random, and on local copies of them with none of that.
Of the relations two are partitioned, with children of other columns' order,
one of them local.  --table N is the Nth filling of the tables.
"""

import collections
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import oracle  # noqa: E402
import pg  # noqa: E402
import tables  # noqa: E402
from compare import counted, lacking  # noqa: E402
from planner_queries import CODES, DEVICES, WORDS, Generator  # noqa: E402

PER_TABLE = 400
EXPLAINED = 4
TOO_LONG = "57014"
# Where it is known what a condition comes to, the planner may have no way left.
NO_WAY = "FULL JOIN is only supported"
SIDES = {True: "planner_foreign", False: "planner_copy"}
METHODS = ["enable_hashjoin", "enable_mergejoin", "enable_nestloop",
           "enable_memoize", "enable_material", "enable_sort",
           "enable_hashagg", "enable_incremental_sort",
           "enable_async_append", "enable_partition_pruning",
           "enable_parallel_append", "enable_parallel_hash",
           "enable_gathermerge", "cassandra_fdw.enable_keyjoin"]
OTHERS = ["enable_partitionwise_join = on",
          "enable_partitionwise_aggregate = on", "work_mem = '64kB'",
          "cursor_tuple_fraction = 0.01", "from_collapse_limit = 1",
          "join_collapse_limit = 1", "jit = on", "geqo_threshold = 3"]
PARALLEL = ["parallel_setup_cost = 0", "parallel_tuple_cost = 0",
            "min_parallel_table_scan_size = 0",
            "min_parallel_index_scan_size = 0"]
NODES = ["Key Join", "Async", "Gather", "Memoize", "Semi", "Anti", "Hash",
         "Merge", "Nested Loop", "Full", "Subquery Scan", "WindowAgg",
         "Append", "Parallel Foreign Scan"]

CQL = [
    "CREATE TABLE {keyspace}.ev (dev text, day int, seq int, v int, note text,"
    " s text static, PRIMARY KEY ((dev, day), seq))"
    " WITH CLUSTERING ORDER BY (seq DESC)",
    "CREATE TABLE {keyspace}.kv (id int PRIMARY KEY, n int, v text,"
    " b boolean)",
    "CREATE TABLE {keyspace}.nat (code text PRIMARY KEY, name text, n int)",
    "CREATE TABLE {keyspace}.hist1 (p int, c int, a int, t text,"
    " PRIMARY KEY (p, c))",
    "CREATE TABLE {keyspace}.hist2 (p int, c int, a int, t text,"
    " PRIMARY KEY (p, c))",
    "CREATE TABLE {keyspace}.part1 (p int PRIMARY KEY, w int, t text)",
    "CREATE TABLE {keyspace}.part2 (p int PRIMARY KEY, w int, t text)"]

SETUP = """
SET client_min_messages = error;
SET extra_float_digits = 3;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS planner CASCADE;
DROP SCHEMA IF EXISTS planner_foreign, planner_copy, planner_local CASCADE;
CREATE SERVER planner FOREIGN DATA WRAPPER cassandra_fdw OPTIONS (
    host '%s', port '%s', local_datacenter 'dc1', keyspace '%s',
    async_capable 'true', fdw_startup_cost '100', fdw_tuple_cost '0.05');
CREATE USER MAPPING FOR CURRENT_USER SERVER planner;
CREATE SCHEMA planner_foreign;
CREATE SCHEMA planner_copy;
CREATE SCHEMA planner_local;
SET search_path = planner_local;
CREATE TABLE loc (a int, b int, dev text, day int, code text, t text);
CREATE TABLE dim (id int PRIMARY KEY, cat int, label text);
SET search_path = planner_copy;
CREATE TABLE ev (dev text, day int, seq int, v int, note text, s text);
CREATE TABLE kv (id int PRIMARY KEY, n int, v text, b boolean);
CREATE TABLE nat (code text PRIMARY KEY, name text, n int);
CREATE TABLE hist (p int, c int, a int, t text);
CREATE TABLE part (p int, w int, t text);
SET search_path = planner_foreign;
CREATE FOREIGN TABLE ev (dev text, day int, seq int, v int, note text,
    s text) SERVER planner;
CREATE FOREIGN TABLE kv (id int, n int, v text, b boolean) SERVER planner;
CREATE FOREIGN TABLE nat (n int, code text, name text) SERVER planner;
CREATE TABLE hist (p int, c int, a int, t text) PARTITION BY RANGE (p);
CREATE FOREIGN TABLE hist1 (t text, c int, p int, a int) SERVER planner;
CREATE FOREIGN TABLE hist2 (a int, p int, gone int, t text, c int)
    SERVER planner;
ALTER FOREIGN TABLE hist2 DROP gone;
CREATE TABLE hist3 (c int, t text, a int, p int);
CREATE TABLE part (p int, w int, t text) PARTITION BY RANGE (p);
CREATE FOREIGN TABLE part1 (w int, p int, t text) SERVER planner;
CREATE FOREIGN TABLE part2 (p int, t text, w int) SERVER planner;
CREATE TABLE part3 (t text, p int, w int);
""" + "".join(
    "ALTER TABLE %s ATTACH PARTITION %s%d FOR VALUES FROM (%s) TO (%s);\n"
    % (parent, parent, n, bounds[0], bounds[1])
    for parent in ("hist", "part") for n, bounds in enumerate(
        [("MINVALUE", "8"), ("8", "16"), ("16", "MAXVALUE")], 1))

FILL = """
SET search_path = planner_copy, planner_local;
TRUNCATE ev, kv, nat, hist, part, loc, dim;
INSERT INTO ev SELECT dev, day, seq, {i}, {t},
    CASE WHEN length(dev) + day %% 3 > 2 THEN dev || day END
  FROM (SELECT DISTINCT {d} AS dev, {r} %% 4 AS day, {r} %% 9 AS seq
    FROM generate_series(1, %(ev)d)) q;
INSERT INTO kv SELECT g, {i}, {t}, random() < 0.5
  FROM generate_series(0, %(kv)d) g;
INSERT INTO nat SELECT c, {t}, {i} FROM (SELECT DISTINCT {c} AS c
  FROM generate_series(1, 15)) q;
INSERT INTO hist SELECT p, c, {i}, {t} FROM (SELECT DISTINCT {r} AS p,
    {r} %% 6 AS c FROM generate_series(1, %(hist)d)) q;
INSERT INTO part SELECT p, {i}, {t} FROM (SELECT DISTINCT {r} AS p
  FROM generate_series(1, %(part)d)) q;
INSERT INTO loc SELECT {i}, {i}, nullif({d}, 'd6'), {r} %% 5, {c}, {t}
  FROM generate_series(1, %(loc)d);
INSERT INTO dim SELECT g, {i}, {t} FROM generate_series(0, 24) g;
ANALYZE;
TRUNCATE planner_foreign.ev, planner_foreign.kv, planner_foreign.nat,
    planner_foreign.hist, planner_foreign.part;
INSERT INTO planner_foreign.ev SELECT * FROM ev;
INSERT INTO planner_foreign.ev (dev, day, s) VALUES ('alone', 1, 'x y');
INSERT INTO ev (dev, day, s) VALUES ('alone', 1, 'x y');
INSERT INTO planner_foreign.kv SELECT * FROM kv;
INSERT INTO planner_foreign.nat (code, name, n) SELECT * FROM nat;
INSERT INTO planner_foreign.hist SELECT * FROM hist;
INSERT INTO planner_foreign.part SELECT * FROM part;
"""


def any_of(texts):
    return "(ARRAY[%s])[1 + floor(random() * %d)::int]" % (
        ", ".join("'%s'" % text for text in texts), len(texts))


def fill_text(rng):
    text = FILL
    for name, sql in (
            ("{i}", "CASE WHEN random() < 0.85 THEN"
                    " floor(random() * 26)::int END"),
            ("{r}", "floor(random() * 24)::int"),
            ("{t}", "nullif(%s, 'b')" % any_of(DEVICES + CODES + WORDS)),
            ("{d}", any_of(DEVICES)), ("{c}", any_of(CODES))):
        text = text.replace(name, sql)
    return text % {"ev": rng.choice([20, 80, 150]),
                   "kv": rng.choice([5, 25, 200]),
                   "hist": rng.choice([10, 60, 120]),
                   "part": rng.choice([10, 40]),
                   "loc": rng.choice([8, 40, 120])}


def settings(rng):
    chosen = ["%s = %s" % (name, rng.choice(["on", "off", "off"]))
              for name in METHODS if rng.random() < 0.3]
    if rng.random() < 0.2:
        chosen += ["%s = off" % name for name in METHODS[:3]]
    chosen += [one for one in OTHERS if rng.random() < 0.2]
    if rng.random() < 0.4:
        chosen += PARALLEL + ["max_parallel_workers_per_gather = %d"
                              % rng.choice([1, 2, 4])]
    if rng.random() < 0.3:
        chosen.append("plan_cache_mode = force_generic_plan")
    return chosen


class Planner:
    def __init__(self, options):
        self.options = options
        self.tally = oracle.Tally()
        self.unanswered = 0
        self.nodes = collections.Counter()
        host, _, port = options.node.partition(":")
        self.node = tables.Node(host, int(port or 9042), options.keyspace)
        for statement in CQL:
            self.node.run(statement)
        self.session = pg.Session()
        self.session.run(SETUP % (host, port or 9042, options.keyspace))

    def fill(self, number):
        rng = random.Random("%s filling %d" % (self.options.seed, number))
        self.session.run("SELECT setseed(%f)" % rng.random())
        self.session.run(fill_text(rng))
        # either beside other parts of an Append, or by parallel workers
        together = number % 2 == 1
        self.session.run(
            "ALTER SERVER planner OPTIONS (SET async_capable '%s',"
            " SET fdw_startup_cost '%s', SET fdw_tuple_cost '%s')" % (
                ("true", "100", "0.05") if together else
                ("false", "0", "0")))
        foreign = [name for name in ("ev", "kv", "nat", "hist1", "hist2",
                                     "part1", "part2")]
        for name in foreign:
            size = rng.choice([5000, 5000, 1, 7])
            self.session.run(
                "SET search_path = planner_foreign; ALTER FOREIGN TABLE %s"
                " OPTIONS (%s fetch_size '%d')" % (
                    name, "SET" if self.tally.tables else "ADD", size))
            if rng.random() < (0.4 if together else 0.9):
                self.session.run("ANALYZE " + name)
        self.tally.tables += 1

    # ---- both sides ----

    def ask(self, generator, text, foreign, chosen, way):
        lines = ["BEGIN", "SET LOCAL statement_timeout = '20s'",
                 "SET LOCAL search_path = %s, planner_local"
                 % SIDES[foreign]]
        lines += ["SET LOCAL " + one for one in chosen] if foreign else []
        self.session.query("; ".join(lines))
        if generator.consts:
            text = "DEALLOCATE ALL; PREPARE q(%s) AS %s; EXECUTE q(%s)" % (
                ", ".join(kind for _, kind in generator.consts), text,
                ", ".join(value for value, _ in generator.consts))
        elif foreign and way in ("", "SCROLL"):
            return self.finish(self.by_cursor(text, way))
        return self.finish(self.session.query(text))

    def finish(self, answer):
        self.session.query("ROLLBACK")
        return answer

    def by_cursor(self, text, way):
        answer = self.session.query("DECLARE c %s CURSOR FOR %s; FETCH 3"
                                    " FROM c" % (way, text))
        if answer.sqlstate:
            return answer
        first = answer.rows
        answer = self.session.query("FETCH ALL FROM c")
        if answer.sqlstate:
            return answer
        if way == "SCROLL":
            answer = self.session.query("MOVE ABSOLUTE 1 FROM c;"
                                        " FETCH ALL FROM c")
            first = first[:1]
        answer.rows = first + answer.rows
        return answer

    def plan(self, generator, text, chosen):
        lines = ["SET LOCAL search_path = planner_foreign, planner_local"] \
            + ["SET LOCAL " + one for one in chosen]
        if generator.consts:
            lines += ["DEALLOCATE ALL", "PREPARE q(%s) AS %s" % (
                ", ".join(kind for _, kind in generator.consts), text)]
            text = "EXECUTE q(%s)" % ", ".join(
                value for value, _ in generator.consts)
        answer = self.session.query("%s; EXPLAIN (VERBOSE, COSTS OFF) %s"
                                    % ("; ".join(lines), text))
        return [row[0] for row in answer.rows] or [answer.message]

    # ---- queries ----

    def compare(self, ours, theirs):
        if any(one.sqlstate == TOO_LONG or NO_WAY in (one.message or "")
               for one in (ours, theirs)):
            self.unanswered += 1
            return None
        if ours.sqlstate or theirs.sqlstate:
            return None if ours.sqlstate == theirs.sqlstate else \
                "errors differ: %s / %s" % (ours.message, theirs.message)
        found = lacking("rows differ", counted(ours.rows, []),
                        counted(theirs.rows, []))
        return None if found is None else "%s: %r / %r" % (
            found.what, found.foreign[:4], found.local[:4])

    def run_query(self, number, which):
        rng = random.Random("%s filling %d query %d" % (
            self.options.seed, number, which))
        generator = Generator(rng)
        text = generator.query()
        chosen = settings(rng)
        way = rng.choice([None, None, None, "", "SCROLL"])
        theirs = self.ask(generator, text, False, [], None)
        ours = self.ask(generator, text, True, chosen, way)
        tally = self.tally
        tally.queries += 1
        tally.with_rows += bool(ours.rows)
        if ours.sqlstate and ours.sqlstate == theirs.sqlstate:
            tally.both_failed += 1
            tally.errors.setdefault(ours.sqlstate, "%s %s" % (
                ours.message.strip(), text))
        what = self.compare(ours, theirs)
        if tally.queries % EXPLAINED == 0:
            plan = "\n".join(self.plan(generator, text, chosen))
            tally.explained += 1
            self.nodes.update(name for name in NODES if name in plan)
        if what is not None:
            tally.differences += 1
            self.show(number, which, what, theirs, (generator, text, chosen,
                                                    way))
        elif self.options.query is not None:
            oracle.comment("; ".join(chosen + [text]))

    def smallest(self, theirs, query):
        """The settings that make the difference."""
        generator, text, chosen, way = query
        for one in list(chosen):
            fewer = [other for other in chosen if other != one]
            if self.compare(self.ask(generator, text, True, fewer, way),
                            theirs) is not None:
                chosen = fewer
        return chosen

    def show(self, number, which, what, theirs, query):
        generator, text, _, way = query
        chosen = self.smallest(theirs, query)
        print("not ok - seed %s table %d query %d: %s" % (
            self.options.seed, number, which, what), flush=True)
        oracle.comment("%s; %s [cursor: %s] %r" % (
            "; ".join(chosen), text, way, generator.consts))
        for line in self.plan(generator, text, chosen):
            oracle.comment("  " + line)

    def run(self):
        options = self.options
        number = 1 if options.table is None else options.table
        while self.tally.queries < options.queries \
                and self.tally.differences < oracle.MOST_DIFFERENCES:
            self.fill(number)
            for which in range(PER_TABLE):
                if options.query in (None, which) \
                        and self.tally.queries < options.queries:
                    self.run_query(number, which)
            number += 1
            if options.table is not None:
                break


def main():
    options = oracle.arguments()
    began = time.monotonic()
    planner = Planner(options)
    try:
        planner.run()
    finally:
        if not options.keep:
            planner.node.close()
    tally = planner.tally
    print("# %d fillings, seed %s: %d queries in %.0f s, %d failed on both"
          " sides, %d unanswered, %d gave rows" % (
              tally.tables, options.seed, tally.queries,
              time.monotonic() - began, tally.both_failed, planner.unanswered,
              tally.with_rows))
    print("# of %d plans: %s" % (tally.explained, ", ".join(
        "%s %d" % pair for pair in planner.nodes.most_common())))
    for state, example in sorted(tally.errors.items()):
        oracle.comment("failed on both sides: %s %.600s" % (state, example))
    oracle.report(tally.queries > 0 and tally.differences == 0,
                  "%d differences in %d queries" % (tally.differences,
                                                    tally.queries))
    if options.query is None:
        oracle.report(tally.with_rows * 4 > tally.queries
                      and planner.unanswered * 20 < tally.queries,
                      "a quarter found rows, few had no answer")
    return 1 if oracle.FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
