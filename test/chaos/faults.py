"""Faults of one node, or of the way to it, and their ends.

A fault is a kind, a node and a number, all from one random sequence; so a
SEED stands for a series of them.
"""

import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..",
                                "cassandra"))

import cqlwire  # noqa: E402
import node  # noqa: E402

HEALTH_SECONDS = 120
FOUND_SECONDS = 60  # until sessions use a node that is new
REST = (1.0, 2.5)  # seconds between two faults

# How often in a round; what the number is, from and to; how long it lasts,
# where that is not the number; whether a node suffers it or its proxy.
KINDS = {
    "kill": (3, (2.0, 5.0), "node"),
    "stop": (2, (2.0, 4.0), "node"),
    "pause": (4, (0.5, 9.0), "node"),
    "cut": (3, None, "proxy"),
    "refuse": (1, (0.5, 4.0), "proxy"),
    "hang": (2, (0.5, 6.0), "proxy"),
    "delay": (2, (0.02, 0.4), "proxy"),
    "split": (1, None, "proxy"),
    "flip": (2, (2000.0, 50000.0), "proxy"),
}
LASTS = {"cut": 1.0, "delay": 3.0, "split": 3.0, "flip": 4.0}


class Window:
    """A time in which statements of these paths met a fault."""

    def __init__(self, kind, paths, number, what):
        self.kind, self.paths, self.what = kind, paths, what
        self.number = number
        self.began = time.monotonic()
        self.ended = None

    def end(self):
        self.ended = time.monotonic()


def plan(count, nodes, seed, only=None):
    """(kind, node, number) of each fault; every kind once in a round, and one
    replacement of a node.  Or those of some kinds."""
    source = random.Random(seed)
    faults = []
    kinds = only or KINDS
    while len(faults) < count:
        first = list(kinds)
        more = [kind for kind in kinds for _ in range(KINDS[kind][0] - 1)]
        source.shuffle(first)
        source.shuffle(more)
        for kind in first + more:
            span = KINDS[kind][1]
            number = source.uniform(*span) if span else 0.0
            faults.append((kind, source.randint(1, nodes), number))
    if only:
        return faults[:count]
    # The last one, as no proxy stands before the new node.
    return faults[:count - 1] + [("replace", nodes, 2.0)]


class Faults:
    """Does them, one after the other; keeps their windows."""

    def __init__(self, directory, proxies, paths, sessions):
        self.sessions = sessions  # how many there are
        self.cluster = node.Cluster(directory)
        self.nodes = self.cluster.nodes()
        self.proxies = proxies
        self.paths = paths  # "node": those that a node's faults reach, ...
        self.windows = []
        self.clients = []  # of the nodes that are new, at last

    def wait(self, kind, seconds, what, where="node"):
        """Sleeps in a window of its own."""
        window = Window(kind, self.paths[where], seconds, what)
        self.windows.append(window)
        time.sleep(seconds)
        window.end()

    def do(self, kind, number, amount):
        what = "%s of node %d" % (kind, number)
        if kind in ("kill", "stop", "pause", "replace"):
            getattr(self, kind)(self.nodes[number - 1], amount, what)
        else:
            self.proxies.tell(number, kind, amount)
            lasts = LASTS.get(kind, amount)
            self.wait(kind, lasts, "%s (%.3g)" % (what, amount), "proxy")
            self.proxies.tell(number, "good", 0)
        self.await_health()

    def kill(self, one, seconds, what):
        one.signal("KILL")
        self.wait("kill", seconds, what)
        self.restart(one)

    def stop(self, one, seconds, what):
        """Politely: the node tells its clients and the others."""
        window = Window("stop", self.paths["node"], seconds, what)
        self.windows.append(window)
        node.stop([one])
        time.sleep(seconds)
        window.end()
        self.restart(one)

    def pause(self, one, seconds, what):
        one.signal("STOP")
        self.wait("pause", seconds, "%s for %.1f s" % (what, seconds))
        one.signal("CONT")

    def restart(self, one):
        window = Window("restart", self.paths["node"], 0,
                        "restart of node %d" % one.number)
        self.windows.append(window)
        one.start()
        window.end()

    def replace(self, one, seconds, what):
        """A node is lost with its disk; a new one comes, elsewhere, and gets
        its data from one of the others.  That one must have all of it: a
        quorum of two does not outlive the loss of one of them."""
        self.repair()
        one.signal("KILL")
        self.wait("kill", seconds, what)
        window = Window("replace", self.paths["node"], 0, what)
        self.windows.append(window)
        self.cluster.replace(one.number, next_address(one.address, 20))
        self.nodes = self.cluster.nodes()
        window.end()
        self.clients.append(self.await_clients(self.nodes[one.number - 1]))

    def repair(self):
        tool = os.path.join(os.path.dirname(__file__), "..", "cassandra",
                            "cassandra")
        subprocess.run([sys.executable, tool, "nodetool", "--dir",
                        self.cluster.dir, "--node", "1", "repair", "-full",
                        "chaos"], stdout=subprocess.DEVNULL, check=True)

    def await_clients(self, one):
        """How many sessions are connected to a node, once they have had time
        to learn of it."""
        deadline = time.monotonic() + FOUND_SECONDS
        found = -1
        while found < self.sessions and time.monotonic() < deadline:
            with one.connect() as connection:
                names = connection.query(
                    "SELECT driver_name FROM system_views.clients").rows
            found = sum(name == "cassandra_fdw" for name, in names)
            time.sleep(0.5)
        return found

    def await_health(self):
        """Every node asks all of them for a row: one fault at a time."""
        deadline = time.monotonic() + HEALTH_SECONDS
        while True:
            try:
                for one in self.nodes:
                    with one.connect(timeout=5) as connection:
                        connection.query("SELECT v FROM chaos.readings WHERE "
                                         "p = 1 AND c = 1", "ALL")
                return
            except (OSError, cqlwire.CqlError) as error:
                if time.monotonic() > deadline:
                    raise RuntimeError("the cluster does not get well: %s"
                                       % error) from error
                time.sleep(0.2)


class Proxies:
    """The process that has a proxy for each node, ten addresses on."""

    def __init__(self, nodes, port, seed):
        self.addresses = [next_address(one.address, 10) for one in nodes]
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(__file__),
                                          "proxy.py"), str(port), str(seed)]
            + ["%s=%s" % (near, one.address)
               for near, one in zip(self.addresses, nodes)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.answered()

    def answered(self):
        if self.process.stdout.readline() != "ok\n":
            raise RuntimeError("the proxies have ended")

    def tell(self, number, mode, amount):
        self.process.stdin.write("%s %s %s\n" % (
            self.addresses[number - 1], mode, amount))
        self.process.stdin.flush()
        self.answered()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def next_address(address, distance):
    octets = address.split(".")
    return ".".join(octets[:3] + [str(int(octets[3]) + distance)])
