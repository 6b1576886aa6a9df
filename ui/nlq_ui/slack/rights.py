"""Whether another person may see an answer: its SQL is checked again under their rights."""

from __future__ import annotations

from collections.abc import Iterable

from nlq.errors import GuardRefused
from nlq.kept.rights import Rights
from nlq.types import Answer, Principal
from nlq_ui.opening import Assistant


def for_everyone(
    assistant: Assistant, answer: Answer, asker: Principal, present: Iterable[Principal] | None
) -> Answer | None:
    """An answer to ``asker`` as all who are present (None: not known) may see it, or None.

    What has no SQL (a question back, a refusal) may name whatever the asker may know of, so it is
    shown to people of the same rights alone; to others it is shown without suggestions and without
    what else speaks of data that they may not see.
    """
    if answer.kind == "cancelled":
        return answer
    if present is None:
        return None
    rights = Rights(assistant.catalog, assistant.policy)
    seen = rights.seen(answer, asker)
    shown: Answer | None = answer
    for person in set(present):
        if shown is None or not may_see(assistant, answer.sql, asker, person):
            return None
        if not _same_rights(assistant, asker, person):
            shown = rights.open_to(shown, seen, person)
    return shown


def may_see(assistant: Assistant, sql: str, asker: Principal, person: Principal) -> bool:
    """Whether ``person`` may see what ``asker`` was told from ``sql`` (empty: nothing was run).

    They may where their own rights let the same query pass and take no row from it: no row filter
    of theirs applies to its tables, or the very ones that apply to ``asker``.
    """
    if _same_rights(assistant, asker, person):
        return True
    theirs = assistant.policy.grants(person)
    if not sql:
        return False
    try:
        passed = assistant.check(sql, person)
        if not any(theirs.row_filters(table) for table in passed.tables):
            return True
        return passed.sql == assistant.check(sql, asker).sql
    except GuardRefused:
        return False


def _same_rights(assistant: Assistant, one: Principal, other: Principal) -> bool:
    if one == other:
        return True
    grants = assistant.policy.grants
    return grants(one).fingerprint == grants(other).fingerprint
