"""A small CQL client for tests and the demo: Python's standard library only.

It speaks protocol v4 without compression, one connection to one node, with
password authentication and TLS.  It is no part of the extension: it loads
schemas and data, so that what the extension reads was not written by it.
"""

import collections
import datetime
import decimal
import ipaddress
import json
import socket
import ssl
import struct
import time
import uuid

OP_ERROR, OP_STARTUP, OP_READY, OP_AUTHENTICATE = 0, 1, 2, 3
OP_OPTIONS, OP_SUPPORTED, OP_QUERY, OP_RESULT = 5, 6, 7, 8
OP_PREPARE, OP_EXECUTE, OP_BATCH = 9, 10, 13
OP_AUTH_RESPONSE, OP_AUTH_SUCCESS = 15, 16

RESULT_ROWS, RESULT_PREPARED, RESULT_SCHEMA_CHANGE = 2, 4, 5

CONSISTENCY = {"ANY": 0, "ONE": 1, "TWO": 2, "THREE": 3, "QUORUM": 4,
               "ALL": 5, "LOCAL_QUORUM": 6, "EACH_QUORUM": 7, "LOCAL_ONE": 10}

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
DATE_BASE = datetime.date(1970, 1, 1)

SIMPLE_TYPES = {1: "ascii", 2: "bigint", 3: "blob", 4: "boolean",
                5: "counter", 6: "decimal", 7: "double", 8: "float",
                9: "int", 11: "timestamp", 12: "uuid", 13: "text",
                14: "varint", 15: "timeuuid", 16: "inet", 17: "date",
                18: "time", 19: "smallint", 20: "tinyint", 21: "duration"}

STRUCTS = {"bigint": ">q", "counter": ">q", "double": ">d", "float": ">f",
           "int": ">i", "time": ">q", "smallint": ">h", "tinyint": ">b"}

Result = collections.namedtuple("Result", "columns rows")
Prepared = collections.namedtuple("Prepared", "id types")


class CqlError(Exception):
    """An error the server sent, or a broken conversation with it."""

    def __init__(self, code, message):
        super().__init__("%s (code 0x%04x)" % (message, code))
        self.code = code


class Reader:
    """Reads the notations of the protocol from one body."""

    def __init__(self, data):
        self.data = data
        self.pos = 0

    def take(self, count):
        piece = self.data[self.pos:self.pos + count]
        if len(piece) != count:
            raise CqlError(0, "a reply is shorter than it says")
        self.pos += count
        return piece

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def string(self):
        return self.take(self.number(">H")).decode()

    def cell(self):
        size = self.number(">i")
        return None if size < 0 else self.take(size)

    def type(self):
        code = self.number(">H")
        if code == 0:
            return ("custom", self.string())
        if code in (0x20, 0x22):
            return ("list" if code == 0x20 else "set", self.type())
        if code == 0x21:
            return ("map", self.type(), self.type())
        if code == 0x31:
            return ("tuple",) + tuple(self.type()
                                      for _ in range(self.number(">H")))
        if code == 0x30:
            self.string()
            self.string()
            return ("udt",) + tuple((self.string(), self.type())
                                    for _ in range(self.number(">H")))
        return (SIMPLE_TYPES[code],)


def short_string(text):
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def cell(raw):
    if raw is None:
        return b"\xff\xff\xff\xff"
    return struct.pack(">i", len(raw)) + raw


def varint_bytes(value):
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def encode_decimal(value):
    sign, digits, exponent = decimal.Decimal(value).as_tuple()
    unscaled = int("".join(map(str, digits)))
    return struct.pack(">i", -exponent) + varint_bytes(
        -unscaled if sign else unscaled)


def encode_scalar(name, value):
    if name in STRUCTS:
        return struct.pack(STRUCTS[name], value)
    if name in ("text", "ascii"):
        return value.encode()
    if name == "boolean":
        return b"\x01" if value else b"\x00"
    if name in ("uuid", "timeuuid"):
        return value.bytes
    if name == "timestamp":
        return struct.pack(">q", round((value - EPOCH).total_seconds() * 1000))
    if name == "date":
        return struct.pack(">I", (value - DATE_BASE).days + (1 << 31))
    if name == "inet":
        return ipaddress.ip_address(value).packed
    if name == "varint":
        return varint_bytes(value)
    if name == "decimal":
        return encode_decimal(value)
    if name in ("blob", "custom"):
        return bytes(value)
    raise CqlError(0, "cannot write values of type %s" % name)


def encode(kind, value):
    """A Python value as the bytes of a cell; None stays None."""
    if value is None:
        return None
    name = kind[0]
    if name in ("list", "set"):
        return struct.pack(">i", len(value)) + b"".join(
            cell(encode(kind[1], item)) for item in value)
    if name == "map":
        return struct.pack(">i", len(value)) + b"".join(
            cell(encode(kind[1], key)) + cell(encode(kind[2], item))
            for key, item in value.items())
    if name == "tuple":
        return b"".join(cell(encode(part, item))
                        for part, item in zip(kind[1:], value))
    if name == "udt":
        return b"".join(cell(encode(part, value.get(field)))
                        for field, part in kind[1:])
    return encode_scalar(name, value)


def decode_scalar(name, raw):
    if name in STRUCTS:
        return struct.unpack(STRUCTS[name], raw)[0]
    if name in ("text", "ascii"):
        return raw.decode()
    if name == "boolean":
        return raw != b"\x00"
    if name in ("uuid", "timeuuid"):
        return uuid.UUID(bytes=raw)
    if name == "timestamp":
        try:
            return EPOCH + datetime.timedelta(
                milliseconds=struct.unpack(">q", raw)[0])
        except OverflowError:
            return "%d ms" % struct.unpack(">q", raw)[0]
    if name == "date":
        days = struct.unpack(">I", raw)[0] - (1 << 31)
        try:
            return DATE_BASE + datetime.timedelta(days=days)
        except OverflowError:
            return "%d days" % days
    if name == "inet":
        return ipaddress.ip_address(raw)
    if name == "varint":
        return int.from_bytes(raw, "big", signed=True)
    if name == "decimal":
        return decimal.Decimal(int.from_bytes(raw[4:], "big", signed=True)
                               ).scaleb(-struct.unpack(">i", raw[:4])[0])
    return "0x" + raw.hex()


def decode(kind, raw):
    """The bytes of a cell as a Python value; what is unknown as hex."""
    if raw is None:
        return None
    name, body = kind[0], Reader(raw)
    if name in ("list", "set"):
        return [decode(kind[1], body.cell())
                for _ in range(body.number(">i"))]
    if name == "map":
        return {str(decode(kind[1], body.cell())):
                decode(kind[2], body.cell())
                for _ in range(body.number(">i"))}
    if name == "tuple":
        return [decode(part, body.cell() if body.pos < len(raw) else None)
                for part in kind[1:]]
    if name == "udt":
        return {field: decode(part,
                              body.cell() if body.pos < len(raw) else None)
                for field, part in kind[1:]}
    if raw == b"" and name not in ("text", "ascii", "blob"):
        return ""
    return decode_scalar(name, raw)


def show(value):
    """A value as the text the cql command prints."""
    if value is None:
        return "null"
    if isinstance(value, (list, dict)):
        return json.dumps(value, default=str)
    return str(value)


def client_tls(ca=None, cert=None, key=None):
    """A TLS context that checks the node's certificate, not its name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if ca:
        context.load_verify_locations(ca)
    else:
        context.verify_mode = ssl.CERT_NONE
    if cert:
        context.load_cert_chain(cert, key)
    return context


class Connection:
    """One connection to one node."""

    def __init__(self, host="127.0.0.1", port=9042, username=None,
                 password=None, tls=None, timeout=30):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        self.input = self.socket.makefile("rb", 1 << 16)
        self.startup(username, password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.input.close()
        self.socket.close()

    def startup(self, username, password):
        options = {"CQL_VERSION": "3.0.0", "DRIVER_NAME": "cqlwire"}
        body = struct.pack(">H", len(options)) + b"".join(
            short_string(key) + short_string(value)
            for key, value in options.items())
        opcode, _ = self.call(OP_STARTUP, body)
        if opcode == OP_AUTHENTICATE:
            token = b"\0%s\0%s" % ((username or "").encode(),
                                   (password or "").encode())
            opcode, _ = self.call(OP_AUTH_RESPONSE, cell(token))
        if opcode not in (OP_READY, OP_AUTH_SUCCESS):
            raise CqlError(0, "unexpected opcode %d at start" % opcode)

    @staticmethod
    def frame(opcode, body, stream=0):
        return struct.pack(">BBhBi", 4, 0, stream, opcode, len(body)) + body

    def read_exactly(self, count):
        data = self.input.read(count)
        if len(data) != count:
            raise CqlError(0, "the node closed the connection")
        return data

    def receive(self):
        """One reply: (stream, opcode, body); an error reply is raised."""
        _, flags, stream, opcode, size = struct.unpack(
            ">BBhBi", self.read_exactly(9))
        body = Reader(self.read_exactly(size))
        if flags & 0x02:
            body.take(16)
        if flags & 0x08:
            for _ in range(body.number(">H")):
                body.string()
        if opcode == OP_ERROR:
            raise CqlError(body.number(">i"), body.string())
        return stream, opcode, body

    def call(self, opcode, body):
        self.socket.sendall(self.frame(opcode, body))
        _, answer, reader = self.receive()
        return answer, reader

    def query(self, cql, consistency="LOCAL_ONE", page_size=5000):
        """Runs a statement; gives all its rows, page after page."""
        raw = cql.encode()
        columns, rows, state = [], [], None
        while True:
            flags = 0x04 | (0x08 if state else 0)
            body = (struct.pack(">i", len(raw)) + raw
                    + struct.pack(">HBi", CONSISTENCY[consistency], flags,
                                  page_size)
                    + (cell(state) if state else b""))
            _, reader = self.call(OP_QUERY, body)
            kind = reader.number(">i")
            if kind == RESULT_SCHEMA_CHANGE:
                self.wait_for_agreement()
            if kind != RESULT_ROWS:
                return Result([], [])
            columns, types, state = self.metadata(reader)
            for _ in range(reader.number(">i")):
                rows.append([decode(kind, reader.cell()) for kind in types])
            if not state:
                return Result(columns, rows)

    @staticmethod
    def metadata(reader, prepared=False):
        flags, count = reader.number(">i"), reader.number(">i")
        if prepared:
            for _ in range(reader.number(">i")):
                reader.number(">H")
        state = reader.cell() if flags & 2 else None
        names, types = [], []
        if flags & 4:
            return names, types, state
        if flags & 1:
            reader.string()
            reader.string()
        for _ in range(count):
            if not flags & 1:
                reader.string()
                reader.string()
            names.append(reader.string())
            types.append(reader.type())
        return names, types, state

    def wait_for_agreement(self, seconds=30):
        """After a change of schema: until all nodes up know of it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            seen = {row[0] for table in ("local", "peers") for row in
                    self.query("SELECT schema_version FROM system.%s"
                               % table).rows}
            if len(seen - {None}) == 1:
                return
            time.sleep(0.05)
        raise CqlError(0, "the nodes do not agree on the schema")

    def prepare(self, cql):
        raw = cql.encode()
        _, reader = self.call(OP_PREPARE, struct.pack(">i", len(raw)) + raw)
        if reader.number(">i") != RESULT_PREPARED:
            raise CqlError(0, "unexpected answer to PREPARE")
        identity = reader.take(reader.number(">H"))
        return Prepared(identity, self.metadata(reader, prepared=True)[1])

    def execute(self, prepared, values, consistency="LOCAL_ONE"):
        """Runs a prepared statement with one row of values; no rows back."""
        self.call(OP_EXECUTE, struct.pack(">H", len(prepared.id))
                  + prepared.id
                  + struct.pack(">HB", CONSISTENCY[consistency], 1)
                  + row_values(prepared, values))

    def pipeline(self, bodies, opcode=OP_BATCH, window=64, progress=None):
        """Sends many request bodies, `window` of them in flight."""
        flying = done = 0
        for body in bodies:
            self.socket.sendall(self.frame(opcode, body, flying % 32768))
            flying += 1
            while flying - done >= window:
                self.receive()
                done += 1
                if progress:
                    progress(done)
        while done < flying:
            self.receive()
            done += 1
            if progress:
                progress(done)
        return done


def row_values(prepared, values):
    return struct.pack(">H", len(values)) + b"".join(
        cell(encode(kind, value))
        for kind, value in zip(prepared.types, values))


def batch_body(prepared, rows, consistency="LOCAL_ONE"):
    """An unlogged batch of one statement; rows come from row_values()."""
    head = b"\1" + struct.pack(">H", len(prepared.id)) + prepared.id
    return (b"\1" + struct.pack(">H", len(rows))
            + b"".join(head + row for row in rows)
            + struct.pack(">HB", CONSISTENCY[consistency], 0))


def split_statements(text):
    """Cuts a script at its semicolons; knows quotes, $$ and comments."""
    ends = {"'": "'", '"': '"', "$$": "$$", "--": "\n", "//": "\n",
            "/*": "*/"}
    statement, pos = "", 0
    while pos < len(text):
        opening = next((mark for mark in ends
                        if text.startswith(mark, pos)), None)
        if opening:
            end = text.find(ends[opening], pos + len(opening))
            end = len(text) if end < 0 else end + len(ends[opening])
            if opening in ("--", "//", "/*"):
                statement += " "
            else:
                statement += text[pos:end]
            pos = end
            continue
        if text[pos] == ";":
            if statement.strip():
                yield statement.strip()
            statement = ""
        else:
            statement += text[pos]
        pos += 1
    if statement.strip():
        yield statement.strip()
