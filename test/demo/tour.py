#!/usr/bin/env python3
"""Turns tour.sql into a psql script that shows each of its steps.

A step is a comment and a statement: what is printed is the comment, the
statement, its answer and time, and its plan with the CQL.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
EXPLAIN = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)"


def steps(text):
    for part in text.strip().split(";\n"):
        lines = part.strip().splitlines()
        title = [line[3:] for line in lines if line.startswith("-- ")]
        sql = [line for line in lines if not line.startswith("-- ")]
        yield " ".join(title), "\n".join(sql).rstrip(";")


def echo(text):
    for line in text.splitlines():
        print("\\echo '%s'" % line.replace("\\", "\\\\").replace("'", "\\'"))


def main():
    with open(os.path.join(HERE, "tour.sql"), encoding="utf-8") as file:
        text = file.read()
    print("\\set ON_ERROR_STOP on\n\\pset pager off\n\\pset footer off")
    for number, (title, sql) in enumerate(steps(text), 1):
        # EXPLAIN ANALYZE of CREATE TABLE AS would make the table.
        creates = re.match("CREATE TABLE", sql)
        plan = "%s %s;" % (EXPLAIN, sql)
        if creates:
            plan = "EXPLAIN (COSTS OFF) %s;" % sql
        echo("\n---- %d. %s" % (number, title))
        echo(sql + ";\n")
        if creates:
            print("\\t on\n%s\n\\t off" % plan)
        print("\\timing on\n%s;\n\\timing off" % sql)
        if not creates:
            print("\\t on\n%s\n\\t off" % plan)


if __name__ == "__main__":
    sys.exit(main())
