"""Comparisons in words: "year over year", "vs last quarter", "2024 against 2025", "growth"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from nlq.retrieval.dates.calendar import label, start_of, step
from nlq.retrieval.dates.stretches import WEIGHED, Stretch
from nlq.types import Clock, Comparison, Grain

GROWTH = re.compile(
    r"\b(?:growth(?! (?:plan|tier|package|stage|customers?|accounts?|team))|grew|grow|grown"
    r"|(?:fastest[- ])?growing)\b",
    re.IGNORECASE,
)


_VERSUS = (
    r"(?:vs\.?|versus|(?:when )?compared? (?:to|with|against)|in comparison (?:to|with)"
    r"|relative to|next to|alongside|side by side with|against|than|over)"
)
_YEAR_AGO = (
    r"(?:(?:the |that of the )?same (?:period|time|months?|quarters?|weeks?|days?|dates?)"
    r"(?: of| in| from)?(?: the)? (?:last|previous|prior) year"
    r"|(?:the )?same (?:period|time|months?|quarters?|weeks?|days?|dates?) (?:a|one) year "
    r"(?:ago|earlier|before)|(?:a|one) year (?:ago|earlier|before)"
    r"|(?:the )?year (?:before|earlier)(?! last)|(?:the )?prior[- ]year(?:'s)?"
    r"(?: period| quarter| month| level)?)"
)
_EXPLICIT: tuple[tuple[str, Comparison, Grain | None], ...] = (
    (r"(?i)\b(?:year[- ](?:over|on)[- ]year|yoy|y/y|y-o-y)\b", "previous_year", None),
    (rf"(?i)\b{_VERSUS} {_YEAR_AGO}", "previous_year", None),
    (
        r"(?i)\b(?:and |with )?(?:the )?same (?:period|time|months?|quarters?|weeks?|days?)"
        r"(?: of| in)?(?: the)? (?:last|previous|prior) year\b",
        "previous_year",
        None,
    ),
    (
        r"(?i)\b(?:quarter[- ](?:over|on)[- ]quarter|qoq|q/q|q-o-q)\b",
        "previous_period",
        "quarter",
    ),
    (r"(?i)\b(?:month[- ](?:over|on)[- ]month|mom|m/m|m-o-m)\b", "previous_period", "month"),
    (r"(?i:\bweek[- ](?:over|on)[- ]week\b)|\bWoW\b|\bw/w\b", "previous_period", "week"),
    (r"(?i:\bday[- ](?:over|on)[- ]day\b)|\bDoD\b", "previous_period", "day"),
    (
        rf"(?i)\bperiod[- ](?:over|on)[- ]period\b"
        rf"|\b{_VERSUS} the (?:previous|prior|preceding|last) (?:period|one)\b"
        rf"|\b(?:{_VERSUS}|with|and|to) the (?:period|one|week|month|quarter) (?:before|earlier)\b",
        "previous_period",
        None,
    ),
)


_CLAUSE = re.compile(
    rf"\b{_VERSUS}\s+(?P<to>(?:the )?(?:same \w+ )?(?:last|previous|prior|a|one)\s+"
    r"(?:year|quarter|month|week|period)(?: ago| earlier)?)\b"
    r"|\bcompared?\s+(?:it |that |this |them )?(?:to|with|against)\s+(?P<to2>.+)$",
    re.IGNORECASE,
)


def compared_clause(text: str) -> tuple[str, str]:
    """The text without its comparison ("vs last year"), and that comparison as a clause."""
    if match := _CLAUSE.search(text):
        return text.replace(match[0], " ", 1), f"compared to {match['to'] or match['to2']}"
    for pattern, _, _ in _EXPLICIT:
        if match := re.search(pattern, text):
            return text.replace(match[0], " ", 1), match[0].strip()
    return text, ""


def explicit_comparison(text: str) -> tuple[str, Comparison | None, Grain | None]:
    """The comparison that fixed wording asks for; its words are blanked out of the text."""
    for pattern, comparison, grain in _EXPLICIT:
        if re.search(pattern, text):
            blanked = re.sub(pattern, lambda match: "\N{BULLET}" * len(match[0]), text)
            return blanked, comparison, grain
    return text, None, None


_COMPARED_WITH = re.compile(
    rf"(?:\b{_VERSUS}|\b(?:up|down|change[ds]?|grow|grew|growth|differ(?:ed|ence)?|increased?"
    r"|decreased?|dropped|fell|rose|rise)(?: \w+)? (?:from|since|over|on))"
    r"\s*(?:that of |the |in )?$",
    re.IGNORECASE,
)
_OVER_PERIOD = re.compile(r"\bover\s*(?:the )?$", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:growth|grow|grew|grown|up|down|change[ds]?|increase[ds]?|decrease[ds]?|improve[ds]?"
    r"|higher|lower|more|less|better|worse|rise|rose|drop(?:ped)?|fell)\b",
    re.IGNORECASE,
)


def compare(
    text: str, stretches: list[Stretch], clock: Clock
) -> tuple[list[Stretch], Comparison | None, tuple[str, ...]]:
    """Two periods set against each other, or one against "last year"."""
    for position, later in enumerate(stretches):
        before = text[: later.first]
        weighed = bool(WEIGHED.search(text)) and position > 0 and _between_two(text, stretches)
        if not weighed and not _COMPARED_WITH.search(before):
            continue
        over = _OVER_PERIOD.search(before)
        if over and not (later.period.relative and later.period.whole and _CHANGE.search(before)):
            continue
        others = [s for s in stretches if s is not later]
        if not others and not later.period.relative:
            continue
        if not others:
            return _against_now(later, clock)
        if later.period.relative and all(s.unit != later.unit for s in others):
            kind: Comparison = "previous_year" if later.unit == "year" else "previous_period"
            return others, kind, ()
        return stretches, _relation(others[-1], later), ()
    return stretches, None, ()


def _between_two(text: str, stretches: Sequence[Stretch]) -> bool:
    """Whether two periods stand next to each other as in "compare A and B"."""
    gap = text[stretches[0].last : stretches[1].first]
    return len(stretches) == 2 and bool(
        re.fullmatch(r",?\s*(?:and|to|with|against|or)\s*(?:the |in )?", gap, re.IGNORECASE)
    )


def _against_now(
    then: Stretch, clock: Clock
) -> tuple[list[Stretch], Comparison | None, tuple[str, ...]]:
    """ "How is revenue compared to last month?" is about this month, as far as it has come."""
    if then.end > clock.today or step(then.start, then.unit, 2) <= clock.today:
        return [then], None, ()
    start = start_of(then.unit, clock.today, clock, fiscal=then.period.fiscal)
    end = max(clock.today, start + timedelta(days=1))
    now = Stretch(then.first, then.last, start, end, then.unit, then.period, named=False)
    kind: Comparison = "previous_year" if then.unit == "year" else "previous_period"
    note = f"Compared is this {then.unit} so far, {label(start, end, None, clock)}."
    return [now], kind, (note,)


def _relation(one: Stretch, other: Stretch) -> Comparison | None:
    early, late = sorted((one, other), key=lambda s: s.start)
    if (early.start, early.end) == (_year_before(late.start), _year_before(late.end)):
        return "previous_year"
    if early.end == late.start:
        return "previous_period"
    return None


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
