"""Calendar arithmetic: days, weeks, months, quarters, halves and years, also of a fiscal calendar.

A fiscal year is called by the calendar year in which it ends, as most companies do: with a year
that starts in February, fiscal 2027 runs from 1 February 2026 to 31 January 2027.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from nlq.types import Clock

Unit = Literal["day", "week", "month", "quarter", "half", "year"]

_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_NAMES = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def add_months(first: date, count: int) -> date:
    """The first day of the month ``count`` months after that of ``first``.

    >>> add_months(date(2026, 1, 31), -1)
    datetime.date(2025, 12, 1)
    """
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def step(start: date, unit: Unit, count: int = 1) -> date:
    """The start of the period ``count`` periods after the one that begins at ``start``."""
    if unit in ("day", "week"):
        return start + timedelta(days=count * (7 if unit == "week" else 1))
    return add_months(start, count * _MONTHS[unit])


def start_of(unit: Unit, day: date, clock: Clock, *, fiscal: bool = False) -> date:
    """The first day of the period that ``day`` is in."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=(day.isoweekday() - clock.week_starts) % 7)
    first = clock.fiscal_start_month if fiscal else 1
    back = (day.month - first) % 12 % _MONTHS[unit]
    return add_months(day, -back)


def year_number(day: date, clock: Clock, *, fiscal: bool) -> int:
    """What the year that ``day`` is in is called."""
    start = start_of("year", day, clock, fiscal=fiscal)
    return start.year + (1 if start.month > 1 else 0)


def year_start(number: int, clock: Clock, *, fiscal: bool) -> date:
    """The first day of the year called ``number``."""
    if not fiscal or clock.fiscal_start_month == 1:
        return date(number, 1, 1)
    return date(number - 1, clock.fiscal_start_month, 1)


def spoken(day: date, *, year: bool = True) -> str:
    """A date as people write it.

    >>> spoken(date(2026, 7, 14)), spoken(date(2026, 7, 14), year=False)
    ('14 July 2026', '14 July')
    """
    return f"{day.day} {_NAMES[day.month - 1]}" + (f" {day.year}" if year else "")


def label(start: date, end: date, unit: Unit | None, clock: Clock, *, fiscal: bool = False) -> str:
    """A name for a stretch of time; the end is not in it.

    >>> from datetime import datetime; from zoneinfo import ZoneInfo
    >>> clock = Clock(datetime(2026, 7, 15), ZoneInfo("UTC"))
    >>> label(date(2025, 1, 1), date(2025, 4, 1), "quarter", clock)
    'Q1 2025'
    >>> label(date(2025, 1, 1), date(2025, 3, 16), None, clock)
    '1 January to 15 March 2025'
    """
    fiscal = fiscal and clock.fiscal_start_month != 1
    whole = unit is not None and step(start, unit) == end
    if whole and unit == "day":
        return spoken(start)
    if whole and unit == "month":
        return f"{_NAMES[start.month - 1]} {start.year}"
    if whole and unit in ("quarter", "half", "year"):
        number = year_number(start, clock, fiscal=fiscal)
        first = year_start(number, clock, fiscal=fiscal)
        name = f"FY{number}" if fiscal else str(number)
        nth = ((start.year - first.year) * 12 + start.month - first.month) // _MONTHS[unit] + 1
        return name if unit == "year" else f"{'Q' if unit == 'quarter' else 'H'}{nth} {name}"
    last = end - timedelta(days=1)
    if last == start:
        return spoken(start)
    if start.day == 1 and end.day == 1:
        same = start.year == last.year
        opening = _NAMES[start.month - 1] + ("" if same else f" {start.year}")
        return f"{opening} to {_NAMES[last.month - 1]} {last.year}"
    if (start.year, start.month) == (last.year, last.month):
        return f"{start.day} to {spoken(last)}"
    return f"{spoken(start, year=start.year != last.year)} to {spoken(last)}"
