"""Steps through time in words: "by month", "weekly", "trend"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlq.retrieval.dates.calendar import Unit
from nlq.retrieval.dates.stretches import Stretch
from nlq.types import Grain

_STEP = r"(?P<unit>hour|day|week|month|quarter|year)"
_GRAIN = re.compile(
    rf"\b(?:by|per|each|every|across|which|what|for each|for every)"
    rf"(?: the| calendar| fiscal| individual)*\s+{_STEP}s?\b(?! (?:over|to date|on year))"
    rf"|\b(?P<unit2>hour|day|week|month|quarter|year)(?:-wise|[- ]by[- ](?P=unit2))\b"
    rf"|\b(?P<unit3>hour|dai|week|month|quarter|year|annual)(?:ly|(?<=annual))\b"
    r"(?!\s+(?:active|recurring|fee|fees|plan|limit|budget|subscription|charge|price|commit|contract|report))"
    rf"|\b(?:in|with|split into|broken (?:down )?into) {_STEP.replace('unit', 'unit4')}s\b"
    r"|(?:\bby [\w ,-]{1,60}?(?:,| and) |\bper \w+ and )"
    r"(?P<unit5>day|week|month|quarter|year)\b",
    re.IGNORECASE,
)
_GRAIN_WORDS: dict[str, Grain] = {
    "hour": "hour", "day": "day", "dai": "day", "week": "week", "month": "month",
    "quarter": "quarter", "year": "year", "annual": "year",
}  # fmt: skip
OVER_TIME = re.compile(
    r"\b(?:over time|trends?|trending|trended|trajectory|evol(?:ve|ved|ution)"
    r"|develop(?:s|ed|ing|ment)?|time ?series|timeline)\b",
    re.IGNORECASE,
)
ALL_TIME = re.compile(
    r"\b(?:since (?:the )?(?:very )?(?:launch|beginning|inception|start|day one)"
    r"|since we (?:started|launched|began)|all[- ]time|of all times?|ever since|to date"
    r"|(?:in|over|across|for) (?:our |the )?(?:whole |entire |full )?history)\b",
    re.IGNORECASE,
)


def grain_phrases(text: str) -> list[str]:
    """The wording of every step in the text ("by month", "weekly")."""
    return [match[0] for match in _GRAIN.finditer(text)]


def explicit_grain(text: str) -> Grain | None:
    """The step that the wording names."""
    for match in _GRAIN.finditer(text):
        word = next(group for group in match.groups() if group).lower()
        return _GRAIN_WORDS[word]
    return None


def step_of(unit: Unit) -> Grain | None:
    """The step that a range written in such units suggests."""
    steps: dict[Unit, Grain] = {"month": "month", "quarter": "quarter", "week": "week"}
    return steps.get(unit)


def fitting_grain(stretches: Sequence[Stretch]) -> Grain:
    """A step that gives a trend some ten to thirty points."""
    if not stretches:
        return "month"
    days = (max(s.end for s in stretches) - min(s.start for s in stretches)).days
    return "day" if days <= 45 else "week" if days <= 100 else "month"
