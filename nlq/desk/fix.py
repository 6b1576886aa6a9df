"""Broken SQL and its error go in; SQL that passes the guard comes out, with what was changed.

The catalog mends first (names, joins, values); the model is asked only where that is not enough.
"""

from __future__ import annotations

from nlq.cancel import CancelToken
from nlq.desk.types import FixedSql
from nlq.drafting.mends.mend import mend
from nlq.errors import GuardRefused
from nlq.pipeline import Assistant
from nlq.types import Principal, Rejection, SqlDraft


def fix(
    assistant: Assistant,
    sql: str,
    error: str,
    principal: Principal,
    cancel: CancelToken,
    question: str = "",
) -> FixedSql:
    """SQL that passes the guard, or what is still wrong; raises ``ModelError``, ``Cancelled``."""
    visible = assistant.policy.grants(principal).visible(assistant.catalog)
    mended, notes = mend(sql, visible, question)
    try:
        query = assistant.check(mended, principal)
    except GuardRefused as exc:
        if not exc.repairable:
            return FixedSql(sql, "none", problem=exc.message, hint=exc.hint)
        reason, hint = error or exc.message, exc.hint
    else:
        if notes or (query.rewrites and not error):
            return FixedSql(mended, "catalog", (*notes, *query.rewrites))
        if not error:
            return FixedSql(sql, "none", problem="Nothing is wrong that can be seen.")
        reason, hint = error, ""
    rejection = Rejection(mended, reason, hint)
    draft = assistant.redraft(question or mended, rejection, principal, cancel)
    if not isinstance(draft, SqlDraft):
        return FixedSql(sql, "none", problem=reason, hint=hint)
    try:
        assistant.check(draft.sql, principal)
    except GuardRefused as exc:
        return FixedSql(sql, "none", problem=exc.message, hint=exc.hint)
    return FixedSql(draft.sql, "model", (f"The model rewrote it: {reason}",))
