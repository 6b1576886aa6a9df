"""Stability: outcomes of several wordings of one question in, how often they agree out."""

from __future__ import annotations

from collections.abc import Sequence

from nlq_evals.outcome import Outcome
from nlq_evals.scorers.accuracy import Share, share


def groups(outcomes: Sequence[Outcome]) -> dict[str, tuple[Outcome, ...]]:
    """Wordings by the id of their group, of those groups of which at least two were asked.

    A case of an old log, which kept no group, is the first of the group that has its id.
    """
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.group or outcome.id, []).append(outcome)
    return {name: tuple(members) for name, members in found.items() if len(members) > 1}


def all_right(outcomes: Sequence[Outcome]) -> Share:
    """Of the groups, those whose wordings all came out as wanted."""
    return share([all(o.right for o in members) for members in groups(outcomes).values()])


def all_agree(outcomes: Sequence[Outcome]) -> Share:
    """Of the groups, those whose wordings all came to the same end, right or wrong."""
    return share([agree(members) for members in groups(outcomes).values()])


def agree(members: Sequence[Outcome]) -> bool:
    """Whether all are right, or all wrong in the same way: one kind, and the same result if any.

    Two right answers agree even where one has more columns. An answer whose digest is not known
    agrees with none.
    """
    if len({member.right for member in members}) > 1:
        return False
    if members[0].right:
        return True
    answered = any(member.kind == "answer" for member in members)
    ends = {(member.kind, member.digest) for member in members}
    return len(ends) == 1 and (not answered or bool(members[0].digest))
