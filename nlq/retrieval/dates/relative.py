"""Periods seen from today: "last month", "the past 30 days", "year to date", "3 weeks ago".

Each reader takes a pattern's match and the clock, and gives the period or None.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlq.retrieval.dates.calendar import (
    Unit,
    add_months,
    label,
    spoken,
    start_of,
    step,
    year_number,
)
from nlq.retrieval.dates.period import NUMBERS, WEEKDAYS, Period, is_fiscal
from nlq.types import Clock

_WITHOUT = re.compile(
    r"(?P<open>[ ,]*\()?[ ,]*(?:excluding|exclusive of|not including|without|not counting)"
    r" (?:the )?(?:current|this|running|ongoing) (?:day|week|month|quarter|year)(?(open)\))",
    re.IGNORECASE,
)
_THROUGH_TODAY = re.compile(
    r"(?P<open>[ ,]*\()?[ ,]*(?:inclusive of|including|incl\.?|counting) (?:today(?:'s date)?"
    r"|(?:the )?current day|(?:\w+ )(?:day|week|month|quarter|year)s? ago)(?(open)\))",
    re.IGNORECASE,
)


def rolling(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "last 30 days", "next two quarters", "past 7 days, inclusive of today"."""
    word = match["n"].lower()
    count = NUMBERS.get(word) or int(word)
    unit, which = match["unit"].lower(), match["which"].lower()
    through = _THROUGH_TODAY.match(match.string, match.end())
    days = unit == "day" and which == "past" and match["n"] != "1" and "full" not in match[0]
    if (through or days) and unit != "hour" and which not in ("next", "coming"):
        return _through_today(match, clock, count, unit, through.end() if through else match.end())
    return _last(match, clock, count, unit, which)


def _through_today(
    match: re.Match[str], clock: Clock, count: int, unit_word: str, last: int
) -> Period | None:
    """From that long ago through today: the past days are not the last whole ones."""
    if count < 1:
        return None
    unit: Unit = "half" if unit_word.startswith("half") else _unit(unit_word)
    ends = (_back(clock.today, unit, count), clock.today + timedelta(days=1))
    note = f"'{match[0]}' is read as {label(*ends, None, clock)}, through today."
    return Period(match.start(), last, unit, lambda _: ends, relative=True, whole=False, note=note)


def _back(today: date, unit: Unit, count: int) -> date:
    """The day ``count`` units before; the last of its month where that month is shorter."""
    if unit in ("day", "week"):
        return today - timedelta(days=count * (7 if unit == "week" else 1))
    first = add_months(today, -count * {"month": 1, "quarter": 3, "half": 6, "year": 12}[unit])
    return first.replace(day=min(today.day, (step(first, "month") - timedelta(days=1)).day))


def _end(match: re.Match[str]) -> int:
    """Where the period's wording ends: "(excluding the current week)" belongs to it."""
    without = _WITHOUT.match(match.string, match.end())
    return without.end() if without else match.end()


def _last(
    match: re.Match[str], clock: Clock, count: int, unit_word: str, which: str
) -> Period | None:
    """``count`` periods back from now: days end yesterday, longer ones with the last whole one."""
    if count < 1:
        return None
    if unit_word == "hour":
        start = (clock.now - timedelta(hours=count)).date()
        ends = (start, clock.today + timedelta(days=1))
        note = f"'{match[0]}' is counted in whole days, from {spoken(start)} through today."
        return Period(match.start(), match.end(), "day", lambda _: ends, relative=True, note=note)
    unit: Unit = "half" if unit_word.startswith("half") else _unit(unit_word)
    fiscal = "fiscal" in match[0].lower() or (unit == "quarter" and is_fiscal(match[0], clock))
    now = start_of(unit, clock.today, clock, fiscal=fiscal)
    if which in ("next", "coming"):
        start = step(now, unit)
        ends = (start, step(start, unit, count))
    else:
        ends = (step(now, unit, -count), now)
    stretch = label(*ends, None, clock)
    without = "today" if unit == "day" else f"the {unit} that is running"
    note = f"'{match[0]}' is read as {stretch}" + (
        "." if which in ("next", "coming") else f", without {without}."
    )
    return Period(
        match.start(),
        _end(match),
        unit,
        lambda _: ends,
        relative=True,
        fiscal=fiscal,
        whole=count == 1,
        note=note,
    )


def _unit(word: str) -> Unit:
    units: dict[str, Unit] = {
        "day": "day",
        "week": "week",
        "month": "month",
        "quarter": "quarter",
        "year": "year",
    }
    return units[word]


def short_rolling(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "TTM", "L30D"."""
    count, letter = (12, "m") if match["days"] is None else (int(match["days"]), "d")
    return _last(match, clock, count, {"m": "month", "d": "day"}[letter], "last")


def past_one(match: re.Match[str], clock: Clock) -> Period | None:
    """The past month rolls: it is not the calendar month before this one."""
    word = match["unit"].lower()
    if word == "hour":
        return _last(match, clock, 1, word, "past")
    through = _THROUGH_TODAY.match(match.string, match.end())
    if through:
        return _through_today(match, clock, 1, word, through.end())
    unit: Unit = "half" if word.startswith("half") else _unit(word)
    start = _back(clock.today, unit, 1)
    ends = (start, clock.today)
    stretch = label(*ends, None, clock)
    note = f"'{match[0]}' is read as {stretch}, without today."
    return Period(
        match.start(),
        match.end(),
        unit,
        lambda _: ends,
        relative=True,
        whole=False,
        note=note,
    )


def relative(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "this month", "last fiscal year", "the month before last"."""
    word = match["unit"].lower()
    if word == "hour":
        return None
    unit: Unit = "half" if word.startswith("half") else _unit(word)
    fiscal = "fiscal" in match[0].lower() or (
        unit in ("quarter", "half") and is_fiscal(match[0], clock)
    )
    which = match["which"].lower()
    offset = 0 if which in ("this", "current") else 1 if which in ("next", "coming") else -1
    if "before" in match[0].lower():
        offset -= 1
    start = step(start_of(unit, clock.today, clock, fiscal=fiscal), unit, offset)
    ends = (start, step(start, unit))
    year = year_number(start, clock, fiscal=fiscal)
    return Period(
        match.start(), _end(match), unit, lambda _: ends, year, relative=True, fiscal=fiscal
    )


def to_date(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "year to date", "MTD", "this quarter so far": through yesterday."""
    letters = {"y": "year", "q": "quarter", "m": "month", "w": "week"}
    word = match["u1"] or match["u2"] or match["u3"] or letters[match["short"].lower()[-3]]
    unit = _unit(word.lower())
    fiscal = bool(re.match(r"fiscal|fytd", match[0], re.IGNORECASE)) or (
        unit == "quarter" and is_fiscal(match[0], clock)
    )
    start = start_of(unit, clock.today, clock, fiscal=fiscal)
    end = max(clock.today, start + timedelta(days=1))
    shown = f"'{match[0]}' is read as {label(start, end, None, clock)}, without today."
    note = shown if end == clock.today else ""
    return Period(
        match.start(),
        match.end(),
        unit,
        lambda _: (start, end),
        relative=True,
        fiscal=fiscal,
        whole=False,
        note=note,
    )


def day_word(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "today", "yesterday", or the "now" of "from May to now"."""
    offsets = {"today": 0, "yesterday": -1, "tomorrow": 1, "now": 0, "present": 0, "date": 0}
    offset = -2 if "before" in match[0].lower() else offsets[match[0].lower().split()[-1]]
    on = clock.today + timedelta(days=offset)
    ends = (on, on + timedelta(days=1))
    return Period(match.start(), match.end(), "day", lambda _: ends, relative=True)


def weekday(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "last Monday": the latest one before today."""
    wanted = WEEKDAYS.index(match["weekday"].lower()) + 1
    back = (clock.today.isoweekday() - wanted) % 7 or 7
    on = clock.today - timedelta(days=back)
    ends = (on, on + timedelta(days=1))
    return Period(match.start("weekday"), match.end(), "day", lambda _: ends, relative=True)


def ago(match: re.Match[str], clock: Clock) -> Period | None:
    """Reads "three months ago": that whole month."""
    word = match["n"].lower()
    count = 1 if word in ("a", "an") else NUMBERS.get(word) or int(word)
    unit = _unit(match["unit"].lower())
    fiscal = unit == "quarter" and is_fiscal(match[0], clock)
    start = step(start_of(unit, clock.today, clock, fiscal=fiscal), unit, -count)
    ends = (start, step(start, unit))
    return Period(match.start(), match.end(), unit, lambda _: ends, relative=True, fiscal=fiscal)
