#!/usr/bin/env python3
"""Writes the corpus of the targets of envelopes and segments from the unit
tests' vectors: frames_corpus.py  (from anywhere; files are checked in).
"""

import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "unit" / "vectors.json"


def write(target, name, raw):
    """One input, unless it is large."""
    if len(raw) > 4096:
        return
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name.replace(" ", "_").replace(".", "_")).write_bytes(raw)


def joined(cases, prefix, suffix):
    """The segments of all dialogues of a kind, one after the other."""
    return b"".join(bytes.fromhex(part) for name, parts in cases.items()
                    if name.startswith(prefix) and name.endswith(suffix)
                    for part in parts)


def main():
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    for kind, field in (("plain", "segment_uncompressed"),
                        ("lz4", "segment_lz4")):
        for i, case in enumerate(vectors["segments_" + kind]["cases"]):
            write("segments_" + kind, "vector_%d" % i,
                  bytes.fromhex(case[field]))
    cases = vectors["captures"]["cases"]
    for name, parts in cases.items():
        if name.endswith("_server_segments"):
            target = "segments_lz4" if "lz4" in name else "segments_plain"
            write(target, name, b"".join(map(bytes.fromhex, parts)))
        elif name.startswith("v4"):
            target = "envelopes_lz4" if "lz4" in name else "envelopes_v4"
            for part in parts:
                if isinstance(part, dict) and part["dir"] == "<":
                    write(target, name, bytes.fromhex(part["bytes"]))
    write("segments_plain", "dialogue", joined(cases, "v5.", "_segments"))
    write("segments_lz4", "dialogue", joined(cases, "v5_lz4.", "_segments"))


main()
