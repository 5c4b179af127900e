#!/usr/bin/env python3
"""The Python driver to compare with, where there is no Rust:
driver.py HOST PORT PARTITIONS RUN [COUNT [KEYSPACE]].  RUN is scan, keys,
insert-events or insert-samples, in any keyspace, or lookup, count or latest, in
the keyspace "bench".  Prints what the Rust one does.
"""

import sys
import time

from cassandra import ConsistencyLevel
from cassandra.cluster import Cluster
from cassandra.concurrent import execute_concurrent_with_args

PAGE_SIZE = 5000
ROWS_A_PARTITION = 200
IN_FLIGHT = 64
WRITES_IN_FLIGHT = 512


def scan(session, _, __, keyspace):
    session.default_fetch_size = PAGE_SIZE
    statement = session.prepare("SELECT p, c, n, x, t, at, u"
                                " FROM %s.readings" % keyspace)
    count, total = 0, 0.0
    for row in session.execute(statement, timeout=120):
        count += 1
        total += row.x + row.n
    return count, total


def lookup(session, count, partitions, _):
    statement = session.prepare("SELECT n FROM bench.readings"
                                " WHERE p = ? AND c = ?")
    total = 0.0
    for i in range(count):
        total += session.execute(statement, (
            i * 7919 % partitions, i % ROWS_A_PARTITION)).one().n
    return count, total


def keys(session, count, _, keyspace):
    statement = session.prepare("SELECT id, name FROM %s.users"
                                " WHERE id = ?" % keyspace)
    answers = execute_concurrent_with_args(
        session, statement, [(i * 7,) for i in range(count)],
        concurrency=IN_FLIGHT)
    rows = [answer.result_or_exc.one() for answer in answers]
    return len(rows), float(sum(row.id for row in rows))


def count_rows(session, *_):
    """All rows, by one statement."""
    one = session.execute("SELECT count(*) FROM bench.readings",
                          timeout=120).one()
    return 1, float(one[0])


def latest(session, count, *_):
    """The last ten rows of a large partition, again and again."""
    statement = session.prepare("SELECT ts, v FROM bench.series WHERE p = ?"
                                " ORDER BY ts DESC LIMIT 10")
    total = 0.0
    for _ in range(count):
        total += sum(row.v for row in session.execute(statement, (1,)))
    return count * 10, total


def insert(session, text, rows):
    statement = session.prepare(text)
    statement.consistency_level = ConsistencyLevel.LOCAL_QUORUM
    execute_concurrent_with_args(session, statement, rows,
                                 concurrency=WRITES_IN_FLIGHT)


def insert_events(session, count, _, keyspace):
    insert(session, "INSERT INTO %s.events (id, n, v) VALUES (?, ?, ?)"
           % keyspace,
           ((i, i * 8, "event %d" % (i % 1000)) for i in range(count)))
    return count, 0.0


def insert_samples(session, count, _, keyspace):
    insert(session, "INSERT INTO %s.samples (p, c, v) VALUES (?, ?, ?)"
           % keyspace, ((i // 200, i % 200, i / 4) for i in range(count)))
    return count, 0.0


RUNS = {"insert-events": insert_events, "insert-samples": insert_samples,
        "scan": scan, "lookup": lookup, "keys": keys, "count": count_rows,
        "latest": latest}


def main():
    host, port, partitions, run = sys.argv[1:5]
    count = int(sys.argv[5]) if len(sys.argv) > 5 else 2000
    cluster = Cluster([host], port=int(port))
    session = cluster.connect()
    keyspace = sys.argv[6] if len(sys.argv) > 6 else "bench"
    if keyspace == "bench":
        lookup(session, 50, int(partitions), keyspace)
    began = time.perf_counter()
    rows, total = RUNS[run](session, count, int(partitions), keyspace)
    print("%.4f %d %s" % (time.perf_counter() - began, rows, total))
    cluster.shutdown()


if __name__ == "__main__":
    main()
