"""``year(d) = 2025`` and its like into a range of the bare column, which cuts partitions."""

from __future__ import annotations

from datetime import date, timedelta

from sqlglot import exp

from nlq.answer.periods import add_months
from nlq.answer.wording import midnight
from nlq.desk.rewrites.rewriting import Rewriting
from nlq.sql.values import whole_number
from nlq.types import ColumnDoc

_Range = tuple[exp.Expr, date, date]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def rewrite(work: Rewriting) -> None:
    """Write ranges, in the SELECTs whose tables are known."""
    for sources in work.selects():
        for node in sources.own(exp.EQ):
            found = _range(node)
            if found is None:
                continue
            known = sources.column(found[0])
            if known is None or not _bounds_of(known[2]):
                continue
            replacement = _between(found, known[2])
            work.say(f"{node.sql('presto')} is a range of {found[0].name}")
            node.replace(exp.paren(replacement) if _needs_brackets(node) else replacement)


def _range(node: exp.Expr) -> _Range | None:
    """The column and the first and the last day plus one that an equality stands for."""
    left, right = node.this, node.args["expression"]
    if isinstance(left, exp.Literal):
        left, right = right, left
    if isinstance(left, exp.Year) and (year := whole_number(right)):
        column = _column(left.this)
        return (column, date(year, 1, 1), date(year + 1, 1, 1)) if column else None
    unit = left.text("unit").lower()
    day = _day(right)
    if day is None:
        return None
    if isinstance(left, exp.TimestampTrunc | exp.DateTrunc):
        column = _column(left.this)
        if column is None or unit not in _MONTHS:
            return None
        # A day that begins no such period equals none: that is left alone.
        starts = day.day == 1 and (day.month - 1) % _MONTHS[unit] == 0
        return (column, day, add_months(day, _MONTHS[unit])) if starts else None
    if isinstance(left, exp.Date | exp.Cast | exp.TsOrDsToDate):
        if isinstance(left, exp.Cast) and left.to.this is not exp.DType.DATE:
            return None
        column = _column(left.this)
        return (column, day, day + timedelta(days=1)) if column else None
    return None


def _column(node: exp.Expr) -> exp.Column | None:
    while isinstance(node, exp.Paren | exp.TsOrDsToDate):
        node = node.this
    return node if isinstance(node, exp.Column) else None


def _day(node: exp.Expr) -> date | None:
    return midnight(node.this if isinstance(node, exp.Date) else node)


def _bounds_of(column: ColumnDoc) -> str:
    """How a bound of the column is written: as a date or a moment; empty where neither fits."""
    kind = column.type.lower()
    if kind == "date":
        return "DATE"
    return "TIMESTAMP" if kind.startswith("timestamp") and "zone" not in kind else ""


def _between(found: _Range, doc: ColumnDoc) -> exp.Expr:
    column, start, end = found
    kind = _bounds_of(doc)
    tail = " 00:00:00" if kind == "TIMESTAMP" else ""

    def bound(day: date) -> exp.Expr:
        return exp.cast(exp.Literal.string(f"{day.isoformat()}{tail}"), kind, dialect="presto")

    return exp.And(
        this=exp.GTE(this=column.copy(), expression=bound(start)),
        expression=exp.LT(this=column.copy(), expression=bound(end)),
    )


def _needs_brackets(node: exp.Expr) -> bool:
    return not isinstance(node.parent, exp.And | exp.Where | exp.Having | exp.Paren | exp.Join)
