#!/usr/bin/env python3
"""Measures the extension against a driver:
bench.py PORT PARTITIONS ADDRESS PYTHON DRIVER...

PostgreSQL is the one the PG* variables name; DRIVER is the command of the
driver's program, without its arguments, and PYTHON an interpreter that has
the Python driver, which is compared with where the page size counts: the
server goes through a table by it even for an aggregate.  The runs of both take turns, so
that the machine's mood spoils neither; medians are compared.  It judges
nothing by itself: the targets stand beside the figures.  At the end comes a
table of them, ready for the README; where BENCH_JSON names a directory, they
go there as well, into a file named as the program.
"""

import json
import os
import statistics
import subprocess
import sys
import time

ROUNDS = 5
SHORT_ROUNDS = 15  # of what takes some tenths of a second
LOOKUPS = 2000
KEYS = 2000
LATEST = 50
MERGED = 1000
TABLE = []
FIGURES = {"ratios": [], "growth": []}
TICK = os.sysconf("SC_CLK_TCK")

SETUP = """
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS bench CASCADE;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SERVER bench FOREIGN DATA WRAPPER cassandra_fdw OPTIONS (
    host '%s', port '%s', local_datacenter 'dc1', read_consistency 'ONE');
CREATE USER MAPPING FOR CURRENT_USER SERVER bench;
CREATE SCHEMA bench;
IMPORT FOREIGN SCHEMA bench FROM SERVER bench INTO bench;
CREATE FUNCTION bench.latest(count int) RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE total float8 := 0; one float8;
BEGIN
    FOR i IN 1 .. count LOOP
        SELECT sum(v) INTO STRICT one FROM (
            SELECT ts, v FROM bench.series WHERE p = 1
            ORDER BY ts DESC LIMIT 10) AS q;
        total := total + one;
    END LOOP;
    RETURN total;
END $$;
"""

# keyspace, keyspace, partitions
LOOKUPS_FUNCTION = """
CREATE FUNCTION %s.lookups(count int) RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE total numeric := 0; one bigint;
BEGIN
    FOR i IN 0 .. count - 1 LOOP
        SELECT n INTO STRICT one FROM %s.readings
        WHERE p = i * 7919 %% %d AND c = i %% 200;
        total := total + one;
    END LOOP;
    RETURN total;
END $$;
"""

SCAN = ("SELECT count(*), sum(x + n), count(t), count(at), count(u), sum(p),"
        " sum(c) FROM bench.readings")
# Much to do for each row.
DOCUMENT = "jsonb_build_object('n', n, 'at', at, 'texts', ARRAY[t, t || u])"
COSTLY = ("SELECT sum((%s::text::jsonb ->> 'n')::bigint),"
          " max(md5(%s::text)) FROM bench.known" % (DOCUMENT, DOCUMENT))
KEYS_QUERY = ("PREPARE keys(int[]) AS SELECT count(*), sum(id), count(name)"
              " FROM bench.users WHERE id = ANY($1)")


class Session:
    """psql at the other end of a pipe, and its backend's figures."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-F", " ",
             "-v", "ON_ERROR_STOP=1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = int(self.run("SELECT pg_backend_pid()")[0])

    def run(self, sql):
        self.process.stdin.write(sql + ";\n\\echo =end=\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.strip() == "=end=":
                return lines
            lines.append(line.strip())
        raise RuntimeError("psql ended")

    def timed(self, sql):
        began = time.perf_counter()
        lines = self.run(sql)
        return time.perf_counter() - began, lines

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def cpu(self):
        with open("/proc/%d/stat" % self.pid, encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self, name):
        """VmRSS or VmHWM in MB."""
        with open("/proc/%d/status" % self.pid, encoding="ascii") as file:
            for line in file:
                if line.startswith(name + ":"):
                    return int(line.split()[1]) / 1024
        raise RuntimeError("no " + name)

    def reset_peak(self):
        with open("/proc/%d/clear_refs" % self.pid, "w",
                  encoding="ascii") as file:
            file.write("5")


def driver(command, port, address, partitions, *words):
    done = subprocess.run([*command, address, port, partitions, *words],
                          check=True, stdout=subprocess.PIPE, text=True)
    seconds, rows, total = done.stdout.split()
    return float(seconds), int(rows), float(total)


def tell(name, mine, other, target, their_name="driver"):
    ratio = statistics.median(mine) / statistics.median(other)
    wanted = "" if target is None else "%.2f" % target
    print("%-34s %8.3f s  %s %8.3f s  ratio %5.2f%s" % (
        name, statistics.median(mine), their_name, statistics.median(other),
        ratio, wanted and "  (wanted: <= %s)" % wanted), flush=True)
    print("%34s ours %s, %s %s" % (
        "", " ".join("%.3f" % one for one in mine), their_name,
        " ".join("%.3f" % one for one in other)), flush=True)
    TABLE.append((name, "%.3f s" % statistics.median(mine),
                  "%s: %.3f s" % (their_name, statistics.median(other)),
                  "%.2f" % ratio, wanted))
    FIGURES["ratios"].append({"name": name, "seconds": mine, "beside": their_name,
                              "their_seconds": other, "target": target})


def grow(name, count, seconds, their_seconds):
    """One point of a curve."""
    print("%-34s %10s  %8.4f s%s" % (
        name, format(count, ","), seconds,
        "" if their_seconds is None else "  driver %8.4f s" % their_seconds),
        flush=True)
    FIGURES["growth"].append({"name": name, "count": count,
                              "seconds": seconds,
                              "their_seconds": their_seconds})


def tell_figure(name, figure, target):
    print("%-34s %s  (wanted: < %s)" % (name, figure, target), flush=True)
    TABLE.append((name, figure, "", "", "< " + target))


def turns(name, target, ours, theirs, their_name="driver", rounds=ROUNDS):
    """Medians of both, taking turns; the answers have to agree."""
    mine, other = [], []
    for _ in range(rounds):
        seconds, answer = ours()
        their_seconds, their_answer = theirs()
        if answer != their_answer:
            raise RuntimeError("%s: we say %s, the %s %s"
                               % (name, answer, their_name, their_answer))
        mine.append(seconds)
        other.append(their_seconds)
    tell(name, mine, other, target, their_name)


def bench_scan(session, ask, rows):
    grown, used = [], []

    def ours():
        session.reset_peak()
        before, cpu = session.memory("VmRSS"), session.cpu()
        seconds, lines = session.timed(SCAN)
        grown.append(session.memory("VmHWM") - before)
        used.append(session.cpu() - cpu)
        words = lines[0].split()
        return seconds, (int(words[0]), float(words[1]))

    def theirs():
        seconds, rows, total = ask("scan")
        return seconds, (rows, total)

    session.run("SELECT count(*) FROM bench.users WHERE id = 1")
    turns("scan of %s rows" % format(rows, ","), 0.6, ours, theirs)
    tell_figure("the scan: the backend's CPU",
                "%.2f s" % statistics.median(used), "0.6 s")
    tell_figure("the scan: growth of the backend", "%.1f MB" % max(grown),
                "32 MB")


def bench_lookups(session, ask):
    def ours():
        seconds, lines = session.timed("SELECT bench.lookups(%d)" % LOOKUPS)
        return seconds, float(lines[0])

    def theirs():
        seconds, _, total = ask("lookup", str(LOOKUPS))
        return seconds, total

    session.run("SELECT bench.lookups(50)")
    turns("%s look-ups in a loop" % format(LOOKUPS, ","), 1.15, ours, theirs)


def bench_keys(session, ask):
    ids = ",".join(str(i * 7) for i in range(KEYS))

    def ours():
        seconds, lines = session.timed("EXECUTE keys('{%s}')" % ids)
        return seconds, float(lines[0].split()[1])

    def theirs():
        seconds, _, total = ask("keys", str(KEYS))
        return seconds, total

    session.run(KEYS_QUERY)
    session.run("EXECUTE keys('{1,2,3}')")
    turns("%s keys by = ANY($1)" % format(KEYS, ","), 1.3, ours, theirs,
          rounds=SHORT_ROUNDS)


def bench_count(session, ask, ask_python, rows):
    def ours():
        seconds, lines = session.timed("SELECT count(*) FROM bench.readings")
        return seconds, float(lines[0])

    def answer(asked):
        seconds, _, total = asked("count")
        return seconds, total

    name = "count(*) of %s rows" % format(rows, ",")
    turns(name, 0.6, ours, lambda: answer(ask_python), "statement in pages")
    turns(name, None, ours, lambda: answer(ask), "statement without pages")


def bench_latest(session, ask, rows):
    def ours():
        seconds, lines = session.timed("SELECT bench.latest(%d)" % LATEST)
        return seconds, float(lines[0])

    def theirs():
        seconds, _, total = ask("latest", str(LATEST))
        return seconds, total

    session.run("SELECT bench.latest(10)")
    turns("%d times the last 10 of %s rows" % (LATEST, format(rows, ",")),
          1.5, ours, theirs, rounds=SHORT_ROUNDS)


def bench_merge(session, partitions):
    """The rows of many keys in order, and as they come."""
    query = ("SELECT count(*), sum(n) FROM (SELECT c, n FROM bench.readings"
             " WHERE p = ANY(ARRAY(SELECT i FROM generate_series(0, %d)"
             " AS i))%s OFFSET 0) AS q")

    def read(order):
        seconds, lines = session.timed(query % (
            min(MERGED, partitions) - 1, order))
        return seconds, lines[0]

    read("")
    turns("%s keys merged in order" % format(MERGED, ","), 1.5,
          lambda: read(" ORDER BY c"), lambda: read(""), "unordered",
          SHORT_ROUNDS)


def bench_parallel(session, rows):
    """What takes the backend long, with two workers and without."""
    def read(workers):
        session.run("SET max_parallel_workers_per_gather = %d" % workers)
        plan = "".join(session.run("EXPLAIN " + COSTLY))
        if ("Parallel Foreign Scan" in plan) != (workers > 0):
            raise RuntimeError("%d workers: %s" % (workers, plan))
        seconds, lines = session.timed(COSTLY)
        return seconds, lines[0]

    session.run("CREATE FOREIGN TABLE bench.known (n bigint, t text,"
                " at timestamptz, u uuid) SERVER bench"
                " OPTIONS (table_name 'readings', keyspace 'bench');"
                "ANALYZE bench.known")
    read(2)
    turns("jsonb of %s rows, 2 workers" % format(rows, ","), 0.65,
          lambda: read(2), lambda: read(0), "none")
    session.run("RESET max_parallel_workers_per_gather")


def bench_first_query():
    """A fresh session's first query over a warm one."""
    query = "SELECT n FROM bench.readings WHERE p = 17 AND c = 3"
    differences = []
    for _ in range(ROUNDS * 4):
        session = Session()
        first, _ = session.timed(query)
        warm = min(session.timed(query)[0] for _ in range(5))
        session.close()
        differences.append((first - warm) * 1000)
    tell_figure("first query of a session over a warm one",
                "%.1f ms" % statistics.median(differences), "12 ms")


def print_table(name=None):
    """The table and the JSON file, of that name instead of the program's."""
    if TABLE:
        print("\n| what | cassandra_fdw | compared with | ratio | wanted |")
        print("|---|---|---|---|---|")
    for row in TABLE:
        print("| %s |" % " | ".join(row))
    directory = os.environ.get("BENCH_JSON")
    if directory:
        name = name or os.path.basename(sys.argv[0]).replace(".py", "")
        with open(os.path.join(directory, name + ".json"), "w",
                  encoding="utf-8") as file:
            json.dump(FIGURES, file, indent=1)


def main():
    port, partitions, address = sys.argv[1:4]
    command = sys.argv[5:]
    python = [sys.argv[4], os.path.join(os.path.dirname(__file__),
                                        "driver.py")]
    rows = int(partitions) * 200

    def ask(*words):
        return driver(command, port, address, partitions, *words)

    def ask_python(*words):
        return driver(python, port, address, partitions, *words)

    session = Session()
    session.run(SETUP % (address, port))
    session.run(LOOKUPS_FUNCTION % ("bench", "bench", int(partitions)))
    bench_scan(session, ask, rows)
    bench_lookups(session, ask)
    bench_keys(session, ask)
    bench_count(session, ask, ask_python, rows)
    bench_latest(session, ask, rows)
    bench_merge(session, int(partitions))
    bench_parallel(session, rows)
    session.close()
    bench_first_query()
    print_table()


if __name__ == "__main__":
    main()
