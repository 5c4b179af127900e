"""CQL types, the values tables are filled with, and the SQL constants that
lie beside those values.

A type's values are CQL terms; what SQL shows for them is read from the copy
of the table, so that nothing here has to know it.
"""

import uuid

MAX_INT = {"tinyint": 2**7, "smallint": 2**15, "int": 2**31,
           "bigint": 2**63}
# '1970-01-01' as the day number that CQL takes.
EPOCH_DAY = 2**31


class Type:
    """A CQL type.

    cql, sql: the type's name on either side; values: CQL terms; near: SQL
    constants of the type, as text; family: what conditions it can have;
    norm: how values that SQL calls equal are made one ("float", "numeric"),
    or "loose" where they cannot; minmax: has SQL min and max of it?
    """

    def __init__(self, cql, sql, values, near=(), family=None, norm=None,
                 minmax=True, frozen=True, parts=()):
        self.cql = cql
        self.sql = sql
        self.values = list(values)
        self.near = list(near)
        self.family = family or sql
        self.norm = norm
        self.minmax = minmax
        self.frozen = frozen
        self.parts = parts

    @property
    def key(self):
        """May it be part of the primary key?"""
        return self.frozen and self.cql not in ("duration", "counter") \
            and not self.cql.startswith("vector") and not self.has_duration()

    def has_duration(self):
        return "duration" in self.cql


def quoted(text):
    return "'%s'" % text.replace("'", "''")


# Lengths in bytes about the limits of SASI and SAI, and of keys.
INDEX_LENGTHS = [1023, 1024, 1025, 8191, 8192, 8193, 9000]
KEY_LENGTHS = [1024, 8193, 65534, 65535, 65536, 70000]


def long_hex(length):
    return "ab" * length


def long_word(length):
    return "y" * length


# By type: how to make so long a value, and what stands around it in CQL.
LONG = {"text": (long_word, "'%s'"), "ascii": (long_word, "'%s'"),
        "blob": (long_hex, "0x%s")}


def long_text(sql, length):
    """The same as a constant of SQL."""
    return "\\x" + long_hex(length) if sql == "bytea" else long_word(length)


TEXTS = ["", "a", "A", "B", "Z", "_", "ab", "abc", "abd", "a b", "a%", "a_c",
         "b", "~", "ä", "a\u0301", "é", "\ud7ff", "\ue000", "\ufffd",
         "\uffff", "\U00010000", "\U0001f600", "\U0010ffff", "a\ud7ff",
         "a\ue000", "a\uffff", "a\U0010ffff", "a\U0010ffffb", "it's", "\\",
         "a\\b", "1", "null", "\x7f", "\x80", " a", "a "]
ASCIIS = [text for text in TEXTS if text.isascii()]
NEAR_TEXTS = TEXTS + ["aa", "abcd", "\U0010fffe", "zz", "a\x01"]

TIMES_MS = [0, -1, 1, -999, 1000, 1577836800000, 1577836800001,
            1577836799999, 1600000000123, -62135596800000, 253402300799999,
            4102444800000, -210000000000000, 1583020800000, 1590962400000]
NEAR_TIMESTAMPS = [
    "1970-01-01 00:00:00.000001+00", "1969-12-31 23:59:59.999999+00",
    "1970-01-01 00:00:00.0005+00", "1970-01-01 00:00:00.000999+00",
    "2020-01-01 00:00:00.000001+00", "2019-12-31 23:59:59.999999+00",
    "2020-01-01 00:00:00.0015+00", "2020-01-01 00:00:00+01",
    "infinity", "-infinity", "294276-12-31 23:59:59.999999+00",
    "4713-01-01 00:00:00+00 BC", "2020-05-31 22:00:00+00"]
DAYS = [0, -1, 1, 18262, 18263, -719528, -719162, 2932896, 2932897, 47482,
        -2440000, 100000000]
NEAR_DATES = ["2020-01-02", "1969-12-30", "infinity", "-infinity",
              "4713-01-01 BC", "5874897-12-31", "0001-01-01"]
TIMES_NS = [0, 1, 999, 1000, 1001, 43200000000000, 43200000000500,
            86399999999999, 86399999999000, 3600000000000]
NEAR_TIMES = ["24:00:00", "00:00:00.000001", "12:00:00.000001",
              "23:59:59.999999"]
FLOATS = ["0.0", "-0.0", "NaN", "Infinity", "-Infinity", "1.0", "-1.0",
          "0.1", "1.5", "3.0", "1E-45", "3.4028235E38", "-3.4028235E38",
          "16777217.0"]
DOUBLES = FLOATS[:10] + ["5E-324", "1.7976931348623157E308", "0.30000001",
                         "0.10000000149011612", "9007199254740993.0"]
NEAR_FLOATS = ["0", "-0", "NaN", "Infinity", "-Infinity", "1e-40",
               "-1e-40", "0.1", "2", "3.4028235e38"]
NEAR_DOUBLES = NEAR_FLOATS + ["0.10000000149011612", "1e300", "-1e-320",
                              "0.3"]
DECIMALS = ["0", "0.0", "0.00", "1", "1.0", "1.00", "-1", "-1.0", "0.001",
            "10", "1E1", "12E+5", "1E-20", "123456789012345678901234567890.5",
            "2.50", "2.5"]
NEAR_NUMERICS = ["0", "1.000", "10.0", "0.0010", "-0.5", "1e30", "NaN",
                 "Infinity", "-Infinity", "2", "9223372036854775808"]
VARINTS = ["0", "1", "-1", "127", "128", "-128", "-129", str(2**63),
           str(-2**63), str(2**64), str(10**30), "2"]
BLOBS = ["0x", "0x00", "0x0000", "0x7f", "0x80", "0xff", "0xff00", "0x61",
         "0x0001", "0xdeadbeef"]
NEAR_BYTEA = ["\\x", "\\x01", "\\x7fff", "\\x8000", "\\xffff"]
INETS = ["0.0.0.0", "127.0.0.1", "10.0.0.1", "9.255.255.255", "200.1.2.3",
         "255.255.255.255", "::", "::1", "2001:db8::1", "1.2.3.4"]
NEAR_INETS = ["10.0.0.0/8", "127.0.0.1/32", "::1/64", "1.2.3.4",
              "::ffff:1.2.3.4", "10.0.0.1/24"]
UUIDS = ["00000000-0000-0000-0000-000000000000",
         "ffffffff-ffff-ffff-ffff-ffffffffffff",
         "ffffffff-0000-1000-8080-808080808080",
         "b528614c-c36e-4359-a52b-0ed7e539d34d",
         "00000000-0000-4000-8000-000000000000",
         "0189a5a6-7c2b-7c2b-9c2b-7c2b7c2b7c2b",
         "6fa459ea-ee8a-3ca4-894e-db77e160355e",
         "886313e1-3b8a-5372-9b90-0c9aee199e5d",
         "98fbaa00-f840-11ef-b362-dc5a6b58d97e"]
DURATIONS = ["1mo", "30d", "24h", "1d", "1y", "12mo", "1mo2d3h", "1ns",
             "1us", "-1mo", "-24h", "0s", "86400s"]
NEAR_INTERVALS = ["1 mon", "30 days", "1 day", "24:00:00", "0", "-1 days",
                  "1 mon 2 days 03:00:00"]

# Ticks of 100 ns from 1582 to 2020-01-01, and the low halves at the edges.
TICKS_2020 = 0x01B21DD213814000 + 15778368000000000
LOW_HALVES = [0x8080808080808080, 0x7f7f7f7f7f7f7f7f, 0x8000000000000000,
              0xffffffffffffffff, 0x017f807f807f807f, 0xb362dc5a6b58d97e]


def time_uuid(ticks, low):
    high = ((ticks & 0xffffffff) << 32 | (ticks >> 32 & 0xffff) << 16
            | 0x1000 | ticks >> 48 & 0x0fff)
    return str(uuid.UUID(int=high << 64 | low))


def time_uuids():
    found = []
    for delta in (0, 1, 9, 10, 11, -1, -10, 10_000, 36_000_000_000):
        for low in LOW_HALVES[:3 if delta in (0, 10) else 1]:
            found.append(time_uuid(TICKS_2020 + delta, low))
    found += [time_uuid(0, LOW_HALVES[3]), time_uuid(2**60 - 1, 0x7f << 56),
              "98fbaa00-f840-11ef-b362-dc5a6b58d97e"]
    return found


def integers(name, sql):
    top = MAX_INT[name]
    values = [-top, 1 - top, -1, 0, 1, 2, 3, 7, top - 2, top - 1]
    near = [str(value) for value in (-2, 4, 0, top - 1, -top)]
    values = [str(value) for value in values]
    if name in ("int", "bigint"):
        values.append("blobAs%s(0x)" % name.capitalize())
    return Type(name, sql, values, near, "integer")


def scalars():
    every = [integers("tinyint", "int2"), integers("smallint", "int2"),
             integers("int", "int4"), integers("bigint", "int8")]
    every += [
        Type("text", "text", map(quoted, TEXTS), NEAR_TEXTS),
        Type("ascii", "text", map(quoted, ASCIIS), NEAR_TEXTS),
        Type("varint", "numeric", VARINTS + ["blobAsVarint(0x)"],
             NEAR_NUMERICS),
        Type("decimal", "numeric", DECIMALS + ["blobAsDecimal(0x)"],
             NEAR_NUMERICS, norm="numeric"),
        Type("float", "float4", FLOATS + ["blobAsFloat(0x)"], NEAR_FLOATS,
             norm="float"),
        Type("double", "float8", DOUBLES + ["blobAsDouble(0x)"],
             NEAR_DOUBLES, norm="float"),
        Type("boolean", "bool", ["true", "false", "blobAsBoolean(0x)",
                                 "blobAsBoolean(0x02)"], ["true", "false"],
             minmax=False),
        Type("blob", "bytea", BLOBS, NEAR_BYTEA, minmax=False),
        Type("inet", "inet", list(map(quoted, INETS)) + [
            "blobAsInet(0x)",
            "blobAsInet(0x00000000000000000000ffff01020304)"], NEAR_INETS),
        Type("date", "date", [str(EPOCH_DAY + day) for day in DAYS],
             NEAR_DATES),
        Type("time", "time", map(str, TIMES_NS), NEAR_TIMES),
        Type("timestamp", "timestamptz", list(map(str, TIMES_MS))
             + ["blobAsTimestamp(0x)"], NEAR_TIMESTAMPS),
        Type("uuid", "uuid", UUIDS + ["blobAsUuid(0x)"], UUIDS,
             minmax=False),
        Type("timeuuid", "timeuuid", time_uuids()
             + ["blobAsTimeuuid(0x)"], time_uuids()[:4]),
        Type("duration", "interval", DURATIONS, NEAR_INTERVALS,
             norm="loose"),
    ]
    return every


SCALARS = scalars()
BIGINT = next(kind for kind in SCALARS if kind.cql == "bigint")
COUNTER = Type("counter", "int8", map(str, [1, 2, 3, -1, 2**40]),
               ["0", "-1", "3"], "integer")
# What a table's key is likely to be made of.
COMMON = [kind for kind in SCALARS if kind.cql in (
    "int", "bigint", "text", "timestamp", "timeuuid", "uuid", "date")]


def element(rng):
    """A scalar that may stand in a collection: without zero lengths."""
    kind = rng.choice(SCALARS)
    while kind.cql in ("counter", "duration"):
        kind = rng.choice(SCALARS)
    return kind


def terms(kind):
    """Its values that may stand inside of other terms."""
    return [value for value in kind.values if not value.startswith("blobAs")]


def some(rng, kind, most=3):
    return [rng.choice(terms(kind)) for _ in range(rng.randint(0, most))]


def distinct(words):
    return list(dict.fromkeys(words))


def is_loose(*kinds):
    return any(kind.norm is not None for kind in kinds)


def array_type(rng, frozen, name):
    kind = element(rng)
    cql = "%s<%s>" % (name, kind.cql)
    marks = "[]" if name == "list" else "{}"
    values = [marks[0] + ", ".join(distinct(some(rng, kind))) + marks[1]
              for _ in range(6)] + [marks]
    return Type("frozen<%s>" % cql if frozen else cql, kind.sql + "[]",
                values, family="array", frozen=frozen, parts=(kind,),
                norm="loose" if is_loose(kind) else None)


def map_type(rng, frozen):
    key, value = element(rng), element(rng)
    if rng.random() < 0.5:
        key = value = SCALARS[4]
    cql = "map<%s, %s>" % (key.cql, value.cql)
    values = ["{}"]
    for _ in range(6):
        pairs = {k: rng.choice(terms(value)) for k in some(rng, key)}
        values.append("{%s}" % ", ".join("%s: %s" % pair
                                         for pair in pairs.items()))
    return Type("frozen<%s>" % cql if frozen else cql, "jsonb", values,
                frozen=frozen, parts=(key, value), minmax=False,
                norm="loose" if is_loose(key, value) else None)


def tuple_type(rng):
    kinds = [element(rng) for _ in range(rng.randint(1, 3))]
    values = []
    for _ in range(6):
        parts = [rng.choice(terms(kind)) if rng.random() < 0.8 else "null"
                 for kind in kinds]
        values.append("(%s)" % ", ".join(parts))
    return Type("frozen<tuple<%s>>" % ", ".join(kind.cql for kind in kinds),
                "jsonb", values, minmax=False,
                norm="loose" if is_loose(*kinds) else None)


def udt_type(rng, name, fields):
    """Of a user-defined type with these fields: pairs of name and Type."""
    frozen = rng.random() < 0.5
    values = []
    for _ in range(6):
        parts = ["%s: %s" % (field, rng.choice(terms(kind)))
                 for field, kind in fields if rng.random() < 0.8]
        values.append("{%s}" % ", ".join(parts or ["%s: null"
                                                   % fields[0][0]]))
    return Type("frozen<%s>" % name if frozen else name, "jsonb", values,
                frozen=frozen, minmax=False, norm="loose" if is_loose(
                    *[kind for _, kind in fields]) else None)


def vector_type(rng):
    values = ["[%s]" % ", ".join(rng.choice(["0.5", "1.0", "-2.0", "0.25"])
                                 for _ in range(3)) for _ in range(5)]
    return Type("vector<float, 3>", "float4[]", values, family="array",
                norm="loose", parts=(SCALARS[8],))


def nested(rng, frozen, vectors):
    """A collection or tuple type."""
    pick = rng.random()
    if vectors and not frozen and pick < 0.08:
        return vector_type(rng)
    if pick < 0.35:
        return array_type(rng, frozen, "list")
    if pick < 0.6:
        return array_type(rng, frozen, "set")
    if pick < 0.85:
        return map_type(rng, frozen)
    return tuple_type(rng)
