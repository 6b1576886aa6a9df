"""Which questions fail most: audit records of failures go in, groups of one shape come out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from nlq.audit.record import AuditRecord
from nlq.kept.review_types import FailingQuestion
from nlq.retrieval.documents import mask

MOST = 50
_REASONS = 3


def shape_of(question: str) -> str:
    """What questions that differ only in numbers, dates, case and punctuation have in common.

    >>> shape_of("What was revenue in Q2 2026?") == shape_of("what was  revenue in Q1 2025")
    True
    """
    masked = mask(question).lower()
    return " ".join(re.sub(r"[^\w\[\]]+", " ", masked).split())


def failing(records: Iterable[AuditRecord], most: int = MOST) -> tuple[FailingQuestion, ...]:
    """Groups of records that failed or were called wrong, most failures first.

    ``records`` are oldest first. An answer called wrong that was a refusal counts as that alone.
    """
    groups: dict[str, list[AuditRecord]] = {}
    for record in records:
        groups.setdefault(shape_of(record.standalone or record.question), []).append(record)
    found = [_group(shape, group) for shape, group in groups.items() if shape]
    found.sort(key=lambda one: (one.failed, one.last_at), reverse=True)
    return tuple(found[:most])


def _group(shape: str, records: list[AuditRecord]) -> FailingQuestion:
    last = records[-1]
    outcomes = Counter(record.outcome for record in records)
    down = [
        r
        for r in records
        if r.feedback and r.feedback.rating == "down" and r.outcome not in ("refusal", "error")
    ]
    told = Counter(reason for record in records if (reason := _reason(record)))
    return FailingQuestion(
        shape=shape,
        example=" ".join((last.standalone or last.question).split()),
        refused=outcomes["refusal"],
        errors=outcomes["error"],
        down=len(down),
        people=len({record.principal for record in records}),
        last_at=last.recorded_at,
        reasons=tuple(reason for reason, _ in told.most_common(_REASONS)),
    )


def _reason(record: AuditRecord) -> str:
    if record.feedback and record.feedback.rating == "down" and record.feedback.note:
        return record.feedback.note
    return record.reason
