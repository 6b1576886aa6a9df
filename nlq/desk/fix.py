"""Broken SQL and its error go in; SQL that passes the guard comes out, with what was changed.

The catalog mends first (names, joins, values); the model is asked only where that is not enough,
with the reason that the guard or the engine gave. Whatever comes is guarded, and the engine looks
at it without running it.
"""

from __future__ import annotations

import re
from typing import Final

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.desk.types import FixedSql
from nlq.desk.versions import diff, same_query
from nlq.drafting.mends.mend import mend
from nlq.errors import GuardRefused, QueryFailed
from nlq.pipeline import Assistant
from nlq.types import Principal, Rejection, SqlDraft

_TRIES: Final = 2


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
    refused = _refused(assistant, mended, principal)
    if refused is None:
        notes = (*notes, *_repairs(assistant, mended, principal))
        if notes:
            return FixedSql(mended, "catalog", notes)
        if not error:
            return FixedSql(
                sql, "none", problem="Nothing is wrong with it that guard or engine can see."
            )
    elif isinstance(refused, GuardRefused) and not refused.repairable:
        return FixedSql(sql, "none", problem=refused.message, hint=refused.hint)
    reason = refused.message if refused else error
    rejection = Rejection(mended, reason, refused.hint if refused else "")
    return _by_model(assistant, sql, rejection, principal, cancel, question or _about(sql, visible))


def _refused(
    assistant: Assistant, sql: str, principal: Principal
) -> GuardRefused | QueryFailed | None:
    """Why guard or engine turn it down; None where neither does."""
    try:
        assistant.estimate(assistant.check(sql, principal))
    except (GuardRefused, QueryFailed) as exc:
        return exc
    return None


def _repairs(assistant: Assistant, sql: str, principal: Principal) -> tuple[str, ...]:
    """What the guard itself mended, without what it adds to every query."""
    usual = ("limited to", "read ", "only the rows of")
    rewrites = assistant.check(sql, principal).rewrites
    return tuple(words for words in rewrites if not words.startswith(usual))


def _by_model(
    assistant: Assistant,
    sql: str,
    rejection: Rejection,
    principal: Principal,
    cancel: CancelToken,
    text: str,
) -> FixedSql:
    for _ in range(_TRIES):
        draft = assistant.redraft(text, rejection, principal, cancel)
        if not isinstance(draft, SqlDraft) or same_query(draft.sql, sql):
            break
        refused = _refused(assistant, draft.sql, principal)
        if refused is None:
            return FixedSql(draft.sql, "model", _changed(sql, draft.sql, rejection.reason))
        rejection = Rejection(draft.sql, refused.message, refused.hint)
    return FixedSql(sql, "none", problem=rejection.reason, hint=rejection.hint)


def _changed(before: str, after: str, reason: str) -> tuple[str, ...]:
    """What was wrong, and the lines that are other ones now."""
    lines = [line for line in diff(before, after) if line.kind != "same"]
    gone = [f"- {line.text.strip()}" for line in lines if line.kind == "removed"]
    come = [f"+ {line.text.strip()}" for line in lines if line.kind == "added"]
    return (f"The model rewrote it, as this was wrong: {reason}", *gone, *come)


def _about(sql: str, visible: Catalog) -> str:
    """A stand-in for the question that nobody gave: the names of the lake that the text has."""
    words = set(re.findall(r"\w+", sql.lower()))
    tables = [doc for doc in visible.tables.values() if doc.name.rpartition(".")[2] in words]
    names = [doc.short_name for doc in tables]
    columns = {c.name.lower() for doc in tables for c in doc.columns if c.name.lower() in words}
    return f"Show {', '.join(sorted(columns)) or 'rows'} of {' and '.join(names) or 'the tables'}."
