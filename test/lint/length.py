#!/usr/bin/env python3
"""Fails when a C function or file is too long; lists the longest.

length.py [DIRECTORY|FILE]...   (default: src test)
"""

import os
import re
import statistics
import sys

MAX_FUNCTION = 120
MAX_FILE = 800
MEDIAN = 20
P90 = 60
LISTED = 10

TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\""
                   r"|'(?:\\.|[^'\\\n])*'", re.S)
DEFINITION = re.compile(r"([A-Za-z_]\w*)\s*\([^;{}]*\)[\w\s()]*$")


def blank(match):
    """Comments and literals as blanks; line breaks stay."""
    return re.sub(r"[^\n]", " ", match.group())


def code_lines(text):
    """The lines without comments, literals and preprocessor lines; of a
    conditional only its first branch."""
    branches = []
    continued = False
    for line in TOKEN.sub(blank, text).split("\n"):
        directive = re.match(r"\s*#\s*(\w*)", line)
        if directive and not continued:
            word = directive.group(1)
            if word.startswith("if"):
                branches.append(False)
            elif word in ("else", "elif") and branches:
                branches[-1] = True
            elif word == "endif" and branches:
                branches.pop()
        hidden = continued or directive or any(branches)
        continued = bool(continued or directive) and line.endswith("\\")
        yield "" if hidden else line


def functions(path):
    """(lines of the body, name, first line) of each function."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    depth, before, name, start = 0, "", None, 0
    for number, line in enumerate(code_lines(text), 1):
        for char in line + "\n":
            if char == "{":
                if depth == 0:
                    found = DEFINITION.search(before.rstrip())
                    name = found.group(1) if found else None
                    start = number
                depth += 1
            elif char == "}":
                depth -= 1
                if depth == 0:
                    if name:
                        yield number - start + 1, name, start
                    before = ""
            elif depth == 0:
                before = "" if char == ";" else before + char


def c_files(names):
    for name in names:
        if os.path.isfile(name):
            yield name
        for directory, _, files in sorted(os.walk(name)):
            for file in sorted(files):
                if file.endswith((".c", ".h")):
                    yield os.path.join(directory, file)


def measure(paths):
    """(size, name, path, line) of each function; complaints."""
    found, bad = [], []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            lines = sum(1 for _ in file)
        if lines > MAX_FILE and not path.endswith("_vectors.h"):
            bad.append("%s has %d lines; %d are allowed"
                       % (path, lines, MAX_FILE))
        for size, name, line in functions(path):
            found.append((size, name, path, line))
            if size > MAX_FUNCTION:
                bad.append("%s:%d: %s has %d lines; %d are allowed" % (
                    path, line, name, size, MAX_FUNCTION))
    return found, bad


def main():
    found, bad = measure(c_files(sys.argv[1:] or ["src", "test"]))
    if not found:
        print("# there are no functions")
        return 0
    sizes = sorted(item[0] for item in found)
    median = statistics.median(sizes)
    p90 = sizes[len(sizes) * 9 // 10]
    print("# %d functions: median %d lines, 90 %% within %d; the longest:"
          % (len(sizes), median, p90))
    for size, name, path, line in sorted(found, reverse=True)[:LISTED]:
        print("#   %4d %s (%s:%d)" % (size, name, path, line))
    if median > MEDIAN:
        bad.append("the median of the functions is above %d lines" % MEDIAN)
    if p90 > P90:
        bad.append("more than 10 %% of the functions are above %d lines"
                   % P90)
    print("".join("# %s\n" % line for line in bad), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
