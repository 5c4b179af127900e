#!/usr/bin/env python3
"""Sessions of five kinds on three nodes that suffer random faults, one at a
time: chaos.py DIR [-n FAULTS] [--seed TEXT] [--only KIND,...] [--slack SECONDS]

DIR has the cluster (test/cassandra), PostgreSQL is the one the PG* variables
name.  Every answer is compared with what is right, every row that was written
is read back, at LOCAL_QUORUM with three copies: nothing may be wrong, lost or
failed.  The longest time that a session got no answer is told for each kind of
fault, and bounded where that is promised, SECONDS more on a busy machine.
Prints a line "ok" or "not ok" for each thing it asserts.
"""

import argparse
import contextlib
import itertools
import random
import sys
import time

import faults
import sessions

TIMEOUT = 3.0       # request_timeout, seconds
WARM = 5.0          # seconds that count for nothing, and
QUIET = 8.0         # without a fault: how long statements take here
SHOWN = 20          # failures that are told
# Longest gap in seconds, beyond what there is without a fault.
GOALS = {"kill": 1.0, "stop": 1.0, "pause": TIMEOUT + 1.0}
GOAL_SPECULATIVE = 0.2  # of paused nodes, under speculative_delay

# A node that is asked for a partition asks a third replica after a time, by
# default the 99th percentile of its reads: on a busy machine that says nothing.
SCHEMA = """
CREATE KEYSPACE chaos WITH replication =
    {'class': 'NetworkTopologyStrategy', 'dc1': 3};
CREATE TABLE chaos.readings (p int, c int, v text, PRIMARY KEY (p, c))
    WITH speculative_retry = '100ms';
CREATE TABLE chaos.loads (name text, i int, v text, PRIMARY KEY ((name, i)))
    WITH speculative_retry = '100ms';
CREATE TABLE chaos.counts (k text PRIMARY KEY, n int)
    WITH speculative_retry = '100ms'
"""

SERVER = """
DROP SERVER IF EXISTS {name} CASCADE;
DROP SCHEMA IF EXISTS {name} CASCADE;
CREATE SERVER {name} FOREIGN DATA WRAPPER cassandra_fdw
    OPTIONS (host '{hosts}', port '{port}', request_timeout '{timeout}s',
             fetch_size '1000' {options});
CREATE USER MAPPING FOR CURRENT_USER SERVER {name};
CREATE SCHEMA {name};
IMPORT FOREIGN SCHEMA chaos FROM SERVER {name} INTO {name};
"""


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("-n", type=int, default=20, dest="count")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--slack", type=float, default=0.0)
    parser.add_argument("--only", type=lambda text: text.split(","))
    return parser.parse_args()


class Admin(sessions.Session):
    """Sets up; never started as a thread."""

    def servers(self, nodes, proxies, port):
        """How nodes are reached; the names of the schemas."""
        direct = ",".join(one.address for one in nodes)
        ways = {
            "direct": (direct, ""),
            "proxied": (",".join(proxies.addresses), ", address_map '%s'"
                        % ",".join("%s=%s" % (one.address, near)
                                   for one, near in zip(
                                       nodes, proxies.addresses))),
            "speculative": (direct, ", speculative_delay '50ms'"),
        }
        made = []
        self.query("CREATE EXTENSION IF NOT EXISTS cassandra_fdw")
        for name, (hosts, options) in ways.items():
            try:
                self.query(SERVER.format(name=name, hosts=hosts, port=port,
                                         timeout=TIMEOUT, options=options))
                made.append(name)
            except sessions.Failed as error:
                if name != "speculative":
                    raise
                print("# without speculation: %s"
                      % str(error).splitlines()[0])
        return made

    def fill(self):
        self.query("INSERT INTO direct.readings "
                   "SELECT p, c, md5(p || ':' || c) "
                   "FROM generate_series(0, %d) p, generate_series(0, %d) c"
                   % (sessions.PARTITIONS - 1, sessions.ROWS - 1))


class Report:
    def __init__(self, windows, workers, slack):
        self.windows = windows
        self.slack = slack
        self.workers = workers
        self.bad = 0

    def judge(self, good, what):
        print("%s - %s" % ("ok" if good else "not ok", what), flush=True)
        self.bad += not good

    def gap(self, worker, window):
        """Longest time without a good answer that the window has a part in."""
        longest, last = 0.0, None
        for asked in worker.asked:
            if asked.bad:
                continue
            if window.kind == "none" and asked.ended > window.ended:
                break
            if last is not None and asked.ended > window.began and (
                    last < window.ended):
                longest = max(longest, asked.ended - last - worker.pause)
            last = asked.ended
            if last > window.ended:
                break
        return longest

    def longest(self, kind, path, worker_kind):
        """Of a kind of fault, path and session; None without one."""
        return max((self.gap(worker, window)
                    for window in self.windows
                    if window.kind == kind and path in window.paths
                    for worker in self.workers
                    if worker.path == path and worker.kind == worker_kind),
                   default=None)

    def table(self):
        """Prints the longest gaps; gives those of each path and kind."""
        kinds = [kind.kind for kind in sessions.KINDS]
        paths = sorted({worker.path for worker in self.workers})
        found = {}
        for path in paths:
            print("# longest gaps in ms, %s:" % path)
            print("# %-10s %6s" % ("fault", "number") + "".join(
                "%10s" % name for name in kinds))
            for kind in dict.fromkeys(w.kind for w in self.windows):
                gaps = [self.longest(kind, path, name) for name in kinds]
                number = sum(w.kind == kind and path in w.paths
                             for w in self.windows)
                if not number:
                    continue
                print("# %-10s %6d" % (kind, number) + "".join(
                    "%10s" % ("-" if gap is None else round(gap * 1000))
                    for gap in gaps))
                found[kind, path] = gaps
        return found

    def about(self, asked):
        """What went on when a statement began."""
        past = [w for w in self.windows if w.began <= asked.ended]
        last = past[-1] if past else self.windows[0]
        return "%s, %.1f s after it began" % (last.what,
                                              asked.ended - last.began)

    def answers(self):
        bad = [(asked, worker) for worker in self.workers
               for asked in worker.asked if asked.bad]
        total = sum(len(worker.asked) for worker in self.workers)
        for asked, worker in bad[:SHOWN]:
            print("# %s, %s %s: %s: %s" % (
                self.about(asked), worker.path, worker.kind, asked.bad,
                asked.text[:600]))
        for what in ("wrong", "lost", "failed"):
            number = sum(asked.bad == what for asked, _ in bad)
            self.judge(number == 0, "%d of %d %s" % (number, total, what))

    def loads(self, admin):
        """All rows that were acknowledged are there in the end."""
        found = dict(admin.query(
            "SELECT name, count(*) FROM direct.loads GROUP BY name"))
        names = [name for worker in self.workers
                 for name in getattr(worker, "acknowledged", [])]
        lost = [name for name in names
                if found.get(name) != str(sessions.LOAD)]
        self.judge(not lost, "%d loads of %d rows are there%s" % (
            len(names), sessions.LOAD,
            "; not %d: %s, ..." % (len(lost), lost[0]) if lost else ""))

    def goal(self, worker, window):
        """Of a token range the node that is asked asks no third replica: while
        another one is silent, and not yet known to be down, it may wait."""
        goal = GOALS[window.kind] + self.slack
        if worker.path == "speculative" and window.kind == "pause":
            goal = GOAL_SPECULATIVE + self.slack
        if worker.kind == "scan" and window.kind != "stop":
            goal += window.number + TIMEOUT
        return goal

    def goals(self, found):
        """A line for each kind of fault: what came nearest to its bound."""
        kinds = [kind.kind for kind in sessions.KINDS]
        for kind, path in found:
            worst = None
            for window, worker in itertools.product(self.windows,
                                                    self.workers):
                if kind not in GOALS or (kind, path) != (window.kind,
                                                         worker.path):
                    continue
                usual = found["none", path][kinds.index(worker.kind)]
                gap, goal = self.gap(worker, window), self.goal(worker, window)
                if worst is None or gap - usual - goal > worst[0]:
                    worst = (gap - usual - goal, "%s %s, %s: %d ms, of at most "
                             "%d besides the usual %d; %s" % (
                                 path, worker.kind, kind, gap * 1000,
                                 goal * 1000, usual * 1000, window.what))
            if worst is not None:
                self.judge(worst[0] <= 0, worst[1])

    def run(self, admin):
        self.answers()
        self.loads(admin)
        self.goals(self.table())
        return self.bad


def start_workers(paths, seed):
    workers = []
    for path in paths:
        kinds = sessions.KINDS
        if path == "speculative":
            kinds = (sessions.LookUp, sessions.KeyList)
        workers += [kind(path, seed) for kind in kinds]
    for worker in workers:
        worker.start()
    return workers


def all_alive(workers):
    ended = [worker for worker in workers if not worker.is_alive()]
    if ended:
        raise RuntimeError("a session has ended: %s %s" % (
            ended[0].path, ended[0].kind))


def run_faults(doing, options, workers):
    rest = random.Random(options.seed)
    began = time.monotonic()
    time.sleep(WARM)
    doing.wait("none", QUIET, "no fault")
    for number, (kind, on, amount) in enumerate(
            faults.plan(options.count, len(doing.nodes), options.seed,
                        options.only)):
        print("# %6.1f s: fault %d, %s of node %d (%.3g)" % (
            time.monotonic() - began, number + 1, kind, on, amount),
            flush=True)
        doing.do(kind, on, amount)
        time.sleep(rest.uniform(*faults.REST))
        all_alive(workers)


def prepare(options):
    cluster = faults.node.Cluster(options.directory)
    nodes, port = cluster.nodes(), cluster.options["port"]
    proxies = faults.Proxies(nodes, port, options.seed)
    admin = Admin("public", options.seed)
    admin.connect()
    with nodes[0].connect() as connection:
        connection.query("DROP KEYSPACE IF EXISTS chaos")
        for statement in SCHEMA.split(";"):
            connection.query(statement.strip())
    paths = admin.servers(nodes, proxies, port)
    admin.fill()
    return admin, proxies, paths


def main():
    options = arguments()
    admin, proxies, paths = prepare(options)
    workers = start_workers(paths, options.seed)
    doing = faults.Faults(options.directory, proxies, {
        "node": tuple(paths), "proxy": ("proxied",)}, len(workers))
    broken = ""  # why the faults ended early; what was seen is told still
    with contextlib.ExitStack() as stack:
        stack.callback(proxies.end)
        try:
            run_faults(doing, options, workers)
        except RuntimeError as error:
            broken = ": %s" % error
        for worker in workers:
            worker.ending.set()
        for worker in workers:
            worker.join(150)
        all_ended = not any(worker.is_alive() for worker in workers)
    report = Report(doing.windows, workers, options.slack)
    report.judge(not broken, "the last fault is reached" + broken)
    report.judge(all_ended, "every session ends")
    for found in doing.clients:
        report.judge(found >= len(workers), "%d of %d sessions use the node "
                     "that is new" % (found, len(workers)))
    bad = report.run(admin)
    print("%d failed; seed %s" % (bad, options.seed))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
