"""What one question gathers on its way through the pipeline, and what came of a draft that was run.

A stage is announced, timed and written to the audit log here, whatever is done in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Unpack

from nlq.audit.record import Notes
from nlq.cancel import CancelToken
from nlq.log import AuditSink
from nlq.sql.guarded import GuardedQuery
from nlq.types import (
    Confidence,
    Context,
    Estimate,
    Event,
    QueryResult,
    Question,
    Rejection,
    SqlDraft,
    Stage,
    StageFinished,
    StageStarted,
    TokenUse,
)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a draft that held: its query, and its result where it was run."""

    draft: SqlDraft
    query: GuardedQuery
    estimate: Estimate | None
    result: QueryResult | None
    confidence: Confidence | None = None
    rivals: tuple[Ran, ...] = ()
    """All drafts that ran, itself included, where no two of them agree."""
    sureness: float | None = None
    """The model's log-odds that the data holds what is asked, where drafts disagree."""


@dataclass(slots=True)
class Walk:
    """What one question has gathered on its way; lives as long as its stream."""

    question: Question
    cancel: CancelToken
    audit: AuditSink
    emit: Callable[[Event], None]
    confirmed: bool = False
    context: Context | None = None
    tokens: TokenUse = field(default_factory=TokenUse)
    timings: dict[str, float] = field(default_factory=dict)
    rejections: tuple[Rejection, ...] = ()
    _notes: Notes = field(default_factory=Notes)

    def note(self, **notes: Unpack[Notes]) -> None:
        """Add to the audit record, by the time that the next stage begins or the answer is told."""
        if self._notes.keys() & notes.keys():
            self.write_notes()
        self._notes.update(notes)

    def write_notes(self) -> None:
        """Write down what was noted; raises ``AuditError``."""
        if self._notes:
            notes, self._notes = self._notes, Notes()
            self.audit.note(self.question.id, **notes)

    @contextmanager
    def stage(self, stage: Stage, text: str) -> Iterator[Callable[[str], None]]:
        """Announce a stage, time it, and announce its end with what came of it."""
        self.cancel.check()
        self.note(stage=stage)
        self.write_notes()
        self.emit(StageStarted(stage, text))
        outcome = ""

        def say(done: str) -> None:
            nonlocal outcome
            outcome = done

        started = time.perf_counter()
        try:
            yield say
        finally:
            seconds = time.perf_counter() - started
            self.timings[stage] = self.timings.get(stage, 0.0) + seconds
            self.emit(StageFinished(stage, seconds, outcome))
