#!/usr/bin/env python3
"""Writes the corpus of fuzz_conn from the unit tests' vectors:
conn_corpus.py  (from anywhere; files are checked in).
"""

import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "unit" / "vectors.json"
V5, LZ4, CREDENTIALS, READY, PINNED = 1, 2, 4, 8, 16
RAW, SEGMENT, SUBMIT, PULL, PULL_SOME, ABANDON, TAKE, TIME = range(8)
PULL_ALL = bytes([PULL])
PLAIN = "org.apache.cassandra.auth.PasswordAuthenticator"
DSE = "com.datastax.bdp.cassandra.auth.DseAuthenticator"


def pieces(operation, data, *extra):
    """The operation for each 255 bytes."""
    return b"".join(
        bytes([operation, *extra, len(data[i:i + 255])]) + data[i:i + 255]
        for i in range(0, max(len(data), 1), 255))


def string(text):
    return len(text).to_bytes(2, "big") + text.encode("ascii")


def envelope(version, stream, opcode, body):
    return (bytes([0x80 | version, 0]) + stream.to_bytes(2, "big") +
            bytes([opcode]) + len(body).to_bytes(4, "big") + body)


def submit(body=b"request"):
    return bytes([SUBMIT, len(body)]) + body


def supported(version, versions):
    body = (b"\0\1" + string("PROTOCOL_VERSIONS") +
            len(versions).to_bytes(2, "big") +
            b"".join(string(name) for name in versions))
    return PULL_ALL + pieces(RAW, envelope(version, 0, 6, body)) + PULL_ALL


def authentication(version, name, answers):
    def say(data):
        return (pieces(RAW, data) if version == 4 else
                pieces(SEGMENT, data, 1)) + PULL_ALL
    script = bytes([CREDENTIALS | (V5 if version == 5 else 0)])
    script += supported(version, ["4/v4", "5/v5"])
    script += pieces(RAW, envelope(version, 0, 3, string(name))) + PULL_ALL
    for opcode, body in answers:
        script += say(envelope(version, 0, opcode, body))
    return script + submit() + PULL_ALL


def handshakes(out):
    challenge = b"\0\0\0\x0bPLAIN-START"
    refusal = b"\0\0\1\0" + string("wrong password")
    out["auth_v4"] = authentication(4, PLAIN, [(0x10, b"\xff" * 4)])
    out["auth_v5"] = authentication(5, PLAIN, [(0x10, b"\xff" * 4)])
    out["auth_refused"] = authentication(5, PLAIN, [(0, refusal)])
    out["auth_dse"] = authentication(4, DSE, [(0x0e, challenge),
                                              (0x10, b"\xff" * 4)])
    out["auth_challenged"] = authentication(5, PLAIN, [(0x0e, challenge)])
    out["auth_none"] = (bytes([V5]) + supported(5, ["5/v5"]) +
                        pieces(RAW, envelope(5, 0, 3, string(PLAIN))))
    out["other_version"] = bytes([V5]) + supported(5, ["3/v3", "4/v4"])
    out["pinned"] = bytes([V5 | PINNED]) + supported(5, ["3/v3", "4/v4"])
    out["bad_version"] = (bytes([V5]) + PULL_ALL + pieces(RAW, envelope(
        4, 0, 0, b"\0\0\0\x0a" + string("Invalid version (5)"))))
    out["handshake_timeout"] = bytes([V5]) + PULL_ALL + bytes([TIME, 5])


def exchanges(out):
    answer = envelope(5, 0, 8, b"\0\0\0\1")
    ready = bytes([V5 | READY])
    out["late_answer"] = (ready + submit() + PULL_ALL + bytes([ABANDON, 0]) +
                          submit() + PULL_ALL + pieces(SEGMENT, answer, 1) +
                          bytes([TAKE]))
    out["two_answers"] = (ready + submit() + PULL_ALL +
                          pieces(SEGMENT, answer + answer, 1) + bytes([TAKE]))
    out["heartbeat"] = (ready + submit() + bytes([PULL_SOME, 5, PULL]) +
                        bytes([TIME, 30, PULL]) + pieces(
                            SEGMENT, envelope(5, 1024, 6, b"\0\0"), 1) +
                        bytes([TIME, 30, TIME, 5, TAKE]))
    out["split"] = (ready + submit() + PULL_ALL +
                    pieces(SEGMENT, answer[:4], 0) +
                    pieces(SEGMENT, answer[4:], 0) + bytes([TAKE]))


def main():
    cases = json.loads(VECTORS.read_text("utf-8"))["captures"]["cases"]
    kinds = {"v4": 0, "v4_lz4": LZ4, "v5": V5, "v5_lz4": V5 | LZ4}
    out = {}
    handshakes(out)
    exchanges(out)
    for name in ("prepare", "query_rows", "error_syntax",
                 "warning_tracing_flag"):
        for kind, options in kinds.items():
            raw = (cases["%s.%s_server_segments" % (kind, name)]
                   if options & V5 else
                   [part["bytes"] for part in cases["%s.%s" % (kind, name)]
                    if part["dir"] == "<"])
            out["%s_%s" % (kind, name)] = (
                bytes([options | READY]) + submit() + PULL_ALL +
                b"".join(pieces(RAW, bytes.fromhex(data)) for data in raw) +
                bytes([TAKE]))
    folder = HERE / "corpus" / "conn"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in out.items():
        (folder / name).write_bytes(data)


main()
