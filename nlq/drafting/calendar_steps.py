"""Steps back in the calendar: whole days, weeks, months, quarters or years."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}


def shift_back(day: date, count: int, unit: str) -> date:
    """The day ``count`` units earlier; the last of a month where that month is shorter.

    >>> shift_back(date(2026, 7, 1), 1, "year")
    datetime.date(2025, 7, 1)
    >>> shift_back(date(2026, 3, 31), 1, "month")
    datetime.date(2026, 2, 28)
    >>> shift_back(date(2026, 3, 2), 1, "week")
    datetime.date(2026, 2, 23)
    """
    if unit in _DAYS:
        return day - timedelta(days=_DAYS[unit] * count)
    months = day.year * 12 + day.month - 1 - _MONTHS[unit] * count
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
