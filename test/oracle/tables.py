"""Random Cassandra tables with random rows, in Cassandra, as foreign tables
and as local copies."""

import logging
import subprocess

from cassandra import DriverException, RequestExecutionException
from cassandra.cluster import (Cluster, EXEC_PROFILE_DEFAULT,
                               ExecutionProfile, NoHostAvailable)
from cassandra.policies import WhiteListRoundRobinPolicy
from cassandra.protocol import ErrorMessage

import values

ANSWERED = (DriverException, RequestExecutionException, ErrorMessage,
            NoHostAvailable)
SAI = "'StorageAttachedIndex'"
SASI = "'org.apache.cassandra.index.sasi.SASIIndex'"
ANALYZER = "'org.apache.cassandra.index.sasi.analyzer.%sAnalyzer'"
SASI_OPTIONS = [
    "{'mode': 'PREFIX'}", "{'mode': 'CONTAINS'}",
    "{'mode': 'PREFIX', 'analyzer_class': %s, 'case_sensitive': 'false'}"
    % (ANALYZER % "NonTokenizing"),
    "{'mode': 'CONTAINS', 'analyzer_class': %s, 'case_sensitive': 'true'}"
    % (ANALYZER % "NonTokenizing"),
    "{'mode': 'CONTAINS', 'analyzer_class': %s}" % (ANALYZER % "Standard")]
SAI_OPTIONS = ["{'case_sensitive': 'false'}", "{'normalize': 'true'}",
               "{'ascii': 'true'}"]


def quote(name):
    return '"%s"' % name.replace('"', '""')


class Column:
    """kind: partition, clustering, static or regular; descending: the
    declared order; pool: the few CQL terms its values come from; texts: the
    values SQL shows (of the copy); elements: of a collection, likewise."""

    def __init__(self, name, kind, kind_type, rng):
        self.name = name
        self.kind = kind
        self.type = kind_type
        self.descending = kind == "clustering" and rng.random() < 0.4
        count = rng.randint(2, 5) if kind != "clustering" else \
            rng.randint(2, 7)
        self.pool = [rng.choice(kind_type.values) for _ in range(count)]
        empty = [value for value in kind_type.values
                 if value.startswith("blobAs") and value.endswith("(0x)")]
        if empty and kind == "clustering" and rng.random() < 0.5:
            self.pool.append(empty[0])
        self.near = kind_type.near
        if rng.random() < 0.06:
            self.add_long(kind, rng)
        self.texts = []
        self.elements = []

    def add_long(self, kind, rng):
        """Values about as long as keys and indexes can hold, and longer."""
        make, term = values.LONG.get(self.type.cql, (None, None))
        if make is None:
            return
        lengths = values.KEY_LENGTHS if kind in ("partition", "clustering") \
            else values.INDEX_LENGTHS
        self.pool += [term % make(length) for length in rng.sample(lengths, 3)]
        self.near = self.near + [values.long_text(self.type.sql, length)
                                 for length in rng.sample(
                                     values.KEY_LENGTHS, 2)
                                 + rng.sample(values.INDEX_LENGTHS, 2)]

    @property
    def ref(self):
        return "t." + quote(self.name)


class Table:
    """A random table; rng decides all of it."""

    def __init__(self, rng, name, sai):
        self.rng = rng
        self.name = name
        self.sai = sai
        self.types = []
        self.columns = []
        self.indexes = []
        self.written = 0
        self.refused = 0
        self.counter = rng.random() < 0.06
        self.make_columns()
        self.make_indexes()

    # ---- what it consists of ----

    def of_kind(self, *kinds):
        return [column for column in self.columns if column.kind in kinds]

    @property
    def partition(self):
        return self.of_kind("partition")

    @property
    def clustering(self):
        return self.of_kind("clustering")

    @property
    def key(self):
        return self.of_kind("partition", "clustering")

    def add(self, name, kind, kind_type):
        if self.rng.random() < 0.1:
            name = name.capitalize() + " x"
        self.columns.append(Column(name, kind, kind_type, self.rng))

    def key_type(self, kind):
        """Partition keys are mostly of types by which they can be found."""
        pick = self.rng.random()
        partition = kind == "partition"
        if pick < (0.72 if partition else 0.5):
            return self.rng.choice(values.COMMON)
        if pick < (0.97 if partition else 0.93):
            return self.rng.choice([kind for kind in values.SCALARS
                                    if kind.key])
        kind = values.nested(self.rng, True, False)
        return kind if kind.key else values.SCALARS[0]

    def user_type(self):
        name = "%s_u%d" % (self.name, len(self.types))
        fields = [("f%d" % number, values.element(self.rng))
                  for number in range(self.rng.randint(1, 3))]
        self.types.append((name, fields))
        return values.udt_type(self.rng, name, fields)

    def cell_type(self):
        pick = self.rng.random()
        if self.counter:
            return values.COUNTER
        if pick < 0.6:
            return self.rng.choice(values.SCALARS)
        if pick < 0.9:
            return values.nested(self.rng, self.rng.random() < 0.35,
                                 self.sai)
        return self.user_type()

    def make_columns(self):
        rng = self.rng
        for number in range(rng.choice([1, 1, 2, 2, 3])):
            self.add("p%d" % number, "partition",
                     self.key_type("partition"))
        nclustering = rng.choice([0, 1, 1, 2, 2, 3, 4])
        for number in range(nclustering):
            self.add("c%d" % number, "clustering",
                     self.key_type("clustering"))
        if nclustering:
            for number in range(rng.choice([0, 0, 1, 2])):
                self.add("s%d" % number, "static", self.cell_type())
        for number in range(rng.randint(1 if self.counter else 0, 5)):
            self.add("v%d" % number, "regular", self.cell_type())

    def make_indexes(self):
        rng = self.rng
        if self.counter:
            return
        for _ in range(rng.choice([0, 0, 1, 2, 3])):
            choices = self.of_kind("clustering", "static", "regular")
            if len(self.partition) > 1:
                choices += self.partition
            if choices:
                self.indexes.append(self.index(rng.choice(choices)))

    def index(self, column):
        """CREATE INDEX of some kind; the server may refuse it."""
        rng = self.rng
        target = quote(column.name)
        cql = column.type.cql
        if cql.startswith("map"):
            target = rng.choice(["keys", "values", "entries"]) \
                + "(%s)" % target
        elif cql.startswith("set"):
            target = rng.choice(["keys", "values"]) + "(%s)" % target
        elif cql.startswith("list"):
            target = "values(%s)" % target
        elif column.type.family == "array" or cql.startswith("frozen<map"):
            target = "full(%s)" % target
        using, options = rng.choice(
            [(None, None)] + [(SAI, None)] * 3 * self.sai
            + [(SASI, rng.choice(SASI_OPTIONS + [None]))])
        if using == SAI and column.type.sql == "text" \
                and rng.random() < 0.3:
            options = rng.choice(SAI_OPTIONS)
        return "CREATE %s INDEX ON {keyspace}.%s (%s)%s%s" % (
            "CUSTOM" if using else "", self.name, target,
            " USING %s" % using if using else "",
            " WITH OPTIONS = %s" % options if options else "")

    # ---- CQL ----

    def ddl(self):
        for name, fields in self.types:
            yield "CREATE TYPE {keyspace}.%s (%s)" % (name, ", ".join(
                "%s %s" % (field, kind.cql) for field, kind in fields))
        lines = ["%s %s%s" % (quote(column.name), column.type.cql,
                              " static" if column.kind == "static" else "")
                 for column in self.columns]
        key = ["(%s)" % ", ".join(quote(c.name) for c in self.partition)]
        key += [quote(column.name) for column in self.clustering]
        order = ", ".join("%s %s" % (quote(c.name), "DESC" if c.descending
                                     else "ASC") for c in self.clustering)
        yield "CREATE TABLE {keyspace}.%s (%s, PRIMARY KEY (%s))%s" % (
            self.name, ", ".join(lines), ", ".join(key),
            " WITH CLUSTERING ORDER BY (%s)" % order if order else "")

    def random_rows(self):
        """Statements that make the rows."""
        rng = self.rng
        keys = [[rng.choice(column.pool) for column in self.partition]
                for _ in range(rng.randint(1, 8))]
        for _ in range(rng.choice([5, 30, 60, 120])):
            row = dict(zip((c.name for c in self.partition),
                           rng.choice(keys)))
            cells = self.of_kind("static", "regular")
            if self.clustering and rng.random() < 0.08:
                cells = self.of_kind("static")
            else:
                row.update((column.name, rng.choice(column.pool))
                           for column in self.clustering)
            given = {column.name: rng.choice(column.pool) for column in cells
                     if rng.random() < (0.25 if column.kind == "static"
                                        else 0.8)}
            if len(row) < len(self.key) and not given:
                continue
            yield self.update(row, given) if self.counter \
                else self.insert({**row, **given})

    def insert(self, row):
        return "INSERT INTO {keyspace}.%s (%s) VALUES (%s)" % (
            self.name, ", ".join(map(quote, row)), ", ".join(row.values()))

    def update(self, key, given):
        if not given:
            given = {c.name: "1" for c in self.of_kind("regular")[:1]}
        if len(key) < len(self.key):
            given = {c.name: given[c.name] for c in self.of_kind("static")
                     if c.name in given}
        return "UPDATE {keyspace}.%s SET %s WHERE %s" % (
            self.name, ", ".join("%s = %s + %s" % (quote(n), quote(n), v)
                                 for n, v in given.items()),
            " AND ".join("%s = %s" % (quote(n), v) for n, v in key.items()))


class Node:
    """A session with Cassandra, and the keyspace of the tables."""

    def __init__(self, host, port, keyspace):
        logging.getLogger("cassandra").setLevel(logging.CRITICAL)
        profile = ExecutionProfile(
            load_balancing_policy=WhiteListRoundRobinPolicy([host]),
            request_timeout=60)
        self.cluster = Cluster(
            [host], port=port, schema_metadata_enabled=False,
            token_metadata_enabled=False,
            execution_profiles={EXEC_PROFILE_DEFAULT: profile})
        self.session = self.cluster.connect()
        self.keyspace = keyspace
        self.release = self.session.execute(
            "SELECT release_version FROM system.local").one()[0]
        self.run("DROP KEYSPACE IF EXISTS {keyspace}")
        self.run("CREATE KEYSPACE {keyspace} WITH replication = {'class':"
                 " 'SimpleStrategy', 'replication_factor': 1}"
                 " AND durable_writes = false")

    @property
    def has_sai(self):
        return int(self.release.split(".")[0]) >= 5

    def run(self, statement):
        return self.session.execute(
            statement.replace("{keyspace}", self.keyspace))

    def create(self, table, flush=None):
        """Makes a table and its rows; what the server refuses of indexes
        and rows is left out.  flush: shell command, run when most rows are
        written."""
        for statement in table.ddl():
            self.run(statement)
        made = []
        for statement in table.indexes:
            try:
                self.run(statement)
                made.append(statement)
            except ANSWERED:
                pass
        table.indexes = made
        rows = list(table.random_rows())
        # of equal clustering values the bytes of either may be shown
        if any(c.type.norm == "numeric" for c in table.clustering):
            flush = None
        for number, statement in enumerate(rows):
            if flush and number == len(rows) * 3 // 4:
                subprocess.run(flush, shell=True, check=True,
                               stdout=subprocess.DEVNULL)
            try:
                self.run(statement)
                table.written += 1
            except ANSWERED:
                table.refused += 1

    def drop(self, table):
        self.run("DROP TABLE IF EXISTS {keyspace}.%s" % table.name)

    def close(self):
        self.run("DROP KEYSPACE IF EXISTS {keyspace}")
        self.cluster.shutdown()
