#!/usr/bin/env python3
"""Measures how time grows: bench_growth.py PORT ROWS ADDRESS NODES DRIVER...

With the rows of a table that is written and read, the keys of a join, and the
sessions that look rows up, on three nodes; with the nodes where it is run on
one and two as well.  Tables go up to ROWS, a power of ten.  The driver reads the
same tables and keys, as in bench.py, by turns; the best of three times counts.
"""

import sys
import time

import bench

ROUNDS = 3
SMALLEST = 10_000
LARGEST = 3  # nodes: the cluster that all is measured on
KEYS = 7  # every seventh user is asked for
MOST_KEYS = 100_000
SESSIONS = (1, 2, 4, 8, 16, 32, 64)
LOOKUPS = 400  # of each session

DDL = """DROP KEYSPACE IF EXISTS %(keyspace)s;
CREATE KEYSPACE %(keyspace)s WITH replication =
    {'class': 'NetworkTopologyStrategy', 'dc1': 1};
CREATE TABLE %(keyspace)s.readings (p int, c int, n bigint, x double, t text,
    at timestamp, u uuid, PRIMARY KEY (p, c));
CREATE TABLE %(keyspace)s.users (id int PRIMARY KEY, name text, email text,
    score double)"""
SERVER = """
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS growth CASCADE;
CREATE SERVER growth FOREIGN DATA WRAPPER cassandra_fdw OPTIONS (
    host '%s', port '%s', local_datacenter 'dc1', read_consistency 'ONE',
    request_timeout '60s');
CREATE USER MAPPING FOR CURRENT_USER SERVER growth;
"""
READINGS = """INSERT INTO %s.readings (p, c, n, x, t, at, u)
SELECT g / 200, g %% 200, g, g / 8.0, 'reading ' || g %% 1000,
    '2025-01-01'::timestamptz + g * interval '1 s', gen_random_uuid()
FROM generate_series(0, %d - 1) AS g"""
USERS = """INSERT INTO %s.users (id, name, email, score)
SELECT g, 'user ' || g, 'user' || g || '@example.org', g / 4.0
FROM generate_series(0, %d - 1) AS g"""
SCAN = ("SELECT count(*), sum(x + n), count(t), count(at), count(u), sum(p),"
        " sum(c) FROM %s.readings")
JOIN = """SELECT count(*), sum(u.id), count(u.name) FROM pg_temp.keys AS k
JOIN %s.users AS u ON u.id = k.id"""


def make_tables(session, keyspace):
    for statement in (DDL % {"keyspace": keyspace}).split(";"):
        session.run("SELECT cassandra_execute('growth', $cql$%s$cql$)"
                    % statement.strip())
    session.run("DROP SCHEMA IF EXISTS %s CASCADE; CREATE SCHEMA %s;"
                "IMPORT FOREIGN SCHEMA %s FROM SERVER growth INTO %s"
                % ((keyspace,) * 4))


def best(name, ours, theirs):
    """The best time of each, where the answers agree."""
    mine, other = [], []
    for _ in range(ROUNDS):
        seconds, answer = ours()
        their_seconds, their_answer = theirs()
        if answer != their_answer:
            raise RuntimeError("%s: we say %s, the driver %s"
                               % (name, answer, their_answer))
        mine.append(seconds)
        other.append(their_seconds)
    return min(mine), min(other)


def measure_table(session, ask, keyspace, rows):
    """Times to write, and to read: ours and the driver's."""
    make_tables(session, keyspace)
    written, _ = session.timed(READINGS % (keyspace, rows))

    def ours():
        seconds, lines = session.timed(SCAN % keyspace)
        words = lines[0].split()
        return seconds, (int(words[0]), float(words[1]))

    def theirs():
        seconds, count, total = ask("scan", "0", keyspace)
        return seconds, (count, total)

    return written, best("scan", ours, theirs)


def grow_keys(session, ask, keyspace, rows):
    session.run(USERS % (keyspace, rows))
    count = 1
    while count <= min(MOST_KEYS, rows // KEYS):
        session.run("DROP TABLE IF EXISTS pg_temp.keys;"
                    "CREATE TEMP TABLE keys AS SELECT i * %d AS id"
                    " FROM generate_series(0, %d - 1) AS i; ANALYZE keys"
                    % (KEYS, count))

        def ours():
            seconds, lines = session.timed(JOIN % keyspace)
            return seconds, float(lines[0].split()[1])

        def theirs():
            seconds, _, total = ask("keys", str(count), keyspace)
            return seconds, total

        bench.grow("keys of a join", count, *best("join", ours, theirs))
        count *= 10


def time_sessions(sessions, statement):
    began = time.perf_counter()
    for one in sessions:
        one.process.stdin.write(statement)
        one.process.stdin.flush()
    for one in sessions:
        while one.process.stdout.readline().strip() != "=end=":
            pass
    return time.perf_counter() - began


def grow_sessions(session, keyspace, rows):
    """The time in which so many sessions are all done with their look-ups."""
    session.run(bench.LOOKUPS_FUNCTION % (keyspace, keyspace, rows // 200))
    statement = "SELECT %s.lookups(%d);\n\\echo =end=\n" % (keyspace, LOOKUPS)
    for count in SESSIONS:
        sessions = [bench.Session() for _ in range(count)]
        for one in sessions:
            one.run("SELECT %s.lookups(5)" % keyspace)
        seconds = min(time_sessions(sessions, statement)
                      for _ in range(ROUNDS))
        for one in sessions:
            one.close()
        bench.grow("sessions with %d look-ups each" % LOOKUPS, count, seconds,
                   None)


def main():
    port, rows, address, nodes = sys.argv[1:5]
    command = sys.argv[5:]
    rows, nodes = int(rows), int(nodes)
    session = bench.Session()
    session.run(SERVER % (address, port))

    def ask(*words):
        return bench.driver(command, port, address, str(rows // 200), *words)

    size = rows if nodes < LARGEST else SMALLEST
    while size <= rows:
        keyspace = "bench_%d" % size
        written, read = measure_table(session, ask, keyspace, size)
        if nodes == LARGEST:
            bench.grow("rows written", size, written, None)
            bench.grow("rows read", size, *read)
        size *= 10
    name = "nodes, of %s rows %%s" % format(rows, ",")
    bench.grow(name % "written", nodes, written, None)
    bench.grow(name % "read", nodes, *read)
    if nodes == LARGEST:
        grow_keys(session, ask, keyspace, rows)
        grow_sessions(session, keyspace, rows)
    session.close()
    bench.print_table("bench_growth_%d" % nodes)


if __name__ == "__main__":
    main()
