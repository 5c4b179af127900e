"""Runs a query on the foreign table and on its copy, and compares."""

import collections
import copy
import json
import re
from decimal import Decimal, InvalidOperation

from conditions import literal
from queries import COPY, TABLE, render

ZERO = re.compile(r"-0(?:\.0*)?$")
# What CQL says of a restriction, an order, a limit or an aggregate.
PUSHED = re.compile(r" WHERE (?!token\([^)]*\) > \? AND token\([^)]*\) <="
                    r" \?$)| ORDER BY | LIMIT | GROUP BY |SELECT DISTINCT "
                    r"|count\(\*\)|SELECT (?:min|max)\(", re.I)
MOST_TRIALS = 150
NO_COLLATION = "42P22"


def normal(text, norm):
    """The same for all values that SQL calls equal."""
    if text is None or norm is None:
        return text
    if norm == "float":
        return "0" if ZERO.match(text) else text
    if norm == "numeric":
        try:
            return str(Decimal(text).normalize() + 0)
        except InvalidOperation:
            return text
    return text


class Difference:
    def __init__(self, what, foreign, local):
        self.what = what
        self.foreign = foreign
        self.local = local


class Runner:
    """names: what stands for the foreign table and for the copy."""

    def __init__(self, session, foreign, local):
        self.session = session
        self.foreign = foreign
        self.local = local
        self.prefix = []

    def statement(self, query, on_foreign, bare=False):
        """Text of one query, parameters written out as EXECUTE has them."""
        text, consts = render(query, bare)
        text = text.replace(TABLE, self.foreign if on_foreign
                            else self.local).replace(COPY, self.local)
        lines = ["SET LOCAL %s" % s for s in query.settings
                 if on_foreign] + ["DEALLOCATE ALL"] * bool(consts)
        if not consts:
            return "; ".join(lines + [text])
        lines.append("PREPARE q(%s) AS %s" % (
            ", ".join(c.sql for c in consts), text))
        lines.append("EXECUTE q(%s)" % ", ".join(
            literal(c.text) for c in consts))
        return "; ".join(lines)

    def explain(self, query, options="VERBOSE, FORMAT JSON, COSTS OFF"):
        head, _, last = self.statement(query, True).rpartition("; ")
        if query.mode != "prepared":
            head = "; ".join("SET LOCAL %s" % s for s in query.settings)
            last = self.statement(query, True)[len(head):].lstrip("; ")
        return self.session.query("%s%sEXPLAIN (%s) %s" % (
            head, "; " if head else "", options, last))

    def pushes(self, query):
        """Does any scan of it say more in CQL than which columns?"""
        answer = self.explain(query)
        return answer.sqlstate is None and any(
            PUSHED.search(cql) for cql in spoken(json.loads(
                answer.rows[0][0])))

    # ---- comparison ----

    def difference(self, query):
        """A Difference, or None; and the foreign answer."""
        foreign = self.session.query(self.statement(query, True))
        if query.refused and foreign.sqlstate == query.refused:
            return None, foreign
        local = self.session.query(self.statement(query, False))
        if foreign.sqlstate or local.sqlstate:
            # an unknown collation is an error where it is first asked for
            if foreign.sqlstate == local.sqlstate or NO_COLLATION in (
                    foreign.sqlstate, local.sqlstate):
                return None, foreign
            return Difference("errors differ", failure(foreign),
                              failure(local)), foreign
        if query.refused and local.rows:
            return Difference("it is not refused", foreign.rows,
                              local.rows), foreign
        return self.of_rows(query, foreign, local), foreign

    def of_rows(self, query, foreign, local):
        sorts = [key.norm for key in query.order]
        if sorts and not query.wrapped:
            ours, theirs = (keys_of(answer.rows, sorts)
                            for answer in (foreign, local))
            if ours != theirs:
                return Difference("sort keys differ", ours, theirs)
        norms = sorts + [output.norm for output in query.outputs]
        if not query.equal_is_same:
            norms = []
        ours, theirs = (counted(answer.rows, norms)
                        for answer in (foreign, local))
        if query.wrapped or (query.limit is None and query.offset is None):
            return lacking("rows differ", ours, theirs)
        if len(foreign.rows) != len(local.rows):
            return Difference("numbers of rows differ",
                              ["%d rows" % len(foreign.rows)],
                              ["%d rows" % len(local.rows)])
        every = self.session.query(self.statement(query, False, bare=True))
        return lacking("rows beyond those without LIMIT", ours,
                       counted(every.rows, norms), contained=True)

    # ---- making it small ----

    def smallest(self, query):
        """The query with parts removed while the answers still differ."""
        trials = 0
        shrunk = True
        while shrunk and trials < MOST_TRIALS:
            shrunk = False
            for smaller in reductions(query):
                trials += 1
                if self.difference(smaller)[0] is not None:
                    query = smaller
                    shrunk = True
                    break
        return query


def reductions(query):
    if query.refused:
        return
    for name in ("where", "having", "order", "outputs", "settings"):
        if name == "order" and query.distinct_on:
            continue
        for number in range(len(getattr(query, name))):
            smaller = copy.copy(query)
            parts = list(getattr(query, name))
            del parts[number]
            setattr(smaller, name, parts)
            yield smaller
    for name in ("limit", "offset", "wrapped"):
        if getattr(query, name) is not None:
            smaller = copy.copy(query)
            setattr(smaller, name, None)
            yield smaller
    if query.mode != "literal":
        smaller = copy.copy(query)
        smaller.mode = "literal"
        yield smaller


def spoken(plan):
    """The CQL of every node of a plan."""
    if isinstance(plan, list):
        for part in plan:
            yield from spoken(part)
    elif isinstance(plan, dict):
        for name, part in plan.items():
            if isinstance(part, (list, dict)):
                yield from spoken(part)
            elif name.startswith("CQL") and isinstance(part, str):
                yield part


def failure(answer):
    if answer.sqlstate:
        return ["%s: %s" % (answer.sqlstate, answer.message.strip())]
    return ["%d rows" % len(answer.rows)]


def keys_of(rows, norms):
    return [tuple(normal(text, norm) for text, norm in zip(row, norms))
            for row in rows]


def counted(rows, norms):
    if not any(norms):
        return collections.Counter(rows)
    return collections.Counter(
        tuple(normal(text, norm) for text, norm in zip(row, norms))
        for row in rows)


def lacking(what, ours, theirs, contained=False):
    """What one side has and the other has not."""
    more = list((ours - theirs).elements())
    less = [] if contained else list((theirs - ours).elements())
    return Difference(what, more, less) if more or less else None
