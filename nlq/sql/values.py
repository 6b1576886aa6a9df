"""Constants in a tree as plain values, so that rules can measure ranges without running anything.

A moment is either absolute or relative to now; months count as 31 days and years as 366, which can
only make a range look longer than it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlglot import exp

_DAYS: Final = {
    "second": 0,
    "minute": 0,
    "hour": 0,
    "day": 1,
    "week": 7,
    "month": 31,
    "quarter": 92,
    "year": 366,
}
_NOW = (exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp)
_SAME_MOMENT = (
    exp.Cast,
    exp.TryCast,
    exp.Paren,
    exp.Date,
    exp.TsOrDsToDate,
    exp.TimestampTrunc,
    exp.DateTrunc,
    exp.TimeToStr,
    exp.StrToTime,
    exp.FromISO8601Date,
    exp.AtTimeZone,
    exp.LastDay,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day: ``days`` since 0001-01-01, or from now where ``relative``."""

    days: int
    relative: bool = False


def moment(node: exp.Expr | None) -> Moment | None:
    """The day that a constant expression stands for, or None where that cannot be told."""
    if isinstance(node, exp.Literal):
        day = parse_day(node.name)
        return Moment(day.toordinal()) if day else None
    if isinstance(node, _NOW):
        return Moment(0, relative=True)
    if isinstance(node, _SAME_MOMENT):
        return moment(node.this)
    if isinstance(node, exp.Add | exp.DateAdd | exp.TimestampAdd):
        return _moved(node, 1)
    if isinstance(node, exp.Sub | exp.DateSub):
        return _moved(node, -1)
    return None


def parse_day(text: str) -> date | None:
    """A day written ``2026-07-01`` (a time may follow), ``2026-07``, ``20260701`` or ``202607``.

    >>> parse_day("2026-07-01 10:00"), parse_day("202607"), parse_day("soon")
    (datetime.date(2026, 7, 1), datetime.date(2026, 7, 1), None)
    """
    head = text[:10] if text[4:5] == "-" else text
    digits = head.replace("-", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) not in {6, 8}:
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:] or 1))
    except ValueError:
        return None


def whole_number(node: exp.Expr | None) -> int | None:
    """The value of an integer literal, with a sign or without, or None."""
    if isinstance(node, exp.Paren):
        return whole_number(node.this)
    if isinstance(node, exp.Neg):
        value = whole_number(node.this)
        return None if value is None else -value
    if isinstance(node, exp.Literal) and node.name.isascii() and node.name.isdigit():
        return int(node.name)
    return None


def interval_days(node: exp.Expr | None) -> int | None:
    """Days of ``INTERVAL 'n' unit`` with a literal n (0 for parts of a day), or None."""
    if not isinstance(node, exp.Interval):
        return None
    return _unit_days(node.this, node.args.get("unit"))


def _unit_days(count: exp.Expr | None, unit: exp.Expr | None) -> int | None:
    number = whole_number(count)
    days = _DAYS.get(unit.name.lower()) if unit is not None else None
    return None if number is None or days is None else number * days


def _moved(node: exp.Expr, sign: int) -> Moment | None:
    base = moment(node.this)
    step = node.args.get("expression")
    if isinstance(step, exp.Interval):
        days = interval_days(step)
    else:
        days = _unit_days(step, node.args.get("unit")) if node.args.get("unit") else None
    if base is None or days is None:
        return None
    return Moment(base.days + sign * days, base.relative)
