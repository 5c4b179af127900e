"""Parts of queries that no condition on a column is: functions that look the
table up, what is random, system columns, and other orders of text."""

import tables
from conditions import Const

REFUSED = "0A000"
COLLATIONS = ['"C"', '"POSIX"', '"en-x-icu"', '"de-x-icu"']


def look_up_function(rng, table, name):
    """name_look(partition key): how many rows of the table have the key."""
    return ("CREATE FUNCTION %s_look(%s) RETURNS bigint LANGUAGE plpgsql %s"
            " AS $f$ BEGIN RETURN (SELECT count(*) FROM %s t WHERE %s);"
            " END $f$") % (
                name, ", ".join("a%d %s" % (number, column.type.sql)
                                for number, column
                                in enumerate(table.partition)),
                rng.choice(["VOLATILE", "VOLATILE", "STABLE"]), name,
                " AND ".join("%s = a%d" % (column.ref, number)
                             for number, column
                             in enumerate(table.partition)))


def look_up(table, name="{TABLE}"):
    return "%s_look(%s)" % (name, ", ".join(c.ref for c in table.partition))


def random_of(column):
    """Another value in each row; the planner does not see that it is not."""
    return "(SELECT random() + 0 * coalesce(length(%s::text), 0))" \
        % column.ref


def unforeseen(rng, table):
    """A condition that asks the table again, or is random and yet certain."""
    column = rng.choice(table.columns)
    chance = rng.random()
    if chance < 0.4:
        return [look_up(table), rng.choice([" > ", " = ", " <= "]),
                Const("int8", rng.choice("0123"), rng.choice("0123"))]
    if chance < 0.6:
        return ["random() >= 0"]
    if chance < 0.8:
        return [random_of(column) + " >= 0"]
    return ["(SELECT count(*) FROM {COPY} c WHERE %s = %s AND random() >= 0)"
            " > 0" % (column.ref.replace("t.", "c.", 1), column.ref)]


def computed(rng, table):
    """An output that is the same on both sides."""
    return rng.choice([look_up(table), "t.tableoid IN ("
                       "'{TABLE}'::regclass, '{COPY}'::regclass)"])


def system_column(rng):
    """A system column, and a condition on it or None."""
    name = rng.choice(["ctid", "ctid", "xmin", "xmax", "cmin", "cmax"])
    ref = "t." + name
    if rng.random() < 0.5:
        return ref, None
    if name == "ctid":
        return ref, rng.choice([
            ref + " = '(0,1)'", ref + " IN (SELECT ctid FROM {COPY} o)",
            ref + " = ANY (ARRAY(SELECT ctid FROM {COPY} o LIMIT 2))",
            "(%s, 1) = ('(0,2)'::tid, 1)" % ref])
    return ref, "%s::text >= '0'" % ref


def sort_otherwise(rng, key, down):
    """Gives the key a collation or an operator, now and then."""
    chance = rng.random()
    if chance < 0.15:
        key.sql += " COLLATE " + rng.choice(COLLATIONS)
    elif chance < 0.27:
        key.direction = key.direction.replace(
            " DESC" if down else " ASC", " USING ~>~" if down
            else " USING ~<~", 1)


def collate_columns(rng, table):
    """Definitions that change the collation of some columns of text."""
    return ["ALTER %s TYPE text COLLATE %s" % (tables.quote(column.name),
                                               rng.choice(COLLATIONS))
            for column in table.columns
            if column.type.sql == "text" and rng.random() < 0.12]
