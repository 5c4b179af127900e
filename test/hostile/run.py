#!/usr/bin/env python3
"""Servers that do what no real one does: what may it cost a backend?

Each mode (see modes.py) meets a backend of its own, in the PostgreSQL that the
PG* variables name.  The statement ends by itself, or at a cancel or a
statement_timeout, which must act at once whatever the server sends; the
backend's memory stays within the mode's bound; and the session goes on to
answer rightly from a server that means well.  Prints a case a line.
"""

import os
import sys
import time

from psycopg import pq

import modes
import server

ALONE = 0.6      # seconds a statement has before it is cancelled
TIMEOUT = 0.6    # statement_timeout, for every other mode
ACTS = 0.1       # within which that acts, and
SCHEDULING = 0.6  # what a busy machine adds to it
BY_ITSELF = 10.0

SETUP = """
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS bad CASCADE;
DROP SERVER IF EXISTS good CASCADE;
DROP SCHEMA IF EXISTS bad, good, imported CASCADE;
CREATE SCHEMA bad;
CREATE SCHEMA good;
CREATE SCHEMA imported;
CREATE SERVER good FOREIGN DATA WRAPPER cassandra_fdw
    OPTIONS (host '127.0.0.1', port '%d', protocol_version '4');
CREATE SERVER bad FOREIGN DATA WRAPPER cassandra_fdw
    OPTIONS (host '127.0.0.1', port '%d', connect_timeout '3s',
             request_timeout '4s'%s);
CREATE USER MAPPING FOR CURRENT_USER SERVER bad
    OPTIONS (username 'u', password 'p');
CREATE FOREIGN TABLE good.t (k int, v text) SERVER good
    OPTIONS (keyspace 'ks', table_name 't');
CREATE FOREIGN TABLE bad.t (k int, v text) SERVER bad
    OPTIONS (keyspace 'ks', table_name 't');
"""


def connect():
    connection = pq.PGconn.connect(b"client_encoding=UTF8")
    if connection.status != pq.ConnStatus.OK:
        raise RuntimeError(connection.error_message.decode())
    connection.notice_handler = lambda result: None
    return connection


def query(connection, sql):
    """Rows as texts; an error is raised."""
    result = connection.exec_(sql.encode())
    if result.status not in (pq.ExecStatus.TUPLES_OK,
                             pq.ExecStatus.COMMAND_OK):
        raise RuntimeError("%s: %s" % (sql, result.error_message.decode()))
    return [tuple(result.get_value(row, column)
                  for column in range(result.nfields))
            for row in range(result.ntuples)]


def peak(connection):
    """Megabytes the backend has had resident at most."""
    with open("/proc/%d/status" % connection.backend_pid,
              encoding="ascii") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0


def wait(connection, seconds):
    """Whether the statement under way ends within this time."""
    end = time.monotonic() + seconds
    while True:
        connection.consume_input()
        if not connection.is_busy():
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(0.01)


def outcome(connection):
    message = None
    while (result := connection.get_result()) is not None:
        if result.status == pq.ExecStatus.FATAL_ERROR:
            message = result.error_message.decode(errors="replace")
    return message


def meet(connection, settings, by_cancel):
    """Runs the mode's statement; what is wrong with its end, or None."""
    limit = BY_ITSELF if settings["ends"] else TIMEOUT
    if not by_cancel or settings["ends"]:
        query(connection, "SET statement_timeout = %d" % (limit * 1000))
    began = time.monotonic()
    connection.send_query(settings["sql"].encode())
    if settings["ends"]:
        ended = wait(connection, BY_ITSELF + ACTS + SCHEDULING)
    elif by_cancel:
        ended = wait(connection, ALONE)
        if not ended:
            began = time.monotonic()
            connection.get_cancel().cancel()
            ended = wait(connection, ACTS + SCHEDULING)
    else:
        ended = wait(connection, TIMEOUT + ACTS + SCHEDULING)
    if not ended:
        return "not ended after %.1f s" % (time.monotonic() - began)
    message = outcome(connection)
    if os.environ.get("VERBOSE"):
        print("#  %s" % " ".join((message or "no error").split())[:160])
    if settings["ends"] == "ok" and message:
        return message
    if settings["ends"] == "error" and (
            not message or "statement timeout" in message):
        return message or "no error"
    return None


def run_mode(name, good, by_cancel):
    settings = modes.SETTINGS[name]
    bad = server.Server(modes.MODES[name], settings["version"])
    options = settings["options"]
    if "protocol_version" not in options:
        options += ", protocol_version '4'"
    admin = connect()
    query_script(admin, SETUP % (good.port, bad.port, options))
    admin.finish()
    connection = connect()
    try:
        query(connection, "SELECT * FROM good.t")
        before = peak(connection)
        wrong = meet(connection, settings, by_cancel)
        if wrong is None:
            query(connection, "RESET statement_timeout")
            used = peak(connection) - before
            if os.environ.get("VERBOSE"):
                print("#  %d MB" % used)
            if used > settings["megabytes"]:
                wrong = "%d MB" % used
            elif query(connection, "SELECT * FROM good.t ORDER BY k") != [
                    (b"1", b"one"), (b"2", b"two")]:
                wrong = "wrong rows afterwards"
    except (RuntimeError, OSError) as problem:
        wrong = str(problem)
    finally:
        bad.stop()
        if wrong and "not ended" in wrong:
            admin = connect()
            query(admin, "SELECT pg_terminate_backend(%d)"
                  % connection.backend_pid)
            admin.finish()
        connection.finish()
    return wrong


def query_script(connection, sql):
    result = connection.exec_(sql.encode())
    if result.status != pq.ExecStatus.COMMAND_OK:
        raise RuntimeError(result.error_message.decode())


def main():
    good = server.Server(lambda *request: False)
    names = sys.argv[1:] or list(modes.MODES)
    failed = 0
    for i, name in enumerate(names):
        began = time.monotonic()
        wrong = run_mode(name, good, i % 2 == 0)
        spent = time.monotonic() - began
        if wrong:
            failed += 1
            print("not ok - %s: %s" % (name, " ".join(wrong.split())))
        else:
            print("ok - %s (%.1f s)" % (name, spent))
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
