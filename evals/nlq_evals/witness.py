"""Witness: sees what a pipeline does with a question that its answer does not tell.

It listens where the audit log does: which rules turned drafts down, and how the question reads on
its own. What the context shows is looked up again from that, outside of the time measured.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Unpack, runtime_checkable

from nlq.types import Answer, Context, Principal, Question, TableDoc
from nlq_evals.scorers.reads import reads

if TYPE_CHECKING:
    from nlq.audit.record import Notes, Rating
    from nlq.log import AuditSink


@dataclass(frozen=True, slots=True)
class Heard:
    """Of one question: rules in the order in which they turned drafts down, and it on its own."""

    rules: tuple[str, ...] = ()
    standalone: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What ``needed`` (see ``scorers.reads``) the reference reads; of it ``shown`` and ``read``.

    ``shown`` is None where nobody looked anything up, ``read`` where there is no SQL.
    """

    rules: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    shown: tuple[str, ...] | None = None
    read: tuple[str, ...] | None = None


@runtime_checkable
class Witness(Protocol):
    """An assistant that can say what it saw."""

    def witness(self, answer: Answer, principal: Principal, references: Sequence[str]) -> Seen:
        """What became of a question, against the SQL of its references."""


class Overheard:
    """An audit log that is also listened to."""

    def __init__(self, sink: AuditSink) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self._heard: dict[str, Heard] = {}

    def heard(self, id: str) -> Heard:
        """What was noted of a question; gives it once."""
        with self._lock:
            return self._heard.pop(id, Heard())

    def begin(self, question: Question, *, interface: str) -> None:
        """See ``nlq.log.AuditSink``."""
        self._sink.begin(question, interface=interface)

    def note(self, id: str, **notes: Unpack[Notes]) -> None:
        """See ``nlq.log.AuditSink``."""
        with self._lock:
            heard = self._heard.get(id, Heard())
            if "standalone" in notes:
                heard = replace(heard, standalone=notes["standalone"])
            if "decision" in notes:
                heard = replace(heard, rules=(*heard.rules, notes["decision"]["rule"]))
            self._heard[id] = heard
        self._sink.note(id, **notes)

    def finish(self, id: str, answer: Answer) -> None:
        """See ``nlq.log.AuditSink``."""
        self._sink.finish(id, answer)

    def feedback(self, id: str, rating: Rating, note: str, principal: Principal) -> None:
        """See ``nlq.log.AuditSink``."""
        self._sink.feedback(id, rating, note, principal)

    def close(self) -> None:
        """See ``nlq.log.AuditSink``."""
        self._sink.close()


def shown_by(context: Context) -> frozenset[str]:
    """The tables and columns in a context's text, named as ``scorers.reads`` does."""
    hits = [
        hit
        for hit in (*context.tables, *context.bridges)
        if re.search(rf"\b{re.escape(hit.table.name.rpartition('.')[2])}\b", context.text)
    ]
    columns = {f"{hit.table.name}:{column.lower()}" for hit in hits for column in hit.columns}
    return frozenset(hit.table.name for hit in hits) | columns


def seen(
    answer: Answer,
    references: Sequence[str],
    dialect: str,
    tables: Mapping[str, TableDoc],
    shown: frozenset[str] | None,
    rules: tuple[str, ...],
) -> Seen:
    """Against that reference of which the draft reads most, or the first."""
    read = reads(answer.sql, "presto", tables) if answer.sql else None
    best: frozenset[str] = frozenset()
    most = -1.0
    for sql in references:
        needed = reads(sql, dialect, tables)
        there = len(needed & (read or frozenset())) / max(1, len(needed))
        if there > most:
            best, most = needed, there
    return Seen(
        rules,
        tuple(sorted(best)),
        None if shown is None else tuple(sorted(best & shown)),
        None if read is None else tuple(sorted(best & read)),
    )
