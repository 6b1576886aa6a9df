"""The stretch of time of a plan, and what it is compared with: time words as read go in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from nlq.drafting.calendar_steps import shift_back
from nlq.types import Comparison, TableDoc, TimeReading


@dataclass(frozen=True, slots=True)
class Period:
    """``start <= t < end``. ``fits`` says that a plan can express all that the question says.

    ``assumptions`` are sentences for the person.
    """

    start: date | None = None
    end: date | None = None
    comparison: Comparison | None = None
    fits: bool = True
    assumptions: tuple[str, ...] = ()


def read_period(time: TimeReading, tables: Sequence[TableDoc], today: date) -> Period:
    """The period for a plan over those tables, told what is taken for granted."""
    period = _stated(time)
    if period.start is None and any(table.partition_filter_required for table in tables):
        start = (period.end or today) - timedelta(days=30)
        note = "No time was named: the last 30 days are shown."
        return replace(period, start=start, assumptions=(note,))
    if period.comparison and period.start and period.end and period.end > today:
        return _like_for_like(period, tables, today)
    return period


def _like_for_like(period: Period, tables: Sequence[TableDoc], today: date) -> Period:
    """A period that is not over is compared as far as it has come, in whole days or months."""
    monthly = any("month" in table.grain for table in tables)
    end = today.replace(day=1) if monthly else today
    if period.start is None or end <= period.start:
        return period
    last = (end - timedelta(days=1)).strftime("%-d %B %Y")
    note = f"The period is not over: it is counted through {last}, as is what it is compared with."
    return replace(period, end=end, assumptions=(note,))


def _stated(time: TimeReading) -> Period:
    """One stretch of time, and what it is compared with."""
    ranges = sorted(time.ranges, key=lambda r: r.start)
    if not ranges:
        fits = time.comparison is None or time.grain is not None
        return Period(comparison=time.comparison, fits=fits)
    if len(ranges) == 1:
        return Period(ranges[0].start, ranges[0].end, time.comparison)
    early, late = ranges[0], ranges[-1]
    if len(ranges) == 2:
        year_before = (shift_back(late.start, 1, "year"), shift_back(late.end, 1, "year"))
        if (early.start, early.end) == year_before:
            return Period(late.start, late.end, "previous_year")
        if early.end == late.start and abs((early.end - early.start) - (late.end - late.start)) < (
            timedelta(days=4)
        ):
            return Period(late.start, late.end, "previous_period")
    return Period(early.start, late.end, time.comparison, fits=False)
