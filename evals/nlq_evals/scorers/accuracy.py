"""Accuracy: outcomes in, shares of right ones out, with a bootstrap interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlq_evals.outcome import Outcome

_RESAMPLES = 10_000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Share:
    """``right`` of ``total``, and the 95 % bootstrap interval of that share (None when empty)."""

    right: int
    total: int
    interval: tuple[float, float] | None

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1; None of nothing."""
        return self.right / self.total if self.total else None


def share(marks: Sequence[bool]) -> Share:
    """The share of true marks.

    The interval is the 2.5th and 97.5th percentile of the shares of resamples with replacement
    (Efron, 1979), from a fixed seed, so that the same marks always give the same interval.
    """
    if not marks:
        return Share(0, 0, None)
    right, total = sum(marks), len(marks)
    resampled = np.random.default_rng(_SEED).binomial(total, right / total, _RESAMPLES) / total
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Share(right, total, (float(low), float(high)))


def execution_accuracy(outcomes: Sequence[Outcome]) -> Share:
    """Of the cases that can be answered, how many were answered rightly."""
    return share([outcome.right for outcome in outcomes if outcome.expect == "answer"])


def overall(outcomes: Sequence[Outcome]) -> Share:
    """Of all cases, how many came out as wanted."""
    return share([outcome.right for outcome in outcomes])


def by_category(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    """The same for each category, in the order in which they first appear."""
    groups: dict[str, list[bool]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.category, []).append(outcome.right)
    return {category: share(marks) for category, marks in groups.items()}
