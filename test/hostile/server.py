"""A server of the native protocol that can be made to do what no real one does.

It knows one keyspace, ks, with the table t (k int PRIMARY KEY, v text), whose
rows are (1, 'one') and (2, 'two').  A mode (see modes.py) is told of every
request first, and may answer it in its own way.
"""

import re
import socket
import struct
import threading
import uuid

OP = dict(ERROR=0, STARTUP=1, READY=2, AUTHENTICATE=3, OPTIONS=5, SUPPORTED=6,
          QUERY=7, RESULT=8, PREPARE=9, EXECUTE=10, REGISTER=11, EVENT=12,
          BATCH=13, AUTH_CHALLENGE=14, AUTH_RESPONSE=15, AUTH_SUCCESS=16)

INT, BIGINT, UUID, TEXT, INET = (struct.pack(">H", code)
                                 for code in (9, 2, 12, 13, 16))
SET_TEXT = struct.pack(">HH", 0x22, 13)
LIST_TEXT = struct.pack(">HH", 0x20, 13)
MAP_TEXT = struct.pack(">HHH", 0x21, 13, 13)
TYPES = {"k": INT, "v": TEXT, "count": BIGINT}
ROWS = [(1, "one"), (2, "two")]


def text(value):
    raw = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(raw)) + raw


def cell(raw):
    if raw is None:
        return b"\xff\xff\xff\xff"
    raw = raw if isinstance(raw, bytes) else raw.encode()
    return struct.pack(">i", len(raw)) + raw


def collection(*values):
    return struct.pack(">i", len(values)) + b"".join(map(cell, values))


def mapping(**entries):
    return struct.pack(">i", len(entries)) + b"".join(
        cell(key.rstrip("_")) + cell(value) for key, value in entries.items())


def rows(columns, cells, state=None, keyspace="ks", table="t"):
    """A RESULT of rows; columns are names and types, cells lists of bytes."""
    return (metadata(columns, state, keyspace, table)
            + struct.pack(">i", len(cells))
            + b"".join(cell(value) for row in cells for value in row))


def metadata(columns, state=None, keyspace="ks", table="t"):
    flags = 1 | (2 if state is not None else 0)
    return (struct.pack(">iii", 2, flags, len(columns))
            + (cell(state) if state is not None else b"")
            + text(keyspace) + text(table)
            + b"".join(text(name) + kind for name, kind in columns))


def error(code, message, more=b""):
    return struct.pack(">i", code) + text(message) + more


HOST_ID = uuid.UUID(int=1).bytes
LOCAL = [("host_id", UUID), ("data_center", TEXT), ("rack", TEXT),
         ("tokens", SET_TEXT), ("partitioner", TEXT),
         ("release_version", TEXT)]
PEERS = [("host_id", UUID), ("data_center", TEXT), ("rack", TEXT),
         ("tokens", SET_TEXT), ("peer", INET), ("native_address", INET),
         ("native_port", INT)]
COLUMNS = [("keyspace_name", TEXT), ("table_name", TEXT),
           ("column_name", TEXT), ("clustering_order", TEXT), ("kind", TEXT),
           ("position", INT), ("type", TEXT)]
TABLES = [("keyspace_name", TEXT), ("table_name", TEXT), ("id", UUID),
          ("flags", SET_TEXT)]
UDTS = [("keyspace_name", TEXT), ("type_name", TEXT),
        ("field_names", LIST_TEXT), ("field_types", LIST_TEXT)]


def column_row(table, name, kind="regular", position=-1, type_="text"):
    return ["ks", table, name, "none", kind, struct.pack(">i", position),
            type_]


def table_row(table):
    return ["ks", table, HOST_ID, collection("compound")]


def local_row(tokens=("0",)):
    return [HOST_ID, "dc1", "r1", collection(*tokens),
            "org.apache.cassandra.dht.Murmur3Partitioner", "5.0.8"]


def system_answer(cql):
    """What a well-behaved server says of itself, or None."""
    answers = [
        ("system.local", lambda: rows(LOCAL, [local_row()])),
        ("system.peers", lambda: rows(PEERS, [])),
        ("system_schema.keyspaces", lambda: rows(
            [("keyspace_name", TEXT), ("replication", MAP_TEXT)],
            [["ks", mapping(class_="org.apache.cassandra.locator."
                            "SimpleStrategy", replication_factor="1")]])),
        ("system_schema.tables", lambda: rows(TABLES, [table_row("t")])),
        ("system_schema.columns", lambda: rows(COLUMNS, [
            column_row("t", "k", "partition_key", 0, "int"),
            column_row("t", "v")])),
        ("system_schema.types", lambda: rows(UDTS, [])),
        ("system_schema", lambda: rows([("keyspace_name", TEXT)], [])),
        ("system_virtual_schema",
         lambda: rows([("keyspace_name", TEXT)], [])),
        ("system.size_estimates",
         lambda: rows([("partitions_count", BIGINT)], [])),
    ]
    for name, answer in answers:
        if name in cql:
            return answer()
    return None


def selected(cql):
    """Names of the columns a SELECT of t has."""
    names = re.match(r"SELECT (?:DISTINCT )?(.*?) FROM", cql, re.S).group(1)
    names = [name.strip().strip('"') for name in names.split(",")]
    return [(name, TYPES.get(name, BIGINT)) for name in names]


def table_answer(cql):
    values = {"k": [struct.pack(">i", k) for k, _ in ROWS],
              "v": [v for _, v in ROWS]}
    columns = selected(cql)
    found = range(1) if "k = ?" in cql or "k IN" in cql else range(len(ROWS))
    return rows(columns, [[values.get(name, [b"\0" * 8] * 9)[i]
                           for name, _ in columns] for i in found])


def markers(cql):
    """Names and types of what is bound."""
    insert = re.match(r"INSERT INTO \S+ \(([^)]*)\)", cql)
    if insert:
        names = [name.strip().strip('"') for name in insert[1].split(",")]
        names += ["[timestamp]"] * ("TIMESTAMP ?" in cql)
        return names, [TYPES.get(name, BIGINT) for name in names]
    places = re.findall(r"(token\([^)]*\)|\w+)\s*(?:=|<=|>=|<|>|LIMIT)?\s*\?",
                        cql)
    return places, [BIGINT if place.startswith("token") else INT
                    for place in places]


def prepared(cql, identity):
    """A PREPARED result."""
    places, kinds = markers(cql)
    keys = [i for i, place in enumerate(places) if place == "k"][:1]
    return (struct.pack(">i", 4) + text(identity)
            + struct.pack(">iii", 1 if kinds else 0, len(kinds), len(keys))
            + b"".join(struct.pack(">H", key) for key in keys)
            + (text("ks") + text("t") if kinds else b"")
            + b"".join(text("m%d" % i) + kind
                       for i, kind in enumerate(kinds))
            + (metadata(selected(cql))[4:] if cql.startswith("SELECT")
               else struct.pack(">ii", 4, 0)))


def lz4_decode(data):
    """An LZ4 block behind its length, as the client sends long requests."""
    out, pos = bytearray(), 4

    def more(length):
        nonlocal pos
        while length >= 15 and data[pos] == 255:
            length, pos = length + 255, pos + 1
        if length >= 15:
            length, pos = length + data[pos], pos + 1
        return length
    while pos < len(data):
        token, pos = data[pos], pos + 1
        literals = more(token >> 4)
        out += data[pos:pos + literals]
        pos += literals
        if pos >= len(data):
            break
        offset, pos = data[pos] | data[pos + 1] << 8, pos + 2
        for _ in range(more(token & 15) + 4):
            out.append(out[-offset])
    return bytes(out)


class Connection:
    """One client; its thread ends with it."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.statements = server.statements
        self.version = 4
        self.body = b""

    def send(self, stream, opcode, body=b"", flags=0):
        self.write(struct.pack(">BBhBi", 0x80 | self.version, flags, stream,
                               OP[opcode], len(body)) + body)

    def write(self, data):
        self.sock.sendall(data)

    def result(self, stream, body, flags=0):
        self.send(stream, "RESULT", body, flags)

    def error(self, stream, code, message="no", more=b""):
        self.send(stream, "ERROR", error(code, message, more))

    def take(self, count):
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data

    def request(self):
        version, flags, stream, opcode, size = struct.unpack(
            ">BBhBi", self.take(9))
        body = self.take(size)
        if flags & 1:
            body = lz4_decode(body)
        self.version = min(version, self.server.version)
        self.body = body
        name = next(name for name, code in OP.items() if code == opcode)
        cql = ""
        if name in ("QUERY", "PREPARE"):
            cql = body[4:4 + struct.unpack(">i", body[:4])[0]].decode()
        elif name == "EXECUTE":
            cql = self.statements.get(body[2:18], "")
        return version, stream, name, body, cql

    def behave(self, stream, name, cql):
        """The answer of a server that means well."""
        if name == "OPTIONS":
            self.send(stream, "SUPPORTED", struct.pack(">H", 2)
                      + text("CQL_VERSION") + struct.pack(">H", 1)
                      + text("3.4.7") + text("COMPRESSION")
                      + struct.pack(">H", 1) + text("lz4"))
        elif name in ("STARTUP", "REGISTER"):
            self.send(stream, "READY")
        elif name == "PREPARE":
            identity = uuid.uuid5(uuid.NAMESPACE_URL, cql).bytes
            self.statements[identity] = cql
            self.result(stream, prepared(cql, identity))
        elif name == "BATCH" or cql.startswith(("INSERT", "DELETE")):
            self.result(stream, struct.pack(">i", 1))
        else:
            self.result(stream, system_answer(cql) or table_answer(cql))

    def run(self):
        try:
            while True:
                version, stream, name, body, cql = self.request()
                if version > self.server.version and self.server.mute:
                    continue
                if version > self.server.version:
                    self.error(stream, 0x000A, "Invalid or unsupported "
                               "protocol version (5); the lowest is 3")
                elif not self.server.mode(self, stream, name, cql):
                    self.behave(stream, name, cql)
        except (OSError, ValueError):
            pass
        finally:
            self.sock.close()


class Server:
    """Listens on a free port of an address until it is stopped; with TLS where
    a context for it is given."""

    def __init__(self, mode, version=4, address="127.0.0.1", tls=None):
        self.mode, self.version, self.tls = mode, version, tls
        self.statements = {}
        self.mute = False  # no word to a version it does not speak
        self.refused = 0   # requests, so far
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        self.open = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                sock, _ = self.listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.open.append(sock)
                threading.Thread(target=self.serve, args=(sock,),
                                 daemon=True).start()
        except OSError:
            pass

    def serve(self, sock):
        try:
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self.open.append(sock)
        except OSError:
            return
        Connection(self, sock).run()

    def stop(self):
        for sock in [self.listener] + self.open:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
