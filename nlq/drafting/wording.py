"""What a question's wording asks for besides metrics, dimensions and time: ranking, shares, rest.

``read_ranking`` reads "top 5", "the three biggest", "which region had the lowest"; ``leftover``
gives the content words that nothing has explained, so that a plan is made only of questions that
it answers in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nlq.retrieval.words import singular
from nlq.types import Grain

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
_VERBS = frozenset(("is", "was", "has", "had", "do", "does", "did", "will", "can", "s"))
_AFTER = re.compile(
    r"(?:\s+(?!(?:by|with|in|for|of|on|from|per|to|over|during|since|and|was|were|is|are|did|do)\b)"
    r"(?:\w+|\u2022)){1,4}",
    re.IGNORECASE,
)
_HAVING = r"(?:with|having|had|has|(?:that|which|who|when)(?: \w+)? (?:had|has|was|were|is))"
_BEFORE = re.compile(rf"\bthe\s+(?P<noun>\w+)\s+{_HAVING}\s+(?:the\s+|our\s+)*$", re.IGNORECASE)
_UNIT = r"day|week|month|quarter|year"
_STEP_RANKED = re.compile(
    rf"\b(?:{_MOST}|{_LEAST})\s+(?:(?:{_COUNT})\s+)?(?:\u2022\s+)?(?P<unit>{_UNIT})s?\b"
    rf"|\bthe\s+(?:(?:{_COUNT})\s+)?(?P<unit2>{_UNIT})s?\s+{_HAVING}\s",
    re.IGNORECASE,
)
_STEPS: dict[str, Grain] = {
    "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
}  # fmt: skip


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
    >>> read_ranking("Which customers had the highest revenue?").top
    10
    >>> read_ranking("Who was our best customer?").top, read_ranking("the worst carriers").top
    (1, 10)
    >>> read_ranking("revenue by region") is None
    True
    """
    if match := _TOP.search(text):
        word, count = match["word"] or match["word2"], match["n"] or match["n2"]
        top = _NUMBER_WORDS.get(count.lower()) or int(count)
        return Ranking(top, _least(word), (word, count, *_alike(text, word)), match[0])
    if match := _ONE.search(text):
        word = match["word"]
        top = 1 if _one_is_meant(text, match) else 10
        return Ranking(top, _least(word), (word, *_alike(text, word)), word)
    if match := _RANKED.search(text):
        return Ranking(None, False, (match[0],), match[0])
    return None


def _least(word: str) -> bool:
    return word.lower() in _LEAST.split("|")


def _alike(text: str, word: str) -> tuple[str, ...]:
    """Other words that ask for the same end of the ranking ("got the most ... top 5")."""
    found = dict.fromkeys(match["word"] for match in _ONE.finditer(text))
    return tuple(w for w in found if w != word and _least(w) == _least(word))


def _one_is_meant(text: str, match: re.Match[str]) -> bool:
    """Whether a ranking without a number asks for one row: its noun says so, if it has one."""
    which = _SINGULAR.search(text)
    asked = re.match(r"(\w+)", text[which.end() :]) if which else None
    if asked is not None and asked[1].lower() not in _VERBS:
        return singular(asked[1].lower()) == asked[1].lower()
    after = _AFTER.match(text, match.end())
    nouns = [w for w in after[0].split() if w != "\N{BULLET}"] if after else []
    before = _BEFORE.search(text[: match.start()])
    noun = nouns[-1] if nouns else before["noun"] if before else None
    return which is not None if noun is None else singular(noun.lower()) == noun.lower()


def ranked_step(text: str) -> Grain | None:
    """The step of time that a ranking is of, where its wording does not split by it.

    >>> ranked_step("the month with the highest revenue"), ranked_step("our 3 best quarters")
    ('month', 'quarter')
    >>> ranked_step("highest revenue of the year") is None
    True
    """
    match = _STEP_RANKED.search(text)
    return _STEPS[(match["unit"] or match["unit2"]).lower()] if match else None


_ADVERBS: dict[str, Grain] = {
    "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter",
    "yearly": "year", "annual": "year",
}  # fmt: skip


def adverb_step(text: str, names: Iterable[str]) -> Grain | None:
    """The step of an adverb that stands before one of the names ("monthly budget")."""
    starts = "|".join(re.escape(name) for name in names if name)
    if not starts:
        return None
    found = re.search(
        rf"\b(?P<word>{'|'.join(_ADVERBS)})\s+(?:{starts})(?!\w)", text, re.IGNORECASE
    )
    return _ADVERBS[found["word"].lower()] if found else None


_STEP_WORD = re.compile(rf"\b(?:(?:{_UNIT})s?(?!\s+of\b)|{'|'.join(_ADVERBS)})\b", re.IGNORECASE)


def step_words(text: str, explained: Iterable[str]) -> tuple[str, ...]:
    """Units of time outside every explained phrase, which may ask for a step that was not read.

    >>> step_words("visits and month of May 2026, day", ["visits", "May 2026"])
    ('day',)
    """
    return tuple(match[0].lower() for match in _STEP_WORD.finditer(_outside(text, explained)))


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
    "ll go going went doing next performance performed performing generate generated bring "
    "brought using because due "
    "terms term right send sent comes coming earlier later now currently level levels also too "
    "then instead got getting pls plz hi hiya hello hey dear thanks thank thx cheers kindly ok "
    "okay let let's lets know i'd i'm i'll you'd qty quantity w "
)
_CHANGES = """
develop developed evolve evolved move moved grow grew growth grown increase increased decrease
decreased decline declined change changed fall fell rise rose drop dropped
"""
CHANGES = tuple(_CHANGES.split())
"""Words that ask how something came to be what it is: a single number is no answer to them."""
NEGATIONS = frozenset({"not", "no", "never", "without", "none", "neither", "nor", "except"})
"""Words that turn a condition around, and that nothing but a filter can explain."""
_SMALL = frozenset((_TIME_WORDS + " " + _FILLER).split())


def says(text: str, phrase: str) -> bool:
    """Whether the text has the phrase as whole words, whatever its case.

    >>> says("EMEA revenue", "emea"), says("EMEAs", "emea")
    (True, False)
    """
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) is not None


_HOW = re.compile(
    r"\bhow\s+(?:big|large|small|high|low|good|bad|strong|weak|well|badly)\b", re.IGNORECASE
)
"""Wording that asks for an amount of anything."""

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?", re.IGNORECASE)


def leftover(text: str, explained: Iterable[str]) -> tuple[str, ...]:
    """Content words of ``text`` outside every explained phrase, lower case, in order.

    >>> leftover("What was our revenue by region for accounts that churned?", ["revenue", "region"])
    ('accounts', 'churned')
    """
    remaining = _outside(_HOW.sub(" ", text), explained)
    words = (match[0].lower() for match in _WORD.finditer(remaining))
    return tuple(w for w in words if w not in _SMALL and not w.endswith("'s"))


def _outside(text: str, phrases: Iterable[str]) -> str:
    for phrase in sorted({p for p in phrases if p}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return text
