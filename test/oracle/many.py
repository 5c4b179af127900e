"""A table of more partitions than a scan opens streams for, and queries that
ask for all of them in an order."""

import special
import tables
import values
from compare import Runner
from conditions import Const
from queries import Key, Output, Query

NKEYS = 17000
STREAMS = 16384
WORDS = ["a", "B", "ä", "_", "aa", "Z", "é", "~", "ab c", "A"]


class ManyTable(tables.Table):
    """One short row a partition; loaded from SQL."""

    def make_columns(self):
        kinds = {kind.cql: kind for kind in values.SCALARS}
        self.counter = False
        for name, kind, cql in (("k", "partition", "int"),
                                ("c", "clustering", "text"),
                                ("v", "regular", "int")):
            self.columns.append(tables.Column(name, kind, kinds[cql],
                                              self.rng))

    def make_indexes(self):
        pass

    def random_rows(self):
        return []


def prepare(session, keyspace, table):
    """Imports and fills it; gives what runs queries on it and its copy."""
    foreign = "oracle_foreign." + table.name
    local = "oracle_copy." + table.name
    session.run("IMPORT FOREIGN SCHEMA %s LIMIT TO (%s) FROM SERVER oracle"
                " INTO oracle_foreign" % (keyspace, table.name))
    for change in special.collate_columns(table.rng, table):
        session.run("ALTER FOREIGN TABLE %s %s" % (foreign, change))
    session.run("CREATE TABLE %s AS SELECT * FROM %s" % (local, foreign))
    session.run(
        "INSERT INTO %s SELECT i, (ARRAY[%s])[1 + i * 7 %% %d] || i * 31 %% 97,"
        " i %% 5 FROM generate_series(1, %d) i" % (
            local, ", ".join("'%s'" % word for word in WORDS), len(WORDS),
            NKEYS))
    session.run("INSERT INTO %s SELECT * FROM %s" % (foreign, local))
    session.run("ANALYZE " + local)
    return Runner(session, foreign, local)


def queries(rng, table):
    for _ in range(4):
        query = Query()
        count = rng.choice([STREAMS - 1, STREAMS, STREAMS + 1, NKEYS])
        query.where = [["t.k = ANY (", Const("int4[]", "{%s}" % ",".join(
            map(str, rng.sample(range(1, NKEYS + 1), count)))), ")"]]
        down = table.columns[1].descending != (rng.random() < 0.2)
        key = Key("t.c", (" DESC" if down else " ASC") + rng.choice(
            ["", " NULLS FIRST", " NULLS LAST"]))
        if rng.random() < 0.7:
            special.sort_otherwise(rng, key, down)
        query.order = [key]
        if rng.random() < 0.5:
            query.order.append(Key("t.k", " ASC"))
        query.outputs = [Output("t.v")]
        if rng.random() < 0.4:
            query.limit = Const("int8", "16500")
        query.mode = rng.choice(["literal", "prepared"])
        query.settings = ["enable_sort = off"] * (rng.random() < 0.6)
        yield query
