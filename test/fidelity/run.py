#!/usr/bin/env python3
"""Does SQL show what Cassandra holds?  run.py HOST[:PORT]

Writes edge values of every type with the Python driver, imports the tables
into the PostgreSQL that the PG* variables name, and compares: the text SQL
shows with the text expected; JSON with Cassandra's own toJson; and for the
types that can be clustering keys, what each comparison and order finds in
the foreign table with what it finds in a copy.  Then the texts are written
through SQL into other tables, and what the Python driver reads from both is
compared.  Prints a case a line.
"""

import decimal
import json
import subprocess
import sys

from cassandra.cluster import Cluster, ExecutionProfile, EXEC_PROFILE_DEFAULT
from cassandra.policies import WhiteListRoundRobinPolicy

from cases import ANY, KINDS, Cql

KEYSPACE = "fdw_fidelity"
LOSSY = ["time", "duration"]  # SQL has no nanoseconds
OPERATORS = ["=", "<", "<=", ">", ">=", "<>"]

SETUP = """
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS fidelity CASCADE;
DROP SCHEMA IF EXISTS fidelity CASCADE;
CREATE SERVER fidelity FOREIGN DATA WRAPPER cassandra_fdw
    OPTIONS (host '%s', port '%s', local_datacenter 'dc1');
CREATE USER MAPPING FOR CURRENT_USER SERVER fidelity;
CREATE SCHEMA fidelity;
IMPORT FOREIGN SCHEMA %s FROM SERVER fidelity INTO fidelity;

-- As the output function of the type prints it.
CREATE FUNCTION fidelity.show(v anyelement) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN v IS NOT NULL THEN format('%%s', v) END
$$;

CREATE FUNCTION fidelity.shown(t regclass) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE answer json;
BEGIN
    EXECUTE format('SELECT json_agg(json_build_array(k,
        fidelity.show(v)) ORDER BY k)
        FROM %%s', t) INTO answer;
    RETURN answer;
END $$;

-- The keys of the rows of f for which v OP the value of row k of the copy
-- holds, once with the value as a parameter and once as a constant; and
-- those of the copy.
CREATE FUNCTION fidelity.found(f regclass, c regclass, op text, key int)
RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    constant text;
    kind text;
    as_parameter int[];
    as_constant int[];
    copied int[];
BEGIN
    SELECT format_type(atttypid, atttypmod) INTO kind FROM pg_attribute
    WHERE attrelid = f AND attname = 'v';
    EXECUTE format('SELECT fidelity.show(v) FROM %%s WHERE k = $1', c)
        INTO constant USING key;
    EXECUTE format('SELECT array_agg(k ORDER BY k) FROM %%s WHERE p = 0'
        ' AND v %%s $1::text::%%s', f, op, kind)
        INTO as_parameter USING constant;
    EXECUTE format('SELECT array_agg(k ORDER BY k) FROM %%s WHERE p = 0'
        ' AND v %%s %%L::%%s', f, op, constant, kind) INTO as_constant;
    EXECUTE format('SELECT array_agg(k ORDER BY k) FROM %%s WHERE p = 0'
        ' AND v %%s %%L::%%s', c, op, constant, kind) INTO copied;
    RETURN json_build_array(as_parameter, as_constant, copied);
END $$;

CREATE FUNCTION fidelity.ordered(f regclass, c regclass, direction text)
RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    here text[];
    there text[];
    statement text := 'SELECT array_agg(fidelity.show(v)) FROM (SELECT v'
        ' FROM %%s WHERE p = 0 ORDER BY v %%s LIMIT 4) AS s';
BEGIN
    EXECUTE format(statement, f, direction) INTO here;
    EXECUTE format(statement, c, direction) INTO there;
    RETURN json_build_array(here, there);
END $$;
"""


class Report:
    """Counts cases and prints each as one line."""

    def __init__(self):
        self.failed = 0

    def case(self, good, name, details=""):
        self.failed += not good
        print("%s - %s" % ("ok" if good else "not ok", name))
        if not good:
            print("#   " + details, flush=True)


def psql(script):
    """Runs a script; gives the lines it prints, each a JSON value."""
    done = subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"],
        input="SET timezone = 'UTC';\nSET datestyle = 'ISO, YMD';\n"
        "SET search_path = public, fidelity;\n" + script,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        encoding="utf-8", check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    lines = [line for line in done.stdout.splitlines() if line]
    return [json.loads(line) for line in lines]


def connect(host, port):
    profile = ExecutionProfile(
        load_balancing_policy=WhiteListRoundRobinPolicy([host]),
        request_timeout=30)
    cluster = Cluster([host], port=port,
                      execution_profiles={EXEC_PROFILE_DEFAULT: profile})
    return cluster, cluster.connect()


def insert(session, table, columns, values):
    """One row; a Cql value stands in the statement itself."""
    marks = [value if isinstance(value, Cql) else "?" for value in values]
    prepared = session.prepare("INSERT INTO %s (%s) VALUES (%s)" % (
        table, columns, ", ".join(str(mark) for mark in marks)))
    session.execute(prepared, [value for value in values
                               if not isinstance(value, Cql)])


def load(session):
    session.execute("DROP KEYSPACE IF EXISTS " + KEYSPACE)
    session.execute("CREATE KEYSPACE %s WITH replication = {'class':"
                    " 'SimpleStrategy', 'replication_factor': 1}" % KEYSPACE)
    session.set_keyspace(KEYSPACE)
    session.execute("CREATE TYPE place (city text, code int,"
                    " marks frozen<map<text, int>>)")
    for number, kind in enumerate(KINDS):
        for table in "tw":
            session.execute("CREATE TABLE %s%d (k int PRIMARY KEY, v %s)"
                            % (table, number, kind.cql))
        if kind.key:
            session.execute("CREATE TABLE c%d (p int, v %s, k int,"
                            " PRIMARY KEY (p, v))" % (number, kind.cql))
        for key, (value, _) in enumerate(kind.cases):
            insert(session, "t%d" % number, "k, v", [key, value])
            if kind.key:
                insert(session, "c%d" % number, "p, v, k", [0, value, key])
        session.execute("INSERT INTO t%d (k, v) VALUES (-1, null)" % number)


def check_shown(report, number, kind):
    """Every value against the text expected, and a null."""
    shown = dict(psql("SELECT fidelity.shown('t%d');" % number)[0])
    report.case(shown.pop(-1, "missing") is None, "%s: null" % kind.cql)
    report.case(len(shown) == len(kind.cases), "%s: all rows" % kind.cql,
                "%d rows" % len(shown))
    for key, (value, text) in enumerate(kind.cases):
        if text is not ANY:
            report.case(shown.get(key) == text,
                        "%s: %.60r" % (kind.cql, value),
                        "expected %.200r, got %.200r"
                        % (text, shown.get(key)))


def check_json(report, session, number, kind):
    """Against Cassandra's own JSON; numbers keep all their digits."""
    theirs = {row[0]: row[1] for row in session.execute(
        "SELECT k, toJson(v) FROM t%d" % number)}
    for key, (value, _) in enumerate(kind.cases):
        if theirs[key] in (None, "null"):
            continue
        same = psql("SELECT to_json(to_jsonb(v) = %s::jsonb) FROM"
                    " fidelity.t%d WHERE k = %d;"
                    % (quoted(theirs[key]), number, key))
        report.case(same == [True], "%s: toJson of %.60r" % (kind.cql, value),
                    "Cassandra's is %s" % theirs[key])


def read_back(session, table):
    """Values by key, as Cassandra's JSON has them."""
    return {row[0]: None if row[1] is None
            else json.loads(row[1], parse_float=decimal.Decimal)
            for row in session.execute("SELECT k, toJson(v) FROM " + table)}


def check_written(report, session, number, kind):
    """What SQL writes is what the driver wrote, as far as SQL can say it."""
    texts = [(key, text) for key, (_, text) in enumerate(kind.cases)
             if isinstance(text, str)]
    rows = ["(%d, %s)" % (key, quoted(text)) for key, text in texts]
    psql("INSERT INTO fidelity.w%d (k, v) VALUES %s;"
         % (number, ", ".join(rows + ["(-1, NULL)"])))
    theirs = read_back(session, "t%d" % number)
    ours = read_back(session, "w%d" % number)
    shown = dict(psql("SELECT fidelity.shown('w%d');" % number)[0])
    report.case(ours.get(-1, 0) is None and len(ours) == len(texts) + 1,
                "%s: all are written, NULL as null" % kind.cql)
    for key, text in texts:
        lost = kind.cql in LOSSY and shown.get(key) == text
        report.case(lost or ours.get(key) == theirs[key],
                    "%s: %.60r written" % (kind.cql, text),
                    "Cassandra has %.200r in place of %.200r"
                    % (ours.get(key), theirs[key]))


def quoted(text):
    return "E'%s'" % text.replace("\\", "\\\\").replace("'", "\\'")


def check_key(report, number, kind):
    """Comparisons and orders on the foreign table and on its copy."""
    tables = "'fidelity.c%d', 'fidelity.copy%d'" % (number, number)
    keys = [key for key, (_, text) in enumerate(kind.cases)
            if text is not None]
    script = "CREATE TABLE fidelity.copy%d AS SELECT * FROM fidelity.c%d" \
        " ORDER BY k;\n" % (number, number)
    asked = [(key, operator) for key in keys for operator in OPERATORS]
    for key, operator in asked:
        script += "SELECT fidelity.found(%s, '%s', %d);\n" % (
            tables, operator, key)
    for direction in ("ASC", "DESC"):
        script += "SELECT fidelity.ordered(%s, '%s');\n" % (tables, direction)
    answers = psql(script)
    for (key, operator), answer in zip(asked, answers):
        report.case(answer[0] == answer[2] and answer[1] == answer[2],
                    "%s as key: %s %.40r" % (kind.cql, operator,
                                             kind.cases[key][0]),
                    "parameter %s, constant %s, copy %s" % tuple(answer))
    for direction, answer in zip(("ascending", "descending"),
                                 answers[len(asked):]):
        # the two zeroes are equal: either may come first
        here, there = ([text if text != "-0" else "0" for text in texts]
                       for texts in answer)
        report.case(here == there,
                    "%s as key: %s order" % (kind.cql, direction),
                    "%.300r, but the copy has %.300r" % tuple(answer))


def main():
    host, _, port = sys.argv[1].partition(":")
    report = Report()
    cluster, session = connect(host, int(port or 9042))
    load(session)
    psql(SETUP % (host, port or 9042, KEYSPACE))
    for number, kind in enumerate(KINDS):
        steps = [(check_shown, (report, number, kind))]
        steps.append((check_written, (report, session, number, kind)))
        if kind.json:
            steps.append((check_json, (report, session, number, kind)))
        if kind.key:
            steps.append((check_key, (report, number, kind)))
        for check, arguments in steps:
            try:
                check(*arguments)
            except RuntimeError as error:
                report.case(False, "%s: %s" % (kind.cql, check.__name__),
                            str(error).replace("\n", "\n#   "))
    psql("DROP SCHEMA fidelity CASCADE; DROP SERVER fidelity CASCADE;")
    cluster.shutdown()
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
