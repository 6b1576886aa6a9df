"""Answers that somebody called wrong: the audit log goes in, items for review come out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from nlq.audit.record import AuditRecord, Feedback
from nlq.errors import GuardRefused
from nlq.kept.review_types import ReviewItem
from nlq.log import AuditLog
from nlq.sql.guarded import GuardedQuery
from nlq.types import Principal

Check = Callable[[str, Principal], GuardedQuery]


def reported(audit: AuditLog, since: datetime, check: Check) -> tuple[ReviewItem, ...]:
    """Each answer with a thumbs-down since then; ``check`` is the guard."""
    return tuple(
        _report(record, record.feedback, check)
        for record in audit.failed(since)
        if record.feedback is not None and record.feedback.rating == "down"
    )


def _report(record: AuditRecord, feedback: Feedback, check: Check) -> ReviewItem:
    return ReviewItem(
        id=record.id,
        kind="correction",
        state="reported",
        question=" ".join((record.standalone or record.question).split()),
        sql=_draft_of(record, check),
        by=feedback.by,
        at=feedback.at,
        complaint=feedback.note,
        answer_id=record.id,
        tables=record.tables_shown,
    )


def _draft_of(record: AuditRecord, check: Check) -> str:
    """What was sent, without the filters and limits that the guard put in for who asked."""
    asker = Principal(record.principal, record.roles)
    for draft in reversed(record.drafts):
        with suppress(GuardRefused):
            if check(draft["sql"], asker).sql == record.sql:
                return draft["sql"]
    return record.sql
