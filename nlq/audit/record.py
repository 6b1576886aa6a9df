"""What an audit record holds, and what may be noted in it while a question is worked on.

Records hold counts of rows and bytes, never rows, and neither headlines of results nor settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypedDict

from nlq.types import AnswerKind, TokenUse

Outcome = Literal["started", "interrupted"] | AnswerKind
Rating = Literal["up", "down"]


class DraftNote(TypedDict):
    """One draft: its SQL and where it came from (metric, verified, model)."""

    sql: str
    source: str


class DecisionNote(TypedDict):
    """One draft turned down: by which rule (``"engine"``: by the engine), and in which words."""

    sql: str
    refused: str
    rule: str


class Notes(TypedDict, total=False):
    """What can be noted; ``prompts``, ``draft`` and ``decision`` are appended, the rest is set.

    ``stage`` is the one being begun. Sizes are bytes. ``fault`` is an unexpected exception.
    """

    stage: str
    standalone: str
    tables_shown: Sequence[str]
    prompts: Sequence[str]
    draft: DraftNote
    decision: DecisionNote
    tables_read: Sequence[str]
    sql: str
    rewrites: Sequence[str]
    fingerprint: str
    estimated_rows: int | None
    estimated_bytes: int | None
    engine: str
    query_id: str
    rows: int
    result_bytes: int
    read_bytes: int | None
    cached: bool
    fault: str


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
    ``stage`` is the last one begun. ``sql`` is what was sent to the engine, ``read_bytes`` what
    that says it read (None where it does not); ``cached`` says that the rows had been kept from an
    earlier run. ``reason`` is the sentence of a refusal, a question back or an error, ``rule`` the
    guardrail's name. ``timings`` are seconds by stage.
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
    standalone: str = ""
    tables_shown: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    drafts: tuple[DraftNote, ...] = ()
    decisions: tuple[DecisionNote, ...] = ()
    tables_read: tuple[str, ...] = ()
    sql: str = ""
    rewrites: tuple[str, ...] = ()
    fingerprint: str = ""
    estimated_rows: int | None = None
    estimated_bytes: int | None = None
    engine: str = ""
    query_id: str = ""
    rows: int | None = None
    result_bytes: int | None = None
    read_bytes: int | None = None
    cached: bool = False
    fault: str = ""
    rule: str = ""
    reason: str = ""
    repairs: int = 0
    tokens: TokenUse = field(default_factory=TokenUse)
    timings: tuple[tuple[str, float], ...] = ()
    finished_at: datetime | None = None
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Closed records that are published together, always the same ones.

    ``name`` is unlike that of any batch of any other log. ``version`` grows when one of the records
    has changed since (by a late rating), which makes the batch one to publish again.
    """

    id: int
    name: str
    version: int
    records: tuple[AuditRecord, ...]
