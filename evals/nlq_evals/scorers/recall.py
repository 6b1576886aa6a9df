"""Table and column recall: outcomes in, how much of what the reference reads was found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nlq_evals.outcome import Outcome
from nlq_evals.scorers.accuracy import Share, share

What = Literal["tables", "columns"]
Where = Literal["shown", "read"]


@dataclass(frozen=True, slots=True)
class Recall:
    """``mean`` share found a case, and the ``whole`` cases in which everything was found."""

    mean: float
    whole: Share


def recall(outcomes: Sequence[Outcome], what: What, where: Where) -> Recall | None:
    """Of the tables or columns that the reference reads, those that ``where`` has too.

    ``shown`` is the context that a draft is written from, ``read`` the SQL that was drafted. Over
    the cases where both are known; None where there is none.
    """
    found: list[float] = []
    for outcome in outcomes:
        there = outcome.shown if where == "shown" else outcome.read
        needed = {name for name in outcome.needed if (":" in name) == (what == "columns")}
        if there is not None and needed:
            found.append(len(needed & set(there)) / len(needed))
    if not found:
        return None
    return Recall(sum(found) / len(found), share([each == 1 for each in found]))
