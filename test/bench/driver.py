#!/usr/bin/env python3
"""The Python driver to compare with, where there is no Rust:
driver.py HOST PORT scan|lookup|keys [COUNT].  Prints what the Rust one does.
"""

import sys
import time

from cassandra.cluster import Cluster
from cassandra.concurrent import execute_concurrent_with_args

PAGE_SIZE = 5000
PARTITIONS = 5000
ROWS_A_PARTITION = 200
IN_FLIGHT = 64


def scan(session, _):
    session.default_fetch_size = PAGE_SIZE
    statement = session.prepare("SELECT p, c, n, x, t, at, u"
                                " FROM bench.readings")
    count, total = 0, 0.0
    for row in session.execute(statement, timeout=120):
        count += 1
        total += row.x + row.n
    return count, total


def lookup(session, count):
    statement = session.prepare("SELECT n FROM bench.readings"
                                " WHERE p = ? AND c = ?")
    total = 0.0
    for i in range(count):
        total += session.execute(statement, (
            i * 7919 % PARTITIONS, i % ROWS_A_PARTITION)).one().n
    return count, total


def keys(session, count):
    statement = session.prepare("SELECT id, name FROM bench.users"
                                " WHERE id = ?")
    answers = execute_concurrent_with_args(
        session, statement, [(i * 7,) for i in range(count)],
        concurrency=IN_FLIGHT)
    rows = [answer.result_or_exc.one() for answer in answers]
    return len(rows), float(sum(row.id for row in rows))


def main():
    host, port, run = sys.argv[1:4]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 2000
    cluster = Cluster([host], port=int(port))
    session = cluster.connect()
    lookup(session, 50)
    began = time.perf_counter()
    rows, total = {"scan": scan, "lookup": lookup, "keys": keys}[run](
        session, count)
    print("%.4f %d %s" % (time.perf_counter() - began, rows, total))
    cluster.shutdown()


if __name__ == "__main__":
    main()
