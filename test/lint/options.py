#!/usr/bin/env python3
"""Keeps doc/options.md in step with the table in src/fdw/base/option_table.c.

options.py           fails when they differ
options.py --write   writes the document
"""

import glob
import re
import sys

TABLE = "src/fdw/base/option_table.c"
SOURCES = "src/fdw/**/*.c"
IMPORT = "src/fdw/call/import_option.c"
DOCUMENT = "doc/options.md"

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\.?\w+|[{}(),=|]|-')
PLACES = [("SERVER", "server"), ("TABLE", "table"), ("COLUMN", "column"),
          ("MAPPING", "user mapping")]
TYPES = {"TEXT": "text", "FILE": "file of the server", "LIST": "list",
         "SELECTOR": "CQL",
         "BOOL": "Boolean", "DURATION": "duration", "COST": "number",
         "RATE": "rate",
         "READ": "consistency level", "WRITE": "consistency level",
         "SERIAL": "consistency level", "BOTH": "consistency level",
         "SSL": "Boolean", "REFUSED": "refused"}

HEAD = """\
# Options

This page is made from the sources (`test/lint/options.py --write`).

A value of a foreign table wins over one of its server, and a configuration
parameter over both. Durations are numbers with a unit, `500ms`, `12s` or
`2min`; without one they are milliseconds. Options that name files are for
superusers and members of `pg_read_server_files`. What is wrong with a value
is told at once; what needs the network or a file, at first use.

| option | where | type | default | meaning |
|---|---|---|---|---|
"""
IMPORTS = """
## Options of IMPORT FOREIGN SCHEMA

| option | values | default | meaning |
|---|---|---|---|
"""
EXPRESSIONS = """
## Expressions

A column with the option `expression` shows what one selector of CQL gives,
and cannot be written:

    ALTER FOREIGN TABLE users
        ADD written timestamptz OPTIONS (expression 'writetime(email)'),
        ADD ttl int OPTIONS (expression 'ttl(email)'),
        ADD token bigint OPTIONS (expression 'token(id)'),
        ADD street text OPTIONS (expression 'address.street'),
        ADD color text OPTIONS (expression 'attrs[''color'']'),
        ADD price_text text OPTIONS (expression 'CAST(price AS text)');

Names are written as in CQL, those with upper-case letters in double quotes.
Besides columns there are fields of user-defined types, elements of maps and
sets, `CAST`, the functions of Cassandra, and constants (numbers, strings,
Booleans, uuids, blobs, `(type) constant`). The type of the column must suit
that of the expression; `writetime` and `maxwritetime`, microseconds since
1970, may also be `timestamp with time zone`. `writetime` and `ttl` of a
collection that is not frozen give an array: each element has its own. A
user-defined function needs a `CAST`, which tells its type. Aggregates are
refused. Conditions on such columns are evaluated by PostgreSQL, but for those
on `token` of the partition key, which Cassandra restricts its scan by.

A column with the option `using` takes part in writes instead: it gives the
time to live or the write time of the row that is inserted or updated. It
may be an expression, too, and then shows it; else it reads as NULL.
"""
PARAMETERS = """
## Configuration parameters

Anyone may set them; unset, each leaves the choice to the options.

| parameter | unset | meaning |
|---|---|---|
"""


def strip_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def unquote(tokens):
    """The text of adjacent string constants."""
    return "".join(token[1:-1].replace('\\"', '"') for token in tokens
                   if token[0] == '"')


def split_fields(entry):
    """The initializers between two braces, each a list of tokens."""
    fields, depth = [[]], 0
    for token in TOKEN.findall(entry):
        depth += (token == "(") - (token == ")")
        if token == "," and depth == 0:
            fields.append([])
        else:
            fields[-1].append(token)
    return [field for field in fields if field]


def read_entries(path, marker):
    """Tuples in braces behind the marker: positional and named fields."""
    with open(path, encoding="utf-8") as file:
        text = strip_comments(file.read())
    body = text[text.index(marker):]
    body = body[body.index("{") + 1:body.index("};")]
    for entry in re.findall(r'\{((?:"(?:\\.|[^"\\])*"|[^{}"])*)\}', body):
        fields = split_fields(entry)
        named = {field[0]: field[2:] for field in fields
                 if field[0].startswith(".")}
        plain = [field for field in fields if not field[0].startswith(".")]
        if plain[0][0] != "NULL":
            yield plain, named


def type_of(kind, plain, named):
    if kind == "INT":
        numbers = [field[-1] for field in plain if field[-1].isdigit() or
                   field[-1] == "CASS_MAX_TTL"]
        return "integer, %s to %s" % tuple(
            number.replace("CASS_MAX_TTL", "630720000") for number in numbers)
    if kind == "ENUM":
        return ", ".join("`%s`" % word
                         for word in unquote(named[".words"]).split())
    return TYPES[kind]


def option_row(plain, named):
    name = unquote(plain[0])
    kind = plain[2][0].replace("CASS_OPTION_", "")
    where = ", ".join(text for word, text in PLACES if word in plain[1])
    meaning = unquote(named.get(".text", []))
    if ".alias" in named:
        meaning = "Another name of `%s`." % unquote(named[".alias"])
        if kind == "SSL":
            meaning = "In place of `sslmode`: true is `verify-full`, false " \
                "is `disable`."
    elif kind == "REFUSED":
        meaning = "Refused with a hint. " + meaning
    initial = unquote(named.get(".initial", []))
    return "| `%s` | %s | %s | %s | %s |\n" % (
        name, where, type_of(kind, plain, named),
        "`%s`" % initial if initial else "", meaning)


def import_row(plain, named):
    words = unquote(plain[1]).split()
    return "| `%s` | %s | `%s` | %s |\n" % (
        unquote(plain[0]), ", ".join("`%s`" % word for word in words),
        words[0], unquote(named[".text"]))


def parameter_rows():
    text = ""
    for path in sorted(glob.glob(SOURCES, recursive=True)):
        with open(path, encoding="utf-8") as file:
            text += strip_comments(file.read())
    for match in re.finditer(r'(\w+)\(\s*"(cassandra_fdw\.\w+)",\s*'
                             r'("(?:\\.|[^"\\])*")([^;]*);', text):
        function, name, meaning, rest = match.groups()
        is_on = re.search(r",\s*true,\s*PGC_", rest)
        unset = {"define_text": "''", "define_switch": "default",
                 "DefineCustomIntVariable": "-1",
                 "DefineCustomBoolVariable": "on" if is_on else "off"}.get(function, "")
        yield "| `%s` | %s | %s |\n" % (
            name, "`%s`" % unset if unset else "", unquote([meaning]))


def make_document():
    rows = [option_row(*entry)
            for entry in read_entries(TABLE, "cass_option_table[]")]
    imports = [import_row(*entry)
               for entry in read_entries(IMPORT, "import_options[]")]
    return (HEAD + "".join(rows) + EXPRESSIONS + IMPORTS + "".join(imports) +
            PARAMETERS + "".join(parameter_rows()))


def main():
    document = make_document()
    if "--write" in sys.argv[1:]:
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(document)
        return 0
    try:
        with open(DOCUMENT, encoding="utf-8") as file:
            same = file.read() == document
    except OSError:
        same = False
    if not same:
        print("# %s is out of date: run test/lint/options.py --write" %
              DOCUMENT)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
