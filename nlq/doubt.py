"""What is done where a question's drafts cannot be trusted: it is asked about, refused, or told.

See ``drafting.in_doubt`` in docs/accuracy.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nlq.agreement import is_empty
from nlq.answer.readings import told_apart
from nlq.catalog.catalog import Catalog
from nlq.drafting.scope import quoted, unexplained
from nlq.types import Clarification, Context, InDoubt, Principal, Refusal, SqlDraft
from nlq.walk import Ran

_SURE_OF_DATA: Final = 2.25
"""The model's log-odds that the data holds what is asked, below which drafts that disagree are
asked about."""


def held_back(
    context: Context, visible: Catalog, first: SqlDraft, done: Ran, in_doubt: InDoubt
) -> Clarification | Refusal | None:
    """What is said in place of an answer that cannot be trusted; None where it is told.

    ``first`` is the question's first draft. Nobody gets a number that no two drafts came to, or
    whose question has words that nothing explains, where the data may well not hold what is asked:
    they say first which is meant.
    """
    missing = first.to_confirm or bool(done.rivals and context.unmatched)
    if not missing and not done.rivals:
        return None
    if in_doubt == "refuse":
        return _refused(context)
    unsure = done.sureness is not None and done.sureness < _SURE_OF_DATA
    if missing or unsure or _asks_back(in_doubt, context.question.principal):
        return _which_is_meant(_in_words(context, unsure, done), readings(done, visible))
    return None


def not_drafted(context: Context) -> Refusal:
    """What is said where the data may well lack what is asked, and no draft of it runs."""
    return Refusal("unanswerable", unexplained(context))


def _asks_back(in_doubt: InDoubt, principal: Principal) -> bool:
    return in_doubt == "ask" or (in_doubt == "by_role" and "executive" in principal.roles)


def _refused(context: Context) -> Refusal:
    if context.unmatched:
        reason = "No query for this can be trusted: nothing in the data that you may see says "
        return Refusal("unanswerable", f"{reason}{quoted(context.unmatched)}.")
    return Refusal(
        "unanswerable",
        "Several queries for this disagree, so none can be trusted. Say more exactly what is "
        "meant, best in the words of the tables.",
    )


def _in_words(context: Context, unsure: bool, done: Ran) -> str:
    """Why the drafts cannot be trusted."""
    if not context.unmatched and unsure:
        return "I am not sure that the data that you may see holds this."
    reasons = []
    if context.unmatched:
        reasons.append(f"Nothing in the data that you may see says {quoted(context.unmatched)}.")
    if done.rivals:
        reasons.append("I am not sure how to compute this.")
    return " ".join(reasons)


def _which_is_meant(why: str, offered: Mapping[str, str]) -> Clarification:
    """Asks which of the drafts is meant: of each its words and its SQL."""
    options = tuple(offered)
    asked = "Which of these do you mean?" if options[1:] else "Is this what you mean?"
    return Clarification(f"{why} {asked}", options, tuple(offered.values()))


def others(done: Ran, visible: Catalog) -> dict[str, str]:
    """The readings but for the one that is shown."""
    if not done.rivals:
        return {}
    return {w: sql for w, sql in readings(done, visible).items() if sql != done.draft.sql}


def readings(done: Ran, visible: Catalog) -> dict[str, str]:
    """Of each draft that may be meant what it computes, in words, and its SQL; the best first.

    Those that found nothing are left out where others found something.
    """
    drafts = done.rivals or (done,)
    told = told_apart([rival.query for rival in drafts], visible)
    some = [bool(rival.result and not is_empty(rival.result)) for rival in drafts]
    offered: dict[str, str] = {}
    for words, rival, found in zip(told, drafts, some, strict=True):
        if found or not any(some):
            offered.setdefault(words, rival.draft.sql)
    return offered
