#!/usr/bin/env python3
"""Fills a table (p int, c int, v text, PRIMARY KEY (p, c)):
fill.py HOST PORT TABLE PARTITIONS ROWS_A_PARTITION BYTES_A_ROW.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "..", "cassandra"))
import cqlwire  # noqa: E402

BATCH_BYTES = 40_000  # nodes refuse batches of 50 KiB
WINDOW = 32


def batches(prepared, partitions, rows, size):
    step = max(BATCH_BYTES // (size + 50), 1)
    text = "x" * size
    for p in range(partitions):
        for first in range(0, rows, step):
            yield cqlwire.batch_body(prepared, [
                cqlwire.row_values(prepared, [p, c, text])
                for c in range(first, min(first + step, rows))])


def main():
    host, port, table = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with cqlwire.Connection(host, port) as connection:
        prepared = connection.prepare(
            "INSERT INTO %s (p, c, v) VALUES (?, ?, ?)" % table)
        connection.pipeline(batches(prepared, *map(int, sys.argv[4:7])),
                            window=WINDOW)


if __name__ == "__main__":
    main()
