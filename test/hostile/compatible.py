#!/usr/bin/env python3
"""Servers that are not quite Cassandra, scripted from what is known of them.

Not the real ones: an Amazon Keyspaces behind TLS and one address, that takes
signatures only; a ScyllaDB whose keyspace has tablets; a proxy that finds nodes
by TLS's server name.  SQL runs on each, in the PostgreSQL that the PG*
variables name.  Prints a case a line.
"""

import datetime
import hashlib
import hmac
import os
import re
import ssl
import struct
import subprocess
import sys
import tempfile
import uuid

import run
import server
from server import (INET, INT, LOCAL, MAP_TEXT, SET_TEXT, TEXT, UUID, cell,
                    collection, local_row, mapping, rows, text)

LEVELS = {1: "ONE", 6: "LOCAL_QUORUM", 10: "LOCAL_ONE"}
ACCESS_KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI", "eu-north-1"
NONCE = "91703fdc2ef562e19fbdab0f58e42fe5"
MANY = 2000      # rows of the scripted table in several pages

TABLES = """
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS like_it CASCADE;
DROP SCHEMA IF EXISTS like_it CASCADE;
CREATE SCHEMA like_it;
CREATE SERVER like_it FOREIGN DATA WRAPPER cassandra_fdw OPTIONS (%s);
CREATE USER MAPPING FOR CURRENT_USER SERVER like_it OPTIONS (%s);
CREATE FOREIGN TABLE like_it.t (k int, v text) SERVER like_it
    OPTIONS (keyspace 'ks', table_name 't');
"""


class Certificate:
    """A key and a certificate for 127.0.0.1 and proxy.test, in files."""

    def __init__(self, directory):
        self.cert = os.path.join(directory, "server.crt")
        self.key = os.path.join(directory, "server.key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-keyout", self.key, "-out", self.cert, "-days", "2",
             "-subj", "/CN=server", "-addext",
             "subjectAltName=IP:127.0.0.1,DNS:proxy.test"],
            check=True, capture_output=True)
        os.chmod(self.cert, 0o644)

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


def consistency_of(name, body):
    """Of a QUERY or an EXECUTE of version 4."""
    if name == "QUERY":
        skip = 4 + struct.unpack(">i", body[:4])[0]
    else:
        skip = 2 + struct.unpack(">H", body[:2])[0]
    return struct.unpack(">H", body[skip:skip + 2])[0]


# ---- Amazon Keyspaces ----


def signature(date):
    """What AWS's rules give for the nonce at this time."""
    day = date[:10].replace("-", "")
    scope = "%s/%s/cassandra/aws4_request" % (day, REGION)
    request = "\n".join([
        "PUT", "/authenticate",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%s%%2F%s"
        "&X-Amz-Date=%s&X-Amz-Expires=900"
        % (ACCESS_KEY, scope.replace("/", "%2F"), date.replace(":", "%3A")),
        "host:cassandra", "", "host",
        hashlib.sha256(NONCE.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in (day, REGION, "cassandra", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signed = "\n".join(["AWS4-HMAC-SHA256", date, scope,
                        hashlib.sha256(request.encode()).hexdigest()])
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()


def signed_well(token):
    words = dict(word.split("=", 1) for word in token.split(","))
    date = datetime.datetime.fromisoformat(words["amzdate"][:-1] + "+00:00")
    age = datetime.datetime.now(datetime.timezone.utc) - date
    return (words["access_key"] == ACCESS_KEY
            and abs(age.total_seconds()) < 60
            and words["signature"] == signature(words["amzdate"]))


class Keyspaces:
    """One address, whatever is behind it."""

    PEERS = [("peer", INET), ("data_center", TEXT), ("host_id", UUID),
             ("rack", TEXT), ("rpc_address", INET), ("tokens", SET_TEXT)]

    def __init__(self):
        self.written = []
        self.dialled = 0
        self.refused = []

    def __call__(self, conn, stream, name, cql):
        handle = getattr(self, "on_" + name.lower(), None)
        return handle is not None and handle(conn, stream, cql)

    def on_startup(self, conn, stream, _):
        self.dialled += 1
        conn.send(stream, "AUTHENTICATE",
                  text("com.amazon.helenus.auth.HelenusAuthenticator"))
        return True

    def on_auth_response(self, conn, stream, _):
        token = conn.body[4:]
        if token == b"SigV4\0\0":
            conn.send(stream, "AUTH_CHALLENGE", cell("nonce=" + NONCE))
        elif signed_well(token.decode()):
            conn.send(stream, "AUTH_SUCCESS", cell(None))
        else:
            conn.error(stream, 0x0100, "signature does not match")
        return True

    def peer_rows(self):
        return [[b"\x7f\0\0\1", REGION, uuid.UUID(int=i).bytes, "az%d" % i,
                 b"\x7f\0\0\1", collection(str(i))] for i in range(2, 6)]

    def on_query(self, conn, stream, cql):
        if consistency_of("QUERY", conn.body) not in LEVELS:
            conn.error(stream, 0x2200, "Consistency level is not supported")
        elif "system.local" in cql:
            row = local_row()
            row[1] = REGION
            row[4] = "com.amazonaws.cassandra.DefaultPartitioner"
            conn.result(stream, rows(LOCAL, [row]))
        elif "system.peers_v2" in cql:
            conn.error(stream, 0x2200, "unconfigured table peers_v2")
        elif "system.peers" in cql:
            conn.result(stream, rows(self.PEERS, self.peer_rows()))
        elif "system_schema.keyspaces" in cql:
            conn.result(stream, rows(
                [("keyspace_name", TEXT), ("replication", MAP_TEXT)],
                [["ks", mapping(class_="org.apache.cassandra.locator."
                                "SingleRegionStrategy")]]))
        elif re.search(r"system_schema\.(views|indexes|types|column_masks)"
                       r"|system_virtual_schema", cql):
            conn.error(stream, 0x2200, "unconfigured table")
        else:
            return False
        return True

    def on_execute(self, conn, stream, _):
        cql = conn.statements.get(conn.body[2:18], "")
        level = consistency_of("EXECUTE", conn.body)
        if cql.startswith("SELECT"):
            return self.select(conn, stream, cql, level)
        if level != 6 or "TIMESTAMP" in cql:
            self.refused.append(level)
            conn.error(stream, 0x2200, "writes want LOCAL_QUORUM")
        else:
            self.written.append(1)
            conn.result(stream, struct.pack(">i", 1))
        return True

    def select(self, conn, stream, cql, level):
        """Every other page is empty, with more to come."""
        if level not in LEVELS:
            conn.error(stream, 0x2200, "Consistency level is not supported")
            return True
        if "k = ?" in cql:
            return False
        state = re.search(rb"page(\d+)", conn.body)
        page = int(state.group(1)) if state else 0
        first = page // 2 * 100
        numbers = range(first, first + 100) if page % 2 else []
        more = None if first + 100 >= MANY and page % 2 else (
            b"page%d" % (page + 1))
        names = server.selected(cql)
        cells = [[struct.pack(">i", k) if name == "k" else "v%d" % k
                  for name, _ in names] for k in numbers]
        conn.result(stream, rows(names, cells, more))
        return True

    def on_batch(self, conn, stream, _):
        kind, count = struct.unpack(">BH", conn.body[:3])
        if kind != 1 or count > 30:
            self.refused.append((kind, count))
            conn.error(stream, 0x2200, "batches: unlogged, up to 30")
        else:
            self.written.append(count)
            conn.result(stream, struct.pack(">i", 1))
        return True


def expect(what, got, wanted):
    if got != wanted:
        raise RuntimeError("%s: %r instead of %r" % (what, got, wanted))


def keyspaces(directory):
    certificate = Certificate(directory)
    mode = Keyspaces()
    listening = server.Server(mode, 4, tls=certificate.context())
    admin = run.connect()
    try:
        run.query_script(admin, TABLES % (
            "host '127.0.0.1', port '%d', auth 'sigv4', aws_region '%s', "
            "sslrootcert '%s', local_datacenter '%s', batch_size '30', "
            "timestamps 'server'"
            % (listening.port, REGION, certificate.cert, REGION),
            "aws_access_key_id '%s', aws_secret_access_key '%s'"
            % (ACCESS_KEY, SECRET)))
        expect("rows", run.query(
            admin, "SELECT count(*), sum(k), min(v) FROM "
            "(SELECT k, v FROM like_it.t OFFSET 0) t"),
            [(b"%d" % MANY, b"%d" % (MANY * (MANY - 1) // 2), b"v0")])
        expect("look-up", run.query(
            admin, "SELECT v FROM like_it.t WHERE k = 1"), [(b"one",)])
        run.query(admin, "INSERT INTO like_it.t SELECT i, 'x' "
                  "FROM generate_series(1, 500) i")
        expect("rows written", sum(mode.written), 500)
        expect("writes refused", mode.refused, [])
        expect("nodes", run.query(
            admin, "SELECT nodes FROM cassandra_clusters() "
            "WHERE server_name = 'like_it'"), [(b"1",)])
        expect("connections", mode.dialled, 1)
        run.query_script(admin, "ALTER USER MAPPING FOR CURRENT_USER SERVER "
                         "like_it OPTIONS (SET aws_secret_access_key 'no')")
        try:
            run.query(admin, "SELECT v FROM like_it.t WHERE k = 1")
            raise AssertionError
        except RuntimeError as problem:
            expect("refusal", "signature does not match" in str(problem), True)
    finally:
        listening.stop()
        admin.finish()


# ---- ScyllaDB ----


class Scylla:
    """Version 4, no peers_v2, extensions offered, a keyspace with tablets."""

    OFFERED = {"SCYLLA_SHARD": "0", "SCYLLA_NR_SHARDS": "2",
               "SCYLLA_PARTITIONER": "org.apache.cassandra.dht."
               "Murmur3Partitioner", "SCYLLA_SHARDING_ALGORITHM":
               "biased-token-round-robin", "SCYLLA_SHARDING_IGNORE_MSB": "12",
               "SCYLLA_SHARD_AWARE_PORT": "19042", "TABLETS_ROUTING_V1": "",
               "SCYLLA_LWT_ADD_METADATA_MARK":
               "LWT_OPTIMIZATION_META_BIT_MASK=2147483648",
               "SCYLLA_RATE_LIMIT_ERROR": "ERROR_CODE=61440",
               "COMPRESSION": "lz4", "CQL_VERSION": "3.3.1"}

    def __init__(self):
        self.asked = []

    def __call__(self, conn, stream, name, cql):
        if name == "OPTIONS":
            conn.send(stream, "SUPPORTED", struct.pack(">H", len(self.OFFERED))
                      + b"".join(text(key) + struct.pack(">H", 1) + text(value)
                                 for key, value in self.OFFERED.items()))
        elif name == "STARTUP":
            self.asked.append(conn.body)
            conn.send(stream, "READY")
        elif "system.peers_v2" in cql:
            conn.error(stream, 0x2200, "unconfigured table peers_v2")
        elif "system_schema.scylla_keyspaces" in cql:
            self.asked.append(b"tablets")
            conn.result(stream, rows(
                [("keyspace_name", TEXT), ("initial_tablets", INT)],
                [["ks", struct.pack(">i", 0)]]))
        elif "system_virtual_schema" in cql or "column_masks" in cql:
            conn.error(stream, 0x2200, "unconfigured table")
        else:
            return False
        return True


def scylla(_):
    mode = Scylla()
    listening = server.Server(mode, 4)
    admin = run.connect()
    try:
        run.query_script(admin, TABLES % (
            "host '127.0.0.1', port '%d'" % listening.port,
            "password_required 'false'"))
        expect("rows", run.query(
            admin, "SELECT * FROM like_it.t ORDER BY k"),
            [(b"1", b"one"), (b"2", b"two")])
        expect("look-up", run.query(
            admin, "SELECT v FROM like_it.t WHERE k = 1"), [(b"one",)])
        run.query(admin, "INSERT INTO like_it.t SELECT i, 'x' "
                  "FROM generate_series(1, 50) i")
        expect("extensions asked for",
               [b"TABLETS" in body or b"SCYLLA" in body
                for body in mode.asked if body != b"tablets"], [False])
        expect("questions about tablets", mode.asked.count(b"tablets"), 1)
    finally:
        listening.stop()
        admin.finish()


# ---- nodes behind a proxy ----


class Proxied:
    """Three nodes; each connection is the node's that its name names."""

    IDS = [uuid.UUID(int=0xABC0 + i) for i in range(3)]
    PEERS = [("peer", INET), ("data_center", TEXT), ("host_id", UUID),
             ("rack", TEXT), ("rpc_address", INET), ("tokens", SET_TEXT)]

    def __init__(self):
        self.came = {}
        self.names = []

    def context(self, certificate):
        context = certificate.context()

        def named(sock, name, _):
            self.names.append(name)
            sock.node = name
        context.sni_callback = named
        return context

    def node(self, conn):
        name = getattr(conn.sock, "node", None)
        ids = [str(node) for node in self.IDS]
        return ids.index(name) if name in ids else 0

    def row(self, i):
        return [self.IDS[i].bytes, "dc1", "r1", collection(str(i * 1000)),
                "org.apache.cassandra.dht.Murmur3Partitioner", "5.0.8"]

    def __call__(self, conn, stream, name, cql):
        me = self.node(conn)
        if name == "EXECUTE":
            self.came[me] = self.came.get(me, 0) + 1
        if "system.local" in cql:
            conn.result(stream, rows(LOCAL, [self.row(me)]))
        elif "system.peers" in cql:
            # Nobody listens at these addresses.
            conn.result(stream, rows(self.PEERS, [
                [bytes([127, 9, 9, i]), "dc1", self.IDS[i].bytes, "r1",
                 bytes([127, 9, 9, i]), collection(str(i * 1000))]
                for i in range(3) if i != me]))
        else:
            return False
        return True


def proxy(directory):
    certificate = Certificate(directory)
    mode = Proxied()
    listening = server.Server(mode, 4, tls=mode.context(certificate))
    admin = run.connect()
    first = str(mode.IDS[1])
    try:
        run.query_script(admin, TABLES % (
            "host '127.0.0.1:%d/%s', sslsni 'host_id', sslrootcert '%s'"
            % (listening.port, first, certificate.cert),
            "password_required 'false'"))
        for _ in range(30):
            run.query(admin, "SELECT * FROM like_it.t")
        expect("nodes", sorted(mode.came), [0, 1, 2])
        expect("first name", mode.names[0], first)
        expect("names", set(mode.names), {str(node) for node in mode.IDS})
    finally:
        listening.stop()
        admin.finish()


# ---- a server that does not answer what it does not know ----


def older(_):
    listening = server.Server(lambda *request: False, 4)
    listening.mute = True
    admin = run.connect()
    try:
        run.query_script(admin, TABLES % (
            "host '127.0.0.1', port '%d', connect_timeout '1s'"
            % listening.port, "password_required 'false'"))
        expect("rows", run.query(
            admin, "SELECT v FROM like_it.t WHERE k = 1"), [(b"one",)])
        expect("version", run.query(
            admin, "SELECT protocol FROM cassandra_clusters() "
            "WHERE server_name = 'like_it'"), [(b"4",)])
        run.query_script(admin, "ALTER SERVER like_it OPTIONS "
                         "(ADD protocol_version '5')")
        try:
            run.query(admin, "SELECT v FROM like_it.t WHERE k = 1")
            raise AssertionError
        except RuntimeError as problem:
            expect("hint", 'option "protocol_version"' in str(problem), True)
    finally:
        listening.stop()
        admin.finish()


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        for case in (keyspaces, scylla, proxy, older):
            try:
                case(directory)
                print("ok - like %s" % case.__name__)
            except (RuntimeError, OSError) as problem:
                failed += 1
                print("not ok - like %s: %s"
                      % (case.__name__, " ".join(str(problem).split())))
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
