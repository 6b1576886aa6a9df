"""The partition's own condition beside one on the time that it is made of.

The relation is taken from the docs of the partition column ("Partition: day of hr_ts as text such
as 2026-07-14"); without it nothing is done.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from sqlglot import exp

from nlq.desk.rewrites.rewriting import Rewriting, Sources
from nlq.sql.joins import conjuncts
from nlq.sql.values import parse_day
from nlq.types import ColumnDoc, TableDoc

_TOLD: Final = re.compile(
    r"^Partition: (day|month) of (\w+) as text such as (\d{4}-\d\d(-\d\d)?)\b"
)
_LOWER, _UPPER = (exp.GT, exp.GTE), (exp.LT, exp.LTE)


def rewrite(work: Rewriting) -> None:
    """Add the conditions that follow from those on the time column."""
    for sources in work.selects():
        where = sources.select.args.get("where")
        terms = list(conjuncts(where.this if where else None))
        for alias in list(sources.scope.selected_sources):
            doc = sources.table(alias)
            if doc is None or _restricts(terms, sources, doc, alias):
                continue
            for added in _following(terms, sources, doc, alias):
                sources.select.where(added, copy=False)
                work.say(f"{doc.short_name} is read for those days alone")


def _restricts(terms: list[exp.Expr], sources: Sources, doc: TableDoc, alias: str) -> bool:
    """Whether the WHERE names a partition column already."""
    for term in terms:
        for column in term.find_all(exp.Column):
            known = sources.column(column)
            if known and known[0] == alias and known[2].name in doc.partitioned_by:
                return True
    return False


def _following(
    terms: list[exp.Expr], sources: Sources, doc: TableDoc, alias: str
) -> list[exp.Expr]:
    found = []
    for name in doc.partitioned_by:
        partition = doc.column(name)
        told = _TOLD.match(partition.description) if partition else None
        if partition is None or told is None:
            continue
        for term in terms:
            for lower, day in _bounds(term, sources, alias, told[2]):
                found.append(_condition(alias, sources, partition, told[1], lower, day))
    return found


def _bounds(term: exp.Expr, sources: Sources, alias: str, time: str) -> list[tuple[bool, date]]:
    """The first or the last day that a condition leaves of the time column."""

    def is_time(node: exp.Expr) -> bool:
        known = sources.column(node)
        return known is not None and known[0] == alias and known[2].name == time

    if isinstance(term, exp.Between) and is_time(term.this):
        ends = [_day(term.args["low"]), _day(term.args["high"])]
        return [(i == 0, d) for i, d in enumerate(ends) if d is not None]
    if not isinstance(term, (*_LOWER, *_UPPER, exp.EQ)) or not is_time(term.this):
        return []
    day = _day(term.expression)
    if day is None:
        return []
    if isinstance(term, exp.EQ):
        return [(True, day), (False, day)]
    if isinstance(term, exp.LT) and _is_midnight(term.expression):
        day -= timedelta(days=1)
    return [(isinstance(term, _LOWER), day)]


def _text(node: exp.Expr) -> str:
    inner = node.this if isinstance(node, exp.Cast) else node
    return inner.name if isinstance(inner, exp.Literal) and inner.is_string else ""


def _day(node: exp.Expr) -> date | None:
    return parse_day(_text(node)[:10])


def _is_midnight(node: exp.Expr) -> bool:
    return not _text(node)[10:].strip(" T0:.")


def _condition(
    alias: str, sources: Sources, partition: ColumnDoc, unit: str, lower: bool, day: date
) -> exp.Expr:
    several = len(sources.scope.selected_sources) > 1
    column = exp.column(partition.name, table=alias if several else None)
    text = day.isoformat() if unit == "day" else day.isoformat()[:7]
    kind = exp.GTE if lower else exp.LTE
    return kind(this=column, expression=exp.Literal.string(text))
