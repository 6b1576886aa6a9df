"""Follow-ups: a question and its conversation go in, the whole question written out leaves.

Rules decide, and they need a reason to merge: a text that names a metric and stands on its own is a
new question, whatever came before. What a follow-up changes is replaced in the last question
(``rewrite``), so that "last year instead" leaves no trace of the earlier dates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from nlq.retrieval.dates.calendar import Unit, label, step
from nlq.retrieval.lexicon import Lexicon
from nlq.retrieval.rewrite import Change, adds_to, changes, rewrite
from nlq.retrieval.time_words import read_time
from nlq.retrieval.words import STOP_WORDS, singular, words
from nlq.types import Question, Turn

_OPENING = re.compile(
    r"^(?:(?:and|but|so|then|now|ok|okay|also|alright|great|thanks|thank you|perfect|hm+|well"
    r"|please|yes|no|right)\b[\s,.!-]*)+",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:what|which|who|whose|whom|when|where|why|how|is|are|was|were|do|does|did|has|have|had"
    r"|can|could|would|should|will|list|tell|find|count|calculate|compute|give|show|plot|display"
    r"|compare|rank|get|explain)\b",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"^(?:(?:can|could|would) you\s+|please\s+|let'?s\s+(?:see\s+)?"
    r"|i(?:'d| would)? (?:want|like|need)(?: to see)?\s+)?(?:(?:show|give|plot|display|list"
    r"|make|break|split|group|slice|drill|filter|limit|restrict|narrow|sort|order|rank|add|do|see"
    r"|get|draw|view)\b\s*)?"
    r"(?:me|us)?\s*",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"^(?:(?:and\s+)?(?:what|how)(?:'s)? about|what if|(?:do |show |give me )?(?:the )?same"
    r"(?: thing| question| report| numbers?| again)?(?: for| but| with| in| by| as)?"
    r"|how (?:does|do|did) (?:that|this|it|they|these|those) (?:look|change)?)",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"\b(?:it|them|those|these|that|this|one|ones)\b"
    r"(?! (?:day|week|month|quarter|year|fiscal|calendar|half|morning|time|many|much|were|are|had"
    r"|have|who|which|churned|signed))",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"^(?:why|how come)(?: so (?:high|low|much|few|little))?"
    r"(?: (?:is|was|did|has|are|were) (?:that|this|it|they)(?: so \w+| happen(?:ed)?| the case"
    r"| change[ds]?| go (?:up|down)| drop(?:ped)?| rise| fall)?)?\s*[?!.]*$",
    re.IGNORECASE,
)
_TRAILING = re.compile(r"\b(?:only|instead|too|as well|alone|please)\s*[?!.]*$", re.IGNORECASE)
_LONGEST_FRAGMENT = 9
"""Words of the longest text without a verb that can be a follow-up."""


def standalone(question: Question, lexicon: Lexicon) -> tuple[str, Turn | None]:
    """The whole question, and the turn that it continues (None for a new question)."""
    text = question.text.strip()
    if not question.conversation:
        return text, None
    last = question.conversation[-1]
    if chosen_reading(question):
        return last.standalone, last
    if not last.readings and (chosen := _named_option(text, last.options)) is not None:
        return chosen, last
    if _WHY.match(_OPENING.sub("", text)):
        return f"Why: {last.standalone}", last
    change = _as_change(_dated(text, last, question), lexicon, question)
    if change is None:
        return text, None
    return rewrite(last.standalone, change, lexicon, question.clock), last


def chosen_reading(question: Question) -> str:
    """The SQL of the draft that is chosen, among those that disagreed on the last question."""
    last = question.conversation[-1] if question.conversation else None
    if last is None or not last.readings:
        return ""
    text = question.text.strip()
    chosen = text if text in last.options else _numbered_option(text, last.options)
    return dict(zip(last.options, last.readings, strict=True)).get(chosen or "", "")


_STEP_FROM_THERE = re.compile(
    r"\bthe (?P<unit>day|week|month|quarter|year) (?P<way>before|earlier|after)(?: that)?"
    r"\s*[?.!]*$",
    re.IGNORECASE,
)


def _dated(text: str, last: Turn, question: Question) -> str:
    """The text with "the month before" as dates, seen from the last question's own."""
    match = _STEP_FROM_THERE.search(text)
    ranges = read_time(last.standalone, question.clock).ranges if match else ()
    if match is None or len(ranges) != 1:
        return text
    count = 1 if match["way"].lower() == "after" else -1
    unit = cast(Unit, match["unit"].lower())
    start, end = (step(day, unit, count) for day in (ranges[0].start, ranges[0].end))
    whole = next((u for u in _WHOLE if step(start, u) == end), None)
    return f"{text[: match.start()]}{label(start, end, whole, question.clock)}"


_WHOLE: tuple[Unit, ...] = ("day", "month", "quarter", "half", "year", "week")


def _as_change(text: str, lexicon: Lexicon, question: Question) -> Change | None:
    """What the text changes about the last question, or None where it is a question of its own."""
    body = _OPENING.sub("", text)
    opened = body != text
    if ellipsis := _ELLIPSIS.match(body):
        fragment = body[ellipsis.end() :]
        change = changes(fragment, lexicon, question.clock, unknown_is_filter=True)
        return replace(change, adds=change.adds or adds_to(text))
    asks = bool(_ASKS.match(body))
    refers = bool(_REFERS.search(body))
    fragment = _COMMAND.sub("", body, count=1)
    commanded = fragment != body
    change = changes(_REFERS.sub("", fragment), lexicon, question.clock)
    change = replace(change, adds=change.adds or adds_to(text))
    if change.compared and refers and not change.metrics:
        return replace(change, unknown=())
    if asks and not commanded:
        return None
    if change.metrics and not (opened and not asks) and not refers:
        return None
    if len(words(fragment)) > _LONGEST_FRAGMENT and not refers:
        return None
    trailing = bool(_TRAILING.search(body)) or bool(re.match(r"(?:only|just)\b", fragment, re.I))
    if change.unknown and not trailing:
        return None
    if not (opened or refers or trailing) and _asks_for_the_unclear(fragment, change, lexicon):
        return None
    return None if change.is_empty else change


def _asks_for_the_unclear(fragment: str, change: Change, lexicon: Lexicon) -> bool:
    """Whether a word that means several things is what is asked for ("Sales last quarter?").

    It may be a value too; alone ("Sales") or after "for" it goes on as one.
    """
    begins = " ".join(words(fragment))
    more = change.time or change.grain or change.dimensions or change.compared
    return bool(more) and any(
        f"{begins} ".startswith(f"{phrase} ") and phrase in lexicon.unclear
        for phrase in (" ".join(words(worded)) for worded, _ in change.values)
    )


_ORDINALS = {
    word: number
    for number, options in enumerate(
        (("1", "first", "1st", "one", "former"), ("2", "second", "2nd", "two", "latter"),
         ("3", "third", "3rd", "three"), ("4", "fourth", "4th", "four"),
         ("5", "fifth", "5th", "five"))
    )
    for word in options
}  # fmt: skip
_NTH = re.compile(
    r"^(?:the |option |number |no\.? ?|#|answer |choice |i mean |take )*"
    rf"(?P<nth>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))}|last)"
    r"(?: one| option| reading| please)*[\s.!)]*$",
    re.IGNORECASE,
)


def _numbered_option(text: str, options: Sequence[str]) -> str | None:
    """The option that an answer such as "the first one" numbers."""
    if not (options and (match := _NTH.match(text))):
        return None
    word = match["nth"].lower()
    number = len(options) - 1 if word in ("last", "latter") else _ORDINALS[word]
    return options[number] if number < len(options) else None


def _named_option(text: str, options: Sequence[str]) -> str | None:
    """The option that an answer to a clarifying question numbers or names."""
    if not options or _NTH.match(text):
        return _numbered_option(text, options)
    said = _content(text)
    exact = [option for option in options if _content(option) == said]
    if exact:
        return exact[0]
    contents = [_content(option) for option in options]
    shared = set.intersection(*contents)
    naming = [
        option
        for option, content in zip(options, contents, strict=True)
        if said and said <= content and said - shared
    ]
    return naming[0] if len(naming) == 1 else None


_FILLER = frozenset({"mean", "option", "one", "please", "prefer", "yes", "rather", "take", "go"})


def _content(text: str) -> set[str]:
    return {singular(w) for w in words(text) if w not in STOP_WORDS and w not in _FILLER}
