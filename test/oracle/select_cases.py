#!/usr/bin/env python3
"""Checks the cases of select against a real server.

select_cases.py [--host HOST] [--port PORT] [--keep]

Every statement that test/unit/select_cases.txt calls legal must be accepted,
and everything it refuses must be an error when it is said all the same;
refusals that are our own caution are counted apart.  Tables whose indexes the
server cannot make (SASI is off by default, unknown classes) are named and
not counted.
"""

import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cassandra"))
import cqlwire  # noqa: E402

CASES = HERE.parent / "unit" / "select_cases.txt"
KEYSPACE = "select_cases"
INVALID = 0x2200

# Reasons that say less than "CQL cannot": what is legal but not wanted.
CAUTION = re.compile(
    r"would each need a request|version does not support|is masked"
    r"|unknown class|vectors, as in|checked locally|sorted locally"
    r"|cannot be combined with this one"
    r"|does not find all within a partition"
    r"|would lose the difference between IPv4"
    r"|has no such operator for column \"token\"")
# SAI finds ranges of addresses, but in an order of its own.
UNORDERED = ("ip>",)
# GROUP BY and DISTINCT that would be legal within one of several requests.
FANNED = re.compile(r"fanout")


class Table:
    def __init__(self, name):
        self.name = name
        self.columns = []
        self.indexes = []

    def line(self, words):
        if words[0] == "index":
            self.indexes.append(words[1:])
        else:
            self.columns.append(words)

    def named(self, kind):
        return [c[1] for c in self.columns if c[0] == kind]

    def statements(self):
        columns = ", ".join(
            "%s %s%s" % (c[1], c[2], " static" if c[0] == "static" else "")
            for c in self.columns)
        key = "(%s)" % ", ".join(self.named("pk"))
        clustering = self.named("ck")
        order = ", ".join("%s %s" % (c[1], "DESC" if "desc" in c else "ASC")
                          for c in self.columns if c[0] == "ck")
        yield "CREATE TABLE %s (%s, PRIMARY KEY (%s))%s" % (
            self.name, columns, ", ".join([key] + clustering),
            " WITH CLUSTERING ORDER BY (%s)" % order if order else "")
        for index in self.indexes:
            yield self.index(*index)

    def index(self, kind, target, option=""):
        name = "%s_%s" % (self.name, re.sub(r"\W+", "_", target).strip("_"))
        using = {"legacy": "", "sai": " USING 'sai'"}[kind]
        if option == "insensitive":
            using += " WITH OPTIONS = {'case_sensitive': 'false'}"
        return "CREATE INDEX %s ON %s (%s)%s" % (name, self.name, target,
                                                 using)

    def supported(self):
        return all(i[0] in ("legacy", "sai") for i in self.indexes)


class Case:
    def __init__(self, table, question):
        self.table = table
        self.question = question
        self.conditions, _, wishes = question.partition("|")
        self.wishes = wishes.split()
        self.statement = None
        self.notes = ""
        self.refused = []

    def wish(self, name):
        for word in self.wishes:
            key, _, value = word.partition("=")
            if key == name:
                return value
        return None

    def bare(self):
        """The statement's WHERE clause, and whether it must filter."""
        match = re.search(r" WHERE (.*?)(?: GROUP BY| ORDER BY| PER PART| LIMI"
                          r"T| ALLOW|$)", self.statement)
        return (match.group(1) if match else "",
                " ALLOW FILTERING" if "ALLOW F" in self.statement else "")

    def select(self, what, where, tail=""):
        condition, filtering = where
        return "SELECT %s FROM %s%s%s%s" % (
            what, self.table.name, " WHERE " + condition if condition else "",
            tail, filtering)

    def with_condition(self, text):
        """The statement with a refused condition said too."""
        condition, filtering = self.bare()
        order = re.search(r" ORDER BY .*?(?= LIMIT| ALLOW|$)", self.statement)
        text = re.sub(r"^token", "token(%s)" % ", ".join(
            self.table.named("pk")), text)
        both = " AND ".join(filter(None, [condition, text]))
        # In a partition, filtering would make it legal: that is why it was
        # refused only where filtering is.
        return self.select("*", (both, filtering),
                           order.group(0) if order else "")

    def with_order(self):
        order = ", ".join("%s %s" % (c.lstrip("-"),
                                     "DESC" if c[0] == "-" else "ASC")
                          for c in self.wish("order").split(","))
        return self.select("*", self.bare(), " ORDER BY " + order)

    def with_aggregate(self):
        limit = " PER PARTITION LIMIT 2" if self.wish("ppl") == "" else ""
        if self.wish("group") is not None:
            columns = self.wish("group")
            return self.select(columns + ", count(*)", self.bare(),
                               " GROUP BY %s%s" % (columns, limit))
        if self.wish("distinct") is not None:
            return self.select("DISTINCT " + self.wish("distinct"),
                               self.bare(), limit)
        if self.wish("ann") is not None:
            order = " ORDER BY %s ANN OF [1, 2]" % self.wish("ann")
            if self.wish("order") is not None:
                order += ", %s ASC" % self.wish("order")
            cut = " LIMIT 3" if "limit" in self.wishes else ""
            return self.select("*", self.bare(), order + limit + cut)
        return self.select("count(*)", self.bare(), limit)

    def refusals(self):
        """Pairs of reason and the statement that must be an error."""
        for what, reason in self.refused:
            if CAUTION.search(reason) or what.startswith(UNORDERED):
                yield reason, None
            elif what == "order":
                yield reason, self.with_order()
            elif what == "aggregate":
                fanned = FANNED.search(self.notes)
                yield reason, None if fanned else self.with_aggregate()
            elif what in ("limit", "partition limit"):
                yield reason, None
            else:
                yield reason, self.with_condition(what)


def read_cases():
    tables, cases, table = [], [], None
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("table "):
            table = Table(line.split()[1])
            tables.append(table)
        elif line.startswith("\t"):
            table.line(line.split())
        elif line.startswith("? "):
            cases.append(Case(table, line[2:]))
        elif line.startswith("> "):
            cases[-1].statement = line[2:]
        elif line.startswith("= "):
            cases[-1].notes = line[2:]
        elif line.startswith("- "):
            what, _, reason = line[2:].partition(": ")
            cases[-1].refused.append((what, reason))
    return tables, cases


class Check:
    def __init__(self, connection):
        self.connection = connection
        self.passed = self.failed = self.caution = 0

    def refused(self, statement):
        """The server's error text, or None; other errors are not expected."""
        try:
            self.connection.query(statement)
        except cqlwire.CqlError as error:
            if error.code != INVALID:
                raise
            return str(error)
        return None

    def verdict(self, good, case, statement, detail):
        self.passed += good
        self.failed += not good
        if not good:
            print("not ok - %s: %s\n   %s\n   %s"
                  % (case.table.name, case.question, statement, detail))

    def run(self, case):
        error = self.refused(case.statement)
        self.verdict(error is None, case, case.statement, error)
        for reason, statement in case.refusals():
            if statement is None:
                self.caution += 1
            else:
                self.verdict(self.refused(statement) is not None, case,
                             statement, "accepted, though: " + reason)


def create(connection, tables):
    connection.query("CREATE KEYSPACE IF NOT EXISTS %s WITH replication = "
                     "{'class': 'SimpleStrategy', 'replication_factor': 1}"
                     % KEYSPACE)
    connection.query("USE " + KEYSPACE)
    for table in tables:
        if not table.supported():
            print("# table %s is left out: its indexes cannot be made"
                  % table.name)
            continue
        connection.query("DROP TABLE IF EXISTS " + table.name)
        for statement in table.statements():
            connection.query(statement)
    connection.wait_for_agreement()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9042)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    tables, cases = read_cases()
    with cqlwire.Connection(options.host, options.port) as connection:
        create(connection, tables)
        check = Check(connection)
        for case in cases:
            if case.table.supported():
                check.run(case)
        if not options.keep:
            connection.query("DROP KEYSPACE " + KEYSPACE)
    print("select cases: %d passed, %d failed; %d refusals are caution"
          % (check.passed, check.failed, check.caution))
    return 1 if check.failed or not check.passed else 0


sys.exit(main())
