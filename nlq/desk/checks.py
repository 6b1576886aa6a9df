"""What the guard decides on a query: SQL and who asks go in, a report of it comes out."""

from __future__ import annotations

from nlq.desk.types import CheckReport, Decision, GuardChange
from nlq.errors import GuardRefused
from nlq.pipeline import Assistant
from nlq.types import Principal


def check(assistant: Assistant, sql: str, principal: Principal) -> CheckReport:
    """Every decision; never raises for a refusal."""
    try:
        query = assistant.check(sql, principal)
    except GuardRefused as exc:
        refused = Decision(exc.rule, "refused", exc.message, exc.hint)
        return CheckReport(False, exc.message, exc.hint, exc.rule, (refused,))
    return CheckReport(
        allowed=True,
        headline="The query is safe and allowed.",
        hint="",
        rule="",
        decisions=(),
        sql=query.sql,
        changes=tuple(GuardChange(words, "") for words in query.rewrites),
        tables=query.tables,
        columns=query.columns,
        row_limit=query.row_limit,
    )
