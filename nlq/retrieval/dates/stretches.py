"""How periods hang together: "from ... to ...", "since ...", "before ..."."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nlq.retrieval.dates.calendar import Unit, spoken
from nlq.retrieval.dates.find import find_periods
from nlq.retrieval.dates.period import Period
from nlq.types import Clock

LONG_AGO = date(1970, 1, 1)
"""Where a range without a start ("before 2025") begins."""

WEIGHED = re.compile(
    r"\b(?:compare[ds]?|comparing|comparison|difference|differ|change[ds]?)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A resolved range, and what it was made of."""

    first: int
    last: int
    start: date
    end: date
    unit: Unit
    period: Period
    joined: bool = False
    named: bool = True
    note: str = ""


_EDGE = r"(?:(?:the )?(?P<edge>beginning|start|end|close) of )?"
_TO = re.compile(
    rf"\s*(?:(?:,? ?(?:up )?(?:to|until|till)(?: and including)?|through|thru)|[-\u2013\u2014])\s*"
    rf"(?:the )?{_EDGE}(?:the )?",
    re.IGNORECASE,
)
_AND = re.compile(rf"\s*and\s*(?:the )?{_EDGE}", re.IGNORECASE)
_BETWEEN = re.compile(rf"\bbetween\s*{_EDGE}(?:the )?$", re.IGNORECASE)
_FROM = re.compile(rf"\b(?:from|starting(?: from| in| on)?|beginning(?: in| on)?)\s*{_EDGE}$", re.I)
_SINCE = re.compile(rf"\b(?:ever )?since\s*{_EDGE}(?:the )?$", re.IGNORECASE)
_AFTER = re.compile(rf"\b(?:after|later than)\s*{_EDGE}(?:the )?$", re.IGNORECASE)
_BEFORE = re.compile(
    rf"\b(?:before|prior to|earlier than|up to but not including)\s*{_EDGE}$", re.I
)
_UNTIL = re.compile(rf"\b(?:until|till|through|up to|up until|by)\s*(?:the )?{_EDGE}$", re.I)
_EDGE_ALONE = re.compile(
    r"\b(?:the )?(?:at the )?(?P<edge>beginning|start|end|close) of\s*(?:the )?$", re.IGNORECASE
)
_ONWARDS = re.compile(r"\s*(?:onwards?|on\b|and later|until now|till now|to now)", re.IGNORECASE)


def stretches(text: str, clock: Clock) -> list[Stretch]:
    """Every stretch of time in the text, in order, with those that belong together joined."""
    periods = find_periods(text, clock)
    found: list[Stretch] = []
    position = 0
    while position < len(periods):
        period = periods[position]
        following = periods[position + 1] if position + 1 < len(periods) else None
        before = text[: period.first]
        joint = _joint(text, period, following)
        if following is not None and joint is not None:
            found.append(_joined(text, period, following, joint))
            position += 2
        else:
            found.append(
                _single(text, before, period, _shared_year(text, periods, position), clock)
            )
            position += 1
    return _merged(text, found)


def _joint(text: str, one: Period, other: Period | None) -> re.Match[str] | None:
    """The words between two periods, where they make them the ends of one range."""
    if other is None:
        return None
    gap, before = text[one.last : other.first], text[: one.first]
    if _BETWEEN.search(before):
        between = _AND.fullmatch(gap) or _TO.fullmatch(gap)
        return between if between and not WEIGHED.search(before) else None
    joint = _TO.fullmatch(gap)
    if joint and WEIGHED.search(before[-60:]) and re.search(r"\bto\b", gap):
        return None
    return joint


def _joined(text: str, one: Period, other: Period, joint: re.Match[str]) -> Stretch:
    """From one period through another; a year written with one of them counts for both."""
    end_start, end_end = other.resolve(
        one.year if other.year is None and one.unit != "year" else None
    )
    if joint["edge"] in ("beginning", "start"):
        end_end = end_start + timedelta(days=1)
    start, start_end = one.resolve(None)
    if one.year is None and not one.relative:
        start, start_end = one.resolve(other.year if not other.relative else None)
        if start > end_start:
            start, start_end = one.resolve((other.year or end_start.year) - 1)
    before = text[: one.first]
    opening = _BETWEEN.search(before) or _FROM.search(before) or _EDGE_ALONE.search(before)
    if opening and opening["edge"] in ("end", "close"):
        start = start_end - timedelta(days=1)
    first = opening.start() if opening else one.first
    if start >= end_end:
        start, end_end = end_start, start_end
    unit = other.unit if one.unit == other.unit else one.unit
    return Stretch(first, other.last, start, end_end, unit, other, joined=True)


def _shared_year(text: str, periods: Sequence[Period], position: int) -> int | None:
    """The year of the next period in a list: "January and February 2026"."""
    period = periods[position]
    if period.year is not None or period.relative or period.unit == "year":
        return None
    for other in periods[position + 1 :]:
        gap = text[period.last : other.first]
        if other.unit != period.unit or not re.fullmatch(
            r"\s*(?:,|and|or|vs\.?|versus|&|with|compared (?:to|with)|,\s*and)\s*", gap, re.I
        ):
            return None
        if other.year is not None:
            # "Q2 vs Q2 last year": the first one is this year's.
            same = period.resolve(other.year) == other.resolve(None)
            return None if same else other.year
        period = other
    return None


def _single(text: str, before: str, period: Period, year: int | None, clock: Clock) -> Stretch:
    start, end = period.resolve(year)
    tomorrow = clock.today + timedelta(days=1)
    first, last = period.first, period.last
    open_ended = _ONWARDS.match(text[last:])
    if match := _SINCE.search(before) or (_FROM.search(before) if open_ended else None):
        since = end - timedelta(days=1) if match["edge"] in ("end", "close") else start
        last += open_ended.end() if open_ended else 0
        note = f"Counted through today, {spoken(clock.today)}."
        return Stretch(
            match.start(), last, since, max(tomorrow, since + timedelta(days=1)), period.unit,
            period, joined=True, named=False, note=note,
        )  # fmt: skip
    if match := _AFTER.search(before):
        after = start + timedelta(days=1) if match["edge"] in ("beginning", "start") else end
        ends = max(tomorrow, after + timedelta(days=1))
        return Stretch(match.start(), last, after, ends, period.unit, period, named=False)
    if match := _BEFORE.search(before):
        until = end - timedelta(days=1) if match["edge"] in ("end", "close") else start
        return Stretch(match.start(), last, LONG_AGO, until, period.unit, period, named=False)
    if match := _UNTIL.search(before):
        if re.match(r"by\b", match[0], re.IGNORECASE) and not match["edge"]:
            return Stretch(first, last, start, end, period.unit, period)
        return Stretch(match.start(), last, LONG_AGO, end, period.unit, period, named=False)
    if (match := _EDGE_ALONE.search(before)) and period.unit != "day":
        at = end - timedelta(days=1) if match["edge"].lower() in ("end", "close") else start
        return Stretch(match.start(), last, at, at + timedelta(days=1), "day", period, named=False)
    return Stretch(first, last, start, end, period.unit, period)


def _merged(text: str, stretches: list[Stretch]) -> list[Stretch]:
    """Neighbours that are listed ("January and February") become one range."""
    merged: list[Stretch] = []
    for stretch in stretches:
        known = merged[-1] if merged else None
        gap = text[known.last : stretch.first] if known else ""
        listed = re.fullmatch(r"\s*(?:,|and|&|,\s*and)\s*(?:the )?", gap, re.IGNORECASE)
        if known and listed and known.end == stretch.start and not WEIGHED.search(text):
            merged[-1] = Stretch(
                known.first, stretch.last, known.start, stretch.end, stretch.unit, stretch.period,
                joined=True,
            )  # fmt: skip
        else:
            merged.append(stretch)
    return merged
