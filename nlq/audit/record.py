"""What an audit record holds, and the seam that anything which keeps such records has.

Records hold counts of rows and bytes, never rows, and neither headlines of results nor settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from nlq.types import Answer, AnswerKind, Estimate, Principal, Question, TokenUse

Outcome = Literal["started", "interrupted"] | AnswerKind
Rating = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class DraftNote:
    """One draft: its SQL, where it came from, and the decision on it.

    ``decision`` is ``"passed"``, a guard rule's name, or ``"engine"`` where the engine turned it
    down; ``reason`` is what the drafter was told.
    """

    sql: str
    source: str
    decision: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person thought of an answer."""

    rating: Rating
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One question and all that was done for it.

    ``asked_at`` is the question's own clock, ``recorded_at`` and ``finished_at`` real time (UTC).
    ``stage`` is the last one begun. ``reason`` is the sentence of a refusal or an error, ``rule``
    the guardrail's name. ``rows`` and ``size_bytes`` are those of the result. ``timings`` has one
    entry for each run of a stage, in seconds.
    """

    id: str
    conversation_id: str
    principal: str
    roles: tuple[str, ...]
    interface: str
    question: str
    asked_at: datetime
    recorded_at: datetime
    outcome: Outcome
    stage: str = ""
    rule: str = ""
    reason: str = ""
    tables: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    drafts: tuple[DraftNote, ...] = ()
    sql_run: str = ""
    rows: int | None = None
    size_bytes: int | None = None
    estimate: Estimate | None = None
    timings: tuple[tuple[str, float], ...] = ()
    tokens: TokenUse = field(default_factory=TokenUse)
    repairs: int = 0
    finished_at: datetime | None = None
    feedback: Feedback | None = None


class AuditSink(Protocol):
    """Anywhere that audit records can be kept; every method raises ``AuditError`` on failure."""

    def begin(self, question: Question, *, interface: str) -> None:
        """Keep a new record, before any work is done for the question."""

    def note(
        self,
        id: str,
        *,
        stage: str | None = None,
        tables: Sequence[str] | None = None,
        prompts: Sequence[str] = (),
        draft: DraftNote | None = None,
        sql_run: str | None = None,
        rows: int | None = None,
        size_bytes: int | None = None,
        estimate: Estimate | None = None,
        timing: tuple[str, float] | None = None,
        tokens: TokenUse | None = None,
    ) -> None:
        """Add to the record: prompts, draft and timing are appended, the rest is set."""

    def finish(self, id: str, answer: Answer) -> None:
        """Close the record with the kind of its answer; only once."""

    def feedback(self, id: str, rating: Rating, note: str, principal: Principal) -> None:
        """Keep what a person thought of the answer; a later word replaces an earlier one."""
