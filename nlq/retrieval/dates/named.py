"""Periods with a name of their own: days, months, quarters, halves and years.

Each reader takes a pattern's match and the clock, and gives the period or None.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlq.retrieval.dates.calendar import Unit, start_of, step, year_number, year_start
from nlq.retrieval.dates.period import (
    MONTH_WORDS,
    NUMBERS,
    ORDINALS,
    Ends,
    Period,
    is_fiscal,
    year_of,
)
from nlq.types import Clock


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _one_day(match: re.Match[str], year: int, month: int, day: int) -> Period | None:
    on = _date(year, month, day)
    if on is None:
        return None
    ends = (on, on + timedelta(days=1))
    return Period(match.start(), match.end(), "day", lambda _: ends, year)


def iso_day(match: re.Match[str], clock: Clock) -> Period | None:  # noqa: ARG001
    """Reads "2025-05-14"."""
    return _one_day(match, int(match[1]), int(match[2]), int(match[3]))


def us_day(match: re.Match[str], clock: Clock) -> Period | None:  # noqa: ARG001
    """Reads "5/14/2025", month first unless that cannot be."""
    month, day, year = int(match[1]), int(match[2]), int(match[3])
    if month > 12:
        month, day = day, month
    return _one_day(match, year if year > 99 else 2000 + year, month, day)


def named_day(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "5 May 2025" or "May 5"; without a year the latest such day that is not ahead."""
    month, day = _month_number(match["month"]), int(match["day"])
    if match["year"]:
        return _one_day(match, year_of(match["year"], clock, fiscal=False), month, day)
    if _date(2024, month, day) is None:
        return None

    def resolve(year: int | None) -> Ends:
        # 29 February is looked for in the latest year that has one.
        years = [year] if year else list(range(clock.today.year, clock.today.year - 9, -1))
        days = [on for y in years if (on := _date(y, month, day))]
        past = [on for on in days if year or on <= clock.today]
        on = (past or days or [date(clock.today.year, month, 28)])[0]
        return on, on + timedelta(days=1)

    return Period(match.start(), match.end(), "day", resolve)


def day_span(match: re.Match[str], clock: Clock) -> Period | None:
    """Days of one month: "June 1 to 15", "1-15 June 2026"."""
    month = _month_number(match["month"])
    year = year_of(match["year"], clock, fiscal=False) if match["year"] else clock.today.year
    if not match["year"] and month > clock.today.month:
        year -= 1
    one, other = _date(year, month, int(match["day"])), _date(year, month, int(match["day2"]))
    if one is None or other is None or other <= one:
        return None
    ends = (one, other + timedelta(days=1))
    known = year if match["year"] else None
    return Period(match.start(), match.end(), "day", lambda _: ends, known, whole=False)


def week_of(match: re.Match[str], clock: Clock) -> Period | None:
    """The week that a day is in."""
    day = _date(int(match[1]), int(match[2]), int(match[3]))
    if day is None:
        return None
    start = start_of("week", day, clock)
    ends = (start, step(start, "week"))
    return Period(match.start(), match.end(), "week", lambda _: ends, start.year)


def iso_month(match: re.Match[str], clock: Clock) -> Period | None:  # noqa: ARG001
    """Reads "2025-05"."""
    start = date(int(match[1]), int(match[2]), 1)
    return Period(match.start(), match.end(), "month", lambda _: (start, step(start, "month")), 1)


def _month_number(word: str) -> int:
    return MONTH_WORDS[word.lower().rstrip(".")]


def month_of_year(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "May 2025", "May last year"."""
    number = year_of(match["year"], clock, fiscal=False)
    start = date(number, _month_number(match["month"]), 1)
    ends = (start, step(start, "month"))
    return Period(match.start(), match.end(), "month", lambda _: ends, number)


_BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|since|until|till|through|from|during|before|after|of|for|vs\.?|versus|between"
    r"|early|late|mid|end of|start of|beginning of|compared (?:to|with))|^|,|\bto|\band|\bor|\bthan"
    r"|\bby|[-\u2013(])\s*$",
    re.IGNORECASE,
)
_WEAK_BEFORE = re.compile(r"(?:^|,|\bto|\band|\bor|\bthan|\bby|[-\u2013(])\s*$", re.IGNORECASE)


def bare_month(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "in May": the latest such month that has begun."""
    word = match["month"].lower()
    if word.rstrip(".") in ("may", "march", "mar"):
        before = match.string[: match.start()]
        if not (match["which"] or _BEFORE_MONTH.search(before)):
            return None
        # "March to May" opens a text; "May I see ..." and "and may churn" are no months.
        after = match.string[match.end() :]
        if (
            not match["which"]
            and _WEAK_BEFORE.search(before)
            and (
                not match["month"][0].isupper()
                or (not before.strip() and not re.match(r"\s*(?:to|-|\u2013|and|vs)\b", after))
            )
        ):
            return None
    number = _month_number(word)
    which = (match["which"] or "").strip().lower()

    def resolve(year: int | None) -> Ends:
        if year is None:
            year = clock.today.year - (1 if number > clock.today.month else 0)
            if which in ("last", "past", "previous") and number == clock.today.month:
                year -= 1
            if which == "next":
                year = clock.today.year + (1 if number <= clock.today.month else 0)
            if which == "this":
                year = clock.today.year
        start = date(year, number, 1)
        return start, step(start, "month")

    return Period(match.start(), match.end(), "month", resolve)


def part_of_year(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "Q1 2025", "first half"; without a year the latest such part that has begun."""
    groups = match.groupdict()
    word = next(groups[name] for name in ("q1", "q2", "q3", "h1", "h2") if groups.get(name)).lower()
    unit: Unit = "half" if groups.get("h1") or groups.get("h2") else "quarter"
    nth = NUMBERS.get(word) or ORDINALS.get(word) or int(word)
    fiscal = is_fiscal(match[0], clock)
    year = year_of(match["year"], clock, fiscal=fiscal) if match["year"] else None

    def resolve(known: int | None) -> Ends:
        chosen = known or year
        if chosen is None:
            chosen = year_number(clock.today, clock, fiscal=fiscal)
            if _start(chosen) > clock.today:
                chosen -= 1
        start = _start(chosen)
        return start, step(start, unit)

    def _start(number: int) -> date:
        return step(year_start(number, clock, fiscal=fiscal), unit, nth - 1)

    return Period(match.start(), match.end(), unit, resolve, year, fiscal=fiscal)


def parts_of_year(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "the first two quarters of 2025", "last 3 months of last year"."""
    unit: Unit = "quarter" if match["unit"].lower() == "quarter" else "month"
    word = match["n"].lower()
    count = NUMBERS.get(word) or int(word)
    fiscal = is_fiscal(match[0], clock) if unit == "quarter" else "fiscal" in match[0].lower()
    year = year_of(match["year"], clock, fiscal=fiscal)
    first, after = (year_start(y, clock, fiscal=fiscal) for y in (year, year + 1))
    from_start = match["which"].lower() == "first"
    ends = (first, step(first, unit, count)) if from_start else (step(after, unit, -count), after)
    if ends[0] < first or ends[1] > after:
        return None
    return Period(
        match.start(), match.end(), unit, lambda _: ends, year, fiscal=fiscal, whole=False
    )


def fiscal_year(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "FY25", "fiscal year 2025"."""
    number = year_of(match[0], clock, fiscal=True)
    start = year_start(number, clock, fiscal=True)
    ends = (start, step(start, "year"))
    return Period(match.start(), match.end(), "year", lambda _: ends, number, fiscal=True)


_NOT_A_YEAR = re.compile(
    r"(?:[$\u20ac\u00a3#]|\b(?:top|first|limit|above|below|under|than|least|most|code|error|id|number"
    r"|port|account|largest|biggest|list|exceed(?:s|ing)?|\w+_))\s*$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\s*(?:%|percent\b|usd\b|eur\b|dollars?\b|euros?\b|rows?\b|customers?\b|users?\b|accounts?\b"
    r"|messages?\b|calls?\b|times\b|minutes?\b|days\b|hours\b|[.,]\d)",
    re.IGNORECASE,
)


def plain_year(match: re.Match[str], clock: Clock) -> Period | None:  # noqa: ARG001
    """Reads "2025", unless the number counts or names something else."""
    bare = match[0] == match["year"]
    if bare and (
        _NOT_A_YEAR.search(match.string[: match.start()])
        or _COUNTED.match(match.string[match.end() :])
    ):
        return None
    number = int(match["year"])
    ends = (date(number, 1, 1), date(number + 1, 1, 1))
    return Period(match.start(), match.end(), "year", lambda _: ends, number)
