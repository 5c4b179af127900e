"""What hostile servers do, one function a mode.

A mode is called with the connection, the stream and kind of a request and its
CQL; it returns true where it has dealt with the request.  SETTINGS has what a
mode needs besides: the statement that meets it, server options, bounds.
"""

import struct
import time
import uuid

import server as s

MODES = {}
SETTINGS = {}

LOOK_UP = "SELECT v FROM bad.t WHERE k = 1"
SCAN = "SELECT k, v FROM bad.t"
IMPORT = "IMPORT FOREIGN SCHEMA ks LIMIT TO (t) FROM SERVER bad INTO imported"


def mode(sql=LOOK_UP, options="", megabytes=60, version=4, ends=None):
    """ends: it has to end by itself, in an error or not."""
    def register(function):
        name = function.__name__.strip("_")
        MODES[name] = function
        SETTINGS[name] = dict(sql=sql, options=options, megabytes=megabytes,
                              version=version, ends=ends)
        return function
    return register


def asks(what, name, cql):
    return name == what or (name == "QUERY" and what in cql)


# ---- silence ----

def silent(what):
    def function(conn, stream, name, cql):
        return asks(what, name, cql)
    function.__name__ = "silent_" + what.lower().replace(".", "_")
    mode()(function)


for step in ("OPTIONS", "STARTUP", "system.local", "system.peers_v2",
             "system_schema.keyspaces", "system_schema.columns", "PREPARE",
             "EXECUTE"):
    silent(step)


@mode(sql=SCAN)
def silent_scan(conn, stream, name, cql):
    return name == "EXECUTE"


@mode()
def drip(conn, stream, name, cql):
    """Single bytes, slowly."""
    write = conn.write

    def slowly(data):
        for byte in data:
            write(bytes([byte]))
            time.sleep(0.02)
    conn.write = slowly
    return False


# ---- lengths and counts ----

def body_of(make, sql=LOOK_UP, ends="error", name_=None, **more):
    """Executions are answered with this body."""
    def function(conn, stream, name, cql):
        if name != "EXECUTE":
            return False
        conn.result(stream, make())
        return True
    function.__name__ = name_
    mode(sql=sql, ends=ends, **more)(function)


@mode()
def claims_much(conn, stream, name, cql):
    """A body of 60 MB is announced, and does not come."""
    if name != "EXECUTE":
        return False
    conn.write(struct.pack(">BBhBi", 0x84, 0, stream, 8, 60 << 20))
    return True


@mode(ends="error")
def negative_length(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    conn.write(struct.pack(">BBhBi", 0x84, 0, stream, 8, -1))
    return True


@mode(ends="error")
def absurd_length(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    conn.write(struct.pack(">BBhBi", 0x84, 0, stream, 8, 0x7fffffff))
    return True


@mode(ends="error", options=", receive_memory '1024'")
def over_the_budget(conn, stream, name, cql):
    """A page of 8 MB where 1 MB is allowed."""
    if name != "EXECUTE":
        return False
    conn.result(stream, s.rows([("v", s.TEXT)], [["x" * (8 << 20)]]))
    return True


body_of(lambda: struct.pack(">iii", 2, 1, 65535), name_="column_count")
body_of(lambda: struct.pack(">iii", 2, 1, -1), name_="negative_columns")
body_of(lambda: struct.pack(">iii", 2, 1, 0x7fffffff), name_="absurd_columns")
body_of(lambda: s.metadata([("v", s.TEXT)]) + struct.pack(">i", 0x7fffffff),
        name_="absurd_rows")
body_of(lambda: s.metadata([("v", s.TEXT)]) + struct.pack(">i", -5),
        name_="negative_rows")
body_of(lambda: s.metadata([("v", s.TEXT)])
        + struct.pack(">ii", 1, 0x7fffffff), name_="absurd_cell")
body_of(lambda: s.metadata([]) + struct.pack(">i", 0x7fffffff),
        name_="rows_without_columns")
body_of(lambda: s.rows([("v", s.TEXT), ("w", s.TEXT)], [["a", "b"]]),
        name_="more_columns")
body_of(lambda: s.rows([("v", s.UUID)], [[b"0" * 16]]), name_="other_type")
body_of(lambda: b"", name_="empty_body")
body_of(lambda: struct.pack(">i", 77), name_="unknown_kind")
body_of(lambda: s.metadata([("v", struct.pack(">H", 0x20) * 200 + s.INT)])
        + struct.pack(">i", 0), name_="deep_type")
body_of(lambda: s.metadata([("v", struct.pack(">HH", 0x31, 30000)
                             + s.INT * 30000)]) + struct.pack(">i", 0),
        name_="wide_type")
body_of(lambda: s.metadata([("c" * 60000, s.TEXT)]) + struct.pack(">i", 0),
        name_="long_name", ends=None)
body_of(lambda: s.metadata([(b"v\0\1\xff\xfe", s.TEXT)])
        + struct.pack(">i", 0), name_="odd_name")


# ---- endless ----

@mode(sql=SCAN)
def endless_empty_pages(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    conn.result(stream, s.rows(s.selected(cql), [], state=b"more"))
    return True


@mode(sql="SELECT count(*) FROM bad.t")
def endless_rows(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    row = [b"\0\0\0\1" if column == "k" else b"\0" * 8
           for column, _ in s.selected(cql)]
    conn.result(stream, s.rows(s.selected(cql), [row] * 500, state=b"more"))
    return True


@mode(sql=IMPORT)
def endless_schema(conn, stream, name, cql):
    if not asks("system_schema.columns", name, cql):
        return False
    conn.result(stream, s.rows(s.COLUMNS, [], state=b"more"))
    return True


@mode(ends="error")
def unprepared(conn, stream, name, cql):
    """For every execution, however it is sent."""
    if name != "EXECUTE" and "FROM ks.t" not in cql or name == "PREPARE":
        return False
    conn.error(stream, 0x2500, "what?", s.text(b"0" * 16))
    return True


@mode()
def overloaded(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    conn.error(stream, 0x1001)
    return True


@mode(sql="DELETE FROM bad.t WHERE k = 1", ends="ok")
def overloaded_by_deletes(conn, stream, name, cql):
    """Of a partition: refused more often than the client tries by itself."""
    if asks("system_schema.columns", name, cql):
        conn.result(stream, s.rows(s.COLUMNS, [
            s.column_row("t", "k", "partition_key", 0, "int"),
            s.column_row("t", "v", "clustering", 0)]))
        return True
    if name != "EXECUTE" or not cql.startswith("DELETE"):
        return False
    conn.server.refused += 1
    if conn.server.refused > 6:
        return False
    conn.error(stream, 0x1001)
    return True


@mode(ends="error")
def long_error(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    conn.error(stream, 0x2200, "e\1\xff%s" % ("x" * 65000))
    return True


@mode()
def auth_loop(conn, stream, name, cql):
    if name == "STARTUP":
        conn.send(stream, "AUTHENTICATE",
                  s.text("org.apache.cassandra.auth.PasswordAuthenticator"))
    elif name == "AUTH_RESPONSE":
        conn.send(stream, "AUTH_CHALLENGE", s.cell(b"again"))
    return name in ("STARTUP", "AUTH_RESPONSE")


# ---- floods, and answers to nobody ----

@mode()
def event_flood(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    event = struct.pack(">BBhBi", 0x84, 0, -1, 12, 64) + b"\0" * 64
    while True:
        conn.write(event * 4096)


@mode()
def warning_flood(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    warnings = b"".join(s.text("warning %d" % i) for i in range(65535))
    conn.result(stream, struct.pack(">H", 65535) + warnings
                + s.table_answer(cql), flags=8)
    return True


@mode(ends="error")
def other_stream(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    conn.result(stream + 7, s.table_answer(cql))
    return True


@mode()
def unsolicited(conn, stream, name, cql):
    """Each answer comes twice."""
    if name != "EXECUTE":
        return False
    conn.result(stream, s.table_answer(cql))
    conn.result(stream, s.table_answer(cql))
    return True


@mode(ends="error", version=5, options=", protocol_version '5'")
def bad_checksum(conn, stream, name, cql):
    if name != "STARTUP":
        return False
    conn.send(stream, "READY")
    conn.write(b"\x20\x00\x02\x11\x22\x33" + b"x" * 64)
    return True


# ---- compression ----

def length_bytes(rest):
    return b"\xff" * (rest // 255) + bytes([rest % 255])


def lz4_bomb(size):
    """A page with one row whose value has so many bytes, as an LZ4 block."""
    head = (s.metadata([("v", s.TEXT)]) + struct.pack(">ii", 1, size) + b"x")
    repeated = size - 1 - 5
    return (struct.pack(">I", len(head) - 1 + size) + b"\xff"
            + length_bytes(len(head) - 15) + head + b"\1\0"
            + length_bytes(repeated - 19) + b"\x50" + b"x" * 5)


@mode(ends="error", options=", compression 'lz4'")
def lying_size(conn, stream, name, cql):
    if name != "EXECUTE":
        return False
    conn.result(stream, struct.pack(">I", 255 << 20) + b"\x10" * 100, flags=1)
    return True


@mode(ends="error", options=", compression 'lz4'")
def compression_bomb(conn, stream, name, cql):
    """1 MB that would be 250: more than may be received."""
    if name != "EXECUTE":
        return False
    conn.result(stream, lz4_bomb(250 << 20), flags=1)
    return True


@mode(sql="SELECT sum(length(v)) FROM bad.t WHERE k = ANY (ARRAY(SELECT "
          "generate_series(1, 64)))", megabytes=100, ends="ok",
      options=", compression 'lz4', receive_memory '16384'")
def many_bombs(conn, stream, name, cql):
    """Each of 64 look-ups gets 8 MB, where 16 may be received."""
    if name != "EXECUTE":
        return False
    conn.result(stream, BOMB, flags=1)
    return True


BOMB = lz4_bomb(8 << 20)


# ---- schemas and topologies ----

TABLE_COUNT = 60000
MANY_TABLES = s.rows(s.TABLES, [s.table_row("t%d" % i)
                                for i in range(TABLE_COUNT)]
                     + [s.table_row("t")])
MANY_COLUMNS = s.rows(s.COLUMNS, [
    s.column_row("t%d" % (i // 2), "c%d" % i) for i in range(TABLE_COUNT * 2)]
    + [s.column_row("t", "k", "partition_key", 0, "int"),
       s.column_row("t", "v")])


def huge_schema(conn, stream, name, cql):
    """60,000 tables in one page, however little was asked for."""
    if asks("system_schema.tables", name, cql):
        conn.result(stream, MANY_TABLES)
    elif asks("system_schema.columns", name, cql):
        conn.result(stream, MANY_COLUMNS)
    else:
        return False
    return True


def schema_planning(conn, stream, name, cql):
    return huge_schema(conn, stream, name, cql)


def schema_import(conn, stream, name, cql):
    return huge_schema(conn, stream, name, cql)


mode(megabytes=80, ends="ok")(schema_planning)
mode(sql=IMPORT, megabytes=100, ends="ok")(schema_import)

WIDE_COLUMNS = s.rows(s.COLUMNS, [
    s.column_row("t", "c%05d" % i) for i in range(70000)])


@mode(sql=IMPORT, ends="error")
def wide_table(conn, stream, name, cql):
    if not asks("system_schema.columns", name, cql):
        return False
    conn.result(stream, WIDE_COLUMNS)
    return True


def types_of(make, count, used, name_):
    """Columns of a type that is made of many."""
    body = s.rows(s.UDTS, [["ks", "u%d" % i] + make(i) for i in range(count)])

    def function(conn, stream, name, cql):
        if asks("system_schema.types", name, cql):
            conn.result(stream, body)
        elif asks("system_schema.columns", name, cql):
            conn.result(stream, s.rows(s.COLUMNS, [
                s.column_row("t", "k", "partition_key", 0, "int")]
                + [s.column_row("t", "v%d" % i, type_=used)
                   for i in range(50)]))
        else:
            return False
        return True
    function.__name__ = name_
    mode(sql=IMPORT, ends="ok")(function)


types_of(lambda i: [s.collection("a", "b"),
                    s.collection(*["frozen<u%d>" % (i - 1)] * 2 if i > 0
                                 else ["int", "int"])], 40, "frozen<u30>",
         "doubling_types")
types_of(lambda i: [s.collection("a"), s.collection("frozen<u%d>" % (i + 1))],
         3000, "frozen<u0>", "chain_of_types")
types_of(lambda i: [s.collection("a", "b"), s.collection("u0", "u1")], 2,
         "frozen<u0>", "circle_of_types")


def peer_row(i, tokens):
    return [uuid.UUID(int=i + 2).bytes, "dc%d" % (i % 2), "r%d" % (i % 3),
            s.collection(*tokens), struct.pack(">I", 0x7f680000 + i),
            struct.pack(">I", 0x7f680000 + i), struct.pack(">i", 9042)]


def token_texts(i, count):
    return [str((i * 977 + j * 104729) * 2654435761 % (1 << 63))
            for j in range(count)]


LARGE_RING = s.rows(s.PEERS, [peer_row(i, token_texts(i, 256))
                              for i in range(1000)])
MANY_PEERS = s.rows(s.PEERS, [peer_row(i, ["1"]) for i in range(100000)])


def topology(body, name_, **more):
    def function(conn, stream, name, cql):
        if not asks("system.peers_v2", name, cql):
            return False
        conn.result(stream, body)
        return True
    function.__name__ = name_
    mode(**more)(function)


topology(LARGE_RING, "large_ring", megabytes=100)
topology(LARGE_RING, "large_ring_scan", sql=SCAN, megabytes=100)
topology(MANY_PEERS, "many_peers", megabytes=100)
topology(s.rows(s.PEERS, [peer_row(0, ["1"] * 1500000)]), "many_tokens",
         megabytes=150)
