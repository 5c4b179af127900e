#!/usr/bin/env python3
"""Fills the keyspace of the benches: load.py PORT PARTITIONS ADDRESS...

200 readings of seven columns in each partition, a series with as many rows
in one single partition, and as many users, a partition each; one process for
each node.
"""

import datetime
import multiprocessing
import os
import sys
import time
import uuid

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "..", "cassandra"))
import cqlwire  # noqa: E402

ROWS_A_PARTITION = 200
BATCH_ROWS = 100
WINDOW = 32
START = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)

SCHEMA = """
DROP KEYSPACE IF EXISTS bench;
CREATE KEYSPACE bench WITH replication =
    {'class': 'NetworkTopologyStrategy', 'dc1': 1};
CREATE TABLE bench.readings (p int, c int, n bigint, x double, t text,
    at timestamp, u uuid, PRIMARY KEY (p, c));
CREATE TABLE bench.series (p int, ts timestamp, v double,
    PRIMARY KEY (p, ts));
CREATE TABLE bench.users (id int PRIMARY KEY, name text, email text,
    score double);
"""


def partition(prepared, p):
    rows = []
    for c in range(ROWS_A_PARTITION):
        number = p * ROWS_A_PARTITION + c
        rows.append(cqlwire.row_values(prepared, [
            p, c, number, number / 8, "reading %d" % (number % 1000),
            START + datetime.timedelta(seconds=number),
            uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835
                      % (1 << 128))]))
    for first in range(0, len(rows), BATCH_ROWS):
        yield cqlwire.batch_body(prepared, rows[first:first + BATCH_ROWS])


def series(prepared, partitions, part, parts):
    """The rows of one partition, a share of them for each process."""
    total = partitions * ROWS_A_PARTITION
    for first in range(part * BATCH_ROWS, total, parts * BATCH_ROWS):
        yield cqlwire.batch_body(prepared, [cqlwire.row_values(prepared, [
            1, START + datetime.timedelta(seconds=number), number / 4])
            for number in range(first, min(first + BATCH_ROWS, total))])


def insert_into(connection, table, columns):
    return connection.prepare("INSERT INTO bench.%s (%s) VALUES (%s)" % (
        table, ", ".join(columns), ", ".join("?" * len(columns))))


def fill(address, port, partitions, part, parts):
    with cqlwire.Connection(address, port) as connection:
        readings = insert_into(connection, "readings",
                               ["p", "c", "n", "x", "t", "at", "u"])
        connection.pipeline((body for p in range(part, partitions, parts)
                             for body in partition(readings, p)),
                            window=WINDOW)
        rows = insert_into(connection, "series", ["p", "ts", "v"])
        connection.pipeline(series(rows, partitions, part, parts),
                            window=WINDOW)
        users = insert_into(connection, "users",
                            ["id", "name", "email", "score"])
        connection.pipeline((cqlwire.batch_body(users, [cqlwire.row_values(
            users, [i, "user %d" % i, "user%d@example.org" % i, i / 4])])
            for i in range(part, partitions * ROWS_A_PARTITION, parts)),
            window=WINDOW)


def main():
    port, partitions = int(sys.argv[1]), int(sys.argv[2])
    addresses = sys.argv[3:]
    began = time.monotonic()
    with cqlwire.Connection(addresses[0], port) as connection:
        for statement in cqlwire.split_statements(SCHEMA):
            connection.query(statement)
    processes = [multiprocessing.Process(target=fill, args=(
        address, port, partitions, part, len(addresses)))
        for part, address in enumerate(addresses)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        sys.exit("loading failed")
    print("loaded %d rows in %.1f s" % (
        3 * partitions * ROWS_A_PARTITION, time.monotonic() - began))


if __name__ == "__main__":
    main()
