"""What is done where no two drafts of a question agree: it is asked about, refused, or told.

See ``drafting.in_doubt`` in docs/accuracy.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from nlq.agreement import is_empty
from nlq.answer.readings import told_apart
from nlq.catalog.catalog import Catalog
from nlq.drafting.scope import quoted
from nlq.types import Clarification, Context, InDoubt, Principal, Refusal
from nlq.walk import Ran


def held_back(
    context: Context, visible: Catalog, done: Ran, in_doubt: InDoubt
) -> Clarification | Refusal | None:
    """What is said in place of an answer that no two drafts came to; None where it is told.

    Where the question has words that nothing explains, too, the data often does not hold what is
    asked: nobody gets a number then without having said which is meant.
    """
    if not done.rivals:
        return None
    if in_doubt == "refuse":
        return _refused(context)
    if context.unmatched or _asks_back(in_doubt, context.question.principal):
        return which_is_meant(context, readings(done, visible))
    return None


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


def which_is_meant(context: Context, offered: Mapping[str, str]) -> Clarification:
    """Asks which of the drafts that disagree is meant: of each its words and its SQL."""
    options, unknown = tuple(offered), context.unmatched
    words = f"Nothing in the data that you may see says {quoted(unknown)}. " if unknown else ""
    asked = "Which of these do you mean?" if options[1:] else "Is this what you mean?"
    return Clarification(
        f"{words}I am not sure how to compute this. {asked}",
        options,
        tuple(offered.values()),
    )


def others(done: Ran, visible: Catalog) -> dict[str, str]:
    """The readings but for the one that is shown."""
    return {w: sql for w, sql in readings(done, visible).items() if sql != done.draft.sql}


def readings(done: Ran, visible: Catalog) -> dict[str, str]:
    """Of each draft that disagrees what it computes, in words, and its SQL; the best first.

    Those that found nothing are left out where others found something.
    """
    told = told_apart([rival.query for rival in done.rivals], visible)
    some = [bool(rival.result and not is_empty(rival.result)) for rival in done.rivals]
    offered: dict[str, str] = {}
    for words, rival, found in zip(told, done.rivals, some, strict=True):
        if found or not any(some):
            offered.setdefault(words, rival.draft.sql)
    return offered
