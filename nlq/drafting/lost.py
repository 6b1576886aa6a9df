"""What a question says and a draft lost: amounts, counts, quoted texts and values that its SQL
lacks, numbers of the rules that came with it, and that something is denied.

A small model is sure of "donations of more than $1,000" as a count of all donations, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nlq.types import Context

_WORDS: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "hundred": 100,
}  # fmt: skip
_MANY: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_SAID = re.compile(
    r"(?<![\w.#/-])(?P<money>[$€£]\s?)?(?P<digits>\d[\d,]*(?:\.\d+)?)"
    r"\s?(?P<many>k|m|bn|thousand|million|billion)?(?![\w-]|[./]\d)(?P<after>\s+\w+)?",
    re.IGNORECASE,
)
_SAID_IN_WORDS = re.compile(
    r"\b(?:top|first|bottom|best|than|least|most|over|under|exactly|above|below)\s+"
    rf"(?P<word>{'|'.join(_WORDS)})\b(?!\s+(?:hundred|thousand|million))",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    "[\"\u201c\u2018]([^\"\u201d\u2019]{2,60})[\"\u201d\u2019]|(?<!\\w)'([^']{2,60})'(?!\\w)"
)
_ON_FORM = re.compile(r"\b(?:0|zero) (?:to|and) (?:1|one|100)\b", re.IGNORECASE)
_OF_FORM: Final = ("decimal", "decimals", "digit", "digits", "places", "am", "pm")
_YEARS: Final = range(1800, 2200)
_IN_SQL = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e\d+)?(?![\w.])", re.IGNORECASE)
_UNITS: Final = (1, 7, 12, 24, 30, 52, 60, 100, 365, 1000, 3600, 86_400, 1_000_000)
"""Factors between the unit that people say and the one that is kept."""
_DENIED = re.compile(
    r"\b(?:never|without|no one|nobody|yet to"
    r"|(?:has|have|had|is|are|was|were|did|do|does|can|could)(?:n['\u2019]t| not| no)"
    r"|with no|have yet)\b(?! (?:including|counting|only|just)\b)",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"\bwhether or not\b|\bthose without\b|(?:^|[.;,(?!]\s*|\b(?:and|but)\s+)(?:please\s+)?"
    r"(?:leave|leaving|ignore|ignoring|exclude|excluding|omit|skip|show|include|including|also|even|"
    r"count|treat|without)\b"
    r"[^.;?)]*|[^.;?(]*\b(?:belong|count|matter)\b",
    re.IGNORECASE,
)
"""What an inner join leaves out by itself, or is only said to be shown too."""
_DENIES = re.compile(
    r"\b(?:not|null|except|false|else|coalesce|left|filter)\b|<>|!=|[=<]\s*[01]\b", re.IGNORECASE
)


def lost(context: Context, sql: str) -> tuple[str, ...]:
    """What the question has and the SQL has in no form, as the question says it."""
    text = context.standalone
    written = sql.lower()
    gone = [quote for quote in _quotes(text) if not _is_quoted(quote, written, context)]
    for phrase in (found.phrase for found in context.time.ranges):
        text = text.replace(phrase, " ")
    known = {float(number) for number in _IN_SQL.findall(written)}
    gone += [said for said, number in _numbers(_QUOTED.sub(" ", text)) if not _has(number, known)]
    rules = _QUOTED.sub(" ", context.question.notes)
    # "Rank 1 is the best" needs no 1.
    gone += [said for said, number in _numbers(rules) if number != 1 and not _has(number, known)]
    gone += [phrase for phrase, value in _linked(context) if value.lower() not in written]
    denied = _DENIED.search(_LEFT_OUT.sub(" ", context.standalone))
    if denied and not _DENIES.search(sql):
        gone.append(denied[0])
    return tuple(dict.fromkeys(gone))


def _linked(context: Context) -> Iterator[tuple[str, str]]:
    """Phrases that are one value of one column, with that value."""
    places: dict[str, set[tuple[str, str, str]]] = {}
    for link in context.values:
        places.setdefault(link.phrase, set()).add((link.table, link.column, link.value))
    for phrase, found in places.items():
        if len(found) == 1:
            ((_, _, value),) = found
            yield phrase, value


def _quotes(text: str) -> Iterator[str]:
    return ((found[1] or found[2]).strip() for found in _QUOTED.finditer(text))


def _is_quoted(quote: str, written: str, context: Context) -> bool:
    values = [link.value for link in context.values if link.phrase.lower() in quote.lower()]
    return any(each.lower() in written for each in (quote, quote.strip(".,;:?! "), *values))


def _numbers(text: str) -> Iterator[tuple[str, float]]:
    text = _ON_FORM.sub(" ", text)
    for found in _SAID.finditer(text):
        number = float(found["digits"].replace(",", ""))
        is_year = not found["money"] and not found["many"] and number in _YEARS
        if is_year or not number or (found["after"] or "").strip().lower() in _OF_FORM:
            continue
        said = f"{found['money'] or ''}{found['digits']}{found['many'] or ''}"
        yield said, number * _MANY.get((found["many"] or "").lower(), 1)
    for found in _SAID_IN_WORDS.finditer(text):
        yield found["word"], float(_WORDS[found["word"].lower()])


def _has(number: float, known: set[float]) -> bool:
    """Whether it stands there: in another unit, or one more or less, as a bound may be written."""
    near = (number, number + 1, number - 1)
    return any(n * unit in known or n / unit in known for n in near for unit in _UNITS)
