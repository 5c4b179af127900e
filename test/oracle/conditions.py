"""Random conditions on a column, by its type.

A condition is a list of SQL text and Const; a Const becomes a literal, a
parameter of a prepared statement or a column of an outer row.
"""

import json

import values

COMPARE = ["=", "<", "<=", ">", ">=", "<>"]
NUMBERS = {
    "int2": ["0", "1", "-1", "2", "32767", "-32768"],
    "int4": ["0", "1", "3", "2147483647", "-2147483648", "128", "-129"],
    "int8": ["0", "-1", "2", "5000000000", "-5000000000",
             "9223372036854775807", "-9223372036854775808", "127"],
    "numeric": ["0", "1.0", "1.5", "-0.5", "2147483648", "1e25", "NaN",
                "127.0", "3.00"],
    "float8": ["0", "-0", "1", "2.5", "NaN", "Infinity", "-Infinity",
               "0.1", "0.10000000149011612", "1e300", "-1e-320",
               "9223372036854775807"],
    "float4": ["0", "-0", "1", "0.1", "NaN", "Infinity", "1e-40"]}
PATTERNS = ["a%", "ab%", "%", "", "abc", "a_c", "%b", "%b%", "a\\%%", "_",
            "ä%", "\ud7ff%", "\U0010ffff%", "a\uffff%", "a\U0010ffff%",
            "A%", "a %", "%c", "\\\\%", "~%"]
# Casts that no value of the column is too large for.
WIDER = {"int2": ["int4", "int8", "numeric", "float8", "float4"],
         "int4": ["int8", "numeric", "float8", "float4"],
         "int8": ["numeric", "float8", "float4"], "numeric": ["float8"],
         "float4": ["float8"], "float8": ["float8"]}
STAMPS = ["2020-01-01", "1970-01-01", "2020-05-31 22:00:00", "infinity",
          "-infinity", "2020-03-01 12:00:00", "2020-03-29 02:30:00",
          "2020-11-01 01:30:00", "0001-01-01", "2020-01-01 00:00:00.000001",
          "4000-01-01 BC", None]
ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Pacific/Apia", "CET"]
UNITS = ["day", "day", "month", "week", "year", "hour", "quarter", "decade",
         "century", "minute", "millisecond"]
COLLATIONS = ['"C"', '"POSIX"', '"en-x-icu"', '"ucs_basic"']


class Const:
    """A value of an SQL type, as text (None: NULL), and another one that a
    second outer row gives in its place."""

    def __init__(self, sql, text, other=None):
        self.sql = sql
        self.text = text
        self.other = other if other is not None else text


def literal(text):
    if text is None:
        return "NULL"
    if "\\" in text:
        return "E'%s'" % text.replace("\\", "\\\\").replace("'", "''")
    return "'%s'" % text.replace("'", "''")


def array_text(elements):
    parts = ["NULL" if e is None else '"%s"' % e.replace("\\", "\\\\")
             .replace('"', '\\"') for e in elements]
    return "{%s}" % ",".join(parts)


def stored(rng, column):
    return rng.choice(column.texts) if column.texts else None


def pick(rng, column):
    """Text of a value of the column's type; None now and then."""
    chance = rng.random()
    if chance < 0.03:
        return None
    if chance < 0.7 or not column.near:
        return stored(rng, column)
    return rng.choice(column.near)


def const(rng, column):
    return Const(column.type.sql, pick(rng, column), pick(rng, column))


def near(rng, column, row):
    """A constant that the row has, mostly."""
    if row is not None and rng.random() < 0.85:
        return Const(column.type.sql, row[column.name], pick(rng, column))
    return const(rng, column)


def compared(rng, left, operator, right):
    """left operator right, or the same turned round."""
    if rng.random() < 0.25:
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        return [right, " %s " % turned.get(operator, operator), left]
    return [left, " %s " % operator, right]


def comparison(rng, column, row):
    operator = rng.choice(COMPARE + ["="] * 3)
    return compared(rng, column.ref, operator, near(rng, column, row))


def equality(rng, column, row):
    """= or a list: what can give a key."""
    chance = rng.random()
    if chance < 0.65:
        return compared(rng, column.ref, "=", near(rng, column, row))
    if chance < 0.8:
        return members(rng, column, row, " IN (")
    if chance < 0.88 and column.type.sql in ("int2", "int4", "int8"):
        return rng.choice([cast_number, as_text])(rng, column, row)
    if chance < 0.88 and column.type.sql in ("uuid", "inet", "timeuuid"):
        return as_text(rng, column, row)
    return any_array(rng, column, row, "= ANY")


def between(rng, column, row):
    word = rng.choice([" BETWEEN "] * 4 + [" NOT BETWEEN ",
                                           " BETWEEN SYMMETRIC "])
    return [column.ref, word, near(rng, column, row), " AND ",
            const(rng, column)]


def members(rng, column, row, word=None):
    word = word or rng.choice([" IN ("] * 3 + [" NOT IN ("])
    parts = [column.ref, word, near(rng, column, row)]
    for _ in range(rng.randint(0, 3)):
        parts += [", ", const(rng, column)]
    return parts + [")"]


def any_array(rng, column, row, word=None):
    if column.type.family == "array":
        return members(rng, column, row)
    word = word or rng.choice(
        ["= ANY"] * 4 + ["<> ALL"] * 2 + ["%s %s" % (rng.choice(COMPARE), a)
                                          for a in ("ANY", "ALL")])

    def array():
        if rng.random() < 0.04:
            return None
        return array_text([pick(rng, column)
                           for _ in range(rng.randint(0, 4))]
                          + ([row[column.name]] if row else []))
    return [column.ref, " %s (" % word,
            Const(column.type.sql + "[]", array(), array()), ")"]


def nullness(rng, column, row):
    word = rng.choice([" IS NULL", " IS NOT NULL", " IS DISTINCT FROM ",
                       " IS NOT DISTINCT FROM "])
    if word.endswith("NULL"):
        return [column.ref + word]
    return [column.ref, word, near(rng, column, row)]


def of_other_type(rng, column, row):
    """Compared with a value of another type, or through a cast."""
    sql = column.type.sql
    operator = rng.choice(COMPARE)
    if sql in NUMBERS:
        other = rng.choice([name for name in NUMBERS if name != sql])
        value = Const(other, rng.choice(NUMBERS[other]),
                      rng.choice(NUMBERS[other]))
        return compared(rng, column.ref, operator, value)
    if sql in ("date", "timestamptz"):
        other = rng.choice(["timestamptz", "timestamp"] if sql == "date"
                           else ["date", "timestamp"])
        choices = ["2020-01-01", "1970-01-01", "2020-05-31 22:00:00",
                   "infinity", "-infinity", "2020-03-01 12:00:00", None]
        if other != "date":
            choices.append("2020-01-01 00:00:00.000001")
        value = Const(other, rng.choice(choices), rng.choice(choices))
        return compared(rng, column.ref, operator, value)
    if sql == "text":
        other = rng.choice(["varchar", "bpchar", "name"])
        value = Const(other, rng.choice(values.NEAR_TEXTS),
                      stored(rng, column))
        if rng.random() < 0.3:
            return [column.ref + "::varchar", " %s " % operator,
                    near(rng, column, row)]
        return compared(rng, column.ref, operator, value)
    if sql == "timeuuid":
        value = Const("uuid", rng.choice(values.UUIDS), stored(rng, column))
        return compared(rng, column.ref, operator, value)
    if sql == "uuid":
        texts = values.time_uuids()
        value = Const("timeuuid", rng.choice(texts), rng.choice(texts))
        return compared(rng, column.ref, operator, value)
    return comparison(rng, column, row)


def as_text(rng, column, row):
    """The column's text compared, in its own or in another spelling."""
    def spelled():
        text = near(rng, column, row).text
        if text is None or rng.random() < 0.6:
            return text
        return rng.choice(["0" + text, text.upper(), " " + text, text + "/32",
                           text + "/128", "-0", "x", ""])
    left = column.ref + rng.choice(["::text", "::text", "::varchar"])
    one = Const("text", spelled(), spelled())
    chance = rng.random()
    if chance < 0.6:
        return compared(rng, left, "=", one)
    if chance < 0.7:
        return compared(rng, left, rng.choice(COMPARE), one)
    if chance < 0.85:
        return [left, " IN (", one, ", ", Const("text", spelled()), ")"]
    texts = [array_text([spelled(), spelled()]) for _ in range(2)]
    return [left, " = ANY (", Const("text[]", *texts), ")"]


def whole_part(text):
    """As a text that bigint takes."""
    try:
        whole = int(text.split(".")[0])
    except (AttributeError, ValueError):
        return "1"
    return str(whole) if -2**63 <= whole < 2**63 else "1"


def cast_number(rng, column, row):
    """The column as another type of numbers, mostly against a value that it
    has, in lists, too."""
    other = rng.choice(["numeric", "float8", "int8", "float4"])
    texts = [near(rng, column, row).text for _ in range(2)]
    if other == "int8":
        texts = [whole_part(text) for text in texts]
    one = Const(other, *texts)
    chance = rng.random()
    if chance < 0.5:
        return compared(rng, column.ref, rng.choice(COMPARE), one)
    if chance < 0.7:
        return compared(rng, "%s::%s" % (
            column.ref, rng.choice(WIDER[column.type.sql])),
            rng.choice(COMPARE), one)
    numbers = [rng.choice(NUMBERS[other]) for _ in range(2)]
    if chance < 0.8:
        return [column.ref, " BETWEEN ", one, " AND ",
                Const(other, numbers[0])]
    arrays = [array_text([text, number, None])
              for text, number in zip(texts, numbers)]
    return [column.ref, " = ANY (", Const(other + "[]", *arrays), ")"]


def of_times(rng, column, row):
    """A function of a time, compared with a value of some kind of times."""
    ref = column.ref
    if column.type.sql == "timeuuid":
        ref = "timeuuid_timestamp(%s)" % ref
    for _ in range(rng.choice([1, 1, 1, 2])):
        unit, zone = rng.choice(UNITS), rng.choice(ZONES)
        ref = rng.choice([
            "(%s)::date", "(%s)::date", "(%s)::timestamp", "(%s)::timestamptz",
            "date_trunc('" + unit + "', %s)", "date_trunc('" + unit + "', %s)",
            "date_trunc('" + unit + "', (%s)::timestamptz, '" + zone + "')",
            "(%s)::timestamptz AT TIME ZONE '" + zone + "'",
            "(%s)::timestamp AT TIME ZONE '" + zone + "'"]) % ref
    texts = STAMPS
    if row is not None and column.type.sql != "timeuuid":
        texts = [row[column.name]] * 6 + STAMPS
    kind = rng.choice(["date", "timestamp", "timestamptz"])
    value = Const(kind, rng.choice(texts), rng.choice(texts))
    if rng.random() < 0.1:
        return ["(%s) IN (" % ref, value, ", ",
                Const(kind, rng.choice(texts), rng.choice(STAMPS)), ")"]
    if rng.random() < 0.2:
        return ["(%s)" % ref, " BETWEEN ", value, " AND ",
                Const(kind, rng.choice(STAMPS))]
    return compared(rng, "(%s)" % ref, rng.choice(COMPARE), value)


def stable(rng, column, _row):
    spans = ["1 day", "50 years", "-100 years", "6 years 3 days"]
    span = Const("interval", rng.choice(spans), rng.choice(spans))
    operator = rng.choice(COMPARE)
    if column.type.sql == "date":
        return [column.ref, " %s " % operator,
                rng.choice(["current_date - 1", "now()", "localtimestamp",
                            "(current_date - interval '50 years')::date"])]
    return [column.ref, " %s now() - " % operator, span]


def like(rng, column, _row):
    word = rng.choice(["LIKE"] * 6 + ["NOT LIKE", "ILIKE", "~"])
    if rng.random() < 0.12:
        value = Const("text", rng.choice(values.TEXTS), "a")
        return rng.choice([["starts_with(", column.ref, ", ", value, ")"],
                           [column.ref, " ^@ ", value]])
    patterns = ["^a", "b$", "^", "."] if word == "~" else PATTERNS
    return [column.ref, " %s " % word,
            Const("text", rng.choice(patterns), rng.choice(patterns))]


def collated(rng, column, row):
    if rng.random() < 0.3:
        return [column.ref, " %s " % rng.choice(["~<~", "~<=~", "~>=~",
                                                 "~>~"]),
                near(rng, column, row)]
    return [column.ref, " %s " % rng.choice(COMPARE), near(rng, column, row),
            " COLLATE " + rng.choice(COLLATIONS)]


def truth(rng, column, _row):
    form = rng.choice(["%s", "NOT %s", "%s IS TRUE", "%s IS NOT TRUE",
                       "%s IS FALSE", "%s IS NOT FALSE", "%s IS UNKNOWN",
                       "%s = true", "%s <> true", "(NOT %s) = false"])
    return [form % column.ref]


def of_time_uuid(rng, column, _row):
    stamps = ["2020-01-01 00:00:00+00", "2020-01-01 00:00:00.000001+00",
              "2019-12-31 23:59:59.999999+00", "1582-10-15 00:00:00+00",
              "infinity", "-infinity", "2020-01-01 01:00:00+00", None]
    stamp = Const("timestamptz", rng.choice(stamps), rng.choice(stamps[:4]))
    operator = rng.choice(COMPARE)
    chance = rng.random()
    if chance < 0.5:
        return compared(rng, "timeuuid_timestamp(%s)" % column.ref, operator,
                        stamp)
    if chance < 0.7:
        return compared(rng, column.ref + "::timestamptz", operator, stamp)
    function = rng.choice(["min_timeuuid", "max_timeuuid"])
    stamp = Const("timestamptz", rng.choice(stamps[:3]),
                  rng.choice(stamps[:3]))
    return [column.ref, " %s %s(" % (operator, function), stamp, ")"]


def member(rng, column):
    """A value that the column's arrays may hold."""
    kind = column.type.parts[0]
    texts = column.elements + kind.near[:2]
    return rng.choice(texts) if texts else None


def of_array(rng, column, row):
    sql = column.type.parts[0].sql
    chance = rng.random()

    def array():
        return array_text([member(rng, column)
                           for _ in range(rng.randint(0, 2))])
    one = Const(sql, member(rng, column), member(rng, column))
    several = Const(sql + "[]", array(), array())
    if chance < 0.35:
        return [column.ref, rng.choice([" @> "] * 4 + [" <@ ", " && "]),
                several]
    if chance < 0.65:
        return [one, rng.choice([" = ANY (", " = ANY (", " <> ALL (",
                                 " < ANY ("]) + column.ref + ")"]
    if chance < 0.75:
        return [column.ref + "[1]", " %s " % rng.choice(COMPARE), one]
    if chance < 0.85:
        return ["cardinality(%s) = " % column.ref,
                Const("int4", rng.choice("0123"), "1")]
    return comparison(rng, column, row)


def json_parts(rng, column):
    """A key and a value of a stored object."""
    text = stored(rng, column)
    found = json.loads(text) if text else None
    if isinstance(found, dict) and found:
        key = rng.choice(list(found))
        return key, found[key]
    if isinstance(found, list) and found:
        return rng.choice(["0", "1"]), rng.choice(found)
    return "a", "b"


def of_json(rng, column, row):
    key, value = json_parts(rng, column)
    if rng.random() < 0.15:
        key = rng.choice(["a", "", "1", "f0"])
    name = Const("text", key, json_parts(rng, column)[0])
    shown = value if isinstance(value, str) else json.dumps(value)
    chance = rng.random()
    if chance < 0.25:
        return [column.ref, " ? ", name]
    if chance < 0.35:
        names = Const("text[]", array_text([key, "ab"]), array_text(["a"]))
        return [column.ref, rng.choice([" ?| ", " ?& "]), names]
    if chance < 0.65:
        return [column.ref, " ->> ", name, " %s " % rng.choice(
            ["=", "=", "=", "<>", "<"]), Const("text", shown, "a")]
    if chance < 0.75:
        return [column.ref, " -> ", name, " = ",
                Const("jsonb", json.dumps(value), '"a"')]
    if chance < 0.85:
        return [column.ref, " @> ",
                Const("jsonb", json.dumps({key: value}), "{}")]
    return comparison(rng, column, row)


PLAIN = [comparison] * 5 + [between, members, members, any_array, nullness]


def forms(column):
    """What may be asked of a column, the likely more than once."""
    sql, family = column.type.sql, column.type.family
    found = list(PLAIN)
    if sql in NUMBERS or sql in ("date", "timestamptz", "text", "timeuuid",
                                 "uuid"):
        found += [of_other_type] * 2
    if sql in ("int2", "int4", "int8", "uuid", "timeuuid", "inet"):
        found += [as_text] * 2
    if sql in NUMBERS:
        found += [cast_number] * 2
    if sql in ("date", "timestamptz", "timeuuid"):
        found += [of_times] * 3
    if sql in ("date", "timestamptz"):
        found += [stable] * 2
    if sql == "text":
        found += [like] * 5 + [collated]
    if sql == "bool":
        found += [truth] * 8
    if sql == "timeuuid":
        found += [of_time_uuid] * 6
    if family == "array":
        found = [of_array] * 8 + [nullness, comparison, members]
    if sql == "jsonb":
        found = [of_json] * 6 + [nullness, comparison, members]
    return found


def condition(rng, column, row):
    return rng.choice(forms(column))(rng, column, row)


def other_value(rng, column):
    """A value of another type that the column can be compared with."""
    sql = column.type.sql
    if sql in ("int2", "int4", "int8"):
        kind = rng.choice(["numeric", "float8", "int8"])
        return Const(kind, *rng.choices(NUMBERS[kind], k=2))
    if sql in ("date", "timestamptz"):
        kind = rng.choice(["date", "timestamp", "timestamptz"])
        return Const(kind, *rng.choices(STAMPS, k=2))
    return None


def of_rows(rng, columns, row):
    """A row comparison, or a list of rows."""
    names = "(%s)" % ", ".join(column.ref for column in columns)

    def one(mixed=False):
        parts = ["("]
        for number, column in enumerate(columns):
            value = near(rng, column, row)
            if mixed and rng.random() < 0.15:
                value = other_value(rng, column) or value
            parts += [", "] * (number > 0) + [value]
        return parts + [")"]
    if rng.random() < 0.35:
        parts = [names, rng.choice([" IN (", " IN (", " NOT IN ("])] + one()
        for _ in range(rng.randint(0, 2)):
            parts += [", "] + one()
        return parts + [")"]
    operator = rng.choice(["=", "<", "<=", ">", ">="])
    mixed = operator != "="
    if rng.random() < 0.2:
        return one(mixed) + [" %s " % operator, names]
    return [names, " %s " % operator] + one(mixed)


def spelt_rows(rng, columns, row):
    """A row comparison as OR and AND of its columns: a > x OR (a = x AND b >
    y), all of them in one direction."""
    operator = rng.choice(["<", "<=", ">", ">="])
    strict = operator[0]
    first, values = columns[0], near(rng, columns[0], row)
    if len(columns) == 1:
        return compared(rng, first.ref, operator, values)
    return ["("] + compared(rng, first.ref, strict, values) + [") OR ("] \
        + compared(rng, first.ref, "=", values) + [" AND ("] \
        + spelt_rows(rng, columns[1:], row) + ["))"]


def of_columns(rng, table):
    """Two columns of one type compared; None where there are none."""
    left = rng.choice(table.columns)
    same = [column for column in table.columns if column is not left
            and column.type.sql == left.type.sql]
    if not same:
        return None
    return [left.ref, " %s " % rng.choice(COMPARE), rng.choice(same).ref]
