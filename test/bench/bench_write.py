#!/usr/bin/env python3
"""Measures bulk loads against a driver and against cqlsh:
bench_write.py PORT ROWS ADDRESS REPLICAS CQLSH DRIVER...

The driver sends a row a request with the same window; cqlsh reads the same
file as our COPY FROM.  After each load the rows are counted.  Like bench.py
it judges nothing by itself.
"""

import os
import subprocess
import sys
import tempfile
import time

import bench

WINDOW = 512
ROUNDS = 3
LONG = 500_000  # rows from which on a load is long enough to be run once

DDL = """DROP KEYSPACE IF EXISTS bench_write%(replicas)d;
CREATE KEYSPACE bench_write%(replicas)d WITH replication =
    {'class': 'NetworkTopologyStrategy', 'dc1': %(replicas)d};
CREATE TABLE bench_write%(replicas)d.events (id int PRIMARY KEY, n bigint,
    v text);
CREATE TABLE bench_write%(replicas)d.samples (p int, c int, v double,
    PRIMARY KEY (p, c))"""

SETUP = """
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS bench_write CASCADE;
CREATE SERVER bench_write FOREIGN DATA WRAPPER cassandra_fdw OPTIONS (
    host '%s', port '%s', max_in_flight '%d');
CREATE USER MAPPING FOR CURRENT_USER SERVER bench_write;
"""

SOURCES = {
    "events": "SELECT g AS id, g::bigint * 8 AS n, 'event ' || g %% 1000 AS v"
              " FROM generate_series(0, %d - 1) AS g",
    "samples": "SELECT g / 200 AS p, g %% 200 AS c, g / 4.0::float8 AS v"
               " FROM generate_series(0, %d - 1) AS g",
}


class Loads:
    """Loads of one keyspace, ours and theirs by turns."""

    def __init__(self, session, keyspace, rows, ask):
        self.session = session
        self.keyspace = keyspace
        self.rows = rows
        self.ask = ask

    def check(self, table, what):
        count = self.session.run("SELECT count(*) FROM %s.%s"
                                 % (self.keyspace, table))
        if count != [str(self.rows)]:
            raise RuntimeError("%s: %s rows of %d" % (what, count, self.rows))

    def timed(self, table, what, load):
        self.session.run("TRUNCATE %s.%s" % (self.keyspace, table))
        began = time.perf_counter()
        seconds = load()  # a driver leaves out how it connects
        if not isinstance(seconds, float):
            seconds = time.perf_counter() - began
        self.check(table, what)
        return seconds

    def compare(self, name, table, target, ours, theirs, their_name):
        mine, other = [], []
        for _ in range(ROUNDS if self.rows < LONG else 1):
            mine.append(self.timed(table, name, ours))
            try:
                other.append(self.timed(table, their_name, theirs))
            except RuntimeError as error:
                print("%s: %.3f s, and %s failed: %s" % (
                    name, mine[-1], their_name, error), flush=True)
                return
        bench.tell(name, mine, other, target, their_name)

    def insert(self, table):
        self.session.run("INSERT INTO %s.%s SELECT * FROM (%s) AS q"
                         % (self.keyspace, table, SOURCES[table] % self.rows))

    def drive(self, table):
        return self.ask("insert-" + table, str(self.rows), self.keyspace)[0]


def make_tables(session, replicas):
    keyspace = "bench_write%d" % replicas
    for statement in (DDL % {"replicas": replicas}).split(";"):
        session.run("SELECT cassandra_execute('bench_write', $cql$%s$cql$)"
                    % statement.strip())
    session.run("DROP SCHEMA IF EXISTS %s CASCADE; CREATE SCHEMA %s;"
                "IMPORT FOREIGN SCHEMA %s FROM SERVER bench_write INTO %s"
                % ((keyspace,) * 4))
    return keyspace


def cqlsh_copy(cqlsh, address, port, keyspace, path):
    """What it does not manage in its five attempts it tries more often."""
    done = subprocess.run(
        [cqlsh, address, port, "--request-timeout=60", "-e",
         "CONSISTENCY LOCAL_QUORUM; COPY %s.events (id, n, v) FROM '%s'"
         " WITH MAXATTEMPTS = 50" % (keyspace, path)],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True)
    if done.returncode != 0:
        raise RuntimeError("cqlsh: %s" % done.stdout[-600:])


def main():
    port, rows, address, replicas, cqlsh = sys.argv[1:6]
    command = sys.argv[6:]
    session = bench.Session()

    def ask(*words):
        return bench.driver(command, port, address, "1", *words)

    session.run(SETUP % (address, port, WINDOW))
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        path = os.path.join(directory, "events.csv")
        session.run("COPY (%s) TO '%s' (FORMAT csv)"
                    % (SOURCES["events"] % int(rows), path))
        for factor in sorted({1, int(replicas)}):
            keyspace = make_tables(session, factor)
            loads = Loads(session, keyspace, int(rows), ask)
            session.reset_peak()
            loads.compare("INSERT of %s rows, RF %d" % (
                format(int(rows), ","), factor), "events", 0.83,
                lambda: loads.insert("events"),
                lambda: loads.drive("events"), "driver")
            bench.tell_figure("the backend's peak, RF %d" % factor,
                              "%.1f MB" % session.memory("VmHWM"), "64 MB")
            loads.compare("COPY FROM, RF %d" % factor, "events", 1.0,
                          lambda: session.run(
                              "COPY %s.events (id, n, v) FROM '%s'"
                              " (FORMAT csv)" % (keyspace, path)),
                          lambda: cqlsh_copy(cqlsh, address, port, keyspace,
                                             path), "cqlsh")
            loads.compare("series, 200 rows a partition, RF %d" % factor,
                          "samples", 0.25, lambda: loads.insert("samples"),
                          lambda: loads.drive("samples"), "driver")
    session.close()
    bench.print_table()


if __name__ == "__main__":
    main()
