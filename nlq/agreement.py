"""Whether drafts of one question agree: results enter, the one that most others share leaves.

Two results agree when they have as many rows, and every column of the one with fewer columns stands
in the other: a draft that shows the number beside the name agrees with one that does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from nlq.types import QueryResult, SqlDraft

SURE_BELOW: Final = 2.6
"""Doubt below which a draft that ran is taken as it is; see docs/accuracy.md for how it was set."""
ENOUGH: Final = 2
"""Drafts that agree, from which no more are asked for."""
MOST_BYTES: Final = 100_000_000
"""A second opinion may read this much, by the estimate."""

Column = tuple[tuple[str, int], ...]


def is_unsure(draft: SqlDraft, result: QueryResult | None) -> bool:
    """Whether a second opinion is worth its time: no result, an empty one, or a draft in doubt."""
    return result is None or is_empty(result) or is_in_doubt(draft)


def is_in_doubt(draft: SqlDraft) -> bool:
    """Whether the model was unsure while it wrote, or lost something of the question."""
    return bool(draft.lost) or (draft.doubt is not None and draft.doubt >= SURE_BELOW)


def is_empty(result: QueryResult) -> bool:
    """Whether there is no row, or nothing but nulls: as often a slip as the truth."""
    return all(value is None for row in result.rows for value in row)


def backing(results: Sequence[QueryResult], at: int) -> int:
    """How many of the results agree with the one at ``at``, itself included."""
    return sum(agree(results[at], other) for other in results)


def agree(left: QueryResult, right: QueryResult) -> bool:
    """Whether one result has all that the other has."""
    if len(left.rows) != len(right.rows):
        return False
    ours, theirs = Counter(_columns(left)), Counter(_columns(right))
    return ours <= theirs or theirs <= ours


def is_settled(results: Sequence[QueryResult]) -> bool:
    """Whether enough of them agree on something that is not empty."""
    return any(
        backing(results, at) >= ENOUGH for at, one in enumerate(results) if not is_empty(one)
    )


def most_agreed(results: Sequence[QueryResult]) -> int:
    """Which of them most others agree with; the first of equals, and empty ones last."""
    return max(
        range(len(results)),
        key=lambda at: (not is_empty(results[at]), backing(results, at), -at),
    )


def _columns(result: QueryResult) -> list[Column]:
    """Each column as its values and how often they come, whatever the order of the rows."""
    return [
        tuple(sorted(Counter(_text(row[at]) for row in result.rows).items()))
        for at in range(len(result.columns))
    ]


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float | Decimal):
        return f"{float(value):.9g}"
    if isinstance(value, datetime):
        return value.isoformat().removesuffix("T00:00:00")
    return value.isoformat() if isinstance(value, date) else str(value)
