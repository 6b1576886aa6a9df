"""Finding periods ("Q1 last year", "last 30 days", "5 May"): text and clock in, periods out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from nlq.retrieval.dates.named import (
    bare_month,
    day_span,
    fiscal_year,
    iso_day,
    iso_month,
    month_of_year,
    named_day,
    part_of_year,
    parts_of_year,
    plain_year,
    us_day,
    week_of,
)
from nlq.retrieval.dates.period import MONTH_WORDS, NUMBERS, WEEKDAYS, Period
from nlq.retrieval.dates.relative import (
    ago,
    day_word,
    past_one,
    relative,
    rolling,
    short_rolling,
    to_date,
    weekday,
)
from nlq.types import Clock

_MONTH = "(?:" + "|".join(sorted(MONTH_WORDS, key=len, reverse=True)) + r")\b\.?"
_NUMBER = r"(?:\d{1,3}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
_YEAR = r"(?:(?:19|20)\d{2}|'\d{2})"
_YEAR_REF = (
    rf"(?:(?:(?:the )?(?:calendar )?year )?{_YEAR}(?!\d)"
    r"|(?:the )?(?:this|last|previous|prior|current|next|past)(?: fiscal| calendar)? year"
    r"|(?:fy|fiscal year|fiscal) ?'?(?:20)?\d{2})"
)
_OF = r"(?:,? (?:of |in |for )?|, ?|/|-| ?(?=')|(?=fy))"
_ANY_YEAR = rf"(?:{_OF}(?P<year>{_YEAR_REF})\b)"
_UNIT = r"(?P<unit>hour|day|week|month|quarter|half-year|half year|year)"
_ORDINAL = "(?:first|second|third|fourth|1st|2nd|3rd|4th)"


def find_periods(text: str, clock: Clock) -> tuple[Period, ...]:
    """Every period in the text, in order; where two readings overlap the more specific one counts.

    Ordinary words that are also names of months ("may", "march") count only where a date can be.
    """
    found: list[Period] = []
    for pattern, read in _PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < p.last and p.first < match.end() for p in found):
                continue
            period = read(match, clock)
            if period is not None:
                found.append(period)
    found.sort(key=lambda period: period.first)
    return tuple(_with_bare_ordinal(text, found, clock))


def _with_bare_ordinal(text: str, found: list[Period], clock: Clock) -> list[Period]:
    """The periods, and "the first" of "the second quarter of 2026 compared with the first"."""
    match = _BARE_ORDINAL.search(text)
    last = found[-1] if found else None
    if match is None or last is None or last.last > match.start():
        return found
    if last.unit not in ("quarter", "half") or last.relative or last.year is None:
        return found
    year = f"FY{last.year}" if last.fiscal else last.year
    spelled = f"{match['ordinal']} {last.unit} of {year}"
    for pattern, read in _PATTERNS:
        full = pattern.fullmatch(spelled)
        period = read(full, clock) if full else None
        if period is not None:
            return [*found, replace(period, first=match.start("ordinal"), last=match.end())]
    return found


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'.])(?:{pattern})(?![\w])", re.IGNORECASE)


_BARE_ORDINAL = re.compile(
    rf"\b(?:with|to|vs\.?|versus|against|than|and) (?P<ordinal>the {_ORDINAL})(?: one)?"
    r"(?=\s*(?:[?.!,;]|$))",
    re.IGNORECASE,
)
_FISCAL_OR_NOT = r"(?:(?:fiscal|calendar) )?"
_QUARTER = (
    rf"{_FISCAL_OR_NOT}(?:q ?(?P<{{0}}>[1-4])|quarter (?P<{{1}}>[1-4]|one|two|three|four)"
    rf"|(?P<{{2}}>{_ORDINAL}) {_FISCAL_OR_NOT}quarter)"
)
_HALF = (
    rf"{_FISCAL_OR_NOT}(?:h(?P<h1>[12])|(?P<h2>first|second|1st|2nd) half)(?! of (?:the )?month)"
)
_DAY_IN_MONTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DAYS = rf"{_DAY_IN_MONTH}(?: ?(?:-|\u2013) ?| to ){_DAY_IN_MONTH.replace('day', 'day2')}"
_WHOLE = r"(?:(?:full|complete|completed|whole) )?"
_TO_DATE = (
    r"(?:fiscal )?(?P<u1>year|quarter|month|week)[- ]to[- ]date"
    r"|(?:fiscal )?(?P<short>fytd|ytd|qtd|mtd|wtd)"
    r"|so far (?:in )?this (?P<u2>year|quarter|month|week)"
    r"|this (?P<u3>year|quarter|month|week),? (?:so far|to date)"
)
_WHICH = r"(?P<which>this|current|last|previous|prior|preceding|next|coming)"
_SPAN = (
    r"(?P<which>last|past|previous|prior|preceding|trailing|rolling|most recent|latest|next|coming)"
    r"(?: (?:full|complete|completed|whole|calendar|rolling|trailing|fiscal))?"
)

# The most specific first: what one has taken, none below takes again.
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Clock], Period | None]], ...] = (
    (_compiled(r"week of (\d{4})-(\d{2})-(\d{2})"), week_of),
    (_compiled(r"(\d{4})-(\d{2})-(\d{2})"), iso_day),
    (_compiled(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})"), us_day),
    (
        _compiled(
            rf"(?:the )?(?P<which>first|last) (?P<n>{_NUMBER}) (?P<unit>month|quarter)s"
            rf" (?:of|in) (?P<year>{_YEAR_REF})"
        ),
        parts_of_year,
    ),
    (_compiled(_TO_DATE), to_date),
    (
        _compiled(
            rf"(?:the )?{_SPAN} (?P<n>{_NUMBER})[- ]?{_WHOLE}{_UNIT}s?"
            r"(?![- ]?(?:moving|rolling)? ?av)"
        ),
        rolling,
    ),
    (_compiled(rf"(?:the )?past {_UNIT}"), past_one),
    (_compiled(r"ttm|ltm|t12m|l(?P<days>\d{1,3})d"), short_rolling),
    (
        _compiled(rf"(?P<n>{_NUMBER}|an?) (?P<unit>day|week|month|quarter|year)s? (?:ago|back)"),
        ago,
    ),
    (_compiled(rf"(?P<year>{_YEAR}|fy ?'?(?:20)?\d{{2}})[- ]?q(?P<q1>[1-4])"), part_of_year),
    (_compiled(rf"(?P<year>{_YEAR}|fy ?'?(?:20)?\d{{2}})[- ]?h(?P<h1>[12])"), part_of_year),
    (
        _compiled(rf"(?P<month>{_MONTH}) {_DAYS}(?:,? (?P<year>{_YEAR}))?(?!\d)"),
        day_span,
    ),
    (_compiled(rf"{_DAYS}(?: of)? (?P<month>{_MONTH})(?:,? (?P<year>{_YEAR}))?"), day_span),
    (
        _compiled(
            rf"(?:the )?{_DAY_IN_MONTH}(?: of)? (?P<month>{_MONTH})(?:,? (?P<year>{_YEAR}))?"
        ),
        named_day,
    ),
    (
        _compiled(rf"(?P<month>{_MONTH}) (?:the )?{_DAY_IN_MONTH}(?:,? (?P<year>{_YEAR}))?(?!\d)"),
        named_day,
    ),
    (_compiled(rf"(?:the )?{_QUARTER.format('q1', 'q2', 'q3')}{_ANY_YEAR}?"), part_of_year),
    (_compiled(rf"(?:the )?(?P<q1>last|final) {_FISCAL_OR_NOT}quarter{_ANY_YEAR}"), part_of_year),
    (_compiled(rf"(?:the )?{_HALF}{_ANY_YEAR}?"), part_of_year),
    (_compiled(r"(?:fy|fiscal year|fiscal) ?'?(?:(?:19|20)\d{2}|\d{2})"), fiscal_year),
    (_compiled(rf"(?P<month>{_MONTH}){_ANY_YEAR}"), month_of_year),
    (_compiled(r"((?:19|20)\d{2})-(0[1-9]|1[0-2])(?!-?\d)"), iso_month),
    (
        _compiled(
            rf"(?:the )?{_WHICH} "
            rf"(?:(?:fiscal|calendar|iso|full|complete|completed|whole|running) )*{_UNIT}"
        ),
        relative,
    ),
    (_compiled(rf"(?:the )?{_UNIT} before (?P<which>last)"), relative),
    (_compiled(r"(?:the )?day before yesterday|today|yesterday|tomorrow"), day_word),
    (
        _compiled(r"(?<=to )(?:now|date|the present|present)|(?<=until )now|(?<=till )now"),
        day_word,
    ),
    (_compiled(rf"(?:on|last|since|until) (?P<weekday>{'|'.join(WEEKDAYS)})"), weekday),
    (_compiled(rf"(?:(?P<which>this|last|past|previous|next) )?(?P<month>{_MONTH})"), bare_month),
    (
        _compiled(r"(?:(?:the )?(?:calendar )?year |cy ?)?(?P<year>(?:19|20)\d{2})(?!-\d\d\b)"),
        plain_year,
    ),
)
