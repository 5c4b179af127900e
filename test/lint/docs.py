#!/usr/bin/env python3
"""Checks what documents point at: files and anchors of links, parameters
(cassandra_fdw.NAME), and functions (cassandra_NAME with a bracket)."""

import glob
import os
import re
import sys

LINK = re.compile(r"\]\(([^)\s]+)\)")
PARAMETER = re.compile(r"\bcassandra_fdw\.([a-z_]+)\b")
FUNCTION = re.compile(r"\b(cassandra_[a-z_]+)\(")
NOT_PARAMETERS = {"control", "so", "spec"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def anchors(text):
    """As forges make them of headings."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", text, flags=re.M):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = 0
        while name + ("-%d" % count if count else "") in found:
            count += 1
        found.add(name + ("-%d" % count if count else ""))
    return found


def check_links(path, text):
    for target in LINK.findall(text):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = os.path.join(os.path.dirname(path), name) if name else path
        if not os.path.exists(file):
            yield "no file %s" % target
        elif anchor and anchor not in anchors(read(file)):
            yield "no heading %s" % target


def main():
    code = "".join(read(path) for path in glob.glob("src/**/*.c",
                                                    recursive=True))
    parameters = set(re.findall(r'"cassandra_fdw\.(\w+)"', code))
    functions = set(re.findall(r"(?:FUNCTION|PROCEDURE) (cassandra_\w+)", "".join(
        read(path) for path in glob.glob("sql/cassandra_fdw--*.sql"))))
    bad = []
    for path in sorted(glob.glob("*.md") + glob.glob("*/*.md")):
        text = read(path)
        problems = list(check_links(path, text))
        problems += ["no parameter cassandra_fdw.%s" % name
                     for name in PARAMETER.findall(text)
                     if name not in parameters | NOT_PARAMETERS]
        problems += ["no function %s()" % name
                     for name in FUNCTION.findall(text)
                     if name not in functions]
        bad += ["%s: %s" % (path, problem) for problem in problems]
    print("".join("# %s\n" % line for line in bad), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
