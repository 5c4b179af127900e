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


def plans(sql):
    """What shows the plan, before the statement or after it."""
    if re.match("ANALYZE", sql) or "plant.expected" in sql:
        return "", ""
    # EXPLAIN ANALYZE of these would do their work twice.
    if re.match("CREATE TABLE|INSERT|UPDATE|DELETE", sql):
        return "\\t on\nEXPLAIN (COSTS OFF) %s;\n\\t off" % sql, ""
    return "", "\\t on\n%s %s;\n\\t off" % (EXPLAIN, sql)


def main():
    with open(os.path.join(HERE, "tour.sql"), encoding="utf-8") as file:
        text = file.read()
    print("\\set ON_ERROR_STOP on\n\\pset pager off\n\\pset footer off")
    for number, (title, sql) in enumerate(steps(text), 1):
        echo("\n---- %d. %s" % (number, title))
        echo(sql + ";\n")
        before, after = plans(sql)
        print(before)
        print("\\timing on\n%s;\n\\timing off" % sql)
        print(after)


if __name__ == "__main__":
    sys.exit(main())
