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
_MOST = "most common|most frequent|most|highest|largest|biggest|greatest|best|top|strongest|fastest"
_LEAST = "least common|least|lowest|smallest|fewest|worst|bottom|weakest|slowest"
_COUNT = r"\d{1,4}|" + "|".join(_NUMBER_WORDS)
_TOP = re.compile(
    rf"\b(?:the\s+)?(?:(?P<word>{_MOST}|{_LEAST})\s+(?P<n>{_COUNT})"
    rf"|(?P<n2>{_COUNT})\s+(?:\S+\s+){{0,4}}?(?P<word2>{_MOST}|{_LEAST}))\b",
    re.IGNORECASE,
)
_ONE = re.compile(rf"\b(?P<word>{_MOST}|{_LEAST})\b", re.IGNORECASE)
_SINGULAR = re.compile(r"\b(?:which|what|who)\s+(?!are\b|were\b)", re.IGNORECASE)
_RANKED = re.compile(r"\b(?:rank(?:ed|ing)?|leading|top)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ranking:
    """A wish for the first rows by value. ``top`` None means all of them, in that order.

    ``phrases`` are the words that ask for it; ``span`` is all of the text from first to last.
    """

    top: int | None
    ascending: bool
    phrases: tuple[str, ...]
    span: str


def read_ranking(text: str) -> Ranking | None:
    """The ranking that a question asks for, or None.

    >>> read_ranking("Top 5 customers by revenue")
    Ranking(top=5, ascending=False, phrases=('Top', '5'), span='Top 5')
    >>> read_ranking("Which region had the lowest revenue?")
    Ranking(top=1, ascending=True, phrases=('lowest',), span='lowest')
    >>> read_ranking("the three biggest customers").top
    3
    >>> read_ranking("Which five customers had the highest revenue?").top
    5
    >>> read_ranking("revenue by region") is None
    True
    """
    if match := _TOP.search(text):
        word, count = match["word"] or match["word2"], match["n"] or match["n2"]
        top = _NUMBER_WORDS.get(count.lower()) or int(count)
        return Ranking(top, word.lower() in _LEAST.split("|"), (word, count), match[0])
    if match := _ONE.search(text):
        ascending = match["word"].lower() in _LEAST.split("|")
        if match["word"].lower() in ("top", "bottom"):
            return Ranking(10, ascending, (match[0],), match[0])
        which = _SINGULAR.search(text)
        noun = re.match(r"(\w+)", text[which.end() :]) if which else None
        plural = noun is not None and noun[1].lower().endswith("s") and not noun[1].endswith("ss")
        top = 10 if plural or which is None else 1
        return Ranking(top, ascending, (match[0],), match[0])
    if match := _RANKED.search(text):
        return Ranking(None, False, (match[0],), match[0])
    return None


_SHARE = re.compile(
    r"\b(?:(?:what|which|the|a)\s+)?(?P<word>share|percentage|percent|proportion|fraction|portion)"
    r"(?:\s+of\b|(?=\s+(?:by|per|for|in|from|that|each)\b|\s*[?.!,]|\s*$))",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|comes?|came|coming|goes|went|going|did|do|does|has|have|had|turned|"
    r"belongs?|belonged|falls?|fell|made up|accounts? for|accounted for)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Share:
    """A wish for a share. ``part`` is the text that says of which part, "" where it is silent."""

    phrase: str
    part: str


def read_share(text: str) -> Share | None:
    """The share that a question asks for, or None.

    >>> read_share("What share of EMEA revenue came from enterprise customers?").part
    'came from enterprise customers?'
    >>> read_share("EMEA's share of revenue").part
    "EMEA's "
    >>> read_share("Percentage of revenue from SMS").part
    ' revenue from SMS'
    >>> read_share("revenue by region") is None, read_share("our share price in May") is None
    (True, True)
    """
    match = _SHARE.search(text)
    if match is None:
        return None
    after = text[match.end() :]
    if verb := _VERB.search(after):
        return Share(match[0], after[verb.start() :])
    before = text[: match.start()]
    return Share(match[0], before if re.search(r"['\u2019]s\b", before) else after)


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
    "ll go going went develop developed evolve evolved doing move moved grow grew growth grown "
    "increase increased decrease decreased decline declined change changed fall fell rise rose "
    "drop dropped next performance performed performing generate generated bring brought using "
    "terms term right send sent comes coming earlier later now currently level levels also too "
    "then instead "
)
NEGATIONS = frozenset({"not", "no", "never", "without", "none", "neither", "nor", "except"})
"""Words that turn a condition around, and that nothing but a filter can explain."""
_SMALL = frozenset((_TIME_WORDS + " " + _FILLER).split())


def says(text: str, phrase: str) -> bool:
    """Whether the text has the phrase as whole words, whatever its case.

    >>> says("EMEA revenue", "emea"), says("EMEAs", "emea")
    (True, False)
    """
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) is not None


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
