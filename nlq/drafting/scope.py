"""Whether the data that a person may see can answer a question at all: rules before the model."""

from __future__ import annotations

from collections.abc import Iterable

from nlq.retrieval.glue import is_telling
from nlq.retrieval.words import tokens
from nlq.types import Context, Refusal

WEAK_MATCH, WEAK_MATCH_GOVERNED = 0.15, 0.3
"""Score of the best table below which nothing in the lake is about the question; higher where
docs are rich enough to have metrics."""

SURE_MATCH = 0.65
"""Score of the best table from which the question is surely about it, if not all of its words."""

MOST_UNEXPLAINED, MOST_UNEXPLAINED_GOVERNED = 0.5, 0.3
"""Share of a question's telling words from which no doc's knowing them is a refusal: the second
where there are metrics and the best table is not surely meant. What can be answered lacks less on
every database that it was measured on, also on those with short names and sparse docs; see
docs/accuracy.md."""


def out_of_rights(context: Context) -> Refusal | None:
    """A refusal when the question needs what the person may not see, else None."""
    if not context.restricted:
        return None
    return Refusal("forbidden", "This question needs data that you do not have the rights to see.")


def out_of_scope(context: Context, by_words: bool = True) -> Refusal | None:
    """A refusal when the question is outside the data, else None.

    ``by_words`` False leaves what its words tell to ``answerable.py`` where no metric is near.
    """
    if any(hit.phrase for hit in context.metrics):
        return None
    best = max((hit.score for hit in context.tables), default=0.0)
    governed = bool(context.metrics)
    weak = WEAK_MATCH_GOVERNED if governed else WEAK_MATCH
    if best < weak and not context.rules and not context.question.notes:
        return Refusal("unanswerable", "Nothing in the data that you may see is about this.")
    if best >= SURE_MATCH and governed:
        return None  # other words for a metric, perhaps: the model is asked
    most = MOST_UNEXPLAINED_GOVERNED if governed else MOST_UNEXPLAINED
    telling = telling_words(context.standalone)
    if not governed and not by_words:
        return None
    if context.unmatched and len(context.unmatched) >= most * len(telling):
        return Refusal("unanswerable", unexplained(context))
    return None


def unexplained(context: Context) -> str:
    """The reason of a refusal for words that no doc explains."""
    return f"Nothing in the data that you may see explains {quoted(context.unmatched)}."


def quoted(words: Iterable[str]) -> str:
    """Words of a question as a sentence about them has them."""
    return ", ".join(f"\u201c{word}\u201d" for word in words)


def telling_words(text: str) -> set[str]:
    """The words that say which data a question is about."""
    return {token.text for token in tokens(text) if is_telling(token.text)}
