"""What the statements on a foreign table mean, said on a local copy of it.

An INSERT is an upsert of the columns it names, row by row; a static column
belongs to its partition; a partition with static columns and no row is a row
whose clustering columns are NULL.
"""

import random
from collections import Counter

import special
import tables
from conditions import literal
from pg import Answer

MOST_TOUCHED = 6
# Element types that SQL orders, and tells apart, as Cassandra does.
EXACT = ("int", "bigint", "smallint", "tinyint", "text", "ascii", "date",
         "blob", "varint", "boolean")


def is_exact_collection(kind):
    """A collection whose parts are the same where SQL calls them equal."""
    return kind.cql.split("<")[0] in ("list", "set", "map") and all(
        part.cql in EXACT for part in kind.parts)


class Model:
    def __init__(self, session, table, rng):
        self.session = session
        self.table = table
        self.foreign_name = "oracle_foreign." + table.name
        self.copy_name = "oracle_copy." + table.name
        self.write_nulls = table.counter or rng.random() < 0.8
        self.in_transaction = False
        self.options = {}
        if not self.write_nulls:
            self.options["write_nulls"] = "false"
        self.conditional = not table.counter and rng.random() < 0.2
        if self.conditional:
            self.options["conditional_writes"] = "true"
        for name, choices in (("batch_size", (None, None, "1", "3")),
                              ("max_in_flight", (None, None, "1", "2"))):
            choice = rng.choice(choices)
            if choice:
                self.options[name] = choice
        self.static = table.static
        self.partition = names(table.partition)
        self.clustering = names(table.clustering)

    def create(self):
        if self.options:
            self.session.run("ALTER FOREIGN TABLE %s OPTIONS (%s)" % (
                self.foreign_name, ", ".join("%s '%s'" % pair for pair
                                             in self.options.items())))
        self.session.run("CREATE TABLE %s AS SELECT * FROM %s" % (
            self.copy_name, self.foreign_name))
        self.session.run(
            "CREATE UNIQUE INDEX ON %s (%s) NULLS NOT DISTINCT" % (
                self.copy_name, ", ".join(self.partition + self.clustering)))
        for column in self.table.columns:
            column.texts = self.texts(tables.quote(column.name))
            if column.type.family == "array":
                column.elements = self.texts("unnest(%s)" % tables.quote(
                    column.name))
        self.fill_texts()
        for name in (self.foreign_name, self.copy_name):
            self.session.run(special.look_up_function(
                random.Random(0), self.table, name))

    def texts(self, sql):
        """What the copy shows of an expression."""
        found = self.session.run("SELECT %s FROM %s" % (sql, self.copy_name))
        return sorted({row[0] for row in found} - {None})

    def fill_texts(self):
        """Keys need a value, even of tables that have no row yet."""
        for column in self.table.key:
            if not column.texts:
                column.texts = column.type.near[-1:] or ["x"]

    def drop(self):
        for name in (self.foreign_name, self.copy_name):
            self.session.run("DROP FUNCTION %s_look" % name)
        self.session.run("DROP FOREIGN TABLE " + self.foreign_name)
        self.session.run("DROP TABLE " + self.copy_name)

    def begin(self):
        """A transaction around some statements."""
        if not self.in_transaction:
            self.session.run("BEGIN")
            self.in_transaction = True

    def commit(self):
        if self.in_transaction:
            self.session.run("COMMIT")
            self.in_transaction = False

    def take_over(self):
        """After a difference: the copy becomes what the table is."""
        self.commit()
        self.session.run("TRUNCATE " + self.copy_name)
        self.session.run("INSERT INTO %s SELECT * FROM %s" % (
            self.copy_name, self.foreign_name))

    def any_row(self, rng):
        found = sorted(self.session.run("SELECT %s FROM %s" % (
            ", ".join(names(self.table.columns)), self.copy_name)), key=repr)
        if not found:
            return None
        return dict(zip((c.name for c in self.table.columns),
                        rng.choice(found)))

    # ---- both sides ----

    def foreign(self, sql):
        return self.session.query(sql.replace("{T}", self.foreign_name))

    def copy(self, sql, lines):
        return self.session.copy_in(
            sql.replace("{T}", self.foreign_name, 1), lines)

    def local(self, sql):
        return self.session.query(sql.replace("{T}", self.copy_name))

    def difference(self, touched):
        """None, or (what, rows of one, rows of the other); of some
        partitions, or with None of the whole table."""
        where = ""
        if touched is not None:
            if not touched:
                return None
            where = " WHERE " + " OR ".join(
                "(%s)" % self.is_partition(key, "")
                for key in touched[:MOST_TOUCHED])
        ours, theirs = (Counter(self.session.run(
            "SELECT * FROM %s%s" % (name, where)))
            for name in (self.foreign_name, self.copy_name))
        if ours == theirs:
            return None
        return ("the tables differ", list((ours - theirs).elements()),
                list((theirs - ours).elements()))

    # ---- rows ----

    def is_partition(self, key, alias="c."):
        return " AND ".join("%s%s = %s::%s" % (
            alias, tables.quote(c.name), literal(text), c.type.sql)
            for c, text in zip(self.table.partition, key))

    def key_of(self, row):
        return tuple(row[c.name] for c in self.table.partition)

    def set_clause(self, columns):
        """What an upsert sets of these columns."""
        form = "%s = EXCLUDED.%s" if self.write_nulls \
            else "%s = coalesce(EXCLUDED.%s, c.%s)"
        return ", ".join(form % ((tables.quote(c.name),)
                                 * form.count("%s")) for c in columns)

    def upsert(self, columns, rows, returning):
        returned = []
        for row in rows:
            answer = self.upsert_row(columns, row)
            if answer.sqlstate:
                return answer
            if returning:
                returned += self.stored(columns, row)
        return Answer(returned, count=len(rows))

    def stored(self, columns, row):
        """What RETURNING tells of a row: as it is now."""
        return self.session.run("SELECT %s FROM %s WHERE %s" % (
            ", ".join(names(columns)), self.copy_name, " AND ".join(
                "%s = %s::%s" % (tables.quote(c.name), literal(row[c.name]),
                                 c.type.sql) for c in self.table.key)))

    def upsert_row(self, columns, row):
        regular = [c for c in columns if c.kind == "regular"]
        answer = self.insert_row(
            columns, row, "(%s) DO " % ", ".join(
                self.partition + self.clustering)
            + ("UPDATE SET " + self.set_clause(regular) if regular
               else "NOTHING"))
        if answer.sqlstate is None and self.static:
            self.spread([c for c in columns if c.kind == "static"], row)
        return answer

    def insert_row(self, columns, row, conflict):
        return self.session.query(
            "INSERT INTO %s AS c (%s) VALUES (%s) ON CONFLICT %s" % (
                self.copy_name, ", ".join(names(columns)),
                ", ".join("%s::%s" % (literal(row[c.name]), c.type.sql)
                          for c in columns), conflict))

    def spread(self, given, row):
        """Static columns of a partition that a row came to: those the row
        gives, else those that the partition has; its row that stood for no
        row goes."""
        key = self.key_of(row)
        for column in self.static:
            name = tables.quote(column.name)
            if column in given and (self.write_nulls
                                    or row[column.name] is not None):
                value = "%s::%s" % (literal(row[column.name]),
                                    column.type.sql)
            else:
                value = "(SELECT max(o.%s::text)::%s FROM %s o WHERE %s)" % (
                    name, column.type.sql, self.copy_name,
                    self.is_partition(key, "o."))
            self.session.run("UPDATE %s c SET %s = %s WHERE %s" % (
                self.copy_name, name, value, self.is_partition(key)))
        if row.get(self.table.clustering[0].name) is not None:
            self.session.run("DELETE FROM %s c WHERE %s AND %s IS NULL" % (
                self.copy_name, self.is_partition(key),
                self.clustering[0]))
        self.drop_empty(key)

    def drop_empty(self, key):
        """A partition without rows and static columns is none."""
        self.session.run("DELETE FROM %s c WHERE %s AND %s IS NULL AND %s" % (
            self.copy_name, self.is_partition(key), self.clustering[0],
            " AND ".join("%s IS NULL" % n for n in names(self.static))))

    def set_static(self, columns, row):
        """An INSERT without clustering columns."""
        key = self.key_of(row)
        there = self.session.run("SELECT 1 FROM %s c WHERE %s" % (
            self.copy_name, self.is_partition(key)))
        if not there:
            answer = self.insert_row(columns, row, "DO NOTHING")
            if answer.sqlstate:
                return answer
        self.spread(self.static, row)
        return Answer([], count=1)

    def insert_new(self, columns, rows):
        count = 0
        for row in rows:
            answer = self.insert_row(columns, row, "DO NOTHING")
            if answer.sqlstate:
                return answer
            count += answer.count
            if self.static and answer.count:
                self.spread([], row)
        return Answer([], count=count)

    def add(self, columns, rows):
        """INSERT into a table of counters."""
        for row in rows:
            answer = self.insert_row(columns, row, "(%s) DO UPDATE SET %s" % (
                ", ".join(self.partition + self.clustering),
                ", ".join("%s = coalesce(c.%s, 0) + EXCLUDED.%s" % (
                    (tables.quote(c.name),) * 3)
                    for c in columns if c.kind == "regular")))
            if answer.sqlstate:
                return answer
            if self.static:
                self.spread([], row)
        return Answer([], count=len(rows))

    # ---- statements that find their rows ----

    def shown(self):
        """The columns in the order of t.*."""
        by_name = {column.name: column for column in self.table.columns}
        return [by_name[name] for name, in self.session.run(
            "SELECT attname FROM pg_attribute WHERE attrelid = '%s'::regclass"
            " AND attnum > 0 ORDER BY attnum" % self.copy_name)]

    def with_keys(self, sql):
        """Runs it with the partition keys behind what it returns."""
        returned = "%s, " % ", ".join(map(as_kept, self.shown())) \
            if sql.endswith(" RETURNING t.*") else ""
        text = sql.replace(" RETURNING t.*", "") if returned else sql
        shown = self.partition + (self.clustering[:1] or ["NULL"]) + [
            tables.quote(c.name) + "::text" for c in self.static]
        answer = self.local("%s RETURNING %s%s" % (
            text, returned, ", ".join("t." + name if name != "NULL" else name
                                      for name in shown)))
        width = len(self.table.columns) if returned else 0
        found = [row[width:] for row in answer.rows]
        answer.rows = [row[:width] for row in answer.rows] if returned else []
        return answer, found

    def update(self, sql, static):
        """Static columns change in all rows of the partitions met."""
        answer, found = self.with_keys(sql)
        touched = list(dict.fromkeys(row[:len(self.partition)]
                                     for row in found))
        self.tidy()
        if static and touched:
            at = len(self.partition) + 1
            for key in touched:
                now = next(row[at:] for row in found
                           if row[:len(self.partition)] == key)
                row = dict(zip((c.name for c in self.table.partition), key))
                for column, text in zip(self.static, now):
                    if column in static:
                        self.assign_static(column, text, row)
        return answer, touched

    def tidy(self):
        """Collections as Cassandra keeps them: sets in order, no empty
        ones."""
        for column in self.table.regular:
            name, kind = tables.quote(column.name), column.type.cql
            if not is_exact_collection(column.type):
                continue
            if kind.startswith("set<"):
                collate = ' COLLATE "C"' if column.type.sql == "text[]" else ""
                self.session.run(
                    "UPDATE %s SET %s = (SELECT array_agg(DISTINCT e%s ORDER"
                    " BY e%s) FROM unnest(%s) e)" % (
                        self.copy_name, name, collate, collate, name))
            elif kind.startswith(("list<", "map<")):
                self.session.run("UPDATE %s SET %s = NULL WHERE %s = '{}'" % (
                    self.copy_name, name, name))

    def assign_static(self, column, text, row):
        key = self.key_of(row)
        self.session.run("UPDATE %s c SET %s = %s::%s WHERE %s" % (
            self.copy_name, tables.quote(column.name), literal(text),
            column.type.sql, self.is_partition(key)))
        self.drop_empty(key)

    def delete(self, sql):
        """The static columns of a partition outlive its rows."""
        answer, found = self.with_keys(sql)
        width = len(self.partition)
        touched = list(dict.fromkeys(row[:width] for row in found))
        for key in touched if self.static else []:
            row = next(row for row in found if row[:width] == key)
            static = row[width + 1:]
            there = self.session.run("SELECT 1 FROM %s c WHERE %s" % (
                self.copy_name, self.is_partition(key)))
            if there or row[width] is None or not any(
                    text is not None for text in static):
                continue
            columns = self.table.partition + self.static
            self.insert_row(columns, dict(zip(
                (c.name for c in columns), key + static)), "DO NOTHING")
        return answer, touched


def as_kept(column):
    """SQL of a column's value as Cassandra keeps it."""
    name, kind = column.ref, column.type.cql
    if not is_exact_collection(column.type):
        return name
    if not kind.startswith("set<"):
        return "nullif(%s, '{}')" % name
    collate = ' COLLATE "C"' if column.type.sql == "text[]" else ""
    return "(SELECT array_agg(DISTINCT e%s ORDER BY e%s) FROM unnest(%s) e)" \
        % (collate, collate, name)


def names(columns):
    return [tables.quote(column.name) for column in columns]
