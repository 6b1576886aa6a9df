"""A person's own SQL is run, and leaves one audit record as a question does."""

from __future__ import annotations

import uuid

from nlq.cancel import CancelToken
from nlq.errors import Cancelled, GuardRefused, NlqError, TooCostly
from nlq.pipeline import Assistant
from nlq.types import Answer, AnswerKind, Principal, QueryResult, Question

INTERFACE = "desk"


def run(assistant: Assistant, sql: str, principal: Principal, cancel: CancelToken) -> QueryResult:
    """The rows; raises what the guard, the engine and the audit log raise."""
    text = sql.encode("utf-8", "replace").decode("utf-8").strip()
    question = Question(uuid.uuid4().hex[:12], text, principal, assistant.clock())
    audit = assistant.audit
    audit.begin(question, interface=INTERFACE)
    try:
        query = assistant.check(text, principal)
        audit.note(
            question.id,
            tables_read=query.tables,
            sql=query.sql,
            rewrites=query.rewrites,
            fingerprint=query.fingerprint,
        )
        result = assistant.run_sql(text, principal, cancel)
    except NlqError as exc:
        audit.finish(question.id, _failed(question, exc))
        raise
    except Exception as exc:
        audit.note(question.id, fault=f"{type(exc).__name__}: {exc}")
        failed = NlqError("Something went wrong while the query ran.", hint="Run it again.")
        audit.finish(question.id, _failed(question, failed))
        raise failed from exc
    audit.note(
        question.id,
        rows=len(result.rows),
        result_bytes=result.size_bytes,
        read_bytes=result.read_bytes,
        cached=result.computed_at is not None,
        engine=result.engine,
        query_id=result.query_id,
    )
    audit.finish(question.id, Answer(question.id, text, "answer", ""))
    return result


def _failed(question: Question, exc: NlqError) -> Answer:
    kind: AnswerKind = "error"
    if isinstance(exc, GuardRefused | TooCostly):
        kind = "refusal"
    elif isinstance(exc, Cancelled):
        kind = "cancelled"
    rule = exc.rule if isinstance(exc, GuardRefused) else ""
    return Answer(question.id, question.text, kind, exc.message, rule=rule)
