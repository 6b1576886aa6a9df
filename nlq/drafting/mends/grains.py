"""Steps of time that a draft left out: "in each of the last 6 months" is a row for each month.

Also where it grouped by the day or the moment itself.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import TIMES, Mending, column_doc, conjuncts, outermost, sources_of
from nlq.types import TableDoc

_EACH = re.compile(
    r"\b(?:in|for|of|during)\s+each\s+(?:of\s+the\s+(?:last|past|previous)\s+\w+\s+)?"
    r"(?P<each>day|week|month|quarter|year)s?\b|\b(?:per|by)\s+(?P<per>day|week|month|quarter|year)\b"
    r"|\b(?P<ly>daily|weekly|monthly|quarterly|yearly)\b",
    re.IGNORECASE,
)
_LY = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}
_PARTS = (
    exp.DateTrunc,
    exp.TimestampTrunc,
    exp.Year,
    exp.Month,
    exp.Week,
    exp.Quarter,
    exp.Extract,
)


def mend_grains(tree: exp.Expr, mending: Mending) -> None:
    """Group by the step that is asked for, of the date that the draft restricts."""
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    steps = {found["each"] or found["per"] or _LY[found["ly"].lower()]
             for found in _EACH.finditer(mending.asked)}  # fmt: skip
    if select is None or not sources or len(steps) != 1 or not select.find(exp.AggFunc):
        return
    if select.find(exp.Window, exp.Subquery) or select.args.get("limit"):
        return
    group = select.args.get("group")
    keys = [each.unalias() for each in select.expressions] + list(
        group.expressions if group else ()
    )
    if any(_is_step(key) for key in keys):
        return
    (step,) = (each.lower() for each in steps)
    if step != "day" and (whole := [key for key in keys if _is_moment(key, sources)]):
        _cut(select, whole, step)
        mending.note(f"one row for each {step}")
        return
    where = select.args.get("where")
    ranged = {
        condition.this.sql(): condition.this
        for condition in conjuncts(where.this if where else None)
        if isinstance(condition, exp.GTE | exp.GT | exp.LT | exp.LTE | exp.Between)
        and isinstance(condition.this, exp.Column)
        and (known := column_doc(condition.this, sources)) is not None
        and known.type.startswith(TIMES)
    }
    if len(ranged) != 1:
        return
    (column,) = ranged.values()
    unit = exp.Literal.string(step.upper())
    made = exp.TimestampTrunc(this=column.copy(), unit=exp.var(unit.this))
    stale = [shown for shown in select.expressions if _is_fixed(shown.unalias())]
    kept = [shown for shown in select.expressions if shown not in stale]
    if group is not None:
        group.set("expressions", [key for key in group.expressions if not _is_fixed(key)])
        if not group.expressions:
            select.set("group", None)
    select.set("expressions", [exp.alias_(made, step), *kept])
    select.group_by(made.copy(), copy=False)
    mending.note(f"one row for each {step}")


def _is_moment(key: exp.Expr, sources: dict[str, TableDoc]) -> bool:
    """Whether a key is a whole date or time."""
    if isinstance(key, exp.Cast):
        return key.to.is_type(*exp.DataType.TEMPORAL_TYPES)
    known = column_doc(key, sources) if isinstance(key, exp.Column) else None
    return known is not None and known.type.startswith(TIMES)


def _cut(select: exp.Select, keys: list[exp.Expr], step: str) -> None:
    """Take the step of each key in its place, wherever it is shown, grouped or ordered by."""
    parts = [select.args.get("group"), select.args.get("order"), *select.expressions]
    for part in parts:
        for key in list(part.find_all(*{type(key) for key in keys})) if part else ():
            if key in keys and not key.find_ancestor(exp.AggFunc):
                made = exp.TimestampTrunc(this=key.copy(), unit=exp.var(step.upper()))
                shown = any(key is each for each in select.expressions)
                key.replace(exp.alias_(made, step) if shown else made)


def _is_step(key: exp.Expr) -> bool:
    """Whether a key is a date, or cuts one."""
    cut = key.find(*_PARTS)
    return cut is not None and cut.find(exp.Column) is not None


def _is_fixed(key: exp.Expr) -> bool:
    """Whether it is the same for every row: a date computed from today."""
    return not key.find(exp.Column, exp.AggFunc) and key.find(*_PARTS) is not None
