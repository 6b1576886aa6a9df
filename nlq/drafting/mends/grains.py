"""Steps of time that a draft left out: "in each of the last 6 months" is a row for each month."""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, column_doc, conjuncts, outermost, sources_of

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
_TIMES = ("date", "timestamp")
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
    where = select.args.get("where")
    ranged = {
        condition.this.sql(): condition.this
        for condition in conjuncts(where.this if where else None)
        if isinstance(condition, exp.GTE | exp.GT | exp.LT | exp.LTE | exp.Between)
        and isinstance(condition.this, exp.Column)
        and (known := column_doc(condition.this, sources)) is not None
        and known.type.startswith(_TIMES)
    }
    if len(ranged) != 1:
        return
    (column,) = ranged.values()
    (step,) = (each.lower() for each in steps)
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


def _is_step(key: exp.Expr) -> bool:
    """Whether a key is a date, or cuts one."""
    cut = key.find(*_PARTS)
    return cut is not None and cut.find(exp.Column) is not None


def _is_fixed(key: exp.Expr) -> bool:
    """Whether it is the same for every row: a date computed from today."""
    return not key.find(exp.Column, exp.AggFunc) and key.find(*_PARTS) is not None
