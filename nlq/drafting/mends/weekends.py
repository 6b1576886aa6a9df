"""Weekends: Presto's days of the week are 1 (Monday) to 7, other engines count otherwise.

A draft that was thought in another engine's numbers tests the wrong two days.
"""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import Mending

_WEEKEND = re.compile(r"\bweekends?\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"\b(?:weekdays?|working days?|business days?)\b", re.IGNORECASE)
_DAYS = (exp.DayOfWeek, exp.DayOfWeekIso)
_SATURDAY_SUNDAY = ("6", "7")


def mend_weekends(tree: exp.Expr, mending: Mending) -> None:
    """Test for Saturday and Sunday where weekends are asked for and two days are tested."""
    if not _WEEKEND.search(mending.asked) or _WEEKDAY.search(mending.asked):
        return
    for within in list(tree.find_all(exp.In)):
        day = _day(within.this)
        days = [value.name for value in within.expressions]
        if day is None or len(days) != 2 or not all(value.isdigit() for value in days):
            continue
        if isinstance(within.this, exp.DayOfWeekIso) and tuple(days) == _SATURDAY_SUNDAY:
            continue
        within.set("this", exp.DayOfWeekIso(this=day.copy()))
        within.set("expressions", [exp.Literal.number(value) for value in _SATURDAY_SUNDAY])
        mending.note("weekends are Saturday and Sunday")


def _day(node: exp.Expr) -> exp.Expr | None:
    """What the day of the week is taken of; None where it is not."""
    for found in node.find_all(*_DAYS):
        taken: exp.Expr = found.this
        return taken
    for found in node.find_all(exp.Extract):
        if found.name.upper() in ("DOW", "DAY_OF_WEEK", "DAYOFWEEK", "ISODOW"):
            dated: exp.Expr = found.expression
            return dated
    return None
