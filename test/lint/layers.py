#!/usr/bin/env python3
"""Checks which layer includes what: fdw -> types -> cql -> the system.

src/cql includes its own headers, libc, OpenSSL and lz4; of its headers the
layers above see only cql.h.  src/types sees nothing of src/fdw.  The
version of PostgreSQL is asked for only in compat.h and pgcompat.h.
"""

import glob
import os
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
SYSTEM = re.compile(r"^(openssl/|sys/|net/|netinet/|arpa/|lz4)|^[a-z0-9_]+\.h$")
POSTGRESQL_ROOT = {"postgres.h", "fmgr.h", "funcapi.h", "miscadmin.h",
                   "pgtime.h", "pg_config.h", "c.h", "libpq-fe.h"}
VERSION_FILES = {"src/fdw/compat.h", "src/types/pgcompat.h"}


def headers(layer):
    return {os.path.basename(path) for path in glob.glob("src/%s/*.h" % layer)}


CQL, TYPES, FDW = headers("cql"), headers("types"), headers("fdw")


def complaint(layer, mark, name):
    """Why a file of this layer may not include that, or None."""
    if layer == "cql":
        if name in TYPES | FDW or name in POSTGRESQL_ROOT:
            return "src/cql knows nothing of the layers above"
        if mark == '"' and name not in CQL:
            return "src/cql includes only its own headers"
        if mark == "<" and not SYSTEM.match(name):
            return "src/cql includes only libc, OpenSSL and lz4"
        return None
    if name in CQL and name != "cql.h":
        return "of src/cql only cql.h may be seen"
    if layer == "types" and name in FDW:
        return "src/types knows nothing of src/fdw"
    return None


def main():
    bad = []
    for path in sorted(glob.glob("src/*/*.[ch]")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        layer = path.split("/")[1]
        for mark, name in INCLUDE.findall(text):
            reason = complaint(layer, mark, name)
            if reason:
                bad.append("%s includes %s: %s" % (path, name, reason))
        if "PG_VERSION_NUM" in text and path not in VERSION_FILES:
            bad.append("%s asks for PG_VERSION_NUM: only %s may" % (
                path, " and ".join(sorted(VERSION_FILES))))
    names = [os.path.basename(path) for path in glob.glob("src/*/*.c")]
    bad += ["%s: the name is there twice" % name
            for name in sorted(set(names)) if names.count(name) > 1]
    print("\n".join("# " + line for line in bad), end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
