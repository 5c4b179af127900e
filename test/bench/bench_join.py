#!/usr/bin/env python3
"""Measures joins with local tables, cursors and updates by key:
bench_join.py PORT PARTITIONS ADDRESS DRIVER...

It stands beside bench.py, which made the foreign tables.  The driver gets
the same keys, 64 requests in flight.
"""

import sys

import bench

ROUNDS = 3
KEYS = (20, 5_000, 100_000)
TARGETS = {20: 2.0, 5_000: 1.2, 100_000: 1.2}

JOIN = ("SELECT count(*), sum(u.id), count(u.name) FROM bench.keys_%d AS k"
        " JOIN bench.users AS u ON u.id = k.id")
ROWS = "SELECT p, c, n, x FROM bench.readings"
UPDATE = ("UPDATE bench.users AS u SET score = u.score + 1"
          " FROM bench.keys_%d AS k WHERE u.id = k.id")


def make_keys(session, count):
    session.run("DROP TABLE IF EXISTS bench.keys_%d;"
                "CREATE TABLE bench.keys_%d AS"
                " SELECT i * 7 AS id FROM generate_series(0, %d - 1) AS i;"
                "ANALYZE bench.keys_%d" % (count, count, count, count))


def join(session, count):
    seconds, lines = session.timed(JOIN % count)
    return seconds, float(lines[0].split()[1])


def bench_keys(session, ask, count):
    def theirs():
        seconds, _, total = ask("keys", str(count))
        return seconds, total

    bench.turns("join with %s keys" % format(count, ","), TARGETS[count],
                lambda: join(session, count), theirs,
                rounds=bench.SHORT_ROUNDS if count < 1_000 else ROUNDS)


def bench_hash(session):
    """The same join over a scan of the table."""
    def hashed():
        session.run("SET cassandra_fdw.enable_keyjoin = off;"
                    "SET enable_nestloop = off")
        answer = join(session, 20)
        session.run("RESET cassandra_fdw.enable_keyjoin;"
                    "RESET enable_nestloop")
        return answer

    bench.turns("join with 20 keys, beside a hash join", 0.01,
                lambda: join(session, 20), hashed, "hash join", rounds=1)


def bench_cursor(session, rows):
    """All rows by a cursor, 1,000 at a time, and by one query."""
    def read(count):
        session.run("\\o /dev/null\n\\set FETCH_COUNT %d\nSELECT 1" % count)
        seconds, _ = session.timed(ROWS)
        session.run("\\set FETCH_COUNT 0\n\\o\nSELECT 1")
        return seconds, None

    bench.turns("%s rows by a cursor" % format(rows, ","), 1.15,
                lambda: read(1000), lambda: read(0), "query", rounds=ROUNDS)


def bench_update(session, ask, count):
    def ours():
        return session.timed(UPDATE % count)[0], None

    def theirs():
        return ask("update", str(count))[0], None

    bench.turns("UPDATE of %s rows from a table" % format(count, ","), 1.43,
                ours, theirs, rounds=ROUNDS)


def main():
    port, partitions, address = sys.argv[1:4]
    command = sys.argv[4:]
    rows = int(partitions) * 200

    def ask(*words):
        return bench.driver(command, port, address, partitions, *words)

    session = bench.Session()
    session.run("SET client_min_messages = warning")
    counts = [count for count in KEYS if count * 7 <= rows]
    for count in counts:
        make_keys(session, count)
    for count in counts:
        bench_keys(session, ask, count)
    bench_hash(session)
    bench_cursor(session, rows)
    bench_update(session, ask, counts[-1])
    session.close()
    bench.print_table()


if __name__ == "__main__":
    main()
