"""Edge values of every CQL type, and the text SQL has to show for them.

A case is (value, text): the value goes through the Python driver, or, as
Cql(...), as it stands into the INSERT.  None as the text: SQL shows NULL.
ANY means that only the comparisons with a copy and with Cassandra's toJson
are made.
"""

import datetime
import uuid
from decimal import Decimal

from cassandra.util import Duration

ANY = object()


class Cql(str):
    """CQL text in place of a value."""


class Kind:
    """A type with its cases; key: may it be a clustering key?"""

    def __init__(self, cql, cases, key=True, json=False):
        self.cql = cql
        self.cases = cases
        self.key = key
        self.json = json


def bigint_ms(days):
    return Cql(str(days * 86_400_000))


def at(*fields):
    return datetime.datetime(*fields)


LONG = "long " * 20_000
LOW = uuid.UUID(int=0)
HIGH = uuid.UUID(int=(1 << 128) - 1)
RANDOM = uuid.UUID("b528614c-c36e-4359-a52b-0ed7e539d34d")
TIME_1 = uuid.UUID("98fbaa00-f840-11ef-b362-dc5a6b58d97e")
TIME_2 = uuid.UUID("438ae000-c513-11ef-8d38-7cdb92a7b710")
TIME_3 = uuid.UUID("ffffffff-0000-1000-8080-808080808080")

SCALARS = [
    Kind("ascii", [("", ""), ("abc", "abc"), (" ~", " ~"), ("Z", "Z")]),
    Kind("text", [("", ""), ("grüße", "grüße"), ("𝄞 clef", "𝄞 clef"),
                  ("it's \"so\" \\", "it's \"so\" \\"), ("a\tb\nc", "a\tb\nc"),
                  ("B", "B"), ("a", "a"), ("\uffee", "\uffee"),
                  (LONG[:60_000], LONG[:60_000])]),
    Kind("tinyint", [(-128, "-128"), (0, "0"), (127, "127")]),
    Kind("smallint", [(-32768, "-32768"), (0, "0"), (32767, "32767")]),
    Kind("int", [(-2**31, str(-2**31)), (0, "0"), (2**31 - 1,
                                                   str(2**31 - 1)),
                 (Cql("blobAsInt(0x)"), None)]),
    Kind("bigint", [(-2**63, str(-2**63)), (-1, "-1"), (0, "0"),
                    (2**63 - 1, str(2**63 - 1)),
                    (Cql("blobAsBigint(0x)"), None)]),
    Kind("varint", [(0, "0"), (-1, "-1"), (127, "127"), (128, "128"),
                    (-128, "-128"), (-129, "-129"), (2**63, str(2**63)),
                    (10**60 + 7, str(10**60 + 7)),
                    (-10**60, str(-10**60))]),
    Kind("decimal", [
        (Decimal("0"), "0"), (Decimal("1.10"), "1.10"),
        (Decimal("-0.001"), "-0.001"), (Decimal("1E+10"), "10000000000"),
        (Decimal("12E+5"), "1200000"), (Decimal("1E-50"), "0." + "0" * 49
                                        + "1"),
        (Decimal("123456789012345678901234567890.123456789"),
         "123456789012345678901234567890.123456789"),
        (Decimal("10000"), "10000"), (Decimal("9999.9999"), "9999.9999")]),
    Kind("float", [(1.5, "1.5"), (Cql("-0.0"), "-0"), (0.0, "0"),
                   (Cql("NaN"), "NaN"), (Cql("Infinity"), "Infinity"),
                   (Cql("-Infinity"), "-Infinity"),
                   (Cql("3.4028235E38"), "3.4028235e+38"),
                   (Cql("1.4E-45"), "1e-45"), (Cql("0.1"), "0.1")]),
    Kind("double", [(0.1, "0.1"), (Cql("-0.0"), "-0"), (0.0, "0"),
                    (Cql("NaN"), "NaN"), (Cql("Infinity"), "Infinity"),
                    (Cql("-Infinity"), "-Infinity"),
                    (1.7976931348623157e308, "1.7976931348623157e+308"),
                    (5e-324, "5e-324"), (-1.0, "-1")]),
    Kind("boolean", [(True, "t"), (False, "f")]),
    Kind("blob", [(b"", "\\x"), (b"\0", "\\x00"),
                  (bytes(range(256)), "\\x" + bytes(range(256)).hex())]),
    Kind("inet", [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"),
                  ("255.255.255.255", "255.255.255.255"), ("::1", "::1"),
                  ("2001:db8::1", "2001:db8::1"),
                  (Cql("blobAsInet(0x00000000000000000000ffff01020304)"),
                   "::ffff:1.2.3.4")]),
    Kind("date", [(Cql("'1970-01-01'"), "1970-01-01"),
                  (Cql("'1969-12-31'"), "1969-12-31"),
                  (Cql("'9999-12-31'"), "9999-12-31"),
                  (Cql("'0001-01-01'"), "0001-01-01"),
                  (Cql(str(2**31 - 719_528)), "0001-01-01 BC"),
                  (Cql(str(2**31 - 719_528 + 365)), "0001-12-31 BC"),
                  (Cql(str(2**31 + 2_932_897)), "10000-01-01")]),
    Kind("time", [(Cql("'00:00:00'"), "00:00:00"),
                  (Cql("'12:34:56.789'"), "12:34:56.789"),
                  (Cql("'23:59:59.999999999'"), "23:59:59.999999"),
                  (Cql("'00:00:00.000000001'"), "00:00:00")]),
    Kind("timestamp", [
        (at(1970, 1, 1), "1970-01-01 00:00:00+00"),
        (at(1969, 12, 31, 23, 59, 59, 999_000),
         "1969-12-31 23:59:59.999+00"),
        (at(9999, 12, 31, 23, 59), "9999-12-31 23:59:00+00"),
        (bigint_ms(-719_528), "0001-01-01 00:00:00+00 BC"),
        (bigint_ms(2_932_897), "10000-01-01 00:00:00+00"),
        (Cql("'2025-03-01 12:00:00.123+0200'"),
         "2025-03-01 10:00:00.123+00")]),
    Kind("uuid", [(LOW, str(LOW)), (HIGH, str(HIGH)), (RANDOM, str(RANDOM)),
                  (TIME_1, str(TIME_1)), (TIME_2, str(TIME_2))]),
    Kind("timeuuid", [(TIME_1, str(TIME_1)), (TIME_2, str(TIME_2)),
                      (TIME_3, str(TIME_3))]),
    Kind("duration", [
        (Duration(1, 2, 3_000_000_000), "1 mon 2 days 00:00:03"),
        (Duration(0, 0, 0), "00:00:00"),
        (Duration(0, 0, 1999), "00:00:00.000001"),
        (Duration(-14, -1, -1_000_000),
         "-1 years -2 mons -1 days -00:00:00.001")], key=False),
]

NESTED = [
    Kind("list<int>", [([1, 2, 1], "{1,2,1}"), ([], None)], key=False),
    Kind("set<text>", [({"b", "a", ""}, '{"",a,b}'), (set(), None)],
         key=False),
    Kind("frozen<list<int>>", [([], "{}"), ([3], "{3}"), ([1, 2], "{1,2}")]),
    Kind("frozen<list<text>>", [([""], '{""}'), (["a", "B"], "{a,B}")]),
    Kind("list<timestamp>", [([at(1970, 1, 1)],
                              '{"1970-01-01 00:00:00+00"}')], key=False),
    Kind("frozen<set<uuid>>", [({RANDOM, LOW}, "{%s,%s}" % (LOW, RANDOM)),
                               (set(), "{}")]),
    Kind("list<frozen<list<int>>>", [(Cql("[[1, 2], [], [3]]"), ANY)],
         json=True, key=False),
    Kind("map<text, int>", [({"a": 1, "b": -2}, '{"a": 1, "b": -2}'),
                            ({}, None)], json=True, key=False),
    Kind("map<int, text>", [({7: "x"}, '{"7": "x"}')], json=True, key=False),
    Kind("map<timestamp, double>", [(Cql("{'1970-01-01 00:00:00Z': 0.1}"),
                                     ANY)], json=True, key=False),
    Kind("map<uuid, frozen<list<boolean>>>", [
        (Cql("{%s: [true, false]}" % RANDOM), ANY)], json=True, key=False),
    Kind("map<blob, inet>", [(Cql("{0x00ff: '10.0.0.1'}"), ANY)], json=True,
         key=False),
    Kind("map<date, frozen<map<time, tinyint>>>", [
        (Cql("{'2025-03-01': {'12:00:00': 3}}"), ANY)], json=True, key=False),
    Kind("tuple<int, text>", [(Cql("(1, 'a')"), '[1, "a"]'),
                              (Cql("(null, 'a')"), '[null, "a"]'),
                              (Cql("(1, null)"), '[1, null]')],
         json=True, key=False),
    Kind("frozen<tuple<bigint, frozen<list<decimal>>, duration>>", [
        (Cql("(9007199254740993, [1.10, 2], 1mo2d)"), ANY)], json=True,
         key=False),
    Kind("place", [(Cql("{city: 'Graz', code: 8010}"), ANY),
                   (Cql("{city: 'Graz'}"), ANY)], json=True, key=False),
    Kind("frozen<place>", [(Cql("{city: 'a', code: 1, marks: {'x': 2}}"),
                            ANY)], json=True, key=False),
    Kind("list<frozen<place>>", [(Cql("[{city: 'a'}, {code: 2}]"), ANY)],
         json=True, key=False),
    Kind("map<double, double>", [
        (Cql("{0.0: -0.0, 1.0E-3: 9.999E-4, 1.0E7: 9999999.0, 1e22: -1e-7,"
             " 1.7976931348623157E308: 123456.789, 100: 0.1}"), ANY)],
         json=True, key=False),
    # toJson makes nulls of these
    Kind("map<double, float>", [
        (Cql("{NaN: Infinity}"), '{"NaN": "Infinity"}'),
        (Cql("{-Infinity: NaN}"), '{"-Infinity": "NaN"}')], key=False),
    Kind("map<float, float>", [
        (Cql("{0.1: 16777216, 3.4028235E38: -1E-7, 33554432: 1e10,"
             " 0.001: 9.999E-4, 1E7: 9999999}"), ANY)], json=True, key=False),
    Kind("map<decimal, decimal>", [
        (Cql("{1.50: 1E+3, -0.001: 1E-7, 12E+5: 0.00, 1E-30: 1E+30,"
             " 0.000001: 10}"), ANY)], json=True, key=False),
    Kind("map<varint, varint>", [
        (Cql("{0: -129, -1: 128, 10000000000000000000000000000000000001:"
             " -170141183460469231731687303715884105728}"), ANY)],
         json=True, key=False),
    Kind("map<timestamp, timestamp>", [
        (Cql("{-1: 0, 1: -62135596800000, 253402300800000:"
             " 8640000000000000}"), ANY)], json=True, key=False),
    # toJson leaves out that these are before year 1
    Kind("map<timestamp, int>", [
        (Cql("{-62135596800001: 1}"), '{"0000-12-31 23:59:59.999Z": 1}'),
        (Cql("{-210866803200000: 2}"), '{"-4713-11-24 00:00:00.000Z": 2}')],
         key=False),
    Kind("map<date, date>", [
        (Cql("{0: 4294967295, 2147483647: 2147483648, 2146764120: 2150416545}"
             ), ANY)], json=True, key=False),
    Kind("map<time, time>", [
        (Cql("{'00:00:00': '23:59:59.999999999', '01:02:03.4':"
             " '00:00:00.000000001'}"), ANY)], json=True, key=False),
    Kind("map<inet, inet>", [
        (Cql("{'::1': '::', '1.2.3.4': '2001:db8::ff00:42:8329',"
             " 'fe80::1:0:0:1': '255.255.255.255'}"), ANY)],
         json=True, key=False),
    Kind("map<ascii, text>", [
        (Cql("{'q\"\\': '\t\n', '': 'é\U0001F600', 'it''s': '/'}"), ANY)],
         json=True, key=False),
    Kind("map<timeuuid, duration>", [
        (Cql("{%s: 1y2mo3d4h5m6s7ms8us9ns, %s: -1d}" % (TIME_1, TIME_2)),
         ANY)], json=True, key=False),
    Kind("map<boolean, frozen<set<smallint>>>", [
        (Cql("{true: {3, -32768}, false: {}}"), ANY)], json=True, key=False),
    Kind("map<frozen<place>, frozen<tuple<int, place>>>", [
        (Cql("{{city: 'a\"b', marks: {'x': 1}}: (1, {code: 2})}"), ANY)],
         json=True, key=False),
    Kind("vector<double, 2>", [(Cql("[1e22, -0.0]"), ANY)], json=True,
         key=False),
    Kind("vector<frozen<map<int, text>>, 2>", [
        (Cql("[{1: 'a'}, {2: '', 3: 'c'}]"), ANY)], json=True, key=False),
    Kind("vector<float, 3>", [(Cql("[1, 0.5, -2]"), "{1,0.5,-2}")],
         key=False),
    Kind("vector<int, 2>", [(Cql("[7, 8]"), "{7,8}")], key=False),
    Kind("vector<text, 2>", [(Cql("['a', '']"), '{a,""}')], key=False),
]

KINDS = SCALARS + NESTED
