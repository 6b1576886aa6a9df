"""Dates into words: whole months, quarters and years by name, anything else day by day.

Ranges include their start and exclude their end, as everywhere; the words name the last day itself.
"""

from __future__ import annotations

from datetime import date, timedelta

from nlq.types import Grain

_DAY = timedelta(days=1)

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""In English whatever the locale, which strftime would follow."""


def day_text(day: date) -> str:
    """One day.

    >>> day_text(date(2026, 4, 1))
    '1 Apr 2026'
    """
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def add_months(day: date, months: int) -> date:
    """The first of the month that lies so many months later (or earlier).

    >>> add_months(date(2026, 11, 1), 3)
    datetime.date(2027, 2, 1)
    """
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def period_end(start: date, grain: Grain) -> date:
    """Where the period that begins at ``start`` ends (excluded)."""
    if grain in ("hour", "day"):
        return start + _DAY
    if grain == "week":
        return start + 7 * _DAY
    return add_months(start, {"month": 1, "quarter": 3, "year": 12}[grain])


def period_text(start: date, grain: Grain, fiscal_start_month: int = 1) -> str:
    """One step of a series.

    >>> period_text(date(2026, 4, 1), "quarter"), period_text(date(2026, 4, 6), "week")
    ('Q2 2026', 'the week of 6 Apr 2026')
    """
    if grain == "week":
        return f"the week of {day_text(start)}"
    return range_text(start, period_end(start, grain), fiscal_start_month)


def range_text(start: date, end: date, fiscal_start_month: int = 1) -> str:
    """A whole range, by the shortest name that says it exactly.

    >>> range_text(date(2026, 4, 1), date(2026, 7, 1))
    'Q2 2026'
    >>> range_text(date(2025, 1, 1), date(2026, 7, 1))
    'Q1 2025 to Q2 2026'
    >>> range_text(date(2026, 4, 1), date(2026, 6, 16))
    '1 Apr 2026 to 15 Jun 2026'
    >>> range_text(date(2026, 2, 1), date(2026, 5, 1), fiscal_start_month=2)
    'Q1 FY2027 (1 Feb 2026 to 30 Apr 2026)'
    """
    days = _days(start, end)
    if start.day != 1 or end.day != 1 or end <= start:
        return days
    months = (end.year - start.year) * 12 + end.month - start.month
    if months == 1:
        return f"{MONTHS[start.month - 1]} {start.year}"
    into_year = (start.month - fiscal_start_month) % 12
    if into_year % 3 or months % 3:
        return days
    last = add_months(end, -12 if into_year == 0 and months % 12 == 0 else -3)
    first = _name(start, 12 if into_year == 0 and months % 12 == 0 else 3, fiscal_start_month)
    final = _name(last, 12 if into_year == 0 and months % 12 == 0 else 3, fiscal_start_month)
    name = first if first == final else f"{first} to {final}"
    return name if fiscal_start_month == 1 else f"{name} ({days})"


def open_range_text(start: date | None, end: date | None, fiscal_start_month: int = 1) -> str:
    """A range of which one side may be open; both open is an empty text."""
    if start and end:
        return range_text(start, end, fiscal_start_month)
    if start:
        return f"since {day_text(start)}"
    return f"until {day_text(end - _DAY)}" if end else ""


def _days(start: date, end: date) -> str:
    last = end - _DAY
    return day_text(start) if last <= start else f"{day_text(start)} to {day_text(last)}"


def _name(start: date, months: int, fiscal_start_month: int) -> str:
    # A fiscal year is named for the calendar year that it ends in.
    year = add_months(start, 12 - (start.month - fiscal_start_month) % 12 - 1).year
    label = f"{year}" if fiscal_start_month == 1 else f"FY{year}"
    if months == 12:
        return label
    return f"Q{(start.month - fiscal_start_month) % 12 // 3 + 1} {label}"
