#!/usr/bin/env python3
"""Checks which room includes and calls what: only itself and those below it.

A room is a folder of the sources.  ROOMS names them, each with what it may
see beside itself; of src/cql the rooms above it see the public headers only,
those that lie in src/cql itself.  The version of PostgreSQL is asked for only
in compat.h and pgcompat.h.
"""

import collections
import os
import re
import sys



def rooms_of(layer):
    """Its rooms, lowest first."""
    with open("src/%s/rooms.mk" % layer, encoding="utf-8") as file:
        names = re.search(r"_ROOMS = (.*)$", file.read(), re.M).group(1)
    return ["%s/%s" % (layer, name) for name in names.split()]


CLIENT, WRAPPER = rooms_of("cql"), rooms_of("fdw")
ROOMS = {"cql": [], "lang": ["cql"], "types": ["cql", "lang"],
         "fdw": ["cql", "lang", "types"] + WRAPPER}
for place, room in enumerate(CLIENT):
    ROOMS[room] = ["cql"] + CLIENT[:place]
for place, room in enumerate(WRAPPER):
    ROOMS[room] = ["cql", "lang", "types"] + WRAPPER[:place]

# Public functions of the client are defined in its rooms, which those above
# the client may call through the public headers.
CALLS = {room: set(seen) | (set() if room in CLIENT else set(CLIENT))
         for room, seen in ROOMS.items()}
PURE = CLIENT + ["cql", "lang"]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
SYSTEM = re.compile(r"^(openssl/|sys/|net/|netinet/|arpa/|lz4)|^[a-z0-9_]+\.h$")
POSTGRESQL_ROOT = {"postgres.h", "fmgr.h", "funcapi.h", "miscadmin.h",
                   "pgtime.h", "pg_config.h", "c.h", "libpq-fe.h"}
VERSION_FILES = {"src/fdw/base/compat.h", "src/types/pgcompat.h"}
COMMENT = re.compile(r'/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', re.S)
DEFINITION = re.compile(r"^([a-z]\w+)\(", re.M)
STATIC = re.compile(r"^static\b[^;{=]*?\b(\w+)\(", re.M | re.S)
CALL = re.compile(r"\b(\w+)\b")


def sources():
    """Paths of the C files with room and text."""
    for folder, _, names in sorted(os.walk("src")):
        room = os.path.relpath(folder, "src").replace(os.sep, "/")
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    yield path, room, file.read()


FILES = list(sources())
HEADERS = {os.path.basename(path): room
           for path, room, _ in FILES if path.endswith(".h")}


def wrong_include(room, mark, name):
    """Why a file of this room may not include that, or None."""
    if name in HEADERS:
        if HEADERS[name] not in ROOMS[room] + [room]:
            return "src/%s lies not below src/%s" % (HEADERS[name], room)
    elif room in PURE and (mark == '"' or name in POSTGRESQL_ROOT or
                           not SYSTEM.match(name)):
        return "src/%s knows libc, OpenSSL and lz4 only" % room
    return None


def includes():
    for path, room, text in FILES:
        for mark, name in INCLUDE.findall(text):
            reason = wrong_include(room, mark, name)
            if reason:
                yield "%s includes %s: %s" % (path, name, reason)


def calls():
    """Functions (and what else is named like one) used from a room above."""
    home, words = {}, collections.defaultdict(set)
    for path, room, text in FILES:
        if path.endswith(".c"):
            text = COMMENT.sub(" ", text)
            local = set(STATIC.findall(text))
            home.update((name, room) for name in DEFINITION.findall(text)
                        if name not in local)
            words[path, room] = set(CALL.findall(text)) - local
    for (path, room), used in words.items():
        for name in sorted(used & set(home)):
            if home[name] != room and home[name] not in CALLS[room]:
                yield "%s uses %s() of src/%s, which lies not below" % (
                    path, name, home[name])


def others():
    names = [os.path.basename(path) for path, _, _ in FILES]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield "%s: the name is there twice" % name
    for path, room, text in FILES:
        if room not in ROOMS:
            yield "%s: the room is not in test/lint/layers.py" % path
        if "PG_VERSION_NUM" in text and path not in VERSION_FILES:
            yield "%s asks for PG_VERSION_NUM: only %s may" % (
                path, " and ".join(sorted(VERSION_FILES)))


def main():
    bad = list(others()) or list(includes()) + list(calls())
    print("\n".join("# " + line for line in bad), end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
