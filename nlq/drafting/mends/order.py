"""Superlatives and the order of rows: the oldest first is the earliest date first."""

from __future__ import annotations

import re

from sqlglot import exp

from nlq.drafting.mends.draft import NUMBERS, TIMES, Mending, column_doc, outermost, sources_of
from nlq.types import TableDoc

_BOUND = re.compile(r"\bat (?:least|most)\b|\bmost (?:recent(?:ly)?|likely)\b", re.IGNORECASE)
_EARLY = re.compile(
    r"\b(?:oldest|earliest|longest[- ](?:serving|standing|running|tenured)|most senior)\b",
    re.IGNORECASE,
)
_LATE = re.compile(r"\b(?:youngest|newest|latest|most recent(?:ly)?)\b", re.IGNORECASE)
_LOW = re.compile(r"\b(?:lowest|fewest|least|smallest|shortest|cheapest|bottom)\b", re.IGNORECASE)
_HIGH = re.compile(r"\b(?:highest|most|largest|biggest|longest|greatest|top)\b", re.IGNORECASE)
_PLACES = ("rank", "rnk", "pos", "place", "prio", "level", "lvl", "order", "grade")
"""Parts of names of numbers of which the lowest is the best."""


def mend_order(tree: exp.Expr, mending: Mending) -> None:
    """Turn a cut list around whose order contradicts the only superlative of the question."""
    select = outermost(tree)
    order = select.args.get("order") if select else None
    sources = sources_of(select, mending.catalog) if select else None
    if select is None or order is None or not sources or not select.args.get("limit"):
        return
    if len(order.expressions) != 1:
        return
    (ordered,) = order.expressions
    low = _wants_low(_ranked_by(ordered.this, select), mending.asked, sources)
    if low is None or bool(ordered.args.get("desc")) is not low:
        return
    ordered.set("desc", not low)
    ordered.set("nulls_first", False)
    mending.note("the lowest first" if low else "the highest first")


def _ranked_by(key: exp.Expr, select: exp.Select) -> exp.Expr:
    """What rows are ranked by, where the key is a name of something shown."""
    if isinstance(key, exp.Column) and not key.table:
        for shown in select.expressions:
            if isinstance(shown, exp.Alias) and shown.alias.lower() == key.name.lower():
                return shown.unalias()
    return key


def _wants_low(key: exp.Expr, asked: str, sources: dict[str, TableDoc]) -> bool | None:
    """Whether the lowest is to come first; None where the question does not say for sure."""
    bare = key.this if isinstance(key, exp.Min | exp.Max) else key
    known = column_doc(bare, sources) if isinstance(bare, exp.Column) else None
    if known is not None and known.type.startswith(TIMES):
        return _one_of(_EARLY.search(asked), _LATE.search(asked))
    if known is not None and (
        not known.type.startswith(NUMBERS) or any(part in known.name for part in _PLACES)
    ):
        return None
    if known is None and not isinstance(key, exp.AggFunc):
        return None
    asked = _BOUND.sub(" ", asked)
    return _one_of(_LOW.search(asked), _HIGH.search(asked))


def _one_of(low: object, high: object) -> bool | None:
    return None if bool(low) == bool(high) else bool(low)
