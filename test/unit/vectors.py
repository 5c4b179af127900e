#!/usr/bin/env python3
"""Writes the test vectors of vectors.json as C tables.

vectors.py JSON HEADER
"""

import ast
import datetime
import json
import struct
import sys

HEADER = """\
/*
 * vectors.h
 *	  Test vectors, made from vectors.json by vectors.py.
 */
#ifndef VECTORS_H
#define VECTORS_H

#include "cql.h"

#define VECTOR_COUNT(table) (sizeof(table) / sizeof((table)[0]))

typedef struct vector_crc
{
	cql_slice	input;
	uint32_t	crc;
} vector_crc;

typedef struct vector_segment
{
	const char *name;
	cql_slice	payload;
	bool		self_contained;
	cql_slice	segment;
} vector_segment;

typedef struct vector_uvint
{
	uint64_t	value;
	cql_slice	bytes;
} vector_uvint;

typedef struct vector_vint
{
	int64_t		value;
	cql_slice	bytes;
} vector_vint;

typedef struct vector_hash
{
	cql_slice	key;
	int64_t		hash;			/* of Murmur3 */
	int64_t		token;
} vector_hash;

/* Token of a partition key of one or several columns. */
typedef struct vector_token
{
	cql_slice	components[4];
	uint32_t	n;
	cql_slice	key;
	int64_t		token;
} vector_token;

/* A value as the server encodes it; len CQL_NULL where it gave null. */
typedef struct vector_encoding
{
	const char *type;			/* CQL */
	const char *literal;		/* CQL */
	cql_slice	option;			/* type option of the result's metadata */
	cql_slice	value;
	bool		refused;		/* the server refused the literal */
} vector_encoding;

/* One envelope (or what was sent) of a dialogue with the server. */
typedef struct vector_capture
{
	const char *name;			/* "v4.query_rows", "v5_lz4.prepare", ... */
	char		dir;			/* '>' sent, '<' received, 'S' raw segment */
	cql_slice	bytes;
} vector_capture;

/* AWS's SigV4: what a nonce is answered with. */
typedef struct vector_sigv4
{
	const char *region;
	const char *access_key;
	const char *secret;
	const char *session_token;	/* or NULL */
	int64_t		time;			/* microseconds since 1970 */
	const char *challenge;
	const char *answer;
} vector_sigv4;

typedef struct vector_node
{
	const char *address;
	const char *dc;
	const char *rack;
} vector_node;

/* Token of a ring, its owner and its replicas in order, ended by NULL. */
typedef struct vector_replicas
{
	int64_t		token;
	const char *owner;
	const char *replicas[16];
} vector_replicas;

typedef struct vector_ring
{
	const char *name;
	const char *strategy;
	const char *options[8][2];	/* ended by NULL */
	const vector_node *nodes;
	size_t		nnodes;
	const vector_replicas *tokens;
	size_t		ntokens;
} vector_ring;

static const uint8_t vector_zeros[131072];
"""


def data(hexa):
    """A cql_slice of hex digits, of "HH*N", or of None (a null)."""
    if hexa is None:
        return "{NULL, CQL_NULL}"
    if "*" in hexa:
        byte, count = hexa.split("*")
        if byte == "00":
            return "{vector_zeros, %s}" % count
        hexa = byte * int(count)
    raw = bytes.fromhex(hexa)
    lines = [raw[i:i + 16] for i in range(0, len(raw), 16)] or [b""]
    text = "\n\t\t".join('"' + "".join("\\x%02x" % b for b in line) + '"'
                         for line in lines)
    return "{(const uint8_t *) %s, %d}" % (text, len(raw))


def string(text):
    """A C string literal."""
    out = []
    for byte in text.encode():
        if 32 <= byte < 127 and chr(byte) not in '"\\?':
            out.append(chr(byte))
        else:
            out.append("\\%03o" % byte)
    return '"' + "".join(out) + '"'


def int64(text):
    value = int(text)
    if value == -2**63:
        return "INT64_MIN"
    return "INT64_C(%d)" % value


def boolean(value):
    return "true" if value else "false"


def table(out, ctype, name, rows):
    assert rows
    out.append("static const %s %s[] = {" % (ctype, name))
    out.extend("\t{%s}," % ", ".join(row) for row in rows)
    out.append("};\n")


def checksums(out, vectors):
    for name in ("crc24", "crc32"):
        table(out, "vector_crc", "vector_" + name,
              [(data(c["input"]), "0x" + c[name] + "u")
               for c in vectors[name]["cases"]])


def segments(out, vectors):
    for name, field in (("plain", "segment_uncompressed"),
                        ("lz4", "segment_lz4")):
        table(out, "vector_segment", "vector_segments_" + name,
              [(string(c["name"]), data(c["payload"]),
                boolean(c["self_contained"]), data(c[field]))
               for c in vectors["segments_" + name]["cases"]])
    body = vectors["v4_lz4_body"]
    for name in ("plain", "body"):
        out.append("static const cql_slice vector_v4_%s = %s;\n"
                   % (name, data(body[name])))


def integers(out, vectors):
    table(out, "vector_uvint", "vector_uvints",
          [("UINT64_C(%s)" % c["value"], data(c["uvint"]))
           for c in vectors["unsigned_vint"]["cases"]])
    table(out, "vector_vint", "vector_vints",
          [(int64(c["value"]), data(c["vint"]))
           for c in vectors["zigzag_vint"]["cases"]])


def tokens(out, vectors):
    table(out, "vector_hash", "vector_hashes",
          [(data(c["routing_key"]), int64(c["murmur3_h1"]),
            "INT64_MIN" if c["token_server"] == "None"
            else int64(c["token_server"]))
           for c in vectors["murmur3"]["cases"]])
    rows = [(c["components"], c["routing_key"], c["token_server"])
            for c in vectors["composite_routing_key"]["cases"]]
    rows += [([c["key_bytes"]], c["key_bytes"], c["token_server"])
             for c in vectors["single_key_tokens"]["cases"]]
    table(out, "vector_token", "vector_tokens",
          [("{%s}" % ", ".join(map(data, parts)), str(len(parts)),
            data(key), int64(token)) for parts, key, token in rows])


def short_string(text):
    """A [string] of the protocol."""
    return struct.pack(">H", len(text)) + text.encode()


def type_option(option):
    """A type option as the protocol has it, of the parsed form."""
    if isinstance(option, str):
        return b"\0\0" + short_string(option.removeprefix("custom:"))
    if isinstance(option, int):
        return struct.pack(">H", option)
    kind, *parts = option
    head = struct.pack(">H", kind)
    if kind == 0x30:
        keyspace, name, fields = parts
        return (head + short_string(keyspace) + short_string(name)
                + struct.pack(">H", len(fields))
                + b"".join(short_string(field) + type_option(part)
                           for field, part in fields))
    if kind == 0x31:
        parts = parts[0]
        head += struct.pack(">H", len(parts))
    return head + b"".join(map(type_option, parts))


def wire_option(text):
    """Hex digits of the type option that vectors.json describes."""
    if not text:
        return None
    return type_option(text if text.startswith("custom:")
                       else ast.literal_eval(text)).hex()


def encodings(out, vectors):
    table(out, "vector_encoding", "vector_encodings",
          [(string(c["type"]), string(c["literal"]),
            data(wire_option(c["wire_option"])), data(c["server"]),
            boolean(c.get("server_error")))
           for c in vectors["encodings"]["cases"]])


def captures(out, vectors):
    rows = []
    for name, case in vectors["captures"]["cases"].items():
        if name.endswith("paging_state"):
            continue
        for part in case:
            if isinstance(part, dict):
                rows.append((string(name), "'%s'" % part["dir"],
                             data(part["bytes"])))
            else:
                rows.append((string(name), "'S'", data(part)))
    table(out, "vector_capture", "vector_captures", rows)


def sigv4(out, vectors):
    cases = vectors["sigv4"]["cases"]
    rows = []
    for case in cases:
        asked = cases[case.get("same_inputs_as_case", cases.index(case))]
        time = datetime.datetime.fromisoformat(
            asked["time"].replace("Z", "+00:00"))
        token = case.get("session_token")
        rows.append((string(asked["region"]), string(asked["access_key"]),
                     string(asked["secret"]),
                     string(token) if token else "NULL",
                     int64(round(time.timestamp() * 1000) * 1000),
                     string("nonce=" + asked["nonce"]),
                     string(case["response"])))
    table(out, "vector_sigv4", "vector_sigv4s", rows)


def rings(out, vectors):
    rows = []
    for i, c in enumerate(vectors["replica_placement"]["cases"]):
        table(out, "vector_node", "vector_nodes_%d" % i,
              [(string(n["address"]), string(n["dc"]), string(n["rack"]))
               for n in c["nodes"]])
        table(out, "vector_replicas", "vector_replicas_%d" % i,
              [(int64(t["token"]), string(t["owner"]), "{%s}" % ", ".join(
                  [string(r) for r in c["replicas"][t["token"]]] + ["NULL"]))
               for t in c["ring"]])
        options = ["{%s, %s}" % (string(k), string(v))
                   for k, v in c["options"].items()]
        rows.append((string(c["name"]), string(c["strategy"]),
                     "{%s}" % ", ".join(options + ["{NULL, NULL}"]),
                     "vector_nodes_%d" % i, str(len(c["nodes"])),
                     "vector_replicas_%d" % i, str(len(c["ring"]))))
    table(out, "vector_ring", "vector_rings", rows)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        vectors = json.load(file)
    out = [HEADER]
    for section in (checksums, segments, integers, tokens, encodings,
                    captures, sigv4, rings):
        section(out, vectors)
    out.append("#endif\t\t\t\t\t\t\t/* VECTORS_H */")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
