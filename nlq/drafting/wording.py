"""What a question's wording asks for besides metrics, dimensions and time: ranking, shares, rest.

``read_ranking`` reads "top 5", "the three biggest", "which region had the lowest"; ``leftover``
gives the content words that nothing has explained, so that a plan is made only of questions that
it answers in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20,
}  # fmt: skip
_MOST = "most|highest|largest|biggest|greatest|best|top|strongest|fastest"
_LEAST = "least|lowest|smallest|fewest|worst|bottom|weakest|slowest"
_COUNT = r"\d{1,4}|" + "|".join(_NUMBER_WORDS)
_TOP = re.compile(
    rf"\b(?:the\s+)?(?:(?P<word>{_MOST}|{_LEAST})\s+(?P<n>{_COUNT})"
    rf"|(?P<n2>{_COUNT})\s+(?:[a-z]+\s+){{0,4}}?(?P<word2>{_MOST}|{_LEAST}))\b",
    re.IGNORECASE,
)
_ONE = re.compile(rf"\b(?P<word>{_MOST}|{_LEAST})\b", re.IGNORECASE)
_SINGULAR = re.compile(r"\b(?:which|what|who)\s+(?!are\b|were\b)", re.IGNORECASE)
_RANKED = re.compile(r"\b(?:rank(?:ed|ing)?|leading|top)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ranking:
    """A wish for the first rows by value. ``top`` None means all of them, in that order."""

    top: int | None
    ascending: bool
    phrase: str


def read_ranking(text: str) -> Ranking | None:
    """The ranking that a question asks for, or None.

    >>> read_ranking("Top 5 customers by revenue")
    Ranking(top=5, ascending=False, phrase='Top 5')
    >>> read_ranking("Which region had the lowest revenue?")
    Ranking(top=1, ascending=True, phrase='lowest')
    >>> read_ranking("the three biggest customers").top
    3
    >>> read_ranking("Which five customers had the highest revenue?").top
    5
    >>> read_ranking("revenue by region") is None
    True
    """
    if match := _TOP.search(text):
        word = (match["word"] or match["word2"]).lower()
        count = (match["n"] or match["n2"]).lower()
        top = _NUMBER_WORDS.get(count) or int(count)
        return Ranking(top, word in _LEAST.split("|"), match[0])
    if match := _ONE.search(text):
        ascending = match["word"].lower() in _LEAST.split("|")
        if match["word"].lower() in ("top", "bottom"):
            return Ranking(10, ascending, match[0])
        which = _SINGULAR.search(text)
        noun = re.match(r"(\w+)", text[which.end() :]) if which else None
        plural = noun is not None and noun[1].lower().endswith("s") and not noun[1].endswith("ss")
        return Ranking(10 if plural or which is None else 1, ascending, match[0])
    if match := _RANKED.search(text):
        return Ranking(None, False, match[0])
    return None


_TIME_WORDS = (
    "day days daily week weeks weekly month months monthly quarter quarters quarterly year "
    "years yearly annual annually yoy qoq mom ytd qtd mtd today yesterday last this previous "
    "prior past next current same period over time trend trends date since until before after "
    "between from to during in on of calendar fiscal full whole so far each every per by versus "
    "vs compared compare comparison against half hour hours hourly "
)
_FILLER = (
    "a an the and or for with at as is are was were be been being do does did has have had what "
    "whats which who how when where why much many me my our us we i you your it its their they "
    "them that these those there show give get tell list see want need like would could can "
    "please find out display report chart graph plot table number numbers figure figures value "
    "values total totals amount amounts overall all any across break broken breakdown split "
    "down grouped group look looking just only about into happened happen come came make made "
    "whole company business sum count counted compute calculate calculated calculation s re ve "
    "ll go going went develop developed evolve evolved doing performance performed performing "
    "generate generated bring brought using terms term right send sent now currently level "
    "levels also too then instead "
)
_SMALL = frozenset((_TIME_WORDS + " " + _FILLER).split())
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?", re.IGNORECASE)


def leftover(text: str, explained: Iterable[str]) -> tuple[str, ...]:
    """Content words of ``text`` outside every explained phrase, lower case, in order.

    >>> leftover("What was our revenue by region for accounts that churned?", ["revenue", "region"])
    ('accounts', 'churned')
    """
    remaining = text
    for phrase in sorted({p for p in explained if p}, key=len, reverse=True):
        remaining = re.sub(
            rf"(?<!\w){re.escape(phrase)}(?!\w)", " ", remaining, flags=re.IGNORECASE
        )
    words = (match[0].lower() for match in _WORD.finditer(remaining))
    return tuple(w for w in words if w not in _SMALL and not w.endswith("'s"))
