"""Periods that a draft keeps half of: from its first day on, or its end tested on another date.

"In each month of 2024" drafted with ``day >= DATE '2024-01-01'`` alone runs on into 2025, and
"opened in 2024" with ``opens >= ... AND closes < ...`` loses what opened then and closed later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, conjuncts
from nlq.retrieval.words import stem, words
from nlq.types import DateRange

_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GTE: exp.LTE,
    exp.GT: exp.LT,
    exp.LTE: exp.GTE,
    exp.LT: exp.GT,
}
_WORDS_BEFORE = 2


@dataclass(frozen=True, slots=True)
class _Bound:
    """A condition that tests a column with a day: from the day on, or before it."""

    condition: exp.Expr
    column: exp.Column
    day: date
    is_lower: bool


def mend_periods(tree: exp.Expr, mending: Mending) -> None:
    """Bound the column that a period begins with by the period's end too."""
    for select in list(tree.find_all(exp.Select)):
        where = select.args.get("where")
        bounds = [b for c in conjuncts(where.this if where else None) if (b := _bound(c))]
        for period in mending.periods:
            _mend_period(select, bounds, period, mending)


def _mend_period(
    select: exp.Select, bounds: list[_Bound], period: DateRange, mending: Mending
) -> None:
    lower = [b for b in bounds if b.is_lower and b.day == period.start]
    upper = [b for b in bounds if not b.is_lower and b.day == period.end]
    if len(lower) != 1 or len(upper) > 1:
        return
    begins = lower[0]
    if any(not b.is_lower and b.column == begins.column for b in bounds):
        return
    if not upper:
        ends = exp.LT(this=begins.column.copy(), expression=_day(period.end))
        select.where(ends, copy=False)
        mending.note(f"“{period.phrase}” ends before {period.end:%-d %b %Y}")
        return
    other = upper[0]
    if any(b.is_lower and b.column == other.column for b in bounds):
        return
    meant = [
        b.column for b in (begins, other) if _is_named_before(period.phrase, b.column, mending)
    ]
    if len(meant) == 1:
        for bound in (begins, other):
            bound.condition.replace(
                (exp.GTE if bound.is_lower else exp.LT)(
                    this=meant[0].copy(), expression=_day(bound.day)
                )
            )
        mending.note(f"“{period.phrase}” is about {meant[0].name}")


def _bound(condition: exp.Expr) -> _Bound | None:
    """What a comparison of a column and a day says; None for anything else."""
    if type(condition) not in _FLIPPED:
        return None
    kind: type[exp.Expr] = type(condition)
    left, right = condition.this, condition.expression
    if _literal_day(left) is not None:
        kind, left, right = _FLIPPED[kind], right, left
    day, column = _literal_day(right), left
    while isinstance(column, exp.Cast | exp.TsOrDsToDate):
        column = column.this
    if day is None or not isinstance(column, exp.Column):
        return None
    if kind in (exp.GT, exp.LTE):
        day += timedelta(days=1)
    return _Bound(condition, column, day, kind in (exp.GTE, exp.GT))


def _literal_day(node: exp.Expr) -> date | None:
    while isinstance(node, exp.Cast | exp.TsOrDsToDate):
        node = node.this
    if not (isinstance(node, exp.Literal) and node.is_string):
        return None
    try:
        return date.fromisoformat(node.this[:10])
    except ValueError:
        return None


def _day(day: date) -> exp.Expr:
    return exp.cast(exp.Literal.string(day.isoformat()), "date")


def _is_named_before(phrase: str, column: exp.Column, mending: Mending) -> bool:
    """Whether a word just before the phrase is one of the column's: "opened in 2024"."""
    before, found, _ = mending.asked.partition(phrase)
    if not found:
        return False
    said = [stem(word) for word in re.findall(r"[a-z]+", before.lower()) if word not in _LINKING]
    return bool({stem(word) for word in words(column.name)} & set(said[-_WORDS_BEFORE:]))


_LINKING = frozenset(("in", "during", "of", "on", "at", "within", "for", "the", "year", "from"))
