"""Sessions that read and write all the time, and know what must come back.

Each is a thread with a connection of its own.  What it asked, when, and what
came of it is kept in "asked", a list of Asked, in the order of time.
"""

import hashlib
import random
import threading
import time

from psycopg import pq

PARTITIONS, ROWS = 100, 100  # of the table that is read
LIST = 40                    # keys of a list
LOAD = 100                   # rows of a load
COUNTERS = 50                # rows that a session updates

GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


def text_of(p, c):
    return hashlib.md5(b"%d:%d" % (p, c)).hexdigest()


class Asked:
    """A statement, or the few that belong together."""

    def __init__(self, began):
        self.began = began
        self.ended = None
        self.bad = None  # "wrong", "lost" or "failed"
        self.text = ""   # and what came back


class Failed(Exception):
    """A statement ended with an error."""


class Wrong(Exception):
    """An answer that is not right."""


class Session(threading.Thread):
    kind = ""          # as reports name it
    mistake = "wrong"  # what an answer is that is not right
    pause = 0.02

    def __init__(self, path, seed):
        super().__init__(daemon=True)
        self.path = path  # schema of the foreign tables: how nodes are reached
        self.random = random.Random("%s %s %s" % (seed, path, self.kind))
        self.asked = []
        self.ending = threading.Event()
        self.connection = None
        self.turn = 0

    def connect(self):
        self.connection = pq.PGconn.connect(b"application_name=chaos")
        if self.connection.status != pq.ConnStatus.OK:
            raise RuntimeError(self.connection.error_message.decode())
        self.connection.notice_handler = lambda result: None
        self.query("SET search_path = %s" % self.path)
        self.query("SET statement_timeout = '120s'")
        self.query("SET jit = off")

    def query(self, sql):
        """Rows of texts."""
        result = self.connection.exec_(sql.encode())
        if result.status not in GOOD:
            raise Failed(result.error_message.decode(errors="replace"))
        return [tuple((result.get_value(row, column) or b"").decode()
                      for column in range(result.nfields))
                for row in range(result.ntuples)]

    def expect(self, sql, right):
        rows = self.query(sql)
        if rows != right:
            raise Wrong("%s gave %s, right is %s" % (
                sql, str(rows)[:200], str(right)[:200]))

    def run(self):
        self.connect()
        while not self.ending.is_set():
            asked = Asked(time.monotonic())
            try:
                self.ask()
            except Failed as error:
                asked.bad, asked.text = "failed", " ".join(str(error).split())
            except Wrong as error:
                asked.bad, asked.text = self.mistake, str(error)
            asked.ended = time.monotonic()
            self.asked.append(asked)
            if self.connection.status != pq.ConnStatus.OK:
                self.connect()
            self.turn += 1
            self.ending.wait(self.pause)
        self.connection.finish()

    def ask(self):
        raise NotImplementedError


class Scan(Session):
    kind = "scan"
    pause = 0.3

    def ask(self):
        total = sum(p * 1000 + c for p in range(PARTITIONS)
                    for c in range(ROWS))
        self.expect("SELECT count(v), sum(p * 1000 + c), "
                    "bool_and(v = md5(p || ':' || c)) FROM readings",
                    [(str(PARTITIONS * ROWS), str(total), "t")])


class LookUp(Session):
    kind = "look-up"

    def ask(self):
        p, c = self.random.randrange(PARTITIONS), self.random.randrange(ROWS)
        self.expect("SELECT v FROM readings WHERE p = %d AND c = %d" % (p, c),
                    [(text_of(p, c),)])


class KeyList(Session):
    kind = "key list"
    pause = 0.05

    def ask(self):
        keys = self.random.sample(range(PARTITIONS), LIST)
        c = self.random.randrange(ROWS)
        self.expect("SELECT p, v FROM readings WHERE p = ANY ('{%s}') "
                    "AND c = %d ORDER BY p" % (",".join(map(str, keys)), c),
                    [(str(p), text_of(p, c)) for p in sorted(keys)])


class Load(Session):
    """Rows of a batch by INSERT and by COPY in turns, then all of them back."""

    kind = "load"
    mistake = "lost"
    pause = 0.1

    def __init__(self, path, seed):
        super().__init__(path, seed)
        self.acknowledged = []  # names of loads that ended well

    def ask(self):
        batch = "%s-%d" % (self.path, self.turn)
        if self.turn % 2:
            self.copy(batch)
        else:
            self.query("INSERT INTO loads SELECT '%s', i, md5('%s' || i) "
                       "FROM generate_series(0, %d) AS i"
                       % (batch, batch, LOAD - 1))
        self.acknowledged.append(batch)
        self.expect("SELECT count(*), sum(i), bool_and(v = md5(name || i)) "
                    "FROM loads WHERE name = '%s' AND i = ANY "
                    "(ARRAY(SELECT generate_series(0, %d)))"
                    % (batch, LOAD - 1),
                    [(str(LOAD), str(LOAD * (LOAD - 1) // 2), "t")])

    def copy(self, batch):
        lines = "".join(
            "%s\t%d\t%s\n" % (batch, i, hashlib.md5(
                ("%s%d" % (batch, i)).encode()).hexdigest())
            for i in range(LOAD))
        result = self.connection.exec_(b"COPY loads FROM STDIN")
        if result.status != pq.ExecStatus.COPY_IN:
            raise Failed(result.error_message.decode(errors="replace"))
        self.connection.put_copy_data(lines.encode())
        self.connection.put_copy_end()
        error = None
        while (result := self.connection.get_result()) is not None:
            if result.status not in GOOD:
                error = result.error_message.decode(errors="replace")
        if error is not None:
            raise Failed(error)


class Update(Session):
    """Counts a row up and reads it back.  After an error it may have either
    value: the next round says what it is."""

    kind = "update"
    mistake = "lost"

    def __init__(self, path, seed):
        super().__init__(path, seed)
        self.values = [None] * COUNTERS

    def ask(self):
        k = self.random.randrange(COUNTERS)
        key = "%s-%d" % (self.path, k)
        value = self.turn
        if self.values[k] is None:
            self.query("INSERT INTO counts (k, n) VALUES ('%s', %d)"
                       % (key, value))
        else:
            self.expect("SELECT n FROM counts WHERE k = '%s'" % key,
                        [(str(self.values[k]),)])
            self.values[k] = None
            self.query("UPDATE counts SET n = %d WHERE k = '%s'"
                       % (value, key))
        self.expect("SELECT n FROM counts WHERE k = '%s'" % key,
                    [(str(value),)])
        self.values[k] = value


KINDS = (Scan, LookUp, KeyList, Load, Update)
