#!/usr/bin/env python3
"""Is every answer right while the table is dropped, made again and altered?

changes.py HOST[:PORT] [-n STATEMENTS] [--seed SEED]

One connection to Cassandra changes a table: drops it and makes it again with
other keys or types, adds and drops columns and indexes, renames key columns.
Sessions of PostgreSQL, some with plans that are kept, run statements on it
without being told.  Of each, the answer is that of the table as it is now; or
it is an error that leaves everything as it was, and the same statement run
again gives the answer.  Then both go on at the same time, where rows that
nobody may have changed are watched.
"""

import argparse
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "cassandra"))

import cqlwire
import pg
from oracle import report, FAILED

KEYSPACE = "fdw_oracle_changes"
NUMBERS = ["int", "bigint", "varint", "float", "double"]
KEYS = ["int", "bigint", "varint"]
NARROW = {"int": 2 ** 31}
WORTH = [1, 2, 3, 4, 5, 1108344832, 5000000000]
CHANGED = "55000"
MOST_DIFFERENCES = 10

SETUP = """
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS changes CASCADE;
DROP SCHEMA IF EXISTS changes CASCADE;
CREATE SERVER changes FOREIGN DATA WRAPPER cassandra_fdw
    OPTIONS (host '%s', port '%s', protocol_version '%s');
CREATE USER MAPPING FOR CURRENT_USER SERVER changes;
CREATE SCHEMA changes;
CREATE FOREIGN TABLE changes.t (k bigint, c bigint, v bigint, w bigint)
    SERVER changes OPTIONS (keyspace '%s', table_name 't');
"""

PREPARE = """
PREPARE find(bigint) AS SELECT k, c, v, w FROM changes.t WHERE k = $1;
PREPARE find2(bigint, bigint) AS
    SELECT k, c, v, w FROM changes.t WHERE k = $1 AND v = $2;
PREPARE count(bigint) AS SELECT count(*) FROM changes.t WHERE k = $1;
PREPARE put(bigint, bigint, bigint, bigint) AS
    INSERT INTO changes.t (k, c, v, w) VALUES ($1, $2, $3, $4);
PREPARE set(bigint, bigint) AS UPDATE changes.t SET w = $2 WHERE k = $1;
PREPARE drop(bigint, bigint) AS
    DELETE FROM changes.t WHERE k = $1 AND v = $2;
PREPARE clear(bigint) AS DELETE FROM changes.t WHERE k = $1;
"""


class Table:
    """The table as Cassandra has it now, and what its rows are."""

    def __init__(self, node, rng):
        self.node = node
        self.rng = rng
        self.extra = 0
        self.added = []
        self.indexed = False
        self.swapped = False
        self.types = None
        self.rows = {}
        self.make()

    def cql(self, text):
        self.node.query(text)

    def key(self, row):
        return tuple(row[name] for name in self.keys)

    def make(self):
        """Another table of the name."""
        rng = self.rng
        self.cql("DROP TABLE IF EXISTS %s.t" % KEYSPACE)
        clustered = rng.random() < 0.5
        self.types = {"k": rng.choice(KEYS), "v": rng.choice(NUMBERS),
                      "c": rng.choice(KEYS if clustered else NUMBERS),
                      "w": rng.choice(NUMBERS)}
        self.keys = ["k", "c"] if clustered else ["k"]
        self.cql("CREATE TABLE %s.t (%s, PRIMARY KEY (%s))" % (
            KEYSPACE, ", ".join("%s %s" % item
                                for item in self.types.items()),
            ", ".join(self.keys)))
        self.rows, self.added = {}, []
        self.indexed = self.swapped = False
        for number in range(1, 6):
            self.put({"k": rng.choice([1, 2]), "c": number, "v": number * 10,
                      "w": number})

    def put(self, row):
        self.cql("INSERT INTO %s.t (k, c, v, w) VALUES (%d, %d, %d, %d)"
                 % (KEYSPACE, row["k"], row["c"], row["v"], row["w"]))
        self.rows[self.key(row)] = row

    def fits(self, name, value):
        return abs(value) < NARROW.get(self.types[name], 2 ** 62)

    # ---- changes ----

    def add(self):
        self.extra += 1
        self.added.append("z%d" % self.extra)
        self.cql("ALTER TABLE %s.t ADD %s int" % (KEYSPACE, self.added[-1]))

    def drop_added(self):
        if self.added:
            self.cql("ALTER TABLE %s.t DROP %s" % (KEYSPACE,
                                                   self.added.pop()))

    def index(self):
        if self.indexed:
            self.cql("DROP INDEX %s.t_v" % KEYSPACE)
        else:
            self.cql("CREATE INDEX t_v ON %s.t (v)" % KEYSPACE)
            self.await_index()
        self.indexed = not self.indexed

    def await_index(self):
        for _ in range(200):
            try:
                self.cql("SELECT v FROM %s.t WHERE v = 1" % KEYSPACE)
                return
            except cqlwire.CqlError:
                time.sleep(0.05)

    def swap(self):
        """The columns of the key change their names."""
        if len(self.keys) < 2:
            return
        for old, new in (("k", "x"), ("c", "k"), ("x", "c")):
            self.cql("ALTER TABLE %s.t RENAME %s TO %s" % (KEYSPACE, old,
                                                           new))
        types = self.types
        types["k"], types["c"] = types["c"], types["k"]
        rows = list(self.rows.values())
        for row in rows:
            row["k"], row["c"] = row["c"], row["k"]
        self.keys.reverse()
        self.rows = {self.key(row): row for row in rows}

    def change(self):
        choice = self.rng.choice([self.make] * 5 + [
            self.add, self.drop_added, self.index, self.swap])
        choice()
        return choice.__name__

    def stored(self):
        result = self.node.query("SELECT k, c, v, w FROM %s.t" % KEYSPACE,
                                 "LOCAL_QUORUM")
        return sorted([None if cell is None else int(cell) for cell in row]
                      for row in result.rows)

    def expected(self):
        return sorted([row[name] for name in "kcvw"]
                      for row in self.rows.values())


class Statement:
    """A statement, what it answers, and what it makes of the rows."""

    def __init__(self, table, rng):
        self.rng = rng
        value = rng.choice(WORTH)
        key = rng.choice([1, 1, 2, 2, 5000000000, 1108344832])
        self.rows, self.count, self.fails = None, None, False
        self.after = dict(table.rows)
        find = [row for row in table.rows.values() if row["k"] == key]
        kind = rng.choice(["find", "find2", "count", "put", "put", "set",
                           "drop", "clear"])
        self.prepared = rng.random() < 0.6
        getattr(self, "make_" + kind)(table, key, find, value)

    def text(self, name, plain, *values):
        if self.prepared:
            return "EXECUTE %s(%s)" % (name, ", ".join(map(str, values)))
        return plain % values

    @staticmethod
    def cells(rows):
        return sorted(tuple(str(row[name]) for name in "kcvw")
                      for row in rows)

    def make_find(self, table, key, found, value):
        self.sql = self.text(
            "find", "SELECT k, c, v, w FROM changes.t WHERE k = %d", key)
        self.rows = self.cells(found)

    def make_find2(self, table, key, found, value):
        value = self.rng.choice([10, 20, 30, value])
        self.sql = self.text(
            "find2", "SELECT k, c, v, w FROM changes.t WHERE k = %d"
            " AND v = %d", key, value)
        self.rows = self.cells(row for row in found if row["v"] == value)

    def make_count(self, table, key, found, value):
        self.sql = self.text(
            "count", "SELECT count(*) FROM changes.t WHERE k = %d", key)
        self.rows = [(str(len(found)),)]

    def make_put(self, table, key, found, value):
        row = {"k": key, "c": self.rng.choice([1, 2, 7, 5000000000]),
               "v": self.rng.choice([10, 20, value]), "w": value}
        self.sql = self.text(
            "put", "INSERT INTO changes.t (k, c, v, w)"
            " VALUES (%d, %d, %d, %d)", *(row[name] for name in "kcvw"))
        self.fails = not all(table.fits(name, row[name]) for name in "kcvw")
        if not self.fails:
            self.after[table.key(row)] = row
            self.count = 1

    def make_set(self, table, key, found, value):
        self.sql = self.text(
            "set", "UPDATE changes.t SET w = %d WHERE k = %d", *(
                (key, value) if self.prepared else (value, key)))
        self.count = len(found)
        self.fails = bool(found) and not table.fits("w", value)
        for row in found if not self.fails else []:
            self.after[table.key(row)] = dict(row, w=value)

    def make_drop(self, table, key, found, value):
        value = self.rng.choice([10, 20, 30, 40, value])
        self.sql = self.text(
            "drop", "DELETE FROM changes.t WHERE k = %d AND v = %d", key,
            value)
        self.delete(table, [row for row in found if row["v"] == value])

    def make_clear(self, table, key, found, value):
        self.sql = self.text("clear", "DELETE FROM changes.t WHERE k = %d",
                             key)
        self.delete(table, found)

    def delete(self, table, rows):
        self.count = len(rows)
        for row in rows:
            del self.after[table.key(row)]

    def is_right(self, answer):
        if answer.sqlstate:
            return self.fails and answer.sqlstate == "22003"
        if self.fails:
            return False
        if self.rows is not None:
            return sorted(answer.rows) == self.rows
        return int(answer.count) == self.count


class Changes:
    def __init__(self, options):
        self.options = options
        self.rng = random.Random(options.seed)
        host, _, port = options.node.partition(":")
        self.address = (host, int(port or 9042))
        self.node = self.connect()
        self.node.query(
            "CREATE KEYSPACE IF NOT EXISTS %s WITH replication = {'class':"
            " 'SimpleStrategy', 'replication_factor': 1}" % KEYSPACE)
        self.table = Table(self.node, self.rng)
        pg.Session().run(SETUP % (self.address[0], self.address[1],
                                  options.protocol, KEYSPACE))
        self.sessions = [self.session(number) for number in range(4)]
        self.changes = self.refused = self.differences = self.done = 0

    def connect(self):
        return cqlwire.Connection(*self.address)

    @staticmethod
    def session(number):
        session = pg.Session()
        session.run("SET client_min_messages = error")
        if number % 2:
            session.run("SET plan_cache_mode = force_generic_plan")
        session.run(PREPARE)
        return session

    def differs(self, statement, what, answer, history):
        self.differences += 1
        print("# %s: %s" % (what, statement.sql))
        print("#   answer: %s %s %s %s" % (answer.sqlstate, answer.message,
                                           answer.rows, answer.count))
        print("#   right: %s %s, stored %s" % (
            statement.rows, statement.count, self.table.stored()))
        print("#   table: %s %s, changes: %s" % (
            self.table.types, self.table.keys, ", ".join(history[-6:])))

    def run_one(self, history):
        statement = Statement(self.table, self.rng)
        session = self.rng.choice(self.sessions)
        answer = session.query(statement.sql)
        if not statement.is_right(answer) and answer.sqlstate:
            self.refused += 1
            if self.table.stored() != self.table.expected():
                self.differs(statement, "refused, but done", answer, history)
            answer = session.query(statement.sql)
        if not statement.is_right(answer):
            self.differs(statement, "wrong", answer, history)
        elif not answer.sqlstate:
            self.table.rows = statement.after
        if self.table.stored() != self.table.expected():
            self.differs(statement, "wrong rows", answer, history)
            self.table.make()
        self.done += 1

    def run_in_turns(self):
        history = []
        while self.done < self.options.statements \
                and self.differences < MOST_DIFFERENCES:
            if self.rng.random() < 0.3:
                history.append(self.table.change())
                self.changes += 1
            self.run_one(history)

    # ---- both at the same time ----

    def make_watched(self, node, rng):
        """Rows of k = 1 differ in c; w is one more than v in each row."""
        node.query("DROP TABLE IF EXISTS %s.t" % KEYSPACE)
        number, other = rng.choice(NUMBERS), rng.choice(NUMBERS)
        if rng.random() < 0.5:
            node.query("CREATE TABLE %s.t (k int PRIMARY KEY, c int, v %s,"
                       " w %s)" % (KEYSPACE, number, other))
            return []
        node.query("CREATE TABLE %s.t (k %s, c int, v %s, w %s,"
                   " PRIMARY KEY (k, c))" % (KEYSPACE, rng.choice(KEYS),
                                             number, other))
        watched = [1, 3, 4, 5]
        for c in range(1, 6):
            node.query("INSERT INTO %s.t (k, c, v, w) VALUES (1, %d, %d, %d)"
                       % (KEYSPACE, c, c * 10, c * 10 + 1))
        return watched

    def look(self, node, watched):
        rows = node.query("SELECT k, c, v, w FROM %s.t" % KEYSPACE).rows
        bad = [row for row in rows if row[3] != row[2] + 1]
        lost = set(watched) - {row[1] for row in rows if row[0] == 1}
        if bad or lost:
            self.differences += 1
            print("# rows that nobody wrote: %s, rows lost: %s" % (bad, lost))

    def change_for(self, seconds):
        rng, node = random.Random(self.options.seed + "ddl"), self.connect()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            watched = self.make_watched(node, rng)
            for _ in range(rng.randrange(3)):
                self.extra = getattr(self, "extra", 0) + 1
                node.query("ALTER TABLE %s.t ADD y%d int" % (KEYSPACE,
                                                             self.extra))
                time.sleep(rng.random() * 0.1)
            self.look(node, watched)
            self.changes += 1
        self.stop = True

    def write_on(self, number):
        rng = random.Random("%s %d" % (self.options.seed, number))
        session = self.sessions[number]
        while not self.stop:
            v = rng.randrange(1, 10 ** 6)
            sql = rng.choice([
                "EXECUTE drop(1, 20)",
                "DELETE FROM changes.t WHERE k = 1 AND v = 20",
                "DELETE FROM changes.t WHERE k = 1 AND c = 2",
                "EXECUTE put(%d, 1, %d, %d)" % (10 + rng.randrange(3), v,
                                                v + 1),
                "INSERT INTO changes.t (k, c, v, w) VALUES (%d, 1, %d, %d)"
                % (10 + rng.randrange(3), v, v + 1),
                "UPDATE changes.t SET v = v + 1, w = w + 1 WHERE k = 10"])
            answer = session.query(sql)
            self.refused += bool(answer.sqlstate)
            self.done += 1

    def run_together(self):
        self.stop = False
        threads = [threading.Thread(target=self.write_on, args=(number,))
                   for number in range(len(self.sessions))]
        for thread in threads:
            thread.start()
        try:
            self.change_for(max(5, self.options.statements / 50))
        finally:
            self.stop = True
            for thread in threads:
                thread.join()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("node", metavar="HOST[:PORT]")
    parser.add_argument("-n", "--statements", type=int, default=200)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--protocol", default="5", help="version")
    parser.add_argument("--flush", help="not used here")
    return parser.parse_args()


def main():
    options = arguments()
    changes = Changes(options)
    for what, run in (("one after the other", changes.run_in_turns),
                      ("at the same time", changes.run_together)):
        began = time.monotonic()
        changes.done = changes.changes = changes.refused = 0
        changes.differences = 0
        run()
        report(changes.done > 0 and changes.differences == 0,
               "%s: %d differences in %d statements, %d changes, %d"
               " statements refused, %.0f s" % (
                   what, changes.differences, changes.done, changes.changes,
                   changes.refused, time.monotonic() - began))
    changes.node.query("DROP KEYSPACE %s" % KEYSPACE)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
