#!/usr/bin/env python3
"""Writes many rows and reads them back, in little memory:
soak.py PORT ADDRESS REPLICAS ROWS

PostgreSQL is the one the PG* variables name.  Prints a line "ok" or "not ok"
for each thing it asserts; the exit status tells whether all was well.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "bench"))

import bench  # noqa: E402

MEMORY = 64  # MB, of the backend, at its peak

SETUP = """
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS soak CASCADE;
CREATE SERVER soak FOREIGN DATA WRAPPER cassandra_fdw
    OPTIONS (host '%s', port '%s');
CREATE USER MAPPING FOR CURRENT_USER SERVER soak
"""

DDL = """DROP KEYSPACE IF EXISTS soak;
CREATE KEYSPACE soak WITH replication =
    {'class': 'NetworkTopologyStrategy', 'dc1': %s};
CREATE TABLE soak.events (id int PRIMARY KEY, n bigint, v text);
CREATE TABLE soak.samples (p int, c int, v text, PRIMARY KEY (p, c))"""

IMPORT = """
DROP SCHEMA IF EXISTS soak CASCADE;
CREATE SCHEMA soak;
IMPORT FOREIGN SCHEMA soak FROM SERVER soak INTO soak
"""

COLUMNS = {"events": "id, n, v", "samples": "p, c, v"}
# Rows of a partition of their own, and 200 of each partition.
SELECTS = {
    "events": "SELECT g, g::bigint * 8, 'event ' || g %% 1000"
              " FROM generate_series(0, %d - 1) AS g",
    "samples": "SELECT g / 200, g %% 200, 'sample ' || g %% 1000"
               " FROM generate_series(0, %d - 1) AS g",
}
PROGRAMS = {
    "events": r'printf "%d\t%.0f\tevent %d\n", g, g * 8, g % 1000',
    "samples": r'printf "%d\t%d\tsample %d\n", g / 200, g % 200, g % 1000',
}
KEYS = {"events": "id", "samples": "p * 200 + c"}


class Soak:
    def __init__(self, session, rows):
        self.session = session
        self.rows = rows
        self.bad = 0

    def judge(self, good, what):
        print("%s - %s" % ("ok" if good else "not ok", what), flush=True)
        self.bad += not good

    def ask(self, what, sql, right):
        """Runs a statement; its answer and its memory must be right."""
        self.session.reset_peak()
        seconds, lines = self.session.timed(sql)
        peak = self.session.memory("VmHWM")
        self.judge(lines == right, "%s: %.1f s, %s" % (
            what, seconds, "as it must be" if lines == right else lines))
        self.judge(peak < MEMORY, "%s: the backend's peak is %.1f MB, of at "
                   "most %d" % (what, peak, MEMORY))

    def load(self, table, what, sql):
        count = format(self.rows, ",")

        self.session.run("TRUNCATE soak." + table)
        self.ask("%s of %s %s" % (what, count, table), sql, [])
        self.ask("count(*) of the %s" % table,
                 "SELECT count(*) FROM soak." + table, [str(self.rows)])
        self.ask("the keys of all %s" % table,
                 "SELECT count(%s), sum(%s), min(%s), max(%s) FROM soak.%s"
                 % ((KEYS[table],) * 4 + (table,)),
                 ["%d %d 0 %d" % (self.rows, self.rows * (self.rows - 1) // 2,
                                  self.rows - 1)])

    def run(self, table):
        target = "soak.%s (%s)" % (table, COLUMNS[table])
        program = "awk 'BEGIN { for (g = 0; g < %d; g++) %s }'" % (
            self.rows, PROGRAMS[table])

        self.load(table, "INSERT", "INSERT INTO %s %s" % (
            target, SELECTS[table] % self.rows))
        self.load(table, "COPY", "COPY %s FROM PROGRAM $soak$%s$soak$" % (
            target, program))


def main():
    port, address, replicas, rows = sys.argv[1:]
    began = time.monotonic()
    session = bench.Session()

    session.run(SETUP % (address, port))
    for statement in (DDL % replicas).split(";"):
        session.run("SELECT cassandra_execute('soak', $cql$%s$cql$)"
                    % statement.strip())
    session.run(IMPORT)
    # The compiler that PostgreSQL loads for long queries takes 50 MB.
    session.run("SET jit = off")
    soak = Soak(session, int(rows))
    for table in SELECTS:
        soak.run(table)
    session.close()
    print("%d failed, in %.0f s" % (soak.bad, time.monotonic() - began))
    return 1 if soak.bad else 0


if __name__ == "__main__":
    sys.exit(main())
