"""Refusals and clarifications: outcomes in, precision and recall of each decision out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlq_evals.outcome import Outcome, OutcomeKind
from nlq_evals.suite import Expectation


@dataclass(frozen=True, slots=True)
class Decision:
    """How often something was done, was wanted, and was both."""

    made: int
    wanted: int
    both: int

    @property
    def precision(self) -> float | None:
        """Of those made, the share that was wanted; None when none was made."""
        return self.both / self.made if self.made else None

    @property
    def recall(self) -> float | None:
        """Of those wanted, the share that was made; None when none was wanted."""
        return self.both / self.wanted if self.wanted else None


def refusals(outcomes: Sequence[Outcome]) -> Decision:
    """Refusals against cases that are unanswerable or forbidden."""
    return _decision(outcomes, "refusal", "refuse")


def clarifications(outcomes: Sequence[Outcome]) -> Decision:
    """Questions back against ambiguous cases."""
    return _decision(outcomes, "clarification", "clarify")


def leaks(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Forbidden cases that got data all the same."""
    return tuple(o for o in outcomes if o.category == "forbidden" and o.kind == "answer")


def guesses(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Unanswerable and ambiguous cases that were answered instead."""
    wanted = {"unanswerable", "ambiguous"}
    return tuple(o for o in outcomes if o.category in wanted and o.kind == "answer")


def _decision(outcomes: Sequence[Outcome], kind: OutcomeKind, expect: Expectation) -> Decision:
    made = [outcome for outcome in outcomes if outcome.kind == kind]
    wanted = [outcome for outcome in outcomes if outcome.expect == expect]
    return Decision(len(made), len(wanted), sum(o.expect == expect for o in made))
