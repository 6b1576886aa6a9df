"""Spans of time: a date less another is days in other dialects, and an interval in Presto.

``AVG(end_ts - start_ts) * 60``, ``end_dt - start_dt + 1`` and ``EXTRACT(EPOCH FROM a - b) / 3600``
become numbers of the unit that the question names, from the start to the end.
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from nlq.drafting.mends.draft import TIMES, Mending, column_doc, sources_of
from nlq.drafting.mends.durations import SECONDS, with_fraction
from nlq.retrieval.words import abbreviates, stem, words
from nlq.sql.repairs.plain_calls import unit_of
from nlq.types import TableDoc

_UNIT = r"(?P<{}>second|minute|min|hour|hr|day|night)s?\b"
_SHOWN: Final = re.compile(
    r"\b(?:in|many|number of|average|mean|total|and|or)\s+" + _UNIT.format("unit"), re.IGNORECASE
)
_COMPARED: Final = re.compile(
    r"\b(?:than|over|under|within|least|most|exceed\w*|up to)\s+[\d.]+\s+"
    + _UNIT.format("unit")
    + r"(?!\s+ago)",
    re.IGNORECASE,
)
_UNITS: Final = {"min": "MINUTE", "hr": "HOUR", "night": "DAY"}
_FACTORS: Final = frozenset({24, 60, 1440, 3600, 86400})
"""What an interval is multiplied or divided by to come out in another unit."""
_HOLDS: Final = (exp.Paren, exp.Cast, exp.AggFunc, exp.Round, exp.Case, exp.If, exp.Coalesce)
"""What passes a span on, so that a factor outside is one of the span."""
_STARTS: Final = (
    "start", "begin", "began", "first", "from", "open", "hire", "join", "create", "admit", "sched",
    "planned", "due", "promised", "pick", "request", "order", "loaned", "borrowed", "placed",
)  # fmt: skip
_ENDS: Final = (
    "end", "finish", "last", "to", "until", "close", "exit", "left", "leave", "terminate",
    "termination", "discharge", "settle", "actual", "deliver", "delivery", "return", "release",
    "resolve", "complete",
)  # fmt: skip


def mend_calls(tree: exp.Expr, mending: Mending) -> None:
    """Put the unit of a difference first, as Presto has it, before anything looks at its parts.

    sqlglot takes the first argument for the unit, whatever it is.
    """
    for call in list(tree.find_all(exp.DateDiff, exp.TimestampDiff)):
        given = call.args.get("unit")
        if given is None or unit_of(exp.var(given.name)):
            continue
        if isinstance(given, exp.Var):
            given = exp.column(given.name.lower())
        if unit := unit_of(call.this):
            call.replace(_difference(call.expression, given, unit.upper()))
            mending.note("the unit of the difference first")


def mend_spans(tree: exp.Expr, mending: Mending) -> None:
    """Count what lies between two times in the unit asked for, and from the start to the end."""
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog)
        if not sources:
            continue
        for taken in list(select.find_all(exp.DateDiff, exp.TimestampDiff)):
            if taken.find_ancestor(exp.Select) is select:
                _turn(taken, mending)
        for less in list(select.find_all(exp.Sub)):
            if less.find_ancestor(exp.Select) is select:
                _count(less, sources, mending)


def _turn(taken: exp.Expr, mending: Mending) -> None:
    """Let a difference run from what its columns call the start to the end."""
    if _is_backward(taken.this, taken.expression):
        end, start = taken.expression, taken.this
        taken.set("this", end)
        taken.set("expression", start)
        mending.note("from the start to the end")


def _is_backward(end: exp.Expr, start: exp.Expr) -> bool:
    """Whether what is taken for the end is called a start, and the other an end."""
    if isinstance(end, exp.Min) and isinstance(start, exp.Max):
        return bool(end.this == start.this)
    last, first = _bare(end), _bare(start)
    if not (isinstance(last, exp.Column) and isinstance(first, exp.Column)):
        return False
    if last.table.lower() != first.table.lower():
        return False
    ours, theirs = words(last.name), words(first.name)
    return _is_called(ours, theirs, _STARTS) and _is_called(theirs, ours, _ENDS)


def _is_called(name: list[str], other: list[str], meant: tuple[str, ...]) -> bool:
    """Whether a word of a name that the other one lacks is one of those, or short for it."""
    return any(
        stem(word) == stem(each) or abbreviates(word, each)
        for word in name
        if word not in other
        for each in meant
    )


def _count(less: exp.Sub, sources: dict[str, TableDoc], mending: Mending) -> None:
    """Write one date less another as a number; left alone where its unit is open."""
    kinds = [_kind(side, sources) for side in (less.this, less.expression)]
    if None in kinds:
        return
    end, start = less.this, less.expression
    if _is_backward(end, start):
        end, start = start, end
    outer: exp.Expr = less
    while isinstance(outer.parent, exp.Paren):
        outer = outer.parent
    holder = outer.parent
    if isinstance(holder, exp.Extract) and holder.text("this").upper() == "EPOCH":
        holder.replace(exp.cast(_difference(start, end, "SECOND"), "double"))
        mending.note("the seconds between the two")
        return
    if isinstance(holder, exp.Extract) or _is_interval_made(outer):
        return
    days = "timestamp" not in kinds
    unit = "DAY" if days else _asked(mending.asked) or _named(less)
    if unit is None:
        return
    if not days:
        _without_factors(outer)
    if unit == "DAY" and not days:
        start, end = (
            each
            if kind == "date" or kinds == ["timestamp", "timestamp"]
            else exp.cast(each, "date")
            for each, kind in ((start, _kind(start, sources)), (end, _kind(end, sources)))
        )
    made = _difference(start, end, unit)
    outer.replace(with_fraction(made, unit) if unit in SECONDS else made)
    mending.note(f"{unit.lower()}s between the two")


def _kind(side: exp.Expr, sources: dict[str, TableDoc]) -> str | None:
    """``date`` or ``timestamp`` where it is a time known as such."""
    if isinstance(side, exp.CurrentDate):
        return "date"
    if isinstance(side, exp.CurrentTimestamp):
        return "timestamp"
    if isinstance(side, exp.Cast):
        kind = side.to.sql(dialect="presto").lower()
        return next((each for each in TIMES if kind.startswith(each)), None)
    if isinstance(side, exp.TsOrDsToDate | exp.Date):
        return "date"
    if isinstance(side, exp.Coalesce):
        kinds = {_kind(each, sources) for each in (side.this, *side.expressions)}
        return kinds.pop() if len(kinds) == 1 else None
    inner = _bare(side)
    doc = column_doc(inner, sources) if isinstance(inner, exp.Column) else None
    return next((each for each in TIMES if doc.type.startswith(each)), None) if doc else None


def _bare(side: exp.Expr) -> exp.Expr:
    """The column of an expression that keeps its time: the latest one, its day, itself."""
    while isinstance(side, exp.Min | exp.Max | exp.TimestampTrunc | exp.DateTrunc | exp.Paren
                     | exp.Cast):  # fmt: skip
        side = side.this
    return side


def _is_interval_made(node: exp.Expr) -> bool:
    """Whether it is compared with, or added to, an interval or another time."""
    parent = node.parent
    other = isinstance(parent, exp.Binary) and parent.find(exp.Interval) is not None
    return other or isinstance(parent, exp.DateAdd | exp.TimestampAdd)


def _asked(asked: str) -> str | None:
    """The only unit that the question asks for, or compares with."""
    for pattern in (_SHOWN, _COMPARED):
        said = {found["unit"].lower() for found in pattern.finditer(asked)}
        units = {_UNITS.get(each, each.upper()) for each in said}
        if units:
            return units.pop() if len(units) == 1 else None
    return None


def _named(node: exp.Expr) -> str | None:
    """The only unit in the name under which the span is shown."""
    shown = node.find_ancestor(exp.Alias, exp.Select)
    said = words(shown.alias) if isinstance(shown, exp.Alias) else []
    units = {unit.upper() for word in said if (unit := unit_of(exp.var(word)))}
    return units.pop() if len(units) == 1 and units <= {"SECOND", "MINUTE", "HOUR", "DAY"} else None


def _without_factors(node: exp.Expr) -> None:
    """Take away the factors by which an interval was to become a number."""
    while node.parent is not None:
        parent = node.parent
        if isinstance(parent, exp.Mul | exp.Div) and node is parent.this:
            factor = parent.expression.unnest()
            if not isinstance(factor, exp.Literal) or factor.to_py() not in _FACTORS:
                return
            parent.replace(node)
            continue
        if not isinstance(parent, _HOLDS):
            return
        node = parent


def _difference(start: exp.Expr, end: exp.Expr, unit: str) -> exp.DateDiff:
    return exp.DateDiff(this=end.copy(), expression=start.copy(), unit=exp.var(unit))
