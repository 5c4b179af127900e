#!/usr/bin/env python3
"""Do queries on Cassandra's tables answer as on copies of them?

oracle.py HOST[:PORT] [-n QUERIES] [--seed SEED] [--table N] [--query N]

Makes random tables in Cassandra, imports them into the PostgreSQL that the
PG* variables name, copies each into a local table, and runs random queries
on both.  What differs is shown with its seed, table, plan and in a small
form.  The same seed gives the same queries; --table N runs those of one
table only, --query N one of them.
"""

import argparse
import random
import sys
import time

import many
import pg
import special
import tables
import values
from compare import Runner
from queries import Generator, Query

PER_TABLE = 250
MANY_EVERY = 50
SHOWN_ROWS = 12
EXPLAINED = 3
MOST_DIFFERENCES = 20

SETUP = """
SET client_min_messages = error;
SET plan_cache_mode = force_generic_plan;
SET extra_float_digits = 3;
SET bytea_output = hex;
SET statement_timeout = '60s';
SET jit = off;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS oracle CASCADE;
DROP SCHEMA IF EXISTS oracle_foreign, oracle_copy CASCADE;
CREATE SERVER oracle FOREIGN DATA WRAPPER cassandra_fdw
    OPTIONS (host '%s', port '%s', local_datacenter 'dc1');
CREATE USER MAPPING FOR CURRENT_USER SERVER oracle;
CREATE SCHEMA oracle_foreign;
CREATE SCHEMA oracle_copy;
"""
FETCH_SIZES = [None, None, 1, 2, 7, 50]
ZONES = ["UTC", "Europe/Vienna", "America/St_Johns", "Pacific/Apia"]


class Tally:
    def __init__(self):
        self.queries = 0
        self.differences = 0
        self.both_failed = 0
        self.with_rows = 0
        self.explained = 0
        self.pushed = 0
        self.tables = 0
        self.refused = 0
        self.errors = {}


class Oracle:
    def __init__(self, options):
        self.options = options
        self.tally = Tally()
        host, _, port = options.node.partition(":")
        self.node = tables.Node(host, int(port or 9042), options.keyspace)
        self.session = pg.Session()
        self.session.run(SETUP % (host, port or 9042))
        self.filtering = bool(self.session.run(
            "LOAD 'cassandra_fdw'; SELECT 1 FROM pg_settings"
            " WHERE name = 'cassandra_fdw.allow_filtering'"))

    # ---- a table ----

    def prepare(self, number):
        """The table, its foreign table and its copy."""
        rng = random.Random("%s table %d" % (self.options.seed, number))
        table = tables.Table(rng, "t%d" % number, self.node.has_sai)
        self.node.create(table, rng.random() < 0.25 and self.options.flush)
        self.tally.tables += 1
        self.tally.refused += table.refused
        foreign = "oracle_foreign." + table.name
        local = "oracle_copy." + table.name
        self.session.run("SET timezone = '%s'" % rng.choice(ZONES))
        self.session.run(
            "IMPORT FOREIGN SCHEMA %s LIMIT TO (%s) FROM SERVER oracle"
            " INTO oracle_foreign" % (self.node.keyspace, table.name))
        if rng.random() < 0.5:
            self.add_token(rng, table, foreign)
        size = rng.choice(FETCH_SIZES)
        if size:
            self.session.run("ALTER FOREIGN TABLE %s OPTIONS"
                             " (fetch_size '%d')" % (foreign, size))
        for change in special.collate_columns(rng, table):
            self.session.run("ALTER FOREIGN TABLE %s %s" % (foreign, change))
        filtering = rng.choice(["true", "false"])
        if self.filtering:
            self.session.run("SET cassandra_fdw.allow_filtering = %s"
                             % filtering)
        self.session.run("CREATE TABLE %s AS SELECT * FROM %s"
                         % (local, foreign))
        self.session.run("ANALYZE " + local)
        for name in (foreign, local):
            self.session.run(special.look_up_function(rng, table, name))
        rows = self.read_copy(table, local)
        self.promise(rng, table, foreign, rows)
        return table, Runner(self.session, foreign, local), rows

    def add_token(self, rng, table, foreign):
        """A column of the partition key's token, also in the copy."""
        self.session.run(
            "ALTER FOREIGN TABLE %s ADD tk bigint OPTIONS (expression"
            " 'token(%s)')" % (foreign, ", ".join(
                tables.quote(column.name) for column in table.partition)))
        table.columns.append(tables.Column("tk", "token", values.BIGINT, rng))

    def promise(self, rng, table, foreign, rows):
        """Columns without NULLs may be declared so."""
        for column in table.clustering:
            if rng.random() < 0.5 and all(row[column.name] is not None
                                          for row in rows):
                self.session.run("ALTER FOREIGN TABLE %s ALTER %s SET NOT NULL"
                                 % (foreign, tables.quote(column.name)))

    def read_copy(self, table, local):
        """Its rows, in an order of their own; fills the columns' texts."""
        names = ", ".join(tables.quote(c.name) for c in table.columns)
        found = sorted(self.session.run("SELECT %s FROM %s" % (names, local)),
                       key=repr)
        rows = [dict(zip((c.name for c in table.columns), row))
                for row in found]
        for column in table.columns:
            column.texts = sorted({row[column.name] for row in rows}
                                  - {None})
            if column.type.family == "array":
                column.elements = sorted({row[0] for row in self.session.run(
                    "SELECT unnest(%s) FROM %s" % (
                        tables.quote(column.name), local))} - {None})
        return rows

    def forget(self, table):
        if self.options.keep:
            return
        for name in ("oracle_foreign.", "oracle_copy."):
            self.session.run("DROP FUNCTION IF EXISTS %s%s_look"
                             % (name, table.name))
        self.session.run("DROP FOREIGN TABLE oracle_foreign.%s" % table.name)
        self.session.run("DROP TABLE oracle_copy.%s" % table.name)
        self.node.drop(table)

    # ---- the queries of a table ----

    def run_table(self, number, count):
        table, runner, rows = self.prepare(number)
        for which in range(count):
            if self.options.query not in (None, which):
                continue
            rng = random.Random("%s table %d query %d" % (
                self.options.seed, number, which))
            query = Generator(rng, table, rows).query()
            self.run_query(table, runner, number, which, query)
            if self.tally.differences >= MOST_DIFFERENCES:
                break
        self.forget(table)

    def run_query(self, table, runner, number, which, query):
        tally = self.tally
        difference, answer = runner.difference(query)
        tally.queries += 1
        tally.with_rows += bool(answer.rows)
        if answer.sqlstate and difference is None:
            tally.both_failed += 1
            tally.errors.setdefault(answer.sqlstate, answer.message.strip()
                                    + " " + runner.statement(query, True))
        if tally.queries % EXPLAINED == 0:
            tally.explained += 1
            tally.pushed += runner.pushes(query)
        if difference is not None:
            tally.differences += 1
            self.show(table, runner, number, which, query, difference)
        elif self.options.query is not None or self.options.verbose:
            print("# " + runner.statement(query, True))

    def show(self, table, runner, number, which, query, difference):
        print("not ok - seed %s table %d query %d: %s" % (
            self.options.seed, number, which, difference.what))
        for statement in list(table.ddl()) + table.indexes:
            comment(statement)
        comment("query: " + runner.statement(query, True))
        query = runner.smallest(query)
        smaller = runner.difference(query)[0]
        if smaller is not None:
            difference = smaller
        comment("small: " + runner.statement(query, True))
        comment("  %s" % difference.what)
        show_rows("foreign", difference.foreign)
        show_rows("copy", difference.local)
        plan = runner.explain(query, "VERBOSE, COSTS OFF")
        for row in plan.rows or [(plan.message,)]:
            comment("  " + str(row[0]))

    # ---- the check itself ----

    def planted(self):
        """A row taken from the copy, and a value changed in it, are seen."""
        table, runner, rows = self.prepare(0)
        query = Query()
        query.outputs = Generator(random.Random(0), table, rows).outputs()
        query.outputs = [type(query.outputs[0])("t.*")] \
            if query.outputs else []
        good = runner.difference(query)[0] is None
        self.session.run("DELETE FROM %s WHERE ctid = '(0,1)'"
                         % runner.local)
        seen = runner.difference(query)[0] is not None
        self.forget(table)
        report(good and seen, "a row that is missing is seen")

    def run(self):
        options = self.options
        number = 1 if options.table is None else options.table
        if options.table is None:
            self.planted()
            self.run_many()
        while self.tally.queries < options.queries \
                and self.tally.differences < MOST_DIFFERENCES:
            count = min(PER_TABLE, options.queries - self.tally.queries)
            if options.query is not None:
                count = options.query + 1
            self.run_table(number, count)
            number += 1
            if options.table is not None:
                break
            if number % MANY_EVERY == 0:
                self.run_many()

    def run_many(self):
        """More keys at a time than one merge can hold."""
        rng = random.Random("%s many %d" % (self.options.seed,
                                            self.tally.tables))
        table = many.ManyTable(rng, "many", self.node.has_sai)
        self.node.create(table)
        runner = many.prepare(self.session, self.node.keyspace, table)
        for which, query in enumerate(many.queries(rng, table)):
            self.run_query(table, runner, self.tally.tables, which, query)
        self.forget(table)


FAILED = []


def report(good, text):
    print("%s - %s" % ("ok" if good else "not ok", text), flush=True)
    if not good:
        FAILED.append(text)


def comment(text):
    print("\n".join("#   " + line for line in text.splitlines()))


def show_rows(side, rows):
    comment("  %s only:" % side)
    for row in rows[:SHOWN_ROWS]:
        comment("    %r" % (row,))
    if len(rows) > SHOWN_ROWS:
        comment("    and %d more" % (len(rows) - SHOWN_ROWS))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("node", metavar="HOST[:PORT]")
    parser.add_argument("-n", "--queries", type=int, default=2000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--table", type=int, help="only this table")
    parser.add_argument("--query", type=int, help="only this query of it")
    parser.add_argument("--keep", action="store_true",
                        help="leave the tables")
    parser.add_argument("--flush", metavar="COMMAND", help="shell command"
                        " that makes the node write to disk what it has")
    parser.add_argument("--keyspace", default="fdw_oracle")
    parser.add_argument("--verbose", action="store_true",
                        help="show every query")
    return parser.parse_args()


def main():
    options = arguments()
    began = time.monotonic()
    oracle = Oracle(options)
    try:
        oracle.run()
    finally:
        if not options.keep:
            oracle.node.close()
    tally = oracle.tally
    took = time.monotonic() - began
    print("# %d tables, Cassandra %s, seed %s: %d queries in %.0f s,"
          " %d failed on both sides, %.0f %% gave rows, %.0f %% pushed"
          " something; %d rows refused by the server" % (
              tally.tables, oracle.node.release, options.seed, tally.queries,
              took, tally.both_failed,
              100 * tally.with_rows / max(tally.queries, 1),
              100 * tally.pushed / max(tally.explained, 1), tally.refused))
    for state, example in sorted(tally.errors.items()):
        comment("failed on both sides: %s %.600s" % (state, example))
    report(tally.queries > 0 and tally.differences == 0,
           "%d differences in %d queries" % (tally.differences,
                                             tally.queries))
    if options.table is None:
        report(tally.with_rows * 4 > tally.queries,
               "a quarter of the queries found rows")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
