#!/usr/bin/env python3
"""Data of the topic analyze: analyze.py HOST PORT.

fdw_analyze.many has 2,000 partitions of 20 rows and 10 partitions without
rows, fdw_analyze.one has 30,000 rows in one partition.
"""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cassandra"))
import cqlwire  # noqa: E402

COLOURS = ["red"] * 8 + ["green"] * 3 + ["blue"]


def statement(connection, table, columns):
    names = columns.split()
    return connection.prepare("INSERT INTO fdw_analyze.%s (%s) VALUES (%s)" % (
        table, ", ".join(names), ", ".join("?" * len(names))))


def many(noted, bare, static):
    """Rows without a note are written without it: a null is a tombstone."""
    for p in range(2000):
        values = [[p, c, COLOURS[(p * 20 + c) % len(COLOURS)]]
                  for c in range(20)]
        yield cqlwire.batch_body(bare, [cqlwire.row_values(bare, row)
                                        for row in values if row[1] % 4])
        yield cqlwire.batch_body(noted, [
            cqlwire.row_values(noted, row + ["note %d" % p])
            for row in values if row[1] % 4 == 0])
    for p in range(2000, 2010):
        yield cqlwire.batch_body(static, [cqlwire.row_values(static,
                                                             [p, "static"])])


def one(rows):
    for first in range(0, 30000, 100):
        yield cqlwire.batch_body(rows, [cqlwire.row_values(
            rows, [1, c, "v"]) for c in range(first, first + 100)])


def main():
    with cqlwire.Connection(sys.argv[1], int(sys.argv[2])) as connection:
        connection.pipeline(many(
            statement(connection, "many", "p c colour note"),
            statement(connection, "many", "p c colour"),
            statement(connection, "many", "p s")), window=32)
        connection.pipeline(one(statement(connection, "one", "p c v")),
                            window=32)


if __name__ == "__main__":
    main()
