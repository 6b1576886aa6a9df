"""Guard outcomes: outcomes in, which rules turned drafts down and what became of those out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlq_evals.outcome import Outcome


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """Questions of which a rule turned a draft down; those answered after all, and rightly."""

    questions: int
    answered: int
    right: int


def by_rule(outcomes: Sequence[Outcome]) -> dict[str, TurnedDown]:
    """By the rule's name, most frequent first; ``engine`` stands for errors of the engine."""
    hit: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for rule in dict.fromkeys(outcome.rules):
            hit.setdefault(rule, []).append(outcome)
    found = {
        rule: TurnedDown(
            len(members),
            sum(o.kind == "answer" for o in members),
            sum(o.kind == "answer" and o.right for o in members),
        )
        for rule, members in hit.items()
    }
    return dict(sorted(found.items(), key=lambda entry: (-entry[1].questions, entry[0])))
