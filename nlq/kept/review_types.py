"""What waits for review, and what came of it: frozen, typed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from nlq.types import VerifiedQuery

ReviewState = Literal["reported", "proposed", "approved", "rejected", "retired"]
ReviewKind = Literal["proposal", "correction"]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A query that wants to be verified, or an answer that somebody called wrong.

    ``by`` and ``at`` (UTC) are of the proposal or of the thumbs-down, whose reason is
    ``complaint``. ``author`` is who wrote question and SQL as they stand now, with their roles;
    empty while a report has only nlq's own SQL. ``rows`` is how many the SQL gave when it was last
    run. ``decided_by`` approved, rejected or retired it, for ``reason``. ``version`` grows with
    every change. ``tables`` are those of an answer without SQL. ``case`` is the id of the eval case
    that came of it.
    """

    id: str
    kind: ReviewKind
    state: ReviewState
    question: str
    sql: str
    by: str
    at: datetime
    notes: str = ""
    complaint: str = ""
    author: str = ""
    author_roles: tuple[str, ...] = ()
    rows: int | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    version: int = 0
    answer_id: str = ""
    tables: tuple[str, ...] = ()
    case: str = ""


def by_hand(query: VerifiedQuery) -> ReviewItem:
    """A verified query that was written into the docs, as an item that was approved."""
    day = query.verified_at or date(1970, 1, 1)
    key = " ".join(query.question.lower().split())
    return ReviewItem(
        id=f"docs-{hashlib.sha256(key.encode()).hexdigest()[:12]}",
        kind="proposal",
        state="approved",
        question=query.question,
        sql=query.sql,
        by=query.verified_by or "the docs",
        at=datetime.combine(day, time(), UTC),
        notes="Written into the docs by hand.",
    )


@dataclass(frozen=True, slots=True)
class Steps:
    """What a person may do with an item; ``why_not`` says what keeps them from approving it."""

    correct: bool = False
    approve: bool = False
    reject: bool = False
    retire: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of an approval: the item, and in sentences where it was written."""

    item: ReviewItem
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailingQuestion:
    """Questions of one shape that failed, and how often.

    ``shape`` is the question without its particulars, ``example`` one as it was asked last.
    ``reasons`` are those told or written most.
    """

    shape: str
    example: str
    refused: int
    errors: int
    down: int
    people: int
    last_at: datetime
    reasons: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """How often in all; an answer called wrong counts once."""
        return self.refused + self.errors + self.down
