"""Rewriting: the last question and a fragment go in, the last question with the change made leaves.

"What was revenue by month in France last year?" and "Germany, by quarter" give "What was revenue
by quarter in Germany last year?": each part of the fragment takes the place of its like, and only
what has none is added at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlq.retrieval.dates.comparisons import compared_clause
from nlq.retrieval.dates.steps import grain_phrases
from nlq.retrieval.glue import GLUE
from nlq.retrieval.lexicon import Lexicon, Located
from nlq.retrieval.time_words import read_time
from nlq.retrieval.words import tokens
from nlq.types import Clock

Span = tuple[int, int]

_TOP = re.compile(
    r"\b(?:the )?(?:(?:top|bottom|first|best|worst|biggest|largest|smallest|highest|lowest) \d+"
    r"|(?:\d+|three|five|ten) (?:best|worst|biggest|largest|smallest|highest|lowest))\b",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"\b(?:also|too|as well|in addition|additionally|add|plus|along with|together with)\b", re.I
)
_EXCLUDES = re.compile(r"\b(?:without|excluding|except(?: for)?|exclude|not|but not|no)\s*$", re.I)
_SHAPE = re.compile(
    r"\b(?:(?:as|in) (?:an? |the )?(?:\w+ )?(?:chart|graph|table|list|percent(?:age)?|%|dollars"
    r"|euros?|usd|eur)\b|(?:sorted|ordered|ranked) by [\w ]+)",
    re.IGNORECASE,
)
_IN_FRONT = re.compile(r"\b(?:in|for|during|of|over|on|at|within)\s*(?:the )?$", re.IGNORECASE)
_SPLIT_IN_FRONT = re.compile(
    r"\b(?:(?:broken |split |grouped )?(?:down |up )?by|per|for (?:each|every)|each|across)"
    r"\s*(?:the )?$",
    re.IGNORECASE,
)
_NEEDS_IN = re.compile(
    r"(?:the )?(?:q[1-4]|h[12]|fy|\d{4}|fiscal|calendar|first|second|third|fourth|quarter|jan|feb"
    r"|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|the (?:last|past|previous)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a fragment asks for, each as it was worded. ``values`` come with where they stand."""

    metrics: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    values: tuple[tuple[str, tuple[Located, ...]], ...] = ()
    excluded: tuple[str, ...] = ()
    time: str = ""
    grain: str = ""
    compared: str = ""
    top: str = ""
    shape: str = ""
    unknown: tuple[str, ...] = ()
    adds: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was understood."""
        return not (
            self.metrics
            or self.dimensions
            or self.values
            or self.time
            or self.grain
            or self.compared
            or self.top
            or self.shape
            or self.unknown
        )


def changes(
    fragment: str,
    lexicon: Lexicon,
    clock: Clock,
    *,
    unknown_is_filter: bool = False,
) -> Change:
    """Read a fragment ("by region", "only enterprise", "last year instead").

    ``unknown`` are content words that nothing explains.
    """
    text = fragment.strip(" ?!.,")
    rest, compared = compared_clause(text)
    rest, top = _take(rest, _TOP)
    rest, shape = _take(rest, _SHAPE)
    reading = read_time(rest, clock)
    time = _stretch(rest, [r.phrase for r in reading.ranges])
    rest = _blank(rest, [time]) if time else rest
    steps = grain_phrases(rest)
    rest = _blank(rest, steps)
    named, located = lexicon.find(rest)
    metrics: list[str] = []
    dimensions: list[str] = []
    for match in named:
        kinds = {name.kind for name in match.payloads}
        split = bool(_SPLIT_IN_FRONT.search(rest[: match.start]))
        is_metric = "metric" in kinds and not (split and "dimension" in kinds)
        (metrics if is_metric else dimensions).append(match.phrase)
    excluded = tuple(m.phrase for m in located if _EXCLUDES.search(rest[: m.start]))
    rest = _blank(rest, [*(m.phrase for m in named), *(m.phrase for m in located)])
    unknown = tuple(t.text for t in tokens(rest) if t.text not in GLUE and t.text not in _FILLERS)
    return Change(
        metrics=tuple(metrics),
        dimensions=tuple(dimensions),
        values=tuple((m.phrase, m.payloads) for m in located),
        excluded=excluded,
        time=time,
        grain=steps[0] if steps else "",
        compared=compared,
        top=top,
        shape=shape,
        unknown=() if unknown_is_filter and (metrics or located or dimensions or time) else unknown,
        adds=adds_to(fragment),
    )


def adds_to(text: str) -> bool:
    """Whether what the text names comes on top instead of in place of something."""
    return bool(_ADDS.search(text))


_FILLERS = frozenset({"only", "just", "instead", "alone", "also", "too", "add", "plus", "same"})


def rewrite(base: str, change: Change, lexicon: Lexicon, clock: Clock) -> str:
    """The last question with the change made."""
    ending = base.rstrip()[-1:] if base.rstrip()[-1:] in "?!." else ""
    text = base.rstrip(" ?!.")
    if change.metrics:
        text = _put_metric(text, change, lexicon)
    if change.time:
        old = _stretch(text, [r.phrase for r in read_time(text, clock).ranges])
        new = f"in {change.time}" if _NEEDS_IN.match(change.time) else change.time
        text = _replace(text, old, new, in_front=_IN_FRONT)
    if change.grain:
        olds = grain_phrases(text)
        new = change.grain if " " in change.grain else f"by {_STEPS[change.grain.lower()]}"
        text = _replace(text, olds[0] if olds else "", new, in_front=None)
    for number, phrase in enumerate(change.dimensions):
        text = _put_dimension(text, phrase, lexicon, adds=change.adds or number > 0)
    for phrase, located in change.values:
        text = _put_value(text, phrase, located, lexicon, excluded=phrase in change.excluded)
    if change.top:
        ranked = _TOP.search(text)
        text = text.replace(ranked[0], change.top, 1) if ranked else f"{text}, {change.top}"
    for addition in (change.compared, change.shape):
        if addition:
            text = f"{text}, {addition}"
    if change.unknown:
        text = f"{text} for {' '.join(change.unknown)}"
    return text + ending


_STEPS = {
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annually": "year",
    "annual": "year",
}


def _put_metric(text: str, change: Change, lexicon: Lexicon) -> str:
    old = [
        match
        for match in lexicon.find(text)[0]
        if any(named.kind == "metric" for named in match.payloads)
        and not _SPLIT_IN_FRONT.search(text[: match.start])
    ]
    new = " and ".join(change.metrics)
    if not old:
        return f"{text}, {new}"
    start, end = old[0].start, old[-1].end
    if change.adds:
        return f"{text[:end]} and {new}{text[end:]}"
    if not re.fullmatch(r"[\s,and&]*", text[old[0].end : old[-1].start]):
        end = old[0].end
    return text[:start] + new + text[end:]


def _put_dimension(text: str, phrase: str, lexicon: Lexicon, *, adds: bool) -> str:
    """Split by another dimension; in place of the one so far, unless it is to be added."""
    for match in lexicon.find(text)[0]:
        front = _SPLIT_IN_FRONT.search(text[: match.start])
        if front and any(named.kind == "dimension" for named in match.payloads):
            if match.phrase.lower() == phrase.lower():
                return text
            if adds:
                return f"{text[: match.end]} and {phrase}{text[match.end :]}"
            return f"{text[: front.start()]}by {phrase}{text[match.end :]}"
    return f"{text} by {phrase}"


def _put_value(
    text: str, phrase: str, located: Sequence[Located], lexicon: Lexicon, *, excluded: bool
) -> str:
    """Restrict to another value; in place of a value of the same column, if there is one."""
    if excluded:
        return f"{text} excluding {phrase}"
    columns = {place.column for place in located}
    old = [
        match
        for match in lexicon.find(text)[1]
        if columns & {place.column for place in match.payloads}
    ]
    if any(match.phrase.lower() == phrase.lower() for match in old):
        return text
    if old:
        return text[: old[0].start] + phrase + text[old[0].end :]
    return f"{text} for {phrase}"


def _take(text: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    match = pattern.search(text)
    return (_blank(text, [match[0]]), match[0]) if match else (text, "")


def _blank(text: str, phrases: Iterable[str]) -> str:
    for phrase in phrases:
        text = text.replace(phrase, " \N{BULLET} ", 1)
    return text


def _stretch(text: str, phrases: Sequence[str]) -> str:
    """From the first phrase through the last ("2024 vs 2025" has two)."""
    if not phrases:
        return ""
    starts = [text.find(phrase) for phrase in phrases]
    ends = [start + len(phrase) for start, phrase in zip(starts, phrases, strict=True)]
    return text[min(starts) : max(ends)]


def _replace(text: str, old: str, new: str, *, in_front: re.Pattern[str] | None) -> str:
    if not old:
        return f"{text} {new}"
    start = text.find(old)
    before, after = text[:start], text[start + len(old) :]
    if in_front is not None:
        before = in_front.sub("", before)
    return re.sub(r"\s+", " ", f"{before}{new}{after}")
