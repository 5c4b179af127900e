#!/usr/bin/env python3
"""Do Cassandra's tables change by SQL as copies of them do?

writes.py HOST[:PORT] [-n STATEMENTS] [--seed SEED] [--table N]

Makes random tables, copies them, and runs random sequences of INSERT, COPY,
UPDATE, DELETE and TRUNCATE on both: on the copy as the model in model.py
says it.  The partitions that a statement touched are compared after it, all
of the table every now and then.

Left out, because Cassandra cannot do as SQL does: keys of types whose equal
values are different keys (floating point, decimal, nanoseconds), empty
partition keys, changed keys, values that are rounded on their way, DELETE of
a whole partition with static columns (which goes or stays by how it is
told), static columns set to something else in each row, and ROLLBACK.
"""

import argparse
import json
import random
import sys
import time

import pg
import special
import tables
import values
from compare import counted
from conditions import array_text, condition, equality, literal
from model import Model, is_exact_collection
from oracle import SETUP, comment, report, show_rows, FAILED
from queries import Writer, weighted

PER_TABLE = 100
WHOLE_EVERY = 20
MOST_DIFFERENCES = 10
HISTORY = 8
LONGEST_SHOWN = 2000
LONG_IN_KEY = 20000
# Times that are rounded on their way, to the even and to the odd.
MICROSECONDS = ["1", "499", "500", "501", "1500", "-500", "-1"]
WITH_MICROSECONDS = ["2020-01-01 00:00:00.123456+00",
                     "2020-01-01 00:00:00.1235+00",
                     "1969-12-31 23:59:59.9995+00",
                     "1969-12-31 23:59:59.000499+00",
                     "2038-01-19 03:14:07.0005+00"]
KEYS = [kind for kind in values.SCALARS if kind.cql in (
    "int", "bigint", "smallint", "tinyint", "text", "ascii", "timestamp",
    "date", "uuid", "timeuuid", "blob", "inet", "boolean", "varint")]


class WriteTable(tables.Table):
    """A table whose keys are the same to SQL and to Cassandra."""

    def key_type(self, kind):
        return self.rng.choice(KEYS)

    def cell_type(self):
        """Elements that differ in nanoseconds only are one to SQL."""
        kind = super().cell_type()
        while any(part.cql == "time" for part in kind.parts):
            kind = super().cell_type()
        return kind

    def add(self, name, kind, kind_type):
        super().add(name, kind, kind_type)
        column = self.columns[-1]
        # a static value of no length makes a row, though it reads NULL
        if kind == "static":
            column.pool = [value for value in column.pool
                           if not value.startswith("blobAs")] \
                or ["null"]
        if kind in ("partition", "clustering"):
            column.pool = [value for value in column.pool
                           if not value.startswith("blobAs")
                           and value not in ("''", "0x")] \
                or [values.terms(kind_type)[-1]]

    def make_columns(self):
        """Columns of a key have 65,535 bytes together."""
        super().make_columns()
        for columns in (self.partition, self.clustering):
            for column in columns if len(columns) > 1 else []:
                column.pool = [value for value in column.pool
                               if len(value) < LONG_IN_KEY]

    def make_indexes(self):
        if self.rng.random() < 0.3:
            super().make_indexes()

    @property
    def static(self):
        return self.of_kind("static")

    @property
    def regular(self):
        return self.of_kind("regular")


class Generator:
    """Random statements, each run on both sides: the methods that make one
    give (text, foreign answer, copy's answer, partitions it touched)."""

    def __init__(self, rng, table, model):
        self.rng = rng
        self.table = table
        self.model = model

    # ---- values ----

    def value(self, column):
        """Text that the column's type can hold; None for NULL."""
        if self.rng.random() < 0.12 or not column.texts:
            return None
        if column.type.sql == "timestamptz" and self.rng.random() < 0.3:
            return self.rng.choice(WITH_MICROSECONDS)
        return self.rng.choice(column.texts)

    def key_value(self, column):
        return self.rng.choice(column.texts)

    def new_rows(self, columns, many=False):
        """Rows as dicts of texts; keys come twice now and then."""
        rng = self.rng
        rows = []
        for _ in range(rng.randint(2, 12) if many else weighted(
                rng, (50, 1), (30, 3), (18, 6), (2, 150))):
            row = {c.name: self.value(c) for c in columns}
            row.update((c.name, self.key_value(c)) for c in self.table.key)
            if rows and rng.random() < 0.35:
                earlier = rng.choice(rows)
                row.update((c.name, earlier[c.name])
                           for c in self.table.key)
            rows.append(row)
        return rows

    def some_columns(self):
        """All of the key, and some others."""
        rng = self.rng
        others = self.table.static + self.table.regular
        if rng.random() < 0.4:
            chosen = others
        else:
            chosen = rng.sample(others, rng.randint(0, len(others)))
        columns = self.table.key + chosen
        if rng.random() < 0.3:
            rng.shuffle(columns)
        return columns

    # ---- statements ----

    def run(self):
        choices = [(8, self.insert), (4, self.copy), (8, self.update),
                   (5, self.delete), (0.3, self.truncate),
                   (1.5, self.delete_listed), (2, self.delete_keys)]
        if self.table.static and not self.table.counter:
            choices.append((2, self.insert_static))
        if not self.table.counter:
            choices += [(1, self.insert_new), (1.5, self.insert_from_self),
                        (1.5, self.update_listed), (4, self.update_keys)]
        return weighted(self.rng, *choices)()

    def insert(self):
        columns = self.some_columns()
        if self.table.counter:
            return self.insert_counters()
        rows = self.new_rows(columns)
        form = self.rng.random()
        listed = ", ".join(tables.quote(c.name) for c in columns)
        body = ", ".join("(%s)" % ", ".join(
            typed(row[c.name], c) for c in columns) for row in rows)
        if form < 0.6:
            source = "VALUES " + body
        else:
            source = "SELECT * FROM (VALUES %s OFFSET 0) AS v" % body
        returned = ""
        if self.rng.random() < 0.2:
            returned = " RETURNING " + listed
        sql = "INSERT INTO {T} (%s) %s%s" % (listed, source, returned)
        foreign = self.model.foreign(sql)
        local = self.model.upsert(columns, rows, bool(returned))
        return sql, foreign, local, self.partitions(rows)

    def insert_counters(self):
        columns = self.table.key + self.table.regular
        rows = self.new_rows(columns)
        for row in rows:
            row.update((c.name, self.rng.choice(["1", "-2", "5"]))
                       for c in self.table.regular)
        listed = ", ".join(tables.quote(c.name) for c in columns)
        body = ", ".join("(%s)" % ", ".join(
            typed(row[c.name], c) for c in columns) for row in rows)
        sql = "INSERT INTO {T} (%s) VALUES %s" % (listed, body)
        return (sql, self.model.foreign(sql), self.model.add(columns, rows),
                self.partitions(rows))

    def insert_static(self):
        """Of a partition without clustering columns."""
        columns = self.table.partition + self.table.static
        row = {c.name: self.key_value(c) for c in self.table.partition}
        row.update((c.name, self.value(c)) for c in self.table.static)
        if all(row[c.name] is None for c in self.table.static):
            return self.insert()
        sql = "INSERT INTO {T} (%s) VALUES (%s)" % (
            ", ".join(tables.quote(c.name) for c in columns),
            ", ".join(typed(row[c.name], c) for c in columns))
        return (sql, self.model.foreign(sql),
                self.model.set_static(columns, row), self.partitions([row]))

    def insert_from_self(self):
        """INSERT ... SELECT of the table itself, with a changed key."""
        rng, table = self.rng, self.table
        columns = table.key + table.regular
        changed = rng.choice(table.key)
        shown = {c.name: c.ref for c in columns}
        shown[changed.name] = typed(self.key_value(changed), changed)
        for column in table.regular:
            if column.type.sql == "int8" and rng.random() < 0.5:
                shown[column.name] = special.look_up(table, "{T}")
        where = self.where()
        if rng.random() < 0.3:
            where.append([special.look_up(table, "{T}") + " > 0"])
        if table.clustering:
            where.append([table.clustering[0].ref + " IS NOT NULL"])
        keys = ", ".join(shown[c.name] for c in table.key)
        select = "SELECT DISTINCT ON (%s) %s FROM {T} t WHERE %s" \
            " ORDER BY %s, t::text" % (
                keys, ", ".join(shown[c.name] for c in columns),
                Writer("literal").conjunction(where), keys)
        rows = [dict(zip((c.name for c in columns), row))
                for row in self.model.local(select).rows]
        sql = "INSERT INTO {T} (%s) %s" % (
            ", ".join(tables.quote(c.name) for c in columns), select)
        return (sql, self.model.foreign(sql),
                self.model.upsert(columns, rows, False),
                self.partitions(rows))

    def listed(self, columns):
        """Rows of VALUES that name keys once each, and other columns."""
        rows = {}
        for _ in range(self.rng.randint(1, 5)):
            row = self.model.any_row(self.rng)
            if row is None or None in [row[c.name] for c in self.table.key]:
                continue
            row = {c.name: row[c.name] if c in self.table.key
                   else self.value(c) for c in columns}
            rows[tuple(row[c.name] for c in self.table.key)] = row
        names = ["x%d" % number for number in range(len(columns))]
        source = "(VALUES %s) AS v(%s)" % (", ".join(
            "(%s)" % ", ".join(typed(row[c.name], c) for c in columns)
            for row in rows.values()), ", ".join(names))
        same = " AND ".join("%s = v.%s" % (c.ref, name) for c, name
                            in zip(columns, names) if c in self.table.key)
        return rows, source, same, names

    def update_listed(self):
        """UPDATE ... FROM rows that have the whole key."""
        if not self.table.regular:
            return self.insert()
        columns = self.table.key + self.rng.sample(
            self.table.regular, self.rng.randint(1, min(
                3, len(self.table.regular))))
        rows, source, same, names = self.listed(columns)
        if not rows:
            return self.insert()
        text = "UPDATE {T} t SET %s FROM %s WHERE %s" % (
            ", ".join("%s = v.%s" % (tables.quote(c.name), name)
                      for c, name in zip(columns, names)
                      if c not in self.table.key), source, same)
        foreign = self.model.foreign(text)
        local, touched = self.model.update(text, [])
        return text, foreign, local, touched

    def delete_listed(self):
        rows, source, same, _ = self.listed(self.table.key)
        if not rows or self.table.counter:
            return self.insert()
        text = "DELETE FROM {T} t USING %s WHERE %s" % (source, same)
        foreign = self.model.foreign(text)
        local, touched = self.model.delete(text)
        return text, foreign, local, touched

    def whole_keys(self):
        """Conditions on each key column: =, IN or = ANY of values that rows
        have, and of others."""
        rng = self.rng
        rows = [row for row in (self.model.any_row(rng) for _ in range(
            rng.randint(1, 3))) if row is not None]
        found = []
        for column in self.table.key:
            texts = [row[column.name] for row in rows
                     if row[column.name] is not None]
            while not texts or rng.random() < 0.25:
                texts.append(self.key_value(column))
            if rng.random() < 0.05:
                texts.append(None)
            kind = column.type.sql
            if rng.random() < 0.5:
                found.append("%s = %s" % (column.ref, typed(texts[0],
                                                            column)))
            elif rng.random() < 0.6:
                found.append("%s IN (%s)" % (column.ref, ", ".join(
                    typed(text, column) for text in texts)))
            else:
                found.append("%s = ANY (%s::%s[])" % (
                    column.ref, literal(array_text(texts)), kind))
        rng.shuffle(found)
        return " AND ".join(found)

    def update_keys(self):
        """UPDATE of rows whose whole keys are given, mostly of values and
        elements that need nothing of the old row."""
        rng = self.rng
        if not self.table.regular:
            return self.insert()
        columns = rng.sample(self.table.regular,
                             rng.randint(1, min(3, len(self.table.regular))))
        text = "UPDATE {T} t SET %s WHERE %s" % (", ".join(
            "%s = %s" % (tables.quote(c.name), self.assigned(c)
                         if is_exact_collection(c.type) or rng.random() < 0.2
                         else typed(self.value(c), c))
            for c in columns), self.whole_keys())
        foreign = self.model.foreign(text)
        local, touched = self.model.update(text, [])
        return text, foreign, local, touched

    def delete_keys(self):
        if self.table.counter:
            return self.insert()
        text = "DELETE FROM {T} t WHERE " + self.whole_keys()
        foreign = self.model.foreign(text)
        local, touched = self.model.delete(text)
        return text, foreign, local, touched

    def insert_new(self):
        """ON CONFLICT DO NOTHING."""
        columns = self.table.key + self.table.regular
        rows = self.new_rows(columns)
        sql = "INSERT INTO {T} (%s) VALUES %s ON CONFLICT DO NOTHING" % (
            ", ".join(tables.quote(c.name) for c in columns),
            ", ".join("(%s)" % ", ".join(typed(row[c.name], c)
                                         for c in columns) for row in rows))
        return (sql, self.model.foreign(sql),
                self.model.insert_new(columns, rows), self.partitions(rows))

    def copy(self):
        if self.table.counter:
            return self.insert_counters()
        columns = self.some_columns()
        rows = self.new_rows(columns, many=True)
        lines = ["\t".join(copied(row[c.name]) for c in columns) + "\n"
                 for row in rows]
        sql = "COPY {T} (%s) FROM STDIN" % ", ".join(
            tables.quote(c.name) for c in columns)
        foreign = self.model.copy(sql, "".join(lines))
        local = self.model.upsert(columns, rows, False)
        return sql + "\n" + "".join(lines), foreign, local, \
            self.partitions(rows)

    def where(self):
        """Conditions on the rows to change."""
        rng, table = self.rng, self.table
        row = self.model.any_row(rng)
        found = []
        if rng.random() < 0.75:
            found += [equality(rng, c, row) for c in table.partition]
            for column in table.clustering:
                if rng.random() < 0.75:
                    found.append(equality(rng, column, row))
        if rng.random() < 0.45 or not found:
            found.append(condition(rng, rng.choice(table.columns), row))
        return found

    def assignments(self):
        """Pairs of column and SQL, of regular columns or of static ones."""
        rng, table = self.rng, self.table
        if table.static and rng.random() < 0.25 or not table.regular:
            return [(c, self.assigned(c) if table.counter
                     else typed(self.value(c), c)) for c in rng.sample(
                         table.static, rng.randint(1, len(table.static)))]
        return [(c, self.assigned(c)) for c in rng.sample(
            table.regular, rng.randint(1, min(3, len(table.regular))))]

    def assigned(self, column):
        """A constant or an expression of the old row."""
        rng = self.rng
        sql, ref = column.type.sql, column.ref
        if self.table.counter:
            return "coalesce(%s, 0) + %s" % (ref, rng.choice(["1", "7"]))
        if is_exact_collection(column.type) and column.texts \
                and rng.random() < 0.6:
            return self.changed_collection(column)
        if rng.random() < 0.6:
            return typed(self.value(column), column)
        if rng.random() < 0.1 and sql == "int8":
            return special.look_up(self.table, "{T}")
        if sql == "timestamptz":
            return "%s + interval '%s us'" % (ref, rng.choice(MICROSECONDS))
        if sql in ("int2", "int4", "int8"):
            return "%s # 3::%s" % (ref, sql)
        if sql == "text" and column.type.cql == "text":
            return "left(%s || 'ä', 4)" % ref
        if sql == "bool":
            return "NOT " + ref
        same = [c for c in self.table.regular if c.type.cql
                == column.type.cql and c is not column]
        return rng.choice(same).ref if same else ref

    def changed_collection(self, column):
        """Elements that come and go, told as SQL has it."""
        if column.type.sql == "jsonb":
            return self.changed_map(column)
        rng, ref = self.rng, column.ref
        value = typed(rng.choice(column.texts), column)
        part = column.type.parts[0].sql
        if rng.random() < 0.1:
            ref = "coalesce(%s, '{}')" % ref
        if column.elements and rng.random() < 0.65:
            element = "%s::%s" % (literal(rng.choice(column.elements)), part)
            return weighted(
                rng, (4, "array_remove(%s, %s)" % (ref, element)),
                (2, "%s || %s" % (ref, element)),
                (1, "array_append(%s, %s)" % (ref, element)),
                (1, "array_prepend(%s, %s)" % (element, ref)),
                (0.3, "array_remove(%s, NULL::%s)" % (ref, part)),
                (0.3, "%s || NULL::%s" % (ref, column.type.sql)))
        if rng.random() < 0.3:
            return "%s || %s" % (value, ref)
        return "%s || %s" % (ref, value)

    def changed_map(self, column):
        rng, ref = self.rng, column.ref
        value = typed(rng.choice(column.texts), column)
        keys = list(json.loads(rng.choice(column.texts))) or ["a"]
        key = literal(rng.choice(keys))
        some = "%s || %s" % (ref, value)
        return weighted(
            rng, (2, some), (4, "coalesce(%s, '{}') || %s" % (ref, value)),
            (2, "%s - %s::text" % (ref, key)),
            (1, "coalesce(%s, '{}') - %s::text" % (ref, key)),
            (1, "%s - %s::text[]" % (ref, literal(array_text(
                keys[:2] + [None, "none"])))),
            (0.3, "coalesce(%s, '{}') || NULL::jsonb" % ref),
            (0.3, "%s - NULL::text" % ref))

    def update(self):
        if not self.table.regular and not self.table.static:
            return self.insert()
        pairs = self.assignments()
        conditions = self.where()
        is_static = pairs[0][0].kind == "static"
        if self.table.clustering and not is_static:
            conditions.append([self.table.clustering[0].ref
                               + " IS NOT NULL"])
        text = "UPDATE {T} t SET %s WHERE %s" % (
            ", ".join("%s = %s" % (tables.quote(c.name), sql)
                      for c, sql in pairs),
            Writer("literal").conjunction(conditions))
        if self.rng.random() < 0.25:
            text += " RETURNING t.*"
        foreign = self.model.foreign(text)
        local, touched = self.model.update(text, [c for c, _ in pairs
                                                  if is_static])
        return text, foreign, local, touched

    def delete(self):
        conditions = self.where()
        if self.table.counter:
            return self.insert_counters()
        if self.table.static:
            conditions.append([self.table.clustering[-1].ref, " IS NOT NULL"])
        text = "DELETE FROM {T} t WHERE " + Writer("literal").conjunction(
            conditions)
        if self.rng.random() < 0.25:
            text += " RETURNING t.*"
        foreign = self.model.foreign(text)
        local, touched = self.model.delete(text)
        return text, foreign, local, touched

    def truncate(self):
        sql = "TRUNCATE {T}"
        return sql, self.model.foreign(sql), self.model.local(sql), []

    def partitions(self, rows):
        names = [c.name for c in self.table.partition]
        return list(dict.fromkeys(tuple(row[name] for name in names)
                                  for row in rows))


def typed(text, column):
    return "%s::%s" % (literal(text), column.type.sql)


def copied(text):
    """As COPY's text format has it."""
    if text is None:
        return "\\N"
    for char, escape in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"),
                         ("\r", "\\r")):
        text = text.replace(char, escape)
    return text


class Oracle:
    def __init__(self, options):
        self.options = options
        self.statements = 0
        self.differences = 0
        self.rows = 0
        self.tables = 0
        self.failed = 0
        host, _, port = options.node.partition(":")
        self.node = tables.Node(host, int(port or 9042), options.keyspace)
        self.session = pg.Session()
        self.session.run(SETUP % (host, port or 9042))
        self.session.run("SET timezone = 'UTC'")

    def prepare(self, number):
        rng = random.Random("%s writes %d" % (self.options.seed, number))
        table = WriteTable(rng, "w%d" % number, self.node.has_sai)
        self.node.create(table, rng.random() < 0.2 and self.options.flush)
        self.tables += 1
        self.session.run(
            "IMPORT FOREIGN SCHEMA %s LIMIT TO (%s) FROM SERVER oracle"
            " INTO oracle_foreign" % (self.node.keyspace, table.name))
        model = Model(self.session, table, rng)
        model.create()
        return table, model

    def run_table(self, number, count):
        table, model = self.prepare(number)
        history = []
        for which in range(count):
            rng = random.Random("%s writes %d statement %d" % (
                self.options.seed, number, which))
            if rng.random() < 0.15:
                model.begin()
            sql, foreign, local, touched = Generator(rng, table, model).run()
            self.statements += 1
            history = history[-HISTORY:] + [sql]
            self.rows += foreign.count or 0
            self.failed += foreign.sqlstate is not None
            where = "seed %s table %d statement %d" % (
                self.options.seed, number, which)
            if self.compare(where, table, model, foreign, local, touched,
                            history, which == count - 1 or
                            which % WHOLE_EVERY == WHOLE_EVERY - 1):
                model.take_over()
            elif rng.random() < 0.5:
                model.commit()
            if self.differences >= MOST_DIFFERENCES:
                break
        model.commit()
        if not self.options.keep:
            model.drop()
            self.node.drop(table)

    def compare(self, where, table, model, foreign, local, touched, history,
                whole):
        """Shows what differs; says whether something does."""
        found = None
        if foreign.sqlstate or local.sqlstate:
            found = ("errors differ", [foreign.sqlstate, foreign.message],
                     [local.sqlstate, local.message])
        elif foreign.count != local.count:
            found = ("row counts differ", [foreign.count], [local.count])
        elif counted(foreign.rows, []) != counted(local.rows, []):
            found = ("returned rows differ", foreign.rows, local.rows)
        if found is None:
            found = model.difference(None if whole else touched)
        if found is None:
            return False
        self.differences += 1
        print("not ok - %s: %s" % (where, found[0]))
        for statement in list(table.ddl()) + table.indexes:
            comment(statement)
        comment("options: %s" % model.options)
        for sql in history:
            comment("  " + sql[:LONGEST_SHOWN])
        show_rows("foreign", found[1])
        show_rows("copy", found[2])
        return True

    def planted(self):
        """A cell that a statement did not write is seen."""
        _, model = self.prepare(0)
        good = model.difference(None) is None
        self.session.run("DELETE FROM %s WHERE ctid = (SELECT min(ctid)"
                         " FROM %s)" % (model.copy_name, model.copy_name))
        seen = model.difference(None) is not None
        model.drop()
        report(good and seen, "a row that is not deleted is seen")

    def run(self):
        options = self.options
        number = 1 if options.table is None else options.table
        if options.table is None:
            self.planted()
        while self.statements < options.statements \
                and self.differences < MOST_DIFFERENCES:
            self.run_table(number, min(PER_TABLE, options.statements
                                       - self.statements))
            number += 1
            if options.table is not None:
                break


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("node", metavar="HOST[:PORT]")
    parser.add_argument("-n", "--statements", type=int, default=300)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--table", type=int, help="only this table")
    parser.add_argument("--keep", action="store_true",
                        help="leave the tables")
    parser.add_argument("--flush", metavar="COMMAND", help="shell command"
                        " that makes the node write to disk what it has")
    parser.add_argument("--keyspace", default="fdw_oracle_writes")
    return parser.parse_args()


def main():
    options = arguments()
    began = time.monotonic()
    oracle = Oracle(options)
    try:
        oracle.run()
    finally:
        if not options.keep:
            oracle.node.close()
    print("# %d tables, Cassandra %s, seed %s: %d statements in %.0f s,"
          " %d rows written, %d statements failed" % (
              oracle.tables, oracle.node.release, options.seed,
              oracle.statements, time.monotonic() - began, oracle.rows,
              oracle.failed))
    report(oracle.statements > 0 and oracle.differences == 0,
           "%d differences in %d statements" % (oracle.differences,
                                                oracle.statements))
    if options.table is None:
        report(oracle.rows > oracle.statements,
               "more rows were written than statements run")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
