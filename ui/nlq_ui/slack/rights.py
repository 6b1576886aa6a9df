"""Whether another person may see an answer: its SQL is checked again under their rights."""

from __future__ import annotations

from collections.abc import Iterable

from nlq.errors import GuardRefused
from nlq.types import Answer, Principal
from nlq_ui.opening import Assistant


def everyone_may_see(
    assistant: Assistant, answer: Answer, asker: Principal, present: Iterable[Principal] | None
) -> bool:
    """Whether an answer to ``asker`` may be shown to all who are present (None: not known).

    What has no SQL (a question back, a refusal) may name whatever the asker may know of, so it is
    shown to people of the same rights alone.
    """
    if answer.kind == "cancelled":
        return True
    if present is None:
        return False
    return all(may_see(assistant, answer.sql, asker, person) for person in set(present))


def may_see(assistant: Assistant, sql: str, asker: Principal, person: Principal) -> bool:
    """Whether ``person`` may see what ``asker`` was told from ``sql`` (empty: nothing was run).

    They may where their own rights let the same query pass and take no row from it: no row filter
    of theirs applies to its tables, or the very ones that apply to ``asker``.
    """
    if asker == person:
        return True
    own, theirs = assistant.policy.grants(asker), assistant.policy.grants(person)
    if own.fingerprint == theirs.fingerprint:
        return True
    if not sql:
        return False
    try:
        passed = assistant.check(sql, person)
        if not any(theirs.row_filters(table) for table in passed.tables):
            return True
        return passed.sql == assistant.check(sql, asker).sql
    except GuardRefused:
        return False
