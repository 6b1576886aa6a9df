"""The gate that every sentence passes: which numbers in a text stand in no result?

A text goes in with the result and the dates it may speak of; the numbers that nothing supports come
out. A number is supported when a value of the result, rounded to the digits shown, gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite

from nlq.answer.formats import Number, is_number
from nlq.answer.periods import MONTHS, add_months, range_text
from nlq.types import MetricUnit, QueryResult

_SCALES = {
    "": 1, "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9, "t": 10**12, "trillion": 10**12,
    "min": 60, "h": 3600,
}  # fmt: skip
_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_CLAIMS = (
    r"dozens?|hundreds?|thousands?|millions?|billions?|trillions?|half|halved|doubled?|tripled?|"
    r"twice|thrice|twofold|threefold|quadrupled?|tenfold"
)
_NUMBER = re.compile(
    r"""
    (?P<before>[^\W\d_]*)                       # a currency code, or part of a name
    (?:(?<!\w)(?P<sign>[-\u2212]))?
    (?:(?P<money>[$€£¥])\s?)?
    (?P<digits>\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)
    (?:(?:\s?(?P<scale>thousand|million|billion|trillion|mn|bn|min|h)|(?P<letter>\s?[KMB]|[kmbTt]))\b)?
    (?:\s?(?P<percent>%|percent\b|per\ cent\b))?
    (?P<after>[^\W\d_]*)
    """,
    re.VERBOSE,
)
_SPELLED = re.compile(rf"\b(?:{'|'.join(_WORDS)}|{_CLAIMS})\b|[½⅓¼¾⅔]", re.IGNORECASE)
_CODES = {"usd", "eur", "gbp", "jpy", "us"}


def unsupported_numbers(
    text: str,
    result: QueryResult,
    dates: Iterable[date] = (),
    *,
    units: Iterable[tuple[str, MetricUnit]] = (),
    names: Iterable[str] = (),
    fiscal_start_month: int = 1,
) -> tuple[str, ...]:
    """The numbers of ``text`` that nothing supports, in order of their place.

    ``dates`` are days that may be named, also as their month, quarter and year. ``names`` are
    phrases that are quoted as they are ("Plan 2000"), as are the texts in the result. The count of
    the result's rows may be told.
    """
    quoted = {name for name in (*names, *_texts(result)) if name in text}
    left = _without(text, (name for name in quoted if any(c.isdigit() for c in name)))
    days = {*dates, *_days(result)}
    left = _without(left, (t for day in days for t in _date_texts(day, fiscal_start_month)))
    columns = _numbers(result, dict(units))
    found = [
        (match.start(), match[0].strip())
        for match in _NUMBER.finditer(left)
        if not _supported(match, columns)
    ]
    for match in _SPELLED.finditer(_NUMBER.sub(lambda m: " " * len(m[0]), left)):
        size = _WORDS.get(match[0].lower())
        if size is None or all(size not in column.sizes for column in columns):
            found.append((match.start(), match[0]))
    return tuple(token for _, token in sorted(found))


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of one column; ``sizes`` are those without sign, as floats, for a quick look."""

    values: list[Number]
    sizes: list[float]
    unit: MetricUnit | None


def _numbers(result: QueryResult, units: dict[str, MetricUnit]) -> list[_Numbers]:
    count = len(result.rows)
    found = [_Numbers([count], [float(count)], "count")]
    for index, column in enumerate(result.columns):
        values = [v for row in result.rows if is_number(v := row[index]) and isfinite(v)]
        sizes = [abs(float(v)) for v in values]
        found.append(_Numbers(values, sizes, units.get(column.name)))
    return found


def _supported(match: re.Match[str], columns: list[_Numbers]) -> bool:
    code = match["before"].lower()
    if match["after"] or (code and code not in _CODES):
        # Digits inside a word are part of a name, and names that may be quoted are out by now.
        return False
    try:
        shown = Decimal(match["digits"].replace(",", ""))
    except InvalidOperation:
        return False
    exponent = shown.as_tuple().exponent
    half = Decimal(5).scaleb((exponent if isinstance(exponent, int) else 0) - 1)
    scale = _SCALES[(match["scale"] or match["letter"] or "").strip().lower()]
    money, percent = bool(match["money"] or code), bool(match["percent"])
    near, reach = float(shown) * scale, float(half) * scale * 1.001
    for column in columns:
        unit = column.unit
        if (money and unit not in (None, "usd")) or (
            unit is not None and percent is not (unit == "percent")
        ):
            continue
        for factor in _factors(percent, unit):
            low, high = (near * (1 - 1e-12) - reach) / factor, (near * (1 + 1e-12) + reach) / factor
            for index, size in enumerate(column.sizes):
                if low <= size <= high and not (match["sign"] and column.values[index] > 0):
                    told = abs(Decimal(str(column.values[index]))) * factor / scale
                    if abs(told - shown) <= half:
                        return True
    return False


def _factors(percent: bool, unit: MetricUnit | None) -> tuple[int, ...]:
    """What a value is multiplied by to be told; a percent of unknown unit may be either."""
    if not percent:
        return (1,)
    return (100,) if unit == "percent" else (1, 100)


def _texts(result: QueryResult) -> Iterator[str]:
    return (value for row in result.rows for value in row if isinstance(value, str))


def _days(result: QueryResult) -> Iterator[date]:
    for row in result.rows:
        for value in row:
            if isinstance(value, datetime):
                yield value.date()
            elif isinstance(value, date):
                yield value


def _date_texts(day: date, fiscal_start_month: int) -> Iterator[str]:
    full = MONTHS[day.month - 1]
    yield day.isoformat()
    for month in (full[:3], full):
        yield f"{day.day} {month} {day.year}"
        yield f"{month} {day.day}, {day.year}"
        yield f"{month} {day.year}"
    into = (day.month - fiscal_start_month) % 12
    year = date(
        day.year if day.month >= fiscal_start_month else day.year - 1, fiscal_start_month, 1
    )
    for start, months in ((add_months(year, into // 3 * 3), 3), (year, 12)):
        yield range_text(start, add_months(start, months), fiscal_start_month).split(" (")[0]
    yield f"Q{(day.month + 2) // 3} {day.year}"
    yield f"{day.year}-{day:%m}"
    yield f"{day.year}"


def _without(text: str, phrases: Iterable[str]) -> str:
    """The text with whole occurrences of the phrases blanked, longest first."""
    for phrase in sorted({p for p in phrases if p and p in text}, key=len, reverse=True):
        whole, start = text, text.find(phrase)
        while start >= 0:
            end = start + len(phrase)
            led_into = start > 0 and _LEADS_INTO.match(whole, start - 1)
            alone = not led_into and not _RUNS_ON.match(whole, end)
            if alone:
                text = text[:start] + " " * len(phrase) + text[end:]
            start = whole.find(phrase, end if alone else start + 1)
    return text


# Not one pattern with the phrase in it: each question has others, and making one takes long.
_LEADS_INTO = re.compile(r"[\w$€£¥.,\u2212-]")
_RUNS_ON = re.compile(r"[\w%]|[.,]\d|\s?(?:%|percent|thousand|million|billion|trillion)")
